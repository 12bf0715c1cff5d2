"""An endpoint that an administrator chooses over the API: used at once, remembered, taken back, and safe."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from corpus.errors import EndpointError, InputError
from service.accounts.caller import LOCAL, Role
from service.accounts.log import ANY
from service.desk import Desk
from service.endpoints import NAME, of_house
from service.house import House
from service.keeping import check_models
from service.keeping.backup import back_up
from service.models import toy_endpoint
from service.models.chat import FakeChat
from service.models.toy_endpoint import ToyEndpoint
from service.settings import Settings, load

if TYPE_CHECKING:
    from starlette.testclient import TestClient

from tests.houses import bearer, housed, visiting

ALLOWED = {"WENHENG_ENDPOINTS": "127.0.0.1"}
KEY = "sk-ganz-geheim-0815"
CHAT, EMBEDDING = "/api/v1/settings/endpoints/chat", "/api/v1/settings/endpoints/embedding"
ASKED = {"question": "澄河县2022年家庭医生签约工作怎么开展的？", "stream": False}


@pytest.fixture
def toy() -> Iterator[ToyEndpoint]:
    with toy_endpoint.serving() as found:
        found.says = "端点答的话。"
        yield found


@pytest.fixture
def inside() -> FakeChat:
    return FakeChat(["本机答的话。"])


@pytest.fixture
def house(bureau: Desk, tmp_path: Path, inside: FakeChat) -> Iterator[House]:
    with housed(bureau, tmp_path / "home", inside, env=ALLOWED) as found:
        yield found


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with visiting(house) as found:
        yield found


def given(toy: ToyEndpoint, **more: Any) -> dict[str, Any]:
    return {"url": toy.url, "model": "toy", "key": KEY} | more


def ask(client: TestClient) -> None:
    answer = client.post("/api/v1/ask", json=ASKED)
    assert answer.status_code == 200, answer.text


def test_a_question_goes_to_the_new_endpoint_at_once_and_back(
    client: TestClient, toy: ToyEndpoint, inside: FakeChat, house: House
) -> None:
    ask(client)
    before, asked = len(inside.calls), len(toy.prompts)
    assert before and not asked
    put = client.put(CHAT, json=given(toy))
    assert put.status_code == 200, put.text
    told = put.json()
    assert told["used"]["source"] == "chosen" and told["used"]["model"] == "toy" and told["jobs"] == []
    assert "端点" in told["told"] and len(toy.prompts) == 1  # the trial: two fixed words
    assert "澄河县" not in toy.prompts[0]
    ask(client)
    assert len(toy.prompts) > 1 and "澄河县" in toy.prompts[1] and len(inside.calls) == before
    assert house.settings.chat_name == "toy" and house.turns.at_once == house.settings.endpoint_calls
    gone = client.delete(CHAT).json()
    assert gone["used"]["source"] == "inside" and house.turns.at_once == 1
    count = len(toy.prompts)
    ask(client)
    assert len(toy.prompts) == count and len(inside.calls) > before
    assert not of_house(house.settings.home).exists()


def test_it_is_remembered_for_the_next_start_and_for_the_commands(
    client: TestClient, toy: ToyEndpoint, house: House
) -> None:
    assert client.put(CHAT, json=given(toy, timeout=7, grammar="none")).status_code == 200
    home = house.settings.home
    settings = load(ALLOWED, home=home)
    assert (settings.chat_url, settings.chat_model, settings.chat_timeout) == (toy.url, "toy", 7)
    assert settings.chat_key.reveal() == KEY and not settings.allow_remote
    (home / "collections" / "c1").mkdir(parents=True)
    assert load(ALLOWED, home=home / "collections" / "c1").chat_url == toy.url
    assert load({}, home=home.parent / "elsewhere").chat_url == ""
    fixed = load({"WENHENG_CHAT_URL": "http://127.0.0.1:1/v1", "WENHENG_CHAT_MODEL": "m"}, home=home)
    assert fixed.chat_model == "m" and not fixed.chat_key and fixed.choice("chat") is None


def test_the_key_is_never_shown_logged_or_backed_up(
    client: TestClient, toy: ToyEndpoint, house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    texts = [client.put(CHAT, json=given(toy)).text, client.get(CHAT).text, client.get("/readyz").text]
    ask(client)
    toy.chat = "nonsense"
    texts.append(client.put(CHAT, json=given(toy, model="other")).text)
    texts.append(client.put(CHAT, json=given(toy, key=["list", KEY])).text)
    texts += [repr(entry) for entry in house.accounts.log.page(LOCAL, ANY)]
    texts += [repr(house.settings), repr(house.settings.chosen), caplog.text]
    texts += [path.read_text("utf-8") for path in house.settings.log_dir.glob("*.jsonl")]
    assert not [text for text in texts if KEY in text or "geheim" in text]
    assert client.get(CHAT).json()["has_key"] is True
    path = of_house(house.settings.home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and KEY in path.read_text("utf-8")
    back_up(house.settings.home, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert NAME not in archive.namelist()
        assert not [name for name in archive.namelist() if KEY.encode() in archive.read(name)]


def test_who_changed_what_is_noted(client: TestClient, toy: ToyEndpoint, house: House) -> None:
    client.put(CHAT, json=given(toy))
    client.delete(CHAT)
    rows = [row for row in house.accounts.log.page(LOCAL, ANY) if row.action == "settings"]
    assert [row.target for row in rows] == ["chat", "chat"]
    assert "改回" in rows[0].detail and "toy" in rows[1].detail and rows[0].name == "本机用户"


# -- attacks ----------------------------------------------------------------------------------------

INSIDE = [
    "http://169.254.169.254/latest/meta-data/", "http://10.0.0.8/v1", "http://[::ffff:169.254.169.254]/v1",
    "file:///etc/passwd", "gopher://127.0.0.1:70/", "http://192.168.1.1/v1", "http://a:b@llm.example/v1", "",
]  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
def test_no_address_inside_is_kept(client: TestClient, house: House, url: str) -> None:
    for path in (CHAT, EMBEDDING):
        answer = client.put(path, json={"url": url, "model": "m", "consent": True})
        assert answer.status_code == 422, answer.text
    assert not of_house(house.settings.home).exists() and not house.settings.chosen


def test_text_leaves_only_after_somebody_agreed(
    client: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(0, 0, 0, "", ("93.184.216.34", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr("service.models.address.checked.__kwdefaults__", {"resolve": resolve})
    monkeypatch.setattr("service.probing.try_endpoint", lambda *_, **__: "可用")
    wanted = {"url": "https://llm.example/v1", "model": "m"}
    refused = client.put(CHAT, json=wanted)
    assert refused.status_code == 422 and refused.json()["where"] == "consent"
    assert "证据句子" in refused.json()["detail"] and "llm.example" in refused.json()["detail"]
    taken = client.put(CHAT, json=wanted | {"consent": True})
    assert taken.status_code == 200 and "llm.example" in taken.json()["used"]["sent"]
    path = of_house(house.settings.home)
    row = json.loads(path.read_text("utf-8"))
    row["endpoints"]["chat"]["consent"] = False
    path.write_text(json.dumps(row), "utf-8")
    with pytest.raises(InputError, match="没有人同意"):
        load({}, home=house.settings.home)


def test_an_address_that_moves_inside_later_gets_nothing(
    client: TestClient, toy: ToyEndpoint, house: House
) -> None:
    """What was allowed when it was saved is checked again before each request."""
    assert client.put(CHAT, json=given(toy)).status_code == 200
    asked = len(toy.prompts)
    strict = load({}, home=house.settings.home)  # the loopback is allowed no more
    from service.models.chat import open_chat
    from service.models.embedder import open_embedder

    with open_chat(strict) as chat, pytest.raises(EndpointError, match="指向内部地址"):
        chat.complete([("user", "问")], max_tokens=4)
    assert len(toy.prompts) == asked
    (finding,) = [one for one in check_models.check(strict) if one.subject == "对话接口"]
    assert finding.state.value == "fail" and "内部地址" in finding.said
    both = strict.using(*load({}, home=house.settings.home).chosen, _embedding(toy))
    with pytest.raises(EndpointError, match="指向内部地址"):
        open_embedder(both).embed_query("问")


def _embedding(toy: ToyEndpoint) -> Any:
    from service.endpoints import Chosen

    return Chosen("embedding", toy.url, "toy")


def test_a_key_does_not_follow_to_another_address(client: TestClient, toy: ToyEndpoint, house: House) -> None:
    client.put(CHAT, json=given(toy))
    same = client.put(CHAT, json={"url": toy.url, "model": "toy"})
    assert same.json()["used"]["has_key"] is True
    other = client.put(CHAT, json={"url": toy.url.replace("/v1", "/v2"), "model": "toy"})
    assert other.json()["used"]["has_key"] is False
    assert client.put(CHAT, json=given(toy, key="")).json()["used"]["has_key"] is False
    bad = client.put(CHAT, json=given(toy, key="sk-1\r\nX-Injected: 1"))
    assert bad.status_code == 422 and "Injected" not in bad.text


def test_what_does_not_answer_is_not_kept(client: TestClient, toy: ToyEndpoint, house: House) -> None:
    toy.chat = "nonsense"
    assert client.put(CHAT, json=given(toy)).status_code == 502
    toy.chat = "well"
    locked = client.put(CHAT, json=given(toy, grammar="vllm"))  # it says what it likes
    assert locked.status_code == 502 and "数字锁" in locked.json()["detail"]
    assert not house.settings.chosen and not of_house(house.settings.home).exists()


@pytest.mark.parametrize("role", [Role.READER, Role.WRITER, Role.ADMINISTRATOR])
def test_administrators_of_the_house_only(bureau: Desk, tmp_path: Path, toy: ToyEndpoint, role: Role) -> None:
    with (
        housed(bureau, tmp_path / "home", FakeChat([""]), users=True, env=ALLOWED) as house,
        visiting(house) as client,
    ):
        header = bearer(house, "某人", role)  # of the first collection, not of the house
        assert client.get(CHAT, headers=header).status_code == 403
        assert client.put(CHAT, json=given(toy), headers=header).status_code == 403
        assert client.delete(CHAT, headers=header).status_code == 403
        assert client.get(CHAT).status_code == 401
        assert not toy.prompts


def test_what_the_environment_names_stays(bureau: Desk, tmp_path: Path, toy: ToyEndpoint) -> None:
    env = ALLOWED | {"WENHENG_CHAT_URL": toy.url, "WENHENG_CHAT_MODEL": "fixed"}
    with housed(bureau, tmp_path / "home", FakeChat([""]), env=env) as house, visiting(house) as client:
        assert client.get(CHAT).json()["source"] == "environment"
        for answer in (client.put(CHAT, json=given(toy)), client.delete(CHAT)):
            assert answer.status_code == 409 and "环境变量" in answer.json()["detail"]


@pytest.mark.parametrize("fault", ["mode", "damaged", "link", "script"])
def test_a_file_that_others_could_have_written_is_not_believed(tmp_path: Path, fault: str) -> None:
    path = tmp_path / NAME
    row = {"version": 1, "endpoints": {}}
    path.write_text(json.dumps(row), "utf-8")
    path.chmod(0o600)
    assert isinstance(load({}, home=tmp_path), Settings)
    if fault == "mode":
        path.chmod(0o640)
    elif fault == "damaged":
        path.write_text("{", "utf-8")
    elif fault == "link":
        shutil.move(path, tmp_path / "other")
        path.symlink_to(tmp_path / "other")
    else:
        path.write_text(json.dumps(row | {"endpoints": {"chat": {"url": "javascript:1"}}}), "utf-8")
    from corpus.errors import WenhengError

    with pytest.raises(WenhengError) as told:
        load({}, home=tmp_path)
    assert NAME in told.value.where


# -- another embedding model ------------------------------------------------------------------------


def test_another_embedder_makes_the_vectors_anew_while_searches_go_on(
    client: TestClient, toy: ToyEndpoint, house: House
) -> None:
    found = client.get("/api/v1/search", params={"q": "家庭医生签约率"}).json()["items"]
    toy.vectors = "held"  # passages get no answer yet
    put = client.put(EMBEDDING, json=given(toy))
    assert put.status_code == 200, put.text
    (job,) = put.json()["jobs"]
    assert job["kind"] == "reindex" and toy.asked.wait(10)
    by_words = client.get("/api/v1/search", params={"q": "家庭医生签约率"}).json()["items"]
    assert by_words and not [hit for hit in by_words if "语义" in hit["why"]]
    toy.end.set()
    assert house.jobs.wait(job["id"], 20)
    ended = client.get(f"/api/v1/jobs/{job['id']}").json()
    assert ended["state"] == "done" and ended["result"]["vectors"] > 0 and ended["done"] == ended["total"]
    hits = client.get("/api/v1/search", params={"q": "家庭医生签约率"}).json()["items"]
    assert "语义第" in hits[0]["why"]
    ask(client)
    back = client.delete(EMBEDDING).json()
    assert house.jobs.wait(back["jobs"][0]["id"], 20)
    again = client.get("/api/v1/search", params={"q": "家庭医生签约率"}).json()["items"]
    assert again == found


def test_no_other_embedder_during_an_ingest(client: TestClient, toy: ToyEndpoint, house: House) -> None:
    client.get("/api/v1/search", params={"q": "签约率"})
    import threading

    inside, done = threading.Event(), threading.Event()

    def write() -> None:
        with house.desk(LOCAL).library.writer():
            inside.set()
            done.wait(20)

    thread = threading.Thread(target=write)
    thread.start()
    assert inside.wait(10)
    try:
        busy = client.put(EMBEDDING, json=given(toy))
        assert busy.status_code == 409 and busy.json()["code"] == "library_busy"
        assert not house.settings.chosen and not of_house(house.settings.home).exists()
    finally:
        done.set()
        thread.join()
