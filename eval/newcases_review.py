"""Shows proposed cases one by one and keeps what the user accepts or edits (审题).

In: proposals and a console. Out: a file of valid cases, one a line, each written as soon as it is decided, so
that a review goes on where it stopped; what was skipped is noted beside it. The console is three small
functions, so that a test can play the user.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import click
from rich.console import Console as RichConsole
from rich.text import Text

from corpus.errors import InputError
from corpus.files import shown
from eval.cases import CASE, Case, Kind, Value, load, problems
from eval.newcases import Proposal
from eval.quantities import clean as folded
from eval.quantities import quantities
from service.papers.presenting import clean

REVIEWED, UNREVIEWED = "自拟，已审", "自拟，未审"
KIND_NAMES = {
    Kind.NUMBER: "查数",
    Kind.LIST: "列举",
    Kind.PREMISE: "前提有误",
    Kind.COMPARE: "比较",
    Kind.UNANSWERABLE: "应拒答",
}
KEYS = "a 采用　e 修改　s 跳过　q 退出"
LONGEST_QUOTE = 1200  # characters of the source that are shown
_VALUE = re.compile(r"(?P<number>-?\d+(?:\.\d+)?)(?P<unit>\D*)")


@dataclass(frozen=True, slots=True)
class Console:
    """The user: what is shown to, which key is pressed, what is typed over a text that is there."""

    say: Callable[[Text], None]
    key: Callable[[], str]
    line: Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a review did; ``left`` proposals were not decided."""

    kept: int
    edited: int
    skipped: int
    left: int


