"""A native Word chart: it can be edited, since its numbers are in a workbook inside the file.

In: a :class:`~service.papers.document.Chart` and the package that it goes into. Out: the paragraph with the drawing;
the package gets a chart part with cached values and an embedded workbook. No picture is made, so no font is
needed here. A gap stays a gap: its point is left out, never drawn as zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from service.arithmetic import plain
from service.papers.document import Chart, Series
from service.papers.docx_styles import FANG, FIGURE
from service.papers.docx_xml import Element, node, paragraph
from service.papers.presenting import clean

WIDTH, HEIGHT = 5_400_000, 2_900_000  # EMU: 150 × 81 mm
SHEET = "数据"
MOST_LABELS = 24  # points up to which each shows its value
# Told apart in print too: line styles, markers and grey values differ.
_LOOKS = (
    ("1F4E79", "solid", "circle"), ("C55A11", "dash", "square"), ("548235", "sysDot", "triangle"),
    ("7F7F7F", "dashDot", "diamond"), ("7030A0", "lgDash", "x"), ("BF9000", "solid", "star"),
)  # fmt: skip
_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"


def drawing(chart: Chart, host: Any, number: int) -> Element:
    """The paragraph that shows a chart; ``host`` is the document part, ``number`` counts the charts."""
    package = host.package
    book = Part(PackURI(f"/word/embeddings/chart{number}.xlsx"), _XLSX, _workbook(chart), package)
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), _CHART, b"", package)
    part._blob = _chart_xml(chart, part.relate_to(book, RT.PACKAGE)).encode()
    name = quoteattr(f"图{number} {clean(chart.caption)}")
    inline = parse_xml(
        f'<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f'<wp:inline xmlns:wp="{_WP}" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{WIDTH}" cy="{HEIGHT}"/><wp:docPr id="{number}" name="图{number}" descr={name}/>'
        f'<wp:cNvGraphicFramePr/><a:graphic xmlns:a="{_A}"><a:graphicData uri="{_C}">'
        f'<c:chart xmlns:c="{_C}" xmlns:r="{_R}" r:id="{host.relate_to(part, RT.CHART)}"/>'
        f"</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    return paragraph(FIGURE, node("w:r", None, inline))


def _workbook(chart: Chart) -> bytes:
    """The numbers of a chart: categories down, series across."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = SHEET
    for column, series in enumerate(chart.series, 2):
        sheet.cell(1, column, clean(series.name)).data_type = "s"
        for row, value in enumerate(series.values, 2):
            sheet.cell(row, column, value)
    for row, category in enumerate(chart.categories, 2):
        sheet.cell(row, 1, clean(category)).data_type = "s"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _chart_xml(chart: Chart, book: str) -> str:
    """The chart part."""
    line = chart.kind == "line"
    labels = len(chart.categories) * len(chart.series) <= MOST_LABELS
    body = "".join(
        _series(chart, series, index, line=line, labels=labels) for index, series in enumerate(chart.series)
    )
    if line:
        plot = f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{body}<c:marker val="1"/>'
        plot += '<c:axId val="1"/><c:axId val="2"/></c:lineChart>'
    else:
        plot = f'<c:barChart><c:barDir val="col"/><c:grouping val="clustered"/><c:varyColors val="0"/>{body}'
        plot += '<c:gapWidth val="80"/><c:axId val="1"/><c:axId val="2"/></c:barChart>'
    legend = (
        '<c:legend><c:legendPos val="b"/><c:overlay val="0"/></c:legend>' if len(chart.series) > 1 else ""
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<c:chartSpace xmlns:c="{_C}" xmlns:a="{_A}" xmlns:r="{_R}"><c:date1904 val="0"/><c:lang val="zh-CN"/>'
        f'<c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>{plot}'
        f'{_axes(chart.unit)}</c:plotArea>{legend}<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        f"<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>{_text(1050)}"
        f'<c:externalData r:id="{book}"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    )


def _series(chart: Chart, series: Series, index: int, *, line: bool, labels: bool) -> str:
    colour, dash, marker = _LOOKS[index % len(_LOOKS)]
    fill = f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
    if line:
        look = f'<c:spPr><a:ln w="25400">{fill}<a:prstDash val="{dash}"/></a:ln></c:spPr>'
        look += f'<c:marker><c:symbol val="{marker}"/><c:size val="7"/><c:spPr>{fill}</c:spPr></c:marker>'
    else:
        look = f'<c:spPr>{fill}</c:spPr><c:invertIfNegative val="0"/>'
    column, last = get_column_letter(index + 2), len(chart.categories) + 1
    smooth = '<c:smooth val="0"/>' if line else ""
    names = "".join(_point(i, escape(clean(category))) for i, category in enumerate(chart.categories))
    return (
        f'<c:ser><c:idx val="{index}"/><c:order val="{index}"/><c:tx><c:strRef><c:f>{SHEET}!${column}$1</c:f>'
        f'<c:strCache><c:ptCount val="1"/>{_point(0, escape(clean(series.name)))}</c:strCache></c:strRef></c:tx>{look}'
        f"{_labels('t' if line else 'outEnd') if labels else ''}"
        f"<c:cat><c:strRef><c:f>{SHEET}!$A$2:$A${last}</c:f><c:strCache>"
        f'<c:ptCount val="{len(chart.categories)}"/>{names}</c:strCache></c:strRef></c:cat>'
        f"<c:val><c:numRef><c:f>{SHEET}!${column}$2:${column}${last}</c:f><c:numCache><c:formatCode>General"
        f'</c:formatCode><c:ptCount val="{len(series.values)}"/>{"".join(_points(series))}</c:numCache></c:numRef></c:val>'
        f"{smooth}</c:ser>"
    )


def _points(series: Series) -> Iterator[str]:
    for index, value in enumerate(series.values):
        if value is not None:
            yield _point(index, plain(value))


def _point(index: int, value: str) -> str:
    return f'<c:pt idx="{index}"><c:v>{value}</c:v></c:pt>'


def _labels(place: str) -> str:
    shown = ("showLegendKey", "showVal", "showCatName", "showSerName", "showPercent", "showBubbleSize")
    return (
        f'<c:dLbls>{_text(900)}<c:dLblPos val="{place}"/>'
        + "".join(f'<c:{s} val="{int(s == "showVal")}"/>' for s in shown)
        + "</c:dLbls>"
    )


def _axes(unit: str) -> str:
    title = ""
    if unit:
        said = f'<a:r><a:rPr lang="zh-CN" sz="1050" b="0"/><a:t>{escape(clean(unit))}</a:t></a:r>'
        title = '<c:title><c:tx><c:rich><a:bodyPr rot="0" vert="horz"/><a:p><a:pPr><a:defRPr b="0"/></a:pPr>'
        title += f'{said}</a:p></c:rich></c:tx><c:overlay val="0"/></c:title>'
    grid = '<c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="D9D9D9"/></a:solidFill></a:ln></c:spPr></c:majorGridlines>'
    common = '<c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/>'
    format_ = '<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="out"/><c:minorTickMark val="none"/>'
    return (
        f'<c:catAx><c:axId val="1"/>{common}<c:axPos val="b"/>{format_}<c:tickLblPos val="low"/><c:crossAx val="2"/>'
        '<c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/><c:lblOffset val="100"/></c:catAx>'
        f'<c:valAx><c:axId val="2"/>{common}<c:axPos val="l"/>{grid}{title}{format_}<c:tickLblPos val="nextTo"/>'
        '<c:crossAx val="1"/><c:crosses val="autoZero"/><c:crossBetween val="between"/></c:valAx>'
    )


def _text(size: int) -> str:
    """Text properties; ``size`` in hundredths of a point."""
    face = f'<a:latin typeface="{FANG}"/><a:ea typeface="{FANG}"/>'
    return f'<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="{size}">{face}</a:defRPr></a:pPr><a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
