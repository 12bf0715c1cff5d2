"""Eval cases: what is asked of real reports and what a right answer holds.

In: ``*.jsonl`` files, one case a line, and a folder with the reports that they are about.
Out: frozen :class:`Case` values, those that cannot be used here set apart with the reason.

The real reports are never in the project: a case names a file by the sha256 of its bytes and points into it by
character offsets of the text that the reader makes of it, so a case loads wherever that file lies.
Unknown keys are refused, so that a misspelt key never makes a case easier.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from corpus.errors import InputError, NotFound
from corpus.readers import SUFFIXES, read
from eval.records import filled_lines, validated

STRICT = ConfigDict(extra="forbid")
CASES = Path(__file__).parent / "cases"
Split = Literal["dev", "test", "blind", "fresh", "second", "third", "samples", "own"]
KEY_LIMIT = 12  # longer key strings would test wording, and would copy text out of the reports


class Kind(StrEnum):
    """Kind of question; the gates of the project are set per group of kinds."""

    NUMBER = "number"
    WHY = "why"
    LIST = "list"
    FOLLOW_UP = "follow-up"
    COMPARE = "compare"
    PREMISE = "premise"
    COMPUTED = "computed"
    GATHER = "gather"
    TIME_SENSITIVE = "time-sensitive"
    CONTRADICTORY = "contradictory"
    DAMAGED = "damaged"
    UNANSWERABLE = "unanswerable"
    MASKED = "masked"
    PRIVATE = "private"
    INJECTION = "injection"


PLAIN = (Kind.NUMBER, Kind.WHY, Kind.LIST, Kind.FOLLOW_UP, Kind.TIME_SENSITIVE)
HARD = (Kind.COMPARE, Kind.PREMISE, Kind.COMPUTED, Kind.GATHER)


@dataclass(frozen=True, slots=True, config=STRICT)
class Gold:
    """A stretch of a raw file that holds the answer; copies of one fact share the number ``fact``."""

    sha256: str
    start: int
    end: int
    fact: int = 1


@dataclass(frozen=True, slots=True, config=STRICT)
class Value:
    """A quantity that must stand in the answer.

    ``unit`` lists alternatives (``人|名``), "" takes any. ``of`` (alternatives too) is what the value
    belongs to; it is checked where a case has several. ``within`` is the tolerance of a rounded share.
    """

    value: Decimal
    unit: str = ""
    of: str = ""
    within: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, config=STRICT)
class Turn:
    """An earlier question of the same conversation."""

    question: str


@dataclass(frozen=True, slots=True, config=STRICT)
class Case:
    """One question and what its answer must and must not hold; see ``eval/cases/README.md``."""

    id: str
    kind: Kind
    question: str
    split: Split
    expect: Literal["answer", "refuse"]
    history: tuple[Turn, ...] = ()
    gold: tuple[Gold, ...] = ()
    needs: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()
    points: tuple[tuple[str, ...], ...] = ()
    higher: tuple[str, str] | None = None
    forbid: tuple[str, ...] = ()
    forbid_sha256: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    note: str = field(default="")

    @property
    def earlier(self) -> list[str]:
        """Earlier questions, oldest first."""
        return [turn.question for turn in self.history]

    @property
    def files(self) -> frozenset[str]:
        """Hashes of the files without which the case makes no sense."""
        return frozenset(self.needs) | {gold.sha256 for gold in self.gold}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A case that cannot be used here, and why."""

    id: str
    reason: str


CASE = TypeAdapter(Case)


def load(path: Path) -> tuple[Case, ...]:
    """Cases of one file or of all ``*.jsonl`` files of a folder, in order.

    Raises:
        NotFound: there is nothing to load.
        InputError: a line is no valid case, or an id occurs twice.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files or not all(file.is_file() for file in files):
        raise NotFound("没有找到评测题文件", where=str(path), remedy="请给出 .jsonl 文件或其所在文件夹")
    cases: list[Case] = []
    seen: set[str] = set()
    for file in files:
        for where, line in filled_lines(file):
            case = parse(line, where=where)
            if case.id in seen:
                raise InputError(f"题号 {case.id!r} 重复", where=file.name, remedy="请改用新的题号")
            seen.add(case.id)
            cases.append(case)
    return tuple(cases)


def parse(line: str, *, where: str = "") -> Case:
    """One case from its JSON line."""
    case = validated(CASE, line, what="评测题", where=where, remedy="请对照 eval/cases/README.md 修改")
    faults = problems(case)
    if faults:
        raise InputError("；".join(faults), where=f"{where} {case.id}".strip(), remedy="请修改这道题")
    return case


def problems(case: Case) -> tuple[str, ...]:
    """What makes a case meaningless although its form is right."""
    faults = []
    asks_nothing = not (case.values or case.points or case.higher)
    if not case.question.strip():
        faults.append("问题为空")
    if case.expect == "answer" and asks_nothing:
        faults.append("应答题没有要核对的内容")
    if case.expect == "answer" and not case.gold:
        faults.append("应答题没有依据位置")
    if case.expect == "refuse" and not asks_nothing:
        faults.append("应拒答的题不应有答案")
    if any(not group for group in case.points):
        faults.append("要点为空")
    keys = [key for group in case.points for key in group]
    faults += [f"要点 {key!r} 超过{KEY_LIMIT}字" for key in keys if not 0 < len(key) <= KEY_LIMIT]
    faults += [f"依据位置 {g.start}-{g.end} 无效" for g in case.gold if not 0 <= g.start < g.end]
    return tuple(faults)


def read_sources(folders: Iterable[Path] | Path, wanted: Iterable[str]) -> dict[str, str]:
    """Raw text of the files under the folders whose sha256 is wanted, by hash.

    Raises:
        NotFound: there is no such folder.
    """
    return {digest: _raw(path) for digest, path in find_sources(folders, wanted).items()}


def _raw(path: Path) -> str:
    """What the reader makes of a file; one that no reader takes is plain text."""
    return read(path).text if path.suffix.lower() in SUFFIXES else path.read_text(encoding="utf-8")


def find_sources(folders: Iterable[Path] | Path, wanted: Iterable[str]) -> dict[str, Path]:
    """The files under the folders whose sha256 is wanted, by hash.

    Raises:
        NotFound: there is no such folder.
    """
    missing = set(wanted)
    found: dict[str, Path] = {}
    for folder in (folders,) if isinstance(folders, Path) else folders:
        if not folder.is_dir():
            raise NotFound(
                "没有这个文件夹", where=str(folder), remedy="请用 --reports 指出原始报告所在文件夹"
            )
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            if not missing:
                return found
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            if digest in missing:
                found[digest] = file
                missing.discard(digest)
    return found


def usable(cases: Sequence[Case], texts: Mapping[str, str]) -> tuple[tuple[Case, ...], tuple[Skipped, ...]]:
    """Cases whose files are there and whose spans lie in them; the others with the reason."""
    kept, skipped = [], []
    for case in cases:
        absent = sorted(case.files - texts.keys())
        outside = [g for g in case.gold if g.sha256 in texts and g.end > len(texts[g.sha256])]
        if absent:
            skipped.append(Skipped(case.id, f"缺少文件 {absent[0][:12]}（不在 --reports 里，或已改动）"))
        elif outside:
            skipped.append(Skipped(case.id, f"位置 {outside[0].start}-{outside[0].end} 超出文件"))
        else:
            kept.append(case)
    return tuple(kept), tuple(skipped)
