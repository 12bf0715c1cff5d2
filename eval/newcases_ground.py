"""What a library states and what of it can be asked without a doubt: the ground for new eval cases.

In: a library. Out: its rows, copies that were merged away among them, because another system may cite those;
where a value stands as gold spans; and the rows whose name, place and time fix one value.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from corpus.aliases import Aliases, key
from corpus.cards import Card
from corpus.corrections import all_corrections
from corpus.ledger import Row, rows_of, written_unit
from corpus.library import Library
from corpus.report import FigureKind, Report, Span
from corpus.when import When
from eval.cases import Gold, Value
from eval.metrics import has_value
from eval.quantities import clean, quantities

NAME = re.compile(r"[\u4e00-\u9fff]{4,16}")  # shorter ones fit too much, longer ones are half a sentence


@dataclass(frozen=True)
class Ground:
    """What the library states: kept reports, and the rows of all, copies that were merged away included."""

    cards: Mapping[str, Card]
    reports: Mapping[str, Report]
    rows: tuple[Row, ...]  # of the kept reports
    copied: tuple[Row, ...]  # of merged copies
    _years: dict[str, frozenset[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, library: Library) -> Ground:
        """Read a library."""
        aliases = Aliases.load(library.home)
        changes = all_corrections(library.database)
        cards = library.cards(merged=True)
        reports = {card.id: library.report(card.id) for card in cards}
        rows = {card.id: rows_of(reports[card.id], aliases, changes) for card in cards}
        kept = {card.id: card for card in cards if not card.merged_into}
        return cls(
            kept,
            reports,
            tuple(row for at in kept for row in rows[at]),
            tuple(row for card in cards if card.merged_into for row in rows[card.id]),
        )

    @cached_property
    def askable(self) -> tuple[Row, ...]:
        """Rows that a question can name without a doubt: name, place and time fix the value."""
        near: dict[tuple[str | None, When | None], list[Row]] = defaultdict(list)
        for row in self.rows:
            near[row.place, row.when].append(row)
        return tuple(row for row in self.rows if _clear(row) and not _rivals(row, near[row.place, row.when]))

    def gold(self, row: Row) -> tuple[Gold, ...]:
        """Where a value stands: its row and every other one that states the same, as one fact."""
        return tuple(self.at(one.report_id, one.span) for one in self._stated[_fact(row)])

    @cached_property
    def _stated(self) -> Mapping[tuple[object, ...], Sequence[Row]]:
        found: dict[tuple[object, ...], list[Row]] = defaultdict(list)
        for row in (*self.rows, *self.copied):
            found[_fact(row)].append(row)
        return found

    def at(self, report_id: str, span: Span, fact: int = 1) -> Gold:
        """A stretch of a report as gold: offsets in the raw text of its file."""
        report = self.reports[report_id]
        start, end = report.origin.raw_span(span.start, span.end)
        return Gold(report.source_sha256, start, end, fact)

    def years(self, place: str) -> frozenset[int]:
        """Years that a place has a report of, or that one of its reports names or counts in (五年来)."""
        if place in self._years:
            return self._years[place]
        named: set[int] = set()
        for card in self.cards.values():
            if card.place == place:
                text = self.reports[card.id].text + card.title
                named |= {int(year) for year in re.findall(r"(?<!\d)((?:19|20)\d{2})(?!\d)", text)}
                named |= {card.year} if card.year else set()
        spans = (row.when for row in self.rows if row.when and place in (row.place, row.report_place))
        self._years[place] = frozenset(named.union(*(range(w.start.year, w.end.year + 1) for w in spans)))
        return self._years[place]

    def mentions(self, place: str, name: str) -> bool:
        """Whether a report of the place holds the indicator, or the last characters of its name."""
        core = key(name)[-4:]
        return any(
            core in self.reports[card.id].text for card in self.cards.values() if card.place == place
        ) or any(row.place == place and core in key(row.name) for row in self.rows)


def _clear(row: Row) -> bool:
    """Whether a row is a plain value of the report's own place, with a name that can be asked for."""
    plain = not (row.masked or row.suspect or row.corrected or row.former or row.qualifier or row.upper)
    own = row.place is not None and row.place == row.report_place and row.when is not None
    return (
        plain
        and own
        and row.value is not None
        and row.kind is FigureKind.ACTUAL
        and NAME.fullmatch(row.name) is not None
        and (asked := measure(row)) is not None
        and has_value(row.text, asked)  # not 两成, which the scorer would not find in its own source
    )


def _rivals(row: Row, near: Sequence[Row]) -> bool:
    """Whether the same place and time have another value that the question could mean as well."""
    asked = key(row.name)
    return any(
        one.value != row.value and (asked in key(one.name) or key(one.name) in asked)
        for one in near
        if one.id != row.id and (one.unit == row.unit or key(one.name) == asked)
    )


def measure(row: Row) -> Value | None:
    """The value as the scorer reads it; None where it does not know the unit."""
    if row.value is None:
        return None
    number, unit = row.value / row.factor, written_unit(row)
    text = clean(f"{number:f}{unit}")
    read = quantities(text)
    if not unit or len(read) != 1 or read[0].end != len(text) or not read[0].unit:
        return None
    return Value(number, unit)


def _fact(row: Row) -> tuple[object, ...]:
    return (key(row.name), row.place, row.when, row.value, row.unit)
