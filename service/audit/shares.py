"""Shares, rates and averages against the figures that they are made of.

In: a report as chains of figures. Out: findings on 占…%, …率 and 人均/平均. A quotient is wrong only when
what the words bind it to gives another value and nothing near it gives the stated one: reports leave the
base out, or name it two sentences before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from service.audit.findings import Finding, Kind, Severity
from service.audit.measure import Verdict, judge, spread
from service.audit.reading import Mention, Reading, Told, known, same_unit
from service.cited import Derived
from service.papers.derivation import completion, per, share

_HUNDRED = Decimal(100)
_SHARE = re.compile(
    r"^(?P<head>[^占]{0,6})占(?:到|了)?(?P<whole>[^占，,。；;、]{0,24}?)的?(?:比例|比重)?(?:为|达到?|约|近|超过?|是|至)*$"
)
_DIRECT = re.compile(r"(?:占(?:到|了)?|完成(?:了|全年|年度)?)[^，,。；;]{0,12}$")
_OF = re.compile(r"^[ ]?(?:总[数量])?的(?:约|近|超过)?$")
_RATE = re.compile(r"(?P<stem>[一-鿿]{1,14})率(?:为|达到?了?|约|近|是|超过|仅|高达|已达|实现)*$")
_NOT_COUNTED = re.compile(r"增长|下降|上升|死亡|发病|患病|收益|利率|汇率|效率|频率|概率|心率|增幅|周转")
_CLEAN = re.compile(r"全部|全[县市区省]|我[县市区省]|所有|总人数|总数量?|总量|总额|人数|总|的|在")
_AMONG = re.compile(r"其中|[，,：:]?中[^，,。；;]{0,20}$")
_MEASURES = frozenset({"分", "个百分点", "", "天", "小时", "分钟", "岁", "年", "个月", "倍", "番", "工作日"})
_APART = 30  # points between stated and computed beyond which the base is likely another


def check(reading: Reading) -> Iterator[Finding]:
    """Findings on shares and rates, in order."""
    for told in reading.sentences:
        for mention in told.mentions:
            if mention.unit == "%" and mention.value is not None and mention.number > 0:
                found = _share(reading, told, mention) or _rate(reading, told, mention)
                if found:
                    yield found


# -- 占 -------------------------------------------------------------------------------------------


def _share(reading: Reading, told: Told, stated: Mention) -> Finding | None:
    chain = told.mentions
    previous = chain[stated.number - 1]
    if _OF.match(stated.before) and stated.number > 1 and _DIRECT.search(previous.before):
        return _compare(reading, stated, chain[stated.number - 2], previous, sure=True)
    found = _SHARE.match(stated.before)
    if not found or re.sub(r"[，,、（( ]|约|共|则|均|各|仅|只|就|份|人|个", "", found["head"]):
        return None
    part = previous
    if part.rate or part.value is None:
        return None
    nearby = [m for m in reading.near(part, ahead=120) if _could_hold(m, part)]
    verdicts = {whole.start: _verdict(stated, part, whole) for whole in nearby}
    if Verdict.AGREES in verdicts.values():
        return None
    name = _CLEAN.sub("", found["whole"])
    before = [m for m in nearby if m.start < part.start]
    named = [m for m in before if _named(reading, m, name)] if len(name) >= 2 else []
    among = _among(told, part) if found["whole"] in ("", "比", "到") else None
    whole = named[-1] if named else among
    if whole is None or Verdict.ROUNDED in (v for at, v in verdicts.items() if at != whole.start):
        return None
    return _compare(reading, stated, part, whole, sure=True)


def _could_hold(whole: Mention, part: Mention) -> bool:
    return (
        same_unit(whole, part)
        and whole.value is not None
        and part.value is not None
        and whole.value >= part.value
    )


def _named(reading: Reading, mention: Mention, name: str) -> bool:
    """Whether the words of a figure hold two neighbouring characters of the name of a whole."""
    words = reading.around(mention)
    return any(name[i : i + 2] in words for i in range(len(name) - 1))


def _among(told: Told, part: Mention) -> Mention | None:
    """The whole that 其中 or …中 binds a part to."""
    for whole in reversed(told.mentions[: part.number]):
        between = told.text[whole.start - told.span.start : part.start - told.span.start]
        if _could_hold(whole, part) and not re.search("[；;。]", between):
            return whole if _AMONG.search(between) else None
    return None


def _compare(
    reading: Reading, stated: Mention, part: Mention, whole: Mention, *, sure: bool
) -> Finding | None:
    if not same_unit(part, whole) or not whole.value or part.value is None:
        return None
    verdict = judge(stated, spread(lambda one, other: one / other * _HUNDRED, (part, whole)))
    if verdict is Verdict.AGREES or not sure:
        return None
    kind = Kind.SHARE if verdict is Verdict.WRONG else Kind.ROUNDING
    return Finding(
        Severity.HIGH if kind is Kind.SHARE else Severity.LOW,
        kind,
        f"原文说{part.text}占{whole.text}的{stated.text}，按所列的数计算不是这个比例",
        reading.cites(stated, part, whole),
        known(_quotient(reading, part, whole)),
        "请核对部分、整体和比例",
    )


def _verdict(stated: Mention, part: Mention, whole: Mention) -> Verdict:
    if not whole.value or part.value is None:
        return Verdict.WRONG
    return judge(stated, spread(lambda a, b: a / b * _HUNDRED, (part, whole)))


def _quotient(reading: Reading, part: Mention, whole: Mention) -> Derived | None:
    one, other = reading.operand(part), reading.operand(whole)
    if one is None or other is None:
        return None
    return share(one, other) or completion(one, other)


# -- 率 -------------------------------------------------------------------------------------------


def _rate(reading: Reading, told: Told, stated: Mention) -> Finding | None:
    """应种A，实种B，接种率C%."""
    found = _RATE.search(stated.before)
    if not found or _NOT_COUNTED.search(found["stem"]) or len(stated.before) > 24:
        return None
    done = told.mentions[stated.number - 1]
    if done.rate or done.value is None or done.unit in _MEASURES:
        return None
    nearby = [m for m in reading.near(done, ahead=20) if same_unit(m, done) and m.value]
    verdicts = {other.start: _verdict(stated, *_ordered(done, other, stated)) for other in nearby}
    if Verdict.AGREES in verdicts.values():
        return None
    base = next((m for m in reversed(told.mentions[: done.number]) if same_unit(m, done) and m.value), None)
    if base is None or not _linked(found["stem"], done, base) or base.number != done.number - 1:
        return None
    part, whole = _ordered(done, base, stated)
    computed = (part.value or Decimal(0)) / (whole.value or Decimal(1)) * _HUNDRED
    rounded = {at for at, verdict in verdicts.items() if verdict is Verdict.ROUNDED}
    if abs(computed - (stated.value or Decimal(0))) > _APART or rounded - {base.start}:
        return None
    return Finding(
        Severity.LOW if rounded else Severity.HIGH,
        Kind.ROUNDING if rounded else Kind.RATE,
        f"{found['stem']}率写作{stated.text}，按{part.text}和{whole.text}计算不是这个数",
        reading.cites(stated, part, whole),
        known(_quotient(reading, part, whole)),
        "请核对分子、分母和比率",
    )


def _ordered(done: Mention, base: Mention, stated: Mention) -> tuple[Mention, Mention]:
    """(numerator, denominator): the smaller one is done, except where more than all was done."""
    over = (stated.value or Decimal(0)) > _HUNDRED
    small = (done.value or Decimal(0)) <= (base.value or Decimal(0))
    return (done, base) if small != over else (base, done)


def _linked(stem: str, done: Mention, base: Mention) -> bool:
    """Whether the rate is named after what was done: 实种9.6万剂次，接种率; 办结75件，办结率."""
    words = done.clause + done.figure.indicator[-6:] + done.after[:6]
    if len(stem) >= 2 and stem[-2:] in words:
        return True
    return stem[-1] in done.clause and bool(
        re.search(r"应|任务|计划|目标|总数|需|共", base.before + base.figure.indicator)
    )


# -- 人均, 平均 -----------------------------------------------------------------------------------

PER = re.compile(r"每[百千万十]?[一-鿿]{0,6}$|每[百千万]人?口?|人均|户均")
MEAN = re.compile(
    r"(?:平均每(?P<each>[一-鿿]{1,3}?)|每(?P<every>[一-鿿]{1,3}?)(?:平)?均|(?P<head>人次|[人户次场站院村期件台家所])均)(?P<rest>[^，,。；;0-9]{0,8})$"
)
_SAME_HEADS = {"名": "人", "位": "人"}


def check_averages(reading: Reading) -> Iterator[Finding]:
    """Findings on averages: total ÷ number of heads."""
    for told in reading.sentences:
        for mention in told.mentions:
            found = MEAN.search(mention.before)
            if found and mention.value and not mention.rate:
                head = found["each"] or found["every"] or found["head"]
                finding = _average(reading, told, mention, _SAME_HEADS.get(head, head))
                if finding:
                    yield finding


def _average(reading: Reading, told: Told, mean: Mention, head: str) -> Finding | None:
    nearby = reading.near(mean, back=200, ahead=60)
    totals = [m for m in nearby if m.unit == mean.unit and m.value and not MEAN.search(m.before)]
    heads = [m for m in nearby if m.value and _counts(m, head) and m.unit != mean.unit]
    own = [m for m in told.mentions[: mean.number] if m in totals]
    if any(_mean_agrees(mean, total, one) for total in totals for one in heads):
        return None
    mine = [m for m in heads if m.figure.sentence == told.span or m.unit != head]
    before = [m for m in mine if m.start < mean.start]
    if own and before and own[-1].number >= mean.number - 3:
        return _wrong_mean(reading, mean, own[-1], before[-1])
    later = [m for m in told.mentions[mean.number + 1 : mean.number + 3] if m.unit == mean.unit and m.value]
    if later and mine and _STANDARD.match(mean.after) and _RAISED.search(later[0].before):
        return _wrong_mean(reading, mean, later[0], mine[-1])
    return None


_STANDARD = re.compile(r"^[ ]?的?标准")
_RAISED = re.compile(r"(?:筹集|拨付|安排|落实|发放|支付|补助|补贴|共|合计|需)[^，,。；;]{0,10}$")


def _counts(mention: Mention, head: str) -> bool:
    """Whether a figure counts the heads of an average: 15家服务站 for 站均."""
    return mention.unit == head or (
        len(head) == 1 and head not in "人户次" and head in mention.clause[-4:] + mention.after[:4]
    )


def _mean_agrees(mean: Mention, total: Mention, heads: Mention) -> bool:
    if not heads.value or total.value is None:
        return False
    return judge(mean, spread(lambda a, b: a / b, (total, heads))) is not Verdict.WRONG


def _wrong_mean(reading: Reading, mean: Mention, total: Mention, heads: Mention) -> Finding | None:
    if _mean_agrees(mean, total, heads):
        return None
    times = (total.value or Decimal(0)) / ((mean.value or Decimal(1)) * (heads.value or Decimal(1)))
    slip = next((p for p in (-8, -4, 4, 8) if abs(times.scaleb(-p) - 1) < Decimal("0.02")), 0)
    if not slip and not Decimal("0.4") < times < Decimal("2.5"):
        return None
    one, other = reading.operand(total), reading.operand(heads)
    return Finding(
        Severity.HIGH,
        Kind.SCALE if slip else Kind.AVERAGE,
        f"{total.text}、{heads.text}，与平均数{mean.text}不符"
        + ("，疑为单位中的“万”“亿”漏写或多写" if slip else ""),
        reading.cites(mean, total, heads),
        known(per(one, other)) if one and other else (),
        "请核对单位中的“万”“亿”" if slip else "请核对总数、个数和平均数",
    )
