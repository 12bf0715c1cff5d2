"""Steps as text: what of the model stands, what code puts in its place, and what is never asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

import prompts
from corpus.cards import Card
from corpus.errors import EndpointError, EngineFailed
from corpus.report import Genre, SectionKind, Span
from service.draft.drafts import Draft, Written
from service.draft.inputs import Basic, DraftInput, Kind, Problem, Task
from service.draft.known import Known, Style
from service.draft.outline import outline
from service.draft.source import as_source
from service.draft.writing import write
from service.models.chat import FakeChat
from service.summary.rephrase import LONGEST

DOCTORS = Problem(
    "问题1",
    "乡村医生后继乏人",
    "60岁以上的有173名，占41.99%。部分偏远村卫生室无人值守，影响群众就近看病。",
    "待遇偏低",
    "问题!第2行",
)
TASK = Task(
    "任务1",
    "定向培养乡村医生",
    ("问题1",),
    "与市卫生学校签订定向培养协议，落实养老保险补助，对到偏远村执业的每月增加补助300元",
    "人事股",
    "2023年9月底前",
    date(2023, 9, 30),
    "培养30名",
    at="任务!第2行",
)
GOOD = "60岁以上的有173名，占41.99%，部分偏远村卫生室无人值守，影响群众就近看病。主要原因是待遇偏低。"
TASK_GOOD = (
    "针对乡村医生后继乏人问题，将与市卫生学校签订定向培养协议，落实养老保险补助，对到偏远村执业的每月增加补助300元，"
    "由人事股负责，2023年9月底前完成，目标是培养30名。"
)


def begun(kind: Kind = Kind.PROBLEMS, **more: object) -> Draft:
    """A draft with one problem and one task, nothing written."""
    year = 2023 if kind is Kind.PLAN else 2022
    basic = Basic("栗坪县卫生健康局", "栗坪县", year, kind, at="基本信息!第2行")
    given = replace(DraftInput(basic, (), (DOCTORS,), (TASK,), "input.xlsx"), **more)  # type: ignore[arg-type]
    return Draft(given, outline(given, as_source(given)))


def first(draft: Draft, *replies: str | Exception, known: Known | None = None) -> tuple[Written, FakeChat]:
    """What becomes of the first step when the model says ``replies``."""
    chat = FakeChat(replies)
    key = draft.outline.steps[0].key
    (written,) = write(draft, chat, known or Known(), only=(key,), styled=known is not None)
    return written, chat


def text(written: Written) -> str:
    return "".join(f"{s.text.rstrip('。')}。" for s in written.sentences)


def test_a_text_that_tells_all_facts_stands() -> None:
    written, chat = first(begun(), GOOD)
    assert written.phrased and not written.faults
    assert text(written) == f"乡村医生后继乏人。{GOOD}"
    assert written.signature.startswith("draft_problem@1#")
    own = as_source(begun().given).cite("问题!第2行")
    assert all(sentence.citations == (own,) for sentence in written.sentences)
    assert len(chat.calls) == 1


def test_the_grammar_holds_the_model_to_the_digits_of_the_facts() -> None:
    _, chat = first(begun(), GOOD)
    ((_, grammar),) = chat.calls
    assert grammar is not None and '"41.99"' in grammar and '"2022"' not in grammar


FAULTY = {
    "a figure": GOOD.replace("173", "137"),
    "its unit": GOOD.replace("173名", "173人次"),
    "a lost effect": GOOD.replace("，影响群众就近看病", ""),
    "a lost cause": GOOD.replace("主要原因是待遇偏低。", ""),
    "an effect of the wrong cause": GOOD.replace("，影响群众就近看病。", "。").replace("偏低。", "偏低，影响群众就近看病。"),
    "something else": GOOD + "同时，医保资金结算滞后。",
    "a slogan": GOOD + "我们必须高度重视、狠抓落实。",
    "done": GOOD.replace("无人值守", "已有人值守"),
    "a heading": "存在的问题：\n" + GOOD,
    "nothing": "",
}  # fmt: skip


@pytest.mark.parametrize("reply", FAULTY.values(), ids=FAULTY.keys())
def test_a_text_that_is_wrong_is_written_anew_and_then_composed(reply: str) -> None:
    written, chat = first(begun(), reply)
    assert not written.phrased and written.faults and not written.signature
    assert text(written) == (
        "乡村医生后继乏人。60岁以上的有173名，占41.99%。部分偏远村卫生室无人值守，影响群众就近看病。主要原因是待遇偏低。"
    )
    assert len(chat.calls) == 2
    again, _ = first(begun(), reply, GOOD)
    assert again.phrased


@pytest.mark.parametrize(
    "reply",
    [
        TASK_GOOD.replace("将与", "已与"),
        TASK_GOOD.replace("将与", "与"),
        TASK_GOOD.replace("9月", "10月"),
        TASK_GOOD.replace("由人事股负责，", ""),
        TASK_GOOD.replace("目标是培养30名", "培养了30名"),
        TASK_GOOD.replace("乡村医生后继乏人", "设备老化"),
    ],
    ids=["done", "no longer planned", "deadline", "office", "target reached", "another problem"],
)
def test_what_is_planned_is_never_told_otherwise(reply: str) -> None:
    draft = begun(problems=(DOCTORS,))
    key = draft.outline.steps[1].key
    (good,) = write(draft, FakeChat([TASK_GOOD]), only=(key,))
    assert good.phrased
    (written,) = write(draft, FakeChat([reply]), only=(key,))
    assert not written.phrased and written.faults


def test_the_second_attempt_is_told_what_was_wrong() -> None:
    _, chat = first(begun(), FAULTY["a figure"], GOOD)
    (messages, _) = chat.calls[1]
    assert [role for role, _ in messages] == ["system", "user", "assistant", "user"]
    assert "173" in messages[-1][1] and "137" in messages[2][1]


def test_a_sentence_that_breaks_off_is_dropped_where_nothing_is_lost() -> None:
    written, chat = first(begun(), GOOD + "此外，部分偏远")
    assert written.phrased and text(written).endswith("主要原因是待遇偏低。") and len(chat.calls) == 1
    written, _ = first(begun(), GOOD.removesuffix("待遇偏低。"))
    assert not written.phrased


@pytest.mark.parametrize("error", [EngineFailed("没有模型"), EndpointError("超时")])
def test_where_the_model_fails_code_has_the_word(error: Exception) -> None:
    written, _ = first(begun(), error)
    assert not written.phrased and "语言模型没有作答" in written.faults[0] and written.sentences


def test_without_a_model_every_step_is_composed() -> None:
    draft = begun()
    made = tuple(write(draft, None))
    assert [w.key for w in made] == [step.key for step in draft.open]
    assert not any(w.phrased or w.faults for w in made)


def test_what_needs_no_joining_is_not_asked() -> None:
    plain = replace(DOCTORS, shows="60岁以上的有173名", cause="")
    listed = replace(DOCTORS, shows="招聘难；留不住；待遇低，占41.99%；没有编制")
    long = replace(DOCTORS, shows="部分偏远村卫生室无人值守，影响群众看病。" * (LONGEST // 15))
    for problem in (plain, listed, long):
        written, chat = first(begun(problems=(problem,)), GOOD)
        assert not chat.calls and not written.faults


def test_only_the_tasks_of_a_plan_are_asked() -> None:
    draft = begun(Kind.PLAN, tasks=(replace(TASK, measure=f"{TASK.measure}，统一安排食宿和交通"),))
    told = TASK_GOOD.replace("，由人", "，统一安排食宿和交通，由人")
    chat = FakeChat([told])
    made = {w.key: w for w in write(draft, chat)}
    assert len(chat.calls) == 1
    assert [key for key, w in made.items() if w.phrased] == ["2.1"]
    assert set(made) == {step.key for step in draft.open}


def test_what_is_written_stays_and_named_steps_are_written_again() -> None:
    draft = begun()
    whole = replace(draft, written=tuple(write(draft, None)))
    assert list(write(whole, FakeChat([GOOD]))) == []
    key = whole.outline.steps[0].key
    (again,) = write(whole, FakeChat([GOOD]), only=(key,))
    assert again.key == key and again.phrased


def test_the_text_is_told_as_it_comes() -> None:
    pieces: list[str] = []
    list(write(begun(), FakeChat([FAULTY["a figure"], GOOD, TASK_GOOD]), on_text=pieces.append))
    assert pieces[0] == "" and pieces.count("") == 3
    assert "".join(pieces).startswith(FAULTY["a figure"] + GOOD)
    pieces.clear()
    list(write(begun(), None, on_text=pieces.append))
    assert pieces[0] == "" and "60岁以上的有173名" in pieces[1]


# -- style ------------------------------------------------------------------------------------------

PASSAGE = "全县中医药服务网络不够健全，乡镇卫生院中医师平均不足1名，群众就近看中医还不方便。"


@pytest.fixture
def styled() -> Known:
    """A passage of the office's own past report."""
    card = Card(
        "0" * 12, "栗坪县2021年工作总结", "栗坪县", 2021, None, Genre.ANNUAL, None, None, None, "a.txt", "0" * 64, 0, 99, 1,
        0, 0, 0, 0, (), "", (), (),
    )  # fmt: skip
    return Known("栗坪县", 2022, (card,), (), (), (Style(card, SectionKind.PROBLEMS, Span(0, 9), PASSAGE),))


