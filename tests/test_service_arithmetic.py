"""Arithmetic on stated figures: units, rates, scales, and what does not compare."""

from __future__ import annotations

from decimal import Decimal

import pytest

from corpus.report import Figure, Span
from service import arithmetic


def figure(text: str, value: str | None, unit: str, factor: int = 1) -> Figure:
    return Figure(
        "指标",
        None if value is None else Decimal(value),
        unit,
        Span(0, 1),
        Span(0, 1),
        factor=Decimal(factor),
        text=text,
    )


def test_the_difference_of_two_rates_is_percentage_points() -> None:
    result = arithmetic.difference(figure("66.2%", "66.2", "%"), figure("35.2%", "35.2", "%"))
    assert result is not None
    assert result.text == "31个百分点"


def test_sums_keep_the_written_scale() -> None:
    result = arithmetic.total(
        [figure("1.5万元", "1.5", "元", 10000), figure("2.25万元", "2.25", "元", 10000)]
    )
    assert result is not None
    assert result.text == "3.75万元"
    mixed = arithmetic.total([figure("5000元", "5000", "元"), figure("2万元", "2", "元", 10000)])
    assert mixed is not None
    assert mixed.text == "2.5万元"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (figure("3人", "3", "人"), figure("3人次", "3", "人次")),
        (figure("3户", "3", "户"), figure("3人", "3", "人")),
        (figure("**万元", None, "元"), figure("3万元", "3", "元", 10000)),
        (figure("3%", "3", "%"), figure("3个百分点", "3", "个百分点")),
    ],
)
def test_unlike_measures_do_not_compare(one: Figure, other: Figure) -> None:
    assert arithmetic.difference(one, other) is None
    assert arithmetic.total([one, other]) is None


def test_share_quotient_and_growth() -> None:
    share = arithmetic.share(figure("59人", "59", "人"), figure("71人", "71", "人"))
    assert share is not None
    assert share.text == "83.1%"
    per = arithmetic.per(figure("8800小时", "8800", "小时"), figure("84种", "84", "种"))
    assert per is not None
    assert per.text == "104.76小时"
    growth = arithmetic.growth(figure("120人", "120", "人"), figure("100人", "100", "人"))
    assert growth is not None
    assert growth.text == "20%"
    assert arithmetic.growth(figure("1人", "1", "人"), figure("0人", "0", "人")) is None
