"""Does a stated figure agree with one computed from others, given how finely they are written?

In: figures as written. Out: the range in which a true value may lie, and a verdict. 1.86亿元 may stand
for anything from 1.855 to 1.865亿元; offices round or cut off the last digit as they please, so a true
value half a unit of the last digit below what is stated, or up to a whole one above it, is no finding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import Enum
from itertools import product

from service.audit.reading import Mention

_ZERO = Decimal(0)
_MOST = {"余", "多", "超", "以上", "不少于", "不低于", "至少"}
_LEAST = {"近", "不足", "以下", "以内", "不超过", "至多", "低于"}
_ABOUT = {"约", "左右", "几", "来"}
_LOOSE = Decimal("0.1")  # 近 and 余 leave a tenth

Range = tuple[Decimal, Decimal]


class Verdict(Enum):
    """Whether a statement holds."""

    AGREES = 1
    ROUNDED = 2  # off by more than one, but at most two units of the last digit
    WRONG = 3


def step(mention: Mention) -> Decimal:
    """One unit of the last written digit, in the base unit; for 四成 a half of 成."""
    figure = mention.figure
    if figure.value is None:
        return _ZERO
    exponent = figure.value.as_tuple().exponent
    places = exponent if isinstance(exponent, int) else 0
    if places < -6:  # 三分之二
        return _ZERO
    size = Decimal(1).scaleb(min(places, 0)) * figure.factor
    return size / 2 if mention.unit == "%" and figure.factor == 10 else size


def ranges(mentions: Sequence[Mention]) -> tuple[Range, ...]:
    """Where the true values may lie: all are taken to be written as finely as the finest of them."""
    steps = [step(m) for m in mentions if not _whole(m)]
    finest = min(steps, default=_ZERO) / 2
    return tuple(_range(m, _ZERO if _whole(m) else finest) for m in mentions)


def _whole(mention: Mention) -> bool:
    """Whether it is a count without decimals or multiplier, which is exact."""
    value = mention.figure.value
    return mention.figure.factor == 1 and value is not None and value == value.to_integral_value()


def _range(mention: Mention, slack: Decimal) -> Range:
    value = mention.value or _ZERO
    loose = abs(value) * _LOOSE
    word = mention.figure.qualifier
    low = loose if word in _LEAST else loose / 2 if word in _ABOUT else slack
    high = loose if word in _MOST else loose / 2 if word in _ABOUT else slack
    return value - low, value + high


def spread(compute: Callable[..., Decimal], mentions: Sequence[Mention]) -> Range:
    """The least and the greatest result over the corners of the ranges."""
    results = [compute(*corner) for corner in product(*ranges(mentions))]
    return min(results), max(results)


def judge(stated: Mention, computed: Range, *, absolute: bool = True) -> Verdict:
    """Compare a stated figure with a computed range."""
    value = stated.value
    if value is None:
        return Verdict.AGREES
    low, high = computed
    if absolute:
        low, high = sorted((abs(low), abs(high))) if low * high >= 0 else (_ZERO, max(abs(low), abs(high)))
    own_low, own_high = _range(stated, _ZERO)
    size = step(stated)
    above, below = low - own_high, own_low - high  # how far the true value lies above or below
    if above <= 0 and below <= 0:
        return Verdict.AGREES
    if (above > 0 and above < size) or (below > 0 and below <= size / 2):
        return Verdict.AGREES
    return Verdict.ROUNDED if max(above, below) <= 2 * size and size < 1 else Verdict.WRONG
