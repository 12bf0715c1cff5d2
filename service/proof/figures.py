"""Where the figures of a text come from: the library, the input, other figures of the text, or nowhere.

In: a text and the facts that are known. Out: findings, and the tally of what was found. A figure has a source where
name, unit, value, place and time agree. What agrees but for the time is last year's figure told as this
year's, what agrees but for the place another county's; what differs only in its value contradicts a source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from corpus.ledger import Row
from corpus.report import FigureKind
from service.papers.derivation import difference, operand
from service.proof.computed import computed
from service.proof.known import Facts, Known
from service.proof.rules import Finding, Rule, Severity
from service.proof.text import Text

_AIMS = (FigureKind.TARGET, FigureKind.REQUIREMENT)
_TELLING = 3  # significant digits from which one value in two places is no accident
_NAMED = 4  # characters of a name that says what is measured
_COMMON = ("投入", "投资", "资金", "培训", "人数", "病种", "专业", "补偿", "标准", "发放")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many figures were looked at, found with their source, and computed from others."""

    figures: int = 0
    sourced: int = 0
    computed: int = 0


class Tracing:
    """One walk over the figures of a text."""

    def __init__(self, text: Text, facts: Facts) -> None:
        self.text, self.facts = text, facts
        self._computed = computed(text, facts)
        covered = any(k.given for k in facts.all) or any(
            k.place == text.place and k.when and k.when.end.year == text.year for k in facts.all
        )
        self._severity = Severity.MEDIUM if covered else Severity.LOW
        self._loose: dict[int, list[Row]] = {}
        self.tally = Tally()

    def findings(self) -> Iterator[Finding]:
        """What is found; :attr:`tally` is complete when all were taken."""
        count = sourced = derived = 0
        for row in self.text.rows:
            if row.value is None or row.masked or row.suspect:
                continue
            count += 1
            found = self._verdict(row)
            if found is True:
                sourced += 1
            elif isinstance(found, Finding):
                yield found
            elif row.span.start in self._computed:
                derived += 1
            elif not (other := self._other(row)):
                self._note(row)
            else:
                yield other
        self.tally = Tally(count, sourced, derived)
        yield from self._nowhere()

    def _verdict(self, row: Row) -> bool | Finding:
        """True where the row has a source; a finding; False where nothing like it is known."""
        equal = [one for one in self.facts.of_value(row) if self.facts.is_alike(row, one)]
        here = [one for one in equal if _same_place(row, one)]
        timely = [one for one in here if _same_time(row, one)]
        told = [one for one in timely if _same_stance(row, one)]
        if told or any(self._rounds(row, one) for one in self.facts.of_name(row)):
            return True
        aimed = [one for one in here if one.kind in _AIMS and (one.given or self._foretold(row, one))]
        if aimed and row.kind is FigureKind.ACTUAL:
            return self._target(row, aimed[0])
        if timely:
            return True
        return (
            self._conflict(row)
            or self._stale(row, [one for one in here if self.facts.is_named(row, one)])
            or self._borrowed(row, [one for one in equal if one not in here])
            or (row.former and bool(here))
        )

    def _foretold(self, row: Row, one: Known) -> bool:
        """Whether a report sets the value of a row as the aim of a later year."""
        later = row.when is not None and one.when is not None and one.when.end.year > row.when.end.year
        return later and _digits(row) >= _TELLING and self.facts.is_named(row, one)

    def _rounds(self, row: Row, one: Known) -> bool:
        """5.5万人 for the 55012人 of the source."""
        if not (_same_place(row, one) and _same_time(row, one) and _same_stance(row, one)):
            return False
        return row.value is not None and _rounded(row, one.value)

    def _target(self, row: Row, one: Known) -> Finding:
        where = _where(one)
        return self._finding(
            Rule.TARGET_DONE,
            Severity.HIGH,
            row,
            one,
            f"{row.indicator}{row.text}在{where}里是目标，文中说成已经达到",
        )

    def _conflict(self, row: Row) -> Finding | None:
        """Another value of the same indicator, place and time."""
        if (
            len(row.name) < _NAMED
            or row.kind is not FigureKind.ACTUAL
            or row.name.endswith(_COMMON)
            or row.former
        ):
            return None
        same = [
            one
            for one in self.facts.of_name(row)
            if _same_place(row, one) and one.when == row.when and one.when and one.kind is row.kind
        ]
        values = {one.value for one in same}
        mine = {
            r.value
            for r in self.text.rows
            if (r.name, r.when, r.unit, r.kind) == (row.name, row.when, row.unit, row.kind)
        }
        if len(values) != 1 or len(mine) != 1 or row.value in values or not _near(row, same[0]):
            return None
        given = [one for one in same if one.given]
        one = (given or same)[0]
        where = _where(one)
        severity = Severity.HIGH if one.given else Severity.MEDIUM
        message = f"{row.indicator}写作{row.text}，{where}里是{one.text}"
        return self._finding(Rule.FIGURE_CONFLICT, severity, row, one, message)

    def _stale(self, row: Row, known: Sequence[Known]) -> Finding | None:
        """The value of an earlier year, told as that of the text's own."""
        if row.kind is not FigureKind.ACTUAL or row.former or not row.when:
            return None
        earlier = [
            one
            for one in known
            if one.when and one.when.end.year < row.when.end.year and one.kind is row.kind
        ]
        if not earlier:
            return None
        one = max(earlier, key=lambda k: k.when.end if k.when else row.when.end)  # type: ignore[union-attr]
        severity = Severity.MEDIUM if _digits(row) >= _TELLING else Severity.LOW
        message = f"{row.indicator}{row.text}，与{one.when.label if one.when else ''}的数相同"
        return self._finding(Rule.FIGURE_STALE, severity, row, one, message)

    def _borrowed(self, row: Row, known: Sequence[Known]) -> Finding | None:
        if _digits(row) < _TELLING or row.place != self.text.place:
            return None
        one = next((k for k in known if self.facts.is_named(row, k) and k.place), None)
        if one is None:
            return None
        message = f"{row.indicator}{row.text}，与{one.place}的数相同"
        return self._finding(Rule.FIGURE_BORROWED, Severity.MEDIUM, row, one, message)

    def _other(self, row: Row) -> Finding | None:
        """The same value of something else."""
        if _digits(row) < _TELLING:
            return None
        one = next((k for k in self.facts.of_value(row) if _same_place(row, k)), None)
        if one is None:
            return None
        what = one.name or one.clause
        return self._finding(
            Rule.FIGURE_OTHER, Severity.LOW, row, one, f"{row.text}在来源里说的是“{what[:24]}”"
        )

    def _note(self, row: Row) -> None:
        """Keep a figure without a source; what a plan sets itself needs one only where there is an input."""
        if row.kind in _AIMS and not self.facts.given:
            return
        self._loose.setdefault(self.text.at(row.span.start).span.start, []).append(row)

    def _nowhere(self) -> Iterator[Finding]:
        for start, rows in sorted(self._loose.items()):
            named = "、".join(dict.fromkeys("".join(row.text.split()) for row in rows))
            yield Finding(Rule.FIGURE_UNSOURCED, self._severity, named, (self.text.cite_at(start),))

    def _finding(self, rule: Rule, severity: Severity, row: Row, one: Known, message: str) -> Finding:
        mine = self.text.cite_at(row.span.start)
        derived = None
        if rule is Rule.FIGURE_CONFLICT:
            ours, theirs = operand(row, mine), operand(one, one.citation)
            derived = difference(ours, theirs) if ours and theirs else None
        return Finding(rule, severity, message, (mine, one.citation), (derived,) if derived else ())


