"""A summary on the terminal while it is made: each section when it is ready, the model's words as they come.

In: the parts of a summary. Out: the same on the terminal, each part through the gate of
:mod:`service.papers.provenance` before it is shown; what streams is replaced by the checked text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from rich.live import Live
from rich.text import Text

from corpus.cards import Card
from corpus.privacy import mask_plain
from service.papers.document import Document
from service.papers.provenance import OpenReport, checked
from service.papers.screen import Page
from service.screen import out
from service.summary.rephrase import Told
from service.summary.summary import Part, assembled, piece


class Draft:
    """What the model writes, shown until the checked text takes its place; nothing where no terminal is."""

    def __init__(self) -> None:
        self._live: Live | None = None
        self._text = ""
        self._anew = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def __call__(self, piece: str) -> None:
        """Add a piece; "" says that the next one begins anew, until which the old text stays."""
        if not out.is_terminal:
            return
        if piece:
            self._text = piece if self._anew else self._text + piece
        self._anew = not piece
        if self._live is None:
            self._live = Live(console=out, transient=True)
            self._live.start()
        self._live.update(Text(mask_plain(self._text), style="dim"))

    def clear(self) -> None:
        """Take it off the terminal."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def show(card: Card, make: Callable[[Told], Iterator[Part]], open_report: OpenReport) -> Document:
    """Show the parts as ``make`` yields them, then the sources; returns the whole document.

    Raises:
        Unsourced: a part holds a numeral that leads to no source; it is not shown.
    """
    page = Page(out)
    done: list[Part] = []
    with Draft() as draft:
        for part in make(draft):
            draft.clear()
            if not done:
                page.title(checked(piece(card, part), open_report))
            page.add(checked(piece(card, Part(part.blocks)), open_report))
            done.append(part)
    page.sources()
    return assembled(card, done)
