"""Problems without a task, and tasks without a problem.

In: a text with its problems and next steps, the likeness of texts, and the input where there is one. Out:
findings. With an input the keys decide. Else a pair is judged by the score of :mod:`service.points.pairing`
(cosines and rare words in common) and by how far the best partner stands out from the second best: a
problem and its task share less wording than two reports of one task, so the limits lie lower.

The limits were set on four real and 14 sample reports, read by hand: of their 57 problems without a 建议 of their
own, 11 are named, of which 10 have no task; three more without one are not named. Of 90 tasks 18 are named,
of which 16 answer no problem that is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.report import SectionKind, Span
from service.cited import Citation
from service.draft.inputs import DraftInput
from service.draft.source import InputSource
from service.points.pairing import Similar, scores
from service.points.points import Point, points
from service.proof.rules import Finding, Rule, Severity
from service.proof.text import Text

ANSWERED = -2.0  # best score, half of its lead over the second best added
LOOSE = -3.5  # the same for tasks, which plans have more of than problems
SURE = -4.0


def has_both(text: Text) -> bool:
    """Whether there are problems and next steps that can be held against each other."""
    return bool(_of(text, SectionKind.PROBLEMS) and _of(text, SectionKind.NEXT_STEPS))


def check(text: Text, similar: Similar) -> Iterator[Finding]:
    """Findings by likeness."""
    problems, tasks = _of(text, SectionKind.PROBLEMS), _of(text, SectionKind.NEXT_STEPS)
    if not problems or not tasks:
        return
    table = scores(problems, tasks, similar)
    for problem, row in zip(problems, table, strict=True):
        score = standing_out(row)
        if score < ANSWERED and not problem.advice:
            severity = Severity.MEDIUM if score < SURE else Severity.LOW
            yield _finding(Rule.PROBLEM_OPEN, severity, problem.title, _cite(text, problem))
    for task, column in zip(tasks, table.T, strict=True):
        if standing_out(column) < LOOSE:
            yield _finding(Rule.TASK_LOOSE, Severity.LOW, task.title, _cite(text, task))


def check_input(text: Text, given: DraftInput, source: InputSource) -> Iterator[Finding]:
    """Findings by the keys of the input: which problem a task says that it answers."""
    for problem in given.problems:
        if not given.tasks_for(problem.key):
            places = (*_told(text, problem.title), source.cite(problem.at))
            yield _finding(Rule.PROBLEM_OPEN, Severity.MEDIUM, problem.title, *places)
    keys = {problem.key for problem in given.problems}
    for task in given.tasks:
        if not keys & set(task.answers):
            places = (*_told(text, task.title), source.cite(task.at))
            yield _finding(Rule.TASK_LOOSE, Severity.LOW, task.title, *places)


def standing_out(values: NDArray[np.float64]) -> float:
    """The best value and half of its lead over the second best."""
    ordered = np.sort(values)[::-1]
    lead = float(ordered[0] - ordered[1]) if len(ordered) > 1 else 0.0
    return float(ordered[0]) + lead / 2


def _of(text: Text, kind: SectionKind) -> Sequence[Point]:
    return points(text.report, text.card, kind)


def _finding(rule: Rule, severity: Severity, title: str, *citations: Citation) -> Finding:
    return Finding(rule, severity, " ".join(title.split()), citations)


def _cite(text: Text, point: Point) -> Citation:
    """The first sentence of a point."""
    return Citation.at(text.card, _first(point), _first(point).of(text.text), point.path)


def _first(point: Point) -> Span:
    return point.sentences[0] if point.sentences else point.span


def _told(text: Text, title: str) -> tuple[Citation, ...]:
    """The sentence of the text that holds the title of a row."""
    at = text.text.find(title)
    return (text.cite_at(at),) if at >= 0 else ()
