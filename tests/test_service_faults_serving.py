"""What befalls a service while it works: kill -9 in the middle of uploads, ingests, drafts and backups, a full disk, a
clock that jumps, a model server that dies. After the next start nothing is half done, and the user was told.

The service runs in a process of its own, its models are a toy endpoint; one test runs the real model. Where each fault of
the service's list has its test (attacks are in test_service_attacks):

    model server killed         here: the_model_server_dies; models_server: dead_server_is_restarted, dies_in_mid_stream,
                                gives_up; faults_models: a_chat_endpoint_that_fails; http_ask: a_model_that_fails_is_told
    killed: upload, ingest      here; serve: neither_a_kill_nor_an_end_during_an_ingest; corpus_ingest: killed_at_any_moment
    killed: draft, backup       here; work_jobs: goes_on_after_a_kill, ends_as_interrupted, is_given_up; keeping_backup
    disk full                   here, under the running service too; corpus_ingest, corpus_index, corpus_drafts: a_full_disk
    index corrupt               keeping_doctor: a_corrupt_index, an_index_that_ends_the_process; corpus_index: a_damaged
                                _index_is_made_again, a_graph_damaged_after_opening; faults: a_lost_index_is_made_again
    database corrupt            here: a_damaged_library_is_restored; accounts_people: a_damaged_file_is_told; keeping
                                _backup: a_damaged_library_is_not_backed_up
    clock jumps                 here; keeping_retention: a_clock_that_jumped_deletes_nothing; accounts_tokens
    1,000 conversations         here; http_ask: listed_page_by_page
    client leaves, cancels      here; http_ask: leaves_stops_the_model, whoever_waits, takes_nothing; work_turns
    stream resumes              http_drafts: a_job_writes_it_and_its_events_tell_how; ui_parts: a_stream_is_stopped
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from corpus.embedding import HashingEmbedder
from corpus.library import Library
from service.accounts.caller import LOCAL, MAIN
from service.answer import Delta, Done, Restart
from service.draft.input_files import write_input
from service.draft.prefill_sources import Prefilled
from service.draft.toy_draft import toy_input
from service.house import House
from service.http.app import create_app, protect
from service.keeping.backup import back_up
from service.models.chat import ChatClient, FakeChat
from service.settings import load
from service.work.job import Progress

if TYPE_CHECKING:
    from conftest import Wenheng

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 60.0
Told = Callable[..., str]


@dataclass
class Service:
    """A running ``wenheng serve``."""

    process: subprocess.Popen[str]
    client: httpx.Client

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.communicate()

    def upload(self, *files: tuple[str, str]) -> httpx.Response:
        """Files by name and text."""
        return self.client.post(
            "/api/v1/reports", files=[("files", (name, text.encode(), "text/plain")) for name, text in files]
        )

    def job(self, job_id: str) -> dict[str, Any]:
        """A job when it has ended."""
        deadline = time.monotonic() + SECONDS
        while True:
            row: dict[str, Any] = self.client.get(f"/api/v1/jobs/{job_id}").json()
            if row["state"] not in ("queued", "running"):
                return row
            assert time.monotonic() < deadline, row
            time.sleep(0.05)

    def places(self) -> list[str]:
        """Places of the reports."""
        return [row["place"] for row in self.client.get("/api/v1/reports").json()["items"]]


@contextmanager
def serving(line: Wenheng, **options: Any) -> Iterator[Service]:
    """The service on the line's data folder, when it is ready."""
    with line.launch("serve", "--port", "0", **options) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            match = re.search(r"http://\S+?:\d+", said)
            assert match, (said, process.stderr.read() if process.stderr else "")
            with httpx.Client(base_url=match[0], timeout=SECONDS, trust_env=False) as client:
                deadline = time.monotonic() + SECONDS
                while client.get("/readyz").status_code != 200:
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
                yield Service(process, client)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# -- kill -9 ----------------------------------------------------------------------------------------


