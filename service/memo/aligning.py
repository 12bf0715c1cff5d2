"""Indicators of several years, places or reports laid side by side (指标对齐).

In: rows of the ledger and the columns that a user asked for. Out: one :class:`Line` an indicator, with one
:class:`Slot` a column. A column of a year holds what is said *about* that year, in whatever report:
national reports of a year tell the results of the year before beside the targets of their own. Nothing is
decided silently: a slot that holds two values, or half a year beside whole years, says so.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from corpus.ledger import Row
from corpus.report import Genre, SectionKind
from corpus.when import When
from service.memo.measures import Measure, Stance, falls, measure_of

NEARLY_A_YEAR = 10  # months that compare with a whole year, under reserve
MANY = 3  # different values under one name in one report: a list of things, not an indicator
LEAST_NAME = 4  # characters of a name under which two values contradict each other; 投入 is said of much
REPORTING = (SectionKind.ACHIEVEMENTS, SectionKind.HIGHLIGHTS)
FULL = (Genre.ANNUAL, Genre.SELF_REVIEW, Genre.BRIEFING)

# What tells that a value which another one changed from is that of the year before.
_LAST_YEAR = re.compile(r"去年|上年|上一年")
_ABOUT = re.compile(r"约|左右|近|余|多|大约|上下")
_DECIMALS = re.compile(r"\.(\d+)")
_ZEROS = re.compile(r"(0*)$")


@dataclass(frozen=True, slots=True)
class Column:
    """A place in a year; with ``report_id`` what that one report says of itself."""

    place: str
    year: int
    report_id: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Phase:
    """The part of time that a value covers, seen from its column: 0 is the column's own year."""

    first_year: int
    first: tuple[int, int]  # month and day
    last_year: int
    last: tuple[int, int]

    @property
    def months(self) -> int:
        """Calendar months that it touches."""
        return (self.last_year - self.first_year) * 12 + self.last[0] - self.first[0] + 1

    @property
    def whole_year(self) -> bool:
        """Whether it is one calendar year."""
        return self.first_year == self.last_year and self.first == (1, 1) and self.last == (12, 31)

    @property
    def weight(self) -> tuple[bool, bool, int]:
        """Sorts whole years first, then what is nearest to one, then the rest."""
        return (not self.whole_year, self.first_year != self.last_year, -self.months)


