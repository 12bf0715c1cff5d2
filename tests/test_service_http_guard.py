"""What stands before every door: names, origins, tokens, sizes, headers. The app behind it is a small one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from fastapi import FastAPI, Request, UploadFile, WebSocket
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from service.accounts import Accounts
from service.accounts.caller import LOCAL, Role
from service.accounts.database import open_database
from service.accounts.passwords import Passwords
from service.http import guard, intake
from service.http.guard import COOKIE, TOKEN, Known

GOOD = "四个 不相干的 词 在一起"
HERE = "http://127.0.0.1:8000"


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Accounts]:
    database = open_database(tmp_path)
    yield Accounts.open(database, Passwords(PasswordHasher.from_parameters(CHEAPEST)))
    database.close()


def small(books: Accounts, *, users: bool, hosts: tuple[str, ...] = ()) -> FastAPI:
    app = FastAPI()

    @app.get("/api/v1/who")
    async def who(caller: Known) -> dict[str, str]:
        return {"id": caller.id, "via": caller.via}

    @app.get("/forgotten")
    async def forgotten() -> str:
        return "secret"

    @app.post("/api/v1/change")
    async def change(request: Request) -> int:
        return len(await request.body())

    @app.post("/api/v1/upload")
    async def upload(file: UploadFile) -> int:
        return len(await file.read())

    @app.get("/page", response_class=HTMLResponse)
    async def page() -> str:
        return "<p>页面</p>"

    @app.get("/api/v1/original", response_class=HTMLResponse)
    async def original() -> str:
        return "<script>alert(1)</script>"

    @app.post("/_nicegui/client/x/upload/1")
    async def pages_upload(request: Request) -> int:
        return len(await request.body())

    @app.get("/healthz", response_class=PlainTextResponse)
    async def healthz() -> str:
        return "ok"

    @app.websocket("/_nicegui_ws/socket")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("hello")
        await websocket.close()

    guard.install(app, books, users=users, hosts=hosts)
    return app


@pytest.fixture
def local(books: Accounts) -> TestClient:
    return TestClient(small(books, users=False), base_url=HERE)


@pytest.fixture
def outside(books: Accounts) -> TestClient:
    """Of a service with users; nobody is signed in."""
    return TestClient(small(books, users=True, hosts=("wenheng.example",)), base_url=HERE)


@pytest.fixture
def inside(outside: TestClient, books: Accounts) -> TestClient:
    """Signed in, with what a browser sends along."""
    person = books.people.add("张", GOOD, Role.READER)
    token, session = books.sessions.start(person.id)
    outside.cookies.set(COOKIE, token)
    outside.headers.update({TOKEN: session.guard, "Origin": HERE})
    return outside


# -- names ------------------------------------------------------------------------------------------

REBOUND = ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.1@evil.example", "", "a b",
           "127.0.0.1/healthz", "[::1", "::1", "localhost:99999999", "wenheng.example/healthz?"]  # fmt: skip


@pytest.mark.parametrize("host", REBOUND)
@pytest.mark.parametrize("users", [False, True])
def test_a_foreign_name_is_refused_everywhere(books: Accounts, users: bool, host: str) -> None:
    client = TestClient(small(books, users=users, hosts=("wenheng.example",)), base_url=HERE)
    for path in ("/healthz", "/api/v1/who", "/page"):
        assert client.get(path, headers={"Host": host}).status_code == 403, path


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000"])
def test_loopback_names_are_ours(local: TestClient, host: str) -> None:
    assert local.get("/api/v1/who", headers={"Host": host}).json()["id"] == LOCAL.id


@pytest.mark.parametrize("host", ["10.2.3.4:8000", "wenheng.example", "Wenheng.Example:443", "[fe80::1]"])
def test_addresses_and_listed_names_are_ours_where_people_sign_in(
    local: TestClient, outside: TestClient, host: str
) -> None:
    assert outside.get("/healthz", headers={"Host": host}).status_code == 200
    assert local.get("/healthz", headers={"Host": host}).status_code == 403


def test_two_hosts_are_none(local: TestClient) -> None:
    answer = local.get("/healthz", headers=[("Host", "127.0.0.1"), ("Host", "evil.example")])
    assert answer.status_code == 403


# -- who --------------------------------------------------------------------------------------------


def test_what_forgot_to_ask_is_closed(outside: TestClient) -> None:
    for path in (
        "/forgotten",
        "/page",
        "/api/v1/who",
        "/openapi.json",
        "/docs",
        "/no-such-path",
        "/_nicegui/x",
    ):
        answer = outside.get(path)
        assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer", path
        assert "secret" not in answer.text and answer.json()["code"] == "sign_in_needed"
    assert outside.get("/healthz").text == "ok"


@pytest.mark.parametrize(
    "path",
    ["/healthz/../forgotten", "//forgotten", "/healthz%2f..%2fforgotten", "/forgotten?x=/healthz", "/forgotten#/healthz",
     "/_nicegui_ws/../forgotten", "/healthz;/forgotten", "/FORGOTTEN"],
)  # fmt: skip
def test_no_way_of_writing_a_path_opens_it(outside: TestClient, path: str) -> None:
    for headers in (
        {},
        {"X-Original-URL": "/healthz"},
        {"X-Rewrite-URL": "/healthz"},
        {"X-Forwarded-Prefix": "/healthz"},
    ):
        answer = outside.get(path, headers=headers)
        assert answer.status_code in (401, 404) and "secret" not in answer.text


def test_a_page_leads_to_the_sign_in_and_back(outside: TestClient) -> None:
    answer = outside.get("/page?a=1&b=2", headers={"Accept": "text/html"}, follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"] == "/signin?next=/page%3Fa%3D1%26b%3D2"


@pytest.mark.parametrize(
    ("asked", "to"),
    [("/page?a=1", "/page?a=1"), (None, "/"), ("", "/"), ("https://evil.example", "/"), ("//evil.example", "/"),
     ("/\\evil.example", "/"), ("javascript:alert(1)", "/"), ("/\t/evil.example", "/"), ("/a\\b", "/"), ("/\n", "/")],
)  # fmt: skip
def test_signing_in_leads_to_our_own_pages_only(asked: str | None, to: str) -> None:
    assert guard.next_page(asked) == to


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer null", "Basic Og==", "whk_", "Bearer whk_", "Token x", "Bearer whs_x"],
)
def test_a_wrong_key_opens_nothing_even_beside_a_good_cookie(inside: TestClient, header: str) -> None:
    assert inside.get("/api/v1/who").status_code == 200
    assert inside.get("/api/v1/who", headers={"Authorization": header}).status_code == 401


def test_a_key_opens_by_one_header_only(outside: TestClient, books: Accounts) -> None:
    key, _ = books.keys.make(books.people.add("张", GOOD, Role.READER).id, "报表")
    assert outside.get("/api/v1/who", headers={"Authorization": f"Bearer {key}"}).json()["via"] == "key"
    for name in ("X-API-Key", "Api-Key", "X-Authorization", "Proxy-Authorization", "Cookie"):
        value = f"{COOKIE}={key}" if name == "Cookie" else f"Bearer {key}"
        assert outside.get("/api/v1/who", headers={name: value}).status_code == 401, name
    assert outside.get(f"/api/v1/who?key={key}&token={key}&access_token={key}").status_code == 401


def test_a_session_is_no_key(outside: TestClient, books: Accounts) -> None:
    token, _ = books.sessions.start(books.people.add("张", GOOD, Role.READER).id)
    assert outside.get("/api/v1/who", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_where_nobody_signs_in_a_key_does_no_harm(local: TestClient) -> None:
    assert local.get("/api/v1/who", headers={"Authorization": "Bearer anything"}).json()["id"] == LOCAL.id


# -- other sites ------------------------------------------------------------------------------------

FOREIGN = ["http://evil.example", "null", "", "http://127.0.0.1:8001", "http://127.0.0.1", "http://localhost:8000",
           "file://", "chrome-extension://x", "http://127.0.0.1:8000.evil.example", "http://127.0.0.1:8000@evil.example",
           "http://127.0.0.1:8000/x"]  # fmt: skip


@pytest.mark.parametrize("origin", FOREIGN)
def test_another_sites_page_changes_and_reads_nothing(
    local: TestClient, inside: TestClient, origin: str
) -> None:
    for client in (local, inside):
        for method, path in (
            ("POST", "/api/v1/change"),
            ("GET", "/api/v1/who"),
            ("DELETE", "/api/v1/change"),
        ):
            assert client.request(method, path, headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize("fetched", ["cross-site", "same-site", "CROSS-SITE", "x"])
def test_a_browser_that_says_cross_site_is_believed(
    local: TestClient, inside: TestClient, fetched: str
) -> None:
    local.headers.pop("Origin", None)
    for client in (local, inside):
        assert client.post("/api/v1/change", headers={"Sec-Fetch-Site": fetched}).status_code == 403
        for mode, status in (("navigate", 200), ("no-cors", 403), ("cors", 403)):  # only a link is followed
            said = {"Sec-Fetch-Site": fetched, "Sec-Fetch-Mode": mode}
            assert client.get("/page", headers=said).status_code == status


def test_a_program_without_origin_works_where_no_cookie_speaks_for_it(
    local: TestClient, outside: TestClient, books: Accounts
) -> None:
    assert local.post("/api/v1/change", content=b"abc").json() == 3
    key, _ = books.keys.make(books.people.add("张", GOOD, Role.READER).id, "报表")
    said = {"Authorization": f"Bearer {key}"}
    assert outside.post("/api/v1/change", content=b"abc", headers=said).json() == 3


def test_a_cookie_alone_changes_nothing(inside: TestClient) -> None:
    assert inside.post("/api/v1/change", content=b"abc").json() == 3
    good = inside.headers.pop(TOKEN)
    for wrong in ("", "x", good[:-1], good + "x", good.swapcase()):
        assert inside.post("/api/v1/change", headers={TOKEN: wrong}).status_code == 403
    assert inside.post("/api/v1/change").status_code == 403
    assert inside.post("/api/v1/change", headers={TOKEN: good}).status_code == 200
    inside.headers.pop("Origin")
    assert inside.post("/api/v1/change", headers={TOKEN: good}).status_code == 403


def test_uploads_of_a_page_come_from_our_own_page_with_a_session(
    outside: TestClient, inside: TestClient
) -> None:
    path = "/_nicegui/client/x/upload/1"
    inside.headers.pop(TOKEN)
    assert inside.post(path, content=b"abc").json() == 3
    assert inside.post(path, content=b"abc", headers={"Origin": "http://evil.example"}).status_code == 403
    inside.headers.pop("Origin")
    assert inside.post(path, content=b"abc").status_code == 403
    inside.cookies.clear()
    assert inside.post(path, content=b"abc", headers={"Origin": HERE}).status_code == 401


def test_the_socket_of_a_page_needs_a_session(outside: TestClient) -> None:
    headers = {"Origin": HERE, "Host": "127.0.0.1:8000"}
    for more in ({}, {"Cookie": f"{COOKIE}=whs_x"}, {"Authorization": "Bearer whk_x"}):
        with (
            pytest.raises(WebSocketDisconnect),
            outside.websocket_connect("/_nicegui_ws/socket", headers=headers | more),
        ):
            pass


def test_the_socket_of_a_page_opens_for_our_own_pages_only(local: TestClient, inside: TestClient) -> None:
    for client in (local, inside):
        with client.websocket_connect(
            "/_nicegui_ws/socket", headers={"Origin": HERE, "Host": "127.0.0.1:8000"}
        ) as socket:
            assert socket.receive_text() == "hello"
        for headers in (
            {"Origin": "http://evil.example", "Host": "127.0.0.1:8000"},
            {"Origin": "null", "Host": "127.0.0.1:8000"},
            {"Origin": "http://evil.example", "Host": "evil.example"},
        ):
            with (
                pytest.raises(WebSocketDisconnect),
                client.websocket_connect("/_nicegui_ws/socket", headers=headers),
            ):
                pass


# -- sizes ------------------------------------------------------------------------------------------


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "TEXT_BYTES", 1000)
    monkeypatch.setattr(intake, "FORM_BYTES", 10_000)


def pieces(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"x" * 100


@pytest.mark.usefixtures("little")
def test_a_body_over_the_limit_is_refused_in_one_piece_or_many(local: TestClient) -> None:
    for path in ("/api/v1/change", "/_nicegui/client/x/upload/1"):
        assert local.post(path, content=b"x" * 1000).json() == 1000
        assert local.post(path, content=pieces(10)).json() == 1000  # chunked: no length is told
        for content in (b"x" * 1001, pieces(11)):
            answer = local.post(path, content=content)
            assert (
                answer.status_code == 413 and answer.json()["code"] == "too_large" and answer.json()["remedy"]
            )


@pytest.mark.usefixtures("little")
def test_files_have_a_limit_of_their_own(local: TestClient) -> None:
    assert local.post("/api/v1/upload", files={"file": b"x" * 5000}).json() == 5000
    assert local.post("/api/v1/upload", files={"file": b"x" * 10_001}).status_code == 413


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize("length", ["-1", "1e9", "99999999999999999999999", "１０", "x", "1001"])
def test_a_length_that_cannot_be_is_refused_before_anything_is_read(books: Accounts, length: str) -> None:
    told = run(small(books, users=False), [("content-length", length)], [])
    assert told[0]["status"] == 413


def test_who_sends_too_slowly_is_told_so(books: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake.Intake.__init__, "__defaults__", (0.01,))
    told = run(small(books, users=False), [], [{"type": "http.request", "body": b"x", "more_body": True}])
    assert told[0]["status"] == 408


def run(app: FastAPI, headers: list[tuple[str, str]], messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A request that the client never ends; what was answered."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop(0)
        await asyncio.sleep(60)
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/change", "raw_path": b"/api/v1/change", "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in [("host", "127.0.0.1"), *headers]],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "scheme": "http", "root_path": "",
        "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    return sent


# -- headers ----------------------------------------------------------------------------------------


def test_every_answer_ties_the_browsers_hands(local: TestClient, outside: TestClient) -> None:
    for answer in (local.get("/page"), local.get("/api/v1/who"), outside.get("/page"), local.get("/none")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "access-control-allow-origin" not in answer.headers


def test_pages_load_nothing_from_other_hosts(local: TestClient) -> None:
    policy = local.get("/page").headers["content-security-policy"]
    assert not re.search(r"https?:|\*|wss?:", policy) and "default-src 'self'" in policy


def test_what_the_api_hands_out_never_runs_whatever_its_type(local: TestClient) -> None:
    answer = local.get("/api/v1/original")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
