"""A GGUF file in, an OpenAI-compatible address on the loopback out: llama.cpp's server as a child process.

A child, not a thread: a crash of native code must not take the desk along, and closing it gives all its
memory back. The child gets its options and a random key through its standard input (never on a command
line that other users can read), answers with its port, and lives only as long as that input stays open
and its parent lives: a parent that is killed leaves no orphan. (``PR_SET_PDEATHSIG`` would fire when the
*thread* that started the child ends, so the child watches its input and its parent instead.)

Run as ``python -m service.models.server`` by :class:`LocalServer`, not by hand.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from corpus.errors import EngineFailed
from service.models import engine

START_SECONDS = 180.0  # a cold disk reads a gigabyte in a minute or two
WATCH_SECONDS = 0.5
MOST_RESTARTS = 3
RESTART_WINDOW = 600.0
# How long OpenMP threads spin at a barrier. The default (300,000) is as fast on an idle machine, and on a
# busy one made a 10-second answer take more than five minutes: the spinners starve those they wait for.
SPIN_COUNT = "3000"
LOG_NAME = "model-server.log"
REMEDY = "请查看日志 {log}；常见原因是内存不足或模型文件损坏，可运行 wenheng models 校验"


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """What llama.cpp is told; see :func:`_parameters` for why."""

    model: str
    threads: int = 0  # 0: one for each core
    context: int = 4096
    speculation: bool = True
    cache_mib: int = 512
    kernels: str = field(default_factory=lambda: str(engine.folder()))  # a folder; "": those of the wheel


class LocalServer:
    """One llama.cpp server that is started when first needed and restarted after a crash.

    Args:
        options: model and resources.
        log_dir: where the child's output goes; prompts are not in it.

    Raises:
        EngineFailed: from :meth:`ensure_running`, when it does not start or keeps dying.
    """

    def __init__(self, options: ServerOptions, log_dir: Path) -> None:
        self.options = options
        self.log = log_dir / LOG_NAME
        self.key = secrets.token_urlsafe(32)
        self._process: subprocess.Popen[bytes] | None = None
        self._url = ""
        self.kernels = ""  # the variant that the running child computes with, "" for the wheel's own
        self._starts: list[float] = []
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:
        self.ensure_running()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the child, None while there is none."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def gone(self, seconds: float = 1.0) -> bool:
        """Whether the child has ended, or does so within ``seconds``: a cut connection comes first."""
        process = self._process
        if process is None:
            return True
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def launch(self) -> None:
        """Start the child without waiting for it to be ready."""
        with self._lock:
            self._launch()

    def ensure_running(self) -> str:
        """The base URL (``http://127.0.0.1:port/v1``) of a server that is ready."""
        with self._lock:
            self._launch()
            if not self._url:
                self._url = self._await_ready()
            return self._url

    def close(self) -> None:
        """End the child. Harmless when there is none."""
        with self._lock:
            self._closed = True
            self._stop()

    def _launch(self) -> None:
        if self.pid is not None:
            return
        if self._closed:
            raise EngineFailed("本机模型服务已关闭", remedy="请重新运行命令")
        now = time.monotonic()
        self._starts = [t for t in self._starts if now - t < RESTART_WINDOW]
        if len(self._starts) > MOST_RESTARTS:
            raise self._failed("本机模型服务反复退出")
        self._starts.append(now)
        if self._illegal():
            self.options = replace(self.options, kernels="")  # they need what this processor lacks
        self._stop()
        try:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            if self.log.exists():
                self.log.replace(self.log.with_suffix(".previous.log"))
            with self.log.open("wb") as output:
                command = [sys.executable, "-P", "-m", "service.models.server"]
                environment = {"GOMP_SPINCOUNT": SPIN_COUNT, **os.environ}
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, env=environment
                )
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(asdict(self.options) | {"key": self.key}).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            self._stop()
            raise self._failed("本机模型服务无法启动") from error

    def _await_ready(self) -> str:
        assert self._process is not None and self._process.stdout is not None
        line = _read_line(self._process.stdout, START_SECONDS)
        try:
            told = json.loads(line or b"")
            self.kernels = str(told["kernels"])
            return str(told["url"]) + "/v1"
        except (ValueError, KeyError, TypeError) as error:
            illegal = self.gone() and self._illegal()
            if illegal and self.options.kernels:
                self._launch()
                return self._await_ready()
            self._stop()
            if illegal:
                raise EngineFailed(
                    "这台电脑的处理器不支持 AVX2，不能运行内置的语言模型",
                    remedy="请用 WENHENG_CHAT_URL 指定一个接口",
                ) from error
            message = "加载模型超时" if line is None else "本机模型服务启动失败"
            raise self._failed(message) from error

    def _illegal(self) -> bool:
        """Whether the child ended at an instruction that the processor does not have."""
        return self._process is not None and self._process.returncode == -signal.SIGILL

    def _stop(self) -> None:
        process, self._process, self._url = self._process, None, ""
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # unsent bytes to a dead child
                    continue
        process.kill()  # it holds nothing that needs saving
        process.wait()

    def _failed(self, message: str) -> EngineFailed:
        return EngineFailed(message, where=self.options.model, remedy=REMEDY.format(log=self.log))


