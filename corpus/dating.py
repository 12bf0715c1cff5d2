"""Reads when a report speaks: number (发文字号), date of signing, year and period that it is about.

In: cleaned text and the title. Out: :class:`Field` values with where each was read, or None.

The year of a report is the year that it is *about*. Trusted in this order: title, journal issue, date
and number, the body. A year that the body mentions once in passing is none, nor is the year of a law;
a report signed in spring is about the year before.
"""

from __future__ import annotations

import re
from collections import Counter

from corpus.closing import DATE, closing_start
from corpus.report import Field, Genre, Span
from corpus.title import Title

_DIGITS = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | {"○": "0", "零": "0", "O": "0"}
_YEAR = re.compile(r"(?<![\d.])(20[0-4]\d)(?=年|[-—－～~至]20\d\d年|\s*年度)")
_BARE_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?![\d.%])")
_CHINESE_YEAR = re.compile(r"二[〇○零O][〇○零O一二三四][〇○零O一二三四五六七八九](?=年)")
_NUMBER = re.compile(r"[一-鿿]{2,12}(?:字|发)?[〔\[【（(［](20\d\d)[〕\]】）)］]\s*第?\d{1,4}号")
_OWN_NUMBER = re.compile(
    rf"^[\s　]*(?:【字号】|发文字号[:：]|文号[:：])?\s*(?P<number>{_NUMBER.pattern})\s*$", re.MULTILINE
)
_HEADER_DATE = re.compile(
    r"(?:【(?:公布|发布|发文|成文)日期】|(?:成文|发文|印发|报送)(?:日期|时间)[:：])\s*(20\d\d)[-.年/](\d{1,2})[-.月/](\d{1,2})"
)
_SPOKEN_DATE = re.compile(
    r"^[\s—－\-（(]*(20\d\d)年(\d{1,2})月(\d{1,2})日(?:在.{4,40}上)?[）)\s]*$", re.MULTILINE
)
_DATE_PARTS = re.compile(r"(\S+?)\s*年\s*(\S+?)\s*月\s*(\S+?)\s*日")
_ISSUE = re.compile(
    r"(20\d\d)[（(]\d{1,2}[）)]\s*[（(]?[a-zA-Z]?[）)]?[-:：]|(20\d\d)年第\d+[卷期]|\d{4}-\d{4}\.(20\d\d)\.\d\d\."
    r"|\d{4}-\d{3}[\dXx][（(](20\d\d)[）)]\d"
)
_PERIODS = (
    ("上半年", r"上半年|半年(?:工作)?总结"),
    ("第一季度", r"(?:第?一|1)季度"),
    ("第二季度", r"(?:第?二|2)季度"),
    ("前三季度", r"前三个?季度|(?:1|一)[-—至－](?:3|三)季度|1[-—至－]9月"),
    ("第三季度", r"(?:第?三|3)季度"),
    ("第四季度", r"(?:第?四|4)季度"),
    ("下半年", r"下半年"),
)
_MONTHS = re.compile(r"(?<!\d)(1)[-—至－～~](\d{1,2})月")
_FIVE_YEARS = re.compile(r"“?(十[一二三四五六]五)”?")
# Years that the body calls its own: 2017年度, 截至2018年, 2022年工作.
_OWN_YEAR = re.compile(
    r"(?:对|截[至止]到?|在)?(?<!\d)(20[0-4]\d)(?:年度|年(?:以来|全年|上半年|工作))|截[至止]到?(20[0-4]\d)年"
)


def read_number(text: str) -> Field | None:
    """发文字号 that stands on a line of its own near the beginning."""
    match = _OWN_NUMBER.search(text, 0, 1200)
    return Field(match["number"], "number", Span(*match.span("number"))) if match else None


def read_date(text: str) -> Field | None:
    """Date of signing as ISO: at the end, else from a header, else the day of the speech."""
    low = closing_start(text)
    signed = list(re.finditer(DATE, text[low:])) or list(re.finditer(rf"{DATE}(?=\s*$)", text[-60:]))
    if signed:
        base = low if low < len(text) else len(text) - len(text[-60:])
        parts = _DATE_PARTS.search(signed[0][0])
        value = _iso(*parts.groups()) if parts else ""
        if value:
            return Field(value, "signature", Span(base + signed[0].start(), base + signed[0].end()))
    for pattern in (_HEADER_DATE, _SPOKEN_DATE):
        match = pattern.search(text, 0, 1200)
        value = _iso(*match.groups()) if match else ""
        if match and value:
            return Field(value, "header", Span(match.start(1), match.end(3)))
    return None


