"""The closed lists of words by which a sentence's numbers are named, and what is asked of a number.

In: words of a clause, or a number. Out: patterns, and small answers. Office prose writes figures in a
few dozen ways; they stand here, the grammar that uses them in :mod:`corpus.figure_sentence`.
"""

from __future__ import annotations

import re

import rjieba

from corpus.indicators import HOLE
from corpus.numeral_roles import Role
from corpus.numerals import Number

BRACKET = re.compile(r"\([^()\n]{1,120}\)")
TITLE = re.compile(r"《[^《》\n]{1,80}》")
QUALIFIED = re.compile(r"[ ]?(?:及?以[上下内]|之内|左右|上下|(?<=[时天年月钟日])内|多)")
PLACED = re.compile(r"跃居|稳居|跃升[至到]|位居|位列|名列|排名|排在|居(?=[全世第首前同])|列(?=[全第前])")
MOVED = re.compile(rf"{PLACED.pattern}|[提上]升[至到]|下?降[至到]")
AMONG = re.compile(r"[一-鿿]{2,10}(?<![初高集其国空])中")  # 21家医疗机构中[9家…]
ENUM = re.compile(r"(?:、|[和及与])[ ]?$")
LEANS = re.compile(
    r"^(?:占|在管|到位|已?救治|未救治|在治|治愈|在册|总(?:建筑)?面积|总床位|总费用|(?:规模|总量|总额|增速|增幅)$)"
)
# Said of the people that the clause before counts: 老年人8.99万人，健康管理6.11万人.
PERSONS = frozenset("人例户")
CARED = re.compile(r"(?:接受|纳入|实行)?(?:健康|系统|规范|规范化)管理|成功治疗|治疗成功")
HEALED = re.compile(r"(?:治疗)?成功率")
TAKEN = re.compile(r"接受(?=健康管理率$)")
AGED = re.compile(r"6[05]周?岁(?:及?以上)?$")
REPORTED = re.compile(r"^(?:在管|在册)(?=..)|(?<=..)(?:报告|登记|发现)$")
# 为4371名居民开展了体检, 给200户送上药箱: the number counts who is served, not all that there are.
FOR_WHOM = re.compile(r"[为给对向][ \x00]*(?:全[县市区])?$")
SERVED = re.compile(
    r"(?:免费|统一|全面|均|都)?(?:开展|进行|提供|实施|实行)了?(?:一次|免费)?(?P<done>[一-鿿]{2,10}?)(?=[ \x00(（，,。；;、]|$)"
)
OTHERS = re.compile(r"^其[他它余]$")
BASE = re.compile(r"^\s*比")
DURATIONS = frozenset(("小时", "天", "分钟", "工作日", "个月", "年"))
# Units that measure something named before them; all others count the noun behind them.
UNCOUNTED = DURATIONS | {
    "%",
    "‰",
    "个百分点",
    "个点",
    "元",
    "美元",
    "欧元",
    "港元",
    "倍",
    "番",
    "岁",
    "分",
    "位",
    "1:",
}
SHARES = frozenset(("%", "‰", "", "个百分点"))
# What counts the things themselves: 3000万元以上项目, 五十人以下企业.
LIMITING = frozenset(("元", "人", "张", "年", "平方米", "公里", "吨"))
ACTS = frozenset(("实施", "建设", "安排", "引进", "完成", "覆盖", "全部"))
LONE = frozenset("占村镇乡县户院所站校")  # names of one character that say something
# 没有达到80%, 半年接近…, 年初定下的12个以内的目标: the subject's.
NOTHING = frozenset(("没有", "未", "尚未", "未能", "没能", "各地", "半年"))
SET = re.compile(r"(?:年初|原先|上级|上级部门|县里|市里|省里)?(?:定下|确定|下达|规定|提出|制定)")
# Verbs that say nothing without what they are done to: 惠及200人, 基本建成12套.
VERBAL = frozenset(
    [
        "惠及",
        "受益",
        "覆盖",
        "开工",
        "新开工",
        "基本建成",
        "建成",
        "竣工",
        "投产",
        "新增",
        "平均每天新增",
        "每天新增",
        "安排",
        "启动",
        "整治",
        "新安排",
        "扩招",
    ]
)
TASK = re.compile(r"(?:年度|全年|责任|既定)?(?:目标|任务|目标任务|计划任务|责任目标)(?:数|量|总数)?")
SUBSIDY = re.compile(r"(?:人均)?(?:政府|财政)补助(?:标准)?")
ELSE = re.compile(r"^[ \x00]*另")
SUFFERS = re.compile(r"[ ]?(?:被|获|荣获|入选|列入|当选)")
SUMS = re.compile(r"^[^，,]{0,3}(?:合计|共计|总计|共)$")
AVERAGE = re.compile(r"(?:按)?(?:人均|平均|户均)$")
EACH = re.compile(r"(?:每人)?每[月年人]")
# Who only dwells somewhere is its population: 18万人散居在9个乡镇.
DWELLS = re.compile(r"[ ]?(?P<verb>散居|聚居|居住|生活)[在于]")
# Names that say only that all is counted: of what, the values before in the same unit or the heading tell.
ALL = frozenset(("总数", "总个数", "总人数"))
COMPLETED = re.compile(r"完成了?[ \x00]*$")
# What is saved is an amount of its own, not a change since last year: 决算比概算节约65万元.
SAVED = re.compile(r"节[约省]了?[ \x00]*$")
PER_HEAD = re.compile(r"每[百千万]?人口?|每户|人均|户均")
OF_PROJECT = frozenset(("概算总投资", "项目总投资", "总投资", "投资", "总建筑面积", "建筑面积"))
PREPOSITION = re.compile(r"^[ \x00]*(?:[由按把将对经向与从以]|通过|会同|依托)")
PAID = re.compile(
    r"[^，,。；、]{0,8}(?:津贴|补贴|补助|资金|经费|费用|奖金|奖励|救助金|助学金|资助|费|基金|投资|贷款)"
)
SPENDS = frozenset(("投资", "总投资", "投入", "争取", "补助", "补偿", "概算总投资"))
MODIFIES = re.compile(r"[ ]?(?:以上|以下|左右)?(?:的|用于|标准(?!化))|(?:以上|以下)(?=[一-鿿])")
ORIGIN_WORD = re.compile("[从由]")
ORIGIN = re.compile(r"[从由][^，,。；、]{0,12}$")
UNKNOWN_START = re.compile(r"首|初|原|前|期")  # 由首月的19件降到4件
TURNS = re.compile(r"[^，,。；、]{0,8}[至到为]")
ITEM = re.compile(r"[；;](?=[ ]?[一二三四五六七八九十]是)")


