"""起草 › 输入表: the structured input as a form: 基本信息, 指标, 问题, 任务, with what is wrong at the field.

In: a form of the caller. Out: the same, kept while it is typed, so that nothing is lost; what is wrong stands beside the
field that it is about; and the way on to the outline once nothing is.
"""

from __future__ import annotations

from typing import Any

from nicegui import ui

from service.accounts.caller import Role
from service.draft import forms
from service.draft.fields import BASIC, COLUMNS, FIELDS, TEXT, Column
from service.draft.forms import Fault, Form, placed
from service.draft.inputs import KIND_LABELS
from service.draft.prefill_sources import read_sources
from service.papers.presenting import clean
from service.ui import papers, theme, undo
from service.ui.draft import forms_of
from service.ui.seat import Seat
from service.ui.shell import page

PER_PAGE = 8  # rows of a sheet that are on the page
PAUSE = 0.7  # seconds after the last key before it is kept and checked
SOURCES = "来源"
WHOLE = {SOURCES, "附件", "抄送"}  # fields of several lines beside the long ones
HINTS = {
    "指标": "一行一个指标；数从库中报告取来的，来源里有原句。",
    "问题": "一行一个问题；编号供任务引用，空着则自动编号。",
    "任务": "一行一项任务；“针对问题”填问题的编号，几个之间用顿号。",
}


@page("/draft/input/{form}", "输入表", needed=Role.WRITER)
async def build(seat: Seat) -> None:
    """The page."""
    ui.add_css(papers.CSS)
    kept = forms_of(seat, seat.desk(Role.WRITER))
    form = await seat.run(kept.load, seat.path["form"])
    await FormPage(seat, form).build()


