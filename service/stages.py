"""The stages of an answer that can be exchanged: filters, fusion, ranking of sentences, number lock, check.

Each is a function with a contract; :data:`PRODUCT` holds those that users get. A desk is given others to tell
what one of them is worth (``eval.systems.ablated``): the stage is exchanged, no code asks whether it is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus import ranking
from corpus.cards import Card
from corpus.report import Figure
from service import match, phrase, scope
from service.lines import Line
from service.match import Fit
from service.phrase import Lock, Phrased
from service.question import Question
from service.scope import Mentions, Scope
from service.terms import Weights


class Rank(Protocol):
    """Sentences by their fit for a topic, best first; ``dense`` holds cosines of some of them."""

    def __call__(
        self, topic: str, lines: Sequence[Line], weights: Weights, dense: Mapping[Line, float] | None = None
    ) -> tuple[Fit, ...]:
        """All ``lines``."""
        ...


class Judge(Protocol):
    """What stands of a text that the model wrote; ``required`` figures must all be stated."""

    def __call__(
        self,
        text: str,
        question: str,
        lines: Sequence[Line],
        weights: Weights,
        places: Sequence[str],
        required: Sequence[Figure],
    ) -> Phrased:
        """Its sentences with citations, and the faults of the others."""
        ...


@dataclass(frozen=True, slots=True)
class Stages:
    """Which reports may answer, which of their sentences, how two rankings of passages become one, how sentences
    are ranked, which numbers the model may write, and what of its text stands.
    """

    narrow: Callable[[Question, Sequence[Card], Mentions], Scope] = scope.resolve
    admit: Callable[[Scope, Question, Line], bool] = scope.admits
    fuse: ranking.Fuse = ranking.fuse
    rank: Rank = match.rank
    lock: Lock = phrase.number_lock
    judge: Judge = phrase.judge


PRODUCT = Stages()