def test_a_bigger_model_is_shown_how_the_office_writes(styled: Known) -> None:
    written, chat = first(begun(), GOOD, known=styled)
    assert PASSAGE in chat.calls[0][0][0][1]
    assert written.signature.startswith("draft_problem_styled@1#")


def test_a_bigger_model_words_a_single_fact_too(styled: Known) -> None:
    short = begun(Kind.PLAN, problems=(), tasks=(replace(TASK, title="培训村医", measure="", answers=()),))
    step = next(step for step in short.outline.steps if step.rows == (TASK.at,))
    assert len(step.facts) == 1
    fact = step.facts[0].text
    for known, asked in ((styled, 1), (None, 0)):
        chat = FakeChat([f"{fact}。"])
        (written,) = write(short, chat, known or Known(), only=(step.key,), styled=known is not None)
        assert len(chat.calls) == asked and written.phrased is bool(asked)


def test_a_model_that_copies_the_passage_is_asked_again_without_it(styled: Known) -> None:
    written, chat = first(begun(), PASSAGE, GOOD, known=styled)
    assert written.phrased and len(chat.calls) == 2
    assert PASSAGE not in str(chat.calls[1][0])
    assert [role for role, _ in chat.calls[1][0]] == ["system", "user"]
    written, _ = first(begun(), GOOD + PASSAGE, known=styled)
    assert not written.phrased


# -- prompts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("draft_problem", "draft_problem@1#0f412b6d"),
        ("draft_problem_styled", "draft_problem_styled@1#99dcc4cf"),
        ("draft_task", "draft_task@1#3f706236"),
        ("draft_task_styled", "draft_task_styled@1#de52cbe8"),
    ],
)
def test_a_released_prompt_never_changes(name: str, signature: str) -> None:
    assert prompts.load(name, 1).signature == signature


def test_the_facts_come_last_so_that_the_rest_is_computed_once() -> None:
    system, user = prompts.load("draft_problem", 1).messages(facts="- 甲。")
    assert system[1].startswith("把【要点】连成一段通顺的公文正文") and "例如：" in system[1]
    assert user == ("user", "【要点】\n- 甲。\n\n【正文】")
