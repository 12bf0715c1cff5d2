"""Sentences that code composes from indicators: values, targets and the computed change (指标成句).

In: rows of the input, the input as a source, and rows of the ledger for a year that the input leaves out. Out: facts
whose changes are computed by :mod:`service.papers.derivation` from figures as they are written: of two rates in
个百分点 and never in %, growth only of amounts and never from zero. A bound (不低于95%) has no change; a target says
that it is one, and every value says its year.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from corpus.ledger import Row
from service.cited import Citation, Derived, Sentence
from service.draft.composing_cells import begins_with_verb, flow
from service.draft.inputs import Amount, Indicator
from service.draft.source import InputSource, amount
from service.papers import derivation

Found = Callable[[Indicator, int], Row | None]  # the one value that the library has of an indicator and year

_MEASURE = re.compile(
    r"(?:[率数量比额度值价费金]|比例|比重|占比|面积|时间|标准|水平|收入|支出|投入|投资|人口|达标|涨幅|增幅)$"
)
_SHARE = re.compile(r"(?:[率比]|比例|比重|占比)$")
_COUNTED = re.compile(
    r"(?:人次|家次|公顷次|人|例|家|所|个|张|支|次|场|件|份|处|台|辆|名|户|对|项|种|条|期|批|篇|只|座|套|间|单)$"
)
_PART_OF_YEAR = re.compile(
    r"[上下]半年|第?[一二三四]季度|前[一二三]季度|前?\d{1,2}(?:[-—–~至到]\d{1,2})?个?月"
)
_MOVES = re.compile(r"(?:增长|增加|上涨|提高|下降|减少|降低)$")
ABOUT = ("约", "近", "大约", "左右", "上下", "余", "多")


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it is to be written, with its year and its source; ``exact`` allows arithmetic."""

    text: str
    year: int
    citation: Citation
    exact: bool
    about: bool = False
    former: tuple[Citation, ...] = ()  # sentences of reports that say the same


def state_fact(
    row: Indicator, past: int, source: InputSource, found: Found, *, dated: str, comparable: bool = True
) -> Sentence | None:
    """2022年家庭医生签约率为66.8%，比2021年的61.3%提高5.5个百分点; None where no value is known.

    Args:
        row: the indicator.
        past: the year of its ``this``.
        source: the input as a source.
        found: the value of the library where the input has none.
        dated: what tells the time of ``this`` (2022年, 截至2022年11月30日，); "" where a sentence before it does.
        comparable: false where ``this`` covers a part of the year only, so that no change may be computed.
    """
    this = _value(row, row.this, past, source, found)
    last = _value(row, row.last, past - 1, source, found)
    if this is None and last is None:
        return None
    if this is None and last is not None:
        return Sentence(f"{last.year}年{_told(row, last)}", _cited(last), "quoted")
    assert this is not None
    text = f"{dated}{_told(row, this)}"
    if last is None:
        return Sentence(text, _cited(this), "quoted")
    return _compared(row, text, this, last, comparable=comparable)


def change_fact(row: Indicator, past: int, source: InputSource, found: Found) -> Sentence | None:
    """家庭医生签约率比2021年的61.3%提高5.5个百分点, where the value itself is told; None without a change."""
    this = _value(row, row.this, past, source, found)
    last = _value(row, row.last, past - 1, source, found)
    if this is None or last is None:
        return None
    made = _compared(row, _named(row), this, last)
    return replace(made, text=made.text.replace("，", "", 1)) if made.derived else None


def aim_fact(row: Indicator, past: int, source: InputSource, found: Found, *, dated: str) -> Sentence | None:
    """2023年家庭医生签约率目标为75%，比2022年的72.3%提高2.7个百分点; None where there is no target."""
    target = _value(row, row.target, past + 1, source, None)
    if target is None:
        return None
    before = _value(row, row.this, past, source, found) or _value(row, row.last, past - 1, source, found)
    text = f"{dated}{_named(row)}目标为{target.text}"
    if before is None:
        return Sentence(text, _cited(target), "quoted")
    # 新建10所 against 18所 of the year before is no fall: each year counts what it adds.
    return _compared(row, text, target, before, comparable=not _counts_deeds(row))


