"""The library: what goes in comes out, edits and decisions hold, nothing is half done."""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corpus import toy
from corpus.duplicates import Duplicate
from corpus.errors import InputError, LibraryBusy, LibraryError, NotFound, StorageFull, UnreadableFile
from corpus.library import Added, Library
from corpus.report import Field, Filter, Genre, RawDocument, SectionKind
from corpus.schema import VERSION

FIRST = """# 云溪县2019年工作总结|云溪县|2019|全年
工作成效|全县家庭医生签约率达到81.2%，比上年提高3.5%。
存在问题|乡村医生年龄偏大，后继乏人。
# 清河县2019年工作总结|清河县|2019|全年
工作成效|全县家庭医生签约率达到76.4%。
下一步打算|新建村卫生室十二所。
"""
COPY = """# 云溪县2019年工作总结|云溪县|2019|全年
工作成效|全县家庭医生签约率达到81.2%，比上年提高3.5%。
存在问题|乡村医生年龄偏大，后继乏人！
"""

Add = Callable[..., Added]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def add(library: Library, tmp_path: Path) -> Add:
    def run(name: str, text: str) -> Added:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        document = read(path)
        return library.add_source(document, toy.parse(document), path=path, modified=1.0, pipeline="p")

    return run


def read(path: Path) -> RawDocument:
    data = path.read_bytes()
    text = data.decode()
    return RawDocument(path.name, hashlib.sha256(data).hexdigest(), len(data), "txt", text, encoding="utf-8")


def test_a_report_comes_back_as_it_went_in(library: Library, add: Add, tmp_path: Path) -> None:
    added = add("甲.txt", FIRST + "\n其他|有??损坏和***。\n")
    parsed = toy.parse(read(tmp_path / "甲.txt"))
    assert [library.report(i) for i in added.report_ids] == list(parsed)
    assert library.report(added.report_ids[1][:8]).raw_offset(0) == parsed[1].raw_offset(0)
    with Library.open(library.home) as again:
        assert [again.report(i) for i in added.report_ids] == list(parsed)


def test_unknown_and_ambiguous_ids(library: Library, add: Add) -> None:
    add("甲.txt", FIRST)
    for wrong in ("zzz", "", "%", "_"):
        with pytest.raises(NotFound, match="wenheng reports"):
            library.report(wrong)
    add("辛.txt", "".join(f"# 报告{i}|第{i}县|2020\n其他|第{i}段。\n" for i in range(17)))
    digits = [c.id[0] for c in library.cards()]
    shared = next(d for d in digits if digits.count(d) > 1)  # 19 reports, 16 digits
    with pytest.raises(InputError, match="多写几位"):
        library.report(shared)


def test_originals_are_kept_by_hash_and_private(library: Library, add: Add, tmp_path: Path) -> None:
    add("甲.txt", FIRST)
    source = library.source(tmp_path / "甲.txt")
    assert source and source.pipeline == "p" and source.name == "甲.txt"
    original = library.originals.path(source.sha256)
    assert original.read_text(encoding="utf-8") == FIRST
    assert stat.S_IMODE(original.stat().st_mode) == 0o600
    assert stat.S_IMODE((library.home / "library.db").stat().st_mode) == 0o600
    assert stat.S_IMODE(library.home.stat().st_mode) == 0o700
    with pytest.raises(NotFound):
        library.originals.path("0" * 64)


