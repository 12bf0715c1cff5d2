"""The OpenAPI document against what the service does: no 500, no status or shape that is not written there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

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


@pytest.fixture(scope="module")
def document(bureau: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("schema") / "home"
    shutil.copytree(bureau.settings.home, home, ignore=shutil.ignore_patterns("lock*"))
    fake = FakeChat(["没有模型。"])
    with (
        House.open(load({}, home=home), embedder=bureau.embedder, chat=fake) as house,
        running(house) as address,
    ):
        yield schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")


def broken(operation: Any, examples: int) -> list[str]:
    """What an operation answers that its document does not say."""
    found: list[str] = []

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
        response = case.call(timeout=30)
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            told = "; ".join(" ".join(str(one).split())[:200] for one in group.exceptions)
            found.append(f"{operation.label} {response.status_code} {case.as_curl_command()[:300]} {told}")

    run()
    return found


def test_every_answer_is_as_the_document_says(document: Any) -> None:
    wrong: list[str] = []
    for result in document.get_all_operations():
        wrong += broken(result.ok(), EXAMPLES)
    assert not wrong, "\n".join(dict.fromkeys(wrong))
