"""Question → Evidence: hard filters, hybrid search, then the sentences that can answer.

Passages are found by the index inside the filter; a small scope is read whole. Sentences are ranked
by the words that they share with the question and by the embedding model. What is not there is said.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.cards import Card
from corpus.report import Figure, Filter, Passage
from service.lines import Line, lines_of
from service.match import Fit
from service.question import Question, QuestionKind
from service.scope import Scope, only_mentioned
from service.stages import Stages
from service.terms import Weights

QUOTED = re.compile(r"[“‘《\"]([^”’》\"]{2,16})[”’》\"]")
NAMED_ENOUGH = 0.7  # of the question's words: a sentence that holds the name and these is the one meant
ITEM = re.compile(r"[一二三四五六七八九十]是|[（(]\d{1,2}[）)]|(?<![\d.])\d{1,2}[.．、](?!\d)|\n")
FIVE_YEARS = re.compile(r"十[一二三四五六]五")  # “十三五” is a time, no name
WHOLE_SCOPE = 120  # passages: up to here every sentence of the scope is ranked
SEARCHED = 40  # passages asked of the index beyond that
DENSE_LINES = 18  # sentences that the embedding model looks at
NEAREST = 24  # sentences in which figures are looked for
SHOWN = 6  # sentences shown as evidence
LEAST_SHOWN = 0.4  # score below which a further sentence is not worth showing
PRIVATE_REFUSAL = "涉及个人信息（电话、身份证号、住址等），入库时已隐去，不提供"


class View(Protocol):
    """What evidence needs of the library and its index."""

    @property
    def stages(self) -> Stages:
        """How scopes and rankings are made."""
        ...

    def cards(self) -> Sequence[Card]:
        """Cards of all reports that are not merged away."""
        ...

    def mentions(self, word: str) -> Sequence[str]:
        """Ids of the reports that hold a word."""
        ...

    def passages(self, scope: Filter) -> Sequence[Passage]:
        """All passages of a filter."""
        ...

    def search(self, query: str, scope: Filter, k: int) -> Sequence[Passage]:
        """The best passages of a filter."""
        ...

    def figures(self, report_ids: Sequence[str]) -> Mapping[str, Sequence[Figure]]:
        """Figures of these reports, in reading order."""
        ...

    def similarities(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Cosine of the query with each text."""
        ...

    def weights(self) -> Weights:
        """Rarity of words in the library."""
        ...


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found for a question; ``refusal`` is set when the filters left nothing."""

    question: Question
    scope: Scope
    fits: tuple[Fit, ...]
    weights: Weights
    refusal: str = ""
    search_ms: int = 0

    @property
    def lines(self) -> tuple[Line, ...]:
        """The best sentences, as they are shown to the user at once."""
        return tuple(fit.line for n, fit in enumerate(self.fits[:SHOWN]) if not n or fit.score >= LEAST_SHOWN)

    @property
    def near(self) -> tuple[Line, ...]:
        """The sentences in which figures are looked for."""
        return tuple(fit.line for fit in self.fits[:NEAREST])


def find(question: Question, view: View) -> Evidence:
    """Evidence for ``question``."""
    began = time.perf_counter()
    weights = view.weights()
    if question.kind is QuestionKind.PRIVATE:
        return Evidence(question, Scope(()), (), weights, PRIVATE_REFUSAL)
    scope = view.stages.narrow(question, view.cards(), view.mentions)
    if scope.refusal:
        return Evidence(question, scope, (), weights, scope.refusal, _since(began))
    fits = _named(question, ranked(question, question.topic or question.text, scope, view))
    evidence = Evidence(question, scope, fits, weights, search_ms=_since(began))
    if not fits:
        return replace(evidence, refusal=_nothing(question, scope))
    return evidence


def _named(question: Question, fits: tuple[Fit, ...]) -> tuple[Fit, ...]:
    """The sentences that hold what the question puts in quotation marks (“六项投入”), where there are any."""
    phrases = [letters(p) for p in QUOTED.findall(question.text) if not FIVE_YEARS.match(p)]
    if not phrases or question.kind not in (QuestionKind.FACT, QuestionKind.COMPUTE):
        return fits
    kept = tuple(fit for fit in fits if all(phrase in letters(fit.line.text) for phrase in phrases))
    if kept and kept[0].words < NAMED_ENOUGH:
        # “双签约”团队里的乡村医生: the name opens the item, the figure stands further down in it.
        told = {_item_start(fit.line) for fit in kept}
        kept = tuple(fit for fit in fits if _item_start(fit.line) in told)
    return kept or fits


def _item_start(line: Line) -> tuple[str, int]:
    """Where the item (一是 …, （1）…) begins that a sentence stands in, as report and offset."""
    offset = line.span.start - line.passage.span.start
    marks = [m.end() for m in ITEM.finditer(line.passage.text) if m.start() <= offset]
    return line.report_id, line.passage.span.start + (marks[-1] if marks else 0)


def letters(text: str) -> str:
    """Text without punctuation: 先诊疗、后付费 is 先诊疗后付费."""
    return re.sub(r"\W", "", text)


def ranked(question: Question, topic: str, scope: Scope, view: View) -> tuple[Fit, ...]:
    """Sentences of ``scope`` that may be evidence, best first."""
    cards = {card.id: card for card in scope.cards}
    if sum(card.passages for card in scope.cards) <= WHOLE_SCOPE:
        passages = view.passages(scope.filter)
    else:
        passages = view.search(topic, scope.filter, SEARCHED)
    figures = view.figures(tuple(dict.fromkeys(passage.report_id for passage in passages)))
    admit, rank = view.stages.admit, view.stages.rank
    lines = [line for line in lines_of(passages, cards, figures) if admit(scope, question, line)]
    weights = view.weights()
    first = rank(topic, lines, weights)
    nearest = [fit.line for fit in first[:DENSE_LINES]]
    if not nearest:
        return ()
    cosines = view.similarities(topic, [with_heading(line) for line in nearest])
    dense = dict(zip(nearest, (float(c) for c in cosines), strict=True))
    return rank(topic, nearest, weights, dense) + first[DENSE_LINES:]


def with_heading(line: Line) -> str:
    """A sentence under its nearest heading."""
    return f"{line.path[-1]}：{line.text}" if line.path else line.text


def _nothing(question: Question, scope: Scope) -> str:
    if absent := only_mentioned(question, scope):
        return absent
    place = "、".join(question.places)
    if question.sections:
        return f"{place}的报告中没有“{question.sections[0].label}”部分"
    years = "、".join(f"{y}年" for y in question.years)
    return f"{place}的报告中没有写到{years}的这项内容"


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)


def by_report(fits: Sequence[Fit]) -> dict[str, list[Fit]]:
    """Fits grouped by report, order kept."""
    groups: dict[str, list[Fit]] = {}
    for fit in fits:
        groups.setdefault(fit.line.report_id, []).append(fit)
    return groups
