"""The ledger as a workbook or csv, and corrections from an edited one (导出与导入台账).

In: rows. Out: ``.xlsx`` (numbers are numbers, the header stays in view, every column can be filtered) or
``.csv`` (UTF-8 with a mark, for Excel), where no cell can run as a formula. The way back: an edited file
against the rows of the library gives the cells that were changed.
"""

from __future__ import annotations

import csv
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from corpus.corrections import KINDS, Change
from corpus.errors import BadTable, NotFound, UnreadableFile
from corpus.files import shown
from corpus.ledger import Row, written_unit
from corpus.readers import container, guard
from corpus.readers.guard import Limits
from service.arithmetic import plain
from service.ledger.changes import Book
from service.papers.files_out import write
from service.papers.presenting import clean

SUFFIXES = (".xlsx", ".csv")
LIMITS = Limits(size=20 * 2**20)
MOST_LINES = 200_000
_CELL_LIMIT = 2000  # characters of a quotation
_WIDTHS = {
    "指标": 28,
    "指标原文": 28,
    "原文写法": 16,
    "报告": 30,
    "栏目": 24,
    "原句": 60,
    "行号": 20,
    "说明": 18,
}
# Columns that come back, with the field that a change of them corrects.
EDITABLE = {
    "地方": "place", "时段": "period", "指标": "indicator", "数值": "value", "上限": "value", "单位": "unit",
    "限定": "qualifier", "性质": "kind",
}  # fmt: skip
_RISKY = re.compile(r"^[=+\-@\t\r]")
_RESAVE = "请用 Excel 或 WPS 打开后另存为 xlsx 再试"
_IS_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def cells(row: Row) -> dict[str, Any]:
    """The cells of a row by column; numbers are decimals in the scale that the report writes."""
    return {
        "行号": row.id,
        "地方": row.place or "",
        "时段": row.when.label if row.when else "",
        "指标": row.name,
        "数值": _scaled(row.value, row.factor),
        "上限": _scaled(row.upper, row.factor),
        "单位": written_unit(row),
        "限定": row.qualifier,
        "性质": KINDS[row.kind],
        "原文写法": row.original or row.text,
        "说明": remark(row),
        "指标原文": row.indicator,
        "报告": row.title,
        "发文单位": row.issuer or "",
        "报告年份": row.year,
        "栏目": " › ".join(row.path),
        "原句": row.quote[:_CELL_LIMIT],
    }


def remark(row: Row) -> str:
    """What a reader must know of a row: corrected, masked, unreadable, the value before a change."""
    found = (
        (row.corrected, f"人工更正（原文：{row.original}）"),
        (row.masked, "原文隐去"),
        (row.suspect, "原文书写有误"),
        (row.former, "变化前的数，时段按上一年推定"),
        (row.place != row.report_place and row.report_place, f"报告属{row.report_place}"),
    )
    return "；".join(text for given, text in found if given)


def _scaled(value: Decimal | None, factor: Decimal) -> Decimal | None:
    return None if value is None else Decimal(plain(value / factor))


# -- out --------------------------------------------------------------------------------------------


def save(rows: Sequence[Row], path: Path, *, force: bool = False) -> None:
    """Write the rows to ``path``; its suffix names the form.

    Raises:
        InputError: it cannot be written.
        StorageFull: no space is left.
    """
    data = workbook(rows) if path.suffix.lower() == ".xlsx" else table(rows)
    write(path, data, SUFFIXES, force=force)


def workbook(rows: Sequence[Row]) -> bytes:
    """The rows as an xlsx workbook."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "指标台账"
    header = list(cells_of_none())
    sheet.append(header)
    for column, name in enumerate(header, 1):
        cell = sheet.cell(1, column)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDE6F0" if name in EDITABLE else "EEEEEE")
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS.get(name, 11)
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(cells(row).values(), 1):
            cell = sheet.cell(number, column)
            if isinstance(value, str):
                cell.value = clean(value)
                if _RISKY.match(cell.value or ""):  # text that would run as a formula
                    cell.data_type = "s"
                    cell.quotePrefix = True
                if header[column - 1] == "原句":
                    cell.alignment = Alignment(wrap_text=True, vertical="top")
            else:
                cell.value = value
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def table(rows: Sequence[Row]) -> bytes:
    """The rows as csv."""
    stream = StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(cells_of_none())
    for row in rows:
        writer.writerow(_guarded(value) for value in cells(row).values())
    return stream.getvalue().encode("utf-8-sig")


def cells_of_none() -> tuple[str, ...]:
    """The header."""
    return (
        "行号", "地方", "时段", "指标", "数值", "上限", "单位", "限定", "性质", "原文写法", "说明", "指标原文", "报告", "发文单位",
        "报告年份", "栏目", "原句",
    )  # fmt: skip


def _guarded(value: Any) -> str:
    """A cell of csv; text that Excel would run as a formula begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    text = clean(str(value))
    return f"'{text}" if _RISKY.match(text) and not _IS_NUMBER.fullmatch(text) else text


