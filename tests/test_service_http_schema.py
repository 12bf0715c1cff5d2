"""The OpenAPI document against what the service does: no 500, no status or shape that is not written there.

Where nobody signs in, and where people do: as an administrator with ids of what is there, as a reader, as nobody.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from service.accounts.caller import MAIN, Role
from service.house import House
from service.http.toy_server import running
from service.models.chat import FakeChat
from service.settings import load

if TYPE_CHECKING:
    from service.desk import Desk

EXAMPLES = 3
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]


OPEN = {"/healthz", "/readyz", "/api/v1/sign-in"}  # to nobody, too
GOOD = "四个 不相干的 词 在一起"


@dataclass(frozen=True)
class Site:
    """A running service. ``keys`` by who holds them, ``ids`` of what is there by the names of path parameters."""

    document: Any
    keys: dict[str, str]
    ids: dict[str, str]


@contextmanager
def opened(bureau: Desk, home: Path, *, users: bool) -> Iterator[tuple[House, str]]:
    shutil.copytree(bureau.settings.home, home, ignore=shutil.ignore_patterns("lock*"))
    settings = load({"WENHENG_ASKS_PER_MINUTE": "0"}, home=home)
    with (
        House.open(settings, users=users, embedder=bureau.embedder, chat=FakeChat(["没有模型。"])) as house,
        running(house) as address,
    ):
        yield house, address


@pytest.fixture(scope="module")
def document(bureau: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with opened(bureau, tmp_path_factory.mktemp("schema") / "home", users=False) as (_, address):
        yield schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")


@pytest.fixture(scope="module")
def site(bureau: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same where people sign in. The reader may read one collection, in which nothing is."""
    with opened(bureau, tmp_path_factory.mktemp("schema") / "home", users=True) as (house, address):
        books = house.accounts
        other = books.collections.create("栗坪县的")
        boss, reader = books.people.add("主管丙", GOOD, Role.ADMINISTRATOR), books.people.add("读者乙", GOOD)
        books.people.grant(reader.id, other, Role.READER)
        token, key = books.keys.make(boss.id, "程序", Role.ADMINISTRATOR)
        keys = {"administrator": token, "reader": books.keys.make(reader.id, "程序")[0], "nobody": ""}
        headers = bearer(token)
        ids = {"person_id": reader.id, "key_id": key.id, "collection": MAIN, "number": "1"}
        with httpx.Client(base_url=address, headers=headers, timeout=30, trust_env=False) as client:
            told = client.get("/api/v1/openapi.json").json()
            ids["report_id"] = client.get("/api/v1/reports").json()["items"][0]["id"]
            asked = {"question": "澄河县2021年重点人群签约率是多少？", "stream": False}
            client.post("/api/v1/conversations", json=asked)
            ids["conversation_id"] = client.get("/api/v1/conversations").json()["items"][0]["id"]
            ids["job_id"] = client.post("/api/v1/backups").json()["id"]
            named = told["paths"]["/api/v1/drafts"]["post"]["requestBody"]["content"]["application/json"]
            schema = told["components"]["schemas"][named["schema"]["$ref"].rsplit("/", 1)[1]]
            starter = client.get("/api/v1/templates/starter").content
            ids["template_id"] = client.post(
                "/api/v1/templates", files={"file": ("模板.docx", starter)}
            ).json()["id"]
            ids["draft_id"] = client.post("/api/v1/drafts", json=schema["examples"][0]).json()["draft"]
        loaded = schemathesis.openapi.from_dict(told)
        loaded.config.update(base_url=address)
        yield Site(loaded, keys, ids)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def broken(
    operation: Any, examples: int, headers: dict[str, str] | None = None, ids: dict[str, str] | None = None
) -> tuple[list[str], set[int]]:
    """What an operation answers that its document does not say, and every status that it answered with."""
    found: list[str] = []
    statuses: set[int] = set()
    known = {one.name for one in operation.path_parameters} & set(ids or ())

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def run(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from(list(GenerationMode)))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if known and operation.method.upper() != "DELETE" and data.draw(st.booleans()):
            case.path_parameters |= {name: ids[name] for name in known}  # type: ignore[index]
        response = case.call(timeout=30, headers=headers or {})
        statuses.add(response.status_code)
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            told = "; ".join(" ".join(str(one).split())[:200] for one in group.exceptions)
            found.append(f"{operation.label} {response.status_code} {case.as_curl_command()[:300]} {told}")

    run()
    return found, statuses


def test_every_answer_is_as_the_document_says(document: Any) -> None:
    wrong: list[str] = []
    for result in document.get_all_operations():
        wrong += broken(result.ok(), EXAMPLES)[0]
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def test_to_an_administrator_too(site: Site) -> None:
    wrong: list[str] = []
    reached: set[int] = set()
    for result in site.document.get_all_operations():
        found, statuses = broken(result.ok(), EXAMPLES, bearer(site.keys["administrator"]), site.ids)
        wrong += found
        reached |= statuses if result.ok().path not in OPEN else set()
    assert not wrong, "\n".join(dict.fromkeys(wrong))
    assert 401 not in reached and {200, 201, 202, 204, 404, 422} <= reached, reached


def test_to_a_reader_too(site: Site) -> None:
    wrong: list[str] = []
    reached: set[int] = set()
    for result in site.document.get_all_operations():
        found, statuses = broken(result.ok(), 2, bearer(site.keys["reader"]), site.ids)
        wrong += found
        reached |= statuses if result.ok().path not in OPEN else set()
    assert not wrong, "\n".join(dict.fromkeys(wrong))
    assert 401 not in reached and {200, 403, 404, 422} <= reached, reached


def test_to_nobody_it_is_closed_and_says_so(site: Site) -> None:
    for result in site.document.get_all_operations():
        operation = result.ok()
        wrong, statuses = broken(operation, 1)
        assert not wrong, wrong
        assert operation.path in OPEN or statuses == {401}, (operation.label, statuses)
