"""Which of several figures of one name is meant: the one that was reached, and that of the whole year.

In: the figures that fit what is asked, best first. Out: the same, where a report tells both, with what was
done (实际) in front of what was aimed at, and the whole year (全年) in front of its half. An aim is
often worded more like the question than the sentence that reports on it, and half-year reports are as
wordy as annual ones, so likeness of words alone picks the wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from corpus.report import FigureKind
from service.evidence import Evidence
from service.match import AIM, Target
from service.scope import is_part

LEAST_NAME = 4  # characters that the shorter of two names must have to name the same thing
LEAST_SCORE = 0.65  # of the best figure's score
LEAST_WORDS = 0.7  # of the share of asked words in the best figure's sentence
AIMS = (FigureKind.TARGET, FigureKind.REQUIREMENT)
Wanted = Callable[[Target], bool]
PART = re.compile(r"[上下]半年|季度|(?<!\d)(?:[1-9]|1[01])月|[一二三四五六七八九]月")


def settle(pool: Sequence[Target], evidence: Evidence) -> Sequence[Target]:
    """``pool`` with the figure that is meant in front."""
    if not pool:
        return pool
    question = evidence.question
    if pool[0].figure.kind in AIMS and not AIM.search(question.text):
        pool = _first(pool, evidence, lambda t: t.figure.kind is FigureKind.ACTUAL)
    if _partial(pool[0]) and not question.periods and not PART.search(question.text):
        pool = _first(pool, evidence, lambda t: not _partial(t) and t.figure.kind is pool[0].figure.kind)
    return pool


def _first(pool: Sequence[Target], evidence: Evidence, wanted: Wanted) -> Sequence[Target]:
    """The best wanted figure that goes by the name of the best one moves to the front, with its score."""
    best = pool[0]
    words = {fit.line: fit.words for fit in evidence.fits}
    for target in pool[1:]:
        if (
            target.score >= LEAST_SCORE * best.score
            and wanted(target)
            and same_name(best, target)
            and target.figure.unit == best.figure.unit
            and words.get(target.line, 0.0) >= LEAST_WORDS * words.get(best.line, 1.0)
        ):
            moved = replace(target, score=best.score)
            return (moved, *(t for t in pool if t is not target))
    return pool


def same_name(one: Target, other: Target) -> bool:
    """Whether one figure's name holds the other's (规范管理率, 高血压规范管理率)."""
    short, long = sorted((one.figure.indicator, other.figure.indicator), key=len)
    return len(short) >= LEAST_NAME and short in long


def _partial(target: Target) -> bool:
    """Whether a figure is of a part of the year."""
    told = target.figure.period
    return bool(PART.search(told)) or (is_part(target.line.card.period) and not told.endswith(("年", "年末")))
