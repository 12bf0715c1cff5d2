"""The page of GB/T 9704-2012: size, margins, grid, page numbers, and how a long title is broken.

In: nothing, or a title. Out: section properties in twips and the paragraphs of the footers. A wide table gets a
page on its side, with the same margins turned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import ceil

import rjieba

from corpus.han import CLOSERS, OPENERS
from service.papers.docx_styles import LINE, PAGE
from service.papers.docx_xml import Element, node, run

WIDTH, HEIGHT = 11906, 16838  # A4
TOP, RIGHT, BOTTOM, LEFT = 2098, 1474, 1984, 1588  # 37, 26, 35, 28 mm
TEXT_WIDTH, TEXT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
FOOTER = 1304  # 23 mm: the number stands 7 mm below the type area
TITLE_CHARACTERS = 19  # of 22 pt in a line, which holds 20; one is left for wider substitute fonts
_YEARS = re.compile(r"((?:19|20)\d\d(?:—(?:19|20)\d\d)?年?(?:上半年|下半年|度)?)")  # no line ends inside


def section(*, footers: Mapping[str, str], sideways: bool = False) -> Element:
    """Properties of a section; ``footers`` leads from default and even to the ids of their parts."""
    top, right, bottom, left = (LEFT, TOP, RIGHT, BOTTOM) if sideways else (TOP, RIGHT, BOTTOM, LEFT)
    width, height = (HEIGHT, WIDTH) if sideways else (WIDTH, HEIGHT)
    size: dict[str, str | int] = {"w:w": width, "w:h": height}
    if sideways:
        size["w:orient"] = "landscape"
    margins: dict[str, str | int] = {
        "w:top": top, "w:right": right, "w:bottom": bottom, "w:left": left,
        "w:header": 851, "w:footer": min(FOOTER, bottom - 600), "w:gutter": 0,
    }  # fmt: skip
    return node(
        "w:sectPr",
        None,
        *(node("w:footerReference", {"w:type": kind, "r:id": part}) for kind, part in footers.items()),
        node("w:type", {"w:val": "nextPage"}),
        node("w:pgSz", size),
        node("w:pgMar", margins),
        node("w:cols", {"w:space": 425}),
        node("w:docGrid", {"w:type": "lines", "w:linePitch": LINE}),
    )


def page_number(*, even: bool) -> Element:
    """— 1 —, one character in from the outer edge: odd pages right, even pages left."""
    side = "w:left" if even else "w:right"
    field = [
        node("w:r", None, node("w:fldChar", {"w:fldCharType": kind})) for kind in ("begin", "separate", "end")
    ]
    code = node("w:r", None, node("w:instrText", {"xml:space": "preserve"}))
    code[0].text = " PAGE "
    return node(
        "w:p",
        None,
        node(
            "w:pPr",
            None,
            node("w:pStyle", {"w:val": PAGE}),
            node("w:ind", {f"{side}Chars": 100, side: 280}),
            node("w:jc", {"w:val": "left" if even else "right"}),
        ),
        run("— "),
        field[0],
        code,
        field[1],
        run("1"),
        field[2],
        run(" —"),
    )


def wrapped(title: str) -> str:
    """A title of more than one line broken between words, the lines of about one length."""
    lines = ceil(width_of(title) / TITLE_CHARACTERS)
    if lines < 2:
        return title
    words = _words(title)
    broken: list[str] = []
    while len(broken) < lines - 1:
        room = min(TITLE_CHARACTERS, ceil(width_of("".join(words)) / (lines - len(broken))) + 1)
        line = ""
        while words and width_of(line + words[0]) <= room:
            line += words.pop(0)
        if not line:  # one word longer than a line
            return title
        broken.append(line)
    return "\n".join((*broken, "".join(words))).rstrip("\n")


def _words(title: str) -> list[str]:
    """The words of a title; marks stay with what they open or close, years whole."""
    words: list[str] = []
    for part in _YEARS.split(title):
        for word in (part,) if _YEARS.fullmatch(part) else map(str, rjieba.cut(part)):
            closes = word[:1] in CLOSERS or word[:1] in "、，：；。"
            if words and word and (closes or words[-1][-1:] in OPENERS):
                words[-1] += word
            elif word:
                words.append(word)
    return words


def width_of(text: str) -> float:
    """Width in Chinese characters: a digit is half of one."""
    return sum(0.5 if char.isascii() else 1 for char in text)
