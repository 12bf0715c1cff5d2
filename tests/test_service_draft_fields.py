"""One value of an input: amounts, years, days, deadlines, keys, texts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.draft import fields
from service.draft.fields import Wrong, amount, day_of, deadline, kind_of, year_of, year_of_terms
from service.draft.inputs import Amount, Basic, Kind


@pytest.mark.parametrize(
    ("typed", "unit", "value", "text", "qualifier", "own"),
    [
        ("72.3", "%", "72.3", "72.3", "", "%"),
        ("72.30%", "", "72.30", "72.30", "", "%"),
        ("72.3％", "%", "72.3", "72.3", "", "%"),
        ("1.2", "万人", "12000", "1.2万", "", "人"),
        ("1.2万", "人", "12000", "1.2万", "", "人"),
        ("1.2万元", "万元", "12000", "1.2万", "", "元"),
        ("0.5", "亿元", "50000000", "0.5亿", "", "元"),
        ("12,345", "人", "12345", "12345", "", "人"),
        ("１２", "所", "12", "12", "", "所"),
        ("不低于95%", "%", "95", "不低于95", "不低于", "%"),
        ("≥95", "%", "95", "不低于95", "不低于", "%"),
        ("达到95%以上", "%", "95", "95以上", "以上", "%"),
        ("约3000", "个", "3000", "约3000", "约", "个"),
        ("1.2万余人", "人", "12000", "1.2万余", "余", "人"),
        ("不高于12.5", "/10万", "12.5", "不高于12.5", "不超过", "/10万"),
        ("18.5/10万", "/10万", "18.5", "18.5", "", "/10万"),
        ("10名", "人", "10", "10", "", "人"),
        ("-3.2", "%", "-3.2", "-3.2", "", "%"),
    ],
)
def test_an_amount_is_its_number_and_what_is_to_be_written(
    typed: str, unit: str, value: str, text: str, qualifier: str, own: str
) -> None:
    assert amount(typed, unit) == (Amount(Decimal(value), text, qualifier), own)


@pytest.mark.parametrize("typed", ["", "  ", "-", "—", "无", "/"])
def test_a_dash_is_no_value(typed: str) -> None:
    assert amount(typed, "%") == (None, "%")


@pytest.mark.parametrize(
    ("typed", "unit", "told"),
    [
        ("3O%", "%", "写成了字母"),
        ("3O%", "", "写成了字母"),
        ("l5", "%", "写成了字母"),
        ("三百", "人", "不是数值"),
        ("待定", "", "不是数值"),
        ("3.5.2", "%", "不是数值"),
        ("15%-20%", "%", "是一个区间"),
        ("15～20", "%", "是一个区间"),
        ("23家", "所", "与本行的“所”不一致"),
        ("72.3%", "人", "与本行的“人”不一致"),
        ("1.2万", "万人", "又有万"),
        ("约72以上", "%", "不是数值"),
        ("2023年9月30日", "%", "不是数值"),
        ("=1+1", "%", "不是数值"),
        ("1e5", "人", "不是数值"),
        ("NaN", "人", "不是数值"),
    ],
)
def test_what_is_no_single_number_is_refused_with_a_remedy(typed: str, unit: str, told: str) -> None:
    with pytest.raises(Wrong) as error:
        amount(typed, unit)
    assert told in str(error.value) and "请" in str(error.value)


@given(
    number=st.decimals(-(10**9), 10**9, places=2),
    before=st.sampled_from(["", "约", "不低于", "超过"]),
    scale=st.sampled_from(["", "万", "亿"]),
    after=st.sampled_from(["", "以上", "左右"]),
    unit=st.sampled_from(["", "%", "人", "万元", "亿元", "人次"]),
)
@settings(deadline=None)
def test_an_amount_that_was_read_is_read_again_as_the_same(
    number: Decimal, before: str, scale: str, after: str, unit: str
) -> None:
    if (before and after) or (scale and unit[:1] in "万亿"):
        return
    found, own = amount(f"{before}{number}{scale}{after}", unit)
    assert found is not None
    written = scale or fields.split_unit(unit)[0]
    assert found.value == number * {"": 1, "万": 10**4, "亿": 10**8}[written]
    assert amount(found.text, own) == (found, own)
    assert fields.scale_of(found) == written


@given(st.text(max_size=12), st.sampled_from(["", "%", "万人"]))
@settings(deadline=None)
def test_any_text_is_an_amount_or_wrong(typed: str, unit: str) -> None:
    try:
        found, own = amount(typed, unit)
    except Wrong:
        return
    if found is not None:
        assert found.value.is_finite() and amount(found.text, own)[0] == found


@pytest.mark.parametrize("typed", ["2023", "2023年", " ２０２３ ", "2023年度", "2023.0"])
def test_a_year(typed: str) -> None:
    assert year_of(typed) == 2023


@pytest.mark.parametrize("typed", ["23", "二〇二三", "2O23", "20233", "1949", "2200", "去年"])
def test_no_year(typed: str) -> None:
    with pytest.raises(Wrong, match="请写四位数字"):
        year_of(typed)


@pytest.mark.parametrize(
    "typed", ["2023-09-30", "2023/9/30", "2023.9.30", "2023年9月30日", "2023-09-30T00:00:00"]
)
def test_a_day(typed: str) -> None:
    assert day_of(typed) == date(2023, 9, 30)


@pytest.mark.parametrize(
    ("typed", "told"),
    [("2023-02-30", "没有2023年2月30日"), ("2023-13-01", "没有2023年13月1日"), ("九月底", "不是日期")],
)
def test_a_day_that_the_calendar_does_not_have(typed: str, told: str) -> None:
    with pytest.raises(Wrong, match=told):
        day_of(typed)


@pytest.mark.parametrize(
    ("typed", "text", "due"),
    [
        ("2023年9月底前", "2023年9月底前", date(2023, 9, 30)),
        ("9月底前", "9月底前", date(2023, 9, 30)),
        ("12月底前完成", "12月底前完成", date(2023, 12, 31)),
        ("年底前", "年底前", date(2023, 12, 31)),
        ("第三季度", "第三季度", date(2023, 9, 30)),
        ("2024年上半年", "2024年上半年", date(2024, 6, 30)),
        ("2023-9-30", "2023年9月30日", date(2023, 9, 30)),
        ("2023.9", "2023年9月", date(2023, 9, 30)),
        ("长期", "长期", None),
        ("", "", None),
    ],
)
def test_a_deadline_as_it_is_written_and_its_last_day(typed: str, text: str, due: date | None) -> None:
    assert deadline(typed, 2023) == (text, due)


def test_a_deadline_without_a_year_has_no_day_where_the_year_is_open() -> None:
    assert deadline("9月底前", None) == ("9月底前", None)
    assert deadline("2022年9月底前", None)[1] == date(2022, 9, 30)


@pytest.mark.parametrize("typed", ["2023-02-30", "2023年2月30日前", "2月29日前", "13月底前", "9月31日"])
def test_a_deadline_that_does_not_exist(typed: str) -> None:
    with pytest.raises(Wrong, match="请改成存在的日期"):
        deadline(typed, 2023)


def test_kinds_are_told_by_their_name_or_their_word() -> None:
    assert kind_of("工作计划") is kind_of("plan") is Kind.PLAN
    with pytest.raises(Wrong, match="请从中选一种：存在问题和下一步打算、工作计划、工作总结"):
        kind_of("讲话稿")


def test_terms_fall_into_the_coming_year() -> None:
    years = [year_of_terms(Basic("局", "澄河县", 2023, kind)) for kind in Kind]
    assert years == [2024, 2023, None]


def test_texts_are_one_line_without_control_characters() -> None:
    assert fields.one_line(" 乡村\n医生 \x07后继\u200b乏人 A 1") == "乡村医生后继乏人 A 1"
    assert fields.prose("待遇偏低\n没有编制；\n\n养老没有保障。") == "待遇偏低；没有编制；养老没有保障。"
    assert fields.listed("甲表\n乙表；丙表") == ("甲表", "乙表", "丙表")
    assert fields.keys("问题1、问题2 问题1") == ("问题1", "问题2")