def test_killed_during_upload_and_ingest(wenheng: Wenheng) -> None:
    """What had not come in whole never was; what had is taken in by the next start."""
    line, toy = wenheng, wenheng.toy
    with serving(line) as service:
        parts = urlsplit(str(service.client.base_url))
        head = (
            f"POST /api/v1/reports HTTP/1.1\r\nHost: {parts.hostname}:{parts.port}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 90000\r\n\r\n"
            '--b\r\nContent-Disposition: form-data; name="files"; filename="半.txt"\r\n\r\n半份报告'
        )
        with socket.create_connection((parts.hostname, parts.port)) as sender:  # type: ignore[arg-type]
            sender.sendall(head.encode() + b"x" * 40000)
            eventually(lambda: list((line.home / "jobs").glob("*/inputs/*")))
            toy.vectors = "held"
            report = line.report.format(place="子虚县")
            answer = service.upload(
                ("子虚县.txt", report), ("栗坪县.txt", line.report.format(place="栗坪县"))
            )
            assert answer.status_code == 202
            assert toy.asked.wait(SECONDS)  # the reports are kept, their vectors are being made
            service.kill()
    toy.vectors = "well"
    assert line.sound()
    with serving(line) as service:
        done = service.job(answer.json()["id"])
        assert done["state"] == "done" and not done["result"]["failures"], done
        assert sorted(service.places()) == sorted(["乌有县", "子虚县", "栗坪县"])
        (only,) = service.client.get("/api/v1/jobs").json()["items"]
        assert only["id"] == done["id"]
        assert [path.name for path in (line.home / "jobs").iterdir()] in ([], [done["id"]])
        found = service.client.get("/api/v1/search", params={"q": "子虚县 村卫生室"}).json()
        assert found["items"]
        with Library.open(line.home) as library:
            kept = {path.name for path in (line.home / "originals").glob("*/*")}
            assert kept == {row["sha256"] for row in library.database.rows("SELECT sha256 FROM files")}


def test_killed_while_it_drafts(wenheng: Wenheng, tmp_path: Path) -> None:
    """The draft is taken up where it stopped."""
    line, toy = wenheng, wenheng.toy
    source = tmp_path / "输入.yaml"
    write_input(Prefilled(toy_input()), source)
    toy.says = "答非所问。"  # no source bears it out: the program puts the sentences together itself
    with serving(line) as service:
        with source.open("rb") as file:
            begun = service.client.post("/api/v1/drafts/file", files={"file": ("输入.yaml", file)})
        assert begun.status_code == 201, begun.text
        draft = begun.json()["draft"]
        toy.chat, toy.prompts = "slow", []
        job = service.client.post(f"/api/v1/drafts/{draft}/write", json={})
        assert job.status_code == 202, job.text
        eventually(lambda: toy.prompts)
        service.kill()
    assert line.sound()
    toy.chat = "well"
    toy.end.set()
    with serving(line) as service:
        done = service.job(job.json()["id"])
        assert done["state"] == "done", done
        (row,) = service.client.get("/api/v1/drafts").json()["items"]
        assert row["draft"] == draft


