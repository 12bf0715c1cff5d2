"""Hand labels of figures: what a reader found in sentences drawn at random from real reports.

In: ``eval/labels/figures-*.jsonl``, one sentence a line, and the folder with the reports. Out: frozen
:class:`Labelled` sentences and the reports that they are about.

The labels hold no text: a file is named by the sha256 of its bytes, and a sentence, a figure and the
words of its indicator by *raw* offsets (of the text that the reader makes of the file), so that no
change of a repair or of the parser can move them. Unknown keys are refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from corpus.errors import InputError, NotFound
from corpus.parse import parse as parse_reports
from corpus.readers import read
from corpus.report import FigureKind, Report
from eval.records import filled_lines, validated
from eval.times import UNKNOWN, days

STRICT = ConfigDict(extra="forbid")
LABELS = Path(__file__).parent / "labels"
Range = tuple[int, int]  # raw offsets, half-open
Split = Literal["dev", "held"]


@dataclass(frozen=True, slots=True, config=STRICT)
class LabelledFigure:
    """One figure as the reader of the page saw it; see ``eval/labels/README.md``.

    ``indicator`` are the words that any right name of it must hold, ``phrase`` the longest stretch
    that is still a name. ``optional`` figures (counted headings, damaged numbers) count neither way.
    """

    start: int
    end: int
    value: Decimal | None
    unit: str
    indicator: tuple[Range, ...]
    phrase: Range | None = None
    upper: Decimal | None = None
    qualifier: str = ""
    periods: tuple[str, ...] = ()
    kind: FigureKind = FigureKind.ACTUAL
    masked: bool = False
    suspect: bool = False
    optional: bool = False
    planned: bool = False


@dataclass(frozen=True, slots=True, config=STRICT)
class Labelled:
    """One sentence with all of its figures; none means that a reader saw no figure in it."""

    id: str
    split: Split
    sha256: str
    report: str
    start: int
    end: int
    figures: tuple[LabelledFigure, ...]


FORMAT = "请对照 eval/labels/README.md 修改"
LABELLED = TypeAdapter(Labelled)


def load(split: Split, folder: Path = LABELS) -> tuple[Labelled, ...]:
    """The labelled sentences of one half, in order.

    Raises:
        NotFound: the file is not there.
        InputError: a line is no valid label, an id occurs twice, or a sentence is of the other half.
    """
    path = folder / f"figures-{split}.jsonl"
    if not path.is_file():
        raise NotFound("没有找到标注文件", where=str(path), remedy="请检查 eval/labels 文件夹")
    found: dict[str, Labelled] = {}
    for where, line in filled_lines(path):
        sentence = parse(line, where=where)
        if sentence.id in found:
            raise InputError(f"标注编号 {sentence.id!r} 重复", where=where, remedy="请改用新的编号")
        if sentence.split != split:
            raise InputError(
                f"{sentence.id!r} 属于 {sentence.split!r}", where=where, remedy="请移到那一份标注文件"
            )
        found[sentence.id] = sentence
    return tuple(found.values())


def parse(line: str, *, where: str = "") -> Labelled:
    """One sentence from its JSON line."""
    sentence = validated(LABELLED, line, what="标注", where=where, remedy=FORMAT)
    faults = problems(sentence)
    if faults:
        raise InputError("；".join(faults), where=f"{where} {sentence.id}".strip(), remedy="请修改这条标注")
    return sentence


def problems(sentence: Labelled) -> tuple[str, ...]:
    """What makes a label meaningless although its form is right."""
    faults = []
    if not 0 <= sentence.start < sentence.end:
        faults.append(f"句子位置 {sentence.start}-{sentence.end} 无效")
    for figure in sentence.figures:
        place = f"{figure.start}-{figure.end}"
        if not sentence.start <= figure.start < figure.end <= sentence.end:
            faults.append(f"数值位置 {place} 不在句子里")
        words = (*figure.indicator, *([figure.phrase] if figure.phrase else []))
        faults += [f"指标位置 {low}-{high} 无效" for low, high in words if not 0 <= low < high]
        if (figure.value is None) != (figure.masked or figure.suspect):
            faults.append(f"{place} 的数值与“遮盖/可疑”标记不符")
        if figure.upper is not None and (figure.value is None or figure.upper <= figure.value):
            faults.append(f"{place} 的区间上限 {figure.upper} 不大于下限")
        faults += [f"时间 {code!r} 无法识别" for code in figure.periods if not _is_period(code)]
    return tuple(faults)


def _is_period(code: str) -> bool:
    try:
        return code == UNKNOWN or bool(days(code))
    except ValueError:
        return False


def by_hash(folders: Iterable[Path], wanted: Iterable[str]) -> tuple[dict[str, tuple[Report, ...]], set[str]]:
    """The reports of the files under ``folders`` whose sha256 is wanted, by hash; and the hashes that are not there."""
    missing, found = set(wanted), {}
    for file in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        if digest in missing:
            found[digest] = parse_reports(read(file))
            missing.discard(digest)
    return found, missing


def sources(folder: Path, wanted: Iterable[str]) -> dict[str, tuple[Report, ...]]:
    """The reports of the files under ``folder`` whose sha256 is wanted, by hash.

    Raises:
        NotFound: the folder or one of the files is not there. A score over a part of the labels
            would look like one over all of them.
    """
    if not folder.is_dir():
        raise NotFound("没有这个文件夹", where=str(folder), remedy="请用 --reports 指出原始报告所在文件夹")
    found, missing = by_hash((folder,), wanted)
    if missing:
        names = "、".join(sorted(digest[:12] for digest in missing))
        raise NotFound(
            f"缺少标注所指的 {len(missing)} 个文件（sha256 {names}）",
            where=str(folder),
            remedy="请用 --reports 指出含有这些文件的文件夹",
        )
    return found
