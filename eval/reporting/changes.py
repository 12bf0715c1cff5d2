"""What two runs of a suite differ in: which cases turned good or bad, and by how much, with intervals.

In: two runs of the same suite, the first being the base. Out: :class:`Change` of a case for sorting and showing,
and :class:`Changes` of all with a plot. The statistics are those of ``wenheng eval compare``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from eval.comparing import Check, Comparison, Pair, compare, difference, signed, written
from eval.comparison_table import OUTCOMES, STATES, name_of
from eval.gates import GOOD
from eval.reporting import terms
from eval.reporting.judged import Run, ids
from eval.reporting.plots import Dot, Group, differences_axis, plot
from eval.reporting.tables import Cell, Table
from eval.statistics import Difference, mcnemar

if TYPE_CHECKING:
    from eval.reporting.entries import Entry

WORDS = {"worse": "变差", "better": "变好", "bad": "都错", "good": "都对", "other": "不可比"}
ORDER = tuple(WORDS)
LISTED = ("worse", "better", "other")
WHOLE = "全部"


@dataclass(frozen=True, slots=True)
class Change:
    """How a case fared from the base to the new run; ``kind`` is a key of WORDS."""

    kind: str

    @property
    def word(self) -> str:
        """变差, 变好 …"""
        return WORDS[self.kind]

    @property
    def order(self) -> int:
        """What changed comes first, what turned bad before all."""
        return ORDER.index(self.kind)


@dataclass(frozen=True, slots=True)
class Changes:
    """Two runs of a suite against each other; ``lists`` are (name, cases as anchor, id and question)."""

    suite: str
    base: str
    new: str
    verdict: str
    plot: Markup
    tables: tuple[Table, ...]
    lists: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]


def change(case: str, runs: Sequence[Run]) -> Change | None:
    """How a case fared between two runs; None where there are not two."""
    if len(runs) != 2:
        return None
    before, after = (run.good(case) for run in runs)
    if before is None or after is None:
        return Change("other")
    if before == after:
        return Change("good" if after else "bad")
    return Change("better" if after else "worse")


def changes(runs: Sequence[Run], entries: Sequence[Entry]) -> Changes | None:
    """The comparison of two runs of one suite; None where there are not two."""
    if len(runs) != 2:
        return None
    base, new = runs
    mine = [entry for entry in entries if entry.suite == base.suite]
    pairs = both(runs)
    kinds = dict.fromkeys(one.task.kind for one, _ in pairs)
    found = {WHOLE: difference(pairs, GOOD)}
    found |= {kind: difference([p for p in pairs if p[0].task.kind == kind], GOOD) for kind in kinds}
    groups = [Group(terms.kind(kind), (_dot(one),)) for kind, one in found.items()]
    tables = [Table("各类", ("类别", base.name, new.name, "差（百分点）", "95%区间", "结论"), _rows(found))]
    alike = all(one.item["case"] == other.item["case"] for one, other in pairs)
    if pairs and alike and len(pairs) == len(mine):  # gates are for runs over the same cases
        tables += _compared(compare(base.scored, new.scored), base.name, new.name)
    return Changes(
        terms.suite(base.suite),
        base.name,
        new.name,
        verdict(found[WHOLE], mine),
        plot(groups, differences_axis(groups), f"{new.name}比{base.name}：各类合格率之差及95%区间"),
        tuple(tables),
        tuple((WORDS[kind], _cases(mine, kind)) for kind in LISTED),
    )


def both(runs: Sequence[Run]) -> tuple[Pair, ...]:
    """The cases that both of two runs have, side by side."""
    base, new = (run.by_case for run in runs)
    return tuple((base[case], new[case]) for case in ids(runs) if case in base and case in new)


def _compared(found: Comparison, base: str, new: str) -> list[Table]:
    """The metrics of both runs, and what became of the gates."""
    rows = []
    for row in found.rows:
        one = row.difference
        between = "—" if one.low is None else f"{signed(one.low)} 到 {signed(one.high)}"
        numbers = (Cell(written(one.base), one.base), Cell(written(one.new), one.new))
        change = (Cell(signed(one.value), one.value), Cell(between, one.low), Cell(OUTCOMES[row.outcome]))
        rows.append((name_of(row.metric), (*numbers, *change)))
    metrics = Table("各项指标", ("指标", base, new, "差", "95%区间", "结论"), tuple(rows))
    gates = Table("门槛", ("门槛", "结果", "所见"), tuple(map(_gate, found.checks)))
    return [metrics, gates] if found.checks else [metrics]


def _gate(check: Check) -> tuple[str, tuple[Cell, ...]]:
    return check.name, (Cell(STATES[check.state]), Cell(check.told))


def _dot(one: Difference) -> Dot:
    if one.value is None:
        return Dot(None, 0, 0, "没有可比的题")
    low, high = (one.value if edge is None else edge for edge in (one.low, one.high))
    return Dot(one.value, low, high, f"{points(one.value)} 个百分点，95%区间 {_interval(one)}，{one.items}题")


def points(share: float | None) -> str:
    """A difference of shares in percentage points: +12.5; nothing is 0.0, without a sign."""
    if share is None:
        return "—"
    return f"{share * 100:+.1f}" if abs(share) >= 0.0005 else "0.0"


def _interval(one: Difference) -> str:
    if one.low is None or one.high is None:
        return "—（只有一份报告）" if one.clusters == 1 else "—"
    return f"{points(one.low)} 到 {points(one.high)}"


def _rows(found: dict[str, Difference]) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    return tuple(
        (
            terms.kind(kind),
            (
                Cell(terms.percent(one.base), one.base),
                Cell(terms.percent(one.new), one.new),
                Cell(points(one.value), one.value),
                Cell(_interval(one), one.low),
                Cell(OUTCOMES[one.outcome()]),
            ),
        )
        for kind, one in found.items()
    )


def verdict(one: Difference, entries: Sequence[Entry]) -> str:
    """The comparison in a sentence."""
    counts = Counter(entry.change.kind for entry in entries if entry.change)
    told = "，".join(f"{word}{counts[kind]}题" for kind, word in WORDS.items() if counts[kind])
    chance = mcnemar(counts["better"], counts["worse"])
    return (
        f"{OUTCOMES[one.outcome()]}：合格率相差 {points(one.value)} 个百分点，95%区间 {_interval(one)}"
        f"{'（报告不足10份，仅供参考）' if one.indicative and one.low is not None else ''}。{told}（McNemar 精确检验 p = {chance:.3f}）。"
    )


def _cases(entries: Sequence[Entry], kind: str) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (entry.anchor, entry.id, entry.asks)
        for entry in entries
        if entry.change is not None and entry.change.kind == kind
    )