def test_a_file_that_changes_meanwhile_is_not_kept(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "甲.txt"
    path.write_text(FIRST, encoding="utf-8")
    document = read(path)
    path.write_text(COPY, encoding="utf-8")
    with pytest.raises(UnreadableFile, match="改动"):
        library.add_source(document, toy.parse(document), path=path)
    path.unlink()
    with pytest.raises(UnreadableFile):
        library.add_source(document, toy.parse(document), path=path)
    assert library.cards() == ()
    assert not list((library.home / "originals").rglob("*.*"))


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Filter(), 4),
        (Filter(places=("云溪县",)), 2),
        (Filter(places=("云溪县", "清河县")), 4),
        (Filter(places=("云溪",)), 0),
        (Filter(years=(2019,)), 4),
        (Filter(years=(2018, 2020)), 0),
        (Filter(periods=("全年",)), 4),
        (Filter(periods=("上半年",)), 0),
        (Filter(genres=(Genre.ANNUAL,)), 4),
        (Filter(genres=(Genre.PLAN,)), 0),
        (Filter(kinds=(SectionKind.PROBLEMS,)), 1),
        (Filter(places=("清河县",), kinds=(SectionKind.PROBLEMS,)), 0),
        (Filter(places=("清河县",), kinds=(SectionKind.PROBLEMS, SectionKind.NEXT_STEPS)), 1),
        (Filter(report_ids=("nope",)), 0),
    ],
)
def test_filters_are_exact(library: Library, add: Add, wanted: Filter, count: int) -> None:
    add("甲.txt", FIRST)
    assert len(library.resolve(wanted)) == count
    assert [p.id for p in library.passages(wanted)] == [
        p.id for p in library.passages() if p.id in library.resolve(wanted)
    ]
    assert {c.id for c in library.cards(wanted)} == {p.report_id for p in library.passages(wanted)}


def test_cards_coverage_and_figures(library: Library, add: Add) -> None:
    ids = add("甲.txt", FIRST).report_ids
    first, second = sorted(library.cards(), key=lambda c: c.ordinal)
    assert (first.id, first.title, first.place, first.year) == (
        ids[0],
        "云溪县2019年工作总结",
        "云溪县",
        2019,
    )
    assert (first.passages, first.figures, first.repairs, first.source_name) == (2, 2, 1, "甲.txt")
    assert second.characters == len(library.report(ids[1]).text)
    assert [(c.place, c.year, c.report_ids) for c in library.coverage()] == [
        ("云溪县", 2019, (ids[0],)),
        ("清河县", 2019, (ids[1],)),
    ]
    stated = library.figures(Filter(places=("云溪县",)))
    assert [(f.figure.text, str(f.figure.value), f.year) for f in stated] == [
        ("81.2%", "81.2", 2019),
        ("3.5%", "3.5", 2019),
    ]
    assert len(library.figures(indicator="签约")) == 3
    assert library.figures(indicator="床位") == ()
    assert library.figures(Filter(kinds=(SectionKind.PROBLEMS,))) == ()
    assert len(library.figures(Filter(kinds=(SectionKind.ACHIEVEMENTS,), report_ids=(ids[1],)))) == 1


def test_passages_by_id(library: Library, add: Add) -> None:
    add("甲.txt", FIRST)
    one, two, *_ = library.passages()
    assert library.passages_by_id([two.id, "none", one.id]) == (two, one)


def test_a_copy_is_merged_and_never_found(library: Library, add: Add) -> None:
    kept = add("甲.txt", FIRST).report_ids[0]
    copy = add("辛.txt", COPY)
    assert copy.duplicates == (Duplicate(copy.report_ids[0], kept, "exact", 1.0),)
    assert copy.report_ids[0] not in {p.report_id for p in library.passages()}
    assert library.resolve(Filter(report_ids=copy.report_ids)) == ()
    (card,) = library.cards(Filter(places=("云溪县",)))
    assert card.duplicates == copy.report_ids
    merged = [c for c in library.cards(merged=True) if c.merged_into]
    assert [c.id for c in merged] == list(copy.report_ids)


def test_merging_is_reversible_and_remembered(library: Library, add: Add) -> None:
    kept = add("甲.txt", FIRST).report_ids[0]
    (copy,) = add("辛.txt", COPY).report_ids
    assert library.unmerge(copy[:10]) == kept
    assert library.duplicates() == ()
    add("辛.txt", COPY)  # the same bytes again
    assert library.duplicates() == ()
    (changed,) = add("辛.txt", COPY + "\n").report_ids  # other bytes at the same path
    assert changed != copy
    assert library.duplicates() == ()
    library.merge(changed, kept)
    assert [(d.report_id, d.kept_id, d.kind) for d in library.duplicates()] == [(changed, kept, "user")]
    with pytest.raises(NotFound, match="没有被合并"):
        library.unmerge(kept)


def test_merging_by_hand_stays_within_place_and_year(library: Library, add: Add) -> None:
    first, second = add("甲.txt", FIRST).report_ids
    with pytest.raises(InputError, match="不能合并"):
        library.merge(first, second)
    with pytest.raises(InputError, match="它自己"):
        library.merge(first, first)
    library.edit(second, "place", "云溪县")
    library.merge(second, first)
    assert [d.kind for d in library.duplicates()] == ["user"]
    library.edit(second, "place", None)
    assert library.duplicates() == ()


