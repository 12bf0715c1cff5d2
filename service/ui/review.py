"""审核: a text before it is handed in: its findings beside it, and what it answers of its superior's key points.

In: a Word, PDF, HTML or text file that is dropped here, or a report of the library. Out: the text with each finding at its
place, the findings with what to do, the same as a document to export, and the coverage. The file is read in a child
process, is not taken in, and is gone when it was read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nicegui import ui

from corpus import readers
from corpus.errors import InputError
from corpus.report import PLANS, Report, Span
from service.cited import Citation
from service.desk import Desk
from service.http.uploads import safe_name
from service.making import Made, audit, check, cover
from service.opening import of_file
from service.papers.presenting import clean
from service.papers.provenance import Checked
from service.remarks import Remark
from service.ui import handout, papers, problems, theme
from service.ui.papers import Stretch
from service.ui.seat import Seat
from service.ui.shell import page

LARGEST = 50 * 2**20  # bytes of a file
KINDS = {"高": "high", "中": "medium", "低": "low"}
GRAVEST = tuple(KINDS.values())
TAGS = {"高": "fail", "中": "warn", "低": ""}
_JUMP = """
(() => {{ document.querySelectorAll('.wp-text .wp-now').forEach(m => m.classList.remove('wp-now'));
  const at = document.getElementById('place-{n}'); if (!at) return;
  at.scrollIntoView({{block: 'center'}});
  document.querySelectorAll('.wp-text [data-n="{n}"]').forEach(m => m.classList.add('wp-now')); }})()
"""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A text with its findings, each once, in reading order, and the documents that tell them."""

    report: Report
    remarks: tuple[Remark, ...]
    told: tuple[str, ...]
    proof: Checked
    sums: Checked


def reviewed(desk: Desk, report: Report) -> Reviewed:
    """Proofread and recompute one text."""
    proof, sums = check(desk, (report,)), audit(desk, (report,))
    # A proofreading holds all that an audit finds; what it names otherwise stays once.
    found: dict[tuple[int, int, str], Remark] = {}
    for remark in (*proof.remarks, *sums.remarks):
        key = (remark.start, remark.end, remark.message.rpartition("：")[2])
        if remark.report_id == report.id:
            found.setdefault(key, remark)
    ordered = tuple(sorted(found.values(), key=lambda one: (one.start, one.end)))
    return Reviewed(report, ordered, proof.told, proof.checked(), sums.checked())


def placed(remarks: Sequence[Remark]) -> tuple[tuple[Stretch, ...], dict[int, int]]:
    """The stretches of a text with findings, and by which of them each finding is shown: findings of one sentence share
    one, in the colour of the gravest.
    """
    stretches: dict[int, Stretch] = {}
    shown_at: dict[int, int] = {}
    for n, remark in enumerate(remarks):
        span, kind = Span(remark.start, remark.end), KINDS[remark.severity]
        over = next((one for one in stretches.values() if one.span.holds(span)), None)
        if over is None:
            stretches[n] = over = Stretch(span, kind, n)
        elif GRAVEST.index(kind) < GRAVEST.index(over.kind):
            stretches[over.number] = replace(over, kind=kind)
        shown_at[n] = over.number
    return tuple(stretches.values()), shown_at


async def saved(file: Any, folder: Path) -> Path:
    """An uploaded file in a folder of its own, under a harmless name with its own suffix.

    Raises:
        InputError: its kind is not read.
    """
    name = safe_name(file.name, 1)
    if Path(name).suffix.lower() not in readers.SUFFIXES:
        known = "、".join(sorted(readers.SUFFIXES))
        raise InputError(
            f"不读“{Path(name).suffix or '没有扩展名'}”的文件", where=name, remedy=f"可用：{known}"
        )
    path = folder / name
    await file.save(path)
    return path


@page("/review", "审核", icon="fact_check", order=70, wide=True)
async def build(seat: Seat) -> None:
    """The page."""
    ui.add_css(papers.CSS)
    desk = seat.desk()
    cards = await seat.run(desk.cards)
    own = {card.id: clean(card.title) for card in cards}
    above = {card.id: clean(card.title) for card in sorted(cards, key=lambda card: card.genre not in PLANS)}
    Review(seat, own, above).build()


