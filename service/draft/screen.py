"""Drafting on the terminal: the outline to accept or change, the steps as they are written, tables of drafts.

In: drafts and what the user types. Out: lines on the two consoles. Progress goes to standard error, so that what a
command makes can be piped; the words of the model run along only where a terminal is.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

import click
from rich.table import Table
from rich.text import Text

from corpus.drafts import Stored, Version
from corpus.errors import InputError
from service.draft.diff import Change, Diff, spans
from service.draft.drafts import Draft, Outline, Step, Written, how
from service.draft.inputs import KIND_LABELS, Kind
from service.draft.session import Done, Work, left, texts
from service.papers.presenting import clean, masked
from service.screen import err, error, out
from service.summary.screen import Draft as Stream

WHY = 40  # characters of a reason in the table
TITLE = 20  # characters of a step without heading
SOON = 3.0  # seconds that are not worth telling
HAND = "手工改写"
_ENDS = ("。", "！", "？", "!", "?", "；", "：", "…", "。”", "！”", "？”")
_STYLES = {"same": "", "gone": "red strike", "come": "green"}
_MARKS = {"added": ("＋", "green"), "removed": ("－", "red"), "changed": ("～", "yellow")}


# -- the outline ------------------------------------------------------------------------------------


def asks() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty() and out.is_terminal


def accepted(
    outline: Outline, as_text: Callable[[Outline], str], read: Callable[[str], Outline]
) -> Outline | None:
    """Show an outline until the user accepts it, changed or not; None where the user stops.

    Args:
        outline: the outline that code made.
        as_text: an outline as text that can be edited.
        read: the outline of an edited text; raises InputError, after which the text is there to be mended.
    """
    text = as_text(outline)
    while True:
        out.print(Text(str(masked(text))), soft_wrap=True)
        answer = str(click.prompt("按此提纲起草？y 接受，e 修改，n 停下", default="y", show_default=False))
        if answer.strip().lower() in ("n", "no", "否"):
            return None
        if answer.strip().lower() in ("y", "yes", "是"):
            return outline
        if answer.strip().lower() in ("e", "改"):
            text, outline = _edited(text, outline, read)


def _edited(text: str, outline: Outline, read: Callable[[str], Outline]) -> tuple[str, Outline]:
    """The text from the user's editor and its outline, opened again as long as it cannot be read."""
    while True:
        try:
            changed = click.edit(text, extension=".txt", require_save=False)
        except click.ClickException as problem:
            raise InputError(
                "编辑器打不开",
                remedy="请设好 EDITOR，或用 --outline-only 存出提纲，改好后用 --outline 交回",
            ) from problem
        if changed is None or not changed.strip():
            return text, outline
        try:
            return changed, read(changed)
        except InputError as problem:
            error(str(problem))
            text = changed
            if not click.confirm("再改一次？", default=True):
                return text, outline


# -- writing ----------------------------------------------------------------------------------------


class Steps:
    """What is being written. Use as a context manager; call with pieces of the model's text.

    Args:
        work: the draft as it is taken up.
        quiet: say nothing.
        shown: whether the text of a finished step stays on the terminal.
    """

    def __init__(self, work: Work, *, quiet: bool, shown: bool) -> None:
        self._quiet, self._shown = quiet, shown and out.is_terminal
        self._number = {step.key: n for n, step in enumerate(texts(work.draft.outline), 1)}
        self._parts = {step.key: part.title for part in work.draft.outline.parts for step in part.steps}
        self._begun, self._written, self._left = time.monotonic(), 0, len(left(work.draft))
        self._stream = Stream()
        first = left(work.draft)[:1]
        if (work.draft.written or work.stored.versions) and first and not quiet:
            self._line(
                f"沿用{work.total - self._left}步，要写{self._left}步"
                if work.stored.versions
                else f"从第{self._number[first[0].key]}步继续，共{work.total}步"
            )
        self._head(work.draft)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.clear()

    def __call__(self, piece: str) -> None:
        """A piece of what the model writes."""
        if not self._quiet:
            self._stream(piece)

    def done(self, done: Done) -> None:
        """A step is written and saved."""
        self._stream.clear()
        self._stream = Stream()
        self._written += 1
        self._left -= 1
        if self._shown and not self._quiet:
            out.print(Text("　　" + text_of(done.written)), soft_wrap=True)
        self._head(done.work.draft)

    def _head(self, draft: Draft) -> None:
        """The step that comes next, with the time that is left where it can be told."""
        if self._quiet or not left(draft):
            return
        step = left(draft)[0]
        wait = ""
        if self._written:
            seconds = (time.monotonic() - self._begun) / self._written * self._left
            wait = f"（约还需{spoken(seconds)}）" if seconds >= SOON else ""
        told = clean(step.heading) or shortened(clean(step.facts[0].text), TITLE)
        title = f"{self._parts[step.key]} {step.key} {told}"
        self._line(f"{self._number[step.key]}/{len(self._number)} {title}{wait}")

    def _line(self, text: str) -> None:
        err.print(Text(text, style="cyan"), soft_wrap=True)