def test_removing_the_kept_report_promotes_its_copy(library: Library, add: Add) -> None:
    kept, other = add("甲.txt", FIRST).report_ids
    (copy,) = add("辛.txt", COPY).report_ids
    assert library.remove([kept]) == (kept,)
    assert library.duplicates() == ()
    assert {c.id for c in library.cards()} == {copy, other}


def test_removal_leaves_nothing_behind(library: Library, add: Add, tmp_path: Path) -> None:
    ids = add("甲.txt", FIRST + "其他|稀见的词语鸑鷟。\n").report_ids
    add("丙.txt", "# 丙|丙县|2020\n其他|别的。\n")
    source = library.source(tmp_path / "甲.txt")
    assert source
    with pytest.raises(NotFound):
        library.remove([*ids, "nope"])
    assert len(library.cards()) == 3
    library.remove(ids)
    assert [c.place for c in library.cards()] == ["丙县"]
    assert library.source(tmp_path / "甲.txt") is None
    with pytest.raises(NotFound):
        library.originals.path(source.sha256)
    library.close()
    for file in library.home.rglob("*"):
        assert not file.is_file() or "鸑鷟".encode() not in file.read_bytes()


def test_removing_one_report_of_a_file_keeps_the_others(library: Library, add: Add, tmp_path: Path) -> None:
    first, second = add("甲.txt", FIRST).report_ids
    library.remove([first])
    assert [c.id for c in library.cards()] == [second]
    assert library.source(tmp_path / "甲.txt")


def test_changed_bytes_replace_the_reports_of_their_path(library: Library, add: Add, tmp_path: Path) -> None:
    old = add("甲.txt", FIRST)
    new = add("甲.txt", FIRST.replace("81.2%", "82.0%"))
    assert new.replaced == old.report_ids and old.replaced == ()
    assert {c.id for c in library.cards()} == set(new.report_ids)
    library.sweep()
    assert len([p for p in (library.home / "originals").rglob("*") if p.is_file()]) == 1
    shorter = add("甲.txt", COPY)
    assert {c.id for c in library.cards(merged=True)} == set(shorter.report_ids)


def test_the_same_bytes_at_two_paths(library: Library, add: Add, tmp_path: Path) -> None:
    ids = add("甲.txt", FIRST).report_ids
    source = library.source(tmp_path / "甲.txt")
    assert source
    assert library.note_path(tmp_path / "辛.txt", source.sha256) == ()
    assert len(library.cards()) == 2
    changed = add("甲.txt", COPY)  # the other path still has the old bytes
    assert {c.id for c in library.cards(merged=True)} == {*ids, *changed.report_ids}
    now = library.source(tmp_path / "甲.txt")
    assert now
    assert set(library.note_path(tmp_path / "辛.txt", now.sha256)) == set(ids)
    assert {c.id for c in library.cards(merged=True)} == set(changed.report_ids)


def test_edits_overlay_filter_and_survive(library: Library, add: Add) -> None:
    first = add("甲.txt", FIRST).report_ids[0]
    assert library.edit(first[:10], "year", "２０２０").year == Field("2020", "user")
    library.edit(first, "genre", "工作计划")
    library.edit(first, "place", "")
    library.edit(first, "title", " 改过的  标题 ")
    library.edit(first, "issuer", "云溪县卫生健康局")
    (card,) = library.cards(Filter(years=(2020,)))
    assert (card.id, card.place, card.genre, card.title) == (first, None, Genre.PLAN, "改过的 标题")
    assert card.issuer == "云溪县卫生健康局"
    assert card.edited == ("genre", "issuer", "place", "title", "year")
    assert library.report(first).metadata.year == Field("2020", "user")
    add("甲.txt", FIRST)
    assert library.cards(Filter(years=(2020,)))
    (moved, _) = add("甲.txt", FIRST + "其他|多一行。\n").report_ids
    assert library.report(moved).metadata.title == "改过的 标题"
    assert library.edit(moved, "year", None).year == Field("2019", "title")
    assert not library.cards(Filter(years=(2020,)))
    library.remove([moved])
    (again, _) = add("甲.txt", FIRST).report_ids
    assert library.report(again).metadata.title == "云溪县2019年工作总结"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("year", "19"),
        ("year", "2019年"),
        ("year", "1900"),
        ("genre", "小说"),
        ("date", "2019-13-01"),
        ("title", " "),
        ("text", "x"),
        ("place", "长" * 300),
    ],
)
def test_edits_are_checked(library: Library, add: Add, field: str, value: str) -> None:
    first = add("甲.txt", FIRST).report_ids[0]
    with pytest.raises(InputError):
        library.edit(first, field, value)
    assert library.edits(first) == {}


