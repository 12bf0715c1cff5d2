"""The checklist of a draft: every number with its source, problems and tasks, and what is missing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from service.cited import Citation, Derived, Operand, Sentence
from service.draft.checklist import Missing, NumberLine, Ways, checklist, origin_of
from service.draft.drafts import Draft, Outline, Step, Written
from service.draft.inputs import Basic, DraftInput, Kind
from service.draft.source import as_source
from service.draft.toy_paper import toy_draft, toy_given, toy_paper
from service.papers.document import Cell, Document, Heading, Paragraph, Table
from service.papers.toy_document import NEW, OLD


@pytest.fixture(scope="module")
def found():
    draft = toy_draft()
    return checklist(draft, toy_paper(draft))


def numbers_of(text: str, citations: tuple = (), derived: tuple = ()) -> list[tuple[str, str]]:  # type: ignore[type-arg]
    """Number and status of each number of a sentence in a draft about 2022 and 2023."""
    document = Document(
        "draft", "计划", (Paragraph((Sentence(text, citations, "quoted", (), derived),)),), (), (2022, 2023)
    )
    return [(n.number, n.status) for n in checklist(toy_draft(), document).numbers]


# -- numbers ----------------------------------------------------------------------------------------


def test_every_number_of_the_text_is_there_with_a_source(found) -> None:
    told = {(n.number, n.status) for n in found.numbers}
    assert {("66.2%", "有出处"), ("4.7个百分点", "计算"), ("70%", "人工输入"), ("21个", "人工输入")} <= told
    assert "无出处" not in {n.status for n in found.numbers}
    by_number = {n.number: n for n in found.numbers}
    assert "《雾岭县卫生健康局2022年工作总结》" in by_number["66.2%"].source
    assert by_number["4.7个百分点"].source == "66.2%－61.5%＝4.7个百分点"
    assert by_number["70%"].source == "输入表“雾岭县.xlsx” 指标!第2行"
    assert by_number["31个"].times == 2  # in the text and in the table


def test_a_number_of_another_unit_or_value_is_no_number_of_the_source() -> None:
    assert numbers_of("签约率66.2%", (NEW,)) == [("66.2%", "有出处")]
    assert numbers_of("签约率66.2%", (OLD,)) == [("66.2%", "无出处")]
    assert numbers_of("签约居民15000人", (NEW,)) == [("15000人", "有出处")]
    assert numbers_of("签约居民15000人次", (NEW,)) == [("15000人次", "无出处")]


def test_a_long_source_is_shown_around_its_number() -> None:
    quote = "甲" * 90 + "签约率66.2%，" + "乙" * 90
    cited = replace(NEW, quote=quote, path=("上一级", "一" * 30))
    document = Document("draft", "计划", (Paragraph((Sentence("签约率66.2%", (cited,), "quoted"),)),))
    (line,) = checklist(toy_draft(), document).numbers
    assert line.source == (
        f"《雾岭县卫生健康局2022年工作总结》（雾岭县，2022年）{'一' * 20}…："
        f"“…{'甲' * 37}签约率66.2%，{'乙' * 34}…”"
    )


def test_a_number_in_a_gap_is_still_to_be_filled_in() -> None:
    assert numbers_of("【待补：2023年目标，按70%还是75%】") == [
        ("2023年", "待补"), ("70%", "待补"), ("75%", "待补"),
    ]  # fmt: skip


def test_a_year_that_the_input_is_about_comes_from_the_input() -> None:
    assert numbers_of("2023年继续推进") == [("2023年", "人工输入")]
    assert numbers_of("2017年起推进") == [("2017年", "无出处")]


def test_numerals_that_are_parts_of_words_are_left_out() -> None:
    assert numbers_of("进一步统一思想，三医联动，一是第一时间落实") == []
    assert numbers_of("“369”工程惠及60岁以上老年人") == [("369", "无出处"), ("60", "无出处")]


def test_a_report_counts_before_the_row_that_quotes_it() -> None:
    row = as_source(toy_given()).cite("指标!第2行")
    assert numbers_of("签约率66.2%", (row, NEW)) == [("66.2%", "有出处")]
    assert numbers_of("签约率66.2%", (row,)) == [("66.2%", "人工输入")]


def test_an_operand_inside_a_formula_is_sourced_and_the_result_computed() -> None:
    derived = Derived(
        "4.7个百分点",
        Decimal("4.7"),
        "difference",
        (Operand(Decimal("66.2"), "66.2%", NEW), Operand(Decimal("61.5"), "61.5%", OLD)),
        "66.2%－61.5%＝4.7个百分点",
    )
    told = numbers_of("由61.5%提高到66.2%，提高4.7个百分点", (), (derived,))
    assert told == [("61.5%", "有出处"), ("66.2%", "有出处"), ("4.7个百分点", "计算")]


def test_tables_and_headings_are_read_too() -> None:
    row = as_source(toy_given()).cite("任务!第2行")
    table = Table("分工", ("任务", "目标"), ((Cell("培养", (row,)), Cell("31个村", (row,))),))
    document = Document("draft", "计划", (Heading("覆盖31个村"), table), (), (2023,))
    assert checklist(toy_draft(), document).numbers == (
        NumberLine("31个", "覆盖31个村", "输入表“雾岭县.xlsx” 任务!第2行", "人工输入", 2),
    )


# -- problems, tasks, gaps --------------------------------------------------------------------------


def test_problems_and_tasks_are_linked_both_ways(found) -> None:
    assert [(p.key, p.tasks) for p in found.problems] == [
        ("问题1", ("定向培养乡村医生",)),
        ("问题2", ("建设随访提醒平台",)),
        ("问题3", ("统一县域数据接口",)),
        ("问题4", ()),
    ]
    assert [p.missing for p in found.problems] == [(), ("表现",), (), ()]
    assert found.tasks[0].answers == ("乡村医生后继乏人",)
    last = found.tasks[-1]
    assert (last.answers, last.deadline, last.target) == ((), "", "")
    assert last.missing == ("完成时限", "目标")


def test_all_that_is_missing_is_told_once_with_its_place(found) -> None:
    assert found.missing == (
        Missing("（二）慢性病随访不够及时", "表现"),
        Missing("（四）新建急救站", "完成时限"),
        Missing("四、任务分工 › 新建急救站", "完成时限"),
        Missing("四、任务分工 › 新建急救站", "目标"),
        Missing("署名", "成文日期"),
        Missing("问题4 急救半径偏大", "无任务：没有针对它的任务"),
        Missing("任务4 新建急救站", "未对应问题：没有写明针对哪个问题"),
        Missing("指标!第3行", "“巡诊”没有写入文稿"),
    )


def test_what_a_plan_set_out_need_not_answer_a_problem_in_a_report() -> None:
    given = toy_given()
    report = replace(toy_draft(), given=replace(given, basic=replace(given.basic, kind=Kind.SUMMARY)))
    assert not any("未对应问题" in m.what for m in checklist(report, toy_paper(report)).missing)


def test_a_step_that_was_deleted_from_the_outline_is_missing() -> None:
    draft = toy_draft()
    parts = tuple(p for p in draft.outline.parts if p.key != "1")
    cut = replace(draft, outline=replace(draft.outline, parts=parts))
    told = [m.what for m in checklist(cut, toy_paper(cut)).missing]
    assert "“乡村医生后继乏人”没有写入文稿" in told


def test_a_task_with_an_unknown_problem_answers_none() -> None:
    given = toy_given()
    lost = replace(given.tasks[0], answers=("问题99",))
    draft = replace(toy_draft(), given=replace(given, tasks=(lost, *given.tasks[1:])))
    found = checklist(draft, toy_paper(draft))
    assert found.tasks[0].answers == ()
    assert Missing("任务1 定向培养乡村医生", "未对应问题：没有写明针对哪个问题") in found.missing


def test_warnings_of_the_input_are_kept() -> None:
    draft = toy_draft()
    warned = replace(draft, given=replace(draft.given, warnings=("第3行有公式",)))
    assert Missing("输入", "第3行有公式") in checklist(warned, toy_paper(warned)).missing


def test_an_empty_draft_has_an_empty_checklist() -> None:
    draft = Draft(DraftInput(Basic("某局", "某县", 2023, Kind.PLAN)), Outline(Kind.PLAN, "计划", ()))
    found = checklist(draft, Document("draft", "计划", ()))
    assert (found.numbers, found.problems, found.tasks) == ((), (), ())
    assert found.missing == (Missing("署名", "成文日期"),)
    assert checklist(draft, Document("draft", "计划", ()), day=date(2023, 1, 5)).missing == ()


def test_a_chinese_numeral_that_counts_is_a_number_too() -> None:
    cited = as_source(toy_given()).cite(toy_given().problems[0].at)
    told = replace(cited, quote="只有四种慢性病纳入随访，三甲医院来了1次，连续两年台账合格")
    sentence = Sentence(
        "四种慢性病纳入随访，请三甲医院指导，实行统一管理，连续两年台账合格", (told,), "quoted"
    )
    document = Document("draft", "", (Paragraph((sentence,)),))
    (line,) = checklist(toy_draft(), document).numbers
    assert (line.number, line.status) == ("四种", "人工输入")


def test_a_heading_leads_to_the_source_that_speaks_of_it() -> None:
    other = Citation("r1", "某县2022年工作总结", 0, 20, "家庭病床比住院日均费用低六成", "某县", 2022)
    own = Citation("r1", "某县2022年工作总结", 30, 50, "安宁疗护床位只完成六成", "某县", 2022)
    beds = Sentence("家庭病床比住院日均费用低六成", (other,), "quoted")
    rest = Sentence("床位因护士不足没有开放", (own,), "quoted")
    document = Document(
        "draft", "", (Paragraph((beds,)), Heading("安宁疗护床位只完成六成"), Paragraph((rest,)))
    )
    lines = checklist(toy_draft(), document).numbers
    assert [line.source.count("只完成六成") for line in lines] == [0, 1]


def test_the_year_of_the_title_was_asked_for(found) -> None:
    title = found.numbers[0]
    assert title.number.endswith("年") and title.status == "人工输入"
    assert title.source.startswith("输入表的基本信息：")


# -- how it came about ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        (Written("1", (), phrased=True), ""),
        (Written("1", (), phrased=False), "由程序组成"),
        (Written("1", (), phrased=False, faults=("少了数",)), "由程序组成（模型的文字没有通过核对）"),
        (Written("1", (), phrased=True, by_hand=True), "人工改写"),
        (Written("1", (), phrased=False, by_hand=True), "人工改写"),
    ],
)
def test_the_origin_of_a_step(written: Written, origin: str) -> None:
    assert origin_of(written) == origin


def test_steps_are_counted_by_how_they_were_written(found) -> None:
    assert found.ways == Ways(phrased=6, composed=2, by_hand=1, open=0)
    draft = toy_draft()
    begun = replace(draft, written=draft.written[:3])
    assert checklist(begun, toy_paper(begun)).ways == Ways(phrased=2, composed=1, by_hand=0, open=6)


def test_a_step_without_facts_is_a_gap_and_not_unwritten() -> None:
    draft = toy_draft()
    first, *rest = draft.outline.parts
    empty = Step("0.2", "保障", (), (), ("保障措施",))
    parts = (replace(first, steps=(*first.steps, empty)), *rest)
    widened = replace(draft, outline=replace(draft.outline, parts=parts))
    assert checklist(widened, toy_paper(widened)).ways.open == 0


def test_the_json_holds_all_of_it(found) -> None:
    made = json.loads(json.dumps(found.to_json(), ensure_ascii=False))
    assert len(made["numbers"]) == len(found.numbers)
    assert made["tasks"][3]["missing"] == ["完成时限", "目标"]
    assert made["steps"] == {"phrased": 6, "composed": 2, "by_hand": 1, "open": 0}


def test_many_rows_that_the_text_leaves_out_are_one_line() -> None:
    draft = toy_draft()
    row = draft.given.indicators[1]
    many = tuple(replace(row, name=f"指标{n}", at=f"指标!第{n}行") for n in range(4, 14))
    whole = replace(draft, given=replace(draft.given, indicators=(*draft.given.indicators, *many)))
    (told,) = (m for m in checklist(whole, toy_paper(draft)).missing if "没有写入文稿" in m.what)
    assert told.where == "指标!第3行等11行" and told.what.startswith("“巡诊”“指标4”")
