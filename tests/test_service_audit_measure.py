"""How finely a figure is written decides what may be called wrong."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.report import Figure, Span
from service.audit.measure import Verdict, judge, ranges, spread, step
from service.audit.reading import Mention

HUNDRED = Decimal(100)


def mention(value: str, unit: str = "人", factor: int = 1, qualifier: str = "") -> Mention:
    figure = Figure(
        "", Decimal(value), unit, Span(0, 1), Span(0, 1), factor=Decimal(factor), qualifier=qualifier
    )
    return Mention(figure, "", "", 0)


def share(part: Mention, whole: Mention) -> tuple[Decimal, Decimal]:
    return spread(lambda one, other: one / other * HUNDRED, (part, whole))


def test_the_last_digit_of_a_written_figure() -> None:
    assert step(mention("1.86", "元", 10**8)) == 10**6
    assert step(mention("35", "%")) == 1
    assert step(mention("4", "%", 10)) == 5  # 四成


def test_a_count_is_exact_and_a_rounded_figure_is_not() -> None:
    assert ranges((mention("120"),)) == ((Decimal(120), Decimal(120)),)
    low, high = ranges((mention("1.2", "人", 10000),))[0]
    assert (low, high) == (Decimal(11500), Decimal(12500))


def test_figures_of_a_pair_are_taken_as_finely_as_the_finer_one() -> None:
    coarse, fine = ranges((mention("1.4", "元", 10**8), mention("1.25", "元", 10**8)))
    assert coarse[1] - coarse[0] == fine[1] - fine[0] == 10**6


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(0, 2))
@settings(deadline=None)
def test_a_share_that_is_rounded_or_cut_off_agrees(part: int, whole: int, places: int) -> None:
    part, whole = sorted((part, whole))
    exact = Decimal(part) / Decimal(whole) * HUNDRED
    digit = Decimal(1).scaleb(-places)
    computed = share(mention(str(part)), mention(str(whole)))
    for rounding in (ROUND_HALF_UP, ROUND_DOWN):
        stated = mention(str(exact.quantize(digit, rounding)), "%")
        assert judge(stated, computed) is Verdict.AGREES


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.decimals("3", "40", places=1))
@settings(deadline=None)
def test_a_share_that_is_points_away_is_wrong(part: int, whole: int, away: Decimal) -> None:
    part, whole = sorted((part, whole))
    exact = (Decimal(part) / Decimal(whole) * HUNDRED).quantize(Decimal("0.1"), ROUND_HALF_UP)
    stated = mention(str(exact + away), "%")
    assert judge(stated, share(mention(str(part)), mention(str(whole)))) is Verdict.WRONG


def test_an_approximate_figure_leaves_room() -> None:
    computed = share(mention("280"), mention("1000"))
    assert judge(mention("30", "%", qualifier="近"), computed) is Verdict.AGREES
    assert judge(mention("40", "%", qualifier="近"), computed) is Verdict.WRONG
