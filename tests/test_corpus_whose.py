"""Whose value a figure is: the report's place, a scope, another place."""

from __future__ import annotations

import pytest

from corpus.whose import whose, without


@pytest.mark.parametrize(
    ("own", "sentence", "figure", "place"),
    [
        ("澄河县", "全省孕产妇死亡率为16.9/10万，我县为9.2/10万", "16.9", "全省"),
        ("澄河县", "全省孕产妇死亡率为16.9/10万，我县为9.2/10万", "9.2", None),
        ("澄河县", "全国报告病例30例，治愈28例", "28", "全国"),
        ("澄河县", "签约率72%，比全省高3.1个百分点", "3.1", None),
        ("澄河县", "签约率72%，高于全省平均水平（69%）", "69", "全省"),
        ("澄河县", "位居全市第2名", "2", None),
        ("澄河县", "全市第2名", "2", None),
        ("澄河县", "全国示范基地5个", "5", None),
        ("澄河县", "全国人大代表视察3次", "3", None),
        ("澄河县", "岚川市第一人民医院派驻专家12名", "12", None),
        ("岚川市", "全市常住人口12万人，其中青岭县3万人", "12", None),
        ("岚川市", "全市常住人口12万人，其中青岭县3万人", "3万", "青岭县"),
        ("岚川市", "青岭县只剩3个行政村；三县新建中心药房14个", "14", None),
        ("岚川市", "青岭县、云泽县新建卫生院，新增床位21张", "21", None),
        ("岚川市", "支持云泽县老年医院开工并完成投资5000万元", "5000", "云泽县"),
        (
            "岚川市",
            "指标：常住人口；单位：万人；三县青岭县：18.2；三县云泽县：42.3；全市：123",
            "42.3",
            "云泽县",
        ),
        ("岚川市", "指标：常住人口；单位：万人；三县青岭县：18.2；三县云泽县：42.3；全市：123", "123", None),
        ("岚川市", "山区县县域内住院率达到74%", "74", "山区县"),
        ("全国", "全国城镇新增就业1300万人", "1300", None),
        ("玉溪市", "全市签约率达到80%", "80", None),
        (None, "全县签约率达到80%", "80", None),
    ],
)
def test_whose(own: str | None, sentence: str, figure: str, place: str | None) -> None:
    assert whose(own, sentence, sentence.index(figure)) == place


def test_a_heading_names_a_lower_place() -> None:
    heading = ("四、补基层", "（六）支持青岭县消除空白村")
    assert whose("岚川市", "空白村压减到12个", 6, heading) == "青岭县"
    assert whose("青岭县", "空白村压减到12个", 6, heading) is None


@pytest.mark.parametrize(
    ("name", "place", "rest"),
    [
        ("青岭县县域内住院率", "青岭县", "县域内住院率"),
        ("常住人口三县青岭县", "青岭县", "常住人口"),
        ("青岭县", "青岭县", "青岭县"),
        ("青岭县、乡、村医务人员", "青岭县", "青岭县、乡、村医务人员"),
    ],
)
def test_a_name_goes_without_its_place(name: str, place: str, rest: str) -> None:
    assert without(name, place) == rest
