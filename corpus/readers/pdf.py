"""PDF → text: the text layer page by page, tables as rows.

In: the bytes. Out: lines as they stand on the page (joining them is :mod:`corpus.repair`'s work),
pages under one another, without running headers, footers and page numbers. Where a page has ruling
lines, the tables that they draw are rendered as rows with header in place of their flat text:
pdfplumber finds the cells, PDFium gives the characters. Only these rows are blocks: a line of a
page may be any part of a paragraph.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.errors import UnreadableFile
from corpus.readers import running_lines, tables
from corpus.readers.guard import Limits
from corpus.readers.parsed import Line, Parsed, join
from corpus.report import BlockKind

_PASSWORD = 4  # FPDF_ERR_PASSWORD
_MIN_RULES, _MAX_RULES = 3, 5000  # path objects of a page that may draw tables
_TILT = 20  # degrees
_FEW = 15  # characters of a page; a scan may carry a stamp or a page number
_UNREADABLE = 0.2  # share of characters without meaning
_OCR = "请先做文字识别（OCR）再导入"
_SOFT_HYPHENS = dict.fromkeys((0x2, 0xAD, 0xFFFE, 0xFFFF, 0), None)

Box = tuple[float, float, float, float]  # x0, top, x1, bottom, from the upper left corner


@dataclass(frozen=True, slots=True)
class _Glyph:
    """One character of PDFium's text, the middle of its box, and whether it is shown upright."""

    text: str
    x: float
    y: float
    upright: bool


@dataclass(frozen=True, slots=True)
class _Page:
    """Lines of one page; a table stands as one entry at its place."""

    parts: tuple[str | tuple[tables.Cell, ...], ...]
    has_image: bool


def parse(data: bytes, limits: Limits) -> Parsed:
    """Read a PDF.

    Raises:
        UnreadableFile: encrypted, broken, scanned, or of too many pages.
    """
    document = _open(data)
    try:
        count = len(document)
        if count > limits.pages:
            raise UnreadableFile(f"PDF 有 {count} 页，超过上限 {limits.pages} 页", remedy="请拆分后重试")
        finder = _TableFinder(data)
        pages = [_page(document, index, finder) for index in range(count)]
    except pypdfium2.PdfiumError as error:
        raise UnreadableFile(f"PDF 已损坏（{error}）", remedy="请重新下载或重新导出") from error
    finally:
        document.close()
    warnings = [*_check_text_layer(pages), *finder.warnings()]
    parsed = join(_lines(pages), warnings=warnings)
    rows = tuple(block for block in parsed.blocks if block.kind is BlockKind.TABLE_ROW)
    return replace(parsed, blocks=rows)  # a line of a page is no paragraph


def _open(data: bytes) -> pypdfium2.PdfDocument:
    """Open, or say why not."""
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD:
            raise UnreadableFile("PDF 已加密", remedy="请输入密码打开后，另存为不加密的 PDF") from error
        raise UnreadableFile("PDF 已损坏，无法打开", remedy="请重新下载或重新导出") from error


def _page(document: pypdfium2.PdfDocument, index: int, finder: _TableFinder) -> _Page:
    """Text and tables of one page."""
    page = document[index]
    layer = page.get_textpage()
    rules = islice(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]), _MAX_RULES)
    found = finder.tables(index) if _MIN_RULES <= sum(1 for _ in rules) < _MAX_RULES else ()
    glyphs = list(_glyphs(page, layer)) if found else []
    found = tuple(table for table in found if _is_upright(table[0], glyphs))
    parts = _parts(glyphs, found) if found else _clean(layer.get_text_bounded()).split("\n")
    image = next(iter(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])), None)
    made = _Page(tuple(parts), image is not None)
    layer.close()
    page.close()
    return made


def _clean(text: str) -> str:
    """PDFium's line ends as newlines; its marks of hyphenation dropped."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_SOFT_HYPHENS)


class _TableFinder:
    """pdfplumber, opened only when a page has ruling lines."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._pages: list[Any] | None = None
        self._failed: list[int] = []

    def tables(self, index: int) -> tuple[tuple[Box, tuple[Box, ...]], ...]:
        """Box and cells of each table of two columns and two rows or more, from the top down."""
        try:
            page = self._opened()[index]
            found = [(table.bbox, tuple(table.cells)) for table in page.find_tables()]
            page.close()  # frees what it cached
        except Exception:  # pdfminer raises all kinds on odd files; the flat text remains
            self._failed.append(index + 1)
            return ()
        real = (t for t in found if all(len({cell[i] for cell in t[1]}) > 1 for i in (0, 1)))
        return tuple(sorted(real, key=lambda t: (t[0][1], t[0][0])))

    def _opened(self) -> list[Any]:
        """All pages as pdfplumber sees them."""
        if self._pages is None:
            import pdfplumber  # slow to import, and most files have no tables

            self._pages = pdfplumber.open(BytesIO(self._data)).pages
        return self._pages

    def warnings(self) -> list[str]:
        """Pages whose tables were not looked for."""
        pages = "、".join(map(str, self._failed))
        return [f"第 {pages} 页的表格未能识别，按文字读入"] if pages else []


