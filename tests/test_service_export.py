"""Word files: layout of GB/T 9704, tables, native charts, links to the sources, and the files themselves."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import openpyxl
import pytest
from lxml import etree

from corpus.errors import InputError
from service.cited import Citation, Sentence
from service.papers import docx_official, docx_page, export
from service.papers.document import Cell, Document, Heading, Paragraph, Table
from service.papers.docx_page import width_of, wrapped
from service.papers.provenance import checked
from service.papers.toy_document import toy_document

GOLDEN = Path(__file__).parent / "golden"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MM = 1440 / 25.4


@pytest.fixture(scope="module")
def data() -> bytes:
    return export.to_bytes(checked(toy_document()), office="雾岭县卫生健康局", day=date(2023, 1, 5))


@pytest.fixture(scope="module")
def parts(data: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.fixture(scope="module")
def body(parts: dict[str, bytes]) -> etree._Element:
    return etree.fromstring(parts["word/document.xml"])


@pytest.mark.parametrize("name", ["document", "styles"])
def test_the_xml_is_as_it_was_looked_at(parts: dict[str, bytes], name: str) -> None:
    """After a wanted change look at the pages, then run once with WRITE_GOLDEN=1."""
    tree = etree.fromstring(parts[f"word/{name}.xml"])
    made = etree.tostring(tree, pretty_print=True, encoding="unicode")
    path = GOLDEN / f"toy_{name}.xml"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


def test_the_same_document_gives_the_same_file(data: bytes) -> None:
    again = export.to_bytes(checked(toy_document()), office="雾岭县卫生健康局", day=date(2023, 1, 5))
    with ZipFile(BytesIO(data)) as one, ZipFile(BytesIO(again)) as other:
        assert one.namelist() == other.namelist()
        for name in one.namelist():
            assert name.endswith(".xlsx") or one.read(name) == other.read(name), name


# -- page -------------------------------------------------------------------------------------------


def test_the_page_is_that_of_the_standard(data: bytes) -> None:
    section = docx.Document(BytesIO(data)).sections[-1]
    told = [section.page_width, section.page_height, section.top_margin, section.left_margin]
    assert [round(length.mm) for length in told] == [210, 297, 37, 28]
    assert abs(docx_page.TEXT_WIDTH / MM - 156) < 0.15
    assert abs(docx_page.TEXT_HEIGHT / MM - 225) < 0.15


def test_22_lines_and_28_characters_fit(body: etree._Element, parts: dict[str, bytes]) -> None:
    (grid,) = body.findall(f".//{W}docGrid")
    pitch = int(grid.get(f"{W}linePitch", "0"))
    assert docx_page.TEXT_HEIGHT // pitch == 22
    styles = etree.fromstring(parts["word/styles.xml"])
    style = next(s for s in styles.iter(f"{W}style") if s.get(f"{W}styleId") == "Body")
    size, tight = (int(style.find(f"{W}rPr/{W}{tag}").get(f"{W}val")) for tag in ("sz", "spacing"))  # type: ignore[union-attr,arg-type]
    assert docx_page.TEXT_WIDTH // (size * 10 + tight) == 28
    spacing = style.find(f"{W}pPr/{W}spacing")
    assert spacing is not None
    assert (spacing.get(f"{W}line"), spacing.get(f"{W}lineRule")) == ("579", "exact")


def test_styles_have_chinese_names_and_no_theme(parts: dict[str, bytes]) -> None:
    styles = etree.fromstring(parts["word/styles.xml"])
    fonts = {}
    for style in styles.iter(f"{W}style"):
        name = style.find(f"{W}name")
        found = style.find(f"{W}rPr/{W}rFonts")
        if name is not None and found is not None:
            slots = {found.get(f"{W}{slot}") for slot in ("ascii", "hAnsi", "eastAsia", "cs")}
            assert len(slots) == 1, name.attrib
            fonts[name.get(f"{W}val")] = slots.pop()
    assert fonts["公文标题"] == "方正小标宋简体"
    assert fonts["公文正文"] == fonts["三级标题"] == "仿宋_GB2312"
    assert (fonts["一级标题"], fonts["二级标题"], fonts["页码"]) == ("黑体", "楷体_GB2312", "宋体")
    assert not any(b"Theme=" in part or b"asciiTheme" in part for part in parts.values())
    assert b'w:eastAsia="zh-CN"' in parts["word/styles.xml"]
    assert "华文中宋".encode() in parts["word/fontTable.xml"]


def test_odd_pages_are_numbered_on_the_right_and_even_ones_on_the_left(parts: dict[str, bytes]) -> None:
    assert b"evenAndOddHeaders" in parts["word/settings.xml"]
    footers = [etree.fromstring(part) for name, part in parts.items() if "footer" in name]
    sides = [f.find(f".//{W}jc").get(f"{W}val") for f in footers]  # type: ignore[union-attr]
    assert sides == ["right", "left"]
    assert all("".join(f.itertext()) == "—  PAGE 1 —" for f in footers)


def test_a_wide_table_lies_on_its_side_with_its_heading() -> None:
    table = Table("宽表", tuple("ABCDEFGHI"), (tuple(map(Cell, "甲乙丙丁戊己庚辛壬")),))
    blocks = (Heading("前文"), Heading("宽表", 2), table, table, Heading("后文"))
    word = docx.Document(BytesIO(export.to_bytes(checked(Document("memo", "宽表", blocks)))))
    assert [s.orientation for s in word.sections] == [0, 1, 0]
    for section in word.element.body.iter(f"{W}sectPr"):
        assert len(section.findall(f"{W}footerReference")) == 2
    first = next(i for i, p in enumerate(word.paragraphs) if p._p.find(f"{W}pPr/{W}sectPr") is not None)
    assert [p.text for p in word.paragraphs[:first]] == ["宽表"]  # both headings go with the table


# -- text -------------------------------------------------------------------------------------------


def texts(body: etree._Element, style: str) -> list[str]:
    found = []
    for paragraph in body.iter(f"{W}p"):
        named = paragraph.find(f"{W}pPr/{W}pStyle")
        if named is not None and named.get(f"{W}val") == style:
            found.append("".join(t.text or "" for t in paragraph.iter(f"{W}t")))
    return found


def test_headings_are_labelled(body: etree._Element) -> None:
    assert texts(body, "Level1") == ["一、指标变化", "二、存在的问题"]
    assert texts(body, "Level2") == ["（一）主要指标"]
    assert texts(body, "DocumentTitle") == ["雾岭县2021—2022年工作情况对比"]


def test_marks_are_raised_and_lead_to_the_sources(body: etree._Element) -> None:
    names = {mark.get(f"{W}name") for mark in body.iter(f"{W}bookmarkStart")}
    links = [link.get(f"{W}anchor") for link in body.iter(f"{W}hyperlink")]
    assert links and set(links) <= names
    assert len(names) == len(toy_document().sources) == len(texts(body, "Source"))
    in_text = [link for link in body.iter(f"{W}hyperlink") if link.find(f".//{W}vertAlign") is not None]
    assert len(in_text) >= 10
    ids = [mark.get(f"{W}id") for mark in body.iter(f"{W}bookmarkStart")]
    assert len(ids) == len(set(ids))


def test_sources_have_title_path_and_the_exact_sentence(body: etree._Element) -> None:
    assert texts(body, "Source")[0] == (
        "[1] 《雾岭县卫生健康局2022年工作总结》（雾岭县，2022年）一、主要工作："
        "“全县家庭医生签约率为66.2%，其中重点人群签约率83.5%，签约居民1.5万人。”"
    )


def test_a_table_repeats_its_head_and_says_what_is_missing(body: etree._Element) -> None:
    (table,) = body.iter(f"{W}tbl")
    rows = table.findall(f"{W}tr")
    assert rows[0].find(f"{W}trPr/{W}tblHeader") is not None
    assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
    cells = [["".join(c.itertext()) for c in row.findall(f"{W}tc")] for row in rows]
    assert cells[1] == ["家庭医生签约率", "61.5%[2]", "66.2%[1]", "+4.7个百分点[1][2]"]
    assert cells[4][1:] == ["缺", "1015次（人工更正）[6]", "—"]
    aligned = [c.find(f".//{W}jc").get(f"{W}val") for c in rows[1].findall(f"{W}tc")]  # type: ignore[union-attr]
    assert aligned == ["left", "right", "right", "right"]
    assert texts(body, "TableCaption")[0] == "表1　主要指标对照"
    assert texts(body, "TableNote")[0].startswith("注：（1）※ 口径")


def test_what_is_missing_is_said_at_the_beginning(body: etree._Element) -> None:
    assert texts(body, "Remark") == ["本文不完整：2021年的报告没有写巡诊次数。"]


def written(paragraph: etree._Element) -> str:
    return "".join(t.text or "" for t in paragraph.iter(f"{W}t"))


@pytest.mark.parametrize(
    ("office", "rights"),
    [
        ("雾岭县卫生健康委员会", [2.0, 4.0]),  # the date is 6 characters wide
        ("雾岭县卫生健康局", [2.0, 2.0]),
        ("卫健局", [7.0, 2.0]),  # the date is the longer one
    ],
)
def test_office_and_date(office: str, rights: list[float]) -> None:
    made = docx_official.signature(office, date(2023, 1, 5))
    assert written(made[2]) == "2023年1月5日"
    found = [float(p.find(f"{W}pPr/{W}ind").get(f"{W}rightChars")) / 100 for p in made[1:]]
    assert found == pytest.approx(rights, abs=0.01)
    starts = [right + width_of(written(p)) for right, p in zip(found, made[1:], strict=True)]
    assert starts[0] - starts[1] == pytest.approx(2)


def test_without_office_and_date_nothing_is_signed() -> None:
    assert docx_official.signature("", None) == []
    assert [written(p) for p in docx_official.signature("", date(2023, 12, 31))] == ["", "2023年12月31日"]


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("雾岭县2022年工作总结", 1),
        ("雾岭县、栖霞沟县、乌有县2021—2022年卫生健康工作情况对比", 2),
        ("关于《2022年雾岭县基本公共卫生服务项目绩效评价报告》与《2021年工作总结》的审核情况", 3),
        ("a" * 90, 1),  # no word to break at
    ],
)
def test_a_long_title_breaks_between_words(title: str, lines: int) -> None:
    made = wrapped(title).split("\n")
    assert "".join(made) == title
    assert len(made) == lines
    assert not any(re.search(r"[《（、—]$|^[》）、—年]", line.strip("、")) for line in made)


# -- charts -----------------------------------------------------------------------------------------

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def test_charts_can_be_edited(parts: dict[str, bytes]) -> None:
    book = openpyxl.load_workbook(BytesIO(parts["word/embeddings/chart1.xlsx"]))
    assert [list(row) for row in book["数据"].iter_rows(values_only=True)] == [
        [None, "全部居民", "重点人群"],
        ["2021年", 61.5, None],
        ["2022年", 66.2, 83.5],
    ]
    chart = etree.fromstring(parts["word/charts/chart1.xml"])
    formulas = [f.text for f in chart.iter(f"{C}f")]
    assert formulas[:3] == ["数据!$B$1", "数据!$A$2:$A$3", "数据!$B$2:$B$3"]
    assert chart.find(f"{C}externalData") is not None
    assert b"chart1.xlsx" in parts["word/charts/_rels/chart1.xml.rels"]


def test_a_gap_is_no_zero(parts: dict[str, bytes]) -> None:
    chart = etree.fromstring(parts["word/charts/chart1.xml"])
    some = chart.findall(f".//{C}ser")[1]
    points = [(p.get("idx"), p.findtext(f"{C}v")) for p in some.find(f"{C}val").iter(f"{C}pt")]  # type: ignore[union-attr]
    assert points == [("1", "83.5")]
    assert chart.find(f".//{C}dispBlanksAs").get("val") == "gap"  # type: ignore[union-attr]


def test_both_kinds_of_chart_are_there(parts: dict[str, bytes]) -> None:
    assert b"<c:lineChart>" in parts["word/charts/chart1.xml"]
    assert b"<c:barChart>" in parts["word/charts/chart2.xml"]


# -- what a page can hold ---------------------------------------------------------------------------


def test_personal_data_and_control_characters_do_not_reach_the_file() -> None:
    quote = "联系电话13912345678，\x00签约率66.2%。"
    cited = Citation("r", "雾岭县2022年工作总结\x0b", 0, len(quote), quote, "雾岭县", 2022, ("一、\x01工作",))
    told = Sentence("签约率66.2%，电话13912345678", (cited,), "quoted")
    made = export.to_bytes(checked(Document("memo", "总\x02结", (Paragraph((told,)),))))
    with ZipFile(BytesIO(made)) as package:
        everything = b"".join(package.read(name) for name in package.namelist())
    assert b"13912345678" not in everything
    assert "手机号已隐去".encode() in everything


def test_an_empty_document_is_a_page_with_a_title() -> None:
    word = docx.Document(BytesIO(export.to_bytes(checked(Document("memo", "对比", ())))))
    assert [p.text for p in word.paragraphs] == ["对比"]


# -- files ------------------------------------------------------------------------------------------


def test_a_file_is_not_overwritten_unless_forced(tmp_path: Path) -> None:
    sound, path = checked(toy_document()), tmp_path / "备忘录.docx"
    export.save(sound, path)
    before = path.read_bytes()
    with pytest.raises(InputError, match="已经存在"):
        export.save(checked(Document("memo", "另一份", ())), path)
    assert path.read_bytes() == before
    export.save(checked(Document("memo", "另一份", ())), path, force=True)
    assert docx.Document(str(path)).paragraphs[0].text == "另一份"
    assert [p.name for p in tmp_path.iterdir()] == ["备忘录.docx"]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "memo.docx"
    export.save(checked(replace(toy_document(), title="对比")), path)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=200)
    assert (tmp_path / "memo.pdf").stat().st_size > 10_000
