r"""Fragment numbers (分段序号): a site cut the text every 300 characters and numbered the pieces.

In: the text of one report, with "出\n\n2、院时只需" in it. Out: the halves joined, the labels gone.
A real list looks the same ("1、… 2、… 3、…"), so the whole chain of labels is judged at once: it is a
cutter's only if nearly every piece but the last stops inside a sentence and, beyond that, either the
cuts go through words and commas or the pieces are equally long. Items of a sloppy list without full stops
do neither.
"""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass
from itertools import pairwise

import rjieba

from corpus.han import CLOSERS, ends_open, is_finished
from corpus.repair_kinds import RepairKind
from corpus.tracked import Edit, TrackedText

_LABEL = re.compile(r"(?:\A|\n)[ \n]*(\d{1,3})(?:[、．]|\.(?!\d)) ?")
_MARKS = "，、。；：！？,;:!?%％" + CLOSERS

_MOST_FINISHED = 0.25  # share of cuts that may fall on a sentence end by chance
_LEAST_CUTS = 0.3  # share of cuts that must go through a word or a comma …
_EVEN = 0.25  # … unless the pieces vary in length by no more than this (deviation / mean)
_LONG = 120  # characters; shorter pieces are items of a list
_LONG_PAIR = 200  # the same where there is only one cut to judge by


@dataclass(frozen=True, slots=True)
class _Label:
    """One "2、" at the start of a paragraph, with the white space before it."""

    number: int
    start: int
    end: int


def _labels(text: str) -> list[_Label]:
    return [_Label(int(m[1]), m.start(), m.end()) for m in _LABEL.finditer(text)]


def _chains(labels: list[_Label]) -> list[list[_Label]]:
    """Runs of labels that count up by one, each starting at 1 (or 2 where 1 was cut off)."""
    chains: list[list[_Label]] = []
    for label in labels:
        for chain in reversed(chains):
            if chain[-1].number + 1 == label.number:
                chain.append(label)
                break
        else:
            if label.number == 1 or (label.number == 2 and label.start > 0):
                chains.append([label])
    return chains


def _word_crosses(left: str, right: str) -> bool:
    """Whether a word of the dictionary stands across the cut."""
    at = 0
    for word in rjieba.cut(left + right, False):
        if at < len(left) < at + len(word):
            return True
        at += len(word)
    return False


def _is_cut(left: str, right: str) -> bool:
    """Whether the text between ``left`` and ``right`` was certainly one sentence."""
    if not left or not right:
        return False
    return ends_open(left) or right[0] in _MARKS or _word_crosses(left[-6:], right[:6])


def _cuts(text: str, chain: list[_Label]) -> list[tuple[str, str]]:
    """What stands on either side of each label but the opening 1、."""
    inner = [label for label in chain if label.number > 1]
    return [
        (text[max(0, cut.start - 80) : cut.start].rstrip(), text[cut.end : cut.end + 80]) for cut in inner
    ]


def _is_cutter(text: str, chain: list[_Label]) -> bool:
    cuts = _cuts(text, chain)
    if not cuts:
        return False
    lengths = [b.start - a.end for a, b in pairwise(chain)]
    if len(cuts) == 1:
        long = not lengths or lengths[0] >= _LONG_PAIR
        return long and not is_finished(cuts[0][0]) and _is_cut(*cuts[0])
    finished = sum(is_finished(left) for left, _ in cuts) / len(cuts)
    if finished > _MOST_FINISHED or statistics.median(lengths) < _LONG:
        return False
    through = sum(_is_cut(left, right) for left, right in cuts) / len(cuts)
    even = len(lengths) > 3 and statistics.pstdev(lengths) <= _EVEN * statistics.mean(lengths)
    return through >= _LEAST_CUTS or even


def _removal(text: str, label: _Label) -> Edit:
    """Delete the label; a cut that fell on a sentence end leaves a line break."""
    finished = is_finished(text[max(0, label.start - 20) : label.start])
    after = "\n" if finished and label.start > 0 else ""
    if label.number == 1 and label.start > 0:
        after = "\n"
    return Edit(label.start, label.end, after, RepairKind.FRAGMENT, f"分段序号{label.number}")


def join_fragments(t: TrackedText) -> TrackedText:
    """Remove every chain of fragment numbers and join what it cut apart."""
    labels = [label for chain in _chains(_labels(t.text)) if _is_cutter(t.text, chain) for label in chain]
    return t.edit(_removal(t.text, label) for label in labels) if labels else t