def test_killed_while_it_backs_up(wenheng: Wenheng, tmp_path: Path) -> None:
    """By the command line: the old file stays, the next run clears what was left. By the service: the job says so."""
    line = wenheng
    for number in range(60):
        (line.home / "feedback").mkdir(exist_ok=True)
        (line.home / "feedback" / f"{number}.bin").write_bytes(os.urandom(200_000))
    target = tmp_path / "out" / "b.zip"
    target.parent.mkdir()
    target.write_bytes(b"the backup of yesterday")
    with line.launch("backup", "--force", target) as process:
        eventually(lambda: any(path.stat().st_size > 1 << 20 for path in target.parent.glob(".b.zip.*")))
        process.kill()
        process.communicate()
    assert target.read_bytes() == b"the backup of yesterday" and len(list(target.parent.iterdir())) > 1
    with serving(line) as service:
        job = service.client.post("/api/v1/backups").json()["id"]
        eventually(lambda: list((line.home / "jobs" / job).glob("*partial")))
        service.kill()
    with serving(line) as service:
        ended = service.job(job)
        assert ended["state"] == "interrupted" and ended["error"]["remedy"]
        again = service.job(service.client.post("/api/v1/backups").json()["id"])
        assert again["state"] == "done", again
        made = service.client.get(f"/api/v1/jobs/{again['id']}/files/{again['result']['files'][0]}").content
    assert line("backup", "--force", target).exit_code == 0
    assert list(target.parent.iterdir()) == [target]
    names = json.loads(line("restore", "--dry-run", "--json", target).stdout)["members"]
    assert not [name for name in names if "partial" in name or "文衡备份" in name]
    (tmp_path / "made.zip").write_bytes(made)
    assert line("restore", tmp_path / "made.zip", home=tmp_path / "fresh").exit_code == 0
    assert len(list((tmp_path / "fresh" / "feedback").iterdir())) == 60


# -- who leaves -------------------------------------------------------------------------------------


def test_the_model_stops_for_whoever_leaves_or_cancels(wenheng: Wenheng, tmp_path: Path) -> None:
    """Within a second, and a busy machine's breath; then the next one is served."""
    line, toy = wenheng, wenheng.toy
    source = tmp_path / "输入.yaml"
    write_input(Prefilled(toy_input()), source)
    toy.chat = "endless"
    with serving(line) as service:
        with service.client.stream("POST", "/api/v1/ask", json={"question": line.question}) as answer:
            assert any(row == "event: delta" for row in answer.iter_lines())
        assert toy.left.wait(1.5)
        toy.left.clear()
        with source.open("rb") as file:
            begun = service.client.post("/api/v1/drafts/file", files={"file": ("输入.yaml", file)})
        draft = begun.json()["draft"]
        toy.prompts.clear()
        job = service.client.post(f"/api/v1/drafts/{draft}/write", json={}).json()["id"]
        with service.client.stream("GET", f"/api/v1/drafts/{draft}/events") as told:
            assert any(
                row == "event: text" for row in told.iter_lines()
            )  # a watcher who leaves stops nothing
        assert not toy.left.wait(0.3)
        assert service.client.delete(f"/api/v1/jobs/{job}").status_code == 200
        assert toy.left.wait(1.5)
        assert service.job(job)["state"] == "cancelled"
        toy.chat = "well"
        answer = service.client.post("/api/v1/ask", json={"question": line.question, "stream": False})
        assert answer.json()["text"] == line.said


# -- the disk ---------------------------------------------------------------------------------------


def test_a_damaged_library_is_restored(wenheng: Wenheng, tmp_path: Path, one_sentence: Told) -> None:
    file = back_up(wenheng.home, tmp_path / "b.zip").path
    for path in wenheng.home.glob("library.db*"):
        path.write_bytes(os.urandom(9000))
    one_sentence(wenheng("reports"), 3, "资料库文件已损坏")
    one_sentence(wenheng("backup", tmp_path / "c.zip"), 3, "资料库文件已损坏")
    assert wenheng("restore", file).exit_code == 0
    assert wenheng.said in wenheng("ask", wenheng.question).stdout


