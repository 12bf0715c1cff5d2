"""The page 资料库: what is there, what can be added, what was removed.

In: a seat. Out: the page at ``/library``: upload, the list with filters, duplicates, and the bin of removed reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nicegui import events, ui

from corpus.cards import Card
from corpus.duplicates import Duplicate
from service.accounts.caller import Role
from service.papers.presenting import clean
from service.ui import problems, theme, undo
from service.ui.intake import Intake
from service.ui.shell import Seat, page

COLUMNS = (
    ("title", "标题", "left", ""),
    ("place", "地方", "left", "wh-wide-only"),
    ("year", "年份", "left", "wh-wide-only"),
    ("period", "时段", "left", "wh-wide-only"),
    ("genre", "文种", "left", "wh-wide-only"),
    ("figures", "数字", "right", "wh-wide-only"),
    ("remarks", "说明", "left", "wh-wide-only"),
)
ANY = "全部"
UNKNOWN = "未注明"
KINDS = {"exact": "完全相同", "near": "内容相同", "user": "人工合并"}


@page("/library", "资料库", icon="folder_open", order=20)
async def library(seat: Seat) -> None:
    """Build the page."""
    shelf = Shelf(seat)
    theme.heading("资料库")
    if seat.may(Role.WRITER):
        Intake(seat, shelf.refresh)
    shelf.build()
    await shelf.refresh()


class Shelf:
    """The state of one open page."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._cards: tuple[Card, ...] = ()

    def build(self) -> None:
        """Make the elements."""
        with theme.card():
            with theme.row():
                theme.heading("报告", 2)
                self._count = theme.soft("")
                self._remove = theme.button(
                    "删除所选", self._seat.doing(self._removing, Role.WRITER), icon="delete", kind="danger"
                )
                self._remove.classes("wh-push").set_visibility(False)
            self._filters()
            self._table = ui.table(
                columns=[_column(*told) for told in COLUMNS],
                rows=[],
                row_key="id",
                pagination={"rowsPerPage": 20, "sortBy": "place"},
                selection="multiple" if self._seat.may(Role.WRITER) else None,
                on_select=self._selected,
            )
            self._table.props('flat dense wrap-cells :rows-per-page-options="[20,50,100,0]"').classes(
                "wh-table"
            )
            theme.tick_boxes(self._table)
            self._table.add_slot("body-cell-title", TITLE_CELL)
            self._empty = ui.element("div")
        self._copies = ui.element("div")
        self._bin = ui.element("div")

    def _filters(self) -> None:
        with theme.row():
            self._search = ui.input(placeholder="标题、文件名、发文单位", on_change=self._filter)
            self._search.props('dense outlined clearable debounce=200 aria-label="查找"').style("width:240px")
            self._place = self._choice("地方")
            self._year = self._choice("年份")
            self._genre = self._choice("文种")
            self._flaws = ui.checkbox("只看有损坏或警告的", on_change=self._filter).props("dense")

    def _choice(self, name: str) -> ui.select:
        made = ui.select([ANY], value=ANY, label=name, on_change=self._filter)
        return made.props("dense outlined options-dense").style("min-width:120px")

    async def refresh(self) -> None:
        """Read the library anew."""
        desk = self._seat.desk()
        self._cards = await self._seat.run(desk.cards)
        self._place.set_options([ANY, *_values(card.place for card in self._cards)])
        self._year.set_options([ANY, *_values(card.year for card in self._cards)[::-1]])
        self._genre.set_options([ANY, *_values(card.genre.label for card in self._cards)])
        for choice in (self._place, self._year, self._genre):
            if choice.value not in choice.options:
                choice.set_value(ANY)
        self._filter()
        await self._duplicates()
        await self._removed()

    def _filter(self) -> None:
        wanted = (self._search.value or "").strip().casefold()
        kept = [card for card in self._cards if self._fits(card, wanted)]
        self._table.rows = [_row(card, self._seat.url(f"/library/{card.id}")) for card in kept]
        self._table.selected = []
        self._table.update()
        self._remove.set_visibility(False)
        shown = (
            f"{len(kept)}份" if len(kept) == len(self._cards) else f"{len(kept)}份（共{len(self._cards)}份）"
        )
        self._count.set_text(shown)
        self._table.set_visibility(bool(self._cards))
        self._empty.clear()
        if not self._cards:
            with (
                self._empty,
                theme.empty("folder_open", "还没有报告", "把往年的总结、计划、汇报拖到上面的框里。"),
            ):
                pass

    def _fits(self, card: Card, wanted: str) -> bool:
        words = " ".join(filter(None, (card.title, card.source_name, card.issuer, card.number))).casefold()
        chosen = (
            (self._place.value, card.place or UNKNOWN),
            (self._year.value, str(card.year or UNKNOWN)),
            (self._genre.value, card.genre.label),
        )
        same = all(choice in (ANY, None, own) for choice, own in chosen)
        return wanted in words and same and (not self._flaws.value or bool(card.damages or card.warnings))

    def _selected(self, event: events.TableSelectionEventArguments) -> None:
        self._remove.set_visibility(bool(event.selection))
        self._remove.set_text(f"删除所选（{len(event.selection)}）")

    # -- removing -------------------------------------------------------------------------------

    async def _removing(self) -> None:
        ids = [str(row["id"]) for row in self._table.selected]
        if ids:
            await self.remove(ids)

    async def remove(self, ids: Sequence[str]) -> None:
        """Remove reports; they lie in the bin."""
        desk = self._seat.desk(Role.WRITER)
        gone = await self._seat.run(lambda: desk.remove(ids, undoable=True))
        log = self._seat.house.accounts.log
        for one in gone:
            log.write(self._seat.caller, "delete", self._seat.collection, one, "报告")
        undo.offer(self._seat, f"已删除{len(gone)}份报告", lambda: self._restore(gone), Role.WRITER)
        await self.refresh()

    async def _restore(self, ids: Sequence[str]) -> None:
        desk = self._seat.desk(Role.WRITER)
        for one in ids:
            await self._seat.run(desk.restore, one)
            self._seat.house.accounts.log.write(
                self._seat.caller, "restore", self._seat.collection, one, "报告"
            )
        problems.done(f"已恢复{len(ids)}份报告")
        await self.refresh()

    async def _removed(self) -> None:
        self._bin.clear()
        found = await self._seat.run(self._seat.desk().removed) if self._seat.may(Role.WRITER) else ()
        if not found:
            return
        with self._bin, ui.expansion(f"已删除，可恢复（{len(found)}）").classes("wh-card").props("dense"):
            for one in found:
                with theme.row():
                    ui.label(clean(one.title)).classes("wh-grow")
                    theme.soft(one.removed_at[:10])
                    back = self._seat.doing(lambda one=one: self._restore([one.id]), Role.WRITER)
                    theme.button("恢复", back, kind="flat")

    # -- duplicates -----------------------------------------------------------------------------

    async def _duplicates(self) -> None:
        desk = self._seat.desk()
        found = await self._seat.run(desk.duplicates)
        table = await self._seat.run(desk.card_table) if found else {}
        self._copies.clear()
        if not found:
            return
        with (
            self._copies,
            ui.expansion(f"已合并的重复报告（{len(found)}）").classes("wh-card").props("dense"),
        ):
            theme.soft("重复的报告只检索和引用其中一份。合并错了可以拆开。")
            for one in found:
                with theme.row():
                    copy, kept = table[one.report_id], table[one.kept_id]
                    theme.tag(KINDS.get(one.kind, one.kind))
                    ui.link(clean(copy.title), self._seat.url(f"/library/{copy.id}"))
                    theme.soft(f"（{clean(copy.source_name)}）并入（{clean(kept.source_name)}）").classes(
                        "wh-grow"
                    )
                    if self._seat.may(Role.WRITER):
                        apart = self._seat.doing(lambda one=one: self._unmerge(one), Role.WRITER)
                        theme.button("拆开", apart, kind="flat")

    async def _unmerge(self, one: Duplicate) -> None:
        desk = self._seat.desk(Role.WRITER)
        await self._seat.run(desk.unmerge, one.report_id)
        self._logged(one.report_id, "拆开")
        undo.offer(self._seat, "已拆开为两份报告", lambda: self._merge(one), Role.WRITER)
        await self.refresh()

    async def _merge(self, one: Duplicate) -> None:
        desk = self._seat.desk(Role.WRITER)
        await self._seat.run(desk.merge, one.report_id, one.kept_id)
        self._logged(one.report_id, "合并")
        await self.refresh()

    def _logged(self, report_id: str, what: str) -> None:
        self._seat.house.accounts.log.write(self._seat.caller, "edit", self._seat.collection, report_id, what)


