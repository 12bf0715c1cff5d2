"""Parse a file in a child process of its own, so that a hostile file cannot harm the caller.

In: kind and bytes. Out: what the child parsed. The child gets the bytes over a pipe (so nobody can
swap the file meanwhile), sets its own limits of memory and time, answers in JSON and ends. It runs
in a session of its own: Ctrl-C reaches the caller first, which then ends it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from corpus.errors import UnreadableFile
from corpus.readers.guard import Limits
from corpus.readers.parsed import Parsed
from corpus.report import Block, BlockKind, Span

_ROOT = Path(__file__).resolve().parents[2]


def parse(kind: str, data: bytes, where: str, limits: Limits) -> Parsed:
    """Parse ``data`` as ``kind`` ("docx", "pdf", "html") in a child process.

    Raises:
        UnreadableFile: what the child says of the file, or how the child died of it.
    """
    command = [sys.executable, "-P", "-m", "corpus.readers.child", kind, json.dumps(asdict(limits))]
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            timeout=limits.seconds,
            cwd="/",
            env=_environment(),
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_slow(where, limits) from error
    if done.returncode == -signal.SIGXCPU:
        raise _too_slow(where, limits)
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise UnreadableFile(
            f"解析进程异常退出（代码 {done.returncode}），文件可能已损坏或有害",
            where=where,
            remedy="请用 Word、WPS 或浏览器打开后另存，再重试",
        ) from error
    if "error" in answer:
        raise UnreadableFile(answer["error"], where=where, remedy=answer["remedy"])
    return _parsed(answer)


def _environment() -> dict[str, str]:
    """Only what Python needs: no keys or addresses of the caller reach the child."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}


def _too_slow(where: str, limits: Limits) -> UnreadableFile:
    """The message for a file that takes for ever."""
    return UnreadableFile(
        f"解析超过时限（{limits.seconds} 秒），已中止", where=where, remedy="请拆分文件或另存后重试"
    )


def _parsed(answer: dict[str, object]) -> Parsed:
    """The child's answer as types."""
    blocks, warnings = answer["blocks"], answer["warnings"]
    assert isinstance(blocks, list) and isinstance(warnings, list)
    return Parsed(
        str(answer["text"]),
        tuple(Block(BlockKind(kind), Span(start, end), level) for kind, start, end, level in blocks),
        str(answer["encoding"]),
        tuple(map(str, warnings)),
    )
