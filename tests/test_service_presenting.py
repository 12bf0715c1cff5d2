"""Labels, marks, list items and what stands in a cell: the same for screen, Word and Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cited import Citation, Sentence
from service.papers.document import Cell, Document, Heading
from service.papers.presenting import (
    Labels,
    Piece,
    caveat,
    cell_piece,
    clean,
    han,
    is_number,
    items,
    mark_text,
    masked,
    piece,
    ranges,
    source_lines,
)


def cite(n: int) -> Citation:
    return Citation(f"r{n}", "雾岭县2022年工作总结", 0, 4, "签约率。", "雾岭县", 2022, ("一、工作",))


NUMBER = {cite(n): n for n in range(1, 9)}


def said(text: str, *numbers: int) -> Sentence:
    return Sentence(text, tuple(cite(n) for n in numbers), "quoted")


def test_labels_skip_no_level() -> None:
    labels = Labels()
    levels = (1, 2, 2, 3, 1, 3, 4, 2)
    made = [labels.next(Heading("题", level)) for level in levels]
    assert [label for _, label in made] == [
        "一、",
        "（一）",
        "（二）",
        "1.",
        "二、",
        "（一）",
        "1.",
        "（二）",
    ]
    assert [level for level, _ in made] == [1, 2, 2, 3, 1, 2, 3, 2]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (99, "九十九"),
        (100, "一百"),
        (101, "一百零一"),
        (212, "二百一十二"),
    ],
)
def test_chinese_numerals(number: int, text: str) -> None:
    assert han(number) == text


@given(st.sets(st.integers(1, 60)))
def test_ranges_hold_every_mark_once(marks: set[int]) -> None:
    found = [n for a, b in ranges(marks) for n in range(a, b + 1)]
    assert found == sorted(marks)


def test_marks_stand_in_front_of_the_full_stop() -> None:
    assert str(piece(said("签约率66.2%。", 2, 1), NUMBER)) == "签约率66.2%[1][2]。"
    assert str(piece(said("谁来补足？", 1), NUMBER)) == "谁来补足[1]？"
    assert mark_text((1, 3, 4, 5, 7, 8)) == "[1][3—5][7][8]"


def test_short_items_run_on_and_long_ones_do_not() -> None:
    short = items([said("一是缺人。", 1), said("（二）缺钱；", 2), said("3.缺床", 3)], NUMBER)
    assert ["".join(map(str, group)) for group in short] == ["一是缺人[1]；二是缺钱[2]；三是缺床[3]。"]
    long = items([said("缺人" * 40, 1), said("缺钱", 2)], NUMBER)
    assert [str(group[0])[:4] for group in long] == ["1.缺人", "2.缺钱"]
    dated = items([said("2023年缺人" + "，缺人" * 30, 1), said("缺钱", 2)], NUMBER)
    assert [str(group[0])[:6] for group in dated] == ["（1）202", "（2）缺钱["]
    assert [str(group[0]) for group in items([said("一是缺人", 1)], NUMBER)] == ["一是缺人[1]。"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Cell("", status="missing"), "缺"),
        (Cell("缺（没有报告）", status="missing"), "缺（没有报告）"),
        (Cell("5015人", (cite(1),), status="corrected"), "5015人（人工更正）[1]"),
        (Cell("1.372.98", (cite(1),), status="suspect"), "1.372.98（原文存疑）[1]"),
        (Cell("12人※", (cite(1),), status="warning"), "12人※[1]"),
        (Cell("12人", (cite(1), cite(2))), "12人[1][2]"),
    ],
)
def test_a_cell_says_what_is_missing_or_doubtful(cell: Cell, text: str) -> None:
    assert str(cell_piece(cell, NUMBER)) == text


def test_numbers_are_told_from_names() -> None:
    assert all(map(is_number, ("12人", "-3.2%", "约1.5万人", "第2位", "**万元", "+4个百分点")))
    assert not any(map(is_number, ("缺", "家庭医生", "—", "", "低值")))


def test_nothing_personal_and_nothing_illegal_is_shown() -> None:
    assert clean("联系\x00电话13912345678\n转告") == "联系电话〔手机号已隐去〕 转告"
    assert masked({"a": ["电话13912345678", 1, None]}) == {"a": ["电话〔手机号已隐去〕", 1, None]}
    where, quote = source_lines(cite(1))
    assert where == "《雾岭县2022年工作总结》（雾岭县，2022年）一、工作"
    assert quote == "“签约率。”"


def test_a_partial_document_says_so() -> None:
    assert caveat(Document("memo", "对比", ())) == ""
    assert caveat(Document("memo", "对比", (), partial=True, gaps=("2020年没有报告。", "缺人数"))) == (
        "本文不完整：2020年没有报告；缺人数。"
    )
    assert "不完整" in caveat(Document("memo", "对比", (), partial=True))
    assert Piece("完") == Piece("完", (), "")
