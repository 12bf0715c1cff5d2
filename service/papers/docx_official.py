"""红头, 主送机关, 附件说明, 署名, 成文日期 and 版记 as Word paragraphs (GB/T 9704-2012, 7.2 to 7.4).

In: :class:`~service.papers.official.Official`. Out: the elements before the title, between title and text, and after
the text, with the styles that they need. What is not given is not there, and takes no room.
"""

from __future__ import annotations

from datetime import date

from docx.oxml.ns import qn

from service.papers.docx_page import LEFT, TEXT_WIDTH, width_of
from service.papers.docx_styles import BODY, FANG, KAI, LINE, SIGNED, SONG_TITLE, Style, fonts
from service.papers.docx_xml import Element, flag, node, paragraph, run
from service.papers.official import Official, day_text

HEAD, NUMBER, ADDRESSEE, ATTACHMENT, CLOSING, LAST = (
    "OfficialHead", "OfficialNumber", "Addressee", "Attachment", "Closing", "Last",
)  # fmt: skip
STYLES = (
    Style(
        HEAD, "发文机关标志", SONG_TITLE, 124, 0, "center", before=1984, grid=False
    ),  # 35 mm below the margin
    Style(NUMBER, "发文字号", FANG, 32, LINE, "center", before=2 * LINE, grid=False),
    Style(ADDRESSEE, "主送机关", FANG, next=BODY),
    Style(ATTACHMENT, "附件说明", FANG, align="left"),
    Style(CLOSING, "版记", FANG, 28, 480, grid=False),
    Style(LAST, "文末", FANG, 2, 20, grid=False),  # holds the 版记; takes no line of the page
)
RED = "FF0000"
SIGNER = "签发人："
NO_DAY = "【待补：成文日期】"
MOST, LEAST = 124, 44  # half points of the 发文机关标志
CHARACTER, SMALL = 315, 280  # twips of a character of the text (16 pt, 0.25 pt closer), of the 版记 (14 pt)
THICK, THIN = 8, 6  # eighths of a point: 0.35 and 0.25 mm


def front(official: Official) -> list[Element]:
    """红头: the office in red, 发文字号, and a red rule 4 mm below as wide as the text."""
    lines = _numbers(official)
    if not official.head:
        return lines
    size = max(LEAST, min(MOST, round(TEXT_WIDTH / 10 * 0.97 / max(1.0, width_of(official.head)))))
    shape = (node("w:color", {"w:val": RED}), node("w:sz", {"w:val": size}), node("w:szCs", {"w:val": size}))
    rule: dict[str, str | int] = {"w:val": "single", "w:sz": 12, "w:space": 11, "w:color": RED}
    border = node("w:pBdr", None, node("w:bottom", rule))
    lines = lines or [paragraph(NUMBER, run(""))]
    # The order of the schema: style, border, then tabs, spacing and the rest.
    lines[-1].pPr.insert(1, border)
    return [paragraph(HEAD, run(official.head, *shape)), *lines]


def _numbers(official: Official) -> list[Element]:
    """发文字号 in the middle; with 签发人 one character in from the left, and the names on the right, two a line,
    the last of them beside it (GB/T 9704-2012, 7.2.6).
    """
    if not official.signers:
        return [paragraph(NUMBER, run(official.number))] if official.number else []
    names = [official.signers[at : at + 2] for at in range(0, len(official.signers), 2)]
    widest = max(width_of("　".join(some)) for some in names)
    start = TEXT_WIDTH - round((widest + 1) * CHARACTER)  # of the names, one character from the right
    stops = (start - round(width_of(SIGNER) * CHARACTER), start)
    made = []
    for at, some in enumerate(names):
        last = at == len(names) - 1
        number = [run(official.number)] if last else []
        label = [_tab(), run(SIGNER)] if at == 0 else [_tab(), _tab()]
        shape = [node("w:tabs", None, *(node("w:tab", {"w:val": "left", "w:pos": stop}) for stop in stops))]
        shape += [node("w:spacing", {"w:before": 0})] if at else []
        shape += [node("w:ind", {"w:firstLine": CHARACTER}), node("w:jc", {"w:val": "left"})]
        made.append(paragraph(NUMBER, *number, *label, _in_kai("　".join(some)), properties=shape))
    return made


def _tab() -> Element:
    return node("w:r", None, node("w:tab"))


def _in_kai(text: str) -> Element:
    """A run in 楷体, as the name of a 签发人 is set."""
    made = run(text)
    made.rPr.replace(made.rPr.rFonts, fonts(KAI))
    return made


def below_rule(title: Element) -> None:
    """Set the title two lines below what stands above it."""
    title.pPr.append(node("w:spacing", {"w:before": 2 * LINE}))


def addressee(official: Official) -> list[Element]:
    """主送机关: from the margin, with a colon."""
    return [paragraph(ADDRESSEE, run(f"{official.addressee}："))] if official.addressee else []


