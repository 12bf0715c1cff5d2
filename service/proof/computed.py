"""Figures of a text that follow from others that it states, so that they need no source of their own.

In: a text and what is known of earlier years. Out: offsets of such figures. The audit's own measure says whether
a stated figure agrees with a computed one: changes (由A增加到B，增长C), shares (占…), sums (共…), and
changes against a value that only last year's report tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from corpus.ledger import Row
from corpus.report import FigureKind
from service.audit.measure import Verdict, judge, spread
from service.audit.pairs import Claim, lone_claims, pairs
from service.audit.reading import Mention, Reading, Told, same_unit
from service.proof.known import Facts, Known
from service.proof.text import Text

_HUNDRED = Decimal(100)
_POINTS = frozenset({"个百分点", "个点"})
_QUOTIENT = re.compile(r"占|率|比例|比重|完成")
_SUM = re.compile(r"共|合计|总计|累计|总数|总量|总额")


def computed(text: Text, facts: Facts) -> frozenset[int]:
    """Where figures stand that can be computed from stated ones."""
    rows = {row.span.start: row for row in text.rows}
    found: set[int] = set()
    for told in text.reading.sentences:
        found.update(_changes(told))
        found.update(_since(told, rows, facts))
        found.update(_quotients(text.reading, told))
        found.update(_sums(told))
    return frozenset(found)


def _changes(told: Told) -> Iterator[int]:
    for pair in pairs(told):
        for claim in pair.claims:
            if pair.old.value is not None and pair.new.value is not None and _fits(claim, pair.new, pair.old):
                yield claim.figure.start


def _fits(claim: Claim, new: Mention, old: Mention) -> bool:
    """Whether a change is the difference, the growth or the ratio of two values."""
    forms: list[Callable[..., Decimal]] = [lambda a, b: a - b]
    if claim.figure.rate and old.value:
        forms.append(lambda a, b: (a - b) / b * _HUNDRED)
    if claim.figure.unit == "倍" and old.value:
        forms = [lambda a, b: a / b, lambda a, b: a / b - 1]
    return any(judge(claim.figure, spread(form, (new, old))) is Verdict.AGREES for form in forms)


def _since(told: Told, rows: dict[int, Row], facts: Facts) -> Iterator[int]:
    """签约率72.3%，比上年提高5.5个百分点, where last year's report has the 66.8%."""
    for value, claim in lone_claims(told):
        row = rows.get(value.start)
        if row is None or row.value is None or row.when is None or claim.figure.value is None:
            continue
        if any(_explains(claim.figure, row, one) for one in facts.of_name(row)):
            yield claim.figure.start


def _explains(figure: Mention, row: Row, then: Known) -> bool:
    earlier = then.when is not None and row.when is not None and then.when.end.year == row.when.end.year - 1
    if not earlier or then.place != row.place or then.kind is not FigureKind.ACTUAL or row.value is None:
        return False
    stated = figure.figure.value
    if stated is None:
        return False
    change = abs(row.value - then.value)
    if figure.rate and figure.unit != row.unit:
        change = change / then.value * _HUNDRED if then.value else Decimal(-1)
    elif figure.unit not in _POINTS and not figure.rate:
        stated *= figure.figure.factor
    exponent = figure.figure.value.as_tuple().exponent if figure.figure.value is not None else 0
    size = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0) * figure.figure.factor
    return abs(change - stated) <= (size if figure.rate or size != 1 else Decimal(0))


def _quotients(reading: Reading, told: Told) -> Iterator[int]:
    for stated in told.mentions:
        if stated.unit != "%" or stated.value is None or not _QUOTIENT.search(stated.before + stated.clause):
            continue
        near = [m for m in reading.near(stated, ahead=60) if m.value and not m.rate]
        if any(_is_share(stated, part, whole) for part in near[-8:] for whole in near):
            yield stated.start


def _is_share(stated: Mention, part: Mention, whole: Mention) -> bool:
    if part.start == whole.start or not same_unit(part, whole) or not whole.value:
        return False
    agrees = judge(stated, spread(lambda one, other: one / other * _HUNDRED, (part, whole)))
    return agrees is Verdict.AGREES


def _sums(told: Told) -> Iterator[int]:
    """A，B，C，共D; the parts may follow the sum (共D，其中A、B)."""
    for whole in told.mentions:
        if whole.value is None or whole.rate or not _SUM.search(whole.before[-12:]):
            continue
        before = _row_of(told.mentions[: whole.number][::-1], whole)
        after = _row_of(told.mentions[whole.number + 1 :], whole)
        for parts in (before, after):
            if any(sum(parts[:n]) == whole.value for n in range(2, len(parts) + 1)):
                yield whole.start


def _row_of(mentions: Sequence[Mention], whole: Mention) -> list[Decimal]:
    """The values of one unit that follow each other."""
    found: list[Decimal] = []
    for mention in mentions:
        if mention.value is None or not same_unit(mention, whole):
            break
        found.append(mention.value)
    return found
