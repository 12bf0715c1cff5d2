"""Rephrasing: the model may join, code keeps every figure, place, direction and negation where it was."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import EngineFailed
from service.cited import Citation, Derived, Operand, Sentence
from service.models.chat import FakeChat
from service.summary.rephrase import LONGEST, prose_lock, retell
from service.summary.rephrase_check import retold


def fact(text: str, place: str = "澄河县", start: int = 0) -> Sentence:
    cited = Citation("r1", "澄河县2022年工作总结", start, start + len(text), text, place, 2022)
    return Sentence(text, (cited,), "quoted")


SIGNED = fact("2022年，家庭医生签约率达到75.3%，比上年提高3.2个百分点")
BUILT = fact("全县新建村卫生室23所，改造乡镇卫生院4所", start=100)
LACKING = fact("村卫生室信息系统尚未联通", start=200)
PLANNED = fact("下一步将建成影像诊断中心，覆盖12个乡镇卫生院", start=300)
FACTS = (SIGNED, BUILT, LACKING, PLANNED)
JOINED = (
    "2022年，家庭医生签约率达到75.3%，比上年提高3.2个百分点；全县新建村卫生室23所，改造乡镇卫生院4所。"
    "同时，村卫生室信息系统尚未联通。下一步将建成影像诊断中心，覆盖12个乡镇卫生院。"
)


def told(*replies: str | Exception, facts: tuple[Sentence, ...] = FACTS) -> list[str]:
    return [s.text for s in retell(FakeChat(replies), "summary", facts).sentences]


# -- what stands ------------------------------------------------------------------------------------


def test_joined_sentences_carry_the_citations_of_what_they_retell() -> None:
    result = retell(FakeChat([JOINED]), "summary", FACTS)
    assert result.phrased and not result.faults
    assert result.signature.startswith("summary@")
    assert [s.status for s in result.sentences] == ["phrased"] * 3
    assert result.sentences[0].citations == SIGNED.citations + BUILT.citations
    assert result.sentences[1].citations == LACKING.citations
    assert result.sentences[0].figures == ("75.3%", "3.2个百分点", "23所", "4所")


def test_a_computed_figure_stays_with_the_sentence_that_states_it() -> None:
    operand = Operand(1, "", SIGNED.citations[0])  # type: ignore[arg-type]
    number = Derived("2份", 2, "count", (operand, replace(operand, citation=BUILT.citations[0])))  # type: ignore[arg-type]
    counted = Sentence("2份报告提到村卫生室设备老化", (), "computed", (), (number,))
    text = "2份报告提到村卫生室设备老化。村卫生室信息系统尚未联通。"
    first, second = retell(FakeChat([text]), "summary", (counted, LACKING)).sentences
    assert (first.derived, second.derived) == ((number,), ())


def test_without_a_model_the_sentences_stay() -> None:
    assert retell(None, "summary", FACTS).sentences == FACTS
    assert retell(FakeChat([JOINED]), "summary", ()).sentences == ()


def test_too_long_a_prompt_is_not_sent() -> None:
    chat = FakeChat([JOINED])
    long = (fact("新建村卫生室，" * (LONGEST // 7 + 1)),)
    assert retell(chat, "summary", long).sentences == long
    assert not chat.calls


def test_a_failing_model_leaves_the_sentences_and_says_so() -> None:
    error = EngineFailed("没有模型")
    result = retell(FakeChat([error]), "summary", FACTS)
    assert (result.sentences, result.phrased, result.error) == (FACTS, False, error)


def test_a_model_that_fails_at_the_second_attempt_keeps_what_stood_in_the_first() -> None:
    first = "2022年，家庭医生签约率达到75.3%，比上年提高3.2个百分点。全县新建村卫生室32所。"
    result = retell(FakeChat([first, EngineFailed("没有模型")]), "summary", FACTS)
    assert [s.text for s in result.sentences[1:]] == [BUILT.text, LACKING.text, PLANNED.text]
    assert result.sentences[0].status == "phrased"
    assert result.error is not None


# -- what does not ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("75.3%", "73.5%"),  # another value
        ("75.3%", "75.3‰"),  # another unit
        ("3.2个百分点", "3.2%"),
        ("提高3.2", "下降3.2"),  # direction
        ("比上年提高", "比上年提高到"),
        ("家庭医生签约率", "重点人群管理率"),  # another indicator
        ("2022年", "2023年"),  # another year
        ("2022年", "2022年上半年"),  # another period
        ("75.3%", "75.3%以上"),  # a bound that is not there
        ("尚未联通", "已经联通"),  # negation
        ("将建成", "建成了"),  # a plan as a deed
        ("改造乡镇卫生院4所", "改造乡镇卫生院4所，投入资金560万元"),  # something added
        ("同时，", "由于资金长期不足且管理混乱，"),
        ("村卫生室23所", "村卫生室4所"),
    ],
)
def test_a_wrong_sentence_is_never_shown(right: str, wrong: str) -> None:
    assert right in JOINED
    text = JOINED.replace(right, wrong)
    shown = told(text, text)
    assert not any(wrong in sentence for sentence in shown if wrong not in "".join(f.text for f in FACTS))
    assert _held_by_facts("".join(shown))


def _held_by_facts(text: str) -> bool:
    """Every fact is told with all its figures."""
    return all(number in text for f in FACTS for number in re.findall(r"\d+(?:\.\d+)?[%所]?", f.text))


def test_exchanged_values_are_noticed() -> None:
    facts = (fact("高血压患者规范管理率71.5%"), fact("糖尿病患者规范管理率68.2%"))
    text = "高血压患者规范管理率68.2%，糖尿病患者规范管理率71.5%。"
    assert told(text, text, facts=facts) == [f.text for f in facts]


def test_exchanged_places_are_noticed() -> None:
    facts = (fact("澄河县新建村卫生室23所"), fact("栗坪县改造乡镇卫生院4所", "栗坪县"))
    text = "栗坪县新建村卫生室23所，澄河县改造乡镇卫生院4所。"
    assert told(text, text, facts=facts) == [f.text for f in facts]


def test_what_is_left_out_stays_as_it_was_and_in_its_place() -> None:
    text = "2022年，家庭医生签约率达到75.3%，比上年提高3.2个百分点。下一步将建成影像诊断中心，覆盖12个乡镇卫生院。"
    assert told(text)[1:3] == [BUILT.text, LACKING.text]
    short = retell(FakeChat([text]), "summary", FACTS, whole=False)
    assert len(short.sentences) == 2 and not short.faults


def test_an_invented_opening_is_cut_off() -> None:
    text = "为了进一步提升基层服务水平，" + BUILT.text + "。"
    assert told(text, facts=(BUILT,)) == [BUILT.text]


def test_a_sentence_is_not_told_twice() -> None:
    text = f"{BUILT.text}。{BUILT.text}。"
    assert told(text, facts=(BUILT,)) == [BUILT.text]


def test_two_wrong_texts_leave_the_facts() -> None:
    chat = FakeChat(["签约率达到99%。", "新建村卫生室230所。", JOINED])
    assert retell(chat, "summary", FACTS).sentences == FACTS
    assert len(chat.calls) == 2
    again = "".join(text for _, text in chat.calls[1][0])
    assert "99%" in again  # the fault is named


def test_the_better_of_two_attempts_is_kept() -> None:
    good = "2022年，家庭医生签约率达到75.3%，比上年提高3.2个百分点。"
    shown = retell(FakeChat([good, "没有别的。"]), "summary", FACTS)
    assert [s.status for s in shown.sentences] == ["phrased", "quoted", "quoted", "quoted"]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 12), st.integers(1, 9))
def test_no_changed_digit_gets_through(at: int, by: int) -> None:
    places = [m.start() for m in re.finditer(r"\d", JOINED)]
    index = places[at % len(places)]
    changed = JOINED[:index] + str((int(JOINED[index]) + by) % 10) + JOINED[index + 1 :]
    shown = retold(changed, FACTS)
    told_again = "".join(s.text for s in shown.sentences)
    assert sorted(re.findall(r"\d+(?:\.\d+)?", told_again)) == sorted(re.findall(r"\d+(?:\.\d+)?", JOINED))


# -- the lock and the stream ------------------------------------------------------------------------


def test_the_grammar_knows_the_digits_of_the_facts_alone() -> None:
    chat = FakeChat([JOINED])
    retell(chat, "summary", FACTS)
    (_, grammar) = chat.calls[0]
    assert grammar is not None
    assert set(re.findall(r'"([\d.]+)"', grammar)) == {"2022", "75.3", "3.2", "23", "4", "12"}
    assert "num" not in prose_lock("没有数字")


def test_personal_data_does_not_reach_the_model() -> None:
    chat = FakeChat(["联系电话见文件。"])
    retell(chat, "summary", (fact("联系电话13912345678，请来电咨询"),))
    assert "13912345678" not in str(chat.calls)


def test_what_is_written_can_be_followed() -> None:
    heard: list[str] = []
    retell(FakeChat(["签约率99%。", JOINED]), "summary", FACTS, on_text=heard.append)
    assert "".join(heard) == "签约率99%。" + JOINED
    assert heard.count("") == 2  # each attempt begins anew


@pytest.mark.parametrize(
    ("said", "sound"),
    [
        ("安宁疗护床位开放12张。", True),
        ("宁疗床位开放12张。", False),  # half of 安宁 and half of 疗护
        ("安宁疗护床位开放12张，收治患者61人次。", True),
    ],
)
def test_half_a_word_is_no_word(said: str, sound: bool) -> None:
    verdict = retold(said, (fact("安宁疗护床位开放12张，收治患者61人次"),), whole=False)
    assert bool(verdict.sentences and not verdict.faults) is sound
    assert sound or "少了字" in verdict.faults[0]
