"""Each family of checks on single sentences: what it must say, and where it must be silent."""

from __future__ import annotations

import hashlib

import pytest

from corpus.parse import parse
from corpus.report import RawDocument, Report
from service.audit.checks import audit
from service.audit.findings import Finding, Kind, Severity

HEAD = "沁溪县卫生健康局2023年工作总结\n\n一、主要工作完成情况\n"


def report_of(text: str, head: str = HEAD) -> Report:
    whole = f"{head}{text}\n"
    digest = hashlib.sha256(whole.encode()).hexdigest()
    return parse(RawDocument("稿件.txt", digest, len(whole), "txt", whole))[0]


def findings(text: str, earlier: str = "") -> tuple[Finding, ...]:
    before = report_of(earlier, HEAD.replace("2023", "2022")) if earlier else None
    return audit(report_of(text), before)


def kinds(text: str, earlier: str = "") -> list[Kind]:
    return [finding.kind for finding in findings(text, earlier)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("新建卫生院2所，投资1.372.98万元，全部完工。", Kind.SUSPECT),
        ("家庭医生签约率达到3O%，比上年有所提高。", Kind.SUSPECT),
        ("一是加强领导；二是落实经费；四是强化督导。", Kind.ORDINAL),
        ("全年抽检样品900份，合格820份，合格率91.3%。", Kind.ROUNDING),
        ("中医馆由0家增加到4家，增长100%。", Kind.BASE),
        ("全年门诊1.5万人次，同比增长25个百分点。", Kind.PERCENT),
        ("健康管理率78%，比目标值75%高5个百分点。", Kind.DIFFERENCE),
        ("满意率为91%，低于90%的目标。", Kind.TARGET),
        ("全县60名执业医师中，有72名取得全科资格。", Kind.WHOLE),
        ("健康教育讲座由20场增加到30场，增加1倍。", Kind.TIMES),
        ("第五季度组织督导检查12次。", Kind.DATE),
        ("13月，组织开展义诊活动3场。", Kind.DATE),
        ("1—6月报告病例180例，比去年1—9月的240例减少60例。", Kind.SPAN),
        ("按人均80元标准，全县30万人共筹集2400元。", Kind.SCALE),
    ],
)
def test_what_is_wrong_is_named(text: str, kind: Kind) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "签约5000人，其中男性2600人、女性2400人。",
        "培训300人，其中中级职称80人，硕士学历120人，女性210人。",  # parts that overlap
        "全县有医院6家，其中二级以上2家、民营5家。",
        "三家医院由1个集团管理，由5名专家组成指导组。",
        "全年抽检120份，合格115份，合格率95.8%。",
        "全年抽检120份，合格119份，合格率99.1%。",  # cut off, not rounded
        "病床使用率102%，任务完成率130%，同比增长150%。",
        "完成投资约2亿元，占概算总投资近7亿元的三成左右。",
        "婴儿死亡率5.2‰，低于8‰的控制目标。",
        "签约率由60%提高到66%，增长10%。",  # relative growth, rightly named
        "门诊量由2万人次增加到3万人次，增长近五成。",
        "2月29日召开动员会，12月31日完成验收。",
        "3—5月开展专项行动，6月下旬通报结果。",
        "免疫规划为24月龄儿童接种，18月龄加强。",
        "一是加强领导；二是落实经费；三是强化督导。\n一是完善制度；二是补充人员。",
        "在9个县区中排名第9位，在12家医院中列前3名。",
        "投诉由40件降到10件，减少四分之三。",
        "目标死亡率不高于6‰，实际5‰，完成目标任务。",
        "资金**万元，其中中央资金40万元、省级资金60万元。",
        "今年计划招聘60人，已完成招聘42人。",
        "全县1月至6月门诊12万人次，比上年同期的10万人次增加2万人次。",
        "新建卫生院2所，培训120人次；新建卫生室40所，培训300人次。",
        "设置床位200张，平均每千人口床位5张，其中护理型120张。",
    ],
)
def test_what_is_right_or_cannot_be_known_is_left_alone(text: str) -> None:
    assert [(f.kind, f.message) for f in findings(text)] == []


def test_no_finding_says_more_than_the_words_bind() -> None:
    # 占 without any whole that it could be a share of
    assert kinds("全年招聘48人，占12%。") == []
    # another whole near by explains the share
    assert kinds("全县医师300人、护士500人，其中高级职称60人，占医师的20%。") == []
    # the base lies two sentences before
    assert kinds("全县产妇2000人。工作扎实推进。全年访视1900人，访视率95%。") == []


def test_a_figure_that_was_corrected_since_last_year_is_reported_once() -> None:
    earlier = "建成家庭病床260张。健康管理率71%。"
    wrong = findings("建成家庭病床320张，上年为240张。", earlier)
    assert [(f.kind, f.severity) for f in wrong] == [(Kind.LAST_YEAR, Severity.MEDIUM)]
    assert {c.year for c in wrong[0].citations} == {2022, 2023}
    assert kinds("建成家庭病床320张，上年为260张。", earlier) == []
    assert kinds("建成家庭病床320张，上年为240张。") == []  # without the report nobody can tell


def test_the_base_of_a_growth_is_held_against_last_years_report() -> None:
    earlier = "建成家庭病床260张。"
    assert kinds("建成家庭病床325张，同比增长25%。", earlier) == []
    assert kinds("建成家庭病床325张，同比增长35%。", earlier) == [Kind.LAST_YEAR]
    assert kinds("建成家庭病床325张，比上年增加55张。", earlier) == [Kind.LAST_YEAR]


def test_a_rounded_value_is_no_second_value() -> None:
    assert kinds("全县电子健康档案21.3万份。\n二、亮点\n全县电子健康档案213045份。") == []
    assert kinds("全县电子健康档案21.3万份。\n二、亮点\n全县电子健康档案231045份。") == [Kind.REPEATED]


def test_damaged_text_gives_no_date() -> None:
    report = report_of("2月30日召开会议。")
    assert [f.kind for f in audit(report)] == [Kind.DATE]


def test_a_text_without_figures_has_no_findings() -> None:
    assert findings("加强党的建设，落实责任。") == ()
