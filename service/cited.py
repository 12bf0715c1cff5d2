"""Cited sentences and the answer made of them: what every door shows and what eval scores.

In: evidence sentences and the texts made from them. Out: frozen values that carry their sources with
them, as text with marks [n] and as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from corpus.cards import Card
from corpus.ledger import Row
from corpus.report import Span
from service.lines import Line

TYPED = "input-"  # ids of what was typed in begin so


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence comes from: it opens at the exact sentence of the cleaned report text."""

    report_id: str
    title: str
    start: int
    end: int
    quote: str
    place: str = ""
    year: int | None = None
    path: tuple[str, ...] = ()

    @property
    def typed(self) -> bool:
        """Whether it is a row of what the user typed in (输入表), and no report."""
        return self.report_id.startswith(TYPED)

    @classmethod
    def of(cls, line: Line) -> Citation:
        """The citation of an evidence sentence."""
        return cls.at(line.card, line.span, line.text, line.path)

    @classmethod
    def at(cls, card: Card, span: Span, quote: str, path: tuple[str, ...]) -> Citation:
        """The citation of a stretch of a report."""
        return cls(card.id, card.title, span.start, span.end, quote, card.place or "", card.year, path)

    @classmethod
    def of_row(cls, row: Row) -> Citation:
        """The citation of a row of the ledger: its sentence."""
        place = row.report_place or ""
        span = row.sentence
        return cls(row.report_id, row.title, span.start, span.end, row.quote, place, row.year, row.path)

    def to_json(self) -> dict[str, Any]:
        """Plain object for the JSON output."""
        return {
            "report_id": self.report_id,
            "title": self.title,
            "place": self.place,
            "year": self.year,
            "path": list(self.path),
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
        }


@dataclass(frozen=True, slots=True)
class Operand:
    """A stated figure that a computed one rests on: its value in the base unit, and where it stands.

    ``text`` is the figure as the source writes it (1.5万人) and occurs in ``citation.quote``. What is
    merely counted (reports, problems) has no text, and 1 as its value.
    """

    value: Decimal
    text: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Derived:
    """A figure that code computed: as written (``text``), its operation and what it was made from.

    ``operation`` is one of ``service.papers.derivation.OPERATIONS``; ``value`` is in the unit of ``text``.
    """

    text: str
    value: Decimal
    operation: str
    operands: tuple[Operand, ...]
    formula: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain object for the JSON output."""
        return {
            "text": self.text,
            "operation": self.operation,
            "formula": self.formula,
            "operands": [{"text": o.text, "citation": o.citation.to_json()} for o in self.operands],
        }


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer or a document.

    ``status`` is "phrased" (by the model, checked), "computed" (arithmetic in code), "quoted"
    (the source's own words) or "stated" (says what the library has or lacks; needs no source); in a document also "asked"
    (the user's own question).
    ``derived`` holds the computed figures of a sentence of a document.
    """

    text: str
    citations: tuple[Citation, ...]
    status: str
    figures: tuple[str, ...] = ()
    derived: tuple[Derived, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain object for the JSON output."""
        return {
            "text": self.text,
            "status": self.status,
            "citations": [c.to_json() for c in self.citations],
            "figures": list(self.figures),
        }


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds from the question to evidence, first token and the whole answer."""

    search_ms: int = 0
    first_token_ms: int = 0
    total_ms: int = 0

    def to_json(self) -> dict[str, int]:
        """Plain object for the JSON output."""
        return {"search_ms": self.search_ms, "first_token_ms": self.first_token_ms, "total_ms": self.total_ms}


@dataclass(frozen=True, slots=True)
class Answer:
    """A checked answer. ``dropped`` counts sentences that nothing supported; ``signature`` names the
    prompts and the model that took part ("" where code alone answered).
    """

    question: str
    status: str  # "answered" | "partial" | "refused"
    sentences: tuple[Sentence, ...]
    reason: str = ""
    evidence: tuple[Citation, ...] = ()
    timings: Timings = field(default_factory=Timings)
    dropped: int = 0
    repaired: int = 0
    signature: str = ""

    @property
    def sources(self) -> tuple[Citation, ...]:
        """Distinct citations in order of first use; their place in this tuple + 1 is the mark [n]."""
        return tuple(dict.fromkeys(c for s in self.sentences for c in s.citations))

    @property
    def text(self) -> str:
        """The answer with marks [n]; the reason where it was refused."""
        if self.status == "refused":
            return self.reason
        number = {citation: n for n, citation in enumerate(self.sources, 1)}
        parts = [
            s.text.rstrip("。") + "".join(f"[{number[c]}]" for c in s.citations) + "。"
            for s in self.sentences
        ]
        return "\n".join(parts) if len(parts) > 3 else "".join(parts)

    def to_json(self) -> dict[str, Any]:
        """The object that ``wenheng ask --json`` prints."""
        return {
            "question": self.question,
            "status": self.status,
            "text": self.text,
            "reason": self.reason,
            "sentences": [s.to_json() for s in self.sentences],
            "evidence": [c.to_json() for c in self.evidence],
            "dropped": self.dropped,
            "repaired": self.repaired,
            "signature": self.signature,
            "timings": self.timings.to_json(),
        }
