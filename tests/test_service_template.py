"""A user's own template: what is filled in and how it looks, and what is refused before anything is written."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import StrictUndefined, TemplateError
from jinja2.exceptions import UndefinedError

from corpus.errors import InputError, UnreadableFile, WenhengError
from service.cited import Sentence
from service.draft.toy_paper import toy_draft, toy_opener, toy_paper
from service.papers import export, template, template_form, template_starter
from service.papers.document import Cell, Document, Heading, Paragraph, Table
from service.papers.official import Official
from service.papers.provenance import Checked, checked

PARTS = Official(office="雾岭县卫生健康局", day=date(2023, 1, 5), attachments=("甲表", "乙表"))


@pytest.fixture(scope="module")
def sound() -> Checked:
    draft = toy_draft()
    return checked(toy_paper(draft), toy_opener(draft))


@pytest.fixture
def made(tmp_path: Path) -> Any:
    """made(*lines): a template with a paragraph for each line, saved and loaded."""

    def make(*lines: str, change: Any = None) -> template_form.Form:
        word = docx.Document()
        for line in lines:
            word.add_paragraph(line)
        if change:
            change(word)
        word.save(str(tmp_path / "模板.docx"))
        return template_form.load(tmp_path / "模板.docx")

    return make


def filled(sound: Checked, form: template_form.Form, **more: Any) -> Any:
    data = template.fill(sound, form, **{"official": PARTS, "place": "雾岭县", "year": 2023, **more})
    return docx.Document(BytesIO(data))


# -- filling ----------------------------------------------------------------------------------------


def test_words_are_filled_in_where_they_stand(sound: Checked, made: Any) -> None:
    form = made("{{标题}}", "{{ 地区 }}（{{年度}}年）：{{单位}}，{{日期}}", "{{附件}}")
    assert form.names == {"标题", "地区", "年度", "单位", "日期", "附件"}
    assert [p.text for p in filled(sound, form).paragraphs] == [
        "雾岭县2023年卫生健康工作计划",
        "雾岭县（2023年）：雾岭县卫生健康局，2023年1月5日",
        "甲表；乙表",
    ]


def test_a_placeholder_in_several_runs_keeps_the_letters_of_the_first(sound: Checked, made: Any) -> None:
    def split(word: Any) -> None:
        line = word.add_paragraph()
        for text in ("{{", "标", "题}", "}"):
            line.add_run(text).font.size = Pt(22) if text == "{{" else None

    (_, line) = filled(sound, made("{{单位}}", change=split)).paragraphs
    assert line.text == "雾岭县2023年卫生健康工作计划"
    assert line.runs[0].font.size == Pt(22)


def test_what_was_not_given_stays_visible(sound: Checked, made: Any) -> None:
    form = made("{{发文字号}} {{抄送}} {{年度}}")
    assert (
        filled(sound, form, year=None).paragraphs[0].text
        == "【待补：发文字号】 【待补：抄送】 【待补：年度】"
    )


def test_headers_and_cells_are_filled_too(sound: Checked, made: Any) -> None:
    def furnish(word: Any) -> None:
        word.sections[0].header.paragraphs[0].text = "{{单位}}"
        word.add_table(1, 2).cell(0, 1).text = "{{日期}}"

    word = filled(sound, made("{{标题}}", change=furnish))
    assert word.sections[0].header.paragraphs[0].text == "雾岭县卫生健康局"
    assert word.tables[0].cell(0, 1).text == "2023年1月5日"


def test_the_text_has_the_letters_of_its_placeholder_and_the_headings_of_the_template(
    sound: Checked, made: Any
) -> None:
    def furnish(word: Any) -> None:
        word.styles.add_style("一级标题", 1)
        line = word.add_paragraph()
        line.add_run("{{正文}}").font.size = Pt(15)
        line.paragraph_format.first_line_indent = Pt(30)
        word.add_paragraph("此致")

    word = filled(sound, made(change=furnish))
    told = {p.text: p for p in word.paragraphs}
    assert word.paragraphs[0].text == "一、总体目标"
    assert told["一、总体目标"].style.name == "一级标题"
    assert told["（一）乡村医生后继乏人"].style.name == "Heading 2"
    body = next(p for p in word.paragraphs if p.text.startswith("乡村医生后继乏人的情况"))
    assert body.runs[0].font.size == Pt(15)
    assert body.paragraph_format.first_line_indent == Pt(30)
    assert word.paragraphs[-1].text == "此致"
    assert not re.search(r"\[\d", "".join(told))
    (table,) = word.tables
    assert table.style.name == "Table Grid"
    assert table.cell(1, 0).paragraphs[0].paragraph_format.first_line_indent == 0


def test_headings_without_a_style_are_told_apart_by_their_fonts(sound: Checked, made: Any) -> None:
    def strip(word: Any) -> None:
        for name in ("Heading 1", "Heading 2"):
            word.styles[name].delete()

    word = filled(sound, made("{{正文}}", change=strip))
    fonts = [p.runs[0]._r.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) for p in word.paragraphs[2:4]]
    assert [p.text for p in word.paragraphs[2:4]] == ["二、存在的主要问题", "（一）乡村医生后继乏人"]
    assert fonts == ["黑体", "楷体_GB2312"]


def test_headings_that_number_themselves_get_no_second_number(sound: Checked, made: Any) -> None:
    def number(word: Any) -> None:
        word.styles["Heading 1"]._element.get_or_add_pPr().append(OxmlElement("w:numPr"))

    told = [p.text for p in filled(sound, made("{{正文}}", change=number)).paragraphs]
    assert "总体目标" in told and "（一）乡村医生后继乏人" in told


def test_parts_stand_where_the_template_has_them(sound: Checked, made: Any) -> None:
    form = made("问题", "{{问题}}", "打算", "{{打算}}", "分工", "{{分工表}}")
    word = filled(sound, form)
    told = [p.text for p in word.paragraphs]
    problems = told[told.index("问题") + 1 : told.index("打算")]
    plans = told[told.index("打算") + 1 : told.index("分工")]
    assert problems[0] == "（一）乡村医生后继乏人"  # under the template's own heading
    assert plans[0] == "一、总体目标" and "二、重点任务" in plans
    assert "任务分工" not in "".join(plans) and len(word.tables) == 1


def test_the_end_of_a_section_is_not_lost(sound: Checked, made: Any) -> None:
    def turn(word: Any) -> None:
        word.add_section()
        word.sections[1].left_margin = Pt(50)

    word = filled(sound, made("{{标题}}", "{{正文}}", change=turn))
    assert len(word.sections) == 2


def test_a_part_that_is_not_there_stays_visible(made: Any) -> None:
    empty = checked(Document("draft", "计划", (Heading("目标"),)))
    assert filled(empty, made("{{问题}}")).paragraphs[0].text == "【待补：问题】。"


NASTY = ("{{单位}}", "{% for a in b %}", "{# c #}", "{_{x}_}", "<w:p>&amp;</w:t>", "]]>", "a\nb\tc\fd\ae")


@pytest.mark.parametrize("text", NASTY)
def test_what_the_user_typed_stays_text(made: Any, text: str) -> None:
    table = Table("表", ("任务", "责任单位"), ((Cell(text), Cell("股")),))
    document = Document(
        "draft", text, (Heading(text), Paragraph((Sentence(text, (), "stated"),)), table), ("某县",)
    )
    word = docx.Document(
        BytesIO(
            template.fill(
                checked(document), made("{{标题}}", "{{单位}}", "{{正文}}"), official=Official(office=text)
            )
        )
    )
    shown = " ".join("".join(c for c in text if c not in "\a").split())
    told = [p.text for p in word.paragraphs]
    assert told[:4] == [shown, shown, f"一、{shown}", f"{shown}。"]
    assert word.tables[0].cell(1, 0).text == shown


def test_any_office_stays_text(made: Any) -> None:
    form, empty = made("甲{{单位}}乙"), checked(Document("draft", "计划", ()))

    @given(st.text(alphabet="{}%#_<>&;\"'p r标题正文\\", max_size=25))
    @settings(deadline=None, max_examples=20)
    def fill(text: str) -> None:
        word = docx.Document(BytesIO(template.fill(empty, form, official=Official(office=text))))
        assert word.paragraphs[0].text == f"甲{' '.join(text.split()) or '【待补：单位】'}乙"

    fill()


def test_every_official_part_has_its_placeholder(sound: Checked, made: Any) -> None:
    texts = {"number": "雾卫发〔2023〕7号", "attachments": ("甲表",), "signer": "甲某、乙某"}
    days = {"day": date(2023, 1, 5), "printed": date(2023, 2, 6)}
    words = {one.name: f"某{one.name}" for one in fields(Official)}
    given = Official(**{**words, **texts, **days})
    form = made(*(f"{{{{{name}}}}}" for name in template_form.WORDS))
    told = [p.text for p in filled(sound, form, official=given).paragraphs]
    wanted = {**words, "number": "雾卫发〔2023〕7号", "attachments": "甲表", "signer": "甲某、乙某"}
    wanted |= {"day": "2023年1月5日", "printed": "2023年2月6日"}
    assert not set(wanted.values()) - set(told)


def test_the_documentation_has_every_placeholder() -> None:
    text = (Path(__file__).parents[1] / "docs" / "layout.md").read_text("utf-8")
    names = set(re.findall(r"\{\{(\w+)\}\}", text))
    assert names == {*template_form.WORDS, *template_form.PARTS}


def test_a_preview_says_what_a_filled_template_would(sound: Checked, made: Any) -> None:
    form = made("{{标题}}", "{{签发人}}", "{{年度}}", "{{问题}}", "{{正文}}")
    slots = template.preview(sound.document, form, official=PARTS, place="雾岭县", year=2023)
    told = {one.name: one.text for one in slots}
    assert list(told) == ["标题", "年度", "签发人", "正文", "问题"]
    assert told["标题"] == "雾岭县2023年卫生健康工作计划" and told["年度"] == "2023" and told["签发人"] == ""
    assert re.fullmatch(r"\d+个标题，\d+段，1张表", told["正文"])
    empty = checked(Document("draft", "计划", (Heading("目标"),)))
    (gap, _) = [one for one in template.preview(empty.document, form) if one.name in ("问题", "年度")]
    assert gap.text == ""


def test_comments_of_a_template_do_not_go_out(sound: Checked, made: Any) -> None:
    def remark(word: Any) -> None:
        line = word.add_paragraph("{{标题}}")
        word.add_comment(line.runs, text="内部意见：领导看过再发", author="某某")

    form = made("{{正文}}", change=remark)
    data = template.fill(sound, form, official=PARTS)
    with ZipFile(BytesIO(data)) as package:
        whole = b"".join(package.read(name) for name in package.namelist()).decode("utf-8", "replace")
        assert not [name for name in package.namelist() if "comments" in name]
    assert "内部意见" not in whole and "comment" not in whole
    assert docx.Document(BytesIO(data)).paragraphs[-1].text == "雾岭县2023年卫生健康工作计划"


# -- to begin with ----------------------------------------------------------------------------------


def test_the_starter_is_a_template_that_explains_each_placeholder(tmp_path: Path) -> None:
    path = tmp_path / template_starter.NAME
    path.write_bytes(template_starter.starter())
    form = template_form.load(path)
    assert {"标题", "正文", "红头", "签发人", "附件", "印发日期"} <= form.names
    word = docx.Document(str(path))
    remarks = "".join(one.text for one in word.comments)
    for name, meaning in (template_form.WORDS | template_form.PARTS).items():
        assert meaning in remarks, name
    marked = word.element.body.iter(qn("w:commentReference"))
    assert len(list(marked)) == len(list(word.comments)) >= len(form.names) - 2


def test_the_starter_is_the_official_layout(sound: Checked, tmp_path: Path) -> None:
    path = tmp_path / template_starter.NAME
    path.write_bytes(template_starter.starter())
    parts = Official(
        office="雾岭县卫生健康局", day=date(2023, 1, 5), head="雾岭县卫生健康局文件", number="雾卫发〔2023〕7号",
        signer="甲某", addressee="云州市卫生健康委员会", attachments=("甲表",), copies="县政府办公室",
        printer="局办公室", printed=date(2023, 1, 6),
    )  # fmt: skip
    ours = docx.Document(BytesIO(template.fill(sound, template_form.load(path), official=parts)))
    theirs = docx.Document(BytesIO(export.to_bytes(sound, official=parts)))
    lines = [[(p.style.name, p.text) for p in word.paragraphs] for word in (ours, theirs)]
    assert lines[0] == lines[1]
    cells = [[cell.text for t in word.tables for cell in t._cells] for word in (ours, theirs)]
    assert cells[0] == cells[1]


# -- refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((), "没有占位符"),
        (("只有文字",), "没有占位符"),
        (("｛｛标题｝｝",), "半角"),
        (("{{标题}} {{领导}}",), "{{领导}}"),
        (("{{ }}",), "不认识的占位符"),
        (("{{标题",), "没有写完整"),
        (("标题}}",), "没有写完整"),
        (("{% for x in y %}{{标题}}{% endfor %}",), "不支持的写法"),
        (("{{标题}}{# 注 #}",), "不支持的写法"),
        (("{{标题.__class__}}",), "不认识的占位符"),
        (("{{标题|upper}}",), "不认识的占位符"),
        (("{{''.join(标题)}}",), "不认识的占位符"),
        (("全文：{{正文}}",), "单独成段"),
        (("{{正文}}{{标题}}",), "单独成段"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(made: Any, lines: tuple[str, ...], says: str) -> None:
    with pytest.raises(InputError) as raised:
        made(*lines)
    assert says in str(raised.value) and "模板.docx" in str(raised.value)


def test_unknown_names_are_told_with_those_that_there_are(made: Any) -> None:
    with pytest.raises(InputError) as raised:
        made("{{领导}}{{标题}}{{批示}}")
    told = str(raised.value)
    assert "{{领导}}、{{批示}}" in told
    assert all(f"{{{{{name}}}}}" in told for name in (*template_form.WORDS, *template_form.PARTS))


def test_a_part_does_not_go_into_a_header(made: Any) -> None:
    def head(word: Any) -> None:
        word.sections[0].header.paragraphs[0].text = "{{正文}}"

    with pytest.raises(InputError, match="单独成段"):
        made("{{标题}}", change=head)


def rezipped(path: Path, name: str, data: bytes) -> None:
    """Put a part into a package, in place of one of that name."""
    with ZipFile(path) as package:
        parts = {one: package.read(one) for one in package.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as package:
        for one, content in {**parts, name: data}.items():
            package.writestr(one, content)


def saved(path: Path, text: str = "{{标题}}") -> Path:
    word = docx.Document()
    word.add_paragraph(text)
    word.save(str(path))
    return path


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("模板.docm", None, "带宏"),
        ("模板.doc", b"x", "不能是"),
        ("模板", b"x", "没有扩展名"),
        ("空.docx", b"", "空的"),
        ("坏.docx", b"PK\x03\x04 broken", "损坏"),
        ("图.docx", b"\x89PNG", "损坏"),
    ],
)
def test_what_is_no_template(tmp_path: Path, name: str, content: bytes | None, says: str) -> None:
    path = tmp_path / name
    if content is None:
        saved(path)
    else:
        path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=says) as raised:
        template_form.load(path)
    assert name in str(raised.value)


def test_a_missing_template_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="找不到"):
        template_form.load(tmp_path / "无.docx")


def test_a_macro_under_the_suffix_of_a_document_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "模板.docx")
    rezipped(path, "word/vbaProject.bin", b"x")
    with pytest.raises(UnreadableFile, match="带宏"):
        template_form.load(path)


def test_entities_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "模板.docx")
    with ZipFile(path) as package:
        body = package.read("word/document.xml")
    rezipped(path, "word/document.xml", body.replace(b"?>", b'?><!DOCTYPE a [<!ENTITY b "c">]>', 1))
    with pytest.raises(UnreadableFile, match="DOCTYPE"):
        template_form.load(path)


def test_broken_xml_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path / "模板.docx")
    rezipped(path, "word/document.xml", b"<w:document")
    with pytest.raises(UnreadableFile, match="损坏"):
        template_form.load(path)


def test_a_huge_template_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path / "模板.docx")
    monkeypatch.setattr(template_form, "MOST_XML", 100)
    with pytest.raises(UnreadableFile, match="超过上限"):
        template_form.load(path)


@pytest.mark.parametrize(
    "source", ["{{a.b}}", "{{a()}}", "{{a|e}}", "{% if a %}{% endif %}", "{{a[0]}}", "{{1}}"]
)
def test_the_sandbox_knows_names_only(source: str) -> None:
    with pytest.raises(TemplateError):
        template._Locked().from_string(source)


def test_a_name_that_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        template._Locked(undefined=StrictUndefined).from_string("{{a}}").render()


def test_a_placeholder_in_the_properties_of_the_file_does_not_run(sound: Checked, made: Any) -> None:
    def describe(word: Any) -> None:
        word.core_properties.author = "{{ ().__class__ }}"

    about = filled(sound, made("{{标题}}", change=describe)).core_properties
    assert (about.author, about.title) == ("", "雾岭县2023年卫生健康工作计划")


def test_nothing_is_written_over_a_file(sound: Checked, made: Any, tmp_path: Path) -> None:
    path = tmp_path / "成稿.docx"
    template.save(sound, made("{{标题}}"), path, official=PARTS)
    before = path.read_bytes()
    with pytest.raises(WenhengError, match="已经存在"):
        template.save(sound, made("{{单位}}"), path)
    assert path.read_bytes() == before
