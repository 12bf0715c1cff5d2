"""Drafting on the terminal: outline accepted, changed or refused; progress; tables; changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest
from rich.console import Console

from corpus.errors import InputError
from corpus.library import Library
from service.cited import Sentence
from service.draft import screen
from service.draft.diff import diff
from service.draft.drafts import Draft, Outline, Written
from service.draft.session import Work, begin, finish, write_on
from service.draft.toy_draft import toy_input, toy_outline
from service.phrase import Chat

GIVEN = toy_input()
OUTLINE = toy_outline(GIVEN)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Console:
    """Both consoles as one wide terminal in memory."""
    console = Console(force_terminal=True, width=120, record=True, highlight=False)
    for name in ("service.draft.screen.out", "service.draft.screen.err", "service.summary.screen.out"):
        monkeypatch.setattr(name, console)
    return console


def facts(draft: Draft, chat: Chat | None = None) -> Iterator[Written]:
    """Every step as its facts; the second of three is the model's."""
    for n, step in enumerate(draft.open):
        faults = ("“9名”不在要点中",) if n % 3 == 0 else ()
        yield Written(step.key, step.facts, phrased=n % 3 == 1, faults=faults)


def drafted(library: Library) -> Work:
    work = begin(library.drafts, GIVEN, OUTLINE)
    return finish(library.drafts, list(write_on(library.drafts, work, None, facts))[-1].work)


# -- the outline --------------------------------------------------------------------------------------


def as_text(outline: Outline) -> str:
    return f"{outline.title}\n  1. {outline.parts[0].title}\n"


def read(text: str) -> Outline:
    if "坏" in text:
        raise InputError("第2行看不懂", remedy="请照原样写编号")
    return replace(OUTLINE, title=text.splitlines()[0])


def answers(monkeypatch: pytest.MonkeyPatch, *said: str, edited: tuple[str | None, ...] = ()) -> list[str]:
    """What the user types at the prompt and saves in the editor; returns the texts that the editor was given."""
    typed, texts, given = iter(said), iter(edited), list[str]()

    def edit(text: str, **options: object) -> str | None:
        given.append(text)
        return next(texts)

    monkeypatch.setattr(click, "prompt", lambda *a, **k: next(typed))
    monkeypatch.setattr(click, "edit", edit)
    monkeypatch.setattr(click, "confirm", lambda *a, **k: next(typed) == "y")
    return given


@pytest.mark.parametrize(("said", "taken"), [("y", True), (" Y ", True), ("n", False), ("否", False)])
def test_an_outline_is_accepted_or_not(
    monkeypatch: pytest.MonkeyPatch, said: str, taken: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, "什么", said)
    assert (screen.accepted(OUTLINE, as_text, read) is OUTLINE) is taken
    assert "\n  1. 存在的主要问题" in capsys.readouterr().out


def test_an_outline_is_changed_in_the_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    given = answers(monkeypatch, "e", "y", edited=("新的标题\n",))
    made = screen.accepted(OUTLINE, as_text, read)
    assert made is not None and made.title == "新的标题" and given == [as_text(OUTLINE)]


def test_an_edit_that_cannot_be_read_is_told_and_not_lost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = answers(monkeypatch, "e", "y", "y", edited=("坏的\n", "好的\n"))
    made = screen.accepted(OUTLINE, as_text, read)
    assert made is not None and made.title == "好的" and given[1] == "坏的\n"
    assert "错误：第2行看不懂。请照原样写编号" in capsys.readouterr().err


@pytest.mark.parametrize("edited", [None, " \n"])
def test_an_editor_closed_without_a_word_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, edited: str | None
) -> None:
    answers(monkeypatch, "e", "y", edited=(edited,))
    assert screen.accepted(OUTLINE, as_text, read) is OUTLINE


def test_an_editor_that_does_not_open_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "e")

    def fail(text: str, **options: object) -> str:
        raise click.ClickException("vi: Editing failed")

    monkeypatch.setattr(click, "edit", fail)
    with pytest.raises(InputError, match=r"编辑器打不开.*--outline-only"):
        screen.accepted(OUTLINE, as_text, read)


# -- progress -----------------------------------------------------------------------------------------


def test_steps_are_counted_with_the_time_that_is_left(
    library: Library, terminal: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "SOON", 0.0)
    work = begin(library.drafts, GIVEN, OUTLINE)
    with screen.Steps(work, quiet=False, shown=True) as steps:
        for done in write_on(library.drafts, work, None, facts):
            steps("高血压")
            steps("患者")
            steps.done(done)
    told = terminal.export_text()
    assert "1/6 存在的主要问题 1.1 乡镇卫生院药师不足" in told and "继续" not in told
    assert "2/6 存在的主要问题 1.2 慢性病随访不及时（约还需1秒）" in told
    assert "　　11家卫生院" not in told and "　　乡镇卫生院药师不足。11家卫生院中有4家没有药师。" in told


