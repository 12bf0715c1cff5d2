"""When a figure holds, as dates: what the page says in words becomes a range that can be compared (时段).

In: the period of a figure as written (今年5月27日, 截至10月底, 十三五, 近三年, "" where only the report
tells), the year and period of its report. Out: a :class:`When`, inclusive at both ends, or None where
neither tells. 截至10月底 covers the year up to then, since what reports count up to a day they count
from January; :func:`as_of` gives the day itself.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache


@dataclass(frozen=True, slots=True, order=True)
class When:
    """An inclusive range of days, normally whole months."""

    start: date
    end: date

    @property
    def months(self) -> int:
        """Calendar months that it touches."""
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1

    @property
    def whole(self) -> bool:
        """Whether it begins and ends with a month."""
        return self.start.day == 1 and self.end.day == monthrange(self.end.year, self.end.month)[1]

    @property
    def years(self) -> bool:
        """Whether it is made of whole years."""
        return self.whole and self.start.month == 1 and self.end.month == 12

    @property
    def code(self) -> str:
        """2017, 2018-H1, 2018-Q1, 2018-05, 2018-01~05, 2016~2020, 2018-03-14 or two dates."""
        year, first, last = self.start.year, self.start.month, self.end.month
        if not self.whole:
            one, other = self.start.isoformat(), self.end.isoformat()
            return one if one == other else f"{one}~{other}"
        if self.years:
            return str(year) if year == self.end.year else f"{year}~{self.end.year}"
        if year != self.end.year:
            return f"{year}-{first:02d}~{self.end.year}-{last:02d}"
        part = _CODES.get((first, last))
        if part:
            return f"{year}-{part}"
        return f"{year}-{first:02d}" + (f"~{last:02d}" if last != first else "")

    @property
    def label(self) -> str:
        """2017年, 2018年上半年, 2018年1—5月, 2016—2020年, 2018年3月14日."""
        year, first, last = self.start.year, self.start.month, self.end.month
        if not self.whole:
            one, other = _day(self.start), _day(self.end)
            return one if one == other else f"{one}—{other.removeprefix(f'{year}年')}"
        if self.years:
            return f"{year}年" if year == self.end.year else f"{year}—{self.end.year}年"
        if year != self.end.year:
            return f"{year}年{first}月—{self.end.year}年{last}月"
        part = _LABELS.get((first, last))
        if part:
            return f"{year}年{part}"
        return f"{year}年{first}月" if first == last else f"{year}年{first}—{last}月"


_CODES = {(1, 6): "H1", (7, 12): "H2", (1, 3): "Q1", (4, 6): "Q2", (7, 9): "Q3", (10, 12): "Q4"}
_LABELS = {
    (1, 6): "上半年", (7, 12): "下半年", (1, 3): "第一季度", (4, 6): "第二季度", (7, 9): "第三季度", (10, 12): "第四季度",
}  # fmt: skip


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def of_year(first: int, last: int | None = None) -> When:
    """A whole year, or several."""
    return When(date(first, 1, 1), date(last or first, 12, 31))


def _of_months(year: int, first: int, last: int) -> When:
    return When(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


# -- reading ----------------------------------------------------------------------------------------

_CN = "一二三四五六七八九十"
_NUMBER = rf"(?:[{_CN}两]{{1,3}}|[0-9]{{1,2}})"
_WIDE = str.maketrans("—－–～~至到０１２３４５６７８９", "-------0123456789", "“”\"' \u3000\u00a0")
_DASHES = re.compile("-+")
_UNTIL = re.compile(r"^(?:截[至止到]*-*|-)(?=.)")
_SINCE = re.compile(r"^[自从]")
_YEARS = re.compile(r"^((?:19|20)[0-9]{2})年?-((?:19|20)[0-9]{2})年?[度底末初]?")
_ACROSS = re.compile(
    r"^((?:19|20)[0-9]{2})年(\d{1,2})月(?:(\d{1,2})日)?-((?:19|20)[0-9]{2})年(\d{1,2})月(?:(\d{1,2})日)?$"
)
_YEAR = re.compile(
    r"^(?:((?:19|20)[0-9]{2})(?:年度?)?|(今年|本年度?|当年|去年|上年度?|上一年|明年|次年|下年|前年|全年|年))"
)
_RELATIVE = {"去年": -1, "上年": -1, "上年度": -1, "上一年": -1, "前年": -2, "明年": 1, "次年": 1, "下年": 1}
_PLAN = re.compile(rf"^(?:“?)(十[{_CN[:6]}])五(?P<rest>.*)$")
_PAST = re.compile(rf"^(?:近|过去|这)?(?P<n>{_NUMBER})年(?P<rest>来|累计|间|期间|内|)$")
_DAYS = re.compile(r"^(\d{1,2})月(?:份)?(\d{1,2})[日号](?:-(?:(\d{1,2})月)?(\d{1,2})[日号])?")
_SHORT_DAYS = re.compile(r"^(\d{1,2})月(\d{1,2})-(\d{1,2})[日号]")
_MONTHS = re.compile(r"^(\d{1,2})月?-(\d{1,2})月份?")
_MONTH = re.compile(r"^(\d{1,2})月(?:份)?(上旬|中旬|下旬)?")
_FIRST = re.compile(rf"^(?:前|1-)({_NUMBER})个月")
_QUARTERS = re.compile(r"^(前|1-|一-)?第?([一二三四1-4])个?季度")
_HALVES = {"上半年": (1, 6), "下半年": (7, 12), "全年": (1, 12)}
_TENS = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31)}
_SINCE_THEN = re.compile(r"以来|以后|之后|起|后$")
_END = re.compile(r"[底末]")
_EDGE = re.compile(r"^年?(?:以来|以后|以前|之前|之后|期间|[度份内初底末中前后起])*$")


def read_when(text: str, *, year: int | None, period: str | None, reviewed: int | None = None) -> When | None:
    """The range that the period of a figure covers; None where it cannot be told.

    Args:
        text: the period as written; "" is the report's own.
        year: the year that the report is about; 今年 is that year.
        period: the part of it that the report covers (上半年, 1-11月); None is the whole.
        reviewed: the last year that the report looks back on, where it is not ``year``: what a plan of
            2018 says of the past five years ends with 2017.
    """
    own = _own(year, period)
    if not text:
        return own
    try:
        return _read(_plain(text), year, own, reviewed or year)
    except ValueError:  # 2月30日, 13月
        return None


def as_of(text: str, *, year: int | None) -> date | None:
    """The day up to which a figure counts (截至10月底, 到2025年, 年末); None where it names none."""
    plain = _plain(text)
    if (
        not plain
        or plain.endswith("目前")
        or not (_UNTIL.match(plain) or _END.search(plain))
        or _SINCE_THEN.search(plain)
    ):
        return None
    when = read_when(text, year=year, period=None)
    return when.end if when else None


@lru_cache(maxsize=512)
def _own(year: int | None, period: str | None) -> When | None:
    plain = _plain(period or "")
    if not plain or plain == "全年":
        return of_year(year) if year else None
    try:
        return _read(plain, year, of_year(year) if year else None, year) or (of_year(year) if year else None)
    except ValueError:
        return of_year(year) if year else None


def _plain(text: str) -> str:
    return _DASHES.sub("-", text.translate(_WIDE)) if text else ""


@lru_cache(maxsize=4096)
def _read(text: str, year: int | None, own: When | None, reviewed: int | None) -> When | None:
    until, since = _UNTIL.match(text), _SINCE.match(text)
    rest = text[until.end() :] if until else text[1:] if since else text
    plan = _PLAN.match(rest)
    if plan:
        return _of_plan(plan[1], plan["rest"], own)
    past = _PAST.match(rest)
    if past:
        return _of_past(_small(past["n"]), past["rest"], year, reviewed)
    across = _ACROSS.match(rest)
    if across:
        return _of_two(across)
    years = _YEARS.match(rest)
    if years:
        return of_year(int(years[1]), int(years[2])) if years[1] <= years[2] else None
    if rest == "目前":
        return own
    named, part = _take_year(rest, year)
    if named is None:
        return None
    found, tail = _part(part, named)
    if tail == rest or not _EDGE.match(tail):  # nothing was understood, or not all of it
        return None
    if since or _SINCE_THEN.search(tail):
        end = own.end if own and own.end >= found.start else found.end
        return When(found.start, end)
    if "初" in tail:
        return _of_months(named, 1, 1) if found == of_year(named) else found
    if (until or _END.search(tail) or "前" in tail) and found.start.year == found.end.year:
        return When(date(found.start.year, 1, 1), found.end)
    return found


def _take_year(text: str, year: int | None) -> tuple[int | None, str]:
    """The year that a period begins with, else the report's, and what follows."""
    found = _YEAR.match(text)
    if found is None:
        return year, text
    rest = text[found.end() :]
    if found[1]:
        return int(found[1]), rest
    return (year + _RELATIVE.get(found[2], 0) if year else None), rest


