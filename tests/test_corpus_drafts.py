"""Drafts and their versions: saved whole or not at all, found again, never overwritten by a second writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from corpus.drafts import Drafts, Stored
from corpus.errors import InputError, LibraryBusy, NotFound, StorageFull
from corpus.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "home") as opened:
        yield opened


def started(drafts: Drafts, subject: str = "plan·澄河县·2023", state: str = "零") -> Stored:
    return drafts.start(subject=subject, kind="plan", title="工作计划", input="abc", state=state, note="首稿")


def states(drafts: Drafts, draft_id: str) -> list[str]:
    return [version.state for version in drafts.versions(draft_id)]


def test_saved_after_each_step_and_a_version_when_done(library: Library) -> None:
    drafts = library.drafts
    one = started(drafts)
    assert one.open and one.versions == 0 and one.input == "abc"
    for state in ("一", "二"):
        one = drafts.save(one, state)
        assert drafts.load(one.id) == one and one.state == state and one.open
    one = drafts.commit(one)
    assert not one.open and one.note == "" and one.versions == 1
    one = drafts.commit(drafts.save(one, "三", note="改", input="def", title="新标题"))
    assert (one.input, one.title, one.versions) == ("def", "新标题", 2)
    assert [(v.number, v.state, v.note) for v in drafts.versions(one.id)] == [
        (1, "二", "首稿"),
        (2, "三", "改"),
    ]


def test_the_same_state_makes_no_second_version(library: Library) -> None:
    one = library.drafts.commit(started(library.drafts))
    again = library.drafts.commit(library.drafts.save(one, one.state, note="没有改"))
    assert not again.open and states(library.drafts, one.id) == ["零"]


def test_found_by_what_it_is_about_the_last_used_one(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = library.drafts
    assert drafts.find("plan·澄河县·2023") is None
    first, second, other = started(drafts), started(drafts), started(drafts, "plan·栗坪县·2023")
    assert drafts.find(first.subject) == second
    monkeypatch.setattr("corpus.drafts.now", lambda: "2999-01-01T00:00:00+00:00")
    first = drafts.save(first, "后来")
    assert drafts.find(first.subject) == first
    assert [one.id for one in drafts.list()] == [first.id, other.id, second.id]


def test_two_writers_do_not_overwrite_each_other(library: Library) -> None:
    one = started(library.drafts)
    mine = library.drafts.save(one, "我的")
    with pytest.raises(LibraryBusy, match="另一个程序"):
        library.drafts.save(one, "旧的")
    with pytest.raises(LibraryBusy):
        library.drafts.commit(one)
    assert library.drafts.load(one.id) == mine


def test_a_removed_draft_comes_back_and_a_deleted_one_does_not(library: Library) -> None:
    drafts = library.drafts
    one = drafts.commit(started(drafts))
    other = started(drafts)
    with pytest.raises(NotFound):
        drafts.remove([one.id, "ffff-nope"])
    assert drafts.remove([one.id[:8], one.id]) == (one.id,)
    assert [d.id for d in drafts.list()] == [other.id]
    assert [d.id for d in drafts.list(removed=True)] == [one.id]
    assert drafts.find(one.subject) == other
    for refused in (drafts.load, drafts.versions):
        with pytest.raises(NotFound, match="没有这份稿子"):
            refused(one.id)
    with pytest.raises(LibraryBusy):  # a run that still writes it is told
        drafts.save(one, "还在写")
    assert drafts.restore([one.id]) == (one.id,)
    assert states(drafts, one.id) == ["零"] and drafts.load(one.id).removed_at == ""
    with pytest.raises(NotFound, match="没有这份移除的稿子"):
        drafts.delete([one.id])
    drafts.remove([one.id])
    drafts.delete([one.id])
    assert not drafts.list(removed=True)
    assert library.database.rows("SELECT * FROM draft_versions") == []


def test_an_id_may_be_cut_short_but_not_too_short(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = library.drafts
    names = iter(("ab1200000000", "ab3400000000"))
    monkeypatch.setattr("secrets.token_hex", lambda size: next(names))
    first = started(drafts)
    started(drafts)
    assert drafts.load(" AB12 ") == first
    with pytest.raises(InputError, match="ab1200000000、ab3400000000"):
        drafts.full_id("ab")
    for nothing in ("", "  ", "zz", "%"):
        with pytest.raises(NotFound, match="draft list"):
            drafts.full_id(nothing)


def test_a_full_disk_leaves_the_last_saved_state(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    one = library.drafts.save(started(library.drafts), "一")

    def full() -> str:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("corpus.drafts.now", full)
        for attempt in (lambda: library.drafts.save(one, "二"), lambda: library.drafts.commit(one)):
            with pytest.raises(StorageFull):
                attempt()
    assert library.drafts.load(one.id) == one and not library.drafts.versions(one.id)


def test_a_library_of_version_2_gets_the_tables_and_keeps_its_chats(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Library.open(home) as library:
        chat = library.chats.start("第一次")
    with closing(sqlite3.connect(home / "library.db")) as connection:
        for table in ("draft_versions", "drafts"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("PRAGMA user_version = 2")
    with Library.open(home) as library:
        one = library.drafts.commit(started(library.drafts))
        assert library.chats.load(chat).title == "第一次" and library.drafts.list() == (one,)
