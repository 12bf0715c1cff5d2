"""The blocks of a document as Word paragraphs and tables.

In: blocks of a checked document and the numbers of its sources. Out: elements in reading order. Headings
carry their labels as text (一、 （一） 1.), as offices write them; tables repeat their first row on each page; a
table of many columns gets a page on its side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from corpus.numeral_roles import Role
from service.cited import Citation, Sentence
from service.papers import docx_styles as styles
from service.papers import presenting
from service.papers.document import Block, Cell, Chart, Document, Heading, Paragraph, Table
from service.papers.docx_chart import drawing
from service.papers.docx_page import BOTTOM, HEIGHT, TEXT_WIDTH, TOP, section, wrapped
from service.papers.docx_table import size, table
from service.papers.docx_xml import Element, bookmark, flag, marks, node, paragraph, run, spelled
from service.papers.presenting import Labels, Piece, cell_piece, clean, is_number, items, piece, source_lines
from service.papers.quoted import numerals

WIDE = 8  # columns from which a table lies on its side
SMALL = 6  # columns from which its text is smaller
LEAST = 4  # widths of a column in characters, for its share of the page
FLOORS, MOST = (8, 6), 24  # 2023年11月底前 is not broken; where there is no room for all, 责任单位 is not
CHARACTER, SMALLER, EDGES = (
    210,
    180,
    150,
)  # twips of a character of 10.5 and of 9 pt, and of the edges of a cell


class Telling(Protocol):
    """How sentences and cells show where they come from: by marks, by comments, not at all."""

    marked: bool

    def sentence(self, piece: Piece, sentence: Sentence) -> list[Element]:
        """The runs of a sentence."""

    def cell(self, piece: Piece, cell: Cell, *shape: Element) -> list[Element]:
        """The runs of a cell; ``shape`` are properties of the run of its text."""


class Marked:
    """Sentences and cells with the marks [n] of their sources."""

    marked = True

    def sentence(self, piece: Piece, sentence: Sentence) -> list[Element]:
        """Text, marks, full stop."""
        return spelled(piece)

    def cell(self, piece: Piece, cell: Cell, *shape: Element) -> list[Element]:
        """Text and marks."""
        return [run(piece.text, *shape), *marks(piece.marks)]


class Plain:
    """Sentences and cells as they are handed in: without marks."""

    marked = False

    def sentence(self, piece: Piece, sentence: Sentence) -> list[Element]:
        """Text and full stop."""
        return [run(piece.text + piece.end)]

    def cell(self, piece: Piece, cell: Cell, *shape: Element) -> list[Element]:
        """Text."""
        return [run(piece.text, *shape)]


class Body:
    """Makes the elements of one document. ``host`` is the document part, ``footers`` the ids of its footers."""

    def __init__(
        self,
        document: Document,
        host: Any,
        footers: Mapping[str, str],
        telling: Telling | None = None,
        labels: Labels | None = None,
    ) -> None:
        self.document = document
        self._host = host
        self._footers = footers
        self._telling = telling or Marked()
        self._number = presenting.numbering(document)
        self._labels = labels or Labels()
        self._tables = self._charts = 0

    def title(self) -> Iterator[Element]:
        """The title, and what the document lacks; a draft says that in its text (【待补：…】)."""
        yield paragraph(styles.TITLE, run(wrapped(clean(self.document.title))))
        told = presenting.caveat(self.document)
        if told and self._telling.marked:
            yield paragraph(styles.REMARK, run(told))

    def elements(self) -> Iterator[Element]:
        """The blocks; wide tables and their headings on pages that lie on their side."""
        lies = False
        for block, wide in zip(self.document.blocks, sideways(self.document.blocks), strict=True):
            if wide != lies:
                yield self._turn(sideways=lies)
            lies = wide
            yield from self._block(block, HEIGHT - TOP - BOTTOM if wide else TEXT_WIDTH)
        if lies:
            yield self._turn(sideways=True)

    def upright(self, width: int) -> Iterator[Element]:
        """The blocks on pages that stand, in lines of ``width`` twips: for a template, which has its own pages."""
        for block in self.document.blocks:
            yield from self._block(block, width)

    def _turn(self, *, sideways: bool) -> Element:
        """The end of a section whose pages stand, or lie."""
        end = section(footers=self._footers, sideways=sideways)
        return node("w:p", None, node("w:pPr", None, end))

    def sources(self, *, new_page: bool) -> Iterator[Element]:
        """The numbered list that the marks lead to."""
        if not self._number:
            return
        properties = [flag("w:pageBreakBefore")] if new_page else []
        yield paragraph(styles.SOURCES, run("资料来源"), properties=properties)
        for citation, number in self._number.items():
            where, quote = source_lines(citation)
            content = bookmark(number, run(f"[{number}] "))
            yield paragraph(styles.SOURCE, *content, run(f"{where}：{quote}"))

    def _block(self, block: Block, width: int) -> Iterator[Element]:
        match block:
            case Heading():
                level, label = self._labels.next(block)
                yield paragraph(styles.LEVELS[level - 1], run(label + clean(block.text).rstrip("。")))
            case Paragraph(sentences, listed):
                whole = tuple(piece(sentence, self._number) for sentence in sentences)
                rest = iter(sentences)  # the groups of a list hold them one by one, in order
                for group in items(sentences, self._number) if listed else (whole,):
                    told = (self._telling.sentence(one, next(rest)) for one in group)
                    yield paragraph(styles.BODY, *(e for runs in told for e in runs))
            case Table():
                yield from self._table(block, width)
            case Chart():
                yield from self._chart(block)

    def _chart(self, chart: Chart) -> Iterator[Element]:
        self._charts += 1
        unit = f"（单位：{chart.unit}）" if chart.unit else ""
        yield drawing(chart, self._host, self._charts)
        yield paragraph(styles.CAPTION, run(f"图{self._charts}　{clean(chart.caption)}{unit}"))
        cited = [self._number[c] for series in chart.series for point in series.citations for c in point]
        if cited and self._telling.marked:
            yield paragraph(styles.NOTE, run("数据来源："), *marks(cited, raised=False), run("。"))

    def _table(self, table: Table, width: int) -> Iterator[Element]:
        self._tables += 1
        if table.caption:
            yield paragraph(styles.CAPTION, run(f"表{self._tables}　{clean(table.caption)}"))
        yield grid(table, self._number, width, self._telling)
        notes = [self._telling.sentence(piece(note, self._number), note) for note in table.notes]
        if any(cell.status == "warning" for row in table.rows for cell in row):
            notes.insert(0, [run(presenting.WARNED)])
        for index, note in enumerate(notes, 1):
            label = "注：" if index == 1 else ""
            count = f"（{index}）" if len(notes) > 1 else ""
            yield paragraph(styles.NOTE, run(label + count), *note)
        if not notes:
            yield paragraph(styles.NOTE)


def sideways(blocks: Sequence[Block]) -> list[bool]:
    """Which blocks go on a page that lies on its side: wide tables, and the headings right above them."""
    found: list[bool] = []
    below = False
    for block in reversed(blocks):
        if not (isinstance(block, Heading) and below):
            below = isinstance(block, Table) and len(block.header) >= WIDE
        found.append(below)
    return found[::-1]


def grid(made: Table, number: Mapping[Citation, int], width: int, telling: Telling) -> Element:
    """A table of ``width`` twips."""
    small = len(made.header) >= SMALL
    figures = [_all_figures(column) for column in zip(*made.rows, strict=True)] if made.rows else []
    rows = (
        [
            _cell(cell, number, telling, small=small, figures=told)
            for cell, told in zip(row, figures, strict=True)
        ]
        for row in made.rows
    )
    return table(column_widths(made, number, width, marked=telling.marked), made.header, rows, small=small)


def _all_figures(column: Iterable[Cell]) -> bool:
    """Whether a column of a draft holds figures only, so that they stand below each other on the right."""
    told = [cell.text for cell in column if cell.status != "missing" and cell.text not in ("", "—")]
    return all(is_number(text) and _is_figure(text) for text in told)


def _cell(
    cell: Cell, number: Mapping[Citation, int], telling: Telling, *, small: bool, figures: bool
) -> Element:
    """The paragraph of a cell: figures to the right, gaps in the middle."""
    shown = cell_piece(cell, number)
    told = is_number(shown.text) and (telling.marked or figures)
    align = "right" if told else "left"
    if cell.status == "missing" or shown.text in ("", "—"):
        align = "center"
    content = telling.cell(shown, cell, *size(small=small))
    return paragraph(styles.CELL, *content, properties=[node("w:jc", {"w:val": align})])


def _is_figure(text: str) -> bool:
    """Whether a cell of a draft says a figure and no more: 1.5万人, not 2023年9月底前."""
    found = numerals(text)
    return len(found) == 1 and found[0].role is Role.QUANTITY and len(text) - found[0].whole.end <= 2


def column_widths(
    made: Table, number: Mapping[Citation, int], width: int, *, marked: bool = True
) -> tuple[int, ...]:
    """Widths of the columns in twips: by their longest cell, none very narrow or very wide."""
    longest = [_length(head) for head in made.header]
    for row in made.rows:
        longest = [
            max(known, _length(cell_piece(cell, number).text) + 2 * bool(marked and cell.sources))
            for known, cell in zip(longest, row, strict=True)
        ]
    edges = 0 if marked else 1  # room for the edges of a cell, in which no mark is
    shares = [min(MOST, max(LEAST, length)) + edges for length in longest]
    character = SMALLER if len(made.header) >= SMALL else CHARACTER
    for floor in FLOORS:
        floors = [min(floor, length + 1) * character + EDGES for length in longest]
        if sum(floors) <= width:
            return _at_least(shares, floors, width)
    return tuple(width * share // sum(shares) for share in shares)


def _at_least(shares: Sequence[int], floors: Sequence[int], width: int) -> tuple[int, ...]:
    """Widths by share, none below its floor: what one lacks the others give."""
    fixed: set[int] = set()
    while True:
        free = [n for n in range(len(shares)) if n not in fixed]
        rest = width - sum(floors[n] for n in fixed)
        whole = sum(shares[n] for n in free)
        low = {n for n in free if rest * shares[n] // whole < floors[n]}
        if not low:
            return tuple(floors[n] if n in fixed else rest * shares[n] // whole for n in range(len(shares)))
        fixed |= low


def _length(text: str) -> int:
    """Width of a text in Chinese characters."""
    return (sum(1 if ord(char) < 0x2000 else 2 for char in text) + 1) // 2
