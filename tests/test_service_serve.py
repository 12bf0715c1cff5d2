"""``wenheng serve`` as a process: its address, readiness, a clean end, what it refuses, and what a kill leaves."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from corpus.samples import SAMPLES

ROOT = Path(__file__).resolve().parents[1]


class Served:
    """A running service."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self.url = self._await(r"(http://\S+?)（")
        self.client = httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)

    def _await(self, pattern: str, seconds: float = 90.0) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(pattern, "".join(self.lines))
            if found:
                return found[1]
            assert self.process.poll() is None, "".join(self.lines)
            time.sleep(0.02)
        raise AssertionError("".join(self.lines))

    def ready(self, seconds: float = 120.0) -> None:
        end = time.monotonic() + seconds
        while self.client.get("/readyz").status_code != 200:
            assert time.monotonic() < end, self.client.get("/readyz").text
            time.sleep(0.05)

    def end(self, sign: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(sign)
        code = self.process.wait(60)
        self._thread.join(5)
        return code

    def job(self, job_id: str, seconds: float = 60.0) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while True:
            told: dict[str, Any] = self.client.get(f"/api/v1/jobs/{job_id}").json()
            if told["state"] not in ("queued", "running"):
                return told
            assert time.monotonic() < end, told
            time.sleep(0.05)


@contextmanager
def serving(home: Path, *words: str, env: dict[str, str]) -> Iterator[Served]:
    line = [sys.executable, "-m", "service.cli", "--home", str(home), "serve", "--port", "0", *words]
    process = subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, env=os.environ | env
    )
    served: Served | None = None
    try:
        served = Served(process)
        yield served
    finally:
        if served is not None:
            served.client.close()
        if process.poll() is None:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


Events = list[tuple[str, dict[str, Any]]]


def asked(served: Served, question: str, path: str = "/api/v1/ask") -> Events:
    told: Events = []
    name = ""
    with served.client.stream("POST", path, json={"question": question}) as answer:
        assert answer.status_code == 200, answer.read()
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                told.append((name, json.loads(line.removeprefix("data: "))))
    return told


def test_it_serves_alone_and_ends_cleanly_in_the_middle_of_an_answer(wenheng: Any) -> None:
    with serving(wenheng.home, env=wenheng.env) as served:
        served.ready()
        assert asked(served, wenheng.question)[-1][1]["text"] == wenheng.said
        assert "文衡" in served.client.get("/", headers={"accept": "text/html"}).text
        page = served.client.get("/api/v1/nothing")
        assert (page.status_code, page.headers["content-type"]) == (404, "application/problem+json")
        second = wenheng.apart("serve", "--port", "0")
        assert second.returncode == 3 and "正在使用" in second.stderr
        wenheng.toy.chat = "slow"
        wenheng.toy.prompts.clear()
        told: list[Events] = []
        thread = threading.Thread(target=lambda: told.append(asked(served, wenheng.question)))
        thread.start()
        end = time.monotonic() + 10
        while not wenheng.toy.prompts and time.monotonic() < end:
            time.sleep(0.02)
        assert served.end(signal.SIGINT) == 0
        thread.join(5)
    assert told[0][-1][0] == "error" and told[0][-1][1]["code"] == "stopped"
    assert any("已就绪" in line for line in served.lines), served.lines
    assert served.lines[-1] == "已停止。\n"
    assert not [line for line in served.lines if "Traceback" in line or "Warning" in line], served.lines


def test_a_taken_port_is_told_in_one_sentence(
    wenheng: Any, one_sentence: Callable[..., str], free: socket.socket
) -> None:
    port = free.getsockname()[1]
    one_sentence(wenheng("serve", "--port", str(port)), 2, "已被占用", str(port))


@pytest.fixture
def free() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])
def test_other_machines_are_not_let_in_without_users(
    wenheng: Any, one_sentence: Callable[..., str], host: str
) -> None:
    one_sentence(wenheng("serve", "--host", host), 2, "--users", host)


