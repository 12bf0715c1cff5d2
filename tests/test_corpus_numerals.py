"""Numbers of a text: value, unit, role and span."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.numeral_roles import Role
from corpus.numeral_values import chinese_value, flatten
from corpus.numerals import Number, normalise, numbers, same_quantity


def quantities(text: str) -> list[Number]:
    return [n for n in numbers(text) if n.role is Role.QUANTITY]


def only(text: str) -> Number:
    found = quantities(text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "value", "unit", "whole"),
    [
        ("签约率达100%", "100", "%", "100%"),
        ("参加培训1.5万人", "15000", "人", "1.5万人"),
        ("发放手册10万余册", "100000", "册", "10万余册"),
        ("发放手册20余万册", "200000", "册", "20余万册"),
        ("到位资金1372.5万元", "13725000", "元", "1372.5万元"),
        ("减税117.3亿元", "11730000000", "元", "117.3亿元"),
        ("产量1.37万亿斤", "1370000000000", "斤", "1.37万亿斤"),
        ("增加到1亿3千多万人次", "130000000", "人次", "1亿3千多万人次"),
        ("企业1万6千多户", "16000", "户", "1万6千多户"),
        ("高出 3.18 个百分点", "3.18", "个百分点", "3.18 个百分点"),
        ("死亡率12.5/10万", "12.5", "/10万", "12.5/10万"),
        ("岗位津贴120元/月", "120", "元/月", "120元/月"),
        ("按2.34万元/人安排", "23400", "元/人", "2.34万元/人"),
        ("产能750万吨/年", "7500000", "吨/年", "750万吨/年"),
        ("完成１２，３４５人", "12", "", "１２"),
        ("完成12,345人", "12345", "人", "12,345人"),
        ("完成３２８人", "328", "人", "３２８人"),
        ("聘请专家4名", "4", "人", "4名"),
        ("建成三十二个站", "32", "个", "三十二个"),
        ("投入两万元", "20000", "元", "两万元"),
        ("约占六成", "60", "%", "六成"),
        ("完成百分之八十", "80", "%", "百分之八十"),
        ("压缩至8个小时", "8", "小时", "8个小时"),
        ("增长-2.3%", "-2.3", "%", "-2.3%"),
        ("比上年翻一番", "1", "番", "一番"),
        ("医护比1:1.25", "1.25", "1:", "1:1.25"),
        ("采购CT2台", "2", "台", "2台"),
        ("上升了177位", "177", "位", "177位"),
        ("建设20间隔离病房", "20", "间", "20间"),
        ("共11人均在治疗", "11", "人", "11人"),
        ("走访12家乡镇卫生院", "12", "家", "12家"),
    ],
)
def test_quantities(text: str, value: str, unit: str, whole: str) -> None:
    found = quantities(text)
    if text == "完成１２，３４５人":  # a full-width comma separates words, never thousands
        assert [n.value for n in found] == [Decimal(345)]
        return
    number = only(text)
    assert normalise(number) == (Decimal(value), unit)
    assert number.whole.of(text) == whole


def test_written_value_factor_and_unit_are_kept() -> None:
    number = only("拨付213.8万元")
    assert (number.value, number.factor, number.unit) == (Decimal("213.8"), Decimal(10000), "元")
    assert number.written_unit == "万元"
    assert number.span.of("拨付213.8万元") == "213.8"


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("实现250-300种常见病", "250", "300", "种"),
        ("控制在15%～30%", "15", "30", "%"),
        ("床位8—10张", "8", "10", "张"),
        ("补助5-10万元", "50000", "100000", "元"),
        ("聘请1-2名", "1", "2", "人"),
        ("提高41.7%到86.7%", "41.7", "86.7", "%"),
        ("所得额100万元至300万元", "1000000", "3000000", "元"),
    ],
)
def test_ranges(text: str, low: str, high: str, unit: str) -> None:
    number = only(text)
    assert number.value is not None and number.upper is not None
    assert (number.value * number.factor, number.upper * number.factor) == (Decimal(low), Decimal(high))
    assert number.unit == unit


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("从4.2万亿元增加到10.9万亿元", ["4.2", "10.9"]),
        ("由6000元降为3000元", ["6000", "3000"]),
        ("每月110元、210元、310元", ["110", "210", "310"]),
        ("分别为12、15和20人", ["12", "15", "20"]),
        ("共54户88人", ["54", "88"]),
    ],
)
def test_lists_and_changes_are_no_ranges(text: str, values: list[str]) -> None:
    found = quantities(text)
    assert [n.value for n in found] == [Decimal(v) for v in values]
    assert len({n.unit for n in found} - {"户"}) == 1


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        ("约500人", "约"),
        ("签约500人", ""),
        ("彩超500人", ""),
        ("近3万户", "近"),
        ("附近3户", ""),
        ("超过40%", "超"),
        ("300余人", "余"),
        ("300多人", "多"),
        ("不少于20间", "不少于"),
        ("不低于90%", "不低于"),
        ("≥90%", "不低于"),
        ("至少聘请9名", "至少"),
        ("5万元以上", "以上"),
        ("3%以内", "以内"),
        ("24小时内", "以内"),
        ("500元左右", "左右"),
    ],
)
def test_qualifiers(text: str, qualifier: str) -> None:
    assert only(text).qualifier == qualifier


@pytest.mark.parametrize(
    "text",
    [
        "一是加强领导；二是落实责任",
        "推进三医联动和“六统一”",
        "实施“369”人才工程",
        "落实369人才工程",
        "做到“2+4+24”",
        "1+1+1签约服务",
        "救治4类9种大病",
        "九种大病和30种慢病",
        "2型糖尿病",
        "65岁以上老年人",
        "0-7岁儿童",
        "35 岁及以上居民",
        "一些地方、一定程度、统一管理、一体化、唯一",
        "第一书记驻村，第二附属医院托管",
        "三级医院和二级甲等医院",
        "“十三五”期间和十四五规划",
        "2018年6月20日",
        "1-10月，11月8号，1 至 2 月份",
        "2011-2016年",
        "五年来，近三年",
        "县发〔2017〕193号 县卫[2017]8号 民卫发2017279 号",
        "规格50*70cm",
        "PM2.5浓度，3D技术，5G网络，COVID-19",
        "基本服务2.0版",
        "《健康扶贫30条措施》",
        "10亿元级企业",
        "全国500强",
        "电话400-123-4567，手机13900001111",
        "24小时值班",
        "一户一策、一人一档",
        "时间07:39",
        "四个意识、三项制度",
        "（1）目标 1.加强 2、推进",
    ],
)
def test_names_dates_and_labels_are_no_quantities(text: str) -> None:
    assert quantities(text) == []


@pytest.mark.parametrize(
    ("text", "value", "qualifier"),
    [
        ("位居全省第2名", 2, ""),
        ("位居全市第四位", 4, ""),
        ("发展指数居全省第一，", 1, ""),
        ("排名前10位", 10, "前"),
    ],
)
def test_ranks(text: str, value: int, qualifier: str) -> None:
    ranks = [n for n in numbers(text) if n.role is Role.RANK]
    assert [(n.value, n.unit, n.qualifier, n.ordinal) for n in ranks] == [
        (Decimal(value), "位", qualifier, True)
    ]


@pytest.mark.parametrize("text", ["支出1.372.98万元", "达到3O%", "占.5%", "达到4。9%"])
def test_suspect_numbers_have_no_value(text: str) -> None:
    number = only(text)
    assert number.suspect and number.value is None
    assert normalise(number)[0] is None


@pytest.mark.parametrize("text", ["补助**万元", "补助**余万元", "接诊***人次", "组建**个"])
def test_masked_numbers_have_no_value(text: str) -> None:
    number = only(text)
    assert number.masked and number.value is None


def test_bare_numbers_take_their_unit_from_the_words() -> None:
    assert only("配套经费1390万").unit == "元"
    assert only("27万常住人口").unit == "人"
    assert only("出境旅游人次由8300万").unit == "人次"
    assert only("出生率 4.19，").unit == ""
    assert only("共有163贫困患者").value == 163
    assert quantities("购物车(0) 共0/150") == []


def test_dates_are_one_token() -> None:
    found = [n for n in numbers("2018年6月20日前完成") if n.role is Role.DATE]
    assert [n.span.of("2018年6月20日前完成") for n in found] == ["2018年6月20日"]


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("1.5万人", "15000人", True),
        ("213.8万元", "2138000元", True),
        ("6名", "6人", True),
        ("约500人", "500余人", True),
        ("六成", "60%", True),
        ("三分之一", "1/3的", True),
        ("500人", "500人次", False),
        ("500人", "500户", False),
        ("3%", "3个百分点", False),
        ("250-300种", "250种", False),
        ("8-10张", "8—10张", True),
        ("**万元", "**万元", False),
    ],
)
def test_same_quantity(left: str, right: str, same: bool) -> None:
    assert same_quantity(only(left), only(right)) is same


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三百二十", 320),
        ("两万", 20000),
        ("一百零五", 105),
        ("十二", 12),
        ("一万五千", 15000),
        ("三亿", 300000000),
        ("十三五", None),
        ("二百五", None),
        ("三五", None),
    ],
)
def test_chinese_value(text: str, value: int | None) -> None:
    assert chinese_value(text) == (None if value is None else Decimal(value))


DIGITS = "一二三四五六七八九"


def chinese(number: int) -> str:
    """Plain reading of 1…99,999,999; the inverse that the parser is tested against."""
    if number >= 10000:
        high, low = divmod(number, 10000)
        return chinese(high) + "万" + ("零" if 0 < low < 1000 else "") + (chinese(low) if low else "")
    text, gap = "", False
    for step, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, step)
        if digit:
            text += ("零" if gap else "") + DIGITS[digit - 1] + name
            gap = False
        elif text:
            gap = True
    return text


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 99_999_999))
def test_chinese_round_trip(number: int) -> None:
    assert chinese_value(chinese(number)) == number


@settings(deadline=None, max_examples=200)
@given(
    st.decimals(0, 99999, places=2, allow_nan=False).filter(bool),
    st.sampled_from(["", "万", "亿"]),
    st.sampled_from(["人", "元", "人次", "户", "%", "平方米", "个百分点"]),
)
def test_quantity_round_trip(value: Decimal, multiplier: str, unit: str) -> None:
    if unit in ("%", "个百分点"):
        multiplier = ""
    text = f"全县累计完成任务{value}{multiplier}{unit}，"
    factor = {"": 1, "万": 10**4, "亿": 10**8}[multiplier]
    assert normalise(only(text)) == (value * factor, unit)


WORDS = """
    签约 达 1 2018 年 月 日 3.5 万 亿 元 人 人次 户 % 、 ， 。 ； ( ) （ ） “ ” 《 》 - ～ 至 第
    名 位 十 三 百 两 个 余 多 约 不少于 以上 ** + * : ： / 分之 百分之 1: . O 〔 〕 号 １ ２ 一是
    级 种 大病 岁 比 CT
