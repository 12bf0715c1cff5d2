"""Which kernels compute: what the processor has, what was compiled, what is taken up, and what doctor tells."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import EngineFailed
from service.keeping import check_models
from service.models import engine
from service.models.engine import Engine, Installed

FLAGS = sorted(set().union(*engine.VARIANTS.values()))
ZEN4 = " ".join(sorted(engine.VARIANTS["zen4"]))


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of kernels that is empty, on a machine like a Zen 4."""
    made = tmp_path / "kernels"
    made.mkdir()
    monkeypatch.setattr(engine, "folder", lambda: made)
    processor(tmp_path, monkeypatch, f"sse3 avx2 avx_vnni {ZEN4}")
    return made


def processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n\nprocessor\t: 1\n")
    monkeypatch.setattr(engine, "CPUINFO", tmp_path / "cpuinfo")


def test_the_widest_that_the_processor_has(
    where: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine.fitting()[0] == "zen4" and "sapphirerapids" not in engine.fitting()
    processor(tmp_path, monkeypatch, "sse3 avx2 fma")
    assert engine.fitting() == () and engine.installed() == Installed(Engine.PORTABLE)
    monkeypatch.setattr(engine, "CPUINFO", tmp_path / "absent")
    assert engine.fitting() == ()


@given(st.sets(st.sampled_from(FLAGS)))
def test_never_more_than_the_processor_has(flags: set[str]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine, "_flags", lambda: frozenset(flags))
        fit = engine.fitting()
    assert all(engine.VARIANTS[name] <= flags for name in fit)
    assert [name for name in engine.VARIANTS if name in fit] == list(fit)
    assert not any(engine.VARIANTS[fit[0]] < engine.VARIANTS[name] for name in fit[1:])


def test_what_is_left_unused_is_told(where: Path) -> None:
    found = engine.installed()
    assert (found.engine, found.variant) == (Engine.PORTABLE, "")
    assert found.unused == ("AVX512", "AVX512_VNNI")


def test_kernels_of_another_processor_are_none(where: Path) -> None:
    (where / engine.file_of("sapphirerapids")).touch()
    assert engine.compiled(where) == ("sapphirerapids",)
    assert engine.installed().engine is Engine.PORTABLE


@pytest.mark.parametrize(("code", "said", "wanted"), [(0, "zen4", "zen4"), (0, "", ""), (-4, "", "")])
def test_kernels_are_asked_in_a_process_of_their_own(
    where: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str, wanted: str
) -> None:
    (where / engine.file_of("zen4")).touch()
    monkeypatch.setattr(
        subprocess, "run", lambda *a, **k: subprocess.CompletedProcess(a, code, said.encode())
    )
    assert engine.installed().variant == wanted
    assert (engine.installed().engine is Engine.NATIVE) == bool(wanted)


def test_an_engine_that_does_not_load(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (where / engine.file_of("zen4")).touch()
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: subprocess.CompletedProcess(a, 1, b""))
    with pytest.raises(EngineFailed, match="模型引擎无法加载"):
        engine.installed()
    finding = check_models._engine()
    assert finding.state.value == "fail" and "make demo" in finding.remedy


LOAD = """
import sys
from pathlib import Path
from service.models import engine
print(repr(engine.take_up(Path(sys.argv[1]))))
import xllamacpp
print(xllamacpp.get_system_info())
"""


@pytest.mark.parametrize("content", [b"", b"no library", None])
def test_what_is_no_library_leaves_the_wheel_alone(tmp_path: Path, content: bytes | None) -> None:
    """Also one that is sound, but is not llama.cpp's."""
    path = tmp_path / engine.file_of("zen4")
    if content is None:
        path.symlink_to(next(Path(sys.base_prefix).glob("lib/python3*/lib-dynload/_json*.so")))
    else:
        path.write_bytes(content)
    done = subprocess.run([sys.executable, "-c", LOAD, tmp_path], capture_output=True, text=True, check=True)
    taken, info = done.stdout.splitlines()
    assert taken == "''" and "AVX2 = 1" in info and "AVX512 = 1" not in info


@pytest.mark.parametrize(
    ("found", "said", "remedy"),
    [
        (
            Installed(Engine.PORTABLE, unused=("AVX512",)),
            "通用，没有用到这台处理器的 AVX512",
            "--engine native",
        ),
        (Installed(Engine.PORTABLE), "通用", ""),
        (Installed(Engine.NATIVE, "zen4"), "为本机处理器编译（zen4）", ""),
    ],
)
def test_doctor_tells_which_kernels_compute(
    found: Installed, said: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "installed", lambda: found)
    finding = check_models._engine()
    assert finding.state.value == "ok" and finding.said == said and remedy in finding.remedy
