"""The ledger as a workbook and as csv: what stands in the cells, and corrections that come back."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from corpus.aliases import Aliases
from corpus.corrections import Change, keep
from corpus.errors import BadTable, InputError, UnreadableFile
from corpus.ledger import Row, rows
from corpus.library import Library
from corpus.parse import parse
from corpus.readers import read
from service.ledger.changes import Book, adrift
from service.ledger.files import EDITABLE, cells, cells_of_none, changes_in, same, save, table, workbook

PAGE = """澄河县卫生健康局2021年工作总结

一、工作完成情况
全县家庭医生签约率达到66.2%，新建村卫生室23所，签约7.44万人。
发放宣传册1.372.98万份，配备药品250-300种，约谈单位12家。
"""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "home") as opened:
        path = tmp_path / "甲.txt"
        path.write_text(PAGE, encoding="utf-8")
        document = read(path)
        opened.add_source(document, parse(document), path=path)
        yield opened


@pytest.fixture
def ledger(library: Library) -> tuple[Row, ...]:
    return rows(library, aliases=Aliases())


def sheet_of(path: Path) -> Any:
    return load_workbook(path).worksheets[0]


def edited(path: Path, changes: dict[tuple[str, str], Any]) -> Path:
    """The workbook with cells changed: (figure as written, column) → value."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    for line in sheet.iter_rows(min_row=2):
        written = line[header.index("原文写法")].value
        for (text, column), value in changes.items():
            if text == written:
                line[header.index(column)].value = value
    changed = path.with_name("改过.xlsx")
    book.save(changed)
    return changed


def test_the_workbook(ledger: tuple[Row, ...], tmp_path: Path) -> None:
    save(ledger, tmp_path / "台账.xlsx")
    sheet = sheet_of(tmp_path / "台账.xlsx")
    header = [cell.value for cell in sheet[1]]
    assert tuple(header) == cells_of_none() == tuple(cells(ledger[0]))
    assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref == sheet.dimensions
    lines = {
        line[header.index("原文写法")]: dict(zip(header, line, strict=True))
        for line in sheet.iter_rows(2, values_only=True)
    }
    people = lines["7.44万人"]
    assert (people["数值"], people["单位"], people["时段"]) == (7.44, "万人", "2021年")
    assert isinstance(lines["23所"]["数值"], int | float) and lines["23所"]["性质"] == "实际"
    assert (lines["250-300种"]["数值"], lines["250-300种"]["上限"]) == (250, 300)
    suspect = next(line for text, line in lines.items() if text.startswith("1.372.98"))
    assert suspect["数值"] is None and "书写有误" in suspect["说明"]


