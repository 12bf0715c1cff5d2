"""A checked document as Markdown: for notes, web pages and other programs.

In: a checked document. Out: one text. Sources stand at the end, and the marks lead to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from service.arithmetic import plain
from service.cited import Citation
from service.papers import presenting
from service.papers.document import Block, Chart, Heading, Paragraph, Table
from service.papers.presenting import Labels, Piece, cell_piece, clean, items, numbering, piece, source_lines
from service.papers.provenance import Checked

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~])")


def markdown(checked: Checked) -> str:
    """The document as Markdown."""
    document = checked.document
    number = numbering(document)
    labels = Labels()
    lines = [f"# {_plain(document.title)}", ""]
    told = presenting.caveat(document)
    lines += [f"> {_plain(told)}", ""] if told else []
    for block in document.blocks:
        lines += [*_block(block, number, labels), ""]
    if number:
        lines += ["## 资料来源", ""]
        for citation, n in number.items():
            where, quote = source_lines(citation)
            lines += [f'<a id="source-{n}"></a>\\[{n}\\] {_plain(where)}  ', f"{_plain(quote)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _block(block: Block, number: Mapping[Citation, int], labels: Labels) -> Iterator[str]:
    match block:
        case Heading():
            level, label = labels.next(block)
            yield f"{'#' * (level + 1)} {label}{_plain(block.text)}"
        case Paragraph(sentences, listed):
            groups = items(sentences, number) if listed else [tuple(piece(s, number) for s in sentences)]
            yield "\n\n".join("".join(map(_piece, group)) for group in groups)
        case Table():
            yield from _table(block, number)
        case Chart():
            yield from _chart(block, number)


def _table(table: Table, number: Mapping[Citation, int]) -> Iterator[str]:
    yield f"**{_plain(table.caption)}**"
    yield ""
    yield _row(_plain(head) for head in table.header)
    yield _row("---" for _ in table.header)
    for row in table.rows:
        yield _row(_piece(cell_piece(cell, number)) for cell in row)
    if any(cell.status == "warning" for row in table.rows for cell in row):
        yield f"\n{presenting.WARNED}"
    for note in table.notes:
        yield f"\n注：{_piece(piece(note, number))}"


def _chart(chart: Chart, number: Mapping[Citation, int]) -> Iterator[str]:
    """A chart as the table of its values."""
    unit = f"（{chart.unit}）" if chart.unit else ""
    yield f"**{_plain(chart.caption)}{unit}**"
    yield ""
    yield _row(("", *(_plain(series.name) for series in chart.series)))
    yield _row("---" for _ in range(len(chart.series) + 1))
    for index, category in enumerate(chart.categories):
        cells = []
        for series in chart.series:
            value = series.values[index]
            marks = tuple(number[c] for c in series.citations[index])
            cells.append(presenting.MISSING if value is None else _piece(Piece(plain(value), marks)))
        yield _row((_plain(category), *cells))


def _row(cells: Iterator[str] | tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"


def _piece(one: Piece) -> str:
    links = "".join(f"[\\[{mark}\\]](#source-{mark})" for mark in one.marks)
    return f"{_plain(one.text)}{links}{one.end}"


def _plain(text: str) -> str:
    """Text without the meaning that Markdown gives to its characters."""
    return _SPECIAL.sub(r"\\\1", clean(text))
