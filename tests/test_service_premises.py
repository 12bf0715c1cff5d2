"""Assertions without a figure: grades, ranks and directions that exclude each other."""

from __future__ import annotations

import pytest

from service.premises import contradiction, other_body


@pytest.mark.parametrize(
    ("question", "sentence", "found"),
    [
        ("县医院为什么是二级甲等", "县医院为二级乙等医院", ("二级甲等", "二级乙等")),
        ("健康素养水平高于全省多少", "健康素养水平低于全省平均水平3.1个百分点", ("高于", "低于")),
        ("门诊量下降了多少", "门诊量比上年增长8.3%", ("下降", "增长")),
        ("市级先进单位有几家", "获得省级先进单位称号", None),
        ("门诊量增长了多少", "门诊量比上年增长8.3%", None),
        ("发病率下降了多少", "管理率提高2.1个百分点，发病率下降0.3个百分点", None),
        ("签约率是多少", "签约率为66.8%", None),
        ("", "", None),
    ],
)
def test_contradictions(question: str, sentence: str, found: tuple[str, str] | None) -> None:
    assert contradiction(question, sentence) == found


@pytest.mark.parametrize(
    ("question", "sentence", "found"),
    [
        ("绿色通道定点在县中医医院，对吗", "确定县医院为绿色通道定点医院", ("县中医医院", "县医院")),
        ("定点在县医院，对吗", "确定县医院为定点医院", None),
        ("演练是镇卫生院办的，对吗", "县疾控中心办了演练", ("镇卫生院", "县疾控中心")),
    ],
)
def test_another_body_is_named(question: str, sentence: str, found: tuple[str, str] | None) -> None:
    assert other_body(question, sentence) == found
