"""The single things that a question wants: asks, operands, claims, counted members.

In: the words of a question without places and years, and its kind. Out: one
:class:`~service.question.Ask` for each value wanted, since each is looked for on its own, and the
figures that the question itself asserts.
"""

from __future__ import annotations

import re
from dataclasses import replace

import rjieba

from service.question import Ask, Operation, QuestionKind
from service.terms import content, grams
from service.wording import HOW_MANY, MEASURE, PERSONS, RATE, topic_of, unit_of

CLAIM = re.compile(
    rf"(?<![\d.])(第?\d+(?:,\d{{3}})*(?:\.\d+)?)\s*(%|％|‰|个百分点|(?:万|亿|余)*(?:{MEASURE}))?"
)
MEMBERS = re.compile(r"((?<![\d.])[2-9](?=[类种大])|[二三四五六七八九十])(?:大|个?方面|项|条|个|区|种|类)?")
PART = re.compile(
    r"[，,；;。？?]|、(?=[^、]*(?:多少|几|率|比例))|(?:以及|和|及|与)(?=[^、，和及与]*(?:多少|几[^个]))"
)
OPERAND_CUT = re.compile(
    r"还有多少(?:没有|未|没|尚未)?|还没有|没有|没(?=[走进通拨签救发领打接用参])|尚未|未(?=[到拨完救接])|[刨扣减去除][去掉开除]|不[是在]|不属于|除去|除了|其余|其中|加上|减去|除以|"
    r"和|与|跟|、|以及|及|占|比(?![例率较]|重(?!点|大|要|症))|里|[，,；;。？?]"
)
APART = re.compile(r"([^，,]+)[，,]([^，,]{2,}(?:和|与|跟)[^，,]{2,}.*)")
INSIDE = re.compile(r"[^，,、]{2,24}(?:里面?|中|当中)[，,]")
GROWN = re.compile(
    r"(?:增长|增加|减少|下降|上升)了?(?:百分之(?:几|多少)|多少%)"
)  # of counts: computed, not looked for
PER = re.compile(r"(?:人均|(?:平均|均下来)每?|每)一?(个|名|人|支|所|户|间|家|场|次|份|套|只|箱|村|天|年|月)?")

_PEOPLE = re.compile(PERSONS)
_TO_WHOM = re.compile(r"(?<=[一-鿿]{2})(?:给(?!予)|为(?!主)|向|把|被|对(?![象口外])|在(?![编岗册职]))")


def members_of(text: str) -> int:
    """How many members the list has, when the question counts them: 九大行动, 四区, 十个方面."""
    told = [m for m in MEMBERS.finditer(text) if m[0] != m[1]]
    if not told:
        return 0
    return int(told[0][1]) if told[0][1].isdigit() else "一二三四五六七八九十".index(told[0][1]) + 1


def asks_of(text: str, kind: QuestionKind) -> tuple[Ask, ...]:
    """Split "彩超检查多少人、完成比率" into its two wants; a part without a want leans on the others."""
    if kind in (QuestionKind.COMPARE, QuestionKind.GATHER, QuestionKind.CHECK, QuestionKind.COMPUTE):
        if kind is QuestionKind.COMPARE and not RATE.search(GROWN.sub("", text)):
            text = GROWN.sub("多少", text)
        unit = "%" if "百分点" in unit_of(text) else unit_of(text)
        asks_figure = bool(
            HOW_MANY.search(text) or RATE.search(text) or (unit and kind is not QuestionKind.GATHER)
        )
        return (Ask(topic_of(text), unit, asks_figure),)
    asks: list[Ask] = []
    for part in PART.split(text):
        topic = topic_of(part)
        wants = HOW_MANY.search(part)
        if wants and not topic and asks and not asks[-1].quantity:  # 患者免费救治，花了多少钱
            asks[-1] = replace(asks[-1], unit=unit_of(part), quantity=True)
        elif wants or (topic and RATE.search(part)):
            counted = _counted_of(part, wants) if wants else ""
            asks.append(Ask(topic, unit_of(part), True, counted))
        elif topic:
            asks.append(Ask(topic, unit_of(part)))
    return _joined([ask for ask in asks if ask.topic])


def _counted_of(part: str, wants: re.Match[str]) -> str:
    """What is counted: the words behind 几位, or the people behind 多少 (多少居民签约家庭医生)."""
    if wants[1]:
        return topic_of(_counted(part[wants.end() :]))
    people = _PEOPLE.match(part, wants.end())
    return people[0] if people else ""


def _counted(text: str) -> str:
    """What stands behind 几位, up to what it does to whom: 专家[给左权的医务人员讲了课]."""
    return _TO_WHOM.split(text)[0]


def _joined(asks: list[Ask]) -> tuple[Ask, ...]:
    """A part that wants nothing ("孕产妇、儿童系统管理率") belongs to the next one that does."""
    found: list[Ask] = []
    loose = ""
    for ask in asks:
        if ask.quantity:
            found.append(replace(ask, topic=f"{loose} {ask.topic}".strip()))
            loose = ""
        else:
            loose = f"{loose} {ask.topic}".strip()
    if loose and not found:
        return (Ask(loose),)
    return tuple(found)


def operands_of(text: str, operation: Operation) -> tuple[Ask, ...]:
    """The things that are added, compared or divided; "平均每个团队签约多少人" → 签约(人), 团队."""
    if operation is Operation.NONE:
        return ()
    unit = next((m[1] for m in HOW_MANY.finditer(text) if m[1]), "")
    if operation is Operation.QUOTIENT and not unit:
        unit = unit_of(text)
    if operation is Operation.QUOTIENT and (per := PER.search(text)):
        behind = rjieba.tag(text[per.end() :])
        noun = behind[0][0] if behind and behind[0][1].startswith("n") else ""
        rest = topic_of(text[: per.start()] + " " + text[per.end() + len(noun) :])
        measure = "人" if per[0].startswith("人均") else per[1] or ""
        counted = Ask(content(noun), "", True) if noun else Ask(rest, measure, True)
        return tuple(ask for ask in (Ask(rest, unit, True), counted) if ask.topic)
    shared, rest = "", text
    if operation is Operation.DIFFERENCE and (apart := APART.match(text)):
        shared, rest = topic_of(apart[1]), apart[2]  # 某院的“510”人才，首期和第二期: said of both
    if operation is Operation.SUM and (inside := INSIDE.match(rest)):
        rest = rest[inside.end() :]  # “双签约”团队里，甲、乙和丙加起来: where they are, not what is added
    parts = [topic_of(part) for part in OPERAND_CUT.split(rest)]
    parts = [f"{shared} {p}".strip() for p in parts if grams(p) and not re.fullmatch(MEASURE, p)]
    return tuple(Ask(part, "" if operation is Operation.SHARE else unit, True) for part in parts)


def claims_of(text: str) -> tuple[str, ...]:
    """Figures with a unit that the question asserts ("签约率只有50%，为什么")."""
    found = []
    for match in CLAIM.finditer(text):
        if match[2] and not re.match(r"[月日]", match[2]) and not re.search(r"以上$|岁", match[0]):
            found.append(match[0])
    return tuple(found)
