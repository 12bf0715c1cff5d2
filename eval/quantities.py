"""Reads the quantities of an answer, on purpose not with ``corpus.numerals``.

In: text. Out: :class:`Quantity` values, multiplied out, with their unit. A scorer that shared the
number reader of the system that it scores would be blind to that reader's mistakes; this one is
small, knows nothing of indicators, and reads only what answers hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

FACTORS = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
UNIT = (  # longest first
    "个百分点|平方公里|百分点|平方米|公里|小时|病种|人次|家次|户次|件次|场次|人份|[%‰元斤亩吨岁天年月日个支名人位项种例次"
    "条张家所户份间套场本册对床件类倍管处座台篇店层]"
)
SAME_UNIT = ({"人", "名", "位"}, {"个百分点", "百分点"}, {"本", "册"})
DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}

ARABIC = r"(?<![\d.])\d+(?:\.\d+)?(?!\.?\d)"
TAIL = rf"[余多]?(?P<factor>[十千万亿]|百(?!分))?(?P<more>[万亿])?[余多]?(?P<unit>{UNIT})?(?P<per>/)?"
QUANTITY = re.compile(rf"(?P<number>{ARABIC}){TAIL}")
CHINESE = re.compile(rf"(?P<number>[零〇一二两三四五六七八九十百千]+)(?P<unit>{UNIT})")
WIDE = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number multiplied out (1.5万人 → 15000), its unit ("" where none is known) and its place.

    ``step`` is the worth of its last written digit (1000 for 1.5万人): what it may be rounded by.
    """

    value: Decimal
    unit: str
    start: int
    end: int
    step: Decimal = Decimal(1)


def clean(text: str) -> str:
    """Fold what does not change a figure: full width, [n] marks, thousands commas, stray spaces."""
    text = re.sub(r"\[\d+(?:[,，、]\s*\d+)*\]", "", text).translate(WIDE)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    text = re.sub(r"(?<![\d.])(\d)\.(?=\d{2}周?岁)", r"\1、", text)  # 2.65岁: an item, then an age
    return re.sub(r"(?<!\d)[^\S\n]+|[^\S\n]+(?!\d)", "", text)


def quantities(text: str, *, chinese: bool = False) -> tuple[Quantity, ...]:
    """Quantities of a cleaned text in order; Chinese numerals before a unit only when asked for."""
    found = [_arabic(match) for match in QUANTITY.finditer(text)]
    if chinese:
        found += [
            Quantity(_chinese(m["number"]), m["unit"], m.start(), m.end()) for m in CHINESE.finditer(text)
        ]
    return tuple(sorted(found, key=lambda q: q.start))


def _arabic(match: re.Match[str]) -> Quantity:
    factor = FACTORS[match["factor"] or ""] * FACTORS[match["more"] or ""]
    unit = (match["unit"] or "") + ("/" if match["per"] else "")  # 2.34万元/人 is no 万元
    number = Decimal(match["number"])
    step = Decimal(1).scaleb(int(number.as_tuple().exponent)) * factor
    return Quantity(number * factor, unit, match.start(), match.end(), step)


def _chinese(numeral: str) -> Decimal:
    total, digit = 0, 0
    for char in numeral:
        if char in DIGITS:
            digit = DIGITS[char]
        else:
            total += (digit or 1) * FACTORS[char]
            digit = 0
    return Decimal(total + digit)


def same_unit(one: str, other: str) -> bool:
    """Whether two units mean the same thing."""
    return one == other or any({one, other} <= group for group in SAME_UNIT)
