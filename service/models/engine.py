"""llama.cpp as the wheel brings it, or compiled for this machine's processor: which one is here, and changing it.

The wheel of the package index runs on every x86 processor since 2013 and so leaves wider instructions (AVX-512, VNNI,
AMX) unused, with which a prompt is read almost twice as fast and a right guess of n-gram speculation costs next to
nothing (``benchmarks.decode`` has the figures). :func:`compile_here` takes the same version's source from the same index,
verified by its hash, and compiles it; the wheel in use is exchanged only when the new one was loaded and asked once.
:func:`take_portable` goes back. Both leave models and libraries alone.

The parts of llama.cpp that would fetch more source (a second grammar engine, TLS) are left out: unused here.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from corpus.errors import EngineFailed, StorageFull

PACKAGE = "xllamacpp"
VERSION = "2026.10.11549"  # the pin in pyproject.toml
SOURCE_SHA256 = "c17ee1163006f70726abb9f72137830818f3d8cb60bfc34cb232d08428eaa22b"
CMAKE = "cmake==4.4.4"  # from the package index: a bare machine has none
WITHOUT = (
    "-DLLAMA_LLGUIDANCE=OFF -DLLAMA_BUILD_BORINGSSL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF"
)
NEEDED_BYTES = 1 << 30
MINUTES = 6  # on two cores
LOG = "engine-build.log"
CPUINFO = Path("/proc/cpuinfo")
_PERCENT = re.compile(r"\[ *(\d{1,3})%\]")
_ASK = "import xllamacpp; print(xllamacpp.get_system_info())"
ADVICE = (
    f"想更快可运行 wenheng models --engine native，为本机编译引擎（两核约{MINUTES}分钟，需要 C++ 编译器）"
)
_KEPT = "现有的引擎没有改动，照常可用"

# What llama.cpp calls an instruction set → the flag that Linux shows of a processor that has it.
_WIDE = {"AVX512": "avx512f", "AVX512_VNNI": "avx512_vnni", "AVX_VNNI": "avx_vnni", "AMX_INT8": "amx_int8"}


class Engine(Enum):
    """Which llama.cpp runs."""

    PORTABLE = "portable"
    NATIVE = "native"


@dataclass(frozen=True, slots=True)
class Installed:
    """The engine that is here, and what this processor has that it leaves unused, as llama.cpp names it."""

    engine: Engine
    unused: tuple[str, ...]


Told = Callable[[int], None]


def installed() -> Installed:
    """Ask the engine which instructions it was compiled for.

    Raises:
        EngineFailed: it cannot be loaded.
    """
    used = _used(_asked(_environment()))
    flags = _flags()
    unused = tuple(name for name, flag in _WIDE.items() if flag in flags and name not in used)
    return Installed(Engine.NATIVE if used & set(_WIDE) else Engine.PORTABLE, unused)


def compile_here(folder: Path, log_dir: Path, on_percent: Told) -> None:
    """Compile the engine for this machine and use it from the next start of the model on.

    Args:
        folder: where some 600 MB of temporary files may lie.
        log_dir: where the compiler's output goes.
        on_percent: told how far it is, 0 to 100.

    Raises:
        EngineFailed: no compiler, no source, or it does not compile or run; the engine in use stays.
        StorageFull: no space for it.
    """
    if not (shutil.which("c++") or shutil.which("g++")) or not shutil.which("make"):
        raise EngineFailed(
            "没有 C++ 编译器，无法为本机编译模型引擎",
            remedy=f"请先运行 apt-get install build-essential（{_KEPT}）",
        )
    with _room(folder) as home:
        step = _Steps(log_dir / LOG, home)
        on_percent(0)
        step("下载 CMake", "install", "--target", str(home / "tools"), "--no-deps", CMAKE)
        on_percent(2)
        wanted = home / "source.txt"
        wanted.write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{SOURCE_SHA256}\n")
        made = ("wheel", "--no-deps", "--no-cache-dir", "--require-hashes", "--no-binary", PACKAGE)
        path = os.pathsep.join((str(home / "tools" / "cmake" / "data" / "bin"), os.environ.get("PATH", "")))
        arguments = f"{os.environ.get('CMAKE_ARGS', '')} {WITHOUT}".strip()
        step(
            "编译", *made, "-v", "-w", str(home / "wheels"), "-r", str(wanted),
            more={"PATH": path, "CMAKE_ARGS": arguments},
            told=lambda line: _tell(line, on_percent),
        )  # fmt: skip
        wheel = next((home / "wheels").glob("*.whl"))
        step("试装", "install", "--no-deps", "--target", str(home / "trial"), str(wheel))
        _asked(_environment() | {"PYTHONPATH": str(home / "trial")})
        step("安装", "install", "--no-deps", "--force-reinstall", str(wheel))
        on_percent(100)


def take_portable(folder: Path, log_dir: Path) -> None:
    """Use the wheel of the package index again, from the next start of the model on.

    Raises:
        EngineFailed: it cannot be fetched; the engine in use stays.
    """
    with _room(folder) as home:
        wheel = (
            "install",
            "--no-deps",
            "--force-reinstall",
            "--only-binary",
            ":all:",
            f"{PACKAGE}=={VERSION}",
        )
        _Steps(log_dir / LOG, home)("安装通用引擎", *wheel)


class _Steps:
    """Runs pip, one step after another, all output in one log."""

    def __init__(self, log: Path, home: Path) -> None:
        self._log, self._home = log, home
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")

    def __call__(
        self,
        name: str,
        *arguments: str,
        more: Mapping[str, str] | None = None,
        told: Callable[[str], None] = lambda line: None,
    ) -> None:
        """One call of pip.

        Raises:
            EngineFailed: it fails; the log says why.
        """
        command = [sys.executable, "-m", "pip", *arguments]
        command += ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
        environment = _environment() | {"TMPDIR": str(self._home)} | dict(more or {})
        code = _run(command, environment, self._log, told)
        if code:
            raise EngineFailed(
                f"{name}没有成功，{_KEPT}",
                where=str(self._log),
                remedy="请检查网络与 pip 镜像，并查看日志末尾的原因",
            )


def _run(
    command: Sequence[str], environment: Mapping[str, str], log: Path, told: Callable[[str], None]
) -> int:
    """A command in a group of its own, which ends with us: a compiler must not go on after Ctrl-C."""
    with (
        log.open("ab") as output,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=dict(environment), start_new_session=True,
        ) as process,
    ):  # fmt: skip
        assert process.stdout is not None
        try:
            for line in process.stdout:
                output.write(line)
                output.flush()
                told(line.decode("utf-8", "replace"))
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return process.wait()


@contextmanager
def _room(folder: Path) -> Iterator[Path]:
    """A temporary folder with space enough."""
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < NEEDED_BYTES:
        raise StorageFull(
            f"磁盘空间不足，编译还需要 {NEEDED_BYTES >> 20} MB",
            where=str(folder),
            remedy="请清理磁盘，或用 WENHENG_MODELS 换一个文件夹",
        )
    with tempfile.TemporaryDirectory(prefix=".engine-", dir=folder) as name:
        yield Path(name)


def _tell(line: str, on_percent: Told) -> None:
    """CMake's own count, in the stretch between fetching and installing."""
    if found := _PERCENT.search(line):
        on_percent(3 + int(found[1]) * 95 // 100)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def _asked(environment: Mapping[str, str]) -> str:
    """What llama.cpp says of itself, asked in a process of its own: wrong instructions would kill this one."""
    done = subprocess.run(
        [sys.executable, "-c", _ASK], env=dict(environment), capture_output=True, check=False
    )
    if done.returncode:
        raise (
            unfit()
            if done.returncode == -signal.SIGILL
            else EngineFailed(
                "模型引擎无法加载", remedy="请运行 wenheng models --engine portable 重新安装通用引擎"
            )
        )
    return done.stdout.decode("utf-8", "replace")


def unfit() -> EngineFailed:
    """An engine that was compiled for another processor (another machine's, or a container's)."""
    return EngineFailed(
        "模型引擎是为另一种处理器编译的，在这台电脑上不能运行",
        remedy="请运行 wenheng models --engine portable 换回通用引擎",
    )


def _used(said: str) -> frozenset[str]:
    """Names with the value 1 in ``CPU : SSE3 = 1 | AVX512 = 1 | …``."""
    return frozenset(re.findall(r"(\w+) = 1", said))


def _flags() -> frozenset[str]:
    try:
        lines = CPUINFO.read_text("utf-8").splitlines()
    except OSError:  # not Linux
        return frozenset()
    return frozenset(next((line for line in lines if line.startswith("flags")), "").split())
