"""Behind a proxy that speaks HTTPS, on a real server: whose word counts, what browsers are told, and who is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from corpus.embedding import HashingEmbedder
from corpus.errors import InputError
from service.accounts import passwords
from service.accounts.caller import Role
from service.house import House
from service.http.app import create_app, protect
from service.http.server import Door, _config, check
from service.models.chat import FakeChat
from service.settings import load
from tests.houses import listening

GOOD = "四个 不相干的 词 在一起"
NAME = "wenheng.example"
FROM_PROXY = {
    "Host": NAME,
    "Origin": f"https://{NAME}",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "10.1.2.3",
}
HTML = {"Accept": "text/html"}


@contextmanager
def serving(home: Path, *, proxies: str) -> Iterator[tuple[httpx.Client, House]]:
    """The API of a house with the configuration that ``wenheng serve`` gives to its server."""
    settings = load({"WENHENG_PROXIES": proxies, "WENHENG_HOSTS": NAME}, home=home)
    with (
        pytest.MonkeyPatch.context() as patch,
        House.open(settings, users=True, embedder=HashingEmbedder(), chat=FakeChat([])) as house,
    ):
        patch.setattr(passwords, "_usual", lambda: PasswordHasher.from_parameters(CHEAPEST))
        house.accounts.people.add("读者", GOOD, Role.READER)
        config = _config(protect(create_app(house)), settings)
        config.host, config.port = "127.0.0.1", 0
        with (
            listening(config) as port,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
        ):
            yield client, house


def sign_in(client: httpx.Client, **headers: str) -> httpx.Response:
    answer = client.post("/api/v1/sign-in", json={"name": "读者", "password": GOOD}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def test_behind_https_browsers_stay_with_https(tmp_path: Path) -> None:
    with serving(tmp_path, proxies="127.0.0.1") as (client, house):
        answer = sign_in(client, **FROM_PROXY)
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert "secure" in answer.headers["set-cookie"].lower().split("; ")
        assert "strict-transport-security" in client.get("/healthz", headers=FROM_PROXY).headers
        refused = client.get("/api/v1/reports", headers={"Host": NAME, "X-Forwarded-Proto": "https"})
        assert refused.status_code == 401 and "strict-transport-security" in refused.headers
        page = client.get("/x", headers=FROM_PROXY | HTML)
        assert page.status_code == 303 and "strict-transport-security" in page.headers
        # the proxy's own health check comes by HTTP, from the same address
        assert "strict-transport-security" not in client.get("/healthz").headers
        assert "secure" not in sign_in(client).headers["set-cookie"].lower()
        for _ in range(3):
            client.post("/api/v1/sign-in", json={"name": "读者", "password": "x" * 12}, headers=FROM_PROXY)
        assert {address for _, address in house.accounts.pace._wrong} == {"10.1.2.3"}


def test_nobody_elses_word_is_taken(tmp_path: Path) -> None:
    with serving(tmp_path, proxies="10.0.0.9") as (client, house):
        answer = sign_in(client, **FROM_PROXY)
        assert "strict-transport-security" not in answer.headers
        assert "secure" not in answer.headers["set-cookie"].lower()
        client.post("/api/v1/sign-in", json={"name": "读者", "password": "x" * 12}, headers=FROM_PROXY)
        assert {address for _, address in house.accounts.pace._wrong} == {"127.0.0.1"}


def test_every_answer_carries_its_headers(tmp_path: Path) -> None:
    with serving(tmp_path, proxies="") as (client, _):
        for path in ("/healthz", "/api/v1/reports", "/api/v1/openapi.json", "/nowhere"):
            told = client.get(path).headers
            assert told["x-content-type-options"] == "nosniff", path
            assert told["referrer-policy"] == "same-origin" and told["x-frame-options"] == "DENY", path
            assert "frame-ancestors 'none'" in told["content-security-policy"], path
            assert "strict-transport-security" not in told and "server" not in told, path


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_proxy_before_a_house_without_sign_in_lets_nobody_in(tmp_path: Path, header: str) -> None:
    """It would hand on the whole office as the user of this machine, who may do everything."""
    from fastapi.testclient import TestClient

    with House.open(load({}, home=tmp_path), embedder=HashingEmbedder(), chat=FakeChat([])) as house:
        client = TestClient(protect(create_app(house)), base_url="http://127.0.0.1:8788")
        assert client.get("/api/v1/reports").status_code == 200
        answer = client.get("/api/v1/reports", headers={header: "10.1.2.3"})
        assert answer.status_code == 403 and answer.json()["where"] == header.lower()
        assert "反向代理" in answer.json()["detail"] and answer.json()["remedy"]


def test_a_proxy_needs_sign_in(tmp_path: Path) -> None:
    settings = load({"WENHENG_PROXIES": "127.0.0.1"}, home=tmp_path)
    with pytest.raises(InputError, match="必须登录"):
        check(settings, Door("127.0.0.1", 0))
