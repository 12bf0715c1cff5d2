"""What an input may hold: its four sheets with their columns, and how one value is read (栏目与取值).

In: the text of one cell, wherever it was typed (a workbook, YAML, JSON). Out: its value, as it is to be written and as a
number or a date; or :class:`Wrong`, which says what is wrong with it and what to do. Nothing is guessed: 3O% is
no number, the 30th of February no date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from corpus.corrections import unit_of
from corpus.numeral_values import flatten
from corpus.units import match_unit
from corpus.when import read_when
from service.arithmetic import plain as plain_number
from service.draft.inputs import Amount, Basic, Kind
from service.draft.source import SHEETS

BASIC, INDICATORS, PROBLEMS, TASKS = SHEETS
FIRST_YEAR, LAST_YEAR = 1990, 2100


class Wrong(ValueError):
    """A value that cannot be: what is wrong with it, and what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}。{remedy}" if remedy else message)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet, or a field of 基本信息. ``most`` is the number of characters that it may hold, ``width``
    that of the column in the workbook, ``example`` what may stand there.
    """

    name: str
    help: str
    most: int = 200
    width: int = 16
    required: bool = False
    example: str = ""


TEXT = 2000  # characters of 表现, 原因, 措施
LONG = 500  # characters from which on a text is warned of
FIELDS = (
    Column("文种", "写哪一种：" + "、".join(kind.label for kind in Kind), required=True, example="工作计划"),
    Column("单位", "落款用的全称", required=True, example="澄河县卫生健康局"),
    Column("地区", "与库中报告的地区写法一致", 30, required=True, example="澄河县"),
    Column(
        "年度",
        "总结、问题写总结的那一年；计划写要做计划的那一年，本年值就是它的上一年",
        required=True,
        example="2023",
    ),
    Column("截止日期", "数据截至哪一天，没有就空着", example="2022-12-31"),
    Column("标题", "空着则由地区、年度和文种组成"),
    Column("总体要求", "计划开头的一段话，原样写入；空着则不写", TEXT),
    Column("保障措施", "计划的保障措施，一行写一条，原样写入；空着则只写分工和时限", TEXT),
    Column("发文字号", "如 澄卫发〔2023〕1号"),
    Column("签发人", "上行文才写，与红头一起用；几个人之间用顿号", 60),
    Column("主送机关", "空着则不写"),
    Column("附件", "一行写一个附件的名称", TEXT),
    Column("抄送", "空着则不写", TEXT),
    Column("成文日期", "空着则不写", example="2023-01-10"),
)
INDICATOR = (
    Column("名称", "指标的规范名称", 100, 28, True, "家庭医生签约率"),
    Column("单位", "%、人、人次、所、万元……；没有单位就空着", 12, 10, False, "%"),
    Column("上年值", "本年的上一年的数：只写数，可带 约、不低于、以上、万、亿", 40, 12, False, "66.8"),
    Column("本年值", "本年的数：计划的“本年”是计划年度的上一年", 40, 12, False, "72.3"),
    Column("目标值", "下一年要达到的数，可写 不低于75", 40, 14, False, "不低于75"),
    Column("口径", "统计范围和时段，如 常住人口、上半年", 100, 16),
    Column("来源", "数从哪里来；预填的来源请不要改动，改了数值它自动失效", 20_000, 60),
)
PROBLEM = (
    Column("编号", "任务用它指明针对哪个问题；空着则自动编号", 20, 10, False, "问题1"),
    Column("问题", "一句话说明是什么问题", 200, 30, True, "乡村医生后继乏人"),
    Column("表现", "有什么表现，尽量有数字", TEXT, 44, False, "60岁以上的占四成"),
    Column("原因", "为什么会这样", TEXT, 36, False, "待遇偏低，没有编制"),
    Column("来源", "只作备查，不写进文稿；预填的来源请不要改动", 20_000, 60),
)
TASK = (
    Column("任务", "一句话说明做什么", 200, 30, True, "定向培养乡村医生"),
    Column("针对问题", "填问题的编号，几个之间用顿号：问题1、问题2", 200, 14, False, "问题1"),
    Column("措施", "怎样做", TEXT, 44, False, "与卫校签订培养协议"),
    Column("责任单位", "谁负责", 200, 18, False, "基层卫生股"),
    Column("完成时限", "什么时候完成，如 2023年9月底前、年底前、长期", 40, 16, False, "2023年9月底前"),
    Column("目标值", "做到什么程度，尽量有数字", 200, 20, False, "招录20名"),
    Column("完成情况", "写总结时填：做成了什么", TEXT, 30),
    Column("板块", "写在哪个小标题下；任务多时用它分组，都空着则按问题分组", 30, 16, False, "基层服务能力"),
    Column("来源", "只作备查，不写进文稿；预填的来源请不要改动", 20_000, 60),
)
COLUMNS: dict[str, tuple[Column, ...]] = {INDICATORS: INDICATOR, PROBLEMS: PROBLEM, TASKS: TASK}
UNITS = ("%", "‰", "人", "人次", "户", "所", "个", "家", "张", "支", "例", "次", "场", "元", "万元", "亿元")

# -- text -------------------------------------------------------------------------------------------

_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ud800-\udfff\ufeff\ufffe\uffff]"
)
_HAN = r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
_GAP = re.compile(rf"(?<={_HAN})\s+(?={_HAN})")
_SPLIT = re.compile(r"[\n；;]+")
_KEYS = re.compile(r"[、，,；;\s/]+")
_NOTHING = frozenset({"-", "--", "/", "无", "\\"})


def one_line(text: str) -> str:
    """Text without control characters and line breaks; a break between two Chinese characters leaves no gap."""
    return _GAP.sub("", " ".join(_CONTROL.sub("", text).split()))


def prose(text: str) -> str:
    """Text of several lines as one; a line that ends without a mark is closed by ；."""
    lines = [line for part in re.split(r"[\r\n]+", text) if (line := one_line(part))]
    closed = [line if re.search(r"[。；，、：！？,;:!?…]$", line) else f"{line}；" for line in lines[:-1]]
    return one_line("".join((*closed, *lines[-1:])))


def listed(text: str) -> tuple[str, ...]:
    """The lines of a cell, or what ； parts."""
    return tuple(line for part in _SPLIT.split(text.replace("\r", "\n")) if (line := one_line(part)))


def keys(text: str) -> tuple[str, ...]:
    """问题1、问题2 as its parts, each once."""
    return tuple(dict.fromkeys(part for part in _KEYS.split(one_line(text)) if part))


def kind_of(text: str) -> Kind:
    """The kind of a Chinese term, or of the word of the command line."""
    plain = one_line(text)
    for kind in Kind:
        if plain in (kind.value, kind.label):
            return kind
    raise Wrong(f"没有“{plain[:30]}”这种文种", f"请从中选一种：{'、'.join(kind.label for kind in Kind)}")


# -- numbers ----------------------------------------------------------------------------------------

_SYMBOLS = {
    "≥": "不低于",
    "≧": "不低于",
    ">=": "不低于",
    "≤": "不超过",
    "≦": "不超过",
    "<=": "不超过",
    ">": "超",
    "<": "低于",
}
# As written: the name under which corpus.numeral_qualifiers knows it.
_BEFORE = {
    "大约": "约", "约": "约", "将近": "近", "近": "近", "超过": "超", "超": "超", "不低于": "不低于", "不少于": "不少于",
    "不超过": "不超过", "不高于": "不超过", "至少": "至少", "至多": "至多", "低于": "低于", "少于": "低于", "高于": "超", "不足": "不足",
}  # fmt: skip
_AFTER = ("以上", "以下", "以内", "左右")
_SCALES = {"万亿": Decimal(10) ** 12, "亿": Decimal(10) ** 8, "万": Decimal(10) ** 4}
_AMOUNT = re.compile(
    rf"(?:达到|达)?(?P<before>{'|'.join(sorted(_BEFORE, key=len, reverse=True))})?"
    r"(?P<number>-?(?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,8})?)"
    rf"(?P<scale>万亿|亿|万)?(?P<vague>余|多)?(?P<unit>.*?)(?P<after>{'|'.join(_AFTER)})?"
)
_LETTERS = re.compile(r"\d[OoIl]|[OoIl]\d")
_RANGE = re.compile(r"\d%?[-~至到]\d")
_WRITE = "请只写数字，如 72.3，可以带 约、不低于、以上、万、亿；单位写在“单位”一栏；还没有数就空着"


def amount(text: str, unit: str = "") -> tuple[Amount | None, str]:
    """A value and its unit: ("72.3%", "") is 72.3 and %, ("1.2", "万人") is 12000, written 1.2万, and 人.

    None where the cell is empty or holds a dash.

    Raises:
        Wrong: it is no single number, or its unit is not the one of the row.
    """
    plain = "".join(flatten(_CONTROL.sub("", text)).split())
    if not plain or plain in _NOTHING:
        return None, unit
    for symbol, word in _SYMBOLS.items():
        if plain.startswith(symbol):
            plain = word + plain.removeprefix(symbol)
            break
    found = _AMOUNT.fullmatch(plain)
    if found is None or (found["before"] and found["after"]):
        raise Wrong(f"“{shortened(text)}”不是数值{_hint(plain)}", _WRITE)
    own, row_scale, row_unit = found["unit"], *split_unit(unit)
    scale = found["scale"] or ""
    if own and unit_of(own) != unit_of(row_unit):
        if unit_of(own) == (own, Decimal(1)) and own not in UNITS and not _measured(own):
            raise Wrong(f"“{shortened(text)}”不是数值{_hint(plain)}", _WRITE)
        if unit:
            raise Wrong(f"“{shortened(text)}”的单位与本行的“{unit}”不一致", "请改成一致，或在这里只写数字")
    if scale and row_scale and not own:
        raise Wrong(f"“{shortened(text)}”写了{scale}，本行的单位“{unit}”又有{row_scale}", "请去掉其中一个")
    if not scale and not own:
        scale = row_scale
    number = found["number"].replace(",", "")
    value = Decimal(plain_number(Decimal(number) * _SCALES.get(scale, Decimal(1))))
    word, tail, vague = found["before"] or "", found["after"] or "", found["vague"] or ""
    written = f"{word}{number}{scale}{vague}{tail}"
    return Amount(value, written, _BEFORE.get(word, tail or vague)), row_unit or own


def split_unit(unit: str) -> tuple[str, str]:
    """万人 as 万 and 人; a unit without a scale has "" for it."""
    scale = next((word for word in _SCALES if unit.startswith(word)), "")
    return scale, unit.removeprefix(scale)


def scale_of(value: Amount) -> str:
    """万, 亿, 万亿 or "", as a value is written."""
    found = _AMOUNT.fullmatch(value.text)
    return (found["scale"] or "") if found else ""


def _measured(text: str) -> bool:
    """Whether what stands behind a number is a unit (人次, /10万) and not the rest of something (O%, 左边)."""
    found = match_unit(text, 0)
    return bool(found and found.end == len(text))


def _hint(plain: str) -> str:
    """What may have gone wrong."""
    if _LETTERS.search(plain):
        return "，里面有字母，可能是把数字0、1写成了字母"
    if _RANGE.search(plain):
        return "，是一个区间"
    return ""


def shortened(text: str) -> str:
    """A value in a message."""
    plain = one_line(text)
    return plain if len(plain) <= 30 else f"{plain[:29]}…"


# -- time -------------------------------------------------------------------------------------------

_YEAR = re.compile(r"(\d{4})(?:\.0+)?年?度?")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:T?00:00:00)?")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})月?")
_DATE_LIKE = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(?:(\d{1,2})日)?")
_BY = re.compile(r"^(?:力争|争取|确保|于|在|到)*|(?:之前|以前|完成|前)+$")


def year_of(text: str) -> int:
    """2023 or 2023年.

    Raises:
        Wrong: it is no year, or one that no report can be of.
    """
    found = _YEAR.fullmatch("".join(flatten(text).split()))
    if found is None:
        raise Wrong(f"“{shortened(text)}”不是年份", "请写四位数字，如 2023")
    year = int(found[1])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Wrong(f"年份{year}不在{FIRST_YEAR}—{LAST_YEAR}之间", "请写四位数字，如 2023")
    return year


def day_of(text: str) -> date | None:
    """2023-09-30, 2023/9/30 or 2023年9月30日; None where nothing is told.

    Raises:
        Wrong: it is no day, or one that the calendar does not have.
    """
    plain = flatten("".join(text.split()))
    if not plain or plain in _NOTHING:
        return None
    found = _DAY.fullmatch(plain)
    if found is None:
        raise Wrong(f"“{shortened(text)}”不是日期", "请写成 2023-09-30 或 2023年9月30日")
    return _day(*(int(part) for part in found.groups()))


def _day(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise Wrong(f"没有{year}年{month}月{day}日这一天", "请改成存在的日期，如 2023-09-30") from error
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Wrong(f"日期的年份{year}不在{FIRST_YEAR}—{LAST_YEAR}之间", "请核对")
    return found


def deadline(text: str, year: int | None) -> tuple[str, date | None]:
    """A deadline as it is to be written and its last day, None where it is no date (长期).

    Args:
        text: 2023年9月底前, 9月底前, 年底前, 2023-09-30, 长期 ….
        year: the year in which a deadline without one falls; None where that is open.

    Raises:
        Wrong: the calendar does not have the day or the month.
    """
    plain = one_line(flatten(text) if re.fullmatch(r"[０-９0-9\-－/.．年月日\s]+", text.strip()) else text)
    if not plain or plain in _NOTHING:
        return "", None
    day = _DAY.fullmatch("".join(plain.split()))
    if day:
        found = _day(*(int(part) for part in day.groups()))
        return f"{found.year}年{found.month}月{found.day}日", found
    month = _MONTH.fullmatch("".join(plain.split()))
    if month:
        plain = f"{month[1]}年{int(month[2])}月"
    for like in _DATE_LIKE.finditer(plain):
        _exists(like, plain, year)
    return plain, _last_day(plain, year)


def _exists(like: re.Match[str], plain: str, year: int | None) -> None:
    """Refuse a month or a day that no calendar has; without a year, leap years count."""
    own, month, day = int(like[1] or year or 2024), int(like[2]), int(like[3] or 1)
    if like[1] and not FIRST_YEAR <= own <= LAST_YEAR:
        raise Wrong(f"“{shortened(plain)}”的年份不在{FIRST_YEAR}—{LAST_YEAR}之间", "请核对")
    try:
        date(own, month, day)
    except ValueError as error:
        raise Wrong(f"“{shortened(plain)}”里的日期不存在", "请改成存在的日期，如 2023年9月底前") from error


def _last_day(plain: str, year: int | None) -> date | None:
    when = read_when(_BY.sub("", plain) or plain, year=year, period=None)
    return when.end if when else None


def year_of_terms(basic: Basic) -> int | None:
    """The year in which a deadline without one falls: the coming one. What a summary tells of may be of either."""
    return None if basic.kind is Kind.SUMMARY else basic.past + 1
