"""A small fictional document with every kind of part, for tests and for looking at a layout.

In: nothing. Out: two reports of a county that does not exist, and a memo on them with sentences, lists, tables,
gaps, a corrected cell, computed figures and charts, all of which lead to the reports.
"""

from __future__ import annotations

from decimal import Decimal

from corpus.report import Field, Metadata, RawDocument, Report
from corpus.tracked import TrackedText
from service.cited import Citation, Derived, Operand, Sentence
from service.papers.derivation import count, difference, growth, moved, signed
from service.papers.document import Cell, Chart, Document, Heading, Paragraph, Series, Table

PLACE = "雾岭县"
TEXTS = {
    2021: """雾岭县卫生健康局2021年工作总结
一、主要工作
家庭医生签约率61.5%，签约居民12000人。投入资金860万元。
二、存在的问题
一是村医老龄化严重，60岁以上村医占38%，后继乏人。二是县医院重症床位不足，仅有12张。""",
    2022: """雾岭县卫生健康局2022年工作总结
一、主要工作
全县家庭医生签约率为66.2%，其中重点人群签约率83.5%，签约居民1.5万人。
“369”人才工程和三医联动稳步推进。投入资金0.12亿元。巡诊1051次。
二、存在的问题
一是村医后继乏人。二是县域信息系统不互通，同一数据要在4个平台重复录入。""",
}


def toy_report(report_id: str) -> Report:
    """The report of ``toy-2021`` or ``toy-2022``."""
    year = int(report_id.removeprefix("toy-"))
    text = TEXTS[year]
    raw = RawDocument(f"{report_id}.txt", "0" * 64, len(text), "txt", text)
    about = Metadata(text.split("\n", 1)[0], Field(PLACE, "title"), year=Field(str(year), "title"))
    return Report(report_id, raw.sha256, raw.name, 0, text, TrackedText.from_raw(text).origin, about)


def cite(year: int, quote: str, path: str = "一、主要工作") -> Citation:
    """The citation of a stretch of one of the reports."""
    text = TEXTS[year]
    start = text.index(quote)
    title = text.split("\n", 1)[0]
    return Citation(f"toy-{year}", title, start, start + len(quote), quote, PLACE, year, (path,))


def toy_document() -> Document:
    """The memo."""
    blocks = (
        Heading("指标变化"),
        _changes(),
        Heading("主要指标", 2),
        _table(),
        *_charts(),
        *_problems(),
    )
    title = f"{PLACE}2021—2022年工作情况对比"
    return Document("memo", title, blocks, (PLACE,), (2021, 2022), True, (NOT_TOLD,), "toy@1")


NOT_TOLD = "2021年的报告没有写巡诊次数"
OLD = cite(2021, "家庭医生签约率61.5%，签约居民12000人。")
NEW = cite(2022, "全县家庭医生签约率为66.2%，其中重点人群签约率83.5%，签约居民1.5万人。")
SPENT = (cite(2021, "投入资金860万元。"),)
SPENT_LATER = (cite(2022, "投入资金0.12亿元。"),)


def _points() -> Derived:
    return _known(difference(_operand("66.2%", "66.2", NEW), _operand("61.5%", "61.5", OLD)))


def _rise() -> Derived:
    return _known(growth(_operand("1.5万人", "15000", NEW), _operand("12000人", "12000", OLD)))


def _more() -> Derived:
    one, other = (_operand("0.12亿元", "12000000", SPENT_LATER[0]), _operand("860万元", "8600000", SPENT[0]))
    return _known(difference(one, other))


def _changes() -> Paragraph:
    """Stated and computed figures in prose."""
    points, rise = _points(), _rise()
    rate = f"2022年家庭医生签约率为66.2%，比上年{moved(points, '提高', '下降')}"
    people = f"签约居民由12000人增加到1.5万人，增长{rise.text}，即{rise.formula}"
    talent = cite(2022, "“369”人才工程和三医联动稳步推进。")
    return Paragraph(
        (
            Sentence(rate, (NEW, OLD), "computed", (), (points,)),
            Sentence(people, (OLD, NEW), "computed", (), (rise,)),
            Sentence("“369”人才工程和三医联动稳步推进", (talent,), "quoted"),
        )
    )


def _table() -> Table:
    """Stated, computed, missing, corrected and doubtful cells."""
    points, rise, more = _points(), _rise(), _more()
    visits = (cite(2022, "巡诊1051次。"),)
    rates = (Cell("61.5%", (OLD,)), Cell("66.2%", (NEW,)), Cell(signed(points), (), (points,)))
    people = (Cell("12000人", (OLD,)), Cell("1.5万人", (NEW,)), Cell(signed(rise), (), (rise,)))
    money = (
        Cell("860万元", SPENT),
        Cell("0.12亿元", SPENT_LATER, status="warning"),
        Cell(signed(more), (), (more,)),
    )
    rounds = (Cell("缺", status="missing"), Cell("1015次", visits, status="corrected"), Cell("—"))
    rows = (
        (Cell("家庭医生签约率"), *rates),
        (Cell("签约居民"), *people),
        (Cell("投入资金"), *money),
        (Cell("巡诊"), *rounds),
    )
    notes = (Sentence(NOT_TOLD, (), "stated"),)
    return Table("主要指标对照", ("指标", "2021年", "2022年", "变化"), rows, notes)


def _charts() -> tuple[Chart, Chart]:
    """Lines with a gap, and bars."""
    years = ("2021年", "2022年")
    everyone = Series("全部居民", (Decimal("61.5"), Decimal("66.2")), ((OLD,), (NEW,)))
    some = Series("重点人群", (None, Decimal("83.5")), ((), (NEW,)))
    money = Series(PLACE, (Decimal(860), Decimal(1200)), (SPENT, SPENT_LATER))
    return (
        Chart("家庭医生签约率", "line", "%", years, (everyone, some)),
        Chart("投入资金", "bar", "万元", years, (money,)),
    )


def _problems() -> tuple[Heading | Paragraph, ...]:
    """A list that runs on, and one of long items."""
    where = "二、存在的问题"
    quotes = (
        (2021, "一是村医老龄化严重，60岁以上村医占38%，后继乏人。"),
        (2021, "二是县医院重症床位不足，仅有12张。"),
        (2022, "二是县域信息系统不互通，同一数据要在4个平台重复录入。"),
    )
    cited = tuple(cite(year, quote, where) for year, quote in quotes)
    told = _known(count(cited, "个"))
    listed = tuple(Sentence(c.quote, (c,), "quoted") for c in cited)
    return (
        Heading("存在的问题"),
        Paragraph((Sentence(f"两年的报告共提出{told.text}问题", (), "computed", (), (told,)),)),
        Paragraph(listed, listed=True),
    )


def _operand(text: str, value: str, citation: Citation) -> Operand:
    return Operand(Decimal(value), text, citation)


def _known(derived: Derived | None) -> Derived:
    assert derived is not None
    return derived