@dataclass(frozen=True, slots=True)
class Slot:
    """What is known of one measure in one column.

    ``rivals`` are other values of the same report and time, ``elsewhere`` what other reports tell of
    the same time otherwise.
    """

    row: Row
    phase: Phase
    rivals: tuple[Row, ...] = ()
    elsewhere: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One measure over all columns; a None is a gap. ``phase`` is that of most slots.

    ``listed`` says that a report uses the name for several things, so that no value is *the* value.
    """

    measure: Measure
    slots: tuple[Slot | None, ...]
    phase: Phase
    listed: bool = False

    @property
    def found(self) -> tuple[Slot, ...]:
        """The slots that are filled."""
        return tuple(slot for slot in self.slots if slot is not None)

    @property
    def name(self) -> str:
        """The indicator in the wording of the last column that has it."""
        return self.found[-1].row.name

    @property
    def label(self) -> str:
        """What a reader sees in the first cell."""
        fallen = all(falls(slot.row) for slot in self.found)
        return self.measure.label(falls=fallen)

    def alike(self, slot: Slot) -> bool:
        """Whether a slot covers the same part of time as most of the line."""
        return slot.phase == self.phase


def align(rows: Iterable[Row], columns: Sequence[Column], genres: Mapping[str, Genre]) -> tuple[Line, ...]:
    """All measures that have a value in some column, in the order of their first appearance."""
    pools: dict[Measure, dict[int, list[tuple[Phase, Row]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for index, column in enumerate(columns):
            phase = _phase(row, column)
            if phase is not None:
                pools[measure_of(row)][index].append((phase, row))
    lines: list[Line] = []
    for measure, pool in _merged(pools).items():
        lines += _lines(measure, pool, columns, genres)
    return tuple(lines)


def phase_of(when: When, year: int) -> Phase:
    """A range of days seen from a year."""
    start, end = when.start, when.end
    return Phase(start.year - year, (start.month, start.day), end.year - year, (end.month, end.day))


def unlike(one: Phase, other: Phase) -> str:
    """Whether two parts of time compare: "" yes, "reserve" with reservations, "refuse" no."""
    if one == other:
        return ""
    if {one.first_year, one.last_year} != {other.first_year, other.last_year}:
        return "refuse"
    from_january = one.first == other.first == (1, 1)
    nearly = min(one.months, other.months) >= NEARLY_A_YEAR
    return "reserve" if from_january and nearly else "refuse"


def _phase(row: Row, column: Column) -> Phase | None:
    """The part of time that a row covers where it belongs to a column, else None."""
    if row.when is None or row.place != column.place:
        return None
    if column.report_id:
        return phase_of(row.when, column.year) if row.report_id == column.report_id else None
    phase = phase_of(row.when, column.year)
    return phase if (phase.first_year, phase.last_year) == (0, 0) else None


def _merged(
    pools: Mapping[Measure, Mapping[int, list[tuple[Phase, Row]]]],
) -> dict[Measure, dict[int, list[tuple[Phase, Row]]]]:
    """27万 without a unit joins the one measure of that name that has one."""
    merged = {measure: dict(pool) for measure, pool in pools.items() if measure.unit}
    for measure, pool in pools.items():
        if measure.unit:
            continue
        same = [
            m for m in merged if (m.name, m.form, m.stance) == (measure.name, measure.form, measure.stance)
        ]
        home = merged.setdefault(same[0] if len(same) == 1 else measure, {})
        for index, entries in pool.items():
            home[index] = home.get(index, []) + entries
    return merged


def _lines(
    measure: Measure,
    pool: Mapping[int, list[tuple[Phase, Row]]],
    columns: Sequence[Column],
    genres: Mapping[str, Genre],
) -> list[Line]:
    """The line of a measure; a second one where several columns share a part of the year beside it."""
    slots: list[dict[Phase, Slot]] = [
        _slots(pool.get(index, ()), column, genres) for index, column in enumerate(columns)
    ]
    spread = Counter(phase for known in slots for phase in known)
    if not spread:
        return []
    order = sorted(spread, key=lambda phase: (phase.weight, -spread[phase], phase))
    lead = order[0] if not columns[0].report_id else min(order, key=lambda p: (-spread[p], p.weight, p))
    line = _line(measure, slots, lead, order)
    lines = [line]
    for phase in order:
        filled = any(slot is not None and slot.phase == phase for slot in line.slots)
        if phase != lead and filled and spread[phase] > 1:
            lines.append(_line(measure, slots, phase, [phase]))
    return lines


def _line(
    measure: Measure, slots: Sequence[Mapping[Phase, Slot]], lead: Phase, order: Sequence[Phase]
) -> Line:
    ranked = (lead, *(phase for phase in order if phase != lead))
    chosen = tuple(next((known[p] for p in ranked if p in known), None) for known in slots)
    listed = any(
        slot is not None
        and slot.rivals
        and (
            len(measure.name) < LEAST_NAME
            or len({_amount(r) for r in (slot.row, *slot.rivals)}) >= MANY
            or any(rival.sentence == slot.row.sentence for rival in slot.rivals)
        )
        for slot in chosen
    )
    return Line(measure, chosen, lead, listed)


def _slots(
    entries: Sequence[tuple[Phase, Row]], column: Column, genres: Mapping[str, Genre]
) -> dict[Phase, Slot]:
    """The best row for each part of time, with what contradicts it."""
    by_phase: dict[Phase, list[Row]] = defaultdict(list)
    for phase, row in entries:
        by_phase[phase].append(row)
    found = {}
    for phase, rows in by_phase.items():
        best = min(rows, key=lambda row: _order(row, column, genres))
        others = [row for row in rows if not (agree(best, row) or guessed(row) or _beside(best, row))]
        found[phase] = Slot(
            best,
            phase,
            _distinct(row for row in others if row.report_id == best.report_id),
            _distinct(row for row in others if row.report_id != best.report_id),
        )
    return found


def guessed(row: Row) -> bool:
    """Whether a row tells what was before (由23个减到11个) and no word of it tells when: last year, then."""
    if not row.former or row.when is None:
        return False
    return not (_LAST_YEAR.search(row.quote) or f"{row.when.start.year}年" in row.quote)


def _order(row: Row, column: Column, genres: Mapping[str, Genre]) -> tuple[object, ...]:
    """Sorts the row that a careful reader would take first."""
    written = row.unit in row.text or not row.unit
    own = row.year == column.year
    full = genres.get(row.report_id) in FULL or row.kind.value != Stance.ACTUAL.value
    return (
        row.value is None,
        guessed(row),
        not own,
        not full,
        row.section not in REPORTING,
        row.upper is not None,
        bool(row.qualifier),
        not written,
        row.year or 0,
        row.report_id,
        row.span,
    )


def _beside(best: Row, other: Row) -> bool:
    """Whether the other sentence states the chosen value too, and so something else besides: 71名中有33人."""
    digits = re.escape(_digits(best.text))
    return other.sentence != best.sentence and bool(re.search(rf"(?<![\d.]){digits}(?!\d|\.\d)", other.quote))


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit() or character == ".")


def _distinct(rows: Iterable[Row]) -> tuple[Row, ...]:
    """One row for each value of each report."""
    return tuple({(row.report_id, _amount(row)): row for row in rows}.values())


def _amount(row: Row) -> tuple[Decimal | None, Decimal | None]:
    return row.value, row.upper


def agree(one: Row, other: Row) -> bool:
    """Whether two rows can state the same thing: equal, or one is a rounding or a bound of the other."""
    if one.value is None or other.value is None:
        return True  # masked or unreadable: contradicts nothing
    if (one.upper is None) != (other.upper is None) or one.upper is not None:
        return _amount(one) == _amount(other)
    if falls(one) != falls(other):
        return False
    gap = abs(one.value - other.value)
    about = bool(_ABOUT.search(one.qualifier or "") or _ABOUT.search(other.qualifier or ""))
    if about:
        return gap <= max(_step(one, about=True), _step(other, about=True))
    if one.qualifier != other.qualifier and (one.qualifier or other.qualifier):
        return gap <= max(_step(one), _step(other)) or _bounded(one, other) or _bounded(other, one)
    return 2 * gap <= max(_step(one), _step(other)) if _step(one) != _step(other) else gap == 0


def _bounded(bound: Row, exact: Row) -> bool:
    """Whether 超过X or 不超过X holds for an exact value."""
    assert bound.value is not None and exact.value is not None
    if re.search(r"超(?!过.*不)|以上|不少于|不低于|至少|突破|逾", bound.qualifier):
        return exact.value >= bound.value
    if re.search(r"以内|以下|不超过|不高于|至多|低于|少于|不足", bound.qualifier):
        return exact.value <= bound.value
    return False


def _step(row: Row, *, about: bool = False) -> Decimal:
    """The unit of the last digit written: 0.01万 for 1.25万; of 300余 the hundred."""
    digits = _digits(row.text)
    decimals = _DECIMALS.search(digits)
    step = row.factor / (Decimal(10) ** len(decimals[1])) if decimals else row.factor
    if about and not decimals:
        zeros = _ZEROS.search(digits)
        step *= Decimal(10) ** len(zeros[1] if zeros else "")
    return step
