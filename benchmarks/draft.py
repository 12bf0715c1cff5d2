"""Seconds of a draft with the embedded model: 5 problems and 8 tasks, and a whole plan of about 3,000 characters.

In: a fictional input, for the plan one of 33 tasks in seven areas. Out: for each run the first sentence and the whole,
the characters of prose and headings (the table is not counted), how many of the steps that were asked of the model are
its own, and at the end medians. Each run is a new draft in a new data folder, with the model loaded before. Nothing
here is a test: machines differ.

    python -m benchmarks.draft [--runs N] [--no-model]
"""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import click

from service.desk import Desk
from service.draft.assembling import document
from service.draft.drafts import Draft
from service.draft.inputs import Amount, DraftInput, Indicator, Kind
from service.draft.known import NOTHING
from service.draft.outline import outline
from service.draft.source import as_source
from service.draft.toy_draft import toy_input
from service.draft.writing import write
from service.papers.document import Heading, Paragraph
from service.papers.provenance import checked
from service.settings import load

WANTED = {Kind.PROBLEMS: "90 s, first sentence 10 s", Kind.PLAN: "300 s"}
PROBLEMS = (
    ("乡镇卫生院药师不足", "11家卫生院中有4家没有药师，处方审核由护士代办", "编制多年没有增加，药学毕业生不愿到乡镇"),
    ("慢性病随访不及时", "高血压患者规范管理率只有58.4%，比全市低6.1个百分点", "随访靠手工登记，到期没有提醒"),
    ("急救半径偏大", "北部3个乡镇的急救平均到达时间为41分钟", "全县只有2个急救站，都在南部"),
    ("村卫生室房屋老旧", "187所村卫生室中有46所建于2005年以前，12所漏雨", "维修经费没有列入预算"),
    ("家庭医生签而不约", "签约居民中全年没有接受过服务的占17.9%", "团队人手少，服务项目不明确"),
)  # fmt: skip
MEASURES = (
    ("招聘药师", "问题1", "公开招聘药师6名，安排到没有药师的卫生院", "人事股", "2023年9月底前"),
    ("开展远程审方", "问题1", "由县医院药学部为卫生院远程审方", "医政股", "2023年6月底前"),
    ("建随访提醒平台", "问题2", "把随访登记接入县级平台，到期前3天提醒团队", "基层卫生股", "2023年6月底前"),
    ("增设急救站", "问题3", "在北部新建急救站1个，配备救护车2辆", "医政股", "2023年12月底前"),
    ("培训急救人员", "问题3", "分2期培训急救人员40人", "医政股", "2023年10月底前"),
    ("维修村卫生室", "问题4", "先修12所漏雨的，再修其余34所", "规划财务股", "2023年11月底前"),
    ("明确签约服务包", "问题5", "公布3类服务包的项目和次数，每季度抽查一次", "基层卫生股", "2023年3月底前"),
    ("补充团队人手", "问题5", "每个团队增加1名公共卫生人员", "人事股", "2023年8月底前"),
)
MORE = (
    ("开展健康教育进校园", "", "在32所中小学各上健康课4节", "疾控股", "2023年11月底前"),
    ("完善传染病监测", "", "21家医疗机构全部接入监测预警系统，每天报告一次", "疾控股", "2023年5月底前"),
    ("推进医养结合", "", "在2家敬老院设医务室，配备护士4名", "老龄股", "2023年10月底前"),
    ("整治医疗美容机构", "", "检查机构9家，公布结果", "监督股", "2023年7月底前"),
    ("建设中医馆", "", "新建中医馆3个，开展适宜技术6项", "中医股", "2023年12月底前"),
    ("开展妇女两癌筛查", "", "筛查农村妇女8200人，阳性的3个月内随访", "妇幼股", "2023年11月底前"),
    ("规范药品采购", "", "每月公布一次短缺药品清单，联系2家配送企业", "医政股", "2023年4月底前"),
    ("开展岗位练兵", "", "组织技能比赛3场，参加人员不少于300人", "人事股", "2023年9月底前"),
    ("建设健康步道", "", "与住建部门共建步道5条，全长18公里", "爱卫办", "2023年10月底前"),
    ("开展老年人体检", "", "体检65岁以上老年人2.6万人，结果当面告知", "基层卫生股", "2023年10月底前"),
    ("改造发热门诊", "", "改造卫生院发热诊室7间", "规划财务股", "2023年8月底前"),
    ("推广电子健康卡", "", "在全部卫生院启用扫码就诊", "信息中心", "2023年6月底前"),
    ("建设共享中药房", "", "由县中医院为11家卫生院统一代煎配送，当天下单次日送到，配送费由医共体承担", "中医股", "2023年9月底前"),
    ("完善双向转诊", "", "明确下转病种38个，县医院每周公布空余床位，卫生院预留康复床位26张", "医政股", "2023年5月底前"),
    ("开展驻乡帮带", "问题1", "从县级医院选派中级以上职称医师18名驻乡，每人带教2名，每季度轮换考核一次", "人事股", "2023年4月底前"),
    ("更新急救设备", "问题3", "为急救站配备除颤仪6台、车载呼吸机3台，并统一接入县级调度平台", "规划财务股", "2023年9月底前"),
    ("建立维修台账", "问题4", "逐所登记房屋面积、漏损部位和维修费用，每月更新一次，作为安排资金的依据", "规划财务股", "2023年3月底前"),
    ("开展签约质量抽查", "问题5", "每季度电话回访签约居民1200人，回访不符的当月退回签约经费，并在系统内通报", "基层卫生股", "2023年12月底前"),
    ("推进儿童视力筛查", "", "为6周岁以下儿童建视力档案1.1万份，发现异常的在两周内转到县医院复查", "妇幼股", "2023年11月底前"),
    ("开展职业病监测", "", "监测用人单位46家，检测粉尘和噪声岗位320个，超标的限期整改并复测", "监督股", "2023年10月底前"),
    ("规范医疗废物处置", "", "为187所村卫生室配置暂存箱，每两天由卫生院统一收集转运一次，转运单留存备查", "监督股", "2023年6月底前"),
    ("开展心理服务", "", "在3家卫生院设心理咨询室，聘用专职咨询师5名，每月进校园服务不少于2次", "疾控股", "2023年9月底前"),
    ("建立短缺药品储备", "", "由县医院储备急救和慢性病用药42种，卫生院缺货时48小时内调剂到位", "医政股", "2023年7月底前"),
    ("开展居民健康讲座", "", "组织县级专家进村讲座240场，重点讲高血压、糖尿病用药和急救常识", "宣教股", "2023年12月底前"),
    ("推进检查结果互认", "", "县域内检验互认57项、影像互认21项，无故重复检查的不予结算", "医政股", "2023年8月底前"),
)  # fmt: skip
AREAS = {
    "基层服务能力": "招聘药师 开展远程审方 维修村卫生室 建立维修台账 开展驻乡帮带 完善双向转诊 推进检查结果互认 改造发热门诊",
    "急诊急救体系": "增设急救站 培训急救人员 更新急救设备",
    "公共卫生服务": "建随访提醒平台 完善传染病监测 开展妇女两癌筛查 开展老年人体检 推进儿童视力筛查 开展心理服务 开展职业病监测",
    "家庭医生签约": "明确签约服务包 补充团队人手 开展签约质量抽查",
    "中医药和医养结合": "建设中医馆 建设共享中药房 推进医养结合",
    "药品和行业监管": "规范药品采购 建立短缺药品储备 整治医疗美容机构 规范医疗废物处置",
    "健康促进": "开展健康教育进校园 建设健康步道 开展居民健康讲座 开展岗位练兵 推广电子健康卡",
}  # fmt: skip


