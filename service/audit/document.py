"""The audit as a document: tables by severity, the sentences side by side, what was checked.

In: reports with their findings. Out: a :class:`~service.papers.document.Document`. Every row quotes the source's
own figures and shows the formula that code computed; where nothing was found, the document says so and
names what was looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.report import Report
from service.audit.findings import LABELS, Finding, Severity
from service.cited import Citation, Derived, Sentence
from service.papers.derivation import recompute
from service.papers.document import Block, Cell, Document, Heading, Paragraph, Table
from service.papers.sourcing import Claim, Grounds, unsourced

HEADER = ("序号", "问题", "重算", "建议")
CAPTIONS = {
    Severity.HIGH: "严重程度：高（数值之间不符）",
    Severity.MEDIUM: "严重程度：中（很可能有误，或用词不当）",
    Severity.LOW: "严重程度：低（请顺手核对）",
}
_LABEL = re.compile(
    r"^(?:第?[一二三四五六七八九十]{1,3}(?:、|部分|[章节条])|[（(][一二三四五六七八九十0-9]{1,3}[）)]|[0-9]{1,2}[.．、]|[①-⑳])[ ]?"
)
_LONGEST = 320  # characters of a quotation
_NO_FIGURES = "没有读到数值，没有可以核对的内容。"
_CLEAN = "没有发现问题。"
_SCOPE = "核对的内容：" + "、".join(LABELS.values()) + "。"
_LIMITS = "只核对文中数值之间能够互相印证的部分；文中没有给出依据的数值，仍需对照原始数据。"


@dataclass(frozen=True, slots=True)
class Audited:
    """A report with its findings, and the report of the year before that it was held against."""

    report: Report
    findings: tuple[Finding, ...]
    earlier: Report | None = None


def as_document(audited: Sequence[Audited]) -> Document:
    """The findings on one report, or on all reports of one file."""
    places = tuple(dict.fromkeys(p.value for one in audited if (p := one.report.metadata.place)))
    years = {y for one in audited if (y := one.report.metadata.year_number)}
    years |= {y - 1 for one in audited if one.earlier and (y := one.report.metadata.year_number)}
    titles = [_title(one, frozenset(years)) for one in audited]
    blocks: list[Block] = []
    for one, title in zip(audited, titles, strict=True):
        if len(audited) > 1:
            blocks.append(Heading(title))
        blocks += _blocks(one, 1 if len(audited) == 1 else 2)
    blocks.append(Paragraph((_stated(_SCOPE), _stated(_LIMITS))))
    head = f"{titles[0]}核对结果" if len(audited) == 1 else "核对结果"
    return Document("audit", head, tuple(blocks), places, tuple(sorted(years)))


def _title(one: Audited, years: frozenset[int]) -> str:
    """The title of a report; without a source for one of its numerals, what kind of report it is."""
    told = one.report.metadata
    if not unsourced(Claim(told.title, _sources(one)), Grounds(years)):
        return told.title
    return f"{told.place.value if told.place else ''}{told.genre.label}"


def _sources(one: Audited) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(c for finding in one.findings for c in finding.citations))


def _blocks(one: Audited, level: int) -> Iterator[Block]:
    if not one.report.figures and not one.findings:
        yield Paragraph((_stated(_NO_FIGURES),))
        return
    if one.earlier is not None:
        yield Paragraph((_stated("上一年的数对照库中同一单位上一年的报告。"),))
    if not one.findings:
        yield Paragraph((_stated(_CLEAN),))
        return
    yield Heading("发现的问题", level)
    for severity in Severity:
        found = [f for f in one.findings if f.severity is severity]
        if found:
            yield Table(CAPTIONS[severity], HEADER, tuple(_row(n, f) for n, f in enumerate(found, 1)))
    yield Heading("原文对照", level)
    for finding in one.findings:
        yield from evidence(_message(finding), finding.citations, _recomputed(finding))


def _row(number: int, finding: Finding) -> tuple[Cell, ...]:
    derived = _recomputed(finding)
    formulas = "；".join(d.formula for d in derived if d.formula)
    return (
        Cell(str(number)),
        Cell(f"{finding.kind.label}：{_message(finding)}", finding.citations),
        Cell(formulas, derived=derived),
        Cell(finding.suggestion),
    )


def _recomputed(finding: Finding) -> tuple[Derived, ...]:
    return tuple(derived for derived in finding.derived if recompute(derived))


def _message(finding: Finding) -> str:
    """The message; one with a numeral that is put together from several places gives way to the quotations."""
    claim = Claim(finding.message, finding.citations, _recomputed(finding))
    return "所指的数见原文" if unsourced(claim, Grounds()) else finding.message


def evidence(message: str, citations: Sequence[Citation], derived: Sequence[Derived]) -> Iterator[Paragraph]:
    """The message, then each sentence in its own words with the headings that it stands under."""
    yield Paragraph((Sentence(f"{message}。", tuple(citations), "computed", derived=tuple(derived)),))
    titles = {citation.title for citation in citations}
    for citation in citations:
        named = (citation.title,) if len(titles) > 1 else ()
        where = " › ".join((*named, *(_LABEL.sub("", heading) for heading in citation.path)))
        text = f"{quoted(citation)}（{where or '正文'}）"
        if unsourced(Claim(text, (citation,)), Grounds()):
            text = quoted(citation)
        yield Paragraph((Sentence(text, (citation,), "quoted"),))


def quoted(citation: Citation) -> str:
    """A quotation without line breaks; a very long one ends at a mark."""
    text = " ".join(citation.quote.split())
    if len(text) <= _LONGEST:
        return text
    cut = max(text.rfind(mark, 0, _LONGEST) for mark in "，；。、;,")
    return f"{text[: cut if cut > 0 else _LONGEST]}……"


def _stated(text: str) -> Sentence:
    return Sentence(text, (), "stated")
