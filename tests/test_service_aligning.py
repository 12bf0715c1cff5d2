"""Aligning rows: what may stand beside what, which value is taken, what is said of the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.ledger import Row
from corpus.report import FigureKind, Genre, SectionKind
from corpus.when import When, of_year
from service.ledger.toy_rows import row
from service.memo.aligning import Column, Line, agree, align, guessed, phase_of, unlike
from service.memo.measures import Form, Stance, falls, measure_of

YEARS = (Column("甲县", 2021, label="2021年"), Column("甲县", 2022, label="2022年"))
PLACES = (Column("甲县", 2022, label="甲县"), Column("乙县", 2022, label="乙县"))


def lines(rows: list[Row], columns: tuple[Column, ...] = YEARS, **genres: Genre) -> dict[str, Line]:
    return {line.label: line for line in align(rows, columns, genres)}


def texts(line: Line) -> list[str]:
    return ["" if slot is None else slot.row.text for slot in line.slots]


def rate(place: str, year: int, value: str, **changes: Any) -> Row:
    return row(place, year, f"全县家庭医生签约率达到{value}。", value, **changes)


def test_a_year_holds_what_is_said_about_it_in_whatever_report() -> None:
    told_later = row(
        "甲县", 2022, "2021年家庭医生签约率40%。", "40%", when=of_year(2021), name="家庭医生签约率"
    )
    found = lines([told_later, rate("甲县", 2022, "45%")])
    assert texts(found["家庭医生签约率"]) == ["40%", "45%"]


def test_reached_aimed_at_and_required_are_apart() -> None:
    aim = rate("甲县", 2022, "50%", kind=FigureKind.TARGET)
    duty = rate("甲县", 2022, "60%", kind=FigureKind.REQUIREMENT)
    found = lines([rate("甲县", 2022, "45%"), aim, duty])
    assert {label: texts(line)[1] for label, line in found.items()} == {
        "家庭医生签约率": "45%",
        "家庭医生签约率（目标）": "50%",
        "家庭医生签约率（要求）": "60%",
    }


def test_a_growth_rate_is_no_level() -> None:
    sentence = "全县医疗收入8亿元，增长7.5%。"
    level = row("甲县", 2022, sentence, "8亿元", name="医疗收入")
    growth = row("甲县", 2022, sentence, "7.5%", name="医疗收入", kind=FigureKind.DIFFERENCE)
    found = lines([level, growth])
    assert set(found) == {"医疗收入", "医疗收入增长"}
    assert found["医疗收入增长"].measure.form is Form.GROWTH


@pytest.mark.parametrize(
    ("sentence", "text", "name", "kind", "form", "down"),
    [
        ("居民消费价格上涨0.9%。", "0.9%", "居民消费价格", FigureKind.DIFFERENCE, Form.GROWTH, False),
        ("居民消费价格涨幅3%左右。", "3%", "居民消费价格涨幅", FigureKind.TARGET, Form.GROWTH, False),
        ("门诊次均费用下降3.4%。", "3.4%", "门诊次均费用", FigureKind.DIFFERENCE, Form.GROWTH, True),
        ("补助标准再提高30元。", "30元", "补助标准", FigureKind.TARGET, Form.CHANGE, False),
        ("补助标准提高到30元。", "30元", "补助标准", FigureKind.ACTUAL, Form.LEVEL, False),
        ("两项标准再增加30元和5元。", "5元", "公卫标准", FigureKind.TARGET, Form.CHANGE, False),
        ("签约率比上年提高2.1个百分点。", "2.1个百分点", "签约率", FigureKind.ACTUAL, Form.CHANGE, False),
        ("赤字率比上年低0.4个百分点。", "0.4个百分点", "赤字率", FigureKind.TARGET, Form.CHANGE, True),
        ("失业率低于4.5%。", "4.5%", "失业率", FigureKind.TARGET, Form.LEVEL, False),
        ("城镇新增就业12人。", "12人", "城镇新增就业", FigureKind.ACTUAL, Form.LEVEL, False),
        ("考核位居全市第2名。", "2名", "考核", FigureKind.RANK, Form.RANK, False),
    ],
)
def test_the_form_of_a_value(
    sentence: str, text: str, name: str, kind: FigureKind, form: Form, down: bool
) -> None:
    found = row("甲县", 2022, sentence, text, name=name, kind=kind)
    assert (measure_of(found).form, form is not Form.LEVEL and falls(found)) == (form, down)


def test_a_price_rise_and_its_target_share_a_name() -> None:
    rise = row(
        "甲县", 2022, "居民消费价格上涨0.9%。", "0.9%", name="居民消费价格", kind=FigureKind.DIFFERENCE
    )
    aim = row("甲县", 2022, "居民消费价格涨幅3%左右。", "3%", name="居民消费价格涨幅", kind=FigureKind.TARGET)
    one, other = measure_of(rise), measure_of(aim)
    assert (one.name, one.form) == (other.name, other.form)
    assert (one.stance, other.stance) == (Stance.ACTUAL, Stance.TARGET)


@pytest.mark.parametrize(("one", "other"), [("人", "人次"), ("户", "人"), ("元", "元/人"), ("%", "个百分点")])
def test_unlike_units_never_share_a_line(one: str, other: str) -> None:
    rows = [
        row("甲县", 2021, f"签约服务3{one}。", f"3{one}", name="签约服务", unit=one),
        row("甲县", 2022, f"签约服务4{other}。", f"4{other}", name="签约服务", unit=other),
    ]
    assert all(len(line.found) == 1 for line in align(rows, YEARS, {}))


def test_names_of_one_count_share_a_line() -> None:
    rows = [
        row("甲县", 2021, "宫颈癌筛查7人。", "7人"),
        row("甲县", 2022, "宫颈癌筛查人数5名。", "5名", name="宫颈癌筛查人数"),
    ]
    assert texts(lines(rows)["宫颈癌筛查"]) == ["7人", "5名"]


def test_the_year_goes_before_its_half() -> None:
    half = rate("甲县", 2022, "42%", period="上半年", title="甲县2022年上半年工作总结")
    found = lines([rate("甲县", 2021, "40%"), half, rate("甲县", 2022, "45%")])
    line = found["家庭医生签约率"]
    assert texts(line) == ["40%", "45%"] and all(line.alike(slot) for slot in line.found)


def test_a_half_year_fills_a_gap_and_is_marked() -> None:
    half = rate("甲县", 2022, "42%", period="上半年")
    (line,) = align([rate("甲县", 2021, "40%"), half], YEARS, {})
    assert texts(line) == ["40%", "42%"]
    assert [line.alike(slot) for slot in line.found] == [True, False]


def test_halves_that_both_years_have_get_a_line_of_their_own() -> None:
    rows = [
        rate("甲县", 2021, "40%"),
        rate("甲县", 2021, "38%", period="上半年"),
        rate("甲县", 2022, "42%", period="上半年"),
    ]
    year, half = align(rows, YEARS, {})
    assert (texts(year), texts(half)) == (["40%", "42%"], ["38%", "42%"])
    assert half.phase.months == 6


def test_the_annual_report_goes_before_others_and_the_reporting_section_before_a_mention() -> None:
    plan = rate("甲县", 2022, "44%", title="甲县2022年工作计划", report_id="p")
    annual = rate("甲县", 2022, "45%", report_id="a")
    mention = rate("甲县", 2022, "45%", report_id="a", at=90, section=SectionKind.PROBLEMS)
    (line,) = align([mention, plan, annual], YEARS, {"p": Genre.PLAN, "a": Genre.ANNUAL})
    (slot,) = line.found
    assert slot.row is annual
    assert [r.report_id for r in slot.elsewhere] == ["p"] and not slot.rivals


def test_two_values_of_one_report_are_both_kept() -> None:
    rows = [rate("甲县", 2022, "45%"), rate("甲县", 2022, "46%", at=50, section=SectionKind.PROBLEMS)]
    (line,) = align(rows, YEARS, {})
    (slot,) = line.found
    assert slot.row.text == "45%" and [r.text for r in slot.rivals] == ["46%"] and not line.listed


def test_a_part_of_the_value_is_no_contradiction() -> None:
    whole = row("甲县", 2022, "在岗乡村医生71人。", "71人")
    part = row("甲县", 2022, "71名村医中有33人准备离岗。", "33人", name="在岗乡村医生", at=80)
    (line,) = align([whole, part], YEARS, {})
    assert not line.found[0].rivals


@pytest.mark.parametrize(
    "rows",
    [
        [row("甲县", 2022, "投入3万元。", "3万元"), row("甲县", 2022, "投入4万元。", "4万元", at=30)],
        [rate("甲县", 2022, value, at=at) for value, at in (("45%", 0), ("46%", 50), ("47%", 99))],
    ],
)
def test_one_name_for_several_things_is_a_list(rows: list[Row]) -> None:
    (line,) = align(rows, YEARS, {})
    assert line.listed


def test_what_was_before_gives_way_to_what_is_told() -> None:
    guess = row(
        "甲县", 2022, "空白村由23个减到11个。", "23个", former=True, when=of_year(2021), name="空白村"
    )
    told = row(
        "甲县", 2022, "空白村由去年的23个减到11个。", "23个", former=True, when=of_year(2021), name="空白村"
    )
    assert (guessed(guess), guessed(told)) == (True, False)
    better = row("甲县", 2021, "年末空白村24个。", "24个", name="空白村")
    (slot,) = align([guess, better], YEARS, {})[0].found
    assert slot.row is better and not slot.elsewhere  # a guess contradicts nothing
    assert texts(align([guess], YEARS, {})[0]) == ["23个", ""]


def test_a_place_that_the_sentence_names_is_not_the_county() -> None:
    assert align([replace(rate("甲县", 2022, "45%"), place="全省")], YEARS, {}) == ()


def test_a_report_column_holds_what_the_report_says_of_its_own_year_and_the_one_before() -> None:
    columns = (Column("甲县", 2021, "x", "甲"), Column("乙县", 2022, "y", "乙"))
    rows = [
        rate("甲县", 2021, "39%", report_id="x", when=of_year(2020)),
        rate("乙县", 2022, "44%", report_id="y", when=of_year(2021)),
        rate("乙县", 2022, "45%", report_id="y", at=50),
    ]
    (line,) = align(rows, columns, {})
    assert texts(line) == ["39%", "44%"]  # the year before each, not 2020 beside 2022
    assert line.phase.first_year == -1


def test_without_a_unit_it_joins_the_one_that_has_one() -> None:
    rows = [
        row("甲县", 2021, "常住人口27万，", "27万", name="常住人口"),
        row("甲县", 2022, "常住人口26.8万人。", "26.8万人", name="常住人口"),
    ]
    (line,) = align(rows, YEARS, {})
    assert texts(line) == ["27万", "26.8万人"]


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (of_year(2021), of_year(2022), ""),
        (When(date(2021, 1, 1), date(2021, 11, 30)), of_year(2022), "reserve"),
        (When(date(2021, 1, 1), date(2021, 6, 30)), of_year(2022), "refuse"),
        (When(date(2021, 1, 1), date(2021, 6, 30)), When(date(2022, 1, 1), date(2022, 6, 30)), ""),
        (When(date(2021, 7, 1), date(2021, 12, 31)), When(date(2022, 1, 1), date(2022, 6, 30)), "refuse"),
        (of_year(2017, 2021), of_year(2022), "refuse"),
    ],
)
def test_which_times_compare(one: When, other: When, verdict: str) -> None:
    assert unlike(phase_of(one, 2021), phase_of(other, 2022)) == verdict


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("45%", ""), ("45%", ""), True),
        (("45%", ""), ("46%", ""), False),
        (("1.2万人", ""), ("12034人", ""), True),  # a rounding
        (("1.2万人", ""), ("12640人", ""), False),
        (("2万人", "余"), ("20345人", ""), True),
        (("300人", "余"), ("350人", ""), True),
        (("300人", "余"), ("450人", ""), False),
        (("40%", "以上"), ("45%", ""), True),
        (("40%", "以上"), ("35%", ""), False),
        (("40%", "以内"), ("35%", ""), True),
    ],
)
def test_roundings_and_bounds_do_not_contradict(
    one: tuple[str, str], other: tuple[str, str], same: bool
) -> None:
    first, second = (
        row("甲县", 2022, f"全县签约居民{text}。", text, qualifier=qualifier)
        for text, qualifier in (one, other)
    )
    assert agree(first, second) is same and agree(second, first) is same


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([2020, 2021, 2022]), st.integers(1, 99)), max_size=12))
def test_every_value_of_a_column_is_shown_or_named(said: list[tuple[int, int]]) -> None:
    rows = [rate("甲县", year, f"{value}%", at=60 * n) for n, (year, value) in enumerate(said)]
    found = align(rows, YEARS, {})
    kept = {
        (column.year, r.value)
        for line in found
        for column, slot in zip(YEARS, line.slots, strict=True)
        if slot is not None
        for r in (slot.row, *slot.rivals, *slot.elsewhere)
    }
    assert kept == {(year, Decimal(value)) for year, value in said if year != 2020}


def test_the_order_of_rows_does_not_decide() -> None:
    rows = [rate("甲县", 2022, f"{v}%", report_id=r) for v, r in ((45, "a"), (46, "b"), (47, "c"))]
    one, other = align(rows, YEARS, {}), align(rows[::-1], YEARS, {})
    assert texts(one[0]) == texts(other[0])


def test_places_of_one_year() -> None:
    rows = [rate("甲县", 2022, "45%"), rate("乙县", 2022, "41%"), rate("乙县", 2021, "40%")]
    (line,) = align(rows, PLACES, {})
    assert texts(line) == ["45%", "41%"]