# Vue writes values as text, never as HTML; the link goes to a path of ours.
TITLE_CELL = """
<q-td :props="props"><a :href="props.row.url">{{ props.row.title }}</a>
<div class="wh-soft wh-small wh-phone-only">{{ props.row.about }}</div>
<div class="wh-soft wh-small wh-wide-only">{{ props.row.source }}</div></q-td>
"""


def _column(name: str, label: str, align: str, classes: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "field": name,
        "align": align,
        "sortable": True,
        "classes": classes,
        "headerClasses": classes,
    }


def _values(found: Any) -> list[str]:
    return sorted({str(one) if one else UNKNOWN for one in found})


def _row(card: Card, url: str) -> dict[str, Any]:
    remarks = [f"损坏{card.damages}处"] if card.damages else []
    remarks += [f"修复{card.repairs}处"] if card.repairs else []
    remarks += [f"隐去{card.masked}处"] if card.masked else []
    remarks += [f"含{len(card.duplicates)}份重复"] if card.duplicates else []
    remarks += ["已人工修改"] if card.edited else []
    remarks += ["有警告"] if card.warnings else []
    told = (card.place or "地方未注明", f"{card.year}年" if card.year else "年份未注明", card.genre.label)
    return {
        "id": card.id,
        "url": url,
        "title": clean(card.title),
        "place": clean(card.place or UNKNOWN),
        "year": str(card.year or UNKNOWN),
        "period": clean(card.period or ""),
        "genre": card.genre.label,
        "figures": card.figures,
        "remarks": "，".join(remarks),
        "source": clean(card.source_name),
        "about": clean("，".join(told)),
    }
