"""Runs: one JSON line an item, resumable, and beside it a file that says what made them.

In: a suite, its tasks, a system. Out: ``FILE.jsonl`` with the items (the last line of an id counts) and
``FILE.jsonl.meta.json`` with suite, system, signature and the hash of the cases. An item is taken over when the case
that it answers and the signature that made it are the same; items of another signature never end up in one file.
An error of one item is kept as its result, since it counts as wrong; three endpoint or model errors in a row end the
run, and what was finished stays.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus.errors import EndpointError, InputError, ModelError, NotFound, WenhengError
from eval.suites.contract import Suite, Task
from eval.systems.contract import System, Unsupported

Item = dict[str, Any]
FIELDS = frozenset(
    [
        "suite",
        "id",
        "system",
        "kind",
        "cluster",
        "split",
        "case",
        "output",
        "cited",
        "error",
        "seconds",
        "signature",
    ]
)
ASKED = (
    frozenset({"question", "history"}),
    frozenset({"input"}),
)  # what was asked: a question, or anything else
META = ".meta.json"
MOST_IN_A_ROW = 3  # endpoint or model errors, after which every further item would fail as well


@dataclass(frozen=True, slots=True)
class Meta:
    """What made a run; ``cases_sha256`` covers what was asked, in order."""

    suite: str
    system: str
    signature: Mapping[str, Any]
    started: str
    cases_sha256: str

    @property
    def digest(self) -> str:
        """Hash of the signature; each item carries it."""
        return digest_of(self.signature)


@dataclass(frozen=True, slots=True)
class Run:
    """A run as read; ``cut`` says that its last line was cut off and left out."""

    path: Path
    meta: Meta
    items: tuple[Item, ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call of :func:`perform` did: items asked now, taken over, and asked now with an error."""

    asked: int
    taken: int
    errors: int


class Ended(WenhengError):
    """The model or endpoint failed several times in a row; what was finished is in the file."""


def digest_of(value: Any) -> str:
    """Hash of a plain object."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def case_key(task: Task) -> str:
    """Hash of what the system is given: an item with another one answers another question."""
    return digest_of(dict(task.asks))


def meta_path(out: Path) -> Path:
    """The file beside a run."""
    return out.with_name(out.name + META)


def meta_of(suite: Suite, tasks: Iterable[Task], system: System) -> Meta:
    """What is about to be made."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    cases = digest_of([(task.id, case_key(task)) for task in tasks])
    return Meta(suite.name, system.name, system.signature(), now, cases)


# -- running ----------------------------------------------------------------------------------------


