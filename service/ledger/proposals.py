"""Which names might mean the same indicator: candidates for the alias table, never decided here (别名候选).

In: rows of the ledger and the likeness of two names by the embedding model. Out: pairs of names with equal
units that are alike, best first. Not proposed are names that the table keeps apart, and names that one
sentence, or one report with different values for the same time, gives both: whoever writes so means two things.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.aliases import Aliases, key
from corpus.ledger import Row

Similar = Callable[[Sequence[str], Sequence[str]], NDArray[np.float32]]
LEAST = 0.93  # cosine of e5; unrelated indicators of one field lie at 0.8 to 0.9
MOST_NAMES = 1500  # the most frequent ones
SHORTEST = 4  # characters; 服务 and 投入 are like everything


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two names that might be one; ``reports`` counts those that write either."""

    one: str
    other: str
    unit: str
    score: float
    reports: tuple[int, int]


def propose(
    rows: Iterable[Row], similar: Similar, aliases: Aliases, *, least: float = LEAST, most: int = 40
) -> tuple[Proposal, ...]:
    """Candidate pairs, the most alike first; the more frequent name comes first in a pair."""
    told: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.unit and len(row.name) >= SHORTEST:
            told[row.name, row.unit].append(row)
    spread = {name: len({row.report_id for row in found}) for name, found in told.items()}
    names = sorted(told, key=lambda at: (-spread[at], at))[:MOST_NAMES]
    if len(names) < 2:
        return ()
    scores = similar([name for name, _ in names], [name for name, _ in names])
    found = []
    for low, high in zip(*np.nonzero(np.triu(scores >= least, 1)), strict=True):
        one, other = names[low], names[high]
        if one[1] != other[1] or key(one[0]) == key(other[0]) or aliases.apart(one[0], other[0]):
            continue
        if not _contradict(told[one], told[other]):
            score = float(scores[low, high])
            found.append(Proposal(one[0], other[0], one[1], score, (spread[one], spread[other])))
    return tuple(sorted(found, key=lambda p: (-p.score, p.one, p.other))[:most])


def _contradict(ones: Sequence[Row], others: Sequence[Row]) -> bool:
    """Whether one sentence, or one report with different values for the same time, gives both names."""
    sentences = {(row.report_id, row.sentence) for row in ones}
    values = {(row.report_id, row.when, row.place, row.kind): row.value for row in ones}
    for row in others:
        at = (row.report_id, row.when, row.place, row.kind)
        if (row.report_id, row.sentence) in sentences or (at in values and values[at] != row.value):
            return True
    return False
