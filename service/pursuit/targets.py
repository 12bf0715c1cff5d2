"""A target against the figure that a later report states for it.

In: a target of the ledger, sentences of the later report. Out: :class:`Compared` with the gap computed in
code. A figure answers a target only where unit, form (a level, or what was added) and name agree; a
target over several years is not yet due.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from corpus.aliases import Aliases
from corpus.ledger import Row
from corpus.report import FigureKind, SectionKind
from service.arithmetic import comparable
from service.cited import Citation, Derived
from service.papers.derivation import difference, operand
from service.pursuit.promises import subject_of
from service.pursuit.tellings import CLAUSE, Searched, Telling

OWN = 0.4  # share of a target's name that the figure must carry
BOTH = 1.2  # this share and that of the figure's name that the promise carries, for a common measure
ABOUT = Decimal("0.03")  # how far 左右 may be missed
_CAP = re.compile(r"以内|以下|不超过|不高于|(?<!不)低于|(?<!不)少于")
_FALLS = re.compile(
    r"压缩|压减|减[到至少]|降[到至低]|控制|缩短|下降|减少|涨幅|失业率|死亡率|发病率|超标率|赤字率|负债率|增幅"
)
_MORE = re.compile(r"新增|新建|新设|增设|补建|增加(?![到至了])|再(?!次)")  # what was added is no level
_GROWS = re.compile(r"(?:增长|上涨|增加|提高|下降|减少|降低)[了约为在达近超过]{0,2}$")
# Measures so common that a figure of the same one need not be of the same thing.
_COMMON = frozenset(("人", "人次", "名", "位", "个", "元", "%", "次", "项", "户", "例", "家", "个百分点", ""))


@dataclass(frozen=True, slots=True)
class Compared:
    """A target against the stated figure; ``gap`` is actual less target, None where it cannot be computed."""

    target: Row
    actual: Row
    told: Telling
    met: bool
    gap: Derived | None


def compare(
    target: Row, context: str, told: Iterable[Telling], searched: Searched, aliases: Aliases
) -> tuple[Compared, ...]:
    """The figures that tell of a target: the best named one, and one in the problems that misses it.

    ``context`` is what the promise says around the target.
    """
    if target.when and target.when.months > 12:
        return ()
    found = []
    for telling in told:
        shares = {row.id: _named(target, row, telling, context, searched) for row in telling.rows}
        # 人口减少1240万，搬迁人口超过240万: the 240万 is not compared where the 1240万 is nearer to the name.
        nearest = max((s[0] for s in shares.values()), default=0.0)
        for row in telling.rows:
            share, back = shares[row.id]
            if _usable(row, target, aliases) and share >= nearest:
                found.append((share, back, telling, row))
    common = target.unit in _COMMON
    named = [f for f in found if f[0] >= OWN and (f[0] + f[1] >= BOTH or not common)]
    chosen = named or (found if len(found) == 1 and not common else [])
    chosen.sort(key=lambda f: (-round(f[0] + f[1], 1), f[2].span))
    made = [_compared(target, row, telling) for _, _, telling, row in chosen]
    worst = next((c for c in made if not c.met and c.told.kind is SectionKind.PROBLEMS), None)
    return tuple(dict.fromkeys([*made[:1], *([worst] if worst else [])]))


def _usable(row: Row, target: Row, aliases: Aliases) -> bool:
    """Whether a figure can be the actual value of a target."""
    grown = _grown(target)
    kinds = (FigureKind.ACTUAL, FigureKind.DIFFERENCE) if grown else (FigureKind.ACTUAL,)
    if row.kind not in kinds or row.former or row.value is None or row.upper is not None:
        return False
    if not _one_unit(row, target) or aliases.apart(row.name, target.name):
        return False
    own = row.place in (None, target.place, target.report_place) or target.place is None
    return own and _added(row) == _added(target) and _grown(row) == grown


def _one_unit(row: Row, target: Row) -> bool:
    """Whether the two are of one unit; a target range is compared with its lower end."""
    goal = target.figure
    if target.upper is not None:
        return row.unit == target.unit
    return comparable(row.figure, goal)


def _added(row: Row) -> bool:
    """Whether a figure counts what was added (新增2家) and not what there is."""
    return bool(_MORE.search(_lead(row)))


def _grown(row: Row) -> bool:
    """Whether a figure tells a growth (增长7.5%) and not a level."""
    return bool(_GROWS.search(_lead(row).strip()))


def _lead(row: Row) -> str:
    """The clause in front of a figure."""
    return CLAUSE.split(row.quote[: row.span.start - row.sentence.start])[-1]


def _named(target: Row, row: Row, telling: Telling, context: str, searched: Searched) -> tuple[float, float]:
    """How much of the target's name the figure carries, and of the figure's name the promise."""
    if row.name == target.name:
        return 1.0, 1.0
    wanted = subject_of(target.indicator) or target.indicator
    places = ((1.0, row.indicator), (0.7, telling.heading), (0.5, telling.text))
    own = subject_of(row.indicator) or row.indicator
    return (
        searched.held(wanted, places),
        searched.held(own, ((1.0, target.indicator), (0.8, context))),
    )


def _compared(target: Row, actual: Row, told: Telling) -> Compared:
    one = operand(actual, told.citation)
    other = operand(target, Citation.of_row(target))
    gap = difference(one, other) if one and other else None
    return Compared(target, actual, told, _met(target, actual), gap)


def _met(target: Row, actual: Row) -> bool:
    """Whether a value reaches a target, which is a ceiling for what is to fall."""
    goal, value = target.value or Decimal(0), actual.value or Decimal(0)
    wording = f"{target.qualifier}{target.text}"
    if "左右" in wording and goal and abs(value - goal) <= abs(goal) * ABOUT:
        return True
    if _CAP.search(wording) or (_FALLS.search(f"{_lead(target)}{target.indicator}") and not _grown(target)):
        return value <= (target.upper or goal)
    return value >= goal
