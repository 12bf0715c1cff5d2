"""Runs that a text copies out of others, and their share of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.draft.copying import copied, share

SOURCE = "县里每季度召开一次医共体牵头单位联席会，通报药品采购和结算进度。"


def test_a_run_of_thirteen_letters_is_copied_and_one_of_twelve_is_not() -> None:
    assert copied("医共体牵头单位联席会，通报", [SOURCE]) == ()  # 12
    (run,) = copied("在医共体牵头单位联席会上：通报药品", ["医共体牵头单位联席会上通报药品采购"])
    assert run.text == "医共体牵头单位联席会上：通报药品"
    assert run.at.of("医共体牵头单位联席会上通报药品采购") == "医共体牵头单位联席会上通报药品"


def test_marks_and_white_space_neither_break_a_run_nor_lengthen_it() -> None:
    (run,) = copied("每季度 召开一次、医共体牵头单位\n联席会", [SOURCE])
    assert run.span.start == 0 and run.text.endswith("联席会")
    assert copied("每，季，度，召，开，一，次，医，共，体，牵，头", [SOURCE]) == ()


def test_what_may_be_repeated_is_taken_off_a_run() -> None:
    text = "将召开一次医共体牵头单位联席会"
    assert len(copied(text, [SOURCE])) == 1
    assert copied(text, [SOURCE], ["医共体"]) == ()  # 14 − 3 = 11
    assert copied(text, [SOURCE], ["每季度召开一次医共体牵头单位会议"]) == ()
    assert len(copied(text, [SOURCE], ["牵头"])) == 0
    assert len(copied(text, [SOURCE], ["单", "采购和结算"])) == 1


def test_each_run_names_its_source_and_none_lies_inside_another() -> None:
    text = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰。" + SOURCE
    runs = copied(text, ["甲乙丙丁戊己庚辛壬癸子丑寅卯", "乙丙丁戊己庚辛壬癸子丑寅卯", SOURCE])
    assert [(run.source, run.text) for run in runs] == [
        (0, "甲乙丙丁戊己庚辛壬癸子丑寅卯"),
        (2, SOURCE.rstrip("。")),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", "0.0"), ("没有照抄任何一句话", "0.0"), (SOURCE, "100.0"), (SOURCE + "另" * 30, "50.0")],
)
def test_the_share_counts_letters(text: str, expected: str) -> None:
    assert share(text, copied(text, [SOURCE])) == Decimal(expected)


@settings(deadline=None, max_examples=60)
@given(st.text("甲乙丙，1", max_size=60), st.text("甲乙丙，1", max_size=60), st.integers(2, 8))
def test_what_is_found_stands_in_both_and_nothing_long_is_missed(
    text: str, source: str, longest: int
) -> None:
    runs = copied(text, [source], longest=longest)
    flat = "".join(c for c in source if c.isalnum())
    inside: set[int] = set()
    for run in runs:
        letters = "".join(c for c in run.text if c.isalnum())
        assert len(letters) > longest and letters in flat
        assert "".join(c for c in run.at.of(source) if c.isalnum()) == letters
        inside |= set(range(run.span.start, run.span.end))
    places = [i for i, c in enumerate(text) if c.isalnum()]
    for at in range(len(places) - longest):
        window = places[at : at + longest + 1]
        if "".join(text[i] for i in window) in flat:
            assert set(window) <= inside
