"""The memo as a whole, on fictional reports: what it shows, computes, warns of, and where it stops."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import EngineFailed, NotFound
from corpus.ledger import Row
from corpus.report import FigureKind
from service.desk import Desk
from service.ledger.toy_rows import row
from service.memo.columns import Request
from service.memo.memo import Memo, Sources, memo
from service.memo.sources import of_desk
from service.models.chat import FakeChat
from service.papers.document import Chart, Heading, Paragraph, Table
from service.papers.provenance import checked


def made(
    desk: Desk, *places: str, years: tuple[int, ...], indicators: tuple[str, ...] = (), **own: Any
) -> Memo:
    """A memo that went through the gate."""
    found = memo(Request(places, years, (), indicators), of_desk(desk, **own))
    checked(found.document, desk.report, terms=found.terms)
    return found


def rows_of(found: Memo, caption: str = "主要指标") -> dict[str, list[str]]:
    """First cell → the others, of the tables whose caption begins so."""
    tables = [b for b in found.document.blocks if isinstance(b, Table) and b.caption.startswith(caption)]
    return {line[0].text: [cell.text for cell in line[1:]] for table in tables for line in table.rows}


def chapter(found: Memo, title: str) -> str:
    """The prose of one chapter."""
    text, inside = "", False
    for block in found.document.blocks:
        if isinstance(block, Heading) and block.level == 1:
            inside = block.text == title
        elif inside and isinstance(block, Paragraph):
            text += "".join(sentence.text for sentence in block.sentences)
    return text


# -- years ------------------------------------------------------------------------------------------


def test_two_years_of_a_place(bureau: Desk) -> None:
    found = made(bureau, "澄河县", years=(2021, 2022))
    lines = rows_of(found)
    assert lines["家庭医生签约率"] == ["61.3%", "66.8%", "提高5.5个百分点"]
    assert lines["签约居民"] == ["17.9万人", "19.4万人", "增加1.5万人（增长8.38%）"]
    assert "澄河县2022年家庭医生签约率为66.8%，比2021年的61.3%提高5.5个百分点。" in chapter(found, "主要发现")
    assert not found.document.partial and found.document.kind == "memo"
    charts = [block for block in found.document.blocks if isinstance(block, Chart)]
    assert charts and charts[0].kind == "line" and charts[0].categories == ("2021年", "2022年")


def test_every_value_cell_carries_its_citation_and_every_change_its_operands(bureau: Desk) -> None:
    (table,) = [
        b for b in made(bureau, "澄河县", years=(2021, 2022)).document.blocks if isinstance(b, Table)
    ][:1]
    for _, *values, change in table.rows:
        assert all(cell.citations or cell.status == "missing" for cell in values)
        assert all(derived.operands for derived in change.derived)
        assert change.derived or change.text in ("—", "持平")


def test_a_missing_value_is_said_to_be_missing(bureau: Desk) -> None:
    found = made(bureau, "澄河县", years=(2021, 2022), indicators=("代缴医保参保费", "家庭医生签约率"))
    assert next(cells for name, cells in rows_of(found).items() if "参保费" in name) == [
        "118.4万元",
        "缺",
        "—",
    ]
    assert "2022年缺：" in chapter(found, "需要注意的问题")


def test_problems_are_new_or_no_longer_mentioned(bureau: Desk) -> None:
    found = made(bureau, "澄河县", years=(2021, 2022))
    text = chapter(found, "问题与打算的变化")
    assert "不再提及只说明报告没有写，不等于已经解决" in text
    (table,) = [b for b in found.document.blocks if isinstance(b, Table) and b.caption == "问题对照"]
    assert table.header == ("情形", "2021年", "2022年")
    named = [cell for line in table.rows for cell in line[1:] if cell.text != "—"]
    assert len(named) == 6 and all(cell.citations for cell in named)


# -- places -----------------------------------------------------------------------------------------


def test_places_are_ranked_and_half_a_year_is_not(bureau: Desk) -> None:
    found = made(bureau, "澄河县", "栗坪县", "雁塘区", years=(2022,))
    assert rows_of(found)["家庭医生签约率"] == ["66.8%", "72.1%", "58.9%（上半年）"]
    assert rows_of(found, "2022年位次")["家庭医生签约率"] == ["第2位", "第1位", "—", "5.3个百分点"]
    warned = chapter(found, "需要注意的问题")
    assert "家庭医生签约率、签约居民没有计算澄河县2022年与雁塘区2022年上半年的增减：时段不同" in warned
    assert "最高的是栗坪县（72.1%），最低的是澄河县（66.8%），相差5.3个百分点" in chapter(found, "主要发现")


def test_a_report_that_contradicts_itself_is_told(bureau: Desk) -> None:
    found = made(bureau, "栗坪县", "澄河县", years=(2022,), indicators=("老年人健康体检",))
    cells = next(iter(rows_of(found).values()))
    assert {"21340人", "23140人"} == set(cells[0].split("；"))
    assert "同一份报告中数值不一致" in chapter(found, "需要注意的问题")


def test_places_and_years_together(bureau: Desk) -> None:
    found = made(bureau, "澄河县", "栗坪县", years=(2021, 2022), indicators=("家庭医生签约率",))
    (table,) = [b for b in found.document.blocks if isinstance(b, Table) and b.caption == "主要指标"]
    assert table.header == ("指标", "地区", "2021年", "2022年", "增减")
    assert [[cell.text for cell in line] for line in table.rows][:2] == [
        ["家庭医生签约率", "澄河县", "61.3%", "66.8%", "提高5.5个百分点"],
        ["家庭医生签约率", "栗坪县", "缺", "72.1%", "—"],
    ]
    assert found.document.partial and found.document.gaps == ("库中没有栗坪县2021年的报告",)


# -- two reports ------------------------------------------------------------------------------------


def test_two_reports_of_different_years(bureau: Desk) -> None:
    ids = {(card.place, card.year): card.id for card in bureau.cards()}
    request = Request(report_ids=(ids["澄河县", 2021], ids["栗坪县", 2022]))
    found = memo(request, of_desk(bureau))
    checked(found.document, bureau.report, terms=found.terms)
    assert rows_of(found)["家庭医生签约率"] == ["61.3%", "72.1%", "高10.8个百分点"]
    assert "年份不同（2021年、2022年）" in chapter(found, "需要注意的问题")


# -- rows that are made for it ----------------------------------------------------------------------


def of_rows(bureau: Desk, rows: list[Row], *places: str, years: tuple[int, ...] = (2021, 2022)) -> Memo:
    """A memo of rows alone, on the cards of the bureau."""
    sources = Sources(bureau.cards(), lambda cards: rows, bureau.report)
    found = memo(Request(places or ("澄河县",), years), sources)
    checked(found.document, terms=found.terms)
    return found


def pair(old: str, new: str, name: str = "巡诊服务", **changes: Any) -> list[Row]:
    return [
        row("澄河县", year, f"全县{name}{text}。", text, name=name, **changes)
        for year, text in ((2021, old), (2022, new))
    ]


def test_unlike_units_stand_apart_and_are_warned_of(bureau: Desk) -> None:
    rows = [pair("300人", "400人")[0], pair("300人", "400人次")[1]]
    found = of_rows(bureau, rows)
    assert "巡诊服务在报告中有“人”、“人次”几种计量单位，分行列出，不相互比较" in chapter(
        found, "需要注意的问题"
    )
    (table,) = [b for b in found.document.blocks if isinstance(b, Table)]
    assert [[cell.text for cell in line[1:]] for line in table.rows] == [
        ["300人", "缺", "—"],
        ["缺", "400人次", "—"],
    ]


def test_converted_units_are_told(bureau: Desk) -> None:
    found = of_rows(bureau, pair("9500万元", "1.2亿元", "专项经费"))
    assert rows_of(found)["专项经费"] == ["9500万元", "1.2亿元", "增加2500万元（增长26.32%）"]
    assert "专项经费：单位已换算（万元、亿元）" in chapter(found, "需要注意的问题")


def test_masked_and_unreadable_values_are_told(bureau: Desk) -> None:
    masked = row("澄河县", 2021, "专项经费3万元。", "3万元", name="专项经费", value=None, masked=True)
    suspect = row("澄河县", 2022, "专项经费4万元。", "4万元", name="专项经费", value=None, suspect=True)
    shown = memo(
        Request(("澄河县",), (2021, 2022), (), ("专项经费",)),
        Sources(bureau.cards(), lambda cards: [masked, suspect], bureau.report),
    )
    warned = chapter(shown, "需要注意的问题")
    assert "的数值在原文中被隐去" in warned and "的数值存疑，没有参加计算" in warned


def test_targets_are_held_against_what_was_reached(bureau: Desk) -> None:
    rows = [
        *pair("43%", "45.5%", "签约覆盖率"),
        row(
            "澄河县",
            2022,
            "签约覆盖率达到46%以上。",
            "46%",
            name="签约覆盖率",
            kind=FigureKind.TARGET,
            qualifier="以上",
        ),
        *pair("3.2‰", "2.9‰", "婴儿死亡率"),
        row(
            "澄河县",
            2022,
            "婴儿死亡率控制在3‰以内。",
            "3‰",
            name="婴儿死亡率",
            kind=FigureKind.TARGET,
            qualifier="以内",
        ),
        *pair("30%", "31%", "转诊率"),
        row("澄河县", 2022, "转诊率32%。", "32%", name="转诊率", kind=FigureKind.TARGET),
    ]
    told = chapter(of_rows(bureau, rows), "主要发现")
    assert "签约覆盖率的目标是46%以上，实际为45.5%，实际低于目标0.5个百分点，没有达到目标。" in told
    assert "婴儿死亡率的目标是3‰以内，实际为2.9‰，实际低于目标0.1个千分点，达到目标。" in told
    assert "转诊率的目标是32%，实际为31%，实际低于目标1个百分点。" in told  # no word which side is meant


def test_many_years_are_cut_into_tables_that_fit_a_page(bureau: Desk) -> None:
    rows = [
        row("澄河县", y, f"签约率{y - 1970}%。", f"{y - 1970}%", name="签约率") for y in range(2011, 2023)
    ]
    found = of_rows(bureau, rows, years=tuple(range(2011, 2023)))
    tables = [b for b in found.document.blocks if isinstance(b, Table)]
    values = [table for table in tables if table.caption.startswith("主要指标")]
    assert [len(table.header) for table in values] == [6, 6, 3]
    assert [len(t.header) for t in tables if t.caption.startswith("逐年增减")] == [5, 5, 4]
    assert "签约率2011年以来逐年提高，从41%到2022年的52%，共提高11个百分点" in chapter(found, "主要发现")


def test_no_more_than_thirty_indicators_and_a_word_about_the_rest(bureau: Desk) -> None:
    names = [f"{chr(0x4E00 + n)}{chr(0x5E00 + n)}管理达标率" for n in range(40)]
    found = of_rows(bureau, [r for name in names for r in pair("41%", "42%", name)])
    assert len(rows_of(found)) == 30 and "没有列入" in chapter(found, "对比范围")


def test_bare_names_that_mean_different_things_are_left_out(bureau: Desk) -> None:
    rows = [
        row("澄河县", 2022, "新建护理院一座，投资3000万元。", "3000万元", name="投资"),
        row("栗坪县", 2022, "改厕清淤共用去投资45万元。", "45万元", name="投资"),
        *(
            row(p, 2022, f"{p}常住人口{n}万人。", f"{n}万人", name="常住人口")
            for p, n in (("澄河县", 20), ("栗坪县", 30))
        ),
    ]
    found = of_rows(bureau, rows, "澄河县", "栗坪县", years=(2022,))
    assert list(rows_of(found)) == ["常住人口"]


# -- where it stops ---------------------------------------------------------------------------------


def test_an_indicator_that_no_report_has(bureau: Desk) -> None:
    with pytest.raises(NotFound, match="没有指标“家庭医生签约比”的数字") as found:
        made(bureau, "澄河县", years=(2021, 2022), indicators=("家庭医生签约比",))
    assert "家庭医生签约率" in found.value.remedy


def test_one_unknown_indicator_of_two_is_a_gap(bureau: Desk) -> None:
    found = made(bureau, "澄河县", years=(2021, 2022), indicators=("家庭医生签约率", "火星登陆率"))
    assert found.document.partial and found.document.gaps == ("这些报告中没有“火星登陆率”的数字",)
    assert "家庭医生签约率" in rows_of(found)


def test_a_report_without_figures_is_a_gap(tmp_path: Path, open_desk: Callable[[Path], Desk]) -> None:
    plain = "{place}卫生健康局2022年工作总结\n2022年，我局认真完成各项工作。\n一、工作成效\n{text}\n{place}卫生健康局\n2022年12月30日\n"
    for place, text in (("松溪县", "家庭医生签约率为45%。"), ("竹溪县", "家庭医生签约工作有序开展。")):
        (tmp_path / f"{place}.txt").write_text(plain.format(place=place, text=text), encoding="utf-8")
    with open_desk(tmp_path / "home") as desk:
        assert not desk.ingest([tmp_path]).failures
        found = made(desk, "松溪县", "竹溪县", years=(2022,))
    assert found.document.gaps == ("竹溪县2022年年度总结中没有读出数字", "没有可以并列的指标，只能分别列出")
    assert "竹溪县没有可以对照的数字" in chapter(found, "需要注意的问题")


# -- the model --------------------------------------------------------------------------------------


def test_the_model_may_join_what_code_composed(bureau: Desk) -> None:
    plain = made(bureau, "澄河县", years=(2021, 2022), indicators=("家庭医生签约率",))
    said = chapter(plain, "主要发现")
    found = made(bureau, "澄河县", years=(2021, 2022), indicators=("家庭医生签约率",), chat=FakeChat([said]))
    assert chapter(found, "主要发现").rstrip("。") == said.rstrip("。")
    assert found.document.signature.startswith("memo@1#") and not plain.document.signature


@pytest.mark.parametrize("reply", ["签约率提高了55个百分点。", EngineFailed("没有模型")])
def test_a_model_that_errs_or_fails_changes_nothing(bureau: Desk, reply: str | Exception) -> None:
    plain = made(bureau, "澄河县", years=(2021, 2022), indicators=("家庭医生签约率",))
    found = made(
        bureau, "澄河县", years=(2021, 2022), indicators=("家庭医生签约率",), chat=FakeChat([reply, reply])
    )
    assert found.document == plain.document
