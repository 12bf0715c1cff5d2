"""Two rankings become one (融合).

In: passages ranked by meaning and by words. Out: one list by reciprocal rank fusion, in which no
text stands twice. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_K = 10  # small: with few passages a county, the first ranks should count much


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage (by number) with its score and its rank in each list, from 1; None: not in it."""

    number: int
    score: float
    dense_rank: int | None
    sparse_rank: int | None
    also: tuple[int, ...] = ()  # other passages with the very same text, in the order of their scores


Fuse = Callable[[Sequence[int], Sequence[int]], tuple[Ranked, ...]]  # by meaning, by words → one


def fuse(dense: Sequence[int], sparse: Sequence[int]) -> tuple[Ranked, ...]:
    """Fuse two rankings; the best first, equal scores in the order of meaning."""
    dense_rank = {number: rank for rank, number in enumerate(dense, 1)}
    sparse_rank = {number: rank for rank, number in enumerate(sparse, 1)}
    found = [
        Ranked(
            number,
            sum(1 / (_K + ranks[number]) for ranks in (dense_rank, sparse_rank) if number in ranks),
            dense_rank.get(number),
            sparse_rank.get(number),
        )
        for number in dict.fromkeys((*dense, *sparse))
    ]
    return tuple(sorted(found, key=lambda r: -r.score))


def distinct(ranked: Sequence[Ranked], text_keys: Mapping[int, str], k: int) -> tuple[Ranked, ...]:
    """The first ``k`` different texts; further copies of them are named in ``also``."""
    first: dict[str, Ranked] = {}
    copies: dict[str, list[int]] = {}
    for hit in ranked:
        key = text_keys[hit.number]
        if key in first:
            copies[key].append(hit.number)
        elif len(first) < k:
            first[key], copies[key] = hit, []
    return tuple(
        Ranked(h.number, h.score, h.dense_rank, h.sparse_rank, tuple(copies[key])) for key, h in first.items()
    )