def test_editing_place_or_year_moves_the_copies(library: Library, add: Add) -> None:
    kept = add("甲.txt", FIRST).report_ids[0]
    (copy,) = add("辛.txt", COPY).report_ids
    library.edit(kept, "year", "2018")
    assert library.duplicates() == ()
    library.edit(copy, "year", "2018")
    assert [d.report_id for d in library.duplicates()] == [copy]


def test_chats(library: Library) -> None:
    chat = library.chats.start("第一次")
    library.chats.add(chat, {"question": "签约率？", "answer": "81.2%[1]"})
    library.chats.add(chat, {"question": "那2018年呢？", "answer": ""})
    assert [t["question"] for t in library.chats.load(chat[:6]).turns] == ["签约率？", "那2018年呢？"]
    other = library.chats.start()
    library.chats.rename(other, "第二次")
    assert {c.title for c in library.chats.list()} == {"第一次", "第二次"}
    library.chats.delete(chat)
    with pytest.raises(NotFound):
        library.chats.load(chat)
    with pytest.raises(NotFound):
        library.chats.add("nope", {})


def test_a_newer_or_foreign_or_damaged_library_is_refused(tmp_path: Path) -> None:
    with Library.open(tmp_path) as library:
        library.set_setting("a", "b")
        assert library.setting("a") == "b"
    database = tmp_path / "library.db"
    with sqlite3.connect(database) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    with pytest.raises(LibraryError, match="升级"):
        Library.open(tmp_path)
    for file in tmp_path.glob("library.db*"):
        file.unlink()
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE notes (a)")
    connection.close()
    with pytest.raises(LibraryError, match="另一个程序的数据库"):
        Library.open(tmp_path)
    database.write_bytes(b"SQLite format 3\0" + b"rubbish" * 999)
    with pytest.raises(LibraryError, match="损坏"):
        Library.open(tmp_path)


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("x")
    with pytest.raises(LibraryError, match="数据目录"):
        Library.open(tmp_path / "home")


def test_a_transaction_is_whole(library: Library, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    add("丙.txt", "# 丙|丙县|2020\n其他|别的。\n")
    before = library.cards()

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("corpus.storing.figure_row", full)
    with pytest.raises(StorageFull, match="空间"):
        add("甲.txt", FIRST)
    assert library.cards() == before
    monkeypatch.undo()
    add("甲.txt", FIRST)
    assert len(library.cards()) == 3


def test_a_full_disk_while_the_original_is_copied(
    library: Library, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("corpus.originals.os.fsync", full)
    with pytest.raises(StorageFull):
        add("甲.txt", FIRST)
    assert library.cards() == ()
    assert not [p for p in (library.home / "originals").rglob("*") if p.is_file()]


def test_a_locked_database_is_busy(library: Library, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.schema._BUSY_SECONDS", 0.0)
    with Library.open(library.home) as second:
        other = sqlite3.connect(library.home / "library.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryBusy):
            second.set_setting("a", "b")
        assert second.setting("a") == ""
        other.execute("ROLLBACK")
        other.close()


def test_the_state_tells_of_changes(library: Library, add: Add) -> None:
    before = library.database.state()
    assert library.database.state() == before
    with Library.open(library.home) as other:
        other.set_setting("a", "b")
    assert library.database.state() != before


def test_file_names_in_another_encoding(library: Library, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xce\xc4.txt"))
    path.write_text(FIRST, encoding="utf-8")
    document = read(path)
    library.add_source(document, toy.parse(document), path=path)
    assert library.source(path)
    assert library.cards()[0].source_name == "\\xce\\xc4.txt"
