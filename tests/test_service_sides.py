"""Which reports a follow-up holds against each other, and what it says where there are none or several."""

from __future__ import annotations

import pytest

from corpus.cards import Card
from corpus.errors import InputError, NotFound
from corpus.report import Genre
from service.pursuit.sides import beside, choose


def card(year: int, genre: Genre = Genre.ANNUAL, place: str = "雾岭县", id: str = "") -> Card:
    return Card(
        id or f"{place}{year}{genre}", f"{place}{year}年{genre.label}", place, year, None, genre, None, None,
        None, "a.txt", "0", 1, 0, 0, 0, 0, 0, 0, (), "", (), (),
    )  # fmt: skip


def test_the_review_of_the_year_before_and_the_plan_of_the_year() -> None:
    plan, half = card(2023, Genre.PLAN), card(2023, Genre.HALF_YEAR)
    cards = [card(2021), card(2022), card(2023), plan, half, card(2022, place="石坳县")]
    assert choose(cards, "雾岭县", 2023) == ((card(2022), plan), card(2023))
    assert choose(cards, "雾岭县", 2023, 2021) == ((card(2021),), card(2023))
    assert beside(cards, card(2023)) == (half,)


@pytest.mark.parametrize(
    ("place", "year", "against", "pieces"),
    [
        (None, 2023, None, ("--place",)),
        ("雾岭县", None, None, ("--year",)),
        ("没有县", 2023, None, ("没有没有县的报告", "雾岭县（2019年、2021年、2022年）")),
        ("雾岭县", 2020, None, ("2020年的总结", "2019年年度总结")),
        ("雾岭县", 2021, None, ("2020年的总结", "--against 2019")),
        ("雾岭县", 2021, 2021, ("不早于", "2020")),
        ("雾岭县", 2019, None, ("2018年的总结",)),
    ],
)
def test_missing_places_and_years(
    place: str | None, year: int | None, against: int | None, pieces: tuple[str, ...]
) -> None:
    with pytest.raises((InputError, NotFound)) as error:
        choose([card(2019), card(2021), card(2022)], place, year, against)
    assert all(piece in str(error.value) for piece in pieces)


def test_two_reports_of_one_year_are_not_chosen_between() -> None:
    with pytest.raises(InputError, match="2份同类的报告"):
        choose([card(2022), card(2023, id="a1"), card(2023, id="b2")], "雾岭县", 2023)