class Review:
    """The page's state."""

    def __init__(self, seat: Seat, own: dict[str, str], above: dict[str, str]) -> None:
        self._seat, self._own, self._above = seat, own, above
        self._texts: tuple[Report, ...] = ()
        self._superior: Report | None = None
        self._found: Reviewed | None = None

    def build(self) -> None:
        """Put it on the page."""
        theme.heading("审核")
        with ui.element("div").classes("wh-two"):
            with theme.card("要审核的稿件"):
                self._upload("把稿件拖到这里，或点“＋”选择", self._dropped)
                self._pick = ui.select(
                    self._own, label="或选库中的报告", with_input=True, clearable=True,
                    on_change=self._seat.doing(self._chosen),
                ).props("dense outlined options-dense")  # fmt: skip
            with theme.card("对照上级要点（可不选）"):
                self._upload("上级的工作要点或计划", self._above_dropped)
                self._against = ui.select(
                    self._above, label="或选库中的要点、计划", with_input=True, clearable=True,
                    on_change=self._seat.doing(self._above_chosen),
                ).props("dense outlined options-dense")  # fmt: skip
        self._state = theme.soft("")
        self._spinner = ui.linear_progress().props("indeterminate size=3px")
        self._spinner.set_visibility(False)
        self._out = ui.element("div").classes("wp-charts")

    def _upload(self, label: str, handler: Any) -> None:
        field = ui.upload(
            label=label,
            auto_upload=True,
            max_files=1,
            max_file_size=LARGEST,
            on_upload=self._seat.doing(handler),
        )
        field.props(f'accept="{",".join(sorted(readers.SUFFIXES))}" flat bordered aria-label="{label}"')
        field.classes("wp-drop")
        field.on_rejected(lambda: ui.notify("只收一个文件，不超过50MB", type="warning", position="top"))

    # -- what happens ---------------------------------------------------------------------------

    async def _read(self, file: Any) -> tuple[Report, ...]:
        """The reports in an uploaded file, which is gone afterwards."""
        with tempfile.TemporaryDirectory() as folder:
            path = await saved(file, Path(folder))
            return await self._seat.run(of_file, path, path.name)

    async def _dropped(self, event: Any) -> None:
        event.sender.reset()
        self._busy("正在读稿件……")
        try:
            self._texts = await self._read(event.file)
        finally:
            self._busy("")
        self._pick.value = None
        await self._review()

    async def _chosen(self) -> None:
        if self._pick.value:
            self._texts = (await self._seat.run(self._seat.desk().report, self._pick.value),)
            await self._review()

    async def _above_dropped(self, event: Any) -> None:
        event.sender.reset()
        self._busy("正在读上级的要点……")
        try:
            found = await self._read(event.file)
        finally:
            self._busy("")
        self._superior = found[0]
        self._against.value = None
        await self._again()

    async def _above_chosen(self) -> None:
        if self._against.value:
            self._superior = await self._seat.run(self._seat.desk().report, self._against.value)
            await self._again()

    async def _again(self) -> None:
        if self._texts:
            await self._review()
        else:
            ui.notify("已选好上级要点；请再给出要审核的稿件", position="top")

    async def _review(self, number: int = 0) -> None:
        """Look at one text of the file."""
        desk, report = self._seat.desk(), self._texts[number]
        self._busy("正在核对……")
        self._out.clear()
        self._seat.house.accounts.log.write(self._seat.caller, "audit", self._seat.collection)
        try:
            self._found = await self._seat.run(reviewed, desk, report)
        finally:
            self._busy("")
        self._state.set_text("；".join(self._found.told))
        covered: Made | Exception | None = None
        if self._superior is not None:
            self._busy("正在对照上级要点……")
            try:
                covered = await self._seat.run(cover, desk, report, self._superior)
            except InputError as error:
                covered = error
            finally:
                self._busy("")
            self._state.set_text("；".join(self._found.told))
        with self._out:
            _Findings(self._seat, self._found, self._texts, number, covered, self._turn)

    async def _turn(self, number: int) -> None:
        await self._review(number)

    def _busy(self, text: str) -> None:
        self._spinner.set_visibility(bool(text))
        self._state.set_text(text)


