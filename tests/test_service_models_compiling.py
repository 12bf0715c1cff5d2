"""Compiling the kernels: what is fetched, tried and kept, what is not, and how a failure reads."""

from __future__ import annotations

import errno
import importlib.metadata
import io
import os
import shutil
import sys
import tarfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from corpus.errors import EngineFailed, StorageFull
from service import screen_models
from service.models import compiling, engine
from service.models.server import ServerOptions
from service.settings import Settings, load

if TYPE_CHECKING:
    from conftest import Wenheng


class Machine:
    """Stands in for pip, CMake and make: notes its calls, makes their files, and fails where it is told to."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.kernels = home / "environment" / "kernels"
        self.work, self.logs = home / "models", home / "logs"
        self.calls: list[list[str]] = []
        self.environments: list[Mapping[str, str]] = []
        self.failing: tuple[str, ...] = ()  # words of a command
        self.answering = True
        self.tried: list[str] = []
        self.seen: list[int] = []

    def run(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path, told: Callable[[str], None]
    ) -> int:
        self.calls.append(list(command))
        self.environments.append(environment)
        with log.open("ab") as output:
            output.write(f"{' '.join(command)}\n".encode())
        if any(part.startswith(word) for word in self.failing for part in command):
            return 1
        if "download" in command:
            self._source(Path(command[command.index("-d") + 1]))
        elif command[0] == "make":
            for line in ("[  0%] Building C", "[ 50%] Building CXX", "[100%] Linking"):
                told(line)
            folder = Path(command[2]) / "bin"
            folder.mkdir(parents=True)
            for name in self._variants():
                (folder / engine.file_of(name)).write_bytes(b"kernels")
        return 0

    def _variants(self) -> list[str]:
        """What CMake was told last."""
        given = [part for call in self.calls for part in call if part.startswith("-DVARIANTS=")]
        return given[-1].removeprefix("-DVARIANTS=").split(";")

    def _source(self, folder: Path) -> None:
        folder.mkdir()
        with tarfile.open(folder / "source.tar.gz", "w:gz") as archive:
            for name in ("a/thirdparty/llama.cpp/ggml/src/one.c", "a/setup.py", "a/thirdparty/llama.cpp/x.c"):
                member = tarfile.TarInfo(name)
                member.size = 3
                archive.addfile(member, io.BytesIO(b"int"))

    def answers(self, model: Path, kernels: Path, name: str, log_dir: Path) -> bool:
        assert (kernels.parents[1] / "ggml" / "src" / "one.c").is_file()
        assert (kernels.parents[1] / "CMakeLists.txt").is_file()
        assert not (kernels.parents[1] / "setup.py").exists() and not list(kernels.parents[1].rglob("x.c"))
        self.tried.append(name)
        return self.answering

    def compile(self) -> str:
        return compiling.compile_here(Path("model.gguf"), self.work, self.logs, self.seen.append)

    @property
    def kept(self) -> tuple[str, ...]:
        return engine.compiled(self.kernels)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setattr(compiling, "_run", made.run)
    monkeypatch.setattr(compiling, "_answers", made.answers)
    monkeypatch.setattr(engine, "folder", lambda: made.kernels)
    monkeypatch.setattr(engine, "fitting", lambda: ("zen4", "skylakex"))
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    return made


def test_is_the_version_that_is_pinned() -> None:
    assert f"{engine.PACKAGE}=={compiling.VERSION}" in (importlib.metadata.requires("wenheng") or [])
    assert engine.version() == compiling.VERSION and engine.folder().name == compiling.VERSION


def test_fetches_compiles_tries_and_only_then_keeps(machine: Machine) -> None:
    assert machine.compile() == "zen4"
    pip, source, cmake, make = machine.calls
    assert pip[1:4] == ["-m", "pip", "install"] and compiling.CMAKE in pip and "--target" in pip
    assert source[1:4] == ["-m", "pip", "download"] and {"--require-hashes", "--no-deps"} <= set(source)
    assert "-DVARIANTS=zen4" in cmake and make[-1] == "kernels"
    assert all(one["TMPDIR"].startswith(str(machine.work)) for one in machine.environments)
    assert machine.tried == ["zen4"] and machine.kept == ("zen4",)
    assert machine.seen == sorted(machine.seen) and machine.seen[0] == 0 and machine.seen[-1] == 100
    assert 55 in machine.seen and not list(machine.work.iterdir())
    assert [path.name for path in machine.kernels.iterdir()] == [engine.file_of("zen4")]
    assert len((machine.logs / compiling.LOG).read_text().splitlines()) == 4


def test_what_does_not_answer_gives_way_to_the_next(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "_answers", lambda model, kernels, name, log: name == "skylakex")
    assert machine.compile() == "skylakex" and machine.kept == ("skylakex",)


def test_what_does_not_compile_gives_way_to_the_next(machine: Machine) -> None:
    machine.failing = ("-DVARIANTS=zen4",)
    assert machine.compile() == "skylakex" and machine.tried == ["skylakex"]
    assert machine.seen == sorted(machine.seen)


def test_nothing_that_answers_leaves_all_as_it_is(machine: Machine) -> None:
    machine.compile()
    machine.answering = False
    with pytest.raises(EngineFailed, match=r"engine-build\.log：.*不能用，现有的引擎没有改动"):
        machine.compile()
    assert machine.kept == ("zen4",) and not list(machine.work.iterdir())


def test_other_kernels_give_way(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.compile()
    monkeypatch.setattr(engine, "fitting", lambda: ("skylakex",))
    assert machine.compile() == "skylakex" and machine.kept == ("skylakex",)


@pytest.mark.parametrize(("failing", "step"), [("cmake==", "下载 CMake"), ("download", "下载引擎源码")])
def test_no_source(machine: Machine, failing: str, step: str) -> None:
    machine.failing = (failing,)
    with pytest.raises(
        EngineFailed, match=rf"engine-build\.log：{step}没有成功，现有的引擎没有改动.*pip 镜像"
    ):
        machine.compile()
    assert machine.kept == () and not list(machine.work.iterdir())


def test_no_room(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    used = shutil.disk_usage(machine.home)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: used._replace(free=compiling.NEEDED_BYTES - 1))
    with pytest.raises(StorageFull, match="512 MB"):
        machine.compile()
    assert not machine.calls


def test_a_disk_that_fills_up_in_the_middle(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*anything: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "x")

    monkeypatch.setattr(tarfile.TarFile, "extractall", full)
    with pytest.raises(StorageFull, match="512 MB"):
        machine.compile()
    assert machine.kept == () and not list(machine.work.iterdir())


def test_a_folder_that_cannot_be_written(machine: Machine) -> None:
    machine.work.write_text("a file")
    with pytest.raises(EngineFailed, match=r"models：编译时文件不能读写.*现有的引擎没有改动"):
        machine.compile()


def test_what_a_killed_run_left_is_swept(machine: Machine) -> None:
    left, running = machine.work / f"{compiling.PREFIX}a", machine.work / f"{compiling.PREFIX}b"
    for path in (left, running):
        path.mkdir(parents=True)
    os.utime(left, (0, 0))
    machine.compile()
    assert running.exists() and not left.exists()


def test_an_engine_of_another_version(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "version", lambda: "2027.1.1")
    assert not compiling.wanted()
    with pytest.raises(EngineFailed, match=r"2027\.1\.1 不是本软件固定的版本"):
        machine.compile()


class Server:
    """Stands in for the model server of a trial."""

    says: str | Exception = ""
    loads = ""

    def __init__(self, options: ServerOptions, log_dir: Path) -> None:
        self.kernels, self.key = self.loads, "k"

    def ensure_running(self) -> str:
        if isinstance(self.says, Exception):
            raise self.says
        return "http://toy/v1"

    def close(self) -> None:
        self.loads = ""


@pytest.mark.parametrize(
    ("loads", "says", "fit"),
    [
        ("zen4", "青禾县2021年新建村卫生室23所。", True),
        ("", "青禾县2021年新建村卫生室23所。", False),
        ("zen4", "！！！！", False),
        ("zen4", EngineFailed("启动失败"), False),
    ],
)
def test_a_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loads: str, says: str | Exception, fit: bool
) -> None:
    """These kernels computed, and what was to be copied was copied."""
    monkeypatch.setattr(Server, "loads", loads)
    monkeypatch.setattr(Server, "says", says)
    monkeypatch.setattr(compiling, "LocalServer", Server)
    reply = {"choices": [{"message": {"content": str(says)}}]}
    asked = lambda self, url, **sent: httpx.Response(200, json=reply, request=httpx.Request("POST", url))  # noqa: E731
    monkeypatch.setattr(httpx.Client, "post", asked)
    assert compiling._answers(Path("m"), tmp_path, "zen4", tmp_path) is fit
    assert "trial of zen4" in (tmp_path / compiling.LOG).read_text()


def test_an_environment_of_somebody_else(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert not compiling.wanted()
    with pytest.raises(EngineFailed, match=r"不能写入.*由安装本软件的用户"):
        machine.compile()
    assert not machine.calls


def test_a_processor_that_gains_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "fitting", lambda: ())
    assert not compiling.wanted()
    with pytest.raises(EngineFailed, match="不需要编译"):
        machine.compile()


def test_for_an_image_all_of_them(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine that builds it need not have what it compiles for."""
    monkeypatch.setattr(engine, "fitting", lambda: ())
    assert compiling.compile_all(machine.work, machine.logs, machine.seen.append) == tuple(engine.VARIANTS)
    assert machine.tried == [] and machine.kept == tuple(engine.VARIANTS)
    machine.failing = ("kernels",)
    with pytest.raises(EngineFailed, match="编译没有成功"):
        compiling.compile_all(machine.work, machine.logs, machine.seen.append)


