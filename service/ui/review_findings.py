"""审核 › 意见: a text with each finding at its place, and the documents that tell them (审核结果).

In: what a job of the kind ``audit`` found. Out: the text on one side, its findings and the documents to export on the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nicegui import ui

from corpus.report import Report, Span
from service.cited import Citation
from service.papers.presenting import clean
from service.papers.provenance import Checked
from service.remarks import Remark
from service.ui import handout, papers, problems, theme
from service.ui.papers import Stretch
from service.ui.seat import Seat
from service.work import stored
from service.work.documents import AUDIT, CHECK, COVERAGE, TEXTS
from service.work.jobs import Job

KINDS = {"高": "high", "中": "medium", "低": "low"}
GRAVEST = tuple(KINDS.values())
TAGS = {"高": "fail", "中": "warn", "低": ""}
TABS = {CHECK: "校对结果", AUDIT: "数值核对", COVERAGE: "上级要点"}
_JUMP = """
(() => {{ document.querySelectorAll('.wp-text .wp-now').forEach(m => m.classList.remove('wp-now'));
  const at = document.getElementById('place-{n}'); if (!at) return;
  at.scrollIntoView({{block: 'center'}});
  document.querySelectorAll('.wp-text [data-n="{n}"]').forEach(m => m.classList.add('wp-now')); }})()
"""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A text with its findings, each once, in reading order, and the documents that tell them, by their names.

    ``titles`` are those of all texts of the file, ``at`` is which one of them this is.
    """

    report: Report
    remarks: tuple[Remark, ...]
    told: tuple[str, ...]
    documents: dict[str, Checked]
    titles: tuple[str, ...]
    at: int


def reviewed(seat: Seat, job: Job) -> Reviewed:
    """What a job found.

    Raises:
        NotFound: the report, or what was stored of the file, is not there any more.
        Unsourced: a report that is cited was deleted, or reads otherwise by now.
    """
    desk, folder, result = seat.desk(), seat.house.jobs.folder_of(job.id), job.result or {}
    at, source = int(job.payload.get("at") or 0), job.payload["text"]
    report = desk.report(source["report"]) if source.get("report") else stored.texts(folder, TEXTS)[at]
    made = {name: stored.again(desk, folder, name) for name in TABS if name in result["documents"]}
    # A proofreading holds all that an audit finds; what it names otherwise stays once.
    found: dict[tuple[int, int, str], Remark] = {}
    for remark in (remark for one in made.values() for remark in one.remarks):
        key = (remark.start, remark.end, remark.message.rpartition("：")[2])
        if remark.report_id == report.id:
            found.setdefault(key, remark)
    ordered = tuple(sorted(found.values(), key=lambda one: (one.start, one.end)))
    told = made[CHECK].told if CHECK in made else ()
    documents = {name: one.checked() for name, one in made.items()}
    return Reviewed(report, ordered, told, documents, tuple(result.get("titles", ())), at)


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


class Findings:
    """The text on one side, what was found on the other."""

    def __init__(
        self,
        seat: Seat,
        found: Reviewed,
        not_covered: dict[str, Any] | None,
        turn: Callable[[int], Any],
    ) -> None:
        self._seat, self._found = seat, found
        if found.told:
            theme.soft("；".join(found.told))
        if len(found.titles) > 1:
            ui.select(
                {n: clean(title) for n, title in enumerate(found.titles)},
                value=found.at,
                label="文件里有几份报告",
                on_change=seat.doing(lambda event: turn(event.value)),
            ).props("dense outlined")
        with ui.element("div").classes("wp-two"):
            self._text()
            with ui.element("section").classes("wh-card"):
                self._tabs(not_covered)

    def _text(self) -> None:
        """The text with its findings underlined."""
        report = self._found.report
        stretches, self._shown_at = placed(self._found.remarks)
        with ui.element("section").classes("wh-card"):
            theme.heading(clean(report.metadata.title), 2)
            html = papers.underlined(report.text, stretches)
            papers.printed(html, self._point).classes("wp-text wp-tall").props("tabindex=0")

    def _tabs(self, not_covered: dict[str, Any] | None) -> None:
        with ui.tabs().props("dense no-caps align=left outside-arrows").classes("wp-tabs") as tabs:
            findings = ui.tab(f"意见（{len(self._found.remarks)}）")
            others = {name: ui.tab(TABS[name]) for name in self._found.documents}
            if not_covered is not None:
                others[COVERAGE] = ui.tab(TABS[COVERAGE])
        first = others.get(COVERAGE, findings)
        with ui.tab_panels(tabs, value=first).classes("wp-panels wp-tall") as self._panels:
            with ui.tab_panel(findings):
                self._list()
            for name, tab in others.items():
                with ui.tab_panel(tab):
                    if name in self._found.documents:
                        self._document(self._found.documents[name])
                    elif not_covered is not None:
                        problems.noted(not_covered)
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
                theme.button("看原文", lambda: self._jump(n), kind="flat").classes("wh-push").props(
                    "size=12px"
                )
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
                ).props("size=12px align=left")
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
