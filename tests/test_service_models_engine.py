from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import EngineFailed, StorageFull
from service.keeping import check_models
from service.models import engine
from service.models.engine import Engine, Installed

if TYPE_CHECKING:
    from conftest import Wenheng

    Run = Callable[[Sequence[str], Mapping[str, str], Path, Callable[[str], None]], int]

PLAIN = "CPU : SSE3 = 1 | AVX2 = 1 | AVX512 = 0 | REPACK = 1 | "
WIDE = "CPU : SSE3 = 1 | AVX2 = 1 | AVX512 = 1 | AVX512_VNNI = 1 | REPACK = 1 | "


def test_is_the_version_that_is_pinned() -> None:
    assert f"{engine.PACKAGE}=={engine.VERSION}" in (importlib.metadata.requires("wenheng") or [])


def test_the_engine_here_tells_what_it_is() -> None:
    found = engine.installed()
    assert found.engine in Engine and set(found.unused) <= {"AVX512", "AVX512_VNNI", "AVX_VNNI", "AMX_INT8"}


@pytest.mark.parametrize(
    ("said", "flags", "wanted"),
    [
        (PLAIN, "sse3 avx2 avx512f avx512_vnni", Installed(Engine.PORTABLE, ("AVX512", "AVX512_VNNI"))),
        (PLAIN, "sse3 avx2", Installed(Engine.PORTABLE, ())),
        (WIDE, "sse3 avx2 avx512f avx512_vnni", Installed(Engine.NATIVE, ())),
        (WIDE, "avx512f avx512_vnni amx_int8", Installed(Engine.NATIVE, ("AMX_INT8",))),
    ],
)
def test_what_a_processor_has_and_the_engine_leaves_unused(
    said: str, flags: str, wanted: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: {flags}\n\nprocessor\t: 1\n")
    monkeypatch.setattr(engine, "CPUINFO", cpuinfo)
    monkeypatch.setattr(engine, "_asked", lambda environment: said)
    assert engine.installed() == wanted


def test_a_system_without_cpuinfo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "CPUINFO", tmp_path / "absent")
    assert engine.installed().unused == ()


@given(st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9_]{0,9}", fullmatch=True), st.booleans()))
def test_reads_what_llama_says_of_itself(said: dict[str, bool]) -> None:
    line = "CPU : " + "".join(f"{name} = {int(on)} | " for name, on in said.items())
    assert engine._used(line) == {name for name, on in said.items() if on}


class Pip:
    """Stands in for pip: notes its calls, makes the wheel, and fails where it is told to."""

    def __init__(self, failing: str = "") -> None:
        self.calls: list[list[str]] = []
        self.environments: list[Mapping[str, str]] = []
        self.failing = failing

    def __call__(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path, told: Callable[[str], None]
    ) -> int:
        self.calls.append(list(command[3:]))
        self.environments.append(environment)
        with log.open("ab") as output:
            output.write(f"{command[3]}\n".encode())
        if command[3] == "wheel":
            for line in ("fetching", "[  0%] Building C", "[ 50%] Building CXX", "[100%] Linking"):
                told(line)
            folder = Path(command[command.index("-w") + 1])
            folder.mkdir()
            (folder / "xllamacpp-1-py3-none-any.whl").write_bytes(b"")
        return int(command[3] == self.failing)


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> Pip:
    stand_in = Pip()
    monkeypatch.setattr(engine, "_run", stand_in)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    return stand_in


def replaced(call: Sequence[str]) -> bool:
    """Whether a call changes the engine in use."""
    return call[0] == "install" and "--target" not in call