def test_a_full_disk_while_it_backs_up_and_restores(wenheng: Wenheng, tmp_path: Path) -> None:
    """A real one of 300 KiB, where this user may make it."""
    (tmp_path / "disk").mkdir()
    (wenheng.home / "feedback").mkdir()
    (wenheng.home / "feedback" / "cases.bin").write_bytes(os.urandom(600_000))
    file = back_up(wenheng.home, tmp_path / "b.zip").path
    script = f"mount -t tmpfs -o size=300k tmpfs '{tmp_path}/disk' || exit 77\n"
    if subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    run = f"'{sys.executable}' -m service.cli --home"
    script += (
        f"{run} '{wenheng.home}' backup '{tmp_path}/disk/b.zip'; echo code $?; ls -A '{tmp_path}/disk'\n"
        f"{run} '{tmp_path}/disk/home' restore '{file}'; echo code $?; ls -A '{tmp_path}/disk/home'\n"
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script],
        cwd=ROOT,
        env=os.environ | wenheng.env,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["code", "3", "code", "3", "lock", "lock.owner", "service.lock"], done
    errors = [line for line in done.stderr.splitlines() if line.startswith("错误")]
    assert len(errors) == 2 and all("磁盘空间不足" in line and "请" in line for line in errors)


def test_a_full_disk_under_the_running_service(wenheng: Wenheng, tmp_path: Path) -> None:
    """Questions are answered, what cannot be kept is told as such, and with space again all goes on."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f"mount -t tmpfs -o size=60m tmpfs '{disk}' || exit 77\n"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")

    def launch(*words: str, **options: Any) -> subprocess.Popen[str]:
        run = f"cp -r '{wenheng.home}' '{disk}/home' && exec '{sys.executable}' -m service.cli --home '{disk}/home' "
        line = ["unshare", "-rm", "sh", "-c", mount + run + " ".join(words)]
        env = os.environ | wenheng.env
        out, err = subprocess.PIPE, subprocess.PIPE
        return subprocess.Popen(line, cwd=ROOT, env=env, text=True, stdout=out, stderr=err)

    with serving(SimpleNamespace(launch=launch)) as service:  # type: ignore[arg-type]
        seen = Path(f"/proc/{service.process.pid}/root{disk}")
        report = wenheng.report.format(place="子虚县")
        with (seen / "filler").open("wb") as filler, contextlib.suppress(OSError):
            while True:
                filler.write(bytes(1 << 16))
                filler.flush()
        answer = service.upload(("子虚县.txt", report * 200))
        told = answer.json() if answer.status_code != 202 else service.job(answer.json()["id"])["error"]
        assert told["code"] == "storage_full" and "磁盘空间不足" in told["detail"] and told["remedy"], told
        assert answer.status_code in (202, 507)
        asked = {"question": wenheng.question, "stream": False}
        assert service.client.post("/api/v1/ask", json=asked).status_code in (200, 507)
        assert service.client.get("/readyz").status_code == 200
        (seen / "filler").unlink()
        answer = service.upload(("子虚县.txt", report))
        assert service.job(answer.json()["id"])["state"] == "done"
        assert sorted(service.places()) == sorted(["乌有县", "子虚县"])
        assert service.client.post("/api/v1/ask", json=asked).json()["text"] == wenheng.said


# -- the clock --------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", ["2001-01-01T00:00:00+00:00", "2060-01-01T00:00:00+00:00"])
def test_jobs_in_a_house_whose_clock_jumps(
    wenheng: Wenheng, monkeypatch: pytest.MonkeyPatch, jump: str
) -> None:
    settings = load({}, home=wenheng.home)

    def run(
        desk: Any, payload: dict[str, Any], progress: Callable[[Progress], None], stop: Any
    ) -> dict[str, Any]:
        progress(Progress(1, 1, payload["name"]))
        return {"name": payload["name"]}

    with House.open(settings, embedder=HashingEmbedder(64), chat=FakeChat(["好。"])) as house:
        house.jobs.register("toy", run)
        first = house.jobs.submit(LOCAL, MAIN, "toy", {"name": "a"}, key="one")
        assert house.jobs.wait(first.id, 10)
        for module in [name for name in sys.modules if name.startswith(("service.", "corpus."))]:
            if getattr(sys.modules[module], "now", None) is not None:
                monkeypatch.setattr(f"{module}.now", lambda: jump)
        second = house.jobs.submit(LOCAL, MAIN, "toy", {"name": "b"})
        assert house.jobs.wait(second.id, 10)
        assert [job.id for job in house.jobs.list(LOCAL)] == [second.id, first.id]
        assert all(job.state == "done" for job in house.jobs.list(LOCAL))
        assert house.jobs.submit(LOCAL, MAIN, "toy", {"name": "a"}, key="one").id == first.id
        chat = house.desk(LOCAL).session()
        for event in house.desk(LOCAL).stream(wenheng.question):
            if isinstance(event, Done):
                chat.add(wenheng.question, event.answer)
        assert house.desk(LOCAL).session(chat.id).turns


def test_sign_ins_in_a_house_whose_clock_jumps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Back: they last. Far ahead: they end, and a new one can be made. Back again: that one lasts."""
    clock = [1_800_000_000.0]
    with House.open(
        load({}, home=tmp_path), users=True, embedder=HashingEmbedder(), chat=FakeChat([""])
    ) as house:
        sessions = house.accounts.sessions
        monkeypatch.setattr(sessions, "_clock", lambda: clock[0])
        person = house.accounts.people.add("某人", "一个足够长的口令 2030")
        token, _ = sessions.start(person.id)
        clock[0] -= 86400 * 400
        assert sessions.caller(token)
        clock[0] += 86400 * 4000
        assert sessions.caller(token) is None
        later, _ = sessions.start(person.id)
        assert sessions.caller(later)
        clock[0] -= 86400 * 3600
        assert sessions.caller(later)