RATES = (
    ("家庭医生签约率", "%", "61.3", "66.8", "70"),
    ("高血压患者规范管理率", "%", "56.1", "58.4", "65"),
    ("65岁以上老年人健康管理率", "%", "63.5", "68.2", "72"),
    ("每千人口执业医师数", "人", "2.11", "2.24", "2.35"),
    ("县域内就诊率", "%", "84.6", "86.9", "88"),
    ("孕产妇系统管理率", "%", "92.4", "93.1", "94"),
    ("基层诊疗量占比", "%", "51.2", "53.7", ""),
    ("急救站", "个", "2", "2", ""),
)
REQUIREMENTS = (
    "围绕群众就近看病、方便用药和及时急救，补齐乡镇卫生院和村卫生室的短板，抓好家庭医生签约和慢性病管理，推动县级医院的"
    "人员、药品和检查向基层延伸。全年工作以问题为导向，每项任务明确责任单位、完成时限和检查办法。"
)
SAFEGUARDS = (
    "加强组织领导。成立由局主要负责人任组长的工作专班，每月召开一次调度会，研究解决跨股室的事项",
    "保障资金投入。维修、设备和培训经费分别列入年度预算，专款专用，按季度公布使用情况",
    "严格督促检查。对照任务分工表按季度检查，结果在系统内通报，连续两次没有进展的约谈责任单位",
)