class FormPage:
    """The page's state: the form as typed, the fields that are on the page, and their faults."""

    def __init__(self, seat: Seat, form: Form) -> None:
        self._seat, self.form = seat, form
        self._fields: dict[tuple[str, int, str], Any] = {}
        self._notes: dict[tuple[str, int], ui.element] = {}
        self._faults: list[Fault] = []
        self._warnings: list[Fault] = []
        self._dirty = False
        self._tabs: dict[str, Any] = {}
        self._places: dict[str, ui.element] = {}
        self._pages = dict.fromkeys(COLUMNS, 1)

    async def build(self) -> None:
        """Put it on the page."""
        with theme.row():
            ui.link("起草", self._seat.url("/draft"))
            theme.heading(f"输入表：{clean(self.form.title)}")
            self._state = theme.soft("已保存")
            with theme.row("wh-push") as acts:
                acts.style("width:auto")
                theme.button("存为 Excel", self._seat.doing(self._workbook, Role.WRITER), icon="download")
                if self.form.draft:
                    link = self._seat.url(f"/draft/{self.form.draft}")
                    theme.button("回到稿子", lambda: ui.navigate.to(link), kind="flat")
                theme.button(
                    "下一步：提纲", self._seat.doing(self._on, Role.WRITER), icon="arrow_forward", kind="main"
                )
        if self.form.notes:
            with (
                ui.expansion(f"说明（{len(self.form.notes)}条）").classes("full-width wh-note").props("dense")
            ):
                for told in self.form.notes:
                    ui.label(clean(told))
        self._trouble = ui.element("div").classes("wp-charts")
        with ui.tabs().props("dense no-caps align=left outside-arrows").classes("wp-tabs") as tabs:
            for sheet in (BASIC, *COLUMNS):
                self._tabs[sheet] = ui.tab(sheet, label=self._label(sheet))
        self._bar = tabs
        with ui.tab_panels(tabs, value=BASIC).classes("wp-panels").props("keep-alive"):
            for sheet in (BASIC, *COLUMNS):
                with ui.tab_panel(sheet):
                    self._places[sheet] = ui.element("div").classes("wp-charts")
        self._basic()
        for sheet in COLUMNS:
            self._sheet(sheet)
        ui.timer(PAUSE, self._tick)
        await self._check()

    def _label(self, sheet: str) -> str:
        wrong = sum(fault.sheet == sheet for fault in self._faults)
        count = f"（{len(self.form.rows[sheet])}）" if sheet in COLUMNS else ""
        return f"{sheet}{count}" + (f" ⚠{wrong}" if wrong else "")

    # -- fields ---------------------------------------------------------------------------------

    def _basic(self) -> None:
        with self._places[BASIC], theme.card(), ui.element("div").classes("wp-fields"):
            for column in FIELDS:
                self._field(BASIC, 0, column, self.form.basic)

    def _sheet(self, sheet: str) -> None:
        """The rows of the sheet's page that is shown."""
        rows = self.form.rows[sheet]
        last = max(1, -(-len(rows) // PER_PAGE))
        number = self._pages[sheet] = min(max(1, self._pages[sheet]), last)
        for key in [key for key in self._fields if key[0] == sheet]:
            del self._fields[key]
        for at in [at for at in self._notes if at[0] == sheet]:
            del self._notes[at]
        place = self._places[sheet]
        place.clear()
        with place:
            theme.soft(HINTS[sheet])
            for n in range((number - 1) * PER_PAGE, min(number * PER_PAGE, len(rows))):
                self._row(sheet, n)
            with theme.row():
                add = self._seat.doing(lambda: self._add(sheet), Role.WRITER)
                theme.button(f"添加一行{sheet}", add, icon="add")
                if last > 1:
                    pages = ui.pagination(1, last, direction_links=True, value=number)
                    pages.on_value_change(lambda event: self._turn(sheet, event.value)).classes("wh-push")
        self._mark()

    def _row(self, sheet: str, n: int) -> None:
        row = self.form.rows[sheet][n]
        with ui.element("section").classes("wh-card wh-tight wp-row"):
            with theme.row():
                theme.soft(f"{sheet} 第{n + 1}行")
                remove = self._seat.doing(lambda: self._remove(sheet, n), Role.WRITER)
                theme.icon_button("delete", f"删除{sheet}第{n + 1}行", remove).classes("wh-push")
            with ui.element("div").classes("wp-fields"):
                for column in COLUMNS[sheet]:
                    if column.name != SOURCES:
                        self._field(sheet, n, column, row)
            self._notes[sheet, n] = ui.element("div")
            self._sources(sheet, n, row)

    def _field(self, sheet: str, n: int, column: Column, row: dict[str, str]) -> None:
        """One cell."""
        label = f"{column.name}＊" if column.required else column.name
        value = row.get(column.name, "")
        typed = lambda event: self._typed(row, column.name, event.value)  # noqa: E731
        if column.name == "文种":
            labels = list(KIND_LABELS.values())
            options = labels if value in labels else [*labels, value]
            field: Any = ui.select(options, label=label, value=value, on_change=typed)
        elif column.most >= TEXT or column.name in WHOLE:
            field = ui.textarea(label, value=value, on_change=typed).props("autogrow debounce=250")
            field.classes("wp-long")
        else:
            field = ui.input(label, value=value, on_change=typed).props("debounce=250")
        hint = f"如 {column.example}" if column.example else ""
        field.props(f'dense outlined stack-label hide-bottom-space placeholder="{hint}"')
        field.without_auto_validation().tooltip(column.help)
        self._fields[sheet, n, column.name] = field

    def _sources(self, sheet: str, n: int, row: dict[str, str]) -> None:
        """来源, folded up; each cited sentence opens."""
        text = row.get(SOURCES, "")
        cited = read_sources(text).cited
        title = f"来源（{len(cited)}处）" if cited else "来源"
        with ui.expansion(title).classes("full-width").props("dense"):
            show = papers.opener(self._seat)
            for label, citation in cited:
                opened = theme.button(
                    f"{clean(label)}：《{clean(citation.title)}》",
                    lambda c=citation: show(c),
                    icon="format_quote",
                    kind="flat",
                )
                opened.props("align=left size=12px")
                ui.label(clean(citation.quote)).classes("wh-quote wh-small")
            column = next(c for c in COLUMNS[sheet] if c.name == SOURCES)
            self._field(sheet, n, column, row)

    # -- changes --------------------------------------------------------------------------------

    def _typed(self, row: dict[str, str], column: str, value: Any) -> None:
        row[column] = str(value or "")
        self._dirty = True
        self._state.set_text("……")

    def _add(self, sheet: str) -> None:
        rows = self.form.rows[sheet]
        if len(rows) >= forms.MOST_ROWS:
            ui.notify(f"“{sheet}”最多{forms.MOST_ROWS}行", type="warning", position="top")
            return
        rows.append(forms.blank(sheet))
        self._pages[sheet] = -(-len(rows) // PER_PAGE)
        self._changed(sheet)

    def _remove(self, sheet: str, n: int) -> None:
        row = self.form.rows[sheet].pop(n)
        self._changed(sheet)

        def back() -> None:
            self.form.rows[sheet].insert(n, row)
            self._changed(sheet)

        undo.offer(self._seat, f"已删除{sheet}第{n + 1}行", back, Role.WRITER)

    def _turn(self, sheet: str, number: int) -> None:
        self._pages[sheet] = number
        self._sheet(sheet)

    def _changed(self, sheet: str) -> None:
        self._dirty = True
        self._sheet(sheet)
        self._tabs[sheet].props(f'label="{self._label(sheet)}"')

    async def _tick(self) -> None:
        """Keep what was typed since the last look; nothing is asked of anybody where nothing was."""
        if self._dirty:
            await self._seat.doing(self._keep, Role.WRITER)()

    async def _keep(self) -> None:
        """Keep and check what was typed."""
        self._dirty = False
        kept = forms_of(self._seat, self._seat.desk(Role.WRITER))
        await self._seat.run(kept.save, self.form)
        self._state.set_text("已保存")
        await self._check()

    async def _check(self) -> bool:
        """Read the form; whether nothing is wrong."""
        desk = self._seat.desk(Role.WRITER)
        found = await self._seat.run(self.form.read, desk.report)
        self._faults = [placed(told) for told in found.faults]
        self._warnings = [placed(told) for told in found.warnings]
        self._mark()
        return found.given is not None

    def _mark(self) -> None:
        """Put faults at their fields, what is about a whole row below it, the rest on top."""
        at_field = {(f.sheet, f.row, f.column): f.told for f in reversed(self._faults) if f.column}
        for key, field in self._fields.items():
            field.error = at_field.get(key)
        for at, place in self._notes.items():
            place.clear()
            with place:
                for one in (*self._faults, *self._warnings):
                    if (one.sheet, one.row) == at and not (one in self._faults and one.column):
                        theme.soft(f"注意：{one.told}")
        for sheet, tab in self._tabs.items():
            tab.props(f'label="{self._label(sheet)}"')
        self._trouble.clear()
        with self._trouble:
            for one in self._faults:
                if not one.sheet:
                    theme.note(one.told, "warn")

    # -- on -------------------------------------------------------------------------------------

    async def _on(self) -> None:
        """To the outline, if nothing is wrong; else to the first fault."""
        self._dirty = True
        await self._keep()
        if not self._faults:
            self._seat.go(f"/draft/outline/{self.form.id}")
            return
        first = self._faults[0]
        sheet = first.sheet or BASIC
        if sheet in COLUMNS:
            self._turn(sheet, max(0, first.row) // PER_PAGE + 1)
        self._bar.set_value(sheet)
        ui.notify(
            f"还有{len(self._faults)}处要改：{first.told}", type="warning", position="top", timeout=6000
        )

    async def _workbook(self) -> None:
        """The input as a workbook, to be filled in elsewhere."""
        from service.draft.prefill_sources import Prefilled
        from service.draft.workbook_writing import workbook  # openpyxl is slow to load
        from service.ui import handout

        desk = self._seat.desk(Role.WRITER)
        given = (await self._seat.run(self.form.read, desk.report)).given
        if given is None:
            ui.notify("请先改正标出的格子，再存为 Excel", type="warning", position="top")
            return
        made = Prefilled(given, tuple(await self._seat.run(forms.filled, given)))
        data = await self._seat.run(workbook, made)
        handout.give(
            self._seat, data, handout.file_name(f"{self.form.title} 输入表", "xlsx"), detail="输入表"
        )
