"""No route leads across a border: every operation of the OpenAPI document, walked by a reader of another collection.

Found from the document, so that a route that is added later is walked too. 青岭县 lies in a collection that the reader
does not have: whatever they send, nothing of it may come back, and it must look as if it were not there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from corpus.embedding import HashingEmbedder
from service.accounts.caller import MAIN, Caller, Role
from service.house import House
from service.http import guard
from service.http.app import create_app, protect
from service.models.chat import FakeChat
from service.papers.template_shelf import Shelf
from service.papers.template_starter import starter
from service.settings import load

HERE = "http://127.0.0.1:8000"
GOOD = "四个 不相干的 词 在一起"
NOWHERE = "c00000000dead"
NOBODY = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
VALUES = {"kind": "chat", "number": "1", "step_key": "1.1"}  # of other path parameters
PUBLIC = {"/healthz", "/readyz", "/api/v1/sign-in"}
FILTERS = {"/api/v1/jobs", "/api/v1/log", "/api/v1/log.csv"}  # where a collection narrows a list of one's own
ONESELF = {"/api/v1/sign-out", "/api/v1/me/password"}  # would end the walk, and slow it down
REPORT = """{place}卫生健康局2021年工作总结

2021年，{place}卫生健康局扎实推进各项工作。

一、工作完成情况
全县组建家庭医生团队{teams}个，重点人群签约率达到{rate}%。
"""

Operation = tuple[str, str, dict[str, Any]]  # method, path, what the document says


@dataclass
class Scene:
    """Two collections; the reader has ``seen`` and not ``hidden``."""

    client: TestClient
    owner: TestClient  # of an administrator, to whom all of it belongs
    house: House
    document: dict[str, Any]
    seen: str
    hidden: str
    ids: dict[str, str] = field(
        default_factory=dict
    )  # of things in the hidden one, by name of the path parameter
    own: dict[str, str] = field(default_factory=dict)  # of things in the seen one

    def secrets(self) -> tuple[str, ...]:
        return (
            "青岭",
            "93.7",
            "187个",
            "保密的会话",
            "主管丙",
            "青岭卫健资料",
            self.hidden,
            *self.ids.values(),
        )


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("borders")
    settings = load({"WENHENG_ASKS_PER_MINUTE": "0"}, home=home)
    chat = FakeChat(["签约率为71.5%[1]。"])
    with House.open(settings, users=True, embedder=HashingEmbedder(), chat=chat) as house:
        books = house.accounts
        seen, hidden = books.collections.create("澄河卫健资料"), books.collections.create("青岭卫健资料")
        boss = books.people.add("主管丙", GOOD, Role.ADMINISTRATOR)
        reader = books.people.add("读者乙", GOOD)
        books.people.grant(reader.id, seen, Role.READER)
        token, key = books.keys.make(boss.id, "密", Role.ADMINISTRATOR)
        app = protect(create_app(house))
        owner = TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {token}"})
        client = TestClient(app, base_url=HERE)
        made = Scene(client, owner, house, app.openapi(), seen, hidden)
        made.own |= _fill(made, boss.id, seen, "澄河县", "86", "71.5", home)
        made.ids |= _fill(made, boss.id, hidden, "青岭县", "187", "93.7", home)
        made.ids |= {
            "person_id": boss.id,
            "key_id": key.id,
            "session_id": books.sessions.start(boss.id)[1].id,
        }
        cookie, mine = books.sessions.start(reader.id)
        client.cookies.set(guard.COOKIE, cookie)
        client.headers.update({guard.TOKEN: mine.guard, "Origin": HERE})
        yield made


def _fill(
    scene: Scene, boss_id: str, collection: str, place: str, teams: str, rate: str, home: Path
) -> dict[str, str]:
    """A report, a chat, a draft, a template and a job of somebody else; their ids by the names that paths give them."""
    house = scene.house
    boss = house.accounts.people.caller(boss_id, "session")
    assert boss
    desk = house.desk(boss, collection)
    source = home / f"{place}.txt"
    source.write_text(REPORT.format(place=place, teams=teams, rate=rate), encoding="utf-8")
    assert not desk.ingest([source]).failures
    chat = desk.library.chats.start("保密的会话")
    house.accounts.owned.claim("chat", chat, collection, boss)
    job = house.jobs.submit(boss, collection, "ingest", {}).id
    assert house.jobs.wait(job, 20)
    (report,) = (card.id for card in desk.cards())
    form = home / f"{place}模板.docx"
    form.write_bytes(starter())
    template = Shelf(desk.library.home).add(form, form.name).id
    found = {"report_id": report, "conversation_id": chat, "job_id": job, "template_id": template}
    posting = ("post", "/api/v1/drafts", scene.document["paths"]["/api/v1/drafts"]["post"])
    draft = send(scene, posting, found, collection, scene.owner)
    assert draft.status_code == 201, draft.text
    return found | {"draft_id": draft.json()["draft"]}


# -- requests that fit the document -----------------------------------------------------------------


def operations(document: dict[str, Any]) -> list[Operation]:
    return [
        (method, path, told)
        for path, methods in sorted(document["paths"].items())
        for method, told in methods.items()
        if path not in PUBLIC | ONESELF
    ]


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def names_a_collection(document: dict[str, Any], operation: Operation) -> bool:
    """Whether a request says in which collection it is meant."""
    told = operation[2]
    body: dict[str, Any] = next(iter(told.get("requestBody", {}).get("content", {}).values()), {})
    properties = resolved(document, body.get("schema", {})).get("properties", {})
    return "collection" in properties or any(
        one["name"] == "collection" for one in told.get("parameters", [])
    )


def sample(
    document: dict[str, Any], schema: dict[str, Any], name: str, ids: dict[str, str], collection: str
) -> Any:
    """A value that fits; what is named like an id of ours is that id."""
    schema = resolved(document, schema)
    if name == "collection" and collection:
        return collection
    if name in ("report", "reports", "report_ids", "report_id", "kept", "copy"):
        one = ids["report_id"]
        return [one] if schema.get("type") == "array" else one
    if name.removesuffix("_id") in ("draft", "conversation", "job", "template"):
        return ids[f"{name.removesuffix('_id')}_id"]
    if schema.get("examples"):
        value = schema["examples"][0]
        properties = schema.get("properties", {})
        if isinstance(value, dict):
            named = {
                key
                for key in properties
                if key in ("collection", "report_ids", "reports", "report", "kept", "copy")
            }
            return value | {key: sample(document, properties[key], key, ids, collection) for key in named}
        return value
    for words in ("anyOf", "oneOf"):
        if words in schema:
            return sample(document, schema[words][0], name, ids, collection)
    if "default" in schema:
        return schema["default"]
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            wanted = {*schema.get("required", ()), *({"collection"} & {*schema.get("properties", {})})}
            inside = schema.get("properties", {})
            return {key: sample(document, inside[key], key, ids, collection) for key in sorted(wanted)}
        case "array":
            return [sample(document, schema.get("items", {}), name, ids, collection)] * schema.get(
                "minItems", 1
            )
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
    return "签约率"


def send(
    scene: Scene,
    operation: Operation,
    ids: dict[str, str],
    collection: str,
    client: TestClient | None = None,
) -> Any:
    """One request; ``collection`` is "" to leave it out. The answer with its text, ids replaced by their names."""
    method, path, told = operation
    query: dict[str, Any] = {}
    for parameter in told.get("parameters", []):
        name, schema = parameter["name"], parameter["schema"]
        if parameter["in"] == "path":
            value = ids.get(name) or (
                collection or MAIN if name == "collection" else VALUES.get(name, "报告.docx")
            )
            path = path.replace("{" + name + "}", value)
        elif parameter["in"] == "query" and (parameter.get("required") or name in ("collection", "report")):
            query[name] = sample(scene.document, schema, name, ids, collection)
    if not collection:
        query.pop("collection", None)
    content = told.get("requestBody", {}).get("content", {})
    sent: dict[str, Any] = {}
    if "application/json" in content:
        sent["json"] = sample(scene.document, content["application/json"]["schema"], "", ids, collection)
    elif "multipart/form-data" in content:
        inside = resolved(scene.document, content["multipart/form-data"]["schema"]).get("properties", {})
        kinds = [
            key
            for key, value in inside.items()
            if "binary" in json.dumps(value) or "octet" in json.dumps(value)
        ]
        sent["files"] = [(key, ("上传.txt", "签约率达到1%。".encode())) for key in kinds or ["file"]]
    return (client or scene.client).request(method.upper(), path, params=query, **sent)


def bare(scene: Scene, answer: Any, ids: dict[str, str], collection: str) -> str:
    """The answer without what the caller sent, which it may echo."""
    text: str = answer.content.decode("utf-8", "replace").replace(collection or "\0", "…")
    for one in sorted(ids.values(), key=len, reverse=True):
        for echo in (one, one[:60], one[:40], one[:20], one[:12]):
            text = text.replace(echo, "…")
    return text


# -- the walk ---------------------------------------------------------------------------------------


def test_the_document_has_the_doors_that_are_walked(scene: Scene) -> None:
    walked = {path for _, path, _ in operations(scene.document)}
    assert {"/api/v1/ask", "/api/v1/search", "/api/v1/reports/{report_id}", "/v1/chat/completions"} <= walked
    assert len(walked) > 30


def test_what_is_hidden_looks_like_what_is_not_there(scene: Scene) -> None:
    """Named outright: the same status and the same words as for a collection that does not exist."""
    wrong: list[object] = []
    for operation in operations(scene.document):
        there = send(scene, operation, scene.ids, scene.hidden)
        nowhere = send(scene, operation, scene.ids, NOWHERE)
        words = [
            bare(scene, one, scene.ids, name) for one, name in ((there, scene.hidden), (nowhere, NOWHERE))
        ]
        takes = names_a_collection(scene.document, operation)
        if there.status_code != nowhere.status_code or (words[0] != words[1] and takes):
            wrong.append((operation[:2], there.status_code, nowhere.status_code, words))
        if takes and there.status_code < 400 and operation[1] not in FILTERS:
            wrong.append((operation[:2], there.status_code, there.text[:200]))
        found = [secret for secret in scene.secrets() if secret in words[0]]
        if found:
            wrong.append((operation[:2], found, words[0][:300]))
    assert wrong == []


@pytest.mark.parametrize("collection", ["seen", "none"])
def test_an_id_from_behind_the_border_is_like_one_that_never_was(scene: Scene, collection: str) -> None:
    """Ids of the hidden collection, handed in at the reader's own and at the first one."""
    wrong: list[object] = []
    where = scene.seen if collection == "seen" else ""
    never = {name: NOBODY[: len(one)] for name, one in scene.ids.items()}
    for operation in operations(scene.document):
        if "{collection}" in operation[1] and not where:
            continue
        there = send(scene, operation, scene.ids, where)
        nobody = send(scene, operation, never, where)
        words = [bare(scene, one, ids, where) for one, ids in ((there, scene.ids), (nobody, never))]
        if there.status_code != nobody.status_code:
            wrong.append((operation[:2], there.status_code, nobody.status_code, words))
        if any("{" + name + "}" in operation[1] for name in never) and there.status_code < 400:
            wrong.append((operation[:2], there.status_code, there.text[:200]))
        found = [secret for secret in scene.secrets() if secret in words[0]]
        if found:
            wrong.append((operation[:2], found, words[0][:300]))
        if (
            not where
            and there.status_code < 400
            and "collection" in str(operation[2])
            and "青岭" in there.text
        ):
            wrong.append((operation[:2], there.status_code))
    assert wrong == []


