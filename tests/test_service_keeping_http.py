"""What administrators get over HTTP: numbers and backups; nobody else does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from corpus.embedding import HashingEmbedder
from service.accounts.caller import MAIN, METRICS, Role
from service.house import House
from service.http import guard
from service.http.app import create_app, protect
from service.keeping import logs, restoring
from service.models.chat import FakeChat
from service.settings import load

if TYPE_CHECKING:
    from conftest import Wenheng

HERE = "http://127.0.0.1:8000"


@pytest.fixture
def house(wenheng: Wenheng) -> Iterator[House]:
    with House.open(
        load({}, home=wenheng.home), users=True, embedder=HashingEmbedder(64), chat=FakeChat(["好。"])
    ) as opened:
        yield opened


@pytest.fixture
def come(house: House) -> Iterator[Callable[..., TestClient]]:
    """come(role everywhere, role in the first collection): a client with a key of such a person."""
    app = protect(create_app(house))
    anonymous = TestClient(app, base_url=HERE)

    def make(everywhere: Role | None = None, here: Role | None = None, *, known: bool = True) -> TestClient:
        if not known:
            return anonymous
        person = house.accounts.people.add(
            f"某人{everywhere or 0}{here or 0}", "一个足够长的口令 2030", everywhere
        )
        house.accounts.people.grant(person.id, MAIN, here)
        key, _ = house.accounts.keys.make(person.id, "测试", role=Role.ADMINISTRATOR)
        return TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {key}"})

    yield make


@pytest.mark.parametrize(
    ("everywhere", "here", "known", "status"),
    [
        (None, None, False, 401),
        (Role.READER, None, True, 403),
        (Role.WRITER, None, True, 403),
        (None, Role.ADMINISTRATOR, True, 403),  # of one collection: a backup holds all of them
        (Role.ADMINISTRATOR, None, True, 200),
    ],
)
def test_for_administrators_of_the_house_only(
    come: Callable[..., TestClient],
    house: House,
    everywhere: Role | None,
    here: Role | None,
    known: bool,
    status: int,
) -> None:
    client = come(everywhere, here, known=known)
    assert client.get("/metrics").status_code == status
    answer = client.post("/api/v1/backups")
    assert answer.status_code == (202 if status == 200 else status), answer.text
    if status == 200:
        assert house.jobs.wait(answer.json()["id"], 30)
    assert len(list((house.settings.home / "jobs").glob("*/*.zip"))) == (status == 200)


def test_a_key_for_the_numbers_opens_nothing_else(house: House) -> None:
    books = house.accounts
    boss = books.people.add("主管", "一个足够长的口令 2030", Role.ADMINISTRATOR)
    helper = books.people.add("帮手", "一个足够长的口令 2030", Role.ADMINISTRATOR)
    key, made = books.keys.make(boss.id, "监控", Role.ADMINISTRATOR, only=METRICS)
    app = protect(create_app(house))
    client = TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {key}"})
    assert made.only == METRICS and "wenheng_ready" in client.get("/metrics").text
    document = app.openapi()["paths"]
    doors = [(method, path) for path, methods in document.items() for method in methods if path != "/metrics"]
    doors += [("get", one) for one in ("/", "/api/v1/openapi.json", "/mcp", "/metrics/", "//metrics")]
    assert len(doors) > 60
    for method, path in doors:
        assert client.request(method, path).status_code == 403, (method, path)
    caller = books.keys.caller(key)
    assert caller is not None  # and were a door forgotten:
    assert caller.role(MAIN) is None and not caller.administers
    books.people.set_role(boss.id, Role.WRITER)
    assert client.get("/metrics").status_code == 401
    assert [one.only for one in books.keys.list(boss.id)] == [METRICS] and helper


def test_only_an_administrator_makes_a_key_for_the_numbers(
    come: Callable[..., TestClient], house: House
) -> None:
    for name, role, status in (("管", Role.ADMINISTRATOR, 201), ("编", Role.WRITER, 403)):
        person = house.accounts.people.add(name, "一个足够长的口令 2030", role)
        token, session = house.accounts.sessions.start(person.id)
        browser = come(known=False)
        browser.cookies.set(guard.COOKIE, token)
        headers = {guard.TOKEN: session.guard, "Origin": HERE}
        answer = browser.post("/api/v1/keys", json={"name": "监控", "only": "metrics"}, headers=headers)
        assert answer.status_code == status, answer.text
        assert status == 403 or answer.json()["only"] == "metrics"
    assert browser.post("/api/v1/keys", json={"name": "x", "only": "all"}, headers=headers).status_code == 422


def test_a_backup_from_the_page_can_be_restored(
    come: Callable[..., TestClient], house: House, tmp_path: Path
) -> None:
    client = come(Role.ADMINISTRATOR)
    headers = {"Idempotency-Key": "nightly-1"}
    first = client.post("/api/v1/backups", headers=headers).json()["id"]
    assert client.post("/api/v1/backups", headers=headers).json()["id"] == first
    assert house.jobs.wait(first, 30)
    job = client.get(f"/api/v1/jobs/{first}").json()
    assert job["state"] == "done" and job["result"]["reports"] == 1, job
    (name,) = job["result"]["files"]
    (tmp_path / "b.zip").write_bytes(client.get(f"/api/v1/jobs/{first}/files/{name}").content)
    made = restoring.inspect(tmp_path / "b.zip")
    assert made.reports == {"library.db": 1} and "service.db" in made.members
    again = client.post("/api/v1/backups").json()["id"]
    assert house.jobs.wait(again, 30)
    (second,) = (house.settings.home / "jobs" / again).glob("*.zip")
    assert not [
        one for one in restoring.inspect(second).members if one.endswith(".zip")
    ]  # no backup in a backup
    assert [entry.action for entry in house.accounts.log.page(_of(house))].count(
        "backup"
    ) == 3  # each time it is asked for
    other = come(Role.ADMINISTRATOR, Role.READER)
    assert other.get(f"/api/v1/jobs/{first}/files/{name}").status_code == 404


def _of(house: House) -> object:
    person = house.accounts.people.list()[0]
    return house.accounts.people.caller(person.id, "key")


def test_numbers_and_log_tell_nothing_of_what_was_asked(
    come: Callable[..., TestClient], house: House
) -> None:
    client = come(Role.ADMINISTRATOR)
    question = "乌有县2021年新建村卫生室多少所，联系人13812345678？"
    assert client.get("/api/v1/search", params={"q": question}).status_code == 200
    asked = client.post("/api/v1/ask", json={"question": question, "stream": False})
    assert asked.status_code == 200
    report = client.get("/api/v1/reports").json()["items"][0]["id"]
    answer = client.get(f"/api/v1/reports/{report}", headers={"X-Request-ID": "from-a-proxy-1"})
    assert answer.headers["x-request-id"] == "from-a-proxy-1"
    assert come(known=False).get("/api/v1/reports").status_code == 401
    page = client.get("/metrics").text
    log = (house.settings.log_dir / logs.FILE).read_text("utf-8")
    rows = [json.loads(line) for line in log.splitlines()]
    routes = {(row["route"], row["status"]) for row in rows if row["event"] == "request"}
    assert ("/api/v1/ask", 200) in routes and ("/api/v1/reports/{report_id}", 200) in routes
    assert any(status == 401 for _, status in routes)  # refusals of the guard are recorded too
    assert any(row.get("request") == "from-a-proxy-1" for row in rows)
    for secret in ("13812345678", "卫生室", "乌有", report, "testclient", "某人"):
        assert secret not in page and secret not in log, secret
    for series in (
        'wenheng_requests_total{method="POST",route="/api/v1/ask",status="200"}',
        'wenheng_stage_seconds_count{stage="search"}',
        'wenheng_answers_total{status="',
        'wenheng_ready{part="chat"} 1.0',
        'wenheng_queue{state="waiting"} 0.0',
    ):
        assert series in page, series


def test_where_nobody_signs_in_this_machine_may_look(wenheng: Wenheng) -> None:
    settings = load({}, home=wenheng.home)
    with House.open(settings, embedder=HashingEmbedder(64), chat=FakeChat(["好。"])) as opened:
        client = TestClient(protect(create_app(opened)), base_url=HERE)
        answer = client.get("/metrics")
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=")
        assert client.get("/metrics", headers={"Host": "evil.example"}).status_code == 403