def test_a_draft_that_is_taken_up_says_where(library: Library, terminal: Console) -> None:
    work = begin(library.drafts, GIVEN, OUTLINE)
    pieces = write_on(library.drafts, work, None, facts)
    done = [next(pieces), next(pieces)][-1]
    screen.Steps(done.work, quiet=False, shown=False)
    told = terminal.export_text()
    assert "约还需" not in told  # nothing was written in this run yet
    assert "从第3步继续，共6步" in told and "3/6 存在的主要问题 1.3 急救半径偏大" in told


def test_quiet_is_quiet(library: Library, terminal: Console) -> None:
    work = begin(library.drafts, GIVEN, OUTLINE)
    with screen.Steps(work, quiet=True, shown=True) as steps:
        for done in write_on(library.drafts, work, None, facts):
            steps("药师")
            steps.done(done)
    assert terminal.export_text() == ""


@pytest.mark.parametrize(("seconds", "told"), [(0.2, "1秒"), (41.4, "41秒"), (100, "2分钟"), (600, "10分钟")])
def test_time_in_words(seconds: float, told: str) -> None:
    assert screen.spoken(seconds) == told


def test_sentences_in_one_paragraph() -> None:
    written = Written(
        "1.1", tuple(Sentence(t, (), "stated") for t in ("甲不足", "乙不足。", "有“丙”", "丁："))
    )
    assert screen.text_of(written) == "甲不足。乙不足。有“丙”。丁："


# -- tables -------------------------------------------------------------------------------------------


def test_how_the_steps_were_written(library: Library, terminal: Console) -> None:
    work = drafted(library)
    hand = replace(work.draft.written[4], by_hand=True, phrased=False)
    draft = replace(work.draft, written=(*work.draft.written[:4], hand))
    screen.result_table(draft)
    told = terminal.export_text()
    for line in (
        "模型成文 │ 1 ",
        "程序组句 │ 3    │ 1.1（“9名”不在要点中）、1.3、2.1（“9名”不在要点中）",
        "手工改写 │ 1    │ 2.2",
        "表格     │ 1    │ 3.1",
        "还没有写 │ 1    │ 2.3",
    ):
        assert line in told, told
    assert "待补" not in told
    screen.result_table(replace(work.draft, outline=toy_outline(toy_input((("甲", "乙", ""),)))))
    assert "待补     │ 1    │ 原因：1.1" in terminal.export_text()


def test_the_list_of_drafts(library: Library, terminal: Console) -> None:
    screen.draft_table([], removed=False)
    screen.draft_table([], removed=True)
    work = drafted(library)
    other = begin(library.drafts, toy_input(kind=GIVEN.basic.kind.PLAN), OUTLINE)
    screen.draft_table([(work.stored, work.draft), (other.stored, other.draft)], removed=False)
    told = terminal.export_text()
    assert "还没有稿子" in told and "没有移除的稿子" in told
    assert f"{work.stored.id} │ 存在问题和下一步打算" in told and "│ 6/6  │ 1 " in told
    assert "│ 0/6  │ 0＋未完 │" in told and "draft show" in told


def test_versions(library: Library, terminal: Console) -> None:
    work = drafted(library)
    stored = library.drafts.save(work.stored, "{}", note="重写：2.1")
    screen.version_table(library.drafts.versions(stored.id), stored)
    told = terminal.export_text()
    assert "│ 首稿 " in told and "│ 未完 │" in told and "│ 重写：2.1 │" in told


# -- changes ------------------------------------------------------------------------------------------


def changed(library: Library) -> tuple[Draft, Draft]:
    before = drafted(library).draft
    text = Sentence("公开招聘药师8名", before.written[3].sentences[0].citations, "phrased")
    hand = Written("2.1", (text,), by_hand=True)
    after = replace(before, written=(*before.written[:3], hand, *before.written[4:5]))
    return before, replace(after, outline=replace(after.outline, title="新的标题"))


def test_changes_without_colours(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    screen.show_diff(diff(*changed(library)), "第1版", "第2版")
    told = capsys.readouterr().out
    for line in (
        "第1版 → 第2版：改动2步，未变5步",
        "～ 标题 栗坪县存在问题和下一步打算\n→ 新的标题",
        "\n2.1 招聘药师【手工改写】\n～ 公开招聘药师6名\n→ 公开招聘药师8名\n  数字：6名 → 8名",
        "－ 由人事股负责，2023年9月底前完成",
        "＋ （还没有写）",
    ):
        assert line in told, told


def test_changes_in_colours(library: Library, terminal: Console) -> None:
    screen.show_diff(diff(*changed(library)), "第1版", "第2版")
    told = terminal.export_text(styles=True)
    assert "\x1b[9;31m6\x1b[0m\x1b[32m8\x1b[0m" in told, told


def test_personal_data_is_masked(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = changed(library)
    phone = Sentence("请致电13912345678", (), "stated")
    after = replace(after, written=(Written("1.1", (phone,)), *after.written[1:]))
    screen.show_diff(diff(before, after), "第1版", "第2版")
    told = capsys.readouterr().out
    assert "请致电" in told and "13912345678" not in told