def test_a_reader_changes_nothing_and_reads_nobodys_chats_in_their_own_collection(scene: Scene) -> None:
    """Ids of the reader's own collection, but of somebody else's chat, draft and job."""
    desk = scene.house.desk(_boss(scene), scene.seen)
    before = [desk.cards(), desk.duplicates()]
    wrong: list[object] = []
    for operation in operations(scene.document):
        answer = send(
            scene,
            operation,
            scene.own | {name: scene.ids[name] for name in ("person_id", "key_id", "session_id")},
            scene.seen,
        )
        if answer.status_code >= 500:
            wrong.append((operation[:2], answer.status_code, answer.text[:300]))
        if "保密的" in answer.text or "主管丙" in answer.text:
            wrong.append((operation[:2], answer.status_code, answer.text[:300]))
        for name in ("conversation_id", "draft_id", "job_id", "person_id", "key_id", "session_id"):
            if "{" + name + "}" in operation[1] and answer.status_code < 400:
                wrong.append((operation[:2], answer.status_code, answer.text[:300]))
    desk = scene.house.desk(_boss(scene), scene.seen)
    assert wrong == []
    assert [desk.cards(), desk.duplicates()] == before
    assert scene.own["conversation_id"] in [chat.id for chat in desk.library.chats.list()]
    assert [draft.id for draft in desk.library.drafts.list()] == [scene.own["draft_id"]]
    assert [one.id for one in scene.house.accounts.collections.list(_boss(scene))] == [
        MAIN,
        scene.seen,
        scene.hidden,
    ]
    assert len(scene.house.accounts.people.list()) == 2


