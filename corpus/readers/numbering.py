"""The numbers that Word makes itself (自动编号): "一、", "（一）", "1.", "①" that stand in no text.

In: numbering.xml and, paragraph by paragraph in order, its list and level. Out: the label as Word
shows it. Counting follows ECMA-376 part 1, 17.9: lists of one abstract definition share counters,
``startOverride`` restarts once, a level restarts after any higher one unless ``lvlRestart`` says
otherwise, ``isLgl`` shows every level in decimal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DIGITS = "〇一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_ROMAN = (
    *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC")),
    *((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)


@dataclass(frozen=True, slots=True)
class Level:
    """How one level counts and looks."""

    start: int = 0
    format: str = "decimal"
    text: str = ""
    restart: int | None = None
    legal: bool = False
    style: str = ""


class Numbering:
    """Counters of all lists of one document; :meth:`label` advances them."""

    def __init__(self, root: etree._Element | None, linked: dict[str, str] | None = None) -> None:
        """Read the definitions; ``linked`` maps the id of a numbering style to its numId."""
        self._levels: dict[str, dict[int, Level]] = {}
        self._abstract: dict[str, str] = {}
        self._overrides: dict[str, dict[int, Level]] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._counters: dict[str, dict[int, int]] = {}
        if root is not None:
            self._read(root, linked or {})

    def _read(self, root: etree._Element, linked: dict[str, str]) -> None:
        links: dict[str, str] = {}
        for abstract in root.iterchildren(W + "abstractNum"):
            name = abstract.get(W + "abstractNumId", "")
            self._levels[name] = dict(_levels(abstract))
            if style := value(abstract, "numStyleLink"):
                links[name] = style
        for num in root.iterchildren(W + "num"):
            name = num.get(W + "numId", "")
            self._abstract[name] = value(num, "abstractNumId")
            self._overrides[name] = dict(_levels(num, "lvlOverride/" + W + "lvl"))
            for override in num.iterchildren(W + "lvlOverride"):
                if start := value(override, "startOverride"):
                    self._starts[name, _number(override.get(W + "ilvl"))] = _number(start)
        for name, style in links.items():  # the list borrows the levels of a numbering style
            target = self._abstract.get(linked.get(style, ""), "")
            self._levels[name] = self._levels.get(target, {})

    def level_of_style(self, num: str, style: str) -> int:
        """The level that a list ties to a paragraph style (0 when none)."""
        levels = self._levels.get(self._abstract.get(num, ""), {}) | self._overrides.get(num, {})
        return next((i for i, level in levels.items() if level.style == style), 0)

    def label(self, num: str, at: int) -> str | None:
        """Count one paragraph of list ``num`` at level ``at``; None where there is no such list."""
        abstract = self._abstract.get(num, "")
        levels = self._levels.get(abstract, {}) | self._overrides.get(num, {})
        if at not in levels:
            return None
        counters = self._counters.setdefault(abstract, {})
        if (num, at) in self._starts:
            counters[at] = self._starts.pop((num, at))
        else:
            counters[at] = counters[at] + 1 if at in counters else levels[at].start
        for higher in range(at):
            counters.setdefault(higher, levels.get(higher, Level()).start)
        for deeper in [i for i in counters if i > at]:
            restart = levels.get(deeper, Level()).restart
            if restart is None or 0 < at + 1 <= restart:
                del counters[deeper]
        return _show(levels, counters, at)


def _levels(parent: etree._Element, path: str = "lvl") -> Iterator[tuple[int, Level]]:
    """The level definitions under an element."""
    for found in parent.iterfind(W + path):
        restart = value(found, "lvlRestart")
        level = Level(
            start=_number(value(found, "start")),
            format=value(found, "numFmt") or "decimal",
            text=value(found, "lvlText"),
            restart=_number(restart) if restart else None,
            legal=is_on(found.find(W + "isLgl")),
            style=value(found, "pStyle"),
        )
        yield _number(found.get(W + "ilvl")), level


def _show(levels: dict[int, Level], counters: dict[int, int], at: int) -> str:
    """Fill ``%1`` … ``%9`` of the level's pattern."""
    if levels[at].format in ("bullet", "none"):
        return ""

    def fill(match: re.Match[str]) -> str:
        index = int(match[1]) - 1
        level = levels.get(index, Level())
        level = replace(level, format="decimal") if levels[at].legal else level
        return spell(counters.get(index, level.start), level.format)

    return re.sub(r"%([1-9])", fill, levels[at].text).strip()


