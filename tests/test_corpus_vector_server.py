"""Vectors on a Chroma server: a real one as a child process, and fakes that misbehave."""

from __future__ import annotations

import hashlib
import http.server
import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from corpus import toy, vector_place, vector_server
from corpus.embedding import HashingEmbedder
from corpus.errors import IndexAway
from corpus.index import Index
from corpus.library import Library
from corpus.probe import probe
from corpus.report import RawDocument
from corpus.vector_place import leave
from corpus.vector_server import ChromaServer
from corpus.vector_store import StoreAway, VectorStore
from corpus.vectors import Vectors

TEXT = """# 澄河县2019年工作总结|澄河县|2019|全年
工作成效|全县家庭医生签约率达到81.2%，重点人群应签尽签。
工作成效|为农村妇女免费开展两癌筛查，彩超检查三千人。
存在问题|乡村医生年龄偏大，队伍青黄不接。
"""
OTHER = "# 栗坪县2020年工作总结|栗坪县|2020|全年\n工作成效|新建村卫生室十二所，培训乡村医生。\n"
COLLECTIONS = "/api/v2/tenants/default_tenant/databases/default_database/collections"


class Running:
    """``chroma run`` of the installed package, on one port and folder however often it is started."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder, self.url = folder, f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(Path(sys.executable).parent / "chroma"), "run", "--host", "127.0.0.1"]
        self._process = subprocess.Popen(
            [*command, "--path", str(self.folder / "data"), "--port", str(self.port)],
            env=os.environ | {"HOME": str(self.folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(300):
            try:
                if httpx.get(f"{self.url}/api/v2/heartbeat", trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise AssertionError("chroma run does not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def names(self) -> list[str]:
        rows = httpx.get(self.url + COLLECTIONS, trust_env=False).json()
        return sorted(row["name"] for row in rows)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    server = Running(tmp_path_factory.mktemp("chroma"))
    server.start()
    yield server
    server.stop()


class Counting(HashingEmbedder):
    """Counts what it embeds."""

    passages = 0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.passages += len(texts)
        return super().embed_passages(texts)


def add(library: Library, text: str, name: str = "甲.txt") -> None:
    path = library.home.parent / name
    path.write_text(text, encoding="utf-8")
    data = path.read_bytes()
    document = RawDocument(name, hashlib.sha256(data).hexdigest(), len(data), "txt", text)
    library.add_source(document, toy.parse(document), path=path, pipeline="p")


def first(index: Index, question: str) -> str:
    """The best passage by meaning alone; the graph is asked, since the limit of exact search is 0."""
    return index.search(question, fuse=lambda dense, sparse: _dense(dense))[0].passage.text


def _dense(numbers: Sequence[int]) -> Any:
    from corpus.ranking import fuse

    return fuse(list(numbers), [])


Opened = Callable[..., Index]


@pytest.fixture
def opened(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    monkeypatch.setattr(vector_place, "REST_SECONDS", 0.0)
    made: list[Index] = []

    def at(library: Library, embedder: HashingEmbedder | None = None, limit: int = 0) -> Index:
        given = embedder or HashingEmbedder(64)
        made.append(Index(library, given, exact_limit=limit or 1, server=ChromaServer(running.url)))
        return made[-1]

    yield at
    for index in made:
        index.close()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    (tmp_path / "one").mkdir()
    with Library.open(tmp_path / "one" / "home") as found:
        add(found, TEXT)
        yield found


def test_vectors_lie_on_the_server_and_nowhere_else(
    library: Library, opened: Opened, running: Running
) -> None:
    index = opened(library)
    assert index.sync() == 3
    assert "两癌筛查" in first(index, "农村妇女两癌筛查彩超检查")
    assert not (library.home / "index" / "chroma").exists()
    server = ChromaServer(running.url).of(library.home / "index")
    (name,) = [name for name in running.names() if name.startswith(server.prefix)]
    found = probe(library.home, HashingEmbedder(64).name, server=ChromaServer(running.url))
    assert (found.state, found.held, found.whole) == ("sound", 3, True)
    rows = httpx.get(running.url + COLLECTIONS, trust_env=False).json()
    (ours,) = [row for row in rows if row["name"] == name]
    asked = {"include": ["documents", "metadatas", "uris"]}
    held = httpx.post(f"{running.url}{COLLECTIONS}/{ours['id']}/get", json=asked, trust_env=False).json()
    assert len(held["ids"]) == 3 and not any(held["documents"] or []) and not any(held["metadatas"] or [])


def test_data_folders_on_one_server_never_mix(
    library: Library, tmp_path: Path, opened: Opened, running: Running
) -> None:
    opened(library).sync()
    (tmp_path / "two").mkdir()
    shutil.copytree(library.home, tmp_path / "two" / "copy")  # a restore on trial, cp -r
    with Library.open(tmp_path / "two" / "copy") as copy, Library.open(tmp_path / "two" / "home") as other:
        add(other, OTHER)
        theirs = opened(other)
        assert theirs.sync() == 1
        assert "村卫生室" in first(theirs, "家庭医生签约率")
        copied = opened(copy)
        copy.remove([card.id for card in copy.cards()])
        copied.sync()  # deletes all that the copy does not need, on the server too
        prefixes = {ChromaServer(running.url).of(one.home / "index").prefix for one in (library, copy, other)}
        assert len(prefixes) == 3
    assert probe(library.home, HashingEmbedder(64).name, server=ChromaServer(running.url)).whole


def test_a_server_that_is_away_stops_no_search(
    library: Library, opened: Opened, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    embedder = Counting(64)
    index = opened(library, embedder)
    index.sync()
    running.stop()
    try:
        with caplog.at_level(logging.WARNING):
            for _ in range(2):  # over the connection that was open, then a new one
                assert "两癌筛查" in first(index, "农村妇女两癌筛查彩超检查")
        assert "away" in caplog.text and "两癌" not in caplog.text
        add(library, OTHER, "乙.txt")
        index.sync()  # into memory
        assert "村卫生室" in first(index, "村卫生室")
        with pytest.raises(IndexAway, match="连不上") as told:
            index.rebuild()
        assert "WENHENG_CHROMA_URL" in told.value.remedy
        away = probe(library.home, embedder.name, server=ChromaServer(running.url))
        assert (away.state, away.why) == ("away", "连不上")
    finally:
        running.start()
    made = embedder.passages
    assert "村卫生室" in first(index, "村卫生室")
    found = probe(library.home, embedder.name, server=ChromaServer(running.url))
    assert found.whole and found.held == 4 and embedder.passages == made  # from memory, not made again


def test_what_the_server_lost_is_made_again(library: Library, opened: Opened, running: Running) -> None:
    embedder = Counting(64)
    index = opened(library, embedder)
    index.sync()
    leave(library.home, ChromaServer(running.url))
    assert not [
        n for n in running.names() if n.startswith(ChromaServer(running.url).of(index_of(library)).prefix)
    ]
    for _ in range(2):  # the first one notices, and answers from memory
        assert "两癌筛查" in first(index, "农村妇女两癌筛查彩超检查")
    assert probe(library.home, embedder.name, server=ChromaServer(running.url)).whole
    assert embedder.passages == 3


def index_of(library: Library) -> Path:
    return library.home / "index"


def test_a_rebuild_leaves_one_collection(library: Library, opened: Opened, running: Running) -> None:
    index = opened(library)
    index.sync()
    prefix = ChromaServer(running.url).of(index_of(library)).prefix
    before = [name for name in running.names() if name.startswith(prefix)]
    index.rebuild()
    after = [name for name in running.names() if name.startswith(prefix)]
    assert len(before) == len(after) == 1 and before != after
    assert "两癌筛查" in first(index, "农村妇女两癌筛查彩超检查")


# -- servers that are none --------------------------------------------------------------------------


@contextmanager
def faking(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        do_POST = do_DELETE = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reply(handler: http.server.BaseHTTPRequestHandler, status: int, row: Any, **headers: str) -> None:
    data = json.dumps(row).encode()
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


@pytest.mark.parametrize(
    ("status", "said"),
    [(302, "返回状态 302"), (401, "拒绝了密钥"), (403, "拒绝了密钥"), (503, "返回状态 503")],
)
def test_what_is_no_answer_is_told_and_no_redirect_followed(status: int, said: str) -> None:
    seen: list[str] = []

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        seen.append(handler.path + str(handler.headers.get("authorization")))
        reply(handler, status, {"secret": "内部"}, location="/elsewhere")

    with faking(answer) as url, pytest.raises(StoreAway, match=said) as told:
        VectorStore(ChromaServer(url, "k-geheim", "wenheng-x-"), "passages-a-0", create=True)
    assert seen == ["/api/v2/heartbeatBearer k-geheim"]
    assert "geheim" not in str(told.value) + repr(ChromaServer(url, "k-geheim")) and "内部" not in str(
        told.value
    )


def test_a_server_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_server, "SECONDS", 0.3)
    end = threading.Event()
    with faking(lambda handler: end.wait(20) and None) as url:
        began = time.monotonic()
        with pytest.raises(StoreAway, match="没有按时应答"):
            VectorStore(ChromaServer(url, prefix="wenheng-x-"), "passages-a-0", create=True)
        assert time.monotonic() - began < 10
        end.set()


def test_no_proxy_of_the_environment_sees_the_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    proxied: list[str] = []
    with faking(lambda handler: (proxied.append(handler.path), reply(handler, 200, {}))[1]) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(StoreAway):
            VectorStore(ChromaServer("http://127.0.0.1:9", prefix="wenheng-x-"), "passages-a-0", create=True)
    assert proxied == []


def test_an_embedding_function_that_a_server_names_is_never_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection's configuration may name code to load; nothing of it runs here."""
    from chromadb.utils import embedding_functions

    loaded: list[str] = []

    class Evil(embedding_functions.DefaultEmbeddingFunction):
        def __init__(self) -> None:
            loaded.append("made")

        @staticmethod
        def build_from_config(config: dict[str, Any]) -> Any:
            loaded.append("built")

    monkeypatch.setitem(embedding_functions.known_embedding_functions, "sentence_transformer", Evil)
    function = {"type": "known", "name": "sentence_transformer", "config": {"trust_remote_code": True}}
    row = {
        "id": "5adf57c7-44a2-4a1b-8d3c-85774eb9123b",
        "name": "wenheng-x-passages-a-0",
        "configuration_json": {"hnsw": {"space": "ip"}, "embedding_function": function},
        "schema": None, "metadata": None, "dimension": 2, "tenant": "default_tenant",
        "database": "default_database", "version": 0, "log_position": 0,
    }  # fmt: skip

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.rfile.read(int(handler.headers.get("content-length") or 0))
        path = handler.path.partition("?")[0]
        if path.endswith("/query"):
            reply(handler, 200, {"ids": [["k"]], "distances": [[0.5]], "include": ["distances"]})
        elif path.endswith("/get"):
            reply(handler, 200, {"ids": ["k"], "embeddings": [[1.0, 0.0]], "include": ["embeddings"]})
        elif path.endswith("/count"):
            reply(handler, 200, 1)
        else:
            reply(handler, 200, row if "collections" in handler.path else {"nanosecond heartbeat": 1})

    import numpy as np

    with faking(answer) as url:
        store = VectorStore(ChromaServer(url, prefix="wenheng-x-"), "passages-a-0", create=False)
        assert store.nearest(np.array([1.0, 0.0], np.float32), 1) == [("k", 0.5)]
        store.close()
    assert loaded == []