"""
PIECES = st.sampled_from([*WORDS.split(), "\n"])


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.lists(PIECES, max_size=30).map("".join), st.text(max_size=60)))
def test_numbers_map_to_the_text_and_never_overlap(text: str) -> None:
    assert len(flatten(text)) == len(text)
    at = 0
    for number in numbers(text):
        assert at <= number.span.start < number.span.end <= number.whole.end <= len(text)
        at = number.whole.end
        if number.masked or number.suspect:
            assert number.value is None
        if number.upper is not None:
            assert number.value is not None and number.value < number.upper


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.2023年，新增床位14张", [("14张", "14", "张")]),
        ("1.新建。\n2.67岁以上老人3.9万人", [("3.9万人", "3.9", "人")]),
        ("1.新建。\n2.13个乡镇", [("13个", "13", "个")]),
        ("\n2.5万人", [("2.5万人", "2.5", "人")]),
        ("减少约一成二，三成半", [("一成二", "1.2", "%"), ("三成半", "3.5", "%")]),
        ("由4小时缩短到2小时25分", [("4小时", "4", "小时"), ("2小时25分", "145", "分钟")]),
        ("一小时三十分钟", [("一小时三十分钟", "90", "分钟")]),
        ("13个点中有9个", [("13个", "13", "个"), ("9个", "9", "个")]),
        ("高出目标0.3个点", [("0.3个点", "0.3", "个点")]),
        ("飞行352架次、1700多趟", [("352架次", "352", "架次"), ("1700多趟", "1700", "趟")]),
        ("接听1.3万通", [("1.3万通", "1.3", "通")]),
        ("位居全市第三位", [("三位", "3", "位")]),
        ("从第三位提升到第二位", [("三位", "3", "位"), ("二位", "2", "位")]),
        ("提高2个多百分点", [("2个多百分点", "2", "个百分点")]),
        ("吞吐26万标准箱", [("26万标准箱", "26", "标准箱")]),
        ("地下一层，地上十二层", [("一层", "1", "层"), ("十二层", "12", "层")]),
        ("增长9.8%和-3.2%", [("9.8%", "9.8", "%"), ("-3.2%", "-3.2", "%")]),
        ("5年前的1.5个百分点", [("1.5个百分点", "1.5", "个百分点")]),
        ("连续6年稳定在200万吨", [("200万吨", "200", "吨")]),
    ],
)
def test_values_that_are_easily_misread(text: str, expected: list[tuple[str, str, str]]) -> None:
    found = [n for n in numbers(text) if n.role in (Role.QUANTITY, Role.RANK)]
    assert [(n.whole.of(text), str(n.value), n.unit) for n in found] == expected


@pytest.mark.parametrize(
    "text",
    [
        "三级医院",
        "四区",
        "百姓",
        "三级甲等",
        "收治第一名患者",
        "两小时经济圈",
        "30年一遇的洪水",
        "“两座金山”",
        "城乡二元结构",
        "三个1亿人问题",
        "一百年奋斗目标",
        "改革开放30多年的成就",
        "把群众利益放在第一位，",
        "把血防和老龄两篇文章放在一起做。",
        "防止管理和服务两张皮。",
        "坚持全县一盘棋。",
    ],
)
def test_names_are_no_figures(text: str) -> None:
    assert all(n.role not in (Role.QUANTITY, Role.RANK) for n in numbers(text))


def test_a_number_cut_by_a_line_end_is_suspect() -> None:
    (found,) = (n for n in numbers("总投资1,3\n00万元") if n.role is Role.QUANTITY)
    assert found.suspect and found.value is None
