"""Promises worded as done: sections that look ahead and tell what was.

In: a text. Out: findings on sentences of next steps and goals that say 已 or 完成了 and nothing of 将, 拟 or
力争. Targets of the input that the text tells as reached are found where figures are traced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.report import SectionKind
from service.proof.rules import Finding, Rule, Severity
from service.proof.spots import clause
from service.proof.text import Text

AHEAD = re.compile(
    r"将(?!军|士|[^，。；]{0,12}(?:纳入了|列为了))|拟|力争|争取|确保|[要须应](?!求|急|对|用|素|点|闻|检)|计划|预计|打算|努力|继续|进一步|"
    r"下一?步|明年|今后|年底前|[月日年]底?之?前|年内|为目标|目标是|逐步|着力|加快|推动|推进|加大|加强|深入"
)
_AHEAD_KINDS = frozenset({SectionKind.NEXT_STEPS, SectionKind.GOALS})
_WORKS = (
    "完成|建成|达到|实现|投用|投入使用|启用|印发|出台|建立|组建|培训|开工|竣工|覆盖|落实|形成|开展|举办|发放|签订|招聘|"
    "解决|配备|到位|到岗|上线|运行|通过|取得|超额|成立|新增|新建"
)
_DONE = re.compile(
    rf"(?<![而不早业自对])已(?:经)?(?![有是在知婚故]|成为|分解|列入|纳入|明确|下达|部署|确定)[一-鿿]{{1,2}}(?![^，。；]{{0,10}}(?:的基础|基础上|后[，,]|之后|以来))"
    rf"|(?<!对)(?:{_WORKS})了(?![^，。；]{{0,4}}解)|(?:成功|圆满|顺利)(?:创建|完成|举办|通过)|(?:得到|有)了?(?:有效|进一步|明显|全面|较大|显著)"
    r"(?:的)?(?:提升|改善|加强|提高)"
)
_ATTRIBUTE = re.compile(r"^[^，。；]{0,10}的|^[^，。；]{0,6}(?:医院|机构|人员|项目|成果|任务)(?:要|应)")


def check(text: Text) -> Iterator[Finding]:
    """All findings on promises worded as done."""
    for line in text.sentences:
        if line.kind not in _AHEAD_KINDS or line.heading or AHEAD.search(line.text):
            continue
        found = _DONE.search(line.text)
        if not found or _ATTRIBUTE.match(line.text[found.end() :]):
            continue
        start = line.span.start
        words = clause(text, line, start + found.start(), start + found.end())
        yield Finding(Rule.PLAN_DONE, Severity.MEDIUM, words, (text.cite(line),))
