"""corpus.tracked: edits, slices, the map in both directions and its stored form."""

from __future__ import annotations

from array import array
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.tracked import Edit, OffsetMap, TrackedText

TEXT = st.text(alphabet="甲乙丙丁0123 ，。\n", max_size=40)


@st.composite
def edit_lists(draw: st.DrawFn, size: int) -> list[Edit]:
    cuts = sorted(draw(st.lists(st.integers(0, size), max_size=8)))
    ranges = [(a, b) for i, (a, b) in enumerate(pairwise(cuts)) if i % 2 == 0]
    return [Edit(a, b, draw(st.text(alphabet="子丑寅", max_size=4)), "test") for a, b in ranges]


@st.composite
def chains(draw: st.DrawFn) -> tuple[str, TrackedText]:
    raw = draw(TEXT)
    t = TrackedText.from_raw(raw)
    for _ in range(draw(st.integers(0, 3))):
        t = t.edit(draw(edit_lists(len(t.text))))
    return raw, t


def test_an_edit_replaces_logs_and_maps() -> None:
    t = TrackedText.from_raw("甲 乙，丙").edit([Edit(3, 4, "。", "mark"), Edit(1, 2, "", "space")])
    assert t.text == "甲乙。丙"
    assert [(r.kind, r.start, r.end, r.before, r.after) for r in t.repairs] == [
        ("space", 1, 2, " ", ""),
        ("mark", 3, 4, "，", "。"),
    ]
    assert [t.origin.raw_offset(i) for i in range(4)] == [0, 2, 3, 4]
    assert t.origin.raw_span(0, 2) == (0, 3)
    assert t.origin.clean_span(2, 4) == (1, 3)
    assert t.origin.clean_span(1, 2) == (1, 1)


def test_a_second_edit_is_logged_in_raw_offsets() -> None:
    t = TrackedText.from_raw("0123456789").edit([Edit(0, 3, "", "a")]).edit([Edit(2, 4, "甲", "b")])
    assert t.text == "34甲789"
    assert (t.repairs[1].start, t.repairs[1].end) == (5, 7)


def test_a_secret_edit_leaves_no_trace() -> None:
    t = TrackedText.from_raw("口令甲乙丙").edit([Edit(2, 5, "〔隐〕", "mask", secret=True)])
    assert "甲" not in repr(t.repairs)


@pytest.mark.parametrize("edits", [[(0, 3), (2, 4)], [(3, 9)], [(3, 2)]])
def test_impossible_edits_are_refused(edits: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="overlaps or is out of range"):
        TrackedText.from_raw("甲乙丙丁戊").edit(Edit(a, b, "", "x") for a, b in edits)


def test_everything_may_be_deleted() -> None:
    t = TrackedText.from_raw("甲乙").edit([Edit(0, 2, "", "x")])
    assert (t.text, t.origin.raw_span(0, 0), t.origin.clean_span(0, 2)) == ("", (0, 0), (0, 0))
    assert t.edit([Edit(0, 0, "丙", "x")]).text == "丙"


@given(chains())
@settings(deadline=None, max_examples=150)
def test_maps_ascend_and_stay_in_the_raw_text(chain: tuple[str, TrackedText]) -> None:
    raw, t = chain
    assert len(t.text) == len(t.origin.begin) == len(t.origin.end)
    for values in (t.origin.begin, t.origin.end):
        assert list(values) == sorted(values)
        assert all(value <= len(raw) for value in values)
    assert all(a <= b for a, b in zip(t.origin.begin, t.origin.end, strict=True))


@given(chains())
@settings(deadline=None, max_examples=150)
def test_characters_outside_repairs_are_the_raw_ones(chain: tuple[str, TrackedText]) -> None:
    raw, t = chain
    for i, char in enumerate(t.text):
        start, end = t.origin.raw_span(i, i + 1)
        touched = any(r.start <= start and end <= r.end for r in t.repairs)
        assert touched or (char == raw[start] and end == start + 1)


@given(chains(), st.data())
@settings(deadline=None, max_examples=150)
def test_clean_span_inverts_raw_span(chain: tuple[str, TrackedText], data: st.DataObject) -> None:
    _, t = chain
    start = data.draw(st.integers(0, len(t.text)))
    end = data.draw(st.integers(start, len(t.text)))
    low, high = t.origin.raw_span(start, end)
    first, last = t.origin.clean_span(low, high)
    for i in range(start, end):
        if t.origin.begin[i] < t.origin.end[i]:  # an insertion came from nowhere
            assert first <= i < last
    for i in range(first, last):
        assert t.origin.begin[i] < high
        assert t.origin.end[i] > low


@given(chains())
@settings(deadline=None, max_examples=100)
def test_stored_maps_come_back_equal(chain: tuple[str, TrackedText]) -> None:
    origin = chain[1].origin
    again = OffsetMap.from_bytes(origin.to_bytes())
    assert (again.begin, again.end) == (origin.begin, origin.end)


def test_large_offsets_survive_storage() -> None:
    origin = OffsetMap(array("I", [0, 2_000_000_000]), array("I", [1, 2_000_000_001]))
    again = OffsetMap.from_bytes(origin.to_bytes())
    assert list(again.begin) == [0, 2_000_000_000]


@given(chains(), st.data())
@settings(deadline=None, max_examples=150)
def test_a_slice_keeps_its_part_of_everything(chain: tuple[str, TrackedText], data: st.DataObject) -> None:
    _, t = chain
    start = data.draw(st.integers(0, len(t.text)))
    end = data.draw(st.integers(start, len(t.text)))
    part = t.slice(start, end)
    assert part.text == t.text[start:end]
    assert [part.origin.raw_span(i, i + 1) for i in range(len(part.text))] == [
        t.origin.raw_span(i, i + 1) for i in range(start, end)
    ]
    low, high = t.origin.raw_span(start, end)
    assert all(low <= r.start and r.end <= high for r in part.repairs)
