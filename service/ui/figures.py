"""指标: every figure of the reports in a table that can be sorted, filtered, corrected, drawn and exported.

In: the ledger of the collection. Out: a page whose every row opens the exact sentence. What is sorted and cut into
pages here is done on the server, so that a ledger of fifty thousand rows costs the browser nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from corpus.aliases import Aliases
from corpus.corrections import KINDS
from corpus.errors import NotFound
from corpus.ledger import Row
from corpus.report import FigureKind
from service.accounts.caller import Role
from service.desk import Desk
from service.ledger.query import Query, find
from service.papers.presenting import clean
from service.ui import figures_correct, figures_plot, handout, papers, problems, theme
from service.ui.figures_rows import COLUMNS, SLOTS, shown, sorted_by
from service.ui.seat import Seat
from service.ui.shell import page

PER_PAGE = (20, 50, 100)
DELAY = 0.3  # seconds after the last key before a filter is applied


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to filter by."""

    places: tuple[str, ...]
    years: tuple[int, ...]
    reports: dict[str, str]


def choices(desk: Desk) -> Choices:
    """Places, years and reports of the library."""
    cards = desk.cards()
    return Choices(
        tuple(dict.fromkeys(card.place for card in cards if card.place)),
        tuple(sorted({card.year for card in cards if card.year}, reverse=True)),
        {card.id: clean(card.title) for card in cards},
    )


def rows(desk: Desk, query: Query, *, corrected: bool = False) -> tuple[Row, ...]:
    """The rows of a query, or only those that were corrected.

    Raises:
        NotFound: there is none.
    """
    found = find(desk.library, query, Aliases.load(desk.library.home))
    if not corrected:
        return found
    kept = tuple(row for row in found if row.corrected)
    if not kept:
        raise NotFound("没有人工更正过的数字", remedy="请取消“只看更正”")
    return kept


@page("/figures", "指标", icon="table_chart", order=30, wide=True)
async def figures(seat: Seat) -> None:
    """The page."""
    ui.add_css(papers.CSS)
    there = await seat.run(choices, seat.desk())
    if not there.reports:
        with theme.empty("table_chart", "资料库是空的", "入库报告后，这里列出其中的每一个数字"):
            ui.link("去入库", seat.url("/library"))
        return
    await Ledger(seat, there).build()


