"""Figures of a report: indicator, value, period, kind."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.figures import read_figures, total
from corpus.report import Figure, FigureKind, Span
from corpus.stretches import Stretch


def sentences(text: str) -> list[Span]:
    return [Span(m.start(), m.end()) for m in re.finditer(r"[^。\n]+。?", text)]


def read(text: str, period: str = "") -> list[Figure]:
    return list(read_figures(text, sentences(text), period=period))


def pairs(text: str) -> list[tuple[str, str]]:
    return [(f.indicator, f.text) for f in read(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("肺癌筛查703人，胃癌筛查157人。", [("肺癌筛查", "703人"), ("胃癌筛查", "157人")]),
        (
            "老年人、残疾人健康建档率分别达88.1%、79.2%。",
            [("老年人健康建档率", "88.1%"), ("残疾人健康建档率", "79.2%")],
        ),
        (
            "全县常住居民签约83131人，签约率64.3%；重点人群签约5449人，签约率91.7%。",
            [
                ("常住居民签约", "83131人"),
                ("常住居民签约率", "64.3%"),
                ("重点人群签约", "5449人"),
                ("重点人群签约率", "91.7%"),
            ],
        ),
        (
            "65岁以上居民高血压、糖尿病管理率分别达到71%、52%。",
            [("65岁以上居民高血压管理率", "71%"), ("65岁以上居民糖尿病管理率", "52%")],
        ),
        (
            "贫困人口医保参保人数705人，参保率100%。",
            [("贫困人口医保参保人数", "705人"), ("贫困人口医保参保率", "100%")],
        ),
        (
            "共检出精神障碍患者168例，在管149例。",
            [("检出精神障碍患者", "168例"), ("精神障碍患者在管", "149例")],
        ),
        ("一是组建了17支家庭医生签约服务小组。", [("组建家庭医生签约服务小组", "17支")]),
        (
            "救助305户733名因灾致困（返困）人员。",
            [("救助因灾致困人员", "305户"), ("救助因灾致困人员", "733名")],
        ),
        ("产前筛查669人（高危转诊87人）。", [("产前筛查", "669人"), ("产前筛查高危转诊", "87人")]),
        ("投资172万元的县医院导管室建成投用。", [("县医院导管室投资", "172万元")]),
        ("医院将年度结余的40%用于购置设备。", [("年度结余", "40%")]),
        ("60%以上的卫生站能开展针灸。", [("卫生站", "60%")]),
        ("门诊起付线由600元降为300元。", [("门诊起付线", "600元"), ("门诊起付线", "300元")]),
        (
            "城镇和农村人均绿地面积12.5平方米、17.1平方米。",
            [("城镇人均绿地面积", "12.5平方米"), ("农村人均绿地面积", "17.1平方米")],
        ),
        ("彩超检查769人,完成比率46.15%;", [("彩超检查", "769人"), ("彩超检查完成比率", "46.15%")]),
        ("全年出生325人，疫苗接种率均为99%。", [("出生", "325人"), ("疫苗接种率", "99%")]),
    ],
)
def test_indicators(text: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(text) == expected


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("签约率达100%。", ["actual"]),
        ("符合政策生育率98.1%，高出责任指标 3.1 个百分点。", ["actual", "difference"]),
        ("门诊人次增长8.1%。", ["difference"]),
        ("住院费用下降了3.2%。", ["difference"]),
        ("新增床位30张。", ["actual"]),
        ("补助标准提高到580元。", ["actual"]),
        ("力争签约率达到90%以上。", ["target"]),
        ("确保参保率达95%。", ["target"]),
        ("每万人储备隔离房间不少于20间。", ["requirement"]),
        ("各县区要配备采样人员400人。", ["requirement"]),
        ("公共卫生项目考核位居全省第2名。", ["rank"]),
        ("我局按要求发放宣传册500册。", ["actual"]),
        ("计划生育手术807例。", ["actual"]),
        ("失业率由8.4%下降到7%以内。", ["actual", "actual"]),
    ],
)
def test_kinds(text: str, kinds: list[str]) -> None:
    assert [f.kind.value for f in read(text)] == kinds


def test_sections_that_look_ahead_hold_targets() -> None:
    text = "一、工作完成情况\n签约率达到80%以上。\n二、下一步工作打算\n签约率达到90%以上。目前已签约500人。"
    assert [f.kind for f in read(text)] == [FigureKind.ACTUAL, FigureKind.TARGET, FigureKind.ACTUAL]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1-11月，出生325人，接种率100%。", ["1-11月", "1-11月"]),
        ("截止10月底，检出患者118例。", ["截止10月底"]),
        ("2017年，培训医生60人。", ["2017年"]),
        ("上半年，诊疗3万人次。", ["上半年"]),
        ("2018年前五个月本县出生146人。", ["2018年前五个月"]),
        ("交易额较2015年增长10%。", ["全年"]),
        ("下发《2016年工作方案》，培训60人。", ["全年"]),
        ("今年3月设点6个，目前已有9个。", ["今年3月", "全年"]),
        ("占比从2009年的3.7%降到去年的1.9%。", ["2009年", "去年"]),
        ("产值从5万元增加到9万元。", ["此前", "全年"]),
        ("“十三五”期间，投入3亿元。", ["十三五期间"]),
    ],
)
def test_periods(text: str, expected: list[str]) -> None:
    assert [f.period for f in read(text, period="全年")] == expected


def test_a_heading_with_a_year_dates_its_section() -> None:
    text = "一、2021年工作回顾\n培训60人。\n二、今年工作安排\n培训80人。"
    assert [(f.period, f.kind) for f in read(text, period="2022年")] == [
        ("2021年", FigureKind.ACTUAL),
        ("今年", FigureKind.TARGET),
    ]


def test_masked_and_suspect_figures_keep_their_place() -> None:
    masked, suspect = read("发放补助资金**万元，支出1.372.98万元。")
    assert masked.masked and masked.value is None and masked.indicator == "发放补助资金"
    assert suspect.suspect and suspect.value is None and suspect.text == "1.372.98万元"


def test_no_figures_from_names() -> None:
    text = "一是救治4类9种大病。二是推进三医联动、“六统一”、“369”工程和2+4+24机制。"
    assert read(text) == []


def test_a_rank_and_what_it_is_a_rank_of() -> None:
    text = "县里公共卫生考核位居全省74个县第2名。"
    base, rank = read(text)
    assert (base.indicator, base.value, base.unit) == ("县", Decimal(74), "个")
    assert (rank.kind, rank.value, rank.text) == (FigureKind.RANK, Decimal(2), "第2名")


def test_damaged_places_yield_no_figures() -> None:
    text = "采购药品??的50%，接诊72人，随访9?2人。"
    at = [m.start() for m in re.finditer(r"\?+", text)]
    damages = [Span(at[0], at[0] + 2), Span(at[1], at[1] + 1)]
    found = read_figures(text, sentences(text), damages)
    assert [(f.indicator, f.text) for f in found] == [("接诊", "72人")]


def test_total_multiplies_by_the_factor() -> None:
    assert total(read("培训1.5万人。")[0]) == 15000
    assert total(read("补助**万元。")[0]) is None


def test_table_rows_as_the_readers_write_them() -> None:
    text = "指标：宫颈癌筛查；单位：人；2018年：703；2019年目标：800；同比增长：3.9%。"
    assert [(f.indicator, f.text, f.unit, f.period, f.kind.value) for f in read(text)] == [
        ("宫颈癌筛查", "703", "人", "2018年", "actual"),
        ("宫颈癌筛查", "800", "人", "2019年", "target"),
        ("宫颈癌筛查", "3.9%", "%", "", "difference"),
    ]
    row = read("乡镇：城关镇；筛查人数（人）：1200；经费（万元）：3.5。", period="全年")
    assert [(f.indicator, total(f), f.unit) for f in row] == [
        ("城关镇筛查人数", Decimal(1200), "人"),
        ("城关镇经费", Decimal(35000), "元"),
    ]


WORDS = """
    全县 签约 签约率 达 分别 、 ， ； 。 ： （ ） 1 20 3.5 万 元 人 户 % 个百分点 ** 第2名 由 下降到
    增长 《 》 “ ” 2017年 1-10月 目前 其中 占 的 以上 不少于 要 儿童 系统管理率 孕产妇 和 指标：