def _boss(scene: Scene) -> Caller:
    found = scene.house.accounts.people.caller(scene.ids["person_id"], "session")
    assert found
    return found


def test_lists_show_and_count_only_what_is_theirs(scene: Scene) -> None:
    get = scene.client.get
    assert [one["id"] for one in get("/api/v1/collections").json()] == [scene.seen]
    assert [one["id"] for one in get("/api/v1/collections?removed=true").json()] == []
    assert get(f"/api/v1/reports?collection={scene.seen}").json()["items"][0]["place"] == "澄河县"
    hits = get("/api/v1/search", params={"q": "重点人群签约率", "collection": scene.seen, "limit": 50}).text
    assert "71.5" in hits and "93.7" not in hits
    assert all(model["id"].find(scene.hidden) < 0 for model in get("/v1/models").json()["data"])
    for path in (
        "/metrics",
        "/api/v1/people",
        "/api/v1/log",
        "/api/v1/log.csv",
        "/api/v1/keys?everybody=true",
    ):
        assert get(path).status_code == 403, path


def test_without_a_caller_every_operation_is_closed(scene: Scene) -> None:
    stranger = TestClient(scene.client.app, base_url=HERE, headers={"Origin": HERE})
    for operation in operations(scene.document):
        answer = send(scene, operation, scene.ids, scene.hidden, stranger)
        assert answer.status_code == 401, (operation[:2], answer.status_code)
        assert "sign_in_needed" in answer.text or "invalid_api_key" in answer.text


def test_the_same_requests_open_the_door_to_their_owner(scene: Scene) -> None:
    """Else the walk would prove nothing: what is refused above is refused for want of a right."""
    got = {
        operation[1]: send(scene, operation, scene.ids, scene.hidden, scene.owner)
        for operation in operations(scene.document)
        if operation[0] == "get" or operation[1] in ("/api/v1/ask", "/v1/chat/completions")
    }
    shut = {path for path, answer in got.items() if answer.status_code >= 400}
    assert shut <= {
        "/api/v1/jobs/{job_id}/files/{name}",
        "/v1/models/{name}",
        "/api/v1/drafts/{draft_id}/diff",
    }
    assert len(got) > 25
    assert "93.7" in got["/api/v1/search"].text and "青岭" in got["/api/v1/reports/{report_id}"].text
