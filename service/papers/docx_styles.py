"""Styles, fonts and settings of a Word file as GB/T 9704-2012 lays a text out (公文格式).

In: nothing. Out: the parts styles.xml, fontTable.xml and settings.xml. The styles have Chinese names, so that
people can go on editing; each sets all four font slots and none refers to a theme, else Word falls back to
its own fonts. The fonts are licensed and never shipped: each has a declared fallback that Windows brings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.papers.docx_xml import Element, flag, node

SONG_TITLE, FANG, KAI, HEI, SONG = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"
FALLBACKS = {SONG_TITLE: "华文中宋", FANG: "仿宋", KAI: "楷体", HEI: "SimHei", SONG: "SimSun"}
LINE = 579  # twips: 28.95 pt, 22 lines in 225 mm
# 28 characters of 16 pt are wider than 156 mm: each stands 0.25 pt closer. A grid of characters would do
# the same in Word alone; LibreOffice gives every character two cells of it.
TIGHT = -5
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

# ids of the styles
BODY, TITLE, CAPTION, CELL, HEAD, NOTE = (
    "Body",
    "DocumentTitle",
    "TableCaption",
    "TableText",
    "TableHead",
    "TableNote",
)
SOURCE, SIGNED, PAGE, REMARK, SOURCES, FIGURE = (
    "Source", "Signature", "PageNumber", "Remark", "SourcesTitle", "Figure",
)  # fmt: skip
LEVELS = ("Level1", "Level2", "Level3", "Level4")
TABLE = "DocumentTable"


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style; sizes in half points, ``line`` the exact line in twips, 0 the text's own height.

    ``indent`` is the indent of the first line in characters, ``outline`` the level in the outline.
    """

    id: str
    name: str
    font: str
    size: int = 32
    line: int = LINE
    align: str = "both"
    indent: int = 0
    outline: int | None = None
    before: int = 0
    after: int = 0
    keep: bool = False  # with the next paragraph
    hanging: int = 0  # twips
    grid: bool = True  # 28 characters a line and 22 lines a page
    next: str = ""


STYLES = (
    Style(TITLE, "公文标题", SONG_TITLE, 44, 700, "center", after=LINE, keep=True, grid=False, next=BODY),
    Style(BODY, "公文正文", FANG, indent=2),
    Style(LEVELS[0], "一级标题", HEI, indent=2, outline=0, keep=True, next=BODY),
    Style(LEVELS[1], "二级标题", KAI, indent=2, outline=1, keep=True, next=BODY),
    Style(LEVELS[2], "三级标题", FANG, indent=2, outline=2, keep=True, next=BODY),
    Style(LEVELS[3], "四级标题", FANG, indent=2, outline=3, keep=True, next=BODY),
    Style(REMARK, "说明", KAI, indent=2),
    Style(CAPTION, "表题图题", HEI, 24, 0, "center", before=160, after=80, keep=True, grid=False),
    Style(HEAD, "表头", HEI, 21, 0, "center", grid=False, keep=True),
    Style(CELL, "表内文字", FANG, 21, 0, "left", grid=False),
    Style(FIGURE, "图", FANG, 24, 0, "center", before=120, keep=True, grid=False),
    Style(NOTE, "表注", FANG, 21, 320, "both", before=40, grid=False),
    Style(SOURCES, "资料来源", HEI, 32, LINE, "left", before=LINE, keep=True, next=SOURCE, outline=0),
    Style(SOURCE, "出处", FANG, 21, 340, "both", grid=False, hanging=480, after=60),
    Style(SIGNED, "署名和日期", FANG, align="right"),
    Style(PAGE, "页码", SONG, 28, 0, grid=False),
)


def styles(more: Iterable[Style] = (), *, whole_numbers: bool = False) -> Element:
    """The whole of styles.xml with ``more`` styles.

    ``whole_numbers`` parts no number at the end of a line: LibreOffice does so where digits are said to be Chinese,
    Word never. No style has widow control: it would leave pages of 20 or 21 lines, and 22 are asked for.
    """
    made = node("w:styles", None, _defaults("en-US" if whole_numbers else "zh-CN"))
    made.append(
        node(
            "w:style",
            {"w:type": "paragraph", "w:default": "1", "w:styleId": "Normal"},
            node("w:name", {"w:val": "Normal"}),
            node("w:qFormat"),
            _letters(FANG, 32),
        )
    )
    made.append(
        node(
            "w:style",
            {"w:type": "character", "w:default": "1", "w:styleId": "DefaultParagraphFont"},
            node("w:name", {"w:val": "Default Paragraph Font"}),
            node("w:uiPriority", {"w:val": "1"}),
            node("w:semiHidden"),
        )
    )
    made.append(_normal_table())
    made.append(_table())
    for style in (*STYLES, *more):
        made.append(_style(style))
    return made


def fonts(font: str) -> Element:
    """One font in all four slots."""
    slots = ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs")
    return node("w:rFonts", {"w:hint": "eastAsia"} | dict.fromkeys(slots, font))


