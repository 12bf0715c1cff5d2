"""One indicator told twice with two values: within a report, in a table, or against last year's report.

In: a report as chains of figures, and the report of the year before where there is one. Out: findings.
Only a name that says what is measured counts (重点人群签约率, not 投入资金), in the same unit and for the
same time; what is a part of something else, a target or a change is left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from corpus.when import When, read_when
from service.audit.findings import Finding, Kind, Severity
from service.audit.measure import Verdict, judge, ranges, spread
from service.audit.pairs import Claim, Pair, lone_claims, pairs
from service.audit.reading import Mention, Reading, known, same_unit
from service.papers.derivation import difference, growth

_ROW = re.compile(r"[^：；]{1,40}：[^；]{0,60}；")
_COUNTED = re.compile(
    r"^(?:建成|建立|完成|新建|新增|组建|开展|实现|共|累计|创建|设立|达到?|辖区|现有|拥有|登记|报告)"
)
_PARTS = re.compile(
    r"其中|分别|每[千万百人户个]|平均|人均|次均|单[次日]|最[高低多少]|第[一二三四1-4]|省级|市级|国家级|至少|[一二三四五六]是"
)
_GENERIC = re.compile(
    r"^(?:规范化?|系统|健康|累计|综合|当场|及时|首针|有效|动态|电子)?(?:管理|签约|覆盖|合格|建档|随访|治疗|检出|知晓|控制|使用|体检|筛查|接种|参保|到位|到岗|办结|整改|及格|达标|服药|治愈|好转|满意|服务|优良|监测|检测|报告|访视|建册|培训|入住|有效|及时|准确)率$"
)
_COMMON = re.compile(
    r"^(?:投入|投资|总投资|培训|参加|参与|接受|发放|资金|补助|人数|人员|共|服务|检查|患者|病例|其他|完成率|合格率|覆盖率|满意率)$|目标|任务|计划"
)
_MANY = 4  # values of one name
_FAR = Decimal("1.6")
_SLIPS = (Decimal(10000), Decimal(1000), Decimal(100000000))


def check(reading: Reading) -> Iterator[Finding]:
    """One indicator, one time, two values in one report."""
    groups: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    old = {pair.old.start for told in reading.sentences for pair in pairs(told)}
    for mention in reading.mentions:
        if mention.start not in old and _says_what(reading, mention):
            groups[_name(mention), mention.unit].append(mention)
    for mentions in groups.values():
        found = _differ(reading, mentions)
        if found:
            yield found
    yield from _against_tables(reading, groups)


def _name(mention: Mention) -> str:
    return _COUNTED.sub("", mention.figure.indicator)


def _says_what(reading: Reading, mention: Mention) -> bool:
    """Whether a figure states the value of an indicator that has one value in a report."""
    figure, name = mention.figure, _name(mention)
    if (
        not reading.states(mention)
        or mention.value is None
        or figure.qualifier in ("以上", "不少于", "不低于")
    ):
        return False
    if _COMMON.search(name) or _COMMON.search(figure.indicator) or _PARTS.search(mention.before[-20:]):
        return False
    return len(name) >= 4 and not _GENERIC.match(name)


def _when(reading: Reading, mention: Mention) -> When | str:
    """The time of a figure; where the words tell none, that of the report."""
    told = reading.report.metadata
    period = told.period.value if told.period else None
    return read_when(mention.figure.period, year=told.year_number, period=period) or mention.figure.period


def _is_own_time(reading: Reading, mention: Mention) -> bool:
    """Whether a figure is of the report's whole time."""
    told = reading.report.metadata
    period = told.period.value if told.period else None
    return _when(reading, mention) == (read_when("", year=told.year_number, period=period) or "")


def _differ(reading: Reading, mentions: Sequence[Mention]) -> Finding | None:
    """The first two values that conflict; a name with many values is no name of one indicator."""
    distinct: dict[tuple[When | str, Decimal | None], Mention] = {}
    for mention in mentions:
        if not _is_row(reading, mention):
            distinct.setdefault((_when(reading, mention), mention.value), mention)
    if len(distinct) > _MANY:
        return None
    for (when, _), one in distinct.items():
        for (other_when, _), other in distinct.items():
            apart = one.start < other.start and one.figure.sentence != other.figure.sentence
            if apart and when == other_when and _conflict(one, other):
                return _two_values(reading, one, other, Kind.REPEATED)
    return None


def _conflict(one: Mention, other: Mention) -> bool:
    """Two values of one rate; two counts that are near each other, as far ones count different things."""
    if _same(one, other):
        return False
    small, great = sorted((one.value or Decimal(0), other.value or Decimal(0)))
    return one.rate or _is_slip(small, great) or (small > 0 and great / small <= _FAR)


def _is_slip(small: Decimal, great: Decimal) -> bool:
    return any(small and great == small * times for times in _SLIPS)


def _same(one: Mention, other: Mention) -> bool:
    """Whether two figures may state one value, given how coarsely either is written."""
    (low, high), (least, most) = ranges((one,))[0], ranges((other,))[0]
    return low <= most and least <= high


