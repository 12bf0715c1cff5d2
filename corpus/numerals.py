"""Every number of a text with its span, value, unit and role: the grammar under all figures.

In: any text (ASCII, full-width and Chinese numerals). Out: :class:`Number` values in order, never
overlapping, whose spans map to the text. The module knows nothing of sentences or indicators; that
is :mod:`corpus.figures`. A number that cannot be read with certainty (1.372.98, **万元) keeps its
span and has no value: it is reported, never repaired.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from corpus.numeral_qualifiers import qualifier
from corpus.numeral_roles import Role, Special, part_labels, specials
from corpus.numeral_values import (
    CHINESE,
    DIGITS,
    Value,
    chinese_value,
    find_value,
    flatten,
    next_value,
)
from corpus.report import Span
from corpus.units import MEASURES, ONE, Unit, match_unit


@dataclass(frozen=True, slots=True)
class Number:
    """One number token.

    ``span`` covers the digits (both ends of a range), ``unit_span`` what follows up to the end of
    the unit, multiplier included (1.5[万人]). ``value`` is as written; times ``factor`` it counts in
    ``unit``. ``upper`` closes a range and shares the factor.
    """

    span: Span
    unit_span: Span
    value: Decimal | None
    unit: str = ""
    upper: Decimal | None = None
    written_unit: str = ""
    factor: Decimal = ONE
    qualifier: str = ""
    masked: bool = False
    suspect: bool = False
    ordinal: bool = False
    role: Role = Role.QUANTITY

    @property
    def whole(self) -> Span:
        """Digits and unit."""
        return Span(self.span.start, max(self.span.end, self.unit_span.end))


def numbers(text: str) -> tuple[Number, ...]:
    """All numbers of ``text`` in order."""
    return tuple(_scan(part_labels(flatten(text))))


def normalise(number: Number) -> tuple[Decimal | None, str]:
    """Comparable (value, base unit): 1.5万人 and 15000人 are both (15000, 人)."""
    return (None if number.value is None else number.value * number.factor, number.unit)


def same_quantity(a: Number, b: Number) -> bool:
    """Whether two numbers state the same value, unit and range; qualifiers are ignored."""
    if normalise(a)[0] is None or normalise(a) != normalise(b):
        return False
    return _upper(a) == _upper(b)


def _upper(number: Number) -> Decimal | None:
    return None if number.upper is None else number.upper * number.factor


def _scan(flat: str) -> Iterator[Number]:
    at = 0
    for special in (*specials(flat), None):
        stop = special.start if special else len(flat)
        while (value := next_value(flat, at)) and value.start < stop:
            number = _quantity(flat, value, special)
            if number is not None and number.span.start >= at:  # 十百分之五: 百 is taken
                yield number
            at = max(value.end, number.whole.end if number else 0)
        if special:
            yield from _special(flat, special, at)
            at = max(at, special.end)


# --- special stretches ---------------------------------------------------------------------------

_RUN = re.compile(rf"{DIGITS}|{CHINESE}")


def _special(flat: str, special: Special, at: int) -> Iterator[Number]:
    if special.start < at:  # a number before it already reaches into it
        return
    if special.digits:
        yield _counted(flat, special)
    elif special.role is Role.NAME:
        for run in _RUN.finditer(flat, special.start, special.end):
            yield _plain(run.start(), run.end(), Role.NAME)
    else:
        start = (
            special.start
            + len(flat[special.start : special.end])
            - len(flat[special.start : special.end].lstrip())
        )
        yield _plain(start, special.end, special.role)


def _plain(start: int, end: int, role: Role) -> Number:
    return Number(Span(start, end), Span(end, end), None, role=role)


def _counted(flat: str, special: Special) -> Number:
    """A rank (第2名) or a ratio (1:2.5): the number stands inside the stretch."""
    end = special.digits_start + len(special.digits)
    value = Decimal(special.digits) if special.digits[0].isascii() else chinese_value(special.digits)
    if special.role is Role.QUANTITY:
        return Number(Span(special.start, end), Span(end, end), value, unit="1:", written_unit="1:")
    front = flat[special.start : special.digits_start].strip() == "前"
    return Number(
        Span(special.digits_start, end),
        Span(end, special.end),
        value,
        unit="位",
        written_unit=flat[end : special.end].strip(),
        qualifier="前" if front else "",
        ordinal=True,
        role=Role.RANK,
    )


# --- quantities ----------------------------------------------------------------------------------

_RANGE = re.compile(r"[ \u3000]?(?:-|至|到)[ \u3000]?(?=[0-9一二三四五六七八九十两])")
_FROM = re.compile(r"[从由自][^，。；,;\n]{0,16}$")
_FRACTION_UNITS = {100: "%", 1000: "‰", 10**4: "/万", 10**5: "/10万"}
_HUNDREDTHS = {"百分之": "%", "千分之": "‰", "万分之": "/万"}


def _quantity(flat: str, value: Value, special: Special | None) -> Number | None:
    """The quantity that starts with ``value``; a name or nothing where it is none."""
    number = (
        _fraction(flat, value)
        or _range(flat, value, special)
        or _duration(flat, value)
        or _tenths(flat, value)
        or _single(flat, value)
    )
    if number is None or number.role is not Role.QUANTITY:
        return number
    vague = value.vague or ("多" if "多" in number.written_unit else "")  # 2个多百分点
    return replace(number, qualifier=qualifier(flat, number.span.start, number.whole.end, vague))


def _fraction(flat: str, value: Value) -> Number | None:
    """百分之八十, 三分之一, 1/3."""
    unit = _HUNDREDTHS.get(flat[max(0, value.start - 3) : value.start])
    if unit:
        start = value.start - 3
        return Number(Span(start, value.digits_end), _point(value.digits_end), value.value, unit)
    small = value.value is not None and value.value in range(1, 10) and not value.multiplier
    if flat.startswith("分之", value.end):
        second = find_value(flat, value.end + 2)
    elif small and flat.startswith("/", value.end) and flat[max(0, value.start - 1)] not in "/.":
        second, value = value, find_value(flat, value.end + 1) or value
        if value is second or value.end != value.digits_end or match_unit(flat, second.end):
            return None
    else:
        return None
    if second is None or second.value is None or not value.value:
        return None
    first = min(value.start, second.start)
    end = max(value.end, second.end)
    whole = value.value * value.factor
    unit = _FRACTION_UNITS.get(int(whole))
    if unit:
        return Number(Span(first, end), _point(end), second.value, unit)
    if second.value >= whole or whole > 100:
        return None
    return Number(Span(first, end), _point(end), second.value / whole, "%", factor=Decimal(100))


def _point(at: int) -> Span:
    return Span(at, at)


def _range(flat: str, low: Value, special: Special | None) -> Number | None:
    """250-300种, 15%-30%, 5-10万元; None where no rising range with one unit stands."""
    low_unit = match_unit(flat, low.end)
    joint = _RANGE.match(flat, low_unit.end if low_unit else low.end)
    if joint is None or low.value is None or flat[low.start - 1 : low.start] == "-":
        return None
    if joint[0].strip() in "至到" and _FROM.search(flat, max(0, low.start - 18), low.start):
        return None
    high = find_value(flat, joint.end())
    if high is None or high.value is None or (special and high.end > special.start):
        return None
    unit = match_unit(flat, high.end)
    if unit is None or (low_unit and (low_unit.name, low_unit.factor) != (unit.name, unit.factor)):
        return None
    if low.chinese and not _accepts_chinese(flat, high, unit):
        return None
    value = low.value
    if low.factor != high.factor and (low.factor != 1 or value > high.value):
        value = value * low.factor / high.factor
    if value >= high.value:
        return None
    return replace(
        _number(flat, high, unit), span=Span(low.start, high.digits_end), value=value, upper=high.value
    )


def _duration(flat: str, hours: Value) -> Number | None:
    """2小时20分, 一小时四十分钟: one duration in minutes."""
    unit = match_unit(flat, hours.end)
    if unit is None or unit.name != "小时" or hours.value is None or hours.vague:
        return None
    minutes = find_value(flat, unit.end)
    small = minutes and minutes.value is not None and minutes.value < 60 and minutes.end == minutes.digits_end
    last = match_unit(flat, minutes.end) if small and minutes else None
    if last is None or minutes is None or minutes.value is None or last.written not in ("分", "分钟"):
        return None
    end = minutes.digits_end
    written = flat[end : last.end].strip()
    value = hours.value * 60 + minutes.value
    return Number(Span(hours.start, end), Span(end, last.end), value, "分钟", written_unit=written)


_HALF = re.compile(r"成([一二三四五六七八九半])(?![年月日个人家名项所类种级户次季度点])")


def _tenths(flat: str, value: Value) -> Number | None:
    """一成二 is 12 %, 三成半 35 %."""
    found = _HALF.match(flat, value.end)
    if found is None or value.value is None or value.vague or value.value > 9:
        return None
    rest = Decimal("0.5") if found[1] == "半" else (chinese_value(found[1]) or Decimal(0)) / 10
    start, end = value.start, value.digits_end
    return Number(
        Span(start, end),
        Span(end, found.end()),
        value.value + rest,
        "%",
        written_unit=found[0],
        factor=Decimal(10),
    )


_MOVES = re.compile(r"[高低升降增减差超涨落幅][^，。；,;\n]{0,12}$")
_PLACES = re.compile(r"(?:上升|提升|前进|前移|下降|后退|跃升|提高|进)了?[ ]?$")


def _number(flat: str, value: Value, unit: Unit) -> Number:
    name = unit.name
    if unit.written == "位" and _PLACES.search(flat, max(0, value.start - 4), value.start):
        name = "位"
    elif unit.written == "个点" and not _MOVES.search(flat, max(0, value.start - 14), value.start):
        name, unit = "个", Unit("个", "个", unit.end - 1)  # 11个点中有8个: places, no points
    return Number(
        span=Span(value.start, value.digits_end),
        unit_span=Span(value.digits_end, unit.end),
        value=value.value,
        unit=name,
        written_unit=value.multiplier + unit.written,
        factor=value.factor * unit.factor,
        masked=value.masked,
        suspect=value.suspect,
    )


def _single(flat: str, value: Value) -> Number | None:
    unit = match_unit(flat, value.end)
    if value.chinese:
        if unit and value.value is not None and _accepts_chinese(flat, value, unit):
            return _number(flat, value, unit)
        return _plain(value.start, value.digits_end, Role.NAME)
    if unit and value.vague and value.vague == "来" and flat.startswith("自", value.end):
        unit = None
    if unit is None:
        return _bare(flat, value)
    if flat.startswith("级", unit.end) and unit.name == "元":  # 10亿元级企业
        return _plain(value.start, value.digits_end, Role.NAME)
    return _number(flat, value, unit)


# --- Chinese numerals ----------------------------------------------------------------------------

# Before a small Chinese numeral with a vague classifier, only these make it a count: 成立四个督导组
# counts, 四个意识 does not.
_COUNTS = re.compile(
    r"(?:共|有|(?<![签履])约|达|近|超|计|少于|低于|至少|成立|建成|建立|新增|新建|"
    r"设立|设置|开设|召开|开展|举办|举行|组建|完成|组织|增加|减少|增长|翻|分成|分为|划分为|创建|配备|配置|"
    r"抽调|派出|下设|落实|实施|了|[每一][年月周季天日])[ ]?$"
)
_FIRM = MEASURES | {"人", "人次", "户", "家", "所", "间", "张", "份", "台", "座", "栋", "辆", "篇", "例"}


def _accepts_chinese(flat: str, value: Value, unit: Unit) -> bool:
    if value.value is None:
        return False
    size = value.value * value.factor
    if size > 10 or (value.vague and size >= 10):
        return True
    if unit.written == "分":  # 十分重要
        return False
    if unit.written == "元" and flat.startswith(("结构", "化", "体制", "经济"), unit.end):  # 二元结构
        return False
    counts = _COUNTS.search(flat, max(0, value.start - 5), value.start) is not None
    if size == 1:
        floor = unit.written == "层" and flat[max(0, value.start - 2) : value.start] in ("地下", "地上")
        return floor or (counts and (unit.name in _FIRM or unit.written in "支次处成"))
    return counts or (unit.name in _FIRM and unit.written != "位")


# --- numbers without a unit ----------------------------------------------------------------------

_MONEY = re.compile(
    r"(?:经费|资金|投资|投入|补助|补贴|补偿|拨付|财政|收入|支出|金额|费用|款|税|债|预算|配套|到位|产值|总额|价值)"
    r"[^，。；,;\n]{0,12}$"
)
_PAYS = re.compile(r"[^，。；、,;\n0-9]{0,6}(?:资金|经费|补助|补贴|贷款|投资)")
_FOLK = re.compile(r"[^，。；、,;\n0-9]{0,6}(?:人|户|居民|学生|群众|儿童|农民)")
_VISITS = re.compile(r"人次[^，。；,;\n]{0,12}$")
_PEOPLE = re.compile(r"[ ]?[^，。；、,;\n0-9]{0,4}人口(?!普查|较少)")
_NAMED = re.compile(
    r"(?:率|性别比|占比|比例|指数|系数|均值|人数|户数|例数|次数|份数|总数|数量|得分|目标|控制线)"
    r"(?:分别|均|仅)?(?:达到|达|为|是|[提升]?[高升]?[至到]|降至|降到|下降到|约|:)?[ ]?$"
)
_HAVE = re.compile(r"(?:共有|共计|现有|已有|共|约|仅)[ ]?$")
_TITLED = re.compile(r"[ ]?(?:人才|工程|行动|计划|模式|机制|战略|专项|大)")
_LIST = re.compile(r"(?:[ ]?[、,和及与][ ]?[0-9]+(?:\.[0-9]+)?){1,20}")
_APART = re.compile(r"分别[^。；\n]{0,30}$")


def _bare(flat: str, value: Value) -> Number | None:
    """A number without a unit: a count, a rate or an index where the words say so, else a name."""
    after = flat[value.end : value.end + 1]
    if value.masked and not value.multiplier:
        return None
    if (value.multiplier or value.compound) and not (after.isascii() and after.isalpha()):
        money = _MONEY.search(flat, max(0, value.start - 24), value.start) or _PAYS.match(flat, value.end)
        name = "元" if money and not _FOLK.match(flat, value.end) else ""
        name = name or ("人次" if _VISITS.search(flat, max(0, value.start - 24), value.start) else "")
        name = name or ("人" if _PEOPLE.match(flat, value.end) else "")
        return _number(flat, value, Unit(name, "", value.end))
    if value.value is None or not _accepts_bare(flat, value):
        role = Role.VERSION if value.suspect else Role.NAME
        return _plain(value.start, value.digits_end, role)
    shared = _shared_unit(flat, value)
    return _number(flat, value, shared or Unit("", "", value.end))


def _accepts_bare(flat: str, value: Value) -> bool:
    after = flat[value.end : value.end + 1]
    if after and (after in "/-+:*" or (after.isascii() and after.isalnum())):
        return False
    left = max(0, value.start - 12)
    if _NAMED.search(flat, left, value.start) or _shared_unit(flat, value):
        return True
    width = value.digits_end - value.start
    return bool(_HAVE.search(flat, left, value.start)) and width > 1 and not _TITLED.match(flat, value.end)


def _shared_unit(flat: str, value: Value) -> Unit | None:
    """分别为12、15和20人: the unit of the list's last member."""
    rest = _LIST.match(flat, value.end)
    if rest is None or not _APART.search(flat, max(0, value.start - 40), value.start):
        return None
    unit = match_unit(flat, rest.end())
    return Unit(unit.name, unit.written, value.end, unit.factor) if unit else None