"""
PIECES = st.sampled_from([*WORDS.split(), "\n"])


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=40).map("".join), st.data())
def test_figures_map_to_the_text(text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(text)))
    damages = [Span(cut, min(cut + 1, len(text)))]
    for figure in read_figures(text, sentences(text), damages):
        assert figure.span.of(text) == figure.text
        assert figure.sentence.holds(figure.span)
        assert "\x00" not in figure.indicator + figure.period
        assert not (figure.span.start <= cut < figure.span.end)


@pytest.mark.real
def test_real_page_numbers(real_reports: Path) -> None:
    text = next(real_reports.glob("004*")).read_text(encoding="utf-8")
    found = {(f.indicator, f.text) for f in read(text)}
    for expected in [
        ("宫颈癌筛查", "7703人"),
        ("常住人口签约率", "66.2%"),
        ("县人民医院聘请", "6人"),
        ("及时拨付", "978万元"),
        ("严重精神障碍患者在管", "949例"),
    ]:
        assert expected in found
    assert not any("155" in f.text for f in read(text))


@pytest.mark.real
def test_real_government_reports_keep_result_and_target_apart(real_reports: Path) -> None:
    text = (real_reports / "gwr" / "2018.txt").read_text(encoding="utf-8")
    growth = [f for f in read(text, "2018年") if f.indicator == "国内生产总值" and f.unit == "%"]
    assert (Decimal("6.9"), FigureKind.DIFFERENCE) in [(f.value, f.kind) for f in growth]
    assert (Decimal("6.5"), FigureKind.TARGET, "今年") in [(f.value, f.kind, f.period) for f in growth]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10月16日竣工投用，累计完成投资3.7亿元。", ["全年"]),
        ("10月投用床位30张，出院500人。", ["10月", "全年"]),
        ("5月，康复站挂牌，服务430人次。", ["全年"]),
        ("信息系统5月上线，上传率达到93.6%。", ["全年"]),
        ("比计划提前一个月，27家机构互查。", ["全年"]),
        ("报警由上年的58次降到13次。", ["上年", "全年"]),
        ("预产期在6月至8月的133人提前安排，平均入住8天。", ["全年", "全年"]),
        ("7月3日至21日，转移群众1860人，诊治930人次。", ["7月3日至21日", "7月3日至21日"]),
        ("实检1790人，占上半年应检4200人的42.62%。", ["全年", "上半年", "全年"]),
        ("去年新增企业140户，现有企业690户。", ["去年", "全年"]),
        ("半年内已有6人离岗。", ["全年"]),
        ("启动面向2035年的项目，新设基地7个。", ["全年"]),
        ("三年来首次回升；60岁以上53人。", ["全年"]),
    ],
)
def test_a_time_governs_no_more_than_it_says(text: str, expected: list[str]) -> None:
    assert [f.period for f in read(text, "全年")] == expected


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("收入和支出分别增长5.3%和7.9%。", ["difference", "difference"]),
        ("计划新增护士140名，到岗113名，实际开放床位790张。", ["target", "actual", "actual"]),
        ("把全年29项任务分解为138个节点，完成21项。", ["actual", "actual", "actual"]),
        ("接种率96.3%，超过年初94%的目标。", ["actual", "target"]),
        ("参保率71.6%，没有达到81%。", ["actual", "target"]),
        ("上半年争取上级专项资金37万元。", ["actual"]),
        ("通过不断努力，被公布为310家达标医院之一。", ["actual"]),
        ("按照上级工作要求，在全县设置采样点630个。", ["actual"]),
        ("2024年县医院聘请7名。", ["target"]),
    ],
)
def test_done_is_told_from_wanted(text: str, kinds: list[str]) -> None:
    assert [f.kind.value for f in read(text, "2023年")] == kinds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("60岁以上11.7万人，占常住人口41.8万人的27.99%。", ["60岁以上", "常住人口", "60岁以上占常住人口"]),
        ("其中患者103人（甲类73人，已救治57人；乙类30人），慢病患者1270人。",
         ["患者", "患者甲类", "患者甲类救治", "患者乙类", "慢病患者"]),
        ("综合楼建设项目，概算总投资385万元。", ["综合楼建设项目概算总投资"]),
        ("托位2580个，每千人口4.30个。", ["托位", "每千人口托位"]),
        ("经费人均86元，合计1530.4万元。", ["经费人均", "经费"]),
        ("投诉由首月的19件降到4件。", ["投诉", "投诉"]),
        ("实施4000万元以上重点项目290个。", ["重点项目", "重点项目"]),
        ("在岗村医163人，三、四级手术840例。", ["在岗村医", "三、四级手术"]),
        ("到岗13人，另有16人已签约。", ["到岗", "签约"]),
        ("5人被聘为导师，3人被列入名录。", ["被聘为导师", "被列入名录"]),
        ("我县仍有139个卫生室存在漏水等问题。", ["卫生室"]),
        ("为建档家庭统一配备保健箱，总计3080个。", ["建档家庭统一配备保健箱"]),
        ("36人月均收入2870元。", ["", "月均收入"]),
    ],
)  # fmt: skip
def test_names_by_what_stands_around(text: str, expected: list[str]) -> None:
    assert [f.indicator for f in read(text)] == expected


def test_a_damaged_clause_yields_no_figure() -> None:
    text = "药品数量?般为所有药品的50%左右，接诊72人。"
    found = read_figures(text, sentences(text), [Span(4, 5)])
    assert [f.indicator for f in found] == ["接诊"]


def test_a_table_header_loses_only_its_year() -> None:
    text = "指标：家庭病床；单位：张；年度2021年：83；年度2022年：207。"
    assert [(f.indicator, f.period) for f in read(text)] == [("家庭病床", "2021年"), ("家庭病床", "2022年")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("县级组建50人、乡镇各组建6人的护林队伍。", ["县级组建护林队伍", "乡镇各组建护林队伍"]),
        ("组建不少于4支、每支不少于6人的巡诊队伍。", ["组建巡诊队伍", "每支巡诊队伍"]),
        ("改造东岭、西坪、南坡3个乡镇卫生院。", ["乡镇卫生院"]),
        ("对林小满等30名优秀护士通报表扬。", ["优秀护士"]),
        ("抽调市里教师组建8支巡讲小组。", ["组建巡讲小组"]),
        ("新开工安居房30套，基本建成12套，惠及200多人。", ["新开工安居房", "安居房基本建成", "安居房惠及"]),
        ("完善居民医保，财政补助由每人每年35元提高到48元。", ["居民医保财政补助"] * 2),
        ("财政赤字7万元，赤字率从1.4%提高到1.9%。", ["财政赤字", "赤字率", "赤字率"]),
        ("总收入345万元，其中医疗收入289万元、药品收入56万元，分别增长12.3%、9.8%和-3.2%。",
         ["总收入", "医疗收入", "药品收入", "总收入", "医疗收入", "药品收入"]),
        ("单位产值用水量、能耗分别下降21%、14%。", ["单位产值用水量", "单位产值能耗"]),
        ("粉尘、烟气排放量分别下降6.2%、7.3%。", ["粉尘排放量", "烟气排放量"]),
        ("免费筛查8000人，完成目标任务的102%，比上年增加1200人。", ["免费筛查", "免费筛查目标任务", "免费筛查"]),
        ("取消16项部门及其下属单位实施的审批事项。", ["取消审批事项"]),
        ("覆盖80%以上行政村，为13个村卫生室配备了一体机。", ["覆盖行政村", "村卫生室"]),
        ("从事护林工作5年、15年以上的护林员分别给予每人每月60元、90元补助。",
         ["从事护林工作护林员"] * 2 + ["从事护林工作护林员每人每月补助"] * 2),
        ("消费对增长的贡献率达到44%，对外投资76万元，中央对地方转移支付增长8%。",
         ["消费对增长的贡献率", "对外投资", "中央对地方转移支付"]),
        ("进出口额增长7%，从全国第九位提升到第七位。", ["进出口额"] * 3),
        ("今年高校毕业生将达31万人。", ["高校毕业生"]),
        ("我县有7万人口、4万劳动力。", ["人口", "劳动力"]),
        ("改革有序推进、确权增加、试点项目减少三分之一。", ["试点项目"]),
        ("按每月45元标准发放生活补贴。", ["每月生活补贴"]),
    ],
)  # fmt: skip
def test_names_that_lean_on_their_sentence(text: str, expected: list[str]) -> None:
    assert [f.indicator for f in read(text)] == expected


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("压减一般性支出5%，降低企业负担300亿元。", ["difference", "difference"]),
        ("确保再减少贫困人口1000人以上。", ["difference"]),
        ("今年拟安排资金2亿元，比去年增加300万元。", ["target", "difference"]),
        ("预期收入增长6.5%左右。", ["target"]),
        ("利润由上年下降4.1%转为增长5.7%。", ["difference", "difference"]),
        ("经过不懈努力，全年产量增长3.6%，销路好于预期，就业50人。", ["difference", "actual"]),
        ("建档率82%，未达到90%的目标要求。", ["actual", "target"]),
        ("要求8个卫生院院长到场。", ["actual"]),
        ("年内创建率镇医院可达75%以上。", ["target"]),
    ],
)
def test_a_planned_change_is_no_level(text: str, kinds: list[str]) -> None:
    assert [f.kind.value for f in read(text, "2023年")] == kinds


def test_a_plan_aims_where_a_norm_demands() -> None:
    text = "一、工作要点\n诊疗量占比不低于52%。每县至少配备3人。每村达标率不低于90%。"
    assert [f.kind.value for f in read(text, "2023年")] == ["target", "requirement", "requirement"]
    assert [f.kind.value for f in read("决算比概算节约65万元。")] == ["difference"]


def test_plans_hold_targets_and_facts() -> None:
    text = (
        "一、工作要点\n今年要完成投资61万元，资助标准再提高20元。我县有1.4万在校学生。"
        "毕业生6万人，再创历史新高。现行15%的税率降至12%。"
    )
    assert [f.kind.value for f in read(text, "2023年")] == [
        *("target", "difference", "actual", "actual", "actual", "target")
    ]


@pytest.mark.parametrize(
    ("text", "own", "expected"),
    [
        ("收入从5万元增加到9万元。", "2019年", ["2018年", "2019年"]),
        ("收入从5万元增加到9万元。", "2016—2020年", ["2015年", "2016—2020年"]),
        ("收入从5万元增加到9万元。", "十三五", ["2015年", "十三五"]),
        ("收入从5万元增加到9万元。", "2019年上半年", ["此前", "2019年上半年"]),
        ("投诉由首月的19件降到4件。", "2019年", ["此前", "2019年"]),
        ("养老金从2006年人均每月310元提高到现在的640元。", "2019年", ["2006年", "2019年"]),
        ("充足率从2009年底的5%升到去年底的8%，不良率由4%降到2%。", "2012年",
         ["2009年底", "去年底", "2009年底", "去年底"]),
        ("补贴由2009年的51万元增加到2012年的88万元。", "2013年", ["2009年", "2012年"]),
        ("投入2.3亿元，是上年的1.8倍。", "2019年", ["2019年", "2019年"]),
        ("人数连续两年增长10%。", "2019年", ["2019年"]),
    ],
)  # fmt: skip
def test_a_change_tells_two_times(text: str, own: str, expected: list[str]) -> None:
    assert [f.period for f in read(text, own)] == expected


REVIEW = "一、2016年工作回顾\n全年新增60人。年末在册70人。上年为50人。近三年新建9所。\n二、2017年工作安排\n全年新增80人。"


def test_times_of_a_review_count_from_its_own_year() -> None:
    spans = [Span(m.start(), m.end()) for m in re.finditer(r"[^。\n]+。?", REVIEW)]
    turn = REVIEW.index("二、")
    parts = (Stretch(Span(0, turn), False, "2016年", 2016), Stretch(Span(turn, len(REVIEW)), True, "2017年"))
    found = read_figures(REVIEW, spans, (), "2017年", parts)
    assert [f.period for f in found] == ["2016年", "2016年末", "2015年", "2014—2016年", "全年"]
