"""A function of the user's own on the same cases: ``python:package.module:function``.

In: ``function(question, history)`` that returns a text, or an object like that of ``wenheng ask --json``. Out: the
same as any system. With a data folder, its citations are opened there.
"""

from __future__ import annotations

import hashlib
import inspect
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from corpus.errors import InputError
from corpus.library import Library
from corpus.report import Report
from eval.systems.contract import Base, Output, Setup
from eval.systems.signing import code_hash
from eval.systems.texts import Written, as_output, since
from service.cited import Answer

SHAPE = "请返回一段文字，或与 wenheng ask --json 相同的对象（至少有 status、text、sentences）"
STATUSES = ("answered", "partial", "refused")
CITED = ("report_id", "title", "start", "end", "quote")

Function = Callable[[str, list[str]], Any]


class FunctionSystem(Base):
    """Asks a plain function."""

    def __init__(self, path: str, function: Function, library: Library | None) -> None:
        super().__init__(f"python:{path}")
        self._function, self._library = function, library

    def signature(self) -> Mapping[str, Any]:
        """The function's own file stands for its model: what lies behind it, it alone knows."""
        return {
            "model": self.name,
            "model_hash": _source_hash(self._function),
            "prompts": [],
            "index_hash": "",
            "decoding": {},
            "code": code_hash(),
            "ablations": [],
        }

    def ask(self, question: str, history: Sequence[str] = ()) -> Output:
        """Call it.

        Raises:
            InputError: it returns something else than a text or an answer.
        """
        began = time.perf_counter()
        given = self._function(question, list(history))
        took = since(began)
        if isinstance(given, str):
            return as_output(question, Written(given.strip(), took, took))
        return completed(question, given, self.name)

    def report(self, report_id: str) -> Report:
        """From the data folder, where one was named."""
        if self._library is None:
            return super().report(report_id)
        return self._library.report(self._library.full_id(report_id))

    def close(self) -> None:
        """Close the data folder."""
        if self._library is not None:
            self._library.close()


def completed(question: str, given: Any, where: str) -> Output:
    """An answer of the user's own with what it leaves out.

    Raises:
        InputError: it lacks what scoring needs.
    """
    if not isinstance(given, Mapping):
        raise InputError(f"函数返回了 {type(given).__name__}", where=where, remedy=SHAPE)
    missing = [name for name in ("status", "text", "sentences") if name not in given]
    if missing:
        raise InputError(f"函数返回的对象缺少 {'、'.join(missing)}", where=where, remedy=SHAPE)
    if given["status"] not in STATUSES:
        raise InputError(
            f"status 不能是 {given['status']!r}", where=where, remedy=f"可用：{'、'.join(STATUSES)}"
        )
    sentences = [_sentence(sentence, where) for sentence in given["sentences"]]
    return Answer(question, str(given["status"]), ()).to_json() | dict(given) | {"sentences": sentences}


def _sentence(given: Any, where: str) -> Output:
    if not isinstance(given, Mapping) or "text" not in given:
        raise InputError("sentences 里有一项没有 text", where=where, remedy=SHAPE)
    cited = [dict(citation) for citation in given.get("citations", ())]
    for citation in cited:
        if missing := [name for name in CITED if name not in citation]:
            raise InputError(f"一处引用缺少 {'、'.join(missing)}", where=where, remedy=SHAPE)
    return {"status": "phrased", "figures": [], **given, "citations": cited}


def function(setup: Setup, path: str) -> FunctionSystem:
    """The function at ``package.module:name``; modules of the working folder are found.

    Raises:
        InputError: there is no such module or function.
    """
    module, _, name = path.partition(":")
    remedy = "请写成 python:包.模块:函数，并确认在当前文件夹里能 import"
    if not (module and name):
        raise InputError(f"写法不对：{path!r}", where="--system", remedy=remedy)
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise InputError(f"找不到函数 {path!r}（{error}）", where="--system", remedy=remedy) from error
    if not callable(found):
        raise InputError(f"{path!r} 不是函数", where="--system", remedy=remedy)
    library = Library.open(setup.home) if setup.home is not None and setup.home.is_dir() else None
    return FunctionSystem(path, found, library)


def _source_hash(found: Function) -> str:
    """Hash of the file that the function stands in, "" where it has none."""
    try:
        file = inspect.getsourcefile(found)
    except TypeError:
        return ""
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16] if file else ""
