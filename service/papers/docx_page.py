"""The page of GB/T 9704-2012: size, margins, grid, page numbers, and how a long title is broken (梯形).

In: nothing, or a title. Out: section properties in twips and the paragraphs of the footers. A wide table gets a
page on its side, with the same margins turned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations, pairwise
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
MOST_LINES = 4  # of a title; a longer one is left to Word
STEP = 3.0  # characters by which a line of a title is shorter than the one above
_WHOLE = re.compile(  # no line ends inside
    r"((?:19|20)\d\d(?:—(?:19|20)\d\d)?年?(?:上半年|下半年|度)?"
    r"|工作(?:总结|计划|要点|打算|情况|报告)|存在(?:的?主要)?的?问题|下一步"
    r"|卫生(?:健康|和计划生育)(?:委员会|局|委)|人民政府|基本公共卫生服务)"
)


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
    """A title of more than one line broken between words, each line a little shorter than the one above (梯形)."""
    lines = ceil(width_of(title) / TITLE_CHARACTERS)
    if not 1 < lines <= MOST_LINES:
        return title
    words = _words(title)
    for count in range(lines, MOST_LINES + 1):
        broken = _broken(words, count)
        if broken:
            return "\n".join(broken)
    return title


def _broken(words: list[str], lines: int) -> tuple[str, ...]:
    """The words on so many lines, of all ways the one nearest to a trapezoid; () where none fits the page."""
    ways = (
        tuple("".join(words[a:b]) for a, b in pairwise((0, *ends, len(words))))
        for ends in combinations(range(1, len(words)), lines - 1)
    )
    fitting = [way for way in ways if all(width_of(line) <= TITLE_CHARACTERS for line in way)]
    return min(fitting, key=_unlike_a_trapezoid, default=())


def _unlike_a_trapezoid(lines: tuple[str, ...]) -> float:
    """How far the lines are from each being STEP characters shorter than the one above."""
    steps = [width_of(above) - width_of(below) - STEP for above, below in pairwise(lines)]
    return sum(step**2 for step in steps)


def _words(title: str) -> list[str]:
    """The words of a title; marks stay with what they open or close; years and set terms whole."""
    words: list[str] = []
    for part in _WHOLE.split(title):
        for word in (part,) if _WHOLE.fullmatch(part) else map(str, rjieba.cut(part)):
            closes = word[:1] in CLOSERS or word[:1] in "、，：；。"
            if words and word and (closes or words[-1][-1:] in OPENERS):
                words[-1] += word
            elif word:
                words.append(word)
    return words


def width_of(text: str) -> float:
    """Width in Chinese characters: a digit is half of one."""
    return sum(0.5 if char.isascii() else 1 for char in text)
