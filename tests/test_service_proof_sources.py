"""Figures with and without a source, claims, recycled sentences, and problems against tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from corpus.aliases import Aliases
from corpus.ledger import rows_of
from corpus.report import Report
from service.draft.inputs import Amount, Basic, DraftInput, Indicator, Kind, Problem, Task
from service.draft.source import as_source
from service.papers.derivation import recompute
from service.papers.provenance import checked
from service.proof import claims, linkage
from service.proof.document import as_document
from service.proof.figures import Tally
from service.proof.proofing import Against, Proof, proofread
from service.proof.recycled import Other, recycled
from service.proof.rules import Finding, Rule, Severity
from service.proof.sides import others
from service.proof.toy_text import report_of, text_of

ALIASES = Aliases.load(None)
WORK = "一、工作完成情况\n"


def against(*others: tuple[Report, bool], table: DraftInput | None = None) -> Against:
    reports = [report for report, _ in others]
    return Against(
        ALIASES,
        tuple(row for report in reports for row in rows_of(report, ALIASES)),
        tuple(Other(report, own) for report, own in others),
        None,
        table,
        as_source(table) if table else None,
    )


def proof(body: str, *others: tuple[Report, bool], table: DraftInput | None = None) -> Proof:
    return proofread(report_of(WORK + body), against(*others, table=table))


def of(rule: Rule, told: Proof) -> list[Finding]:
    return [finding for finding in told.findings if finding.rule is rule]


def table(*indicators: Indicator, problems: Sequence[Problem] = (), tasks: Sequence[Task] = ()) -> DraftInput:
    basic = Basic("沁溪县卫生健康局", "沁溪县", 2023, Kind.SUMMARY, at="基本信息")
    return DraftInput(basic, indicators, tuple(problems), tuple(tasks), "输入.yaml")


def amount(text: str) -> Amount:
    return Amount(Decimal(text), text)


RATE = Indicator("重点人群签约率", "%", amount("69.2"), amount("71.9"), amount("75"), at="指标!第2行")
LAST = report_of(WORK + "全县重点人群签约率达到69.2%，免费体检8.42万人。", year=2022)


# -- figures ----------------------------------------------------------------------------------------


def test_a_figure_of_the_input_or_of_the_library_has_a_source() -> None:
    told = proof("全县重点人群签约率达到71.9%。", table=table(RATE))
    assert told.tally == Tally(1, 1, 0) and not of(Rule.FIGURE_UNSOURCED, told)
    half = report_of(WORK + "全县重点人群签约率达到71.9%。", title="上半年工作总结")
    assert proof("全县重点人群签约率达到71.9%。", (half, True)).tally == Tally(1, 1, 0)


def test_a_figure_that_is_nowhere_is_named_with_its_sentence() -> None:
    (finding,) = of(Rule.FIGURE_UNSOURCED, proof("全年开展义诊46场，服务群众5318人次。", (LAST, True)))
    assert finding.message == "46场、5318人次" and finding.severity is Severity.LOW
    (graver,) = of(Rule.FIGURE_UNSOURCED, proof("全年开展义诊46场。", table=table(RATE)))
    assert graver.severity is Severity.MEDIUM


def test_the_figure_of_last_year_told_as_that_of_this_year_is_a_warning() -> None:
    told = proof("全县重点人群签约率达到69.2%。", (LAST, True))
    (finding,) = of(Rule.FIGURE_STALE, told)
    assert "2022年" in finding.message and finding.severity is Severity.MEDIUM
    mine, theirs = finding.citations
    assert mine.year == 2023 and theirs.year == 2022 and "69.2%" in theirs.quote


def test_last_years_figure_named_as_such_is_no_finding() -> None:
    told = proof("全县重点人群签约率由2022年的69.2%提高到2023年的74.3%。", (LAST, True))
    assert not of(Rule.FIGURE_STALE, told)


def test_the_figure_of_another_county_is_a_warning() -> None:
    other = report_of(WORK + "全县高血压患者规范管理率达到83.6%。", "栗坪县")
    (finding,) = of(Rule.FIGURE_BORROWED, proof("全县高血压患者规范管理率达到83.6%。", (other, False)))
    assert "栗坪县" in finding.message
    assert not of(Rule.FIGURE_BORROWED, proof("全县高血压患者规范管理率达到83.7%。", (other, False)))


def test_another_value_than_the_input_is_a_conflict_with_the_difference() -> None:
    (finding,) = of(Rule.FIGURE_CONFLICT, proof("全县重点人群签约率达到71.5%。", table=table(RATE)))
    assert finding.severity is Severity.HIGH
    (derived,) = finding.derived
    assert derived.value == Decimal("-0.4") and recompute(derived)


def test_a_target_told_as_reached_is_grave() -> None:
    (finding,) = of(Rule.TARGET_DONE, proof("全县重点人群签约率达到75%。", table=table(RATE)))
    assert finding.severity is Severity.HIGH
    assert not of(Rule.TARGET_DONE, proof("力争全县重点人群签约率达到75%。", table=table(RATE)))


@pytest.mark.parametrize(
    "body",
    [
        "慢病随访由150人次增加到210人次，增长40%。",
        "登记高血压患者4000人，规范管理3000人，占75%。",
        "免费体检老年人300人、儿童200人，合计500人。",
    ],
)
def test_a_figure_that_follows_from_others_needs_no_source(body: str) -> None:
    tally = proof(body).tally
    assert tally is not None and tally.computed >= 1, tally


def test_growth_over_last_years_report_is_recognised() -> None:
    told = proof("全县重点人群签约率达到71.5%，比上年提高2.3个百分点。", (LAST, True))
    assert told.tally is not None and told.tally.computed == 1
    wrong = proof("全县重点人群签约率达到71.5%，比上年提高3.9个百分点。", (LAST, True))
    assert wrong.tally is not None and wrong.tally.computed == 0


def test_a_rounded_figure_has_the_source_of_the_exact_one() -> None:
    exact = Indicator("免费体检", "人", this=amount("84213"), at="指标!第2行")
    assert proof("全年免费体检8.42万人。", table=table(exact)).tally == Tally(1, 1, 0)
    assert proof("全年免费体检8.52万人。", table=table(exact)).tally == Tally(1, 0, 0)


def test_what_a_plan_sets_itself_needs_a_source_only_beside_an_input() -> None:
    body = "二、下一步打算\n新建村卫生室17所。"
    assert not of(Rule.FIGURE_UNSOURCED, proof("完成改造。\n" + body))
    assert of(Rule.FIGURE_UNSOURCED, proof("完成改造。\n" + body, table=table(RATE)))


@settings(deadline=None, max_examples=40)
@given(st.integers(100, 99999))
def test_every_figure_of_the_input_is_found_and_no_other_one(value: int) -> None:
    row = Indicator("免费体检", "人", this=amount(str(value)), at="指标!第2行")
    assert proof(f"全年免费体检{value}人。", table=table(row)).tally == Tally(1, 1, 0)
    assert proof(f"全年免费体检{value + 1}人。", table=table(row)).tally == Tally(1, 0, 0)


# -- claims -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "claimed"),
    [
        ("签约服务质量居全市前列。", "居全市前列"),
        ("群众就医体验大幅提升。", "大幅提升"),
        ("各乡镇实现了远程会诊全覆盖。", "全覆盖"),
        ("在全省率先建成急救调度平台。", "率先"),
    ],
)
def test_a_claim_without_a_figure_or_a_source_is_named(body: str, claimed: str) -> None:
    (finding,) = claims.check(text_of(WORK + body))
    assert claimed in finding.message


@pytest.mark.parametrize(
    "body",
    [
        "签约服务被市卫健委评为第一，通报表扬，居全市前列。",
        "群众满意率大幅提升，由81.2%提高到93.4%。",
        "14个乡镇卫生院实现了远程会诊全覆盖。",
        "力争签约服务居全市前列。",
        "第一次会议在县医院召开，第一批医师到岗。",
    ],
)
def test_a_claim_with_a_figure_an_award_or_an_aim_is_none(body: str) -> None:
    assert not list(claims.check(text_of(WORK + body)))


def test_a_claim_that_a_source_makes_is_no_finding() -> None:
    body = "签约服务质量居全市前列。"
    assert not list(claims.check(text_of(WORK + body), ["据考核，签约服务质量居全市前列。"]))
    assert not list(claims.check(text_of("一、下一步打算\n" + body)))


# -- recycled ---------------------------------------------------------------------------------------

SENTENCE = "依托县急救中心搭建山区接力转运通道，夜间安排双班值守。"


def test_a_sentence_of_last_year_is_named_with_the_run_and_its_share() -> None:
    before = report_of(WORK + SENTENCE, year=2022)
    told = recycled(text_of(WORK + SENTENCE + "新增急救车两辆投入山区使用。"), [Other(before, True)])
    (finding,) = told.findings
    assert finding.rule is Rule.COPIED_OWN and finding.severity is Severity.MEDIUM
    assert SENTENCE.rstrip("。") in finding.message and "占全句的100%" in finding.message
    assert finding.citations[1].quote == SENTENCE and finding.citations[1].year == 2022
    assert told.rate is not None and recompute(told.rate) and 0 < told.rate.value < 100


def test_a_sentence_of_another_county_is_graver() -> None:
    other = report_of(WORK + SENTENCE, "栗坪县")
    (finding,) = recycled(text_of(WORK + SENTENCE), [Other(other, False)]).findings
    assert finding.rule is Rule.COPIED_OTHER and finding.severity is Severity.HIGH


def test_half_a_sentence_is_told_with_its_share() -> None:
    before = report_of(WORK + SENTENCE, year=2022)
    body = "依托县急救中心搭建山区接力转运通道，白天由各乡镇卫生院轮流出车。"
    (finding,) = recycled(text_of(WORK + body), [Other(before, True)]).findings
    assert finding.severity is Severity.LOW and "依托县急救中心搭建山区接力转运通道" in finding.message


@pytest.mark.parametrize(
    "body",
    [
        "印发《沁溪县山区急救接力转运工作实施方案》。",  # a title
        "各科室加强值守，按时上报。",  # nothing in common
        "新建乡镇卫生院和社区卫生服务中心。",  # standing names
    ],
)
def test_titles_names_and_own_words_are_not_recycled(body: str) -> None:
    before = report_of(
        WORK + "落实《沁溪县山区急救接力转运工作实施方案》要求，改造乡镇卫生院和社区卫生服务中心6所。",
        year=2022,
    )
    assert not recycled(text_of(WORK + body), [Other(before, True)]).findings


def test_what_the_input_says_may_be_repeated() -> None:
    before = report_of(WORK + SENTENCE, year=2022)
    text = text_of(WORK + SENTENCE)
    assert not recycled(text, [Other(before, True)], [SENTENCE]).findings


def test_only_earlier_reports_of_the_own_place_may_have_been_copied() -> None:
    mine, before, later = (report_of(SENTENCE, year=year) for year in (2023, 2022, 2024))
    copy, foreign = report_of(SENTENCE), report_of(SENTENCE, "栗坪县", 2024)
    chosen = others([later, before, copy, foreign, mine], mine, "沁溪县")
    assert [(o.report.id, o.own) for o in chosen] == [(before.id, True), (foreign.id, False)]


# -- problems and tasks -----------------------------------------------------------------------------


def similar(one: Sequence[str], other: Sequence[str]) -> NDArray[np.float32]:
    """0.97 for texts that share three characters in a row, 0.85 for others: as far apart as those of e5."""

    def cosine(a: str, b: str) -> float:
        return 0.97 if any(a[i : i + 3] in b for i in range(len(a) - 2)) else 0.85

    return np.array([[cosine(a, b) for b in other] for a in one], np.float32).reshape(len(one), len(other))


LINKED = (
    "一、工作完成情况\n完成改造。\n二、存在的问题\n（一）乡村医生断档。山上三个村没有医生。\n（二）急救半径偏大。北部没有站点。\n"
    "三、下一步打算\n（一）补充乡村医生。乡村医生定向培养后回村。\n（二）修缮宿舍楼。外墙全部翻新。\n"
)


def test_a_problem_without_a_task_and_a_task_without_a_problem_are_named() -> None:
    told = list(linkage.check(text_of(LINKED), similar))
    assert {(f.rule, f.message) for f in told} == {
        (Rule.PROBLEM_OPEN, "急救半径偏大"),
        (Rule.TASK_LOOSE, "修缮宿舍楼"),
    }


def test_a_problem_with_its_own_advice_is_answered() -> None:
    text = LINKED.replace("北部没有站点。", "北部没有站点。\n建议：在北部增设站点。")
    assert all(f.rule is not Rule.PROBLEM_OPEN for f in linkage.check(text_of(text), similar))


def test_with_an_input_the_keys_decide() -> None:
    problems = [
        Problem("问题1", "乡村医生断档", at="问题!第2行"),
        Problem("问题2", "急救半径偏大", at="问题!第3行"),
    ]
    tasks = [
        Task("任务1", "补充乡村医生", ("问题1",), at="任务!第2行"),
        Task("任务2", "修缮宿舍楼", (), at="任务!第3行"),
    ]
    given = table(problems=problems, tasks=tasks)
    told = proofread(report_of(LINKED), against(table=given)).findings
    assert [f.message for f in told if f.rule is Rule.PROBLEM_OPEN] == ["急救半径偏大"]
    assert [f.message for f in told if f.rule is Rule.TASK_LOOSE] == ["修缮宿舍楼"]
    (open_one,) = [f for f in told if f.rule is Rule.PROBLEM_OPEN]
    assert (
        open_one.citations[0].quote.startswith("（二）急救半径偏大")
        and open_one.citations[1].path[0] == "问题"
    )


def test_without_a_model_the_rest_is_checked_and_the_gap_is_told() -> None:
    told = proofread(report_of(LINKED), against())
    assert told.gaps and "请先获取模型" in told.gaps[0]
    document = as_document([told])
    assert document.partial and checked(document)
    with_model = replace(against(), likeness=lambda: similar)
    assert not proofread(report_of(LINKED), with_model).gaps


# -- the document -----------------------------------------------------------------------------------


def test_everything_found_passes_the_gate_and_leads_to_its_place() -> None:
    other = report_of(WORK + SENTENCE, "栗坪县")
    body = (
        f"{WORK}1、随访管理。\n{SENTENCE}全县重点人群签约率达到71.5%，比上年提高2.3%。17年底培训3百人,居全市前列。\n"
        "联系人手机13900139000。全年义诊46场。\n二、下一步打算\n已完成【待补：任务】。\n"
    )
    held = against((other, False), (LAST, True), table=table(RATE))
    told = proofread(report_of(body), held)
    assert held.source is not None
    texts = {
        r.id: r for r in (told.report, other, LAST, held.source.report, *(c.report for c in told.counts))
    }
    document = as_document([told])
    sound = checked(document, lambda name: texts[name])
    words = str(sound.document.to_json())
    assert "13900139000" not in words and "手机号已隐去" in words
    rules = {finding.rule for finding in told.findings}
    assert rules >= {
        Rule.FIGURE_CONFLICT, Rule.COPIED_OTHER, Rule.SHORT_YEAR, Rule.MIXED_NUMERAL, Rule.HALF_WIDTH, Rule.CLAIM,
        Rule.PERSONAL, Rule.PLACEHOLDER, Rule.FIGURE_UNSOURCED, Rule.LABEL_FORM,
    }  # fmt: skip
    order = [finding.severity.order for finding in told.findings]
    assert order == sorted(order)


def test_matters_of_form_share_one_row_and_keep_all_their_sentences() -> None:
    told = proofread(
        report_of(WORK + "培训3百人。义诊2千人。走访5百户。"), against(), frozenset({Rule.MIXED_NUMERAL})
    )
    assert len(told.findings) == 3
    document = as_document([told])
    rows = next(block for block in document.to_json()["blocks"] if block["type"] == "table")["rows"]
    assert len(rows) == 1 and "3句" in rows[0][1]["text"] and len(rows[0][1]["sources"]) == 3


def test_a_clean_text_is_said_to_be_clean() -> None:
    told = proofread(report_of(WORK + "各项工作按期完成。"), against())
    assert not told.findings
    assert "没有发现问题" in str(as_document([told]).to_json())


def test_only_the_chosen_rules_are_applied() -> None:
    told = proofread(report_of(WORK + "培训3百人，居全市前列。"), against(), frozenset({Rule.CLAIM}))
    assert [finding.rule for finding in told.findings] == [Rule.CLAIM] and told.tally is None