def _glyphs(page: pypdfium2.PdfPage, layer: pypdfium2.PdfTextPage) -> Iterator[_Glyph]:
    """The characters of a page with their place as pdfplumber counts it."""
    x0, y0, x1, y1 = page.get_mediabox()
    turn, index = page.get_rotation(), 0
    units = [pdfium.FPDFText_GetUnicode(layer, i) for i in range(layer.count_chars())]
    while index < len(units):
        unit, at = units[index], index
        index += 1
        if 0xD800 <= unit < 0xDC00 and index < len(units):  # two UTF-16 units of one character
            unit = 0x10000 + ((unit - 0xD800) << 10) + (units[index] - 0xDC00)
            index += 1
        left, bottom, right, top = layer.get_charbox(at, loose=True)
        x, y = (left + right) / 2, (bottom + top) / 2
        across, down = {
            90: (y - y0, x - x0),
            180: (x1 - x, y - y0),
            270: (y1 - y, x1 - x),
        }.get(turn, (x - x0, y1 - y))
        angle = math.degrees(pdfium.FPDFText_GetCharAngle(layer, at))
        upright = abs((angle + turn + 180) % 360 - 180) < _TILT
        yield _Glyph(chr(unit) if 0 < unit < 0x110000 else "", across, down, upright)


def _inside(glyph: _Glyph, box: Box) -> bool:
    """Whether the middle of a character lies in a box."""
    return box[0] <= glyph.x <= box[2] and box[1] <= glyph.y <= box[3]


def _is_upright(box: Box, glyphs: Sequence[_Glyph]) -> bool:
    """Whether the words of a table stand upright; in one that lies on its side rows are columns."""
    inside = [glyph.upright for glyph in glyphs if _inside(glyph, box) and glyph.text.strip()]
    return 2 * sum(inside) > len(inside)


def _parts(
    glyphs: Sequence[_Glyph], found: Sequence[tuple[Box, tuple[Box, ...]]]
) -> Iterator[str | tuple[tables.Cell, ...]]:
    """Lines of a page; each table stands where its first character stood."""
    flat: list[str] = []
    inside: dict[int, list[_Glyph]] = {}
    for glyph in glyphs:
        number = next((i for i, (box, _) in enumerate(found) if _inside(glyph, box)), None)
        if number is None:
            flat.append(glyph.text)
        elif number in inside:
            inside[number].append(glyph)
        elif glyph.text.strip():
            inside[number] = [glyph]
            flat.append(f"\n\0{number}\n")
    for line in "".join(flat).replace("\r", "").split("\n"):
        if line.startswith("\0"):
            number = int(line[1:])
            yield _cells(found[number][1], inside[number])
        else:
            yield _clean(line)


def _cells(boxes: Sequence[Box], glyphs: Sequence[_Glyph]) -> tuple[tables.Cell, ...]:
    """Cells with their place in the grid of all edges, and the characters in them."""
    columns, rows = _edges(boxes, 0), _edges(boxes, 1)
    cells = []
    for box in boxes:
        text = _clean("".join(g.text for g in glyphs if _inside(g, box)))
        column, row = _nearest(columns, box[0]), _nearest(rows, box[1])
        wide, high = _nearest(columns, box[2]) - column, _nearest(rows, box[3]) - row
        cells.append(tables.Cell(row, column, _unwrapped(text), high, wide))
    return tuple(cells)


def _edges(boxes: Sequence[Box], axis: int) -> list[float]:
    """Edges of the grid on one axis; edges closer than 3 points are one."""
    edges: list[float] = []
    for edge in sorted({box[i] for box in boxes for i in (axis, axis + 2)}):
        if not edges or edge - edges[-1] > 3:
            edges.append(edge)
    return edges


def _nearest(edges: Sequence[float], at: float) -> int:
    """Index of the nearest edge."""
    return min(range(len(edges)), key=lambda i: abs(edges[i] - at))


def _unwrapped(text: str) -> str:
    """A cell's wrapped lines as one: Chinese needs no space between them."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    out = ""
    for line in lines:
        gap = " " if out and out[-1].isascii() and out[-1].isalpha() and line[0].isascii() else ""
        out += gap + line
    return out


def _check_text_layer(pages: Sequence[_Page]) -> list[str]:
    """Name scans; warn of single scanned pages and of fonts that say nothing.

    Raises:
        UnreadableFile: no page has text.
    """
    texts = [_text_of(page) for page in pages]
    bare = [number for number, text in enumerate(texts, 1) if len(text) <= _FEW]
    if not any(texts) or (len(bare) == len(pages) and any(page.has_image for page in pages)):
        kind = "扫描件：只有图像" if any(page.has_image for page in pages) else "没有文字层"
        raise UnreadableFile(f"{kind}，读不到文字", remedy=_OCR)
    warnings = []
    scanned = "、".join(str(n) for n in bare if pages[n - 1].has_image)
    if scanned:
        warnings.append(f"第 {scanned} 页是扫描图像，没有读入；{_OCR}")
    whole = "".join(texts)
    odd = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" for c in whole)
    if odd > _UNREADABLE * len(whole):
        warnings.append(f"字体缺少文字编码，{odd} 个字符无法识别；请换用原始文档，或做文字识别（OCR）")
    return warnings


def _text_of(page: _Page) -> str:
    """All characters of a page but white space."""
    words = (part if isinstance(part, str) else "".join(cell.text for cell in part) for part in page.parts)
    return "".join("".join(words).split())


def _lines(pages: Sequence[_Page]) -> Iterator[Line]:
    """Lines of all pages without running lines; tables that go on share their header."""
    flat = [[part if isinstance(part, str) else "" for part in page.parts] for page in pages]
    header: tuple[str, ...] = ()
    for page, running in zip(pages, running_lines.find(flat), strict=True):
        for index, part in enumerate(page.parts):
            if isinstance(part, str):
                if part.strip() and index not in running:
                    header = ()
                    yield Line(part)
            else:
                rendered = tables.render(part, above=header)
                header = rendered.header
                yield from rendered.lines
