"""What the library fills in beforehand: rows, sources, and what is told where nothing is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from corpus.aliases import Aliases
from corpus.corrections import Change, all_corrections, keep
from corpus.library import Library
from corpus.numerals import numbers
from corpus.parse import parse
from corpus.readers import read
from corpus.report import Filter
from service.desk import Desk
from service.draft.fields import COLUMNS
from service.draft.input_files import read_input, write_input
from service.draft.inputs import OPEN, Amount, Indicator, Kind
from service.draft.prefill import prefill
from service.draft.prefill_indicators import _OF_PLAN, _PIECE
from service.draft.prefill_sources import Prefilled, quoted, states
from service.points.pairing import Similar

Fill = Callable[..., Prefilled]


def filled(
    library: Library, kind: Kind, place: str, year: int, similar: Similar | None = None, office: str = ""
) -> Prefilled:
    return prefill(
        kind, place, year,
        cards=library.cards(), report=library.report, aliases=Aliases.load(library.home),
        corrections=all_corrections(library.database), similar=similar, office=office,
    )  # fmt: skip


@pytest.fixture
def plan(bureau: Desk) -> Prefilled:
    return filled(bureau.library, Kind.PLAN, "澄河县", 2023)


def row(made: Prefilled, name: str) -> Indicator:
    return next(one for one in made.given.indicators if one.name == name)


def values(one: Indicator) -> list[str]:
    return [value.text if value else "" for value in (one.last, one.this, one.target)]


# -- indicators ---------------------------------------------------------------------------------------


def test_an_indicator_has_the_values_of_two_years(plan: Prefilled) -> None:
    assert values(row(plan, "家庭医生签约率")) == ["61.3", "66.8", ""]
    assert row(plan, "家庭医生签约率").unit == "%"
    assert values(row(plan, "签约居民")) == ["17.9万", "19.4万", ""]
    assert row(plan, "签约居民").this == Amount(Decimal(194000), "19.4万")
    assert len(plan.given.indicators) <= 30


def test_the_target_of_the_year_before_is_none_of_the_year_to_come(bureau: Desk, plan: Prefilled) -> None:
    assert not any(one.target for one in plan.given.indicators)
    earlier = filled(bureau.library, Kind.PLAN, "澄河县", 2022)
    assert values(row(earlier, "改造村卫生室")) == ["", "", "36"]
    assert values(row(earlier, "家庭医生签约率")) == ["", "61.3", ""]


def test_half_a_year_says_so(bureau: Desk) -> None:
    made = filled(bureau.library, Kind.SUMMARY, "雁塘区", 2022)
    assert {one.scope for one in made.given.indicators} == {"上半年"}
    assert values(row(made, "家庭医生签约率"))[:2] == ["", "58.9"]


def test_every_value_stands_in_its_sentence(bureau: Desk) -> None:
    seen = 0
    for card in bureau.cards():
        made = filled(bureau.library, Kind.PLAN, card.place or "", (card.year or 0) + 1)
        for number, one in enumerate(made.given.indicators):
            for cell in made.of("指标", number):
                value = {"上年值": one.last, "本年值": one.this, "目标值": one.target}[cell.column]
                for citation in cell.citations:
                    seen += 1
                    assert value is not None and states(citation.quote, value, one.unit)
                    assert (
                        bureau.report(citation.report_id).text[citation.start : citation.end]
                        == citation.quote
                    )
    assert seen > 30


# -- problems and tasks ---------------------------------------------------------------------------------


def test_a_problem_is_cut_into_how_it_shows_and_why(plan: Prefilled) -> None:
    first, second, third = plan.given.problems
    assert (first.key, first.title) == ("问题1", "高层次人才引不进、留不住")
    assert first.shows == "全年流失副高以上职称医师6名，新招聘硕士研究生仅1名"
    assert first.cause == "因地处山区、平台有限"
    assert second.shows == "全县仍有52个村卫生室的诊查设备使用超过十年" and second.cause == ""
    assert third.shows.endswith("尚有1270万元没有拨付到位，影响了药品采购")
    assert "建议" not in "".join(p.shows + p.cause for p in plan.given.problems)


def test_tasks_have_what_the_text_tells(bureau: Desk, plan: Prefilled) -> None:
    assert [task.title for task in plan.given.tasks][:2] == [
        "改造乡镇卫生院发热诊室8个",
        "招录大学生村医20名",
    ]
    assert plan.given.tasks[1].target == "招录大学生村医20名"
    assert not any(task.answers or task.office or task.deadline for task in plan.given.tasks)
    points = filled(bureau.library, Kind.SUMMARY, "苍麓市", 2022).given.tasks
    assert points[1].measure == "推广三明医改经验"
    assert points[1].target == "县域内就诊率达到90%以上，药品集中采购品种不少于350种"


PAGE = """栎川县卫生健康局2022年工作总结
一、工作完成情况
全县家庭医生签约率为66.8%。
二、存在的问题
（一）慢病药断供。由于配送线路过长，北片卫生院每月断供4种药，导致群众进城买药。主要原因是没有中心药房，也没有专职药师。
三、下一步打算
（一）建立中心药房。由药政股牵头，3月选址、9月底前投用，配送药品不少于120种。责任单位：药政股、县人民医院。
（二）做好家庭医生签约。签约率提高到70%以上。
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "home") as library:
        path = tmp_path / "栎川县卫生健康局2022年工作总结.txt"
        path.write_text(PAGE, encoding="utf-8")
        document = read(path)
        library.add_source(document, parse(document), path=path)
        yield library


