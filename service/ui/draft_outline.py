"""起草 › 提纲: what will be written, in order, to be accepted or changed.

In: a form without faults. Out: its outline, whose titles can be changed and whose steps can be moved or left out; once it
is accepted, a draft, and the job that writes it. The edited outline goes through the same reading as one from a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nicegui import ui

from corpus.errors import InputError
from service.accounts.caller import Role
from service.desk import Desk
from service.draft.drafting import Asked, Outlined, offered, outlined, taken_up
from service.draft.drafts import Outline, Step
from service.draft.forms import Form
from service.draft.inputs import DraftInput
from service.draft.outline import outline_of
from service.draft.outline_lines import TITLE
from service.draft.session import Work
from service.papers.presenting import clean
from service.ui import papers, problems, theme
from service.ui.draft import OWNED, forms_of
from service.ui.seat import Seat
from service.ui.shell import page

PAUSE = 0.5  # seconds between two looks at what was changed
ABOUT = 40  # characters of what a step without a heading tells


@dataclass(slots=True)
class StepLine:
    """A step as it is edited."""

    key: str
    heading: str
    about: str
    on: bool = True


@dataclass(slots=True)
class PartLine:
    """A part as it is edited."""

    key: str
    title: str
    steps: list[StepLine] = field(default_factory=list)


@dataclass(slots=True)
class Lines:
    """An outline as it is edited, with the steps that were left out."""

    title: str
    parts: list[PartLine]

    def text(self) -> str:
        """The outline as text, without what was left out."""
        lines = [f"{TITLE}{_plain(self.title)}"]
        for part in self.parts:
            kept = [step for step in part.steps if step.on]
            if kept:
                lines.append(f"[{part.key}] {_plain(part.title)}")
                lines += [f"  [{step.key}] {_plain(step.heading)}" for step in kept]
        return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return " ".join(text.replace("#", "＃").split())


def lines_of(outline: Outline, whole: Outline) -> Lines:
    """An outline as lines; steps of the whole one that it lacks stand at the end of their part, left out."""
    there = {step.key for step in outline.steps}
    titles = {part.key: part.title for part in (*whole.parts, *outline.parts)}
    order = dict.fromkeys([*(part.key for part in outline.parts), *(part.key for part in whole.parts)])
    steps: dict[str, list[StepLine]] = {key: [] for key in order}
    for part in outline.parts:
        steps[part.key] += [_line(step) for step in part.steps]
    for part in whole.parts:
        steps[part.key] += [_line(step, on=False) for step in part.steps if step.key not in there]
    return Lines(outline.title, [PartLine(key, titles[key], steps[key]) for key in order])


def _line(step: Step, *, on: bool = True) -> StepLine:
    if step.table is not None:
        about = f"表格：{step.table.caption}"
    elif step.facts:
        text = step.facts[0].text
        about = text[:ABOUT] + ("…" if len(text) > ABOUT else "")
    else:
        about = ""
    gaps = f"待补：{'、'.join(step.gaps)}" if step.gaps else ""
    return StepLine(step.key, step.heading, "；".join(filter(None, (about, gaps))), on)


def planned(desk: Desk, form: Form) -> tuple[DraftInput, Outlined, str]:
    """The input of a form with its outline; and why the outline that was edited before is not used, if so.

    Raises:
        InputError: the form has faults.
    """
    found = form.read(desk.report)
    if found.given is None:
        raise InputError(
            f"输入表还有{len(found.faults)}处要改：{found.faults[0]}", remedy="请回到输入表，改正标出的格子"
        )
    plan = outlined(desk, found.given, offered(desk, found.given), Asked(draft=form.draft))
    if not form.outline:
        return found.given, plan, ""
    try:
        return found.given, Outlined(outline_of(form.outline, plan.whole), plan.whole), ""
    except InputError as error:
        return found.given, plan, f"输入表改动后，上次改过的提纲对不上了（{error.message}），这里是新的提纲"


@page("/draft/outline/{form}", "提纲", needed=Role.WRITER)
async def build(seat: Seat) -> None:
    """The page."""
    ui.add_css(papers.CSS)
    desk = seat.desk(Role.WRITER)
    form = await seat.run(forms_of(seat, desk).load, seat.path["form"])
    try:
        _, plan, told = await seat.run(planned, desk, form)
    except InputError as error:
        problems.inline(error)
        theme.button("回到输入表", lambda: seat.go(f"/draft/input/{form.id}"), icon="arrow_back", kind="main")
        return
    OutlinePage(seat, form, lines_of(plan.outline, plan.whole)).build(told)


class OutlinePage:
    """The page's state."""

    def __init__(self, seat: Seat, form: Form, lines: Lines) -> None:
        self._seat, self._form, self._lines = seat, form, lines
        self._dirty = False

    def build(self, told: str) -> None:
        """Put it on the page."""
        with theme.row():
            ui.link("起草", self._seat.url("/draft"))
            theme.heading("提纲")
            self._state = theme.soft("")
            with theme.row("wh-push") as acts:
                acts.style("width:auto")
                back = self._seat.url(f"/draft/input/{self._form.id}")
                theme.button("改输入表", lambda: ui.navigate.to(back), icon="arrow_back")
                self._phrased = ui.checkbox("由语言模型成文", value=True).props("dense")
                self._go = theme.button(
                    "按此提纲起草", self._seat.doing(self._accept, Role.WRITER), icon="edit_note", kind="main"
                )
        if told:
            theme.note(told, "warn")
        theme.soft("标题可以改，步骤可以上下移动；去掉勾的不写，在核对清单中列为未写。")
        with theme.card():
            title = ui.input("标题", value=self._lines.title, on_change=self._titled)
            title.props("dense outlined debounce=300")
        self._place = ui.element("div").classes("wp-charts")
        self._show()
        ui.timer(PAUSE, self._tick)

    def _titled(self, event: Any) -> None:
        self._lines.title = str(event.value or "")
        self._keep_soon()

    def _show(self) -> None:
        self._place.clear()
        with self._place:
            for at, part in enumerate(self._lines.parts):
                with theme.card():
                    self._part(at, part)

    def _part(self, at: int, part: PartLine) -> None:
        with theme.row():
            theme.soft(part.key)
            field = ui.input(value=part.title, on_change=lambda event: self._set(part, "title", event.value))
            field.props(f'dense outlined debounce=300 aria-label="第{part.key}部分的标题"')
            field.classes("wh-grow wh-strong")
            self._movers(self._lines.parts, at, f"第{part.key}部分")
        for n, step in enumerate(part.steps):
            with theme.row("wp-step"):
                box = ui.checkbox(
                    value=step.on, on_change=lambda event, s=step: self._set(s, "on", event.value)
                )
                box.props(f'dense aria-label="写第{step.key}步"')
                theme.soft(step.key)
                with ui.element("div").classes("wh-grow"):
                    if step.heading:
                        made = ui.input(
                            value=step.heading,
                            on_change=lambda event, s=step: self._set(s, "heading", event.value),
                        )
                        made.props(f'dense borderless debounce=300 aria-label="第{step.key}步的标题"')
                    if step.about:
                        theme.soft(clean(step.about))
                self._movers(part.steps, n, f"第{step.key}步")

    def _movers(self, lines: list[Any], at: int, name: str) -> None:
        up = theme.icon_button("arrow_upward", f"上移{name}", lambda: self._move(lines, at, -1))
        down = theme.icon_button("arrow_downward", f"下移{name}", lambda: self._move(lines, at, 1))
        up.set_enabled(at > 0)
        down.set_enabled(at < len(lines) - 1)

    def _set(self, line: Any, name: str, value: Any) -> None:
        setattr(line, name, bool(value) if name == "on" else str(value or ""))
        self._keep_soon()

    def _move(self, lines: list[Any], at: int, by: int) -> None:
        if 0 <= at + by < len(lines):
            lines[at], lines[at + by] = lines[at + by], lines[at]
            self._show()
            self._keep_soon()

    def _keep_soon(self) -> None:
        self._form.outline = self._lines.text()
        self._dirty = True
        self._state.set_text("……")

    async def _tick(self) -> None:
        """Keep what was changed since the last look."""
        if self._dirty:
            await self._seat.doing(self._keep, Role.WRITER)()

    async def _keep(self) -> None:
        self._dirty = False
        await self._seat.run(forms_of(self._seat, self._seat.desk(Role.WRITER)).save, self._form)
        self._state.set_text("已保存")

    # -- accepting ------------------------------------------------------------------------------

    async def _accept(self) -> None:
        """Begin or change the draft, and have it written."""
        seat, form = self._seat, self._form
        desk, self._dirty = seat.desk(Role.WRITER), False
        if form.draft:
            seat.house.accounts.owned.check(OWNED, form.draft, seat.collection, seat.caller)
        form.outline = self._lines.text()
        self._go.props("loading")
        try:
            work = await seat.run(begun, desk, form)
        finally:
            self._go.props(remove="loading")
        seat.house.accounts.owned.claim(OWNED, work.stored.id, seat.collection, seat.caller)
        seat.house.accounts.log.write(seat.caller, "draft", seat.collection, work.stored.id)
        form.draft, form.outline = work.stored.id, ""
        payload = {
            "draft": work.stored.id, "again": False, "sections": [], "no_model": not self._phrased.value,
        }  # fmt: skip
        form.job = (await seat.run(seat.house.jobs.submit, seat.caller, seat.collection, "draft", payload)).id
        await seat.run(forms_of(seat, desk).save, form)
        seat.go(f"/draft/{work.stored.id}", lost="；".join(work.lost))


def begun(desk: Desk, form: Form) -> Work:
    """The draft of a form, new or brought to what the form says now; nothing is written yet.

    Raises:
        InputError: the form has faults, the outline cannot be read, or hand-written text does not fit the new facts.
    """
    given, _, _ = planned(desk, form)
    asked = Asked(outline=form.outline, draft=form.draft)
    work = taken_up(desk, given, offered(desk, given), asked, lambda plan: plan.outline)
    if work is None:
        raise InputError("提纲没有接受", remedy="请重试")
    return work
