"""Summaries of one report: cuts that stay true, all problems and next steps at every length, sources."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.errors import EngineFailed
from corpus.ledger import rows_of
from corpus.parse import parse
from corpus.readers import read
from corpus.report import RawDocument, Report, SectionKind
from corpus.samples import SAMPLES
from corpus.sentences import sentences
from service.cited import Sentence
from service.models.chat import FakeChat
from service.papers.derivation import as_written
from service.papers.document import Document, Heading, Paragraph, Table
from service.papers.provenance import checked
from service.points.points import points
from service.summary.cutting import CLOSERS, OPENERS, cut, split, tidy
from service.summary.items import DAMAGED
from service.summary.ranking import MOST_ALIKE, Ranking, alike, choose
from service.summary.summary import Length, Model, assembled, parts, summarise
from service.terms import grams

TRUTH: dict[str, Any] = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
TABLE = Aliases.load(None)


def card_of(report: Report) -> Card:
    data = report.metadata
    place, period = (field.value if field else None for field in (data.place, data.period))
    return Card(
        report.id, data.title, place, data.year_number, period, data.genre, None, None, None,
        report.source_name, report.source_sha256, report.ordinal, len(report.text),
        0, 0, 0, 0, 0, (), "", (), (),
    )  # fmt: skip


def report_of(text: str) -> Report:
    whole = f"雾岭县卫生健康局2022年工作总结\n{text}\n"
    data = whole.encode()
    return parse(RawDocument("a.txt", hashlib.sha256(data).hexdigest(), len(data), "txt", whole))[0]


def summary(report: Report, length: Length = Length.SHORT, model: Model | None = None) -> Document:
    document = summarise(report, card_of(report), rows_of(report, TABLE), model, length)
    checked(document, lambda _: report)
    return document


def told(document: Document) -> dict[str, list[Sentence]]:
    """The sentences under each heading."""
    found: dict[str, list[Sentence]] = {}
    for block in document.blocks:
        if isinstance(block, Heading):
            here = found.setdefault(block.text, [])
        elif isinstance(block, Paragraph):
            here.extend(block.sentences)
    return found


@cache
def samples() -> dict[tuple[str, int], Report]:
    files = sorted({document["file"] for document in TRUTH["documents"]})
    return {(file, r.ordinal): r for file in files for r in parse(read(SAMPLES / file))}


REVIEW = """
2022年，全县卫生健康系统围绕年度目标，扎实推进各项工作。
一、工作成效
（一）基本公共卫生服务扎实开展。全县家庭医生签约率为72.1%，比上年提高3.4个百分点。全年老年人健康体检21340人。
（二）医疗服务能力持续提升。县人民医院聘请省城专家4名，全年门诊量31.2万人次，比上年增长8.3%。急救体系共投入**万元。
二、存在问题
（一）医疗设备陈旧。19所乡镇卫生院中，有11所没有数字化影像设备，检查要到县城。
（二）乡村医生收入偏低。由于补助标准六年没有调整，部分村医外出务工。建议：提高补助标准。
三、下一步打算
1.加快妇幼保健院建设，2023年9月底前投入使用。
2.为19所乡镇卫生院配齐数字化影像设备。
"""


# -- cuts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "most", "shorter"),
    [
        ("全县新建村卫生室23所，改造卫生院4所，投入资金560万元。", 20, "全县新建村卫生室23所，改造卫生院4所"),
        ("为了方便群众看病，县医院开设夜间门诊，周末不停诊。", 16, "县医院开设夜间门诊，周末不停诊"),
        ("在县委的领导下，全县组建团队86个，签约居民19万人。", 12, "全县组建团队86个"),
        ("签约率达到90%，但服务质量不高，群众意见较多。", 12, "签约率达到90%，但服务质量不高"),
        ("虽然招了38人，但辞职19人，缺口没有补上。", 10, "虽然招了38人，但辞职19人"),
        ("由于标准没有调整，部分村医外出务工，网底不牢。", 10, "由于标准没有调整，部分村医外出务工，网底不牢"),
        ("影像中心已经封顶，预计明年5月投用，设床位90张。", 10, "影像中心已经封顶，预计明年5月投用，设床位90张"),
        ("筛查8600人（其中宫颈癌5100人，乳腺癌3500人），覆盖12个乡镇。", 12, "筛查8600人（其中宫颈癌5100人，乳腺癌3500人）"),
        ("罚款1,860,000元，立案17起，移送2起，均已结案。", 18, "罚款1,860,000元，立案17起"),
        ("按照上级工作要求，全县设采样点651个，每天服务千人。", 14, "全县设采样点651个"),
        ("存在三个短板：一是缺人，二是缺钱，三是缺设备。", 12, "存在三个短板：一是缺人，二是缺钱，三是缺设备"),
    ],
)  # fmt: skip
def test_a_cut_leaves_what_stands_alone(sentence: str, most: int, shorter: str) -> None:
    assert cut(sentence, most) == shorter


def test_a_core_is_kept_at_any_length() -> None:
    sentence = "受疫情影响，三月份大部分时间静态管理，人员支援一线，门诊量下降四成，收入减少。"
    assert "下降四成" in cut(sentence, 10, re.compile("下降"))
    assert "下降四成" not in cut(sentence, 20)


def balanced(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in zip(OPENERS, CLOSERS, strict=True))


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 10**6), st.integers(8, 120))
def test_a_cut_is_a_whole_stretch_of_its_sentence(pick: int, most: int) -> None:
    reports = list(samples().values())
    report = reports[pick % len(reports)]
    spans = sentences(report.text)
    text = spans[pick % len(spans)].of(report.text)
    shorter, line = cut(text, most), tidy(text)
    assert shorter and shorter in line
    ended = line.split(shorter, 1)[1][:1]
    assert not ended or not ended.isalnum()
    if balanced(line):
        assert balanced(shorter)
    assert "".join(split(line)) == line


# -- weights ----------------------------------------------------------------------------------------


def test_figures_weigh_more_than_slogans() -> None:
    report = report_of(
        "一、工作成效\n坚持以会议精神为指导，全面贯彻各项部署，深入开展卫生健康工作。\n全县家庭医生签约率为72.1%，签约居民19万人。"
    )
    slogan, figure = (s for s in Ranking(report).sentences if s.text.endswith("。"))
    assert figure.weight > slogan.weight + 0.5


def test_chosen_sentences_do_not_repeat_each_other() -> None:
    again = "全县家庭医生签约率为72.1%，签约居民19万人。"
    report = report_of(f"一、工作成效\n{again}\n全县新建村卫生室23所，改造乡镇卫生院4所。\n{again}")
    chosen = choose(Ranking(report).sentences, 3)
    assert [s.text for s in chosen].count(again) == 1
    sets = [grams(s.text) for s in chosen]
    assert all(alike(a, b) <= MOST_ALIKE for i, a in enumerate(sets) for b in sets[:i])


# -- the whole --------------------------------------------------------------------------------------


def test_a_summary_has_its_sections_in_order_and_leads_to_its_sources() -> None:
    report = report_of(REVIEW)
    document = summary(report)
    headings = [b.text for b in document.blocks if isinstance(b, Heading)]
    assert headings == ["概述", "主要指标", "工作成效", "存在问题", "下一步打算"]
    assert document.kind == "summary" and not document.partial
    for citation in document.sources:
        assert report.text[citation.start : citation.end] == citation.quote
    problems = told(document)["存在问题"]
    assert problems[0].text == "医疗设备陈旧：19所乡镇卫生院中，有11所没有数字化影像设备，检查要到县城"
    assert problems[1].text == "乡村医生收入偏低：由于补助标准六年没有调整，部分村医外出务工"
    assert "建议：提高补助标准" in told(summary(report, Length.LONG))["存在问题"][1].text


def test_the_key_figures_are_rows_of_the_ledger() -> None:
    (table,) = (b for b in summary(report_of(REVIEW)).blocks if isinstance(b, Table))
    assert table.header == ("指标", "数值", "时段", "类型")
    shown = [tuple(cell.text for cell in row) for row in table.rows]
    assert ("家庭医生签约率", "72.1%", "2022年", "实际") in shown
    assert ("家庭医生签约率", "3.4个百分点", "2022年", "增减") in shown
    assert all(row[0].citations and row[1].citations for row in table.rows)
    assert [n.text for n in table.notes] == ["原文另有被遮盖或书写有误的数字，未列入本表"]
    assert not any("*" in row[1].text for row in table.rows)


def test_a_cell_of_a_table_is_written_with_the_scale_and_unit_of_its_column() -> None:
    report = next(
        r for r in samples().values() if "岚川市" in r.metadata.title and r.source_name.endswith("docx")
    )
    found = {row.text: as_written(row) for row in rows_of(report, TABLE)}
    assert found["8.92"] == "8.92万人"  # under the head 单位：万人


def test_a_problem_says_what_is_wrong_even_when_its_first_sentence_does_not() -> None:
    report = report_of(
        "一、存在问题\n（一）医疗服务方面。三月份全县实行静态管理，人员投入一线。当前门诊人员严重不足，群众要排队两小时。\n"
        "（二）设备陈旧。心电图机用了十五年。"
    )
    first, second = told(summary(report))["存在问题"]
    assert "人员严重不足" in first.text and second.text == "设备陈旧：心电图机用了十五年"


@pytest.mark.parametrize("length", list(Length))
@pytest.mark.parametrize(("field", "heading"), [("problems", "存在问题"), ("next_steps", "下一步打算")])
def test_every_problem_and_next_step_of_the_truth_is_there_at_every_length(
    length: Length, field: str, heading: str
) -> None:
    for document in TRUTH["documents"]:
        report = samples()[(document["file"], document["piece"])]
        shown = [re.sub(r"\W", "", s.text) for s in told(summary(report, length)).get(heading, [])]
        for title in document[field]:
            assert any(re.sub(r"\W", "", title) in text for text in shown), (document["file"], title)


def test_a_shorter_summary_cuts_the_items_and_not_the_list() -> None:
    report = samples()[("铜埠县卫生健康局2024年工作总结.pdf", 1)]
    found = points(report, card_of(report), SectionKind.PROBLEMS)
    sizes = []
    for length in Length:
        items = told(summary(report, length))["存在问题"]
        assert len(items) == len(found)
        sizes.append(sum(len(item.text) for item in items))
    assert sizes == sorted(sizes) and sizes[0] < sizes[2]


def test_every_sentence_but_what_is_stated_has_a_citation() -> None:
    for report in samples().values():
        for sentence in summary(report, Length.STANDARD).sentences:
            assert sentence.citations or sentence.status == "stated"


def test_parts_come_one_by_one() -> None:
    report = report_of(REVIEW)
    first = next(parts(report, card_of(report), rows_of(report, TABLE), None))
    assert first.blocks[0] == Heading("概述")
    made = list(parts(report, card_of(report), rows_of(report, TABLE), None))
    for count in range(1, len(made) + 1):
        checked(assembled(card_of(report), made[:count]), lambda _: report)


# -- the model --------------------------------------------------------------------------------------


def overview_of(report: Report) -> list[str]:
    return [s.text for s in told(summary(report))["概述"]]


def test_the_model_joins_the_overview() -> None:
    report = report_of(REVIEW)
    text = "；".join(overview_of(report)) + "。"
    document = summary(report, model=lambda: FakeChat([text]))
    lead, *rest = told(document)["概述"]
    assert "主要情况如下" in lead.text and [s.status for s in rest] == ["phrased"]
    assert document.signature.startswith("summary@1#") and not document.gaps


def test_a_model_that_does_not_start_leaves_the_source_and_the_summary_says_so() -> None:
    def broken() -> FakeChat:
        raise EngineFailed("本机模型服务启动失败", remedy="请重试")

    document = summary(report_of(REVIEW), model=broken)
    assert {s.status for s in told(document)["概述"][1:]} == {"quoted"}
    assert document.partial and "本机模型服务启动失败" in document.gaps[0]


def test_a_model_that_fails_in_the_middle_does_too() -> None:
    document = summary(report_of(REVIEW), model=lambda: FakeChat([EngineFailed("本机模型服务中途退出")]))
    assert told(document)["存在问题"]
    assert document.gaps == ("语言模型没有作答（本机模型服务中途退出），概述为原文摘录",)


def test_a_model_that_writes_other_figures_is_not_believed() -> None:
    document = summary(report_of(REVIEW), model=lambda: FakeChat(["全县家庭医生签约率为99.9%，位居第一。"]))
    assert "99.9" not in str(document.to_json())
    assert {s.status for s in told(document)["概述"][1:]} == {"quoted"}


# -- reports that lack something ----------------------------------------------------------------------


def test_what_a_report_does_not_say_is_said() -> None:
    document = summary(report_of("一、工作成效\n全县组建了家庭医生团队，按季度上门随访，群众反映良好。"))
    sections = told(document)
    assert sections["存在问题"][0].text == "原文没有写存在的问题"
    assert sections["下一步打算"][0].text == "原文没有写下一步打算"
    assert sections["主要指标"][0].text == "原文没有可以引用的数字"


def test_a_report_of_a_title_only_is_no_crash() -> None:
    document = summary(report_of("（略）"))
    assert "没有" in told(document)["概述"][0].text


def test_damaged_text_is_said_to_be_damaged() -> None:
    report = report_of(
        "一、存在问题\n（一）人手不足。全县缺□□□�锟斤拷锟斤拷医生，三个乡没有全科医生。\n（二）设备陈旧。心电图机用了十五年。"
    )
    if not report.damages:
        pytest.fail("the text must count as damaged")
    sections = told(summary(report))
    assert sections["存在问题"][0].text.endswith(DAMAGED)
    assert not sections["存在问题"][1].text.endswith(DAMAGED)
    assert sections["原文损坏情况"][0].citations


@pytest.mark.real
@pytest.mark.parametrize("length", list(Length))
def test_summaries_of_the_real_reports_pass_the_gate(real_reports: Path, length: Length) -> None:
    files = (*sorted(real_reports.glob("*.txt")), *sorted((real_reports / "gwr").glob("*.txt"))[:3])
    for path in files:
        for report in parse(read(path)):
            sections = told(summary(report, length))
            for kind, heading in ((SectionKind.PROBLEMS, "存在问题"), (SectionKind.NEXT_STEPS, "下一步打算")):
                bodies = {re.sub(r"\W", "", p.body) for p in points(report, card_of(report), kind)}
                stated = [s for s in sections[heading] if s.status == "quoted"]
                assert len(stated) == len(bodies)


@pytest.mark.model
def test_the_embedded_model_joins_the_overview_or_leaves_it() -> None:
    from service.models.chat import open_chat
    from service.settings import load

    report = report_of(REVIEW)
    with open_chat(load()) as chat:
        document = summary(report, model=lambda: chat)
    assert not document.gaps
    facts = "".join(overview_of(report))
    joined = "".join(s.text for s in told(document)["概述"])
    assert sorted(re.findall(r"[\d.]+", joined)) == sorted(re.findall(r"[\d.]+", facts))
