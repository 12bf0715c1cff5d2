"""Corrections of rows: what they may say, how they outlive a new ingest, and libraries of version 1."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.aliases import Aliases
from corpus.corrections import Change, all_corrections, checked, field_of, keep, numbers_of, undo, unit_of
from corpus.errors import BadTable, LibraryError
from corpus.ledger import Row, rows
from corpus.library import Library
from corpus.parse import parse
from corpus.readers import read
from corpus.report import FigureKind
from corpus.schema import VERSION
from corpus.when import of_year

PAGE = """澄河县卫生健康局2021年工作总结

一、工作完成情况
全县家庭医生签约率达到66.2%，新建村卫生室23所。
发放宣传册1.372.98万份，落实配套资金**万元。
"""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "home") as opened:
        yield opened


def take_in(library: Library, path: Path, text: str = PAGE) -> None:
    path.write_text(text, encoding="utf-8")
    document = read(path)
    library.add_source(document, parse(document), path=path)


def row_of(library: Library, text: str) -> Row:
    (row,) = (row for row in rows(library, aliases=Aliases()) if text in (row.text, row.original))
    return row


def correct(library: Library, text: str, **fields: str) -> Row:
    row = row_of(library, text)
    sha256 = library.report(row.report_id).source_sha256
    position = row.id.partition(":")[2]
    keep(
        library.database,
        [
            Change(sha256, position, name, checked(name, value), text, row.quote)
            for name, value in fields.items()
        ],
    )
    return row_of(library, text)


def test_a_corrected_row_says_so_and_keeps_what_the_page_says(library: Library, tmp_path: Path) -> None:
    take_in(library, tmp_path / "甲.txt")
    before = row_of(library, "23所")
    row = correct(
        library, "23所", value="25", period="2020年", kind="目标", place="溪北县", indicator="卫生室"
    )
    assert (row.value, row.unit, row.text) == (25, "所", "25所")
    assert (row.corrected, row.original) == (True, "23所")
    assert (row.when, row.kind, row.place, row.name) == (of_year(2020), FigureKind.TARGET, "溪北县", "卫生室")
    assert (row.id, row.span, row.quote) == (before.id, before.span, before.quote)
    undo(library.database, library.report(row.report_id).source_sha256, row.id.partition(":")[2])
    assert row_of(library, "23所") == before


def test_unreadable_and_masked_figures_get_a_value(library: Library, tmp_path: Path) -> None:
    take_in(library, tmp_path / "甲.txt")
    suspect = next(row for row in rows(library) if row.suspect)
    fixed = correct(library, suspect.text, value="1372.98", unit="份")
    assert (fixed.value, fixed.suspect, fixed.text) == (Decimal("1372.98"), False, "1372.98份")
    masked = next(row for row in rows(library) if row.masked)
    known = correct(library, masked.text, value="18")
    assert (known.value, known.masked, known.text) == (180000, False, "18万元")
    gone = correct(library, "23所", value="")
    assert gone.value is None and gone.corrected


def test_a_range_and_another_unit(library: Library, tmp_path: Path) -> None:
    take_in(library, tmp_path / "甲.txt")
    row = correct(library, "23所", value="250-300", unit="万人")
    assert (row.value, row.upper, row.unit, row.factor) == (2500000, 3000000, "人", 10000)
    assert row.text == "250—300万人"


def test_a_correction_outlives_a_new_parse_of_the_same_bytes(library: Library, tmp_path: Path) -> None:
    take_in(library, tmp_path / "甲.txt")
    correct(library, "23所", value="25")
    take_in(library, tmp_path / "甲.txt")
    assert row_of(library, "25所").original == "23所"
    take_in(library, tmp_path / "另处.txt")  # the same bytes elsewhere
    assert row_of(library, "25所").corrected


def test_it_follows_a_figure_whose_beginning_is_read_anew(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "甲.txt"
    take_in(library, path)
    correct(library, "23所", value="25")
    document = read(path)
    (report,) = parse(document)
    moved = tuple(
        replace(f, span=replace(f.span, start=f.span.start - 1)) if f.text == "23所" else f
        for f in report.figures
    )
    library.add_source(document, [replace(report, figures=moved)], path=path)
    assert [row.text for row in rows(library) if row.corrected] == ["25所"]


def test_it_follows_the_same_sentence_into_a_changed_file(library: Library, tmp_path: Path) -> None:
    take_in(library, tmp_path / "甲.txt")
    correct(library, "23所", value="25")
    correct(library, "66.2%", value="66.3")
    take_in(library, tmp_path / "甲.txt", PAGE.replace("一、工作", "全年工作顺利推进。\n\n一、工作"))
    assert {row.text for row in rows(library) if row.corrected} == {"25所", "66.3%"}
    take_in(library, tmp_path / "甲.txt", PAGE.replace("23所", "24所"))
    assert not any(row.corrected for row in rows(library))  # the sentence is another one
    assert len(all_corrections(library.database)) == 2  # kept, in case the old file comes back


def test_removing_the_report_removes_them(library: Library, tmp_path: Path) -> None:
    take_in(library, tmp_path / "甲.txt")
    row = correct(library, "23所", value="25")
    library.remove([row.report_id])
    assert all_corrections(library.database) == ()


def test_all_changes_or_none(library: Library, tmp_path: Path) -> None:
    take_in(library, tmp_path / "甲.txt")
    row = row_of(library, "23所")
    sha256 = library.report(row.report_id).source_sha256
    good = Change(sha256, row.id.partition(":")[2], "value", "25", "23所", row.quote)
    with pytest.raises(LibraryError):
        keep(library.database, [good, replace(good, position=None)])  # type: ignore[arg-type]
    assert all_corrections(library.database) == ()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("数值", "1.372.98", "“1.372.98”不是数值"),
        ("数值", "3O%", "“3O%”不是数值"),
        ("value", "12.5%", "不是数值"),
        ("数值", "300-250", "上限小于下限"),
        ("颜色", "红", "没有“颜色”这一项"),
        ("性质", "大概", "没有“大概”这种性质"),
        ("时段", "那时候", "看不懂时段"),
        ("指标", " ", "不能为空"),
        ("地方", "县" * 31, "过长"),
    ],
)
def test_what_a_field_cannot_be(field: str, value: str, said: str) -> None:
    with pytest.raises(BadTable, match=said) as caught:
        checked(field, value, "表 第3行")
    assert caught.value.where == "表 第3行" and caught.value.remedy


def test_names_of_fields_and_forms_of_values() -> None:
    assert field_of("数值") == field_of("value") == "value"
    assert checked("数值", "1,372.98") == "1372.98" and checked("数值", "250～300") == "250-300"
    assert checked("性质", "增减") == "difference" and checked("period", "2018年1—5月") == "2018年1—5月"
    assert unit_of("万亿元") == ("元", Decimal(10) ** 12) and unit_of("万人次") == ("人次", 10000)
    assert unit_of("没听过的单位") == ("没听过的单位", 1)


@given(
    st.decimals(Decimal(0), Decimal(10) ** 9, places=3), st.decimals(Decimal(0), Decimal(10) ** 6, places=2)
)
@settings(deadline=None)
def test_any_number_is_kept_as_it_is(low: Decimal, more: Decimal) -> None:
    assert numbers_of(checked("value", f"{low:f}")) == (low, None)
    assert numbers_of(checked("value", f"{low:f}-{low + more:f}")) == (low, low + more)


@given(st.text(max_size=12))
@settings(deadline=None)
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        stored = checked("value", text)
    except BadTable:
        return
    assert stored == "" or numbers_of(stored)[0] is not None


# -- libraries made by version 1 --------------------------------------------------------------------


def test_a_library_of_version_1_is_brought_up_to_date(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Library.open(home) as library:
        take_in(library, tmp_path / "甲.txt")
        library.edit(library.cards()[0].id, "issuer", "澄河县卫健局")
        before = (library.cards(), library.report(library.cards()[0].id))
    with closing(sqlite3.connect(home / "library.db")) as connection:
        for table in ("corrections", "draft_versions", "drafts"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("PRAGMA user_version = 1")
    with Library.open(home) as library:
        assert (library.cards(), library.report(library.cards()[0].id)) == before
        assert correct(library, "23所", value="25").corrected
    with closing(sqlite3.connect(home / "library.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_upgrade_that_is_cut_short_leaves_the_old_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    Library.open(home).close()
    with closing(sqlite3.connect(home / "library.db")) as connection:
        for table in ("corrections", "draft_versions", "drafts"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("PRAGMA user_version = 1")
    with monkeypatch.context() as patch:
        patch.setattr("corpus.schema._ADDED", {2: ("corrections", "corrections")})
        with pytest.raises(LibraryError):
            Library.open(home)
    with closing(sqlite3.connect(home / "library.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'corrections'").fetchall()
    Library.open(home).close()
