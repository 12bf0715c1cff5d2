"""The workbook that an office fills in: four sheets with help, drop-downs and what the library knows (输入表).

In: a :class:`~service.draft.prefill_sources.Prefilled`. Out: the bytes of an .xlsx that
:mod:`service.draft.workbook_reading` reads back as the same input. Help stands above each column and as a note at its
head; prefilled cells are coloured and name their source in a note and in the column 来源. No cell can run as a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from service.arithmetic import plain
from service.draft import fields
from service.draft.fields import BASIC, COLUMNS, FIELDS, INDICATORS, PROBLEMS, TASKS, Column
from service.draft.inputs import Kind
from service.draft.prefill_sources import Filled, Prefilled, basic_cells, cells_of
from service.draft.workbook_reading import HEADINGS

HELP_ROW, HEADER_ROW, FIRST_ROW, LAST_ROW = 1, 2, 3, 500
FILLED, TO_FILL = "FFF4CC", "FFFFFF"
LINE_HEIGHT, MOST_LINES = 15, 20  # points, and lines that a row shows
LONGEST_NOTE = 1000  # characters
_HEAD = PatternFill("solid", fgColor="2F5D8A")
_HELP = PatternFill("solid", fgColor="EEF2F6")
_COLOUR = PatternFill("solid", fgColor=FILLED)
_THIN = Side(style="thin", color="C8D0D8")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_WRAP = Alignment(wrap_text=True, vertical="top")
_AUTHOR = "文衡"
LEGEND = (
    "浅黄色的格是根据库中以往报告预填的，请逐格核对、修改；出处见批注和“来源”列。",
    "带 * 的必须填写。四张表的名称和表头请不要改；空行不读；不要填公式和宏。",
)


def workbook(given: Prefilled) -> bytes:
    """The bytes of the workbook."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = BASIC
    _basic(first, given)
    rows = cells_of(given)
    for name, columns in COLUMNS.items():
        sheet = book.create_sheet(name)
        _head(sheet, columns)
        for number, cells in enumerate(rows[name]):
            _row(sheet, FIRST_ROW + number, columns, cells, given.of(name, number))
        _paper(sheet, len(columns))
    _validate(book)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


# -- sheets -----------------------------------------------------------------------------------------


def _basic(sheet: Worksheet, given: Prefilled) -> None:
    """项目, 内容, 说明: one row a field, then the legend and what was found or not."""
    for place, (name, width) in enumerate(zip(HEADINGS, (14, 44, 70), strict=True), 1):
        _put(sheet, 1, place, name)
        _as_head(sheet, 1, place)
        sheet.column_dimensions[get_column_letter(place)].width = width
    values = basic_cells(given.given.basic)
    filled = {one.column: one for one in given.of(BASIC, 0)}
    for number, column in enumerate(FIELDS, 2):
        _put(sheet, number, 1, column.name + ("*" if column.required else ""))
        _put(sheet, number, 2, values[column.name], number=column.name == "年度")
        _put(sheet, number, 3, column.help + (f"。例：{column.example}" if column.example else ""))
        sheet.cell(number, 1).font = Font(bold=True)
        sheet.cell(number, 3).font = Font(color="666666", italic=True)
        if column.name in filled:
            _mark(sheet, number, 2, filled[column.name])
        for place in range(1, 4):
            sheet.cell(number, place).border = _GRID
            sheet.cell(number, place).alignment = _WRAP
    for number, text in enumerate((*LEGEND, *given.messages), len(FIELDS) + 3):
        _put(sheet, number, 3, text)
        sheet.cell(number, 3).alignment = _WRAP
        if text == LEGEND[0]:
            sheet.cell(number, 3).fill = _COLOUR
    sheet.freeze_panes = "A2"


def _head(sheet: Worksheet, columns: Sequence[Column]) -> None:
    """The row of help and the header below it, both staying in view."""
    for number, column in enumerate(columns, 1):
        _put(sheet, HELP_ROW, number, column.help)
        sheet.cell(HELP_ROW, number).font = Font(color="666666", italic=True, size=9)
        sheet.cell(HELP_ROW, number).fill = _HELP
        sheet.cell(HELP_ROW, number).alignment = _WRAP
        _put(sheet, HEADER_ROW, number, column.name + ("*" if column.required else ""))
        _as_head(sheet, HEADER_ROW, number)
        example = f"\n例：{column.example}" if column.example else ""
        needed = "必须填写。" if column.required else ""
        _note(sheet, HEADER_ROW, number, f"{needed}{column.help}。{example}\n最多{column.most}字。")
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.row_dimensions[HELP_ROW].height = 54
    sheet.freeze_panes = f"B{FIRST_ROW}"
    last = get_column_letter(len(columns))
    sheet.auto_filter.ref = f"A{HEADER_ROW}:{last}{LAST_ROW}"


def _row(
    sheet: Worksheet,
    number: int,
    columns: Sequence[Column],
    cells: Mapping[str, str],
    filled: Iterable[Filled],
) -> None:
    """One row of data; the prefilled cells are marked."""
    marks = {one.column: one for one in filled}
    for place, column in enumerate(columns, 1):
        values = column.name in ("上年值", "本年值", "目标值") and sheet.title == INDICATORS
        _put(sheet, number, place, cells.get(column.name, ""), number=values)
        if column.name in marks:
            _mark(sheet, number, place, marks[column.name])
        elif column.name == "来源" and marks:
            sheet.cell(number, place).fill = _COLOUR
    sheet.row_dimensions[number].height = _height(columns, cells)


