"""One step of a draft on the page: its text with marks, and an editor with a live check (一步).

In: a step as it is now. Out: what stands in it; and, where the user edits it, an editor in which each figure that no
source of the step holds is underlined while it is typed, with the figures that the sources do hold beside it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from service.accounts.caller import Role
from service.draft.assembling import text_of
from service.draft.checking import Candidate, Look, Unheld, look
from service.draft.drafts import Part, Step, how
from service.draft.editing import years_of
from service.draft.session import Work, opener
from service.papers.presenting import clean
from service.ui import papers, theme
from service.ui.seat import Seat

PAUSE = 0.4  # seconds between two looks at what was typed
WAYS = {
    "phrased": ("模型成文", "good"),
    "composed": ("程序组句", ""),
    "by_hand": ("手工改写", "good"),
    "open": ("还没有写", "warn"),
    "table": ("表格", ""),
    "empty": ("待补", "warn"),
}

Save = Callable[[str, str], Awaitable[bool]]  # key and text; whether it was kept
Keep = Callable[[str, str], Awaitable[None]]  # the same, while it is typed
Again = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Acts:
    """What a step may ask of its page."""

    save: Save
    keep: Keep
    again: Again
    opened: papers.Opened
    typed: Callable[[str], str]  # unsaved text of a step, "" for none


class StepCard:
    """A step; :meth:`update` shows it as it is now, :meth:`live` what the model is writing for it."""

    def __init__(self, seat: Seat, part: Part, step: Step, acts: Acts) -> None:
        self._seat, self._part, self.step, self._acts = seat, part, step, acts
        self._work: Work | None = None
        self._citations: tuple[Any, ...] = ()
        self._html = ""
        with (
            ui.element("div")
            .classes("wp-steptext")
            .props(f"id=step-{step.key.replace('.', '-')}") as self.element
        ):
            with theme.row():
                theme.soft(step.key)
                if step.heading:
                    ui.label(clean(step.heading)).classes("wh-h3")
                self._tag = theme.tag("")
                with theme.row("wh-push") as acts_row:
                    acts_row.style("width:auto;gap:0")
                    self._buttons()
            self._text = papers.printed("", self._hit)
            self._live = ui.label("").classes("wp-live")
            self._live.set_visibility(False)
            self._faults = theme.soft("")
            self._place = ui.element("div")

    def _buttons(self) -> None:
        """What can be done with a step that has text."""
        self._acts_shown = []
        if self.step.table is None and self.step.facts:
            edit = self._seat.doing(self.edit, Role.WRITER)
            again = self._seat.doing(lambda: self._acts.again(self.step.key), Role.WRITER)
            self._acts_shown = [
                theme.icon_button("edit", f"改写第{self.step.key}步", edit),
                theme.icon_button("refresh", f"重写第{self.step.key}步", again),
            ]

    def _hit(self, n: int) -> Any:
        return self._acts.opened(self._citations[n - 1])

    def update(self, work: Work, page: papers.Page) -> None:
        """Show the step as it is now."""
        self._work, self._citations = work, page.citations
        written = work.draft.of(self.step.key)
        label, kind = WAYS[how(written, self.step)]
        self._tag.set_text(label)
        self._tag.classes(replace=f"wh-tag {kind}")
        sentences = text_of(work.draft, self.step)
        html = page.run_on(sentences) if sentences else ""
        if self.step.table is not None:
            html += page.table(self.step.table)
        if html != self._html:
            self._html = html
            self._text.set_content(html)
        faults = "；".join(written.faults) if written and not written.phrased and not written.by_hand else ""
        self._faults.set_text(f"模型的文字没有通过核对：{clean(faults)}" if faults else "")
        self.live("")

    def live(self, text: str) -> None:
        """What the model is writing; "" when it is done."""
        self._live.set_text(clean(text))
        self._live.set_visibility(bool(text))
        self.element.classes(**({"add": "wp-busy"} if text else {"remove": "wp-busy"}))

    def allow(self, on: bool) -> None:
        """Whether the step may be changed now."""
        for button in self._acts_shown:
            button.set_enabled(on)

    # -- editing --------------------------------------------------------------------------------

    def edit(self) -> None:
        """Open the editor, with what was typed and not saved before."""
        if self._work is None:
            return
        written = self._work.draft.of(self.step.key)
        sentences = written.sentences if written else self.step.facts
        text = "".join(_ended(one.text) for one in sentences)
        self._place.clear()
        self._text.set_visibility(False)
        with self._place:
            Editor(self._seat, self._work, self.step, text, self._acts, self._close)

    def _close(self) -> None:
        self._place.clear()
        self._text.set_visibility(True)


def _ended(text: str) -> str:
    """A sentence with its full stop."""
    plain = text.strip()
    return plain if plain.endswith(("。", "！", "？", "；", "!", "?", ";", "：", "”", "）")) else f"{plain}。"


class Editor:
    """A text under a live check."""

    def __init__(
        self, seat: Seat, work: Work, step: Step, text: str, acts: Acts, close: Callable[[], None]
    ) -> None:
        self._seat, self._work, self._step, self._acts, self._close = seat, work, step, acts, close
        self._seen: str | None = None
        self._look: Look | None = None
        self._own = text
        typed = acts.typed(step.key)
        with ui.element("div").classes("wh-card"):
            if typed and typed != text:
                theme.note("接着上次没有保存的改动。", "warn")
            self._field = ui.codemirror(typed or text, line_wrapping=True).classes("wp-editor")
            self._field.props(f'aria-label="第{step.key}步的正文"')
            self._told = theme.soft("")
            self._unheld = ui.element("div").props("role=status aria-live=polite")
            with theme.row():
                self._save = theme.button(
                    "保存", seat.doing(self._keep, Role.WRITER), icon="save", kind="main"
                )
                theme.button("取消", seat.doing(self._leave, Role.WRITER), kind="flat")
                theme.button("还原", self._back, kind="flat")
            with ui.expansion(f"这一步的依据（{len(step.facts)}条）").props("dense").classes("full-width"):
                page = papers.Page()
                for fact in step.facts:
                    page.count(fact.citations)
                    page.count(o.citation for d in fact.derived for o in d.operands)
                html = "".join(page.run_on((fact,)) for fact in step.facts)
                papers.printed(html, lambda n: acts.opened(page.citations[n - 1]))
        self._timer = ui.timer(PAUSE, self._tick)

    async def _tick(self) -> None:
        """Look at what was typed, if it changed; nothing is asked of anybody where it did not."""
        if (self._field.value or "") != self._seen:
            await self._seat.doing(self._check, Role.WRITER)()

    async def _check(self) -> None:
        text = self._field.value or ""
        first, self._seen = self._seen is None, text
        if not first:
            await self._acts.keep(self._step.key, text)
        desk, draft = self._seat.desk(Role.WRITER), self._work.draft
        found = await self._seat.run(
            look, self._step, text, opener(draft.given, desk.report),
            places=(draft.given.basic.place,), years=years_of(draft.given.basic),
        )  # fmt: skip
        if text == (self._field.value or ""):
            self._look = found
            self._show(found)

    def _show(self, found: Look) -> None:
        # By the method, not by the property: an update of the element would set its text to what the server knows
        # of it, and what was typed meanwhile would be lost.
        marks = [
            {"kind": "mark", "from": one.start, "to": one.end, "class": "wp-unheld"}
            for one in found.unheld
            if one.end > one.start
        ]
        self._field.run_method("setDecorations", marks)
        self._save.set_enabled(found.sound)
        self._told.set_text("；".join(found.notes) or ("" if found.unheld else "数字都有出处，可以保存。"))
        self._unheld.clear()
        with self._unheld:
            for one in found.unheld:
                self._one(one)

    def _one(self, one: Unheld) -> None:
        """A figure without a source, and what may stand there."""
        with theme.row("wp-item"):
            ui.label(f"“{clean(one.numeral)}”没有出处").classes("wh-strong")
            for candidate in one.candidates:
                made = theme.button(
                    f"换成 {clean(candidate.text)}", lambda c=candidate: self._swap(one, c)
                ).props("size=12px")
                made.tooltip(clean(candidate.fact))
            if not one.candidates:
                theme.soft("这一步的来源里没有数字；请删去，或先填进输入表")

    def _swap(self, one: Unheld, candidate: Candidate) -> None:
        text = self._field.value or ""
        if text[one.start : one.end] == one.numeral:
            self._field.set_value(text[: one.start] + candidate.text + text[one.end :])

    def _back(self) -> None:
        self._field.set_value(self._own)

    async def _keep(self) -> None:
        if await self._acts.save(self._step.key, self._field.value or ""):
            self._end()

    async def _leave(self) -> None:
        await self._acts.keep(self._step.key, "")
        self._end()

    def _end(self) -> None:
        self._timer.cancel()
        self._close()
