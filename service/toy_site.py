"""The whole service on a free port with toy models, for browser tests and for pictures of the pages (试用网站).

In: a data folder. Out: the real application in a process of its own; its first line of output is the address. Vectors
are hashed words; the toy model repeats the first piece of evidence that it is given, so that what it says passes the
check and every answer has a source.

    python -m service.toy_site HOME [--users] [--slow SECONDS] [--endpoints HOSTS]
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import uvicorn

from corpus.embedding import HashingEmbedder
from service.house import House
from service.http.server import application
from service.settings import load

EVIDENCE = re.compile(r"^\[1\]（([^，（）]*)(?:，(?:[^（）]|（[^（）]*）)*)?）(.+)$", re.MULTILINE)
NOTHING = "材料中没有写到。"
PIECE = 4  # characters
SLOWLY, SECONDS = "？？", 0.5  # a question that ends so is answered with such pauses


class Repeating:
    """A chat that repeats its first evidence; ``slow`` seconds between pieces, more where a question asks for it."""

    last_usage = None

    def __init__(self, slow: float = 0.0) -> None:
        self._slow = slow

    def stream(self, messages: Any, **options: Any) -> Iterator[str]:
        """The reply, a few characters at a time."""
        pause = SECONDS if SLOWLY in messages[-1][1] else self._slow
        found = EVIDENCE.search(messages[-1][1])
        text = f"{found[1]}：{found[2].rstrip('。；')}[1]。" if found else NOTHING
        for start in range(0, len(text), PIECE):
            time.sleep(pause)
            yield text[start : start + PIECE]

    def complete(self, messages: Any, **options: Any) -> str:
        """The whole reply."""
        return "".join(self.stream(messages, **options))

    def close(self) -> None:
        """Nothing to close."""


@click.command()
@click.argument("home", type=click.Path(path_type=Path))
@click.option("--users", is_flag=True, help="people sign in")
@click.option("--slow", default=0.0, help="seconds between two pieces of an answer")
@click.option("--endpoints", default="", help="hosts inside that an endpoint typed in may lead to")
def main(home: Path, users: bool, slow: float, endpoints: str) -> None:
    """Serve until the process is told to end."""
    settings = load({"WENHENG_ENDPOINTS": endpoints}, home=home)
    with House.open(settings, users=users, embedder=HashingEmbedder(), chat=Repeating(slow)) as house:
        listening = socket.create_server(("127.0.0.1", 0))
        print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        config = uvicorn.Config(application(house), log_level="warning", timeout_graceful_shutdown=2)
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
