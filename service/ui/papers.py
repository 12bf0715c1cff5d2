"""A checked document on a page: paragraphs with marks, tables, charts, sources (文稿的网页样式).

In: documents that passed the gate of :mod:`service.papers.provenance`, whole or piece by piece. Out: HTML that holds
nothing but escaped text in tags of our own, and options for ECharts. A mark [n] is a button, so that it can be reached
by keyboard; its number leads to the citation that it stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import nh3

from corpus.report import Span
from service.cited import Citation, Sentence
from service.papers import presenting
from service.papers.document import Block, Chart, Heading, Paragraph, Table
from service.papers.presenting import Labels, Piece, cell_piece, clean, is_number, items, piece, source_lines
from service.papers.provenance import Checked
from service.ui.theme import CHART_COLOURS

if TYPE_CHECKING:
    from service.ui.seat import Seat

TAGS = {
    "b", "button", "caption", "dd", "del", "details", "div", "dl", "dt", "h2", "h3", "h4", "h5", "ins", "li", "mark",
    "ol", "p", "span", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"*": {"class", "data-n", "id", "title", "aria-label"}, "button": {"type"}, "th": {"scope"}}


CSS = """
.wp-paper{overflow-wrap:anywhere;width:100%;min-width:0}
.wp-title{font-size:19px;font-weight:700;text-align:center;margin:6px 0 4px}
.wp-paper h3{font-size:16px;font-weight:700;margin:14px 0 4px}
.wp-paper h4{font-size:14.5px;font-weight:600;margin:10px 0 2px}
.wp-paper h5{font-size:14px;font-weight:600;margin:8px 0 2px}
.wp-p{line-height:1.9;text-indent:2em;margin:2px 0}
.wp-caveat{background:#fdf3e3;border-left:3px solid #b26a00;padding:6px 10px;border-radius:4px}
.wp-note{font-size:12.5px;color:var(--wh-soft);margin:3px 0}
.wp-gap{background:#fbeeda;color:#8a5200;border-radius:3px;padding:0 2px}
.wp-scroll{overflow-x:auto;margin:6px 0}
.wp-table{border-collapse:collapse;min-width:100%;background:#fff;font-size:13.5px}
.wp-table caption{text-align:left;font-weight:600;padding:4px 0}
.wp-table th,.wp-table td{border:1px solid var(--wh-line);padding:5px 8px;text-align:left;vertical-align:top}
.wp-table td:first-child{min-width:6.5em}
.wp-table th{background:#f7f9fb;font-weight:600;white-space:nowrap}
.wp-table td.wp-right{text-align:right;white-space:nowrap}
.wp-table td.wp-missing{color:#8a96a3}
.wp-table td.wp-warning,.wp-table td.wp-suspect{background:#fdf6ea}
.wp-table td.wp-corrected{background:#eef4fa}
.wp-sources{border-top:1px solid var(--wh-line);margin-top:12px;padding-top:8px}
.wp-sources summary{cursor:pointer;font-weight:600}
.wp-sources ol{padding-left:28px;margin:6px 0}.wp-sources li{margin:5px 0}
.wp-source{border:0;background:none;color:var(--wh-blue);cursor:pointer;padding:0;font:inherit;text-align:left}
.wp-chart{width:100%;height:330px;background:#fff;border:1px solid var(--wh-line);border-radius:8px;padding:8px}
.wp-charts{display:flex;flex-direction:column;gap:10px;width:100%}
.wp-line{margin:0 0 6px;line-height:1.85}
.wp-line mark{border-radius:3px;padding:1px 0;cursor:pointer;color:inherit;background:#fff0c2}
.wp-line mark.wp-high{background:#fbd9d6}.wp-line mark.wp-medium{background:#fde8c8}
.wp-line mark.wp-low{background:#eef1c9}.wp-line mark.wp-own{background:#dcecfb}
.wp-line mark.wp-now{outline:2px solid var(--wh-blue)}
.wp-filters{display:grid!important;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:8px;align-items:center}
.wp-panels{background:transparent;width:100%}.wp-panels .q-tab-panel{padding:8px 0;align-items:stretch}
.wp-drop .q-uploader__list,.wp-drop .q-uploader__subtitle{display:none}.wp-drop{min-height:64px}
.wp-drop .q-uploader__header-content{padding:12px}
.wp-tabs{width:100%;border-bottom:1px solid var(--wh-line)}
.wp-fields{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:8px 10px;width:100%}
.wp-fields .q-field__messages{line-height:1.4}.wp-fields .q-field__bottom{padding:3px 4px 0;min-height:0}
.wp-dialog{max-width:680px;width:92vw;max-height:86vh;overflow:auto;flex-wrap:nowrap}
.wp-remark{font-size:12px;color:#8a5200;white-space:normal;font-weight:400}
.wp-quotecell{min-width:260px}.wh-paneled .wp-quotecell{min-width:150px}.wh-paneled .wp-aside{display:none}
.wp-around b{background:var(--wh-mark);font-weight:600}
.wp-right{text-align:right}
.wp-clamp{display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden;min-width:110px}
.wp-toggle .q-btn{padding:3px 12px}
.wp-item,.wp-step{border-top:1px solid var(--wh-line);padding:5px 0}
.wp-row{border-left:3px solid var(--wh-tint)}.wp-fields .wp-long{grid-column:1/-1}
.wp-steptext{border-left:3px solid transparent;padding-left:10px}.wp-busy{border-left-color:#b26a00}
.wp-editor{border:1px solid #9aa7b4;border-radius:6px;background:#fff;height:auto!important;min-height:5.5em}
.wp-editor .cm-editor{min-height:5.5em}.wp-editor .cm-focused{outline:none}
.wp-item:first-child,.wp-step:first-child{border-top:0}
.wp-editor .cm-content{font-family:var(--wh-font);font-size:14px;line-height:1.8;white-space:pre-wrap}
.wp-editor .cm-gutters{display:none}
.wp-unheld{text-decoration:underline wavy #b3261e 1.5px;text-underline-offset:3px;background:#fdecea}
.wp-paper ins{background:#e3f2e9;text-decoration:none}.wp-paper del{background:#fbe4e2;color:#962018}
.wp-diff{padding:2px 0 2px 10px;border-left:3px solid var(--wh-line);margin:4px 0}
.wp-live{white-space:pre-wrap;color:var(--wh-soft);min-height:1.6em}
.wp-finding{border-top:1px solid var(--wh-line);padding:8px 0;display:flex;flex-direction:column;gap:3px}
.wp-two{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:12px;width:100%;align-items:start}
.wp-tall{max-height:calc(100vh - 190px);overflow:auto}
@media (max-width:1023px){.wp-two{grid-template-columns:minmax(0,1fr)}.wp-tall{max-height:56vh}}
@media (max-width:599px){.wp-chart{height:280px}.wp-filters{grid-template-columns:repeat(2,minmax(0,1fr))}}
"""


def safe(html: str) -> str:
    """HTML with only the tags that this module makes; a second lock behind the escaping."""
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=set(), link_rel=None)


@dataclass(slots=True)
class Page:
    """A document as HTML, in one go or piece by piece: labels and numbers of sources go on from piece to piece."""

    _labels: Labels = field(default_factory=Labels)
    _number: dict[Citation, int] = field(default_factory=dict)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sources so far; the place in this tuple + 1 is the mark [n]."""
        return tuple(self._number)

    def title(self, checked: Checked) -> str:
        """Title, and what the document lacks."""
        told = presenting.caveat(checked.document)
        lacks = f'<p class="wp-caveat">{escape(told)}</p>' if told else ""
        return f'<h2 class="wp-title">{escape(clean(checked.document.title))}</h2>{lacks}'

    def add(self, checked: Checked) -> Iterator[str | Chart]:
        """The blocks of a document, or of the next piece of it; runs of text as one piece of HTML."""
        self.count(checked.document.sources)
        text: list[str] = []
        for block in checked.document.blocks:
            if isinstance(block, Chart):
                if text:
                    yield "".join(text)
                text = []
                yield block
            else:
                text.append(self._block(block))
        if text:
            yield "".join(text)

    def count(self, citations: Iterable[Citation]) -> None:
        """Give sources the next numbers."""
        for citation in citations:
            self._number.setdefault(citation, len(self._number) + 1)

    def run_on(self, sentences: Sequence[Sentence]) -> str:
        """Sentences as one paragraph; their sources are numbered already."""
        return f'<p class="wp-p">{"".join(marked(piece(one, self._number)) for one in sentences)}</p>'

    def sources(self) -> str:
        """All sources that were marked, with the exact sentences; folded up."""
        if not self._number:
            return ""
        rows = "".join(
            f'<li><button type="button" class="wp-source" data-n="{n}">{escape(where)}</button>'
            f'<div class="wh-quote">{escape(quote)}</div></li>'
            for n, (where, quote) in enumerate(map(source_lines, self._number), 1)
        )
        head = f"资料来源（{len(self._number)}条）"
        return f'<details class="wp-sources"><summary>{head}</summary><ol>{rows}</ol></details>'

    def _block(self, block: Block) -> str:
        match block:
            case Heading():
                level, label = self._labels.next(block)
                tag = f"h{min(level + 2, 5)}"
                return f"<{tag}>{escape(label)}{escape(clean(block.text))}</{tag}>"
            case Paragraph(sentences, listed):
                groups: Iterable[Sequence[Piece]] = (
                    items(sentences, self._number)
                    if listed
                    else (tuple(piece(one, self._number) for one in sentences),)
                )
                return "".join(f'<p class="wp-p">{"".join(map(marked, group))}</p>' for group in groups)
            case Table():
                return self.table(block)
        raise AssertionError("charts are drawn, not written")

    def table(self, table: Table) -> str:
        """A table with its notes."""
        numeric = [
            all(is_number(c.text) or c.status for c in column) for column in zip(*table.rows, strict=False)
        ]
        head = "".join(f'<th scope="col">{escape(clean(text))}</th>' for text in table.header)
        body = "".join(
            "<tr>"
            + "".join(
                f'<td class="{_cell_class(cell.status, right=numeric[at])}">{marked(cell_piece(cell, self._number))}</td>'
                for at, cell in enumerate(row)
            )
            + "</tr>"
            for row in table.rows
        )
        warned = any(cell.status == "warning" for row in table.rows for cell in row)
        notes = [f'<p class="wp-note">{escape(presenting.WARNED)}</p>'] if warned else []
        notes += [f'<p class="wp-note">注：{marked(piece(note, self._number))}</p>' for note in table.notes]
        caption = f"<caption>{escape(clean(table.caption))}</caption>"
        return (
            f'<div class="wp-scroll"><table class="wp-table">{caption}<thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>{''.join(notes)}"
        )


def _cell_class(status: str, *, right: bool) -> str:
    return " ".join(filter(None, ("wp-right" if right else "", f"wp-{status}" if status else "")))


def marked(one: Piece) -> str:
    """A piece of text with its marks as buttons."""
    marks = "".join(
        f'<button type="button" class="wh-cite" data-n="{n}" aria-label="打开来源{n}">[{n}]</button>'
        for n in dict.fromkeys(one.marks)
    )
    return f"{gaps(one.text)}{marks}{escape(one.end)}"


def gaps(text: str) -> str:
    """Escaped text in which 【待补：…】 stands out."""
    found, at = [], 0
    for gap in presenting.GAP.finditer(text):
        found.append(f'{escape(text[at : gap.start()])}<span class="wp-gap">{escape(gap[0])}</span>')
        at = gap.end()
    return "".join((*found, escape(text[at:])))


# -- stretches of a text ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text that is set apart: ``kind`` becomes its class, ``number`` what a click tells."""

    span: Span
    kind: str
    number: int


def underlined(text: str, stretches: Iterable[Stretch]) -> str:
    """A text, line by line, with stretches set apart; of overlapping ones the later one begins where the first ends.

    The beginning of each stretch can be reached as ``place-N``.
    """
    cuts = sorted(
        (s for s in stretches if 0 <= s.span.start < s.span.end <= len(text)),
        key=lambda s: (s.span.start, -s.span.end),
    )
    found: list[str] = []
    at = 0
    for one in cuts:
        found.append(escape(text[at : max(at, one.span.start)]))
        at = max(at, one.span.start)
        found.append(f'<span id="place-{one.number}"></span>')
        for n, line in enumerate(text[at : one.span.end].split("\n") if at < one.span.end else ()):
            found.append("\n" if n else "")
            found.append(
                f'<mark class="wp-{one.kind}" data-n="{one.number}">{escape(line)}</mark>' if line else ""
            )
        at = max(at, one.span.end)
    found.append(escape(text[at:]))
    lines = "".join(found).split("\n")
    return "".join(f'<p class="wp-line">{line}</p>' if line.strip() else "" for line in lines)


# -- charts -----------------------------------------------------------------------------------------


def chart_options(chart: Chart) -> dict[str, Any]:
    """The options of ECharts for a chart of stated values; a gap stays a gap."""
    several = len(chart.series) > 1
    return {
        "color": list(CHART_COLOURS),
        "title": {
            "text": clean(chart.caption),
            "left": 0,
            "top": 0,
            "padding": 2,
            "textStyle": {"fontSize": 14, "fontWeight": 600},
        },
        "tooltip": {"trigger": "axis", "confine": True},
        "legend": {"top": 26, "left": 0, "type": "scroll", "show": several},
        "grid": {"left": 8, "right": 20, "top": 86 if several else 62, "bottom": 8, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": [clean(name) for name in chart.categories],
            "axisLabel": {"interval": 0, "hideOverlap": True},
        },
        "yAxis": {
            "type": "value",
            "name": clean(chart.unit),
            "nameTextStyle": {"align": "right"},
            "scale": chart.kind == "line",
        },
        "series": [
            {
                "name": clean(series.name),
                "type": chart.kind,
                "data": [None if value is None else float(value) for value in series.values],
                "connectNulls": False,
                "symbolSize": 9,
                "barMaxWidth": 36,
                "label": {"show": not several, "position": "top"},
            }
            for series in chart.series
        ],
        "aria": {"enabled": True},
        "animation": False,
    }


# -- on the page ------------------------------------------------------------------------------------

Opened = Callable[[Citation], Any]
# What of a click goes to the server: the number of the mark that was hit, nothing for a click elsewhere.
HIT = '(e) => { const hit = e.target.closest("[data-n]"); if (hit) emit(Number(hit.dataset.n)); }'


def printed(html: str, on_hit: Callable[[int], Any]) -> Any:
    """HTML of this module as an element; ``on_hit`` is called with the number of a mark."""
    from nicegui import ui

    element = ui.html(html, sanitize=safe).classes("wp-paper")
    element.on("click", lambda event: on_hit(int(event.args)), js_handler=HIT)
    return element


def show(page: Page, checked: Checked, opened: Opened) -> None:
    """Put the blocks of a document on the page; ``opened`` is called with the citation of a mark."""
    for block in page.add(checked):
        if isinstance(block, str):
            printed(block, lambda n: opened(page.citations[n - 1]))
        else:
            draw(block, opened)


def draw(chart: Chart, opened: Opened) -> None:
    """Put a chart on the page; a click on a point opens its source."""
    from nicegui import ui

    def point(event: Any) -> Any:
        sources = chart.series[event.series_index].citations[event.data_index]
        return opened(sources[0]) if sources else None

    ui.echart(chart_options(chart), on_point_click=point).classes("wp-chart")


def opener(seat: Seat) -> Opened:
    """Opens a citation: a sentence of a report in the panel, a row of an input in a word over the page."""
    from nicegui import ui

    async def show_source(citation: Citation) -> None:
        if citation.typed:
            where = " ".join(citation.path)
            ui.notify(clean(f"{where}：{citation.quote}"), position="top", timeout=8000, close_button="关闭")
        else:
            await seat.open_source(citation.report_id, citation.start, citation.end)

    return seat.doing(show_source)


def show_whole(checked: Checked, opened: Opened) -> Page:
    """A whole document: title, blocks, sources."""
    page = Page()
    printed(page.title(checked), lambda n: None)
    show(page, checked, opened)
    if told := page.sources():
        printed(told, lambda n: opened(page.citations[n - 1]))
    return page
