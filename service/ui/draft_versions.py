"""起草 › 版本: the versions of a draft, what changed between two of them, and the way back to one.

In: a draft of the caller. Out: its versions with their notes; for two of them the steps that are not the same, sentence
by sentence; an old version as the newest one, which is itself a version that can be left again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from html import escape

from nicegui import ui

from corpus.drafts import Version
from service.accounts.caller import Role
from service.desk import Desk
from service.draft import versions
from service.draft.diff import Change, Changed, Diff, spans
from service.papers.presenting import clean
from service.ui import papers, theme, undo
from service.ui.seat import Seat
from service.ui.times import local

TAGS = {"same": "span", "gone": "del", "come": "ins"}


class Versions:
    """The tab with the versions."""

    def __init__(self, seat: Seat, draft_id: str, reload: Callable[[], Awaitable[None]]) -> None:
        self._seat, self._id, self._reload = seat, draft_id, reload
        self._place = ui.element("div").classes("wp-charts")
        self._diff = ui.element("div").classes("wp-charts")

    def _desk(self) -> Desk:
        """The desk, where the draft is the caller's."""
        seat = self._seat
        seat.house.accounts.owned.check("draft", self._id, seat.collection, seat.caller)
        return seat.desk(Role.WRITER)

    async def show(self) -> None:
        """The versions as they are now."""
        drafts = self._desk().library.drafts
        every = await self._seat.run(lambda: versions.with_open(drafts, drafts.load(self._id)))
        kept = len(every) - (1 if every and every[-1].note.startswith("未完") else 0)
        self._place.clear()
        self._diff.clear()
        with self._place:
            if not every:
                theme.soft("写完以后这里列出各个版本；每次改动都存为一版。")
                return
            with theme.card():
                for one in reversed(every):
                    self._line(one, kept, len(every))
                if len(every) > 1:
                    self._chooser(every)

    def _line(self, one: Version, kept: int, last: int) -> None:
        with theme.row("wp-item"):
            ui.label(f"第{one.number}版").classes("wh-strong")
            ui.label(clean(one.note))
            theme.soft(local(one.created_at))
            if one.number < last and one.number <= kept:
                back = self._seat.doing(lambda: self._restore(one.number), Role.WRITER)
                theme.button("恢复这一版", back, kind="flat").classes("wh-push")

    def _chooser(self, every: tuple[Version, ...]) -> None:
        names = {one.number: f"第{one.number}版" for one in every}
        with theme.row():
            old = ui.select(names, value=every[-2].number, label="从").props("dense outlined")
            new = ui.select(names, value=every[-1].number, label="到").props("dense outlined")
            compare = self._seat.doing(lambda: self._compare(int(old.value), int(new.value)), Role.WRITER)
            theme.button("看改动", compare, icon="difference", kind="main")

    async def _compare(self, old: int, new: int) -> None:
        drafts = self._desk().library.drafts
        before, after, found = await self._seat.run(versions.compared, drafts, self._id, old, new)
        self._diff.clear()
        with self._diff, theme.card(f"第{before.number}版 → 第{after.number}版"):
            papers.printed("".join(html_of(found)), lambda n: None)

    async def _restore(self, number: int) -> None:
        drafts = self._desk().library.drafts
        last = (await self._seat.run(drafts.load, self._id)).versions
        await self._seat.run(versions.brought_back, drafts, self._id, number)
        seat = self._seat
        seat.house.accounts.log.write(seat.caller, "restore", seat.collection, self._id, f"第{number}版")
        await self._reload()

        async def back() -> None:
            await seat.run(versions.brought_back, self._desk().library.drafts, self._id, last)
            await self._reload()

        undo.offer(seat, f"已恢复第{number}版", back, Role.WRITER)


def html_of(found: Diff) -> Iterator[str]:
    """What changed, as escaped HTML."""
    if not found.titles and not found.changed:
        yield '<p class="wp-p">两版没有不同。</p>'
    for title in found.titles:
        yield f'<h4>标题</h4><div class="wp-diff">{_change(title)}</div>'
    for step in found.changed:
        yield f"<h4>{escape(_head(step))}</h4>"
        yield from (f'<div class="wp-diff">{_change(one)}</div>' for one in step.changes)
    yield f'<p class="wp-note">没有变的{found.same}步不列。</p>'


def _head(step: Changed) -> str:
    moved = step.before and step.after and step.before != step.after
    key = f"{step.before} → {step.after}" if moved else step.after or step.before
    what = "" if step.before and step.after else "（新增）" if step.after else "（删去）"
    return clean(f"{key} {step.title}{what}{'（手工改写）' if step.by_hand else ''}")


def _change(one: Change) -> str:
    """A changed sentence with what went and what came; the figures apart."""
    pieces = spans(one.before, one.after) if one.before and one.after else (
        (("gone", one.before),) if one.before else (("come", one.after),)
    )  # fmt: skip
    text = "".join(f"<{TAGS[kind]}>{escape(clean(part))}</{TAGS[kind]}>" for kind, part in pieces)
    figures = []
    if one.gone:
        figures.append(f"去掉的数：{'、'.join(one.gone)}")
    if one.come:
        figures.append(f"新的数：{'、'.join(one.come)}")
    note = f'<div class="wp-note">{escape(clean("；".join(figures)))}</div>' if figures else ""
    return text + note
