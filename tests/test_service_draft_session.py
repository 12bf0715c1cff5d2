"""A draft is saved step by step: what was written once is neither lost nor written again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import EndpointError, InputError, LibraryBusy, LibraryError, NotFound
from corpus.library import Library
from corpus.report import Report
from service.cited import Sentence
from service.draft.drafts import Draft, Written
from service.draft.inputs import DraftInput
from service.draft.keeping import kept
from service.draft.session import (
    Done,
    Work,
    begin,
    change,
    edit,
    finish,
    found,
    keys_of,
    opener,
    reopen,
    work_of,
    write_on,
)
from service.draft.toy_draft import PROBLEMS, TASKS, toy_input, toy_outline
from service.models.chat import FakeChat
from service.papers.document import Document, Paragraph
from service.papers.provenance import faults
from service.phrase import Chat

GIVEN = toy_input()
SIX = ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3"]


def no_report(report_id: str) -> Report:
    raise NotFound("没有这份报告", where=report_id)


OPEN = opener(GIVEN, no_report)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "home") as opened:
        yield opened


class Writer:
    """Writes each open step as its facts with a mark, through the model where there is one; notes what it wrote."""

    def __init__(self, mark: str = "甲") -> None:
        self.mark, self.keys = mark, list[str]()

    def __call__(self, draft: Draft, chat: Chat | None) -> Iterator[Written]:
        for step in draft.open:
            failed = False
            try:
                if chat:
                    "".join(chat.stream([("user", step.key)], max_tokens=9))
            except EndpointError:
                failed = True
            self.keys.append(step.key)
            sentences = tuple(replace(f, text=f"{self.mark}：{f.text}", status="phrased") for f in step.facts)
            yield Written(step.key, sentences, phrased=chat is not None and not failed)


def all_of(library: Library, work: Work, writer: Writer, chat: Chat | None = None) -> list[Done]:
    return list(write_on(library.drafts, work, chat, writer))


def whole(library: Library, given: DraftInput = GIVEN, mark: str = "甲") -> Work:
    """A finished draft."""
    work = begin(library.drafts, given, toy_outline(given))
    return finish(library.drafts, all_of(library, work, Writer(mark))[-1].work)


def marks(work: Work) -> dict[str, str]:
    """The first character of each step."""
    return {w.key: w.sentences[0].text[0] for w in work.draft.written}


def stored(library: Library, given: DraftInput = GIVEN) -> Work:
    work = found(library.drafts, given)
    assert work is not None
    return work


def sound(work: Work) -> bool:
    """Whether every citation of the draft opens in its own input, and every numeral leads to one."""
    told = tuple(s for w in work.draft.written for s in w.sentences)
    return not faults(Document("draft", "", (Paragraph(told),)), opener(work.draft.given, no_report))


# -- interrupted --------------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", range(1, 6))
def test_interrupted_after_a_step_the_rest_is_written_and_no_more(library: Library, stop: int) -> None:
    work = begin(library.drafts, GIVEN, toy_outline(GIVEN))
    first = Writer()
    pieces = write_on(library.drafts, work, None, first)
    for _ in range(stop):
        next(pieces)
    del pieces  # as a kill does: nothing more is run
    again = stored(library)
    assert again.kept == stop and again.stored.open and not library.drafts.versions(again.stored.id)
    assert finish(library.drafts, again) == again  # no version of a part
    second = Writer("乙")
    done = all_of(library, again, second)
    assert first.keys[:stop] + second.keys == SIX
    assert [one.number for one in done] == list(range(stop + 1, 7))
    work = finish(library.drafts, done[-1].work)
    assert list(marks(work).values()) == ["甲"] * stop + ["乙"] * (6 - stop)
    assert len(library.drafts.versions(work.stored.id)) == 1 and sound(work)


def test_killed_between_the_last_step_and_the_version(library: Library) -> None:
    work = begin(library.drafts, GIVEN, toy_outline(GIVEN))
    all_of(library, work, Writer())
    again = stored(library)
    assert not again.draft.open and again.stored.open and not again.stored.versions
    again = finish(library.drafts, again)
    assert again.stored.versions == 1 and not again.stored.open
    assert finish(library.drafts, again) == again


def test_what_is_loaded_is_what_was_saved(library: Library) -> None:
    work = whole(library)
    assert stored(library).draft == work.draft and sound(work)


def test_two_runs_of_one_draft_do_not_mix(library: Library) -> None:
    work = begin(library.drafts, GIVEN, toy_outline(GIVEN))
    mine, other = (write_on(library.drafts, work, None, Writer(mark)) for mark in "甲乙")
    next(mine)
    with pytest.raises(LibraryBusy):
        next(other)
    assert [one.step.key for one in mine] == SIX[1:]


def test_an_archive_that_cannot_be_read_is_named(library: Library) -> None:
    work = whole(library)
    library.drafts.save(work.stored, '{"given": 1}')
    with pytest.raises(LibraryError, match=r"读不出来.*draft remove"):
        found(library.drafts, GIVEN)


# -- a model that fails -------------------------------------------------------------------------------


def lost() -> EndpointError:
    return EndpointError("回答中途断开")


def test_a_model_that_fails_once_costs_one_step(library: Library) -> None:
    work = begin(library.drafts, GIVEN, toy_outline(GIVEN))
    done = all_of(library, work, Writer(), FakeChat(["好", lost(), "好"]))
    assert [one.written.phrased for one in done] == [True, False, True, True, True, True]


def test_a_model_that_is_gone_stops_the_run_and_both_steps_wait_for_it(library: Library) -> None:
    work = begin(library.drafts, GIVEN, toy_outline(GIVEN))
    with pytest.raises(EndpointError, match="中途断开"):
        all_of(library, work, Writer(), FakeChat(["好", "好", lost()]))
    again = stored(library)
    assert list(marks(again)) == ["1.1", "1.2"] and again.kept == 2
    second = Writer()
    all_of(library, again, second, FakeChat(["好"]))
    assert second.keys == SIX[2:]


def test_a_model_that_does_not_come_at_all_leaves_the_step_open(library: Library) -> None:
    work = reopen(library.drafts, whole(library), ["2.2"], "重写：2.2")
    with pytest.raises(EndpointError):
        all_of(library, work, Writer(), FakeChat([lost()]))
    assert [step.key for step in stored(library).draft.open] == ["2.2"]
    assert library.drafts.versions(work.stored.id)[0].state  # the text from before is in the first version


# -- another input ------------------------------------------------------------------------------------


def changed(library: Library, given: DraftInput, **options: bool) -> Work:
    work = stored(library, given)
    return change(
        library.drafts,
        work,
        given,
        toy_outline(given),
        opener(given, no_report),
        note="输入有改动",
        **options,
    )


def test_a_changed_input_keeps_the_steps_whose_facts_are_the_same(library: Library) -> None:
    whole(library)
    rows = (
        ("基层人手少", "每院平均8人", "招不到人"),
        *PROBLEMS[:1],
        ("慢性病随访不及时", "规范管理率只有61.2%", ""),
    )
    given = toy_input(rows, TASKS[1:])
    work = changed(library, given)
    assert [step.key for step in work.draft.open] == ["1.1", "1.3"]  # new; changed
    assert marks(work) == {"1.2": "甲", "2.1": "甲", "2.2": "甲"} and sound(work)
    writer = Writer("乙")
    work = finish(library.drafts, all_of(library, work, writer)[-1].work)
    assert writer.keys == ["1.1", "1.3"] and sound(work)
    assert [v.note for v in library.drafts.versions(work.stored.id)] == ["首稿", "输入有改动"]
    assert work.stored.input == given.sha256


def test_an_input_that_moves_rows_writes_nothing_again_but_cites_anew(library: Library) -> None:
    before = whole(library)
    given = toy_input((PROBLEMS[2], PROBLEMS[0], PROBLEMS[1]), TASKS)
    work = changed(library, given)
    assert not work.draft.open and sound(work)
    (cited,) = work.draft.written[0].sentences[0].citations
    assert cited.quote.startswith("急救半径偏大") and cited.path == ("问题", "问题!第2行")
    old = {c.report_id for w in before.draft.written for s in w.sentences for c in s.citations}
    assert cited.report_id not in old


def test_the_same_input_changes_nothing(library: Library) -> None:
    work = whole(library)
    assert changed(library, GIVEN) == replace(work, kept=6)
    assert library.drafts.load(work.stored.id) == work.stored


def test_again_writes_all_but_what_was_written_by_hand(library: Library) -> None:
    work = edit(library.drafts, whole(library), "2.2", "将随访登记接入县级平台。", no_report)
    work = changed(library, GIVEN, again=True)
    assert [step.key for step in work.draft.open] == ["1.1", "1.2", "1.3", "2.1", "2.3"]
    assert work.draft.written[0].by_hand


def test_hand_written_text_stays_where_its_numerals_still_hold(library: Library) -> None:
    edit(library.drafts, whole(library), "1.1", "有4家卫生院没有药师，群众取药不便。", no_report)
    given = toy_input((PROBLEMS[1], (PROBLEMS[0][0], "12家卫生院中有4家没有药师", "")), TASKS)
    work = changed(library, given)
    (hand,) = (w for w in work.draft.written if w.by_hand)
    assert hand.key == "1.2" and "取药不便" in hand.sentences[0].text and sound(work)


def test_hand_written_text_with_a_figure_that_is_gone_stops_the_run(library: Library) -> None:
    before = edit(library.drafts, whole(library), "1.1", "有4家卫生院没有药师。", no_report)
    given = toy_input(((PROBLEMS[0][0], "11家卫生院中有5家没有药师", ""), *PROBLEMS[1:]))
    with pytest.raises(InputError, match=r"1\.1 乡镇卫生院药师不足.*手工改写.*“4家”.*--section 1\.1"):
        changed(library, given)
    assert stored(library, given).stored == before.stored
    work = change(
        library.drafts, before, given, toy_outline(given), opener(given, no_report), without=["1.1"]
    )
    assert [step.key for step in work.draft.open] == ["1.1"]


def test_hand_written_text_without_a_place_is_named(library: Library) -> None:
    edit(library.drafts, whole(library), "2.3", "在北部新建急救站1个。", no_report)
    work = changed(library, toy_input(PROBLEMS, TASKS[:2]))
    assert work.lost == ("2.3 增设急救站",) and not work.draft.open
    assert "在北部新建急救站1个" in library.drafts.versions(work.stored.id)[-1].state


def test_facts_with_other_words_or_sources_are_not_the_same() -> None:
    outline = toy_outline(GIVEN)
    step = outline.parts[0].steps[0]
    written = Written("1.1", step.facts)
    for facts in (
        (replace(step.facts[0], text="乡镇卫生院没有药师"), *step.facts[1:]),
        (replace(step.facts[0], citations=()), *step.facts[1:]),
        step.facts[1:],
    ):
        old = replace(step, facts=facts)
        part = replace(outline.parts[0], steps=(old, *outline.parts[0].steps[1:]))
        before = Draft(GIVEN, replace(outline, parts=(part, *outline.parts[1:])), (written,))
        assert kept(before, GIVEN, outline).draft.written == ()


# -- sections -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["2"], ["2.1", "2.2", "2.3"]),
        (["2.3", "1.1"], ["1.1", "2.3"]),
        (["存在的主要问题"], ["1.1", "1.2", "1.3"]),
        (["主要问题", "急救站"], ["1.1", "1.2", "1.3", "2.3"]),
        ([" 招聘药师 "], ["2.1"]),
    ],
)
def test_a_section_is_named_by_number_or_title(names: list[str], keys: list[str]) -> None:
    assert list(keys_of(toy_outline(GIVEN), names)) == keys


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("9", "提纲里没有“9”.*1 存在的主要问题、2 下一步工作打算"),
        ("", "提纲里没有“”"),
        ("药师", "有几处合于“药师”：1.1 乡镇卫生院药师不足、2.1 招聘药师"),
        ("3", "表格"),
        ("3.1", "表格"),
    ],
)
def test_a_section_that_is_not_there_is_told(name: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        keys_of(toy_outline(GIVEN), [name])


def test_a_section_is_written_again_and_the_rest_stays(library: Library) -> None:
    work = reopen(library.drafts, whole(library), ["2.1", "2.2"], "重写：2.1、2.2")
    writer = Writer("乙")
    work = finish(library.drafts, all_of(library, work, writer)[-1].work)
    assert writer.keys == ["2.1", "2.2"]
    assert marks(work) == dict(zip(SIX, "甲甲甲乙乙甲", strict=True))
    assert [v.note for v in library.drafts.versions(work.stored.id)] == ["首稿", "重写：2.1、2.2"]


def test_a_run_that_was_cut_short_keeps_the_notes_of_all_that_was_done(library: Library) -> None:
    work = reopen(library.drafts, whole(library), ["2.1"], "重写：2.1")
    work = reopen(library.drafts, work_of(work.stored), ["2.2"], "重写：2.2")
    work = finish(library.drafts, all_of(library, work, Writer("乙"))[-1].work)
    assert library.drafts.versions(work.stored.id)[-1].note == "重写：2.1；重写：2.2"


# -- by hand ------------------------------------------------------------------------------------------


def test_text_by_hand_is_a_version_with_the_sources_of_its_facts(library: Library) -> None:
    text = "全县11家卫生院，4家没有药师；\n编制未增。\n取药“不便”。"
    work = edit(library.drafts, whole(library), "1.1", text, no_report)
    written = work.draft.of("1.1")
    assert written and written.by_hand and not written.phrased
    assert [s.text for s in written.sentences] == ["全县11家卫生院，4家没有药师；编制未增。", "取药“不便”。"]
    assert all(c.quote.startswith("乡镇卫生院药师不足") for s in written.sentences for c in s.citations)
    assert sound(work) and work.stored.versions == 2
    assert library.drafts.versions(work.stored.id)[-1].note == "手工改写：1.1"


@pytest.mark.parametrize(
    ("key", "text", "told"),
    [
        ("1.1", "有4家没有药师，涉及9个乡镇。", "“9个乡镇”|“9个”"),
        ("1.1", "占36.4%。", "“36.4%”"),
        ("1.1", "有4所没有药师。", "“4所”"),
        ("1.1", " \n ", "没有文字"),
        ("1.1", "药" * 5001, "最多5000字"),
        ("3.1", "表。", "表格"),
        ("1", "全部。", "这是一个部分"),
        ("7", "没有。", "没有“7”"),
    ],
)
def test_text_by_hand_that_does_not_pass_changes_nothing(
    library: Library, key: str, text: str, told: str
) -> None:
    work = whole(library)
    with pytest.raises(InputError, match=told):
        edit(library.drafts, work, key, text, no_report)
    assert library.drafts.load(work.stored.id) == work.stored


def test_a_step_may_be_written_by_hand_before_the_rest(library: Library) -> None:
    work = begin(library.drafts, GIVEN, toy_outline(GIVEN))
    work = edit(library.drafts, work, "1.2", "随访靠手工登记。", no_report)
    assert work.stored.open and not work.stored.versions
    writer = Writer()
    work = all_of(library, work, writer)[-1].work
    assert writer.keys == ["1.1", "1.3", "2.1", "2.2", "2.3"]
    assert [w.key for w in work.draft.written] == SIX


def test_a_sentence_without_facts_rests_on_nothing(library: Library) -> None:
    work = whole(library)
    bare = replace(toy_outline(GIVEN).parts[0].steps[0], facts=())
    part = replace(work.draft.outline.parts[0], steps=(bare,))
    draft = replace(work.draft, outline=replace(work.draft.outline, parts=(part,)), written=())
    done = edit(library.drafts, replace(work, draft=draft), "1.1", "请相关科室补充。", no_report)
    assert done.draft.written[0].sentences == (Sentence("请相关科室补充。", (), "stated"),)
    with pytest.raises(InputError, match="“3所”"):
        edit(library.drafts, done, "1.1", "撤并3所。", no_report)
