"""Clients that connect and say nothing, never end a head, or send a body in drops; on a real server."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from service.http import intake, wire
from service.http.server import _config
from service.settings import load
from tests.houses import listening


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Reads the request, waits a little, answers with its length."""
    if scope["type"] != "http":
        return
    got, more = 0, True
    while more:
        message = await receive()
        got, more = got + len(message.get("body", b"")), message.get("more_body", False)
    await asyncio.sleep(0.3)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(got).encode()})


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.2)
    config = _config(app, load({}, home=tmp_path))  # type: ignore[arg-type]
    config.lifespan, config.port = "off", 0
    with listening(config) as found:
        yield found


def said(port: int, *pieces: bytes, pause: float = 0.05) -> bytes:
    """All that the server answers to a client that then says nothing more; it must end the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        for piece in pieces:
            try:
                line.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                break
            time.sleep(pause)
        answer = b""
        try:
            while more := line.recv(65536):
                answer += more
        except ConnectionResetError:
            pass
    return answer


def test_who_says_nothing_is_put_out(port: int) -> None:
    assert said(port).startswith(b"HTTP/1.1 408")


def test_a_head_in_drops_is_put_out_however_steady_they_are(port: int) -> None:
    drops = [b"GET / HTTP/1.1\r\nHost: x\r\n", *[b"X-A: b\r\n"] * 40]
    began = time.monotonic()
    assert said(port, *drops).startswith(b"HTTP/1.1 408")
    assert time.monotonic() - began < 5


def test_a_head_without_end_is_put_out(port: int) -> None:
    assert said(port, b"GET / HTTP/1.1\r\nX-A: ", *[b"a" * 30_000] * 4, pause=0).startswith(b"HTTP/1.1 431")
    many = b"".join(b"X-%d: a\r\n" % number for number in range(9000))
    assert said(port, b"GET / HTTP/1.1\r\n" + many, pause=0).startswith(b"HTTP/1.1 431")


def test_a_later_request_of_a_connection_is_waited_for_no_longer(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 200")
        line.sendall(b"GET / HT")
        seen = b""
        while more := line.recv(65536):
            seen += more
        assert b"HTTP/1.1 408" in seen


def test_who_waits_for_an_answer_or_sends_much_is_left_alone(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        assert client.get("/").status_code == 200  # the answer takes longer than a head may
        assert client.post("/", content=b"x" * 1_000_000).text == "1000000"
        assert client.get("/", headers={"X-A": "a" * 60_000}).status_code == 200


def test_a_body_in_drops_is_put_out(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10_000, 20))
    monkeypatch.setattr(intake, "time", SimpleNamespace(monotonic=lambda: 1.0 + next(clock)))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"x" * size, "more_body": True}

    async def read() -> int:
        taken, body = 0, intake.Intake(receive, Headers({"content-type": "multipart/form-data"}))
        for _ in range(20):
            await body()
            taken += size
        return taken

    size = 100  # every 20 seconds
    with pytest.raises(HTTPException, match="408"):
        asyncio.run(read())
    size = 40_000
    assert asyncio.run(read()) == 800_000
