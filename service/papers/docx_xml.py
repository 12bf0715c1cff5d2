"""The pieces of WordprocessingML that a document is made of.

In: text and styles. Out: elements for python-docx's tree. Every run says that its quotation marks and dashes
are Chinese (``w:hint="eastAsia"``), else Word sets “” and — in a Latin font, half as wide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from service.papers.presenting import Piece, ranges

Element = Any  # lxml's element with python-docx's classes


def node(tag: str, attributes: Mapping[str, str | int] | None = None, *children: Element | None) -> Element:
    """An element such as ``node("w:jc", {"w:val": "center"})``; a None among the children is left out."""
    made = OxmlElement(tag)
    for name, value in (attributes or {}).items():
        made.set(qn(name) if ":" in name else name, str(value))
    for child in children:
        if child is not None:
            made.append(child)
    return made


def flag(tag: str, *, on: bool = True) -> Element:
    """A switch such as ``w:keepNext``."""
    return node(tag) if on else node(tag, {"w:val": "0"})


def run(text: str, *properties: Element, raised: bool = False) -> Element:
    """A run of text; ``raised`` sets it above the line."""
    shape = node("w:vertAlign", {"w:val": "superscript"}) if raised else None
    made = node(
        "w:r", None, node("w:rPr", None, node("w:rFonts", {"w:hint": "eastAsia"}), *properties, shape)
    )
    for index, line in enumerate(text.split("\n")):
        if index:
            made.append(node("w:br"))
        content = node("w:t", {"xml:space": "preserve"})
        content.text = line
        made.append(content)
    return made


def paragraph(style: str, *content: Element, properties: Iterable[Element] = ()) -> Element:
    """A paragraph of a style (its id)."""
    return node("w:p", None, node("w:pPr", None, node("w:pStyle", {"w:val": style}), *properties), *content)


def marks(numbers: Iterable[int], *, raised: bool = True) -> list[Element]:
    """Marks that lead to their sources: [1][3—5]."""
    made: list[Element] = []
    for first, last in ranges(numbers):
        ends = [f"[{first}]"] if first == last else [f"[{first}", f"—{last}]"]
        for text, number in zip(ends, (first, last), strict=False):
            link = {"w:anchor": anchor(number), "w:history": "1"}
            made.append(node("w:hyperlink", link, run(text, raised=raised)))
    return made


def anchor(number: int) -> str:
    """Name of the bookmark of a source."""
    return f"source{number}"


def bookmark(number: int, *content: Element) -> list[Element]:
    """The content as the place that the marks of a source lead to."""
    start = node("w:bookmarkStart", {"w:id": number, "w:name": anchor(number)})
    return [start, *content, node("w:bookmarkEnd", {"w:id": number})]


def spelled(piece: Piece) -> list[Element]:
    """A sentence with its marks and its full stop."""
    made = [run(piece.text)] if piece.text else []
    made += marks(piece.marks)
    if piece.end:
        made.append(run(piece.end))
    return made