def whole_plan(given: DraftInput) -> DraftInput:
    """The same input with tasks under the headings of :data:`AREAS`, indicators, requirements and safeguards."""
    area = {title: name for name, titles in AREAS.items() for title in titles.split()}
    rates = tuple(
        Indicator(name, unit, _amount(last), _amount(this), _amount(target), at=f"指标!第{n}行")
        for n, (name, unit, last, this, target) in enumerate(RATES, 2)
    )
    return replace(
        given,
        basic=replace(given.basic, requirements=REQUIREMENTS, safeguards=SAFEGUARDS),
        indicators=rates,
        tasks=tuple(replace(task, area=area[task.title]) for task in given.tasks),
    )


def _amount(text: str) -> Amount | None:
    return Amount(Decimal(text), text) if text else None


def run(given: DraftInput, desk: Desk, *, model: bool) -> tuple[float, float, int, int, int]:
    """Seconds to the first sentence and in all, characters, steps by the model, steps in all."""
    began = time.perf_counter()
    source = as_source(given)
    draft = Draft(given, outline(given, source))
    done, first = [], 0.0
    for written in write(draft, desk.model() if model else None, NOTHING):
        first = first or time.perf_counter() - began
        done.append(written)
    made = document(Draft(given, draft.outline, tuple(done)))
    checked(made, lambda _: source.report)
    prose = (b for b in made.blocks if isinstance(b, Heading | Paragraph))
    size = sum(len(b.text if isinstance(b, Heading) else "".join(s.text for s in b.sentences)) for b in prose)
    return first, time.perf_counter() - began, size, sum(w.phrased for w in done), len(done)


@click.command()
@click.option("--runs", default=3, help="runs of each kind")
@click.option("--no-model", is_flag=True, help="composed by code alone")
def main(runs: int, no_model: bool) -> None:
    """Print seconds."""
    with tempfile.TemporaryDirectory() as home, Desk(load(home=Path(home))) as desk:
        if not no_model:
            desk.model()
        for kind, tasks in ((Kind.PROBLEMS, MEASURES), (Kind.PLAN, MEASURES + MORE)):
            given = toy_input(PROBLEMS, tasks, kind)
            if kind is Kind.PLAN:
                given = whole_plan(given)
            found = [run(given, desk, model=not no_model) for _ in range(runs)]
            first, whole = (statistics.median(one[at] for one in found) for at in (0, 1))
            size, own, steps = found[-1][2:]
            print(
                f"{kind.value:9} {size} characters, {own} of {steps} steps by the model: "
                f"first sentence {first:.1f} s, whole {whole:.1f} s (wanted: {WANTED[kind]})"
            )


if __name__ == "__main__":
    main()