class Ledger:
    """The page's state: what is asked, what was found, which part is shown."""

    def __init__(self, seat: Seat, there: Choices) -> None:
        self._seat, self._there = seat, there
        self._rows: tuple[Row, ...] = ()
        self._order: Sequence[Row] = ()
        self._page: dict[str, Any] = {
            "sortBy": None, "descending": False, "page": 1, "rowsPerPage": PER_PAGE[0], "rowsNumber": 0,
        }  # fmt: skip

    async def build(self) -> None:
        """Put it on the page."""
        with theme.row():
            theme.heading("指标台账")
            self._count = theme.soft("")
            with theme.row("wh-push") as acts:
                acts.style("width:auto")
                for form, label in (("xlsx", "导出 Excel"), ("csv", "CSV")):
                    kind, icon = ("main", "download") if form == "xlsx" else ("flat", "")
                    save = self._seat.doing(lambda form=form: self._save(form))
                    theme.button(label, save, icon=icon, kind=kind)
        self._filters()
        with ui.tabs().props("dense align=left no-caps inline-label").classes("wp-tabs") as tabs:
            table, plots = ui.tab("表格", icon="table_rows"), ui.tab("图", icon="show_chart")
        self._tabs, self._plots_tab = tabs, plots
        with ui.tab_panels(tabs, value=table).classes("wp-panels"):
            with ui.tab_panel(table):
                self._trouble = ui.element("div")
                self._make_table()
            with ui.tab_panel(plots):
                self._plots = figures_plot.Plots(self._seat, self._there.places, self._there.years)
        await self._find()

    def _filters(self) -> None:
        """The fields that narrow the rows."""
        change = self._seat.doing(self._find)
        asked = self._seat.query
        with theme.card() as card:
            card.classes("wp-filters")
            places = [p for p in asked.get("place", "").split(",") if p in self._there.places]
            self._places = _several("地方", list(self._there.places), places, change)
            self._years = _several("报告年份", list(self._there.years), [], change)
            kinds = {kind.value: label for kind, label in KINDS.items()}
            self._kinds = _several("性质", kinds, [], change)
            report = asked.get("report", "")
            chosen = [report] if report in self._there.reports else []
            self._reports = _several("报告", self._there.reports, chosen, change)
            self._name = ui.input("指标名称含", value=asked.get("indicator", ""), on_change=change)
            self._name.props(f"dense outlined clearable debounce={int(DELAY * 1000)}")
            self._only = ui.checkbox("只看更正", on_change=change).props("dense")

    def _query(self) -> Query:
        name = (self._name.value or "").strip()
        return Query(
            tuple(self._places.value or ()),
            tuple(self._years.value or ()),
            (name,) if name else (),
            tuple(self._reports.value or ()),
            tuple(FigureKind(kind) for kind in self._kinds.value or ()),
        )

    def _make_table(self) -> None:
        self._table = ui.table(columns=COLUMNS, rows=[], row_key="id", pagination=self._page)
        self._table.classes("wh-table").props(
            f":grid=Quasar.Screen.lt.md :rows-per-page-options={list(PER_PAGE)} flat binary-state-sort"
        )
        for name, template in SLOTS.items():
            self._table.add_slot(name, template)
        self._table.on("request", self._seat.doing(self._turn))
        self._table.on("source", self._seat.doing(self._open), [None])
        self._table.on("correct", self._seat.doing(self._correct, Role.WRITER), [None])
        self._table.on("draw", self._seat.doing(self._draw), [None])

    # -- what happens ---------------------------------------------------------------------------

    async def _find(self) -> None:
        """Ask the ledger again."""
        self._trouble.clear()
        try:
            only = bool(self._only.value)
            self._rows = await self._seat.run(rows, self._seat.desk(), self._query(), corrected=only)
        except NotFound as error:
            self._rows = ()
            with self._trouble:
                problems.inline(error)
        reports = len({row.report_id for row in self._rows})
        self._count.set_text(f"{len(self._rows)}个数字，出自{reports}份报告")
        self._plots.offer(self._rows)
        self._page["page"] = 1
        self._sort()

    def _turn(self, event: Any) -> None:
        """Another page or another order."""
        self._page |= {
            key: event.args["pagination"][key] for key in ("sortBy", "descending", "page", "rowsPerPage")
        }
        self._sort()

    def _sort(self) -> None:
        told = self._page
        self._order = sorted_by(self._rows, told["sortBy"], descending=bool(told["descending"]))
        size = min(max(1, int(told["rowsPerPage"] or PER_PAGE[0])), PER_PAGE[-1])
        last = max(1, -(-len(self._order) // size))
        number = min(max(1, int(told["page"])), last)
        self._page |= {"rowsNumber": len(self._order), "rowsPerPage": size, "page": number}
        part = self._order[(number - 1) * size : number * size]
        may = self._seat.may(Role.WRITER)
        self._table.rows = [shown(row, may_correct=may) for row in part]
        self._table.pagination = dict(self._page)
        self._table.update()

    def _row(self, event: Any) -> Row:
        """The row that a button of the table names."""
        wanted = event.args if isinstance(event.args, str) else event.args[0]
        found = next((row for row in self._rows if row.id == wanted), None)
        if found is None:
            raise NotFound("这一行已经不在了", where=str(wanted)[:40], remedy="请刷新页面")
        return found

    async def _open(self, event: Any) -> None:
        row = self._row(event)
        await self._seat.open_source(row.report_id, row.sentence.start, row.sentence.end)

    def _correct(self, event: Any) -> None:
        figures_correct.dialog(self._seat, self._row(event), self._find)

    async def _draw(self, event: Any) -> None:
        row = self._row(event)
        self._plots.choose(row)
        self._tabs.set_value(self._plots_tab)

    async def _save(self, form: str) -> None:
        """The rows as they are filtered and sorted, as a file."""
        if not self._order:
            raise NotFound("没有可以导出的数字", remedy="请放宽条件后再导出")
        from service.ledger import files  # openpyxl is slow to load

        make = files.workbook if form == "xlsx" else files.table
        data = await self._seat.run(make, tuple(self._order))
        name = handout.file_name("指标台账", form)
        handout.give(self._seat, data, name, detail=f"指标台账，{len(self._order)}行")


def _several(label: str, options: Any, value: list[Any], change: Any) -> ui.select:
    """A choice of several."""
    made = ui.select(options, label=label, value=value, multiple=True, clearable=True, on_change=change)
    return made.props("dense outlined options-dense use-chips=false")