def text_of(written: Written) -> str:
    """What was written for a step, in one paragraph."""
    pieces = (clean(sentence.text) for sentence in written.sentences)
    return "".join(piece if piece.endswith(_ENDS) else f"{piece}。" for piece in pieces if piece)


def shortened(text: str, most: int) -> str:
    """A text of at most this many characters."""
    return text if len(text) <= most else text[:most] + "…"


def spoken(seconds: float) -> str:
    """A length of time in words: 40秒, 3分钟."""
    return f"{max(1, round(seconds))}秒" if seconds < 90 else f"{round(seconds / 60)}分钟"


WAYS = {
    "phrased": "模型成文",
    "composed": "程序组句",
    "by_hand": HAND,
    "table": "表格",
    "open": "还没有写",
}


def result_table(draft: Draft) -> None:
    """How the steps were written, and what is missing."""
    steps = [(step, draft.of(step.key)) for step in draft.outline.steps]
    table = _table("写法", "步数", "哪些")
    for way, label in WAYS.items():
        chosen = [(step, written) for step, written in steps if how(written, step) == way]
        if chosen:
            told = "、".join(_told(step, written) for step, written in chosen) if way != "phrased" else ""
            table.add_row(label, str(len(chosen)), Text(told))
    gaps: dict[str, list[str]] = {}
    for step, _ in steps:
        for gap in step.gaps:
            gaps.setdefault(clean(gap), []).append(step.key)
    if gaps:
        count = len({key for keys in gaps.values() for key in keys})
        told = "；".join(f"{gap}：{'、'.join(keys)}" for gap, keys in gaps.items())
        table.add_row("待补", str(count), Text(told))
    out.print(table)


def _table(*names: str) -> Table:
    """A table whose cells wrap."""
    table = Table()
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def _told(step: Step, written: Written | None) -> str:
    told = written.faults if written and not written.by_hand else ()
    why = shortened(clean(told[0]), WHY) if told else ""
    return f"{step.key}（{why}）" if why else step.key


# -- drafts and versions ----------------------------------------------------------------------------


def draft_table(rows: Iterable[tuple[Stored, Draft]], *, removed: bool) -> None:
    """All drafts, the last used first."""
    table = _table("编号", "文种", "标题", "步骤", "版本", "最近")
    for stored, draft in rows:
        total = len(texts(draft.outline))
        label = KIND_LABELS[Kind(stored.kind)]
        table.add_row(
            stored.id,
            label,
            Text(clean(stored.title)),
            f"{total - len(left(draft))}/{total}",
            f"{stored.versions}{'＋未完' if stored.open else ''}",
            when(stored.updated_at),
        )
    if table.row_count:
        out.print(table)
        out.print(
            "恢复：wenheng draft restore 编号" if removed else "查看：wenheng draft show 编号", style="dim"
        )
    else:
        out.print("没有移除的稿子。" if removed else "还没有稿子。用 wenheng draft new 开始。")


def version_table(versions: Sequence[Version], stored: Stored) -> None:
    """The versions of a draft."""
    table = _table("版本", "时间", "说明")
    for version in versions:
        table.add_row(str(version.number), when(version.created_at), Text(clean(version.note)))
    if stored.open:
        table.add_row("未完", when(stored.updated_at), Text(clean(stored.note)))
    out.print(table)


def when(stored: str) -> str:
    """A stored time to the minute, where the user is."""
    return datetime.fromisoformat(stored).astimezone().strftime("%Y-%m-%d %H:%M")


def show_diff(found: Diff, old: str, new: str) -> None:
    """What changed, step by step: － gone, ＋ new, ～ changed with its figures."""
    out.print(Text(f"{old} → {new}：改动{len(found.changed)}步，未变{found.same}步", style="bold"))
    for title in found.titles:
        _change(title, "标题 ")
    for step in found.changed:
        key = step.after or step.before
        moved = f"（原{step.before}）" if step.before and step.after and step.before != step.after else ""
        state = "新增" if not step.before else "删去" if not step.after else ""
        marks = "，".join(word for word in (state, HAND if step.by_hand else "") if word)
        out.print(
            Text(f"\n{key}{moved} {clean(step.title)}{f'【{marks}】' if marks else ''}", style="bold cyan"),
            soft_wrap=True,
        )
        for change in step.changes:
            _change(change)


def _change(change: Change, lead: str = "") -> None:
    mark, style = _MARKS[change.kind]
    line = Text(f"{mark} {lead}", style=style)
    if change.kind != "changed":
        line.append(clean(change.before or change.after), style)
    elif out.color_system:
        for kind, text in spans(clean(change.before), clean(change.after)):
            line.append(text, _STYLES[kind])
    else:  # without colours both texts in full
        line.append(f"{clean(change.before)}\n→ {clean(change.after)}")
    out.print(line, soft_wrap=True)
    if change.gone or change.come:
        told = f"  数字：{'、'.join(change.gone) or '（无）'} → {'、'.join(change.come) or '（无）'}"
        out.print(Text(told, style="yellow"), soft_wrap=True)
