"""Periods as written → dates: labels, codes, 截至, and what must stay unknown."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.when import When, as_of, of_year, read_when

DATES = st.dates(date(1990, 1, 1), date(2049, 12, 31))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "2018-H1"),
        ("目前", "2018-H1"),
        ("2018年", "2018"),
        ("2017年度", "2017"),
        ("今年", "2018"),
        ("去年", "2017"),
        ("上年", "2017"),
        ("明年", "2019"),
        ("年内", "2018"),
        ("全年", "2018"),
        ("上半年", "2018-H1"),
        ("2019年下半年", "2019-H2"),
        ("第一季度", "2018-Q1"),
        ("前三季度", "2018-01~09"),
        ("2018年前五个月", "2018-01~05"),
        ("1—11月", "2018-01~11"),
        ("5-10月", "2018-05~10"),
        ("5月", "2018-05"),
        ("8月中旬", "2018-08-11~2018-08-20"),
        ("今年5月27日", "2018-05-27"),
        ("3月14日-16日", "2018-03-14~2018-03-16"),
        ("截止10月底", "2018-01~10"),
        ("截至10月20日", "2018-01-01~2018-10-20"),
        ("截至2017年底", "2017"),
        ("截止12月底", "2018"),
        ("到2025年", "2025"),
        ("年底", "2018"),
        ("2017年初", "2017-01"),
        ("十三五", "2016~2020"),
        ("“十三五”期间", "2016~2020"),
        ("十三五末", "2020"),
        ("十三五以来", "2016-01~2018-06"),
        ("2016年以来", "2016-01~2018-06"),
        ("2011-2016年", "2011~2016"),
        ("近三年", "2016~2018"),
        ("五年累计", "2014~2018"),
        ("三年内", "2018~2020"),
    ],
)
def test_periods_of_a_half_year_report(text: str, code: str) -> None:
    when = read_when(text, year=2018, period="上半年")
    assert when is not None and when.code == code


@pytest.mark.parametrize("text", ["此前", "当月", "2月30日", "13月", "乱写", "2019年乱写", "100年来"])
def test_what_is_not_understood_stays_unknown(text: str) -> None:
    assert read_when(text, year=2018, period="上半年") is None


def test_without_a_year_only_what_names_one_is_known() -> None:
    assert read_when("", year=None, period="上半年") is None
    assert read_when("去年", year=None, period=None) is None
    assert read_when("2016年", year=None, period=None) == of_year(2016)
    assert read_when("", year=None, period="十四五") == of_year(2021, 2025)


def test_a_plan_looks_back_on_the_years_before() -> None:
    assert read_when("过去五年", year=2018, period=None, reviewed=2017) == of_year(2013, 2017)
    assert read_when("今年", year=2018, period=None, reviewed=2017) == of_year(2018)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("截至10月底", date(2018, 10, 31)),
        ("截止10月20日", date(2018, 10, 20)),
        ("到2025年", date(2025, 12, 31)),
        ("年末", date(2018, 12, 31)),
        ("截至目前", None),
        ("2018年", None),
        ("5月以来", None),
    ],
)
def test_the_day_up_to_which_a_figure_counts(text: str, day: date | None) -> None:
    assert as_of(text, year=2018) == day


@pytest.mark.parametrize(
    ("when", "label"),
    [
        (of_year(2017), "2017年"),
        (of_year(2016, 2020), "2016—2020年"),
        (When(date(2018, 1, 1), date(2018, 6, 30)), "2018年上半年"),
        (When(date(2018, 1, 1), date(2018, 5, 31)), "2018年1—5月"),
        (When(date(2016, 8, 1), date(2018, 6, 30)), "2016年8月—2018年6月"),
        (When(date(2018, 3, 14), date(2018, 3, 14)), "2018年3月14日"),
    ],
)
def test_labels(when: When, label: str) -> None:
    assert when.label == label


@given(DATES, DATES)
@settings(deadline=None)
def test_every_label_reads_back(one: date, other: date) -> None:
    when = When(min(one, other), max(one, other))
    assert read_when(when.label, year=None, period=None) == when


@given(st.integers(1990, 2040), st.integers(1, 12), st.integers(0, 30))
@settings(deadline=None)
def test_whole_months_read_back(year: int, month: int, more: int) -> None:
    when = read_when(f"{year}年{month}月", year=None, period=None)
    assert when is not None and when.whole and when.months == 1
    wide = When(when.start, of_year(year + more // 12).end)
    assert read_when(wide.label, year=None, period=None) == wide


@given(st.text(alphabet="年月日今去底初截至到十三五0123456789-—上半第季度前后以来内", max_size=14))
@settings(deadline=None)
def test_nothing_breaks_it(text: str) -> None:
    when = read_when(text, year=2018, period="上半年")
    assert when is None or when.start <= when.end
    as_of(text, year=2018)
