"""起草 › 稿子: a draft as it is written, edited, checked and handed out.

In: a draft of the caller. Out: its steps as they come, each of which can be edited or written again; its checklist; its
versions; both Word files. The writing is a job: it goes on when the page is closed, and after a restart.
"""

from __future__ import annotations

from typing import Any

from nicegui import ui

from corpus.errors import InputError, NotFound, WenhengError
from service.accounts.caller import Role
from service.desk import Desk
from service.draft import forms, session, versions
from service.draft.assembling import document
from service.draft.forms import Form
from service.draft.session import Work, left, opener, work_of
from service.papers.presenting import clean
from service.papers.provenance import checked
from service.ui import papers, problems, theme, undo
from service.ui.draft import OWNED, forms_of
from service.ui.draft_handout import Handout, show_checklist
from service.ui.draft_step import Acts, StepCard
from service.ui.draft_versions import Versions
from service.ui.seat import Seat
from service.ui.shell import page

LOOK = 0.4  # seconds between two looks at the job
OPEN_STATES = ("queued", "running")


def mine(seat: Seat, draft_id: str) -> tuple[Desk, Work]:
    """The desk and a draft of the caller.

    Raises:
        NotFound: there is none of this id, or it is somebody else's.
        InputError: an older program wrote it.
    """
    desk = seat.desk(Role.WRITER)
    stored = desk.library.drafts.load(draft_id)
    seat.house.accounts.owned.check(OWNED, stored.id, seat.collection, seat.caller)
    return desk, versions.usable(work_of(stored))


@page("/draft/{draft}", "稿子", needed=Role.WRITER)
async def build(seat: Seat) -> None:
    """The page."""
    ui.add_css(papers.CSS)
    _, work = await seat.run(mine, seat, seat.path["draft"])
    await DraftPage(seat, work).build()


