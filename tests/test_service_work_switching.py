"""Another model takes the place of one that is in use: what has begun ends with the one that it began with."""

from __future__ import annotations

import gc
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from corpus.embedding import HashingEmbedder
from corpus.vectors import Vectors
from service.desk import Desk
from service.endpoints import Chosen
from service.models.chat import ChatClient, Endpoint, FakeChat
from service.settings import load
from service.work.lending import Lending
from service.work.models import Models


class Closing(FakeChat):
    """Notes that it was closed."""

    def __init__(self, text: str) -> None:
        super().__init__([text])
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


def soon(what: Callable[[], bool]) -> bool:
    for _ in range(200):
        if what():
            return True
        time.sleep(0.02)
    return False


def test_a_model_is_closed_when_the_last_one_lets_go() -> None:
    model = Closing("旧模型说的一段长话")
    lending = Lending(model)
    one, two = lending.lend(), lending.lend()
    lending.retire()
    stream = one.stream([("user", "问")], max_tokens=8)
    assert next(stream)
    del one, two
    gc.collect()
    time.sleep(0.1)
    assert not model.closed  # the stream still has it
    assert "".join(stream)
    del stream
    gc.collect()
    assert soon(lambda: model.closed == 1)


def test_a_model_that_nobody_has_is_closed_at_once() -> None:
    model = Closing("旧的话")
    lending = Lending(model)
    assert "".join(lending.lend().stream([("user", "问")], max_tokens=8))
    gc.collect()
    lending.retire()
    assert soon(lambda: model.closed == 1)


def test_models_change_while_somebody_has_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Old] = []

    class Old(ChatClient):
        def __init__(self, name: str) -> None:
            super().__init__(lambda: Endpoint("http://127.0.0.1:1/v1", name, ""))
            self.name, self.closed = name, False
            made.append(self)

        def close(self) -> None:
            self.closed = True

    monkeypatch.setattr("service.work.models.open_chat", lambda settings: Old(settings.chat_model))
    settings = load({}, home=tmp_path)
    models = Models(settings, embedder=HashingEmbedder(64))
    first = models.chat()
    models.use(settings.using(Chosen("chat", "http://127.0.0.1:1/v1", "neu")), "chat")
    second = models.chat()
    assert [one.name for one in made] == ["", "neu"] and models.at_once == settings.endpoint_calls
    time.sleep(0.1)
    assert not made[0].closed
    del first
    gc.collect()
    assert soon(lambda: made[0].closed) and not made[1].closed
    models.close()
    assert made[1].closed
    del second


class Counting(HashingEmbedder):
    """Counts the passages that it embeds."""

    def __init__(self, dim: int, name: str) -> None:
        super().__init__(dim)
        self.name, self.passages = name, 0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.passages += len(texts)
        return super().embed_passages(texts)


def test_searches_go_by_words_until_the_vectors_of_another_embedder_are_made(
    bureau: Desk, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(bureau.settings.home, home, ignore=shutil.ignore_patterns("lock*"))
    old, new = Counting(64, "old"), Counting(32, "new")
    with Desk(load({}, home=home), embedder=old) as desk:
        assert desk.search("家庭医生签约率")[0].dense_rank == 1
        begun, view = desk.index, desk.view
        first = view.similarities("签约", ["家庭医生"])
        desk.use(desk.settings, new)
        hits = desk.search("家庭医生签约率")
        assert hits and {hit.dense_rank for hit in hits} == {None} and new.passages == 0
        assert view.similarities("签约", ["家庭医生", "两癌筛查"])[0] == first[0]  # an answer under way
        begun._vectors._cache.clear()  # what it has is gone: the next search would put it back
        made = old.passages
        assert {hit.dense_rank for hit in begun.search("家庭医生签约率")} == {None}
        seen: list[tuple[int, int]] = []
        desk.catch_up(lambda done, total: seen.append((done, total)))
        assert seen[-1][0] == seen[-1][1] == new.passages > 0
        assert desk.search("家庭医生签约率")[0].dense_rank and old.passages == made
