"""Each language rule on a sentence that breaks it, and on one that does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.audit.findings import Severity
from service.papers.sourcing import Claim, Grounds, unsourced
from service.proof import labelling, leftovers, marks, numerals, plans, words
from service.proof.rules import ABOUT, Finding, Group, Rule, chosen
from service.proof.toy_text import text_of

CHECKS = (numerals, marks, labelling, words, plans, leftovers)


def found(body: str, **about: str) -> list[Finding]:
    text = text_of(body, **about)  # type: ignore[arg-type]
    return [finding for module in CHECKS for finding in module.check(text)]


def rules(body: str, **about: str) -> set[Rule]:
    return {finding.rule for finding in found(body, **about)}


# (rule, breaks it, what should stand there or "", does not break it)
TABLE = [
    (Rule.RANGE_UNIT, "发病率下降15-30%，效果较好。", "15%～30%", "发病率下降15%～30%，效果较好。"),
    (Rule.RANGE_UNIT, "每年投入3-5亿元，逐年安排。", "3亿～5亿", "每年投入3亿～5亿元，培训20～30人。"),
    (Rule.YEAR_RANGE, "2016-2020年累计投入900万元。", "2016—2020年", "2016—2020年累计投入900万元。"),
    (Rule.YEAR_RANGE, "2016—20年累计投入900万元。", "2016—2020年", "2016年至2020年累计投入900万元。"),
    (Rule.SHORT_YEAR, "17年底全部建成投用。", "2017年", "2017年底全部建成投用，从医17年以上的有6人。"),
    (Rule.SHORT_YEAR, "门诊量比22年增加较多。", "2022年", "历时12年全部完工，连续10年末位淘汰。"),
    (Rule.DATE_FORM, "2023年09月05日召开会议。", "9月5日", "2023年9月5日召开会议，10月12日总结。"),
    (Rule.DATE_FORM, "特此报告。\n二〇二三年十二月五日", "", "特此报告。\n2023年12月5日"),
    (Rule.LEADING_DOT, "死亡率为.5%，低于上年。", "0.5", "死亡率为0.5%，低于上年。"),
    (Rule.MIXED_NUMERAL, "共培训3百人，发放资料2千余份。", "300", "共培训三百人，重3千克，投入3万元。"),
    (Rule.MIXED_NUMERAL, "日均门诊由5千人增加到1万6千人。", "1.6万", "日均门诊由5000人增加到1.6万人。"),
    (Rule.WIDE_DIGITS, "全县有卫生院１２所。", "12", "全县有卫生院12所。"),
    (Rule.APPROXIMATE, "步行二、三公里即可就医。", "二三", "二、三级医院各一所，步行二三公里即可。"),
    (Rule.APPROXIMATE, "等候五、六个小时。", "五六", "第五、六个项目已开工，一、二、三年级均已覆盖。"),
    (Rule.DOUBLE_APPROXIMATE, "共筛查约300人左右。", "", "共筛查约300人，资金300万元左右。"),
    (Rule.DOUBLE_APPROXIMATE, "培训超过500余人。", "", "培训500余人，超过上年。"),
    (Rule.TIMES, "门诊量翻了两倍。", "", "门诊量翻了一番，住院量是上年的两倍。"),
    (Rule.DOCUMENT_NUMBER, "印发方案（沁卫发[2023]08号）。", "〔2023〕8号", "印发方案（沁卫发〔2023〕8号）。"),
    (Rule.DOCUMENT_NUMBER, "印发方案（沁卫发202318号）。", "〔2023〕18号", "印发方案，热线电话12345号线路畅通。"),
    (Rule.HALF_WIDTH, "加强领导,落实责任。", "，", "加强领导，落实责任，比例为1:2.5，约1,200人。"),
    (Rule.BOOK_TITLE, "印发《关于转发《随访办法》的通知》。", "《关于转发〈随访办法〉的通知》", "印发《关于转发〈随访办法〉的通知》。"),
    (Rule.UNPAIRED, "县医院（含分院共有床位300张。", "", "县医院（含分院）共有床位300张，1）按时完成。"),
    (Rule.UNPAIRED, "落实“先诊疗后付费政策。", "", "落实“先诊疗后付费”政策。"),
    (Rule.BEFORE_ETC, "配备心电图、血糖仪、等设备。", "等", "配备心电图、血糖仪等设备，完成达标、等级评审。"),
    (Rule.TITLE_COMMA, "印发《随访办法》、《签约办法》。", "《随访办法》《签约办法》", "印发《随访办法》《签约办法》，推行“一站式”、限时办结。"),
    (Rule.DOUBLED_MARK, "加强领导，，落实责任。。", "", "加强领导，落实责任……"),
    (Rule.LABEL_FORM, "1、加强领导\n成立领导小组。\n2、落实责任\n签订责任书。", "1.", "1.加强领导\n成立领导小组。\n2.落实责任\n签订责任书。"),
    (Rule.LABEL_FORM, "一.工作情况\n共建卫生院2所。\n二.存在问题\n人员不足。", "一、", "一、工作情况\n共建卫生院2所。\n二、存在问题\n人员不足。"),
    (Rule.LABEL_FORM, "（一）、签约服务\n共签约8万人。\n（二）、慢病管理\n全部建档。", "（一）", "（一）签约服务\n共签约8万人。\n（二）慢病管理\n全部建档。"),
    (Rule.LABEL_SPACE, "一、 工作情况\n共建卫生院2所。\n二、 存在问题\n人员不足。", "", "一、工作情况\n共建卫生院2所。\n二、存在问题\n人员不足。"),
    (Rule.LABEL_SKIP, "一、工作情况\n1.健康教育\n共办讲座8场。\n2.慢病管理\n全部建档。", "", "一、工作情况\n（一）签约服务\n1.建档\n全部建档。\n2.随访\n按时随访。"),
    (Rule.HEADING_STOP, "一、工作情况。\n共建卫生院2所。\n二、存在问题。\n人员不足。", "一、工作情况", "一、工作情况\n共建卫生院2所。\n二、存在问题\n（一）人员不足。\n（二）经费不足。"),
    (Rule.SELF, "笔者认为，签约服务还要加强。", "", "签约须由患者本人到场，执笔者另行注明。"),
    (Rule.SELF_MIXED, "我局开展培训，我局召开会议。会后我委印发方案。", "我局", "我局开展培训，会后我局印发方案，全县各院落实。"),
    (Rule.SELF_MIXED, "我县建成卫生院2所，我区还将新建1所。", "我县", "我县建成卫生院2所，我省已下达补助。"),
    (Rule.PLAN_DONE, "一、工作情况\n共建卫生院2所。\n二、下一步打算\n已完成信息系统改造，运行平稳。", "", "一、工作情况\n已完成改造。\n二、下一步打算\n将在已建成的基础上完成二期改造。"),
    (Rule.PLACEHOLDER, "全年培训【待补：人数】人。", "", "全年培训300人，体温在36℃（含）以上的单独管理。"),
    (Rule.PLACEHOLDER, "全年培训××人，投入（ ）万元。", "", "全年培训300人，投入20万元。"),
    (Rule.EMPTY_SECTION, "一、工作情况\n二、存在问题\n人员不足。", "", "一、工作情况\n（一）签约服务\n共签约8万人。\n二、存在问题\n人员不足。"),
    (Rule.PERSONAL, "联系人：办公室，手机：13900139000。", "", "监督热线12320全天开通。"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "bad", "good", "fine"), TABLE, ids=[f"{t[0]}-{t[1][:8]}" for t in TABLE])
def test_a_rule_names_what_breaks_it_and_lets_the_rest_be(rule: Rule, bad: str, good: str, fine: str) -> None:
    hits = [finding for finding in found(bad) if finding.rule is rule]
    assert hits, [f.rule for f in found(bad)]
    if good:
        assert any(f"{good}”" in hit.suggestion or good in hit.suggestion for hit in hits), hits[0].suggestion
    assert rule not in rules(fine), [f for f in found(fine) if f.rule is rule]


def test_every_language_rule_has_its_examples() -> None:
    language = {Group.NUMERALS, Group.MARKS, Group.LABELS, Group.LEFTOVERS}
    wanted = {rule for rule in Rule if rule.about.group in language} | {
        Rule.SELF,
        Rule.SELF_MIXED,
        Rule.PLAN_DONE,
    }
    assert wanted <= {row[0] for row in TABLE}


def test_one_indicator_in_two_units_is_named() -> None:
    body = "家庭病床服务服务830人。\n\n全年家庭病床服务服务4100人次。"
    assert Rule.UNIT_MIXED in rules(body)
    assert Rule.UNIT_MIXED not in rules("家庭病床服务服务830人、4100人次。")


def test_a_finding_cites_the_sentence_with_its_headings() -> None:
    (finding,) = [f for f in found("一、工作情况\n共建成3所。共培训3百人。") if f.rule is Rule.MIXED_NUMERAL]
    (citation,) = finding.citations
    assert citation.quote == "共培训3百人。" and citation.path == ("一、工作情况",)
    assert finding.severity is Severity.LOW and citation.place == "沁溪县"


def test_spots_of_one_sentence_are_one_finding() -> None:
    hits = [f for f in found("共培训3百人，发放资料2千份。") if f.rule is Rule.MIXED_NUMERAL]
    assert len(hits) == 1 and "3百" in hits[0].message and "2千" in hits[0].message


def test_first_person_is_no_fault_in_an_article() -> None:
    article = (
        "摘要：笔者认为签约服务有效。\n关键词：签约\n笔者认为，签约服务还要加强。[1]某某.论签约[J].2020."
    )
    assert Rule.SELF not in rules(article, title="签约服务的实践与思考")


def test_names_and_advice_hold_no_figure_that_the_gate_would_stop() -> None:
    for rule, about in ABOUT.items():
        for text in (about.name, about.advice):
            assert not unsourced(Claim(text), Grounds()), (rule, text)


def test_rules_are_chosen_by_id_by_name_and_by_group() -> None:
    assert chosen(["times"]) == {Rule.TIMES} == chosen(["倍、番用法不当"])
    assert {rule.about.group for rule in chosen(["marks"])} == {Group.MARKS}
    assert chosen() == frozenset(Rule)
    assert chosen(["标点用法"], ["unpaired"]) == chosen(["marks"]) - {Rule.UNPAIRED}


@settings(deadline=None, max_examples=60)
@given(
    st.text(
        alphabet="一二三、，。（）《》“”等年月日0123456789.-%百千万人本我局县翻倍已完成了\n ", max_size=80
    )
)
def test_no_text_breaks_a_rule_itself(body: str) -> None:
    text = text_of(body)
    for module in CHECKS:
        for finding in module.check(text):
            for citation in finding.citations:
                assert text.text[citation.start : citation.end] == citation.quote


@settings(deadline=None)
@given(st.integers(1, 99), st.integers(1, 99))
def test_a_range_of_percentages_is_completed_only_where_it_rises(low: int, high: int) -> None:
    hits = [f for f in found(f"发病率下降{low}-{high}%，效果较好。") if f.rule is Rule.RANGE_UNIT]
    assert bool(hits) == (low < high)
    if hits:
        assert f"{low}%～{high}%" in hits[0].suggestion