def test_users_need_an_administrator(wenheng: Any, one_sentence: Callable[..., str]) -> None:
    serve, password = ("serve", "--users", "--port", "0"), "青山 绿水 石桥 晚风\n"
    one_sentence(wenheng(*serve), 2, "还没有任何用户", "wenheng users add 姓名 --role 管理员")
    added = wenheng("users", "add", "读者", "--role", "reader", "--password-stdin", stdin=password)
    assert added.exit_code == 0
    one_sentence(wenheng(*serve), 2, "还没有管理员", "wenheng users role 姓名 管理员")
    assert wenheng("users", "role", "读者", "administrator").exit_code == 0
    with serving(wenheng.home, "--users", env=wenheng.env) as served:
        assert served.client.get("/api/v1/me").status_code == 401
        assert served.end() == 0


def test_neither_a_kill_nor_an_end_during_an_ingest_leaves_anything_half_done(wenheng: Any) -> None:
    def sent(served: Served, *places: str) -> str:
        files = [("files", (f"{one}.txt", wenheng.report.format(place=one).encode())) for one in places]
        return str(served.client.post("/api/v1/reports", files=files).json()["id"])

    def there(served: Served) -> set[str]:
        return {one["place"] for one in served.client.get("/api/v1/reports").json()["items"]}

    toy = wenheng.toy
    toy.vectors = "held"
    with serving(wenheng.home, env=wenheng.env) as served:
        killed = sent(served, "虚构县", "假想县")
        assert toy.asked.wait(30)
        served.process.send_signal(signal.SIGKILL)
        served.process.wait(10)
    toy.end.set()
    toy.reset()
    assert wenheng.sound()
    with serving(wenheng.home, env=wenheng.env) as served:
        told = served.job(killed)
        assert told["state"] == "done" and not told["result"]["failures"], told
        assert there(served) == {"乌有县", "虚构县", "假想县"}
        hits = served.client.get("/api/v1/search", params={"q": "签约率", "place": "虚构县"}).json()
        assert hits["items"]
        assert not (wenheng.home / "jobs" / killed).exists()
        toy.vectors = "slow"
        ended = sent(served, "子虚县", "溪口县")
        end = time.monotonic() + 30
        while (
            served.client.get(f"/api/v1/jobs/{ended}").json()["state"] == "queued" and time.monotonic() < end
        ):
            time.sleep(0.02)
        assert served.end() == 0
    toy.end.set()
    toy.reset()
    with serving(wenheng.home, env=wenheng.env) as served:
        assert served.job(ended)["state"] == "done"
        assert there(served) >= {"子虚县", "溪口县"}
        assert served.end() == 0


@pytest.mark.model
def test_with_the_real_models_from_an_empty_folder_to_a_cited_answer(tmp_path: Path) -> None:
    samples = sorted(path for path in SAMPLES.iterdir() if path.suffix == ".docx")[:1]
    with serving(tmp_path / "home", env={}) as served:
        served.ready()
        files = [("files", (path.name, path.read_bytes())) for path in samples]
        job = served.job(served.client.post("/api/v1/reports", files=files).json()["id"], 120)
        assert job["state"] == "done" and not job["result"]["failures"]
        (card,) = served.client.get("/api/v1/reports", params={"limit": 1}).json()["items"]
        told = asked(served, f"{card['place']}{card['year']}年家庭医生签约率是多少？")
        assert told[0][0] == "evidence" and told[-1][0] == "done"
        for one in told[-1][1]["evidence"]:
            span = {"start": one["start"], "end": one["end"]}
            window = served.client.get(f"/api/v1/reports/{one['report_id']}/text", params=span).json()
            assert window["text"] == one["quote"]
        children = subprocess.run(
            ["pgrep", "-P", str(served.process.pid)], capture_output=True, text=True
        ).stdout.split()
        assert children  # the model server
        assert served.end() == 0
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