# -- back -------------------------------------------------------------------------------------------


def changes_in(path: Path, book: Book) -> tuple[Change, ...]:
    """What an edited file changes in the rows of the library.

    Raises:
        UnreadableFile: the file cannot be opened.
        BadTable: columns are missing, or a cell cannot be; nothing is changed then.
    """
    name = shown(path.name)
    lines = _lines(path)
    header = [str(cell or "").strip() for cell in next(lines, (0, []))[1]]
    missing = [column for column in ("行号", *EDITABLE) if column not in header]
    if missing:
        raise BadTable(
            f"缺少这些列：{'、'.join(missing)}",
            where=f"{name} 第1行",
            remedy="请用 wenheng figures -o 导出的表修改，不要删改表头",
        )
    found: list[Change] = []
    seen: dict[str, int] = {}
    for number, values in lines:
        line = dict(zip(header, values, strict=False))
        row_id = _text(line.get("行号"))
        if not any(_text(value) for value in line.values()):
            continue
        where = f"{name} 第{number}行"
        if not row_id:
            raise BadTable("没有行号", where=where, remedy="请不要新增行；新数字请先写进报告再入库")
        if row_id in seen:
            raise BadTable(f"行号与第{seen[row_id]}行重复", where=where, remedy="请删去其中一行")
        seen[row_id] = number
        try:
            row = book.row(row_id, where)
        except NotFound as error:
            raise BadTable(error.message, where=where, remedy="请重新导出后再修改") from error
        found += _changes(row, line, book, where)
    return tuple(found)


def _changes(row: Row, line: Mapping[str, Any], book: Book, where: str) -> Iterator[Change]:
    """The changed fields of one line."""
    now = cells(row)
    for column, field in EDITABLE.items():
        if column == "上限" or (column == "数值" and same(line, now, "数值") and same(line, now, "上限")):
            continue
        if column != "数值" and same(line, now, column):
            continue
        value = _text(line.get(column))
        if value.startswith("="):
            raise BadTable(f"“{column}”是公式", where=where, remedy="请填公式算出的数，不要填公式")
        if column == "数值" and (upper := _text(line.get("上限"))):
            value = f"{value}-{upper}"
        yield book.change(row, field, value, f"{where} {column}")


def same(line: Mapping[str, Any], now: Mapping[str, Any], column: str) -> bool:
    """Whether a cell still says what was exported."""
    told, known = _text(line.get(column)), now[column]
    if isinstance(known, Decimal):
        try:
            return Decimal(told.replace(",", "")) == known
        except InvalidOperation:
            return False
    return told == _text(clean(str(known or "")))


def _text(value: Any) -> str:
    """A cell as text; 12.0 as 12, and without the apostrophe that guards a formula."""
    if value is None:
        return ""
    if isinstance(value, float):
        return plain(Decimal(repr(value)))
    text = str(value).strip()
    return text[1:] if text.startswith("'") and _RISKY.match(text[1:]) else text


def _lines(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    """The lines of a file with their numbers."""
    if path.suffix.lower() not in SUFFIXES:
        raise UnreadableFile("不是台账表", where=shown(path), remedy=f"请给出 {' 或 '.join(SUFFIXES)} 文件")
    data = guard.load(path, LIMITS)
    lines = _of_workbook(data, shown(path)) if path.suffix.lower() == ".xlsx" else _of_csv(data, shown(path))
    for number, values in enumerate(lines, 1):
        if number > MOST_LINES:
            raise BadTable(f"超过{MOST_LINES}行", where=shown(path), remedy="请分几次导入")
        yield number, values


def _of_csv(data: bytes, where: str) -> Iterator[Sequence[Any]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise UnreadableFile("编码不认识", where=where, remedy="请另存为 UTF-8 的 csv 后重试")
    try:
        yield from csv.reader(StringIO(text, newline=""), strict=True)
    except csv.Error as error:
        raise BadTable("csv 的引号不成对，读不下去", where=where, remedy="请重新导出后再修改") from error


def _of_workbook(data: bytes, where: str) -> Iterator[Sequence[Any]]:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            container.check_sizes(archive.infolist(), len(data), LIMITS)
            container.check_parts(archive)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles and extensions that it leaves out
            book = load_workbook(BytesIO(data), read_only=True)
        sheet = book["指标台账"] if "指标台账" in book.sheetnames else book.worksheets[0]
        yield from sheet.iter_rows(values_only=True)
        book.close()
    except (BadTable, GeneratorExit):
        raise
    except UnreadableFile as error:
        raise UnreadableFile(error.message, where=where, remedy=_RESAVE) from error
    except Exception as error:  # openpyxl lets whatever its parsers meet through
        raise UnreadableFile("不是能打开的 xlsx 表", where=where, remedy=_RESAVE) from error
