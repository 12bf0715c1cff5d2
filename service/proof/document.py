"""A proofreading as a document, in the form of an audit: tables by severity, the sentences, what was looked at.

In: texts with their findings. Out: a :class:`~service.papers.document.Document`. A finding of substance has a row of its
own; matters of form (label forms, half-width marks) have one row a rule, and all their sentences below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.audit.document import HEADER, evidence
from service.cited import Citation, Derived, Sentence
from service.papers.derivation import count, recompute
from service.papers.document import Block, Cell, Document, Heading, Paragraph, Table
from service.papers.sourcing import Claim, Grounds, unsourced
from service.proof.proofing import Proof
from service.proof.rules import Finding, Group, Rule, Severity

CAPTIONS = {
    Severity.HIGH: "严重程度：高（请务必更正）",
    Severity.MEDIUM: "严重程度：中（很可能有误，请核对）",
    Severity.LOW: "严重程度：低（请顺手核对）",
}
_NAMED = 3  # findings of form that a row names
_CLEAN = "没有发现问题。"
_SCOPE = "校对的内容：" + "、".join(group.label for group in Group) + "。"
_LIMITS = "语言规则按字面检查，个别写法可能另有道理；数字的出处只在库和输入表中查找，请对照原始数据核定。"
_SEEN = "所指的数见原文"


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a table: a finding, or all findings of a matter of form."""

    rule: Rule
    findings: tuple[Finding, ...]

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(dict.fromkeys(c for one in self.findings for c in one.citations))

    @property
    def own(self) -> tuple[Citation, ...]:
        """The sentences of the text itself."""
        return tuple(dict.fromkeys(one.citations[0] for one in self.findings))

    @property
    def derived(self) -> tuple[Derived, ...]:
        """What was computed and can be computed again; the number of places for several findings."""
        if len(self.findings) > 1:
            places = count(self.own, "句")
            return (places,) if places else ()
        return tuple(derived for one in self.findings for derived in one.derived if recompute(derived))

    @property
    def message(self) -> str:
        """What is wrong; of several findings the first ones and how many sentences there are."""
        if len(self.findings) == 1:
            return self.findings[0].message
        named = "、".join(dict.fromkeys(one.message for one in self.findings[:_NAMED]))
        return f"{named}等，共{self.derived[0].text}" if self.derived else named

    @property
    def suggestion(self) -> str:
        """What to do; of several findings the advice of their rule."""
        told = {one.suggestion for one in self.findings}
        return (told.pop() if len(told) == 1 else "") or self.rule.about.advice


def as_document(proofs: Sequence[Proof]) -> Document:
    """The findings on one text, or on all texts of one file."""
    places = tuple(dict.fromkeys(p.value for one in proofs if (p := one.report.metadata.place)))
    years = tuple(sorted({y for one in proofs if (y := one.report.metadata.year_number)}))
    titles = [_title(one, frozenset(years)) for one in proofs]
    blocks: list[Block] = []
    for one, title in zip(proofs, titles, strict=True):
        if len(proofs) > 1:
            blocks.append(Heading(title))
        blocks += _blocks(one, 1 if len(proofs) == 1 else 2)
    blocks.append(Paragraph((_stated(_SCOPE), _stated(_LIMITS))))
    gaps = tuple(dict.fromkeys(gap for one in proofs for gap in one.gaps))
    head = f"{titles[0]}校对结果" if len(proofs) == 1 else "校对结果"
    return Document("audit", head, tuple(blocks), places, years, bool(gaps), gaps)


def _title(one: Proof, years: frozenset[int]) -> str:
    """The title of a text; without a source for one of its numerals, what kind of text it is."""
    told = one.report.metadata
    cited = tuple(dict.fromkeys(c for finding in one.findings for c in finding.citations))
    if not unsourced(Claim(told.title, cited), Grounds(years)):
        return told.title
    return f"{told.place.value if told.place else ''}{told.genre.label}"


def _blocks(one: Proof, level: int) -> Iterator[Block]:
    yield from _measured(one)
    if not one.findings:
        yield Paragraph((_stated(_CLEAN),))
        return
    yield Heading("发现的问题", level)
    rows = _rows(one.findings)
    for severity in Severity:
        found = [row for row in rows if row.findings[0].severity is severity]
        if found:
            yield Table(CAPTIONS[severity], HEADER, tuple(_cells(n, row) for n, row in enumerate(found, 1)))
    yield Heading("原文对照", level)
    for row in rows:
        yield from evidence(_sound(row), row.citations, row.derived)


def _measured(one: Proof) -> Iterator[Paragraph]:
    """What was counted, and how much of the text stands in other reports."""
    told: list[Sentence] = []
    for measured in one.counts:
        if one.recycled.measured is not measured:
            told.append(Sentence(f"{measured.report.text}。", (measured.cite(),), "quoted"))
    rate, counts = one.recycled.rate, one.recycled.measured
    if rate is not None and counts is not None:
        text = f"与其他报告相同的文字占全文的{rate.text}。"
        told.append(Sentence(text, (counts.cite(),), "computed", derived=(rate,)))
    if told:
        yield Paragraph(tuple(told))


def _rows(findings: Sequence[Finding]) -> tuple[_Row, ...]:
    """The rows in the order of the findings; matters of form together, where the first of them stands."""
    rows: list[_Row] = []
    done: set[tuple[Rule, Severity]] = set()
    for one in findings:
        group = (one.rule, one.severity)
        if not one.rule.about.form:
            rows.append(_Row(one.rule, (one,)))
        elif group not in done:
            done.add(group)
            rows.append(_Row(one.rule, tuple(f for f in findings if (f.rule, f.severity) == group)))
    return tuple(rows)


def _cells(number: int, row: _Row) -> tuple[Cell, ...]:
    formulas = "；".join(derived.formula for derived in row.derived if derived.formula)
    return (
        Cell(str(number)),
        Cell(_sound(row), row.citations, row.derived),
        Cell(formulas, derived=row.derived if formulas else ()),
        Cell(_advice(row), row.citations),
    )


def _sound(row: _Row) -> str:
    """Rule and message; a message with a numeral that leads nowhere gives way to the count, or to the quotations."""
    name, message = row.rule.about.name, row.message
    if unsourced(Claim(message, row.citations, row.derived, tabular=True), Grounds()):
        message = f"共{row.derived[0].text}" if len(row.findings) > 1 and row.derived else _SEEN
    return f"{name}：{message}"


def _advice(row: _Row) -> str:
    told = row.suggestion
    return row.rule.about.advice if unsourced(Claim(told, row.citations), Grounds()) else told


def _stated(text: str) -> Sentence:
    return Sentence(text, (), "stated")
