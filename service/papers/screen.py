"""What the terminal shows of a document: headings, paragraphs with marks, tables, charts as bars, sources.

In: checked documents. Out: the same on a console. A document that is made piece by piece is shown so too
(:class:`Page`): the numbers of its sources go on from piece to piece.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from service.arithmetic import plain
from service.cited import Citation
from service.papers import presenting
from service.papers.document import Block, Chart, Heading, Paragraph, Table
from service.papers.presenting import Labels, cell_piece, clean, is_number, items, piece, source_lines
from service.papers.provenance import Checked
from service.screen import out

BAR = 30  # characters of the longest bar


def show(checked: Checked, console: Console | None = None) -> None:
    """Show a whole document with its sources."""
    page = Page(console)
    page.title(checked)
    page.add(checked)
    page.sources()


class Page:
    """A document on the terminal, shown in one go or block by block."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or out
        self._labels = Labels()
        self._number: dict[Citation, int] = {}

    def title(self, checked: Checked) -> None:
        """Title, and what the document lacks."""
        self.console.print(Text(clean(checked.document.title), style="bold"), justify="center")
        self.caveat(checked)

    def caveat(self, checked: Checked) -> None:
        """What the document lacks; nothing for a whole one."""
        text = presenting.caveat(checked.document)
        if text:
            self._line(text, "yellow")

    def add(self, checked: Checked) -> None:
        """The blocks of a document, or of the next piece of it."""
        for citation in checked.document.sources:
            self._number.setdefault(citation, len(self._number) + 1)
        for block in checked.document.blocks:
            self._block(block)

    def sources(self) -> None:
        """All sources that were marked, with the exact sentences."""
        if not self._number:
            return
        self._line("\n资料来源", "bold")
        for citation, number in self._number.items():
            where, quote = source_lines(citation)
            self._line(f"[{number}] {where} [{citation.report_id} {citation.start}-{citation.end}]", "")
            self._line(f"    {quote}", "dim")

    def _block(self, block: Block) -> None:
        match block:
            case Heading():
                level, label = self._labels.next(block)
                self._line(f"\n{label}{clean(block.text)}", "bold cyan" if level == 1 else "bold")
            case Paragraph(sentences, listed):
                groups = items(sentences, self._number) if listed else [self._pieces(block)]
                for group in groups:
                    self._line("　　" + "".join(map(str, group)), "")
            case Table():
                self._table(block)
            case Chart():
                _bars(block, self.console, self._number)

    def _pieces(self, block: Paragraph) -> tuple[presenting.Piece, ...]:
        return tuple(piece(sentence, self._number) for sentence in block.sentences)

    def _table(self, table: Table) -> None:
        grid = Grid(title=clean(table.caption), box=box.SQUARE, title_justify="left", title_style="bold")
        numeric = [
            all(is_number(c.text) or c.status for c in column) for column in zip(*table.rows, strict=False)
        ]
        for index, head in enumerate(table.header):
            right = index < len(numeric) and numeric[index]
            grid.add_column(Text(clean(head)), justify="right" if right else "left", overflow="fold")
        for row in table.rows:
            grid.add_row(*(Text(str(cell_piece(cell, self._number))) for cell in row))
        self.console.print(grid)
        if any(cell.status == "warning" for row in table.rows for cell in row):
            self._line(presenting.WARNED, "dim")
        for note in table.notes:
            self._line(f"注：{piece(note, self._number)}", "dim")

    def _line(self, text: str, style: str) -> None:
        self.console.print(Text(text, style=style), soft_wrap=True)


def _bars(chart: Chart, console: Console, number: Mapping[Citation, int]) -> None:
    """A chart as bars of text, one group a series; a gap is said to be one."""
    unit = f"（{chart.unit}）" if chart.unit else ""
    console.print(Text(f"\n{clean(chart.caption)}{unit}", style="bold"))
    most = max((abs(v) for s in chart.series for v in s.values if v is not None), default=Decimal(0))
    width = max((Text(clean(c)).cell_len for c in chart.categories), default=0)
    for series in chart.series:
        if len(chart.series) > 1:
            console.print(Text(clean(series.name), style="cyan"))
        for category, value, citations in zip(chart.categories, series.values, series.citations, strict=True):
            name = clean(category) + " " * (width - Text(clean(category)).cell_len)
            if value is None:
                console.print(Text(f"  {name}  {presenting.MISSING}", style="dim"))
                continue
            length = int(abs(value) / most * BAR) if most else 0
            marks = presenting.mark_text(number[c] for c in citations)
            console.print(Text(f"  {name}  {'█' * max(length, 1 if value else 0)} {plain(value)}{marks}"))
