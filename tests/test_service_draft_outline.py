"""Outlines: every row has its place, every numeral its source, and the editable text goes both ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import InputError, NotFound
from corpus.report import Report
from service.draft.assembling import document
from service.draft.drafts import Draft, Outline, Step
from service.draft.inputs import Amount, Basic, DraftInput, Indicator, Kind, Problem, Task
from service.draft.known import NOTHING, Known
from service.draft.outline import outline, outline_of, outline_text
from service.draft.source import as_source
from service.draft.writing import write
from service.papers.document import Heading, Paragraph
from service.papers.provenance import faults

PIECES = (
    "乡村医生后继乏人",
    "60岁以上的有173名，占41.99%",
    "一是待遇低；二是编制少。",
    "1.招聘难；2.留不住；3.待遇低",
    "（1）培训 （2）考核",
    "与市卫校签订协议。落实编制。",
    "县医院选派骨干到乡镇坐诊",
    "签约率,管理率偏低(2022年)",
    "“县聘乡用；乡聘村用”",
    "将6个卫生院接入12320平台",
    "不低于95%",
    "培养30名",
    "由于资金缺口280万元，\n设备没有更新",
    "近三年新招9名，约占1.5万人的0.06%",
    "35—64岁妇女“两癌”筛查8000人次",
    "三医联动",
    "每季度一批",
    "第三季度",
    "主要靠扶持",
    "①摸底；②建档",
)
cells = st.one_of(
    st.just(""),
    st.sampled_from(PIECES),
    st.lists(st.sampled_from(PIECES), min_size=2, max_size=3).map("。".join),
)
titles = st.sampled_from(PIECES)
amounts = st.one_of(
    st.none(),
    st.builds(
        lambda n, q: Amount(Decimal(n), f"{q}{n}" if q in ("", "约", "不低于") else f"{n}{q}", q),
        st.integers(0, 30000),
        st.sampled_from(("", "约", "不低于", "以上")),
    ),
)
NAMES = (
    "家庭医生签约率",
    "65岁以上老年人体检人数",
    "新建村卫生室",
    "生产总值增长",
    "12320热线接通率",
    "孕产妇死亡率",
)


@st.composite
def inputs(draw: st.DrawFn) -> DraftInput:
    """Inputs as offices fill them, well or badly."""
    kind = draw(st.sampled_from(tuple(Kind)))
    problems = tuple(
        Problem(f"问题{n}", draw(titles), draw(cells), draw(cells), at=f"问题!第{n + 1}行")
        for n in range(1, draw(st.integers(0, 3)) + 1)
    )
    keys = [problem.key for problem in problems]
    due = draw(st.sampled_from((None, date(2023, 9, 30))))
    tasks = tuple(
        Task(
            f"任务{n}",
            draw(titles),
            tuple(draw(st.lists(st.sampled_from(keys), max_size=2, unique=True))) if keys else (),
            *(
                draw(cells),
                draw(cells),
                draw(st.sampled_from(("", "2023年9月底前", "全年", "每季度一批", "9月30日"))),
            ),
            due,
            draw(cells),
            draw(cells),
            at=f"任务!第{n + 1}行",
        )
        for n in range(1, draw(st.integers(0, 3)) + 1)
    )
    units = draw(st.lists(st.sampled_from(("%", "人", "所", "/10万", "万元")), min_size=3, max_size=3))
    rows = tuple(
        Indicator(
            name, unit, draw(amounts), draw(amounts), draw(amounts), draw(st.sampled_from(("", "常住人口"))),
            at=f"指标!第{n + 2}行",
        )
        for n, (name, unit) in enumerate(zip(draw(st.permutations(NAMES))[:3], units, strict=True))
    )  # fmt: skip
    basic = Basic(
        "栗坪县卫生健康局", "栗坪县", 2023 if kind is Kind.PLAN else 2022, kind,
        draw(st.sampled_from((None, date(2022, 6, 30), date(2022, 11, 30)))), at="基本信息!第2行",
    )  # fmt: skip
    return DraftInput(basic, rows, problems, tasks, "input.xlsx")


def composed(given: DraftInput, known: Known = NOTHING) -> Draft:
    """A draft that code wrote."""
    made = Draft(given, outline(given, as_source(given), known))
    return replace(made, written=tuple(write(made, None)))


def opens(given: DraftInput) -> Callable[[str], Report]:
    """Opens the input as a report, and nothing else."""
    own = as_source(given).report

    def open_report(report_id: str) -> Report:
        if report_id != own.id:
            raise NotFound(report_id)
        return own

    return open_report


@settings(deadline=None, max_examples=120)
@given(inputs())
def test_whatever_the_cells_say_every_row_is_told_and_every_numeral_has_a_source(given: DraftInput) -> None:
    draft = composed(given)
    # What a plan has no target for is left to the checklist.
    aimed = [row for row in given.indicators if row.target or given.basic.kind is not Kind.PLAN]
    rows = [*aimed, *given.problems, *given.tasks]
    assert {row.at for row in rows} <= {at for step in draft.outline.steps for at in step.rows}
    made = document(draft)
    assert [str(fault) for fault in faults(made, opens(given))] == []
    assert document(Draft(given, draft.outline)).partial or not draft.outline.steps[0].facts
    assert [str(fault) for fault in faults(document(Draft(given, draft.outline)), opens(given))] == []


def test_a_value_of_the_year_before_alone_is_a_gap() -> None:
    only = replace(CHECKED, this=None, last=Amount(Decimal(90), "90"))
    told = text(of_kind(Kind.SUMMARY, indicators=(SIGNED, only)))
    assert "90%" not in told and "【待补：儿童系统管理率的2022年数值】" in told


@settings(deadline=None, max_examples=60)
@given(inputs())
def test_the_text_of_an_outline_gives_the_outline_back(given: DraftInput) -> None:
    made = outline(given, as_source(given))
    assert outline_of(outline_text(made), made) == made


# -- what each kind has -----------------------------------------------------------------------------

DOCTORS = Problem("问题1", "乡村医生后继乏人", "60岁以上的有173名", "待遇偏低", "问题!第2行")
ROOMS = Problem("问题2", "村卫生室设备老化", "有52个村卫生室", "没有专项资金", "问题!第3行")
TASKS = (
    Task(
        "任务1",
        "更新设备",
        ("问题2",),
        "",
        "财务股",
        "2023年10月底前",
        date(2023, 10, 31),
        "52个",
        at="任务!第2行",
    ),
    Task(
        "任务2",
        "定向培养",
        ("问题1",),
        "",
        "人事股",
        "2023年9月底前",
        date(2023, 9, 30),
        "30名",
        at="任务!第3行",
    ),
    Task("任务3", "健康宣讲", (), "", "宣教股", "全年", None, "14场", at="任务!第4行"),
)
SIGNED = Indicator(
    "家庭医生签约率", "%", *(Amount(Decimal(n), n) for n in ("61.3", "66.8", "70")), at="指标!第2行"
)
CHECKED = Indicator("儿童系统管理率", "%", this=Amount(Decimal(94), "94"), at="指标!第3行")


def of_kind(kind: Kind, **more: object) -> DraftInput:
    """An input with two problems and three tasks."""
    basic = Basic(
        "栗坪县卫生健康局", "栗坪县", 2023 if kind is Kind.PLAN else 2022, kind, at="基本信息!第2行"
    )
    whole = DraftInput(basic, (SIGNED, CHECKED), (DOCTORS, ROOMS), TASKS, "input.xlsx")
    return replace(whole, **more)  # type: ignore[arg-type]


def made_of(given: DraftInput, known: Known = NOTHING) -> Outline:
    return outline(given, as_source(given), known)


def headings(given: DraftInput) -> list[str]:
    return [block.text for block in document(composed(given)).blocks if isinstance(block, Heading)]


def text(given: DraftInput, known: Known = NOTHING) -> str:
    blocks = document(composed(given, known)).blocks
    return "\n".join("。".join(s.text for s in b.sentences) for b in blocks if isinstance(b, Paragraph))


def test_problems_come_first_and_tasks_follow_in_their_order() -> None:
    assert headings(of_kind(Kind.PROBLEMS)) == [
        "主要指标情况",
        "存在的主要问题",
        "乡村医生后继乏人",
        "村卫生室设备老化",
        "下一步工作打算",
        "主要目标",
        "定向培养",
        "更新设备",
        "健康宣讲",
    ]
    told = text(of_kind(Kind.PROBLEMS))
    assert "工作中还存在以下问题" in told and "针对上述问题，下一步重点做好以下工作" in told
    assert "针对村卫生室设备老化问题，将更新设备，由财务股负责，2023年10月底前完成，目标是52个" in told


def test_a_plan_names_the_problem_of_a_task_in_its_text() -> None:
    given = of_kind(Kind.PLAN, tasks=(TASKS[0], TASKS[2]))
    assert headings(given) == [
        "工作基础和主要目标",
        "重点任务",
        "更新设备",
        "着力解决乡村医生后继乏人问题",
        "健康宣讲",
        "任务分工",
        "进度安排",
        "保障措施",
    ]
    told = text(given)
    assert "针对村卫生室设备老化问题，将更新设备，由财务股负责" in told
    assert "60岁以上的有173名。主要原因是待遇偏低。【待补：应对乡村医生后继乏人问题的任务】" in told
    assert "2022年儿童系统管理率为94%" in told  # of last year, for there is no target
    made = document(composed(given))
    assert "应对乡村医生后继乏人问题的任务" in " ".join(made.gaps)


def test_several_tasks_of_a_plan_stand_under_the_problem_that_they_answer() -> None:
    train = replace(TASKS[1], key="任务4", title="落实乡村医生待遇", at="任务!第5行")
    given = of_kind(Kind.PLAN, tasks=(*TASKS, train))
    made = [(b.text, b.level) for b in document(composed(given)).blocks if isinstance(b, Heading)]
    assert made[1:7] == [
        ("重点任务", 1),
        ("着力解决乡村医生后继乏人问题", 2),
        ("定向培养", 3),
        ("落实乡村医生待遇", 3),
        ("更新设备", 2),
        ("健康宣讲", 2),
    ]
    assert "\n将定向培养，由人事股负责" in text(given)  # the heading names the problem


def test_tasks_with_areas_stand_under_them_and_name_their_problems() -> None:
    tasks = (
        replace(TASKS[0], area="基层服务能力"),
        replace(TASKS[1], area="人才队伍建设"),
        replace(TASKS[2], area="基层服务能力"),
        replace(TASKS[2], key="任务4", title="开展义诊", at="任务!第5行"),
    )
    given = of_kind(Kind.PLAN, tasks=tasks)
    made = [(b.text, b.level) for b in document(composed(given)).blocks if isinstance(b, Heading)]
    assert made[1:8] == [
        ("重点任务", 1),
        ("基层服务能力", 2),
        ("更新设备", 3),
        ("健康宣讲", 3),
        ("人才队伍建设", 2),
        ("其他重点工作", 2),
        ("任务分工", 1),
    ]
    assert "针对乡村医生后继乏人问题，将定向培养" in text(given)
    for kind in (Kind.PROBLEMS, Kind.SUMMARY):
        assert "基层服务能力" in headings(of_kind(kind, tasks=tasks))


def test_the_table_goes_in_the_order_of_the_text() -> None:
    tasks = (
        replace(TASKS[0], area="甲类工作"),
        replace(TASKS[1], area="乙类工作"),
        replace(TASKS[2], area="甲类工作"),
    )
    (step,) = made_of(of_kind(Kind.PLAN, tasks=tasks)).parts[2].steps
    assert step.table is not None
    assert [row[0].text for row in step.table.rows] == ["更新设备", "健康宣讲", "定向培养"]


def test_targets_alone_have_no_heading() -> None:
    assert "主要目标" not in headings(of_kind(Kind.PROBLEMS, tasks=()))
    assert "主要目标" in headings(of_kind(Kind.PROBLEMS))


def test_what_an_office_says_of_requirements_and_safeguards_is_told_in_its_words() -> None:
    basic = replace(
        of_kind(Kind.PLAN).basic,
        requirements="以群众健康为中心。全年办好6件实事。",
        safeguards=("加强组织领导。成立工作专班", "每季度通报一次进度。"),
    )
    made = made_of(of_kind(Kind.PLAN, basic=basic))
    assert made.parts[0].title == "总体要求和主要目标"
    told = text(of_kind(Kind.PLAN, basic=basic))
    assert told.startswith("以群众健康为中心。全年办好6件实事")
    assert "一是加强组织领导。成立工作专班\n二是每季度通报一次进度\n各项任务由" in told
    assert (
        faults(document(composed(of_kind(Kind.PLAN, basic=basic))), opens(of_kind(Kind.PLAN, basic=basic)))
        == ()
    )


def test_the_division_of_tasks_is_a_table_and_shows_what_is_missing() -> None:
    given = of_kind(Kind.PLAN, tasks=(replace(TASKS[0], office=""), TASKS[2]))
    (step,) = made_of(given).parts[2].steps
    assert step.table is not None and step.rows == ("任务!第2行", "任务!第4行")
    assert step.table.header == ("任务", "针对问题", "责任单位", "完成时限", "目标")
    first, second = step.table.rows
    assert [cell.text for cell in first] == [
        "更新设备",
        "村卫生室设备老化",
        "【待补】",
        "2023年10月底前",
        "52个",
    ]
    assert second[1].text == "—" and [cell.status for cell in second] == [""] * 5
    assert "更新设备：缺责任单位" in document(composed(given)).gaps
    bare = made_of(replace(given, problems=())).parts[2].steps[0].table
    assert bare is not None and "针对问题" not in bare.header


def test_a_schedule_goes_by_due_dates() -> None:
    (step,) = made_of(of_kind(Kind.PLAN)).parts[3].steps
    assert [fact.text for fact in step.facts] == [
        "2023年9月底前完成的任务有：定向培养",
        "10月底前完成的任务有：更新设备",
        "全年推进的任务有：健康宣讲",
    ]
    undated = tuple(replace(task, deadline="", due=None) for task in TASKS)
    (step,) = made_of(of_kind(Kind.PLAN, tasks=undated)).parts[3].steps
    assert step.gaps == ("各项任务的完成时限",) and not step.facts


def test_a_schedule_does_not_tell_a_day_twice() -> None:
    task = replace(TASKS[0], title="急救站12月投入使用", deadline="12月", due=date(2023, 12, 31))
    (step,) = made_of(of_kind(Kind.PLAN, tasks=(task,))).parts[3].steps
    assert [fact.text for fact in step.facts] == ["急救站12月投入使用"]


def test_targets_are_looked_at_only_where_every_task_has_one() -> None:
    told = text(of_kind(Kind.PLAN))
    assert "检查各项任务的完成情况" in told and ("对照目标" in told) == all(task.target for task in TASKS)
    whole = tuple(replace(task, target=task.target or "完成1次") for task in TASKS)
    assert "对照目标检查" in text(of_kind(Kind.PLAN, tasks=whole))


def test_a_part_of_the_year_stands_before_the_name() -> None:
    row = replace(SIGNED, scope="1—11月")
    told = text(of_kind(Kind.PLAN, indicators=(row,)))
    assert f"1—11月{row.name}" in told and "口径" not in told


def test_a_schedule_of_many_deadlines_has_a_paragraph_for_each_half_of_the_year() -> None:
    months = (2, 5, 6, 8, 11)
    tasks = tuple(
        replace(
            TASKS[2],
            title=f"{'甲乙丙丁戊'[n]}项",
            deadline=f"2023年{m}月底前",
            due=date(2023, m, 28),
            at=f"任务!第{m}行",
        )
        for n, m in enumerate(months)
    )
    steps = made_of(of_kind(Kind.PLAN, tasks=(*tasks, TASKS[2]))).parts[3].steps
    assert [step.facts[0].text for step in steps] == [
        "上半年，2023年2月底前完成的任务有：甲项",
        "下半年，2023年8月底前完成的任务有：丁项",
        "全年推进的任务有：健康宣讲",
    ]
    assert [len(step.facts) for step in steps] == [3, 2, 1]


def test_safeguards_are_told_of_all_tasks_only_where_they_hold_for_all() -> None:
    assert "各项任务由财务股、人事股、宣教股按分工负责" in text(of_kind(Kind.PLAN))
    some = (replace(TASKS[0], office=""), *TASKS[1:])
    assert "【待补：保障措施】" in text(of_kind(Kind.PLAN, tasks=some))


def test_a_report_tells_what_was_done_and_what_goes_on() -> None:
    done = replace(TASKS[0], progress="已更新18个", due=date(2023, 10, 31))
    given = of_kind(Kind.SUMMARY, tasks=(done, *TASKS[1:]))
    assert headings(given) == [
        "主要工作完成情况",
        "更新设备",
        "存在的问题",
        "乡村医生后继乏人",
        "村卫生室设备老化",
        "下一步打算",
        "主要目标",
        "定向培养",
        "更新设备",
        "健康宣讲",
    ]
    assert "2022年家庭医生签约率为66.8%，比2021年的61.3%提高5.5个百分点。儿童系统管理率为94%" in text(given)


def test_a_problem_tells_the_change_of_the_indicator_that_it_names() -> None:
    named = replace(DOCTORS, shows="家庭医生签约率为66.8%，低于全市平均")
    given = of_kind(Kind.PROBLEMS, problems=(named,))
    step = next(s for s in made_of(given).steps if s.heading == "乡村医生后继乏人")
    assert step.rows == ("问题!第2行", "指标!第2行")
    assert "家庭医生签约率比2021年的61.3%提高5.5个百分点" in [fact.text for fact in step.facts]


def test_a_value_of_a_part_of_the_year_says_so() -> None:
    basic = replace(of_kind(Kind.SUMMARY).basic, as_of=date(2022, 6, 30))
    told = text(of_kind(Kind.SUMMARY, basic=basic))
    assert "截至2022年6月30日，家庭医生签约率为66.8%，2021年为61.3%" in told


def test_where_a_title_is_too_long_for_a_heading_the_section_counts_its_items() -> None:
    long = replace(
        ROOMS, title="对村卫生室的诊查设备使用年限普遍偏长、更新的速度赶不上老化速度的情况缺少办法"
    )
    given = of_kind(Kind.PROBLEMS, problems=(DOCTORS, long))
    assert "乡村医生后继乏人" not in headings(given)
    told = text(given)
    assert "一是乡村医生后继乏人。60岁以上的有173名" in told and "二是对村卫生室的诊查设备" in told
    assert headings(given)[-2:] == ["更新设备", "健康宣讲"]


def test_a_long_title_lends_its_first_clause_to_the_heading_and_is_told_whole() -> None:
    title = "推进县乡医院一体管理，放开编制限制，统一招聘医护人员"
    given = of_kind(Kind.PROBLEMS, tasks=(replace(TASKS[0], title=title), *TASKS[1:]))
    assert "推进县乡医院一体管理" in headings(given)
    assert f"针对村卫生室设备老化问题，将{title}" in text(given)
    assert f"\n{title}" not in text(given)  # a bare title would read as done


def test_an_empty_input_has_gaps_and_nothing_else() -> None:
    for kind in Kind:
        given = of_kind(kind, indicators=(), problems=(), tasks=())
        assert all(step.gaps and not step.facts for step in made_of(given).steps)
        assert document(composed(given)).partial


def test_three_hundred_tasks_are_three_hundred_steps() -> None:
    tasks = tuple(replace(TASKS[0], key=f"任务{n}", at=f"任务!第{n}行") for n in range(2, 302))
    parts = made_of(of_kind(Kind.PLAN, tasks=tasks)).parts
    assert len(parts[1].steps) == 301  # and a problem that none of them answers


# -- the text that users edit -----------------------------------------------------------------------


def edited(change: Callable[[str], str]) -> Outline:
    made = made_of(of_kind(Kind.PROBLEMS))
    return outline_of(change(outline_text(made)), made)


def test_titles_may_be_changed_lines_moved_and_deleted() -> None:
    made = made_of(of_kind(Kind.PROBLEMS))
    lines = outline_text(made).splitlines()
    (training,) = (line for line in lines if "定向培养" in line)
    lines.remove(training)
    lines = [line for line in lines if "设备老化" not in line]
    lines.append(training.replace("定向培养", "（一）培养人才"))
    found = outline_of("\n".join(lines).replace("存在的主要问题", "一、问题"), made)
    assert found.parts[1].title == "问题"
    assert [step.heading for step in found.steps][-1] == "培养人才"
    assert not any("问题!第3行" in step.rows for step in found.parts[1].steps)
    assert found.steps[-1].facts == next(s for s in made.steps if s.heading == "定向培养").facts


def test_the_title_of_the_draft_may_be_changed() -> None:
    assert edited(lambda t: t.replace("标题：栗坪县", "标题：我县")).title.startswith("我县卫生健康局2022年")


def test_a_heading_may_be_taken_away() -> None:
    found = edited(lambda t: t.replace("] 定向培养  #", "]   #"))
    assert "定向培养" not in [step.heading for step in found.steps]


@pytest.mark.parametrize(
    ("change", "pieces"),
    [
        (lambda t: t + "[9.9] 新的一步\n", ("第14行", "9.9")),
        (lambda t: t + "没有编号的一行\n", ("第14行", "没有编号的一行", "没有方括号中的编号")),
        (lambda t: t + "[3.2] 再来一次\n", ("3.2", "两次")),
        (lambda t: "[3.2] 太早\n" + t, ("第1行", "3.2", "前面没有部分")),
        (lambda t: "# 空的\n", ("空的",)),
    ],
)
def test_a_line_that_cannot_be_read_is_named(change: Callable[[str], str], pieces: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as error:
        edited(change)
    for piece in pieces:
        assert piece in str(error.value)
    assert "请" in str(error.value)


def test_the_remarks_of_a_step_say_what_it_is_about() -> None:
    step = Step("1.1", "", made_of(of_kind(Kind.PROBLEMS)).steps[0].facts, ("指标!第3行",), ("目标",))
    made = made_of(of_kind(Kind.PROBLEMS))
    told = outline_text(replace(made, parts=(replace(made.parts[0], steps=(step,)),)))
    assert "儿童系统管理率" in told and "指标!第3行" in told and "待补：目标" in told