def _height(columns: Sequence[Column], cells: Mapping[str, str]) -> int:
    """The height that shows all texts of a row; of the long sources the beginning will do."""
    lines = 1
    for column in columns:
        text = cells.get(column.name, "")
        wide = sum(2 if ord(character) > 255 else 1 for character in text)
        most = 2 if column.name == "来源" else MOST_LINES
        lines = max(lines, min(most, -(-wide // (column.width - 1))))
    return LINE_HEIGHT * lines + 3


def _paper(sheet: Worksheet, width: int) -> None:
    """Rules and wrapping for the rows that will be filled in, landscape for printing."""
    for number in range(FIRST_ROW, max(sheet.max_row, FIRST_ROW + 29) + 1):
        for place in range(1, width + 1):
            cell = sheet.cell(number, place)
            cell.border = _GRID
            cell.alignment = _WRAP
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"


# -- cells ------------------------------------------------------------------------------------------


def _put(sheet: Worksheet, row: int, column: int, text: str, *, number: bool = False) -> None:
    """Write a text, as a number where it is one and is read back as the same one."""
    cell = sheet.cell(row, column)
    if not text:
        return
    if number and (value := _number(text)) is not None:
        cell.value = value
        return
    cell.value = text
    cell.data_type = "s"  # never a formula
    if text[0] in "=+-@":
        cell.quotePrefix = True


def _number(text: str) -> int | Decimal | None:
    """The number of a text that a cell gives back unchanged."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or plain(value) != text or len(text.strip("-").replace(".", "")) > 15:
        return None
    return int(value) if value == value.to_integral_value() else value


def _mark(sheet: Worksheet, row: int, column: int, filled: Filled) -> None:
    """Colour a prefilled cell and note its source."""
    sheet.cell(row, column).fill = _COLOUR
    lines = [
        f"《{c.title}》：“{' '.join(c.quote.split())}”（{c.report_id} {c.start}-{c.end}）"
        for c in filled.citations
    ]
    text = "\n".join(filter(None, (filled.note, *lines)))
    if text:
        _note(sheet, row, column, text if len(text) <= LONGEST_NOTE else f"{text[: LONGEST_NOTE - 1]}…")


def _note(sheet: Worksheet, row: int, column: int, text: str) -> None:
    note = Comment(text, _AUTHOR)
    note.width, note.height = 360, min(320, 40 + 18 * (len(text) // 24 + text.count("\n") + 1))
    sheet.cell(row, column).comment = note


def _as_head(sheet: Worksheet, row: int, column: int) -> None:
    cell = sheet.cell(row, column)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = _HEAD
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    cell.border = _GRID
    cell.protection = Protection(locked=True)


# -- what may be typed ------------------------------------------------------------------------------


def _validate(book: Workbook) -> None:
    """Drop-downs, years, dates and numbers. Only 文种 and 年度 are strict: 不低于75 is a value too."""
    basic, indicators, tasks = book[BASIC], book[INDICATORS], book[TASKS]
    at = {column.name: f"B{number}" for number, column in enumerate(FIELDS, 2)}
    kinds = ",".join(kind.label for kind in Kind)
    _rule(basic, at["文种"], "list", f'"{kinds}"', error="请从下拉框中选一种文种")
    first, last = str(fields.FIRST_YEAR), str(fields.LAST_YEAR)
    _rule(basic, at["年度"], "whole", first, last, error="请写四位数字的年份，如 2023")
    for name in ("截止日期", "成文日期"):
        low, high = f"DATE({first},1,1)", f"DATE({last},12,31)"
        _rule(basic, at[name], "date", low, high, error="请写成 2023-09-30 的样子", strict=False)
        basic[at[name]].number_format = "yyyy-mm-dd"
    units = ",".join(fields.UNITS)
    _rule(indicators, _down("B"), "list", f'"{units}"', error="", strict=None)
    for letter in "CDE":
        text = "不是纯数字。可以写 约72、不低于75、1.2万 这样的数；单位写在“单位”列。确定吗？"
        _rule(indicators, _down(letter), "decimal", "-1E+15", "1E+15", error=text, strict=False)
    _rule(tasks, _down("B"), "list", f"{PROBLEMS}!$A${FIRST_ROW}:$A${LAST_ROW}", error="", strict=None)


def _down(letter: str) -> str:
    return f"{letter}{FIRST_ROW}:{letter}{LAST_ROW}"


def _rule(
    sheet: Any,
    cells: str,
    kind: Any,
    low: str,
    high: str | None = None,
    *,
    error: str,
    strict: bool | None = True,
) -> None:
    """Validate cells: refuse (strict), ask (not strict) or only offer (None)."""
    rule = DataValidation(
        type=kind,
        formula1=low,
        formula2=high,
        allow_blank=True,
        operator="between" if high else None,
        showErrorMessage=strict is not None,
        errorStyle="stop" if strict else "warning",
        errorTitle="请检查" if error else None,
        error=error or None,
    )
    sheet.add_data_validation(rule)
    rule.add(cells)
