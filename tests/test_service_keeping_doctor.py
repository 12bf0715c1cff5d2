"""``wenheng doctor``: each fault is found, told with a remedy, and what can be put right is."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from corpus import swap
from corpus.probe import Probed, probe
from corpus.vector_index import collection_of
from service.desk import Desk
from service.keeping import check_data, check_machine, check_models
from service.keeping.doctor import examine, repair
from service.keeping.findings import Finding, Fix, State
from service.models.catalog import CHAT
from service.settings import Settings, load

if TYPE_CHECKING:
    from conftest import Wenheng


@pytest.fixture
def settings(wenheng: Wenheng) -> Settings:
    return load(wenheng.env, home=wenheng.home)


def embedder(settings: Settings) -> str:
    with Desk(settings) as desk:
        return desk.embedder.name


def of(found: Iterator[Finding], subject: str) -> Finding:
    """The one finding about a subject."""
    (one,) = [finding for finding in found if finding.subject == subject]
    return one


def data(settings: Settings, subject: str) -> Finding:
    """One finding about the folder; the index is looked at only where it is asked for, since that takes a process."""
    name = embedder(settings) if subject == "索引" else None
    return of(check_data.check(settings.home, name), subject)


def test_all_well(wenheng: Wenheng) -> None:
    """The toy endpoint lists no models, which is told and does no harm."""
    result = wenheng("doctor", "--json")
    told = json.loads(result.stdout)
    states = {row["subject"]: row["state"] for row in told["findings"]}
    assert {"Python", "软件包", "磁盘", "资料库", "原件", "索引", "权限", "残留"} <= set(states)
    assert result.exit_code == 0 and "fail" not in states.values(), told
    assert states["资料库"] == states["原件"] == states["索引"] == states["残留"] == "ok"
    assert all(row["remedy"] for row in told["findings"] if row["state"] != "ok")


def test_an_empty_folder_is_no_fault(wenheng: Wenheng, tmp_path: Path) -> None:
    result = wenheng("doctor", "--quick", home=tmp_path / "empty")
    assert "体检" in result.stdout and "故障0项" in result.stdout
    assert result.exit_code == 0 and "还没有资料库" in result.stdout.replace("\n", "")
    assert not (tmp_path / "empty" / "library.db").exists()


def test_a_damaged_library(wenheng: Wenheng, settings: Settings) -> None:
    with (settings.home / "library.db").open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 40))
    found = of(check_data.check(settings.home, None), "资料库")
    assert found.state is State.FAIL and "restore" in found.remedy and found.fix is None
    assert wenheng("doctor", "--quick").exit_code == 1


@pytest.mark.parametrize("version", [1, 99])
def test_another_version(settings: Settings, version: int) -> None:
    with closing(sqlite3.connect(settings.home / "library.db")) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    found = of(check_data.check(settings.home, None), "资料库")
    assert found.state is (State.WARN if version == 1 else State.FAIL) and "升级" in found.remedy


def test_originals(settings: Settings) -> None:
    (original,) = (settings.home / "originals").glob("*/*")
    kept = original.read_bytes()
    original.write_bytes(kept[:-1] + b"?")
    assert "损坏1份" in data(settings, "原件").said
    assert check_data_quick(settings).state is State.OK  # the size is right
    original.write_bytes(kept[:-1])
    assert check_data_quick(settings).state is State.FAIL
    original.unlink()
    assert "缺失1份" in data(settings, "原件").said
    original.write_bytes(kept)
    (original.parent / ("0" * 64)).write_bytes(b"")
    assert data(settings, "原件").state is State.WARN


def check_data_quick(settings: Settings) -> Finding:
    return of(check_data.check(settings.home, None, originals=False), "原件")


# -- the index --------------------------------------------------------------------------------------


def chroma(settings: Settings) -> Path:
    return settings.home / "index" / "chroma"


def healed(settings: Settings) -> None:
    """The index is found at fault, put right, and whole."""
    before = data(settings, "索引")
    assert before.state is not State.OK and before.fix is Fix.REINDEX, before
    lines: list[str] = []
    assert repair(settings, (before,), lines.append) == 1 and "重建" in lines[0]
    with Desk(settings) as desk:
        assert desk.search("村卫生室")[0].dense_rank


def test_a_lost_index(settings: Settings) -> None:
    shutil.rmtree(settings.home / "index")
    found = data(settings, "索引")
    assert found.state is State.WARN and found.fix is Fix.REINDEX and "自动建立" in found.remedy


def test_a_corrupt_index(settings: Settings) -> None:
    for path in chroma(settings).rglob("*"):
        if path.is_file():
            path.write_bytes(os.urandom(max(path.stat().st_size, 100)))
    healed(settings)


def test_an_index_that_ends_the_process(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged segment can do so: the check lives on, and the repair does not open it."""
    monkeypatch.setattr("corpus.probe.sys.executable", "/bin/false")
    assert probe(settings.home, "any").state == "broken"
    crash = settings.home / "crash.sh"
    crash.write_text("#!/bin/sh\nkill -SEGV $$\n")
    crash.chmod(0o700)
    monkeypatch.setattr("corpus.probe.sys.executable", str(crash))
    found = of(check_data.check(settings.home, "any"), "索引")
    assert found.state is State.FAIL and "崩溃" in found.said and found.fix is Fix.REINDEX
    monkeypatch.undo()
    monkeypatch.setattr(check_data, "probe", lambda home, name: Probed("fatal"))
    repair(settings, (found,), lambda line: None)
    with Desk(settings) as desk:
        assert desk.index.pending() == 0 and desk.search("村卫生室")[0].dense_rank


