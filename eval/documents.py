"""Documents read back from their JSON (the output of ``--json``), so that recorded ones are scored like fresh ones.

In: the object of ``Document.to_json``. Out: a :class:`Document` with its texts, citations and the texts of its
computed figures; their operands stand among the citations, as they do in the JSON. Charts repeat cells and are left
out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from service.cited import Citation, Derived, Sentence
from service.papers.document import Block, Cell, Document, Heading, Paragraph, Table

Json = Mapping[str, Any]


def read_document(data: Json) -> Document:
    """The document.

    Raises:
        KeyError: it is no document.
    """
    sources = tuple(_citation(one) for one in data["sources"])
    blocks = (_block(one, sources) for one in data["blocks"])
    return Document(
        data["kind"],
        data["title"],
        tuple(block for block in blocks if block is not None),
        tuple(data["places"]),
        tuple(data["years"]),
        data["partial"],
        tuple(data["gaps"]),
        data["signature"],
    )


def _citation(one: Json) -> Citation:
    return Citation(
        one["report_id"],
        one["title"],
        one["start"],
        one["end"],
        one["quote"],
        one["place"],
        one["year"],
        tuple(one["path"]),
    )


def _block(one: Json, sources: Sequence[Citation]) -> Block | None:
    match one["type"]:
        case "heading":
            return Heading(one["text"], one["level"])
        case "paragraph":
            return Paragraph(tuple(_sentence(s, sources) for s in one["sentences"]), one["listed"])
        case "table":
            rows = tuple(tuple(_cell(cell, sources) for cell in row) for row in one["rows"])
            notes = tuple(_sentence(note, sources) for note in one["notes"])
            return Table(one["caption"], tuple(one["header"]), rows, notes)
        case _:
            return None


def _sentence(one: Json, sources: Sequence[Citation]) -> Sentence:
    return Sentence(one["text"], _cited(one, sources), one["status"], derived=_derived(one))


def _cell(one: Json, sources: Sequence[Citation]) -> Cell:
    return Cell(one["text"], _cited(one, sources), _derived(one), one["status"])


def _cited(one: Json, sources: Sequence[Citation]) -> tuple[Citation, ...]:
    return tuple(sources[mark - 1] for mark in one["sources"])


def _derived(one: Json) -> tuple[Derived, ...]:
    return tuple(Derived(d["text"], Decimal(0), d["operation"], (), d["formula"]) for d in one["derived"])