class _Findings:
    """The text on one side, what was found on the other."""

    def __init__(
        self,
        seat: Seat,
        found: Reviewed,
        texts: Sequence[Report],
        number: int,
        covered: Made | Exception | None,
        turn: Any,
    ) -> None:
        self._seat, self._found = seat, found
        if len(texts) > 1:
            names = {n: clean(one.metadata.title) for n, one in enumerate(texts)}
            ui.select(
                names,
                value=number,
                label="文件里有几份报告",
                on_change=seat.doing(lambda event: turn(event.value)),
            ).props("dense outlined")
        with ui.element("div").classes("wp-two"):
            self._text()
            with ui.element("section").classes("wh-card"):
                self._tabs(covered)

    def _text(self) -> None:
        """The text with its findings underlined."""
        report = self._found.report
        stretches, self._shown_at = placed(self._found.remarks)
        with ui.element("section").classes("wh-card"):
            theme.heading(clean(report.metadata.title), 2)
            html = papers.underlined(report.text, stretches)
            papers.printed(html, self._point).classes("wp-text wp-tall").props("tabindex=0")

    def _tabs(self, covered: Made | Exception | None) -> None:
        with ui.tabs().props("dense no-caps align=left").classes("wp-tabs") as tabs:
            findings = ui.tab(f"意见（{len(self._found.remarks)}）")
            whole = ui.tab("校对结果")
            sums = ui.tab("数值核对")
            answered = ui.tab("上级要点") if covered is not None else None
        with ui.tab_panels(tabs, value=answered or findings).classes("wp-panels wp-tall") as self._panels:
            with ui.tab_panel(findings):
                self._list()
            for tab, document in ((whole, self._found.proof), (sums, self._found.sums)):
                with ui.tab_panel(tab):
                    self._document(document)
            if answered is not None:
                with ui.tab_panel(answered):
                    if isinstance(covered, Made):
                        self._document(covered.checked())
                    elif isinstance(covered, Exception):
                        problems.inline(covered)
        self._first_tab = findings

    def _document(self, document: Checked) -> None:
        handout.exports(self._seat, lambda: document, detail="审核")
        papers.show_whole(document, self._seat.doing(self._cited))

    def _list(self) -> None:
        """The findings, the gravest first."""
        if not self._found.remarks:
            theme.note("没有发现问题。", "good")
            return
        order = sorted(
            enumerate(self._found.remarks), key=lambda pair: (list(KINDS).index(pair[1].severity), pair[0])
        )
        groups = ["全部", *dict.fromkeys(remark.group for _, remark in order)]
        self._rows: list[tuple[ui.element, str]] = []
        if len(groups) > 2:
            chosen = ui.select(
                groups, value="全部", label="类别", on_change=lambda event: self._narrow(event.value)
            )
            chosen.props("dense outlined options-dense")
        for n, remark in order:
            self._rows.append((self._row(n, remark), remark.group))

    def _narrow(self, group: str) -> None:
        for row, own in self._rows:
            row.set_visibility(group in ("全部", own))

    def _row(self, n: int, remark: Remark) -> ui.element:
        with ui.element("div").classes("wp-finding").props(f"id=finding-{n}") as row:
            with theme.row():
                theme.tag(remark.severity, TAGS[remark.severity])
                ui.label(clean(remark.name)).classes("wh-strong")
                theme.button("看原文", lambda: self._jump(n), kind="flat").classes("wh-push").props("size=sm")
            ui.label(clean(remark.message))
            ui.label(clean(remark.quote)).classes("wh-quote wh-small wh-clamp")
            for formula in remark.formulas:
                theme.soft(clean(formula))
            if remark.suggestion:
                theme.soft(f"建议：{clean(remark.suggestion)}")
            for source in remark.sources:
                theme.button(
                    f"对照：《{clean(source.title)}》",
                    self._seat.doing(lambda one=source: self._cited(one)),
                    kind="flat",
                ).props("size=sm align=left")
        return row

    # -- places ---------------------------------------------------------------------------------

    def _jump(self, n: int) -> None:
        """Show the place of a finding in the text."""
        ui.run_javascript(_JUMP.format(n=self._shown_at[n]))

    def _point(self, n: int) -> None:
        """Show the finding of a place in the text."""
        self._panels.set_value(self._first_tab)
        self._jump(n)
        ui.run_javascript(
            f"setTimeout(() => document.getElementById('finding-{int(n)}')?.scrollIntoView({{block: 'nearest'}}), 60)"
        )

    async def _cited(self, citation: Citation) -> None:
        """A sentence of the text itself, of the library, or of a file that is in none."""
        report = self._found.report
        if citation.report_id == report.id:
            at = next((n for n, one in enumerate(self._found.remarks) if one.start == citation.start), None)
            if at is not None:
                self._jump(at)
                return
        known = {card.id for card in await self._seat.run(self._seat.desk().cards)}
        if citation.report_id in known:
            await self._seat.open_source(citation.report_id, citation.start, citation.end)
        else:
            ui.notify(
                clean(f"《{citation.title}》：{citation.quote}"),
                position="top",
                timeout=8000,
                close_button="关闭",
            )
