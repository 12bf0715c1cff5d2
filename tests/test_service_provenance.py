"""The gate: a whole document passes, and with one thing falsified it does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.errors import Unsourced
from corpus.numerals import numbers
from corpus.report import Figure, Report, Span
from service.cited import Citation, Sentence
from service.papers.document import Block, Cell, Chart, Document, Heading, Paragraph, Series, Table
from service.papers.provenance import Checked, checked, faults
from service.papers.toy_document import TEXTS, cite, toy_document, toy_report

DOCUMENT = toy_document()
RATE = cite(2022, "全县家庭医生签约率为66.2%，其中重点人群签约率83.5%，签约居民1.5万人。")


def of(text: str, *citations: Citation, status: str = "computed", years: tuple[int, ...] = ()) -> Document:
    """A document of one sentence."""
    return Document("memo", "对比", (Paragraph((Sentence(text, citations, status),)),), years=years)


def test_a_whole_document_passes() -> None:
    assert checked(DOCUMENT, toy_report).document is DOCUMENT
    assert faults(DOCUMENT) == ()


def test_only_the_gate_makes_a_checked_document() -> None:
    with pytest.raises(TypeError):
        Checked(DOCUMENT, object())
    with pytest.raises(TypeError):
        Checked(DOCUMENT)  # type: ignore[call-arg]


# -- mutations --------------------------------------------------------------------------------------


def block(kind: type[Block], nth: int = 0) -> tuple[int, Any]:
    return [(i, b) for i, b in enumerate(DOCUMENT.blocks) if isinstance(b, kind)][nth]


def with_block(index: int, new: Block) -> Document:
    return replace(DOCUMENT, blocks=(*DOCUMENT.blocks[:index], new, *DOCUMENT.blocks[index + 1 :]))


def sentence(nth: int, change: Callable[[Sentence], Sentence]) -> Document:
    index, paragraph = block(Paragraph)
    made = list(paragraph.sentences)
    made[nth] = change(made[nth])
    return with_block(index, replace(paragraph, sentences=tuple(made)))


def cell(row: int, column: int, change: Callable[[Cell], Cell]) -> Document:
    index, table = block(Table)
    rows = [list(cells) for cells in table.rows]
    rows[row][column] = change(rows[row][column])
    return with_block(index, replace(table, rows=tuple(map(tuple, rows))))


def chart(nth: int, change: Callable[[Chart], Chart]) -> Document:
    index, found = block(Chart, nth)
    return with_block(index, change(found))


def point(nth: int, value: str | None = None, citations: tuple[Citation, ...] | None = None) -> Document:
    def change(found: Chart) -> Chart:
        first = found.series[0]
        values = (Decimal(value), *first.values[1:]) if value else first.values
        cited = first.citations if citations is None else (citations, *first.citations[1:])
        return replace(found, series=(replace(first, values=values, citations=cited), *found.series[1:]))

    return chart(nth, change)


def text(old: str, new: str) -> Callable[[Any], Any]:
    def change(part: Any) -> Any:
        assert old in part.text
        return replace(part, text=part.text.replace(old, new, 1))

    return change


def derived(**changes: Any) -> Callable[[Any], Any]:
    return lambda part: replace(part, derived=(replace(part.derived[0], **changes),))


def operand(**changes: Any) -> Callable[[Any], Any]:
    def change(part: Any) -> Any:
        first, *rest = part.derived[0].operands
        return derived(operands=(replace(first, **changes), *rest))(part)

    return change


def header(new: tuple[str, ...]) -> Document:
    index, table = block(Table)
    return with_block(index, replace(table, header=new))


MUTATIONS: dict[str, tuple[Document, str]] = {
    "a digit of a sentence": (sentence(0, text("66.2%", "66.3%")), "66.3%"),
    "a digit of a computed figure": (sentence(0, text("4.7个", "4.9个")), "4.9个百分点"),
    "% for 百分点": (sentence(0, text("4.7个百分点", "4.7%")), "4.7%"),
    "百分点 for %": (sentence(0, text("66.2%", "66.2个百分点")), "66.2个百分点"),
    "人次 for 人": (sentence(1, text("1.5万人", "1.5万人次")), "1.5万人次"),
    "亿 for 万": (sentence(1, text("1.5万人", "1.5亿人")), "1.5亿人"),
    "the unit is gone": (sentence(0, text("66.2%", "66.2")), "66.2"),
    "the direction": (sentence(0, text("提高", "下降")), "4.7个百分点"),
    "a digit of the formula": (sentence(1, text("÷12000人", "÷13000人")), "13000人"),
    "a name with a numeral": (sentence(2, text("“369”", "“396”")), "396"),
    "a Chinese numeral": (sentence(2, text("三医", "四医")), "四"),
    "another year": (sentence(0, text("2022年", "2020年")), "2020年"),
    "a citation dropped": (sentence(1, lambda s: replace(s, citations=(), derived=())), "12000人"),
    "a quotation without a source": (sentence(2, lambda s: replace(s, citations=())), "来源"),
    "the computed value": (sentence(0, derived(value=Decimal("4.8"))), "4.7个百分点"),
    "the computed text": (sentence(0, derived(text="4.8个百分点")), "4.8个百分点"),
    "the value of an operand": (sentence(0, operand(value=Decimal("66.3"))), "4.7个百分点"),
    "the text of an operand": (sentence(0, operand(text="66.3%")), "4.7个百分点"),
    "a digit of a cell": (cell(0, 1, text("61.5%", "61.6%")), "61.6%"),
    "a digit of a computed cell": (cell(1, 3, text("25%", "26%")), "26%"),
    "the sign of a cell": (cell(0, 3, text("+", "-")), "4.7个百分点"),
    "the citation of a cell": (cell(2, 1, lambda c: replace(c, citations=())), "860万元"),
    "万 for 亿 in a cell": (cell(2, 2, text("亿", "万")), "0.12万元"),
    "a digit of a label": (cell(0, 0, text("家庭医生签约率", "7岁以下儿童签约率")), "7岁"),
    "a figure in a gap": (cell(3, 1, text("缺", "12次")), "12次"),
    "an uncorrected cell": (cell(3, 2, lambda c: replace(c, status="")), "1015次"),
    "a column head": (header(("指标", "2021年", "2023年", "变化")), "2023年"),
    "a value of a chart": (point(0, "61.6"), "61.6%"),
    "the citation of a point": (point(0, citations=()), "61.5%"),
    "the unit of a chart": (chart(0, lambda c: replace(c, unit="个百分点")), "61.5个百分点"),
    "the scale of a chart": (chart(1, lambda c: replace(c, unit="亿元")), "860亿元"),
    "a category": (chart(0, lambda c: replace(c, categories=("2021年", "2024年"))), "2024年"),
    "points without categories": (chart(0, lambda c: replace(c, categories=("2021年",))), "不一致"),
    "the caption of a chart": (chart(1, lambda c: replace(c, caption="投入资金900万元")), "900万元"),
    "the title": (replace(DOCUMENT, title="雾岭县2019年工作情况对比"), "2019年"),
    "a heading": (with_block(0, Heading("签约率提高到67.2%")), "67.2%"),
    "a gap": (replace(DOCUMENT, gaps=("还缺12份报告",)), "12份"),
    "a count": (sentence(0, lambda s: Sentence("两年的报告共提出4个问题", (), "computed")), "4个"),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_is_falsified_does_not_go_out(name: str) -> None:
    document, numeral = MUTATIONS[name]
    with pytest.raises(Unsourced) as caught:
        checked(document, toy_report)
    assert numeral in str(caught.value)
    assert re.search("请", caught.value.remedy)


def test_the_note_of_a_table_is_checked() -> None:
    index, table = block(Table)
    note = Sentence("另有12个指标没有列出", (), "stated")
    assert [f.numeral for f in faults(with_block(index, replace(table, notes=(note,))))] == ["12个"]


def test_several_faults_are_counted() -> None:
    with pytest.raises(Unsourced, match="另有1处"):
        checked(of("签约率67.2%，签约居民2.5万人", RATE))


# -- citations --------------------------------------------------------------------------------------


def test_a_citation_must_open_at_its_place() -> None:
    moved = replace(RATE, start=RATE.start + 1, end=RATE.end + 1)
    assert faults(of("签约率66.2%", moved)) == ()
    with pytest.raises(Unsourced, match="位置不符"):
        checked(of("签约率66.2%", moved), toy_report)


def test_an_invented_quotation_does_not_open() -> None:
    invented = replace(RATE, quote=RATE.quote.replace("66.2", "68.2"))
    with pytest.raises(Unsourced, match="位置不符"):
        checked(of("签约率68.2%", invented), toy_report)


# -- what may stand ---------------------------------------------------------------------------------


def quoted(quote: str, year: int = 2022, path: tuple[str, ...] = ()) -> Citation:
    return Citation("r", "雾岭县卫生健康局2022年工作总结", 0, len(quote), quote, "雾岭县", year, path)


@pytest.mark.parametrize(
    ("said", "quote"),
    [
        ("签约居民15000人", "签约居民1.5万人。"),
        ("投入1390万元", "投入资金0.139亿元。"),
        ("去年即2021年完成12项", "去年完成12项。"),
        ("2016—2020年建成12所", "“十三五”期间建成12所。"),
        ("2022年1—5月完成12项", "1-5月完成12项。"),
        ("2022年第一季度完成12项", "1-3月完成12项。"),
        ("完成率为-2.3%", "增速为-2.3%。"),
        ("进一步统一认识，一致行动", "统一思想。"),
        ("一是签约12人", "签约12人。"),
        ("覆盖率15%～30%", "覆盖率15%-30%。"),
        ("居全市第2位", "综合考核居全市第二位。"),
        ("死亡率12.5/10万", "死亡率为12.5/10万。"),
        ("投入**万元", "投入**万元。"),
        ("支出1.372.98万元（原文存疑）", "支出1.372.98万元。"),
        ("六统一管理全面落实", "实行六统一管理。"),
        ("65岁以上老年人健康管理率72.1%", "65周岁及以上老年人健康管理率72.1%。"),
        ("医护比1:1.2", "医护比为1:1.2。"),
        ("三医联动和“369”工程", "推进三医联动和“369”工程。"),
    ],
)
def test_other_writings_of_the_same_pass(said: str, quote: str) -> None:
    assert faults(of(said, quoted(quote))) == ()


@pytest.mark.parametrize(
    ("said", "quote", "numeral"),
    [
        ("签约居民1500人", "签约居民1.5万人。", "1500人"),
        ("2020年完成12项", "去年完成12项。", "2020年"),
        ("2022年1—6月完成12项", "1-5月完成12项。", "2022年1—6月"),
        ("速度为2.3%", "增速为-2.3%。", "2.3%"),
        ("覆盖率15%～35%", "覆盖率15%-30%。", "15%～35%"),
        ("覆盖率30%", "覆盖率15%-30%。", "30%"),
        ("居全市第3位", "综合考核居全市第二位。", "3位"),
        ("死亡率12.5‰", "死亡率为12.5/10万。", "12.5‰"),
        ("投入**万元、12万元", "投入**万元。", "12万元"),
        ("五医联动", "推进三医联动。", "五"),
        ("医护比为1:1.3", "医护比为1:1.2。", "1:1.3"),
        ("三类人员", "三医联动。", "三"),
        ("签约率达百分之八十", "签约率达百分之七十。", "百分之八十"),
        ("共建成二十三所", "共建成二十二所。", "二十三所"),
        ("卫发〔2022〕13号", "卫发〔2022〕12号。", "〔2022〕13号"),
    ],
)
def test_what_the_quotation_does_not_say_is_named(said: str, quote: str, numeral: str) -> None:
    assert [fault.numeral for fault in faults(of(said, quoted(quote)))] == [numeral]


def test_years_that_were_asked_for_may_stand_anywhere() -> None:
    assert faults(of("2019年没有报告", status="stated", years=(2019,))) == ()
    assert faults(of("2019年签约率上升", quoted("签约率上升。"), years=(2019, 2020))) == ()
    assert faults(of("三年间签约率上升", quoted("签约率上升。"), years=(2020, 2021, 2022))) == ()
    assert [
        f.numeral for f in faults(of("四年间签约率上升", quoted("签约率上升。"), years=(2020, 2022)))
    ] == ["四年间"]


def test_a_sentence_on_the_library_may_name_years_but_no_figures() -> None:
    assert faults(of("库中只有2018年的报告", status="stated")) == ()
    assert [f.numeral for f in faults(of("库中只有12份报告", status="stated"))] == ["12份"]


def test_the_periods_of_a_report_are_told_by_the_report() -> None:
    text = TEXTS[2021] + "五年间建成12所。"
    start = text.index("建成12所。")
    about = Citation(
        "toy-2021", "雾岭县卫生健康局2021年工作总结", start, start + 6, "建成12所。", "雾岭县", 2021
    )

    def opened(report_id: str) -> Report:
        figure = Figure(
            "建成", Decimal(12), "所", Span(start + 2, start + 5), Span(start, start + 6), period="近五年"
        )
        return replace(toy_report(report_id), text=text, figures=(figure,))

    document = of("2017—2021年建成12所", about)
    assert [f.numeral for f in faults(document)] == ["2017—2021年"]
    assert faults(document, opened) == ()


def test_a_correction_of_the_user_is_a_source_where_it_is_shown_as_one() -> None:
    about = quoted("巡诊1051次。")
    corrected = Table(
        "巡诊", ("指标", "数值"), ((Cell("巡诊"), Cell("1015次", (about,), status="corrected")),)
    )
    told = Paragraph((Sentence("巡诊1015次", (about,), "computed"),))
    drawn = Chart("巡诊", "bar", "次", ("2022年",), (Series("雾岭县", (Decimal(1015),), ((about,),)),))
    assert faults(Document("memo", "巡诊", (corrected, told, drawn))) == ()
    assert len(faults(Document("memo", "巡诊", (told, drawn)))) == 2


def test_the_first_column_may_count_its_rows() -> None:
    rows = ((Cell("1"), Cell("签约")), (Cell("2"), Cell("随访")))
    table = Table("指标", ("序号", "指标"), rows)
    assert faults(Document("memo", "指标", (table,))) == ()
    swapped = replace(table, rows=rows[::-1])
    assert [f.numeral for f in faults(Document("memo", "指标", (swapped,)))] == ["2", "1"]


def test_names_of_the_alias_table_may_stand() -> None:
    label = Table("指标", ("指标", "数值"), ((Cell("每8万人口医师数"), Cell("66.2%", (RATE,))),))
    document = Document("memo", "指标", (label,))
    assert len(faults(document)) == 1
    assert faults(document, terms=("每8万人口医师数",)) == ()


def test_personal_data_is_not_in_the_message() -> None:
    with pytest.raises(Unsourced) as caught:
        checked(of("电话13912345678，签约率99.9%", RATE))
    assert "13912345678" not in str(caught.value)


# -- any sentence -----------------------------------------------------------------------------------

UNITS = st.sampled_from(["%", "人", "万元", "个百分点", "人次", "张", "‰", "亿元", "所"])
PLAIN = st.decimals(min_value="0.1", max_value="99999", places=1).map(lambda d: f"{d.normalize():f}")


@settings(deadline=None)
@example(value="0.1", unit="人次", other="0.1", another="人")  # the unit is cut
@given(PLAIN, UNITS, PLAIN, UNITS)
def test_a_figure_passes_only_as_it_is_quoted(value: str, unit: str, other: str, another: str) -> None:
    quote = f"全县登记总量为{value}{unit}，比上年有所变化。"
    found = faults(of(f"全县登记总量为{other}{another}", quoted(quote)))
    (stated,) = numbers(f"为{value}{unit}")
    (told,) = numbers(f"为{other}{another}")
    assert stated.value is not None and told.value is not None
    same = (stated.value * stated.factor, stated.unit) == (told.value * told.factor, told.unit)
    assert (not found) == same


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_that_is_quoted_passes(words: str) -> None:
    assert faults(of(words, quoted(words))) == ()