def end(official: Official, *, marked: bool = False) -> list[Element]:
    """附件说明, 署名 and 成文日期; ``marked`` where a date that is missing is to catch the eye."""
    return [
        *attachments(official.attachments),
        *signature(official.office, official.day, marked=marked),
    ]


def attachments(names: tuple[str, ...]) -> list[Element]:
    """附件说明: a line below the text, two characters in; what goes on lies below the name's first character."""
    if not names:
        return []
    made = [paragraph(BODY)]
    numbers = [f"{n}." if len(names) > 1 else "" for n in range(1, len(names) + 1)]
    column = 5 + max(map(width_of, numbers))
    for index, (number, name) in enumerate(zip(numbers, names, strict=True)):
        label = ("" if index else "附件：") + number
        back = width_of(label)
        indent = {"w:left": round(column * CHARACTER), "w:hanging": round(back * CHARACTER)}
        made.append(paragraph(ATTACHMENT, run(label + name), properties=[node("w:ind", indent)]))
    return made


def signature(office: str, day: date | None, *, marked: bool = False) -> list[Element]:
    """署名 and 成文日期: the date begins two characters right of the office, and ends two from the margin
    where it is the longer one (GB/T 9704-2012, 7.3.5.2). An office without a date is asked for it.
    """
    told = day_text(day)
    if not office and not told:
        return []
    told = told or NO_DAY
    office_width, day_width = width_of(office), width_of(told)
    office_right, day_right = 2.0, 2.0 + office_width - day_width - 2
    if day_right < 2:
        office_right, day_right = 2 + day_width + 2 - office_width, 2.0
    made = [paragraph(BODY)]
    if office:
        made.append(_signed(office, office_right))
    eye = [node("w:highlight", {"w:val": "yellow"})] if marked and day is None else []
    made.append(_signed(told, day_right if office else 2.0, *eye))
    return made


def _signed(text: str, right: float, *shape: Element) -> Element:
    indent = node("w:ind", {"w:rightChars": round(right * 100), "w:right": round(right * 320)})
    return paragraph(SIGNED, run(text, *shape), properties=[indent])


def together(elements: list[Element]) -> None:
    """Keep each paragraph of a style, and the last row of each table, on the page of what comes next."""
    for element in elements[:-1]:
        inner = list(element.iter(qn("w:tr")))[-1:] or [element]
        for one in inner[0].iter(qn("w:p")):
            if one.pPr is not None and one.pPr.pStyle is not None:
                one.pPr.insert(1, flag("w:keepNext"))


def closing(official: Official) -> list[Element]:
    """版记: 抄送, 印发机关 and 印发日期 between rules, at the foot of the last page."""
    if not official.closes:
        return []
    lines = []
    if official.copies:
        indent = {"w:left": 4 * SMALL, "w:right": SMALL, "w:hanging": 3 * SMALL}
        lines.append(
            paragraph(CLOSING, run(f"抄送：{official.copies}。"), properties=[node("w:ind", indent)])
        )
    if official.printer:
        told = f"{day_text(official.printed)}印发" if official.printed else ""
        stop = node("w:tabs", None, node("w:tab", {"w:val": "right", "w:pos": TEXT_WIDTH - SMALL}))
        shape = [stop, node("w:ind", {"w:left": SMALL, "w:right": SMALL})]
        content = [run(official.printer), node("w:r", None, node("w:tab")), run(told)]
        lines.append(paragraph(CLOSING, *content, properties=shape))
    return [_foot(lines), paragraph(LAST)]


def _foot(lines: list[Element]) -> Element:
    """A table that stands on the lower margin: thick rules above and below, thin ones between."""
    place: dict[str, str | int] = {
        "w:leftFromText": 0, "w:rightFromText": 0, "w:vertAnchor": "margin", "w:tblpYSpec": "bottom",
        "w:horzAnchor": "page", "w:tblpX": LEFT,  # LibreOffice lets a table as wide as the text go on otherwise
    }  # fmt: skip
    rules = (("w:top", THICK), ("w:bottom", THICK), ("w:insideH", THIN))
    borders = (
        node(side, {"w:val": "single", "w:sz": size, "w:space": 0, "w:color": "auto"}) for side, size in rules
    )
    width: dict[str, str | int] = {"w:w": TEXT_WIDTH, "w:type": "dxa"}
    none = (node(side, {"w:w": 0, "w:type": "dxa"}) for side in ("w:left", "w:right"))
    rows = (
        node(
            "w:tr",
            None,
            node("w:trPr", None, flag("w:cantSplit")),
            node("w:tc", None, node("w:tcPr", None, node("w:tcW", width)), line),
        )
        for line in lines
    )
    return node(
        "w:tbl",
        None,
        node(
            "w:tblPr",
            None,
            node("w:tblpPr", place),
            node("w:tblW", width),
            node("w:tblBorders", None, *borders),
            node("w:tblLayout", {"w:type": "fixed"}),
            node("w:tblCellMar", None, *none),
        ),
        node("w:tblGrid", None, node("w:gridCol", {"w:w": TEXT_WIDTH})),
        *rows,
    )
