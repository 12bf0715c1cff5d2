"""The summary of a suite: shares with intervals by kind and by report, the mean of each measure, what made it.

In: the runs of one suite. Out: :class:`Overview` with tables of plain cells and a plot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from markupsafe import Markup

from eval.reporting import terms
from eval.reporting.judged import Run, interval, share
from eval.reporting.plots import SHARES, Dot, Group, key, plot
from eval.reporting.shelf import Shelf
from eval.reporting.tables import Cell, Table
from eval.scored import Group as Counted
from eval.scored import groups
from eval.statistics import FEW

WHOLE = "全部"


@dataclass(frozen=True, slots=True)
class Card:
    """The figures at the top: a run in one line."""

    name: str
    series: int
    share: str
    interval: str
    counted: str
    seconds: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The summary of one suite."""

    suite: str
    cards: tuple[Card, ...]
    key: Markup
    plot: Markup
    tables: tuple[Table, ...]
    signatures: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    clusters: int

    @property
    def indicative(self) -> bool:
        """Whether too few reports stand behind the intervals."""
        return self.clusters < FEW


def overview(runs: Sequence[Run], shelf: Shelf) -> Overview:
    """The summary of the runs of one suite."""
    kinds = _by(runs, "kind")
    reports = {shelf.named(name): counted for name, counted in _by(runs, "report").items()}
    tables = [_shares("各类", "类别", kinds, runs)]
    tables += [_measures(runs)] if any(run.scored.metrics for run in runs) else []
    tables += [_shares("各报告", "报告", reports, runs)] if len(reports) > 2 else []
    return Overview(
        terms.suite(runs[0].suite),
        tuple(_card(n, run) for n, run in enumerate(runs)),
        key([run.name for run in runs]),
        plot(_dots(kinds, runs), SHARES, f"{terms.suite(runs[0].suite)}：各类的合格率及95%区间"),
        tuple(tables),
        tuple((run.name, _signature(run)) for run in runs),
        len(reports) - 1,
    )


def _by(runs: Sequence[Run], key: str) -> dict[str, list[Counted | None]]:
    """For each kind or report a group a run, all together first."""
    found: dict[str, list[Counted | None]] = {WHOLE: [None] * len(runs)}
    for n, run in enumerate(runs):
        *parts, whole = groups(run.scored, key)
        found[WHOLE][n] = whole
        for part in parts:
            found.setdefault(part.name, [None] * len(runs))[n] = part
    return found


def _told(run: str, group: Counted) -> str:
    low, high = interval(group)
    unjudged = group.n - group.judged
    rest = f"，另有{unjudged}项未能评分" if unjudged else ""
    return f"{run}：{group.good}/{group.judged}，95%区间 {low:.1%}–{high:.1%}{rest}"


def _dots(named: dict[str, list[Counted | None]], runs: Sequence[Run]) -> list[Group]:
    shown = []
    for name, counted in named.items():
        dots = [
            Dot(share(group), *interval(group), _told(run.name, group), series)
            for series, (run, group) in enumerate(zip(runs, counted, strict=True))
            if group is not None
        ]
        shown.append(Group(terms.kind(name), tuple(dots)))
    return shown


def _shares(caption: str, first: str, named: dict[str, list[Counted | None]], runs: Sequence[Run]) -> Table:
    header = (first, *(run.name for run in runs))
    rows = tuple(
        (terms.kind(name) if first == "类别" else name, tuple(map(_share, counted)))
        for name, counted in named.items()
    )
    return Table(caption, header, rows)


def _share(group: Counted | None) -> Cell:
    if group is None:
        return Cell("未做")
    found = share(group)
    if found is None:
        return Cell(f"—（{group.n}项未能评分）")
    low, high = interval(group)
    return Cell(f"{found:.1%}（{group.good}/{group.judged}）", found, f"95%区间 {low:.1%}–{high:.1%}")


def _measures(runs: Sequence[Run]) -> Table:
    """The mean of each measure over all items that have it."""
    wholes = [groups(run.scored)[-1] for run in runs]
    names = dict.fromkeys(name for whole in wholes for name in whole.means)
    rows = tuple(
        (
            terms.measure(name),
            tuple(_mean(whole.means.get(name), whole.measured.get(name, 0)) for whole in wholes),
        )
        for name in names
    )
    return Table("各项指标的均值", ("指标", *(run.name for run in runs)), rows)


def _mean(value: float | None, measured: int) -> Cell:
    return Cell(terms.written(value), value, f"按{measured}项计" if measured else "没有可量的项")


def _card(series: int, run: Run) -> Card:
    whole = groups(run.scored)[-1]
    low, high = interval(whole)
    items = [one.item for one in run.scored.items]
    seconds = [float(item["seconds"]) for item in items if item["seconds"] is not None]
    errors = sum(bool(item["error"]) for item in items)
    told = (
        (errors, "{}项出错，计为错"),
        (whole.n - whole.judged, "{}项未能评分，不计入"),
        (len(run.scored.left), "{}项未做"),
    )
    return Card(
        run.name,
        series,
        terms.percent(share(whole)),
        f"{low:.1%}–{high:.1%}" if whole.judged else "—",
        f"{whole.good}/{whole.judged}",
        f"{median(seconds):.1f} 秒" if seconds else "—",
        tuple(words.format(count) for count, words in told if count),
    )


def _signature(run: Run) -> tuple[tuple[str, str], ...]:
    """What made a run, line by line."""
    meta = run.scored.meta
    lines: list[tuple[str, Any]] = [
        ("系统", meta.system),
        ("开始", meta.started),
        ("题目", meta.cases_sha256),
    ]
    lines += list(meta.signature.items())
    return tuple((name, terms.brief(value)) for name, value in lines if value not in ("", None, {}, []))
