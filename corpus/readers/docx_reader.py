"""docx → text: the body in order, as Word shows it.

In: the bytes of a docx. Out: paragraphs with the numbers that Word makes itself, headings with
their level, tables as rows with header, text boxes after their paragraph, footnotes at the end.
Left out: headers and footers, deleted text (修订), hidden text, comments, tables of contents, pinyin
guides (ruby). Inserted text is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import docx
from docx.opc.exceptions import OpcError
from lxml import etree

from corpus.errors import UnreadableFile
from corpus.readers import container, tables
from corpus.readers.guard import Limits
from corpus.readers.numbering import Numbering, W, is_on, value
from corpus.readers.parsed import Line, Parsed, join
from corpus.readers.styles import Styles
from corpus.report import BlockKind

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_GONE = frozenset(
    W + name for name in ("del", "moveFrom", "delText", "instrText", "rt", "pPr", "rPr", "sdtPr", "tblPr")
)
_SIGNS = {W + "tab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
_MAX_SPAN = 300
_SAFE = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def parse(data: bytes, limits: Limits) -> Parsed:
    """Read a docx.

    Raises:
        UnreadableFile: broken, hostile, or another kind of Office file.
    """
    container.check(data, limits)
    try:
        package = docx.Document(BytesIO(data)).part
    except (OpcError, KeyError, ValueError, etree.XMLSyntaxError, AttributeError) as error:
        raise _translated(error) from error
    root = package.element
    if root.tag.startswith(_STRICT):
        raise UnreadableFile("这是“严格 Open XML”格式的 docx", remedy="请在 Word 中另存为普通 docx")
    parts = {
        relation.reltype.rsplit("/", 1)[-1]: etree.fromstring(relation.target_part.blob, _SAFE)
        for relation in package.rels.values()
        if not relation.is_external and relation.reltype.endswith(("/numbering", "/styles", "/footnotes"))
    }
    body = root.find(W + "body")
    if body is None:
        raise UnreadableFile("docx 里没有正文", remedy="请用 Word 或 WPS 打开后另存为 docx")
    reader = _Body(parts)
    lines = [*reader.blocks(body), *reader.notes(parts.get("footnotes"))]
    return join(lines, warnings=reader.warnings())


def _translated(error: Exception) -> UnreadableFile:
    """What python-docx says, for the user."""
    if "content type" in str(error):
        kind = "启用宏的文档或模板" if "macro" in str(error) or "template" in str(error) else "别种文件"
        return UnreadableFile(f"内容类型不是 Word 文档（{kind}）", remedy="请用 Word 打开后另存为 docx")
    return UnreadableFile(
        f"docx 已损坏（{type(error).__name__}）", remedy="请重新下载，或用 Word 或 WPS 修复后另存为 docx"
    )


class _Body:
    """Walks the body once; numbering counters and notes grow on the way."""

    def __init__(self, parts: dict[str, etree._Element]) -> None:
        self._styles = Styles(parts.get("styles"))
        self._numbering = Numbering(parts.get("numbering"), self._styles.numbering_lists())
        self._boxes: list[etree._Element] = []
        self._notes: list[str] = []
        self._carried = ""
        self._hidden = 0

    def warnings(self) -> list[str]:
        """What was left out and could matter."""
        return [f"有 {self._hidden} 处隐藏文字未读入"] if self._hidden else []

    def blocks(self, parent: etree._Element) -> Iterator[Line]:
        """Lines of a body, a cell or a text box."""
        for child in parent.iterchildren(tag=etree.Element):
            if child.tag == W + "p":
                yield from self._paragraph(child)
            elif child.tag == W + "tbl":
                yield from self._rest()
                yield from self._table(child)
            elif child.tag == _MC + "AlternateContent":
                yield from self.blocks(_shown(child))
            elif child.tag in _GONE or _is_contents(child):
                continue
            elif child.tag in (W + "sdt", W + "sdtContent", W + "ins", W + "moveTo", W + "customXml"):
                yield from self.blocks(child)

        yield from self._rest()

    def _rest(self) -> Iterator[Line]:
        """Text whose paragraph end is deleted, where no paragraph follows to take it."""
        text, self._carried = self._carried, ""
        yield Line(text)

    def notes(self, part: etree._Element | None) -> Iterator[Line]:
        """The footnotes that the body refers to, in order."""
        texts = {} if part is None else {note.get(W + "id"): note for note in part}
        for number, name in enumerate(self._notes, 1):
            if name in texts:
                words = "".join(line.text for line in self.blocks(texts[name])).strip()
                yield Line(f"注{number}：{words}")

    def _paragraph(self, element: etree._Element) -> Iterator[Line]:
        """One paragraph with its number, then the text boxes that hang on it."""
        properties = element.find(W + "pPr")
        style = "" if properties is None else value(properties, "pStyle")
        text = self._carried + "".join(self._runs(element))
        self._carried = ""
        if properties is not None and properties.find(f"{W}rPr/{W}del") is not None:
            self._carried = text  # its end is deleted: the next paragraph goes on
        elif text.strip() and not self._styles.is_contents(style):
            label = self._label(properties, style)
            level = self._styles.heading_level(properties, style)
            kind = BlockKind.PARAGRAPH if label is None else BlockKind.LIST_ITEM
            kind = BlockKind.HEADING if level is not None else kind
            yield Line(numbered(label or "", text.strip()), kind, level or 0)
        boxes, self._boxes = self._boxes, []
        for box in boxes:
            yield from self.blocks(box)

    def _label(self, properties: etree._Element | None, style: str) -> str | None:
        """The automatic number, "" for a bullet, None for a paragraph of no list."""
        num, level = self._styles.numbering(properties, style)
        if not num or num == "0":
            return None
        at = self._numbering.level_of_style(num, style) if level is None else level
        return self._numbering.label(num, at)

    def _runs(self, parent: etree._Element) -> Iterator[str]:
        """Text of a paragraph as it is shown."""
        for child in parent.iterchildren(tag=etree.Element):
            tag = child.tag
            if tag in (W + "t", _MATH_TEXT):
                yield child.text or ""
            elif tag in _SIGNS:
                yield _SIGNS[tag]
            elif tag == W + "sym":
                yield _symbol(child)
            elif tag == W + "footnoteReference":
                self._notes.append(child.get(W + "id", ""))
            elif tag == W + "txbxContent":
                self._boxes.append(child)
            elif tag == _MC + "AlternateContent":
                yield from self._runs(_shown(child))
            elif tag == W + "r" and is_on(child.find(f"{W}rPr/{W}vanish")):
                self._hidden += 1
            elif tag not in _GONE:
                yield from self._runs(child)

    def _table(self, table: etree._Element) -> Iterator[Line]:
        """Rows with their header; a table of one column or one row is layout and gives plain lines."""
        rows = [row for row in _within(table, W + "tr") if row.find(f"{W}trPr/{W}del") is None]
        if len(rows) == 1 or all(len(list(_within(row, W + "tc"))) == 1 for row in rows):
            for row in rows:
                for cell in _within(row, W + "tc"):
                    yield from self.blocks(cell)
            return
        marked = 0
        while marked < len(rows) and is_on(rows[marked].find(f"{W}trPr/{W}tblHeader")):
            marked += 1
        yield from tables.render(self._cells(rows), header_rows=marked).lines

    def _cells(self, rows: list[etree._Element]) -> list[tables.Cell]:
        """Cells with their place; vertically merged ones become one."""
        cells: list[tables.Cell] = []
        open_above: dict[int, int] = {}  # column → index of the merged cell that goes on
        for number, row in enumerate(rows):
            column = _span(row, "trPr", "gridBefore")
            for element in _within(row, W + "tc"):
                wide = max(1, _span(element, "tcPr", "gridSpan"))
                merge = element.find(f"{W}tcPr/{W}vMerge")
                goes_on = merge is not None and merge.get(W + "val") != "restart" and column in open_above
                if goes_on:
                    above = cells[open_above[column]]
                    cells[open_above[column]] = tables.Cell(
                        above.row, column, above.text, number - above.row + 1, above.columns
                    )
                else:
                    text = "\n".join(line.text for line in self.blocks(element))
                    cells.append(tables.Cell(number, column, text, 1, wide))
                    open_above.pop(column, None)
                    if merge is not None:
                        open_above[column] = len(cells) - 1
                column += wide
        return cells


def numbered(label: str, text: str) -> str:
    """Label and text as one line, with a space only where "1." before "2017年" would read as 1.2017."""
    if not label:
        return text
    apart = label[-1].isascii() and (label[-1].isalnum() or (label[-1] == "." and text[:1].isdigit()))
    return f"{label} {text}" if apart else label + text


def _within(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Rows of a table or cells of a row, also inside content controls and insertions."""
    for child in parent.iterchildren(tag=etree.Element):
        if child.tag == tag:
            yield child
        elif child.tag in (W + "sdt", W + "sdtContent", W + "ins", W + "customXml"):
            yield from _within(child, tag)


def _span(element: etree._Element, properties: str, name: str) -> int:
    """A grid count of a row or cell, bounded."""
    found = element.find(f"{W}{properties}/{W}{name}")
    text = "" if found is None else found.get(W + "val", "")
    return min(int(text), _MAX_SPAN) if text.isdecimal() and len(text) < 6 else 0


def _shown(alternate: etree._Element) -> etree._Element:
    """The first of the alternatives: all hold the same content."""
    choice = alternate.find(_MC + "Choice")
    fallback = alternate.find(_MC + "Fallback")
    found = choice if choice is not None else fallback
    return found if found is not None else etree.Element("empty")


def _is_contents(element: etree._Element) -> bool:
    """Whether a content control is a table of contents: it would repeat every heading."""
    gallery = element.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    return gallery is not None and "Contents" in gallery.get(W + "val", "")


def _symbol(element: etree._Element) -> str:
    """A character of a symbol font; those of the private range are no text."""
    code = element.get(W + "char", "")
    if not re.fullmatch(r"[0-9A-Fa-f]{1,5}", code) or 0xD800 <= int(code, 16) <= 0xF8FF:
        return ""
    return chr(int(code, 16))
