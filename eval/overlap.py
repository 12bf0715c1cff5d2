"""Likeness of wording (字面重合): character ROUGE and chrF, only ever as skill over a copy.

In: a text and a reference. Out: shares from 0 to 1. The usual tokenizers know no Chinese (rouge-score's own keeps
ASCII only, so that a sentence scores 0 against itself), hence one token a Chinese character here. Likeness cannot see
a wrong figure, and last year's text is a strong answer by it: report :func:`skill`, never the bare number.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rouge_score.rouge_scorer import RougeScorer  # type: ignore[import-untyped]
    from sacrebleu import CHRF

TYPES = {"rouge_1": "rouge1", "rouge_2": "rouge2", "rouge_l": "rougeL"}
_TOKEN = re.compile(r"\d+(?:\.\d+)?|[A-Za-z]+|[^\W\d_]")


def tokens(text: str) -> list[str]:
    """Chinese characters one by one, numbers and Latin words whole; no punctuation; width folded."""
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).lower())


@cache
def _rouge() -> RougeScorer:
    from rouge_score.rouge_scorer import RougeScorer  # 1 s to load
    from rouge_score.tokenizers import Tokenizer  # type: ignore[import-untyped]

    class Characters(Tokenizer):  # type: ignore[misc]
        """Our tokens for rouge-score."""

        def tokenize(self, text: str) -> list[str]:
            return tokens(text)

    return RougeScorer(list(TYPES.values()), tokenizer=Characters())


@cache
def _chrf() -> CHRF:
    from sacrebleu import CHRF

    return CHRF(word_order=0)  # words are what blanks divide: there are none


def rouge(text: str, reference: str) -> dict[str, float]:
    """F1 of single tokens, of pairs, and of the longest common subsequence."""
    found = _rouge().score(reference, text)
    return {name: float(found[kind].fmeasure) for name, kind in TYPES.items()}


def chrf(text: str, reference: str) -> float:
    """chrF2 over runs of one to six characters, as a share."""
    return float(_chrf().sentence_score(text, [reference]).score) / 100


def likeness(text: str, reference: str) -> dict[str, float]:
    """All of the above."""
    return {**rouge(text, reference), "chrf": chrf(text, reference)}


def skill(system: float, copy: float) -> float | None:
    """What a system adds to a copy: 1 is perfect, 0 as good as the copy, below 0 worse; None beside a perfect copy."""
    return (system - copy) / (1 - copy) if copy < 1 else None


def skills(text: str, copied: str, reference: str) -> dict[str, float | None]:
    """Skill of a text over a copy (last year's text, the lead) by each measure: skill_rouge_l, skill_chrf …"""
    ours, theirs = likeness(text, reference), likeness(copied, reference)
    return {f"skill_{name}": skill(ours[name], theirs[name]) for name in ours}
