from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from corpus.errors import EndpointError
from service.models.chat import ChatClient, Endpoint, FakeChat, open_chat
from service.settings import load

QUESTION = [("system", "只根据资料回答。"), ("user", "签约率是多少？")]


class Script:
    """What a fake endpoint does with each request."""

    def __init__(
        self, *pieces: str, status: int = 200, end: bool = True, delay: float = 0, raw: str = ""
    ) -> None:
        self.pieces, self.status, self.end, self.delay, self.raw = pieces, status, end, delay, raw
        self.requests: list[tuple[dict[str, Any], str]] = []
        self.cut = threading.Event()

    def events(self) -> Iterator[dict[str, Any]]:
        for piece in self.pieces:
            yield {
                "choices": [
                    {"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}
                ]
            }
        if self.end:
            yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
            usage = {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}
            yield {"choices": [], "usage": usage | {"prompt_tokens_details": {"cached_tokens": 8}}}


def handler(script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            script.requests.append((body, self.headers.get("authorization", "")))
            self.send_response(script.status)
            self.send_header("content-type", "text/html" if script.raw else "text/event-stream")
            self.end_headers()
            try:
                self.reply()
            except OSError:  # the client went away
                script.cut.set()

        def reply(self) -> None:
            if script.raw:
                self.wfile.write(script.raw.encode())
                return
            for event in script.events():
                time.sleep(script.delay)
                self.wfile.write(
                    f"data: {json.dumps({'object': 'chat.completion.chunk', **event})}\n\n".encode()
                )
                self.wfile.flush()
            if script.end:
                self.wfile.write(b"data: [DONE]\n\n")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def serving(script: Script, **options: Any) -> Iterator[ChatClient]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(script))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    endpoint = Endpoint(f"http://127.0.0.1:{server.server_port}/v1", "m", "geheim", **options)
    client = ChatClient(lambda: endpoint)
    try:
        yield client
    finally:
        client.close()
        server.shutdown()
        server.server_close()
        thread.join()


def test_text_streams_and_usage_is_kept() -> None:
    script = Script("签约率", "68.5%", "[1]。")
    with serving(script) as client:
        assert list(client.stream(QUESTION, max_tokens=50, stop=("\n\n",))) == ["签约率", "68.5%", "[1]。"]
        usage = client.last_usage
    assert usage is not None and (usage.prompt_tokens, usage.cached_tokens, usage.written_tokens) == (
        20,
        8,
        5,
    )
    assert 0 < usage.first_token_ms <= usage.total_ms and usage.tokens_per_second >= 0
    body, authorization = script.requests[0]
    assert authorization == "Bearer geheim"
    assert (body["temperature"], body["stream"], body["stop"]) == (0.0, True, ["\n\n"])
    assert body.get("max_tokens", body.get("max_completion_tokens")) == 50
    assert [m["role"] for m in body["messages"]] == ["system", "user"]


@pytest.mark.parametrize(
    ("dialect", "place"),
    [("none", None), ("llama.cpp", ("grammar",)), ("vllm", ("structured_outputs", "grammar"))],
)
def test_grammar_goes_where_the_endpoint_wants_it(dialect: str, place: tuple[str, ...] | None) -> None:
    script = Script("好")
    with serving(script, grammar=dialect) as client:
        assert client.complete(QUESTION, max_tokens=5, grammar='root ::= "好"') == "好"
    value: Any = script.requests[0][0]
    if place is None:
        assert "grammar" not in json.dumps(value)
        return
    for key in place:
        value = value[key]
    assert value == 'root ::= "好"'


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (Script("签约", end=False), "中途断开"),
        (Script(raw="<html>不是接口</html>"), "无法识别|中途断开"),
        (Script(raw="data: {bad json\n\n"), "无法识别"),
        (Script(raw='data: {"choices": 5}\n\n'), "无法识别"),
        (Script(raw="denied", status=401), "WENHENG_CHAT_KEY"),
        (Script(raw="no such model", status=404), "404"),
        (Script(raw="overloaded", status=503), "503"),
        (
            Script(
                raw='{"error": {"message": "exceeds the available context size", "code": 400}}', status=400
            ),
            "WENHENG_CONTEXT",
        ),
    ],
)
def test_faults_are_one_clear_sentence(script: Script, message: str) -> None:
    with serving(script) as client, pytest.raises(EndpointError, match=message) as caught:
        client.complete(QUESTION, max_tokens=5)
    assert caught.value.where.startswith("http://127.0.0.1") and caught.value.remedy
    assert "geheim" not in str(caught.value)


def test_endpoint_that_does_not_answer_in_time() -> None:
    with serving(Script("慢", delay=1.0), timeout=0.2) as client, pytest.raises(EndpointError, match="超时"):
        client.complete(QUESTION, max_tokens=5)


def test_endpoint_that_is_not_there() -> None:
    client = ChatClient(lambda: Endpoint("http://127.0.0.1:9/v1", "m", ""))
    with pytest.raises(EndpointError, match="连接"):
        client.complete(QUESTION, max_tokens=5)


def test_what_arrived_before_a_cut_was_handed_on() -> None:
    got = []
    with serving(Script("签约", "率", end=False)) as client, pytest.raises(EndpointError):
        for piece in client.stream(QUESTION, max_tokens=5):
            got.append(piece)
    assert got == ["签约", "率"]


def test_closing_the_stream_closes_the_connection() -> None:
    script = Script(*["字"] * 500, delay=0.01)
    with serving(script) as client:
        stream = client.stream(QUESTION, max_tokens=500)
        assert next(stream) == "字"
        stream.close()  # type: ignore[attr-defined]
        assert script.cut.wait(5)


def test_prompts_reach_no_tracing_service(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("LANGCHAIN_TRACING_V2", "true")
    with serving(Script("好")) as client:
        client.complete(QUESTION, max_tokens=5)
    assert os.environ["LANGSMITH_TRACING"] == os.environ["LANGCHAIN_TRACING_V2"] == "false"


def test_proxy_does_not_see_the_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with serving(Script("好")) as client:
        assert client.complete(QUESTION, max_tokens=5) == "好"


def test_open_chat_uses_the_endpoint_of_the_settings() -> None:
    env = {
        "WENHENG_CHAT_URL": "http://127.0.0.1:9/v1",
        "WENHENG_CHAT_MODEL": "m",
        "WENHENG_CHAT_GRAMMAR": "vllm",
    }
    with open_chat(load(env)) as client:
        endpoint = client._locate()
    assert (endpoint.model, endpoint.grammar) == ("m", "vllm")


def test_fake_chat_follows_its_script() -> None:
    error = EndpointError("断了")
    chat = FakeChat(["签约率68.5%[1]。", error, "好"])
    assert chat.complete(QUESTION, max_tokens=5, grammar="g") == "签约率68.5%[1]。"
    assert chat.last_usage is not None and chat.calls[0] == (tuple(QUESTION), "g")
    with pytest.raises(EndpointError):
        list(chat.stream(QUESTION, max_tokens=5))
    answers: list[Callable[[], str]] = [lambda: chat.complete(QUESTION, max_tokens=5)] * 2
    assert [a() for a in answers] == ["好", "好"]
    chat.close()
