"""What a figure states: an actual value, a target, a requirement, a rank or a difference.

In: the number, the words of its sentence before it and a few behind it. Out: a
:class:`~corpus.report.FigureKind`. Last year's result and this year's target often stand under the
same indicator; to confuse them is the worst error a comparison can make. So words of intention count
only where nothing says that the thing is done (已, 累计, 完成了), and a section that looks ahead makes
every figure in it a target unless such a word stands before it.
"""

from __future__ import annotations

import re

from corpus.indicators import HOLE
from corpus.numeral_roles import Role
from corpus.numerals import Number
from corpus.report import FigureKind

# A word of change directly before the number: 同比增长, 高出责任指标, 比…减少了约.
CHANGE = re.compile(
    r"(?:(?:比(?![例率重])|较|[与距](?=[^，,。；、]{0,14}相差))[^，,。；、]{0,14})?(?:同比|环比|年均|平均|累计|分别|实际)*"
    r"(?:增长|增加|(?<!新)增(?=[约近]?$)|上升|提高|提升|下降|降低|减少|减(?=[约近]?$)|回落|缩短|缩减|"
    r"削减|压减|压缩|上涨|扩大|收窄|超出|翻(?=\s*$)|高出[^，,。；、]{0,10}|"
    r"(?<=比)[^，,。；、]{1,8}节[约省]|(?:高于|低于|多于|少于)[^，,。；、0-9]{1,9}[^，,。；、0-9的]|相差|[高低多少降升涨差](?=\s*$))"
    rf"(?:了|幅度|约|近|超过|超|不低于|不少于|不超过|至少|[\s{HOLE}])*$"
)
_LONGEST = 48  # characters from the beginning of such words to the number
# A verb of change before what changes: 再减少在册贫困户300户.
_LESSENS = "(?:再|又)?(?:减少|增加|降低|压减|削减|缩减|压缩|减轻|缩短)(?=[^值了].)"
LESSENED = re.compile(rf"^{_LESSENS}")
_LESSENED_AT = re.compile(rf"(?:^|[年再又共月、]|累计){_LESSENS}[^0-9]*$")
_FIRM = r"已(?!婚)|目前|截[至止]|完成了|实现了|达到了|超额|(?<![比较同从由])(?:去年|上年)"
_IS = re.compile(r"(?:现[有行]|[我全][国省市县区]共?有)[^0-9]*$")  # what is there already, in a plan too
_NOW_ON = re.compile(r"今年|明年|下一步|届时")
_HAN = re.compile(r"[一-鿿]")
_DONE = re.compile(_FIRM)  # where a section looks ahead, 累计 and 期间 are part of its plans
_ALREADY = re.compile(rf"{_FIRM}|累计|成功|以来|期间|实际(?=[完到开投支使参签达]|有|为)|到岗(?!率)")
_AIM = re.compile(
    r"力争|确保|争取(?![^，,。；0-9]{0,12}(?:资金|经费|补助|贷款|债券|支持|项目|投资))|(?<![于超合出])预期(?!寿命)|预计|拟|"
    r"(?<![断同懈苦大])努力(?![，,。；、下程])|奋斗|下一步|明年|"
    r"[可将](?=达(?!成))|年内[^，,。；]{0,12}[可将要]|"
    r"(?:^|[，,；;年])计划(?!生育|免疫)|计划(?=[建新完投招引培开选派达到于])"
)
_GOAL = re.compile(
    r"(?<!完成)(?:目标|责任指标)(?:[^，,。；]{0,3}[^，,。；差])?$|(?<!完成)任务(?:数|量|总数)?(?:为|是|共)?$"
    r"|(?:没有|未能?|尚未|没能?)(?:达到|达)$|(?:确定|定下|下达|规定)的$"
)
_GOAL_BEHIND = re.compile(r"^的?(?:年度|年初|责任|预期|既定)?目标(?!人群)")
_WANT = re.compile(r"(?<![主重需首必不紧纪概摘里])要(?![求点素闻件领害紧绕])[^，,]*$")
_MUST = re.compile(
    r"必须|须|应(?=达|不|配|当|在)|不得|原则上|(?<![按照])(?<!目标)(?<!标准)(?<!工作)要求(?!$)"
)
_FOLLOWING = re.compile(r"(?:按照?|根据|依据|围绕)[^，,。；]{0,30}要求")  # 按要求 names no requirement
# A plan binds itself to a rate or a measure (诊疗量占比不低于52%); a norm speaks of each.
_MEASURED = frozenset(("%", "‰", "公顷", "亩", "分钟", "小时", "天", "/10万", "元"))
_NORM = re.compile("[各每按]|标准|要求")
_BOUND = re.compile(r"^(?:不少于|不低于|不超过|至少|至多)$")
_WANTED = re.compile(r"^[^，,。；]{0,16}(?:标准(?!化)|要求)")
_STANDARD = re.compile(r"[^，,。；、]{0,3}(?<!高)(?:标准(?!化)|要求)")
_POINTS = ("个百分点", "个点", "番")
_RECORD = re.compile(r"[^。；]{0,4}[，,、](?:再?创|为)[^，,。；]{0,3}(?:新高|最高|最低)")