def _part(text: str, year: int) -> tuple[When, str]:
    """The part of ``year`` that ``text`` begins with, and what follows it."""
    days = _DAYS.match(text)
    if days:
        first = date(year, int(days[1]), int(days[2]))
        last = date(year, int(days[3] or days[1]), int(days[4])) if days[4] else first
        return When(first, max(first, last)), text[days.end() :]
    short = _SHORT_DAYS.match(text)
    if short:
        month, first_day, last_day = (int(part) for part in short.groups())
        return When(date(year, month, first_day), date(year, month, last_day)), text[short.end() :]
    for name, (low, high) in _HALVES.items():
        if text.startswith(name):
            return _of_months(year, low, high), text[len(name) :]
    first_months = _FIRST.match(text)
    if first_months:
        return _of_months(year, 1, _small(first_months[1])), text[first_months.end() :]
    quarter = _QUARTERS.match(text)
    if quarter:
        number = _small(quarter[2])
        return _of_months(year, 1 if quarter[1] else number * 3 - 2, number * 3), text[quarter.end() :]
    return _month(text, year)


def _month(text: str, year: int) -> tuple[When, str]:
    months = _MONTHS.match(text)
    if months and int(months[1]) <= int(months[2]):
        return _of_months(year, int(months[1]), int(months[2])), text[months.end() :]
    month = _MONTH.match(text)
    if month is None:
        return of_year(year), text
    whole = _of_months(year, int(month[1]), int(month[1]))
    if month[2]:
        low, high = _TENS[month[2]]
        whole = When(whole.start.replace(day=low), whole.end.replace(day=min(high, whole.end.day)))
    return whole, text[month.end() :]


