"""The citation viewer: a source beside the page, opened at the exact sentence (出处).

In: a report's id and a span of its cleaned text. Out: a panel at the right (over the page on a phone) with the
sentence marked and in sight, as cleaned or as in the raw file. The text is escaped here and sanitised again in
the browser, since reports may hold scripts.
"""

from __future__ import annotations

from nicegui import ui

from corpus.report import Report
from service.papers.presenting import clean
from service.raw import RawView, raw_view
from service.ui import theme
from service.ui.seat import Seat
from service.ui.texts import cleaned_html, raw_html

CLEANED, RAW = "修复后", "原文件文字"
ESCAPE = """<script>document.addEventListener('keydown', (e) => { if (e.key === 'Escape' &&
  document.body.classList.contains('wh-paneled')) document.querySelector('.wh-panel .wh-close')?.click(); })</script>"""
SCROLL = """
(() => { let left = 40; const look = () => {
  const mark = document.getElementById('wh-source-mark');
  if (mark) { mark.scrollIntoView({block: 'center'}); }
  else if (left-- > 0) { setTimeout(look, 50); } }; setTimeout(look, 60); })()
"""


class Panel:
    """The viewer of one page."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._at: tuple[str, int, int] = ("", 0, 0)
        drawer = ui.right_drawer(value=False, bordered=True)
        self._drawer = drawer.classes("wh-panel").props('width=470 breakpoint=1100 aria-label="出处"')
        ui.add_body_html(ESCAPE)
        self._drawer.on_value_change(lambda event: self._beside(on=bool(event.value)))

    def _beside(self, *, on: bool) -> None:
        """Tell the page whether it has to share its width."""
        ui.query("body").classes(add="wh-paneled" if on else "", remove="" if on else "wh-paneled")

    def close(self) -> None:
        """Hide the viewer."""
        self._drawer.hide()

    async def show(self, report_id: str, start: int, end: int) -> None:
        """Open a source."""
        self._at = (report_id, start, end)
        desk = self._seat.desk()
        report = await self._seat.run(desk.report, report_id)
        self._fill(report, start, end, None)
        self._drawer.show()
        ui.run_javascript(SCROLL)

    async def _raw(self) -> None:
        report_id, start, end = self._at
        desk = self._seat.desk()
        report = await self._seat.run(desk.report, report_id)
        view = await self._seat.run(raw_view, desk.library, report, start, end)
        self._fill(report, start, end, view)
        ui.run_javascript(SCROLL)

    async def _cleaned(self) -> None:
        await self.show(*self._at)

    def _fill(self, report: Report, start: int, end: int, raw: RawView | None) -> None:
        self._drawer.clear()
        with self._drawer:
            with ui.element("div").classes("wh-panel-head"):
                with theme.row():
                    theme.heading(clean(report.metadata.title), 3).classes("wh-grow")
                    theme.icon_button("close", "关闭出处", self.close).classes("wh-close")
                theme.soft(_about(report, start))
                with theme.row():
                    self._views(raw is not None)
                    link = self._seat.url(f"/library/{report.id}", start=start, end=end)
                    ui.link("打开整篇", link).classes("wh-push wh-small")
            with ui.element("div").classes("wh-panel-body"):
                if raw is None:
                    ui.html(cleaned_html(report, start, end)).classes("wh-text")
                else:
                    theme.soft("原文件里的文字，个人信息已隐去；修复前可能有错字、断行或乱码。")
                    ui.html(raw_html(raw)).classes("wh-text")

    def _views(self, raw: bool) -> None:
        for name, handler, on in ((CLEANED, self._cleaned, not raw), (RAW, self._raw, raw)):
            made = theme.button(name, self._seat.doing(handler), kind="main" if on else "")
            made.props(f"size=12px aria-pressed={'true' if on else 'false'}")


def _about(report: Report, start: int) -> str:
    told = report.metadata
    fields = (told.place.value if told.place else "", f"{told.year.value}年" if told.year else "年份未注明")
    path = next((s.path for s in reversed(report.sections) if s.span.start <= start < s.span.end), ())
    about = "，".join(filter(None, fields))
    return clean(" › ".join((about, *path)))
