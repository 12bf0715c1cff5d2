"""Asking over HTTP: events in order, whole answers, conversations, waiting, leaving, slow readers, many at once."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sse_starlette.sse import AppStatus

from corpus.errors import EngineFailed
from service.accounts.caller import LOCAL, Caller, Role
from service.house import House
from service.http.toy_server import running
from service.settings import load

if TYPE_CHECKING:
    from service.desk import Desk

ASKED = "澄河县2022年存在哪些问题？"
REFUSED = "火星县2022年签约率是多少？"


class Model:
    """A model that says what it is told, a piece every ``pause`` seconds; notes calls and their ends."""

    def __init__(self) -> None:
        self.says = "没有模型。"
        self.pause = 0.0
        self.fault: Exception | None = None
        self.calls = 0
        self.under_way = 0
        self.closed = threading.Event()
        self.begun = threading.Event()

    def stream(self, messages: Any, *, max_tokens: int, grammar: str | None = None) -> Iterator[str]:
        self.calls += 1
        self.under_way += 1
        self.begun.set()
        try:
            if self.fault is not None:
                raise self.fault
            for letter in self.says:
                time.sleep(self.pause)
                yield letter
        finally:
            self.under_way -= 1
            self.closed.set()


@pytest.fixture(scope="module")
def model() -> Model:
    return Model()


@pytest.fixture(scope="module")
def house(bureau: Desk, tmp_path_factory: pytest.TempPathFactory, model: Model) -> Iterator[House]:
    home = tmp_path_factory.mktemp("asking") / "home"
    shutil.copytree(bureau.settings.home, home, ignore=shutil.ignore_patterns("lock*"))
    with House.open(load({}, home=home), embedder=bureau.embedder, chat=model) as opened:
        yield opened


@pytest.fixture(scope="module")
def base(house: House) -> Iterator[str]:
    with running(house) as address:
        yield address


@pytest.fixture
def client(base: str, model: Model) -> Iterator[httpx.Client]:
    model.__init__()  # type: ignore[misc]
    with httpx.Client(base_url=base, timeout=30, trust_env=False) as opened:
        yield opened


Event = tuple[str, dict[str, Any]]


def events(lines: Iterator[str]) -> Iterator[Event]:
    """Server-sent events of the lines of a stream; comments are keep-alives."""
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def asked(client: httpx.Client, question: str, path: str = "/api/v1/ask") -> list[Event]:
    with client.stream("POST", path, json={"question": question}) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        return list(events(answer.iter_lines()))


def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


# -- events -----------------------------------------------------------------------------------------


def test_events_come_in_order_and_lead_to_their_sources(client: httpx.Client, house: House) -> None:
    told = asked(client, ASKED)
    names = [name for name, _ in told]
    assert names[0] == "evidence" and names[-1] == "done" and names.count("done") == 1
    assert names.index("citation") < names.index("sentence")
    evidence, done = told[0][1], told[-1][1]
    shown = {(one["kind"], one["value"]) for one in evidence["understood"]["filters"]}
    assert {("places", "澄河县"), ("years", "2022"), ("sections", "problems")} <= shown
    citations = {data["number"]: data for name, data in told if name == "citation"}
    sentences = [data for name, data in told if name == "sentence"]
    assert [one["text"] for one in sentences] == [one["text"] for one in done["sentences"]]
    desk = house.desk(LOCAL)
    for sentence in sentences:
        for number in sentence["citations"]:
            one = citations[number]
            assert desk.report(one["report_id"]).text[one["start"] : one["end"]] == one["quote"]


def test_a_refusal_says_what_there_is_and_asks_no_model(client: httpx.Client, model: Model) -> None:
    told = asked(client, REFUSED)
    assert told[-1][0] == "done" and told[-1][1]["status"] == "refused"
    assert "澄河县" in told[-1][1]["reason"]
    assert model.calls == 0


def test_a_model_that_fails_is_told_and_the_report_quoted(client: httpx.Client, model: Model) -> None:
    model.fault = EngineFailed("本机模型服务中途退出", remedy="请重试")
    told = asked(client, "澄河县2022年家庭医生签约率是多少？")
    if model.calls:
        assert "restart" in [name for name, _ in told]
    assert told[-1][0] == "done" and told[-1][1]["sentences"]


def test_the_whole_answer_is_the_same_as_the_streamed_one(client: httpx.Client) -> None:
    whole = client.post("/api/v1/ask", json={"question": ASKED, "stream": False}).json()
    streamed = asked(client, ASKED)[-1][1]
    assert whole | {"timings": 0} == streamed | {"timings": 0}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"question": ""}, 422),
        ({"question": "   "}, 422),
        ({"question": "问" * 5000}, 422),
        ({"question": "问", "model": "x"}, 422),
        ({"question": ASKED, "collection": "c0ffee"}, 404),
    ],
)
def test_a_question_that_cannot_be_asked(client: httpx.Client, body: dict[str, Any], status: int) -> None:
    for stream in (True, False):
        answer = client.post("/api/v1/ask", json=body | {"stream": stream})
        if answer.status_code == 200:  # told in the stream, which has begun
            (name, data) = list(events(iter(answer.text.splitlines())))[-1]
            assert (name, data["status"]) == ("error", status)
        else:
            assert answer.status_code == status, answer.text
            assert answer.headers["content-type"] == "application/problem+json"


# -- conversations ----------------------------------------------------------------------------------


def test_a_conversation_is_kept_continued_renamed_and_deleted(client: httpx.Client) -> None:
    first = asked(client, "澄河县2022年家庭医生签约率是多少？", "/api/v1/conversations")
    names = [name for name, _ in first]
    assert names.index("conversation") < names.index("done")
    chat = next(data["id"] for name, data in first if name == "conversation")
    second = asked(client, "那2021年呢？", f"/api/v1/conversations/{chat}/ask")
    filters = second[1][1]["understood"]["filters"] if second[0][0] == "conversation" else []
    assert {"kind": "places", "value": "澄河县", "label": "澄河县"} in filters
    told = client.get(f"/api/v1/conversations/{chat}").json()
    assert [one["question"] for one in told["answers"]] == [
        "澄河县2022年家庭医生签约率是多少？",
        "那2021年呢？",
    ]
    assert client.patch(f"/api/v1/conversations/{chat}", json={"title": "签约"}).json()["title"] == "签约"
    card = client.get("/api/v1/conversations").json()["items"][0]
    assert (card["id"], card["title"], card["turns"]) == (chat, "签约", 2)
    assert client.delete(f"/api/v1/conversations/{chat}").status_code == 204
    for path in (f"/api/v1/conversations/{chat}", "/api/v1/conversations/ffff"):
        assert client.get(path).status_code == 404
    gone = client.post(f"/api/v1/conversations/{chat}/ask", json={"question": "还在吗？"})
    assert gone.status_code == 404


def test_an_answer_that_was_stopped_is_no_turn(client: httpx.Client, model: Model, house: House) -> None:
    before = len(house.desk(LOCAL).library.chats.list())
    model.says, model.pause = "好" * 500, 0.02
    question = {"question": "澄河县2022年家庭医生签约率是多少？"}
    with client.stream("POST", "/api/v1/conversations", json=question) as answer:
        for name, _ in events(answer.iter_lines()):
            if name == "delta":
                break
    until(lambda: model.under_way == 0)
    assert len(house.desk(LOCAL).library.chats.list()) == before


def test_a_thousand_conversations_are_listed_page_by_page(client: httpx.Client, house: House) -> None:
    chats = house.desk(LOCAL).library.chats
    turn = json.loads(client.post("/api/v1/ask", json={"question": ASKED, "stream": False}).text)
    with house.desk(LOCAL).library.database.writing() as connection:
        connection.executemany(
            "INSERT INTO chats (id, title, turns, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
            [
                (f"{n:012x}", f"会话{n}", json.dumps([turn] * 5), "2026-01-01", f"2026-01-{n % 28 + 1:02}")
                for n in range(1000)
            ],
        )
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"limit": "200"} | ({"cursor": cursor} if cursor else {})
        page = client.get("/api/v1/conversations", params=params).json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert len(found) == len(set(found)) >= 1000
    assert len(chats.headings(limit=3)) == 3


def test_another_persons_conversation_does_not_exist(house: House) -> None:
    from corpus.errors import NotFound
    from service.http.asking import Asking

    wang, li = (Caller(name, name, {"main": Role.READER}, via="session") for name in ("wang", "li"))
    told: list[Event] = []
    from service.models.cutting import Stop

    Asking(house, wang, "main", ASKED, "").stream(lambda name, data: told.append((name, data)), Stop())
    chat = next(data["id"] for name, data in told if name == "conversation")
    Asking(house, wang, "main", "那2021年呢？", chat)
    with pytest.raises(NotFound):
        Asking(house, li, "main", "那2021年呢？", chat)


# -- leaving and waiting ----------------------------------------------------------------------------

WRITTEN = "澄河县2022年家庭医生签约率是多少？"


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_a_client_that_leaves_stops_the_model_within_a_second(
    client: httpx.Client, model: Model, base: str, stream: bool
) -> None:
    model.says, model.pause = "好" * 1000, 0.02
    body = json.dumps({"question": WRITTEN, "stream": stream}).encode()
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:
        head = f"POST /api/v1/ask HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        raw.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert model.begun.wait(10)
    assert model.closed.wait(1.5)  # a second, and a busy machine's breath
    assert model.under_way == 0
    assert client.get("/healthz").status_code == 200


def test_whoever_waits_is_told_and_whoever_leaves_makes_room(
    client: httpx.Client, model: Model, house: House
) -> None:
    model.says, model.pause = "好" * 1000, 0.02
    with client.stream("POST", "/api/v1/ask", json={"question": WRITTEN}) as first:
        lines = events(first.iter_lines())
        assert next(name for name, _ in lines if name == "delta")
        with client.stream("POST", "/api/v1/ask", json={"question": WRITTEN}) as second:
            told = events(second.iter_lines())
            assert next(data for name, data in told if name == "waiting") == {"ahead": 1}
        until(lambda: house.turns.waiting == 0)
        assert house.turns.running == 1
    until(lambda: house.turns.running == 0)


def test_a_reader_that_takes_nothing_does_not_hold_the_model(
    client: httpx.Client, model: Model, base: str, house: House
) -> None:
    model.says = "没有依据的话。" * 200
    body = json.dumps({"question": WRITTEN}).encode()
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        head = f"POST /api/v1/ask HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        raw.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert model.closed.wait(10)
        until(lambda: house.turns.running == 0)
        assert asked(client, ASKED)[-1][0] == "done"


def test_the_end_of_the_service_ends_streams_with_an_error_event(
    model: Model, bureau: Desk, tmp_path: Path
) -> None:
    shutil.copytree(bureau.settings.home, tmp_path / "home", ignore=shutil.ignore_patterns("lock*"))
    model.__init__()  # type: ignore[misc]
    model.says, model.pause = "好" * 1000, 0.02
    settings = load({}, home=tmp_path / "home")
    told: list[Event] = []
    body = {"question": WRITTEN}
    with (
        House.open(settings, embedder=bureau.embedder, chat=model) as own,
        running(own) as address,
        httpx.stream("POST", f"{address}/api/v1/ask", json=body, timeout=30) as answer,
    ):
        for name, data in events(answer.iter_lines()):
            told.append((name, data))
            if name == "delta" and len(told) == 3:
                own.stop_streams()
    assert told[-1][0] == "error" and told[-1][1]["code"] == "stopped"


def test_the_end_waits_for_the_error_event_of_a_slow_model(
    model: Model, bureau: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The streams' library sees the end of the service, too, and would cut them off before they said why."""
    shutil.copytree(bureau.settings.home, tmp_path / "home", ignore=shutil.ignore_patterns("lock*"))
    model.__init__()  # type: ignore[misc]
    model.says, model.pause = "好" * 1000, 1.5
    monkeypatch.setattr(AppStatus, "should_exit", False)
    settings = load({}, home=tmp_path / "home")
    told: list[Event] = []
    with (
        House.open(settings, embedder=bureau.embedder, chat=model) as own,
        running(own) as address,
        httpx.stream("POST", f"{address}/api/v1/ask", json={"question": WRITTEN}, timeout=30) as answer,
    ):
        for name, data in events(answer.iter_lines()):
            told.append((name, data))
            if name == "evidence":
                assert model.begun.wait(10)
                AppStatus.should_exit = True
    assert told[-1][0] == "error" and told[-1][1]["code"] == "stopped"


def test_many_at_once_get_their_own_answers(client: httpx.Client, model: Model, base: str) -> None:
    questions = [ASKED, "澄河县2021年存在哪些问题？", REFUSED, "栗坪县2022年存在哪些问题？"]
    alone = {q: asked(client, q)[-1][1] for q in questions}

    def ask(question: str) -> tuple[str, dict[str, Any]]:
        with httpx.Client(base_url=base, timeout=60, trust_env=False) as own:
            return question, asked(own, question)[-1][1]

    with ThreadPoolExecutor(8) as pool:
        for question, told in pool.map(ask, questions * 4):
            assert told["question"] == question
            assert told["text"] == alone[question]["text"]
