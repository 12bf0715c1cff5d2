"""Each case with what every run made of it: the rows and details of the page.

In: the runs of one suite and the shelf. Out: :class:`Entry` values without personal data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from eval.reporting import terms
from eval.reporting.changes import Change, change
from eval.reporting.judged import Expected, Run, expectation, ids
from eval.reporting.outputs import Output, clean, shown
from eval.reporting.shelf import Context, Shelf
from eval.scored import Marked

NOT_RUN = Output()


@dataclass(frozen=True, slots=True)
class Side:
    """What one run made of a case; ``values`` are its measures as written."""

    run: str
    asked: bool
    good: bool | None = None
    error: str = ""
    seconds: float | None = None
    reasons: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    output: Output = NOT_RUN

    @property
    def mark(self) -> str:
        """对, 错, — (not scored) or 未做."""
        if not self.asked:
            return "未做"
        return {True: "对", False: "错", None: "—"}[self.good]

    @property
    def look(self) -> str:
        """Its class in the style sheet."""
        return {True: "ok", False: "no", None: "na"}[self.good]

    @property
    def order(self) -> int:
        """Wrong ones first."""
        return {False: 0, None: 1, True: 2}[self.good]


@dataclass(frozen=True, slots=True)
class Entry:
    """A case; ``report`` names its cluster, ``gold`` is (report, context) of what its answer rests on."""

    anchor: str
    id: str
    suite: str
    kind: str
    cluster: str
    report: str
    split: str
    asks: str
    history: tuple[str, ...]
    expected: tuple[str, ...]
    gold: tuple[tuple[str, Context], ...]
    change: Change | None
    sides: tuple[Side, ...]

    def side(self, run: str) -> Side:
        """What the run of this name made of it."""
        return next((side for side in self.sides if side.run == run), Side(run, asked=False))

    @property
    def verdict(self) -> str:
        """Bad where any run is wrong, good where all scored ones are right, none where nothing was scored."""
        verdicts = {side.good for side in self.sides} - {None}
        return "none" if not verdicts else "good" if all(verdicts) else "bad"


def entries(runs: Sequence[Run], shelf: Shelf) -> list[Entry]:
    """The cases of one suite in the order of the runs."""
    return [_entry(case, runs, shelf) for case in ids(runs)]


def _entry(case: str, runs: Sequence[Run], shelf: Shelf) -> Entry:
    marked = [run.by_case.get(case) for run in runs]
    task = next(one for one in marked if one is not None).task
    expected = expectation(task.gold)
    asks = clean(dict(task.asks), expected.secrets)
    history = asks.pop("history", None) or ()
    return Entry(
        anchor="case-" + hashlib.sha256(f"{runs[0].suite} {case}".encode(errors="replace")).hexdigest()[:12],
        id=case,
        suite=runs[0].suite,
        kind=task.kind,
        cluster=task.cluster,
        report=clean(shelf.named(task.cluster)),
        split=task.split,
        asks=str(asks.get("question") or terms.brief(asks)),
        history=tuple(map(str, history)),
        expected=tuple(clean(list(expected.lines), expected.secrets)),
        gold=_gold(expected, shelf),
        change=change(case, runs),
        sides=tuple(_side(run, one, expected, shelf) for run, one in zip(runs, marked, strict=True)),
    )


def _gold(expected: Expected, shelf: Shelf) -> tuple[tuple[str, Context], ...]:
    """What the answer rests on, as far as its reports are on the shelf."""
    found = []
    for report, context in filter(None, map(shelf.gold, expected.gold)):
        title = clean(report.metadata.title or report.source_name)
        before, quote, after = clean([context.before, context.quote, context.after], expected.secrets)
        found.append((title, Context(before, quote, after, context.opens)))
    return tuple(found)


def _side(run: Run, one: Marked | None, expected: Expected, shelf: Shelf) -> Side:
    if one is None:
        return Side(run.name, asked=False)
    crash = (
        f"出错：{one.item['error']}"  # eval.scored puts it among the reasons; here it has a line of its own
    )
    told = [reason for reason in one.score.reasons if reason != crash]
    return Side(
        run=run.name,
        asked=True,
        good=one.score.good,
        error=clean(str(one.item["error"]), expected.secrets),
        seconds=one.item["seconds"],
        reasons=tuple(clean(list(told), expected.secrets)),
        values=tuple((terms.measure(name), terms.written(value)) for name, value in one.score.values.items()),
        output=shown(one.item["output"], shelf, expected, one.item["cited"]),
    )
