"""Statistics of one run and of two: shares and means with intervals, paired differences, flips.

In: for each item what was measured, as a number (None: could not be measured) or as (right, asked), and the report
that it rests on. Out: estimates with 95 % intervals. The questions of one report are alike, so reports are drawn
again and not questions (cluster bootstrap, percentile; 10,000 resamples, one fixed seed): with fewer than ten reports
an interval is indicative, with one there is none.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
SEED = 20_240_229
FEW = 10  # reports, below which an interval is indicative
LEVEL = (2.5, 97.5)

Part = tuple[float, float]  # what an item adds to the numerator and the denominator of a metric
Outcome = Literal["better", "worse", "inconclusive", "equal"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean or share of one run; ``items`` are those that were measured, ``lost`` those that were not."""

    value: float | None
    low: float | None
    high: float | None
    items: int
    lost: int
    clusters: int

    @property
    def indicative(self) -> bool:
        """Whether too few reports stand behind the interval."""
        return self.clusters < FEW


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric of two runs over the items that both measured, and new − base with its interval.

    ``lost`` items were measured in one run only, so they are in neither side; ``same`` says that no item differs.
    """

    base: float | None
    new: float | None
    low: float | None
    high: float | None
    items: int
    lost: int
    clusters: int
    same: bool

    @property
    def value(self) -> float | None:
        """New − base."""
        return None if self.base is None or self.new is None else self.new - self.base

    @property
    def indicative(self) -> bool:
        """Whether too few reports stand behind the interval."""
        return self.clusters < FEW

    def outcome(self, *, up: bool = True) -> Outcome:
        """What the interval says, where more is better (``up``) or less is."""
        if self.same:
            return "equal"
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return "inconclusive"
        return "better" if (self.low > 0) is up else "worse"


def estimate(values: Sequence[float | None], clusters: Sequence[Hashable]) -> Estimate:
    """Mean of what was measured, with its interval."""
    return estimate_parts([_part(value) for value in values], clusters)


def estimate_parts(parts: Sequence[Part | None], clusters: Sequence[Hashable]) -> Estimate:
    """Share over all parts of all items: right ones of those asked."""
    known = [(part, c) for part, c in zip(parts, clusters, strict=True) if part is not None and part[1]]
    sums = _sums([part for part, _ in known], [c for _, c in known])
    totals = sums.sum(axis=0)
    low, high = _interval(_ratio(_resampled(sums))) if len(sums) > 1 else (None, None)
    value = _float(_ratio(totals)) if known else None
    return Estimate(value, low, high, len(known), len(parts) - len(known), len(sums))


def paired(
    base: Sequence[float | None], new: Sequence[float | None], clusters: Sequence[Hashable]
) -> Difference:
    """Difference of two means over the same items in the same order; an item that one run lacks is left out.

    Args:
        base: what was measured of each item in the first run; None: could not be.
        new: the same of the second run.
        clusters: the report that each item rests on.
    """
    pairs = [(_part(one), _part(other)) for one, other in zip(base, new, strict=True)]
    whole = [pair if None not in pair else (None, None) for pair in pairs]
    found = paired_parts([one for one, _ in whole], [other for _, other in whole], clusters)
    lost = sum((one is None) != (other is None) for one, other in pairs)
    return Difference(
        found.base,
        found.new,
        found.low,
        found.high,
        found.items,
        lost,
        found.clusters,
        found.same and not lost,
    )


def paired_parts(
    base: Sequence[Part | None], new: Sequence[Part | None], clusters: Sequence[Hashable]
) -> Difference:
    """Difference of two shares over all parts; an item may have parts in one run only (one that was refused)."""
    rows = [
        ((*(one or (0.0, 0.0)), *(other or (0.0, 0.0))), c)
        for one, other, c in zip(base, new, clusters, strict=True)
        if (one and one[1]) or (other and other[1])
    ]
    sums = _sums([row for row, _ in rows], [c for _, c in rows], width=4)
    totals = sums.sum(axis=0)
    of_base, of_new = (_float(_ratio(totals[at : at + 2])) for at in (0, 2))
    low, high = None, None
    if len(sums) > 1 and of_base is not None and of_new is not None:
        drawn = _resampled(sums)
        low, high = _interval(_ratio(drawn[:, 2:]) - _ratio(drawn[:, :2]))
    lost = sum(not (row[1] and row[3]) for row, _ in rows)
    same = all(row[:2] == row[2:] for row, _ in rows)
    return Difference(of_base, of_new, low, high, len(rows), lost, len(sums), same)


def mcnemar(turned_good: int, turned_bad: int) -> float:
    """Exact two-sided p of McNemar's test: could as many items have turned by chance alike? 1 where none did."""
    from scipy.stats import binomtest  # type: ignore[import-untyped]  # 1 s to load

    turned = turned_good + turned_bad
    return float(binomtest(turned_good, turned).pvalue) if turned else 1.0


def flip_rate(runs: Sequence[Sequence[Hashable]]) -> float | None:
    """Share of items that did not come out the same in all repeated runs; None without items or a repeat.

    Args:
        runs: for each run the verdict (or the output) of each item, in one order.
    """
    items = list(zip(*runs, strict=True))
    return sum(len(set(one)) > 1 for one in items) / len(items) if items and len(runs) > 1 else None


# -- drawing reports again ----------------------------------------------------------------------------


def _part(value: float | None) -> Part | None:
    return None if value is None else (value, 1.0)


def _sums(rows: Sequence[Sequence[float]], clusters: Sequence[Hashable], width: int = 2) -> Floats:
    """The sum of the rows of each cluster; in the order of their names, so that no order of items matters."""
    found: dict[str, Floats] = {}
    for row, cluster in zip(rows, clusters, strict=True):
        found.setdefault(str(cluster), np.zeros(width))[:] += row
    return np.array([found[name] for name in sorted(found)]).reshape(len(found), width)


@lru_cache(maxsize=4)  # the metrics of a suite rest on the same few numbers of reports
def _draws(clusters: int) -> Floats:
    """How often each cluster is drawn in each resample, shape (RESAMPLES, clusters)."""
    generator = np.random.default_rng(SEED)
    return generator.multinomial(clusters, np.full(clusters, 1 / clusters), size=RESAMPLES).astype(np.float64)


def _resampled(sums: Floats) -> Floats:
    totals: Floats = _draws(len(sums)) @ sums
    return totals


def _ratio(sums: Floats) -> Floats:
    """Numerator by denominator along the last axis; NaN where nothing was asked."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = sums[..., 0] / sums[..., 1]
    return found


def _interval(values: Floats) -> tuple[float | None, float | None]:
    known = values[~np.isnan(values)]
    if not len(known):
        return None, None
    low, high = np.percentile(known, LEVEL)
    return float(low), float(high)


def _float(value: Floats) -> float | None:
    return None if np.isnan(value) else float(value)
