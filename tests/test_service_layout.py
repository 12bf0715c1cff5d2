"""The layout of a draft on its XML: page, lines, fonts, language, styles, tables, page numbers, order of the text."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree

from service.draft.toy_paper import toy_draft, toy_opener, toy_paper
from service.papers import export
from service.papers.document import Cell, Table
from service.papers.docx_body import CHARACTER, EDGES, Plain, column_widths, grid
from service.papers.docx_page import TEXT_HEIGHT, TEXT_WIDTH
from service.papers.official import Official
from service.papers.presenting import clean
from service.papers.provenance import Checked, checked

MM = 1440 / 25.4
SLOTS = ("ascii", "hAnsi", "eastAsia", "cs")


@pytest.fixture(scope="module")
def sound() -> Checked:
    draft = toy_draft()
    return checked(toy_paper(draft), toy_opener(draft))


@pytest.fixture(scope="module")
def parts(sound: Checked) -> dict[str, bytes]:
    made = export.to_bytes(sound, official=Official(office="雾岭县卫生健康局", day=date(2023, 1, 5)))
    with ZipFile(BytesIO(made)) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.fixture(scope="module")
def body(parts: dict[str, bytes]) -> etree._Element:
    return etree.fromstring(parts["word/document.xml"])


@pytest.fixture(scope="module")
def styles(parts: dict[str, bytes]) -> dict[str, etree._Element]:
    """Styles by name."""
    root = etree.fromstring(parts["word/styles.xml"])
    return {s.find(qn("w:name")).get(qn("w:val")): s for s in root.iter(qn("w:style"))}  # type: ignore[union-attr,misc]


def attribute(element: etree._Element, path: str, name: str = "w:val") -> str | None:
    found = element.find("/".join(qn(step) for step in path.split("/")))
    return None if found is None else found.get(qn(name))


# -- page -------------------------------------------------------------------------------------------


def test_the_page(body: etree._Element) -> None:
    (section,) = body.iter(qn("w:sectPr"))
    size, margins = section.find(qn("w:pgSz")), section.find(qn("w:pgMar"))
    assert size is not None and margins is not None
    assert (size.get(qn("w:w")), size.get(qn("w:h"))) == ("11906", "16838")
    told = [round(int(margins.get(qn(f"w:{side}"))) / MM) for side in ("top", "right", "bottom", "left")]  # type: ignore[arg-type]
    assert told == [37, 26, 35, 28]
    assert attribute(section, "w:docGrid", "w:type") == "lines"
    assert attribute(section, "w:docGrid", "w:linePitch") == "579"
    assert TEXT_HEIGHT // 579 == 22 and TEXT_HEIGHT // 580 == 21


def test_page_numbers_change_sides(parts: dict[str, bytes]) -> None:
    assert b"<w:evenAndOddHeaders/>" in parts["word/settings.xml"]
    footers = {name: etree.fromstring(data) for name, data in parts.items() if "/footer" in name}
    assert len(footers) == 2
    assert {attribute(f, "w:p/w:pPr/w:jc") for f in footers.values()} == {"left", "right"}
    for footer in footers.values():
        told = "".join(t.text or "" for t in footer.iter(qn("w:t")))
        assert told == "— 1 —"
        assert " PAGE " in [t.text for t in footer.iter(qn("w:instrText"))]


# -- styles -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "font", "size"),
    [
        ("公文标题", "方正小标宋简体", "44"),
        ("公文正文", "仿宋_GB2312", "32"),
        ("一级标题", "黑体", "32"),
        ("二级标题", "楷体_GB2312", "32"),
        ("三级标题", "仿宋_GB2312", "32"),
        ("四级标题", "仿宋_GB2312", "32"),
        ("主送机关", "仿宋_GB2312", "32"),
        ("发文字号", "仿宋_GB2312", "32"),
        ("附件说明", "仿宋_GB2312", "32"),
        ("发文机关标志", "方正小标宋简体", "124"),
        ("版记", "仿宋_GB2312", "28"),
        ("页码", "宋体", "28"),
    ],
)
def test_a_style_has_its_font_in_all_slots(
    styles: dict[str, etree._Element], name: str, font: str, size: str
) -> None:
    fonts = styles[name].find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
    assert fonts is not None
    assert [fonts.get(qn(f"w:{slot}")) for slot in SLOTS] == [font] * 4
    assert attribute(styles[name], "w:rPr/w:sz") == attribute(styles[name], "w:rPr/w:szCs") == size


@pytest.mark.parametrize("name", ["公文正文", "一级标题", "二级标题", "三级标题", "四级标题"])
def test_text_has_22_lines_and_two_characters_of_indent(styles: dict[str, etree._Element], name: str) -> None:
    spacing = styles[name].find(f"{qn('w:pPr')}/{qn('w:spacing')}")
    assert spacing is not None
    told = {key.rsplit("}")[-1]: value for key, value in spacing.attrib.items()}
    assert told == {"before": "0", "after": "0", "line": "579", "lineRule": "exact"}
    assert attribute(styles[name], "w:pPr/w:ind", "w:firstLineChars") == "200"


def test_headings_stay_with_their_text_and_pages_are_full(styles: dict[str, etree._Element]) -> None:
    for level in "一二三四":
        style = styles[f"{level}级标题"]
        assert style.find(f"{qn('w:pPr')}/{qn('w:keepNext')}") is not None
        assert attribute(style, "w:pPr/w:outlineLvl") == str("一二三四".index(level))
    control = styles["公文正文"].find(f"{qn('w:pPr')}/{qn('w:widowControl')}")
    assert control is not None and control.get(qn("w:val")) == "0"  # else pages of 20 or 21 lines


def test_no_part_refers_to_a_theme(parts: dict[str, bytes]) -> None:
    assert not any(re.search(rb"(?:ascii|hAnsi|eastAsia|cs)Theme=", data) for data in parts.values())
    assert not any("theme" in name for name in parts)


def test_the_language_is_chinese_and_numbers_are_not_parted(parts: dict[str, bytes]) -> None:
    root = etree.fromstring(parts["word/styles.xml"])
    language = root.find(f"{qn('w:docDefaults')}//{qn('w:lang')}")
    assert language is not None
    assert language.get(qn("w:eastAsia")) == "zh-CN"
    assert language.get(qn("w:val")) == "en-US"  # digits; LibreOffice parts 20|23 where they are Chinese
    assert b'<w:themeFontLang w:val="zh-CN" w:eastAsia="zh-CN"/>' in parts["word/settings.xml"]
    assert b"zh-CN" in parts["docProps/core.xml"]


# -- text -------------------------------------------------------------------------------------------


def test_every_paragraph_has_a_style_of_ours(body: etree._Element, styles: dict[str, etree._Element]) -> None:
    known = {style.get(qn("w:styleId")) for style in styles.values()}
    used = {attribute(p, "w:pPr/w:pStyle") for p in body.iter(qn("w:p"))}
    assert used <= known and None not in used


def test_every_run_says_that_its_quotation_marks_are_chinese(body: etree._Element) -> None:
    runs = [r for r in body.iter(qn("w:r")) if r.find(qn("w:t")) is not None]
    assert all(attribute(r, "w:rPr/w:rFonts", "w:hint") == "eastAsia" for r in runs)
    assert any("“一村一策”" in (r.findtext(qn("w:t")) or "") for r in runs)


def test_the_text_is_whole_and_in_order(body: etree._Element, sound: Checked) -> None:
    told = "".join(t.text or "" for t in body.iter(qn("w:t")))
    at = 0
    for sentence in sound.document.sentences:
        at = told.index(clean(sentence.text).rstrip("。"), at)
    assert not re.search(r"\[\d+\]", told)
    assert not list(body.iter(qn("w:bookmarkStart"))) and not list(body.iter(qn("w:hyperlink")))


def test_headings_have_their_labels(body: etree._Element) -> None:
    told = [
        "".join(t.text or "" for t in p.iter(qn("w:t")))
        for p in body.iter(qn("w:p"))
        if (attribute(p, "w:pPr/w:pStyle") or "").startswith("Level")
    ]
    assert told[:3] == ["一、总体目标", "二、存在的主要问题", "（一）乡村医生后继乏人"]
    assert not any(text.endswith("。") for text in told)


def test_tables_stand_inside_the_text_and_repeat_their_heads(body: etree._Element) -> None:
    (table,) = body.iter(qn("w:tbl"))
    assert sum(int(c.get(qn("w:w")) or 0) for c in table.iter(qn("w:gridCol"))) <= TEXT_WIDTH
    first, *rest = table.findall(qn("w:tr"))
    assert first.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    assert all(r.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for r in (first, *rest))
    aligned = [attribute(c, "w:p/w:pPr/w:jc") for c in rest[0].findall(qn("w:tc"))]
    assert aligned == ["left"] * 5  # 2023年9月底前 is no figure


def test_nothing_tells_which_model_took_part_in_the_clean_copy(parts: dict[str, bytes]) -> None:
    assert not any(b"toy@1" in data for data in parts.values())


# -- files ------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_both_files_and_keeps_the_comments(sound: Checked, tmp_path: Path) -> None:
    from service.draft.checklist import checklist

    export.save(sound, tmp_path / "clean.docx")
    export.save_review(sound, tmp_path / "review.docx", checklist(toy_draft(), sound.document))
    made = tmp_path / "out"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    files = [str(tmp_path / name) for name in ("clean.docx", "review.docx")]
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        str(made),
        *files,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=200)
    clean_copy, review = (docx.Document(str(made / name)) for name in ("clean.docx", "review.docx"))
    assert "雾岭县2023年卫生健康工作计划" in [p.text for p in clean_copy.paragraphs]
    before = docx.Document(files[1])
    assert [c.text for c in review.comments] == [c.text for c in before.comments]
    assert [c.author for c in review.comments] == ["文衡"] * len(list(before.comments))


# -- schema -----------------------------------------------------------------------------------------

# Word repairs a file in which these stand in another order than that of ECMA-376.
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs "
    "suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd "
    "snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment "
    "textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid "
    "vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em "
    "lang eastAsianLayout specVanish oMath",
    "tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing "
    "tblInd tblBorders shd tblLayout tblCellMar tblLook",
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
    "sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType "
    "pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid",
    "style": "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked "
    "personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr",
}


FORMAL = Official(
    office="雾岭县卫生健康局",
    day=date(2023, 1, 5),
    head="雾岭县卫生健康局文件",
    number="雾卫发〔2023〕12号",
    addressee="各乡镇人民政府",
    attachments=("甲", "乙"),
    copies="县财政局",
    printer="办公室",
)


def test_properties_stand_in_the_order_of_the_schema(sound: Checked) -> None:
    from service.draft.checklist import checklist

    found = checklist(toy_draft(), sound.document)
    checks = 0
    for made in (
        export.to_bytes(sound, official=FORMAL),
        export.review_bytes(sound, found, official=FORMAL),
    ):
        with ZipFile(BytesIO(made)) as package:
            parts = [etree.fromstring(package.read(n)) for n in package.namelist() if n.endswith(".xml")]
        for element in (e for part in parts for e in part.iter()):
            name = etree.QName(element).localname
            if name in ORDER and len(element):
                order = ORDER[name].split()
                places = [order.index(etree.QName(child).localname) for child in element]
                assert places == sorted(places), etree.tostring(element)
                checks += 1
    assert checks > 500


def test_ids_of_comments_are_whole(sound: Checked) -> None:
    from service.draft.checklist import checklist

    made = export.review_bytes(sound, checklist(toy_draft(), sound.document), official=FORMAL)
    with ZipFile(BytesIO(made)) as package:
        assert b"comments+xml" in package.read("[Content_Types].xml")
        assert b"comments.xml" in package.read("word/_rels/document.xml.rels")
        comments = etree.fromstring(package.read("word/comments.xml"))
        known = {
            s.get(qn("w:styleId"))
            for s in etree.fromstring(package.read("word/styles.xml")).iter(qn("w:style"))
        }
    assert {attribute(p, "w:pPr/w:pStyle") for p in comments.iter(qn("w:p"))} <= known


# -- widths -----------------------------------------------------------------------------------------


def widths(*columns: str) -> tuple[int, ...]:
    """The widths of a table of one row with these cells, as a draft has it."""
    made = Table("表", tuple("栏" for _ in columns), (tuple(Cell(text) for text in columns),))
    return column_widths(made, {}, TEXT_WIDTH, marked=False)


def test_short_cells_beside_long_ones_are_not_broken() -> None:
    long = "与市卫生学校签订定向培养协议，落实养老保险补助"
    found = widths(long, long, "【待补】", "2023年内", long)
    assert sum(found) <= TEXT_WIDTH
    assert all(width >= 4 * CHARACTER + EDGES for width in found)


def test_columns_that_fit_share_the_width_by_what_they_hold() -> None:
    first, second = widths("十个字的内容在这里面", "二十个字的内容在这里面二十个字的内容在这")
    assert first < second and TEXT_WIDTH - 2 <= first + second <= TEXT_WIDTH


def test_a_figure_among_words_stands_as_they_do() -> None:
    """目标: 培养30名 above 100万人; a column of figures only stands on the right."""
    rows = tuple((Cell(text), Cell(figure)) for text, figure in (("培养30名", "12家"), ("100万人", "9家")))
    made = grid(Table("表", ("目标", "数量"), rows), {}, TEXT_WIDTH, Plain())
    sides = [attribute(cell, "w:p/w:pPr/w:jc") for cell in made.iter(qn("w:tc"))]
    assert sides[2:] == ["left", "right", "left", "right"]
