"""The workbook of an input: how it looks, what is read from it, and what is refused."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from corpus.errors import InputError, NotFound
from corpus.parse import parse
from corpus.readers import read
from corpus.report import Report, Span
from service.cited import Citation
from service.draft.fields import COLUMNS, FIELDS
from service.draft.inputs import Amount, Basic, DraftInput, Indicator, Kind, Problem, Task
from service.draft.prefill_sources import Filled, Prefilled, citation_of
from service.draft.workbook import read_workbook, write_workbook

GIVEN = DraftInput(
    Basic("澄河县卫生健康局", "澄河县", 2023, Kind.PLAN),
    (
        Indicator("签约率", "%", Amount(Decimal("61.3"), "61.3"), Amount(Decimal("66.8"), "66.8")),
        Indicator("签约居民", "人", None, Amount(Decimal(194000), "19.4万")),
    ),
    (Problem("问题1", "村医后继乏人", "60岁以上的有173名", "待遇偏低"), Problem("问题2", "设备老化")),
    (Task("任务1", "定向培养村医", ("问题1",), "与卫校签协议", "基层股", "9月底前", date(2023, 9, 30)),),
)
Edit = Callable[..., Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """edited({"问题!C3": value}, change=None): the workbook of GIVEN with cells changed, then ``change(book)``."""

    def make(
        cells: dict[str, Any] | None = None,
        change: Callable[[Any], object] | None = None,
        given: Prefilled | None = None,
    ) -> Path:
        path = tmp_path / "输入.xlsx"
        write_workbook(given or Prefilled(GIVEN), path, force=True)
        book = load_workbook(path)
        for address, value in (cells or {}).items():
            sheet, at = address.split("!")
            book[sheet][at] = value
        if change:
            change(book)
        book.save(path)
        return path

    return make


def refused(path: Path) -> str:
    """The message of a workbook that is refused; it tells what to do."""
    with pytest.raises(InputError) as error:
        read_workbook(path)
    assert "请" in str(error.value) and path.name in str(error.value)
    return str(error.value)


# -- how it looks -------------------------------------------------------------------------------------


def test_the_sheets_have_help_headers_and_drop_downs(edited: Edit) -> None:
    book = load_workbook(edited())
    assert book.sheetnames == ["基本信息", "指标", "问题", "任务"]
    assert [cell.value for cell in book["基本信息"]["A"]][1 : len(FIELDS) + 1] == [
        column.name + "*" * column.required for column in FIELDS
    ]
    for name, columns in COLUMNS.items():
        sheet = book[name]
        assert [cell.value for cell in sheet[1]] == [column.help for column in columns]
        assert [str(cell.value).rstrip("*") for cell in sheet[2]] == [column.name for column in columns]
        assert all(cell.comment and cell.comment.text for cell in sheet[2])
        assert sheet.freeze_panes == "B3"
    rules = {
        f"{sheet.title}!{rule.sqref}": (rule.type, rule.formula1, rule.errorStyle, rule.showErrorMessage)
        for sheet in book
        for rule in sheet.data_validations.dataValidation
    }
    assert rules["基本信息!B2"] == ("list", '"存在问题和下一步打算,工作计划,工作总结"', "stop", True)
    assert rules["基本信息!B5"] == ("whole", "1990", "stop", True)
    assert rules["指标!B3:B500"][0] == "list" and not rules["指标!B3:B500"][3]
    assert rules["指标!D3:D500"][0] == "decimal" and rules["指标!D3:D500"][2] == "warning"
    assert rules["任务!B3:B500"][:2] == ("list", "问题!$A$3:$A$500")


def test_numbers_are_numbers_in_the_scale_of_their_unit(edited: Edit) -> None:
    sheet = load_workbook(edited())["指标"]
    assert [cell.value for cell in sheet[3]][:5] == ["签约率", "%", 61.3, 66.8, None]
    assert [cell.value for cell in sheet[4]][:5] == ["签约居民", "万人", None, 19.4, None]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-甲", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_no_text_becomes_a_formula(tmp_path: Path, text: str) -> None:
    made = replace(GIVEN, problems=(Problem("问题1", text, text),), tasks=())
    path = tmp_path / "输入.xlsx"
    write_workbook(Prefilled(made), path)
    with zipfile.ZipFile(path) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist() if "sheet" in name)
    assert load_workbook(path)["问题"]["B3"].data_type == "s"
    assert read_workbook(path).problems[0].title == text


# -- what is read -------------------------------------------------------------------------------------


def test_a_row_knows_its_address(edited: Edit) -> None:
    made = read_workbook(edited())
    assert [row.at for row in (*made.indicators, *made.problems, *made.tasks)] == [
        "指标!第3行", "指标!第4行", "问题!第3行", "问题!第4行", "任务!第3行",
    ]  # fmt: skip


def test_cells_are_read_as_excel_shows_them(edited: Edit) -> None:
    def form(book: Any) -> None:
        for at, value, shown in (("D3", 0.668, "0.0%"), ("C3", 0.1 + 0.2, "General"), ("E3", 0.7, '0"%"')):
            book["指标"][at] = value
            book["指标"][at].number_format = shown
        book["任务"]["E3"] = datetime(2023, 9, 1)
        book["任务"]["E3"].number_format = 'yyyy"年"m"月"'
        book["基本信息"]["B6"] = datetime(2022, 12, 31)
        book["基本信息"]["B6"].number_format = "yyyy-mm-dd"
        book["任务"]["F3"] = 20

    made = read_workbook(edited(change=form))
    first = made.indicators[0]
    assert first.this == Amount(Decimal("66.8"), "66.8") and first.last == Amount(Decimal("0.3"), "0.3")
    assert first.target == Amount(Decimal("0.7"), "0.7")
    assert (made.tasks[0].deadline, made.tasks[0].due) == ("2023年9月", date(2023, 9, 30))
    assert made.tasks[0].target == "20"
    assert made.basic.as_of == date(2022, 12, 31)


def test_the_layout_does_not_matter(edited: Edit) -> None:
    def move(book: Any) -> None:
        book["指标"].insert_rows(3, 4)
        book["问题"].delete_rows(1)
        book["问题"].move_range("A1:E4", rows=2, cols=3)
        book["任务"].delete_cols(8)
        book._sheets.reverse()

    before, after = read_workbook(edited()), read_workbook(edited(change=move))
    assert after.sha256 == before.sha256
    assert after.indicators[0].at == "指标!第7行" and after.problems[0].at == "问题!第4行"


def test_keys_are_given_and_meant(edited: Edit) -> None:
    made = read_workbook(edited({"问题!A3": None, "问题!A4": 7, "任务!B3": "1，7、设备老化"}))
    assert [row.key for row in made.problems] == ["问题1", "7"]
    assert made.tasks[0].answers == ("问题1", "7")


def test_unknown_sheets_and_columns_are_told_and_left(edited: Edit) -> None:
    def add(book: Any) -> None:
        book.create_sheet("草稿")["A1"] = "=1+1"
        book.create_sheet("空表")
        book["问题"]["F2"], book["问题"]["F3"] = "备注", "=A1"

    made = read_workbook(edited(change=add))
    assert made.warnings == ("工作表“草稿”不认识，没有读取", "问题!F2：没有“备注”这一列，没有读取")
    assert plainly(made) == plainly(read_workbook(edited()))


def test_an_older_workbook_without_the_newer_column_is_read(edited: Edit) -> None:
    made = read_workbook(edited({"任务!H2": None}))
    assert made.tasks and all(task.area == "" for task in made.tasks)


def plainly(made: DraftInput) -> str:
    return made.sha256


def test_three_hundred_tasks_are_read_with_a_warning(edited: Edit) -> None:
    made = read_workbook(edited({f"任务!A{row}": f"任务之{row}" for row in range(3, 303)}))
    assert len(made.tasks) == 300 and made.tasks[299].key == "任务300"
    assert "“任务”有300行，全部会写进文稿，文稿会很长，写作也要很久" in made.warnings


def test_a_long_problem_is_taken_where_there_is_room_for_it(edited: Edit) -> None:
    made = read_workbook(edited({"问题!C3": "乏" * 2000}))
    assert len(made.problems[0].shows) == 2000
    assert made.warnings == ("问题!C3：“表现”有2000字，写出的段落会很长",)
    path = edited({"问题!B3": "乏" * 2000, "问题!C3": "乏" * 2001})
    message = refused(path)
    assert "问题!B3 “问题”有2000字，最多200字。写不下的请移到“表现”“原因”“措施”等栏" in message
    assert "问题!C3 “表现”有2001字，最多2000字" in message
    assert load_workbook(path)["问题"]["B3"].value == "乏" * 2000


def test_a_workbook_that_is_open_elsewhere_is_read_with_a_warning(edited: Edit) -> None:
    path = edited()
    (path.parent / "~$输入.xlsx").write_bytes(b"")
    assert "正在另一个程序中打开" in read_workbook(path).warnings[0]


# -- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"指标!D3": "三百"}, "指标!D3 “三百”不是数值"),
        ({"指标!D3": "3O%"}, "指标!D3 “3O%”不是数值，里面有字母"),
        ({"指标!D3": "66.8人"}, "指标!D3 “66.8人”的单位与本行的“%”不一致"),
        ({"指标!D3": datetime(2023, 1, 2)}, "指标!D3 “2023年1月2日”不是数值"),
        ({"指标!A3": None}, "指标!A3 “名称”没有填"),
        ({"指标!A4": "签约率", "指标!B4": "%"}, "指标!A4 指标“签约率”与指标!A3重复"),
        ({"任务!E3": "2023-02-30"}, "任务!E3 没有2023年2月30日这一天"),
        ({"任务!E3": "2月30日前"}, "任务!E3 “2月30日前”里的日期不存在"),
        ({"基本信息!B6": "2022-02-30"}, "基本信息!B6 没有2022年2月30日这一天"),
        ({"基本信息!B5": "明年"}, "基本信息!B5 “明年”不是年份"),
        ({"基本信息!B5": 20233}, "基本信息!B5 “20233”不是年份"),
        ({"基本信息!B2": "讲话稿"}, "基本信息!B2 没有“讲话稿”这种文种"),
        ({"基本信息!B3": None}, "基本信息!B3 “单位”没有填"),
        ({"基本信息!A3": None}, "基本信息 “单位”没有填"),
        ({"基本信息!A8": "年度"}, "基本信息!A8 “年度”写了两次"),
        ({"任务!B3": "问题9"}, "任务!B3 没有编号为“问题9”的问题。现有编号：问题1、问题2；"),
        ({"问题!A4": "问题1"}, "问题!A4 编号“问题1”与问题!A3重复"),
        ({"问题!A4": "问题 2"}, "问题!A4 编号“问题 2”里有空格或顿号"),
        ({"指标!D3": "=C3+1"}, "指标!D3 是公式，程序不运行公式"),
        ({"问题!B3": "=CMD|'/C calc'!A0"}, "问题!B3 是公式"),
        ({"基本信息!B5": "=YEAR(TODAY())"}, "基本信息!B5 是公式"),
        ({"指标!D2": "今年值"}, "指标!第2行 缺少这些列：本年值"),
        ({"指标!E2": "本年值"}, "指标!E2 “本年值”这一列有两个"),
    ],
)
def test_a_bad_cell_is_named(edited: Edit, cells: dict[str, Any], told: str) -> None:
    assert told in refused(edited(cells))


def test_an_error_value_is_no_value(edited: Edit) -> None:
    def spoil(book: Any) -> None:
        book["指标"]["D3"].value = "#REF!"
        book["指标"]["D3"].data_type = "e"

    assert "指标!D3 是错误值“#REF!”" in refused(edited(change=spoil))


def test_all_faults_are_told_together_and_the_file_stays(edited: Edit) -> None:
    path = edited({"指标!D3": "多", "问题!A4": "问题1", "任务!B3": "问题9", "基本信息!B5": "=1"})
    before = path.read_bytes()
    lines = refused(path).splitlines()
    assert lines[0] == "输入.xlsx：有4处要改"
    assert [line.split()[0] for line in lines[1:5]] == ["基本信息!B5", "问题!A4", "指标!D3", "任务!B3"]
    assert path.read_bytes() == before


def test_a_message_ends_somewhere(edited: Edit) -> None:
    message = refused(edited({f"任务!B{row}": f"问题{row}" for row in range(10, 110)}))
    assert "有200处要改" in message and "另有170处" in message and len(message.splitlines()) < 40


@pytest.mark.parametrize("name", ["基本信息", "指标", "问题", "任务"])
def test_a_missing_sheet_is_named(edited: Edit, name: str) -> None:
    assert f"缺少工作表“{name}”" in refused(edited(change=lambda book: book.remove(book[name])))


def test_empty_workbooks(tmp_path: Path, edited: Edit) -> None:
    path = tmp_path / "空.xlsx"
    Workbook().save(path)
    assert "缺少工作表“基本信息”“指标”“问题”“任务”（现有：Sheet）" in refused(path)
    book = Workbook()
    for name in ("基本信息", "指标", "问题", "任务"):
        book.create_sheet(name)
    book.save(path)
    message = refused(path)
    assert "基本信息 “年度”没有填" in message and "指标!第1行 找不到表头（名称、单位" in message
    empty = Prefilled(DraftInput(Basic("澄河县卫生健康局", "澄河县", 2023, Kind.PLAN)))
    assert "指标、问题、任务三张表都没有内容" in refused(edited(given=empty))


def repacked(path: Path, parts: dict[str, bytes]) -> Path:
    """The workbook with parts added or replaced."""
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (kept | parts).items():
            archive.writestr(name, data)
    return path


def test_macros_are_refused(edited: Edit) -> None:
    message = refused(repacked(edited(), {"xl/vbaProject.bin": b"x"}))
    assert "工作簿里有宏" in message and "另存为不含宏的 .xlsx" in message
    types = b'<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>'
    assert "工作簿里有宏" in refused(repacked(edited(), {"[Content_Types].xml": types}))
    path = edited()
    assert "不含宏" in refused(path.rename(path.with_suffix(".xlsm")))


def test_links_to_other_files_are_told_and_not_followed(edited: Edit) -> None:
    path = repacked(edited(), {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"})
    assert read_workbook(path).warnings == ("工作簿里有指向其他文件的链接，没有读取",)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "文件是空的"),
        ("不是表".encode(), "不是 Excel 工作簿，或已损坏"),
        (b"PK\x03\x04" + b"\0" * 64, "不是 Excel 工作簿，或已损坏"),
        (OLE, "旧版 Excel"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "工作簿有密码"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "输入.xlsx"
    path.write_bytes(data)
    assert told in refused(path)


def test_a_zip_bomb_and_a_doctype_are_refused(edited: Edit) -> None:
    assert "疑似压缩炸弹" in refused(repacked(edited(), {"xl/media/a.bin": b"\0" * (40 * 2**20)}))
    evil = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><workbook>&b;</workbook>'
    assert "DOCTYPE" in refused(repacked(edited(), {"xl/workbook.xml": evil}))
    assert "已损坏" in refused(repacked(edited(), {"xl/worksheets/sheet1.xml": b"<worksheet><sheetData>"}))


def test_another_archive_is_no_workbook(tmp_path: Path) -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    (tmp_path / "输入.xlsx").write_bytes(stream.getvalue())
    assert "不是 Excel 工作簿" in refused(tmp_path / "输入.xlsx")


# -- sources --------------------------------------------------------------------------------------------

PAGE = """澄河县卫生健康局2022年工作总结
一、工作完成情况
全县家庭医生签约率为66.8%，签约居民19.4万人。
二、存在的问题
（一）村医后继乏人。60岁以上的有173名，年轻人不愿意到村里工作。
"""


@pytest.fixture
def report(tmp_path: Path) -> Report:
    path = tmp_path / "澄河县卫生健康局2022年工作总结.txt"
    path.write_text(PAGE, encoding="utf-8")
    return parse(read(path))[0]


@pytest.fixture
def sourced(report: Report) -> Prefilled:
    """GIVEN with sources for the values of the year, and for a problem."""

    def cite(text: str) -> Citation:
        start = report.text.index(text)
        return citation_of(report, Span(start, start + len(text)))

    value = cite("全县家庭医生签约率为66.8%，签约居民19.4万人。")
    told = cite("60岁以上的有173名，年轻人不愿意到村里工作。")
    return Prefilled(
        GIVEN,
        (
            Filled("指标", 0, "本年值", (value,)),
            Filled("指标", 1, "本年值", (value,)),
            Filled("问题", 0, "表现", (told,), "请核对"),
        ),
        (report.id,),
        ("用到的报告：《澄河县卫生健康局2022年工作总结》",),
    )


def test_prefilled_cells_are_coloured_and_name_their_source(
    edited: Edit, sourced: Prefilled, report: Report
) -> None:
    book = load_workbook(edited(given=sourced))
    cell = book["指标"]["D3"]
    assert cell.fill.fgColor.rgb == "00FFF4CC" and book["指标"]["C3"].fill.fgColor.rgb != "00FFF4CC"
    start = report.text.index("全县家庭")
    assert (
        f"（{report.id} {start}-{start + 27}）" in cell.comment.text and "签约率为66.8%" in cell.comment.text
    )
    line = str(book["指标"]["G3"].value)
    assert line.startswith(
        "签约率，2022年：《澄河县卫生健康局2022年工作总结》（澄河县，2022年）“全县家庭医生"
    )
    assert line.endswith(f"”[{report.id}:{start}-{start + 27}]")
    assert book["问题"]["C3"].comment.text.startswith("请核对\n")
    assert "用到的报告：《澄河县卫生健康局2022年工作总结》" in [cell.value for cell in book["基本信息"]["C"]]


def opened(report: Report) -> Callable[[str], Report]:
    def open_report(report_id: str) -> Report:
        if report_id != report.id:
            raise NotFound("没有这份报告")
        return report

    return open_report


def test_a_citation_comes_back_with_its_path(edited: Edit, sourced: Prefilled, report: Report) -> None:
    made = read_workbook(edited(given=sourced), opened(report))
    assert made.indicators[0].citations == sourced.filled[0].citations
    assert made.indicators[0].source == "" and made.indicators[0].citations[0].path
    assert made.problems[0].citations == sourced.filled[2].citations
    assert made.sha256 != read_workbook(edited()).sha256


def test_without_the_library_a_citation_is_what_its_line_says(edited: Edit, sourced: Prefilled) -> None:
    made = read_workbook(edited(given=sourced))
    assert made.indicators[0].citations == (replace(sourced.filled[0].citations[0], path=()),)


@pytest.mark.parametrize(
    "cells",
    [
        {"指标!D3": 67.8},
        {"指标!D3": None, "指标!C3": 66.8},
        {"指标!B3": "‰"},
        {"指标!A3": "重点人群签约率"},
        {"指标!F3": "常住人口"},
        {"指标!G3": None},
        {"基本信息!B4": "栗坪县"},
        {"基本信息!B5": 2024},
    ],
)
def test_a_changed_row_loses_its_citation(
    edited: Edit, sourced: Prefilled, report: Report, cells: dict[str, Any]
) -> None:
    assert read_workbook(edited(cells, given=sourced), opened(report)).indicators[0].citations == ()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("60岁以上的有173名，年轻人不愿意到村里工作", True),
        ("60岁以上的有173名。", True),
        ("年轻人不愿意到村里工作；60岁以上的有173名", True),
        ("60岁以上的有183名，年轻人不愿意到村里工作", False),
        ("60岁以上的有173名，年轻人愿意到村里工作", False),
        ("60岁以上的有173名，今年又走了5名", False),
        (None, False),
    ],
)
def test_a_text_keeps_its_citation_while_it_says_what_the_source_says(
    edited: Edit, sourced: Prefilled, report: Report, text: str | None, kept: bool
) -> None:
    made = read_workbook(edited({"问题!C3": text}, given=sourced), opened(report))
    assert bool(made.problems[0].citations) is kept


def test_texts_of_another_place_have_no_citation(edited: Edit, sourced: Prefilled, report: Report) -> None:
    made = read_workbook(edited({"基本信息!B4": "栗坪县"}, given=sourced), opened(report))
    assert made.problems[0].citations == ()


def test_a_report_that_is_gone_or_other_is_no_source(
    edited: Edit, sourced: Prefilled, report: Report
) -> None:
    path = edited(given=sourced)
    other = replace(report, text=report.text.replace("66.8", "66.9"))
    assert read_workbook(path, opened(other)).indicators[0].citations == ()
    assert read_workbook(path, opened(replace(report, id="0" * 12))).indicators[0].citations == ()
    short = replace(report, text="短")
    assert read_workbook(path, opened(short)).problems[0].citations == ()


def test_the_words_of_the_user_stand_beside_the_line(
    edited: Edit, sourced: Prefilled, report: Report
) -> None:
    path = edited(given=sourced)
    book = load_workbook(path)
    book["指标"]["G3"].value = f"卫生统计年报\n{book['指标']['G3'].value}"
    book.save(path)
    row = read_workbook(path, opened(report)).indicators[0]
    assert row.source == "卫生统计年报" and len(row.citations) == 1