def _letters(font: str, size: int, *more: Element, tight: int = 0) -> Element:
    """Properties of a run: font, distance of the characters in twips, size in half points."""
    distance = node("w:spacing", {"w:val": tight}) if tight else None
    sizes = (node("w:sz", {"w:val": size}), node("w:szCs", {"w:val": size}))
    return node("w:rPr", None, fonts(font), distance, *sizes, *more)


def _defaults(digits: str) -> Element:
    language = node("w:lang", {"w:val": digits, "w:eastAsia": "zh-CN", "w:bidi": "ar-SA"})
    return node(
        "w:docDefaults",
        None,
        node("w:rPrDefault", None, _letters(FANG, 32, language)),
        node("w:pPrDefault"),
    )


def _style(style: Style) -> Element:
    rule = "exact" if style.line else "auto"
    spacing: dict[str, str | int] = {
        "w:before": style.before,
        "w:after": style.after,
        "w:line": style.line or 240,
        "w:lineRule": rule,
    }
    indent: dict[str, str | int] = {}
    if style.indent:
        indent = {"w:firstLineChars": style.indent * 100, "w:firstLine": style.indent * style.size * 10}
    elif style.hanging:
        indent = {"w:left": style.hanging, "w:hanging": style.hanging}
    return node(
        "w:style",
        {"w:type": "paragraph", "w:customStyle": "1", "w:styleId": style.id},
        node("w:name", {"w:val": style.name}),
        node("w:basedOn", {"w:val": "Normal"}),
        node("w:next", {"w:val": style.next}) if style.next else None,
        node("w:qFormat"),
        node(
            "w:pPr",
            None,
            flag("w:keepNext") if style.keep else None,
            flag("w:keepLines") if style.keep else None,
            flag("w:widowControl", on=False),
            flag("w:autoSpaceDE", on=False),
            flag("w:autoSpaceDN", on=False),
            flag("w:snapToGrid", on=False) if not style.grid else None,
            node("w:spacing", spacing),
            node("w:ind", indent) if indent else None,
            node("w:jc", {"w:val": style.align}),
            node("w:outlineLvl", {"w:val": style.outline}) if style.outline is not None else None,
        ),
        _letters(style.font, style.size, tight=TIGHT if style.grid and style.size == 32 else 0),
    )  # fmt: skip


def _normal_table() -> Element:
    """The table style that every table style rests on."""
    margins = {"w:top": 0, "w:left": 108, "w:bottom": 0, "w:right": 108}
    return node(
        "w:style",
        {"w:type": "table", "w:default": "1", "w:styleId": "TableNormal"},
        node("w:name", {"w:val": "Normal Table"}),
        node("w:uiPriority", {"w:val": "99"}),
        node("w:semiHidden"),
        node("w:tblPr", None, node("w:tblInd", {"w:w": 0, "w:type": "dxa"}), _margins(margins)),
    )


def _table() -> Element:
    """公文表格: thin lines everywhere."""
    sides = ("w:top", "w:left", "w:bottom", "w:right", "w:insideH", "w:insideV")
    line: dict[str, str | int] = {"w:val": "single", "w:sz": 4, "w:space": 0, "w:color": "auto"}
    margins = {"w:top": 28, "w:left": 57, "w:bottom": 28, "w:right": 57}
    return node(
        "w:style",
        {"w:type": "table", "w:customStyle": "1", "w:styleId": TABLE},
        node("w:name", {"w:val": "公文表格"}),
        node("w:basedOn", {"w:val": "TableNormal"}),
        node("w:tblPr", None, node("w:tblBorders", None, *(node(s, line) for s in sides)), _margins(margins)),
    )


def _margins(widths: dict[str, int]) -> Element:
    return node(
        "w:tblCellMar", None, *(node(side, {"w:w": w, "w:type": "dxa"}) for side, w in widths.items())
    )


def font_table() -> bytes:
    """fontTable.xml: each font with the one that stands in for it where it is not installed."""
    entries = "".join(
        f'<w:font w:name="{font}"><w:altName w:val="{other}"/><w:charset w:val="86"/><w:family w:val="auto"/>'
        '<w:pitch w:val="variable"/></w:font>'
        for font, other in FALLBACKS.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return f'{head}<w:fonts xmlns:w="{_W}">{entries}</w:fonts>'.encode()


def settings() -> Element:
    """The whole of settings.xml: odd and even pages differ, Chinese throughout, no compatibility mode."""
    word = "http://schemas.microsoft.com/office/word"
    mode = {"w:name": "compatibilityMode", "w:uri": word, "w:val": "15"}
    return node(
        "w:settings",
        None,
        node("w:zoom", {"w:percent": 100}),
        node("w:defaultTabStop", {"w:val": 640}),
        flag("w:evenAndOddHeaders"),
        node("w:drawingGridVerticalSpacing", {"w:val": LINE}),
        node("w:characterSpacingControl", {"w:val": "doNotCompress"}),
        node("w:compat", None, node("w:compatSetting", mode)),
        node("w:themeFontLang", {"w:val": "zh-CN", "w:eastAsia": "zh-CN"}),
        node("w:decimalSymbol", {"w:val": "."}),
        node("w:listSeparator", {"w:val": ","}),
    )
