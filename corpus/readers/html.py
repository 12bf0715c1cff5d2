"""Web page → text: the main article, its title first, tables as rows.

In: the bytes. Out: one line a block, headings and list items marked, numbers of ordered lists put
in front as the browser shows them. :mod:`article` chooses what is the document.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.errors import UnreadableFile
from corpus.readers import article, tables, text
from corpus.readers.guard import Limits
from corpus.readers.parsed import Line, Parsed, join
from corpus.report import BlockKind

_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.I)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "hz-gb-2312": "hz"}
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article blockquote body center dd div dl dt fieldset figcaption figure footer form h1 "
        "h2 h3 h4 h5 h6 header hr li main ol p pre section table tbody td tfoot th thead tr ul caption",
    )
)
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_SPACES = re.compile(r"[ \t\r\n\f]+")
_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_WRAPPED = re.compile(rf"(?<=[{_CJK}])[ \t]*[\r\n][ \t\r\n\f]*(?=[{_CJK}])")
_TITLE_TAIL = re.compile(r"\s*(?:_|\||\s[-—–]+\s|--).*$", re.S)
_BLANK = re.compile(r"[\s\u3000]+")
_MAX_BAD = 0.001  # share of bytes that may fail to decode
_MAX_SPAN = 200
_NEAR_TOP = 400  # characters in which a title must stand to count as there


def parse(data: bytes, _limits: Limits) -> Parsed:
    """Read a page.

    Raises:
        UnreadableFile: its encoding cannot be told, or nothing is left but decoration.
    """
    source, encoding, warnings = _decode(data)
    page = LexborHTMLParser(source)
    title = _title(page)
    lines = [line for node in article.find(page) for line in _lines(node)]
    if not any(line.text.strip() for line in lines):
        raise UnreadableFile(
            "网页里没有正文（可能要运行脚本才显示）", remedy="请在浏览器中打开，另存为完整网页或 pdf 后重试"
        )
    top = _BLANK.sub("", "".join(line.text for line in lines[:20]))[:_NEAR_TOP]
    if title and _BLANK.sub("", title) not in top:
        lines.insert(0, Line(title, BlockKind.HEADING, 1))
    return join(lines, warnings=warnings, encoding=encoding)


def _decode(data: bytes) -> tuple[str, str, list[str]]:
    """Text and encoding: byte-order mark, else what the page declares, else detection."""
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return (*text.decode(data, ""), [])
    match = _DECLARED.search(data[:4096])
    declared = match[1].decode("ascii").lower() if match else ""
    declared = _WIDER.get(declared, declared)
    try:
        return data.decode(declared or "utf-8"), codecs.lookup(declared or "utf-8").name, []
    except (UnicodeDecodeError, LookupError):
        pass
    try:
        return (*text.decode(data, ""), [])
    except UnreadableFile:
        return _leniently(data, declared or "utf-8")


def _leniently(data: bytes, encoding: str) -> tuple[str, str, list[str]]:
    """A few bad bytes stay visible as U+FFFD; many are an error."""
    try:
        source = data.decode(encoding, "replace")
    except LookupError:
        encoding = "utf-8"
        source = data.decode(encoding, "replace")
    bad = source.count("\ufffd")
    if bad > _MAX_BAD * len(data):
        raise UnreadableFile(
            f"网页编码有误，有 {bad} 处无法按 {encoding} 解码",
            remedy="请在浏览器中打开，另存为 UTF-8 网页后重试",
        )
    return source, encoding, [f"有 {bad} 处字节无法按 {encoding} 解码，已标为 \ufffd"]


def _title(page: LexborHTMLParser) -> str:
    """What the page calls the document: the official meta, the only h1, the share title, the tab title."""
    headings = [node for node in page.css("h1") if len(_plain(node)) >= 4]
    named = page.css_first("meta[name=ArticleTitle i]")
    shared = page.css_first("meta[property='og:title']")
    tab = page.css_first("title")
    candidates = (
        _attribute(named, "content"),
        _plain(headings[0]) if len(headings) == 1 else "",
        _attribute(shared, "content"),
        "" if tab is None else _TITLE_TAIL.sub("", _plain(tab)),
    )
    return next((title for title in candidates if title), "")


def _attribute(node: LexborNode | None, name: str) -> str:
    """An attribute on one line."""
    return "" if node is None else _SPACES.sub(" ", node.attributes.get(name) or "").strip()


def _plain(node: LexborNode) -> str:
    """All text of a node on one line."""
    return _SPACES.sub(" ", node.text(deep=True)).strip()


def _lines(root: LexborNode) -> Iterator[Line]:
    """Lines of a node, without recursion: pages nest as deep as they like."""
    pieces: list[str] = []
    kinds: list[Line] = [Line("")]  # the block that is open: its kind and level
    stack: list[LexborNode | Line | None] = [root]

    def flush() -> Line:
        line = Line(_tidy("".join(pieces)), kinds[-1].kind, kinds[-1].level)
        pieces.clear()
        return line

    while stack:
        node = stack.pop()
        if node is None:  # the end of a block
            yield flush()
            kinds.pop()
        elif isinstance(node, Line):
            pieces.append(node.text)
        elif node.is_text_node:
            pieces.append(_text_of(node))
        elif node.tag == "br":
            yield flush()
        elif node.tag == "table" and (cells := _data_cells(node)) is not None:
            yield flush()
            yield from tables.render(cells[0], header_rows=cells[1]).lines
        elif node.is_element_node and node.tag not in ("head", "title"):
            children = list(node.iter(include_text=True))
            if node.tag in _BLOCKS:
                yield flush()
                kinds.append(_opened(node, kinds[-1]))
                stack.append(None)
            stack += reversed(children)
            if node.tag == "li" and (label := _item_label(node)):
                stack.append(Line(label))
    yield flush()


def _text_of(node: LexborNode) -> str:
    """A text node with white space collapsed; wrapped Chinese lines joined without a space."""
    content = node.text_content or ""
    parent = node.parent
    if parent is not None and parent.tag == "pre":
        return content.replace("\r\n", "\n")
    return _SPACES.sub(" ", _WRAPPED.sub("", content))


def _tidy(line: str) -> str:
    """One line: no doubled blanks at the seams of text nodes."""
    return re.sub(r" {2,}", " ", line).strip(" \n")


def _opened(node: LexborNode, around: Line) -> Line:
    """Kind and level of a block that opens inside ``around``."""
    tag = node.tag or ""
    if tag in _HEADINGS:
        return Line("", BlockKind.HEADING, _HEADINGS[tag])
    if tag == "li":
        return Line("", BlockKind.LIST_ITEM)
    return around if tag in ("p", "div") else Line("")


def _item_label(item: LexborNode) -> str:
    """The number that the browser shows before an item of an ordered list."""
    parent = item.parent
    if parent is None or parent.tag != "ol":
        return ""
    start = parent.attributes.get("start") or "1"
    number = int(start) if re.fullmatch(r"\d{1,6}", start) else 1
    for sibling in parent.iter():
        own = sibling.attributes.get("value") or ""
        if sibling.tag == "li" and re.fullmatch(r"\d{1,6}", own):
            number = int(own)
        if sibling.mem_id == item.mem_id:
            break
        number += sibling.tag == "li"
    return f"{number}. " if _plain(item)[:1].isdigit() else f"{number}."


def _data_cells(table: LexborNode) -> tuple[list[tables.Cell], int] | None:
    """Cells and number of header rows of a table of data; None for a table that only lays out."""
    if len(table.css("table")) > 1:
        return None
    rows = [row for row in table.css("tr") if row.css_first("td, th") is not None]
    if len(rows) < 2 or max(len(row.css("td, th")) for row in rows) < 2:
        return None
    cells: list[tables.Cell] = []
    taken: set[tuple[int, int]] = set()
    for number, row in enumerate(rows):
        column = 0
        for node in row.css("td, th"):
            while (number, column) in taken:
                column += 1
            wide, high = _span(node, "colspan"), min(_span(node, "rowspan"), len(rows) - number)
            taken |= {(number + r, column + c) for r in range(1, high) for c in range(wide)}
            content = "\n".join(line.text for line in _lines(node) if line.text)
            cells.append(tables.Cell(number, column, content, high, wide))
            column += wide
    return cells, _header_rows(rows)


def _header_rows(rows: list[LexborNode]) -> int:
    """How many first rows the page marks as header (thead, or th throughout)."""
    count = 0
    for row in rows:
        in_head = row.parent is not None and row.parent.tag == "thead"
        if not in_head and row.css_first("td") is not None:
            break
        count += 1
    return count


def _span(node: LexborNode, name: str) -> int:
    """Value of colspan or rowspan, bounded."""
    written = node.attributes.get(name) or ""
    return max(1, min(int(written), _MAX_SPAN)) if re.fullmatch(r"\d{1,6}", written) else 1
