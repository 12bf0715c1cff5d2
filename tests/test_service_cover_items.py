"""What a superior asks for, and of whom: the items of fictional key points, of the sample city and of a real one."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.aliases import Aliases
from corpus.parse import parse
from corpus.readers import read
from corpus.report import RawDocument
from service.cover.demands import Reach, kernel, reach_of
from service.cover.items import Item, items
from service.proof.text import Text
from service.pursuit.pursuit import Side

ALIASES = Aliases.load(None)
DATA = Path(__file__).parent / "data" / "cover"


def side(text: str) -> Side:
    data = text.encode()
    raw = RawDocument("甲.txt", hashlib.sha256(data).hexdigest(), len(data), "txt", text)
    made = Text(parse(raw)[0], ALIASES)
    return Side(made.report, made.card, made.rows)


def points(*tasks: str) -> Side:
    listed = "\n".join(f"{n}.{task}" for n, task in enumerate(tasks, 1))
    return side(f"澄河市2023年卫生健康工作要点\n\n一、重点任务\n{listed}\n")


def item(task: str, own: str | None = "栗坪县") -> Item:
    (first, _) = items(points(task, "办好群众信访。来信来访按期答复率达到98%。"), own)
    return first


@pytest.mark.parametrize(
    ("clause", "reach"),
    [
        ("每个县区建成慢性病门诊不少于3个", Reach.OWN),
        ("栗坪县建成透析中心", Reach.OWN),
        ("白崖县设置床位30张", Reach.OTHER),
        ("支持白崖县建设传染病区", Reach.OTHER),
        ("市直医院选派20名医师下乡", Reach.OTHER),
        ("市质控中心每季度抽取600份病历", Reach.OTHER),
        ("市、县两级指挥体系保持值班", Reach.OWN),
        ("全市家庭医生签约率43%以上", Reach.OWN),
        ("学习推广白崖县医改经验", Reach.OWN),
        ("居民健康素养水平达到28%", Reach.OWN),
    ],
)
def test_whom_a_clause_asks(clause: str, reach: Reach) -> None:
    assert reach_of(clause, "栗坪县", "澄河市") is reach


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("提升素养。居民健康素养水平达到28%以上。", [("28%", Reach.OWN)]),
        ("培养医生。全市定向委培医学生150名。", [("150名", Reach.PART)]),
        ("引进人才。每个县级医院引进医师5名。", [("5名", Reach.OWN)]),
        (
            "组建队伍。市级配备900人、县区各配备150人的采样队伍。",
            [("900人", Reach.OTHER), ("150人", Reach.OWN)],
        ),
        ("改善急救。乡镇缺药48小时内补到。", [("48小时", Reach.OWN)]),
        ("压缩时限。报告时限不超过30分钟。", [("30分钟", Reach.OWN)]),
        ("盘活设备。闲置超过3个月的设备调剂给乡镇。", []),
        ("扩大互认。互认项目由62项扩大到96项。", [("96项", Reach.OWN)]),
        ("清零攻坚。白崖县空白村压减到5个以内。", [("5个", Reach.OTHER)]),
    ],
)
def test_of_whom_a_figure_is_asked(task: str, expected: list[tuple[str, Reach]]) -> None:
    found = [(d.row.text, d.reach) for measure in item(task).measures for d in measure.demands]
    assert found == expected


def test_a_plan_of_the_same_place_bears_the_whole_sum() -> None:
    found = [
        d.reach for m in item("培养医生。全市定向委培医学生150名。", "澄河市").measures for d in m.demands
    ]
    assert found == [Reach.OWN]


def test_the_heading_is_no_measure_and_the_clauses_are() -> None:
    made = item("推进中医药进基层。所有乡镇卫生院设置中医馆，村卫生室开展中医适宜技术6项以上。")
    assert made.title == "推进中医药进基层"
    assert [m.text for m in made.measures] == ["所有乡镇卫生院设置中医馆", "村卫生室开展中医适宜技术6项以上"]
    assert all(m.reach is Reach.OWN and m.subject for m in made.measures)


def test_a_comma_in_quotation_marks_or_brackets_ends_no_clause() -> None:
    made = item("抓好防控。落实“外防输入，内防反弹”要求，完善流调（含溯源，转运）流程。")
    assert [m.text for m in made.measures] == ["落实“外防输入，内防反弹”要求", "完善流调（含溯源，转运）流程"]


def test_what_is_for_others_is_kept_apart() -> None:
    assert item("支持白崖县建设传染病区。设置床位30张，年内投用。").named
    assert item("加强病理质控。市病理质控中心每季度抽检切片。").named
    mine = item("支持栗坪县建设透析中心。帮助落实资金，协调设备采购。")
    assert not mine.named
    (own,) = mine.own  # what the superior helps with is its own part
    assert "透析" in own.subject and "栗坪" not in own.subject


def test_members_of_a_list_are_told_but_not_examples() -> None:
    (measure,) = item("提标扩能。县级医院建成胸痛、卒中、创伤三个中心。").measures
    assert measure.members == ("胸痛", "卒中", "创伤")
    (measure,) = item("推广远程诊疗。乡镇卫生院接通远程影像和远程心电。").measures
    assert measure.members == ("影像", "心电")
    (measure,) = item("引进人才。引进检验、药学、口腔等紧缺人才。").measures
    assert not measure.members


def test_goals_count_where_they_set_a_figure() -> None:
    above = side(
        "澄河市2023年卫生健康工作要点\n\n一、总体目标\n坚持预防为主。居民健康素养水平达到28%。\n\n"
        "二、重点任务\n1.办好信访。按期答复率达到98%。\n2.培训村医。举办培训班。\n"
    )
    found = items(above, "栗坪县")
    assert [i.title for i in found][1:] == ["办好信访", "培训村医"]
    assert "28%" in found[0].text


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("城关、柳溪等乡镇卫生院开设慢性病一体化门诊", "慢性病一体化门诊"),
        ("每个县区建成慢性病一体化门诊", "慢性病一体化门诊"),
        ("家庭医生签约率", "家庭医生签约率"),
        ("引进医师", "引进医师"),
    ],
)
def test_what_is_counted(name: str, rest: str) -> None:
    assert kernel(name) == rest


@settings(deadline=None, max_examples=60)
@given(st.text("建成各县区每市级、，。3050%名家栗坪县至少不低于医院", max_size=40))
def test_any_clause_has_a_reach_and_any_name_a_kernel(text: str) -> None:
    assert reach_of(text, "栗坪县", "澄河市") in Reach
    assert kernel(text) in text


@settings(deadline=None, max_examples=25)
@given(st.decimals(min_value=1, max_value=99, places=1))
def test_a_rate_is_asked_as_it_is_written(value: Decimal) -> None:
    ((demand,),) = [m.demands for m in item(f"提升素养。居民健康素养水平达到{value}%以上。").measures]
    assert demand.row.value == value and demand.reach is Reach.OWN


def test_all_items_of_the_fictional_key_points() -> None:
    for name, count in (("澄河市2023年卫生健康工作要点.txt", 26), ("澜沙市2024年卫生健康工作要点.txt", 24)):
        (report,) = parse(read(DATA / name))
        made = Text(report, ALIASES)
        found = items(Side(report, made.card, made.rows), "栗坪县")
        assert len(found) == count
        assert all(report.text[i.span.start : i.span.end] == i.text for i in found)


@pytest.mark.real
def test_all_49_items_of_a_real_city(real_reports: Path) -> None:
    for path in sorted(real_reports.glob("003*.txt")):
        for report in parse(read(path)):
            if report.metadata.place and report.metadata.place.value == "定西市":
                made = Text(report, ALIASES)
                found = items(Side(report, made.card, made.rows), "襄垣县")
                assert len(found) == 49
                numbers = [int(i.text.split(".")[0]) for i in found]
                assert numbers == list(range(1, 50))
                assert sum(len(i.measures) for i in found) > 200
                return
    pytest.fail("the report is not there")
