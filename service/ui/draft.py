"""起草: the drafts and the inputs that are being filled in, and how a new one begins.

In: the drafts of the caller in this collection. Out: a list from which each is taken up where it stood; a new input from
what the library offers, from a workbook or YAML file, or with nothing in it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from nicegui import ui

from corpus.aliases import Aliases
from corpus.corrections import all_corrections
from corpus.drafts import Stored
from corpus.errors import EndpointError, InputError, ModelError, WenhengError
from service.accounts.caller import Role
from service.desk import Desk
from service.draft import forms
from service.draft.fields import FIRST_YEAR, LAST_YEAR
from service.draft.forms import Form, Forms
from service.draft.input_files import SUFFIXES
from service.draft.inputs import KIND_LABELS, Kind
from service.draft.prefill import prefill
from service.draft.session import draft_of, left, texts
from service.http.uploads import safe_name
from service.papers.presenting import clean
from service.remedies import sentence
from service.ui import papers, theme, undo
from service.ui.seat import Seat
from service.ui.shell import page
from service.ui.times import local

OWNED = "draft"  # what accounts call it
LARGEST = 20 * 2**20


def forms_of(seat: Seat, desk: Desk) -> Forms:
    """The forms of the caller in this collection."""
    return Forms.of(desk.library.home, seat.caller.id)


def offered(desk: Desk, kind: Kind, place: str, year: int, office: str) -> Form:
    """A form filled from the library; what was not found is told in its notes."""
    notes: list[str] = []
    similar: Any = desk.likeness
    try:
        _ = desk.embedder
    except (ModelError, EndpointError) as error:
        notes.append(f"没有为任务推定所针对的问题。{sentence(error)}")
        similar = None
    made = prefill(
        kind, place, year,
        cards=desk.cards(), report=desk.report, aliases=Aliases.load(desk.library.home),
        corrections=all_corrections(desk.library.database), similar=similar, office=office,
    )  # fmt: skip
    form = forms.of_prefilled(made)
    form.notes = [*made.messages, *notes]
    return form


@page("/draft", "起草", needed=Role.WRITER, icon="edit_document", order=50)
async def build(seat: Seat) -> None:
    """The page."""
    ui.add_css(papers.CSS)
    await Drafts(seat).build()


class Drafts:
    """The page's state."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat

    async def build(self) -> None:
        """Put it on the page."""
        theme.heading("起草")
        desk = self._seat.desk(Role.WRITER)
        cards = await self._seat.run(desk.cards)
        places = list(dict.fromkeys(card.place for card in cards if card.place))
        year = max((card.year for card in cards if card.year), default=date.today().year - 1) + 1
        with ui.element("div").classes("wh-two"):
            with theme.card("新建"):
                self._new(places, year)
            with theme.card("已有输入表"):
                self._upload()
        self._list = ui.element("div").classes("wp-charts")
        await self._show()

    def _new(self, places: Sequence[str], year: int) -> None:
        kinds = {kind.value: label for kind, label in KIND_LABELS.items()}
        with ui.element("div").classes("wp-fields"):
            self._kind = ui.select(kinds, label="文种", value=Kind.PLAN.value)
            self._place = ui.select(
                list(places), label="地区", value=places[0] if places else None, with_input=True,
                new_value_mode="add-unique",
            )  # fmt: skip
            self._year = ui.number("年度", value=year, format="%d")
            self._office = ui.input("单位（空着则取自以往报告）").style("grid-column:1/-1")
            for field in (self._kind, self._place, self._year, self._office):
                field.props("dense outlined")
        theme.soft("计划写要做计划的那一年，总结和问题写总结的那一年。")
        with theme.row():
            make = self._seat.doing(self._prefilled, Role.WRITER)
            self._go = theme.button("用库中报告预填", make, icon="auto_fix_high", kind="main")
            theme.button("空白输入表", self._seat.doing(self._blank, Role.WRITER))

    def _upload(self) -> None:
        theme.soft("拖入填好的 Excel 工作簿、YAML 或 JSON；有错的格子会标在表中，不会丢掉。")
        field = ui.upload(
            label="把输入表拖到这里，或点“＋”选择", auto_upload=True, max_files=1, max_file_size=LARGEST,
            on_upload=self._seat.doing(self._dropped, Role.WRITER),
        )  # fmt: skip
        field.props(f'accept="{",".join(SUFFIXES)}" flat bordered')
        theme.drop_box(field).classes("wp-drop")
        field.on_rejected(lambda: ui.notify("只收一个输入表，不超过20MB", type="warning", position="top"))

    # -- beginning ------------------------------------------------------------------------------

    def _asked(self) -> tuple[Kind, str, int]:
        """Kind, place and year.

        Raises:
            InputError: one is missing, or cannot be.
        """
        place = (self._place.value or "").strip()
        if not place:
            raise InputError("没有填地区", remedy="请选一个地区，写法与库中报告相同")
        year = self._year.value
        if year is None or not FIRST_YEAR <= int(year) <= LAST_YEAR:
            raise InputError("年度不对", remedy=f"请填{FIRST_YEAR}—{LAST_YEAR}之间的年份")
        return Kind(self._kind.value), place, int(year)

    async def _prefilled(self) -> None:
        desk = self._seat.desk(Role.WRITER)
        kind, place, year = self._asked()
        self._go.props("loading")
        try:
            form = await self._seat.run(offered, desk, kind, place, year, (self._office.value or "").strip())
        finally:
            self._go.props(remove="loading")
        await self._open(desk, form)

    async def _blank(self) -> None:
        desk = self._seat.desk(Role.WRITER)
        kind, place, year = self._asked()
        form = forms.empty()
        form.basic |= {
            "文种": kind.label,
            "地区": place,
            "年度": str(year),
            "单位": (self._office.value or "").strip(),
        }
        await self._open(desk, form)

    async def _dropped(self, event: Any) -> None:
        event.sender.reset()
        desk = self._seat.desk(Role.WRITER)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / safe_name(event.file.name, 1)
            await event.file.save(path)
            form = await self._seat.run(forms.of_file, path)
        await self._open(desk, form)

    async def _open(self, desk: Desk, form: Form) -> None:
        await self._seat.run(forms_of(self._seat, desk).save, form)
        self._seat.go(f"/draft/input/{form.id}")

    # -- what there is --------------------------------------------------------------------------

    async def _show(self) -> None:
        desk = self._seat.desk(Role.WRITER)
        own = self._seat.house.accounts.owned.ids(OWNED, self._seat.collection, self._seat.caller)
        drafts = [one for one in await self._seat.run(desk.library.drafts.list) if one.id in own]
        gone = [
            one
            for one in await self._seat.run(lambda: desk.library.drafts.list(removed=True))
            if one.id in own
        ]
        kept = await self._seat.run(forms_of(self._seat, desk).list)
        self._list.clear()
        with self._list:
            self._table(drafts)
            self._unfinished([form for form in kept if not form.draft])
            if gone:
                with ui.expansion(f"移除的稿子（{len(gone)}份）").classes("full-width").props("dense"):
                    for one in gone:
                        self._removed(one)

    def _table(self, drafts: Sequence[Stored]) -> None:
        with theme.card(f"稿子（{len(drafts)}份）"):
            if not drafts:
                with theme.empty("edit_document", "还没有稿子", "在上面新建一份输入表，核对后即可起草"):
                    pass
            for stored in drafts:
                with theme.row("wp-item"):
                    self._line(stored)

    def _line(self, stored: Stored) -> None:
        try:
            draft = draft_of(stored.state, stored.id)
        except WenhengError as error:
            ui.label(clean(stored.title)).classes("wh-grow")
            theme.soft(sentence(error))
            return
        whole, still = len(texts(draft.outline)), len(left(draft))
        with ui.element("div").classes("wh-grow"):
            ui.link(clean(stored.title), self._seat.url(f"/draft/{stored.id}")).classes("wh-strong")
            theme.soft(f"{draft.given.basic.kind.label}，共{whole}步，{local(stored.updated_at)}")
        if still:
            theme.tag(f"还有{still}步", "warn")
        else:
            theme.tag(f"第{stored.versions}版", "good")
        remove = self._seat.doing(lambda: self._remove(stored), Role.WRITER)
        theme.icon_button("delete", f"移除 {clean(stored.title)}", remove)

    def _unfinished(self, kept: Sequence[Form]) -> None:
        if not kept:
            return
        with theme.card(f"填写中的输入表（{len(kept)}份）"):
            for form in kept:
                with theme.row("wp-item"):
                    with ui.element("div").classes("wh-grow"):
                        ui.link(clean(form.title), self._seat.url(f"/draft/input/{form.id}")).classes(
                            "wh-strong"
                        )
                        theme.soft(f"{clean(form.name)} {local(form.updated)}".strip())
                    drop = self._seat.doing(lambda form=form: self._drop(form), Role.WRITER)
                    theme.icon_button("delete", f"删除 {clean(form.title)}", drop)

    def _removed(self, stored: Stored) -> None:
        with theme.row("wp-item"):
            ui.label(clean(stored.title)).classes("wh-grow")
            theme.button("恢复", self._seat.doing(lambda: self._restore(stored), Role.WRITER), kind="flat")

    # -- removing -------------------------------------------------------------------------------

    def _mine(self, stored: Stored) -> Desk:
        """The desk, where the draft is the caller's."""
        seat = self._seat
        seat.house.accounts.owned.check(OWNED, stored.id, seat.collection, seat.caller)
        return seat.desk(Role.WRITER)

    async def _remove(self, stored: Stored) -> None:
        await self._seat.run(self._mine(stored).library.drafts.remove, [stored.id])
        self._seat.house.accounts.log.write(self._seat.caller, "delete", self._seat.collection, stored.id)
        await self._show()
        undo.offer(self._seat, f"已移除《{stored.title}》", lambda: self._restore(stored), Role.WRITER)

    async def _restore(self, stored: Stored) -> None:
        await self._seat.run(self._mine(stored).library.drafts.restore, [stored.id])
        self._seat.house.accounts.log.write(self._seat.caller, "restore", self._seat.collection, stored.id)
        await self._show()

    async def _drop(self, form: Form) -> None:
        kept = forms_of(self._seat, self._seat.desk(Role.WRITER))
        await self._seat.run(kept.remove, form.id)
        await self._show()

        async def back() -> None:
            await self._seat.run(kept.save, form)
            await self._show()

        undo.offer(self._seat, f"已删除输入表“{form.title}”", back, Role.WRITER)