def is_thing(words: str, phrase: str) -> bool:
    """Whether the ``phrase`` of a clause names a thing, and not an action or a circumstance."""
    if len(phrase) < 2 or PREPOSITION.match(words):
        return False
    return not rjieba.tag(phrase)[0][1].startswith("v")


def hide(piece: str) -> str:
    """The sentence with holes of the same length for its titles and brackets."""
    piece = TITLE.sub(lambda m: HOLE * len(m[0]), piece)
    return BRACKET.sub(lambda m: HOLE * len(m[0]), piece)


def opens_at(flat: str, number: Number) -> int:
    """A rank includes its 第 or 前."""
    at = number.span.start
    if number.role is Role.RANK:
        while flat[at - 1 : at] in (" ", "第", "前") and at > 0:
            at -= 1
            if flat[at] in "第前":
                break
    return at


def ends_at(flat: str, number: Number) -> int:
    """The offset behind the number, its unit and a qualifier behind that."""
    after = QUALIFIED.match(flat, number.whole.end) if number.qualifier else None
    return after.end() if after else number.whole.end


def counted(number: Number) -> bool:
    """Whether a number counts the things named behind it (12支团队), not a measure named before."""
    unit = number.unit
    return number.role is Role.QUANTITY and unit not in UNCOUNTED and "/" not in unit
