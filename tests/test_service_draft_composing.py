"""Sentences that code composes: grammar of cells, problems, tasks, indicators."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from corpus.ledger import Row
from service.draft import composing
from service.draft.composing_cells import ahead, aim, because, by, clauses, flow, name, units, until
from service.draft.composing_indicators import aim_fact, change_fact, state_fact
from service.draft.inputs import OPEN, Amount, Basic, DraftInput, Indicator, Kind, Problem, Task
from service.draft.source import as_source
from service.papers.derivation import recompute

# -- cells ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("", ()),
        ("。 ", ()),
        ("设备老化", ("设备老化",)),
        ("设备老化。床位不足；", ("设备老化", "床位不足")),
        ("1.招聘难；2.留不住；3.待遇低", ("招聘难；留不住；待遇低",)),
        ("（1）培训 （2）考核", ("培训 考核",)),
        ("①摸底；②建档", ("摸底；建档",)),
        ("一是待遇低；二是条件差。", ("待遇低；条件差",)),
        ("一、加强培训。二、严格考核。", ("加强培训", "严格考核")),
        ("招聘难\r\n留不住", ("招聘难", "留不住")),
        ("老化,占41.99%(2022年);待遇1,200元", ("老化，占41.99%（2022年）；待遇1,200元",)),
        ("“县聘乡用；乡聘村用”很好", ("“县聘乡用；乡聘村用”很好",)),
        ("统一是关键", ("统一是关键",)),
    ],
)
def test_a_cell_is_read_as_statements_without_labels_and_closing_marks(
    cell: str, found: tuple[str, ...]
) -> None:
    assert clauses(cell) == found
    assert flow(cell) == "；".join(found)


@pytest.mark.parametrize(
    ("title", "measure", "planned"),
    [
        ("定向培养乡村医生", "", "将定向培养乡村医生"),
        ("乡村医生", "与市卫校签订协议。落实编制。", "将与市卫校签订协议；落实编制"),
        ("远程会诊", "将6个卫生院接入平台", "拟将6个卫生院接入平台"),
        ("签约", "将与市卫校签约", "将与市卫校签约"),
        ("推广适宜技术", "县中医院每季度培训一期", "将推广适宜技术，县中医院每季度培训一期"),
        ("提高补助", "一半用于大病保险", "将提高补助，一半用于大病保险"),
        ("购置便携设备", "以方便上门服务", "将购置便携设备，以方便上门服务"),
        ("培训", "首先摸底，其次考核", "将采取以下措施：首先摸底，其次考核"),
        ("乡村医生培养工程", "", "将实施乡村医生培养工程"),
        ("医共体建设", "", "将推进医共体建设"),
        ("村卫生室公有产权", "", "拟采取的措施是村卫生室公有产权"),
        ("建议将维修列入预算", "", "建议将维修列入预算"),
        ("要加强监督", "", "将加强监督"),
        ("由县医院对口帮扶", "", "将由县医院对口帮扶"),
        ("康复师轮驻改革，3月起实施", "", "将推进康复师轮驻改革，3月起实施"),
        ("县医院选派骨干到乡镇坐诊", "", "县医院将选派骨干到乡镇坐诊"),
        ("每个医共体办好一所小手术卫生院", "", "每个医共体将办好一所小手术卫生院"),
        ("市第二人民医院转型为康复医院", "", "将推动市第二人民医院转型为康复医院"),
        ("老年医院12月主体封顶，设备清单同步论证", "", "将推动老年医院12月主体封顶，设备清单同步论证"),
        ("每周一上午碰头", "", "拟每周一上午碰头"),
        ("乡镇卫生院药品配备目录", "", "拟采取的措施是乡镇卫生院药品配备目录"),
        ("", "", ""),
    ],
)
def test_a_task_is_told_as_planned(title: str, measure: str, planned: str) -> None:
    assert ahead(title, measure) == planned


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("待遇偏低、保障不到位。", "主要原因是待遇偏低、保障不到位"),
        ("由于待遇偏低，人员流失", "主要原因是待遇偏低，人员流失"),
        ("主要原因是待遇低", "主要原因是待遇低"),
        ("原因：编制少", "主要原因是编制少"),
        ("一是待遇低；二是编制少", "主要原因是待遇低；编制少"),
        ("主要靠扶持", "原因是主要靠扶持"),
        ("首先，钱少", "主要原因有：首先，钱少"),
        ("", ""),
    ],
)
def test_a_cause_is_introduced_once(cell: str, told: str) -> None:
    assert because(cell) == told


@pytest.mark.parametrize(
    ("cell", "told", "single"),
    [
        ("人事股", "由人事股负责", ("人事股",)),
        ("人事股、财务股", "由人事股、财务股负责", ("人事股", "财务股")),
        ("人事股牵头，财务股配合", "由人事股牵头，财务股配合", ("人事股", "财务股")),
        (
            "牵头单位：人事股；配合单位：财务股、中医股",
            "由人事股牵头，财务股、中医股配合",
            ("人事股", "财务股", "中医股"),
        ),
        ("由各乡镇卫生院落实", "由各乡镇卫生院落实", ("各乡镇卫生院",)),
        ("责任单位：人事股", "由人事股负责", ("人事股",)),
    ],
)
def test_who_is_responsible(cell: str, told: str, single: tuple[str, ...]) -> None:
    assert by(cell) == told
    assert units(cell) == single


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("2023年9月底前", "2023年9月底前完成"),
        ("2023年9月底", "2023年9月底前完成"),
        ("9月30日", "9月30日前完成"),
        ("年底前建成", "年底前建成"),
        ("2023年6月", "2023年6月完成"),
        ("上半年", "上半年完成"),
        ("全年", "全年推进"),
        ("长期坚持", "长期坚持"),
        ("每季度一次", "完成时限为每季度一次"),
        ("2023年3月起", "自2023年3月起实施"),
    ],
)
def test_when_it_is_to_be_done(cell: str, told: str) -> None:
    assert until(cell) == told


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("30名", "目标是30名"),
        ("目标：95%以上", "目标是95%以上"),
        ("确保签约率达到75%", "确保签约率达到75%"),
        ("对4处地块每月一查", "做到对4处地块每月一查"),
    ],
)
def test_the_target(cell: str, told: str) -> None:
    assert aim(cell) == told
    assert aim(cell, set_before=True).startswith("年度目标是")


@pytest.mark.parametrize(
    ("title", "head"),
    [
        ("定向培养乡村医生", "定向培养乡村医生"),
        ("强化监管，守住底线", "强化监管，守住底线"),
        ("出台乡镇服务年限加分办法，6月底前印发", "出台乡镇服务年限加分办法"),
        ("根据执业等级，为在岗村医发放岗位津贴，稳住队伍", ""),
        ("落实“县聘乡用，乡聘村用”的人事管理和工资待遇保障等各项政策措施", ""),
    ],
)
def test_the_heading_of_a_title(title: str, head: str) -> None:
    assert composing.heading(title) == head


@pytest.mark.parametrize(
    ("title", "called"),
    [
        ("乡村医生后继乏人的问题", "乡村医生后继乏人"),
        ("设备老化，不能满足需要", "设备老化"),
        ("引进难、留不住", "“引进难、留不住”"),
        ("村卫生室“空壳”现象", "“村卫生室‘空壳’现象”"),
        ("60岁以上的占41.99%，无人接班", "无人接班"),
        ("60岁以上的，占41.99%", "60岁以上的，占41.99%"),
    ],
)
def test_a_problem_has_a_name_and_its_figures_never_stand_in_quotation_marks(title: str, called: str) -> None:
    assert name(title) == called


# -- problems and tasks -----------------------------------------------------------------------------

DOCTORS = Problem(
    "问题1", "乡村医生后继乏人", "60岁以上的有173名，占41.99%。无人值守。", "待遇偏低", "问题!第2行"
)
ROOMS = Problem("问题2", "设备老化", at="问题!第3行")
TRAIN = Task(
    "任务1", "定向培养乡村医生", ("问题1",), "", "人事股", "2023年9月底前", date(2023, 9, 30), "培养30名", at="任务!第2行"
)  # fmt: skip
SIGNED = Indicator(
    "家庭医生签约率", "%", *(Amount(Decimal(n), n) for n in ("61.3", "66.8", "70")), at="指标!第2行"
)
GIVEN = DraftInput(
    Basic("栗坪县卫生健康局", "栗坪县", 2022, Kind.PROBLEMS, at="基本信息!第2行"),
    (SIGNED,),
    (DOCTORS, ROOMS),
    (TRAIN,),
)
SOURCE = as_source(GIVEN)


def test_a_problem_says_what_how_and_why() -> None:
    facts = composing.problem_facts(DOCTORS, SOURCE)
    assert [fact.text for fact in facts] == [
        "乡村医生后继乏人",
        "60岁以上的有173名，占41.99%",
        "无人值守",
        "主要原因是待遇偏低",
    ]
    assert all(fact.citations == (SOURCE.cite("问题!第2行"),) for fact in facts)
    assert composing.problem_gaps(ROOMS) == ("表现", "原因")


def test_a_task_says_for_which_problem_by_whom_until_when_to_which_end() -> None:
    (fact,) = composing.task_facts(TRAIN, GIVEN, SOURCE)
    assert fact.text == (
        "针对乡村医生后继乏人问题，将定向培养乡村医生，由人事股负责，2023年9月底前完成，目标是培养30名"
    )
    assert fact.citations == (SOURCE.cite("任务!第2行"), SOURCE.cite("问题!第2行"))


def test_under_a_heading_that_names_its_problem_a_task_names_only_several() -> None:
    (fact,) = composing.task_facts(TRAIN, GIVEN, SOURCE, named=False)
    assert fact.text.startswith("将定向培养")
    (fact,) = composing.task_facts(replace(TRAIN, answers=("问题1", "问题2")), GIVEN, SOURCE, named=False)
    assert fact.text.startswith("针对“乡村医生后继乏人”“设备老化”问题，将")


def test_a_long_task_is_told_in_two_sentences_under_its_title() -> None:
    long = replace(TRAIN, measure="与市卫生学校签订定向培养协议，落实养老保险补助，对偏远村的每月补助300元")
    title, measure, duty = composing.task_facts(long, GIVEN, SOURCE)
    assert title.text == "定向培养乡村医生"
    assert measure.text.startswith("针对乡村医生后继乏人问题，将与市卫生学校")
    assert duty.text == "此项工作由人事股负责，2023年9月底前完成，目标是培养30名"
    (*_, last) = composing.task_facts(replace(long, office="", deadline=""), GIVEN, SOURCE)
    assert last.text == "工作目标是培养30名"


def test_a_deadline_and_a_target_that_the_task_says_are_not_said_again() -> None:
    whole = replace(TRAIN, title="9月底前培养30名乡村医生", deadline="9月底前", target="培养30名")
    (fact,) = composing.task_facts(whole, GIVEN, SOURCE)
    assert fact.text.count("9月底前") == 1 and fact.text.count("培养30名") == 1
    assert fact.text.endswith("，由人事股负责")


def test_a_task_that_was_only_planned_does_not_read_as_done() -> None:
    long = replace(
        TRAIN, title="有螺面积压缩到1150公顷以内，无人机增加到6架", progress="", target="无人机增加到6架"
    )
    assert [fact.text for fact in composing.progress_facts(long, SOURCE)] == [
        "年初安排的任务是有螺面积压缩到1150公顷以内，无人机增加到6架"
    ]


def test_nothing_is_made_up_for_empty_cells() -> None:
    bare = replace(TRAIN, office="", deadline="", target="")
    (fact,) = composing.task_facts(bare, GIVEN, SOURCE)
    assert fact.text == "针对乡村医生后继乏人问题，将定向培养乡村医生"
    assert composing.task_gaps(bare) == ("责任单位", "完成时限", "目标")


def test_what_was_done_of_a_task_is_told_for_a_report() -> None:
    done = replace(TRAIN, progress="已签约32名。其中偏远村7名", measure="与市卫校签约")
    texts = [fact.text for fact in composing.progress_facts(done, SOURCE)]
    assert texts == [
        "定向培养乡村医生",
        "已签约32名",
        "其中偏远村7名",
        "主要做法是与市卫校签约",
        "年度目标是培养30名",
    ]


# -- indicators -------------------------------------------------------------------------------------


def amount(text: str, qualifier: str = "") -> Amount:
    number = Decimal("".join(c for c in text if c.isdigit() or c == "."))
    return Amount(number, text, qualifier)


def told(
    unit: str, last: Amount | None, this: Amount | None, target: Amount | None = None, called: str = "签约率"
) -> tuple[str, str]:
    """What is said of a year, and of its target."""
    row = Indicator(called, unit, last, this, target, at="指标!第2行")
    source = as_source(replace(GIVEN, indicators=(row,)))
    facts = (
        state_fact(row, 2022, source, lambda indicator, year: None, dated="2022年"),
        aim_fact(row, 2022, source, lambda indicator, year: None, dated="2023年"),
    )
    for fact in facts:
        assert fact is None or all(recompute(derived) for derived in fact.derived)
    return facts[0].text if facts[0] else "", facts[1].text if facts[1] else ""


@pytest.mark.parametrize(
    ("unit", "last", "this", "target", "state", "goal"),
    [
        ("%", "61.3", "66.8", "70", "2022年签约率为66.8%，比2021年的61.3%提高5.5个百分点", "2023年签约率目标为70%，比2022年的66.8%提高3.2个百分点"),
        ("%", "70", "66.8", "66.8", "2022年签约率为66.8%，比2021年的70%下降3.2个百分点", "2023年签约率目标为66.8%，与2022年持平"),
        ("人", "26000", "28080", "", "2022年签约率为28080人，比2021年的26000人增加2080人，增长8%", ""),
        ("人", "0", "5", "", "2022年签约率为5人，比2021年的0人增加5人", ""),
        ("/10万", "12.4", "0", "", "2022年签约率为0/10万，比2021年的12.4/10万下降12.4/10万", ""),
        ("%", "", "66.8", "", "2022年签约率为66.8%", ""),
        ("%", "61.3", "", "70", "2021年签约率为61.3%", "2023年签约率目标为70%，比2021年的61.3%提高8.7个百分点"),
        ("%", "", "", "", "", ""),
    ],
)  # fmt: skip
def test_changes_are_computed_and_called_by_their_name(
    unit: str, last: str, this: str, target: str, state: str, goal: str
) -> None:
    given = [amount(text) if text else None for text in (last, this, target)]
    assert told(unit, *given) == (state, goal)


@pytest.mark.parametrize(
    ("called", "unit", "text"),
    [
        ("健康企业", "家", "2022年健康企业17家"),
        ("每千人口托位数", "个", "2022年每千人口托位数为17个"),
        ("周末门诊占门诊总量", "%", "2022年周末门诊占门诊总量的17%"),
        ("在管患者中血压达标的比例", "%", "2022年在管患者中血压达标的比例为17%"),
    ],
)
def test_what_is_counted_needs_no_verb(called: str, unit: str, text: str) -> None:
    assert told(unit, None, amount("17"), called=called)[0] == text


def test_a_bound_has_no_change_and_a_rough_value_a_rough_one() -> None:
    assert told("%", None, amount("66.8"), amount("不低于70", "不低于"))[1] == (
        "2023年签约率目标为不低于70%，2022年为66.8%"
    )
    assert told("人", amount("20000"), amount("约22000", "约"))[0] == (
        "2022年签约率为约22000人，比2021年的20000人增加约2000人，增长约10%"
    )


def test_what_was_built_is_not_compared_with_what_is_to_be_built() -> None:
    state, goal = told("所", amount("12"), amount("18"), amount("10"), "新建村卫生室")
    assert state == "2022年新建村卫生室18所，比2021年的12所增加6所，增长50%"
    assert goal == "2023年新建村卫生室目标为10所，2022年为18所"


def test_a_change_is_told_beside_that_of_the_year_before() -> None:
    state, goal = told("%", amount("7.8"), amount("7.7"), amount("7.5"), "生产总值增长")
    assert state == "2022年生产总值增长7.7%，2021年增长7.8%"
    assert goal == "2023年生产总值增长目标为7.5%，2022年增长7.7%"


def test_a_half_year_is_not_compared_with_a_year() -> None:
    made = state_fact(
        SIGNED, 2022, SOURCE, lambda row, year: None, dated="截至2022年6月30日，", comparable=False
    )
    assert made is not None and not made.derived
    assert made.text == "截至2022年6月30日，家庭医生签约率为66.8%，2021年为61.3%"


def test_where_the_value_is_told_only_its_change_is_added() -> None:
    made = change_fact(SIGNED, 2022, SOURCE, lambda row, year: None)
    assert made is not None and made.text == "家庭医生签约率比2021年的61.3%提高5.5个百分点"
    assert change_fact(replace(SIGNED, last=None), 2022, SOURCE, lambda row, year: None) is None


def test_a_value_that_the_input_leaves_out_comes_from_the_ledger_with_its_source(ledger_row: Row) -> None:
    row = replace(SIGNED, last=None)
    source = as_source(replace(GIVEN, indicators=(row,)))
    made = state_fact(
        row, 2022, source, lambda asked, year: ledger_row if year == 2021 else None, dated="2022年"
    )
    assert made is not None and made.text.endswith("，比2021年的61.3%提高5.5个百分点")
    assert [citation.report_id for citation in made.citations] == [source.report.id, ledger_row.report_id]


@pytest.fixture(scope="module")
def ledger_row(tmp_path_factory: pytest.TempPathFactory) -> Row:
    """A row of the ledger: 2021年家庭医生签约率为61.3%."""
    from corpus.aliases import Aliases
    from corpus.ledger import rows_of
    from corpus.parse import parse
    from corpus.readers import read

    text = (
        "栗坪县卫生健康局2021年工作总结\n一、主要工作完成情况\n全县家庭医生签约率为61.3%，比上年有所提高。\n"
    )
    path = tmp_path_factory.mktemp("ledger") / "栗坪县2021年工作总结.txt"
    path.write_text(text, encoding="utf-8")
    (report,) = parse(read(path))
    (row,) = (row for row in rows_of(report, Aliases.load(None)) if row.unit == "%")
    return row


def test_a_task_of_the_past_year_whose_outcome_nobody_told_is_a_gap() -> None:
    open_task = replace(TRAIN, progress=OPEN, measure="与市卫校签约")
    texts = [fact.text for fact in composing.progress_facts(open_task, SOURCE)]
    assert composing.progressed(open_task) == ""
    assert "年初安排的措施是与市卫校签约" in texts and not any("待补" in text for text in texts)
