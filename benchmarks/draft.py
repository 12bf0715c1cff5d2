"""Seconds of a draft with the embedded model: 5 problems and 8 tasks, and a whole plan of about 3,000 characters.

In: a fictional input. Out: for each run the first sentence and the whole, the characters, how many of the steps that
were asked of the model are its own, and at the end medians. Each run is a new draft in a new data folder, with the
model loaded before. Nothing here is a test: machines differ.

    python -m benchmarks.draft [--runs N] [--no-model]
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import click

from service.desk import Desk
from service.draft.assembling import document
from service.draft.drafts import Draft
from service.draft.inputs import DraftInput, Kind
from service.draft.known import NOTHING
from service.draft.outline import outline
from service.draft.source import as_source
from service.draft.toy_draft import toy_input
from service.draft.writing import write
from service.papers.document import Paragraph
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
)


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
    paragraphs = (b for b in made.blocks if isinstance(b, Paragraph))
    size = sum(len(sentence.text) for block in paragraphs for sentence in block.sentences)
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
            found = [run(given, desk, model=not no_model) for _ in range(runs)]
            first, whole = (statistics.median(one[at] for one in found) for at in (0, 1))
            size, own, steps = found[-1][2:]
            print(
                f"{kind.value:9} {size} characters, {own} of {steps} steps by the model: "
                f"first sentence {first:.1f} s, whole {whole:.1f} s (wanted: {WANTED[kind]})"
            )


if __name__ == "__main__":
    main()
