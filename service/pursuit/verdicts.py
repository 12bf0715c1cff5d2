"""The five things that a later report can say of a promise, and the words by which it says them.

In: a sentence of the later report. Out: whether it tells of an end, of a part or of a failure. Pure word
lists, kept apart from the reasoning in :mod:`service.pursuit.fulfilment`.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Verdict(StrEnum):
    """What the later report says of a promise; nothing about what really happened."""

    DONE = "done"
    PARTLY = "partly"
    CONTRADICTED = "contradicted"
    MENTIONED = "mentioned"
    NOT_MENTIONED = "not_mentioned"

    @property
    def label(self) -> str:
        """The Chinese term that users see."""
        return LABELS[self]


LABELS = {
    Verdict.DONE: "已完成",
    Verdict.PARTLY: "部分完成或未达目标",
    Verdict.CONTRADICTED: "没有完成",
    Verdict.MENTIONED: "提到而结果不明",
    Verdict.NOT_MENTIONED: "没有提及",
}

_TENTHS = r"(?:百分之[一二三四五六七八九十]+|[一二三四五六七八九两]成(?:多|以上|左右)?|一半|半数|大半)"
FAILED = re.compile(
    r"没有?(?:如期|按期|按时|能够?|完成|实现|开工|动工|封顶|完工|竣工|交付|启动|达到|达标|建成|投用|开通|上线|到位|做完|办成|落实|落地)"
    r"|未(?:能|如期|按期|按时|完成|实现|达到|达标|启动|开工|动工|封顶|完工|竣工|建成|投用|开通|上线|办结|落实|到位|交付|通过)"
    r"|[仍尚还]未(?![^，。；]{0,14}的)|停滞|搁置|落空|流标|叫停|又拖|推迟|延后|(?:工期|进度|开工|完工|投用)延期|退回"
)
PARTIAL = re.compile(
    rf"(?:只|仅|才)(?:有|完成|到位|建成|投用|开放)|完成[^，。；]{{0,8}}{_TENTHS}|{_TENTHS}(?:任务|进度|工程)"
    r"|部分(?:完成|到位|投用|建成|开放)|暂缓|滞后|比(?:计划|目标)[少低]|尚[余有差缺]|还[剩差缺]|缺口|不到位|没有配齐|不平衡"
    r"|进展缓慢|步伐较?慢|基本完成|正在(?:建设|推进|施工|办理|建)"
)
ENDED = re.compile(
    r"完成|实现|达到|建成|建立|投用|投入使用|启用|开工|动工|封顶|竣工|完工|交付|开诊|开通|运行|上线|验收|通过|印发|出台|挂牌"
    r"|成立|组建|设立|新增|增至|增加到|扩大到|扩到|扩围|提高到|降到|减到|降至|压缩到|覆盖|发放|兑现|落实|开放|补齐|到位|清零"
    r"|收治|接诊|服务|惠及|开展|实施|推行|推出|启动|试点|铺开|配备|购置|招聘|培训|全部|已|了"
)
# That all of it was reached, though the number promised is not written again.
FULL = re.compile(
    r"足额|超额|补齐|(?<!没有)(?<!未能)(?<!未)如期|全部(?:完成|建成|投用|到位|开放)|(?:完成|实现|达到|超过)了?[^，。；]{0,12}(?:目标|任务)"
)
# Steps of a building in the order in which they are reached.
LADDER = (
    re.compile(r"开工|动工"),
    re.compile(r"封顶"),
    re.compile(r"竣工|完工|交付|建成|投用|投入使用|启用|开诊|运行|开通|收治|搬迁|通过验收|验收(?:通过|合格)"),
)


def step_of(text: str) -> int:
    """The highest step of a building that a text names, 1 to 3; 0 for none."""
    return max((n for n, pattern in enumerate(LADDER, 1) if pattern.search(text)), default=0)
