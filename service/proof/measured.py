"""Counts that a proofreading makes of a text, as a source that can be cited and opened like a report.

In: lines with the counts. Out: :class:`Measured`. So the gate of :mod:`service.papers.provenance` treats what
was counted as it treats a report, and shares are computed from counts that stand in a quotation.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from corpus.report import Genre, Metadata, Report
from corpus.tracked import TrackedText
from service.cited import Citation, Derived, Operand
from service.papers.derivation import share
from service.proof.text import Text

PREFIX = "measured-"
TITLE = "校对时的计数"


@dataclass(frozen=True, slots=True)
class Measured:
    """Counts of one text."""

    report: Report

    @classmethod
    def of(cls, text: Text, *lines: str) -> Self:
        """The counts that some lines tell of a text."""
        body = "\n".join(lines)
        sha = hashlib.sha256(f"{text.report.id}\n{body}".encode()).hexdigest()
        name, origin = text.report.source_name, TrackedText.from_raw(body).origin
        about = Metadata(TITLE, genre=Genre.OTHER)
        return cls(Report(PREFIX + sha[:12], sha, name, 0, body, origin, about))

    def cite(self, number: int = 0) -> Citation:
        """The citation of one line."""
        lines = self.report.text.split("\n")
        start = sum(len(line) + 1 for line in lines[:number])
        end = start + len(lines[number])
        return Citation(self.report.id, self.report.metadata.title, start, end, lines[number])

    def share(self, part: int, whole: int, number: int = 0) -> Derived | None:
        """A share of two counts of characters that one line tells."""
        cited = self.cite(number)
        one, other = (Operand(Decimal(n), f"{n}字", cited) for n in (part, whole))
        return share(one, other)