def _where(one: Known) -> str:
    """The source in a few words: 输入表, 沁溪县2022年的报告."""
    if one.given:
        return "输入表"
    year = f"{one.citation.year}年" if one.citation.year else ""
    return f"{one.citation.place}{year}的报告"


def _same_place(row: Row, one: Known) -> bool:
    return one.place is None or row.place is None or one.place == row.place


def _same_time(row: Row, one: Known) -> bool:
    """Whether times agree: both in one year, or unknown on one side."""
    if row.when is None or one.when is None:
        return True
    return row.when.end.year == one.when.end.year


def _same_stance(row: Row, one: Known) -> bool:
    """A target is a target and a result a result; how a problem shows itself may be told as either."""
    if one.given and not one.name and one.kind is FigureKind.ACTUAL:
        return True
    return (row.kind in _AIMS) == (one.kind in _AIMS) or (one.given and row.kind is FigureKind.DIFFERENCE)


def _digits(row: Row) -> int:
    """Significant digits as written: 2 of 72%, 1 of 100, 4 of 54490."""
    digits = "".join(c for c in row.text if c.isdigit()).lstrip("0")
    return len(digits.rstrip("0") if "." not in row.text else digits)


def _rounded(row: Row, value: Decimal) -> bool:
    """Whether a row states a value more coarsely: 5.5万 for 55012, 72% for 72.3%."""
    assert row.value is not None
    written = row.value / row.factor
    exponent = written.as_tuple().exponent
    size = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0) * row.factor
    whole = row.factor == 1 and row.unit not in ("%", "‰")
    loose = abs(row.value) / 10 if row.qualifier else Decimal(0)
    return abs(row.value - value) <= (loose if whole else max(size / 2, loose))


def _near(row: Row, one: Known) -> bool:
    """Whether two values may be of one thing: within a factor of ten."""
    small, great = sorted((abs(row.value or Decimal(0)), abs(one.value)))
    return small > 0 and great / small <= 10
