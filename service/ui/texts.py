"""A report's text as HTML that holds nothing but text (正文).

In: a report, or the raw text of its file, and a span to mark. Out: escaped HTML with ``mark`` around the span,
headings in bold and damaged stretches underlined. Long reports are shown around the span only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import pairwise

from corpus.report import Report, Span
from service.raw import RawView

REACH = 20_000  # characters shown before and after the marked sentence
MARK_ID = "wh-source-mark"


def cleaned_html(report: Report, start: int = -1, end: int = -1, reach: int = REACH) -> str:
    """The cleaned text; nothing is marked where ``start`` is negative."""
    window = _window(report.text, start, end, reach)
    layers = [(section.heading, "wh-heading") for section in report.sections]
    layers += [(span, "wh-damaged") for span in report.damages]
    return _marked(report.text, window, layers, Span(start, end) if start >= 0 else None)


def raw_html(view: RawView, reach: int = REACH) -> str:
    """The text of the file before any repair."""
    window = _window(view.text, view.start, view.end, reach)
    return _marked(view.text, window, (), Span(view.start, view.end) if view.start >= 0 else None)


def _window(text: str, start: int, end: int, reach: int) -> Span:
    if start < 0:
        return Span(0, min(len(text), 2 * reach))
    return Span(max(0, start - reach), min(len(text), end + reach))


def _marked(text: str, window: Span, layers: Iterable[tuple[Span, str]], mark: Span | None) -> str:
    """Escaped pieces between all borders of layers and mark, each with the classes that hold there."""
    told = [(span, name) for span, name in layers if span.start < window.end and span.end > window.start]
    borders = {window.start, window.end}
    for span in (*(span for span, _ in told), *((mark,) if mark else ())):
        borders |= {min(max(at, window.start), window.end) for at in (span.start, span.end)}
    ordered = sorted(borders)
    pieces = list(_pieces(text, ordered, told, mark))
    before = "<span>……</span>\n" if window.start else ""
    after = "\n<span>……</span>" if window.end < len(text) else ""
    return before + "".join(pieces) + after


def _pieces(
    text: str, borders: list[int], layers: list[tuple[Span, str]], mark: Span | None
) -> Iterator[str]:
    first = True
    for start, end in pairwise(borders):
        names = " ".join(sorted({name for span, name in layers if span.start <= start and end <= span.end}))
        body = escape(text[start:end])
        if names:
            body = f'<span class="{names}">{body}</span>'
        if mark and mark.start <= start and end <= mark.end:
            name = f' id="{MARK_ID}"' if first else ""
            first = False
            body = f"<mark{name}>{body}</mark>"
        yield body
