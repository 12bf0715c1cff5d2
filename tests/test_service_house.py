"""The house: desks by right and collection, shared and closed when idle; models loaded once; one service a folder."""

from __future__ import annotations

import gc
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from corpus.embedding import HashingEmbedder
from corpus.errors import Forbidden, LibraryBusy, ModelMissing, NotFound
from service import house as house_module
from service.accounts.caller import LOCAL, MAIN, Caller, Role
from service.house import House
from service.models.chat import FakeChat
from service.models.cutting import Stop, Stopped
from service.settings import load
from service.work.models import Loaded, SharedEmbedder

if TYPE_CHECKING:
    from service.desk import Desk

READER = Caller("r", "李", {MAIN: Role.READER}, via="session")
NOBODY = Caller("n", "赵", {}, via="session")


@pytest.fixture
def house(bureau: Desk, tmp_path: Path) -> Iterator[House]:
    home = tmp_path / "home"
    shutil.copytree(bureau.settings.home, home, ignore=shutil.ignore_patterns("lock*"))
    with House.open(load({}, home=home), embedder=bureau.embedder, chat=FakeChat(["好。"])) as opened:
        yield opened


def test_a_desk_is_given_by_right(house: House) -> None:
    assert house.desk(READER).cards()
    with pytest.raises(Forbidden):
        house.desk(READER, MAIN, Role.WRITER)
    for caller, collection in ((NOBODY, MAIN), (LOCAL, "c0ffee"), (LOCAL, "../etc"), (LOCAL, "")):
        with pytest.raises(NotFound):
            house.desk(caller, collection)


def test_collections_share_nothing_but_the_models(house: House) -> None:
    other = house.accounts.collections.create("青岭局")
    desk = house.desk(LOCAL, other)
    assert desk.cards() == () and house.desk(LOCAL).cards()
    assert desk.library.home == house.settings.home / "collections" / other
    assert desk.embedder is house.desk(LOCAL).embedder
    house.accounts.collections.remove(other)
    with pytest.raises(NotFound):
        house.desk(LOCAL, other)


def test_desks_of_one_collection_share_library_and_view(house: House) -> None:
    one, two = house.desk(LOCAL), house.desk(READER)
    assert one is not two and one.library is two.library and one.view is two.view
    one.close()
    assert two.cards()  # closing what was handed out closes nothing
    one.edit(one.cards()[0].id, "title", "新的标题")
    assert two.view is one.view and "新的标题" in [card.title for card in two.view.cards()]


def test_idle_collections_are_closed_and_used_ones_are_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house_module, "MOST_OPEN", 2)
    names = [house.accounts.collections.create(f"第{n}局") for n in range(4)]
    used = house.desk(LOCAL, names[0])
    for name in names[1:]:
        house.desk(LOCAL, name)
        gc.collect()
    assert used.cards() == ()
    assert names[0] in house._desks and len(house._desks) <= 3
    assert house.desk(LOCAL, names[1]).cards() == ()  # opened again


def test_the_model_is_queued_in_the_name_of_the_caller(house: House) -> None:
    stop = Stop()
    chat = house.desk(READER, stop=stop).model()
    stream = chat.stream([("user", "问")], max_tokens=5)
    next(stream)
    assert house.turns.running == 1
    stop.set()
    with pytest.raises(Stopped):
        next(stream)
    assert house.turns.running == 0


def test_one_service_a_folder(house: House) -> None:
    with pytest.raises(LibraryBusy, match="正在使用"):
        House.open(house.settings, embedder=HashingEmbedder(), chat=FakeChat(["好"]))


def test_after_its_end_the_house_gives_nothing_and_the_folder_is_free(house: House) -> None:
    house.close()
    house.close()
    with pytest.raises(Exception):  # noqa: B017  (the database is closed)
        house.desk(LOCAL)
    House.open(house.settings, embedder=HashingEmbedder(), chat=FakeChat(["好"])).close()


