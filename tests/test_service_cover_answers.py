"""Which items a plan answers: fictional pairs, figure against figure, and the labelled pairs in tests/data/cover."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from corpus.aliases import Aliases
from corpus.errors import InputError
from corpus.parse import parse
from corpus.readers import read
from corpus.report import RawDocument
from corpus.samples import SAMPLES
from service.cited import Citation
from service.cover.answers import Finding, Verdict, findings
from service.cover.cover import BEYOND, FOR_OTHERS, SUMMED, cover
from service.cover.items import items
from service.cover.planned import planned
from service.cover.sides import as_plan, only
from service.draft.inputs import Amount, Basic, DraftInput, Indicator, Kind, Problem, Task
from service.papers.document import Cell, Document, Heading, Table
from service.papers.provenance import checked
from service.proof.text import Text
from service.pursuit.pursuit import Side
from service.terms import grams

ALIASES = Aliases.load(None)
DATA = Path(__file__).parent / "data" / "cover"
TASK = "推进健康促进。居民健康素养水平提高到28%以上。"
OTHER = "（一）用好食堂。职工食堂集中供餐。"


def alike(one: Sequence[str], other: Sequence[str]) -> NDArray[np.float32]:
    """A model for which texts are as near as the pairs of characters that they share: 0.88 for none, 1 for all."""

    def near(a: str, b: str) -> float:
        x, y = grams(a), grams(b)
        return 0.88 + 0.12 * len(x & y) / (len(x | y) or 1)

    return np.array([[near(a, b) for b in other] for a in one], np.float32).reshape(len(one), len(other))


def side(text: str, name: str = "甲.txt") -> Side:
    data = text.encode()
    raw = RawDocument(name, hashlib.sha256(data).hexdigest(), len(data), "txt", text)
    return _side_of(Text(parse(raw)[0], ALIASES))


def _side_of(text: Text) -> Side:
    return Side(text.report, text.card, text.rows)


def above(*tasks: str) -> Side:
    listed = "\n".join(f"{n}.{task}" for n, task in enumerate((*tasks, "办好信访。答复率达到98%。"), 1))
    return side(f"澄河市2023年卫生健康工作要点\n\n一、重点任务\n{listed}\n")


def plan(*tasks: str) -> Side:
    listed = "\n".join((*tasks, OTHER))
    return side(f"栗坪县卫生健康局2023年工作计划\n\n一、重点任务\n{listed}\n")


def found(task: str, *own: str) -> Finding:
    superior, draft = above(task), plan(*own)
    return findings(items(superior, "栗坪县"), planned(draft), alike, ALIASES)[0]


CASES = [
    (TASK, "（一）健康促进。居民健康素养水平提高到30%。", Verdict.COVERED),
    (TASK, "（一）健康促进。居民健康素养水平提高到28%。", Verdict.COVERED),
    (TASK, "（一）健康促进。居民健康素养水平提高到27%。", Verdict.PARTLY),
    (TASK, "（一）健康促进。开展居民健康素养监测。", Verdict.PARTLY),
    (TASK, "（一）档案管理。居民健康档案达到28万份。", Verdict.MISSING),
    (TASK, "（一）修缮房屋。改造业务用房3处。", Verdict.MISSING),
    (
        "保障母婴安全。孕产妇死亡率控制在10/10万以内。",
        "（一）母婴安全。孕产妇死亡率控制在9/10万以内。",
        Verdict.COVERED,
    ),
    (
        "保障母婴安全。孕产妇死亡率控制在10/10万以内。",
        "（一）母婴安全。孕产妇死亡率控制在12/10万以内。",
        Verdict.PARTLY,
    ),
    (
        "建设胸痛中心。县级医院全部建成胸痛、卒中、创伤三个中心。",
        "（一）建设胸痛中心。县级医院建成胸痛、卒中两个中心。",
        Verdict.PARTLY,
    ),
    (
        "建设胸痛中心。县级医院全部建成胸痛、卒中、创伤三个中心。",
        "（一）建设胸痛中心。县级医院建成胸痛、卒中、创伤中心。",
        Verdict.COVERED,
    ),
    (
        "实施定向培养。全市定向委培医学生150名。",
        "（一）定向培养。定向委培医学生22名。",
        Verdict.COVERED,  # its part of a sum
    ),
    (
        "推广公办托育。公办托育中心每县至少1所。",
        "（一）公办托育。建设一所公办托育中心，托位120个。",
        Verdict.COVERED,
    ),
]


@pytest.mark.parametrize(("task", "own", "verdict"), CASES)
def test_verdicts(task: str, own: str, verdict: Verdict) -> None:
    finding = found(task, own)
    assert finding.verdict is verdict, finding
    assert bool(finding.told) == (verdict is not Verdict.MISSING)


def test_a_figure_below_what_is_asked_is_computed() -> None:
    (compared,) = found(TASK, "（一）健康促进。居民健康素养水平提高到26.5%。").compared
    assert not compared.met and compared.gap is not None
    assert (compared.gap.text, compared.gap.value) == ("1.5个百分点", Decimal("-1.5"))


def test_a_figure_of_another_unit_or_indicator_is_none() -> None:
    finding = found("推广公办托育。公办托育中心每县至少2所。", "（一）公办托育。公办托育中心托位120个。")
    assert not finding.compared and [d.row.text for d in finding.unset] == ["2所"]
    assert not found(TASK, "（一）健康促进。学生健康知识知晓率达到95%。").compared


def test_what_is_asked_of_another_county_is_not_held_against_this_one() -> None:
    task = "分县施策。支持白崖县空白村压减到5个以内，栗坪县空白村压减到9个以内。"
    finding = found(task, "（一）消除空白村。空白村压减到8个以内。")
    assert [(c.target.text, c.actual.text, c.met) for c in finding.compared] == [("9个", "8个", True)]
    assert finding.verdict is Verdict.COVERED


def test_what_was_done_is_no_plan() -> None:
    draft = side(
        "栗坪县卫生健康局2022年工作总结\n\n一、工作完成情况\n（一）健康促进。居民健康素养水平提高到30%。\n"
        "（二）健康教育。举办讲座60场。\n\n二、下一步打算\n（一）用好食堂。职工食堂集中供餐。\n（二）修缮房屋。改造用房3处。\n"
    )
    assert [told.text for told in planned(draft).tellings if "健康促进" in told.text] == []
    assert (
        findings(items(above(TASK), "栗坪县"), planned(draft), alike, ALIASES)[0].verdict is Verdict.MISSING
    )


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 99), st.integers(1, 99))
def test_covered_is_at_least_what_is_asked(asked: int, own: int) -> None:
    finding = found(
        f"推进健康促进。居民健康素养水平提高到{asked}%以上。",
        f"（一）健康促进。居民健康素养水平提高到{own}%。",
    )
    assert (finding.verdict is Verdict.COVERED) == (own >= asked)


# -- the labelled pairs -----------------------------------------------------------------------------


@cache
def judged(superior: str, draft: str) -> dict[str, Finding]:
    sides = [_side_of(Text(parse(read(DATA / name))[0], ALIASES)) for name in (superior, draft)]
    made = findings(items(sides[0], sides[1].card.place), planned(sides[1]), alike, ALIASES)
    return {finding.item.title: finding for finding in made}


PAIR = ("澄河市2023年卫生健康工作要点.txt", "栗坪县卫生健康局2023年工作计划.txt")


@pytest.mark.parametrize(
    ("title", "verdict"),
    [
        ("提高慢性病管理质量", Verdict.COVERED),
        ("规范预防接种服务", Verdict.COVERED),
        ("支持栗坪县建设区域透析中心", Verdict.COVERED),
        ("发展普惠托育", Verdict.COVERED),
        ("加强精神卫生服务", Verdict.PARTLY),
        ("推进县级医院提标扩能", Verdict.PARTLY),
        ("落实乡村医生待遇", Verdict.PARTLY),
        ("强化职业病防治", Verdict.MISSING),
        ("推进市第二人民医院创建三级甲等医院", Verdict.MISSING),
        ("严格医疗废物管理", Verdict.MISSING),
        ("办好群众信访", Verdict.MISSING),
    ],
)
def test_a_whole_plan(title: str, verdict: Verdict) -> None:
    finding = judged(*PAIR)[title]
    assert finding.verdict is verdict, finding


def test_nothing_of_another_place_is_called_covered() -> None:
    found = judged("澜沙市2024年卫生健康工作要点.txt", "栗坪县卫生健康局2023年工作计划.txt").values()
    assert [f.item.title for f in found if f.verdict is Verdict.COVERED] == []
    assert sum(f.verdict is Verdict.MISSING for f in found) >= 14


# -- the document -----------------------------------------------------------------------------------


def tables(document: Document) -> dict[str, Table]:
    return {block.caption: block for block in document.blocks if isinstance(block, Table)}


def cells(row: Sequence[Cell]) -> list[str]:
    return [cell.text for cell in row]


def test_the_document_holds_counts_both_passages_and_what_is_lacking() -> None:
    superior, draft = (_side_of(Text(parse(read(DATA / name))[0], ALIASES)) for name in PAIR)
    made = cover(draft, superior, alike, ALIASES)
    texts = {side.report.id: side.report for side in (superior, draft)}
    checked(made, lambda name: texts[name])  # each figure leads to its source
    said = "".join(sentence.text for sentence in made.sentences)
    assert made.kind == "cover" and "共26项" in said
    shown = tables(made)
    parts = [len(shown[name].rows) for name in ("没有提及", "部分覆盖", "已覆盖")]
    assert sum(parts) == 26 and f"已覆盖{parts[2]}项，部分覆盖{parts[1]}项，未提及{parts[0]}项" in said
    row = next(row for row in shown["部分覆盖"].rows if row[0].text == "7.推进县级医院提标扩能")
    assert "三四级手术占比：要求45%，稿子42%，低3个百分点，没有达到要求" in row[3].text
    assert "没有写到：创伤" in row[3].text
    assert {c.report_id for cell in row for c in cell.sources} == set(texts)
    assert "县人民医院建成胸痛中心" in row[2].text and "胸痛、卒中、创伤" in row[1].text
    missing = shown["没有提及"].rows
    assert cells(missing[-1])[::2] == ["13.推进市第二人民医院创建三级甲等医院", FOR_OTHERS]
    assert made.blocks[-2] == Heading(BEYOND)
    assert {"建设智慧后勤平台", "关心一线职工"} <= {row[0].text for row in shown["没有对应要点的安排"].rows}


def test_a_sum_over_the_whole_region_is_not_computed() -> None:
    superior, draft = (
        above("实施定向培养。全市定向委培医学生150名。"),
        plan("（一）定向培养。定向委培医学生22名。"),
    )
    (row,) = tables(cover(draft, superior, alike, ALIASES))["已覆盖"].rows
    assert SUMMED in row[3].text and not row[3].derived


def test_the_closest_plan_is_named_where_none_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.cover.answers.LIKELY", -50.0)
    made = cover(plan(), above(TASK), alike, ALIASES)
    row = tables(made)["没有提及"].rows[0]
    assert "请核定最接近的安排：用好食堂" in row[2].text and row[2].citations


@pytest.mark.parametrize(
    "above_name", ["岚川市2022年卫生健康工作要点.html", "岚川市2023年卫生健康工作要点.txt"]
)
@pytest.mark.parametrize("likely", [0.5, -50.0])
def test_each_figure_leads_to_its_source(
    above_name: str, likely: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.cover.answers.LIKELY", likely)
    (superior,) = parse(read(SAMPLES / above_name))
    drafts = [
        report
        for name in ("铜埠县卫生健康局2024年工作计划.txt", "卫生健康局工作总结（合集3篇）.txt")
        for report in parse(read(SAMPLES / name))
    ]
    assert len(drafts) == 4
    for draft in drafts:
        texts = {report.id: report for report in (superior, draft)}
        made = cover(_side_of(Text(draft, ALIASES)), _side_of(Text(superior, ALIASES)), alike, ALIASES)
        checked(made, lambda name, texts=texts: texts[name])  # type: ignore[misc]


def test_other_years_are_told() -> None:
    later = side(
        "澄河市2024年卫生健康工作要点\n\n一、重点任务\n1.办好信访。答复率达到98%。\n2.培训村医。办班。\n"
    )
    made = cover(plan(), later, alike, ALIASES)
    assert made.partial and "年份不同" in made.gaps[0]


# -- an input table as a plan -----------------------------------------------------------------------


def table(*tasks: Task) -> DraftInput:
    def amount(text: str) -> Amount:
        return Amount(Decimal(text), text)

    return DraftInput(
        Basic("栗坪县卫生健康局", "栗坪县", 2023, Kind.PLAN, at="基本信息"),
        (
            Indicator("居民健康素养水平", "%", amount("31"), amount("30"), amount("27"), at="指标!第2行"),
            Indicator("来信来访答复率", "%", None, amount("99"), None, at="指标!第3行"),
        ),
        (Problem("问题1", "透析机不足", "每周排队41人", "设备老化", at="问题!第2行"),),
        tasks,
        "表.xlsx",
    )


def test_an_input_table_is_a_plan_of_its_targets_and_tasks() -> None:
    task = Task("任务1", "建设透析中心", ("问题1",), "购置透析机24台", "医政股", "9月底前", at="任务!第2行")
    report = as_plan(table(task))
    draft = _side_of(Text(report, ALIASES))
    assert (draft.card.place, draft.card.year) == ("栗坪县", 2023)
    superior = above(TASK, "建设透析中心。每个县区配置透析机不少于20台。")
    one, two, three = findings(items(superior, "栗坪县"), planned(draft), alike, ALIASES)
    assert one.verdict is Verdict.PARTLY  # 27 is the target; 30 was last year's value
    assert [c.actual.text for c in one.compared] == ["27%"]
    assert two.verdict is Verdict.COVERED
    assert three.verdict is Verdict.MISSING  # last year's answers are no plan
    sources: set[Citation] = {told.citation for told in two.told}
    assert {source.path[0] for source in sources} == {"任务"}


# -- what cannot be compared ------------------------------------------------------------------------


def test_what_cannot_be_compared_is_told() -> None:
    draft, superior = plan("（一）健康促进。办讲座12场。"), above(TASK)
    with pytest.raises(InputError, match=r"不能与它自己对照.*--against"):
        cover(superior, superior, alike, ALIASES)
    copy = replace(superior, report=replace(superior.report, id="0123456789ab"))
    with pytest.raises(InputError, match="不能与它自己对照"):
        cover(copy, superior, alike, ALIASES)
    news = side("栗坪县义诊侧记\n\n周六上午，志愿者在广场为居民量血压，现场气氛热烈。\n")
    with pytest.raises(InputError, match=r"没有找到工作要点.*--against"):
        cover(draft, news, alike, ALIASES)
    review = side(
        "栗坪县卫生健康局2022年工作总结\n\n一、工作完成情况\n（一）健康教育。办讲座60场。\n（二）急救。设站2个。\n"
    )
    with pytest.raises(InputError, match=r"没有找到打算或任务.*下一步打算"):
        cover(review, superior, alike, ALIASES)
    with pytest.raises(InputError, match=r"文件里有2份报告.*ingest"):
        only((draft.report, superior.report), "合集.txt")


def test_the_document_as_json_is_plain() -> None:
    made = cover(plan("（一）健康促进。居民健康素养水平提高到30%。"), above(TASK), alike, ALIASES)
    assert json.loads(json.dumps(made.to_json(), ensure_ascii=False))["kind"] == "cover"