def test_an_index_that_does_not_answer(settings: Settings) -> None:
    assert probe(settings.home, embedder(settings), seconds=0.001).state == "fatal"


def test_missing_and_superfluous_vectors(settings: Settings) -> None:
    from corpus.vector_store import VectorStore

    with Desk(settings) as desk:
        name = desk.embedder.name
        generation = desk.library.setting(f"index {collection_of(name, '').split('-')[1]}")
    store = VectorStore(chroma(settings), collection_of(name, generation), create=False)
    keys = sorted(store.keys())
    store.put(["0" * 24], store.get(keys[:1])[1])
    store.drop(keys[:1])
    store.close()
    found = probe(settings.home, name)
    assert (found.missing, found.superfluous, found.whole) == (1, 1, False)
    healed(settings)


def test_an_opening_that_was_cut_short(settings: Settings) -> None:
    (settings.home / "index" / "opening").touch()
    assert check_data.look(settings.home, "any") == Probed("broken")
    assert data(settings, "索引").fix is Fix.REINDEX


def test_another_embedder_has_no_index_yet(settings: Settings) -> None:
    assert probe(settings.home, "another").state == "absent"


# -- around it --------------------------------------------------------------------------------------


def test_rights_and_leftovers_are_put_right(settings: Settings) -> None:
    home = settings.home
    home.chmod(0o755)
    (home / "originals").chmod(0o755)
    staged = swap.stage(home)
    (staged / "library.db").write_bytes(b"half")
    partial = next((home / "originals").iterdir()) / ".abc.999999"
    partial.write_bytes(b"half")
    os.utime(partial, (0, 0))
    found = tuple(check_data.check(home, None))
    assert of(iter(found), "权限").fix is Fix.PERMISSIONS
    assert of(iter(found), "残留").fix is Fix.LEFTOVERS
    assert repair(settings, tuple(f for f in found if f.fix is not Fix.REINDEX), lambda line: None) == 2
    found = tuple(check_data.check(home, None))
    assert of(iter(found), "权限").state is State.OK and of(iter(found), "残留").state is State.OK
    assert not staged.exists() and not partial.exists() and (home / "library.db").is_file()


def test_earlier_contents_are_told(settings: Settings) -> None:
    for number in range(6):
        folder = settings.home / swap.REPLACED / f"2020010{number}"
        folder.mkdir(parents=True)
        (folder / "library.db").write_bytes(b"old")
    found = data(settings, "恢复前的内容")
    assert found.state is State.WARN and "6份" in found.said


def test_an_endpoint_that_is_gone(wenheng: Wenheng) -> None:
    env = wenheng.env | {"WENHENG_CHAT_URL": "http://127.0.0.1:9/v1"}
    found = of(check_models.check(load(env, home=wenheng.home)), "对话接口")
    assert found.state is State.FAIL and "连不上" in found.said


def test_weights_that_were_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stamp beside them says that all is well; the bytes do not."""
    models = tmp_path / "models"
    models.mkdir()
    settings = load({"WENHENG_MODELS": str(models)}, home=tmp_path / "home")
    found = of(check_models.check(settings), "语言模型")
    assert found.state is State.FAIL and "wenheng models" in found.remedy
    path = models / CHAT.file
    path.write_bytes(b"GGUF")
    stat = path.stat()
    stamp = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": CHAT.sha256}
    path.with_name(path.name + ".verified").write_text(json.dumps(stamp))
    assert of(check_models.check(settings, hashes=False), "语言模型").state is State.OK
    found = of(check_models.check(settings), "语言模型")
    assert found.state is State.FAIL and "sha256" in found.said


def test_the_machine(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_machine.shutil, "which", lambda name: None)
    monkeypatch.setattr(check_machine.sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(check_machine.importlib.metadata, "version", lambda name: "0.0.0")
    free = check_machine.shutil.disk_usage(settings.home)._replace(free=1 << 20)
    monkeypatch.setattr(check_machine.shutil, "disk_usage", lambda path: free)
    found = {finding.subject: finding for finding in check_machine.check(settings)}
    assert found["Python"].state is found["磁盘"].state is State.FAIL
    assert found["软件包"].state is found["LibreOffice"].state is found["字体"].state is State.WARN
    assert all(finding.remedy for finding in found.values() if finding.state is not State.OK)


def test_everything_is_looked_at_even_where_much_is_wrong(settings: Settings) -> None:
    (settings.home / "library.db").write_bytes(b"nonsense" * 1000)
    subjects = [finding.subject for finding in examine(settings, quick=True)]
    assert subjects[-3:] == ["权限", "残留", "恢复前的内容"]
