"""Hard filters: what a question names must exist, else the refusal says what there is."""

from __future__ import annotations

import pytest

from corpus.report import Genre
from service.desk import Desk
from service.scope import Scope, describe, own_year, resolve
from service.understanding import understand


def scope(desk: Desk, text: str) -> Scope:
    return resolve(desk.understand(text), desk.cards(), desk.library.mentions)


def reports(found: Scope) -> set[tuple[str | None, int | None]]:
    return {(card.place, card.year) for card in found.cards}


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("澄河县的签约率", {("澄河县", 2021), ("澄河县", 2022)}),
        ("澄河2021年的签约率", {("澄河县", 2021)}),
        ("栗坪县和雁塘区的签约率哪个高", {("栗坪县", 2022), ("雁塘区", 2022)}),
        ("2021年各地的签约率", {("澄河县", 2021)}),
        ("上半年的签约率", {("雁塘区", 2022)}),
        ("2022年全年的签约率", {("澄河县", 2022), ("栗坪县", 2022), ("苍麓市", 2022)}),
        ("雁塘区完成全年目标的多少", {("雁塘区", 2022)}),
        ("2022年工作要点中的招聘人数", {("苍麓市", 2022)}),
    ],
)
def test_only_reports_of_the_named_place_year_period_and_genre_may_answer(
    bureau: Desk, question: str, kept: set[tuple[str, int]]
) -> None:
    found = scope(bureau, question)
    assert reports(found) == kept
    assert not found.refusal and not found.missing
    assert set(found.filter.report_ids) == {card.id for card in found.cards}


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("襄垣县2022年的签约率", ["没有襄垣县的报告", "澄河县（2021年、2022年）", "雁塘区（2022年）"]),
        ("澄河县2019年的签约率", ["没有澄河县2019年的报告", "有2021年、2022年"]),
        ("澄河县2022年上半年的签约率", ["没有澄河县上半年的报告", "2022年全年", "不能代替"]),
        ("雁塘区2022年第三季度的签约率", ["没有雁塘区第三季度的报告", "2022年上半年"]),
    ],
)
def test_a_filter_that_matches_nothing_says_what_there_is(
    bureau: Desk, question: str, parts: list[str]
) -> None:
    found = scope(bureau, question)
    assert found.cards == ()
    assert all(part in found.refusal for part in parts), found.refusal


def test_a_report_of_another_year_counts_only_where_it_names_the_year(bureau: Desk) -> None:
    found = scope(bureau, "栗坪县2023年妇幼保健院什么时候投入使用")
    assert reports(found) == {("栗坪县", 2022)}
    assert found.strict_years == {card.id for card in found.cards}


def test_a_missing_genre_is_said_and_does_not_narrow(bureau: Desk) -> None:
    found = scope(bureau, "栗坪县工作要点里的签约率")
    assert reports(found) == {("栗坪县", 2022)}
    assert Genre.KEY_POINTS.label in found.missing[0]


def test_one_of_two_compared_places_may_be_missing(bureau: Desk) -> None:
    found = scope(bureau, "澄河县2022年和襄垣县2022年的签约率相差多少")
    assert reports(found) == {("澄河县", 2022)}
    assert not found.refusal
    assert "没有襄垣县的报告" in found.missing[0]


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("澄河县2021年和栗坪县2022年的签约率", (2021, 2022)),
        ("2021年澄河县和2022年的栗坪县", (2021, 2022)),
        ("澄河县和栗坪县2022年的签约率", (None, 2022)),
        ("澄河和栗坪的签约率", (None, None)),
    ],
)
def test_each_place_may_have_a_year_of_its_own(
    bureau: Desk, question: str, years: tuple[int | None, int | None]
) -> None:
    asked = bureau.understand(question)
    assert (own_year(asked, "澄河县"), own_year(asked, "栗坪县")) == years


def test_an_empty_library_says_how_to_fill_it() -> None:
    found = resolve(understand("签约率是多少", ()), (), lambda word: ())
    assert "入库" in found.refusal


def test_description_names_each_place_once_with_its_years(bureau: Desk) -> None:
    text = describe(bureau.cards())
    assert text == "栗坪县（2022年）、澄河县（2021年、2022年）、苍麓市（2022年）、雁塘区（2022年）"