def test_cause_office_deadline_and_target_are_found(home: Library) -> None:
    made = filled(home, Kind.PLAN, "栎川县", 2023)
    (problem,) = made.given.problems
    assert problem.shows == "北片卫生院每月断供4种药，导致群众进城买药"
    assert problem.cause == "配送线路过长，没有中心药房，也没有专职药师"
    first, second = made.given.tasks
    assert (first.office, first.deadline, first.due) == ("药政股、县人民医院", "9月底前", date(2023, 9, 30))
    assert first.target == "配送药品不少于120种"
    assert first.measure == "由药政股牵头，3月选址、9月底前投用"
    assert (second.title, second.target) == ("做好家庭医生签约", "签约率提高到70%以上")
    assert made.given.basic.office == "栎川县卫生健康局"
    assert filled(home, Kind.PLAN, "栎川县", 2023, office="栎川县卫健局").given.basic.office == "栎川县卫健局"


def test_terms_of_an_older_report_are_not_those_of_the_coming_year(home: Library) -> None:
    made = filled(home, Kind.PROBLEMS, "栎川县", 2023)
    assert [task.deadline for task in made.given.tasks] == ["", ""]
    assert "它写的是2022年的问题，请逐条核对现在是否还存在" in made.messages
    assert "它写的是2023年的打算，请逐条核对是否已经完成" in made.messages
    made = filled(home, Kind.PLAN, "栎川县", 2024)
    assert "库里没有2023年的数，“本年值”请自己填写" in made.messages
    assert values(row(made, "家庭医生签约率")) == ["66.8", "", ""]


def test_a_draft_of_problems_gets_the_indicators_that_they_speak_of(home: Library) -> None:
    made = filled(home, Kind.PROBLEMS, "栎川县", 2022)
    assert not made.given.indicators
    assert any(message.startswith("指标只预填问题中说到的，另有") for message in made.messages)


def test_what_the_user_corrected_counts_and_is_no_quotation(home: Library) -> None:
    card = home.cards()[0]
    report = home.report(card.id)
    at = report.raw_offset(report.text.index("66.8%"))
    keep(home.database, [Change(card.source_sha256, str(at), "value", "67.1", "66.8%", "签约率")])
    one = row(filled(home, Kind.PLAN, "栎川县", 2023), "家庭医生签约率")
    assert one.this == Amount(Decimal("67.1"), "67.1")
    assert one.citations == () and one.source == "本年值：台账中人工更正"


def test_texts_are_the_words_of_their_sources(bureau: Desk) -> None:
    seen = 0
    for card in bureau.cards():
        made = filled(bureau.library, Kind.PLAN, card.place or "", (card.year or 0) + 1)
        for cell in made.filled:
            if cell.sheet in ("问题", "任务") and cell.column in ("问题", "表现", "原因", "任务", "措施"):
                rows = made.given.problems if cell.sheet == "问题" else made.given.tasks
                one = rows[cell.row]
                text = getattr(
                    one, {"表现": "shows", "原因": "cause", "措施": "measure"}.get(cell.column, "title")
                )
                assert cell.citations and quoted(text, [c.quote for c in cell.citations])
                seen += 1
    assert seen > 20


