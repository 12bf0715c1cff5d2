"""Repair of scraped reports: every kind of noise, each change logged and mapped back to the raw text.

In: a tracked text. Out: the same text repaired. Two steps, since page chrome is cut between them:

    repair_characters   a whole file: code points, pinyin noise, traditional characters
    repair_text         one report: line breaks, fragments, page breaks, decimals, spaces, punctuation

Each step runs its stages until nothing changes, because one repair uncovers the next (a joined line is
prose, a pair of half-width brackets becomes complete); therefore repairing twice equals repairing once.
"""

from __future__ import annotations

from collections.abc import Callable

from corpus.codepoints import repair_codepoints
from corpus.damages import find_damages
from corpus.fragments import join_fragments
from corpus.page_breaks import join_pages
from corpus.pinyin_noise import remove_pinyin
from corpus.punctuation import widen_marks
from corpus.repair_kinds import RepairKind
from corpus.simplify import simplify
from corpus.spacing import break_lines, close_gaps, mend_decimals, trim
from corpus.tracked import TrackedText

__all__ = ["RepairKind", "find_damages", "repair_characters", "repair_text"]

_ROUNDS = 12  # real pages settle in two or three


def _settle(t: TrackedText, *stages: Callable[[TrackedText], TrackedText]) -> TrackedText:
    for _ in range(_ROUNDS):
        before = t.text
        for stage in stages:
            t = stage(t)
        if t.text == before:
            break
    return t


def repair_characters(t: TrackedText) -> TrackedText:
    """Repair the characters of a whole file, before page chrome is cut."""
    return _settle(t, repair_codepoints, remove_pinyin, simplify)


def repair_text(t: TrackedText) -> TrackedText:
    """Repair the lines and marks of one report, after page chrome is cut."""
    return _settle(t, trim, join_fragments, break_lines, join_pages, mend_decimals, close_gaps, widen_marks)