class CaseFile:
    """The cases that were kept and the ids that were skipped; a line that a kill cut off is dropped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.beside = path.with_name(path.name + ".skipped")
        for file in (path, self.beside):
            _mend(file)
        cases = load(path) if path.exists() and path.stat().st_size else ()
        skipped = self.beside.read_text(encoding="utf-8").split() if self.beside.exists() else []
        self.seen = frozenset(case.id for case in cases) | frozenset(skipped)
        self.kept = len(cases)

    def keep(self, case: Case) -> None:
        """Append a case."""
        told = CASE.dump_python(case, mode="json", exclude_defaults=True)
        _append(self.path, json.dumps(told, ensure_ascii=False))

    def skip(self, case: Case) -> None:
        """Note that a proposal is not wanted."""
        _append(self.beside, case.id)


def review(proposals: Sequence[Proposal], file: CaseFile, console: Console) -> Tally:
    """Ask about each proposal until the user has had enough."""
    kept = edited = skipped = 0
    for number, one in enumerate(proposals, 1):
        console.say(described(one, number, len(proposals)))
        key = _pressed(console)
        if key == "q":
            break
        if key == "s":
            file.skip(one.case)
            skipped += 1
            continue
        case = edit(one.case, console) if key == "e" else one.case
        file.keep(replace(case, note=REVIEWED))
        kept, edited = kept + 1, edited + (key == "e")
    return Tally(kept, edited, skipped, len(proposals) - kept - skipped)


def keep_all(proposals: Sequence[Proposal], file: CaseFile) -> Tally:
    """Write all proposals, each marked as not reviewed."""
    for one in proposals:
        file.keep(replace(one.case, note=UNREVIEWED))
    return Tally(len(proposals), 0, 0, 0)


def _pressed(console: Console) -> str:
    while True:
        key = console.key().lower()
        if key in ("a", "e", "s", "q"):
            return key
        console.say(Text(KEYS))


# -- showing -------------------------------------------------------------------------------------------


def described(one: Proposal, number: int, total: int) -> Text:
    """The question, what a right answer holds, and the source with its figure marked."""
    case = one.case
    text = Text(f"\n[{number}/{total}] {KIND_NAMES[case.kind]}　{case.question}\n", style="bold")
    text.append(f"　答案：{answer_of(case)}\n", style="not bold")
    if one.why:
        text.append(f"　说明：{one.why}\n", style="not bold yellow")
    text.append(f"　出处：{clean(' › '.join((one.title, *one.path)))}\n　原文：", style="not bold")
    text.append(clean(one.quote[: one.mark.start]), style="not bold")
    text.append(clean(one.mark.of(one.quote)), style="bold reverse")
    text.append(clean(one.quote[one.mark.end : one.mark.end + LONGEST_QUOTE]) + "\n", style="not bold")
    return text.append(KEYS, style="not bold dim")


def answer_of(case: Case) -> str:
    """What a right answer holds, as the user may type it."""
    if case.expect == "refuse":
        return "（应拒答）"
    return "　".join(filter(None, (values_text(case), points_text(case))))


def values_text(case: Case) -> str:
    """560万元；46.2%."""
    return "；".join(f"{value.value:f}{value.unit}" for value in case.values)


def points_text(case: Case) -> str:
    """Groups of keys: 人员紧缺/人手不足；设备老旧."""
    return "；".join("/".join(group) for group in case.points)


# -- editing -------------------------------------------------------------------------------------------


def edit(case: Case, console: Console) -> Case:
    """Let the user change question, values and points; asked again until the case is valid."""
    while True:
        try:
            changed = _edited(case, console)
        except InputError as error:
            console.say(Text(str(error), style="yellow"))
            continue
        faults = problems(changed)
        if not faults:
            return changed
        console.say(Text("；".join(faults), style="yellow"))


def _edited(case: Case, console: Console) -> Case:
    question = console.line("问题", case.question).strip() or case.question
    changed = replace(case, question=question)
    if case.values:
        typed = console.line("数值（用；分开）", values_text(case))
        changed = replace(changed, values=read_values(typed, case.values))
    if case.points and case.kind is Kind.LIST:
        typed = console.line("要点（各条用；分开，同一条的不同说法用/分开）", points_text(case))
        changed = replace(changed, points=read_points(typed))
    return changed


def read_values(text: str, before: Sequence[Value]) -> tuple[Value, ...]:
    """Values as typed; what a value belongs to stays where it was.

    Raises:
        InputError: one is no number with a unit that is known.
    """
    parts = [folded(part.strip()) for part in re.split(r"[；;]", text) if part.strip()]
    found = []
    for n, part in enumerate(parts):
        match = _VALUE.fullmatch(part)
        if match is None or not quantities(part) or (match["unit"] and not quantities(part)[0].unit):
            raise InputError(f"看不懂数值 {part!r}", remedy="请写成数字加单位，如 23所、46.2%")
        of = before[n].of if n < len(before) and len(parts) == len(before) else ""
        within = before[n].within if n < len(before) else Decimal(0)
        found.append(Value(Decimal(match["number"]), match["unit"], of, within))
    return tuple(found)


def read_points(text: str) -> tuple[tuple[str, ...], ...]:
    """Groups of keys as typed."""
    groups = (part for part in re.split(r"[；;]", text) if part.strip())
    return tuple(tuple(key.strip() for key in re.split(r"[/／]", part) if key.strip()) for part in groups)


# -- the terminal and the file -------------------------------------------------------------------------


def terminal(out: RichConsole) -> Console:
    """The user at a terminal."""
    return Console(
        say=lambda text: out.print(text, soft_wrap=True),
        key=lambda: click.getchar(),
        line=lambda prompt, default: str(click.prompt(prompt, default=default)),
    )


def _append(path: Path, line: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InputError(
            f"写不进去（{error.strerror}）",
            where=shown(path),
            remedy="请检查文件夹和权限，或用 -o 换一个文件",
        ) from error


def _mend(path: Path) -> None:
    """Drop a last line that was cut off."""
    if path.is_file():
        data = path.read_bytes()
        if data and not data.endswith(b"\n"):
            with path.open("r+b") as file:
                file.truncate(data.rfind(b"\n") + 1)
