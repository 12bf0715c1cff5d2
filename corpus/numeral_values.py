"""Values of written numbers: 1.5万, 1亿3千, 二百五十六, 12,345, １２, **, 1.372.98.

In: the text of one number token. Out: its value as a Decimal and the multiplier that was written
behind it. What cannot be read with certainty has the value None: a figure is never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

MULTIPLIERS: dict[str, Decimal] = {
    "万亿": Decimal(10) ** 12,
    "千亿": Decimal(10) ** 11,
    "百亿": Decimal(10) ** 10,
    "亿": Decimal(10) ** 8,
    "千万": Decimal(10) ** 7,
    "百万": Decimal(10) ** 6,
    "十万": Decimal(10) ** 5,
    "万": Decimal(10) ** 4,
    "千": Decimal(10) ** 3,
    "百": Decimal(10) ** 2,
}
CHINESE_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_CHINESE_STEPS = {"十": 10, "百": 100, "千": 1000}

# One character for one character, so that offsets stay: full-width forms and the many dashes.
_FLAT = str.maketrans(
    dict(zip("０１２３４５６７８９．％＋＊／＜＞（）：＂", '0123456789.%+*/<>():"', strict=True))
    | dict.fromkeys("－〜∼～—–―−", "-")
    | dict.fromkeys("\u00a0\u2002\u2003\u2009", " ")
    | dict.fromkeys("【［〔", "[")
    | dict.fromkeys("】］〕", "]")
)

MULTIPLIER = r"(?:万亿|千亿|百亿|亿|千万|百万|十万|万(?![分达])|千(?![克米瓦卡伏分])|百(?![分姓]))"
VAGUE = "[余多来几]"
DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.+[0-9]+)*"
CHINESE = (
    r"(?<![一二两三四五六七八九十百千])(?:十|[一二两三四五六七八九](?![一二两三四五六七八九]))"
    r"[零〇一二两三四五六七八九十百千万亿]*(?:点[零〇一二三四五六七八九]+)?"
)
MASK = r"\*{2,}|(?<![A-Za-z0-9])[xX×]{2,}(?![A-Za-z0-9×])"


@dataclass(frozen=True, slots=True)
class Value:
    """A value and the multiplier behind it; ``end`` is the offset behind both.

    ``digits_end`` is the offset behind the digits alone. ``vague`` is 余, 多, 来 or "".
    """

    start: int
    digits_end: int
    end: int
    value: Decimal | None
    factor: Decimal = Decimal(1)
    multiplier: str = ""
    vague: str = ""
    masked: bool = False
    suspect: bool = False
    chinese: bool = False
    compound: bool = False  # 1亿3千: the multipliers are inside the value


def flatten(text: str) -> str:
    """Full-width digits and signs as ASCII, every dash as "-"; the length never changes."""
    return text.translate(_FLAT)


def chinese_value(text: str) -> Decimal | None:
    """Value of a Chinese numeral; None for what is no well-formed number (十三五, 三五, 七八十).

    >>> chinese_value("一百二十")
    Decimal('120')
    """
    whole, _, fraction = text.partition("点")
    total = section = 0
    digit: int | None = None
    last_step = 10**5
    for char in whole:
        if char in CHINESE_DIGITS:
            if digit:  # two digits without a step between: 三五, 十三五
                return None
            digit = CHINESE_DIGITS[char]
        elif char in _CHINESE_STEPS:
            step = _CHINESE_STEPS[char]
            if step >= last_step or (digit is None and section):
                return None
            section += (1 if digit is None else digit) * step
            digit, last_step = None, step
        elif char in "万亿":
            total = (total + section + (digit or 0)) * (10**4 if char == "万" else 10**8)
            section, digit, last_step = 0, None, 10**5
            if not total:
                return None
        else:
            return None
    # 两万五 is 25000 and 一百二 is 120, but written so only in speech: not certain enough.
    if digit and len(whole) > 1 and whole[-2] in "百千万亿":
        return None
    result = Decimal(total + section + (digit or 0))
    if fraction:
        result += Decimal("0." + "".join(str(CHINESE_DIGITS[c]) for c in fraction))
    return result


def digits_value(text: str) -> Decimal | None:
    """Value of ASCII digits with thousands commas; None when there is more than one point."""
    plain = text.replace(",", "")
    return None if plain.count(".") > 1 else Decimal(plain)


_COMPOUND = re.compile(rf"({DIGITS})({MULTIPLIER})")
_VALUE = re.compile(
    rf"(?P<mask>(?:{MASK}))"
    rf"|(?P<letters>[0-9.]+[OoIl][0-9OoIl]*(?=\s?[%‰万亿元]))"
    rf"|(?P<sign>(?<=[长为率达是降至到:约和、])-)?(?P<digits>{DIGITS}|(?<![0-9.])\.[0-9]+)"
    rf"|(?P<chinese>{CHINESE})"
)
_TAIL = re.compile(
    rf"[ \u3000]?(?P<before>{VAGUE}?)"
    rf"(?:[ \u3000]?(?P<step>{MULTIPLIER})(?P<after>{VAGUE}?)(?P<more>[万亿]?))?"
)
_MORE = re.compile(rf"(?:{DIGITS}{MULTIPLIER})+(?=[0-9])")
_LAST = re.compile(DIGITS)


@dataclass(frozen=True, slots=True)
class _Tail:
    """What stands behind the digits: 余万, 万多, 千多万, 余."""

    factor: Decimal
    multiplier: str
    vague: str
    end: int


def _tail(text: str, at: int) -> _Tail:
    found = _TAIL.match(text, at)
    assert found is not None  # every part is optional
    step, more = found["step"] or "", found["more"] or ""
    vague = found["before"] or found["after"] or ""
    factor = MULTIPLIERS.get(step, Decimal(1)) * MULTIPLIERS.get(more, Decimal(1))
    return _Tail(factor, step + more, vague, found.end() if step or vague else at)


def find_value(text: str, at: int) -> Value | None:
    """The number token that starts exactly at ``at`` of a flattened text."""
    found = _VALUE.match(text, at)
    return None if found is None else _read(text, found)


def next_value(text: str, at: int) -> Value | None:
    """The first number token at or behind ``at`` of a flattened text."""
    found = _VALUE.search(text, at)
    return None if found is None else _read(text, found)


def _read(text: str, found: re.Match[str]) -> Value:
    start, end = found.span()
    if found["chinese"]:
        tail = _tail(text, end)
        if not tail.vague:
            return Value(start, end, end, chinese_value(found["chinese"]), chinese=True)
        value = chinese_value(found["chinese"])
        return Value(start, end, tail.end, value, tail.factor, tail.multiplier, tail.vague, chinese=True)
    compound = _MORE.match(text, start) if found["digits"] else None
    if compound:
        return _compound(text, start, compound.end())
    tail = _tail(text, end)
    suspect, value = bool(found["letters"]), None
    if found["digits"]:
        value = digits_value(found["digits"])
        # A lost leading digit (.5%) and a full stop for a point (4。9%) are as unsafe as 1.372.98.
        suspect = value is None or found["digits"][0] == "." or _cut_off(text, start)
        value = None if suspect or value is None else (-value if found["sign"] else value)
    masked = bool(found["mask"])
    return Value(start, end, tail.end, value, tail.factor, tail.multiplier, tail.vague, masked, suspect)


def _cut_off(text: str, start: int) -> bool:
    """Whether digits before a stray full stop or a line end may belong to the number: 1,2⏎00万元."""
    return start > 1 and text[start - 1] in "。\n" and text[start - 2] in "0123456789"


def _compound(text: str, start: int, at: int) -> Value:
    """1亿3千多万, 1万6千: sections that add up; the value is the whole, its factor 1."""
    last = _LAST.match(text, at)
    assert last is not None  # _MORE ends before a digit
    tail = _tail(text, last.end())
    parts = [(digits_value(p[1]), MULTIPLIERS[p[2]]) for p in _COMPOUND.finditer(text, start, at)]
    parts.append((digits_value(last[0]), tail.factor))
    if any(value is None for value, _ in parts):
        return Value(start, last.end(), tail.end, None, suspect=True)
    total = sum((value * factor for value, factor in parts if value is not None), Decimal(0))
    digits_end = tail.end if tail.multiplier else last.end()
    return Value(start, digits_end, tail.end, total, vague=tail.vague, compound=True)
