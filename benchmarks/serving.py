"""The service on loopback with the embedded models: start, overhead of HTTP, idle memory, many users at once.

In: the fictional samples, taken in once. Out: seconds from the start to ready; milliseconds that HTTP adds to a desk's
search; memory of the process and its model server when nobody asks; then, for so many seconds, 20 users who search and
4 who ask, with the 95th percentile of search, errors, answers that belong to another question, and how memory moved;
seconds until the model stops for somebody who leaves in the middle of an answer.
Nothing here is a test: machines differ.

    python -m benchmarks.serving [--seconds N] [--searching N] [--asking N]
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
import httpx
import psutil

from corpus.samples import SAMPLES
from service.demo import sample_files
from service.desk import Desk
from service.settings import load

WANTED = (
    "start 15 s, overhead 10 ms, idle 3 GB, search p95 300 ms, no error, no mixed answer, memory within 10 %,"
    " the model stops within 1 s"
)
QUERIES = (
    "家庭医生签约率",
    "村卫生室建设",
    "存在的问题",
    "下一步打算",
    "老年人体检",
    "急救站",
    "药师不足",
    "投入资金",
)
ROUNDS = 200
DIFFERENT = 12  # questions
LEAVERS = 5


@dataclass
class Load:
    """What the users met."""

    search: list[float] = field(default_factory=list)
    ask: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    mixed: int = 0


@contextmanager
def served(home: Path) -> Iterator[tuple[str, float, psutil.Process]]:
    """A service: its address, seconds to ready, its process."""
    line = [sys.executable, "-m", "service.cli", "--home", str(home), "serve", "--port", "0"]
    began = time.perf_counter()
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            found = None
            while found is None:
                said = process.stdout.readline()
                if not said:
                    raise click.ClickException("the service did not start")
                found = re.search(r"http://[^（]+", said)
            address = found[0]
            while httpx.get(f"{address}/readyz", trust_env=False).status_code != 200:
                time.sleep(0.02)
            yield address, time.perf_counter() - began, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.communicate(timeout=60)


def memory(process: psutil.Process) -> float:
    """Megabytes of a process and its children, shared pages counted once."""
    return sum(one.memory_full_info().pss for one in (process, *process.children(recursive=True))) / 2**20


def overhead(address: str, home: Path) -> tuple[float, float]:
    """Median milliseconds of a search by the desk, and of the same over HTTP."""

    def median(call: object) -> float:
        assert callable(call)
        taken = []
        for n in range(ROUNDS):
            began = time.perf_counter()
            call(QUERIES[n % len(QUERIES)])
            taken.append(time.perf_counter() - began)
        return statistics.median(taken[len(QUERIES) * 2 :]) * 1000

    with httpx.Client(base_url=address, trust_env=False) as client:
        over = median(lambda query: client.get("/api/v1/search", params={"q": query}).raise_for_status())
    with Desk(load(home=home)) as desk:
        known = {query: desk.embedder.embed_query(query) for query in QUERIES}  # the service keeps them too
        desk.embedder.embed_query = known.__getitem__  # type: ignore[method-assign,assignment]
        alone = median(lambda query: (desk.search(query), desk.card_table()))
    return alone, over


def search(client: httpx.Client, number: int, load_: Load) -> None:
    """One search."""
    query = QUERIES[number % len(QUERIES)]
    began = time.perf_counter()
    answer = client.get("/api/v1/search", params={"q": query, "limit": 5})
    load_.search.append(time.perf_counter() - began)
    if answer.status_code != 200 or not answer.json()["items"]:
        load_.errors.append(f"search {answer.status_code}")


def ask(client: httpx.Client, number: int, load_: Load, asked: Sequence[str]) -> None:
    """One question, read to its end."""
    question = asked[number % len(asked)]
    began = time.perf_counter()
    last = {}
    with client.stream("POST", "/api/v1/ask", json={"question": question}) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                last = json.loads(line.removeprefix("data: "))
    load_.ask.append(time.perf_counter() - began)
    if last.get("status") not in ("answered", "partial", "refused"):
        load_.errors.append(f"ask {answer.status_code} {last.get('code', '')}")
    load_.mixed += last.get("question") != question


def phrased(address: str) -> tuple[str, ...]:
    """The questions about the samples whose answers the model writes; code alone answers the others."""
    truth = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
    found = []
    with httpx.Client(base_url=address, timeout=600, trust_env=False) as client:
        for row in truth["questions"]:
            told = client.post("/api/v1/ask", json={"question": row["question"], "stream": False}).json()
            if told.get("signature"):
                found.append(row["question"])
            if len(found) == DIFFERENT:
                break
    return tuple(found)


def left(address: str, process: psutil.Process, question: str) -> tuple[float, float]:
    """Somebody leaves when the first words are there: seconds until no call of the model runs, and seconds of processor
    time that the service and its model server spend in the second after that.
    """
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        with client.stream("POST", "/api/v1/ask", json={"question": question}) as answer:
            next(line for line in answer.iter_lines() if line == "event: delta")
        began = time.perf_counter()
        while 'wenheng_queue{state="running"} 0.0' not in client.get("/metrics").text:
            time.sleep(0.01)
        taken = time.perf_counter() - began
    before = _worked(process)
    time.sleep(1)
    return taken, _worked(process) - before


def _worked(process: psutil.Process) -> float:
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def users(address: str, seconds: float, searching: int, asking: int, asked: Sequence[str], met: Load) -> None:
    """So many users at once, each one request after the other."""
    end = time.perf_counter() + seconds

    def run(number: int) -> None:
        searches, count = number < searching, number
        with httpx.Client(base_url=address, timeout=600, trust_env=False) as client:
            while time.perf_counter() < end:
                try:
                    if searches:
                        search(client, count, met)
                    else:
                        ask(client, count, met, asked)
                except httpx.HTTPError as error:
                    met.errors.append(type(error).__name__)
                count += 1
                time.sleep(0.5 if searches else 0.0)  # people look at what was found

    threads = [threading.Thread(target=run, args=(n,)) for n in range(searching + asking)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@click.command()
@click.option("--seconds", default=120.0, help="how long the users stay")
@click.option("--searching", default=20, help="users who search")
@click.option("--asking", default=4, help="users who ask")
def main(seconds: float, searching: int, asking: int) -> None:
    """Print what it costs."""
    print(f"wanted: {WANTED}")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with Desk(load(home=home)) as desk:
            desk.ingest(sample_files())
        with served(home) as (address, start, process):
            time.sleep(2)
            idle = memory(process)
            print(f"start to ready {start:.1f} s, idle memory {idle:.0f} MB", flush=True)
            alone, over = overhead(address, home)
            print(
                f"search: desk {alone:.1f} ms, over HTTP {over:.1f} ms, overhead {over - alone:.1f} ms",
                flush=True,
            )
            asked = phrased(address)
            gone = [left(address, process, question) for question in asked[:LEAVERS]]
            if gone:
                print(
                    f"{len(gone)} left an answer: the model was free after at most {max(gone)[0]:.2f} s;"
                    f" processor time in the second after it at most {max(spent for _, spent in gone):.2f} s",
                    flush=True,
                )
            users(address, min(20.0, seconds), searching, asking, asked, Load())  # caches fill first
            before, met = memory(process), Load()
            users(address, seconds, searching, asking, asked, met)
            after = memory(process)
            p95 = statistics.quantiles(met.search, n=20)[-1] * 1000 if len(met.search) > 1 else 0.0
            middle = statistics.median(met.ask) if met.ask else 0.0
            print(
                f"{searching} searching, {asking} asking for {seconds:.0f} s: {len(met.search)} searches,"
                f" p95 {p95:.0f} ms; {len(met.ask)} answers, median {middle:.1f} s; {len(met.errors)} errors"
                f" {sorted(set(met.errors))[:5]}, {met.mixed} mixed; memory {before:.0f} → {after:.0f} MB"
                f" ({(after / before - 1) * 100:+.1f} %)"
            )


if __name__ == "__main__":
    main()
