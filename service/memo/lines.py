"""Which of the aligned lines a memo shows, and in which order (选取与排序).

In: all lines, and the indicators that the user named. Out: at most some thirty lines, with how many were
left out and why. First come those that were named, then those with values in several columns, rates and
money before counts, full lines before ones with gaps; what stands in one column only comes last.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.aliases import cleaned, key
from corpus.errors import NotFound
from corpus.report import SectionKind
from service.memo.aligning import Line, Slot
from service.memo.context import bare, loose
from service.memo.measures import Form, Stance, bare_of_change

MOST = 30  # indicators that nobody named
MOST_SINGLE = 12  # lines that only one column has
MOST_NAMED = 60  # 率 would name half of a ledger
LEAST_SIMILAR = 0.4
# What a health bureau reads first in a report of a whole government.
_OURS = re.compile(r"医|卫生|健康|疾|病|诊|疫|签约|养老|托育|生育|护理")
_TELLING = re.compile(
    r"(?:率|比例|比率|占比|比重|覆盖面|经费|资金|投资|收入|支出|标准|总量|人口|人次|床位|时间)$"
)
_FORMS = {Form.LEVEL: 0, Form.GROWTH: 1, Form.CHANGE: 2, Form.RANK: 3}
_STANCES = {Stance.ACTUAL: 0, Stance.TARGET: 1, Stance.REQUIREMENT: 2}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The lines of a memo; ``unknown`` are named indicators that nothing tells of."""

    lines: tuple[Line, ...]
    left_out: int = 0
    unknown: tuple[str, ...] = ()


def choose(
    lines: Sequence[Line], indicators: Sequence[str], canonical: Callable[[str], str] = cleaned
) -> Chosen:
    """The lines to show.

    Raises:
        NotFound: indicators were named and none of them is there; it offers the nearest names.
    """
    sound = [line for line in lines if line.measure.name.strip() and line.measure.unit != "年"]
    if indicators:
        return _named(sound, indicators, canonical)
    shown = [line for line in sound if not line.listed and not loose(line)]
    several = _several(shown)
    names = _first_names([line for line in shown if line.measure.name in several], MOST)
    shared = [line for line in shown if line.measure.name in names]
    room = min(MOST_SINGLE, MOST - len(names))
    alone = [line for line in shown if line.measure.name not in several and _telling(line)]
    single_names = _first_names(alone, room)
    single = [line for line in alone if line.measure.name in single_names]
    kept = (*_grouped(shared, names), *_grouped(single, single_names))
    return Chosen(kept, len(sound) - len(kept))


def _several(lines: Sequence[Line]) -> frozenset[str]:
    """Names that more than one column has, be it in unlike units."""
    filled: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for line in lines:
        at = (line.measure.name, line.measure.form, line.measure.stance)
        columns = (i for i, slot in enumerate(line.slots) if slot is not None and slot.row.value is not None)
        filled[at].update(columns)
    return frozenset(str(at[0]) for at, columns in filled.items() if len(columns) > 1)


def _first_names(lines: Sequence[Line], most: int) -> list[str]:
    """The names of the weightiest lines; what was reached and aimed at counts as one."""
    filled: dict[str, set[int]] = defaultdict(set)
    for line in lines:
        filled[line.measure.name].update(
            at for at, slot in enumerate(line.slots) if slot is not None and line.alike(slot)
        )
    ordered = sorted(lines, key=lambda line: _weight(line, len(filled[line.measure.name])))
    return list(dict.fromkeys(line.measure.name for line in ordered))[: max(0, most)]


def _named(lines: Sequence[Line], indicators: Sequence[str], canonical: Callable[[str], str]) -> Chosen:
    kept: dict[int, Line] = {}
    unknown = []
    for indicator in indicators:
        fits = _about(lines, indicator, canonical)
        if not fits:
            unknown.append(indicator)
        kept.update({id(line): line for line in fits})
    if not kept:
        names = list(dict.fromkeys(line.measure.name for line in lines))
        near = list(dict.fromkeys(n for i in unknown for n in nearest(i, names)))
        raise NotFound(
            f"这些报告中没有指标“{'”“'.join(unknown)}”的数字",
            remedy=f"相近的指标有：{'、'.join(near)}" if near else "请用 wenheng figures 查看有哪些指标",
        )
    chosen = sorted(kept.values(), key=lambda line: len(line.found) < 2)
    names = list(dict.fromkeys(line.measure.name for line in chosen))
    return Chosen(_grouped(chosen[:MOST_NAMED], names), max(0, len(chosen) - MOST_NAMED), tuple(unknown))


def _about(lines: Sequence[Line], indicator: str, canonical: Callable[[str], str]) -> list[Line]:
    """Lines of this indicator: those of its name first, then those whose name holds its words."""
    wanted = {key(canonical(indicator)), key(cleaned(indicator))}
    bases = [(key(base), changed) for base, changed in map(bare_of_change, wanted)]
    exact, near = [], []
    for line in lines:
        names = {key(line.measure.name), key(line.name), key(bare_of_change(line.measure.name)[0])}
        moves = line.measure.form in (Form.GROWTH, Form.CHANGE)
        fits = [base for base, changed in bases if moves or not changed]
        if names & {*wanted, *fits}:
            exact.append(line)
        elif any(word in key(line.label) for word in (*wanted, *fits)):
            near.append(line)
    return exact + near


def nearest(indicator: str, names: Sequence[str]) -> tuple[str, ...]:
    """Up to five names that look like one."""
    return tuple(difflib.get_close_matches(indicator, names, 5, LEAST_SIMILAR))


def _telling(line: Line) -> bool:
    """Whether a value that only one column has says something by its name alone."""
    if line.measure.stance is not Stance.ACTUAL or line.measure.form is not Form.LEVEL:
        return False
    telling = _TELLING.search(line.measure.name) and not bare(line.measure.name)
    return bool(telling) and line.found[0].row.section is not SectionKind.PROBLEMS


def _weight(line: Line, columns: int) -> tuple[object, ...]:
    """Sorts the line first that says most; its indicator has a value in so many ``columns``."""
    found = [slot for slot in line.found if slot.row.value is not None]
    alike = sum(line.alike(slot) for slot in found)
    measure = line.measure
    kind = 0 if measure.is_rate else 1 if measure.unit.startswith("元") else 2
    share = columns / len(line.slots)
    return (
        alike < 2,
        -round(share, 1)
        - (0.15, 0.1, 0)[kind]
        - (0.3 if _OURS.search(measure.name) else 0)
        + (0.1 if measure.form is Form.CHANGE else 0),
        _STANCES[measure.stance],
        bare(measure.name),
        _first(line),
    )


def _first(line: Line) -> tuple[str, int]:
    slot: Slot = line.found[0]
    return slot.row.report_id, slot.row.span.start


def _grouped(lines: Sequence[Line], names: Sequence[str]) -> tuple[Line, ...]:
    """In the order of their names; what was reached and what was aimed at stand below each other."""
    order = {name: at for at, name in enumerate(names)}
    return tuple(
        sorted(
            lines, key=lambda x: (order[x.measure.name], _FORMS[x.measure.form], _STANCES[x.measure.stance])
        )
    )
