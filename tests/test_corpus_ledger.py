"""Rows of the ledger: whose, when, by what name; masked and unreadable ones; the filter; definitions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from corpus.aliases import Aliases
from corpus.corrections import by_row, positions
from corpus.definitions import definitions
from corpus.ledger import Row, covered, rows, rows_of
from corpus.library import Library
from corpus.parse import parse
from corpus.readers import read
from corpus.report import FigureKind, Filter, Report, SectionKind
from corpus.when import of_year

PAGE = """澄河县卫生健康局2021年工作总结

一、工作完成情况
全县家庭医生签约率达到66.2%，全省签约率为71%。上半年新建村卫生室12所。
65岁以上老年人（以下简称老年人）3.5万人，落实配套资金**万元，村医由120人增加到131人。
老年人健康管理率（即65岁以上老年人健康管理率）72.5%。发放宣传册1.372.98万份。
截至10月底，开展义诊23场，群众满意度位居全市第2名。

二、下一步工作打算
新建村卫生室20所，2022年家庭医生签约率达到70%以上。

澄河县卫生健康局
2021年12月20日
"""


def made(folder: Path, text: str = PAGE, name: str = "页.txt") -> Report:
    (folder / name).write_text(text, encoding="utf-8")
    return parse(read(folder / name))[0]


@pytest.fixture
def ledger(tmp_path: Path) -> tuple[Row, ...]:
    return rows_of(made(tmp_path), Aliases.load(None))


@pytest.fixture
def one(ledger: tuple[Row, ...]) -> Callable[[str], Row]:
    def find(text: str) -> Row:
        (row,) = (row for row in ledger if row.text == text)
        return row

    return find


def test_one_row_a_figure(ledger: tuple[Row, ...], tmp_path: Path) -> None:
    report = made(tmp_path)
    assert [row.span for row in ledger] == [figure.span for figure in report.figures]
    assert len({row.id for row in ledger}) == len(ledger)
    for row in ledger:
        assert row.quote == row.sentence.of(report.text) and row.span.of(report.text) in row.quote
        assert row.id == f"{report.id}:{report.raw_offset(row.span.start)}"
        assert (row.issuer, row.report_place, row.year) == ("澄河县卫生健康局", "澄河县", 2021)


def test_value_unit_time_and_name(one: Callable[[str], Row]) -> None:
    rate = one("66.2%")
    assert (rate.name, rate.value, rate.unit) == ("家庭医生签约率", Decimal("66.2"), "%")
    assert (rate.place, rate.when, rate.kind) == ("澄河县", of_year(2021), FigureKind.ACTUAL)
    assert rate.section is SectionKind.ACHIEVEMENTS and rate.path[0].startswith("一、")
    people = one("3.5万人")
    assert (people.value, people.factor) == (35000, 10000) and people.figure.value == Decimal("3.5")
    half = one("12所").when
    assert half is not None and half.code == "2021-H1"


def test_a_wider_scope_is_not_the_countys(one: Callable[[str], Row]) -> None:
    assert (one("71%").place, one("71%").report_place) == ("全省", "澄河县")
    assert one("第2名").place == "澄河县" and one("第2名").kind is FigureKind.RANK


def test_masked_and_unreadable_figures_are_rows_without_value(ledger: tuple[Row, ...]) -> None:
    (masked,) = (row for row in ledger if row.masked)
    (suspect,) = (row for row in ledger if row.suspect)
    assert masked.value is None and "万元" in masked.text
    assert suspect.value is None and suspect.text.startswith("1.372.98")


def test_what_was_before_a_change_is_of_the_year_before(one: Callable[[str], Row]) -> None:
    assert one("120人").former and one("120人").when == of_year(2020)
    assert not one("131人").former and one("131人").when == of_year(2021)


def test_what_changed_over_years_is_of_the_last_one(tmp_path: Path) -> None:
    text = PAGE.replace("上半年新建", "五年来，人均经费由50元提高到84元，新建卫生院9所。上半年新建")
    found = {row.text: row for row in rows_of(made(tmp_path, text), Aliases())}
    assert found["84元"].when == of_year(2021) and found["9所"].when == of_year(2017, 2021)
    assert found["50元"].former


def test_a_day_up_to_which_it_counts(one: Callable[[str], Row]) -> None:
    row = one("23场")
    assert row.as_of == date(2021, 10, 31) and row.when is not None and row.when.code == "2021-01~10"


def test_next_steps_without_a_year_have_no_time(ledger: tuple[Row, ...]) -> None:
    undated, dated = (row for row in ledger if row.section is SectionKind.NEXT_STEPS)
    assert (undated.text, undated.when) == ("20所", None)
    assert dated.when == of_year(2022) and {undated.kind, dated.kind} == {FigureKind.TARGET}


def test_a_name_that_the_report_explains(one: Callable[[str], Row], tmp_path: Path) -> None:
    assert one("72.5%").name == "65岁以上老年人健康管理率"
    plain = PAGE.replace("（即65岁以上老年人健康管理率）", "").replace(
        "65岁以上老年人（以下简称老年人）", "老年人"
    )
    (row,) = (row for row in rows_of(made(tmp_path, plain), Aliases.load(None)) if row.text == "72.5%")
    assert row.name == "老年人健康管理率"


@pytest.mark.parametrize(
    ("said", "pair"),
    [
        ("老年人健康管理率（即65岁以上老年人健康管理率）72%。", ("老年人健康管理率", "65岁以上老年人健康管理率")),
        ("65岁以上老年人健康管理率，以下简称老年人管理率，为72%。老年人管理率72%。",
         ("老年人管理率", "65岁以上老年人健康管理率")),
        ("老年人（65岁以上）健康管理率72%。", ("老年人健康管理率", "65岁以上老年人健康管理率")),
    ],
)  # fmt: skip
def test_definitions(said: str, pair: tuple[str, str], tmp_path: Path) -> None:
    text = f"澄河县2021年工作总结\n\n一、工作完成情况\n{said}\n"
    assert pair in definitions(made(tmp_path, text))


@pytest.mark.parametrize(
    "said", ["签约率72%，即将新建8所。", "立即整改问题12个。", "各类指标共6项，指导基层9次。"]
)
def test_other_words_define_nothing(said: str, tmp_path: Path) -> None:
    assert definitions(made(tmp_path, f"澄河县2021年工作总结\n\n一、工作完成情况\n{said}\n")) == ()


def test_a_report_that_says_what_its_data_cover(tmp_path: Path) -> None:
    text = PAGE.replace("一、工作", "除注明外，业务数据统计口径为1—11月。\n\n一、工作", 1)
    report = made(tmp_path, text)
    whole = covered(report)
    assert whole is not None and whole.code == "2021-01~11"
    found = {row.text: row.when.code for row in rows_of(report, Aliases()) if row.when}
    assert found["66.2%"] == "2021-01~11" and found["12所"] == "2021-H1"
    assert covered(made(tmp_path)) is None


def test_the_rows_of_a_library(tmp_path: Path) -> None:
    other = PAGE.replace("澄河县", "栗坪县").replace("66.2%", "61.8%")
    with Library.open(tmp_path / "home") as library:
        for name, text in (("甲.txt", PAGE), ("乙.txt", other)):
            (tmp_path / name).write_text(text, encoding="utf-8")
            document = read(tmp_path / name)
            library.add_source(document, parse(document), path=tmp_path / name)
        every = rows(library)
        assert {row.report_place for row in every} == {"澄河县", "栗坪县"}
        one = rows(library, Filter(places=("栗坪县",)), indicator="家庭医生签约服务率")
        assert [row.text for row in one if row.section is SectionKind.ACHIEVEMENTS] == ["61.8%", "71%"]
        ahead = rows(library, Filter(kinds=(SectionKind.NEXT_STEPS,)))
        assert len(ahead) == 4 and {row.section for row in ahead} == {SectionKind.NEXT_STEPS}
        assert rows(library, indicator="没有这个指标") == ()


def test_positions_are_unique_and_by_row_groups(tmp_path: Path) -> None:
    report = made(tmp_path)
    found = [position for position, _ in positions(report)]
    assert len(set(found)) == len(report.figures) and by_row(()) == {}


@pytest.mark.real
def test_real_reports_have_a_row_a_figure_and_mostly_a_time(real_reports: Path) -> None:
    aliases = Aliases.load(None)
    for path in sorted(real_reports.glob("*.txt")):
        for report in parse(read(path)):
            found = rows_of(report, aliases)
            assert len(found) == len(report.figures)
            if report.metadata.year_number:
                assert sum(row.when is not None for row in found) >= 0.95 * len(found), report.metadata.title
            scoped = [row for row in found if row.place != row.report_place]
            assert len(scoped) <= 0.1 * len(found) + 2, report.metadata.title
