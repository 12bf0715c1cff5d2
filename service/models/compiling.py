"""Compile llama.cpp's computing kernels for this machine's processor, and put them beside the engine (编译计算内核).

In: the model to try them with. Out: a library in :func:`service.models.engine.folder`, which the next start of the model
takes up. The source is the same version's from the same package index, verified by its hash; only its kernels are
compiled, half a minute on two cores. What does not compile or does not answer is not kept, and the next narrower
variant is tried; without any the engine computes as it did before.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path, PurePosixPath

import httpx

from corpus.errors import EngineFailed, StorageFull
from service.models import engine
from service.models.server import LocalServer, ServerOptions

VERSION = "2026.10.11549"  # of the engine: the pin in pyproject.toml
SOURCE_SHA256 = "c17ee1163006f70726abb9f72137830818f3d8cb60bfc34cb232d08428eaa22b"
CMAKE = "cmake==4.4.4"  # from the package index: a bare machine has none
GGML = PurePosixPath("thirdparty/llama.cpp/ggml")  # in the source, below its top folder
OPTIONS = (
    "CMAKE_BUILD_TYPE=Release",
    "BUILD_SHARED_LIBS=ON",
    "GGML_BACKEND_DL=ON",
    "GGML_CPU_ALL_VARIANTS=ON",
    "GGML_NATIVE=OFF",
    "GGML_LLAMAFILE=ON",
)
NEEDED_BYTES = 512 << 20
LOG = "engine-build.log"
PREFIX = ".engine-"  # of temporary folders
LEFT_SECONDS = 3600.0  # no run takes so long
ASKED = "请原样写出下面这句话，不要写别的：青禾县2021年新建村卫生室23所。"
TOLD = "新建村卫生室23所"
_PERCENT = re.compile(r"\[ *(\d{1,3})%\]")
_KEPT = "现有的引擎没有改动，照常可用"

Told = Callable[[int], None]


def missing() -> str:
    """What compiling needs and this machine lacks, a sentence without its stop; "" where nothing is missing."""
    needed = (("C 编译器", ("cc", "gcc")), ("C++ 编译器", ("c++", "g++")), ("make", ("make",)))
    lacking = [name for name, programs in needed if not any(map(shutil.which, programs))]
    return f"没有 {'、'.join(lacking)}" if lacking else ""


def wanted() -> bool:
    """Whether this processor would gain, nothing is compiled yet, it could be kept, and nobody declined or failed."""
    where = engine.folder()
    known = engine.compiled(where) or (where / engine.MARK).exists()
    return bool(engine.fitting()) and engine.version() == VERSION and not known and _writable(where)


def check_possible() -> None:
    """That this machine can compile its kernels and gains by them.

    Raises:
        EngineFailed: it cannot, or does not; why.
    """
    if engine.version() != VERSION:
        raise EngineFailed(
            f"{engine.PACKAGE} {engine.version()} 不是本软件固定的版本 {VERSION}，无法为它编译计算内核",
            remedy="请用 constraints.txt 重新安装依赖",
        )
    if not engine.fitting():
        raise EngineFailed(
            "这台处理器没有更宽的指令，不需要编译", where=str(engine.CPUINFO), remedy="不必更换"
        )
    _check_tools()


def _check_tools() -> None:
    if reason := missing():
        raise EngineFailed(
            f"{reason}，无法编译计算内核", remedy=f"请先运行 apt-get install build-essential（{_KEPT}）"
        )
    if not _writable(engine.folder()):
        raise _unwritable(engine.folder())


def _writable(where: Path) -> bool:
    """Whether a folder, or the nearest one above it that is there, can be written."""
    while not where.exists() and where != where.parent:
        where = where.parent
    return os.access(where, os.W_OK | os.X_OK)


def compile_here(model: Path, work: Path, log_dir: Path, on_percent: Told) -> str:
    """Compile the widest kernels that this machine runs; the next start of the model takes them up.

    Args:
        model: the GGUF file that they are tried with.
        work: where some 200 MB of temporary files may lie.
        log_dir: where the compiler's output goes.
        on_percent: told how far it is, 0 to 100.

    Returns:
        The name of the variant.

    Raises:
        EngineFailed: no compiler, no source, or nothing compiles and answers; the engine stays as it is.
        StorageFull: no space for it.
    """
    check_possible()
    with _kernels(work, log_dir, on_percent) as make:
        for name in engine.fitting():
            made = make((name,))
            if made is not None and _answers(model, made, name, log_dir):
                _keep(made)
                on_percent(100)
                return name
    raise EngineFailed(
        f"编译的计算内核在这台电脑上不能用，{_KEPT}", where=str(log_dir / LOG), remedy="请查看日志末尾的原因"
    )


def compile_all(work: Path, log_dir: Path, on_percent: Told) -> tuple[str, ...]:
    """Compile every variant, untried, for an image that runs on other machines: each loads the one that fits it.

    Raises:
        EngineFailed: as :func:`compile_here`.
        StorageFull: no space for it.
    """
    _check_tools()
    with _kernels(work, log_dir, on_percent) as make:
        made = make(tuple(engine.VARIANTS))
        if made is None:
            raise _failed("编译", log_dir / LOG)
        _keep(made)
        on_percent(100)
        return engine.compiled(engine.folder())


def take_portable(why: str = "") -> None:
    """Compute with the wheel's own kernels again, from the next start of the model on.

    Raises:
        EngineFailed: the environment cannot be written.
    """
    where = engine.folder()
    try:
        where.mkdir(parents=True, exist_ok=True)
        for name in engine.compiled(where):
            (where / engine.file_of(name)).unlink()
        (where / engine.MARK).write_text(why, encoding="utf-8")
    except OSError as error:
        raise _unwritable(where) from error


def _keep(made: Path) -> None:
    """Put finished libraries where the engine looks for them, in the place of all that lie there."""
    where = engine.folder()
    try:
        where.mkdir(parents=True, exist_ok=True)
        before = engine.compiled(where)
        for path in sorted(made.glob("*.so")):
            new = where / f"{path.name}.{os.getpid()}"
            shutil.copyfile(path, new)
            new.replace(where / path.name)
        for name in before:
            if not (made / engine.file_of(name)).exists():
                (where / engine.file_of(name)).unlink()
        (where / engine.MARK).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(where) from error


def _unwritable(where: Path) -> EngineFailed:
    return EngineFailed(
        "运行环境不能写入，无法更换计算内核",
        where=str(where),
        remedy=f"请由安装本软件的用户来运行（{_KEPT}）",
    )


def _failed(step: str, log: Path) -> EngineFailed:
    return EngineFailed(
        f"{step}没有成功，{_KEPT}", where=str(log), remedy="请检查网络与 pip 镜像，并查看日志末尾的原因"
    )


Make = Callable[[tuple[str, ...]], Path | None]


@contextmanager
def _kernels(work: Path, log_dir: Path, on_percent: Told) -> Iterator[Make]:
    """A function that compiles variants, None where that fails, with the source fetched and ready."""
    try:
        work.mkdir(parents=True, exist_ok=True)
        _sweep(work)
        if shutil.disk_usage(work).free < NEEDED_BYTES:
            raise _full(work)
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=work) as name:
            build = _Build(Path(name), log_dir / LOG, on_percent)
            build.fetch()
            yield build.make
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(work) from error
        raise EngineFailed(
            f"编译时文件不能读写（{error.strerror or type(error).__name__}），{_KEPT}",
            where=str(error.filename or work),
            remedy="请检查这个文件夹的权限",
        ) from error


def _full(work: Path) -> StorageFull:
    return StorageFull(
        f"磁盘空间不足，编译需要 {NEEDED_BYTES >> 20} MB",
        where=str(work),
        remedy="请清理磁盘，或用 WENHENG_MODELS 换一个文件夹",
    )


def _sweep(work: Path) -> None:
    """Remove what a run left that was killed."""
    for path in work.glob(f"{PREFIX}*"):
        if time.time() - path.stat().st_mtime > LEFT_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


class _Build:
    """Runs pip, CMake and make, one after another, all output in one log."""

    def __init__(self, home: Path, log: Path, on_percent: Told) -> None:
        self._home, self._log, self._on_percent = home, log, on_percent
        self._best = 0
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")

    def fetch(self) -> None:
        """CMake and the source of the kernels.

        Raises:
            EngineFailed: one of them cannot be had.
        """
        self._tell(0)
        self._pip("下载 CMake", "install", "--target", str(self._home / "tools"), "--no-deps", CMAKE)
        self._tell(6)
        line = self._home / "source.txt"
        line.write_text(f"{engine.PACKAGE}=={VERSION} --hash=sha256:{SOURCE_SHA256}\n")
        sources = self._home / "sources"
        which = ("--no-deps", "--no-cache-dir", "--require-hashes", "--no-binary", engine.PACKAGE)
        self._pip("下载引擎源码", "download", *which, "-d", str(sources), "-r", str(line))
        self._tell(15)
        with tarfile.open(next(sources.glob("*.tar.gz"))) as archive:
            archive.extractall(self._home, members=_ggml(archive), filter="data")
        lists = resources.files("service.models").joinpath("kernels.cmake").read_text("utf-8")
        (self._home / "CMakeLists.txt").write_text(lists, encoding="utf-8")
        self._tell(18)

    def make(self, variants: tuple[str, ...]) -> Path | None:
        """The folder with their libraries; None where they do not compile, and the log says why."""
        build = self._home / f"build-{variants[0]}"
        cmake = self._home / "tools" / "cmake" / "data" / "bin" / "cmake"
        given = [f"-D{option}" for option in (*OPTIONS, f"VARIANTS={';'.join(variants)}")]
        steps = (
            [str(cmake), "-G", "Unix Makefiles", "-S", str(self._home), "-B", str(build), *given],
            ["make", "-C", str(build), f"-j{os.cpu_count() or 1}", "kernels"],
        )
        for command in steps:
            if _run(command, self._environment(), self._log, self._compiled):
                return None
        return build / "bin"

    def _compiled(self, line: str) -> None:
        """CMake's own count, in the stretch between fetching and trying."""
        if found := _PERCENT.search(line):
            self._tell(20 + int(found[1]) * 70 // 100)

    def _tell(self, percent: int) -> None:
        if percent >= self._best:
            self._best = percent
            self._on_percent(percent)

    def _pip(self, step: str, *arguments: str) -> None:
        command = [sys.executable, "-m", "pip", *arguments]
        command += ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
        if _run(command, self._environment(), self._log, lambda line: None):
            raise _failed(step, self._log)

    def _environment(self) -> dict[str, str]:
        given = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MAKEFLAGS")}
        return given | {"TMPDIR": str(self._home)}


def _ggml(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """The members below the folder of the kernels, as if it were the top one."""
    for member in archive:
        below = PurePosixPath(*PurePosixPath(member.name).parts[1:])
        if below.is_relative_to(GGML):
            yield member.replace(name=str(PurePosixPath("ggml") / below.relative_to(GGML)), deep=False)


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
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
        return process.wait()


def _answers(model: Path, kernels: Path, name: str, log_dir: Path) -> bool:
    """Whether the model, computed with these kernels, says a sentence back that it was given."""
    said = ""
    server = LocalServer(ServerOptions(str(model), kernels=str(kernels)), log_dir / "trial")
    try:
        url = server.ensure_running() + "/chat/completions"
        body = {"messages": [{"role": "user", "content": ASKED}], "temperature": 0, "max_tokens": 64}
        headers = {"Authorization": f"Bearer {server.key}"}
        with httpx.Client(trust_env=False, timeout=120) as client:
            reply = client.post(url, json=body, headers=headers).raise_for_status().json()
        said = str(reply["choices"][0]["message"]["content"])
    except (EngineFailed, httpx.HTTPError, LookupError, ValueError) as error:
        said = str(error)
    finally:
        server.close()
    fit = server.kernels == name and TOLD in said
    with (log_dir / LOG).open("a", encoding="utf-8") as log:
        log.write(f"trial of {name}: {'as given' if fit else f'kernels {server.kernels!r}, {said!r}'}\n")
    return fit
