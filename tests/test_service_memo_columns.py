"""Which columns a comparison has, and what it says where there is nothing to compare."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from corpus.cards import Card
from corpus.errors import InputError, NotFound, WenhengError
from corpus.report import Genre
from service.memo.aligning import Column
from service.memo.columns import GRID, PLACES, REPORTS, YEARS, Request, plan, read_years


def card(place: str | None, year: int | None, genre: Genre = Genre.ANNUAL, **changes: Any) -> Card:
    blank = {field.name: 0 for field in dataclasses.fields(Card)}
    told = {
        "id": f"{place}{year}{genre}",
        "title": f"{place or ''}{year or ''}年工作总结",
        "place": place,
        "year": year,
        "genre": genre,
        "period": "全年",
        "duplicates": (),
        "merged_into": "",
        "edited": (),
        "warnings": (),
    }
    return Card(**blank | told | changes)


CARDS = (
    card("甲县", 2021),
    card("甲县", 2022),
    card("甲县", 2022, Genre.PLAN),
    card("乙区", 2022),
    card("丙县", 2020),
    card(None, None),
)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2021..2024", (2021, 2022, 2023, 2024)),
        ("2021-2022", (2021, 2022)),
        ("2021—2022年", (2021, 2022)),
        ("2023,2021", (2021, 2023)),
        ("2021年、2023年", (2021, 2023)),
        ("2024", (2024,)),
    ],
)
def test_years(text: str, years: tuple[int, ...]) -> None:
    assert read_years(text) == years


@pytest.mark.parametrize("text", ["", "去年", "24", "2024..2021", "1900..2024", "2021..", "2021至今"])
def test_years_that_cannot_be_read(text: str) -> None:
    with pytest.raises(InputError, match="看不懂年份") as found:
        read_years(text)
    assert "2021..2024" in found.value.remedy


def test_years_of_one_place() -> None:
    found = plan(Request(("甲县",), (2021, 2022)), CARDS)
    assert (found.layout, found.title) == (YEARS, "甲县2021—2022年工作对比")
    assert [column.label for column in found.columns] == ["2021年", "2022年"]
    assert len(found.cards) == 3 and not found.gaps


def test_without_years_all_of_a_place_and_the_last_shared_one_of_several() -> None:
    assert plan(Request(("甲县",)), CARDS).years == (2021, 2022)
    assert plan(Request(("甲县", "乙区")), CARDS).years == (2022,)


def test_a_short_name_will_do_where_it_is_clear() -> None:
    assert plan(Request(("甲", "乙"), (2022,)), CARDS).places == ("甲县", "乙区")


def test_places_and_years() -> None:
    found = plan(Request(("甲县", "乙区"), (2021, 2022)), CARDS)
    assert found.layout == GRID and len(found.columns) == 4
    assert found.gaps == ("库中没有乙区2021年的报告",)
    assert plan(Request(("甲县", "乙区"), (2022,)), CARDS).layout == PLACES


def test_places_that_have_no_year_in_common_are_warned_of() -> None:
    found = plan(Request(("甲县", "丙县"), (2020, 2021)), CARDS)
    assert found.notes == ("甲县和丙县没有同一年的报告，所列各数年份不同，不能直接比较",)
    assert not plan(Request(("甲县", "乙区"), (2021, 2022)), CARDS).notes


def test_the_annual_report_stands_for_its_year() -> None:
    found = plan(Request(("甲县",), (2021, 2022)), CARDS)
    principal = found.principal(found.columns[1])
    assert principal is not None and principal.genre is Genre.ANNUAL
    assert found.principal(Column("甲县", 2019)) is None


def test_two_reports_say_what_sets_them_apart() -> None:
    half = card("乙区", 2022, Genre.HALF_YEAR, period="上半年")
    found = plan(Request(report_ids=(CARDS[0].id, half.id)), (*CARDS, half))
    assert found.layout == REPORTS and found.title == "甲县2021年与乙区2022年上半年工作对比"
    assert [note.split("（")[0][-4:] for note in found.notes] == ["年份不同", "时段不同", "文种不同"]


def test_reports_of_one_place_and_year_are_told_apart() -> None:
    found = plan(Request(report_ids=(CARDS[1].id, CARDS[2].id)), CARDS)
    assert [column.label for column in found.columns] == ["甲县2022年年度总结", "甲县2022年工作计划"]


@pytest.mark.parametrize(
    ("request_", "cards", "pieces"),
    [
        (Request(("甲县",)), (), ("还没有报告", "ingest")),
        (Request(("丁县",), (2022,)), CARDS, ("没有“丁县”的报告", "甲县")),
        (Request(("甲县",), (2010, 2011)), CARDS, ("没有甲县2010—2011年的报告", "2021、2022")),
        (Request(("甲县",), (2022,)), CARDS, ("只有甲县2022年一列", "--places")),
        (Request(("丙县",), (2020, 2021)), CARDS, ("只有一份报告", "乙区（2022）")),
        (Request((), (2021, 2022)), CARDS, ("没有说明比较哪些地区", "甲县")),
        (Request(("甲县", "丙县")), CARDS, ("没有都有报告的年份", "--years")),
        (Request(report_ids=(CARDS[0].id,)), CARDS, ("只有一份报告", "wenheng reports")),
        (Request(report_ids=(CARDS[0].id, CARDS[0].id)), CARDS, ("只有一份报告",)),
        (
            Request(("甲县", "乙区", "丙县", "丁市"), tuple(range(2003, 2023))),
            (*CARDS, card("丁市", 2003)),
            ("4个地区、20个年份太多", "60列"),
        ),
    ],
)
def test_bad_requests_say_what_there_is_instead(
    request_: Request, cards: tuple[Card, ...], pieces: tuple[str, ...]
) -> None:
    with pytest.raises(WenhengError) as found:
        plan(request_, cards)
    assert isinstance(found.value, NotFound | InputError) and found.value.remedy
    for piece in pieces:
        assert piece in str(found.value)


def test_a_name_of_two_places_is_not_guessed() -> None:
    with pytest.raises(NotFound, match="不止一处"):
        plan(Request(("清河",), (2021, 2022)), (card("清河县", 2021), card("清河区", 2022)))


def test_a_report_is_called_by_its_column_or_by_what_it_is() -> None:
    assert plan(Request(("甲县",), (2021, 2022)), CARDS).name(CARDS[2]) == "甲县2022年工作计划"
    both = plan(Request(report_ids=(CARDS[0].id, CARDS[3].id)), CARDS)
    assert both.name(CARDS[3]) == "乙区2022年"


def test_a_report_without_place_and_year_can_be_compared() -> None:
    found = plan(Request(report_ids=(CARDS[0].id, CARDS[5].id)), CARDS)
    assert [column.label for column in found.columns] == ["甲县2021年", "《年工作总结》"]
    assert "年份不详" in found.notes[0]
