"""The suite figures (数字抽取): does the ledger hold what a reader found in the reports?

In: the hand-labelled sentences of real reports, and all figures of the samples. Out: for a labelled sentence what
matched, what was missed and what was made up (settled by the run, since the words of a label stand only in the
report); for a sample the rows of the ledger, compared with truth.json when scored. truth.json does not list every
figure of a document, so that precision is measured on the labelled sentences alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any, get_args

from corpus.aliases import Aliases
from corpus.ledger import Row, rows_of
from corpus.parse import report_id
from corpus.report import Report
from corpus.when import read_when
from eval import figures
from eval.cases import find_sources
from eval.labels import LABELS, Labelled, Split, load
from eval.locks import held
from eval.suites.contract import Output, Score, Task, Where, absent_files
from eval.systems.contract import System
from eval.truth import COUNTIES, Fact, Sample, samples

PEOPLE = {"名": "人", "位": "人"}
PARTS = ("precision", "recall", "indicator", "period", "kind", "qualifier")


class Extraction:
    """Figures of sentences and of whole documents."""

    name = "figures"

    def cases(self, where: Where) -> tuple[Task, ...]:
        """The documents of the samples, then the labelled sentences of both halves."""
        folder = where.cases or LABELS
        for split in get_args(Split):
            held(folder / f"figures-{split}.jsonl")
        labelled = [one for split in get_args(Split) for one in load(split, folder)]
        documents = [sample for sample in samples() if sample.figures]
        wanted = {one.sha256 for one in labelled} | {one.sha256 for one in documents}
        there = find_sources(where.reports, wanted)
        tasks = [_task(one, there) for one in documents] + [_task(one, there) for one in labelled]
        return tuple(tasks)

    def run(self, task: Task, system: System) -> Output:
        """What the ledger has."""
        report = system.report(task.asks["report"])
        if isinstance(task.gold, Sample):
            rows = rows_of(report, Aliases.load(None))
            return {"output": {"rows": [_plain(row) for row in rows]}, "cited": []}
        return {"output": _settled(task.gold, report), "cited": []}

    def score(self, task: Task, item: Mapping[str, Any]) -> Score:
        """Shares over figures; good where nothing is wrong."""
        output = item["output"]
        sample = isinstance(task.gold, Sample)
        if output is None:
            lost = len(task.gold.figures)
            counts = {"recall": (0, lost)} if lost else {}
        else:
            counts = _of_sample(task.gold, output["rows"]) if sample else _of_sentence(output)
        values = {name: right / total for name, (right, total) in counts.items() if total}
        good = all(right == total for right, total in counts.values()) and output is not None
        wrong = tuple(f"{name} {right}/{total}" for name, (right, total) in counts.items() if right < total)
        return Score(task.id, {name: values.get(name) for name in PARTS}, good, wrong, counts)


def _task(gold: Sample | Labelled, there: Mapping[str, Any]) -> Task:
    absent = absent_files((gold.sha256,), there)
    if isinstance(gold, Sample):
        asks: dict[str, Any] = {"report": report_id(gold.sha256, gold.piece)}
        return Task(f"sample-{gold.id}", "document", asks["report"], "samples", asks, gold, absent)
    asks = {"report": gold.report, "start": gold.start, "end": gold.end}
    return Task(gold.id, "sentence", gold.report, gold.split, asks, gold, absent)


# -- documents of the samples -----------------------------------------------------------------------


def _plain(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "value": None if row.value is None else str(row.value),
        "unit": row.unit,
        "start": row.when.start.isoformat() if row.when else None,
        "end": row.when.end.isoformat() if row.when else None,
        "place": row.place,
        "kind": row.kind.value,
        "masked": row.masked,
        "text": row.text,
    }


def _of_sample(sample: Sample, rows: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """For each figure of the truth the best row of its value: time and kind right?

    Its name is the truth's own, which the ledger can only know from an alias table: names are not judged here.
    """
    found = [_best(fact, rows) for fact in sample.figures]
    known = [one for one in found if one is not None]
    counts = {"recall": (len(known), len(found))}
    for at, name in enumerate(("period", "kind")):
        counts[name] = (sum(one[at] for one in known), len(known))
    return counts


def _best(fact: Fact, rows: list[dict[str, Any]]) -> tuple[bool, bool] | None:
    same = [row for row in rows if _same_value(fact, row)]
    return max((_judged(fact, row) for row in same), default=None, key=sum)


def _same_value(fact: Fact, row: Mapping[str, Any]) -> bool:
    if fact.kind == "masked":
        return bool(row["masked"])
    value = None if row["value"] is None else Decimal(row["value"])
    return value == fact.value and PEOPLE.get(row["unit"], row["unit"]) == PEOPLE.get(fact.unit, fact.unit)


def _judged(fact: Fact, row: Mapping[str, Any]) -> tuple[bool, bool]:
    kinds = {"masked": ("actual",), "target": ("target", "requirement")}.get(fact.kind, (fact.kind,))
    whole = read_when("" if fact.period == "全年" else fact.period, year=fact.year, period=None)
    place = COUNTIES.get(row["place"] or "", row["place"])
    timed = (
        whole is not None
        and row["start"] is not None
        and whole.start.isoformat() <= row["start"]
        and row["end"] <= whole.end.isoformat()
    )
    return timed and place == fact.place, row["kind"] in kinds


# -- labelled sentences -----------------------------------------------------------------------------


def _settled(label: Labelled, report: Report) -> dict[str, Any]:
    """The verdicts on a sentence, without its words."""
    judged = figures.judge(label, [report], figures.ledger_codes([report]))
    verdicts = ("indicator", "period", "kind", "qualifier")
    return {
        "matches": [{name: getattr(match, name) for name in verdicts} for match in judged.matches],
        "missed": [asdict(one)["start"] for one in judged.missed],
        "extra": [found.raw[0] for found in judged.extra],
    }


def _of_sentence(output: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    matches, missed, extra = output["matches"], len(output["missed"]), len(output["extra"])
    counts = {
        "precision": (len(matches), len(matches) + extra),
        "recall": (len(matches), len(matches) + missed),
    }
    for name in ("indicator", "period", "kind", "qualifier"):
        known = [match[name] for match in matches if match[name] is not None]
        counts[name] = (sum(known), len(known))
    return counts


FIGURES = Extraction()
