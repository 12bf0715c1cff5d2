"""The queue in front of the model: fair, told, left at once, never stuck; and what it does to a call under way."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.models.chat import FakeChat, open_chat
from service.models.cutting import Stop, Stopped
from service.settings import load
from service.work.turns import Turns


class Held:
    """A model whose calls last until they are let go; notes who was served."""

    def __init__(self) -> None:
        self.served: list[str] = []
        self.go = threading.Semaphore(0)
        self.under_way = 0
        self.most = 0
        self._lock = threading.Lock()

    def stream(self, messages: Any, *, max_tokens: int, grammar: str | None = None) -> Iterator[str]:
        with self._lock:
            self.served.append(messages[0][1])
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        try:
            assert self.go.acquire(timeout=10)
            yield "好"
        finally:
            with self._lock:
                self.under_way -= 1


def call(turns: Turns, chat: Any, who: str, text: str, stop: Stop | None = None, on_wait: Any = None) -> Any:
    """Start a call in a thread; ``.result`` holds the text or the exception."""

    class Call(threading.Thread):
        result: Any = None

        def run(self) -> None:
            queued = turns.chat(chat, who, stop=stop, on_wait=on_wait)
            try:
                self.result = queued.complete([("user", text)], max_tokens=600)
            except BaseException as error:
                self.result = error

    thread = Call(daemon=True)
    thread.start()
    return thread


def until(true: Any, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


def queued(turns: Turns, chat: Held, orders: list[str]) -> list[Any]:
    """Calls in this order behind one that holds the model: 甲1 is the first call of 甲."""
    first = call(turns, chat, "先", "先1")
    until(lambda: turns.running == 1)
    threads = [first]
    for n, order in enumerate(orders, 1):
        threads.append(call(turns, chat, order[0], order))
        until(lambda n=n: turns.waiting == n)
    return threads


def finish(turns: Turns, chat: Held, threads: list[Any]) -> None:
    for _ in threads:
        chat.go.release()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive() and thread.result == "好"
    assert (turns.waiting, turns.running) == (0, 0)


def test_turns_go_round_the_callers() -> None:
    turns, chat = Turns(), Held()
    threads = queued(turns, chat, ["甲1", "甲2", "甲3", "乙1", "丙1", "丙2"])
    finish(turns, chat, threads)
    assert chat.served == ["先1", "甲1", "乙1", "丙1", "甲2", "丙2", "甲3"]
    assert chat.most == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from("甲乙丙丁"), min_size=1, max_size=12))
def test_between_two_turns_of_one_caller_each_waiting_one_has_one(callers: list[str]) -> None:
    orders = [f"{who}{callers[: n + 1].count(who)}" for n, who in enumerate(callers)]
    turns, chat = Turns(), Held()
    finish(turns, chat, queued(turns, chat, orders))
    served = chat.served[1:]
    assert sorted(served) == sorted(orders)
    for who in set(callers):  # a caller's own calls keep their order
        assert [s for s in served if s[0] == who] == [o for o in orders if o[0] == who]
    for at, one in enumerate(served):  # rounds: the n-th call of anyone comes before everyone's n+1-th
        assert all(int(later[1:]) >= int(one[1:]) for later in served[at:])


def test_several_at_once_for_an_endpoint() -> None:
    turns, chat = Turns(2), Held()
    threads = [call(turns, chat, who, who) for who in "甲乙丙"]
    until(lambda: turns.running == 2 and turns.waiting == 1)
    finish(turns, chat, threads)
    assert chat.most == 2


def test_each_waiting_caller_is_told_how_many_come_before() -> None:
    turns, chat, told = Turns(), Held(), []
    threads = queued(turns, chat, ["甲1", "甲2", "乙1"])
    last = call(turns, chat, "甲", "甲3", on_wait=told.append)
    until(lambda: turns.waiting == 4 and told)
    assert told == [4]  # the one under way, 甲1, 乙1, 甲2
    for n in range(1, 5):
        chat.go.release()
        until(lambda n=n: len(chat.served) == n + 1)
    finish(turns, chat, [*threads, last])
    assert told == [4, 3, 2, 1]
    assert chat.served[1:] == ["甲1", "乙1", "甲2", "甲3"]


def test_giving_up_leaves_the_queue_at_once_and_lets_the_others_on() -> None:
    turns, chat, stop = Turns(), Held(), Stop()
    first = call(turns, chat, "甲", "甲1")
    until(lambda: turns.running == 1)
    gone = call(turns, chat, "乙", "乙1", stop)
    until(lambda: turns.waiting == 1)
    other = call(turns, chat, "丙", "丙1")
    until(lambda: turns.waiting == 2)
    stop.set()
    gone.join(1)
    assert isinstance(gone.result, Stopped)
    finish(turns, chat, [first, other])
    assert "乙1" not in chat.served


def test_stopped_before_it_began() -> None:
    stop = Stop()
    stop.set()
    chat = FakeChat(["好"])
    with pytest.raises(Stopped):
        Turns().chat(chat, "甲", stop=stop).complete([("user", "问")], max_tokens=5)
    assert chat.calls == []


def test_a_failed_call_gives_its_turn_back() -> None:
    turns, chat = Turns(), FakeChat([ValueError("坏"), "好"])
    asked = turns.chat(chat, "甲")
    with pytest.raises(ValueError, match="坏"):
        asked.complete([("user", "问")], max_tokens=5)
    assert asked.complete([("user", "问")], max_tokens=5) == "好"
    assert turns.running == 0


def test_an_error_of_who_is_told_leaves_the_queue() -> None:
    turns, chat = Turns(), Held()
    threads = queued(turns, chat, [])

    def broken(before: int) -> None:
        raise RuntimeError("窗口关了")

    failed = call(turns, chat, "乙", "乙1", on_wait=broken)
    failed.join(2)
    assert isinstance(failed.result, RuntimeError)
    finish(turns, chat, threads)


def test_closing_the_stream_closes_the_call() -> None:
    turns, chat = Turns(), FakeChat(["一二三四五六七八九十"])
    stream = turns.chat(chat, "甲").stream([("user", "问")], max_tokens=5)
    assert next(stream) == "一二三四"
    assert turns.running == 1
    stream.close()  # type: ignore[attr-defined]
    assert turns.running == 0


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("甲乙丙"), st.booleans()), min_size=1, max_size=10))
def test_nobody_is_stuck_whoever_gives_up(calls: list[tuple[str, bool]]) -> None:
    turns, chat = Turns(), Held()
    stops = [Stop() for _ in calls]
    threads = [call(turns, chat, who, who, stop) for (who, _), stop in zip(calls, stops, strict=True)]
    for (_, gives_up), stop in zip(calls, stops, strict=True):
        if gives_up:
            stop.set()
    for _ in calls:
        chat.go.release()
    for thread, (_, gives_up) in zip(threads, calls, strict=True):
        thread.join(5)
        assert not thread.is_alive()
        assert thread.result == "好" or (gives_up and isinstance(thread.result, Stopped))
    assert (turns.waiting, turns.running) == (0, 0)


# -- a call under way --------------------------------------------------------------------------------


class Dripping:
    """An endpoint that says a word every 50 ms, after ``silent`` seconds; notes when its client went away."""

    def __init__(self, silent: float = 0.0) -> None:
        self.silent = silent
        self.said = threading.Event()
        self.asked = threading.Event()
        self.gone = threading.Event()
        self.end = threading.Event()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                endpoint.asked.set()
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.connection.settimeout(0.05)
                try:
                    if endpoint.silent:
                        self.quiet()
                    self.end_headers()
                    while not endpoint.end.wait(0.05):
                        choice = {"index": 0, "delta": {"content": "好"}, "finish_reason": None}
                        row = {"object": "chat.completion.chunk", "choices": [choice]}
                        self.wfile.write(f"data: {json.dumps(row)}\n\n".encode())
                        endpoint.said.set()
                except OSError:
                    endpoint.gone.set()

            def quiet(self) -> None:
                """As while a prompt is read: nothing is said, but the client is watched."""
                while not endpoint.end.is_set():
                    try:
                        if not self.connection.recv(1):
                            raise ConnectionError
                    except TimeoutError:
                        continue

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        return Handler


@contextmanager
def dripping(silent: float = 0.0) -> Iterator[tuple[Dripping, Any]]:
    endpoint = Dripping(silent)
    server = ThreadingHTTPServer(("127.0.0.1", 0), endpoint.handler())
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield endpoint, open_chat(load({"WENHENG_CHAT_URL": url, "WENHENG_CHAT_MODEL": "m"}))
    finally:
        endpoint.end.set()
        server.shutdown()
        server.server_close()


def test_closing_the_stream_ends_the_call_at_the_server() -> None:
    with dripping() as (endpoint, client):
        stream = Turns().chat(client, "甲").stream([("user", "问")], max_tokens=500)
        assert next(stream) == "好"
        stream.close()  # type: ignore[attr-defined]
        assert endpoint.gone.wait(1.0)


@pytest.mark.parametrize("silent", [0.0, 30.0], ids=["while it writes", "before its first word"])
def test_a_stop_from_another_thread_ends_the_call_at_the_server(silent: float) -> None:
    with dripping(silent) as (endpoint, client):
        turns, stop = Turns(), Stop()
        asked = call(turns, client, "甲", "问", stop)
        assert (endpoint.asked if silent else endpoint.said).wait(10)
        stop.set()
        assert endpoint.gone.wait(1.0)
        asked.join(1.0)
        assert isinstance(asked.result, Stopped)
        assert turns.running == 0


@pytest.mark.model
def test_a_stop_frees_the_embedded_model_within_a_second() -> None:
    with open_chat(load({})) as client:
        client.complete([("user", "你好")], max_tokens=2)
        turns, stop = Turns(), Stop()
        asked = call(turns, client, "甲", "写一篇一千字的文章。", stop)
        until(lambda: turns.running == 1)
        time.sleep(1.0)
        stop.set()
        asked.join(1.0)
        assert isinstance(asked.result, Stopped)
        began = time.monotonic()
        stream = client.stream([("user", "一加一等于几？")], max_tokens=4)
        next(stream)  # the one slot of the server is free again
        assert time.monotonic() - began < 15.0  # the text would have taken a minute
        stream.close()  # type: ignore[attr-defined]
