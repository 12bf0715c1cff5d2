"""An OpenAI-compatible endpoint on the loopback that misbehaves when told to: for tests, without a model.

In: what it is to do. Out: vectors by hashing and a chat that says one text, well, slowly, in nonsense
or cut off in the middle. It stands in this process; settings that lead to it are in :meth:`env`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from corpus.embedding import HashingEmbedder

ROLES = ("CHAT", "EMBEDDING")
SLOW_SECONDS = 5.0
HELD_SECONDS = 60.0
PAUSE_SECONDS = 0.02


class ToyEndpoint:
    """What the endpoint does, and what it was asked.

    ``chat`` and ``vectors`` are "well", "slow", "nonsense"; the chat also "cut" (stops in mid-stream) and "endless" (goes
    on until the client leaves, when it sets ``left``), the vectors also "held" (passages get no answer before ``end`` is
    set).
    """

    def __init__(self) -> None:
        self.url = ""
        self.reset()

    def reset(self) -> None:
        """Well-behaved, silent, and never asked anything."""
        self.chat = self.vectors = "well"
        self.says = ""
        self.prompts: list[str] = []
        self.asked = threading.Event()  # for vectors that are held
        self.end = threading.Event()
        self.left = threading.Event()

    def env(self) -> dict[str, str]:
        """The settings that lead here."""
        given = {f"WENHENG_{role}_URL": self.url for role in ROLES}
        return given | {f"WENHENG_{role}_MODEL": "toy" for role in ROLES}


@contextmanager
def serving() -> Iterator[ToyEndpoint]:
    """The endpoint, for as long as the context lasts."""
    toy = ToyEndpoint()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(toy))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    toy.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield toy
    finally:
        toy.end.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(toy: ToyEndpoint) -> type[BaseHTTPRequestHandler]:
    embedder = HashingEmbedder(64)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            try:
                self.embed(body["input"]) if "input" in body else self.say(body)
            except OSError:
                return  # the client went away

        def start(self, kind: str) -> None:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.end_headers()

        def embed(self, texts: list[str]) -> None:
            if toy.vectors == "held" and len(texts) > 1:
                toy.asked.set()
                toy.end.wait(HELD_SECONDS)
            if toy.vectors == "slow":
                toy.end.wait(SLOW_SECONDS)
            self.start("application/json")
            rows = [{"index": i, "embedding": embedder.embed_query(t).tolist()} for i, t in enumerate(texts)]
            self.wfile.write(b"<html>" if toy.vectors == "nonsense" else json.dumps({"data": rows}).encode())

        def say(self, body: dict[str, Any]) -> None:
            toy.prompts.append(json.dumps(body, ensure_ascii=False))
            if toy.chat == "slow":
                toy.end.wait(SLOW_SECONDS)
            self.start("text/event-stream" if body.get("stream") else "application/json")
            if toy.chat == "nonsense":
                self.wfile.write(b"<html>")
                return
            if not body.get("stream"):
                whole = {"choices": [{"message": {"role": "assistant", "content": toy.says}}]}
                self.wfile.write(json.dumps(whole).encode())
                return
            self.event({"role": "assistant", "content": toy.says[:5]})
            if toy.chat == "cut":
                return
            while toy.chat == "endless" and not toy.end.wait(PAUSE_SECONDS):
                try:
                    self.event({"content": "还有"})
                except OSError:
                    toy.left.set()
                    raise
            self.event({"content": toy.says[5:]})
            self.event({}, "stop")
            self.wfile.write(b"data: [DONE]\n\n")

        def event(self, delta: dict[str, str], finish: str | None = None) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            row = json.dumps({"object": "chat.completion.chunk", "choices": [choice]})
            self.wfile.write(f"data: {row}\n\n".encode())
            self.wfile.flush()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: tests read what was asked from the endpoint."""

    return Handler
