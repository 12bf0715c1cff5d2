"""Intervals by hand: few reports, so that every resample can be counted on paper."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.statistics import estimate, estimate_parts, flip_rate, mcnemar, paired, paired_parts


def test_two_reports_are_drawn_both_or_one_twice() -> None:
    found = paired([0, 0], [1, 0], ["a", "b"])  # resampled means: 1 (1/4), 0.5 (1/2), 0 (1/4)
    assert (found.base, found.new, found.value) == (0, 0.5, 0.5)
    assert (found.low, found.high) == (0, 1)
    assert found.outcome() == "inconclusive" and found.indicative


def test_a_long_report_weighs_more() -> None:
    found = paired([0, 0, 0, 1], [1, 1, 1, 0], ["a", "a", "a", "b"])
    assert found.value == (3 - 1) / 4
    assert (found.low, found.high) == (-1, 1)  # b twice: -1; both: 0.5; a twice: 1


def test_one_report_in_four_that_gained() -> None:
    """How often it is drawn is binomial (4, 1/4): 97.5 % lie at three or fewer, 94.9 % at two or fewer."""
    found = paired([0] * 4, [1, 0, 0, 0], list("abcd"))
    assert (found.low, found.high) == (0, 0.75)


def test_questions_of_one_report_are_not_drawn_apart() -> None:
    """40 questions over two reports: by question the interval would be ±0.15, by report it is all there is."""
    apart = paired([0] * 40, [1] * 20 + [0] * 20, list(range(40)))
    together = paired([0] * 40, [1] * 20 + [0] * 20, ["a"] * 20 + ["b"] * 20)
    assert apart.value == together.value == 0.5
    assert apart.low is not None and 0.3 < apart.low < 0.4 and not apart.indicative
    assert (together.low, together.high) == (0, 1)


def test_every_report_got_worse() -> None:
    found = paired([1] * 4, [0.5, 0.75, 0.5, 0.75], list("abcd"))
    assert found.outcome() == "worse" and found.outcome(up=False) == "better"


def test_one_report_has_no_interval() -> None:
    found = paired([1, 1], [0, 1], ["a", "a"])
    assert found.value == -0.5 and found.low is None and found.high is None
    assert found.outcome() == "inconclusive"


def test_nothing_differs() -> None:
    assert paired([1, 0, None], [1, 0, None], list("abc")).outcome() == "equal"


def test_items_that_one_run_could_not_measure_are_lost_and_told() -> None:
    found = paired([1, None, 0, None], [1, 1, None, None], list("abcd"))
    assert (found.items, found.lost, found.base, found.new) == (1, 2, 1, 1)
    assert found.outcome() == "inconclusive"  # not equal: something was lost


def test_nothing_was_measured() -> None:
    found = paired([None], [None], ["a"])
    assert found.value is None and found.items == 0
    assert estimate([], []).value is None


def test_shares_over_all_parts() -> None:
    found = paired_parts([(1, 1), (1, 9)], [(1, 1), (9, 9)], ["a", "b"])
    assert (found.base, found.new) == (0.2, 1)  # not the mean of 1 and 1/9
    assert (found.low, found.high) == (0, 8 / 9)


def test_an_item_may_have_parts_in_one_run_only() -> None:
    found = paired_parts([(2, 2), (0, 0)], [(1, 2), (1, 1)], ["a", "b"])
    assert (found.base, found.new, found.lost) == (1, 2 / 3, 1)


def test_mean_with_interval() -> None:
    found = estimate([1, 0, None], ["a", "b", "c"])
    assert (found.value, found.low, found.high) == (0.5, 0, 1)
    assert (found.items, found.lost, found.clusters) == (2, 1, 2)
    assert estimate_parts([(3, 4), (0, 0)], ["a", "b"]).value == 0.75


@pytest.mark.parametrize(("good", "bad", "p"), [(0, 0, 1), (1, 6, 16 / 128), (6, 0, 2 / 64), (3, 3, 1)])
def test_mcnemar_is_the_two_sided_binomial(good: int, bad: int, p: float) -> None:
    assert mcnemar(good, bad) == pytest.approx(p)


def test_flips_between_repeated_runs() -> None:
    assert flip_rate([[True, False, True], [True, True, True], [True, False, True]]) == 1 / 3
    assert flip_rate([[True]]) is None and flip_rate([]) is None


VALUES = st.lists(
    st.tuples(
        st.sampled_from([None, 0.0, 0.25, 1.0]), st.sampled_from([None, 0.0, 1.0]), st.sampled_from("abcde")
    ),
    min_size=1,
    max_size=12,
)


@settings(deadline=None, max_examples=30)
@given(VALUES, st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_matter_and_the_interval_holds_the_difference(
    rows: list[tuple[float | None, float | None, str]], shuffler: random.Random
) -> None:
    found = paired(*map(list, zip(*rows, strict=True)))  # type: ignore[arg-type]
    mixed = list(rows)
    shuffler.shuffle(mixed)
    again = paired(*map(list, zip(*mixed, strict=True)))  # type: ignore[arg-type]
    assert (found.low, found.high) == pytest.approx((again.low, again.high))
    if found.low is not None and found.high is not None and found.value is not None:
        assert found.low - 1e-9 <= found.value <= found.high + 1e-9
        swapped = paired([b for _, b, _ in rows], [a for a, _, _ in rows], [c for _, _, c in rows])
        assert (swapped.low, swapped.high) == pytest.approx((-found.high, -found.low))
