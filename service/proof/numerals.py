"""How numbers are written (GB/T 15835): ranges, years, dates, decimals, approximate numbers, 倍 and 番.

In: a text. Out: findings with the corrected form. All patterns read digits of either width.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from service.arithmetic import plain
from service.proof.rules import Finding, Rule, Severity
from service.proof.spots import Spot, by_sentence, spotted
from service.proof.text import Text

_DASH = r"(?:-{1,2}|~|至|到)"
_NUM = r"\d+(?:\.\d+)?"
# 15-30%, 3-5亿元; what is a model, a date or a number of a document is not.
_RANGE = re.compile(
    rf"(?<![\d.\-/:A-Za-z年月])(?P<low>{_NUM})[ ]?(?P<dash>-{{1,2}}|~)[ ]?(?P<high>{_NUM})[ ]?(?P<unit>%|‰|万(?!分)|亿)"
)
_YEARS = re.compile(
    r"(?<![\d.])(?P<first>(?:19|20)\d\d)(?P<word>年?)[ ]?(?P<dash>[-－~〜∼～–―−]+|—(?!—)|——)[ ]?(?P<last>(?:(?:19|20)\d\d|\d\d))[ ]?年(?![内来龄])"
)
_AT_END = r"(?:底|末|初|度|以来|全年|上半年|下半年|第?[一二三四]季度|[ ]?\d{1,2}月)"
_SHORT = re.compile(
    rf"(?<![\d.\-—～第])['‘’]?(?P<year>[012]\d|9[0-9])年(?={_AT_END}[^龄])"
    r"|(?:(?<=比)|(?<=较)|(?<=同)|(?<=与))(?P<base>[012]\d)年(?=(?:增|减|上升|下降|提高|降低|同期|相比|多|少))"
)
_LONG_AGO = re.compile(r"(?:近|历时|历经|过去|这|满|超过|连续|[了达])$")
_ZERO_DATE = re.compile(
    r"(?:(?<=年)|(?<![\d年.\-]))0(?P<month>[1-9])月(?:0?(?P<day>\d{1,2})(?P<end>[日号]))?"
    r"|(?<=月)0(?P<only>[1-9])(?P<close>[日号])"
)
_HAN_DATE = re.compile(
    r"二[〇○零O0]{1}[〇○零一二三四五六七八九]{2}年(?=[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日)"
)
_DOT = re.compile(
    r"(?<![\d.A-Za-z．·…])\.(?P<rest>\d{1,3})[ ]?(?=%|‰|万|亿|个百分点|倍|元|公里|公顷|亩|平方|吨)"
)
_MIXED = re.compile(
    r"(?<![\d.A-Za-z])(?:(?P<myriads>\d+)万)?(?P<n>[1-9]\d?(?:\.\d+)?)(?P<step>百|千)(?=[余多]?(?:人|户|个|元|名|例|件|份|家|次|所|张|台|套|亩|吨|场|条|项|册|支|种|只|位|块|平方|公里))"
)
_STEPS = {"百": 100, "千": 1000}
_WIDE = re.compile(r"[０-９]+(?:[．][０-９]+)?[％]?")
_NARROW = str.maketrans("０１２３４５６７８９．％", "0123456789.%")
_TOGETHER = "|".join(f"{a}、{b}" for a, b in zip("一两二三四五六七八", "二三三四五六七八九", strict=True))
_ABOUT = re.compile(
    rf"(?<![第十百千、一二三四五六七八九两(（])(?P<pair>{_TOGETHER})(?=[十百千万]|(?:个|名|人|天|年|米|里|公里|次|家|户|岁|回|遍|点|成|倍|元|小时|分钟)(?![级类线]))"
)
_NOT_ABOUT = re.compile(r"^(?:年[级来]|[十百千万]?[^。]{0,3}[等级])")
_TWICE = re.compile(
    rf"(?P<head>大约|约|将近|接近|近)(?P<n>{_NUM}[万亿]*)[余多]?(?P<unit>[个名人户家元张台所次例件份亩吨%]|万元|亿元|公里|平方米){{1,2}}(?P<tail>左右|上下|以上)"
    rf"|(?P<head2>超过?|不少于|不低于|至少)(?P<n2>{_NUM}[万亿]*)(?P<vague2>[余多])(?P<unit2>[个名人户家元张台所次例件份亩吨])"
    rf"|(?P<head3>大约|约|将近)(?P<n3>{_NUM}[万亿]*)(?P<vague3>余|多)(?P<unit3>[个名人户家元张台所次例件份亩吨])"
)
_TURNED = re.compile(
    r"翻了?(?P<n>[一二两三四五六七八九十]|\d+(?:\.\d+)?)(?:个)?倍|翻了?\d+(?:\.\d+)?%|翻了?\d+\.\d+番|翻了?[一二三四]番半"
)


def check(text: Text) -> Iterator[Finding]:
    """All findings on the writing of numbers."""
    yield from spotted(text, Rule.RANGE_UNIT, _RANGE, _ranged, flat=True)
    yield from spotted(text, Rule.YEAR_RANGE, _YEARS, _spanned)
    yield from by_sentence(text, Rule.SHORT_YEAR, _short_years(text))
    yield from spotted(text, Rule.DATE_FORM, _ZERO_DATE, _dated, flat=True)
    yield from spotted(text, Rule.DATE_FORM, _HAN_DATE)
    yield from spotted(text, Rule.LEADING_DOT, _DOT, lambda m: f"0.{m['rest']}", flat=True)
    yield from spotted(text, Rule.MIXED_NUMERAL, _MIXED, _plain, flat=True)
    yield from spotted(text, Rule.WIDE_DIGITS, _WIDE, lambda m: m[0].translate(_NARROW))
    yield from by_sentence(text, Rule.APPROXIMATE, _approximate(text))
    yield from spotted(text, Rule.DOUBLE_APPROXIMATE, _TWICE)
    yield from by_sentence(
        text, Rule.TIMES, (Spot(m.start(), m[0]) for m in _TURNED.finditer(text.text)), Severity.MEDIUM
    )


def _ranged(found: re.Match[str]) -> str:
    unit = found["unit"]
    if Decimal(found["low"]) >= Decimal(found["high"]) and unit in "%‰":
        return ""
    return f"{found['low']}{unit}～{found['high']}{unit}"


def _spanned(found: re.Match[str]) -> str:
    """2016-2020年 → 2016—2020年; 2016年—2020年 is as good."""
    first, last = found["first"], found["last"]
    if len(last) == 4 and found["dash"] == "—":
        return ""
    if len(last) == 2 and int(last) <= int(first[2:]):
        return ""
    return f"{first}—{last if len(last) == 4 else first[:2] + last}年"


def _short_years(text: Text) -> Iterator[Spot]:
    flat = text.reading.flat
    for found in _SHORT.finditer(flat):
        before = flat[max(0, found.start() - 4) : found.start()]
        if not _LONG_AGO.search(before) and not text.damaged(*found.span()):
            yield Spot(
                found.start(), text.text[found.start() : found.end()], _four(found["year"] or found["base"])
            )


def _four(year: str) -> str:
    return f"{'19' if year[0] == '9' else '20'}{year}年"


def _dated(found: re.Match[str]) -> str:
    if found["only"]:
        return f"{found['only']}{found['close']}"
    day = f"{int(found['day'])}{found['end']}" if found["day"] else ""
    return f"{found['month']}月{day}"


def _plain(found: re.Match[str]) -> str:
    value = Decimal(found["n"]) * _STEPS[found["step"]]
    if found["myriads"]:
        return f"{plain(Decimal(found['myriads']) + value / 10000)}万"
    return plain(value)


def _approximate(text: Text) -> Iterator[Spot]:
    for found in _ABOUT.finditer(text.text):
        label = text.text[found.start() - 1 : found.start()] in ("", "\n")
        if not label and not _NOT_ABOUT.match(text.text[found.end() : found.end() + 4]):
            yield Spot(found.start(), found[0], found[0].replace("、", ""))
