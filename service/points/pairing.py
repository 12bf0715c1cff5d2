"""Which problem or task of one report is that of another: pairs over the years, groups over many reports.

In: points, and the cosines of an embedding model. Out: the best one-to-one assignment with a score
each, and groups of like points. Both are deterministic. The score is a logarithm of odds made of two
cosines and of rare words in common, since cosines alone lie between 0.90 and 0.97 for any two tasks.

The coefficients are a logistic regression on 1375 pairs of points of neighbouring sample reports, of
which 52 were labelled by hand as the same matter. On these the assignment finds, at LEAST, 44 of 52
with 10 pairs beside them, most of which share their subject (家庭病床信息 with 家庭病床医师); at SURE,
35 of 52 with 3 beside. A pair says that two points treat one matter, never that it was solved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from service.points.points import Point
from service.terms import Weights, content, grams

Similar = Callable[[Sequence[str], Sequence[str]], NDArray[np.float32]]

TITLE, BODY, NAMED, SHARED, CONSTANT = 45.4, 74.6, 3.2, 16.6, -113.3
LEAST = 1.0
SURE = 2.5
# Words that any two tasks share, and places: they tell nothing about the matter.
GENERIC = re.compile(
    r"推进|推动|加强|提升|提高|建设|开展|完善|健全|落实|支持|项目|工作|能力|服务|体系|机制|管理|水平|保障|强化|优化"
    r"|实施|建立|积极|持续|进一步|深入|加快|不断|全面|任务|问题|不足|全市|全县|全区|乡镇|卫生院|医院|卫生|健康|医疗"
    r"|做好|扩大|规范|改革|年底|年内|上半年|下半年|季度|[一-鿿]{2}[县区市]"
)


class Matter(Protocol):
    """What can be compared: a point, a promise."""

    @property
    def title(self) -> str: ...  # noqa: D102

    @property
    def body(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Pair:
    """Two points of one matter, or one without a partner (the other is None, the score -inf)."""

    old: Point | None
    new: Point | None
    score: float = float("-inf")

    @property
    def status(self) -> str:
        """One of continued (持续), new (新出现) and gone (不再提及)."""
        if self.old is None:
            return "new"
        return "gone" if self.new is None else "continued"

    @property
    def sure(self) -> bool:
        """Whether the pair is beyond doubt; others are to be shown as likely."""
        return self.score >= SURE


@dataclass(frozen=True, slots=True)
class Group:
    """Like points of one or more reports, in the order given; ``title`` is that of the most typical one."""

    points: tuple[Point, ...]
    title: str

    @property
    def report_ids(self) -> tuple[str, ...]:
        """The reports that name it, each once."""
        return tuple(dict.fromkeys(point.report_id for point in self.points))


def pairs(
    old: Sequence[Point], new: Sequence[Point], similar: Similar, *, least: float = LEAST
) -> tuple[Pair, ...]:
    """The best one-to-one assignment: pairs and new points in the order of ``new``, then what is gone."""
    from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]  # 0.3 s to load

    partner: dict[int, tuple[int, float]] = {}
    if old and new:
        table = scores(old, new, similar)
        # A pair below the threshold must not push out one above it: it is worth nothing.
        worth = np.maximum(table - least, 0.0)
        for i, j in zip(*linear_sum_assignment(-worth), strict=True):
            if table[i, j] >= least:
                partner[int(j)] = (int(i), float(table[i, j]))
    found = []
    for j, point in enumerate(new):
        i, score = partner.get(j, (-1, float("-inf")))
        found.append(Pair(old[i] if i >= 0 else None, point, score))
    taken = {i for i, _ in partner.values()}
    return (*found, *(Pair(point, None) for i, point in enumerate(old) if i not in taken))


def groups(points: Sequence[Point], similar: Similar, *, least: float = LEAST) -> tuple[Group, ...]:
    """Like points together, the largest groups first; every point is in exactly one.

    Complete linkage: every two members are alike, so that a group does not drift from one matter to
    the next. A point without a like one is a group of its own.
    """
    if len(points) < 2:
        return tuple(Group((point,), point.title) for point in points)
    from scipy.cluster.hierarchy import fcluster, linkage  # type: ignore[import-untyped]
    from scipy.spatial.distance import squareform  # type: ignore[import-untyped]

    table = scores(points, points, similar)
    table = (table + table.T) / 2
    top = float(table.max())
    apart = top - table
    np.fill_diagonal(apart, 0.0)
    labels = fcluster(linkage(squareform(apart, checks=False), "complete"), top - least, "distance")
    members: dict[int, list[int]] = {}
    for index, label in enumerate(labels):
        members.setdefault(int(label), []).append(index)
    made = [_group(points, chosen, table) for chosen in members.values()]
    first = {id(group): min(points.index(p) for p in group.points) for group in made}
    return tuple(sorted(made, key=lambda g: (-len(g.report_ids), -len(g.points), first[id(g)])))


def scores(old: Sequence[Matter], new: Sequence[Matter], similar: Similar) -> NDArray[np.float64]:
    """Logarithm of the odds that two points treat one matter, shape (len(old), len(new))."""
    titles = similar([p.title for p in old], [p.title for p in new])
    bodies = similar([p.body for p in old], [p.body for p in new])
    named, shared = _words(old, new)
    return (
        TITLE * titles.astype(np.float64)
        + BODY * bodies.astype(np.float64)
        + NAMED * named
        + SHARED * shared
        + CONSTANT
    )


def _group(points: Sequence[Point], chosen: Sequence[int], table: NDArray[np.float64]) -> Group:
    inner = table[np.ix_(chosen, chosen)]
    typical = chosen[int(np.argmax(inner.sum(axis=1)))]
    return Group(tuple(points[i] for i in chosen), points[typical].title)


def _words(old: Sequence[Matter], new: Sequence[Matter]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of a title's rare words that the other body holds (the better side), and of both bodies."""
    weights = Weights.learn([p.body for p in (*old, *new)])
    every = [_grams(p.body) for p in (*old, *new)] + [_grams(p.title) for p in (*old, *new)]
    vocabulary = {gram: n for n, gram in enumerate(sorted(frozenset().union(*every)))}
    rarity = np.array([weights.of(gram) for gram in vocabulary] or [1.0])

    def rows(sets: Sequence[frozenset[str]]) -> NDArray[np.float64]:
        table = np.zeros((len(sets), max(1, len(vocabulary))))
        for row, found in zip(table, sets, strict=True):
            row[[vocabulary[gram] for gram in found]] = 1.0
        return table

    size = len(old) + len(new)
    bodies, titles = rows(every[:size]), rows(every[size:])
    a, b, x, y = bodies[: len(old)], bodies[len(old) :], titles[: len(old)], titles[len(old) :]
    there = _over((x * rarity) @ b.T, x @ rarity, axis=0)
    back = _over(a @ (y * rarity).T, y @ rarity, axis=1)
    length = np.sqrt(np.outer(a @ rarity, b @ rarity))
    shared = np.divide((a * rarity) @ b.T, length, out=np.zeros_like(length), where=length > 0)
    return np.maximum(there, back), shared


def _over(part: NDArray[np.float64], whole: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """``part`` divided by the ``whole`` of its row (axis 0) or column (axis 1), 0 over 0 is 0."""
    divisor = np.broadcast_to(whole[:, None] if axis == 0 else whole[None, :], part.shape)
    return np.divide(part, divisor, out=np.zeros_like(part), where=divisor > 0)


def _grams(text: str) -> frozenset[str]:
    return grams(GENERIC.sub(" ", content(text)))
