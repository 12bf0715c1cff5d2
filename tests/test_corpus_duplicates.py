"""Copies within a place and year, and nothing else."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.duplicates import Candidate, Duplicate, find_duplicates, fold, jaccard, text_key

WORDS = "全县签约医生卫生院改善群众健康档案管理培训设备乡村推进落实加强督导考核宣传义诊筛查".strip()


def prose(seed: int, size: int = 1200) -> str:
    source = random.Random(seed)
    return "".join(source.choice(WORDS) + ("，" if i % 17 == 16 else "") for i in range(size)) + "。"


def candidate(name: str, text: str, **more: object) -> Candidate:
    values: dict[str, object] = {
        "id": name,
        "source": name,
        "name": name,
        "ordinal": 0,
        "place": "云溪县",
        "year": 2019,
        "period": None,
        "text": text,
    }
    return Candidate(**(values | more))  # type: ignore[arg-type]


def test_exact_copies_whatever_the_spaces_and_points() -> None:
    text = "全县签约 4769人，占45.45%。"
    found = find_duplicates([candidate("a", text), candidate("b", "全县签约4769人,占45.45%")])
    assert found == (Duplicate("b", "a", "exact", 1.0),)


def test_near_copies_with_another_header() -> None:
    text = prose(1)
    found = find_duplicates([candidate("a", "云溪县卫生健康局文件" + text), candidate("b", text)])
    assert [(d.report_id, d.kept_id, d.kind) for d in found] == [("b", "a", "near")]
    assert 0.9 < found[0].similarity < 1


@pytest.mark.parametrize(
    "other",
    [{"place": "清河县"}, {"year": 2020}, {"place": None}, {"year": None}],
)
def test_never_across_places_or_years(other: dict[str, object]) -> None:
    text = prose(2)
    assert find_duplicates([candidate("a", text), candidate("b", text, **other)]) == ()


def test_unknown_place_merges_exact_copies_only() -> None:
    text, nowhere = prose(3), {"place": None, "year": None}
    exact = find_duplicates([candidate("a", text, **nowhere), candidate("b", text, **nowhere)])
    assert [d.kind for d in exact] == ["exact"]
    near = [candidate("a", text, **nowhere), candidate("b", "前言" + text, **nowhere)]
    assert find_duplicates(near) == ()
    same_file = [candidate(n, x, source="f", **nowhere) for n, x in (("a", text), ("b", "前言" + text))]
    assert [d.kind for d in find_duplicates(same_file)] == ["near"]


def test_half_year_and_year_are_two_reports() -> None:
    text = prose(4)
    pair = [candidate("a", text, period="上半年"), candidate("b", "又" + text, period="全年")]
    assert find_duplicates(pair) == ()


def test_versions_that_disagree_in_figures_are_both_kept() -> None:
    figures = [f"其中第{i}项完成{i * 37}人次。" for i in range(3, 40)]
    changed = [line.replace("人次", "8人次") if i % 3 == 0 else line for i, line in enumerate(figures)]
    text = prose(5, 4000)
    pair = [candidate("a", text + "".join(figures)), candidate("b", text + "".join(changed))]
    assert jaccard(pair[0].text, pair[1].text) > 0.8
    assert find_duplicates(pair) == ()


def test_the_better_copy_is_kept() -> None:
    text = prose(6)
    damaged, poor, rich = (
        candidate("a", text, damages=2, told=6),
        candidate("b", text, told=2),
        candidate("c", text, told=4),
    )
    assert {d.report_id: d.kept_id for d in find_duplicates([damaged, poor, rich])} == {"a": "c", "b": "c"}


def test_what_the_user_decided_holds() -> None:
    text = prose(7)
    three = [candidate(n, text) for n in "abc"]
    apart = find_duplicates(three, apart=[("c", "a")])
    assert {d.report_id: d.kept_id for d in apart} == {"b": "a"}
    merged = find_duplicates([*three, candidate("d", prose(8))], together={"d": "b"})
    assert {d.report_id: (d.kept_id, d.kind) for d in merged}["d"] == ("a", "user")


def test_a_crowd_is_searched_by_minhash() -> None:
    crowd = [candidate(f"{i:02}", prose(100 + i, 400)) for i in range(40)]
    copy = candidate("99", "通知" + crowd[7].text)
    found = find_duplicates([*crowd, copy])
    assert [(d.report_id, d.kept_id) for d in found] == [("99", "07")]


def test_short_texts() -> None:
    assert jaccard("", "") == 1.0
    assert find_duplicates([candidate("a", "短"), candidate("b", "文")]) == ()


@given(st.lists(st.integers(0, 3), max_size=8), st.randoms())
@settings(deadline=None, max_examples=30)
def test_order_does_not_matter_and_kept_ones_are_no_copies(texts: list[int], shuffle: random.Random) -> None:
    group = [candidate(f"{i}", prose(t, 300)) for i, t in enumerate(texts)]
    found = find_duplicates(group)
    assert len(found) == len(group) - len(set(texts))
    assert not {d.report_id for d in found} & {d.kept_id for d in found}
    shuffle.shuffle(group)
    assert set(find_duplicates(group)) == set(found)


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=60)
def test_folding_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert text_key(" " + text + "。") == text_key(text)
