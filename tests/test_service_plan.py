"""What is answered is decided by code: every kind of question over the fictional bureau."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from service.evidence import find
from service.plan import plan

if TYPE_CHECKING:
    from service.desk import Desk

Ask = Callable[..., Any]


@pytest.mark.parametrize(
    ("question", "value", "place", "year"),
    [
        ("澄河县2022年家庭医生签约率是多少？", "66.8%", "澄河县", 2022),
        ("澄河县2021年家庭医生签约率是多少？", "61.3%", "澄河县", 2021),
        ("澄河县2021年重点人群签约率是多少", "78.5%", "澄河县", 2021),
        ("2022年澄河县人民医院聘请省城专家几名", "9名", "澄河县", 2022),
        ("澄河县2022年救护车多少辆", "11辆", "澄河县", 2022),
        ("澄河县2022年绩效考核排第几", "第3位", "澄河县", 2022),
        ("澄河县2022年平均急救反应时间多少分钟", "18分钟", "澄河县", 2022),  # not the former 26
        ("澄河县2022年医保资金有多少没有拨付到位", "1270万元", "澄河县", 2022),  # stated, not computed
        ("澄河县2022年有多少万元医保资金没拨付到位", "1270万元", "澄河县", 2022),
        ("栗坪县核酸采样点有多少个", "142个", "栗坪县", 2022),
        ("栗坪县婴儿死亡率是多少", "2.9‰", "栗坪县", 2022),
        ("雁塘区2022年上半年开展义诊活动多少次", "41次", "雁塘区", 2022),
        ("雁塘区罚款多少万元", "23.5万元", "雁塘区", 2022),
        ("雁塘区签约率是多少", "58.9%", "雁塘区", 2022),  # not the aim of 65%
        ("澄河县2022年签约率比上年提高多少个百分点", "5.5个百分点", "澄河县", 2022),  # stated, not computed
        ("栗坪县门诊量比上年增长百分之几", "8.3%", "栗坪县", 2022),
        ("苍麓市每万人口储备多少间集中隔离房间", "不少于15间", "苍麓市", 2022),
        ("苍麓市招聘医学类毕业生多少名", "不少于240名", "苍麓市", 2022),
    ],
)
def test_a_fact_is_answered_from_the_sentence_that_states_it(
    ask: Ask, question: str, value: str, place: str, year: int
) -> None:
    answer = ask(question).answer
    assert answer.status == "answered", answer.reason
    (source,) = answer.sources
    assert (source.place, source.year) == (place, year)
    assert value in source.quote and value in answer.text


def test_a_claim_without_figures_is_held_against_the_report(ask: Ask) -> None:
    right = ask("雁塘区2022年上半年开展了义诊活动，对吧？").answer
    assert right.text.startswith("是的") and "41次" in right.text
    denied = ask("雁塘区2022年上半年没有开展义诊活动，对吧？").answer
    assert "不符" in denied.text and "41次" in denied.text and not denied.text.startswith("是的")
    wrong = ask("雁塘区2022年上半年义诊活动由厦门市开展，走进社区，对吧？").answer
    assert wrong.status == "refused" or "不符" in wrong.text


def test_without_a_year_every_year_is_told(ask: Ask) -> None:
    answer = ask("澄河县家庭医生签约率是多少").answer
    assert "澄河县2021年家庭医生签约率为61.3%" in answer.text
    assert "澄河县2022年家庭医生签约率为66.8%" in answer.text
    assert [c.year for c in answer.sources] == [2021, 2022]


def test_two_wants_in_one_question_are_both_answered(ask: Ask) -> None:
    answer = ask("澄河县2022年孕产妇、儿童系统管理率是多少").answer
    assert "95.02%" in answer.text and "94.27%" in answer.text
    answer = ask("澄河县2021年乡村医生有多少名、60岁以上的有多少名").answer
    assert "412名" in answer.text and "173名" in answer.text


def test_half_an_answer_says_what_is_missing(ask: Ask) -> None:
    answer = ask("澄河县2021年家庭医生签约率是多少、建设健康步道多少条").answer
    assert answer.status == "partial"
    assert "61.3%" in answer.text
    assert answer.reason.startswith("没有单独找到“建设健康步道多少条”的答案，请看原文")


@pytest.mark.parametrize(
    ("question", "reasons"),
    [
        ("澄河县2023年签约率是多少", ["澄河县2023年", "2021年、2022年"]),
        ("澄河县2022年上半年签约率是多少", ["上半年", "2022年全年"]),
        ("雁塘区2022年全年的签约率是多少", ["没有雁塘区全年的报告", "2022年上半年", "不能代替"]),
        ("襄垣县2022年签约率是多少", ["没有襄垣县的报告", "澄河县"]),
        ("澄河县2022年核酸采样点多少个", ["没有找到", "核酸采样点"]),
        ("苍麓市建设健康步道多少公里", ["没有找到", "健康步道"]),
        ("澄河县养了多少头牛", ["没有找到", "牛"]),
        ("苍麓市存在哪些问题", ["苍麓市", "存在问题"]),
        ("澄河县2022年急救体系建设投入多少万元", ["隐去", "**万元"]),
        ("雁塘区办公室值班员的手机号是多少", ["个人信息", "不提供"]),
        ("雁塘区局长的住址", ["个人信息"]),
    ],
)
def test_what_the_library_does_not_hold_is_refused_with_a_reason(
    ask: Ask, question: str, reasons: list[str]
) -> None:
    reply = ask(question, "不会用到。")
    assert reply.answer.status == "refused"
    assert all(reason in reply.answer.reason for reason in reasons), reply.answer.reason
    assert reply.answer.text == reply.answer.reason
    assert reply.answer.sentences == () and reply.chat.calls == []


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("澄河县2022年存在哪些问题", 3),
        ("澄河县2022年摆出了哪几个问题", 3),
        ("澄河县2022年下一步打算有哪些", 4),
        ("雁塘区2022年存在哪些不足", 2),
        ("栗坪县2022年下一步怎么打算", 3),
    ],
)
def test_a_list_is_complete_and_each_member_has_its_own_citation(ask: Ask, question: str, count: int) -> None:
    answer = ask(question).answer
    head, *members = answer.sentences
    assert answer.status == "answered" and f"{count}项" in head.text
    assert len(members) == count
    assert len({s.citations for s in members}) == count and all(s.citations for s in members)


def test_the_list_of_another_year_is_no_answer(ask: Ask) -> None:
    answer = ask("栗坪县2023年存在哪些问题").answer  # the report on 2022 names 2023
    assert answer.status == "refused" or "2023" in answer.sources[0].quote
    answer = ask("澄河县2021年和2022年分别存在哪些问题").answer
    assert "乡村医生后继乏人" in answer.text and "村卫生室设备老化" in answer.text


def test_why_is_answered_by_causes(ask: Ask) -> None:
    answer = ask("澄河县2021年为什么乡村医生后继乏人").answer
    assert "待遇偏低、养老没有保障" in answer.text
    assert "建议" not in answer.text and "疾控" not in answer.text
    answer = ask("澄河县2022年高层次人才引不进的原因是什么").answer
    assert "地处山区、平台有限" in answer.text


def test_a_paragraph_with_a_title_is_an_item_of_its_own(
    open_desk: Callable[[Path], Desk], tmp_path: Path
) -> None:
    (tmp_path / "松坞县.txt").write_text(
        "松坞县卫生健康局2022年工作总结\n一、主要工作\n全县改造村卫生室21所，培训乡村医生160人。\n二、存在问题及建议\n"
        "1.卫生人员不足。2017年以来先后招聘118人，但退休和辞职的有121人，缺编依然严重，招聘进度缓慢影响了工作。\n"
        "乡村医生断档。由于没有编制、收入主要靠补助，年轻人不愿进村，在岗的一半以上超过55岁。\n"
        "建议：放宽招聘条件，给乡村医生发岗位工资。\n松坞县卫生健康局\n2022年12月20日\n",
        encoding="utf-8",
    )
    with open_desk(tmp_path / "home") as desk:
        assert not desk.ingest([tmp_path / "松坞县.txt"]).failures
        question = desk.understand("松坞县2022年乡村医生断档的原因是什么？")
        told = "".join(s.text for s in plan(find(question, desk.view), desk.view, desk.report).sentences)
    assert "由于没有编制、收入主要靠补助" in told
    assert "118人" not in told and "岗位工资" not in told


SERVED = (
    "松坞县卫生健康局2022年工作总结\n一、主要工作\n（一）家庭医生签约。全县签约家庭医生214人，常住人口签约98760人，签约率61.2%；"
    "残疾人签约1830人。为8420名贫困人口签订了服务协议，其中签订初级服务包2105个、中级服务包640个。\n"
    "（二）大病救治。核定大病患者96人（甲类疾病58人，已救治47人，未救治11人；乙类疾病38人，已救治36人，未救治2人）。\n"
    "（三）计划生育。严格落实计划生育审核，全年共审核860人，其中干部任前审查190人，职称审查301人。\n"
    "（四）结对帮扶。一是全面开展“一助一”活动。成立团队52支，其中驻村干部52人；乡村医生49人，卫生院医生19人，县医院医生8人。"
    "二是回访636户。\n"
    "松坞县卫生健康局\n2022年12月20日\n"
)


@pytest.mark.parametrize(
    ("question", "said", "unsaid"),
    [
        ("松坞县2022年家庭医生签约了多少人？", "98760人", "214人，"),
        ("松坞县2022年有多少居民签约家庭医生？", "98760人", "214人，"),
        ("松坞县2022年有多少名签约家庭医生？", "214人", "98760人，"),
        ("松坞县2022年大病患者中，两类病合起来还有多少人没有救治？", "11人＋2人＝13人", "－"),
        ("松坞县2022年计生审核的人里，职称审查的占百分之几？", "301人÷860人≈35%", "214"),
        (
            "松坞县2022年“一助一”团队里，乡村医生、卫生院医生、县医院医生加起来多少人？",
            "49人＋19人＋8人＝76人",
            "52",
        ),
        ("松坞县2022年“一助一”团队里卫生院医生多少人？", "19人", "52"),
        ("松坞县2022年签约的贫困人口里，签初级服务包的占百分之几？", "2105个÷8420名≈25%", "98760"),
    ],
)
def test_those_who_serve_and_those_who_are_served_are_told_apart(
    open_desk: Callable[[Path], Desk], tmp_path: Path, question: str, said: str, unsaid: str
) -> None:
    (tmp_path / "松坞县.txt").write_text(SERVED, encoding="utf-8")
    with open_desk(tmp_path / "home") as desk:
        assert not desk.ingest([tmp_path / "松坞县.txt"]).failures
        asked = desk.understand(question)
        planned = plan(find(asked, desk.view), desk.view, desk.report)
    wanted = "，".join((*(f.text for f in planned.required), *(s.text for s in planned.sentences[:1]))) + "，"
    assert said in wanted and unsaid not in wanted


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("澄河县和栗坪县2022年签约率哪个高", ["66.8%", "72.1%", "栗坪县比澄河县高5.3个百分点"]),
        ("澄河县2021年和2022年家庭医生签约率相差多少", ["61.3%", "66.8%", "高5.5个百分点"]),
        ("澄河县2022年聘请省城专家比2021年多几名", ["9名", "7名", "9名－7名"]),
        ("澄河县2022年和雁塘区签约率相差多少", ["7.9个百分点", "时段不同"]),
        ("栗坪县2022年签约率和澄河县2021年签约率相差多少", ["72.1%", "61.3%", "10.8个百分点"]),
        ("2022年澄河县和2022年栗坪县的签约率哪个高", ["66.8%", "72.1%", "5.3个百分点"]),
        ("比较澄河县、栗坪县、雁塘区2022年的家庭医生签约率", ["由高到低：栗坪县", "66.8%", "58.9%"]),
    ],
)
def test_comparisons_are_computed_by_code(ask: Ask, question: str, parts: list[str]) -> None:
    reply = ask(question, "不会用到。")
    assert reply.answer.status == "answered", reply.answer.reason
    assert all(part in reply.answer.text for part in parts), reply.answer.text
    assert reply.chat.calls == []


def test_a_difference_of_rates_is_never_in_percent(ask: Ask) -> None:
    text = ask("澄河县和栗坪县2022年签约率相差多少").answer.text
    assert "5.3个百分点" in text and "5.3%" not in text


@pytest.mark.parametrize(("asked", "warned"), [("救治的大病患者", True), ("大病患者", False)])
def test_a_comparison_of_what_was_not_done_says_so(
    tmp_path: Path, open_desk: Callable[[Path], Desk], asked: str, warned: bool
) -> None:
    """Where a sentence tells of another figure that it was done, the one that is compared may not be taken for it."""
    for place, told in (("沁溪县", "大病患者96人（已救治83人）"), ("石枧县", "大病患者25人")):
        title = f"{place}卫生健康局2022年工作总结"
        text = f"{title}\n\n一、健康扶贫\n全年核定健康扶贫对象812人，其中{told}，落实签约医生17名。\n"
        (tmp_path / f"{place}.txt").write_text(text, encoding="utf-8")
    with open_desk(tmp_path / "home") as desk:
        assert not desk.ingest(tuple(tmp_path.glob("*.txt"))).failures
        answer = desk.ask(f"沁溪县和石枧县2022年哪个{asked}多？")
    assert "96人－25人＝71人" in answer.text
    assert ("沁溪县2022年的96人没有写明是“救治”的" in answer.reason) == warned
    assert (answer.status == "partial") == warned


def test_a_comparison_with_a_place_that_is_not_there_is_partial(ask: Ask) -> None:
    answer = ask("澄河县2022年和襄垣县2022年的签约率相差多少").answer
    assert answer.status == "partial"
    assert "66.8%" in answer.text and "没有襄垣县的报告" in answer.reason
    assert answer.text.count("没有襄垣县的报告") == 1
    assert "相差" not in answer.text


@pytest.mark.parametrize(
    ("question", "result", "formula"),
    [
        ("澄河县2022年宫颈癌筛查和乳腺癌筛查一共多少人", "8600人", "5100人＋3500人＝8600人"),
        ("栗坪县妇幼保健院迁建项目还有多少投资没有完成", "4800万元", "1.26亿元－7800万元＝4800万元"),
        ("澄河县2021年60岁以上乡村医生占乡村医生的比例是多少", "41.99%", "173名÷412名≈41.99%"),
        ("澄河县2022年平均每个团队签约多少人", "1564.52人", "19.4万人÷124个≈1564.52人"),
    ],
)
def test_arithmetic_shows_its_formula_and_its_sources(
    ask: Ask, question: str, result: str, formula: str
) -> None:
    reply = ask(question, "不会用到。")
    head, *rest = reply.answer.sentences
    assert head.status == "computed" and result in head.text and formula in head.text
    assert rest and all(s.status == "quoted" for s in rest)
    assert reply.chat.calls == []


def test_gathering_goes_over_all_reports_that_hold_the_topic(ask: Ask) -> None:
    answer = ask("各地家庭医生签约率分别是多少").answer
    found = {(c.place, c.year) for c in answer.sources}
    assert found == {("澄河县", 2021), ("澄河县", 2022), ("栗坪县", 2022), ("雁塘区", 2022)}
    assert "4份报告" in answer.text
    answer = ask("哪些地方聘请了省城专家").answer
    assert {c.place for c in answer.sources} == {"澄河县", "栗坪县"}


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("澄河县2022年签约率是72%，对吗？", ["“72%”与报告不符", "66.8%"]),
        ("澄河县2022年聘请了12名省城专家，他们完成了多少台三级手术", ["“12名”与报告不符", "9名", "1016台"]),
        ("澄河县2022年绩效考核列第1位，对吗", ["“第1位”与报告不符", "第3位"]),
        ("栗坪县居民健康素养水平高于全省平均水平多少个百分点", ["“高于”与报告不符", "低于", "3.1个百分点"]),
    ],
)
def test_a_wrong_premise_is_corrected(ask: Ask, question: str, parts: list[str]) -> None:
    answer = ask(question).answer
    assert answer.status == "answered"
    assert answer.sentences[0].status == "computed" and answer.sentences[0].citations
    assert all(part in answer.text for part in parts), answer.text


def test_a_count_of_what_was_not_done_is_no_wrong_premise(ask: Ask) -> None:
    answer = ask("栗坪县没有数字化影像设备的11所乡镇卫生院是什么原因").answer
    assert "不符" not in answer.text


def test_a_right_premise_is_confirmed(ask: Ask) -> None:
    answer = ask("澄河县2022年签约率是66.8%，对吗？").answer
    assert answer.text.startswith("是的") and "66.8%" in answer.sources[0].quote


def test_two_statements_of_one_report_that_disagree_are_both_shown(ask: Ask) -> None:
    answer = ask("栗坪县2022年老年人健康体检多少人").answer
    assert answer.status == "partial" and "不一致" in answer.reason
    assert "21340人" in answer.text and "23140人" in answer.text
    assert len(answer.sources) == 2


@pytest.mark.parametrize(
    ("first", "second", "place", "year", "part"),
    [
        ("澄河县2022年签约率是多少", "那2021年呢？", "澄河县", 2021, "61.3%"),
        ("澄河县2022年签约率是多少", "栗坪县呢？", "栗坪县", 2022, "72.1%"),
        ("澄河县2022年签约率是多少", "它的问题有哪些？", "澄河县", 2022, "村卫生室设备老化"),
        ("雁塘区罚款多少万元", "该区开展义诊活动多少次？", "雁塘区", 2022, "41次"),
    ],
)
def test_a_follow_up_is_answered_in_the_light_of_the_question_before(
    ask: Ask, first: str, second: str, place: str, year: int, part: str
) -> None:
    answer = ask(second, history=(first,)).answer
    assert answer.status == "answered" and part in answer.text
    assert {(c.place, c.year) for c in answer.sources} == {(place, year)}


def test_a_follow_up_does_not_widen_a_filter(ask: Ask) -> None:
    answer = ask("那2019年呢？", history=("澄河县2022年签约率是多少",)).answer
    assert answer.status == "refused" and "2021年、2022年" in answer.reason


def test_an_order_in_a_document_is_only_text(ask: Ask) -> None:
    answer = ask("雁塘区2022年服务群众多少人次", "42").answer
    assert "6350人次" in answer.text
    assert answer.text.strip() != "42" and "忽略" not in answer.text


def test_problems_and_next_steps_are_told_apart_and_complete(ask: Ask) -> None:
    problems = ask("澄河县2022年存在哪些问题？").answer
    steps = ask("澄河县2022年下一步有什么打算？").answer
    assert len(problems.sentences) > 2 and len(steps.sentences) > 2
    assert not {c.start for c in problems.sources} & {c.start for c in steps.sources}