def test_once_and_not_where_it_was_declined(machine: Machine) -> None:
    assert compiling.wanted()
    machine.compile()
    assert not compiling.wanted()
    compiling.take_portable("chosen")
    assert machine.kept == () and not compiling.wanted()
    machine.compile()
    assert machine.kept == ("zen4",) and not (machine.kernels / engine.MARK).exists()


# -- on the terminal --------------------------------------------------------------------------------


@pytest.fixture
def settings(machine: Machine) -> Settings:
    """With a model file of the user's own."""
    model = machine.home / "own.gguf"
    model.write_bytes(b"GGUF")
    given = {"WENHENG_CHAT_SOURCE": str(model), "WENHENG_MODELS": str(machine.work)}
    return load(given, home=machine.home / "home")


def test_set_up_compiles_by_itself(
    machine: Machine, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    screen_models.complete_engine(settings)
    shown = capsys.readouterr()
    assert "zen4" in shown.out and "约一分钟" in shown.err and machine.kept == ("zen4",)
    screen_models.complete_engine(settings)
    assert capsys.readouterr() == ("", "")


def test_set_up_goes_on_without_and_does_not_try_again(
    machine: Machine, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.failing = ("cmake==",)
    screen_models.complete_engine(settings)
    assert "未能为本机编译计算内核" in capsys.readouterr().err
    calls = len(machine.calls)
    screen_models.complete_engine(settings)
    assert len(machine.calls) == calls and capsys.readouterr() == ("", "")


def test_set_up_without_a_compiler_tells_how(
    machine: Machine, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/make" if name == "make" else None)
    screen_models.complete_engine(settings)
    said = capsys.readouterr().err.replace("\n", "")
    assert (
        "没有 C 编译器、C++ 编译器" in said
        and "apt-get install build-essential" in said
        and "wenheng models" in said
    )
    assert not machine.calls and compiling.wanted()


def test_set_up_with_an_endpoint_compiles_nothing(machine: Machine, settings: Settings) -> None:
    screen_models.complete_engine(replace(settings, chat_url="http://127.0.0.1:9/v1"))
    assert not machine.calls


def test_no_compiler_is_one_sentence(
    wenheng: Wenheng, machine: Machine, settings: Settings, one_sentence: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(shutil, "which", lambda name: None)
    source = {"WENHENG_CHAT_SOURCE": settings.chat_source, "WENHENG_CHAT_URL": "", "WENHENG_CHAT_MODEL": ""}
    line = replace(wenheng, env=wenheng.env | source)
    one_sentence(
        line("models", "--engine", "native"),
        4,
        "没有 C 编译器",
        "apt-get install build-essential",
        "照常可用",
    )


def test_an_endpoint_needs_no_kernels(
    wenheng: Wenheng, machine: Machine, one_sentence: Callable[..., str]
) -> None:
    one_sentence(wenheng("models", "--engine", "native"), 4, "使用接口", "不必更换")


def test_back_and_forth(wenheng: Wenheng, machine: Machine, settings: Settings) -> None:
    source = {"WENHENG_CHAT_SOURCE": settings.chat_source, "WENHENG_CHAT_URL": "", "WENHENG_CHAT_MODEL": ""}
    line = replace(wenheng, env=wenheng.env | source)
    there = line("models", "--engine", "native")
    assert there.exit_code == 0 and "计算内核：zen4" in there.stdout and machine.kept
    back = line("models", "--engine", "portable")
    assert back.exit_code == 0 and "计算内核：通用" in back.stdout and not machine.kept
    image = line("models", "--engine", "all")
    assert image.exit_code == 0 and "zen4、cooperlake" in image.stdout.replace("\n", "")


# -- processes ------------------------------------------------------------------------------------


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
        compiling._run([sys.executable, "-c", code], {}, tmp_path / "log", told)
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
