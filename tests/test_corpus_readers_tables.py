from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.readers.tables import Cell, render
from corpus.report import BlockKind


def plain(*rows: str) -> list[Cell]:
    cells = (row.split("|") for row in rows)
    return [Cell(r, c, text.strip()) for r, row in enumerate(cells) for c, text in enumerate(row)]


def lines(cells: list[Cell], header_rows: int = 0, above: tuple[str, ...] = ()) -> list[str]:
    return [line.text for line in render(cells, header_rows=header_rows, above=above).lines]


def test_rows_carry_their_header() -> None:
    cells = plain("指标|目标|完成", "签约率|60%|61.5%", "建档率||88.1%")
    assert lines(cells) == ["指标：签约率；目标：60%；完成：61.5%。", "指标：建档率；完成：88.1%。"]
    assert all(line.kind is BlockKind.TABLE_ROW for line in render(cells).lines)


def test_year_columns_are_a_header() -> None:
    assert lines(plain("指标|2021年|2022", "床位|310张|350张")) == [
        "指标：床位；2021年：310张；2022：350张。"
    ]


def test_two_level_header_and_vertical_merge() -> None:
    cells = [
        Cell(0, 0, "乡镇", 2, 1),
        Cell(0, 1, "2021年", 1, 2),
        Cell(1, 1, "目标"),
        Cell(1, 2, "完成"),
        Cell(2, 0, "柳溪镇", 2, 1),
        Cell(2, 1, "10"),
        Cell(2, 2, "11"),
        Cell(3, 1, "20"),
        Cell(3, 2, "19"),
    ]
    assert lines(cells) == [
        "乡镇：柳溪镇；2021年目标：10；2021年完成：11。",
        "乡镇：柳溪镇；2021年目标：20；2021年完成：19。",
    ]


def test_value_merged_over_columns_is_written_once() -> None:
    cells = [*plain("指标|目标|完成"), Cell(1, 0, "签约率"), Cell(1, 1, "未下达", 1, 2)]
    assert lines(cells) == ["指标：签约率；目标、完成：未下达。"]


def test_captions_and_separators_stay_plain() -> None:
    cells = [Cell(0, 0, "附表1 指标完成情况", 1, 3)]
    cells += [Cell(c.row + 1, c.column, c.text) for c in plain("指标|目标|完成", "签约率|60%|61%")]
    cells += [Cell(3, 0, "基本公共卫生", 1, 3)]
    assert lines(cells) == ["附表1 指标完成情况", "指标：签约率；目标：60%；完成：61%。", "基本公共卫生"]


def test_without_header_nothing_is_invented() -> None:
    assert lines(plain("签约率|60%|61%", "建档率|80%|88%")) == ["签约率 | 60% | 61%", "建档率 | 80% | 88%"]


def test_masked_values_are_no_header() -> None:
    assert lines(plain("收入|**万元|3", "支出|***万元|4"))[0] == "收入 | **万元 | 3"


def test_form_of_two_columns() -> None:
    cells = plain("单位名称|青石县卫生健康局", "地址：|柳溪路")
    assert lines(cells) == ["单位名称：青石县卫生健康局。", "地址：柳溪路。"]


def test_marked_header_wins_over_a_form() -> None:
    assert lines(plain("问题|建议", "人才不足|引进"), header_rows=1) == ["问题：人才不足；建议：引进。"]


def test_layout_table_gives_its_lines() -> None:
    cells = [Cell(0, 0, "第一段话。\n第二段话。"), Cell(0, 1, "旁注"), Cell(1, 0, "尾"), Cell(1, 1, "1")]
    assert lines(cells) == ["第一段话。", "第二段话。", "旁注", "尾：1。"]


def test_continuation_takes_the_header_from_above() -> None:
    above = ("指标", "目标", "完成")
    assert lines(plain("签约率|60%|61%"), above=above) == ["指标：签约率；目标：60%；完成：61%。"]
    repeated = plain("指标|目标|完成", "建档率|80%|88%")
    assert lines(repeated, above=above) == ["指标：建档率；目标：80%；完成：88%。"]
    assert lines(plain("签约率|60%"), above=above) == ["签约率：60%。"]


def test_hostile_spans_end() -> None:
    assert lines([Cell(0, 0, "甲", 1000, 10**9), Cell(1, 0, "乙")])


WORDS = st.text(alphabet="指标完成率12.5%\n。 ", max_size=8)
SMALL = st.integers(0, 5)


@given(st.lists(st.builds(Cell, SMALL, SMALL, WORDS, SMALL, SMALL)), st.integers(0, 3))
@settings(deadline=None, max_examples=200)
def test_any_cells_give_rows_of_one_line(cells: list[Cell], header_rows: int) -> None:
    for line in render(cells, header_rows=header_rows).lines:
        assert line.kind is not BlockKind.TABLE_ROW or "\n" not in line.text


FILLED = st.text(alphabet="指标完成率12.5%", min_size=1, max_size=8)


@given(st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(FILLED, min_size=n, max_size=n), min_size=2)))
@settings(deadline=None, max_examples=200)
def test_no_word_of_a_full_table_is_lost(rows: list[list[str]]) -> None:
    shown = "\n".join(lines([Cell(r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row)]))
    assert all(text in shown for row in rows for text in row)
