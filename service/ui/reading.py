"""A report's page: text, outline, repairs, what is known about it and what users put right (报告).

In: a seat whose path names a report. Out: the page at ``/library/ID``. The text is shown as cleaned or as in the raw
file; a link with ``start`` and ``end`` opens it at that sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from corpus.cards import Card
from corpus.report import Report, Section
from corpus.tracked import Repair
from service.accounts.caller import Role
from service.papers.presenting import clean
from service.raw import raw_view
from service.remedies import plain
from service.ui import theme, undo
from service.ui.metadata import HOW, Editing
from service.ui.panel import CLEANED, RAW, SCROLL
from service.ui.seat import Seat
from service.ui.shell import page
from service.ui.texts import cleaned_html, raw_html

MOST_REPAIRS = 300
NUMBERS = "0123456789"


@page("/library/{report_id}", "报告")
async def reading(seat: Seat) -> None:
    """Build the page."""
    await Reading(seat).build()


class Reading:
    """The state of one open page."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._id = seat.path["report_id"]
        self._span = (_number(seat.query.get("start")), _number(seat.query.get("end")))
        self._box = ui.element("div").classes("column").style("gap:12px")

    async def build(self) -> None:
        """Read the report and show it."""
        desk = self._seat.desk()
        report = await self._seat.run(desk.report, self._id)
        (card,) = await self._seat.run(desk.cards_of, [report.id])
        self._box.clear()
        with self._box:
            self._head(report, card)
            with ui.element("div").classes("wh-read"):
                with ui.element("aside").classes("wh-card wh-outline").props('aria-label="提纲"'):
                    theme.heading("提纲", 3)
                    self._outline(report.sections)
                with ui.element("div").classes("wh-card wh-grow"):
                    self._tabs(report)
        if self._span[0] >= 0:
            ui.run_javascript(SCROLL)

    # -- what is known --------------------------------------------------------------------------

    def _head(self, report: Report, card: Card) -> None:
        told = report.metadata
        with theme.card():
            with theme.row():
                theme.heading(clean(told.title)).classes("wh-grow")
                ui.link("返回资料库", self._seat.url("/library")).classes("wh-small wh-noprint")
            with theme.row():
                for name, field in (
                    ("地方", told.place),
                    ("年份", told.year),
                    ("时段", told.period),
                    ("发文单位", told.issuer),
                    ("文号", told.number),
                    ("成文日期", told.date),
                ):
                    if field is not None:
                        with theme.tag(f"{name} {clean(field.value)}"):
                            ui.tooltip(f"读自{HOW.get(field.how, field.how)}")
                theme.tag(f"文种 {told.genre.label}")
            theme.soft(_about(card))
            for warning in dict.fromkeys((*card.warnings, *report.warnings)):
                theme.note(clean(plain(warning)), "warn")
            if card.merged_into:
                with theme.row():
                    theme.note("这份报告与另一份重复，检索和引用用的是那一份。", "warn")
                    ui.link("打开那一份", self._seat.url(f"/library/{card.merged_into}"))
            if self._seat.may(Role.WRITER):
                with theme.row("wh-noprint"):
                    editing = Editing(self._seat, report.id, self.build)
                    theme.button("修改信息", self._seat.doing(editing.open, Role.WRITER), icon="edit")
                    theme.button(
                        "删除", self._seat.doing(self._remove, Role.WRITER), icon="delete", kind="danger"
                    )

    async def _remove(self) -> None:
        desk = self._seat.desk(Role.WRITER)
        gone = await self._seat.run(lambda: desk.remove([self._id], undoable=True))
        self._seat.house.accounts.log.write(
            self._seat.caller, "delete", self._seat.collection, gone[0], "报告"
        )
        self._box.clear()
        with self._box:
            theme.note("这份报告已删除，可在资料库页“已删除，可恢复”中找回。", "warn")
            ui.link("返回资料库", self._seat.url("/library"))
        undo.offer(self._seat, "已删除这份报告", self._restore, Role.WRITER)

    async def _restore(self) -> None:
        desk = self._seat.desk(Role.WRITER)
        await self._seat.run(desk.restore, self._id)
        self._seat.house.accounts.log.write(
            self._seat.caller, "restore", self._seat.collection, self._id, "报告"
        )
        await self.build()

    # -- the text -------------------------------------------------------------------------------

    def _outline(self, sections: Sequence[Section]) -> None:
        if not sections:
            theme.soft("没有识别出标题")
        for section in sections:
            text = clean(f"{section.label}{section.title}") or "（无标题）"
            go = self._seat.doing(lambda section=section: self._jump(section))
            line = ui.button(text, on_click=go).props("flat dense no-caps align=left")
            line.classes("wh-outline-line").style(f"padding-left:{(len(section.path) - 1) * 14 + 4}px")

    async def _jump(self, section: Section) -> None:
        self._span = (section.heading.start, section.heading.end)
        self._views.set_value(CLEANED)
        await self._text()

    def _tabs(self, report: Report) -> None:
        with ui.tabs().props("dense no-caps align=left inline-label") as tabs:
            first = ui.tab("正文")
            repairs = ui.tab(f"修复记录（{len(report.repairs)}）")
        with ui.tab_panels(tabs, value=first).props("animated=false").classes("full-width"):
            with ui.tab_panel(first).style("padding:8px 0"):
                with theme.row():
                    self._views = ui.toggle(
                        [CLEANED, RAW], value=CLEANED, on_change=self._seat.doing(self._text)
                    )
                    self._views.props("dense no-caps unelevated size=12px")
                    theme.soft("红色波浪线处原文损坏，未能恢复，不取数字。" if report.damages else "")
                self._body = ui.html(cleaned_html(report, *self._span)).classes("wh-text")
            with ui.tab_panel(repairs).style("padding:8px 0"):
                _repairs(report.repairs)

    async def _text(self) -> None:
        desk = self._seat.desk()
        report = await self._seat.run(desk.report, self._id)
        if self._views.value == CLEANED:
            self._body.set_content(cleaned_html(report, *self._span))
        else:
            start, end = self._span if self._span[0] >= 0 else (0, 0)
            view = await self._seat.run(raw_view, desk.library, report, start, end)
            self._body.set_content(raw_html(view))
        ui.run_javascript(SCROLL)