def perform(
    suite: Suite,
    tasks: Sequence[Task],
    system: System,
    out: Path,
    *,
    after: Callable[[Task, Item, bool], None] = lambda task, item, taken: None,
) -> Outcome:
    """Run the tasks that ``out`` does not hold yet and append an item for each.

    Args:
        suite: runs a task.
        tasks: those that can be run here.
        system: what is measured.
        out: the run file; made with its folder.
        after: told of each item; ``taken`` where it was there already.

    Raises:
        InputError: the file holds items of another suite, system or signature.
        Unsupported: the system cannot do what the suite asks.
        Ended: the model or endpoint failed several times in a row.
    """
    meta = meta_of(suite, tasks, system)
    done = _done(out, meta)
    _begin(out, meta)
    errors = asked = in_a_row = 0
    with out.open("a", encoding="utf-8") as file:
        for task in tasks:
            if (task.id, case_key(task)) in done:
                after(task, done[task.id, case_key(task)], True)
                continue
            item, error = one(suite, task, system, meta)
            file.write(json.dumps(item, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
            after(task, item, False)
            asked, errors = asked + 1, errors + bool(item["error"])
            in_a_row = in_a_row + 1 if isinstance(error, EndpointError | ModelError) else 0
            if in_a_row == MOST_IN_A_ROW:
                raise Ended(
                    f"模型或接口接连 {in_a_row} 次出错（{error}），已停下；完成的 {len(done) + asked - errors} 题都保留着",
                    where=str(out),
                    remedy="请恢复模型或接口后运行同一条命令，会从停下的地方继续",
                ) from error
    return Outcome(asked, len(tasks) - asked, errors)


def one(suite: Suite, task: Task, system: System, meta: Meta) -> tuple[Item, Exception | None]:
    """One item, and the error that it ended in, which is kept in it as text."""
    item: Item = {
        "suite": suite.name,
        "id": task.id,
        "system": meta.system,
        "kind": task.kind,
        "cluster": task.cluster,
        "split": task.split,
        "case": case_key(task),
        **_asked(task),
        "output": None,
        "cited": [],
        "error": "",
    }
    started, failed = time.monotonic(), None
    try:
        item |= suite.run(task, system)
    except Unsupported:
        raise  # no item of this suite can be made
    except Exception as error:  # a run of hours must not end at one item
        item["error"] = f"{type(error).__name__}: {error}"
        failed = error
    item["seconds"] = round(time.monotonic() - started, 3)
    item["signature"] = meta.digest
    return item, failed


def _asked(task: Task) -> Item:
    """What was asked, as a reader of the file looks for it."""
    if "question" not in task.asks:
        return {"input": dict(task.asks)}
    return {"question": task.asks["question"], "history": list(task.asks.get("history", ()))}


def _done(out: Path, meta: Meta) -> dict[tuple[str, str], Item]:
    """The items that are there already and need not be run again, by id and case."""
    if not out.exists():
        return {}
    before = read_run(out)
    if (before.meta.suite, before.meta.system) != (meta.suite, meta.system):
        raise InputError(
            f"这是 {before.meta.suite} / {before.meta.system} 的结果，不能接着写 {meta.suite} / {meta.system}",
            where=str(out),
            remedy="请用 --out 换一个文件",
        )
    if before.meta.digest != meta.digest:
        parts = "、".join(changed(before.meta.signature, meta.signature))
        raise InputError(
            f"这份结果由另一套设置得到（不同之处：{parts}），不能接着写",
            where=str(out),
            remedy="请用 --out 换一个文件，或先把它移走",
        )
    return {(item["id"], item["case"]): item for item in before.items if not item["error"]}


def changed(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the parts in which two signatures differ."""
    return tuple(sorted(key for key in {*one, *other} if one.get(key) != other.get(key)))


def _begin(out: Path, meta: Meta) -> None:
    """Make the file and what lies beside it; a line that a kill cut off goes."""
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.exists() and out.stat().st_size:
        data = out.read_bytes()
        if not data.endswith(b"\n"):
            with out.open("r+b") as file:
                file.truncate(data.rfind(b"\n") + 1)
    beside = meta_path(out)
    fresh = beside.with_name(beside.name + ".new")
    fresh.write_text(json.dumps(asdict(meta), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    fresh.replace(beside)


# -- reading ----------------------------------------------------------------------------------------


def read_run(path: Path) -> Run:
    """A run with the last item of each id, in the order of their first lines.

    Raises:
        NotFound: the run or the file beside it is not there.
        InputError: a line that is no item, other than a last one that was cut off.
    """
    if not path.is_file():
        raise NotFound("没有这份评测结果", where=str(path), remedy="请先运行 wenheng eval run")
    if path.name.endswith(META):
        raise InputError(
            "这是结果的说明文件，不是结果", where=str(path), remedy=f"请给出 {path.name.removesuffix(META)}"
        )
    data = path.read_text(encoding="utf-8")
    lines = data.split("\n")
    cut = bool(lines.pop())  # a whole file ends with a line break
    items: dict[str, Item] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            item = _item(line, f"{path} 第{number}行")
            items[item["id"]] = item
    return Run(path, _meta(path), tuple(items.values()), cut)


def _item(line: str, where: str) -> Item:
    try:
        item = json.loads(line)
    except ValueError as error:
        raise InputError(
            "不是一条评测结果", where=where, remedy="请删去这一行后重新运行，缺的题会补做"
        ) from error
    remedy = "请用 wenheng eval run 得到的文件"
    if not isinstance(item, dict):
        raise InputError("不是一条评测结果", where=where, remedy=remedy)
    if set(item) - FIELDS not in ASKED or not set(item) >= FIELDS:
        known = FIELDS | (ASKED[0] if "question" in item else ASKED[1])
        names = "、".join(sorted(set(item) ^ known))
        raise InputError(f"评测结果的字段不对（{names}）", where=where, remedy=remedy)
    return item


def _meta(path: Path) -> Meta:
    beside = meta_path(path)
    remedy = "它与结果文件一起由 wenheng eval run 写出；请一并复制"
    if not beside.is_file():
        raise NotFound("缺少说明这份结果如何得来的文件", where=str(beside), remedy=remedy)
    try:
        return Meta(**json.loads(beside.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise InputError("说明文件读不出", where=str(beside), remedy=remedy) from error