def _of_plan(tens: str, rest: str, own: When | None) -> When:
    """十三五 is 2016—2020年; 以来 ends with the report, 末 is the last year."""
    first = 2006 + 5 * (_small(tens) - 11)
    if "末" in rest:
        return of_year(first + 4)
    if _SINCE_THEN.search(rest) and own and own.end.year >= first:
        return When(date(first, 1, 1), own.end)
    return of_year(first, first + 4)


def _of_past(count: int, rest: str, year: int | None, reviewed: int | None) -> When | None:
    """近三年 ends with the last year lived through; 三年内 begins with this one."""
    if not 1 <= count <= 60 or year is None or reviewed is None:
        return None
    if rest == "内":
        return of_year(year, year + count - 1)
    return of_year(reviewed - count + 1, reviewed)


def _of_two(found: re.Match[str]) -> When | None:
    """2016年8月—2018年6月, with or without days."""
    low = date(int(found[1]), int(found[2]), int(found[3] or 1))
    last = monthrange(int(found[4]), int(found[5]))[1]
    high = date(int(found[4]), int(found[5]), int(found[6] or last))
    return When(low, high) if low <= high else None


def _small(numeral: str) -> int:
    """三, 十二, 二十 or 12 as a number."""
    if numeral.isdecimal():
        return int(numeral)
    tens, ten, ones = numeral.replace("两", "二").rpartition("十")
    low = _CN.index(ones) + 1 if ones else 0
    return (10 * (_CN.index(tens) + 1 if tens else 1) if ten else 0) + low
