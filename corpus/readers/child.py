"""The child process that parses one file: ``python -m corpus.readers.child KIND LIMITS``.

In: the bytes on standard input. Out: one JSON object on standard output, either
``{"text", "blocks", "encoding", "warnings"}`` or ``{"error", "remedy"}``. Imports only the module
that its kind needs, since it starts anew for every file.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
from collections.abc import Callable
from importlib import import_module

from corpus.errors import UnreadableFile
from corpus.readers.guard import Limits
from corpus.readers.parsed import Parsed

_SURROGATE = re.compile("[\ud800-\udfff]")
_MODULES = {"docx": "docx_reader", "pdf": "pdf", "html": "html"}
_DAMAGED = "请用 Word、WPS 或浏览器打开后另存，再重试"


def main(kind: str, limits: Limits) -> int:
    """Parse standard input and answer; 0 also when the answer is an error of the file."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # a library that prints must not spoil the answer
    parse = _parser(kind)
    _confine(limits)
    data = sys.stdin.buffer.read()
    try:
        answer = _answer(parse(data, limits), limits)
    except UnreadableFile as error:
        answer = {"error": error.message, "remedy": error.remedy}
    except MemoryError:
        answer = {
            "error": f"解析所需内存超过上限 {limits.memory / 2**30:g} GB",
            "remedy": "请拆分文件，或去掉图片后另存",
        }
    except Exception as error:
        answer = {"error": f"解析失败，文件可能已损坏（{type(error).__name__}）", "remedy": _DAMAGED}
    json.dump(answer, answers)  # ASCII, so that no lone surrogate can fail here
    answers.close()
    return 0


def _confine(limits: Limits) -> None:
    """Bound memory and time of this process; no core files, no new files."""
    bounds = (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    )
    for which, bound in bounds:
        hard = resource.getrlimit(which)[1]
        wanted = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(which, (wanted, hard))


def _parser(kind: str) -> Callable[[bytes, Limits], Parsed]:
    """Import the one module that is needed."""
    return import_module(f"corpus.readers.{_MODULES[kind]}").parse  # type: ignore[no-any-return]


def _answer(parsed: Parsed, limits: Limits) -> dict[str, object]:
    """The result as JSON values."""
    if len(parsed.text) > limits.characters:
        raise UnreadableFile(
            f"文字有 {len(parsed.text)} 个字符，超过上限 {limits.characters}", remedy="请拆分文件后重试"
        )
    blocks = [(b.kind.value, b.span.start, b.span.end, b.level) for b in parsed.blocks]
    text = _SURROGATE.sub("\ufffd", parsed.text)  # lone surrogates are no text
    return {
        "text": text,
        "blocks": blocks,
        "encoding": parsed.encoding,
        "warnings": parsed.warnings,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Limits(**json.loads(sys.argv[2]))))