def test_csv_opens_in_excel(ledger: tuple[Row, ...], tmp_path: Path) -> None:
    save(ledger, tmp_path / "台账.csv")
    data = (tmp_path / "台账.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(StringIO(data.decode("utf-8-sig"))))
    assert len(lines) == len(ledger) and tuple(lines[0]) == cells_of_none()
    assert {line["数值"] for line in lines} >= {"66.2", "7.44", "250"}


@pytest.mark.parametrize("start", list("=+-@"))
def test_no_cell_runs_as_a_formula(start: str, ledger: tuple[Row, ...], tmp_path: Path) -> None:
    evil = replace(
        ledger[0], indicator=f"{start}1+1", name=f"{start}cmd", place=f"{start}A1", value=Decimal(-5)
    )
    save([evil], tmp_path / "台账.xlsx")
    sheet = sheet_of(tmp_path / "台账.xlsx")
    risky = [cell for cell in sheet[2] if isinstance(cell.value, str) and cell.value.startswith(start)]
    assert len(risky) == 3 and all(cell.data_type == "s" and cell.quotePrefix for cell in risky)
    (line,) = list(csv.DictReader(StringIO(table([evil]).decode("utf-8-sig"))))
    assert line["指标"] == f"'{start}cmd" and line["数值"] == "-5"


def test_an_unchanged_table_changes_nothing(
    library: Library, ledger: tuple[Row, ...], tmp_path: Path
) -> None:
    for name in ("台账.xlsx", "台账.csv"):
        save(ledger, tmp_path / name)
        assert changes_in(tmp_path / name, Book(library, Aliases())) == ()


def test_changed_cells_come_back(library: Library, ledger: tuple[Row, ...], tmp_path: Path) -> None:
    save(ledger, tmp_path / "台账.xlsx")
    path = edited(
        tmp_path / "台账.xlsx",
        {
            ("23所", "数值"): 25,
            ("23所", "时段"): "2020年",
            ("250-300种", "上限"): 320,
            ("66.2%", "性质"): "目标",
            ("12家", "数值"): "十二",
        },
    )
    with pytest.raises(BadTable, match="“十二”不是数值") as caught:
        changes_in(path, Book(library, Aliases()))
    assert "改过.xlsx 第" in caught.value.where and "数值" in caught.value.where
    path = edited(path, {("12家", "数值"): 12})
    keep(library.database, changes_in(path, Book(library, Aliases())))
    now = {row.original or row.text: row for row in rows(library, aliases=Aliases())}
    assert (now["23所"].value, now["23所"].when.code) == (25, "2020")  # type: ignore[union-attr]
    assert (now["250-300种"].value, now["250-300种"].upper) == (250, 320)
    assert now["66.2%"].kind.value == "target" and not now["12家"].corrected
    save(tuple(now.values()), tmp_path / "再.xlsx")
    assert changes_in(tmp_path / "再.xlsx", Book(library, Aliases())) == ()


@pytest.mark.parametrize(
    ("cell", "value", "said"),
    [
        ("数值", "1.372.98", "不是数值"),
        ("数值", "3O%", "不是数值"),
        ("数值", "=1+1", "是公式"),
        ("时段", "那年", "看不懂时段"),
        ("性质", "大概", "没有“大概”这种性质"),
        ("行号", "zzz:1", "没有这份报告"),
        ("行号", "没有", "不是行号"),
        ("行号", None, "没有行号"),
    ],
)
def test_cells_that_cannot_be(
    cell: str, value: Any, said: str, library: Library, ledger: tuple[Row, ...], tmp_path: Path
) -> None:
    save(ledger, tmp_path / "台账.xlsx")
    path = edited(tmp_path / "台账.xlsx", {("66.2%", "地方"): "溪北县", ("23所", cell): value})
    with pytest.raises(BadTable) as caught:
        changes_in(path, Book(library, Aliases()))
    assert said in str(caught.value) and "改过.xlsx 第" in caught.value.where and caught.value.remedy


def test_a_line_twice(library: Library, ledger: tuple[Row, ...], tmp_path: Path) -> None:
    save((*ledger, ledger[0]), tmp_path / "台账.xlsx")
    with pytest.raises(BadTable, match="重复"):
        changes_in(tmp_path / "台账.xlsx", Book(library, Aliases()))


def test_missing_columns_are_named(library: Library, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["行号", "指标", "数值", "单位"])
    book.save(tmp_path / "错.xlsx")
    with pytest.raises(BadTable) as caught:
        changes_in(tmp_path / "错.xlsx", Book(library, Aliases()))
    assert "缺少这些列：地方、时段、上限、限定、性质" in str(caught.value)
    (tmp_path / "空.csv").write_text("\ufeff\n", encoding="utf-8")
    with pytest.raises(BadTable, match="缺少这些列：行号"):
        changes_in(tmp_path / "空.csv", Book(library, Aliases()))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("坏.xlsx", b"PK\x03\x04 broken", "不是能打开的 xlsx"),
        ("页.xlsx", b"<html></html>", "不是能打开的 xlsx"),
        ("空.xlsx", b"", "空的"),
        ("表.xls", b"x", "不是台账表"),
        ("表.csv", b"\xff\xfe\xff\xff\x81", "编码不认识"),
        ("表.csv", '行号,地方,时段,指标,数值,上限,单位,限定,性质\n"没有完'.encode(), "引号不成对"),
    ],
)
def test_files_that_cannot_be_read(
    name: str, data: bytes, said: str, library: Library, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=said) as caught:
        changes_in(tmp_path / name, Book(library, Aliases()))
    assert name in caught.value.where and caught.value.remedy
    with pytest.raises(UnreadableFile, match="找不到文件"):
        changes_in(tmp_path / "没有.csv", Book(library, Aliases()))


def test_a_workbook_with_entities_is_refused(
    library: Library, ledger: tuple[Row, ...], tmp_path: Path
) -> None:
    import zipfile

    save(ledger, tmp_path / "台账.xlsx")
    with zipfile.ZipFile(tmp_path / "台账.xlsx") as whole, zipfile.ZipFile(tmp_path / "恶.xlsx", "w") as made:
        for entry in whole.infolist():
            data = whole.read(entry)
            if entry.filename.endswith("sheet1.xml"):
                data = b'<!DOCTYPE a [<!ENTITY b "c">]>' + data
            made.writestr(entry, data)
    with pytest.raises(UnreadableFile, match="DOCTYPE"):
        changes_in(tmp_path / "恶.xlsx", Book(library, Aliases()))


def test_corrections_adrift_are_told(library: Library, ledger: tuple[Row, ...]) -> None:
    sha256 = library.report(ledger[0].report_id).source_sha256
    assert adrift(library) == ()
    keep(library.database, [Change(sha256, "99999", "value", "1", "1所", "没有的句子")])
    keep(library.database, [Change("0" * 64, "1", "value", "1", "2所", "没有的文件")])
    assert {correction.original for correction in adrift(library)} == {"1所", "2所"}


@given(
    value=st.decimals(Decimal("0.0001"), Decimal(10) ** 9, places=4),
    factor=st.sampled_from([Decimal(1), Decimal(10000), Decimal(10) ** 8]),
    text=st.text(alphabet="签约率=+-@'“”,，\n\t 1a%", max_size=12),
)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_cell_survives_both_ways(
    value: Decimal, factor: Decimal, text: str, ledger: tuple[Row, ...]
) -> None:
    row = replace(ledger[0], value=value * factor, factor=factor, name=text, indicator=text, qualifier=text)
    (line,) = list(csv.DictReader(StringIO(table([row]).decode("utf-8-sig"))))
    sheet = load_workbook(BytesIO(workbook([row]))).worksheets[0]
    header, values = sheet.iter_rows(values_only=True)
    for column in EDITABLE:
        assert same(line, cells(row), column)
        assert same(dict(zip(header, values, strict=True)), cells(row), column)
