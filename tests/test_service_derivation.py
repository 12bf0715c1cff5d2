"""Computed figures: what the builders write, what they refuse, and that falsified ones do not recompute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.report import Figure, Span
from service.cited import Citation, Derived, Operand
from service.papers.derivation import (
    average,
    completion,
    count,
    difference,
    growth,
    moved,
    operand,
    per,
    rank,
    ratio,
    read,
    recompute,
    share,
    signed,
    total,
)


def cite(quote: str, start: int = 0) -> Citation:
    return Citation("r1", "雾岭县2022年工作总结", start, start + len(quote), quote, "雾岭县", 2022)


def stated(text: str, value: str, quote: str, factor: int = 1, start: int = 0) -> Operand:
    return Operand(Decimal(value) * factor, text, cite(quote, start))


RATE = stated("66.2%", "66.2", "家庭医生签约率为66.2%，其中重点人群83.5%。")
OLD_RATE = stated("61.5%", "61.5", "家庭医生签约率61.5%。", start=50)
PEOPLE = stated("1.5万人", "1.5", "签约居民1.5万人。", 10000, 100)
OLD_PEOPLE = stated("12000人", "12000", "签约居民12000人。", start=150)
VISITS = stated("3.2万人次", "3.2", "上门服务3.2万人次。", 10000, 200)
NONE = stated("0人", "0", "新增0人。", start=250)
MONEY = stated("1390万元", "1390", "投入资金1390万元。", 10000, 300)
MORE_MONEY = stated("0.2亿元", "0.2", "投入资金0.2亿元。", 10**8, 350)


@pytest.mark.parametrize(
    ("made", "text", "value"),
    [
        (difference(RATE, OLD_RATE), "4.7个百分点", "4.7"),
        (difference(OLD_RATE, RATE), "4.7个百分点", "-4.7"),
        (difference(PEOPLE, OLD_PEOPLE), "3000人", "3000"),
        (difference(MORE_MONEY, MONEY), "610万元", "610"),
        (growth(PEOPLE, OLD_PEOPLE), "25%", "25"),
        (growth(OLD_PEOPLE, PEOPLE), "20%", "-20"),
        (growth(MORE_MONEY, MONEY), "43.88%", "43.88"),
        (total([PEOPLE, OLD_PEOPLE]), "27000人", "27000"),
        (share(OLD_PEOPLE, PEOPLE), "80%", "80"),
        (completion(PEOPLE, OLD_PEOPLE), "125%", "125"),
        (ratio(PEOPLE, OLD_PEOPLE), "1.25倍", "1.25"),
        (per(MONEY, OLD_PEOPLE), "1158.33元", "1158.33"),
        (average([PEOPLE, OLD_PEOPLE]), "13500人", "13500"),
        (rank(OLD_PEOPLE, [PEOPLE]), "第2位", "2"),
        (rank(OLD_PEOPLE, [PEOPLE], lowest_first=True), "第1位", "1"),
        (count([RATE.citation, OLD_RATE.citation, RATE.citation], "份"), "2份", "2"),
    ],
)
def test_a_result_has_its_unit_and_recomputes(made: Derived | None, text: str, value: str) -> None:
    assert made is not None
    assert (made.text, made.value) == (text, Decimal(value))
    assert recompute(made)


@pytest.mark.parametrize(
    "made",
    [
        growth(PEOPLE, NONE),  # from zero
        growth(RATE, OLD_RATE),  # of rates: the difference in 个百分点
        difference(PEOPLE, VISITS),  # 人 and 人次
        difference(RATE, PEOPLE),
        total([PEOPLE, VISITS]),
        average([RATE, OLD_RATE]),
        share(PEOPLE, OLD_PEOPLE),  # the part exceeds the whole
        completion(PEOPLE, NONE),
        ratio(PEOPLE, NONE),
        rank(PEOPLE, [VISITS]),
        rank(PEOPLE, []),
        count([]),
    ],
)
def test_what_does_not_compare_has_no_result(made: Derived | None) -> None:
    assert made is None


def test_a_falling_negative_base_has_no_growth() -> None:
    loss = stated("-5%", "-5", "增速为-5%。")
    assert growth(RATE, loss) is None
    deficit = Operand(Decimal(-30), "-30万元", cite("结余为-30万元。"))
    assert growth(MONEY, deficit) is None


def test_words_and_signs_of_a_change() -> None:
    up, down, same = difference(RATE, OLD_RATE), difference(OLD_RATE, RATE), difference(RATE, RATE)
    assert up and down and same
    assert [signed(d) for d in (up, down, same)] == ["+4.7个百分点", "-4.7个百分点", "0个百分点"]
    assert moved(down, "提高", "下降") == "下降4.7个百分点"
    assert moved(same) == "持平"


FALSE: list[tuple[str, Callable[[Derived], Derived]]] = [
    ("text", lambda d: replace(d, text="4.8个百分点")),
    ("unit", lambda d: replace(d, text="4.7%")),
    ("value", lambda d: replace(d, value=Decimal("4.8"))),
    ("sign", lambda d: replace(d, value=-d.value)),
    ("formula", lambda d: replace(d, formula="66.2%－61.5%＝4.8个百分点")),
    ("operation", lambda d: replace(d, operation="ratio")),
    ("unknown operation", lambda d: replace(d, operation="guess")),
    ("order", lambda d: replace(d, operands=d.operands[::-1])),
    ("operand value", lambda d: replace(d, operands=(replace(RATE, value=Decimal("66.3")), OLD_RATE))),
    ("operand text", lambda d: replace(d, operands=(replace(RATE, text="66.3%"), OLD_RATE))),
    ("operand gone", lambda d: replace(d, operands=(RATE,))),
    (
        "another quote",
        lambda d: replace(d, operands=(replace(RATE, citation=cite("签约率66.3%。")), OLD_RATE)),
    ),
]


@pytest.mark.parametrize("falsify", [f for _, f in FALSE], ids=[name for name, _ in FALSE])
def test_what_is_falsified_does_not_recompute(falsify: Callable[[Derived], Derived]) -> None:
    made = difference(RATE, OLD_RATE)
    assert made is not None
    assert recompute(made)
    assert not recompute(falsify(made))


def test_one_thing_is_not_counted_twice() -> None:
    made = count([RATE.citation, OLD_RATE.citation], "个县")
    assert made is not None
    assert made.text == "2个县"
    assert not recompute(replace(made, operands=(made.operands[0], made.operands[0])))
    assert not recompute(replace(made, text="3个县", value=Decimal(3)))


def test_equal_values_share_a_place() -> None:
    twin = stated("1.5万人", "1.5", "本县签约居民1.5万人。", 10000, 400)
    assert [d.text for one in (PEOPLE, twin) if (d := rank(one, [twin, PEOPLE, OLD_PEOPLE]))] == ["第1位"] * 2


# -- operands ---------------------------------------------------------------------------------------


def figure(text: str, value: str | None, unit: str = "人") -> Figure:
    return Figure("指标", None if value is None else Decimal(value), unit, Span(0, 1), Span(0, 1), text=text)


def test_an_operand_is_read_from_its_quote() -> None:
    made = operand(figure("1.5 万人", "1.5"), cite("签约居民1.5 万人。"))
    assert made is not None
    assert (made.value, made.text) == (15000, "1.5万人")


def test_a_table_cell_has_the_unit_of_its_row() -> None:
    made = operand(figure("37", "37", "次"), cite("指标：巡诊；单位：次；2021年：37；2022年：54"))
    assert made is not None
    found = read(made)
    assert found is not None
    assert (found.unit, found.value) == ("次", 37)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("**万元", "投入**万元。"),  # masked
        ("1.372.98万元", "投入1.372.98万元。"),  # suspect
        ("250-300种", "配备药品250-300种。"),  # a range
        ("15人", "签约115人。"),
        ("15人", "签约15人次。"),
        ("", "签约15人。"),
    ],
)
def test_what_the_quote_does_not_state_is_no_operand(text: str, quote: str) -> None:
    assert operand(figure(text, "15"), cite(quote)) is None


@dataclass(frozen=True)
class Row:
    """What a corrected row of the ledger looks like to this module."""

    text: str
    corrected: bool
    original: str


def test_a_corrected_figure_names_its_original() -> None:
    made = operand(Row("5015人", True, "5051人"), cite("筛查5051人。"))
    assert made is not None
    assert (made.value, made.text) == (5015, "5015人（人工更正，原文5051人）")
    more = difference(stated("5115人", "5115", "筛查5115人。", start=60), made)
    assert more is not None
    assert more.text == "100人"
    assert recompute(more)
    assert operand(Row("5015人", True, "5052人"), cite("筛查5051人。")) is None


@settings(deadline=None)
@given(st.integers(1, 10**7), st.integers(1, 10**7))
def test_growth_and_difference_agree_with_exact_arithmetic(new: int, old: int) -> None:
    one, other = (stated(f"{n}人", str(n), f"全县登记{n}人。", start=s) for n, s in ((new, 0), (old, 40)))
    change, rise = difference(one, other), growth(one, other)
    assert change is not None and rise is not None
    assert change.value == new - old
    assert abs(rise.value - Decimal(new - old) / Decimal(old) * 100) <= Decimal("0.005")
    assert recompute(change) and recompute(rise)
