"""Likeness of wording: right for Chinese, blind to figures, and only worth something over a copy."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.overlap import chrf, likeness, rouge, skill, skills, tokens

SENTENCE = "澄河县家庭医生签约率达到75.3%。"
LIKE = {"rouge_1", "rouge_2", "rouge_l", "chrf"}


def test_a_character_is_a_token_and_a_number_is_one() -> None:
    assert tokens("签约率75.3％，ＣＴ 2台。") == ["签", "约", "率", "75.3", "ct", "2", "台"]


def test_a_sentence_is_like_itself() -> None:
    """The default tokenizer of rouge-score keeps ASCII only and would say 0."""
    assert likeness("全县新建村卫生室", "全县新建村卫生室") == dict.fromkeys(LIKE, pytest.approx(1))


def test_rouge_by_hand() -> None:
    found = rouge("甲乙丙丁", "甲丙乙戊己庚")  # 3 of 4 and of 6 shared; no pair; in order: 甲乙 or 甲丙
    assert found["rouge_1"] == pytest.approx(2 * 3 / 10)
    assert found["rouge_2"] == 0
    assert found["rouge_l"] == pytest.approx(2 * 2 / 10)


def test_chrf_by_hand() -> None:
    """Reference 甲乙, text 甲丙: of single characters 1/2 and 1/2, of pairs 0 of 1; F2 of the means is 1/4."""
    assert chrf("甲丙", "甲乙") == pytest.approx(0.25)


def test_it_cannot_see_a_false_figure() -> None:
    """Why no gate rests on it: a false figure costs almost nothing, less than other words for a true one."""
    false = SENTENCE.replace("75.3", "57.3")
    reworded = "截至年底，澄河县签约家庭医生的居民占75.3%。"
    assert chrf(false, SENTENCE) > chrf(reworded, SENTENCE)
    assert rouge(false, SENTENCE)["rouge_l"] > rouge(reworded, SENTENCE)["rouge_l"]


@pytest.mark.parametrize(
    ("system", "copy", "wanted"), [(0.65, 0.65, 0), (1, 0.65, 1), (0.3, 0.65, -1), (0.9, 1, None)]
)
def test_skill_over_a_copy(system: float, copy: float, wanted: float | None) -> None:
    assert skill(system, copy) == (None if wanted is None else pytest.approx(wanted))


def test_the_copy_itself_has_no_skill() -> None:
    last_year, this_year = "去年新建卫生室三所。", "今年新建卫生室五所，改造两所。"
    assert skills(last_year, last_year, this_year) == {f"skill_{name}": 0 for name in LIKE}
    assert all(value == pytest.approx(1) for value in skills(this_year, last_year, this_year).values())


def test_nothing_is_like_nothing() -> None:
    assert set(likeness("", SENTENCE).values()) == {0}


@settings(deadline=None, max_examples=40)
@given(st.text("甲乙丙丁1.%，", max_size=12), st.text("甲乙丙丁1.%，", max_size=12))
def test_shares_stay_between_0_and_1(text: str, reference: str) -> None:
    assert all(0 <= value <= 1 + 1e-9 for value in likeness(text, reference).values())
