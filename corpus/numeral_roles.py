"""What a numeral in a report is when it is no quantity: date, label, name, rank, document number.

In: a flattened text (see :func:`corpus.numeral_values.flatten`). Out: its special stretches, in
order. Reports are full of numerals that count nothing (三医联动, “369”人才工程, 2+4+24, 4类9种大病,
2型糖尿病, 〔2017〕193号); to read one of them as a figure would break the promise that every figure
has a source. Which rule claims a stretch is decided by the order of ``_RULES``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from corpus.numeral_values import CHINESE


class Role(StrEnum):
    """What a numeral is in its text."""

    QUANTITY = "quantity"
    DATE = "date"
    LABEL = "label"
    NAME = "name"
    RANK = "rank"
    DOCUMENT_NUMBER = "document_number"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Special:
    """A stretch whose numerals are no quantities (or a rank, whose number is ``digits``)."""

    start: int
    end: int
    role: Role
    digits: str = ""
    digits_start: int = -1


_Y = r"(?:19|20)[0-9]{2}"
_S = r"[ \u3000]?"
_CN = "[一二三四五六七八九十两]"
_DAY = rf"{_S}[0-9]{{1,2}}{_S}(?:[-至到]{_S}[0-9]{{1,2}}{_S})?[日号]"
_MONTH = rf"[0-9]{{1,2}}{_S}(?:[-至到]{_S}[0-9]{{1,2}}{_S})?月(?:份|底|初|末|中旬|上旬|下旬)?"
_RANKED = "的?(?:好|优异|良好|骄人)?成绩|[的并和且与及]|以上|之[内列前]|[提上跃]升|[下降退升]至|下降|前移"
_START = r"(?:^|(?<=[\n。；;！!？?])|(?<=[\n。；;:！!？? \u3000]))"
_DISEASE = "(?:重大|特殊|常见|主要|传染|公共卫生)?(?:大病|慢病|慢性病|疾病|重病|病种|疾病患者)"

# (role, pattern) in order of precedence at one and the same start.
_RULES: tuple[tuple[Role, str], ...] = (
    (Role.NAME, r"《[^《》\n]{1,80}》"),
    (Role.NAME, r"[“\"‘「][^“”\"\n。；]{0,13}[0-9一二三四五六七八九十两][^“”\"\n。；]{0,13}[”\"’」]"),
    (Role.NAME, rf"[0-9]{{1,4}}[A-Za-z]?(?:[*×xX][0-9]{{1,4}}){{1,2}}(?:{_S}(?:cm|mm|m|厘米|毫米|米|小时))?"),
    (
        Role.NAME,
        r"(?<![0-9])(?:1[3-9][0-9](?:[0-9]{8}|\*{3,}[0-9]{2,4})|400-?[0-9]{3}-?[0-9]{4}|0[0-9]{2,3}-[0-9]{7,8})(?![0-9])",
    ),
    (Role.NAME, r"(?<![0-9])[0-9]{6}(?:[0-9]{11}[0-9Xx]|\*{4,}[0-9Xx]{0,4})(?![0-9])"),
    (Role.DOCUMENT_NUMBER, rf"[\[(]{_Y}[\])]{_S}第?{_S}[0-9]*{_S}号"),
    (Role.DOCUMENT_NUMBER, rf"(?<=[发函办字文备案令]){_S}[0-9]{{4,}}{_S}号(?:-[0-9]+)?"),
    (Role.LABEL, r"\[[0-9]{1,3}(?:[-,，][0-9]{1,3})*\]"),
    (Role.LABEL, rf"\((?:[0-9]{{1,2}}|{_CN}{{1,3}})\)|[①-⑳]"),
    (Role.LABEL, rf"{_START}[0-9]{{1,2}}(?:\.[0-9]{{1,2}}){{0,3}}{_S}(?:[、)]|\.(?![0-9]))"),
    (Role.LABEL, r"(?<![0-9.,])[1-9][0-9]?(?:\.[1-9][0-9]?){2,3}(?=[^0-9.%‰万亿元])"),
    (Role.LABEL, rf"{_START}{_CN}{{1,3}}、"),
    (Role.LABEL, rf"第{_S}(?:[0-9]{{1,3}}|{_CN}{{1,3}}){_S}[章节条篇部页](?:{_S}/{_S}共{_S}[0-9]+{_S}页)?"),
    (Role.DATE, rf"{_Y}{_S}年?{_S}[-至到]{_S}{_Y}{_S}年(?:度|底|末|间)?"),
    (Role.DATE, rf"{_Y}{_S}年(?:度|底|末|初)?(?:{_S}{_MONTH}(?:{_DAY})?)?"),
    (Role.DATE, rf"(?<![0-9.]){_Y}[-./](?:0?[1-9]|1[0-2])[-./](?:[12][0-9]|3[01]|0?[1-9])(?![0-9.])"),
    (Role.DATE, rf"(?<![0-9.]){_Y}[-./](?:0[1-9]|1[0-2])(?=[\s)\]，。；,;、]|$)"),
    (Role.DATE, rf"(?<![0-9.]){_MONTH}(?:{_DAY}(?:{_S}[-至到]{_S}{_MONTH}{_DAY})?)?"),
    (Role.DATE, rf"(?<![0-9.])(?:3[01]|[12]?[0-9]){_S}日(?![均间内])"),
    (
        Role.QUANTITY,
        r"(?:(?<=比)|(?<=比为)|(?<=比达)|(?<=比达到)|(?<=比例为)|(?<=比例达))1:(?P<ratio>[0-9]+(?:\.[0-9]+)?)",
    ),
    (Role.DATE, r"(?<![0-9:])[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?(?![0-9:])"),
    (
        Role.DATE,
        r"[一二]?[〇零○一二三四五六七八九]{3,4}年(?:[一二三四五六七八九十]{1,3}月(?:[一二三四五六七八九十]{1,3}日)?)?",
    ),
    (Role.DATE, r"[一二三四五六七八九十]{1,3}月(?:份|[一二三四五六七八九十]{1,3}日)"),
    (Role.DATE, rf"第?[一二三四1-4]{_S}季度|前[一二三两1-3]个?季度|前(?:{_CN}{{1,2}}|[0-9]{{1,2}})个月"),
    (
        Role.DATE,
        rf"(?<![提之以目])(?:近|过去|未来|今后|这|前|后|头)(?:{_CN}{{1,3}}|[0-9]{{1,2}})个?[年月](?:来|间|里|多来)?",
    ),
    (Role.DATE, rf"(?:{_CN}{{1,3}}|[0-9]{{1,3}}){_S}多?年(?:多?来|间|期间|累计|内|前(?!期)|(?=共))"),
    (Role.DATE, rf"连续(?:{_CN}{{1,3}}|[0-9]{{1,3}}){_S}多?年"),
    (Role.NAME, rf"(?<=改革开放)(?:{_CN}{{1,3}}|[0-9]{{1,3}}){_S}多?年|一?百年(?=奋斗|目标|大计)"),
    (Role.NAME, rf"{_CN}个[0-9]+亿人"),
    (Role.NAME, r"(?<=放在|摆在|置于|放到|作为)第一位?"),
    (Role.NAME, rf"{_CN}(?=篇(?:大)?文章|张皮|副担子|盘棋|条腿走路|手抓)"),  # 做好两篇文章 counts nothing
    (Role.DATE, rf"(?<![满期续作])(?<![0-9零十百]){_CN}{{1,2}}年(?!级|多)(?:内|后|前)?"),
    (
        Role.RANK,  # 第一名患者 is the first of many, no rank
        rf"第{_S}(?P<rank>[0-9]{{1,4}}|{_CN}{{1,3}}){_S}(?:名(?!次)|位(?!数))(?={_RANKED}|[^一-鿿]|$)",
    ),
    (
        Role.RANK,
        rf"(?<=[居列排])(?:[^，。；,;\n0-9]{{0,12}}?)第{_S}(?P<place>[0-9]{{1,4}}|{_CN}{{1,3}})(?=[，。；、,;.)\s]|$)",
    ),
    (Role.RANK, rf"(?<=[居列排入名])前{_S}(?P<front>[0-9]{{1,4}}|{_CN}{{1,3}}){_S}(?:名|位|强)?"),
    (Role.NAME, rf"第{_S}(?:[0-9]+|{CHINESE})"),
    (Role.NAME, r"(?<![0-9A-Za-z])[0-9A-Za-z]{1,20}(?:[+][0-9A-Za-z]{1,20})+(?:托[0-9]{1,3})?"),
    (Role.NAME, r"(?<![0-9])[0-9]{1,12}\+"),
    (Role.VERSION, r"(?<![0-9.])[Vv]?[0-9]{1,2}\.[0-9](?=版)|(?<=[Vv])[0-9]+(?:\.[0-9]+)+"),
    (Role.NAME, r"[A-Za-z+][-]?[0-9]+(?:[.-][0-9]+)*(?![0-9.]*[%‰ 台套名人次例张万辆个件])"),
    (Role.NAME, r"(?<![0-9])(?:[0-9]{1,20}(?:-[0-9]{1,20}){2,}|[0-9]{7,20}-[0-9]{1,20})"),
    (Role.NAME, rf"(?:[0-9.]{{1,4}}|{_CN}|半){_S}(?:个?小时|分钟)(?=(?:[一-鿿]{{2,4}})?圈)"),
    (Role.NAME, rf"(?:[0-9]{{1,4}}|{_CN}{{1,3}}){_S}年一遇"),
    (Role.NAME, rf"24{_S}小时(?=值班|服务|在线|不间断|咨询|热线|轮班|监测|开放|应急|报告制)"),
    (Role.NAME, rf"(?:[0-9]{{1,2}}|{_CN}){_S}大?类{_S}(?:[0-9]{{1,3}}|{_CN}{{1,2}}){_S}种{_S}(?={_DISEASE})"),
    (Role.NAME, rf"(?<![0-9.~-])(?:[0-9]{{1,3}}|{_CN}{{1,2}}){_S}[大种类]{_S}(?={_DISEASE})"),
    (
        Role.NAME,
        rf"(?<![0-9.])[0-9]{{1,3}}(?:-[0-9]{{1,3}})?{_S}(?:周?岁|月龄)(?=及?以?[上下内]|[^，。；、,;\s0-9])",
    ),
    (Role.NAME, rf"(?<![0-9])0-[0-9]{{1,2}}{_S}(?:周?岁|个月)"),
    (Role.NAME, rf"(?<![0-9.,])[0-9]{{1,4}}{_S}(?:型|版|届|强|级|甲|乙|等奖|[号路](?!召)|热线|线城市)"),
    (Role.NAME, r"\(1/(?:10万|万|千)\)|(?<=:)1/(?:10万|万|千)"),
)
_GROUPS = ("rank", "place", "front", "ratio")
# Where a rule may begin: one look at a character instead of fifty tries. 居 … 第三 alone begins anywhere.
_BEGINS = r"(?:(?=[0-9A-Za-z+ \u3000〇零○一二三四五六七八九十两百半第前近过未今这后头连《“\"‘「\[(①-⑳])|(?<=[居列排]))"
_ANY_RULE = "|".join(f"(?P<r{i}>{pattern})" for i, (_, pattern) in enumerate(_RULES))
_SPECIAL = re.compile(f"{_BEGINS}(?:{_ANY_RULE})")


_GLUED = re.compile(r"(?:^|(?<=\n))[ \u3000]*(?P<n>[0-9]{1,2})(?P<dot>\.)(?P<rest>[0-9]+[^\n]{0,4})")
_SURE = re.compile(r"(?:19|20)[0-9]{2}[ ]?年|[1-9][0-9][ ]?周?岁")
_OPENED = re.compile(r"(?:^|(?<=\n))[ \u3000]*(?P<n>[0-9]{1,2})[.、](?![0-9])")
_WHOLE = re.compile(r"[0-9]+[ ]?(?:[个家所名支条项户处场]|人次?(?!均))")


def part_labels(flat: str) -> str:
    """2.65岁以上… → 2、65岁以上…: a label that ran into a number becomes legible; offsets stay.

    Certain before a year or an age of two digits. Before a count of things, which has no decimals,
    it also takes a neighbour: a line that opens with the number before.
    """
    found = list(_GLUED.finditer(flat))
    if not found:
        return flat
    opened = {int(m["n"]) for m in _OPENED.finditer(flat)}
    chars = list(flat)
    for match in found:
        counted = _WHOLE.match(match["rest"]) and int(match["n"]) - 1 in opened
        if _SURE.match(match["rest"]) or counted:
            chars[match.start("dot")] = "、"
            opened.add(int(match["n"]))
    return "".join(chars)


def specials(text: str) -> tuple[Special, ...]:
    """The special stretches of a flattened text, in order, not overlapping."""
    found = []
    for match in _SPECIAL.finditer(text):
        assert match.lastgroup is not None  # every rule is a group
        role = _RULES[int(match.lastgroup[1:])][0]
        group = next((g for g in _GROUPS if match[g] is not None), None)
        digits, start = (match[group], match.start(group)) if group else ("", -1)
        found.append(Special(match.start(), match.end(), role, digits, start))
    return tuple(found)
