"""The second compose file, laid over the first: what the program understands, and a server that nobody else reaches."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from corpus.errors import InputError
from service.probing import leaves
from service.settings import describe, load

ROOT = Path(__file__).resolve().parents[1]
GIVEN = {
    "CHAT_URL": "https://llm.example/v1",
    "CHAT_MODEL": "m",
    "EMBEDDING_URL": "https://llm.example/v1",
    "EMBEDDING_MODEL": "e",
    "ALLOW_REMOTE": "1",
}


def services() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Both services, the first one as it is when the files are laid over each other, and the networks."""
    base, over = (
        yaml.safe_load((ROOT / name).read_text("utf-8")) for name in ("compose.yaml", "compose.chroma.yaml")
    )
    ours, theirs = base["services"]["wenheng"], over["services"]["wenheng"]
    merged = ours | theirs | {"environment": ours["environment"] | theirs["environment"]}
    return merged, over["services"]["chroma"], over["networks"]


def filled(text: object, given: dict[str, str]) -> str:
    """A value as compose fills it; it refuses to start where one with ``:?`` is empty."""

    def value(match: re.Match[str]) -> str:
        found = given.get(match[1]) or (match[3] if match[2] == ":-" else "")
        assert found or match[2] == ":-", match[3]
        return found

    return re.sub(r"\$\{(\w+)(:[-?])([^}]*)\}", value, str(text))


def environment(given: dict[str, str]) -> dict[str, str]:
    return {name: filled(text, given) for name, text in services()[0]["environment"].items()}


def test_the_service_takes_both_from_elsewhere() -> None:
    settings = load(environment(GIVEN))
    assert settings.chroma is not None and settings.chroma.host == "chroma:8000"
    assert (settings.chat_model, settings.embedding_model) == ("m", "e")
    assert [text for text in leaves(settings) if "chroma" in text and "向量" in text]


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_nothing_leaves_before_somebody_said_so(name: str) -> None:
    with pytest.raises(AssertionError):
        environment(GIVEN | {name: ""})


def test_vectors_leave_this_machine_only_when_allowed() -> None:
    with pytest.raises(InputError, match="Chroma 服务器不在本机") as told:
        load({"WENHENG_CHROMA_URL": "http://chroma:8000"})
    assert "WENHENG_ALLOW_REMOTE=1" in told.value.remedy
    assert load({}).chroma is None
    near = load({"WENHENG_CHROMA_URL": "http://127.0.0.1:8000", "WENHENG_CHROMA_KEY": "k-geheim"})
    assert near.chroma is not None and near.chroma.key == "k-geheim"
    assert "geheim" not in repr(describe(near)) + repr(near) + repr(near.chroma)


def test_the_server_is_reached_by_the_service_alone() -> None:
    ours, chroma, networks = services()
    assert "ports" not in chroma and chroma["networks"] == ["vectors"] and networks["vectors"]["internal"]
    assert set(ours["networks"]) == {"default", "vectors"}
    assert chroma["image"] == ours["image"] and chroma["entrypoint"] == ["chroma"]
    assert chroma["read_only"] is True and chroma["cap_drop"] == ["ALL"]
    assert [name.split(":")[1] for name in chroma["volumes"]] == ["/data"]
    command = dict(zip(chroma["command"][1::2], chroma["command"][2::2], strict=True))
    assert command["--path"].startswith("/data/") and command["--port"] == "8000"
