"""Official parts around a text: their forms, and where and how they stand in the Word file."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import InputError
from service.draft.toy_paper import toy_draft, toy_opener, toy_paper
from service.papers import docx_official, export
from service.papers.docx_page import TEXT_WIDTH, TITLE_CHARACTERS, width_of, wrapped
from service.papers.official import NUMBER, Official, day_text
from service.papers.provenance import checked

OFFICIAL = Official(
    office="雾岭县卫生健康局",
    day=date(2023, 1, 5),
    head="雾岭县卫生健康局文件",
    number="雾卫发〔2023〕12号",
    addressee="各乡镇人民政府，县直有关单位：",
    attachments=("1.重点任务分工表。", "附件2：2023年清单"),
    copies="抄送：县财政局。",
    printer="雾岭县卫生健康局办公室",
    printed=date(2023, 1, 6),
)


def texts(elements: list) -> list[str]:
    return ["".join(t.text or "" for t in e.iter(qn("w:t"))) for e in elements]


@pytest.fixture(scope="module")
def word():
    draft = toy_draft()
    sound = checked(toy_paper(draft), toy_opener(draft))
    return docx.Document(BytesIO(export.to_bytes(sound, official=OFFICIAL)))


# -- forms ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["雾卫发〔2023〕12号", "雾政办函〔1999〕1号"])
def test_a_number_of_the_right_form_stays(number: str) -> None:
    assert Official(number=number).written().number == number


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("雾卫发[2023]12号", "雾卫发〔2023〕12号"),
        ("雾卫发（2023）第012号", "雾卫发〔2023〕12号"),
        ("雾卫发【2023】12", "雾卫发〔2023〕12号"),
        ("雾卫发2023年12号", "雾卫发〔2023〕12号"),
        ("雾卫发〔23〕12号", "青卫发〔2017〕193号"),  # which century is not for us to say
        ("〔2023〕12号", "青卫发〔2017〕193号"),
    ],
)
def test_a_number_of_another_form_is_refused_with_the_right_one(number: str, right: str) -> None:
    with pytest.raises(InputError) as raised:
        Official(number=number)
    assert number in str(raised.value) and right in str(raised.value)


@given(st.text(max_size=20))
@settings(deadline=None)
def test_whatever_passes_has_the_form_of_the_standard(number: str) -> None:
    try:
        kept = Official(number=number).written().number
    except InputError:
        return
    assert kept == "" or re.fullmatch(r".+〔\d{4}〕[1-9]\d*号", kept)
    assert kept == "" or NUMBER.fullmatch(kept)


def test_a_head_longer_than_a_line_is_refused() -> None:
    with pytest.raises(InputError, match="一行排不下"):
        Official(head="雾岭县" * 12)


def test_marks_that_the_layout_sets_are_taken_off() -> None:
    parts = OFFICIAL.written()
    assert parts.addressee == "各乡镇人民政府，县直有关单位"
    assert parts.attachments == ("重点任务分工表", "2023年清单")
    assert parts.copies == "县财政局"
    assert Official(attachments=("1.5万人名单", " ")).written().attachments == ("1.5万人名单",)


def test_days_have_no_leading_zeros() -> None:
    assert day_text(date(2023, 1, 5)) == "2023年1月5日"
    assert day_text(None) == ""
    assert Official(printer="办公室", day=date(2023, 1, 5)).written().printed == date(2023, 1, 5)


# -- elements ---------------------------------------------------------------------------------------


def test_the_parts_stand_in_the_order_of_the_standard(word) -> None:
    told = texts(word.element.body)
    order = [
        told.index(part)
        for part in (
            "雾岭县卫生健康局文件",
            "雾卫发〔2023〕12号",
            "雾岭县2023年卫生健康工作计划",
            "各乡镇人民政府，县直有关单位：",
            "一、总体目标",
            "附件：1.重点任务分工表",
            "2.2023年清单",
            "雾岭县卫生健康局",
            "2023年1月5日",
            "抄送：县财政局。雾岭县卫生健康局办公室2023年1月6日印发",
        )
    ]
    assert order == sorted(order)
    assert not any(re.search(r"\[\d", text) for text in told)  # no marks
    assert "资料来源" not in told


def test_the_head_is_red_with_a_red_rule_below(word) -> None:
    head, number = word.element.body[0], word.element.body[1]
    assert head.find(f".//{qn('w:color')}").get(qn("w:val")) == "FF0000"
    size = int(head.find(f".//{qn('w:sz')}").get(qn("w:val")))
    assert len("雾岭县卫生健康局文件") * size * 10 <= TEXT_WIDTH
    rule = number.find(f".//{qn('w:pBdr')}/{qn('w:bottom')}")
    assert (rule.get(qn("w:color")), rule.get(qn("w:space"))) == ("FF0000", "11")  # 4 mm
    title = word.element.body[2]
    assert title.pPr.find(qn("w:spacing")).get(qn("w:before")) == "1158"  # two lines


def test_a_short_head_is_not_larger_than_any_office_prints_it() -> None:
    (head, _) = docx_official.front(Official(head="县卫健局"))
    assert head.find(f".//{qn('w:sz')}").get(qn("w:val")) == "124"


def test_attachments_hang_at_the_first_character_of_their_name() -> None:
    one, many = (docx_official.attachments(names) for names in (("表",), ("甲", "乙", "丙")))
    assert texts(one) == ["", "附件：表"]
    assert texts(many) == ["", "附件：1.甲", "2.乙", "3.丙"]
    first, second = (p.pPr.find(qn("w:ind")) for p in many[1:3])
    assert first.get(qn("w:left")) == second.get(qn("w:left")) == str(6 * 315)
    begins = [int(i.get(qn("w:left"))) - int(i.get(qn("w:hanging"))) for i in (first, second)]
    assert begins == [2 * 315, 5 * 315]


def test_the_last_lines_stay_together(word) -> None:
    kept = {
        p.text: p._p.pPr.find(qn("w:keepNext")) is not None for p in word.paragraphs if p._p.pPr is not None
    }
    assert kept["附件：1.重点任务分工表"] and kept["2.2023年清单"] and kept["雾岭县卫生健康局"]
    assert not kept["2023年1月5日"]
    last_row = list(word.element.body.find(qn("w:tbl")).iter(qn("w:tr")))[-1]
    assert all(p.pPr.find(qn("w:keepNext")) is not None for p in last_row.iter(qn("w:p")))


def test_the_foot_stands_on_the_lower_margin_between_rules(word) -> None:
    foot = word.element.body.findall(qn("w:tbl"))[-1]
    place = foot.tblPr.find(qn("w:tblpPr"))
    assert (place.get(qn("w:vertAnchor")), place.get(qn("w:tblpYSpec"))) == ("margin", "bottom")
    assert foot.tblPr.find(qn("w:tblW")).get(qn("w:w")) == str(TEXT_WIDTH)
    rules = {b.tag.rsplit("}")[-1]: b.get(qn("w:sz")) for b in foot.tblPr.find(qn("w:tblBorders"))}
    assert rules == {"top": "8", "bottom": "8", "insideH": "6"}
    assert len(foot.findall(qn("w:tr"))) == 2


def test_what_is_not_given_is_not_there() -> None:
    empty = Official().written()
    assert docx_official.front(empty) == docx_official.addressee(empty) == docx_official.end(empty) == []
    assert docx_official.closing(empty) == []
    assert texts(docx_official.front(Official(number="雾卫发〔2023〕12号"))) == ["雾卫发〔2023〕12号"]


def test_a_memo_with_official_parts_keeps_its_sources() -> None:
    from service.papers.toy_document import toy_document

    word = docx.Document(BytesIO(export.to_bytes(checked(toy_document()), official=OFFICIAL)))
    told = [p.text for p in word.paragraphs]
    assert told[0] == "雾岭县卫生健康局文件"
    assert "资料来源" in told


# -- titles -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        (
            "雾岭县卫生健康局关于2022年工作情况和2023年工作打算的报告",
            ["雾岭县卫生健康局关于2022年工作情况", "和2023年工作打算的报告"],
        ),
        ("雾岭县2023年卫生健康工作计划", ["雾岭县2023年卫生健康工作计划"]),
        ("雾岭县卫生和计划生育委员会2019年工作计划", ["雾岭县卫生和计划生育委员会", "2019年工作计划"]),
    ],
)
def test_a_long_title_is_a_trapezoid(title: str, lines: list[str]) -> None:
    assert wrapped(title).split("\n") == lines
    widths = [width_of(line) for line in lines]
    assert widths == sorted(widths, reverse=True)


@given(st.text("雾岭县卫生健康局年度工作总结和打算报告《》、2023", max_size=90))
@settings(deadline=None, max_examples=60)
def test_a_title_is_broken_but_never_changed(title: str) -> None:
    lines = wrapped(title).split("\n")
    assert "".join(lines) == title
    assert len(lines) == 1 or all(width_of(line) <= TITLE_CHARACTERS for line in lines)


# -- 签发人 -------------------------------------------------------------------------------------------


def signed(names: str) -> list:
    parts = Official(head="雾岭县卫生健康局文件", number="雾卫发〔2023〕12号", signer=names).written()
    return docx_official.front(parts)


def test_who_signed_stands_right_of_the_number_in_kai() -> None:
    _, line = signed("签发人：张某某")
    assert texts([line]) == ["雾卫发〔2023〕12号签发人：张某某"]
    assert len(list(line.iter(qn("w:tab")))) == 3  # two stops, one step
    kai = [
        r
        for r in line.iter(qn("w:r"))
        if r.rPr is not None and r.rPr.rFonts.get(qn("w:eastAsia")) == "楷体_GB2312"
    ]
    assert texts(kai) == ["张某某"]
    assert line.pPr.find(qn("w:pBdr")) is not None


def test_several_names_stand_two_a_line_and_the_number_beside_the_last() -> None:
    _, first, last = signed("张某某、李某某，王某")
    assert texts([first, last]) == ["签发人：张某某　李某某", "雾卫发〔2023〕12号王某"]
    assert first.pPr.find(qn("w:pBdr")) is None and last.pPr.find(qn("w:pBdr")) is not None
    stops = [[t.get(qn("w:pos")) for t in e.pPr.iter(qn("w:tab"))] for e in (first, last)]
    assert stops[0] == stops[1]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"signer": "张某某"}, "发文字号"),
        ({"signer": "张某某李某某王某某", "number": "雾卫发〔2023〕12号"}, "顿号"),
    ],
)
def test_a_signer_without_a_number_or_names_run_together_are_refused(
    parts: dict[str, str], told: str
) -> None:
    with pytest.raises(InputError) as raised:
        Official(**parts)
    assert told in str(raised.value)
