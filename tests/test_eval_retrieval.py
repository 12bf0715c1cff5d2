"""Rankings by hand: where the gold stands, how much of it, and how often."""

from __future__ import annotations

from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.cases import Gold
from eval.retrieval import MEASURES, Stretch, packed, ranking, ranks

A, B = "a" * 64, "b" * 64
ONE = (Gold(A, 100, 120),)
TWO = (Gold(A, 100, 120, 1), Gold(B, 0, 10, 2))
MISS: Stretch = (A, 500, 600)
HIT: Stretch = (A, 90, 200)
OTHER: Stretch = (B, 0, 50)


def found(gold: tuple[Gold, ...], *stretches: Stretch) -> tuple[float, ...]:
    return tuple(value for value in ranking(gold, stretches).values() if value is not None)


@pytest.mark.parametrize(
    ("gold", "stretches", "wanted"),  # Recall@5, nDCG@10, RR@10, Success@1
    [
        (ONE, [HIT], (1, 1, 1, 1)),
        (ONE, [MISS, HIT], (1, 1 / log2(3), 0.5, 0)),
        (ONE, [MISS] * 5 + [HIT], (0, 1 / log2(7), 1 / 6, 0)),
        (ONE, [MISS] * 10 + [HIT], (0, 0, 0, 0)),
        (ONE, [], (0, 0, 0, 0)),
        (TWO, [HIT, OTHER], (1, 1, 1, 1)),
        (TWO, [HIT], (0.5, 1 / (1 + 1 / log2(3)), 1, 1)),
        (TWO, [MISS, OTHER, HIT], (1, (1 / log2(3) + 0.5) / (1 + 1 / log2(3)), 0.5, 0)),
    ],
)
def test_by_hand(gold: tuple[Gold, ...], stretches: list[Stretch], wanted: tuple[float, ...]) -> None:
    assert found(gold, *stretches) == pytest.approx(wanted)


def test_copies_are_one_fact_and_a_second_copy_is_no_gain() -> None:
    copies = (Gold(A, 100, 120, 1), Gold(B, 0, 10, 1), Gold(A, 300, 310, 2))
    assert ranks(copies, [OTHER, HIT, (A, 295, 320)]) == [[1], [], [2]]
    crowded, fresh = (
        ranking(copies, [OTHER, HIT, (A, 295, 320)]),
        ranking(copies, [OTHER, (A, 295, 320), HIT]),
    )
    assert crowded["ndcg@10"] < fresh["ndcg@10"] == 1  # type: ignore[operator]


def test_the_same_place_in_another_file_is_no_hit() -> None:
    assert found(ONE, (B, 90, 200)) == (0, 0, 0, 0)


def test_a_touch_is_no_hit_and_two_halves_are_one() -> None:
    assert ranks(ONE, [(A, 0, 109)]) == [[]]
    assert ranks(ONE, [(A, 0, 110)]) == [[1]]
    assert ranks(ONE, [(A, 0, 106), (A, 106, 110)]) == [[], [1]]
    assert ranks(ONE, [(A, 0, 106), (A, 0, 106)]) == [[], []]


def test_a_stretch_with_both_facts_is_a_perfect_ranking() -> None:
    both = (Gold(A, 100, 120, 1), Gold(A, 130, 150, 2))
    assert found(both, HIT) == (1, 1, 1, 1)


def test_packed_asks_for_all_facts() -> None:
    assert packed(TWO, [OTHER, MISS]) == 0
    assert packed(TWO, [OTHER, MISS, HIT]) == 1
    assert packed((), [HIT]) is None


def test_without_gold_nothing_is_measured() -> None:
    assert ranking((), [HIT]) == dict.fromkeys(MEASURES)


STRETCHES = st.lists(st.sampled_from([MISS, HIT, OTHER, (A, 0, 105)]), max_size=12)


@settings(deadline=None, max_examples=30)
@given(STRETCHES)
def test_losing_the_gold_never_helps(stretches: list[Stretch]) -> None:
    kept, lost = ranking(TWO, stretches), ranking(TWO, [MISS if one == HIT else one for one in stretches])
    assert all(0 <= lost[name] <= kept[name] <= 1 for name in MEASURES)  # type: ignore[operator]
