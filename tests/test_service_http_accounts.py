"""Signing in, people, keys, collections and the log, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from fastapi.testclient import TestClient

from corpus.embedding import HashingEmbedder
from service.accounts import Accounts, passwords
from service.accounts.caller import LOCAL, MAIN, Role
from service.house import House
from service.http.app import create_app, protect
from service.http.guard import COOKIE, TOKEN
from service.models.chat import FakeChat
from service.settings import load

HERE = "http://127.0.0.1:8000"
GOOD = "四个 不相干的 词 在一起"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("accounts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_usual", lambda: PasswordHasher.from_parameters(CHEAPEST))
        with House.open(
            load({}, home=home), users=True, embedder=HashingEmbedder(), chat=FakeChat([])
        ) as opened:
            opened.accounts.people.add("管理员", GOOD, Role.ADMINISTRATOR)
            opened.accounts.people.add("读者", GOOD, Role.READER)
            yield opened


@pytest.fixture(scope="module")
def app_client(house: House) -> TestClient:
    return TestClient(protect(create_app(house)), base_url=HERE)


@pytest.fixture
def anyone(app_client: TestClient) -> TestClient:
    """A fresh browser."""
    return TestClient(app_client.app, base_url=HERE, headers={"Origin": HERE})


@pytest.fixture
def books(house: House) -> Accounts:
    house.accounts.pace._wrong.clear()
    return house.accounts


def signed_in(client: TestClient, name: str, password: str = GOOD) -> TestClient:
    answer = client.post("/api/v1/sign-in", json={"name": name, "password": password})
    assert answer.status_code == 200, answer.text
    client.headers[TOKEN] = answer.json()["csrf"]
    return client


@pytest.fixture
def boss(anyone: TestClient, books: Accounts) -> TestClient:
    return signed_in(anyone, "管理员")


# -- signing in -------------------------------------------------------------------------------------


def test_the_cookie_is_out_of_the_reach_of_scripts_and_other_sites(
    anyone: TestClient, books: Accounts
) -> None:
    answer = anyone.post("/api/v1/sign-in", json={"name": "读者", "password": GOOD})
    told = answer.headers["set-cookie"].lower()
    assert "httponly" in told and "samesite=lax" in told and "path=/" in told and "secure" not in told
    safe = TestClient(anyone.app, base_url="https://127.0.0.1", headers={"Origin": "https://127.0.0.1"})
    answer = safe.post("/api/v1/sign-in", json={"name": "读者", "password": GOOD})
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "whs_" not in answer.text and GOOD not in answer.text


def test_a_planted_session_is_not_taken_over(anyone: TestClient, books: Accounts) -> None:
    planted, _ = books.sessions.start(books.people.named("读者").id)
    anyone.cookies.set(COOKIE, planted)
    signed_in(anyone, "管理员")
    assert books.sessions.caller(planted) is None
    anyone.cookies.clear()
    anyone.cookies.set(COOKIE, "whs_chosen-by-somebody-else")
    answer = anyone.post("/api/v1/sign-in", json={"name": "读者", "password": GOOD})
    assert "chosen-by" not in answer.headers["set-cookie"]


def test_guessing_is_slowed_down_and_logged_without_what_was_typed(
    anyone: TestClient, books: Accounts
) -> None:
    for number in range(3):
        answer = anyone.post("/api/v1/sign-in", json={"name": "读者", "password": f"错的口令 {number}"})
        assert answer.status_code == 401
    answer = anyone.post(
        "/api/v1/sign-in", json={"name": "读者", "password": GOOD}, headers={"X-Forwarded-For": "10.9.9.9"}
    )
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) >= 1
    assert anyone.post("/api/v1/sign-in", json={"name": GOOD, "password": "x"}).status_code == 401
    rows = books.log.page(LOCAL)
    assert [row.action for row in rows[:4]] == ["sign-in-failed"] * 4
    assert GOOD not in str(rows) and "错的口令" not in str(rows)


def test_signing_out_ends_the_session_itself(anyone: TestClient, books: Accounts) -> None:
    signed_in(anyone, "读者")
    kept = anyone.cookies[COOKIE]
    assert anyone.get("/api/v1/me").json()["name"] == "读者"
    assert anyone.post("/api/v1/sign-out").status_code == 204
    assert COOKIE not in anyone.cookies
    anyone.cookies.set(COOKIE, kept)
    assert anyone.get("/api/v1/me").status_code == 401


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(
    anyone: TestClient, books: Accounts
) -> None:
    books.people.add("改口令的", GOOD)
    other, _ = books.sessions.start(books.people.named("改口令的").id)
    signed_in(anyone, "改口令的")
    wrong = anyone.put("/api/v1/me/password", json={"old": "不是它", "new": "别的 不相干的 词 呢"})
    assert wrong.status_code == 422
    assert anyone.put("/api/v1/me/password", json={"old": GOOD, "new": "短"}).status_code == 422
    done = anyone.put("/api/v1/me/password", json={"old": GOOD, "new": "别的 不相干的 词 呢"})
    assert done.status_code == 200 and anyone.get("/api/v1/me").json()["csrf"] == done.json()["csrf"]
    assert books.sessions.caller(other) is None


def test_sessions_are_listed_and_ended_one_by_one(anyone: TestClient, books: Accounts) -> None:
    signed_in(anyone, "读者")
    elsewhere, made = books.sessions.start(books.people.named("读者").id, "Firefox · Windows")
    listed = anyone.get("/api/v1/me/sessions").json()
    assert sum(one["current"] for one in listed) == 1 and made.id in {one["id"] for one in listed}
    assert "whs_" not in str(listed)
    assert anyone.delete(f"/api/v1/me/sessions/{made.id}").status_code == 204
    assert books.sessions.caller(elsewhere) is None
    strangers = books.sessions.start(books.people.named("管理员").id)[1].id
    assert anyone.delete(f"/api/v1/me/sessions/{strangers}").status_code == 404


def test_where_nobody_signs_in_there_is_nothing_to_sign_in_to(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("local")
    with House.open(load({}, home=home), users=False, embedder=HashingEmbedder(), chat=FakeChat([])) as house:
        client = TestClient(protect(create_app(house)), base_url=HERE)
        assert client.post("/api/v1/sign-in", json={"name": "x", "password": "y"}).status_code == 409
        assert client.post("/api/v1/keys", json={"name": "x"}).status_code == 409
        me = client.get("/api/v1/me").json()
        assert (me["id"], me["administers"], me["csrf"]) == ("local", True, "")
        made = client.post("/api/v1/people", json={"name": "第一个", "password": GOOD, "everywhere": 3})
        assert made.status_code == 201


# -- people, keys, collections ----------------------------------------------------------------------


def test_an_administrator_adds_changes_and_removes_people(boss: TestClient, books: Accounts) -> None:
    made = boss.post("/api/v1/people", json={"name": "新人", "password": GOOD})
    assert made.status_code == 201 and "password" not in made.json() and made.json()["everywhere"] is None
    one = f"/api/v1/people/{made.json()['id']}"
    assert boss.post("/api/v1/people", json={"name": "新人", "password": GOOD}).status_code == 409
    assert boss.patch(one, json={"everywhere": 2}).json()["everywhere"] == 2
    assert boss.patch(one, json={"disabled": True}).json()["disabled"] is True
    assert boss.patch(one, json={"disabled": False, "everywhere": None}).json()["everywhere"] is None
    assert boss.patch(one, json={"unknown": 1}).status_code == 422
    assert boss.delete(one, params={"heir": "nobody"}).status_code == 404
    assert boss.delete(one).status_code == 204 and boss.get(one).status_code == 404
    me = boss.get("/api/v1/me").json()["id"]
    assert boss.delete(f"/api/v1/people/{me}").status_code == 409


def test_a_reader_manages_nobody(anyone: TestClient, books: Accounts) -> None:
    signed_in(anyone, "读者")
    person = books.people.named("读者").id
    for method, path, sent in (
        ("GET", "/api/v1/people", None),
        ("GET", f"/api/v1/people/{person}", None),
        ("POST", "/api/v1/people", {"name": "x", "password": GOOD, "everywhere": 3}),
        ("PATCH", f"/api/v1/people/{person}", {"everywhere": 3}),
        ("DELETE", f"/api/v1/people/{person}", None),
        ("POST", "/api/v1/collections", {"name": "x"}),
        ("PATCH", f"/api/v1/collections/{MAIN}", {"name": "x"}),
        ("PUT", f"/api/v1/collections/{MAIN}/grants/{person}", {"role": 3}),
        ("GET", f"/api/v1/collections/{MAIN}/grants", None),
        ("GET", "/api/v1/log", None),
        ("GET", "/api/v1/keys?everybody=true", None),
        ("GET", "/metrics", None),
    ):
        assert anyone.request(method, path, json=sent).status_code == 403, path
    assert books.people.get(person).everywhere is Role.READER


def test_a_key_comes_in_with_what_it_may_and_makes_no_other(anyone: TestClient, books: Accounts) -> None:
    signed_in(anyone, "管理员")
    made = anyone.post("/api/v1/keys", json={"name": "报表", "role": 3}).json()
    assert made["key"].startswith(made["prefix"]) and "key" not in anyone.get("/api/v1/keys").json()[0]
    program = TestClient(anyone.app, base_url=HERE, headers={"Authorization": f"Bearer {made['key']}"})
    assert (
        program.get("/api/v1/me").json()["via"] == "key" and program.get("/api/v1/people").status_code == 200
    )
    for method, path, sent in (
        ("POST", "/api/v1/keys", {"name": "另一个"}),
        ("DELETE", f"/api/v1/keys/{made['id']}", None),
        ("PUT", "/api/v1/me/password", {"old": GOOD, "new": GOOD + "新"}),
        ("POST", "/api/v1/people", {"name": "x", "password": GOOD, "everywhere": 3}),
        ("PATCH", f"/api/v1/people/{made['person_id']}", {"password": GOOD + "新"}),
        ("PUT", f"/api/v1/collections/{MAIN}/grants/{made['person_id']}", {"role": 3}),
    ):
        assert program.request(method, path, json=sent).status_code == 403, path
    assert anyone.delete(f"/api/v1/keys/{made['id']}").status_code == 204
    assert program.get("/api/v1/me").status_code == 401


def test_nobody_revokes_or_sees_anothers_key(anyone: TestClient, books: Accounts) -> None:
    token, key = books.keys.make(books.people.named("管理员").id, "主管的")
    signed_in(anyone, "读者")
    assert anyone.delete(f"/api/v1/keys/{key.id}").status_code == 404
    assert anyone.get("/api/v1/keys").json() == [] and books.keys.caller(token) is not None


def test_an_administrator_of_one_collection_stays_in_it(anyone: TestClient, books: Accounts) -> None:
    own, other = books.collections.create("澄河县的"), books.collections.create("栗坪县的")
    head, reader = books.people.add("科长", GOOD), books.people.named("读者")
    books.people.grant(head.id, own, Role.ADMINISTRATOR)
    books.people.grant(head.id, other, Role.WRITER)
    signed_in(anyone, "科长")
    grant = f"/api/v1/collections/{own}/grants/{reader.id}"
    assert anyone.put(grant, json={"role": 2}).status_code == 204
    assert [one["name"] for one in anyone.get(f"/api/v1/collections/{own}/grants").json()] == ["科长", "读者"]
    assert anyone.delete(grant).status_code == 204
    assert anyone.patch(f"/api/v1/collections/{own}", json={"name": "澄河县的（新）"}).json()["role"] == 3
    assert anyone.put(f"/api/v1/collections/{own}/grants/{head.id}", json={"role": 1}).status_code == 403
    assert anyone.put(f"/api/v1/collections/{other}/grants/{reader.id}", json={"role": 1}).status_code == 403
    assert anyone.put(f"/api/v1/collections/{MAIN}/grants/{reader.id}", json={"role": 1}).status_code == 404
    for path in ("/api/v1/people", "/metrics"):
        assert anyone.get(path).status_code == 403
    assert anyone.delete(f"/api/v1/collections/{own}").status_code == 403
    listed = anyone.get("/api/v1/log").json()["items"]
    assert listed and {one["collection"] for one in listed} == {own}


def test_a_collection_is_made_removed_and_restored(boss: TestClient, house: House) -> None:
    made = boss.post("/api/v1/collections", json={"name": "青岭县的"}).json()["id"]
    desk = house.desk(LOCAL, made)
    assert desk.cards() == () and (house.settings.home / "collections" / made / "library.db").is_file()
    assert boss.delete(f"/api/v1/collections/{made}").status_code == 204
    assert boss.get("/api/v1/reports", params={"collection": made}).status_code == 404
    assert made in [one["id"] for one in boss.get("/api/v1/collections?removed=true").json()]
    assert boss.post(f"/api/v1/collections/{made}/restore").json()["name"] == "青岭县的"
    assert boss.get("/api/v1/reports", params={"collection": made}).status_code == 200
    assert boss.delete(f"/api/v1/collections/{MAIN}").status_code == 409


# -- the log ----------------------------------------------------------------------------------------


def test_the_log_is_read_a_page_at_a_time_and_exported(boss: TestClient, books: Accounts) -> None:
    for number in range(7):
        books.log.write(LOCAL, "upload", MAIN, f"=1+{number}")
    seen: list[str] = []
    cursor = None
    while True:
        asked = {"action": "upload", "limit": 3} | ({"cursor": cursor} if cursor else {})
        page = boss.get("/api/v1/log", params=asked).json()
        seen += [one["target"] for one in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == [f"=1+{number}" for number in range(6, -1, -1)]
    table = boss.get("/api/v1/log.csv", params={"action": "upload"})
    assert (
        table.headers["content-type"].startswith("text/csv")
        and "attachment" in table.headers["content-disposition"]
    )
    assert "'=1+0" in table.text and ",=1" not in table.text
    for wrong in ({"since": "gestern"}, {"cursor": "x"}, {"limit": 0}):
        assert boss.get("/api/v1/log", params=wrong).status_code == 422
    assert boss.get("/api/v1/log.csv", params={"until": "x"}).status_code == 422
