"""A text checked while it is typed: the same verdict as when it is saved, places in the text, figures that may be meant."""

from __future__ import annotations

import pytest

from corpus.errors import InputError
from service.cited import Sentence
from service.draft.checking import _candidates, _near, look
from service.draft.editing import LONGEST, by_hand
from service.draft.toy_draft import toy_input, toy_outline

OUTLINE = toy_outline(toy_input())
STEP = OUTLINE.steps[1]  # 高血压患者规范管理率只有58.4%
WHERE = {"places": ("栗坪县",), "years": (2021, 2022, 2023)}


@pytest.mark.parametrize(
    ("text", "numerals"),
    [
        ("高血压患者规范管理率只有58.4%。", []),
        ("2022年，栗坪县高血压患者规范管理率只有58.4%，靠手工登记。", []),
        ("高血压患者规范管理率只有48.4%。", ["48.4%"]),
        ("规范管理率58.4%，\n　　随访3000人次；涉及12个乡镇。另有12个村。", ["3000人次", "12个", "12个"]),
        ("48.4%、48.4%和58.4%。", ["48.4%", "48.4%"]),
    ],
)
def test_numerals_without_a_source_are_found_at_their_places(text: str, numerals: list[str]) -> None:
    found = look(STEP, text, **WHERE)
    assert [one.numeral for one in found.unheld] == numerals
    assert [text[one.start : one.end] for one in found.unheld] == numerals
    assert len({one.start for one in found.unheld}) == len(numerals)
    if numerals:
        with pytest.raises(InputError):
            by_hand(STEP, text, **WHERE)
    else:
        assert found.sound and by_hand(STEP, text, **WHERE).sentences == found.sentences


def test_what_may_have_been_meant_is_offered_by_unit() -> None:
    step = OUTLINE.steps[2]  # 北部3个乡镇的急救平均到达时间为41分钟; 全县只有2个急救站
    (minutes,) = look(step, "平均到达时间为14分钟。", **WHERE).unheld
    assert [one.text for one in minutes.candidates] == ["41分钟"]
    assert minutes.candidates[0].citation is not None and "41分钟" in minutes.candidates[0].citation.quote
    (stations,) = look(step, "全县只有5个急救站。", **WHERE).unheld
    assert {one.text for one in stations.candidates} == {"3个", "2个"}


@pytest.mark.parametrize("text", ["", " \n ", "长" * (LONGEST + 1)])
def test_a_text_as_a_whole_that_cannot_be(text: str) -> None:
    found = look(STEP, text, **WHERE)
    assert not found.sound and found.notes and not found.unheld


def test_a_table_is_not_written_by_hand() -> None:
    assert look(OUTLINE.steps[-1], "好。", **WHERE).notes[0].startswith("这一步是表格")


def test_a_figure_of_another_unit_is_no_candidate() -> None:
    offered = tuple(_candidates((Sentence("对4处地块每月一查，覆盖率达到97.8%", (), "quoted"),)))
    assert [one.text for one in _near("98.7%", offered)] == ["97.8%"]
    assert _near("12张", offered) == ()