def _read_line(pipe: IO[bytes], seconds: float) -> bytes | None:
    """One line; b"" when the other side ended, None when time is up."""
    deadline, data = time.monotonic() + seconds, b""
    while not data.endswith(b"\n"):
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return None
        piece = os.read(pipe.fileno(), 4096)
        if not piece:
            return b""
        data += piece
    return data


# -- in the child -----------------------------------------------------------------------------------


def _parameters(options: ServerOptions, key: str) -> Any:
    """llama.cpp's parameters.

    One slot, so that the fixed prefix of the prompts stays in its cache; f16 KV cache (q8 is slower on
    CPUs); no context shifting (it costs quality); caches bounded, for the machine has other work too.
    """
    import xllamacpp

    p = xllamacpp.CommonParams()
    p.model.path = options.model
    p.n_ctx, p.n_parallel, p.cache_ram_mib = options.context, 1, options.cache_mib
    p.hostnames, p.port, p.api_keys = ["127.0.0.1"], 0, [key]
    p.cpuparams.n_threads = p.cpuparams_batch.n_threads = options.threads or os.cpu_count() or 1
    p.fit_params = False
    p.ui = p.endpoint_slots = p.endpoint_metrics = p.endpoint_props = False
    p.cors_origins = ""
    p.verbosity = 2  # warnings; prompts would appear only from 4 on
    if options.speculation:
        _speculate(p.speculative)
    return p


def _speculate(speculative: Any) -> None:
    """Guess the next words from those that followed the same five before: answers quote their evidence.

    Of the four n-gram kinds only the simple one reads the prompt anew for each request. The maps and the cache take a
    prompt for the continuation of the one before, and so find nothing, or what is no longer there, from the second
    question on (llama.cpp issues 19231 and 27852). Fifteen guesses with the token before them fill four blocks of four
    rows of the matrix kernels. What it brings, with this engine and with one compiled for the machine:
    ``benchmarks.decode``.
    """
    import xllamacpp

    speculative.types = [xllamacpp.common_speculative_type.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE]
    speculative.ngram_simple.size_n, speculative.ngram_simple.size_m = 5, 15


def _watch(parent: int) -> None:
    """End this process as soon as the parent closes our input or is no more."""
    while os.getppid() == parent:
        ready, _, _ = select.select([0], [], [], WATCH_SECONDS)
        if ready and not os.read(0, 1):
            break
    os._exit(0)


def main() -> None:
    """Serve until the parent goes."""
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to handle
    answer = os.dup(1)
    os.dup2(2, 1)  # whatever native code prints belongs in the log
    settings = json.loads(_read_line(sys.stdin.buffer, START_SECONDS) or b"{}")
    key = settings.pop("key")
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    options = ServerOptions(**settings)
    kernels = engine.take_up(Path(options.kernels)) if options.kernels else ""
    import xllamacpp

    server = xllamacpp.Server(_parameters(options, key))
    os.write(answer, json.dumps({"url": server.listening_address, "kernels": kernels}).encode() + b"\n")
    os.close(answer)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
