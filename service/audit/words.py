"""What a text says that no figures can make true: impossible dates, rates, ranks; targets missed yet met.

In: a report as chains of figures, and its text. Out: findings. Here too belong numbers that cannot be
read (1.372.98, 3O%) and lists that leave a number out (一是…三是…).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator

from corpus.report import FigureKind, Span
from corpus.sentences import sentences
from service.audit.findings import Finding, Kind, Severity
from service.audit.measure import Verdict, judge, spread
from service.audit.reading import Mention, Reading, Told, known, same_unit
from service.papers.derivation import difference

# -- rates ----------------------------------------------------------------------------------------

_RATE = re.compile(r"(?:率|占比|比例|覆盖面)[^，,。；;、0-9率]{0,6}$")
# These may exceed 100 %: 超额完成, 病床使用率, 产销率 …
_OPEN = re.compile(
    r"完成|增长|增速|执行|使用|周转|负债|利用|回报|杠杆|发病|任务|达成|性别|收支|抚养|替代|自给|产销|兑现|偿付|"
    r"达标值|目标值|增幅|涨|上升|提高|超|到位|拨付|开机|占用|毛入学"
)


def check_rates(reading: Reading) -> Iterator[Finding]:
    """Rates that cannot exceed 100 % and do."""
    for mention in reading.mentions:
        if mention.unit != "%" or mention.value is None or mention.value <= 100:
            continue
        if mention.figure.kind is FigureKind.DIFFERENCE:
            continue
        words = mention.clause[-14:] + mention.figure.indicator
        if _RATE.search(mention.clause) and not _OPEN.search(words):
            yield Finding(
                Severity.HIGH, Kind.OVER, f"{mention.figure.indicator or mention.clause[-10:].strip()}写作{mention.text}，超过了这类比率的上限",
                reading.cites(mention), (), "部分不会多于整体，请核对分子、分母或口径",
            )  # fmt: skip


def check_suspect(reading: Reading) -> Iterator[Finding]:
    """Numbers that cannot be read with certainty."""
    seen: set[int] = set()
    for mention in reading.mentions:
        if mention.figure.suspect:
            seen.add(mention.start)
            yield _suspect(reading, mention.figure.span, mention.text)
    for found in _MISTYPED.finditer(reading.flat):
        span = Span(found.start(), found.end())
        if not any(span.start <= at < span.end for at in seen):
            yield _suspect(reading, span, found[0])


_MISTYPED = re.compile(
    r"(?<![0-9A-Za-z.])(?:[0-9.]+[OoQlI][0-9OolI]*|[OolI][0-9][0-9.OolI]*)[ ]?(?:%|‰|万|亿|人|元|例|个百分点)"
)


def _suspect(reading: Reading, span: Span, text: str) -> Finding:
    return Finding(
        Severity.MEDIUM, Kind.SUSPECT, f"数字{text}写法有误，无法确定是多少",
        (reading.cite(sentence_at(reading, span)),), (), "请对照原始数据更正；本工具不猜测其数值",
    )  # fmt: skip


def sentence_at(reading: Reading, span: Span) -> Span:
    """The sentence around a stretch of the text."""
    text = reading.report.text
    low = text.rfind("\n", 0, span.start) + 1
    high = text.find("\n", span.end)
    line = Span(low, len(text) if high < 0 else high)
    return next((s for s in sentences(text, line) if s.start <= span.start < s.end), line)


# -- dates ----------------------------------------------------------------------------------------

_DAY = re.compile(
    r"(?:(?P<year>(?:19|20)[0-9]{2})[ ]?年[ ]?)?(?<![0-9.])(?P<month>[0-9]{1,2})[ ]?月[ ]?(?P<day>[0-9]{1,2})[ ]?[日号](?!码)"
)
_MONTHS = re.compile(
    r"(?<![0-9.])(?P<first>[0-9]{1,2})[ ]?(?:月?[ ]?[-至到])[ ]?(?P<last>[0-9]{1,2})[ ]?月(?!龄|个|经)"
)
_MONTH = re.compile(
    r"(?:(?:19|20)[0-9]{2}[ ]?年[ ]?|(?<![0-9.\-]))(?P<month>1[3-9]|00?)[ ]?月(?!龄|经|至|-|内|子)(?=[份底末初中上下，,。、；;]|[一-鿿])"
)
_QUARTER = re.compile(r"第[五六七八九5-9]季度")


def check_dates(reading: Reading) -> Iterator[Finding]:
    """Days and months that the calendar does not have."""
    found = {
        m.start(): m
        for pattern in (_MONTH, _MONTHS, _QUARTER, _DAY)
        for m in pattern.finditer(reading.flat)
        if _impossible(m)
    }
    for at in sorted(found):
        span = Span(*found[at].span())
        if any(d.start < span.end and span.start < d.end for d in reading.report.damages):
            continue
        yield Finding(
            Severity.HIGH, Kind.DATE, f"原文的{span.of(reading.report.text)}不存在",
            (reading.cite(sentence_at(reading, span)),), (), "请更正日期",
        )  # fmt: skip


def _impossible(found: re.Match[str]) -> bool:
    groups = found.groupdict()
    if "day" in groups:
        month, day = int(groups["month"]), int(groups["day"])
        if not 1 <= month <= 12:
            return True
        year = int(groups["year"]) if groups["year"] else 2020  # a leap year, where none is named
        return not 1 <= day <= monthrange(year, month)[1]
    if "first" in groups:
        return not (1 <= int(groups["first"]) <= 12 and 1 <= int(groups["last"]) <= 12)
    return True


# -- ranks ----------------------------------------------------------------------------------------

_FIELD = frozenset({"个", "家", "所", "支", "人", "户"})
_RIVALS = re.compile(
    r"^(?:参[加评赛]|县|市|区|乡|镇|街道|单位|医院|卫生院|窗口|队|部门|机构|中心|选手|成员|地市|兄弟|同类)|^[^，,。；;]{0,8}(?:中|里)"
)


def check_ranks(reading: Reading) -> Iterator[Finding]:
    """第9位 of 8."""
    for told in reading.sentences:
        field: Mention | None = None
        for mention in told.mentions:
            if mention.figure.kind is not FigureKind.RANK:
                fits = mention.unit in _FIELD and _RIVALS.match(mention.after)
                field = (
                    mention
                    if fits
                    else field
                    if "；" not in mention.before and mention.unit == "分"
                    else None
                )
            elif field is not None and mention.value and field.value and mention.value > field.value:
                yield Finding(
                    Severity.HIGH, Kind.RANK, f"参评的只有{field.text}，不会有{mention.text}",
                    reading.cites(field, mention), (), "请核对位次和参评个数",
                )  # fmt: skip


# -- targets --------------------------------------------------------------------------------------

_GOAL = re.compile(r"目标|计划(?!生育)|任务(?!完成)|责任指标|指标要求|要求")
_DONE = re.compile(r"实际|完成|建成|达到?|实现|新建|到位|筛查|为|已")
_MET = re.compile(
    r"^[^。；;]{0,12}?(?:超额|圆满|全面|顺利|如期|胜利|提前|全部)(?:地)?(?:完成|实现|达成|达到)|^[，,、 ]*(?:完成|实现|达到)了?(?:全年|年度|预期|既定|责任)?(?:任务|目标)|^[^。；;]{0,8}(?<!未)(?<!不)达标"
)
_ABOVE = re.compile(
    r"^[，,、（( ]*(?:均|都|已|也|明显|远)?(?P<word>高于|超过|超出|优于|高出|大于|低于|不足|未达到?)了?[^，,。；;0-9]{0,10}$"
)
_GOAL_BEHIND = re.compile(r"^的?[^，,。；;0-9]{0,6}(?:目标|指标|任务|要求|标准|平均|水平)")
_FALL_IS_GOOD = re.compile(
    r"死亡|发病|投诉|控制在|以内|以下|药占比|耗材|纠纷|事故|费用|下降|降低|等候|平均住院日|贫困|缺陷|感染"
)


def check_targets(reading: Reading) -> Iterator[Finding]:
    """A target that is called met, though the figures say otherwise."""
    for told in reading.sentences:
        for goal, actual in zip(told.mentions, told.mentions[1:], strict=False):
            found = (
                _missed(reading, told, goal, actual)
                or _not_above(reading, told, goal, actual)
                or _gap_to_goal(reading, told, goal, actual)
            )
            if found:
                yield found
        yield from (found for m in told.mentions if (found := _short(reading, m)))


def _missed(reading: Reading, told: Told, goal: Mention, actual: Mention) -> Finding | None:
    """目标95%，实际93%，超额完成."""
    if (
        not same_unit(goal, actual)
        or goal.value is None
        or actual.value is None
        or actual.value >= goal.value
    ):
        return None
    aims = _GOAL.search(goal.clause[-14:])
    if (
        not aims
        or not _DONE.search(actual.before)
        or _GOAL.search(actual.before)
        or not _MET.match(actual.after)
    ):
        return None
    if goal.figure.qualifier or re.search("[；;。]", actual.before) or _FALL_IS_GOOD.search(told.text):
        return None
    return _target(reading, goal, actual, f"目标{goal.text}，实际{actual.text}，没有达到，却称完成")


def _not_above(reading: Reading, told: Told, actual: Mention, goal: Mention) -> Finding | None:
    """68.5%，高于70%的责任目标."""
    found = _ABOVE.match(goal.before)
    if not found or not same_unit(goal, actual) or goal.value is None or actual.value is None:
        return None
    if (
        not (_GOAL_BEHIND.match(goal.after) or _GOAL.search(goal.before))
        or goal.figure.kind is FigureKind.DIFFERENCE
    ):
        return None
    below = found["word"] in ("低于", "不足", "未达", "未达到")
    wrong = actual.value > goal.value if below else actual.value < goal.value
    if not wrong or actual.value == goal.value:
        return None
    return _target(
        reading, goal, actual, f"{actual.text}并不{'低' if below else '高'}于{goal.text}，原文却这样说"
    )


_SHORT = re.compile(r"完成[^，,。；;]{0,12}(?:任务|目标|计划)[^，,。；;]{0,6}$")


def _short(reading: Reading, mention: Mention) -> Finding | None:
    """完成年度任务的93%，超额完成."""
    if (
        mention.unit != "%"
        or mention.value is None
        or mention.value >= 100
        or not _SHORT.search(mention.before)
    ):
        return None
    if not re.match(r"^[，,、 ]*(?:超额|圆满|全面)", mention.after):
        return None
    return Finding(
        Severity.HIGH, Kind.TARGET, f"只完成任务的{mention.text}，却称全部完成", reading.cites(mention), (),
        "请核对完成比例和结论",
    )  # fmt: skip


def _gap_to_goal(reading: Reading, told: Told, actual: Mention, goal: Mention) -> Finding | None:
    """78%，比目标值75%高5个百分点."""
    chain = told.mentions
    if (
        goal.number + 1 >= len(chain)
        or not same_unit(actual, goal)
        or goal.value is None
        or actual.value is None
    ):
        return None
    stated = chain[goal.number + 1]
    unit = "个百分点" if goal.unit == "%" else goal.unit
    if stated.unit != unit or not _AGAINST_GOAL.match(goal.before) or not _APART.match(stated.before):
        return None
    if judge(stated, spread(lambda a, b: a - b, (actual, goal))) is not Verdict.WRONG:
        return None
    one, other = reading.operand(actual), reading.operand(goal)
    return Finding(
        Severity.HIGH, Kind.DIFFERENCE, f"{actual.text}与{goal.text}相差的不是{stated.text}",
        reading.cites(actual, goal, stated), known(difference(one, other)) if one and other else (),
        "请核对这些数值和相差的量",
    )  # fmt: skip


_AGAINST_GOAL = re.compile(
    r"^[，,、（( ]*(?:均|都|已)?(?:比|较|高于|低于|超过|超出|高出|优于)[^，,。；;0-9]{0,12}$"
)
_APART = re.compile(r"^的?[^，,。；;0-9]{0,8}(?:高出?|低|多出?|少|超出?|目标|指标|任务|要求|标准|水平)了?$")


def _target(reading: Reading, goal: Mention, actual: Mention, message: str) -> Finding:
    one, other = reading.operand(actual), reading.operand(goal)
    derived = known(difference(one, other)) if one and other else ()
    return Finding(
        Severity.HIGH,
        Kind.TARGET,
        message,
        reading.cites(actual, goal),
        derived,
        "请核对目标值、实际值和结论",
    )


# -- labels of lists --------------------------------------------------------------------------------

_ITEM = re.compile(r"(?:^|(?<=[。；;，,：:！\s])|(?<=\n))(?P<n>[一二三四五六七八九十])是(?=[^，,。否因])")
_NUMBERS = "一二三四五六七八九十"


def check_ordinals(reading: Reading) -> Iterator[Finding]:
    """一是…三是…: an item is missing or doubled."""
    last = 0
    before: re.Match[str] | None = None
    for item in _ITEM.finditer(reading.flat):
        number = _NUMBERS.index(item["n"]) + 1
        broken = (
            before is not None
            and number not in (1, last + 1)
            and "\n" not in reading.flat[before.end() : item.start()]
        )
        if broken and before is not None and not _damaged(reading, before.start(), item.end()):
            yield _gap(reading, before, item)
        last, before = number, item


def _damaged(reading: Reading, low: int, high: int) -> bool:
    return any(d.start < high and low < d.end for d in reading.report.damages)


def _gap(reading: Reading, before: re.Match[str], item: re.Match[str]) -> Finding:
    one, other = (sentence_at(reading, Span(m.start("n"), m.end())) for m in (before, item))
    quotes = tuple(dict.fromkeys((reading.cite(one), reading.cite(other))))
    return Finding(
        Severity.LOW,
        Kind.ORDINAL,
        f"“{before['n']}是”之后是“{item['n']}是”，序号不连续",
        quotes,
        (),
        "请核对是否漏了一项",
    )