class DraftPage:
    """The page's state."""

    def __init__(self, seat: Seat, work: Work) -> None:
        self._seat, self.work = seat, work
        self._cards: dict[str, StepCard] = {}
        self._job = ""
        self._done = -1
        self._form: Form | None = None

    @property
    def id(self) -> str:
        """Of the draft."""
        return self.work.stored.id

    async def build(self) -> None:
        """Put it on the page."""
        self._form = await self._seat.run(self._its_form, self._seat.desk(Role.WRITER))
        self._head()
        if lost := self._seat.query.get("lost", ""):
            theme.note(f"新的提纲里没有手工改写的“{clean(lost)[:200]}”，它留在上一版里", "warn")
        self._trouble = ui.element("div").classes("wp-charts")
        with ui.tabs().props("dense no-caps align=left outside-arrows").classes("wp-tabs") as tabs:
            text, check, every = ui.tab("正文"), ui.tab("核对清单"), ui.tab("版本")
        with ui.tab_panels(tabs, value=text).classes("wp-panels").props("keep-alive"):
            with ui.tab_panel(text):
                self._body = ui.element("div").classes("wp-charts")
            with ui.tab_panel(check):
                self._list = ui.element("div").classes("wp-charts")
            with ui.tab_panel(every):
                self._versions = Versions(self._seat, self.id, self.reload)
        self._steps()
        await self.show(self.work)
        if self._form is not None and self._form.job:
            self._job = self._form.job
        self._timer = ui.timer(LOOK, self._seat.doing(self._follow, Role.WRITER), active=bool(self._job))
        self._busy(bool(self._job))

    def _its_form(self, desk: Desk) -> Form:
        """The form of the draft, made anew from its input where there is none or it says something else."""
        kept = forms_of(self._seat, desk)
        form = kept.of_draft(self.id)
        if form is None:
            form = forms.of_input(self.work.draft.given)
            form.draft, form.name = self.id, self.work.draft.given.name
            kept.save(form)
        return form

    def _head(self) -> None:
        with theme.row():
            ui.link("起草", self._seat.url("/draft"))
            theme.heading(clean(self.work.draft.outline.title))
            self._tag = theme.tag("")
        with theme.row():
            assert self._form is not None
            form = self._form.id
            theme.button("改输入表", lambda: self._seat.go(f"/draft/input/{form}"), icon="table_rows")
            theme.button("改提纲", lambda: self._seat.go(f"/draft/outline/{form}"), icon="list")
            self._go = theme.button(
                "继续写", self._seat.doing(self._write, Role.WRITER), icon="play_arrow", kind="main"
            )
            self._stop = theme.button("停下", self._seat.doing(self._cancel, Role.WRITER), icon="stop")
            self._state = theme.soft("")
            with theme.row("wh-push") as acts:
                acts.style("width:auto")
                Handout(self._seat, lambda: mine(self._seat, self.id)).buttons()

    def _steps(self) -> None:
        """A card for each step of the outline."""
        self._cards.clear()
        self._body.clear()
        acts = Acts(self._save, self._keep, self._again, papers.opener(self._seat), self._typed)
        with self._body:
            for part in self.work.draft.outline.parts:
                with theme.card(f"{part.key}. {clean(part.title)}"):
                    if part.lead:
                        ui.label(clean("".join(sentence.text for sentence in part.lead)))
                    for step in part.steps:
                        self._cards[step.key] = StepCard(self._seat, part, step, acts)

    async def show(self, work: Work) -> None:
        """The draft as it is now."""
        outline_changed = work.draft.outline != self.work.draft.outline
        self.work = work
        if outline_changed:
            self._steps()
        numbered = papers.Page()
        made = document(work.draft)
        numbered.count(made.sources)
        for card in self._cards.values():
            card.update(work, numbered)
        still = len(left(work.draft))
        stored = work.stored
        self._tag.set_text(f"还有{still}步" if still else f"第{max(1, stored.versions)}版")
        self._tag.classes(replace=f"wh-tag {'warn' if still else 'good'}")
        self._go.set_text(f"继续写（还有{still}步）")
        self._go.set_visibility(bool(still) and not self._job)
        desk = self._seat.desk(Role.WRITER)
        self._trouble.clear()
        with self._trouble:
            try:
                await self._seat.run(checked, made, opener(work.draft.given, desk.report))
            except WenhengError as error:
                problems.inline(error)
        self._list.clear()
        with self._list:
            show_checklist(work.draft, made)
        await self._versions.show()

    async def reload(self) -> None:
        """Read the draft again."""
        _, work = await self._seat.run(mine, self._seat, self.id)
        await self.show(work)

    # -- writing --------------------------------------------------------------------------------

    async def _write(self) -> None:
        await self._submit(())

    async def _again(self, key: str) -> None:
        written = self.work.draft.of(key)
        if written is not None and written.by_hand and not await self._sure(key):
            return
        await self._submit((key,))

    async def _sure(self, key: str) -> bool:
        """Whether hand-written text may go."""
        with ui.dialog() as box, ui.element("div").classes("wh-card wp-dialog"):
            ui.label(f"第{key}步是手工改写的，重写会换掉它；现在的文字留在上一版里。")
            with theme.row():
                theme.button("重写", lambda: box.submit(True), kind="main")
                theme.button("不动", lambda: box.submit(False), kind="flat")
        answer = await box
        box.delete()
        return bool(answer)

    async def _submit(self, sections: tuple[str, ...]) -> None:
        """Have the open steps written, or some of them again."""
        seat = self._seat
        if self._job:
            raise InputError("正在写这份稿子", remedy="请等它写完，或先停下")
        desk, _ = await seat.run(mine, seat, self.id)
        payload = {"draft": self.id, "again": False, "sections": list(sections), "no_model": False}
        job = await seat.run(seat.house.jobs.submit, seat.caller, seat.collection, "draft", payload)
        seat.house.accounts.log.write(seat.caller, "draft", seat.collection, self.id)
        self._job, self._done = job.id, -1
        await self._note_job(desk)
        self._timer.activate()
        self._busy(True)

    async def _note_job(self, desk: Desk) -> None:
        if self._form is not None:
            self._form.job = self._job
            await self._seat.run(forms_of(self._seat, desk).save, self._form)

    async def _cancel(self) -> None:
        if self._job:
            await self._seat.run(self._seat.house.jobs.cancel, self._seat.caller, self._job)
            self._state.set_text("正在停下……")

    async def _follow(self) -> None:
        """Show how far the job is, and what it wrote."""
        if not self._job:
            return
        try:
            job = await self._seat.run(self._seat.house.jobs.get, self._seat.caller, self._job)
        except NotFound:
            await self._ended(None)
            return
        if job.state not in OPEN_STATES:
            await self._ended(job)
            return
        waits = f"，前面还有{job.ahead}个任务" if job.ahead else ""
        waits += f"，前面还有{job.waits}个请求在等语言模型" if job.waits else ""
        counted = f"（{job.done}/{job.total}步）" if job.total else ""
        self._state.set_text(
            f"{'排队中' if job.state == 'queued' else '正在写'}{counted}{waits} {clean(job.note)}"
        )
        if job.done != self._done:
            self._done = job.done
            await self.reload()
        key = job.note.partition(" ")[0]
        for name, card in self._cards.items():
            card.live(getattr(job, "text", "") or "" if name == key else "")

    async def _ended(self, job: Any) -> None:
        self._job = ""
        self._timer.deactivate()
        await self._note_job(self._seat.desk(Role.WRITER))
        await self.reload()
        self._busy(False)
        error = (job.error if job else None) or {}
        told = [str(error.get(name) or "") for name in ("detail", "remedy")]
        words = {"done": "写完了", "cancelled": "已停下；写好的各步都已保存"}
        self._state.set_text(words.get(job.state, "没有写完") if job else "")
        if error:
            with self._trouble:
                theme.note(clean("。".join(part.rstrip("。") for part in told if part)), "fail")

    def _busy(self, on: bool) -> None:
        self._stop.set_visibility(on)
        self._go.set_visibility(not on and bool(left(self.work.draft)))
        for card in self._cards.values():
            card.allow(not on)

    # -- editing --------------------------------------------------------------------------------

    def _typed(self, key: str) -> str:
        return self._form.typed.get(key, "") if self._form is not None else ""

    async def _keep(self, key: str, text: str) -> None:
        """Keep what is typed, so that a closed browser loses nothing."""
        if self._form is None:
            return
        if text:
            self._form.typed[key] = text
        else:
            self._form.typed.pop(key, None)
        await self._seat.run(forms_of(self._seat, self._seat.desk(Role.WRITER)).save, self._form)

    async def _save(self, key: str, text: str) -> bool:
        """The user's text as that of the step; it can be taken back."""
        seat = self._seat
        desk, work = await seat.run(mine, seat, self.id)
        before = work.stored.state
        made = await seat.run(session.edit, desk.library.drafts, work, key, text, desk.report)
        seat.house.accounts.log.write(seat.caller, "edit", seat.collection, self.id, f"改写第{key}步")
        await self._keep(key, "")
        await self.show(made)

        async def back() -> None:
            desk, now = await seat.run(mine, seat, self.id)
            await self.show(await seat.run(_taken_back, desk, now, before, key))

        undo.offer(seat, f"第{key}步已保存", back, Role.WRITER)
        return True


def _taken_back(desk: Desk, work: Work, state: str, key: str) -> Work:
    """The draft as it was before a step was written by hand, as its newest version."""
    drafts = desk.library.drafts
    stored = drafts.save(work.stored, state, note=f"撤销手工改写：{key}")
    return session.finish(drafts, work_of(stored))
