"""The cells of a workbook as text, without running anything in it (读入 Excel).

In: the bytes of an .xlsx. Out: :class:`~service.draft.input_rows.Sheets`. Numbers become what the user sees
(72.3% for a cell that holds 0.723 as a percentage, 2023年9月 for a date shown so); a formula is refused, since
what it last gave may be stale and what it would give is not computed here. Refused before any parser: old and macro
workbooks, encrypted ones, zip bombs, entities.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from corpus.errors import BadTable, UnreadableFile, WenhengError
from corpus.readers import container
from corpus.readers.guard import Limits
from service.arithmetic import plain
from service.draft.fields import BASIC, COLUMNS, FIELDS, one_line
from service.draft.input_rows import Cell, Line, Sheets

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as ExcelCell

LIMITS = Limits(size=20 * 2**20, unpacked=128 * 2**20)
MOST_ROWS, MOST_COLUMNS = 5000, 60
HEADINGS = ("项目", "内容", "说明")  # of 基本信息
OPTIONAL = ("来源", "板块")  # columns that an older workbook may lack
HEADER_WITHIN = 20  # rows in which the header is looked for
_RESAVE = "请用 Excel 或 WPS 打开，另存为 .xlsx 后再试"
_NEW = "请用 wenheng draft new 重新生成一份，再把内容复制过去"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
FORMULA = "是公式，程序不运行公式。请把它换成算出的数：复制后“选择性粘贴”为“数值”"


def sheets_of(data: bytes, where: str) -> Sheets:
    """The cells of a workbook.

    Raises:
        UnreadableFile: it is none, or one that is not read.
        BadTable: sheets or columns are missing.
    """
    _guard(data, where)
    try:
        found = _sheets(data)
    except WenhengError as error:
        raise type(error)(error.message, where=where, remedy=error.remedy) from error
    except Exception as error:  # openpyxl lets whatever its parsers meet through
        raise UnreadableFile("不是能打开的 xlsx 表，可能已损坏", where=where, remedy=_RESAVE) from error
    return found


# -- before any parser ------------------------------------------------------------------------------


def _guard(data: bytes, where: str) -> None:
    """Refuse what is no plain workbook."""
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableFile(
                "工作簿有密码，打不开", where=where, remedy="请在 Excel 中取消密码后另存，再试一次"
            )
        raise UnreadableFile("是旧版 Excel 文件（.xls）", where=where, remedy=_RESAVE)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            container.check_sizes(archive.infolist(), len(data), LIMITS)
            names = archive.namelist()
            if "xl/workbook.xml" not in names:
                raise UnreadableFile("不是 Excel 工作簿", remedy=_RESAVE)
            if any("vbaproject" in name.lower() for name in names) or _with_macros(archive):
                raise UnreadableFile(
                    "工作簿里有宏，没有读取", remedy="请另存为不含宏的 .xlsx 后再试；宏不会被运行"
                )
            container.check_parts(archive)
    except UnreadableFile as error:
        raise UnreadableFile(error.message, where=where, remedy=error.remedy or _RESAVE) from error
    except Exception as error:  # zipfile and zlib fail in many ways
        raise UnreadableFile("不是 Excel 工作簿，或已损坏", where=where, remedy=_RESAVE) from error


def _with_macros(archive: zipfile.ZipFile) -> bool:
    """Whether the workbook declares itself as one with macros."""
    types = "[Content_Types].xml"
    return types in archive.namelist() and b"macroEnabled" in archive.read(types)


# -- sheets -----------------------------------------------------------------------------------------


def _sheets(data: bytes) -> Sheets:
    from openpyxl import load_workbook  # slow to load

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of styles and extensions that it leaves out
        book = load_workbook(BytesIO(data), read_only=True, keep_links=False)
        try:
            grids = {sheet.title.strip(): _grid(sheet) for sheet in book.worksheets}
        finally:
            book.close()
    missing = [name for name in (BASIC, *COLUMNS) if name not in grids]
    if missing:
        there = f"现有：{'、'.join(grids) or '（没有）'}"
        raise BadTable(f"缺少工作表“{'”“'.join(missing)}”（{there}）", remedy=f"工作表的名称请不要改；{_NEW}")
    told_of = [
        f"工作表“{name}”不认识，没有读取" for name in grids if name not in (BASIC, *COLUMNS) and grids[name]
    ]
    with zipfile.ZipFile(BytesIO(data)) as archive:
        if any(name.startswith("xl/externalLinks/") for name in archive.namelist()):
            told_of.append("工作簿里有指向其他文件的链接，没有读取")
    faults: list[str] = []
    basic = _basic(grids[BASIC], faults, told_of)
    rows = {name: _rows(name, grids[name], faults, told_of) for name in COLUMNS}
    return Sheets(basic, rows, tuple(faults), tuple(told_of))


Grid = list[tuple[int, list[tuple[str, Cell]]]]  # row number, cells by column letter


def _grid(sheet: Any) -> Grid:
    """The rows of a sheet that hold anything."""
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # what a sheet declares as its size may be wrong
    found: Grid = []
    for row in sheet.iter_rows(max_col=MOST_COLUMNS):
        cells = [(cell.column_letter, _cell(cell, sheet.title.strip())) for cell in row if _holds(cell)]
        if not cells:
            continue
        number = next(cell.row for cell in row if _holds(cell))
        found.append((number, cells))
        if len(found) > MOST_ROWS:
            raise BadTable(f"“{sheet.title}”超过{MOST_ROWS}行", remedy="请分成几份")
    return found


def _holds(cell: ExcelCell) -> bool:
    return cell.value is not None and cell.value != ""


def _basic(grid: Grid, faults: list[str], told_of: list[str]) -> Line:
    """基本信息: a field in the first column, its value in the second."""
    known = {column.name for column in FIELDS}
    found: dict[str, Cell] = {}
    for number, row in grid:
        cells = dict(row)
        name = one_line(cells["A"].text).rstrip("：:*＊") if "A" in cells else ""
        if name in known:
            if name in found:
                faults.append(f"{BASIC}!A{number} “{name}”写了两次。请删去一行")
            found[name] = cells.get("B", Cell("", f"{BASIC}!B{number}"))
        elif "B" in cells and number > 1 and name and name not in HEADINGS:
            told_of.append(f"{BASIC}!A{number}：没有“{name[:20]}”这一项，没有读取")
    return Line(BASIC, found)


def _rows(name: str, grid: Grid, faults: list[str], told_of: list[str]) -> tuple[Line, ...]:
    """The rows below the header of a sheet, by the names of their columns."""
    columns = COLUMNS[name]
    known = {column.name for column in columns}
    header = next((at for at, (_, row) in enumerate(grid[:HEADER_WITHIN]) if _is_header(row, known)), None)
    if header is None:
        faults.append(f"{name}!第1行 找不到表头（{'、'.join(c.name for c in columns)}）。{_NEW}")
        return ()
    number, row = grid[header]
    letters: dict[str, str] = {}
    for letter, cell in row:
        title = _title(cell)
        if title in letters.values():
            faults.append(f"{name}!{letter}{number} “{title}”这一列有两个。请删去一列")
        elif title in known:
            letters[letter] = title
        else:
            told_of.append(f"{name}!{letter}{number}：没有“{title[:20]}”这一列，没有读取")
    missing = [c.name for c in columns if c.name not in letters.values() and c.name not in OPTIONAL]
    if missing:
        faults.append(f"{name}!第{number}行 缺少这些列：{'、'.join(missing)}。请在表头补上，可以不填内容")
    by_title = {title: letter for letter, title in letters.items()}
    return tuple(_line(name, number, row, by_title) for number, row in grid[header + 1 :])


def _title(cell: Cell) -> str:
    return one_line(cell.text).rstrip("*＊")


def _is_header(row: Sequence[tuple[str, Cell]], known: set[str]) -> bool:
    """Whether a row names at least two columns and holds little else."""
    named = sum(_title(cell) in known for _, cell in row)
    return named >= 2 and 2 * named >= len(row)


def _line(sheet: str, number: int, row: Sequence[tuple[str, Cell]], by_title: dict[str, str]) -> Line:
    there = dict(row)
    cells = {
        title: there.get(letter, Cell("", f"{sheet}!{letter}{number}")) for title, letter in by_title.items()
    }
    return Line(f"{sheet}!第{number}行", cells)


# -- one cell ---------------------------------------------------------------------------------------


def _cell(cell: ExcelCell, sheet: str) -> Cell:
    """What the user sees in a cell."""
    at = f"{sheet}!{cell.coordinate}"
    value = cell.value
    if cell.data_type == "f" or type(value).__name__ in ("ArrayFormula", "DataTableFormula"):
        return Cell("", at, FORMULA)
    if cell.data_type == "e":
        return Cell("", at, f"是错误值“{value}”。请改成正确的内容")
    return Cell(_text(value, cell.number_format or ""), at)


def _text(value: Any, form: str) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        number = Decimal(f"{value:.15g}")  # as many digits as Excel shows: 0.1+0.2 is 0.3
        return f"{plain(number * 100)}%" if "%" in _LITERAL.sub("", form) else plain(number)
    if isinstance(value, datetime | date):
        without_day = "d" not in _LITERAL.sub("", form).lower()
        return f"{value.year}年{value.month}月" + ("" if without_day else f"{value.day}日")
    if isinstance(value, time):
        return value.isoformat("minutes")
    return str(value)
