"""The blocks of a document as Word paragraphs and tables.

In: blocks of a checked document and the numbers of its sources. Out: elements in reading order. Headings
carry their labels as text (一、 （一） 1.), as offices write them; tables repeat their first row on each page; a
table of many columns gets a page on its side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.cited import Citation
from service.papers import docx_styles as styles
from service.papers import presenting
from service.papers.document import Block, Chart, Document, Heading, Paragraph, Table
from service.papers.docx_chart import drawing
from service.papers.docx_page import BOTTOM, HEIGHT, TEXT_WIDTH, TOP, section, wrapped
from service.papers.docx_xml import Element, bookmark, flag, marks, node, paragraph, run, spelled
from service.papers.presenting import Labels, cell_piece, clean, is_number, items, piece, source_lines

WIDE = 8  # columns from which a table lies on its side
SMALL = 6  # columns from which its text is smaller
LEAST = 4  # widths of a column in characters, for its share of the page
MOST = 24


class Body:
    """Makes the elements of one document. ``host`` is the document part, ``footers`` the ids of its footers."""

    def __init__(self, document: Document, host: Any, footers: Mapping[str, str]) -> None:
        self.document = document
        self._host = host
        self._footers = footers
        self._number = presenting.numbering(document)
        self._labels = Labels()
        self._tables = self._charts = 0

    def elements(self) -> Iterator[Element]:
        """Title, reservations, blocks; wide tables and their headings on pages that lie on their side."""
        yield paragraph(styles.TITLE, run(wrapped(clean(self.document.title))))
        told = presenting.caveat(self.document)
        if told:
            yield paragraph(styles.REMARK, run(told))
        lies = False
        for block, wide in zip(self.document.blocks, sideways(self.document.blocks), strict=True):
            if wide != lies:
                yield self._turn(sideways=lies)
            lies = wide
            yield from self._block(block, HEIGHT - TOP - BOTTOM if wide else TEXT_WIDTH)
        if lies:
            yield self._turn(sideways=True)

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
                for group in items(sentences, self._number) if listed else (whole,):
                    yield paragraph(styles.BODY, *(e for one in group for e in spelled(one)))
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
        if cited:
            yield paragraph(styles.NOTE, run("数据来源："), *marks(cited, raised=False), run("。"))

    def _table(self, table: Table, width: int) -> Iterator[Element]:
        self._tables += 1
        if table.caption:
            yield paragraph(styles.CAPTION, run(f"表{self._tables}　{clean(table.caption)}"))
        yield grid(table, self._number, width)
        notes = [spelled(piece(note, self._number)) for note in table.notes]
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


def grid(table: Table, number: Mapping[Citation, int], width: int) -> Element:
    """A table of ``width`` twips."""
    widths = column_widths(table, number, width)
    small = len(table.header) >= SMALL
    heads = [node("w:tr", None, node("w:trPr", None, flag("w:cantSplit"), flag("w:tblHeader")))]
    for text, size in zip(table.header, widths, strict=True):
        heads[0].append(_cell(size, paragraph(styles.HEAD, run(clean(text), *_size(small=small)))))
    rows = []
    for row in table.rows:
        made = node("w:tr", None, node("w:trPr", None, flag("w:cantSplit")))
        for cell, size in zip(row, widths, strict=True):
            shown = cell_piece(cell, number)
            align = "right" if is_number(shown.text) else "left"
            if cell.status == "missing" or shown.text in ("", "—"):
                align = "center"
            content = [run(shown.text, *_size(small=small)), *marks(shown.marks)]
            justify = [node("w:jc", {"w:val": align})]
            made.append(_cell(size, paragraph(styles.CELL, *content, properties=justify)))
        rows.append(made)
    return node(
        "w:tbl",
        None,
        node(
            "w:tblPr",
            None,
            node("w:tblStyle", {"w:val": styles.TABLE}),
            node("w:tblW", {"w:w": sum(widths), "w:type": "dxa"}),
            node("w:jc", {"w:val": "center"}),
            node("w:tblLayout", {"w:type": "fixed"}),
        ),
        node("w:tblGrid", None, *(node("w:gridCol", {"w:w": size}) for size in widths)),
        *heads,
        *rows,
    )


def column_widths(table: Table, number: Mapping[Citation, int], width: int) -> tuple[int, ...]:
    """Widths of the columns in twips: by their longest cell, none very narrow or very wide."""
    longest = [_length(head) for head in table.header]
    for row in table.rows:
        longest = [
            max(known, _length(cell_piece(cell, number).text) + 2 * bool(cell.sources))
            for known, cell in zip(longest, row, strict=True)
        ]
    shares = [min(MOST, max(LEAST, length)) for length in longest]
    return tuple(width * share // sum(shares) for share in shares)


def _length(text: str) -> int:
    """Width of a text in Chinese characters."""
    return (sum(1 if ord(char) < 0x2000 else 2 for char in text) + 1) // 2


def _size(*, small: bool) -> tuple[Element, ...]:
    return (node("w:sz", {"w:val": 18}), node("w:szCs", {"w:val": 18})) if small else ()


def _cell(width: int, content: Element) -> Element:
    shape = (node("w:tcW", {"w:w": width, "w:type": "dxa"}), node("w:vAlign", {"w:val": "center"}))
    return node("w:tc", None, node("w:tcPr", None, *shape), content)
