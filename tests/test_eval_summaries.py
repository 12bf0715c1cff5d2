"""Measures of summaries by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from eval.cases import Value
from eval.summaries import (
    KeyFact,
    Said,
    Source,
    coverage,
    lead,
    length_ratio,
    measures,
    number_precision,
    redundancy,
    unsourced,
    untold,
)

SIGNED = KeyFact("签约率", 3, (Value(Decimal("75.3"), "%"),), (("签约",),))
SHORTAGE = KeyFact("短板", 1, keys=(("人才", "人员"), ("不足", "短缺")))
SOURCE = "全县家庭医生签约率达到75.3%。新建村卫生室12所。基层人才短缺。"


@pytest.mark.parametrize(
    ("sentences", "wanted"),
    [
        (["签约率为75.3%。", "基层人员不足。"], 1),
        (["签约率为75.3%。"], 0.75),
        (["签约率为73.5%。", "基层人才短缺。"], 0.25),
        (["家庭医生签约。", "达到75.3%。"], 0),  # the figure without its indicator
        (["达到75.3个百分点的签约率。"], 0),
        ([], 0),
    ],
)
def test_coverage_by_weight(sentences: list[str], wanted: float) -> None:
    assert coverage((SIGNED, SHORTAGE), sentences) == wanted


def test_coverage_of_nothing() -> None:
    assert coverage((), ["签约率为75.3%。"]) is None


def test_a_figure_belongs_to_the_place_before_it() -> None:
    facts = tuple(
        KeyFact(of, values=(Value(Decimal(n), "%", of),)) for of, n in [("栗坪县", "60"), ("澄河县", "75")]
    )
    assert coverage(facts, ["栗坪县签约率60%，澄河县75%。"]) == 1
    assert untold(facts, ["栗坪县签约率75%，澄河县60%。"]) == facts


def said(text: str, *sources: str, place: str = "") -> Said:
    return Said(text, tuple(Source(one, place) for one in sources))


@pytest.mark.parametrize(
    ("text", "right", "asked"),
    [
        ("新建12所，签约率75.3%。", 2, 2),
        ("新建21所，签约率75.3%。", 1, 2),
        ("签约率75.3个百分点。", 0, 1),
        ("新建十二所。2021年以来。", 0, 0),  # years are no figures; Chinese numerals are not read here
        ("没有数字。", 0, 0),
    ],
)
def test_number_precision_counts(text: str, right: int, asked: int) -> None:
    assert number_precision([said(text, SOURCE)]) == (right, asked)


def test_a_figure_must_stand_in_what_its_own_sentence_cites() -> None:
    both = [said("新建12所。", SOURCE), said("签约率75.3%。")]
    assert number_precision(both) == (1, 2) and unsourced(both) == ("75.3%",)


def test_a_figure_must_come_from_the_place_that_is_named() -> None:
    places = ("栗坪县", "澄河县")
    one, other = Source("签约率60%。", "栗坪县"), Source("签约率75%。", "澄河县")
    right = Said("栗坪县60%，澄河县75%。", (one, other))
    swapped = Said("栗坪县75%，澄河县60%。", (one, other))
    assert number_precision([right], places) == (2, 2)
    assert number_precision([swapped], places) == (0, 2)
    city = Source("全市：栗坪县60%，澄河县75%。", "岚川市")
    assert number_precision([Said(right.text, (city,))], places) == (2, 2)


def test_length_ratio() -> None:
    assert length_ratio("甲 乙\n", "甲乙丙丁") == 0.5
    assert length_ratio("甲", "") is None


def test_redundancy() -> None:
    assert redundancy("甲乙丙丁戊") == 0
    assert redundancy("甲乙丙丁甲乙丙丁") == pytest.approx(1 / 5)  # of 5 runs the last is the first
    assert redundancy("甲乙丙") is None


def test_the_lead_ends_with_a_sentence() -> None:
    assert lead(SOURCE, 1) == "全县家庭医生签约率达到75.3%。"
    assert lead(SOURCE, 30) == "全县家庭医生签约率达到75.3%。新建村卫生室12所。"
    assert lead(SOURCE, 999) == SOURCE and lead("", 5) == ""


def test_all_measures_of_one_summary() -> None:
    found = measures([said("签约率75.3%，基层人才短缺。", SOURCE)], (SIGNED, SHORTAGE), SOURCE)
    assert found["coverage"] == 1 and found["lead_coverage"] == 0.75 and found["number_precision"] == 1
    assert found["redundancy"] == 0 and found["length_ratio"] == pytest.approx(16 / 34)
    assert measures([said("没有数字。")], (), SOURCE)["number_precision"] is None
