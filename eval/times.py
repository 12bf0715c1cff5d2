"""Codes of periods as days, so that two ways of writing one period are one.

In: a code (2017, 2018-H1, 2018-Q3, 2018-05, 2018-01~05, 2016~2020, 2018-11~2019-02, 2018-03-14).
Out: its first and its last day. Read here and not with ``corpus.when``, which is under test.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date

UNKNOWN = "?"
MONTHS = {"H1": (1, 6), "H2": (7, 12), "Q1": (1, 3), "Q2": (4, 6), "Q3": (7, 9), "Q4": (10, 12)}
_CODE = re.compile(r"(?P<year>\d{4})(?:-(?P<part>H[12]|Q[1-4])|-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?")


def days(code: str) -> tuple[date, date]:
    """First and last day of a period.

    Raises:
        ValueError: it is no code of a period.
    """
    first, _, last = code.partition("~")
    if last and len(last) == 2:  # 2018-01~05
        last = f"{first[:4]}-{last}"
    low, high = _edges(first)
    if last:
        high = _edges(last)[1]
    if low > high:
        raise ValueError(f"{code!r} ends before it begins")
    return low, high


def _edges(code: str) -> tuple[date, date]:
    found = _CODE.fullmatch(code)
    if found is None:
        raise ValueError(f"{code!r} is no period")
    year = int(found["year"])
    if found["day"]:
        day = date(year, int(found["month"]), int(found["day"]))
        return day, day
    month = int(found["month"] or 0)
    first, last = (month, month) if month else MONTHS.get(found["part"] or "", (1, 12))
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def same_time(accepted: Iterable[str], code: str | None) -> bool:
    """Whether a code (None: unknown) is one of the accepted periods."""
    if code is None:
        return UNKNOWN in accepted
    return any(days(code) == days(one) for one in accepted if one != UNKNOWN)
