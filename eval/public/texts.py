"""Short answers against references, by the definitions of CMRC 2018; and the answer in a system's output.

In: texts. Out: exact match and F1 over characters. The published script compares without punctuation and case,
each Chinese character and each Latin word being one unit; its F1 rests on the longest common *run* of units, not
on a bag of them. It cuts Latin text by nltk; the expression here does the same for words, numbers and signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

# The marks that the published script leaves out, character by character.
PUNCTUATION = frozenset("-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")
_UNIT = re.compile(r"[\u4e00-\u9fa5]|\d+(?:[.,]\d+)*[a-z]*|[^\W_\u4e00-\u9fa5]+(?:'[a-z]+)?|\S")
_MARK = re.compile(r"[\[［]\d{1,2}[\]］]")


def units(text: str) -> tuple[str, ...]:
    """Characters and words that are compared: 长1.5米 → 长, 1.5, 米."""
    return tuple(_UNIT.findall("".join(char for char in text.lower().strip() if char not in PUNCTUATION)))


def bare(text: str) -> str:
    """A text as exact match compares it: lower case, without punctuation and outer space."""
    return "".join(char for char in text.lower().strip() if char not in PUNCTUATION)


def exact(answers: Sequence[str], prediction: str) -> float:
    """1 where the prediction is one of the answers."""
    return float(any(bare(answer) == bare(prediction) for answer in answers))


def f1(answers: Sequence[str], prediction: str) -> float:
    """The best F1 over the answers, from the longest common run of units."""
    return max((_f1(units(answer), units(prediction)) for answer in answers), default=0.0)


def _f1(answer: Sequence[str], prediction: Sequence[str]) -> float:
    matcher = SequenceMatcher(None, answer, prediction, autojunk=False)
    common = matcher.find_longest_match(0, len(answer), 0, len(prediction)).size
    return 2 * common / (len(answer) + len(prediction)) if common else 0.0


def holds(answers: Sequence[str], prediction: str) -> float:
    """1 where one of the answers stands in the prediction: what a system that answers in sentences can reach."""
    return float(any(bare(answer) and bare(answer) in bare(prediction) for answer in answers))


# -- outputs ---------------------------------------------------------------------------------------------


def refused(output: Mapping[str, Any]) -> bool:
    """Whether a system declined to answer."""
    return output.get("status") == "refused"


def prediction(output: Mapping[str, Any]) -> str:
    """What a system says: its sentences without citation marks; the reason where it refused."""
    sentences = [str(sentence["text"]) for sentence in output.get("sentences", ())]
    text = "".join(sentences) if sentences and not refused(output) else str(output.get("text", ""))
    return _MARK.sub("", text).strip()
