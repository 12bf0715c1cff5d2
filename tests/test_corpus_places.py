"""Names of places in text and questions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.places import bare_names, find_places, full_name, places_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2017年襄垣县人民医院聘请名医几人", ("襄垣县",)),
        ("和玉门市比较", ("玉门市",)),
        ("襄垣县和云岭县相比哪个高", ("襄垣县", "云岭县")),
        ("比较清溪县与白河区", ("清溪县", "白河区")),
        ("请问青禾县有几家医院", ("青禾县",)),
        ("石门市与平陵县哪个高", ("石门市", "平陵县")),
        ("恩施土家族苗族自治州卫生健康委", ("恩施土家族苗族自治州",)),
        ("科尔沁左翼后旗", ("科尔沁左翼后旗",)),
        ("甘肃省和内蒙古自治区", ("甘肃省", "内蒙古自治区")),
        ("长治市委、凤阳县域医共体", ("长治市", "凤阳县")),
        ("漳县、岷县都设了新站点", ("漳县", "岷县")),
        ("某县卫生健康局", ("某县",)),
        ("2022年云溪县卫生工作", ("云溪县",)),
        ("2019年青禾县和2020年青禾县", ("青禾县",)),
        ("按照云溪县部署，在青禾县召开", ("云溪县", "青禾县")),
        ("**县卫健局", ("某县",)),
        ("聊城市东城区", ("聊城市", "东城区")),
    ],
)
def test_names(text: str, expected: tuple[str, ...]) -> None:
    assert places_in(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "我区新设区级站点",
        "全县各县区",
        "贫困县摘帽",
        "试点区建设",
        "健康促进县",
        "某县级医院",
        "县(市、区)",
        "城区和社区",
        "文明城市",
        "边境地区",
        "东北地区",
        "市辖区",
        "加盟",
        "镇级医院和县疾控机构",
        "",
    ],
)
def test_common_words_are_no_names(text: str) -> None:
    assert places_in(text) == ()


def test_bare_name_of_a_known_place() -> None:
    assert places_in("襄垣2017年的签约率", known=("襄垣县", "左权县")) == ("襄垣县",)
    assert places_in("襄垣县2017年的签约率", known=("襄垣县",)) == ("襄垣县",)
    assert places_in("云溪和青禾比较", known=("青禾县", "云溪县")) == ("云溪县", "青禾县")


def test_provinces_are_told_apart() -> None:
    found = find_places("湖南省和北京市与君山区")
    assert [(p.name, p.is_province) for p in found] == [("湖南省", True), ("北京市", True), ("君山区", False)]


def test_bare_names_complete_by_the_dictionary() -> None:
    names = [p.name for p in bare_names("共建美丽蒙阴")]
    assert "蒙阴" in names
    assert full_name("蒙阴", "县") == "蒙阴县"
    assert full_name("蒙阴", "旗") == ""


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="云溪县青禾区市某和与我全级域的2017年*、，", max_size=40))
def test_spans_lie_in_order(text: str) -> None:
    last = 0
    for place in find_places(text):
        assert last <= place.span.start < place.span.end <= len(text)
        last = place.span.end
