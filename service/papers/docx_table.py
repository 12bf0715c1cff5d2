"""Tables of Word files: a grid inside the type area, whose first row comes back on each page.

In: widths, heads and cells as paragraphs. Out: the table; no row is parted by the end of a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from service.papers import docx_styles as styles
from service.papers.docx_xml import Element, flag, node, paragraph, run
from service.papers.presenting import clean


def table(
    widths: Sequence[int], header: Sequence[str], rows: Iterable[Sequence[Element]], *, small: bool = False
) -> Element:
    """A table of columns of ``widths`` twips; ``rows`` are paragraphs, one a cell."""
    heads = (paragraph(styles.HEAD, run(clean(text), *size(small=small))) for text in header)
    return node(
        "w:tbl",
        None,
        node(
            "w:tblPr",
            None,
            node("w:tblStyle", {"w:val": styles.TABLE}),
            node("w:tblW", {"w:w": sum(widths), "w:type": "dxa"}),
            node("w:jc", {"w:val": "center"}),
            node("w:tblLayout", {"w:type": "fixed"}),
        ),
        node("w:tblGrid", None, *(node("w:gridCol", {"w:w": width}) for width in widths)),
        _row(widths, heads, flag("w:tblHeader")),
        *(_row(widths, row) for row in rows),
    )


def size(*, small: bool) -> tuple[Element, ...]:
    """Properties of the runs of a table of many columns; () where its style says all."""
    return (node("w:sz", {"w:val": 18}), node("w:szCs", {"w:val": 18})) if small else ()


def _row(widths: Sequence[int], cells: Iterable[Element], *more: Element) -> Element:
    made = node("w:tr", None, node("w:trPr", None, flag("w:cantSplit"), *more))
    for cell, width in zip(cells, widths, strict=True):
        shape = (node("w:tcW", {"w:w": width, "w:type": "dxa"}), node("w:vAlign", {"w:val": "center"}))
        made.append(node("w:tc", None, node("w:tcPr", None, *shape), cell))
    return made
