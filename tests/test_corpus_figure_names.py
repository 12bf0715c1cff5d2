"""Indicators that stand in another clause, in the heading, or in the line before a break."""

from __future__ import annotations

import re

import pytest

from corpus.figures import read_figures
from corpus.outline import outline
from corpus.report import Metadata, Span
from corpus.stretches import Stretch, by_sections, with_topics


def names(text: str, title: str = "") -> list[str]:
    spans = [Span(m.start(), m.end()) for m in re.finditer(r"[^。\n]+。?", text)]
    parts = (Stretch(Span(0, len(text)), False, "2023年", title=title),)
    return [f.indicator for f in read_figures(text, spans, (), "2023年", parts)]


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("新发尘肺病下降", "全年27例，比上年减少6例，下降18.18%。", ["新发尘肺病"] * 3),
        ("新发尘肺病明显减少", "全年27例，其中甲镇9例、乙镇8例，比上年减少6例。",
         ["新发尘肺病", "甲镇", "乙镇", "新发尘肺病"]),
        ("常住人口签约率稳步提升", "已达到64.3%。", ["常住人口签约率"]),
        ("空白村清零攻坚", "澄河县压减到5个以内。", ["澄河县空白村"]),
        ("扩大家庭病床", "6个乡镇都已开设，总数达到90张。", ["乡镇", "家庭病床总数"]),
        ("继续发展家庭病床", "补建托育点3处，家庭病床40张，总数达到90张。",
         ["补建托育点", "家庭病床", "家庭病床总数"]),
    ],
)  # fmt: skip
def test_a_bare_number_takes_what_the_heading_tells_of(title: str, text: str, expected: list[str]) -> None:
    assert names(text, title) == expected


@pytest.mark.parametrize(
    "title",
    [
        "",
        "服务能力提升",
        "基层医疗质量提高",
        "投诉下降、满意度提高",
        "工作完成情况",
        "签约率提升",
        "扩大宣传",
    ],
)
def test_no_name_is_better_than_a_wrong_one(title: str) -> None:
    """A heading without one countable thing that rises or falls; a rate has no cases."""
    assert names("全年27例。", title) == [""]


def test_a_rate_takes_no_count_from_the_heading() -> None:
    assert names("全年达到64.3%。", "新发尘肺病下降") == [""]


def test_a_named_figure_does_not_lean_on_the_heading() -> None:
    assert names("培训村医27人，使用率达到60%。", "新发尘肺病下降") == ["培训村医", "使用率"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("空白村由23个减到11个，完成了年初定下的12个以内的目标。", ["空白村"] * 3),
        ("远程会诊402例，半年接近去年全年的486例。", ["远程会诊"] * 2),
        ("新增托位优先放在厂区周边，每千人口达到3.9个。", ["每千人口托位"]),
        ("护林员队伍止跌回升，达到168人以上。", ["护林员队伍"]),
        ("澄河县参保率已到89%，栗坪县只有61.3%。", ["澄河县参保率", "栗坪县参保率"]),
        ("30家托育机构中11家通过验收。", ["托育机构", "通过验收"]),
        ("全区有初中12所、高中3所。", ["初中", "高中"]),
        ("新建档2.1万人，累计8.05万人。", ["新建档", "建档"]),
        ("新签定向生18名，三年累计45名。", ["新签定向生", "签定向生"]),
        ("新增床位20张，累计150张。", ["新增床位"] * 2),
        ("新签约300人，累计组建12支队伍。", ["新签约", "组建队伍"]),
        ("27项任务，完成24项。", ["任务", "任务完成"]),
        ("22项任务平均88.6分。", ["任务", "任务平均得分"]),
        ("决算投资4795万元，比概算节约65万元。", ["决算投资", "决算投资节约额"]),
    ],
)
def test_names_of_the_clause_before(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("对圩区61名预产期在汛期的孕妇逐人制定方案。", ["圩区孕妇"]),
        ("核定126名人员身份和工龄。", ["核定人员"]),
        ("表彰23名符合条件的退役军人。", ["表彰退役军人"]),
        ("我县山高谷深，18.6万人散居在9个乡镇。", ["散居人口", "乡镇"]),
        ("460张床位使用率六成。", ["床位", "床位使用率"]),
        ("年初拿出38个岗位。", ["拿出岗位"]),
        ("各县原则上设置1个县办康复院。", ["设置县办康复院"]),
    ],
)
def test_names_of_what_is_counted(text: str, expected: list[str]) -> None:
    assert names(text) == expected


def test_a_line_that_breaks_within_its_sentence_goes_on() -> None:
    assert names("收支平衡。广义货币M\n2\n预期增长9%左右。") == ["广义货币M2"]
    assert names("收支平衡\n预期增长9%左右。") == [""]  # a heading, for all that one can see


def test_stretches_tell_their_headings() -> None:
    text = "澄河县工作总结\n一、疾病防控\n（一）新发尘肺病下降\n过去五年，形势好转。\n全年27例。\n"
    sections = outline(text)
    parts = by_sections(len(text), sections, Metadata("总结"), "2023年")
    assert [s.title for s in parts] == ["", "疾病防控", "新发尘肺病下降"]
    assert {s.title for s in with_topics(text, parts, 2023)} == {"", "疾病防控", "新发尘肺病下降"}
    spans = [Span(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text)]
    assert [f.indicator for f in read_figures(text, spans, (), "2023年", parts)] == ["新发尘肺病"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "65岁及以上老年人8.99万人，健康管理6.11万人，管理率67.96%。",
            ["65岁及以上老年人", "65岁及以上老年人健康管理", "65岁及以上老年人健康管理率"],
        ),
        ("65岁及以上9.31万人，健康管理6.61万人。", ["65岁及以上", "65岁及以上老年人健康管理"]),
        (
            "65岁以上老年人3.64万人，接受健康管理2.62万人，管理率71.98%。",
            ["65岁以上老年人", "65岁以上老年人接受健康管理", "65岁以上老年人健康管理率"],
        ),
        ("产妇1842人，系统管理1775人，管理率96.36%。", ["产妇", "产妇系统管理", "产妇系统管理率"]),
        (
            "在管高血压患者15980人，规范管理12145人，管理率76%。",
            ["在管高血压患者", "高血压患者规范管理", "高血压患者规范管理率"],
        ),
        (
            "肺结核报告262例，成功治疗247例，成功率94.27%。",
            ["肺结核报告", "肺结核成功治疗", "肺结核治疗成功率"],
        ),
        # More than there are: these are others.
        ("新发病人14例，系统管理31人。", ["新发病人", "系统管理"]),
        # A ； begins something else.
        ("产妇1842人；系统管理1775人。", ["产妇", "系统管理"]),
    ],
)
def test_whose_management_is_told(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("为4371名农村居民开展了健康体检（含血压、血糖）。", ["农村居民健康体检"]),
        ("为2100名妇女免费提供两癌筛查。", ["妇女两癌筛查"]),
        ("全县有农村居民4371名。", ["农村居民"]),
    ],
)
def test_who_was_served_is_not_all_that_there_are(text: str, expected: list[str]) -> None:
    assert names(text) == expected