def value(element: etree._Element, child: str) -> str:
    """``w:val`` of a child element, "" when absent."""
    found = element.find(W + child)
    return "" if found is None else found.get(W + "val", "")


def is_on(element: etree._Element | None) -> bool:
    """Whether an on/off property is present and not switched off."""
    return element is not None and element.get(W + "val", "1") not in ("0", "false", "off")


def _number(text: str | None) -> int:
    """A small non-negative integer, 0 for anything else."""
    return int(text) if text is not None and text.isdecimal() and len(text) < 7 else 0


def spell(number: int, style: str) -> str:
    """A counter in one of Word's number formats; unknown formats count in decimal."""
    if style in _SPELLERS and number > 0:
        return _SPELLERS[style](number)
    return str(number)


def chinese(number: int, digits: str = _DIGITS, units: str = "十百千", zero: str = "零") -> str:
    """1 → 一, 10 → 十, 21 → 二十一, 105 → 一百零五; above 9999 digit by digit."""
    if number > 9999:
        return _digit_by_digit(number)
    out = ""
    for place, digit in zip(range(len(str(number)) - 1, -1, -1), str(number), strict=True):
        if digit != "0":
            out += digits[int(digit)] + (units[place - 1] if place else "")
        elif not out.endswith(zero):
            out += zero
    out = out.rstrip(zero)
    return out[1:] if out.startswith("一十") and 10 <= number < 20 else out


def _digit_by_digit(number: int) -> str:
    """105 → 一〇五."""
    return "".join(_DIGITS[int(digit)] for digit in str(number))


def _letters(number: int, first: str) -> str:
    """Word's letters repeat: a … z, aa, bb."""
    repeat, index = divmod(number - 1, 26)
    return chr(ord(first) + index) * (min(repeat, 20) + 1)


def _roman(number: int) -> str:
    """1 → I; above 3999 decimal."""
    if number > 3999:
        return str(number)
    out = ""
    for step, sign in _ROMAN:
        out += sign * (number // step)
        number %= step
    return out


def _enclosed(first: int, last: int = 20) -> Callable[[int], str]:
    """Signs of a Unicode run that starts at 1: ①, ⑴, ⒈, ㈠."""
    return lambda number: chr(first + number - 1) if number <= last else f"({number})"


def _circled(number: int) -> str:
    """① to ㊿."""
    for low, high, first in ((1, 20, 0x2460), (21, 35, 0x3251), (36, 50, 0x32B1)):
        if low <= number <= high:
            return chr(first + number - low)
    return f"({number})"


def _cycle(signs: str) -> Callable[[int], str]:
    """甲乙丙 …: decimal once the signs are used up."""
    return lambda number: signs[number - 1] if number <= len(signs) else str(number)


_COUNTING = ("chineseCounting", "taiwaneseCounting", "japaneseCounting")
_THOUSAND = ("chineseCountingThousand", "taiwaneseCountingThousand", "koreanCounting")
_LEGALS = ("chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal")
_SPELLERS: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(_COUNTING, lambda n: chinese(n, zero="〇")),
    **dict.fromkeys(_THOUSAND, chinese),
    **dict.fromkeys(_LEGALS, lambda n: chinese(n, _LEGAL, "拾佰仟")),
    **dict.fromkeys(("ideographDigital", "taiwaneseDigital", "japaneseDigitalTenThousand"), _digit_by_digit),
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _circled),
    "decimalEnclosedParen": _enclosed(0x2474),
    "decimalEnclosedFullstop": _enclosed(0x2488),
    "ideographEnclosedCircle": _enclosed(0x3280, 10),
    "ideographTraditional": _cycle("甲乙丙丁戊己庚辛壬癸"),
    "ideographZodiac": _cycle("子丑寅卯辰巳午未申酉戌亥"),
    "decimalZero": lambda n: f"{n:02d}",
    "decimalFullWidth": lambda n: "".join(chr(0xFF10 + int(d)) for d in str(n)),
    "decimalFullWidth2": lambda n: "".join(chr(0xFF10 + int(d)) for d in str(n)),
    "lowerLetter": lambda n: _letters(n, "a"),
    "upperLetter": lambda n: _letters(n, "A"),
    "lowerRoman": lambda n: _roman(n).lower(),
    "upperRoman": _roman,
}
