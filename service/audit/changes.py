"""What a text claims of a change: direction, amount, percentage, points, times, doubling.

In: the pairs of values of :mod:`service.audit.pairs`. Out: findings. The rules are those that offices
break most: the difference of two rates is 个百分点 and never %; 增加到 names the new value and 增加了 the
difference; 增加了两倍 is three times as much; nothing falls by 倍; 翻一番 is twice, 翻两番 four times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from corpus.report import FigureKind
from service.audit.findings import Finding, Kind, Severity
from service.audit.measure import Verdict, judge, spread
from service.audit.pairs import (
    DOWN,
    UP,
    Claim,
    Pair,
    is_part_of_year,
    is_whole_year,
    lone_claims,
    months_of,
    pairs,
)
from service.audit.reading import Mention, Reading, Told, known, same_unit
from service.cited import Derived
from service.papers.derivation import difference, growth, ratio

_HUNDRED = Decimal(100)
_POINTS = frozenset({"个百分点", "个点"})
_COUNTED = re.compile("人|人次|户|元|例|件|张|家|所|台|份|剂次|次|场|起|吨")
_OF_A_RATE = re.compile(r"率|比重|占|增速|增幅|降幅|比例|参保|完成")
_RESULT = re.compile(r"(?:现[为有达]|目前|总数|总量|达到|增至|减至)[^，,。；;0-9]{0,6}$")


def check(reading: Reading) -> Iterator[Finding]:
    """Findings on all pairs of a report, in order."""
    for told in reading.sentences:
        for pair in pairs(told):
            yield from _pair(reading, pair)
        for value, claim in lone_claims(told):
            found = _lone_points(reading, value, claim)
            if found:
                yield found
        yield from _falls_by_times(reading, told)


def _lone_points(reading: Reading, value: Mention, claim: Claim) -> Finding | None:
    """门诊1.5万人次，同比增长25个百分点: a number of visits has no points, whatever it was before."""
    if claim.figure.unit not in _POINTS or value.rate or not _COUNTED.fullmatch(value.unit):
        return None
    if _OF_A_RATE.search(claim.figure.before) or value.figure.kind is not FigureKind.ACTUAL:
        return None
    return Finding(
        Severity.MEDIUM, Kind.PERCENT, f"{value.text}是数量，其变化不能说{claim.verb}{claim.figure.text}",
        reading.cites(value, claim.figure), (), "数量的增减幅度用百分号，百分点只用于比率之差",
    )  # fmt: skip


def _pair(reading: Reading, pair: Pair) -> Iterator[Finding]:
    if not same_unit(pair.old, pair.new):
        yield _finding(
            reading, pair, Kind.SCALE, Severity.MEDIUM,
            f"{pair.new.text}与{pair.old.text}的计量单位不同，不能直接比较",
            suggestion=f"{pair.new.unit}与{pair.old.unit}含义不同，请核对后统一单位",
        )  # fmt: skip
        return
    if pair.old.value is None or pair.new.value is None:
        return
    if _unlike_spans(reading, pair):
        yield _finding(
            reading, pair, Kind.SPAN, Severity.HIGH,
            f"{pair.new.text}与{pair.old.text}不是同样长的时段，不能直接比较",
            suggestion="请改用上年同期数作比较",
        )  # fmt: skip
        return
    wrong_way = _direction(reading, pair)
    if wrong_way:
        yield wrong_way
    by = _by(reading, pair)
    if by:
        yield by
        return
    for claim in pair.claims:
        found = _claim(reading, pair, claim)
        if found:
            yield found
    if pair.doubled and judge_ratio(pair, Decimal(2)) is Verdict.WRONG:
        yield _finding(
            reading, pair, Kind.DOUBLING, Severity.HIGH,
            f"由{pair.old.text}到{pair.new.text}不是翻番",
            derived=known(_ratio(reading, pair)), suggestion="翻番是原来的加倍，请核对数值或改写",
        )  # fmt: skip


# -- direction, 增加到 and 增加了 ---------------------------------------------------------------------


def _direction(reading: Reading, pair: Pair) -> Finding | None:
    sign = _sign(pair)
    if not pair.direction or not sign or sign == pair.direction or pair.by or _sums_up(reading, pair):
        return None
    word = "上升" if sign == UP else "下降"
    return _finding(
        reading, pair, Kind.DIRECTION, Severity.HIGH,
        f"原文说由{pair.old.text}{pair.verb}到{pair.new.text}，数值实际是{word}",
        derived=known(_difference(reading, pair)), suggestion="请核对前后数值是否写反，或更正用词",
    )  # fmt: skip


def _by(reading: Reading, pair: Pair) -> Finding | None:
    """由150张增加了210张, and 由10家增加到8家，现为18家."""
    result = _result(pair)
    old, new = pair.old.value or Decimal(0), pair.new.value or Decimal(0)
    if pair.by:
        stated = result.value if result else None
        if stated is not None and stated == old + pair.direction * new:
            return None
        return _finding(
            reading, pair, Kind.BECOME, Severity.MEDIUM,
            f"原文说由{pair.old.text}{pair.verb}了{pair.new.text}；如果{pair.new.text}是变化后的数，应写“{pair.verb}到”",
            suggestion="“增加了”“减少了”后面是变化的量，“增加到”“减少到”后面是变化后的数，请核对",
        )  # fmt: skip
    if result is not None and pair.direction and result.value == old + pair.direction * new:
        return _finding(
            reading, pair, Kind.BECOME, Severity.MEDIUM,
            f"由{pair.old.text}{pair.verb}到{pair.new.text}，之后又说{result.text}，可见{pair.new.text}是变化的量",
            derived=known(difference_of(reading, result, pair.old)),
            suggestion=f"变化的量前面应写“{pair.verb}了”，“{pair.verb}到”后面是变化后的数",
        )  # fmt: skip
    return None


def _sums_up(reading: Reading, pair: Pair) -> bool:
    """Whether the direction only looks wrong because 到 stands for 了 (由10家增加到8家，现为18家)."""
    return _by(reading, pair) is not None


def _result(pair: Pair) -> Mention | None:
    """The value that follows as the outcome: …，现为18家."""
    chain = pair.told.mentions
    at = max(pair.old.number, pair.new.number) + 1
    if at < len(chain) and same_unit(chain[at], pair.new) and _RESULT.search(chain[at].clause):
        return chain[at]
    return None


# -- the change itself ----------------------------------------------------------------------------


def _claim(reading: Reading, pair: Pair, claim: Claim) -> Finding | None:
    unit, figure = claim.figure.unit, claim.figure
    if figure.value is None:
        return None
    if unit == "番":
        return _doubling(reading, pair, claim)
    if unit == "倍":
        return _times(reading, pair, claim)
    if unit in _POINTS:
        return _points(reading, pair, claim)
    if figure.rate and not pair.new.rate:
        return _growth(reading, pair, claim)
    if figure.rate and unit == pair.new.unit:
        return _rate_change(reading, pair, claim)
    if same_unit(figure, pair.new):
        return _amount(reading, pair, claim)
    return None


def _points(reading: Reading, pair: Pair, claim: Claim) -> Finding | None:
    if pair.new.unit == "%":
        return _compare_difference(reading, pair, claim)
    if pair.new.rate or pair.new.unit in ("分", ""):
        return None
    return _finding(
        reading, pair, Kind.PERCENT, Severity.MEDIUM,
        f"由{pair.old.text}到{pair.new.text}是数量的变化，其幅度不能说{claim.figure.text}",
        claim=claim, derived=known(_growth_of(reading, pair)), suggestion="数量的增减幅度用百分号，百分点只用于比率之差",
    )  # fmt: skip


def _rate_change(reading: Reading, pair: Pair, claim: Claim) -> Finding | None:
    """提高2.5% of two rates: their difference called %, their growth, or neither."""
    if judge(claim.figure, _spread_difference(pair)) is Verdict.AGREES:
        return _finding(
            reading, pair, Kind.POINTS, Severity.MEDIUM,
            f"由{pair.old.text}到{pair.new.text}，相差的{claim.figure.text}应说百分点",
            claim=claim, derived=known(_difference(reading, pair)), suggestion="比率之差用百分点，不用百分号",
        )  # fmt: skip
    if pair.old.value and judge(claim.figure, _spread_growth(pair)) is not Verdict.WRONG:
        return None
    return _compare_difference(reading, pair, claim)


def _amount(reading: Reading, pair: Pair, claim: Claim) -> Finding | None:
    if claim.to:
        return _to(reading, pair, claim)
    if judge(claim.figure, _spread_difference(pair)) is Verdict.AGREES:
        return _claim_direction(reading, pair, claim)
    if claim.figure.value == pair.new.value:
        return _finding(
            reading, pair, Kind.BECOME, Severity.MEDIUM,
            f"{claim.figure.text}是变化后的数，前面应写“{claim.verb}到”",
            claim=claim, derived=known(_difference(reading, pair)),
            suggestion=f"“{claim.verb}了”后面应是变化的量",
        )  # fmt: skip
    return _compare_difference(reading, pair, claim)


def _to(reading: Reading, pair: Pair, claim: Claim) -> Finding | None:
    """比上年增加到30人, where 30 is the difference."""
    agrees = judge(claim.figure, _spread_difference(pair)) is Verdict.AGREES
    if claim.figure.value == pair.new.value or not agrees:
        return None
    return _finding(
        reading, pair, Kind.BECOME, Severity.MEDIUM,
        f"由{pair.old.text}到{pair.new.text}，{claim.figure.text}是变化的量，不能写“{claim.verb}到”",
        claim=claim, derived=known(_difference(reading, pair)), suggestion="“到”后面应是变化后的数",
    )  # fmt: skip


def _compare_difference(reading: Reading, pair: Pair, claim: Claim) -> Finding | None:
    verdict = judge(claim.figure, _spread_difference(pair))
    if verdict is Verdict.AGREES:
        return _claim_direction(reading, pair, claim)
    kind = Kind.DIFFERENCE if verdict is Verdict.WRONG else Kind.ROUNDING
    return _disagrees(reading, pair, claim, kind, _difference(reading, pair))


def _growth(reading: Reading, pair: Pair, claim: Claim) -> Finding | None:
    if not pair.old.value:
        return _finding(
            reading, pair, Kind.BASE, Severity.LOW, f"基数是{pair.old.text}，没有增长{claim.figure.text}可言",
            claim=claim, suggestion="基数为零时请只写绝对数",
        )  # fmt: skip
    if claim.to:
        return None
    verdict = judge(claim.figure, _spread_growth(pair))
    if verdict is Verdict.AGREES:
        return _claim_direction(reading, pair, claim)
    kind = Kind.GROWTH if verdict is Verdict.WRONG else Kind.ROUNDING
    return _disagrees(reading, pair, claim, kind, _growth_of(reading, pair))


def _claim_direction(reading: Reading, pair: Pair, claim: Claim) -> Finding | None:
    """The amount fits, but it is called a rise where it is a fall."""
    sign = _sign(pair)
    if not claim.direction or not sign or claim.direction == sign or pair.direction == -sign:
        return None
    word = "上升" if sign == UP else "下降"
    return _finding(
        reading, pair, Kind.DIRECTION, Severity.HIGH,
        f"由{pair.old.text}到{pair.new.text}，原文说{claim.verb}{claim.figure.text}，数值实际是{word}",
        claim=claim, derived=known(_difference(reading, pair)), suggestion="请核对前后数值是否写反，或更正用词",
    )  # fmt: skip


# -- 倍 and 番 -------------------------------------------------------------------------------------


def _times(reading: Reading, pair: Pair, claim: Claim) -> Finding | None:
    value = claim.figure.value or Decimal(0)
    if claim.direction == DOWN or not pair.old.value:
        return None  # _falls_by_times says it once for every sentence
    wanted = value if claim.whole else value + 1
    if judge_ratio(pair, wanted, claim.figure) is not Verdict.WRONG:
        return None
    return _finding(
        reading, pair, Kind.TIMES, Severity.HIGH,
        f"由{pair.old.text}到{pair.new.text}，原文说{claim.verb}{claim.figure.text}，彼此不符",
        claim=claim, derived=known(_ratio(reading, pair)),
        suggestion="“增加了”多少倍不含原数，“增加到”“是”多少倍含原数，请核对",
    )  # fmt: skip


def _doubling(reading: Reading, pair: Pair, claim: Claim) -> Finding | None:
    wanted = Decimal(2) ** int(claim.figure.value or 0)
    if not pair.old.value or judge_ratio(pair, wanted, claim.figure) is not Verdict.WRONG:
        return None
    return _finding(
        reading, pair, Kind.DOUBLING, Severity.HIGH,
        f"由{pair.old.text}到{pair.new.text}，原文说翻{claim.figure.text}，彼此不符",
        claim=claim, derived=known(_ratio(reading, pair)), suggestion="翻番就是加倍，请核对数值或改写",
    )  # fmt: skip


def judge_ratio(pair: Pair, wanted: Decimal, stated: Mention | None = None) -> Verdict:
    """Whether new ÷ old is ``wanted`` times; a twentieth to either side passes, as offices round 倍."""
    if not pair.old.value or pair.new.value is None:
        return Verdict.AGREES
    loose = wanted / 20
    if stated is not None and stated.figure.qualifier:
        loose = wanted / 2
    low, high = spread(lambda new, old: new / old, (pair.new, pair.old))
    return Verdict.AGREES if low - loose <= wanted <= high + loose else Verdict.WRONG


_FALLS = re.compile(r"(?:减少|下降|降低|缩小|缩短|减)了?[^，,。；;0-9到至为]{0,4}$")


def _falls_by_times(reading: Reading, told: Told) -> Iterator[Finding]:
    """减少了两倍: by once its own size everything is gone."""
    for mention in told.mentions:
        if mention.unit == "倍" and (mention.value or 0) >= 1 and _FALLS.search(mention.before):
            yield Finding(
                Severity.HIGH, Kind.TIMES, f"减少的幅度不能用倍数表示，原文说减少{mention.text}",
                reading.cites(mention), suggestion="请改用百分比或分数",
            )  # fmt: skip


# -- computing -------------------------------------------------------------------------------------


def _unlike_spans(reading: Reading, pair: Pair) -> bool:
    """A part of a year against a whole one, in so many words."""
    own = pair.new.figure.period
    told = reading.report.metadata.period
    months, others = months_of(own), months_of(pair.when_old)
    if months and others and months[1] - months[0] != others[1] - others[0]:
        return True
    if not is_whole_year(pair.when_old) or is_part_of_year(pair.when_old):
        return False
    return is_part_of_year(own) or (not own and bool(told) and is_part_of_year(told.value if told else ""))


def _sign(pair: Pair) -> int:
    old, new = pair.old.value or Decimal(0), pair.new.value or Decimal(0)
    return UP if new > old else DOWN if new < old else 0


def _spread_difference(pair: Pair) -> tuple[Decimal, Decimal]:
    return spread(lambda new, old: new - old, (pair.new, pair.old))


def _spread_growth(pair: Pair) -> tuple[Decimal, Decimal]:
    return spread(lambda new, old: (new - old) / old * _HUNDRED if old else Decimal(0), (pair.new, pair.old))


def difference_of(reading: Reading, new: Mention, old: Mention) -> Derived | None:
    """New − old as a computed figure."""
    one, other = reading.operand(new), reading.operand(old)
    return difference(one, other) if one and other else None


def _difference(reading: Reading, pair: Pair) -> Derived | None:
    return difference_of(reading, pair.new, pair.old)


def _growth_of(reading: Reading, pair: Pair) -> Derived | None:
    new, old = reading.operand(pair.new), reading.operand(pair.old)
    return growth(new, old) if new and old else None


def _ratio(reading: Reading, pair: Pair) -> Derived | None:
    new, old = reading.operand(pair.new), reading.operand(pair.old)
    return ratio(new, old) if new and old else None


def _disagrees(reading: Reading, pair: Pair, claim: Claim, kind: Kind, derived: Derived | None) -> Finding:
    severity = Severity.HIGH if kind is not Kind.ROUNDING else Severity.LOW
    return _finding(
        reading, pair, kind, severity,
        f"由{pair.old.text}到{pair.new.text}，原文说{claim.verb}{claim.figure.text}，彼此不符",
        claim=claim, derived=known(derived), suggestion="请核对前后数值和变化的量",
    )  # fmt: skip


def _finding(
    reading: Reading,
    pair: Pair,
    kind: Kind,
    severity: Severity,
    message: str,
    *,
    claim: Claim | None = None,
    derived: tuple[Derived, ...] = (),
    suggestion: str = "",
) -> Finding:
    mentions = (pair.new, pair.old, *((claim.figure,) if claim else ()))
    return Finding(severity, kind, message, reading.cites(*mentions), derived, suggestion)