def _compared(row: Indicator, text: str, new: Value, old: Value, *, comparable: bool = True) -> Sentence:
    """A sentence about one value, with the change from another; without it where they do not compare.

    What is itself a change (生产总值增长) is told beside that of the other year: a change of changes misleads.
    """
    cited = (*_cited(new), *_cited(old))
    moves = _MOVES.search(flow(row.name))
    change, growth = _change(new, old) if comparable and not moves else (None, None)
    if change is None:
        link = moves[0] if moves else "为"
        return Sentence(f"{text}，{old.year}年{link}{old.text}", tuple(dict.fromkeys(cited)), "quoted")
    if change.value == 0:
        return Sentence(f"{text}，与{old.year}年持平", tuple(dict.fromkeys(cited)), "quoted")
    rate = _is_rate(new)
    about = "约" if new.about or old.about else ""
    moved = derivation.moved(
        change, f"{'提高' if rate else '增加'}{about}", f"{'下降' if rate else '减少'}{about}"
    )
    if growth is not None:
        moved += f"，{derivation.moved(growth, f'增长{about}', f'下降{about}')}"
    derived = tuple(d for d in (change, growth) if d is not None)
    return Sentence(
        f"{text}，比{old.year}年的{old.text}{moved}", tuple(dict.fromkeys(cited)), "computed", (), derived
    )


def _change(new: Value, old: Value) -> tuple[Derived | None, Derived | None]:
    """Difference and, of amounts, growth."""
    if not (new.exact and old.exact):
        return None, None
    one, other = (derivation.operand(value, value.citation) for value in (new, old))
    if one is None or other is None:
        return None, None
    change = derivation.difference(one, other)
    if change is None or _is_rate(new) or not change.value:
        return change, None
    return change, derivation.growth(one, other)


def _is_rate(value: Value) -> bool:
    """Whether a value is a rate: 66.8%, 12.4/10万. The difference of two has no growth."""
    return bool(re.search(r"[%％‰/／]|百分点", value.text))


def _value(
    row: Indicator, given: Amount | None, year: int, source: InputSource, found: Found | None
) -> Value | None:
    """What the input says, else what the library does."""
    if given is not None:
        exact = given.qualifier in ("", *ABOUT)
        own = source.cite(row.at)
        return Value(amount(given, row.unit), year, own, exact, given.qualifier in ABOUT, row.citations)
    told = found(row, year) if found else None
    if told is None:
        return None
    text = derivation.as_written(told)
    about = told.qualifier in ABOUT
    return Value(text, year, Citation.of_row(told), not told.qualifier or about, about)


def _cited(value: Value) -> tuple[Citation, ...]:
    return (value.citation, *value.former)


def _named(row: Indicator) -> str:
    """The indicator with its 口径, where that is told: 1—11月疫苗接种率; 签约率（口径：常住人口）."""
    scope, named = flow(row.scope), flow(row.name)
    if _PART_OF_YEAR.fullmatch(scope):
        return f"{scope}{named}"
    return named + (f"（口径：{scope}）" if scope else "")


def _told(row: Indicator, value: Value) -> str:
    """家庭医生签约率为66.8%; 新建村卫生室10所; 健康企业17家; 周末门诊占门诊总量的14.2%."""
    name = flow(row.name)
    if "占" in name and row.unit in ("%", "‰") and not (row.scope or _SHARE.search(name)):
        return f"{name}的{value.text}"
    if row.scope or _MEASURE.search(name):
        return f"{_named(row)}为{value.text}"
    plain = _counts_deeds(row) or _MOVES.search(name) or _COUNTED.search(value.text)
    return f"{name}{'' if plain else '为'}{value.text}"


def _counts_deeds(row: Indicator) -> bool:
    """Whether a name says what was done (新建村卫生室), not what is there (家庭医生签约率)."""
    text = _named(row)
    return begins_with_verb(text) and not (text.endswith("）") or _MEASURE.search(text))
