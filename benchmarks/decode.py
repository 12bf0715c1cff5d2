"""Tokens a second of the embedded language model, with and without n-gram speculation, on what the product asks of it.

The requests are the product's own, recorded while it summarises the shipped samples and answers questions about them:
prompt, grammar and length as they are sent. Two servers that differ in nothing but speculation get each request in
turns. Counted are the requests whose two texts are equal; the speed of a group is all its tokens by all its seconds.
All of it once with the kernels that were compiled for this machine and once with those of the wheel, for they decide
what a right guess costs.

    python -m benchmarks.decode [--each N]
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import httpx

from corpus.errors import EngineFailed
from corpus.ledger import rows
from corpus.report import Filter
from eval.cases import load as load_cases
from service.demo import sample_files
from service.desk import Desk
from service.models.engine import installed
from service.models.server import LocalServer, ServerOptions
from service.models.store import chat_model
from service.settings import Settings, load
from service.summary.summary import Length, parts

WANTED = 1.4
CASES = Path(__file__).resolve().parents[1] / "eval" / "cases" / "samples-answers.jsonl"


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to the server."""

    messages: list[tuple[str, str]]
    max_tokens: int
    grammar: str | None

    @property
    def body(self) -> dict[str, object]:
        """As the server's own protocol wants it: LangChain drops the timings."""
        sent: dict[str, object] = {
            "messages": [{"role": role, "content": text} for role, text in self.messages],
            "temperature": 0,
            "max_tokens": self.max_tokens,
        }
        return sent | ({"grammar": self.grammar} if self.grammar else {})


class Recorder:
    """A chat that notes what it is asked and then is away, so that the product goes on without it."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def stream(
        self, messages: list[tuple[str, str]], *, max_tokens: int, grammar: str | None = None
    ) -> Iterator[str]:
        """Note the request."""
        self.requests.append(Request(list(messages), max_tokens, grammar))
        raise EngineFailed("只作记录")


@dataclass(slots=True)
class Speed:
    """Tokens and seconds of one server over a group of requests."""

    tokens: int = 0
    decode: float = 0.0
    read: int = 0
    prefill: float = 0.0

    def add(self, timings: dict[str, float]) -> None:
        """One reply's timings, in llama.cpp's names."""
        self.tokens += int(timings["predicted_n"])
        self.decode += timings["predicted_ms"] / 1000
        self.read += int(timings["prompt_n"])
        self.prefill += timings["prompt_ms"] / 1000

    def join(self, other: Speed) -> None:
        """Those of another group, too."""
        self.tokens += other.tokens
        self.decode += other.decode
        self.read += other.read
        self.prefill += other.prefill


def recorded(settings: Settings, each: int) -> dict[str, list[Request]]:
    """The product's requests over the samples: ``each`` summaries and ``each`` answers."""
    summaries, answers = Recorder(), Recorder()
    with Desk(settings, chat=summaries) as desk:
        desk.ingest(sample_files())
        for card in desk.cards():
            found = rows(desk.library, Filter(report_ids=(card.id,)))
            list(parts(desk.report(card.id), card, found, lambda: summaries, Length.SHORT))
            if len(summaries.requests) >= each:
                break
    with Desk(settings, chat=answers) as desk:
        for case in load_cases(CASES):
            desk.ask(case.question, case.earlier)
            if len(answers.requests) >= each:
                break
    return {"summaries": summaries.requests, "answers": answers.requests}


def send(server: LocalServer, request: Request) -> tuple[str, dict[str, float]]:
    """One completion and its timings."""
    with httpx.Client(trust_env=False, timeout=600) as client:
        headers = {"Authorization": f"Bearer {server.key}"}
        url = server.ensure_running() + "/chat/completions"
        reply = client.post(url, json=request.body, headers=headers).raise_for_status().json()
    return reply["choices"][0]["message"]["content"], reply["timings"]


def compare(fast: LocalServer, plain: LocalServer, requests: Sequence[Request]) -> tuple[Speed, Speed, int]:
    """Both servers over the same requests in turns, and how many texts were equal."""
    speeds, equal = (Speed(), Speed()), 0
    for number, request in enumerate(requests):
        order = (fast, plain) if number % 2 else (plain, fast)
        replies = {server.key: send(server, request) for server in order}
        (text, with_it), (other, without) = replies[fast.key], replies[plain.key]
        if text == other:
            equal += 1
            speeds[0].add(with_it)
            speeds[1].add(without)
    return *speeds, equal


@click.command(help="语言模型每秒生成多少词元，有与没有 n-gram 推测。")
@click.option("--each", default=12, show_default=True, help="摘要和问答各取几个请求")
def main(each: int) -> None:
    """Command line."""
    found = installed()
    print(f"language model, {os.cpu_count()} cores")
    settings = load()
    path = chat_model("pypi", settings.models_dir)
    options = ServerOptions(str(path), settings.threads, settings.context, speculation=True)
    kinds = {found.variant: options.kernels} if found.variant else {}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        groups = recorded(dataclasses.replace(settings, home=home / "home"), each)
        for kind, kernels in (kinds | {"": ""}).items():
            print(f" kernels: {kind or 'of the wheel'}")
            measure(dataclasses.replace(options, kernels=kernels), groups, home)


def measure(options: ServerOptions, groups: dict[str, list[Request]], home: Path) -> None:
    """Print the figures of one set of kernels."""
    plain_options = dataclasses.replace(options, speculation=False)
    total = Speed(), Speed()
    with LocalServer(options, home / "a") as fast, LocalServer(plain_options, home / "b") as plain:
        for server in (fast, plain):
            send(server, groups["answers"][0])
        for group, requests in groups.items():
            *speeds, equal = compare(fast, plain, requests)
            print(f"  {group}: {len(requests)} requests, {equal} texts equal")
            show(*speeds)
            for whole, speed in zip(total, speeds, strict=True):
                whole.join(speed)
    print("  all")
    show(*total)


def show(with_it: Speed, without: Speed) -> None:
    """Print two speeds and their ratio."""
    ratio = (with_it.tokens / with_it.decode) / (without.tokens / without.decode)
    print(f"    prefill               {without.read / without.prefill:8.1f} tokens/s")
    print(f"    decode, plain         {without.tokens / without.decode:8.1f} tokens/s")
    print(f"    decode, speculative   {with_it.tokens / with_it.decode:8.1f} tokens/s")
    print(f"    ratio                 {ratio:8.2f} over {with_it.tokens} tokens (wanted: {WANTED})")


if __name__ == "__main__":
    main()
