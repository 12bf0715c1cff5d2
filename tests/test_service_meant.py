"""Which figure is meant, and what code computes from several years: on three fictional reports of one county."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.decision import Plan, years_together
from service.desk import Desk
from service.evidence import find
from service.plan import plan

ANNUAL_2022 = """梧岭县卫生健康局2022年工作总结
一、主要成绩
（一）医疗服务。夜间门诊接诊2.40万人次。急救平均到达时间14.2分钟。全县常住人口31.5万人。
（二）监督执法。全年罚款21.4万元。与11名学生签订定向培养协议。
（三）血防工作。查螺面积2100公顷，年末有螺面积812.5公顷，比上年减少31.2公顷。
二、存在问题
一是康复楼没有开工。二是基层医生不足。
三、2023年要办好三件事
一是康复楼年内开工。二是夜间门诊增至3处。三是培训乡村医生60名。
"""
HALF_2023 = """梧岭县卫生健康局2023年上半年工作总结
一、主要成绩
巡回医疗出诊96次，服务0.42万人次。县人民医院门急诊6.18万人次。家庭病床达到120张。
"""
ANNUAL_2023 = """梧岭县卫生健康局2023年工作总结
一、主要成绩
（一）医疗服务。巡回医疗211次，服务0.93万人次。县人民医院门急诊12.44万人次。夜间门诊接诊2.76万人次。家庭病床171张。
救护车平均到达时间12.9分钟。新签定向培养14名，两年累计25名。
（二）慢性病管理。在管高血压患者9000人，规范管理6840人，规范管理率76.00%。流动儿童疫苗应种2000人，实种1900人，接种率97.5%。
（三）药品补偿。县财政对县级公立医院药品补偿192.5万元。乡镇卫生院购进基本药物640.2万元，县财政按比例予以补偿151.3万元。村卫生室按每人每年补助6元的标准，药品补偿88.4万元。
（四）健康讲堂。县乡医务人员共计360余人参加启动仪式。启动仪式后，5位专家为医务人员作了讲座。
（五）血防工作。查螺面积2240公顷，有螺面积降到780.1公顷，比上年减少32.4公顷。全年罚款30.1万元。
二、存在问题
（一）康复楼又拖了一年。
康复楼原定年内开工，到年底仍未开工。原因是专项债两次申报没有通过。
三、下一步打算
推动康复楼开工建设。高血压规范管理率达到78%以上。
"""


@pytest.fixture(scope="module")
def decide(
    tmp_path_factory: pytest.TempPathFactory, open_desk: Callable[[Path], Desk]
) -> Iterator[Callable[[str], Plan]]:
    folder = tmp_path_factory.mktemp("wuling")
    for name, text in (("2022", ANNUAL_2022), ("2023h", HALF_2023), ("2023", ANNUAL_2023)):
        (folder / f"{name}.txt").write_text(text, "utf-8")
    with open_desk(tmp_path_factory.mktemp("meant")) as desk:
        desk.ingest([folder])
        yield lambda text: plan(find(desk.understand(text), desk.view), desk.view, desk.report)


def said(decided: Plan) -> str:
    return "；".join([*(s.text for s in decided.sentences), *(f.text for f in decided.required)])


@pytest.mark.parametrize(
    ("question", "parts", "never"),
    [
        ("梧岭县2023年巡回医疗出诊多少次？", ["211次"], "96次"),  # the whole year before its half
        ("梧岭县2023年上半年巡回医疗出诊多少次？", ["96次"], "211次"),
        ("梧岭县2023年高血压规范管理率达到多少？", ["76.00%"], "78%"),  # done before aimed at
        ("梧岭县2023年县人民医院门急诊多少万人次？", ["12.44万人次"], "6.18"),
        ("梧岭县2023年底和2023年6月底的家庭病床各有多少张？", ["171张", "120张"], "不能"),
    ],
)
def test_the_figure_that_is_meant_goes_first(
    decide: Callable[[str], Plan], question: str, parts: list[str], never: str
) -> None:
    text = said(decide(question))
    assert all(part in text for part in parts) and never not in text, text


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("梧岭县夜间门诊接诊人次2023年比2022年增长百分之几？", ["2.76万人次", "2.40万人次", "15%"]),
        ("梧岭县2022年和2023年的罚款加起来是多少万元？", ["51.5万元", "21.4万元＋30.1万元"]),
        ("梧岭县2023年的有螺面积比2022年少了多少公顷？", ["812.5公顷", "780.1公顷", "32.4公顷"]),
        ("梧岭县2022年到2023年两年新签定向培养学生一共多少名？", ["两年累计25名"]),
        ("梧岭县2023年的急救平均到达时间比2022年短了多少分钟？", ["1.3分钟", "口径可能不一致"]),
    ],
)
def test_years_are_added_and_compared_by_code(
    decide: Callable[[str], Plan], question: str, parts: list[str]
) -> None:
    text = said(decide(question))
    assert all(part in text for part in parts), text


def test_a_report_on_the_year_does_not_answer_for_its_half(decide: Callable[[str], Plan]) -> None:
    decided = decide("梧岭县2022年上半年罚款多少万元？")
    assert decided.status == "refused", said(decided)


def test_the_latest_year_is_told_alone(decide: Callable[[str], Plan]) -> None:
    text = said(decide("梧岭县最近一年的夜间门诊接诊多少万人次？"))
    assert "2.76万人次" in text and "2.40" not in text


def test_a_half_year_figure_says_so(decide: Callable[[str], Plan]) -> None:
    text = said(decide("梧岭县2023年上半年巡回医疗出诊100次，对吗？"))
    assert "梧岭县2023年上半年" in text and "96次" in text


def test_why_is_answered_by_what_went_wrong_not_by_what_is_intended(decide: Callable[[str], Plan]) -> None:
    text = said(decide("梧岭县康复楼2023年为什么没有开工？"))
    assert "专项债" in text and "推动康复楼" not in text


def test_the_audit_answers_whether_figures_agree(decide: Callable[[str], Plan]) -> None:
    text = said(decide("梧岭县2023年流动儿童疫苗接种率和应种、实种人数对得上吗？"))
    assert text.startswith("对不上") and "95%" in text
    agreed = said(decide("梧岭县2023年高血压规范管理率和在管患者人数对得上吗？"))
    assert "没有发现矛盾" in agreed


def test_what_will_be_done_next_year_stands_in_this_years_report(decide: Callable[[str], Plan]) -> None:
    text = said(decide("梧岭县2022年总结说2023年要办好哪三件事？"))
    assert all(part in text for part in ("康复楼年内开工", "增至3处", "60名"))


@pytest.mark.parametrize(
    ("period", "years"), [("三年累计", 3), ("5年来", 5), ("2023年", 0), ("上半年", 0), ("两年累计", 2)]
)
def test_years_told_together_are_counted(period: str, years: int) -> None:
    assert years_together(period) == years


@pytest.mark.parametrize(
    "question", ["各县合计多少人", "梧岭县", "梧岭县2022年和2023年", "？多少", "梧岭县多少"]
)
def test_a_question_about_nothing_is_refused_and_told_so(
    decide: Callable[[str], Plan], question: str
) -> None:
    decided = decide(question)
    assert decided.status == "refused" and "没有写要查什么" in decided.reason


def test_a_sum_takes_the_amounts_that_are_called_what_is_asked_for(decide: Callable[[str], Plan]) -> None:
    asked = "梧岭县2023年对县级公立医院、乡镇卫生院和村卫生室的药品补偿合计多少万元？"
    text = said(decide(asked))
    assert (
        "432.2万元" in text and "192.5万元＋151.3万元＋88.4万元" in text
    )  # not the 640.2万元 that were spent


def test_who_is_counted_is_told_from_whom_it_is_done_to(decide: Callable[[str], Plan]) -> None:
    decided = decide("梧岭县2023年启动仪式后，几位专家给医务人员讲了课？")
    assert "5位" in [f.text for f in decided.required]
