"""The model's part: the evidence that it sees, the number lock, sentences, and their check."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prompts
from service.check import plain
from service.desk import Desk
from service.lines import Line
from service.models.chat import FakeChat
from service.phrase import (
    LONGEST_LINE,
    attempt,
    evidence_block,
    judge,
    number_lock,
    shorten,
    split_sentences,
    states,
)

RATE = "家庭医生签约率为66.8%，比上年提高5.5个百分点。"
PATIENTS = "救治大病患者317人，先诊疗后付费惠及2206人次。"
QUESTION = "澄河县2022年家庭医生签约率是多少？"
TERM = re.compile(r'"\d+(?:\.\d+)*"')
office = st.text(alphabet="签约率为，。、％%人个 0123456789.", max_size=60)


def locked(grammar: str) -> set[str]:
    """Digit runs that a grammar admits; fails where it is not the GBNF that llama.cpp reads."""
    rules = dict(row.split(" ::= ", 1) for row in grammar.strip().split("\n"))
    assert list(rules) == ["root", "nd", "num"]
    assert rules["root"] == "nd* (num nd+)* num?"
    assert rules["nd"] == "[^0-9０-９]"
    terms = rules["num"].split(" | ")
    assert all(TERM.fullmatch(term) for term in terms)
    assert len(set(terms)) == len(terms)
    return {term.strip('"') for term in terms}


def accepts(grammar: str, text: str) -> bool:
    """Whether a text can be written under the lock."""
    numbers = "|".join(re.escape(run) for run in sorted(locked(grammar), key=len, reverse=True))
    return bool(re.fullmatch(rf"[^0-9０-９]*(?:(?:{numbers})[^0-9０-９]+)*(?:{numbers})?", text))


def test_the_lock_admits_the_numbers_of_evidence_question_and_marks(line: Callable[..., Line]) -> None:
    grammar = number_lock([line(RATE), line(PATIENTS, place="栗坪县")], QUESTION)
    assert locked(grammar) == {"1", "2", "2022", "66.8", "5.5", "317", "2206"}
    assert accepts(grammar, "澄河县2022年家庭医生签约率为66.8%[1]。救治317人[2]。")
    for wrong in ("签约率为67.8%", "签约率为66.80%", "救治3170人", "签约率为６６.8%", "共2523人"):
        assert not accepts(grammar, wrong), wrong


@settings(deadline=None, max_examples=80)
@given(texts=st.lists(office, min_size=1, max_size=3), question=office, other=st.integers(0, 99999))
def test_the_lock_holds_exactly_the_numbers_that_the_model_was_given(
    line: Callable[..., Line], texts: list[str], question: str, other: int
) -> None:
    lines = [line(text) for text in texts]
    grammar = number_lock(lines, question)
    given_text = evidence_block(lines) + question
    runs = set(re.findall(r"\d+(?:\.\d+)*", given_text)) | {str(n + 1) for n in range(len(lines))}
    assert locked(grammar) == runs
    for run in runs:
        assert accepts(grammar, f"答{run}人。")
    assert accepts(grammar, f"答{other}人。") == (str(other) in runs)


def test_the_evidence_names_place_year_and_heading(line: Callable[..., Line]) -> None:
    block = evidence_block(
        [line(RATE, path=("一、成效", "（一）签约服务")), line(PATIENTS, place="栗坪县", year=2021)]
    )
    first, second = block.split("\n")
    assert first.startswith("[1]（澄河县2022年") and "签约服务" in first and first.endswith(RATE)
    assert second.startswith("[2]（栗坪县2021年）") and second.endswith(PATIENTS)


def test_personal_data_never_reaches_the_model(line: Callable[..., Line]) -> None:
    chat = FakeChat(["好。"])
    list(attempt(chat, "13900001234是谁的电话？", [line("联系人电话13900001234，签约率为66.8%。")]))
    messages, grammar = chat.calls[0]
    assert "13900001234" not in str(messages) + str(grammar)
    assert "66.8" in str(messages)


def test_a_long_sentence_is_cut_for_the_prompt_only(line: Callable[..., Line]) -> None:
    long = "完善制度，" * 200
    assert len(shorten(long)) <= LONGEST_LINE + 2
    assert shorten("短 句\n子") == "短 句 子"


def test_a_repair_tells_the_fault(line: Callable[..., Line]) -> None:
    chat = FakeChat(["好。"])
    list(attempt(chat, QUESTION, [line(RATE)], fault="“67%”不在材料中"))
    messages, grammar = chat.calls[0]
    assert messages == tuple(
        prompts.load("repair").messages(
            evidence=evidence_block([line(RATE)]), question=QUESTION, fault="“67%”不在材料中"
        )
    )
    assert grammar == number_lock([line(RATE)], QUESTION)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("签约率为66.8%[1]。提高5.5个百分点[1]。", ["签约率为66.8%[1]。", "提高5.5个百分点[1]。"]),
        ("签约率为66.8%。[1][2]提高了。", ["签约率为66.8%[1][2]。", "提高了。"]),
        ("第一行\n第二行", ["第一行", "第二行"]),
        ("高吗？高！", ["高吗？", "高！"]),
        ("为1.5万人，共3.2万人", ["为1.5万人，共3.2万人"]),
        ("[1]。", []),
        ("。。\n", []),
        ("", []),
    ],
)
def test_sentences_of_a_model(text: str, sentences: list[str]) -> None:
    assert list(split_sentences(text)) == sentences


@settings(deadline=None, max_examples=80)
@given(st.text(alphabet="签约率为66.8%[1][2]，。！？\n 好", max_size=60))
def test_no_word_is_lost_between_sentences(text: str) -> None:
    def bare(value: str) -> str:
        return plain(re.sub(r"[。！？\s]", "", value))

    assert bare("".join(split_sentences(text))) == bare(text)


@pytest.fixture(scope="module")
def judged(bureau: Desk, line: Callable[..., Line]) -> Callable[..., object]:
    lines = [line(RATE), line(PATIENTS, place="栗坪县")]
    required = lines[0].figures[:1]

    def run(text: str, needed: Sequence[object] = required) -> object:
        return judge(text, QUESTION, lines, bureau.view.weights(), ("澄河县", "栗坪县"), needed)  # type: ignore[arg-type]

    return run


def test_good_sentences_are_kept_with_the_source_that_code_found(judged: Callable[..., object]) -> None:
    result = judged("澄河县2022年家庭医生签约率为66.8%[2]。")
    assert result.faults == () and result.complete and result.dropped == 0
    (sentence,) = result.sentences
    assert sentence.text == "澄河县2022年家庭医生签约率为66.8%"
    assert [c.quote for c in sentence.citations] == [RATE]
    assert sentence.figures == ("66.8%",)
    assert sentence.status == "phrased"


def test_a_sentence_without_support_is_dropped_and_counted(judged: Callable[..., object]) -> None:
    result = judged("签约率为66.8%。这里山清水秀。签约率为70%。")
    assert [s.text for s in result.sentences] == ["签约率为66.8%"]
    assert result.dropped == 2 and result.faults and result.complete


def test_what_must_be_stated_is_missed_when_it_is_not(judged: Callable[..., object]) -> None:
    result = judged("家庭医生签约率比上年提高5.5个百分点。")
    assert not result.complete and result.dropped == 0
    assert result.faults == ("没有写出“66.8%”",)


def test_silence_is_a_fault(judged: Callable[..., object]) -> None:
    result = judged("", ())
    assert result.faults == ("没有写出答案",) and not result.complete


def test_the_same_sentence_twice_is_shown_once(judged: Callable[..., object]) -> None:
    assert len(judged("签约率为66.8%[1]。签约率为66.8%。").sentences) == 1


def test_a_figure_is_stated_in_any_spelling(line: Callable[..., Line]) -> None:
    figure = line("签约居民1.5万人").figures[0]
    assert states("共签约1.5万人", figure)
    assert states("共签约15000人", figure)
    assert not states("共签约1.5万人次", figure)
    assert not states("共签约1.5人", figure)
    few = line("聘请专家6人").figures[0]
    assert states("聘请6 人", few) and not states("聘请16人", few) and not states("聘请6人次", few)
