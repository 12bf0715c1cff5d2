"""Documents before they are checked: summaries, memos, audits, follow-ups, drafts.

In: sentences and cells that carry their sources. Out: frozen blocks in reading order. A document says
nothing about fonts or files: ``service.papers.provenance`` turns it into a :class:`Checked` one, which the
screen, the Word file and JSON are made from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from service.cited import Citation, Derived, Sentence


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is 一、, 2 （一）, 3 1. The label is set where it is shown, not here."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences that run on in one paragraph; ``listed`` asks for 一是…；二是… or a list of items."""

    sentences: tuple[Sentence, ...]
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: a stated value with its citation, a computed one, a name, or a gap.

    ``status`` is "" (as it is), "missing" (the reports do not tell), "masked", "suspect",
    "corrected" (by the user) or "warning" (compares only with reservations; the notes say why).
    A cell with numerals has citations or ``derived``, unless its column is one of labels.
    """

    text: str
    citations: tuple[Citation, ...] = ()
    derived: tuple[Derived, ...] = ()
    status: str = ""

    @property
    def sources(self) -> tuple[Citation, ...]:
        """Its own citations, then those of what it was computed from."""
        below = (o.citation for d in self.derived for o in d.operands)
        return tuple(dict.fromkeys((*self.citations, *below)))


@dataclass(frozen=True, slots=True)
class Table:
    """A table; ``notes`` are sentences under it (warnings, units)."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """One line or group of bars; a None is a gap, never zero."""

    name: str
    values: tuple[Decimal | None, ...]
    citations: tuple[tuple[Citation, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of stated values: ``kind`` is "line" (over years) or "bar" (over places)."""

    caption: str
    kind: str
    unit: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]


Block = Heading | Paragraph | Table | Chart


@dataclass(frozen=True, slots=True)
class Document:
    """A document made by code. ``kind`` is summary, synthesis, memo, audit, follow_up, draft,
    answer.

    ``years`` and ``places`` are those that the user asked for: they may stand anywhere without a
    source. ``partial`` says that something asked for is missing, ``gaps`` in words what.
    ``signature`` names the prompts and the model that took part ("" where code alone wrote).
    """

    kind: str
    title: str
    blocks: tuple[Block, ...]
    places: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    partial: bool = False
    gaps: tuple[str, ...] = ()
    signature: str = ""

    @property
    def sentences(self) -> Iterator[Sentence]:
        """All sentences in reading order, notes of tables included."""
        for block in self.blocks:
            if isinstance(block, Paragraph):
                yield from block.sentences
            elif isinstance(block, Table):
                yield from block.notes

    @property
    def cells(self) -> Iterator[Cell]:
        """All cells in reading order."""
        for block in self.blocks:
            if isinstance(block, Table):
                for row in block.rows:
                    yield from row

    @property
    def sources(self) -> tuple[Citation, ...]:
        """Distinct citations in reading order; place in this tuple + 1 is the mark [n]."""
        found: dict[Citation, None] = {}
        for block in self.blocks:
            for citation in _citations(block):
                found.setdefault(citation)
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints."""
        mark = {citation: n for n, citation in enumerate(self.sources, 1)}
        return {
            "kind": self.kind,
            "title": self.title,
            "places": list(self.places),
            "years": list(self.years),
            "partial": self.partial,
            "gaps": list(self.gaps),
            "blocks": [_block_json(block, mark) for block in self.blocks],
            "sources": [citation.to_json() for citation in self.sources],
            "signature": self.signature,
        }


def _citations(block: Block) -> Iterator[Citation]:
    if isinstance(block, Paragraph):
        for sentence in block.sentences:
            yield from of_sentence(sentence)
    elif isinstance(block, Table):
        for row in block.rows:
            for cell in row:
                yield from cell.sources
        for note in block.notes:
            yield from of_sentence(note)
    elif isinstance(block, Chart):
        for series in block.series:
            for citations in series.citations:
                yield from citations


def of_sentence(sentence: Sentence) -> tuple[Citation, ...]:
    """The sources of a sentence: its citations, then those of what was computed in it."""
    below = (o.citation for d in sentence.derived for o in d.operands)
    return tuple(dict.fromkeys((*sentence.citations, *below)))


def _block_json(block: Block, mark: dict[Citation, int]) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"type": "heading", "level": block.level, "text": block.text}
    if isinstance(block, Paragraph):
        return {
            "type": "paragraph",
            "listed": block.listed,
            "sentences": [_sentence_json(sentence, mark) for sentence in block.sentences],
        }
    if isinstance(block, Table):
        return {
            "type": "table",
            "caption": block.caption,
            "header": list(block.header),
            "rows": [[_cell_json(cell, mark) for cell in row] for row in block.rows],
            "notes": [_sentence_json(note, mark) for note in block.notes],
        }
    return {
        "type": "chart",
        "caption": block.caption,
        "kind": block.kind,
        "unit": block.unit,
        "categories": list(block.categories),
        "series": [
            {"name": s.name, "values": [None if v is None else str(v) for v in s.values]}
            for s in block.series
        ],
    }


def _sentence_json(sentence: Sentence, mark: dict[Citation, int]) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "status": sentence.status,
        "sources": [mark[c] for c in of_sentence(sentence)],
        "derived": [d.to_json() for d in sentence.derived],
    }


def _cell_json(cell: Cell, mark: dict[Citation, int]) -> dict[str, Any]:
    return {
        "text": cell.text,
        "status": cell.status,
        "sources": [mark[c] for c in cell.sources],
        "derived": [d.to_json() for d in cell.derived],
    }
