"""Is a sentence held by its evidence: numbers with unit, what they belong to, and wording."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.check import Verdict, check, plain
from service.desk import Desk
from service.lines import Line

PLACES = ("澄河县", "栗坪县", "雁塘区", "苍麓市")
TEAM = "全县组建家庭医生团队124个，家庭医生签约率为66.8%，比上年提高5.5个百分点，其中重点人群签约率为83.2%。"
ROOMS = "每万人口储备集中隔离房间不少于15间。"
FUNDS = "医共体牵头医院垫付资金尚有1270万元没有拨付到位。"
LITERACY = "全县居民健康素养水平为21.7%，低于全省平均水平3.1个百分点。"
CLINICS = "举办健康讲座约58场，发放健康教育手册16000余册。"
EVIDENCE = (TEAM, ROOMS, FUNDS, LITERACY, CLINICS)


@pytest.fixture(scope="module")
def judge(bureau: Desk, line: Callable[..., Line]) -> Callable[[str], Verdict]:
    lines = [line(text, place=place) for text, place in zip(EVIDENCE[:4], PLACES, strict=True)]
    lines.append(line(CLINICS, before="　" * 200))
    return lambda text: check(text, lines, bureau.view.weights(), places=PLACES)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("澄河县2022年家庭医生签约率为66.8%[1]。", TEAM),
        ("澄河县重点人群签约率为83.2%。", TEAM),
        ("澄河县家庭医生签约率比上年提高5.5个百分点[3]。", TEAM),
        ("栗坪县每万人口储备集中隔离房间不少于15间。", ROOMS),
        ("栗坪县每万人口储备集中隔离房间至少15间。", ROOMS),
        ("雁塘区医共体牵头医院垫付资金有1270万元没有拨付到位。", FUNDS),
        ("苍麓市居民健康素养水平低于全省平均水平3.1个百分点。", LITERACY),
        ("发放健康教育手册16000余册。", CLINICS),
    ],
)
def test_what_the_evidence_says_stands_and_code_finds_its_source(
    judge: Callable[[str], Verdict], text: str, source: str
) -> None:
    verdict = judge(text)
    assert verdict.ok, verdict.faults
    assert [one.text for one in verdict.supports] == [source]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("澄河县家庭医生签约率为67.8%。", "67.8%"),  # invented
        ("澄河县家庭医生签约率为66.8。", "66.8"),  # the unit is gone
        ("澄河县家庭医生签约率为66.8‰。", "66.8‰"),
        ("澄河县家庭医生签约率比上年提高5.5%。", "5.5%"),  # % for 个百分点
        ("澄河县家庭医生签约率为66.8个百分点。", "66.8个百分点"),
        ("澄河县家庭医生签约率为83.2%。", "不符"),  # the figure of another thing
        ("澄河县重点人群签约率为66.8%。", "不符"),
        ("栗坪县家庭医生签约率为66.8%。", "栗坪县"),  # the figure of another place
        ("澄河县2021年家庭医生签约率为66.8%。", "2021"),  # of another year
        ("栗坪县每万人口储备集中隔离房间15间。", "不少于"),  # the bound is gone
        ("栗坪县每万人口储备集中隔离房间不超过15间。", "不超过"),  # the bound is turned round
        ("栗坪县每万人口储备集中隔离房间约15间。", "约"),
        ("举办健康讲座58场。", "约"),
        ("雁塘区医共体牵头医院垫付资金1270万元已拨付到位。", "否定"),  # 没有 is gone
        ("澄河县家庭医生签约率没有达到66.8%。", "否定"),  # 没有 is added
        ("苍麓市居民健康素养水平高于全省平均水平3.1个百分点。", "高于"),  # the opposite
        ("雁塘区医共体牵头医院垫付资金尚有1270元没有拨付到位。", "1270元"),  # 万 is gone
        ("澄河县家庭医生签约率为66.8%，山清水秀，欢迎各地游客前来观光旅游。", "材料以外"),
        ("这里山清水秀，欢迎各地游客前来观光旅游。", "不在材料中"),
        ("42。", "不在材料中"),
        (
            "举办健康讲座约58场，发放健康教育手册16000余册，总共58+16000=16000余册。",
            "算式",
        ),  # the model reckons
        ("澄河县重点人群签约率为83.2%，比家庭医生签约率高5.5个百分点。", "算出来"),
        ("澄河县2022年家庭医生签约率为66.8%，对吧。", "重复了问题"),
    ],
)
def test_what_the_evidence_does_not_say_falls(judge: Callable[[str], Verdict], text: str, fault: str) -> None:
    verdict = judge(text)
    assert not verdict.ok
    assert fault in "；".join(verdict.faults)


SIGNED = "全县签约家庭医生296人，累计签约18.4万人，培训乡村医生45名。"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("澄河县签约家庭医生296人。", ""),
        ("澄河县有签约的家庭医生296人。", ""),
        ("澄河县家庭医生296人。", ""),
        ("澄河县乡村医生培训45名。", ""),
        ("澄河县家庭医生签约296人。", "数的是“家庭医生”"),
        ("澄河县家庭医生共签约296人，累计签约18.4万人。", "数的是“家庭医生”"),
    ],
)
def test_who_is_counted(bureau: Desk, line: Callable[..., Line], text: str, fault: str) -> None:
    """签约家庭医生 are the doctors who sign, 家庭医生签约 those whom they sign with."""
    verdict = check(text, [line(SIGNED, place="澄河县")], bureau.view.weights(), places=PLACES)
    assert verdict.ok == (not fault) and fault in "；".join(verdict.faults)


FIRST = "时隔15年首次调整医疗服务价格5000余项，分三批实施，实现四个统一，第一季度完成。"


@pytest.mark.parametrize(
    ("text", "invented"),
    [
        ("澄河县时隔15年首次调整医疗服务价格。", ""),
        ("澄河县时隔十五年首次调整医疗服务价格。", ""),
        ("澄河县首次调整医疗服务价格，分三批实施。", ""),
        ("澄河县第一季度完成医疗服务价格调整。", ""),
        ("澄河县调整医疗服务价格，比上一年更快。", ""),
        ("澄河县调整医疗服务价格实现四个统一。", ""),
        ("澄河县时隔四年首次调整医疗服务价格。", "四年"),
        ("澄河县时隔五年首次调整医疗服务价格。", "五年"),
        ("澄河县首次调整医疗服务价格，分四批实施。", "四批"),
        ("澄河县第三季度完成医疗服务价格调整。", "第三季度"),
        ("澄河县调整医疗服务价格实现六个统一。", "六个"),
        ("澄河县首次调整大部分医疗服务价格。", "大部分"),
        ("澄河县首次调整近千医疗服务价格。", "近千"),
    ],
)
def test_a_numeral_in_words_needs_a_source_too(
    bureau: Desk, line: Callable[..., Line], text: str, invented: str
) -> None:
    verdict = check(text, [line(FIRST, place="澄河县")], bureau.view.weights(), places=PLACES)
    assert verdict.ok == (not invented), verdict.faults
    assert not invented or f"“{invented}”不在材料中" in verdict.faults[0]


def test_without_evidence_nothing_stands(bureau: Desk) -> None:
    assert not check("签约率为66.8%。", [], bureau.view.weights()).ok


def test_words_of_the_question_may_be_used(bureau: Desk, line: Callable[..., Line]) -> None:
    lines = [line("聘请9名。", path=("（二）人才",))]
    text = "县人民医院从省城聘请专家9名。"
    weights = bureau.view.weights()
    assert not check(text, lines, weights).ok
    assert check(text, lines, weights, also="县人民医院从省城聘请专家几名？").ok


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("签约率为66.8%[1][2]。", "签约率为66.8%。"),
        ("［1］甲【12】乙", "甲乙"),
        ("无标记", "无标记"),
        ("[123]", "[123]"),
    ],
)
def test_marks_are_taken_off(text: str, bare: str) -> None:
    assert plain(text) == bare


@settings(deadline=None, max_examples=60)
@given(
    value=st.decimals(min_value=0, max_value=99999, places=1),
    unit=st.sampled_from(["%", "个", "万元", "间", "场"]),
)
def test_no_number_passes_that_no_evidence_states(
    judge: Callable[[str], Verdict], value: object, unit: str
) -> None:
    stated = {"124.0个", "66.8%", "83.2%", "21.7%", "1270.0万元"}
    if f"{value}{unit}" not in stated:
        assert not judge(f"澄河县家庭医生签约率为{value}{unit}。").ok


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_any_text_gets_a_verdict(judge: Callable[[str], Verdict], text: str) -> None:
    verdict = judge(text)
    assert verdict.ok == (not verdict.faults)
    assert verdict.supports or verdict.faults
