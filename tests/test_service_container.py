"""The container's two files say what the program understands: no engine is at hand to build them here."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.cli import cli
from service.settings import load

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
FINAL = DOCKERFILE.rsplit("\nFROM ", 1)[1]


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["wenheng"]
    return found


def filled(text: object, given: dict[str, str]) -> str:
    """A value of the compose file with its variables, as compose fills it."""
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda match: given.get(match[1]) or match[2], str(text))


def environment(service: dict[str, Any], **given: str) -> dict[str, str]:
    baked = dict(re.findall(r"(WENHENG_\w+)=(\S+)", FINAL))
    return baked | {name: filled(text, given) for name, text in service["environment"].items()}


def test_alone(service: dict[str, Any]) -> None:
    settings = load(environment(service))
    assert (settings.chat_url, settings.embedding_url, settings.allow_remote) == ("", "", False)
    assert (settings.host, settings.port) == ("0.0.0.0", 8788)
    assert all(Path("/data") in path.parents for path in (settings.home, settings.models_dir))


def test_with_an_endpoint(service: dict[str, Any]) -> None:
    given = {
        "CHAT_URL": "http://llm.internal:8000/v1",
        "CHAT_MODEL": "m",
        "ALLOW_REMOTE": "1",
        "CHAT_KEY": "k",
    }
    settings = load(environment(service, **given))
    assert (settings.chat_url, settings.chat_model) == (given["CHAT_URL"], "m")
    assert settings.allow_remote and settings.chat_key.reveal() == "k"


def test_it_may_write_to_one_volume_only(service: dict[str, Any]) -> None:
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert [name.split(":")[1] for name in service["volumes"]] == ["/data"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert re.findall(r"VOLUME (.+)", DOCKERFILE) == ['["/data"]']
    for name in ("XDG_CACHE_HOME", "HF_HOME", "NICEGUI_STORAGE_PATH"):
        assert re.search(rf"{name}=/tmp/", FINAL), name


def test_it_runs_as_nobody_in_particular() -> None:
    (user,) = re.findall(r"^USER (\S+)", FINAL, re.MULTILINE)
    assert user == "wenheng" and "--uid 10001" in FINAL
    assert FINAL.index("USER wenheng") < FINAL.index("ENTRYPOINT")


def test_what_it_starts_is_a_command(service: dict[str, Any]) -> None:
    command = cli.get_command(None, "serve")  # type: ignore[arg-type]
    assert command is not None and service["command"] == ["serve", "--users"]
    assert 'ENTRYPOINT ["wenheng"]' in FINAL and 'CMD ["serve", "--users"]' in FINAL
    known = {option for parameter in command.params for option in parameter.opts}
    assert "--users" in known and "/readyz" in FINAL and "8788" in FINAL


def test_it_has_kernels_for_many_processors() -> None:
    """Compiled where pip puts the package, which the final image copies whole."""
    (command,) = re.findall(r"/opt/wenheng/bin/wenheng (models \S+ \w+)", DOCKERFILE)
    models = cli.get_command(None, "models")  # type: ignore[arg-type]
    assert models is not None
    with models.make_context("models", command.split()[1:]) as context:
        assert context.params["engine"] == "all"
    assert "COPY --from=build /opt/wenheng /opt/wenheng" in FINAL


def test_packages_are_those_of_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    pins = dict(line.split("==") for line in project["project"]["dependencies"])
    assert f"torch=={pins['torch']}" in DOCKERFILE and "-c constraints.txt ." in DOCKERFILE
    copied = set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE))
    assert copied == set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert project["project"]["requires-python"].startswith(">=3.11") and "python:3.11-slim" in DOCKERFILE
