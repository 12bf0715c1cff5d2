"""Backup, restore, removal and doctor where the vectors lie on a Chroma server; a real one as a child process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.embedding import HashingEmbedder
from service.accounts.caller import LOCAL
from service.desk import Desk
from service.house import House
from service.keeping import check_data, restoring
from service.keeping.backup import back_up
from service.keeping.findings import State
from service.models.chat import FakeChat
from service.settings import Settings, load
from tests.test_corpus_vector_server import Running

BUREAU = Path(__file__).parent / "data" / "bureau"
EMBEDDER = HashingEmbedder()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    server = Running(tmp_path_factory.mktemp("chroma"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def settings(running: Running, bureau: Desk, tmp_path: Path) -> Settings:
    """A data folder with reports, their vectors on the server."""
    home = tmp_path / "home"
    shutil.copytree(bureau.settings.home, home, ignore=shutil.ignore_patterns("lock*", "index"))
    made = load({"WENHENG_CHROMA_URL": running.url}, home=home)
    with Desk(made, embedder=EMBEDDER) as desk:
        assert desk.search("家庭医生签约率")
    return made


def ours(running: Running, home: Path) -> list[str]:
    """Collections of a data folder."""
    known = load({"WENHENG_CHROMA_URL": running.url}, home=home).chroma
    assert known is not None
    named = known.known(home / "index")
    return [name for name in running.names() if named is not None and name.startswith(named.prefix)]


def test_doctor_compares_the_server_with_the_library(settings: Settings, running: Running) -> None:
    def index() -> check_data.Finding:
        found = check_data.check(settings.home, EMBEDDER.name, settings.chroma, originals=False)
        return next(one for one in found if one.subject == "索引")

    assert index().state is State.OK and "Chroma 服务器" in index().said
    running.stop()
    try:
        away = index()
        assert away.state is State.FAIL and "连不上" in away.said and away.fix is None
    finally:
        running.start()
    assert index().state is State.OK


def test_a_restore_takes_the_vectors_of_what_it_replaces_away(
    settings: Settings, running: Running, tmp_path: Path
) -> None:
    back_up(settings.home, tmp_path / "b.zip")
    (before,) = ours(running, settings.home)
    restored = restoring.restore(settings.home, tmp_path / "b.zip", server=settings.chroma)
    assert restored.aside is not None and before not in running.names()
    with Desk(settings, embedder=EMBEDDER) as desk:
        assert desk.search("家庭医生签约率")[0].dense_rank
    (after,) = ours(running, settings.home)
    assert after != before
    restoring.undo(settings.home, server=settings.chroma)
    assert after not in running.names()
    with Desk(settings, embedder=EMBEDDER) as desk:
        desk.index.sync()
    assert ours(running, settings.home) == [before]  # from what was in memory, under its old name


def test_a_collection_that_is_removed_for_ever_leaves_nothing_there(
    settings: Settings, running: Running
) -> None:
    with House.open(settings, embedder=EMBEDDER, chat=FakeChat([""])) as house:
        fresh = house.accounts.collections.create("栗坪县的")
        house.desk(LOCAL, fresh).ingest([BUREAU])
        home = settings.home / "collections" / fresh
        (theirs,) = ours(running, home)
        house.accounts.collections.remove(fresh)
        assert theirs in running.names()  # it can be brought back
        house.let_go(fresh)
        house.accounts.collections.forget(fresh, settings.home, house.settings.chroma)
        assert theirs not in running.names() and ours(running, settings.home)