def test_a_writer_of_another_thread_is_waited_for_and_then_named_busy(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.desk.BUSY_SECONDS", 0.1)
    desk = house.desk(LOCAL)
    report = desk.cards()[0].id
    with desk.library.writer(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(desk.search, "签约率").result()  # searching needs no lock
        with pytest.raises(LibraryBusy, match="正在写入"):
            pool.submit(desk.remove, [report]).result()
    assert desk.remove([report]) == (report,)


# -- models -----------------------------------------------------------------------------------------


def test_who_comes_early_waits_and_who_gives_up_does_not() -> None:
    go = threading.Event()
    loaded: Loaded[str] = Loaded(lambda: "模型" if go.wait(10) else "")
    stop = Stop()
    with ThreadPoolExecutor(2) as pool:
        early, gone = pool.submit(loaded.get), pool.submit(loaded.get, stop)
        assert loaded.here is None
        stop.set()
        with pytest.raises(Stopped):
            gone.result(5)
        go.set()
        assert early.result(5) == "模型"
    assert loaded.here == "模型" and loaded.fault is None


def test_what_failed_to_load_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    results: list[Any] = [ModelMissing("没有模型"), "模型"]

    def load_it() -> str:
        result = results.pop(0)
        if isinstance(result, Exception):
            raise result
        return str(result)

    loaded = Loaded(load_it)
    for _ in range(2):  # asked at once again, it does not try
        with pytest.raises(ModelMissing):
            loaded.get()
    assert isinstance(loaded.fault, ModelMissing)
    monkeypatch.setattr("service.work.models.RETRY_SECONDS", -1.0)
    assert loaded.get() == "模型"


class Slow(HashingEmbedder):
    """Notes what it is asked, and how many ask at the same time."""

    def __init__(self) -> None:
        super().__init__(16)
        self.asked: list[str] = []
        self.now = self.most = 0
        self.begun = threading.Event()
        self.go = threading.Event()

    def _call(self, what: str, make: Callable[[], Any]) -> Any:
        self.now += 1
        self.most = max(self.most, self.now)
        self.asked.append(what)
        self.begun.set()
        self.go.wait(5)
        time.sleep(0.001)
        self.now -= 1
        return make()

    def embed_query(self, text: str) -> Any:
        return self._call(text, lambda: HashingEmbedder(16).embed_query(text))

    def embed_passages(self, texts: Sequence[str]) -> Any:
        return self._call(f"段落{len(texts)}", lambda: HashingEmbedder(16).embed_passages(texts))


def test_threads_take_turns_and_questions_come_before_passages() -> None:
    slow = Slow()
    shared = SharedEmbedder(Loaded(lambda: slow))
    texts = [f"第{n}段" for n in range(20)]
    with ThreadPoolExecutor(8) as pool:
        passages = pool.submit(shared.embed_passages, texts)
        assert slow.begun.wait(5)
        questions = [pool.submit(shared.embed_query, f"问{n}") for n in range(4)]
        while shared._questions < 4:
            time.sleep(0.001)
        slow.go.set()
        assert np.allclose(passages.result(5), HashingEmbedder(16).embed_passages(texts))
        for n, question in enumerate(questions):
            assert np.allclose(question.result(5), HashingEmbedder(16).embed_query(f"问{n}"))
    assert slow.most == 1
    assert slow.asked[0] == "段落8" and sorted(slow.asked[1:5]) == ["问0", "问1", "问2", "问3"]
    assert slow.asked[5:] == ["段落8", "段落4"]
    shared.embed_query("问1")
    assert slow.asked.count("问1") == 1  # it was kept


def test_an_embedder_that_fails_lets_the_next_one_on() -> None:
    class Broken(HashingEmbedder):
        def embed_query(self, text: str) -> Any:
            if text == "坏":
                raise ModelMissing("没有模型")
            return super().embed_query(text)

    shared = SharedEmbedder(Loaded(lambda: Broken(16)))
    with pytest.raises(ModelMissing):
        shared.embed_query("坏")
    assert shared.embed_query("好").shape == (16,)
    assert shared.embed_passages([]).shape == (0, 16)


def test_many_search_at_once_and_get_what_one_alone_gets(house: House) -> None:
    queries = ["家庭医生签约率", "村卫生室建设", "存在的问题", "下一步打算"] * 6
    alone = {q: [hit.passage.id for hit in house.desk(LOCAL).search(q)] for q in set(queries)}
    with ThreadPoolExecutor(12) as pool:
        found = pool.map(lambda q: [hit.passage.id for hit in house.desk(READER).search(q)], queries)
        for query, ids in zip(queries, found, strict=True):
            assert ids == alone[query]
