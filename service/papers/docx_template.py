"""Paragraphs of ours in the styles of a user's template.

In: the paragraph in which a placeholder stands, the styles of the template, and elements made by
:mod:`service.papers.docx_body`. Out: the same elements as the template would set them: the text like the placeholder,
headings and tables in the template's styles of that name where it has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

from docx.oxml.ns import qn

from service.papers import docx_styles as ours
from service.papers.docx_page import TEXT_WIDTH
from service.papers.docx_styles import fonts
from service.papers.docx_xml import Element, node

_P, _T, _TC, _SECTION, _NUMBERED = (qn(f"w:{tag}") for tag in ("p", "t", "tc", "sectPr", "numPr"))
_HAN = "一二三四"
# names that a template may give to a style of ours, in lower case
_CALLED = {
    **{
        style: (f"{_HAN[n]}级标题", f"heading {n + 1}", f"标题 {n + 1}", f"标题{n + 1}")
        for n, style in enumerate(ours.LEVELS)
    },
    ours.CAPTION: ("表题图题", "caption", "题注"),
    ours.HEAD: ("表头",),
    ours.CELL: ("表内文字",),
    ours.NOTE: ("表注",),
}
_TABLES = ("公文表格", "table grid", "网格型")
_FONTS = {ours.LEVELS[0]: ours.HEI, ours.LEVELS[1]: ours.KAI, ours.HEAD: ours.HEI, ours.CAPTION: ours.HEI}
_MIDDLE = (ours.CAPTION, ours.HEAD)
_TABULAR = (ours.CAPTION, ours.HEAD, ours.CELL, ours.NOTE)


def paragraphs(root: Element) -> Iterator[Element]:
    """All paragraphs, those in tables and text boxes too."""
    yield from root.iter(_P)


def own_text(paragraph: Element) -> str:
    """The text of a paragraph without that of text boxes in it."""
    return "".join(t.text or "" for t in own_texts(paragraph))


def own_texts(paragraph: Element) -> list[Element]:
    """The elements that hold the text of a paragraph itself."""
    return [t for t in paragraph.iter(_T) if next(t.iterancestors(_P)) is paragraph]


def alone(paragraph: Element, text: str) -> None:
    """Make ``text`` all that a paragraph says; the end of a section in it moves to a paragraph behind."""
    first, *rest = own_texts(paragraph)
    first.text = text
    for one in rest:
        one.text = ""
    properties = paragraph.pPr
    end = None if properties is None else properties.find(_SECTION)
    if end is not None:
        paragraph.addnext(node("w:p", None, node("w:pPr", None, end)))


def width_at(paragraph: Element, section: Any) -> int:
    """The twips that a table has where a paragraph stands."""
    cell = next(paragraph.iterancestors(_TC), None)
    stated = None if cell is None else cell.find(f"{qn('w:tcPr')}/{qn('w:tcW')}")
    if stated is not None and stated.get(qn("w:type")) == "dxa":
        return max(1440, int(stated.get(qn("w:w"))) - 216)
    edges = (section.page_width, section.left_margin, section.right_margin)
    if None in edges:
        return TEXT_WIDTH
    whole, left, right = (int(length.twips) for length in edges)
    return max(1440, whole - left - right)


class Dressing:
    """Sets elements of ours as a template would: ``sample`` is the paragraph of the placeholder."""

    def __init__(self, styles: Element, sample: Element) -> None:
        self._style = {
            (one.get(qn("w:type")), one.name_val.lower()): one
            for one in styles.style_lst
            if one.name_val is not None
        }
        self._by_id = {one.styleId: one for one in styles.style_lst}
        self._paragraph = sample.pPr
        run = own_texts(sample)[0].getparent()
        self._run = run.rPr

    def numbered(self, level: int) -> bool:
        """Whether the template's headings of a level (0 is the first) number themselves."""
        style = self._named("paragraph", _CALLED[ours.LEVELS[level]])
        for _ in range(10):  # a style rests on another, never on a long chain
            if style is None:
                return False
            if style.find(f"{qn('w:pPr')}/{_NUMBERED}") is not None:
                return True
            style = self._by_id.get(style.basedOn_val)
        return False

    def dressed(self, elements: Iterable[Element]) -> list[Element]:
        """The elements, changed in place."""
        made = list(elements)
        for element in made:
            for one in element.iter(_P):
                self._dress(one)
            if element.tag == qn("w:tbl"):
                self._dress_table(element)
        return made

    def _named(self, kind: str, names: Iterable[str]) -> Element | None:
        return next((self._style[kind, name] for name in names if (kind, name) in self._style), None)

    def _dress(self, paragraph: Element) -> None:
        ident = paragraph.pPr.pStyle.val
        justified = paragraph.pPr.find(qn("w:jc"))
        style = self._named("paragraph", _CALLED.get(ident, ()))
        if style is not None:
            paragraph.pPr.pStyle.val = style.styleId
            return
        paragraph.remove(paragraph.pPr)
        properties = node("w:pPr") if self._paragraph is None else deepcopy(self._paragraph)
        paragraph.insert(0, properties)
        if ident in _TABULAR:
            _unindent(properties)
            if justified is None and ident in _MIDDLE:
                justified = node("w:jc", {"w:val": "center"})
            if justified is not None:
                properties.get_or_add_jc().set(qn("w:val"), justified.get(qn("w:val")))
        for run in paragraph.iter(qn("w:r")):
            self._dress_run(run, _FONTS.get(ident))

    def _dress_run(self, run: Element, font: str | None) -> None:
        """The letters of the placeholder; a heading without a style of its own in the font of its level."""
        own = run.rPr
        properties = node("w:rPr") if self._run is None else deepcopy(self._run)
        if font:
            found = properties.find(qn("w:rFonts"))
            if found is not None:
                properties.remove(found)
            properties.insert(0 if properties.find(qn("w:rStyle")) is None else 1, fonts(font))
        if own is not None:
            run.remove(own)
        run.insert(0, properties)

    def _dress_table(self, table: Element) -> None:
        style = self._named("table", _TABLES)
        properties = table.tblPr
        if style is not None:
            properties.find(qn("w:tblStyle")).set(qn("w:val"), style.styleId)
            return
        properties.remove(properties.find(qn("w:tblStyle")))
        sides = ("top", "left", "bottom", "right", "insideH", "insideV")
        line: dict[str, str | int] = {"w:val": "single", "w:sz": 4, "w:space": 0, "w:color": "auto"}
        borders = node("w:tblBorders", None, *(node(f"w:{side}", line) for side in sides))
        properties.find(qn("w:tblLayout")).addprevious(borders)


def _unindent(properties: Element) -> None:
    """Without indents and numbers: the text of a table stands at the edge of its cell."""
    for tag in ("w:ind", "w:numPr"):
        found = properties.find(qn(tag))
        if found is not None:
            properties.remove(found)
    indent = properties.get_or_add_ind()
    for name in ("w:firstLineChars", "w:firstLine"):
        indent.set(qn(name), "0")
