"""The alias table: names that mean one thing, names that never do, and tables that contradict themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.aliases import (
    FILE_NAME,
    SHIPPED,
    Aliases,
    add,
    cleaned,
    combined,
    drop,
    key,
    parse,
    read,
    shipped,
)
from corpus.errors import BadTable


def table(*lines: str) -> Aliases:
    return combined(parse(lines, "表.txt"))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("全县“家庭医生”签约率达到", "家庭医生签约率"),
        ("我县今年签约率达", "签约率"),
        ("65岁及以上老年人健康管理率", "65岁以上老年人健康管理率"),
        ("截至目前全县建档率", "建档率"),
        ("率", "率"),
        ("床位全市", "床位"),
    ],
)
def test_names_lose_their_trimmings(written: str, name: str) -> None:
    assert cleaned(written) == name


def test_a_count_word_and_brackets_make_no_difference() -> None:
    assert key("执业（助理）医师人数") == key("执业助理医师") and key("家庭病床数") == key("家庭病床")
    assert key("出生人口性别比") != key("出生人口") and key("健康指数") == "健康指数"
    assert Aliases().canonical("家庭病床数", "张") == "家庭病床"
    assert Aliases().canonical("满意度指数", "%") == "满意度指数"


def test_aliases_by_unit_and_context() -> None:
    made = table(
        "签约率 [%] = 签约覆盖率  # 随手写的说明",
        "巡诊服务人次 ［人次］ ＝ 服务 @巡回医疗，诊疗服务",
        "驿站服务人次 [人次] = 服务 @驿站",
    )
    assert made.canonical("全县签约覆盖率达到", "%") == "签约率"
    assert made.canonical("签约覆盖率", "个") == "签约覆盖率"
    assert made.canonical("服务", "人次", "巡回医疗出诊，服务") == "巡诊服务人次"
    assert made.canonical("服务", "人次", "健康驿站服务") == "驿站服务人次"
    assert made.canonical("服务", "人次", "别处") == "服务"
    assert made.same("诊疗服务", "巡诊服务人次", "人次")


def test_chains_are_followed_and_titles_keep_their_writing() -> None:
    made = table("甲（新）率 = 乙率", "乙率 = 丙率")
    assert made.canonical("丙率") == made.canonical("甲新率") == "甲（新）率"


@pytest.mark.parametrize(
    ("lines", "number", "said"),
    [
        (["甲率 = 乙率", "乙率 = 甲率"], 2, "圈"),
        (["甲率 = 乙率", "", "乙率 = 丙率", "丙率 = 甲率"], 4, "圈"),
        (["甲率 = 甲率"], 1, "自己的别名"),
        (["甲率 = 丙率", "乙率 = 丙率"], 2, "同时是"),
        (["甲率乙率"], 1, "看不懂"),
        (["甲率 = "], 1, "看不懂"),
        (["甲率 = 乙率 = 丙率"], 1, "看不懂"),
        (["不同: 甲率"], 1, "至少要有两个"),
        (["不同: 甲率, 乙率", "甲率 = 乙率"], 2, "不能合并"),
        (["不同: 甲率, 丙率", "甲率 = 乙率", "乙率 = 丙率"], 3, "不能合并"),
        (["甲" * 61 + " = 乙率"], 1, "过长"),
    ],
)
def test_a_table_that_contradicts_itself(lines: list[str], number: int, said: str) -> None:
    with pytest.raises(BadTable) as caught:
        table(*lines)
    assert said in str(caught.value) and "表.txt 第" in caught.value.where and caught.value.remedy
    if said != "不能合并":
        assert caught.value.where == f"表.txt 第{number}行"


def test_the_shipped_table_is_sound_and_keeps_the_three_rates_apart() -> None:
    made = Aliases.load(None)
    assert len(made.links) > 80
    three = ("家庭医生签约率", "常住人口签约率", "重点人群签约率")
    assert len({made.canonical(name, "%") for name in three}) == 3
    assert all(made.apart(one, other) for one in three for other in three if one != other)
    assert made.canonical("老年人健康管理率", "%") == "老年人健康管理率"
    said = "65岁及以上老年人3.6万人，健康管理2.6万人"
    assert made.canonical("老年人健康管理率", "%", said) == "65岁以上老年人健康管理率"
    assert SHIPPED.exists() and shipped().titles


def test_a_report_explains_a_name_for_itself_only() -> None:
    made = table("不同: 甲率, 乙率", "丁率 = 戊率")
    within = made.within([("丙率", "戊率"), ("甲率", "乙率"), ("丁率", "丙率"), ("戊率", "己率")])
    assert within.canonical("丙率") == "丁率"
    assert within.canonical("甲率") == "甲率"  # said to be different
    assert within.canonical("丁率") == "丁率" and within.canonical("戊率") == "丁率"  # the table goes first
    assert made.canonical("丙率") == "丙率"


def test_the_users_table(tmp_path: Path) -> None:
    add(tmp_path, "签约率", "签约比例", "%")
    add(tmp_path, "签约率", "签约面")
    assert Aliases.load(tmp_path).canonical("签约面") == "签约率"
    with pytest.raises(BadTable, match="圈"):
        add(tmp_path, "签约面", "签约率")
    assert drop(tmp_path, "签约面").canonical("签约面") == "签约面"
    with pytest.raises(BadTable, match="没有“签约面”"):
        drop(tmp_path, "签约面")
    assert (tmp_path / FILE_NAME).read_text(encoding="utf-8") == "签约率 [%] = 签约比例\n"
    assert not list(tmp_path.glob(".*.new"))


def test_one_of_several_aliases_is_taken_out(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("# 我的表\n甲率 = 乙率, 丙率 @老年\n", encoding="utf-8")
    assert drop(tmp_path, "丙率").canonical("丙率", "", "老年") == "丙率"
    assert (tmp_path / FILE_NAME).read_text(encoding="utf-8") == "# 我的表\n甲率 = 乙率\n"


def test_the_users_table_goes_before_the_shipped_one(tmp_path: Path) -> None:
    add(tmp_path, "我的签约率", "家庭医生签约服务率")
    assert Aliases.load(tmp_path).canonical("家庭医生签约服务率", "%") == "我的签约率"
    assert Aliases.load(tmp_path).canonical("家庭医生签约覆盖率", "%") == "家庭医生签约率"


def test_a_broken_file_is_named_and_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes("甲率 = 乙率".encode("gb18030"))
    with pytest.raises(BadTable, match="UTF-8"):
        read(path)
    with pytest.raises(BadTable, match="UTF-8"):
        add(tmp_path, "丙率", "丁率")
    assert path.read_bytes() == "甲率 = 乙率".encode("gb18030")


@given(st.text(max_size=20))
@settings(deadline=None)
def test_cleaning_twice_is_cleaning_once(name: str) -> None:
    assert cleaned(cleaned(name)) == cleaned(name)


@given(st.text(alphabet="甲乙丙丁率= ,，@[]%不同:#\n", max_size=60))
@settings(deadline=None)
def test_any_table_is_read_or_refused(text: str) -> None:
    try:
        made = table(*text.splitlines())
    except BadTable as error:
        assert error.where and error.remedy
        return
    for name in ("甲率", "乙率", "丙", "丁"):
        made.canonical(name, "%", "甲")