def _two_values(reading: Reading, one: Mention, other: Mention, kind: Kind) -> Finding:
    small, great = sorted((one.value or Decimal(0), other.value or Decimal(0)))
    slip = _is_slip(small, great)
    one_operand, other_operand = reading.operand(one), reading.operand(other)
    derived = difference(one_operand, other_operand) if one_operand and other_operand else None
    return Finding(
        Severity.HIGH
        if slip or one.rate or kind is Kind.TABLE or one.clause == other.clause
        else Severity.MEDIUM,
        Kind.SCALE if slip else kind,
        f"{_name(one)}有{one.text}和{other.text}的不同说法",
        reading.cites(one, other),
        known(derived),
        "请核对后改为同样的数；若口径或时点不同，请在文中注明",
    )


# -- tables -----------------------------------------------------------------------------------------


def _is_row(reading: Reading, mention: Mention) -> bool:
    return bool(_ROW.match(mention.figure.sentence.of(reading.report.text)))


def _against_tables(reading: Reading, groups: dict[tuple[str, str], list[Mention]]) -> Iterator[Finding]:
    """A figure of the prose against the row of a table that bears its name."""
    rows = [m for ms in groups.values() for m in ms if _is_row(reading, m)]
    prose = [m for ms in groups.values() for m in ms if not _is_row(reading, m)]
    for row in rows:
        same = [
            m
            for m in prose
            if same_unit(m, row) and _alike(_name(m), _name(row)) and _when(reading, m) == _when(reading, row)
        ]
        if same and not any(_same(m, row) for m in same):
            yield _two_values(reading, same[0], row, Kind.TABLE)


def _alike(one: str, other: str) -> bool:
    short, long = sorted(
        (
            re.sub(r"(?:人?数|总数|数量)$", "", one),
            re.sub(r"(?:完成|实际)?(?:人?数|总数|数量|值)$", "", other),
        ),
        key=len,
    )
    return len(short) >= 4 and long.endswith(short) and len(long) - len(short) <= 4


# -- the year before ----------------------------------------------------------------------------------

_LAST = re.compile(r"去年|上年|上一年|同期")


def check_last_year(reading: Reading, earlier: Reading) -> Iterator[Finding]:
    """What a report says of the year before, against the report of that year."""
    before = [m for m in earlier.mentions if earlier.states(m) and m.value is not None]
    for told in reading.sentences:
        for pair in pairs(told):
            found = _old_value(reading, earlier, pair, before)
            if found:
                yield found
        for value, claim in lone_claims(told):
            found = _claimed(reading, earlier, value, claim, before)
            if found:
                yield found


def _is_last_year(reading: Reading, words: str) -> bool:
    year = reading.report.metadata.year_number
    return bool(_LAST.search(words)) or bool(year and f"{year - 1}年" in words.replace(" ", ""))


def _old_value(reading: Reading, earlier: Reading, pair: Pair, before: Sequence[Mention]) -> Finding | None:
    if not _is_last_year(reading, pair.when_old) or not same_unit(pair.old, pair.new):
        return None
    names = {_name(pair.new), _name(pair.old)}
    stated = [m for m in before if same_unit(m, pair.old) and _name(m) in names and _says_what(earlier, m)]
    stated = [m for m in stated if _is_own_time(earlier, m)]
    if not stated or any(_same(m, pair.old) for m in before if same_unit(m, pair.old)):
        return None
    then = stated[0]
    one, other = reading.operand(pair.old), earlier.operand(then)
    derived = difference(one, other) if one and other else None
    return Finding(
        Severity.MEDIUM,
        Kind.LAST_YEAR,
        f"本报告说上一年{_name(pair.new)}是{pair.old.text}，上一年的报告写的是{then.text}",
        (*reading.cites(pair.old), *earlier.cites(then)),
        known(derived),
        "请核对上一年的数；若上一年的数后来调整过，请注明",
    )


def _claimed(
    reading: Reading, earlier: Reading, value: Mention, claim: Claim, before: Sequence[Mention]
) -> Finding | None:
    """签约5000人，同比增长12%, against the value of last year's report."""
    if claim.to or claim.figure.unit not in ("%", value.unit) or value.rate or not _compares(claim):
        return None
    if not _says_what(reading, value) or not _is_own_time(reading, value):
        return None
    stated = [
        m for m in before if same_unit(m, value) and _name(m) == _name(value) and _says_what(earlier, m)
    ]
    stated = [m for m in stated if m.value and _is_own_time(earlier, m)]
    if not stated or any(_fits(value, claim, m) for m in stated):
        return None
    then = stated[0]
    one, other = reading.operand(value), earlier.operand(then)
    compute = growth if claim.figure.unit == "%" else difference
    derived = compute(one, other) if one and other else None
    return Finding(
        Severity.MEDIUM,
        Kind.LAST_YEAR,
        f"{value.text}，{claim.verb}{claim.figure.text}，与上一年的报告所写的{then.text}不符",
        (*reading.cites(value), *earlier.cites(then)),
        known(derived),
        "请核对上一年的数；若上一年的数后来调整过，请注明",
    )


def _compares(claim: Claim) -> bool:
    return bool(re.search(r"同比|比上年|较上年|比去年|较去年", claim.figure.before))


def _fits(value: Mention, claim: Claim, then: Mention) -> bool:
    if claim.figure.unit == "%":
        computed = spread(lambda new, old: (new - old) / old * 100 if old else Decimal(0), (value, then))
    else:
        computed = spread(lambda new, old: new - old, (value, then))
    return judge(claim.figure, computed) is not Verdict.WRONG