def _iso(year: str, month: str, day: str) -> str:
    """二〇一八, 六, 二十 or 2018, 6, 20 as 2018-06-20; "" where it is no date."""
    digits = "".join(_DIGITS.get(c, c) for c in year)
    numbers = (_small(month), _small(day))
    if not re.fullmatch(r"20\d\d", digits) or not 1 <= numbers[0] <= 12 or not 1 <= numbers[1] <= 31:
        return ""
    return f"{digits}-{numbers[0]:02d}-{numbers[1]:02d}"


def _small(numeral: str) -> int:
    """六, 十二, 二十一 or 12 as a number; 0 where it is none."""
    if numeral.isdecimal():
        return int(numeral)
    tens, ten, ones = numeral.rpartition("十")
    if any(c not in _DIGITS for c in tens + ones):
        return 0
    return (10 * int(_DIGITS.get(tens, "1")) if ten else 0) + int(_DIGITS.get(ones, "0"))


def read_year(
    text: str, title: Title | None, genre: Genre, date: Field | None, number: Field | None
) -> Field | None:
    """The year that the report is about."""
    words = title.words if title else ""
    offset = title.span.start if title and title.span else None
    named = _title_year(words, offset)
    if named or (genre is Genre.PLAN and _FIVE_YEARS.search(words)):
        return named
    if genre is Genre.ARTICLE:
        issue = _ISSUE.search(text)
        value = next((g for g in issue.groups() if g), "") if issue else ""
        return Field(value, "header", Span(*issue.span())) if issue else None
    body = _body_year(text)
    signed = int(date.value[:4]) if date else int(_BARE_YEAR.findall(number.value)[0]) if number else 0
    if not signed:
        return body
    early = date is not None and int(date.value[5:7]) <= 3 and genre in (Genre.ANNUAL, Genre.SELF_REVIEW)
    late = date is not None and int(date.value[5:7]) >= 11 and genre in (Genre.PLAN, Genre.KEY_POINTS)
    if body and ((early and int(body.value) == signed - 1) or (late and int(body.value) == signed + 1)):
        return body
    source = date or number
    return Field(str(signed), "signature" if date else "number", source.span if source else None)


def _title_year(words: str, offset: int | None) -> Field | None:
    """The first year of a title; none for a stretch of years (2021—2025年)."""
    chinese = _CHINESE_YEAR.search(words)
    years = list(_YEAR.finditer(words))
    if chinese and not years:
        value = "".join(_DIGITS[c] for c in chinese[0][1:])
        span = None if offset is None else Span(offset + chinese.start(), offset + chinese.end())
        return Field(f"2{value}", "title", span)
    if not years or re.match(r"年?[-—－～~至]+20\d\d", words[years[0].end() :]):
        return None
    first = years[0]
    span = None if offset is None else Span(offset + first.start(1), offset + first.end(1))
    return Field(first[1], "title", span)


def _body_year(text: str) -> Field | None:
    """The year that the body speaks of most; one that it calls its own counts double."""
    votes: Counter[str] = Counter()
    where: dict[str, Span] = {}
    for match in _YEAR.finditer(text):
        votes[match[1]] += 1
        where.setdefault(match[1], Span(*match.span(1)))
    for match in _OWN_YEAR.finditer(text):
        votes[match[1] or match[2]] += 2
    ranked = votes.most_common(2)
    if not ranked or ranked[0][1] < 2 or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    year = ranked[0][0]
    return Field(year, "body", where.get(year))


def read_period(
    text: str, title: Title | None, genre: Genre, year: Field | None, date: Field | None
) -> Field | None:
    """全年, 上半年, 第一季度, 1-11月 …; for a long plan the five years (“十四五”)."""
    words = title.words if title else ""
    offset = title.span.start if title and title.span else None
    found = [(m.start(), name, m) for name, pattern in _PERIODS for m in re.finditer(pattern, words)]
    found += [(m.start(), f"1-{int(m[2])}月", m) for m in _MONTHS.finditer(words)]
    if found:
        _, name, match = min(found, key=lambda f: f[0])
        return Field(
            name, "title", None if offset is None else Span(offset + match.start(), offset + match.end())
        )
    five = _FIVE_YEARS.findall(words)
    if five and genre is Genre.PLAN:
        return Field(five[0], "title")
    half = re.search(r"上半年", text)
    if half and date and 6 <= int(date.value[5:7]) <= 8 and genre in (Genre.ANNUAL, Genre.BRIEFING):
        return Field("上半年", "body", Span(*half.span()))
    yearly = {Genre.ANNUAL, Genre.SELF_REVIEW, Genre.PLAN, Genre.KEY_POINTS}
    return Field("全年", year.how) if year and genre in yearly else None
