"""What is past its time goes, what is not stays, and a wrong clock deletes nothing."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus.embedding import HashingEmbedder
from corpus.snapshot import UPGRADES
from service.accounts.caller import LOCAL
from service.house import House
from service.keeping import retention
from service.keeping.retention import Daily, Swept, sweep
from service.models.chat import FakeChat
from service.settings import load

NOW = datetime(2030, 6, 1, tzinfo=UTC)
KEEP = {"CHATS": 10, "JOBS": 20, "LOGS": 30, "AUDIT": 40}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house that was swept a day ago and does not sweep by itself."""
    monkeypatch.setattr(Daily, "start", lambda self: None)
    settings = load({f"WENHENG_KEEP_{name}": str(days) for name, days in KEEP.items()}, home=tmp_path)
    with House.open(settings, embedder=HashingEmbedder(), chat=FakeChat(["好。"])) as opened:
        noted(opened, NOW - timedelta(days=1))
        yield opened


def noted(house: House, at: datetime) -> None:
    (house.settings.log_dir / "sweep.json").write_text(json.dumps({"at": at.isoformat()}))


def ago(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat(timespec="seconds")


def chats(house: House, *ages: float) -> None:
    library = house.desk(LOCAL).library
    for age in ages:
        chat_id = library.chats.start(f"{age}天前")
        with library.database.writing() as connection:
            connection.execute("UPDATE chats SET updated_at = ? WHERE id = ?", (ago(age), chat_id))


def titles(house: House) -> list[str]:
    return sorted(chat.title for chat in house.desk(LOCAL).library.chats.list())


def job(house: House, name: str, state: str, age: float) -> Path:
    """A job of some age with a file."""
    with house.database.writing() as connection:
        connection.execute(
            "INSERT INTO jobs (id, kind, collection, owner, state, payload, done, total, note, result, error, attempts,"
            " created, updated) VALUES (?, 'none', 'main', 'local', ?, '{}', 0, 0, '', '', '', 0, ?, ?)",
            (name, state, ago(age), ago(age)),
        )
    folder = house.jobs.folder_of(name)
    folder.mkdir(parents=True)
    (folder / "out.docx").write_bytes(b"PK")
    return folder


def test_each_kind_has_its_time(house: House) -> None:
    chats(house, 9, 11)
    young, old = job(house, "a", "done", 19), job(house, "b", "failed", 21)
    waiting = job(house, "c", "queued", 21)
    for name, age in (("service.jsonl.1", 29), ("model-server.previous.log", 31), ("wenheng.log", 29)):
        path = house.settings.log_dir / name
        path.write_text("{}")
        os.utime(path, ((NOW - timedelta(days=age)).timestamp(),) * 2)
    done = sweep(house, NOW)
    assert (done.chats, done.jobs, done.files, done.doubtful) == (1, 1, 1, False)
    assert titles(house) == ["9天前"]
    assert young.is_dir() and waiting.is_dir() and not old.exists()
    assert {path.name for path in house.settings.log_dir.iterdir()} >= {"service.jsonl.2", "wenheng.log"}
    assert not (house.settings.log_dir / "model-server.previous.log").exists()


def test_the_audit_log(house: House) -> None:
    house.accounts.log.write(LOCAL, "backup")
    with house.database.writing() as connection:
        connection.execute("UPDATE log SET at = ?", ((datetime.now(UTC) - timedelta(days=41)).isoformat(),))
    house.accounts.log.write(LOCAL, "settings")
    assert sweep(house, NOW).audit == 1
    assert [entry.action for entry in house.accounts.log.page(LOCAL)] == ["settings"]


def test_what_was_removed_goes_after_its_time(house: House) -> None:
    kept, old = (house.accounts.collections.create(name) for name in ("近期移除", "早已移除"))
    for collection, age in ((kept, 89), (old, 91)):
        house.accounts.collections.remove(collection)
        with house.database.writing() as connection:
            connection.execute("UPDATE collections SET removed_at = ? WHERE id = ?", (ago(age), collection))
    assert sweep(house, NOW).removed == 1
    left = {collection.id for collection in house.accounts.collections.list(LOCAL, removed=True)}
    assert kept in left and old not in left


def test_nothing_goes_where_all_is_kept(house: House) -> None:
    house.settings = replace(
        house.settings, keep_chats=0, keep_jobs=0, keep_logs=0, keep_audit=0, keep_removed=0
    )
    chats(house, 5000)
    job(house, "a", "done", 5000)
    assert sweep(house, NOW) == Swept()
    assert titles(house) == ["5000天前"]


@pytest.mark.parametrize("jump", [timedelta(days=8), timedelta(days=4000), timedelta(days=-3)])
def test_a_clock_that_jumped_deletes_nothing(house: House, jump: timedelta) -> None:
    chats(house, 11)
    noted(house, NOW - jump)
    assert sweep(house, NOW) == Swept(doubtful=True)
    assert titles(house) == ["11天前"]
    assert sweep(house, NOW + timedelta(days=1)).chats == 1  # the clock was right after all


def test_the_first_sweep_only_notes_the_time(house: House) -> None:
    (house.settings.log_dir / "sweep.json").write_text("nonsense")
    chats(house, 11)
    assert sweep(house, NOW).doubtful and not sweep(house, NOW).doubtful


def test_copies_from_before_an_upgrade(house: House) -> None:
    folder = house.settings.home / UPGRADES
    folder.mkdir()
    for name, age in (("library-v1-a.db", 400), ("library-v2-b.db", 300), ("service-v1-c.db", 500)):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, ((NOW - timedelta(days=age)).timestamp(),) * 2)
    assert sweep(house, NOW).files == 1
    assert {path.name for path in folder.iterdir()} == {"library-v2-b.db", "service-v1-c.db"}


def test_a_log_that_spans_too_long_is_turned_over(house: House) -> None:
    path = house.settings.log_dir / "service.jsonl"
    path.write_text(json.dumps({"at": ago(20)}) + "\n")
    sweep(house, NOW)
    assert (house.settings.log_dir / "service.jsonl.1").exists()


def test_once_a_day_by_a_clock_that_nobody_sets(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    calls: list[float] = []
    swept = threading.Semaphore(0)
    hours = [0.0]

    def note(_: House) -> Swept:
        calls.append(hours[0])
        swept.release()
        return Swept()

    monkeypatch.setattr(retention, "sweep", note)
    monkeypatch.setattr(time, "time", lambda: 0.0)  # the wall clock plays no part
    daily = Daily(house, clock=lambda: hours[0] * 3600, look=0.001)
    daily.start()
    assert swept.acquire(timeout=10)
    for hour in (12.0, 23.9, 24.0):
        hours[0] = hour
        time.sleep(0.02)
    assert swept.acquire(timeout=10)
    daily.close()
    assert calls == [0.0, 24.0]
