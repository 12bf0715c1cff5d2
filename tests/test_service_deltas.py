"""Deltas: computed in code, with a reserve or a reason where values do not simply compare."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.ledger import Row
from corpus.report import FigureKind
from corpus.when import When
from service.ledger.toy_rows import row
from service.memo.aligning import Column, Line, align
from service.memo.deltas import Delta, delta, ranks
from service.papers.derivation import recompute

YEARS = (Column("甲县", 2021), Column("甲县", 2022))
CENT = Decimal("0.01")


def line_of(old: Row, new: Row, columns: tuple[Column, ...] = YEARS) -> Line:
    (line,) = align([old, new], columns, {})
    return line


def between(old: Row, new: Row, **options: Any) -> Delta:
    line = line_of(old, new)
    one, other = line.found
    return delta(line, one, other, **options)


def pair(old: str, new: str, **changes: Any) -> tuple[Row, Row]:
    return tuple(  # type: ignore[return-value]
        row("甲县", year, f"全县签约居民{text}。", text, name="签约居民", **changes)
        for year, text in ((2021, old), (2022, new))
    )


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("40%", "43.2%", "提高3.2个百分点"),
        ("43.2%", "40%", "下降3.2个百分点"),
        ("40%", "40%", "持平"),
        ("200人", "250人", "增加50人（增长25%）"),
        ("250人", "200人", "减少50人（下降20%）"),
        ("300人", "200人", "减少100人（下降33.33%）"),
        ("1.5万人", "1.8万人", "增加0.3万人（增长20%）"),
        ("9500万元", "1.2亿元", "增加2500万元（增长26.32%）"),
        ("9500亿元", "1.12万亿元", "增加1700亿元（增长17.89%）"),
        ("12.5‰", "12‰", "下降0.5个千分点"),
    ],
)
def test_changes(old: str, new: str, text: str) -> None:
    found = between(*pair(old, new))
    assert (found.text, found.reason) == (text, "")
    assert all(recompute(one) for one in found.derived)


def test_units_that_were_converted_are_said() -> None:
    assert between(*pair("9500万元", "1.2亿元")).reserve == ("单位已换算（万元、亿元）",)
    assert between(*pair("1万元", "2万元")).reserve == ()


def test_a_base_of_zero_has_no_growth() -> None:
    found = between(*pair("0人", "12人"))
    assert (found.text, found.growth, found.reserve) == ("增加12人", None, ("基数为零，不计算增长率",))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"masked": True, "value": None}, "数值被隐去"),
        ({"suspect": True, "value": None}, "数值存疑"),
        ({"upper": Decimal(300)}, "有一方是区间"),
        ({"qualifier": "超过"}, "原文只给出界限（200人）"),
        ({"period": "上半年"}, "时段不同（2021年上半年、2022年）"),
    ],
)
def test_what_does_not_compare_has_a_reason(changes: dict[str, Any], reason: str) -> None:
    old = row("甲县", 2021, "上半年全县签约居民200人。", "200人", name="签约居民", **changes)
    found = between(old, pair("200人", "250人")[1])
    assert (found.reason, found.derived, found.text) == (reason, (), "")


def test_opposite_directions_are_not_subtracted() -> None:
    rise = row("甲县", 2021, "收入增长3%。", "3%", name="收入", kind=FigureKind.DIFFERENCE)
    fall = row("甲县", 2022, "收入下降2%。", "2%", name="收入", kind=FigureKind.DIFFERENCE)
    assert between(rise, fall).reason == "升降方向相反"


def test_of_two_decreases_the_decrease_grows_or_shrinks() -> None:
    one = row("甲县", 2021, "费用下降3%。", "3%", name="费用", kind=FigureKind.DIFFERENCE)
    other = row("甲县", 2022, "费用下降2%。", "2%", name="费用", kind=FigureKind.DIFFERENCE)
    assert between(one, other).text == "缩小1个百分点"
    assert (
        between(replace(one, when=other.when, year=2022), replace(other, when=one.when, year=2021)).text
        == "扩大1个百分点"
    )


def test_round_values_give_round_changes() -> None:
    old, new = pair("200人", "250人")
    found = between(replace(old, qualifier="约"), new)
    assert found.text == "约增加50人（增长25%）" and found.reserve == ("原文是约数，差额也是约数",)


def test_targets_compare_by_their_bounds() -> None:
    old, new = pair("40%", "44%", kind=FigureKind.TARGET, qualifier="以上")
    found = between(old, new)
    assert (found.text, found.reserve) == ("提高4个百分点", ("按目标的界限值计算",))


def test_eleven_months_compare_with_twelve_under_reserve() -> None:
    old, new = pair("200人", "250人")
    months = When(date(2021, 1, 1), date(2021, 11, 30))
    found = between(
        replace(
            old,
            quote="1—11月" + old.quote,
            when=months,
            sentence=replace(old.sentence, end=old.sentence.end + 5),
            span=replace(old.span, start=old.span.start + 5, end=old.span.end + 5),
        ),
        new,
    )
    assert found.text == "增加50人（增长25%）"
    assert found.reserve == ("时段不尽相同（2021年1—11月、2022年）",)


def test_contradicted_values_are_compared_under_reserve() -> None:
    old, new = pair("200人", "250人")
    rival = row("甲县", 2022, "签约居民260人。", "260人", at=90, name="签约居民")
    (line,) = align([old, new, rival], YEARS, {})
    found = delta(line, *line.found)
    assert found.text and found.reserve == ("有一方存在不一致的数值",)


def test_between_places_nothing_grows() -> None:
    found = between(*pair("200人", "250人"), over_time=False)
    assert (found.text, found.growth) == ("多50人", None)
    assert between(*pair("40%", "35%"), over_time=False).text == "低5个百分点"


def placed(*values: str, **changes: Any) -> list[str]:
    places = tuple(Column(f"{name}县", 2022) for name in "甲乙丙丁"[: len(values)])
    rows = [
        row(column.place, 2022, f"全县签约居民{text}。", text, name="签约居民", **changes)
        for column, text in zip(places, values, strict=True)
        if text
    ]
    (line,) = align(rows, places, {})
    return [one.text if one is not None else "" for one in ranks(line, line.slots)]


def test_ranks_run_from_high_to_low_and_share_places() -> None:
    assert placed("40%", "45%", "41%") == ["第3位", "第1位", "第2位"]
    assert placed("40%", "45%", "40%") == ["第2位", "第1位", "第2位"]
    assert placed("40%", "", "41%") == ["第2位", "", "第1位"]


def test_half_a_year_is_not_ranked_among_years() -> None:
    places = (Column("甲县", 2022), Column("乙县", 2022), Column("丙县", 2022))
    rows = [
        row("甲县", 2022, "签约居民200人。", "200人"),
        row("乙县", 2022, "上半年签约居民300人。", "300人", period="上半年", name="签约居民"),
        row("丙县", 2022, "签约居民250人。", "250人"),
    ]
    (line,) = align(rows, places, {})
    assert [one.text if one else "" for one in ranks(line, line.slots)] == ["第2位", "", "第1位"]


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_changes_are_exact(old: int, new: int) -> None:
    found = between(*pair(f"{old}人", f"{new}人"))
    assert found.change is not None and found.change.value == new - old
    assert found.direction == (new > old) - (new < old)
    if old and new != old:
        exact = (Decimal(new - old) / old * 100).quantize(CENT, ROUND_HALF_UP)
        assert found.growth is not None and found.growth.value == exact
    else:
        assert found.growth is None
    assert all(recompute(one) for one in found.derived)