def test_compiles_tries_and_only_then_installs(
    pip: Pip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    monkeypatch.setattr(engine, "_asked", lambda environment: tried.append(environment["PYTHONPATH"]) or WIDE)
    seen: list[int] = []
    engine.compile_here(tmp_path / "models", tmp_path / "logs", seen.append)
    assert [call[0] for call in pip.calls] == ["install", "wheel", "install", "install"]
    assert [replaced(call) for call in pip.calls] == [False, False, False, True]
    assert tried and str(tmp_path / "models") in tried[0]
    assert seen == sorted(seen) and seen[0] == 0 and 50 in seen and seen[-1] == 100
    build = pip.calls[1]
    assert "--require-hashes" in build and "--no-deps" in build
    assert "cmake" in pip.environments[1]["PATH"].split(":")[0]
    assert "-DLLAMA_LLGUIDANCE=OFF" in pip.environments[1]["CMAKE_ARGS"]
    assert not list((tmp_path / "models").iterdir())
    assert (tmp_path / "logs" / engine.LOG).read_text().split() == ["install", "wheel", "install", "install"]


def test_an_engine_that_does_not_run_is_not_installed(
    pip: Pip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(environment: Mapping[str, str]) -> str:
        raise engine.unfit()

    monkeypatch.setattr(engine, "_asked", asked)
    with pytest.raises(EngineFailed, match="另一种处理器"):
        engine.compile_here(tmp_path, tmp_path / "logs", lambda percent: None)
    assert not any(replaced(call) for call in pip.calls)


def test_a_compiler_that_fails(pip: Pip, tmp_path: Path) -> None:
    pip.failing = "wheel"
    with pytest.raises(EngineFailed, match=r"engine-build\.log：编译没有成功，现有的引擎没有改动"):
        engine.compile_here(tmp_path, tmp_path / "logs", lambda percent: None)
    assert not any(replaced(call) for call in pip.calls)
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]


def test_no_room(pip: Pip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: used._replace(free=engine.NEEDED_BYTES - 1))
    with pytest.raises(StorageFull, match="1024 MB"):
        engine.compile_here(tmp_path, tmp_path / "logs", lambda percent: None)
    assert not pip.calls


def test_back_to_the_portable_engine(pip: Pip, tmp_path: Path) -> None:
    engine.take_portable(tmp_path, tmp_path / "logs")
    (call,) = pip.calls
    assert replaced(call) and "--only-binary" in call and f"xllamacpp=={engine.VERSION}" in call


def test_giving_up_ends_the_compiler(tmp_path: Path) -> None:
    """Ctrl-C comes while output is read; what the command started must not go on."""
    born: list[int] = []

    def told(line: str) -> None:
        born.extend(map(int, line.split()))
        raise KeyboardInterrupt

    code = (
        "import os, subprocess, sys, time; child = subprocess.Popen(['sleep', '100']);"
        "print(os.getpid(), child.pid, flush=True); time.sleep(100)"
    )
    with pytest.raises(KeyboardInterrupt):
        engine._run([sys.executable, "-c", code], {}, tmp_path / "log", told)
    deadline = time.monotonic() + 10
    while any(map(alive, born)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(born) == 2 and not any(map(alive, born))


def alive(pid: int) -> bool:
    """Whether a process runs: a zombie that nobody has asked for yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_no_compiler_is_one_sentence(
    wenheng: Wenheng, one_sentence: Callable[..., str], tmp_path: Path
) -> None:
    line = replace(wenheng, env=wenheng.env | {"PATH": str(tmp_path)})
    one_sentence(
        line("models", "--engine", "native"),
        4,
        "没有 C++ 编译器",
        "apt-get install build-essential",
        "照常可用",
    )


def test_no_source_is_told_after_it_began(wenheng: Wenheng, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    line = replace(wenheng, env=wenheng.env | {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull})
    result = line("models", "--engine", "native")
    began, said = result.stderr.splitlines()
    assert result.exit_code == 4 and "按 Ctrl-C 可放弃" in began
    assert (
        said.startswith("错误：") and "下载 CMake没有成功，现有的引擎没有改动" in said and "pip 镜像" in said
    )


@pytest.mark.parametrize(
    ("found", "said", "remedy"),
    [
        (Installed(Engine.PORTABLE, ("AVX512",)), "通用，没有用到这台处理器的 AVX512", "--engine native"),
        (Installed(Engine.PORTABLE, ()), "通用", ""),
        (Installed(Engine.NATIVE, ()), "为本机处理器编译", ""),
    ],
)
def test_doctor_tells_which_engine_runs(
    found: Installed, said: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "installed", lambda: found)
    finding = check_models._engine()
    assert finding.state.value == "ok" and finding.said == said and remedy in finding.remedy


def test_doctor_names_an_engine_of_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Installed:
        raise engine.unfit()

    monkeypatch.setattr(engine, "installed", gone)
    finding = check_models._engine()
    assert finding.state.value == "fail" and "models --engine portable" in finding.remedy
