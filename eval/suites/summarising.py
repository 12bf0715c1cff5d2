"""The suite summaries (摘要): key facts told, figures sourced, citations that open.

In: the reports of the samples with truth.json (problems, next steps, figures), and the real reports with the gold of
the questions about them (lists and figures that a reader wrote down). Out: the summary as JSON with the text that it
sums up, where its citations lead, and the measures of :mod:`eval.summaries`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from corpus.parse import parse, report_id
from corpus.readers import read
from eval.cases import CASES, Case, Kind, Value, find_sources, load
from eval.locks import held
from eval.suites.contract import Output, Score, Task, Where, absent_files
from eval.summaries import KeyFact, Said, Source, measures, number_precision, unsourced, untold
from eval.systems.contract import System
from eval.tracing import trace
from eval.truth import Sample, samples

MEASURES = ("coverage", "lead_coverage", "number_precision", "length_ratio", "redundancy", "opened")
UNIT_APART = re.compile(r"单位：([^；\d]{1,6})；|指标：[^；]*（([^（）；\d]{1,6})）；")
VALUE_APART = re.compile(r"(?<=：)\d[\d.]*(?=[；。\s]|$)")
REAL = "real"
POINT = 1.0  # weight of a problem, a next step, an item of a list
FIGURES = 0.5  # of all figures together, as a share of the weight of the points


class Summarising:
    """Summaries of single reports."""

    name = "summaries"

    def cases(self, where: Where) -> tuple[Task, ...]:
        """The samples, then the real reports that questions are about, as far as their files are here."""
        there = find_sources(where.reports, {one.sha256 for one in samples()} | _asked(where))
        tasks = [_sample_task(one, there) for one in samples() if one.problems or one.next_steps]
        return (*tasks, *_real_tasks(where, there))

    def run(self, task: Task, system: System) -> Output:
        """Summarise."""
        report = system.report(task.asks["report"])
        document = system.summarise(report.id)
        output = {"document": document, "source": report.text}
        return {"output": output, "cited": trace(document["sources"], system.report)}

    def score(self, task: Task, item: Mapping[str, Any]) -> Score:
        """Good where all points of a sample are told, all figures sourced and all citations open."""
        facts: tuple[KeyFact, ...] = task.gold
        output = item["output"]
        if output is None:
            return Score(task.id, dict.fromkeys(MEASURES), False)
        sentences = tuple(said(output["document"]))
        opened = [bool(one["opens"]) for one in item["cited"]]
        values = dict(measures(sentences, facts, output["source"]))
        counts = {
            "number_precision": number_precision(sentences),
            "opened": (sum(opened), len(opened)),
        }
        values["opened"] = sum(opened) / len(opened) if opened else None
        # what people asked of a real report is more than a summary must tell
        missed = untold(facts, [one.text for one in sentences]) if task.kind != REAL else ()
        lost = [fact for fact in missed if fact.weight == POINT]
        reasons = [f"没有写到：{fact.name}" for fact in lost]
        reasons += [f"数字没有依据：{text}" for text in unsourced(sentences)]
        reasons += ["有引用打不开"] if not all(opened) else []
        return Score(task.id, values, not reasons, tuple(reasons), counts)


def said(document: Mapping[str, Any]) -> Iterator[Said]:
    """The sentences of a document and the rows of its tables, each with what it cites."""
    sources = [
        Source(f"{one['title']} {' '.join(one['path'])} {united(one['quote'])}", one["place"])
        for one in document["sources"]
    ]
    for block in document["blocks"]:
        if block["type"] == "paragraph":
            for sentence in block["sentences"]:
                yield Said(sentence["text"], tuple(sources[mark - 1] for mark in sentence["sources"]))
        elif block["type"] == "table":
            for row in block["rows"]:
                marks = dict.fromkeys(mark for cell in row for mark in cell["sources"])
                text = " ".join(cell["text"] for cell in row)
                yield Said(text, tuple(sources[mark - 1] for mark in marks))


def united(quote: str) -> str:
    """A row of a table (指标：家庭病床（张）；2022年：86) with its unit behind each of its values.

    The unit of such a row stands in a cell of its own, or in brackets behind the name.
    """
    unit = UNIT_APART.search(quote)
    return VALUE_APART.sub(lambda m: f"{m[0]}{unit[1] or unit[2]}", quote) if unit else quote


# -- the samples ------------------------------------------------------------------------------------


def _sample_task(sample: Sample, there: Mapping[str, Path]) -> Task:
    points = [KeyFact(title, POINT, keys=((title,),)) for title in (*sample.problems, *sample.next_steps)]
    stated = [fact for fact in sample.figures if fact.value is not None]
    weight = FIGURES * len(points) / len(stated) if stated else 0.0
    figures = [
        KeyFact(f"{fact.indicator} {fact.text}", weight, values=(Value(fact.value, fact.unit),))
        for fact in stated
        if fact.value is not None
    ]
    asks = {"report": report_id(sample.sha256, sample.piece)}
    absent = absent_files((sample.sha256,), there)
    gold = (*points, *figures)
    return Task(f"sample-{sample.id}", sample.genre, asks["report"], "samples", asks, gold, absent)


# -- real reports -----------------------------------------------------------------------------------


def _listing(where: Where) -> list[Case]:
    """The questions whose gold a summary of their report should tell, the samples' own left out."""
    path = where.cases or CASES
    held(path)
    own = {one.sha256 for one in samples()}
    wanted = (Kind.LIST, Kind.NUMBER, Kind.WHY)
    return [
        case
        for case in load(path)
        if case.kind in wanted and case.expect == "answer" and not own & case.files and len(case.files) == 1
    ]


def _asked(where: Where) -> set[str]:
    return {digest for case in _listing(where) for digest in case.files}


def _real_tasks(where: Where, there: Mapping[str, Path]) -> Iterator[Task]:
    by_file: dict[str, list[Case]] = {}
    for case in _listing(where):
        by_file.setdefault(case.gold[0].sha256, []).append(case)
    for sha256, cases in by_file.items():
        if sha256 not in there:
            absent = absent_files((sha256,), there)
            yield Task(f"file-{sha256[:12]}", REAL, sha256[:12], "dev", {"report": ""}, (), absent)
            continue
        for report in parse(read(there[sha256])):
            low, high = report.origin.raw_span(0, len(report.text))
            facts = tuple(
                fact
                for case in cases
                if all(low <= gold.start and gold.end <= high for gold in case.gold)
                for fact in _facts(case)
            )
            if facts:
                asks = {"report": report.id}
                yield Task(f"report-{report.id}", REAL, report.id, "dev", asks, facts)


def _facts(case: Case) -> Iterator[KeyFact]:
    """The items of a list are points; a figure that somebody asked for weighs half."""
    weight = POINT if case.kind is Kind.LIST else FIGURES
    for at, group in enumerate(case.points):
        yield KeyFact(f"{case.id}.{at} {'/'.join(group)}", weight, keys=(group,))
    for value in case.values:
        bare = Value(value.value, value.unit, within=value.within)
        yield KeyFact(f"{case.id} {value.value}{value.unit}", FIGURES, values=(bare,))


SUMMARIES = Summarising()