# -- much of it -------------------------------------------------------------------------------------


def test_a_thousand_conversations(wenheng: Wenheng) -> None:
    with Library.open(wenheng.home) as library:
        ids = {library.chats.start(f"第{number}个问题") for number in range(1000)}
    with House.open(
        load({}, home=wenheng.home), embedder=HashingEmbedder(64), chat=FakeChat(["没有模型。"])
    ) as house:
        client = TestClient(protect(create_app(house)), base_url="http://127.0.0.1")
        seen: list[str] = []
        query = {"limit": "200"}
        while query:
            page = client.get("/api/v1/conversations", params=query).json()
            seen += [row["id"] for row in page["items"]]
            query = {"limit": "200", "cursor": page["next"]} if page["next"] else {}
        assert len(seen) == 1000 and set(seen) == ids
        where = f"/api/v1/conversations/{seen[999]}"
        asked = client.post(f"{where}/ask", json={"question": wenheng.question, "stream": False})
        assert asked.status_code == 200, asked.text
        assert client.get(where).json()["turns"] == 1


# -- the model --------------------------------------------------------------------------------------


@pytest.mark.model
def test_the_model_server_dies_during_an_answer(wenheng: Wenheng) -> None:
    """The user is told and gets the report's own words; the next question works."""
    import signal

    settings = load({}, home=wenheng.home)
    question = "乌有县2021年家庭医生签约服务是怎么做的？"
    with House.open(settings) as house:
        eventually(lambda: house.ready().ready)
        client: Any = house.models.chat()
        while not isinstance(client, ChatClient):  # behind what lends it and what can stop it
            client = client._chat
        assert isinstance(client, ChatClient) and client._server is not None
        events, killed = [], 0
        for event in house.desk(LOCAL).stream(question):
            events.append(event)
            if isinstance(event, Delta) and not killed:
                assert client._server.pid
                killed = client._server.pid
                os.kill(killed, signal.SIGKILL)
        assert killed, "the model was not asked"
        told = [event for event in events if isinstance(event, Restart) and event.fault]
        assert told and "模型" in told[0].why
        assert isinstance(events[-1], Done)
        answer = events[-1].answer
        assert answer.sentences and all(sentence.citations for sentence in answer.sentences)
        assert "语言模型没有作答" in answer.reason
        again = list(house.desk(LOCAL).stream(question))
        assert any(isinstance(event, Delta) for event in again) and isinstance(again[-1], Done)
        assert client._server.pid not in (None, killed)