def _about(card: Card) -> str:
    """Where it comes from and what was found in it."""
    parts = [f"文件 {card.source_name}", f"{card.characters}字", f"{card.figures}个数字", f"编号 {card.id}"]
    parts += [f"修复{card.repairs}处"] if card.repairs else []
    parts += [f"损坏{card.damages}处"] if card.damages else []
    parts += [f"隐去个人信息{card.masked}处"] if card.masked else []
    return clean("，".join(parts))


def _repairs(repairs: Sequence[Repair]) -> None:
    if not repairs:
        theme.soft("没有修复过：文字与原文件相同。")
        return
    rows = [
        {"id": n, "kind": one.kind, "before": one.before, "after": one.after, "note": one.note}
        for n, one in enumerate(repairs[:MOST_REPAIRS])
    ]
    names = (("kind", "种类"), ("before", "原来"), ("after", "改为"), ("note", "说明"))
    columns = [{"name": name, "label": label, "field": name, "align": "left"} for name, label in names]
    ui.table(columns=columns, rows=rows, row_key="id", pagination=25).props("flat dense wrap-cells").classes(
        "wh-table"
    )
    if len(repairs) > MOST_REPAIRS:
        theme.soft(f"只列出前{MOST_REPAIRS}处。")


def _number(text: str | None) -> int:
    """A position from a link; -1 where there is none."""
    return int(text) if text and len(text) < 9 and text.isascii() and text.isdigit() else -1
