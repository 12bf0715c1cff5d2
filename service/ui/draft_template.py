"""起草 › 导出 › Word 模板: which layout the clean copy gets, and the collection's own templates.

In: a draft of the caller. Out: the template that was chosen, remembered for the next export; what it would be filled with
and what is still missing; upload, download and removal of templates. They are checked as on the command line.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nicegui import ui

from service.accounts.caller import Role
from service.desk import Desk
from service.draft.handing import filled_in
from service.draft.inputs import Basic
from service.draft.session import Work
from service.http.uploads import safe_name
from service.opening import called
from service.papers.official import Official
from service.papers.presenting import clean
from service.papers.template_shelf import SUFFIX, Kept, Shelf
from service.ui import handout, theme
from service.ui.seat import Seat

if TYPE_CHECKING:
    from service.papers.template import Slot
    from service.papers.template_form import Form

Mine = Callable[[], tuple[Desk, Work]]
Parts = Callable[[Basic], Official]
OWN = "公文格式（不用模板）"
WHAT = "template"  # in the log


class Templates:
    """The choice of a template and its dialog; ``mine`` gives the desk and the draft, checked each time, ``parts`` the
    official parts as they are chosen.
    """

    def __init__(self, seat: Seat, mine: Mine, parts: Parts) -> None:
        self._seat, self._mine, self._parts = seat, mine, parts
        self._chosen = ""

    def show(self) -> None:
        """Put the name of the chosen template on the page."""
        last = self._shelf().last(self._seat.caller.id)
        self._tag = theme.tag("")
        self._choose(last)

    def form(self, desk: Desk) -> Form | None:
        """The chosen template, ready to be filled; None for the official layout.

        Raises:
            NotFound: somebody has removed it.
        """
        return Shelf(desk.library.home).form(self._chosen) if self._chosen else None

    def _shelf(self) -> Shelf:
        return Shelf(self._seat.desk(Role.WRITER).library.home)

    def _doing(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        return self._seat.doing(handler, Role.WRITER)

    def _choose(self, one: Kept | None) -> None:
        self._chosen = one.id if one else ""
        self._tag.set_text(clean(f"模板：{one.name}") if one else "")
        self._tag.set_visibility(one is not None)

    # -- the dialog -----------------------------------------------------------------------------

    async def open(self) -> None:
        """Choose, look, upload, remove."""
        from service.papers.template_form import LIMITS  # python-docx is slow to load

        def rejected() -> None:
            said = f"只收一个 docx，不超过{LIMITS.size >> 20}MB"
            ui.notify(said, type="warning", position="top")

        with ui.dialog() as box, ui.element("div").classes("wh-card wp-dialog"):
            theme.heading("Word 模板", 2)
            theme.soft("成稿填进选定的模板，样式、页眉、图片随模板；核对稿总用公文格式。")
            self._select = ui.select({"": OWN}, label="版式", value="")
            self._select.props("dense outlined").on_value_change(self._doing(self._selected))
            self._slots = ui.element("div")
            field = ui.upload(
                label="把模板拖到这里，或点“＋”选择", auto_upload=True, max_file_size=LIMITS.size,
                on_upload=self._doing(self._uploaded), on_rejected=rejected,
            )  # fmt: skip
            theme.drop_box(field).props(f'accept="{SUFFIX}" flat bordered').classes("wp-drop")
            theme.soft("在 Word 里写 {{标题}}、{{正文}} 这样的占位符。可从示例模板改起，用法写在它的批注里。")
            self._list = ui.element("div")
            with theme.row():
                theme.button("下载示例模板", self._doing(self._starter), icon="download")
                theme.button("关闭", box.close, kind="flat").classes("wh-push")
        box.on("hide", box.delete)
        await self._refresh()
        box.open()

    async def _refresh(self) -> None:
        """The templates as they are now."""
        shelf = self._shelf()
        there = await self._seat.run(shelf.list)
        gone = await self._seat.run(lambda: shelf.list(removed=True))
        self._choose(next((one for one in there if one.id == self._chosen), None))
        self._select.set_options({"": OWN} | {one.id: clean(one.name) for one in there}, value=self._chosen)
        self._list.clear()
        with self._list:
            for one in there:
                self._line(one)
            if gone:
                with ui.expansion(f"删除的模板（{len(gone)}个）").classes("full-width").props("dense"):
                    for one in gone:
                        with theme.row("wp-item"):
                            ui.label(clean(one.name)).classes("wh-grow")
                            back = self._doing(lambda one=one: self._restore(one))
                            theme.button(f"恢复 {clean(one.name)}", back, kind="flat")
        await self._look()

    def _line(self, one: Kept) -> None:
        name = clean(one.name)
        with theme.row("wp-item"):
            with ui.element("div").classes("wh-grow"):
                ui.label(name).classes("wh-strong")
                theme.soft("、".join(one.names))
            give = self._doing(lambda: self._give(one))
            theme.icon_button("download", f"下载 {name}", give)
            theme.icon_button("delete", f"删除 {name}", self._doing(lambda: self._remove(one)))

    async def _look(self) -> None:
        """What the chosen template would be filled with."""
        slots: tuple[Slot, ...] = ()
        if self._chosen:
            slots = await self._seat.run(self._filled)
        self._slots.clear()
        with self._slots:
            _table(slots)

    def _filled(self) -> tuple[Slot, ...]:
        desk, work = self._mine()
        form = self.form(desk)
        return filled_in(work.draft, form, self._parts(work.draft.given.basic)) if form else ()

    # -- changes --------------------------------------------------------------------------------

    async def _selected(self) -> None:
        if self._select.value == self._chosen:  # set by the program
            return
        shelf = self._shelf()
        self._choose(shelf.find(self._select.value) if self._select.value else None)
        shelf.use(self._seat.caller.id, self._chosen)
        await self._look()

    async def _uploaded(self, event: Any) -> None:
        """Check and keep a file; it is chosen at once."""
        event.sender.reset()
        shelf, name = self._shelf(), safe_name(event.file.name, 1)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "0001"
            await event.file.save(path)

            def add() -> Kept:
                with called(path, name):
                    return shelf.add(path, name)

            made = await self._seat.run(add)
        self._note("upload", made)
        shelf.use(self._seat.caller.id, made.id)
        self._choose(made)
        await self._refresh()

    async def _remove(self, one: Kept) -> None:
        await self._seat.run(self._shelf().remove, one.id)
        self._note("delete", one)
        await self._refresh()
        ui.notify(f"已删除“{clean(one.name)}”，可在“删除的模板”中恢复", position="top")

    async def _restore(self, one: Kept) -> None:
        await self._seat.run(self._shelf().restore, one.id)
        self._note("restore", one)
        await self._refresh()

    async def _give(self, one: Kept) -> None:
        form = await self._seat.run(self._shelf().form, one.id)
        handout.give(self._seat, form.data, handout.file_name(one.name, "docx"), detail=WHAT)

    async def _starter(self) -> None:
        from service.papers.template_starter import NAME, starter  # python-docx is slow to load

        handout.give(self._seat, await self._seat.run(starter), NAME, detail=WHAT)

    def _note(self, action: str, one: Kept) -> None:
        self._seat.house.accounts.log.write(self._seat.caller, action, self._seat.collection, one.id, WHAT)


def _table(slots: Sequence[Slot]) -> None:
    """Each placeholder with what will stand there; what is missing first said in a sentence."""
    if not slots:
        return
    missing = [slot.name for slot in slots if not slot.text]
    if missing:
        theme.note(
            f"还缺{'、'.join(missing)}，成稿里会写成【待补：…】；可在“公文要素”中填写，或从模板删去", "warn"
        )
    with ui.element("div").classes("wh-grid"):
        for slot in slots:
            with theme.row():
                ui.label(slot.name).classes("wh-strong")
                ui.label(slot.text or f"【待补：{slot.name}】").classes("wh-grow wh-clamp")
