"""What the library offers for a draft: values, listed points, passages of the office's own."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from corpus.aliases import Aliases
from corpus.ledger import rows_of
from corpus.report import SectionKind
from service.draft.inputs import Basic, DraftInput, Indicator, Kind, Task
from service.draft.known import NOTHING, Known, known
from service.draft.outline import outline
from service.draft.source import as_source

if TYPE_CHECKING:
    from service.desk import Desk

SIGNED = Indicator("家庭医生签约率", "%", at="指标!第2行")


def offered(desk: Desk, place: str, year: int) -> Known:
    aliases = Aliases.load(None)
    return known(desk.cards(), desk.report, lambda report: rows_of(report, aliases), place, year)


@pytest.fixture(scope="module")
def chenghe(bureau: Desk) -> Known:
    """What there is for 澄河县 in 2022, with its reports of 2021 and 2022."""
    return offered(bureau, "澄河县", 2022)


def test_the_place_s_own_reports_are_there_the_newest_first(chenghe: Known) -> None:
    assert [card.year for card in chenghe.cards] == [2022, 2021]
    assert {card.place for card in chenghe.cards} == {"澄河县"}
    assert {row.report_id for row in chenghe.rows} <= {card.id for card in chenghe.cards}


def test_the_problems_of_the_newest_report_are_listed(chenghe: Known) -> None:
    titles = [point.title for point in chenghe.listed(SectionKind.PROBLEMS)]
    assert len(titles) == 3 and titles[1].startswith("村卫生室设备老化")
    assert len(chenghe.listed(SectionKind.NEXT_STEPS)) == 4


def test_a_value_is_that_of_a_whole_year_of_the_place(chenghe: Known) -> None:
    row = chenghe.value(SIGNED, 2022)
    assert row is not None and row.value == Decimal("66.8")
    assert chenghe.value(SIGNED, 2019) is None
    assert chenghe.value(Indicator("家庭医生签约率", "人"), 2022) is None
    assert chenghe.value(Indicator("没有这个指标", "%"), 2022) is None


def test_passages_of_the_office_show_its_style(chenghe: Known) -> None:
    (style, *_) = chenghe.style(SectionKind.PROBLEMS)
    assert style.card.place == "澄河县" and 50 <= len(style.text) <= 130
    assert not style.text.startswith(("1.", "一是"))


def test_later_reports_and_other_places_are_not_looked_at(bureau: Desk) -> None:
    assert [card.year for card in offered(bureau, "澄河县", 2021).cards] == [2021]
    assert offered(bureau, "青岭县", 2022) == Known("青岭县", 2022)


def test_a_missing_value_of_the_input_comes_from_the_report(chenghe: Known) -> None:
    basic = Basic("澄河县卫生健康局", "澄河县", 2022, Kind.SUMMARY, at="基本信息!第2行")
    given = DraftInput(basic, (SIGNED,), name="input.xlsx")
    source = as_source(given)
    (fact,) = outline(given, source, chenghe).steps[0].facts
    assert "2022年家庭医生签约率为66.8%" in fact.text
    assert fact.citations[0].report_id != source.report.id
    empty = outline(given, source, NOTHING).steps[0]
    assert empty.facts == () and empty.gaps == ("家庭医生签约率的2022年数值",)


def test_safeguards_of_last_year_s_report_are_carried_over_by_name(
    tmp_path: Path, open_desk: Callable[[Path], Desk]
) -> None:
    text = (
        "栗坪县卫生健康局2022年工作总结\n一、主要工作完成情况\n全年新建村卫生室12所，改造乡镇卫生院4所，投入资金560万元。\n"
        "二、下一步打算\n计划新建村卫生室10所。\n三、保障措施\n（一）健全例会制度\n每月召开一次例会，逐项通报进度，解决困难。\n"
        "（二）严格资金管理\n专项资金专账核算，按季度公开支出，接受审计。\n"
    )
    (tmp_path / "栗坪县2022年工作总结.txt").write_text(text, encoding="utf-8")
    with open_desk(tmp_path / "home") as desk:
        assert not desk.ingest([tmp_path / "栗坪县2022年工作总结.txt"]).failures
        offer = offered(desk, "栗坪县", 2022)
    basic = Basic("栗坪县卫生健康局", "栗坪县", 2023, Kind.PLAN, at="基本信息!第2行")
    given = DraftInput(basic, tasks=(Task("任务1", "新建村卫生室", at="任务!第2行"),), name="input.xlsx")
    (step,) = outline(given, as_source(given), offer).parts[-1].steps
    (fact,) = step.facts
    assert fact.text == "将继续落实2022年报告提出的“健全例会制度”“严格资金管理”等保障措施"
    assert {citation.year for citation in fact.citations} == {2022}