# -- which problem a task answers -----------------------------------------------------------------------


def likeness(alike: float) -> Similar:
    """Texts that share 药 are alike."""

    def similar(texts: Sequence[str], others: Sequence[str]) -> np.ndarray:
        table = [[alike if "药" in one and "药" in other else 0.8 for other in others] for one in texts]
        return np.array(table, np.float32)

    return similar


def test_a_task_is_given_a_problem_only_where_they_are_clearly_alike(home: Library) -> None:
    made = filled(home, Kind.PLAN, "栎川县", 2023, likeness(0.97))
    assert [task.answers for task in made.given.tasks] == [("问题1",), ()]
    notes = [cell.note for cell in made.of("任务", 0) if cell.column == "针对问题"]
    assert notes == ["按内容相近推定（建议，请核对）"]
    assert not any(
        task.answers for task in filled(home, Kind.PLAN, "栎川县", 2023, likeness(0.85)).given.tasks
    )


# -- which reports ----------------------------------------------------------------------------------------


def test_the_reports_that_were_used_are_told(plan: Prefilled) -> None:
    assert (
        plan.messages[0] == "用到的报告：《澄河县卫生健康局2022年工作总结》《澄河县卫生健康局2021年工作总结》"
    )
    assert plan.messages[1:3] == (
        "问题取自《澄河县卫生健康局2022年工作总结》",
        "任务取自《澄河县卫生健康局2022年工作总结》",
    )
    assert len(plan.reports) == 2
    assert plan.given.basic.office == "澄河县卫生健康局"


def test_a_summary_lists_the_tasks_that_were_set_for_its_year(bureau: Desk) -> None:
    made = filled(bureau.library, Kind.SUMMARY, "澄河县", 2022)
    assert "任务取自《澄河县卫生健康局2021年工作总结》" in made.messages
    assert made.given.tasks[0].title == "补齐村级服务短板" and made.given.tasks[0].progress == OPEN
    assert values(row(made, "家庭医生签约率")) == ["61.3", "66.8", ""]


@pytest.mark.parametrize(
    ("place", "year", "told"),
    [
        ("乌有县", 2023, "库里没有乌有县的报告，没有可以预填的内容"),
        ("澄河县", 2030, "澄河县没有2028、2029年的报告（有2021年、2022年）"),
    ],
)
def test_where_nothing_is_found_the_input_is_empty_but_whole(
    bureau: Desk, tmp_path: Path, place: str, year: int, told: str
) -> None:
    made = filled(bureau.library, Kind.PLAN, place, year, office="某局")
    assert made.messages[0].startswith(told) and len(made.messages) == 1
    assert not (made.given.indicators or made.given.problems or made.given.tasks or made.reports)
    path = tmp_path / "输入.yaml"
    write_input(made, path)
    text = path.read_text(encoding="utf-8")
    assert all(f"\n{name}: []\n" in text for name in COLUMNS) and told in text


def test_an_empty_library_is_told(tmp_path: Path) -> None:
    with Library.open(tmp_path / "home") as library:
        made = filled(library, Kind.PLAN, "澄河县", 2023)
    assert made.messages == ("库里没有澄河县的报告，没有可以预填的内容（库是空的）",)


@pytest.mark.parametrize("suffix", [".xlsx", ".yaml", ".json"])
def test_what_was_prefilled_comes_back_with_its_citations(bureau: Desk, tmp_path: Path, suffix: str) -> None:
    made = filled(bureau.library, Kind.PLAN, "澄河县", 2023, bureau.likeness)
    path = tmp_path / f"输入{suffix}"
    write_input(made, path)
    given = read_input(path, bureau.report)
    for name in ("indicators", "problems", "tasks"):
        there, back = (getattr(one, name) for one in (made.given, given))
        assert [replace(one, at="") for one in back] == [replace(one, at="") for one in there]
    assert any(one.citations for one in given.problems)


