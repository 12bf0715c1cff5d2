"""The hidden-section experiment: which stretch of which report is hidden, what the draft may see, what it must say.

In: ``eval/labels/drafts-*`` and the folder with the reports. Out: for each case the input, the hidden text, and a
folder of files without it, to be ingested as they are. The stretch is cut from the text of the file before anything
reads it, so that it can leak through no passage, no ledger and no index; files are named by their sha256 and places
by raw offsets, as all labels are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from corpus.errors import InputError, NotFound
from corpus.parse import parse
from corpus.readers import read
from corpus.report import Report
from eval.labels import FORMAT, LABELS
from eval.records import filled_lines, validated
from service.draft.input_files import read_input
from service.draft.inputs import DraftInput

STRICT = ConfigDict(extra="forbid")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, config=STRICT)
class Case:
    """One draft: the raw stretch that is hidden, and the hashes of the files that the library holds.

    Where the file itself is among ``seen``, the library holds it without the stretch.
    """

    id: str
    sha256: str
    start: int
    end: int
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True, config=STRICT)
class Point:
    """A point that the hidden text makes and the input implies: its raw stretch, the row of the input that it follows
    from (问题1), and a key in own words: terms parted by spaces, a|b for two ways to say one, figures exact.
    """

    id: str
    case: str
    sha256: str
    start: int
    end: int
    row: str
    key: str


@dataclass(frozen=True, slots=True, config=STRICT)
class Pair:
    """A gold point and a stretch of a draft, and whether a reader says that the stretch makes the point."""

    point: str
    text: str
    told: bool


CASES, POINTS, PAIRS = TypeAdapter(Case), TypeAdapter(Point), TypeAdapter(Pair)


def load_cases(folder: Path = LABELS, only: Collection[str] = ()) -> tuple[Case, ...]:
    """The cases in order, or those that ``only`` names.

    Raises:
        NotFound: there is no such file or case.
        InputError: a line is no case.
    """
    found = _lines(folder / "drafts-cases.jsonl", CASES, "起草评测")
    unknown = [name for name in only if name not in {case.id for case in found}]
    if unknown:
        there = "、".join(case.id for case in found)
        raise NotFound(f"没有这个起草评测：{'、'.join(unknown)}", remedy=f"可用：{there}")
    for case in found:
        if not 0 <= case.start < case.end:
            raise InputError(f"{case.id} 的位置 {case.start}-{case.end} 无效", remedy=FORMAT)
    return tuple(case for case in found if not only or case.id in only)


def load_points(folder: Path = LABELS) -> tuple[Point, ...]:
    """The gold points of all cases.

    Raises:
        NotFound, InputError: as for the cases; also where a point lies outside the stretch of its case.
    """
    cases = {case.id: case for case in load_cases(folder)}
    found = _lines(folder / "drafts-points.jsonl", POINTS, "要点")
    for point in found:
        case = cases.get(point.case)
        inside = case and case.sha256 == point.sha256 and case.start <= point.start < point.end <= case.end
        if not inside or not point.key.split():
            raise InputError(f"要点 {point.id} 不在所属的隐去部分内，或没有词", remedy=FORMAT)
    return found


def load_pairs(folder: Path = LABELS) -> tuple[Pair, ...]:
    """What the threshold of points was calibrated on."""
    path = folder / "drafts-pairs.jsonl"
    return tuple(
        validated(PAIRS, line, what="判例", where=where, remedy=FORMAT) for where, line in filled_lines(path)
    )


def input_of(case: Case, folder: Path = LABELS) -> DraftInput:
    """The structured input of a case."""
    return read_input(folder / f"drafts-{case.id}.yaml")


def _lines(path: Path, kind: TypeAdapter[T], what: str) -> tuple[T, ...]:
    if not path.is_file():
        raise NotFound("没有找到标注文件", where=str(path), remedy="请检查 eval/labels 文件夹")
    found: dict[str, T] = {}
    for where, line in filled_lines(path):
        row = validated(kind, line, what=what, where=where, remedy=FORMAT)
        name = str(getattr(row, "id", ""))
        if name in found:
            raise InputError(f"编号 {name!r} 重复", where=where, remedy="请改用新的编号")
        found[name] = row
    return tuple(found.values())


# -- hiding -----------------------------------------------------------------------------------------


def files(folder: Path, wanted: Iterable[str]) -> dict[str, Path]:
    """The files under a folder by their sha256.

    Raises:
        NotFound: one of them is not there.
    """
    hashes = {hashlib.sha256(p.read_bytes()).hexdigest(): p for p in folder.rglob("*") if p.is_file()}
    missing = sorted({digest for digest in wanted if digest not in hashes})
    if missing:
        names = "、".join(digest[:12] for digest in missing)
        raise NotFound(
            f"缺少 {len(missing)} 个报告文件（sha256 {names}）",
            where=str(folder),
            remedy="请用 --reports 指出",
        )
    return {digest: hashes[digest] for digest in wanted}


def hidden(case: Case, paths: Mapping[str, Path]) -> str:
    """The hidden stretch as it reads after repair.

    Raises:
        InputError: no report of the file holds it.
    """
    for report in parse(read(paths[case.sha256])):
        if text := stretch(report, case.start, case.end):
            return text
    raise InputError(f"{case.id} 的隐去部分不在任何一篇报告里", remedy=FORMAT)


def stretch(report: Report, start: int, end: int) -> str:
    """The cleaned text of a raw stretch, "" where the report does not hold it whole."""
    low, high = report.origin.raw_span(0, len(report.text))
    if not (low <= start and end <= high):
        return ""
    first, last = report.origin.clean_span(start, end)
    return report.text[first:last]


def lay_out(case: Case, paths: Mapping[str, Path], folder: Path) -> tuple[Path, ...]:
    """Write what the library may hold into a folder: the seen files, that of the case without the stretch."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for digest in case.seen:
        source = paths[digest]
        raw = read(source).text
        if digest == case.sha256:
            raw = raw[: case.start] + raw[case.end :]
        target = folder / source.with_suffix(".txt").name
        target.write_text(raw, encoding="utf-8")
        made.append(target)
    return tuple(made)
