"""When a figure holds: the time expression that governs it, and whether its section looks ahead.

In: a sentence of a report, or the whole text. Out: time expressions in order (:func:`periods`),
and the stretches of the text that speak of plans (:func:`plans`). A date that is only a base of
comparison (比2015年增长) or part of a document's title is no period of the figure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.report import Span

_S = r"[ \u3000]?"
_CN = "[一二三四五六七八九十两]"
_YEAR = (
    rf"(?:(?:19|20)[0-9]{{2}}{_S}(?:[-至到]{_S}(?:19|20)[0-9]{{2}}{_S})?年[度底末初]?"
    r"|今年|去年|上年|明年|当年|本年度)"
)
_PART = (
    rf"(?:[0-9]{{1,2}}{_S}(?:月?[-至到]{_S}[0-9]{{1,2}}{_S})?月(?:[份底末初]|[上中下]旬)?"
    rf"(?:{_S}[0-9]{{1,2}}{_S}[日号](?:[-至到]{_S}(?:[0-9]{{1,2}}{_S}月{_S})?[0-9]{{1,2}}{_S}[日号])?)?"
    rf"|上半年|下半年|全年|(?<!提)前(?:{_CN}{{1,2}}|[0-9]{{1,2}})个月"
    r"|第?[一二三四1-4]季度|前[一二三1-3]季度|(?<![一二三四五六七八九十两半0-9])年[内底末]|当月)"
)
_FIVE_YEARS = r"[“\"]?十[一二三四五]五[”\"]?(?:期间|时期|以来|末)?"
_SPAN_YEARS = (
    rf"近(?:{_CN}|[0-9]{{1,2}})年来?|(?:{_CN}|[0-9]{{1,2}})年来"
    rf"|(?:这|过去)?(?<!续)(?:{_CN}|[0-9]{{1,2}})年(?:累计|间|期间|内|(?=增加|增长|投入|共))"
)
_EDGE = rf"{_S}(?:以来|以后|以前|之前|之后|期间|前|后|起|底|末)?"
_PERIOD = re.compile(
    rf"(?<![比较与同据0-9])(?:(?:截[至止]到?|自|(?<![达得提升降增减加高低长展涨落])到){_S})?"
    rf"(?:{_YEAR}{_S}(?:{_PART})?|{_PART}|{_FIVE_YEARS}|{_SPAN_YEARS}){_EDGE}"
)
_NOW = re.compile(r"(?:截[至止]|到|至)?目前(?!为止的)|(?<![发呈出体实表展])现(?:有|共有|已有)")
_TITLE = re.compile(r"《[^《》\n]{1,80}》")
_TRIM = str.maketrans("", "", ' \u3000“”"')


@dataclass(frozen=True, slots=True)
class Period:
    """A time expression; offsets count in the text that was searched."""

    start: int
    end: int
    text: str


def periods(flat: str) -> tuple[Period, ...]:
    """Time expressions of a flattened sentence that can govern a figure.

    目前 and 截至目前 give an empty text: the report's own period holds again.
    """
    titles = [found.span() for found in _TITLE.finditer(flat)]
    found = [
        Period(m.start(), m.end(), m[0].translate(_TRIM))
        for m in _PERIOD.finditer(flat)
        if not any(start < m.start() < end for start, end in titles)
    ]
    found += [Period(m.start(), m.end(), "") for m in _NOW.finditer(flat)]
    return tuple(sorted(found, key=lambda period: period.start))


_BARE = re.compile(r"^[0-9]{1,2}月(?:[份底末初]|[上中下]旬)?(?:[0-9]{1,2}[日号])?$")
_MONTHS = re.compile(r"^[0-9]{1,2}月?[-至到]?[0-9]{0,2}月")
_RELATIVE = re.compile(r"^(?:去年|上年)")
_MARK = re.compile(r"[，,；;：:。]")


def governing(
    times: Sequence[Period], main: str, at: int, own: str, origins: Sequence[tuple[int, int]] = ()
) -> str:
    """The period that holds for the number at offset ``at`` of a sentence.

    ``own`` is the report's, ``origins`` the stretches that tell what a value changed from: the
    time in 由上年的54次降到15次 is that of the 54 alone.
    """
    for time in reversed(times):
        inside = any(low <= time.start and time.end <= high for low, high in origins)
        if time.end <= at and not inside and _reaches(time, main, at):
            return time.text or own
    return own


def _reaches(time: Period, main: str, at: int) -> bool:
    """Whether a time still holds at ``at``.

    A day or a month says when something happened (5月10日竣工，累计投资…): it holds for its own
    clause, and where it stands alone in one, for the next. 上年 inside a clause holds for that clause.
    """
    before, between = main[: time.start].rstrip(), main[time.end : at]
    part = re.split("[；;]", between)
    if len(part) > 1 and not re.search("[0-9]", part[0]):  # 三年来首次回升；60岁以上53人
        return False
    marks = len(_MARK.findall(between))
    opens = not before or bool(_MARK.match(before[-1]))
    alone = opens and bool(_MARK.match(between))
    if before.endswith(("面向", "着眼", "着眼于", "展望")):
        return False
    if before.endswith(("是", "为", "达", "达到", "相当于")) and between == "的":  # 是上年的1.8倍
        return False
    if before.endswith("占"):
        return not re.search(r"[0-9一二三四五六七八九十]|的$", between)
    if _MONTHS.match(time.text) and between.startswith("的") and not opens:
        return False
    if _BARE.match(time.text):
        return marks <= (1 if alone else 0)
    if _RELATIVE.match(time.text) and not opens:
        return not marks
    return True


def is_later(period: str, own: str) -> bool:
    """Whether a period names a year behind that of the report."""
    named, known = (re.findall(r"(?:19|20)[0-9]{2}", p) for p in (period, own))
    return bool(named and known and int(named[0]) > int(known[-1]))


NUMERALS = {c: n for n, c in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_BACK = re.compile(r"^(?:近|过去|这)?(?P<n>[一二两三四五六七八九十]|[0-9]{1,2})年(?:来|累计|间|期间|以来)?$")
_WITHIN = re.compile(r"^(?:全年|年[末底初内]|[上下]半年|[0-9]{1,2}月|前|第?[一二三四1-4]季度)")
_RANGE = re.compile(r"^((?:19|20)[0-9]{2})[-—](?:19|20)[0-9]{2}年$")
_ONE_YEAR = re.compile(r"^((?:19|20)[0-9]{2})年[度末底]?$")
_PLAN = re.compile(r"^十[一二三四五六]五(?:期间|时期|以来)?$")


def years_back(text: str, last: int | None) -> str:
    """五年来 as the years that end with ``last``: 2008—2012年; "" where ``text`` says no such thing."""
    found = _BACK.match(text)
    if not found or last is None:
        return ""
    count = NUMERALS.get(found["n"]) or int(found["n"])
    return f"{last - count + 1}—{last}年" if count > 1 else ""


def plan_end(plan: str) -> int:
    """The last year of a five-year plan: 十三五 ends with 2020."""
    return 2005 + 5 * NUMERALS[plan[1]]


def counted_from(text: str, year: int) -> str:
    """A time expression of a section that speaks of another ``year`` than its report, made explicit.

    年末 under 2016年工作回顾 is that of 2016, 上年 is 2015, 五年来 under 过去五年 ends with its last year.
    """
    if text.startswith("上年"):
        return f"{year - 1}年{text[2:].removeprefix('度')}"
    if _WITHIN.match(text):
        return f"{year}年{text.removeprefix('全年').removeprefix('年')}"
    return years_back(text, year) or text


def year_before(period: str) -> str:
    """The time to which a value belongs from which another changed over ``period``: 此前 where unclear."""
    years = _RANGE.match(period) or _ONE_YEAR.match(period)
    if years:
        return f"{int(years[1]) - 1}年"
    if _PLAN.match(period):
        return f"{plan_end(period) - 5}年"
    return {"今年": "去年", "本年度": "去年"}.get(period, "此前" if period else "")


_HEADING = re.compile(
    r"(?:^|(?<=[\n。；;！!？? \u3000]))[ \u3000]*(?:第?[一二三四五六七八九十]{1,3}(?:、|部分)[ \u3000]*"
    r"(?P<title>[^，,。；;\n]{2,30})|(?P<next>下一步(?:[，,]|工作)))"
)
_AHEAD = re.compile(
    r"打算|计划(?!生育)|下一?步|下半年|明年|思路|安排|目标|任务(?!完成)|总体要求|要点|工作重点|规划|部署|保障措施|政策取向|建议"
)
_DONE = re.compile(r"完成|成效|成绩|成就|回顾|总结|进展|做法|情况|亮点|问题|不足|困难|基础|开展的|经验")
_PLAN_TITLE = re.compile(r"工作要点|工作计划|工作安排|行动计划|实施方案|工作方案")


def plans(flat: str) -> tuple[Span, ...]:
    """Stretches under headings that look ahead (下一步打算, 目标任务), or the whole of a plan."""
    head = flat[:160].split("。", 1)[0]
    ahead = bool(_PLAN_TITLE.search(head)) and not re.search(r"总结|自评|汇报|报告|情况", head)
    start, found = 0, []
    for heading in _HEADING.finditer(flat):
        title = heading["title"]
        turns = True if title is None else _direction(title)
        if turns is None or turns == ahead:
            continue
        if ahead:
            found.append(Span(start, heading.start()))
        start, ahead = heading.start(), turns
    if ahead:
        found.append(Span(start, len(flat)))
    return tuple(found)


def _direction(title: str) -> bool | None:
    if _DONE.search(title):
        return False
    return True if _AHEAD.search(title) else None


def dated_sections(flat: str) -> tuple[tuple[Span, str], ...]:
    """Sections whose heading names a year of its own (一、2021年工作回顾), with that year."""
    headings = [m for m in _HEADING.finditer(flat) if m["title"]]
    found = []
    for heading, after in zip(headings, (*headings[1:], None), strict=False):
        year = re.match(rf"[ ]*({_YEAR})", heading["title"])
        if year:
            end = after.start() if after else len(flat)
            found.append((Span(heading.start(), end), year[1].translate(_TRIM)))
    return tuple(found)


_NEXT_ITEM = re.compile(r"[一二三四五六七八九十]是")


def runs_on(flat: str, sentence: Span, running: str) -> str:
    """The period that still holds behind ``sentence``: 五年来，新增铁路1万公里；新建机场31个。"""
    piece = sentence.of(flat)
    rest = flat[sentence.end : sentence.end + 3].strip()
    if not piece.rstrip().endswith(("；", ";")) or _NEXT_ITEM.match(rest):
        return ""
    times = [time for time in periods(piece) if re.search("[0-9]", piece[time.end :])]
    return times[-1].text if times else running  # 三年来首次回升； governs no number