@pytest.mark.real
def test_the_real_reports_prefill_and_come_back(real_reports: Path, tmp_path: Path) -> None:
    with Library.open(tmp_path / "home") as library:
        for path in sorted((real_reports / "gwr").glob("201[78].txt")):
            document = read(path)
            library.add_source(document, parse(document), path=path)
        assert len(library.cards(Filter(years=(2018,)))) == 1
        made = filled(library, Kind.PLAN, "全国", 2018)
        path = tmp_path / "输入.xlsx"
        write_input(made, path)
        given = read_input(path, library.report) if made.given.basic.office else None
    gdp = row(made, "国内生产总值")
    assert gdp.unit == "元" and gdp.last and gdp.this and gdp.last.value < gdp.this.value
    assert 15 <= len(made.given.indicators) <= 30 and 5 <= len(made.given.tasks) <= 40
    assert sum(one.target is not None for one in made.given.indicators) >= 3
    assert all(numbers(citation.quote) for one in made.given.indicators for citation in one.citations)
    if given:
        assert [one.citations for one in given.tasks] == [one.citations for one in made.given.tasks]


# -- what would read badly ------------------------------------------------------------------------------

PLAN_2023 = """栎川县卫生健康局2023年工作计划
一、重点任务
（一）强化基层服务
1.改造卫生院。年底前改造卫生院4家。
2.轮换骨干。县医院骨干轮换，3月起实施，每批8名。
（二）抓好公共卫生
1.开展健康宣讲。进村宣讲60场。
2.筛查妇女两癌。筛查农村妇女3200人。
二、保障措施
加强督促检查。
"""
RESULTS = """栎川县卫生健康局2022年工作总结
一、工作完成情况
县财政按药品加成补助320万元。铸造企业中38家完成改造。全县家庭医生签约率为66.8%。健康企业17家。
二、存在的问题
（一）慢病药断供。北片卫生院每月断供4种药。
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Library]:
    """A review of a year and a plan whose tasks stand under headings."""
    with Library.open(tmp_path / "home") as library:
        for name, page in (("2022年工作总结", RESULTS), ("2023年工作计划", PLAN_2023)):
            path = tmp_path / f"栎川县卫生健康局{name}.txt"
            path.write_text(page, encoding="utf-8")
            document = read(path)
            library.add_source(document, parse(document), path=path)
        yield library


def test_tasks_keep_the_headings_that_a_plan_sorts_them_under(shelf: Library) -> None:
    made = filled(shelf, Kind.PLAN, "栎川县", 2023)
    assert [(task.title, task.area) for task in made.given.tasks] == [
        ("改造卫生院", "强化基层服务"),
        ("轮换骨干", "强化基层服务"),
        ("开展健康宣讲", "抓好公共卫生"),
        ("筛查妇女两癌", "抓好公共卫生"),
    ]


def test_one_heading_above_all_tasks_is_no_area(home: Library) -> None:
    assert {task.area for task in filled(home, Kind.PLAN, "栎川县", 2023).given.tasks} == {""}


def test_when_a_task_begins_is_no_deadline(shelf: Library) -> None:
    tasks = {task.title: task for task in filled(shelf, Kind.PLAN, "栎川县", 2023).given.tasks}
    assert tasks["轮换骨干"].deadline == ""
    assert tasks["改造卫生院"].deadline == "年底前"


def test_a_piece_of_a_sentence_is_no_name_of_an_indicator(shelf: Library) -> None:
    names = {one.name for one in filled(shelf, Kind.PLAN, "栎川县", 2023).given.indicators}
    assert "家庭医生签约率" in names
    assert not any("按药品" in name or name.endswith("中") for name in names)


@pytest.mark.parametrize(
    "name", ["铸造企业中", "慢病用药目录扩为", "县财政按药品加成", "占总投资", "开了头床位"]
)
def test_what_was_cut_out_of_a_sentence_is_known_by_its_edges(name: str) -> None:
    assert _PIECE.search(name)


@pytest.mark.parametrize(
    "name", ["家庭医生签约率", "每千人口执业医师数", "有螺面积", "老年友善医疗机构", "县域内住院率"]
)
def test_names_of_indicators_are_kept(name: str) -> None:
    assert not _PIECE.search(name)


@pytest.mark.parametrize(
    ("name", "of_plan"),
    [
        ("任务完成", True),
        ("重点工作任务", True),
        ("实事", True),
        ("任务清单公布", False),
        ("签约任务完成率", False),
    ],
)
def test_how_much_of_a_plan_was_done_is_no_indicator_of_two_years(name: str, of_plan: bool) -> None:
    assert bool(_OF_PLAN.fullmatch(name)) is of_plan
