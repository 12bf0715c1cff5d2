"""The gate in front of every way out: a document with a numeral that leads to no source does not pass.

In: a :class:`~service.papers.document.Document`. Out: a :class:`Checked` one, the only thing that the screen, the
Word file and JSON are made from; or :class:`~corpus.errors.Unsourced`, which names the numeral and its
sentence. What counts as a source is decided in :mod:`service.papers.sourcing`; here each part of a document
meets the citations that it may rest on:

- a sentence or note: its own citations and computed figures; what is told from a source has a citation; the user's own
  question ("asked") states nothing;
- a cell with citations or computed figures: these. A cell without is a label: its years and names must be
  told by the document, and its figures by the quotations of its row, if its whole column is one of labels;
  else it has none. In the first column it may also be the ordinal of its row;
- titles, headings, captions, column heads, categories: the quotations of the whole document;
- a value of a chart: the citations of its point, in the unit of the chart.

Computed figures are computed again from their operands. With ``open_report`` every citation is opened
and must be the exact text at its place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from corpus.aliases import shipped
from corpus.errors import NotFound, Unsourced
from corpus.numerals import numbers
from corpus.privacy import mask_plain
from corpus.report import Report, Span
from service.cited import Citation, Derived, Sentence
from service.papers.derivation import CORRECTED, recompute
from service.papers.document import Cell, Chart, Document, Heading, Paragraph, Series, Table, of_sentence
from service.papers.quoted import written
from service.papers.sourcing import Claim, Grounds, Key, Times, key_of, times_of, told, unsourced

OpenReport = Callable[[str], Report]

_REMEDY = "请对照原文核实后重新生成；若原报告的数字有误，先用 wenheng figures --set 更正"
_SEAL = object()


@dataclass(frozen=True, slots=True)
class Fault:
    """A numeral, or a computed figure or citation, without a source; ``where`` is the text it stands in."""

    numeral: str
    where: str
    why: str

    def __str__(self) -> str:
        return f"“{self.numeral}”{self.why}"


@dataclass(frozen=True, slots=True)
class Checked:
    """A document of which every numeral leads to a source; only :func:`checked` makes one."""

    document: Document
    seal: object

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise TypeError("only service.papers.provenance.checked makes a Checked")


def checked(
    document: Document, open_report: OpenReport | None = None, *, terms: Collection[str] = ()
) -> Checked:
    """The document, if every numeral in it leads to a source.

    Args:
        document: what is to be shown or written.
        open_report: a report by its id; with it every citation is opened at its place.
        terms: names of indicators of the user's own alias table; those of the shipped one are known.

    Raises:
        Unsourced: a numeral leads nowhere; the message names it and its sentence.
    """
    found = faults(document, open_report, terms=terms)
    if found:
        first, more = found[0], len(found) - 1
        where = mask_plain(" ".join(first.where.split()))
        raise Unsourced(
            f"{mask_plain(str(first))}{f'（另有{more}处）' if more else ''}，文稿没有输出",
            where=f"“{where[:60]}{'…' if len(where) > 60 else ''}”",
            remedy=_REMEDY,
        )
    return Checked(document, _SEAL)


def faults(
    document: Document, open_report: OpenReport | None = None, *, terms: Collection[str] = ()
) -> tuple[Fault, ...]:
    """All that lacks a source, in reading order; empty when the document may go out."""
    times, broken = _opened(document.sources, open_report) if open_report else ({}, [])
    names = frozenset(name for name in (*shipped().titles, *terms) if numbers(name))
    grounds = Grounds(frozenset(document.years), names, times, _corrected(document))
    whole = partial(_of_text, sources=document.sources, grounds=grounds)
    found = [*broken, *whole(document.title)]
    for block in document.blocks:
        if isinstance(block, Heading):
            found += whole(block.text)
        elif isinstance(block, Paragraph):
            for sentence in block.sentences:
                found += _of_sentence(sentence, grounds)
        elif isinstance(block, Table):
            found += _of_table(block, document.sources, grounds)
        else:
            found += _of_chart(block, document.sources, grounds)
    for gap in document.gaps:
        found += whole(gap, free=True)
    return tuple(found)


# -- citations --------------------------------------------------------------------------------------


def _opened(
    citations: Iterable[Citation], open_report: OpenReport
) -> tuple[dict[Citation, Times], list[Fault]]:
    """What each citation tells of time beyond its quotation, and the citations that do not open."""
    times: dict[Citation, Times] = {}
    broken: list[Fault] = []
    for citation in citations:
        try:
            report = open_report(citation.report_id)
        except NotFound:
            broken.append(Fault(citation.quote[:20], citation.title, "所在的报告已不在库中"))
            continue
        if report.text[citation.start : citation.end] != citation.quote:
            broken.append(Fault(citation.quote[:20], citation.title, "与报告原文的这个位置不符"))
            continue
        times[citation] = _times(report, Span(citation.start, citation.end))
    return times, broken


def _times(report: Report, span: Span) -> Times:
    """What the metadata of a report and the periods of the figures in a span of it tell."""
    about = report.metadata
    own = [field.value for field in (about.period, about.date) if field]
    inside = {figure.period for figure in report.figures if span.holds(figure.span)}
    return times_of(sorted({*own, *inside}), about.year_number)


def _corrected(document: Document) -> dict[Citation, frozenset[Key]]:
    """Values that the user set, by the citation that they correct."""
    found: dict[Citation, frozenset[Key]] = {}

    def note(citation: Citation, text: str) -> None:
        keys = frozenset(key for key in map(key_of, numbers(text)) if key)
        found[citation] = found.get(citation, frozenset()) | keys

    for cell in document.cells:
        if cell.status == "corrected":
            for citation in cell.citations:
                note(citation, cell.text)
    for derived in _all_derived(document):
        for one in derived.operands:
            fixed = CORRECTED.fullmatch(one.text)
            if fixed:
                note(one.citation, fixed["new"])
    return found


def _all_derived(document: Document) -> Iterator[Derived]:
    for sentence in document.sentences:
        yield from sentence.derived
    for cell in document.cells:
        yield from cell.derived


# -- parts ------------------------------------------------------------------------------------------


def _of_text(text: str, sources: Iterable[Citation], grounds: Grounds, *, free: bool = False) -> list[Fault]:
    """Faults of a title, heading, caption or label."""
    claim = Claim(text, tuple(sources), free=free)
    return [Fault(numeral, text, "没有出处") for numeral in unsourced(claim, grounds)]


def _of_sentence(sentence: Sentence, grounds: Grounds) -> list[Fault]:
    if sentence.status == "asked":
        return []  # the user's own question states nothing
    found = _miscomputed(sentence.derived, sentence.text)
    if not of_sentence(sentence) and sentence.status in ("quoted", "phrased"):
        found.append(Fault(sentence.text[:20], sentence.text, "这句话没有注明来源"))
    claim = Claim(
        sentence.text, sentence.citations, _sound(sentence.derived), free=sentence.status == "stated"
    )
    return found + _of_claim(claim, grounds)


def _of_claim(claim: Claim, grounds: Grounds) -> list[Fault]:
    return [
        Fault(numeral, claim.text, "没有出处，或与来源的数值、单位、增减不符")
        for numeral in unsourced(claim, grounds)
    ]


def _sound(derived: Iterable[Derived]) -> tuple[Derived, ...]:
    return tuple(one for one in derived if recompute(one))


def _miscomputed(derived: Iterable[Derived], where: str) -> list[Fault]:
    return [Fault(one.text, where, "重算不符，或其来源中没有这些数") for one in derived if not recompute(one)]


def _of_table(table: Table, sources: tuple[Citation, ...], grounds: Grounds) -> list[Fault]:
    found = [fault for text in (table.caption, *table.header) for fault in _of_text(text, sources, grounds)]
    if any(len(row) != len(table.header) for row in table.rows):
        return [*found, Fault(table.caption, table.caption, "各行的格数与表头不一致")]
    columns = list(zip(*table.rows, strict=True))
    labels = [not any(cell.citations or cell.derived for cell in column) for column in columns]
    for index, row in enumerate(table.rows, 1):
        own = tuple(dict.fromkeys(c for cell in row for c in cell.sources))
        for column, cell in enumerate(row):
            ordinal = column == 0 and cell.text.strip() == str(index)
            if cell.citations or cell.derived:
                found += _of_cell(cell, grounds)
            elif not ordinal:
                found += _of_label(cell, own if labels[column] else (), sources, grounds)
    for note in table.notes:
        found += _of_sentence(note, grounds)
    return found


def _of_cell(cell: Cell, grounds: Grounds) -> list[Fault]:
    claim = Claim(cell.text, cell.citations, _sound(cell.derived), tabular=True)
    return _miscomputed(cell.derived, cell.text) + _of_claim(claim, grounds)


def _of_label(
    cell: Cell, own: tuple[Citation, ...], sources: tuple[Citation, ...], grounds: Grounds
) -> list[Fault]:
    """A label: figures from its row, years and names from anywhere in the document."""
    missing = unsourced(Claim(cell.text, own), grounds)
    figures = {n.whole.of(cell.text) for n in numbers(cell.text) if key_of(n)}
    elsewhere = unsourced(Claim(cell.text, sources), grounds)
    return [
        Fault(numeral, cell.text, "没有出处，这一格也没有注明来源")
        for numeral in missing
        if numeral in figures or numeral in elsewhere
    ]


def _of_chart(chart: Chart, sources: tuple[Citation, ...], grounds: Grounds) -> list[Fault]:
    texts = (chart.caption, *chart.categories, *(series.name for series in chart.series))
    found = [fault for text in texts for fault in _of_text(text, sources, grounds)]
    return found + [fault for series in chart.series for fault in _of_series(chart, series, grounds)]


def _of_series(chart: Chart, series: Series, grounds: Grounds) -> list[Fault]:
    """A value must stand, in the unit of the chart, in a quotation of its own point."""
    unit = written(f"1{chart.unit}")
    if unit is None or not len(chart.categories) == len(series.values) == len(series.citations):
        return [Fault(series.name, chart.caption, "的数据点与类别、来源的个数不一致")]
    found = []
    for value, citations in zip(series.values, series.citations, strict=True):
        if value is None:
            continue
        key: Key = (value * unit[2], None, unit[1])
        if not any(key in told(c).keys or key in grounds.corrected.get(c, ()) for c in citations):
            found.append(Fault(_shown(value, chart.unit), f"{chart.caption} {series.name}", "没有出处"))
    return found


def _shown(value: Decimal, unit: str) -> str:
    return f"{value:f}{unit}"
