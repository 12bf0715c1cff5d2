"""Compares two scored runs of a suite (比较): did this change make it better?

In: a base and a new run over the same cases, and the gates. Out: :class:`Comparison`: for each metric the paired
difference with its interval, the items that turned good or bad, each report, and the gates that hold or do not. A
crash counts as wrong; an item that only one run could measure is counted as lost, and shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from corpus.errors import InputError
from eval.gates import DOWN, GATES, GOOD, NEITHER, VERDICT, Gates, Limit, Margin
from eval.runs import Item, Meta
from eval.scored import Marked, Scored, group
from eval.statistics import FEW, Difference, Outcome, Part, mcnemar, paired, paired_parts

GATE_FAILED = 100
Pair = tuple[Marked, Marked]
State = Literal["held", "broken", "unmeasured"]


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of both runs; ``outcome`` is None where neither side is better."""

    metric: str
    difference: Difference
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Turned:
    """An item whose verdict turned; ``reasons`` tell what is wrong with the bad one of the two."""

    id: str
    kind: str
    cluster: str
    asked: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """The good items of one report in both runs, of those that both judged."""

    cluster: str
    n: int
    base: int
    new: int


@dataclass(frozen=True, slots=True)
class Check:
    """A gate and what became of it; ``told`` is the finding in words."""

    name: str
    metric: str
    state: State
    told: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that two runs differ in."""

    suite: str
    base: Meta
    new: Meta
    n: int
    rows: tuple[Row, ...]
    turned_good: tuple[Turned, ...]
    turned_bad: tuple[Turned, ...]
    p: float
    reports: tuple[Tally, ...]
    checks: tuple[Check, ...]

    @property
    def broken(self) -> tuple[Check, ...]:
        """The gates that do not hold."""
        return tuple(check for check in self.checks if check.state == "broken")

    @property
    def exit_code(self) -> int:
        """0, or 100 where a gate is broken."""
        return GATE_FAILED if self.broken else 0

    @property
    def indicative(self) -> bool:
        """Whether too few reports stand behind the intervals."""
        return len(self.reports) < FEW

    @property
    def outcome(self) -> Outcome | None:
        """Better, worse, inconclusive or equal by the verdicts; None where the suite has none."""
        return next((row.outcome for row in self.rows if row.metric == GOOD), None)

    def to_json(self) -> dict[str, Any]:
        """Plain object for the JSON output."""
        parts = {name: [asdict(one) for one in getattr(self, name)] for name in _LISTED}
        parts["rows"] = [_plain(row) for row in self.rows]
        head = {"suite": self.suite, "base": asdict(self.base), "new": asdict(self.new), "n": self.n}
        tail = {"p": self.p, "indicative": self.indicative, "outcome": self.outcome, "exit": self.exit_code}
        return {**head, **parts, **tail}


_LISTED = ("turned_good", "turned_bad", "reports", "checks")


def _plain(row: Row) -> dict[str, Any]:
    difference = asdict(row.difference) | {
        "value": row.difference.value,
        "indicative": row.difference.indicative,
    }
    return {"metric": row.metric, "outcome": row.outcome, **difference}


def compare(base: Scored, new: Scored, gates: Gates = GATES) -> Comparison:
    """Compare two runs of one suite over the same cases.

    Raises:
        InputError: they are of different suites, or one lacks a case of the other.
    """
    pairs = paired_items(base, new)
    turned = [(one, other) for one, other in pairs if _turned(one, other)]
    good = tuple(_told(one, one) for one, other in turned if other.score.good)
    bad = tuple(_told(one, other) for one, other in turned if not other.score.good)
    names = [name for name in dict.fromkeys((GOOD, *base.metrics, *new.metrics)) if name not in VERDICT]
    rows = [Row(name, found := difference(pairs, name), outcome(found, name)) for name in names]
    return Comparison(
        new.meta.suite,
        base.meta,
        new.meta,
        len(pairs),
        tuple(row for row in rows if row.difference.items or row.difference.lost),
        good,
        bad,
        mcnemar(len(good), len(bad)),
        _tallies(pairs),
        (*_limits(new, gates), *_steady(pairs, gates, base.meta, new.meta)),
    )


def paired_items(base: Scored, new: Scored) -> tuple[Pair, ...]:
    """The items of two runs side by side, in the order of the base.

    Raises:
        InputError: the runs are of different suites, or their cases differ.
    """
    if base.meta.suite != new.meta.suite:
        raise InputError(
            f"两份结果不是同一套评测：{base.meta.suite} 与 {new.meta.suite}",
            remedy="请用同一套评测（wenheng eval run 的同一个 SUITE）的两份结果",
        )
    ours = {one.task.id: one for one in base.items}
    theirs = {one.task.id: one for one in new.items}
    if ours.keys() != theirs.keys():
        raise InputError(
            f"两份结果的题目不同：{_named(ours.keys() - theirs.keys(), '后一份')}{_named(theirs.keys() - ours.keys(), '前一份')}",
            remedy="请用相同的 --split、--limit 运行同一条命令，把缺的题补齐后再比较",
        )
    changed = sorted(id_ for id_ in ours if ours[id_].item["case"] != theirs[id_].item["case"])
    if changed:
        raise InputError(
            f"两份结果的题目内容不同：{_some(changed)}", remedy="请重新运行较早的一份，只会补做改动的题"
        )
    if not ours:
        raise InputError("两份结果里都没有题", remedy="请先运行 wenheng eval run")
    return tuple((one, theirs[id_]) for id_, one in ours.items())


def _named(missing: set[str], which: str) -> str:
    return f"{which}缺 {len(missing)} 题（{_some(sorted(missing))}）；" if missing else ""


def _some(names: Sequence[str]) -> str:
    return "、".join(names[:3]) + ("…" if len(names) > 3 else "")


# -- metrics of two runs ------------------------------------------------------------------------------


def difference(pairs: Sequence[Pair], metric: str) -> Difference:
    """The paired difference of a metric; where it has counts, of the shares over all parts."""
    clusters = [one.task.cluster for one, _ in pairs]
    if any(metric in side.score.counts for pair in pairs for side in pair):
        parts = [(_part(one, other, metric), _part(other, one, metric)) for one, other in pairs]
        return paired_parts([one for one, _ in parts], [other for _, other in parts], clusters)
    values = [(_value(one, other, metric), _value(other, one, metric)) for one, other in pairs]
    return paired([one for one, _ in values], [other for _, other in values], clusters)


def outcome(found: Difference, metric: str) -> Outcome | None:
    """What a difference means for a metric; None where it has no better side or nothing was measured."""
    if metric in NEITHER or not found.items:
        return None
    return found.outcome(up=metric not in DOWN)


def value(marked: Marked, metric: str) -> float | None:
    """What was measured of one item; the verdict as 1 or 0."""
    if metric != GOOD:
        return marked.score.values.get(metric)
    return None if marked.score.good is None else float(marked.score.good)


def _value(marked: Marked, other: Marked, metric: str) -> float | None:
    """The value in a comparison: a crash has nothing right of what the other run has measured."""
    found = value(marked, metric)
    if found is None and marked.item["error"] and metric not in DOWN | NEITHER:
        return None if value(other, metric) is None else 0.0
    return found


def _part(marked: Marked, other: Marked, metric: str) -> Part | None:
    found = marked.score.counts.get(metric)
    if (found is None or not found[1]) and marked.item["error"] and metric not in DOWN | NEITHER:
        asked = other.score.counts.get(metric)
        return (0.0, float(asked[1])) if asked else None
    return None if found is None else (float(found[0]), float(found[1]))


def _turned(one: Marked, other: Marked) -> bool:
    verdicts = {one.score.good, other.score.good}
    return None not in verdicts and len(verdicts) == 2


def _told(one: Marked, bad: Marked) -> Turned:
    return Turned(one.task.id, one.task.kind, one.task.cluster, asked(one.item), bad.score.reasons)


def asked(item: Item) -> str:
    """What was asked, in one line."""
    if "question" in item:
        return str(item["question"])
    given: Mapping[str, Any] = item.get("input") or {}
    return "；".join(f"{name}：{told}" for name, told in given.items())


def _tallies(pairs: Sequence[Pair]) -> tuple[Tally, ...]:
    found: dict[str, list[Pair]] = {}
    for pair in pairs:
        if None not in {pair[0].score.good, pair[1].score.good}:
            found.setdefault(pair[0].task.cluster, []).append(pair)
    return tuple(
        Tally(
            name,
            len(some),
            sum(bool(one.score.good) for one, _ in some),
            sum(bool(o.score.good) for _, o in some),
        )
        for name, some in sorted(found.items())
    )


# -- gates --------------------------------------------------------------------------------------------


def _limits(new: Scored, gates: Gates) -> list[Check]:
    whole = group("", new.items)
    return [
        _limit(limit, whole.means.get(limit.metric))
        for limit in gates.limits
        if limit.suite == new.meta.suite
    ]


def _limit(limit: Limit, found: float | None) -> Check:
    if found is None:
        return Check(limit.name, limit.metric, "unmeasured", "没有可量的项")
    return Check(
        limit.name, limit.metric, "held" if limit.holds(found) else "broken", f"现为 {written(found)}"
    )


def _steady(pairs: Sequence[Pair], gates: Gates, base: Meta, new: Meta) -> list[Check]:
    checks = []
    for gate in gates.steady:
        if gate.suite not in ("", new.suite) or (gate.own and base.system != new.system):
            continue
        some = [pair for pair in pairs if not gate.kinds or pair[0].task.kind in gate.kinds]
        found = difference(some, gate.metric)
        if not found.items:
            checks.append(Check(f"{gate.name}没有变差", gate.metric, "unmeasured", "没有可量的项"))
            continue
        state: State = "broken" if outcome(found, gate.metric) == "worse" else "held"
        checks.append(Check(f"{gate.name}没有变差", gate.metric, state, told(found)))
    return checks


def margins(base: Scored, new: Scored, wanted: Sequence[Margin]) -> tuple[Check, ...]:
    """Whether the new run is ahead of the base by as much as is wanted; not part of ``compare``."""
    pairs = paired_items(base, new)
    checks = []
    for margin in wanted:
        if margin.suite != new.meta.suite:
            continue
        some = [pair for pair in pairs if not margin.kinds or pair[0].task.kind in margin.kinds]
        found = difference(some, GOOD)
        ahead = found.value
        state: State = (
            "unmeasured" if ahead is None else "held" if ahead >= margin.points - 1e-9 else "broken"
        )
        name = f"{margin.name}至少领先{margin.points * 100:.0f}个百分点"
        checks.append(Check(name, GOOD, state, told(found)))
    return tuple(checks)


def told(found: Difference) -> str:
    """0.820 → 0.855，+0.035（95%区间 −0.010～+0.080）"""
    if found.value is None:
        return "没有可量的项"
    text = f"{written(found.base)} → {written(found.new)}，{signed(found.value)}"
    if found.low is None or found.high is None:
        return f"{text}（只有{found.clusters}份报告，没有区间）"
    few = "，仅供参考" if found.indicative else ""
    return f"{text}（95%区间 {signed(found.low)}～{signed(found.high)}{few}）"


def written(number: float | None) -> str:
    """0.855; — where there is none."""
    return "—" if number is None else f"{number:.3f}"


def signed(number: float | None) -> str:
    """+0.035, −0.010, 0.000; — where there is none."""
    if number is None:
        return "—"
    text = f"{abs(number):.3f}"
    sign = "" if float(text) == 0 else "+" if number > 0 else "−"
    return sign + text