def without_change(left: str) -> str:
    """The words before a number without the word of change at their end."""
    found = _change(left)
    return left[: found.start()] if found else left


def _change(left: str) -> re.Match[str] | None:
    return CHANGE.search(left, max(0, len(left) - _LONGEST))


def kind_of(number: Number, left: str, behind: str, *, was: bool, ahead: bool) -> FigureKind:
    """The kind of a figure.

    A planned change counts as a change where it is absolute or in points (再提高20元 is no level of
    20元); a planned rate of growth is a target (生产总值增长6%左右).

    Args:
        number: the figure's number.
        left: its sentence up to the number, brackets blanked.
        behind: the words behind number, unit and qualifier.
        was: the number is what a value changed from (由8%下降到…).
        ahead: the sentence stands in a section that looks ahead.
    """
    if number.role is Role.RANK:
        return FigureKind.RANK
    changes = number.unit in _POINTS or _change(left) is not None
    if was:
        return FigureKind.DIFFERENCE if changes else FigureKind.ACTUAL
    left = re.split(r"[；;。]", left)[-1]
    clause = re.split(r"[，,、：:]", left)[-1]
    changes = changes or (_LESSENED_AT.search(clause) is not None and not _HAN.match(behind))
    done = _is_done(left, ahead) or _IS.search(clause) is not None or _RECORD.match(behind) is not None
    if _GOAL_BEHIND.match(behind):
        return FigureKind.TARGET
    if _is_required(number, left, clause, behind, ahead) and (
        not done or number.qualifier in ("不少于", "不低于")
    ):
        return FigureKind.REQUIREMENT
    if not done and (_AIM.search(left) or ahead):
        return FigureKind.DIFFERENCE if changes and number.unit != "%" else FigureKind.TARGET
    if changes:
        return FigureKind.DIFFERENCE
    return FigureKind.TARGET if _GOAL.search(clause) else FigureKind.ACTUAL


def _is_done(left: str, ahead: bool) -> bool:
    """Whether a word says that the thing is done, and none behind it that it is yet to be."""
    found = list((_DONE if ahead else _ALREADY).finditer(left))
    return bool(found) and not (ahead and _NOW_ON.search(left[found[-1].end() :]))


def _is_required(number: Number, left: str, clause: str, behind: str, ahead: bool) -> bool:
    near = _FOLLOWING.sub("", left)[-24:]
    aims = ahead and number.unit in _MEASURED and not _NORM.search(clause)
    if (
        (_BOUND.match(number.qualifier) and not aims)
        or _MUST.search(near)
        or (not ahead and _WANT.search(near))
    ):
        return True
    if number.unit == "元" and not ahead:  # 按每月80元标准发放: what is paid
        return False
    return bool(_STANDARD.match(behind) or ("按" in clause and _WANTED.search(behind)))
