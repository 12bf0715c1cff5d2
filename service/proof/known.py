"""What figures of a text are held against: rows of the library and rows of the input, in one form.

In: rows of the ledger of other reports, and a draft's input. Out: :class:`Known` values, and :class:`Facts`, which
finds those of one value or of one name. A name is alike where the keys of the alias table agree, one holds the
other, or most of their pairs of characters are shared; the words around the figure may say it too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from corpus.aliases import Aliases, key
from corpus.corrections import unit_of
from corpus.ledger import Row
from corpus.numerals import numbers
from corpus.report import FigureKind
from corpus.when import When, of_year
from service.arithmetic import COUNTS
from service.cited import Citation
from service.draft.inputs import Amount, DraftInput, Indicator
from service.draft.source import InputSource
from service.papers.sourcing import key_of

_CLAUSE = re.compile(r"[，,；;。：:！？\n]")
_IDLE = re.compile(
    r"[^一-鿿A-Za-z]|全[县市区省]|[我全]县|累计|共计|达到|完成|开展|同比|今年|目前|以来|其中|分别|新增|建成|工作"
)
_PROGRESS = "完成情况："  # behind it a task tells what was done
_LEAST = 3  # characters that a contained name has
_DICE = 0.6
_SHARED = 3  # pairs of characters that two clauses share


@dataclass(frozen=True, slots=True)
class Known:
    """One figure that has a source. ``name`` is "" where only the words of ``clause`` say what it is.

    ``step`` is the size of its last written digit, 0 for an exact count; ``given`` says that it is the user's.
    """

    name: str
    value: Decimal
    upper: Decimal | None
    unit: str
    when: When | None
    place: str | None
    kind: FigureKind
    clause: str
    text: str
    step: Decimal
    citation: Citation
    given: bool = False


def of_row(row: Row) -> Known | None:
    """A row of the ledger; None for one without a value."""
    if row.value is None or row.masked or row.suspect:
        return None
    at = row.span.start - row.sentence.start
    return Known(
        row.name, row.value, row.upper, row.unit, row.when, row.place, row.kind, clause_at(row.quote, at),
        row.text, _step(row.value, row.factor), Citation.of_row(row),
    )  # fmt: skip


def of_input(given: DraftInput, source: InputSource) -> Iterator[Known]:
    """The indicators of an input, then every other figure that its rows state."""
    past = given.basic.past
    for row in given.indicators:
        for amount, year, kind in (
            (row.last, past - 1, FigureKind.ACTUAL),
            (row.this, past, FigureKind.ACTUAL),
            (row.target, past + 1, FigureKind.TARGET),
        ):
            if amount is not None:
                yield _of_amount(row, amount, year, kind, given.basic.place, source.cite(row.at))
    problems = [(row.at, FigureKind.ACTUAL) for row in given.problems]
    for at, kind in (*problems, *((row.at, FigureKind.TARGET) for row in given.tasks)):
        citation = source.cite(at)
        done = citation.quote.find(_PROGRESS)
        for number in numbers(citation.quote):
            said = key_of(number)
            if said is not None:
                kind = FigureKind.ACTUAL if 0 <= done < number.span.start else kind
                clause = clause_at(citation.quote, number.span.start)
                yield Known(
                    "", said[0], said[1], said[2], None, given.basic.place, kind, clause,
                    number.whole.of(citation.quote), _step(said[0], number.factor), citation, True,
                )  # fmt: skip


def _of_amount(
    row: Indicator, amount: Amount, year: int, kind: FigureKind, place: str, citation: Citation
) -> Known:
    unit, factor = unit_of(row.unit)
    value = amount.value * factor
    return Known(
        row.name, value, None, unit, of_year(year), place, kind, row.name, f"{amount.text}{row.unit}",
        _step(value, factor), citation, True,
    )  # fmt: skip


def clause_at(quote: str, at: int) -> str:
    """The words around a figure up to the marks on both sides."""
    before = _CLAUSE.split(quote[:at])[-1]
    return before + _CLAUSE.split(quote[at:])[0]


def _step(value: Decimal, factor: Decimal) -> Decimal:
    """The size of the last written digit of a value in the base unit; 0 for a whole number without 万."""
    exponent = (value / factor).as_tuple().exponent
    places = exponent if isinstance(exponent, int) else 0
    return Decimal(0) if factor == 1 and places >= 0 else Decimal(1).scaleb(max(min(places, 0), -6)) * factor


class Facts:
    """Everything known, to be asked by value or by name."""

    def __init__(self, known: Iterable[Known], aliases: Aliases) -> None:
        self.all = tuple(known)
        self._aliases = aliases
        self._by_value: dict[tuple[Decimal, Decimal | None, str], list[Known]] = defaultdict(list)
        self._by_name: dict[tuple[str, str], list[Known]] = defaultdict(list)
        for one in self.all:
            self._by_value[(one.value, one.upper, counted(one.unit))].append(one)
            if one.name:
                self._by_name[(self._key(one.name, one.unit), counted(one.unit))].append(one)

    @property
    def given(self) -> bool:
        """Whether an input is among them."""
        return any(one.given for one in self.all)

    def _key(self, name: str, unit: str) -> str:
        return key(self._aliases.canonical(name, unit))

    def of_value(self, row: Row) -> Sequence[Known]:
        """What is known with the value and unit of a row."""
        assert row.value is not None
        return self._by_value.get((row.value, row.upper, counted(row.unit)), ())

    def of_name(self, row: Row) -> Sequence[Known]:
        """What is known under the name of a row, in its unit."""
        return self._by_name.get((self._key(row.name, row.unit), counted(row.unit)), ())

    def is_named(self, row: Row, one: Known) -> bool:
        """Whether a row and something known go by one name."""
        mine, theirs = self._key(row.name, row.unit), self._key(one.name, one.unit)
        if not mine or not theirs or self._aliases.apart(row.name, one.name):
            return False
        short, long = sorted((mine, theirs), key=len)
        return short == long or (len(short) > _LEAST and (long.endswith(short) or long.startswith(short)))

    def is_alike(self, row: Row, one: Known) -> bool:
        """Whether a row and something known most likely are of one indicator."""
        if one.name and self.is_named(row, one):
            return True
        if one.name and self._aliases.apart(row.name, one.name):
            return False
        if one.name and _dice(row.name, one.name) >= _DICE:
            return True
        mine = _pairs(clause_at(row.quote, row.span.start - row.sentence.start)) | _pairs(row.name)
        return len(mine & _pairs(one.clause)) >= min(_SHARED, max(1, len(_pairs(one.name or one.clause))))


def counted(unit: str) -> str:
    """One name for the units that count the same things (人, 名, 位)."""
    return next((min(group) for group in COUNTS if unit in group), unit)


def _pairs(text: str) -> frozenset[str]:
    words = _IDLE.sub(" ", text)
    return frozenset(words[i : i + 2] for i in range(len(words) - 1) if " " not in words[i : i + 2])


def _dice(one: str, other: str) -> float:
    a, b = _pairs(one), _pairs(other)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0
