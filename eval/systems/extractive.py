"""Baselines that quote: BM25 alone, vectors alone, and the nearest sentence of what both find.

In: a question. Out: the best passage (or sentence) as the answer, cited. No filters, no plan, no model; they never
refuse unless nothing at all is found. They search the passages of the product, so that only the search differs.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from corpus import ranking
from corpus.index import Hit
from corpus.ranking import Fuse
from corpus.report import Filter
from corpus.sentences import sentences
from eval.systems.contract import Found, Output, Setup
from eval.systems.product import OverDesk, open_desk
from eval.systems.signing import signature
from eval.systems.texts import cite, conversation, raw_span, since
from service.cited import Answer, Citation, Sentence, Timings
from service.desk import Desk

CANDIDATES = 5  # passages whose sentences are looked at


class Quoting(OverDesk):
    """Quotes the best passage that one search finds."""

    def __init__(self, name: str, desk: Desk, fuse: Fuse) -> None:
        super().__init__(name, desk)
        self.fuse = fuse

    def signature(self) -> Mapping[str, Any]:
        """No model takes part."""
        return signature(self.desk)

    def hits(self, question: str, k: int) -> tuple[Hit, ...]:
        """The best passages of the whole library."""
        return self.desk.index.search(question, Filter(), k, fuse=self.fuse)

    def retrieve(self, question: str, k: int) -> tuple[Found, ...]:
        """The best passages."""
        found = [hit.passage for hit in self.hits(question, k)]
        return tuple(Found(p.report_id, *raw_span(self.desk.report, p.report_id, p.span)) for p in found)

    def ask(self, question: str, history: Sequence[str] = ()) -> Output:
        """The best stretch, quoted."""
        began = time.perf_counter()
        chosen = self.chosen(conversation(question, history))
        told = tuple(Sentence(c.quote.strip().rstrip("。"), (c,), "quoted") for c in chosen)
        took = Timings(since(began), since(began), since(began))
        status, reason = ("answered", "") if told else ("refused", "没有找到相关内容")
        return Answer(question, status, told, reason, tuple(chosen), took).to_json()

    def chosen(self, query: str) -> Sequence[Citation]:
        """What is quoted."""
        found = [hit.passage for hit in self.hits(query, 1)]
        return [cite(self.desk, p.report_id, p.span, p.path) for p in found]


class QuotingSentence(Quoting):
    """Quotes the one sentence that is nearest to the question in the best passages."""

    def chosen(self, query: str) -> Sequence[Citation]:
        """The nearest sentence."""
        units = [
            (hit.passage, span)
            for hit in self.hits(query, CANDIDATES)
            for span in sentences(self.desk.report(hit.passage.report_id).text, hit.passage.span)
        ]
        if not units:
            return []
        texts = [span.of(self.desk.report(passage.report_id).text) for passage, span in units]
        cosines = self.desk.embedder.embed_passages(texts) @ self.desk.embedder.embed_query(query)
        passage, span = units[int(np.argmax(cosines))]
        return [cite(self.desk, passage.report_id, span, passage.path)]


def by_words(dense: Sequence[int], sparse: Sequence[int]) -> tuple[ranking.Ranked, ...]:
    """Only what was found by words."""
    return ranking.fuse((), sparse)


def by_meaning(dense: Sequence[int], sparse: Sequence[int]) -> tuple[ranking.Ranked, ...]:
    """Only what was found by meaning."""
    return ranking.fuse(dense, ())


def bm25(setup: Setup) -> Quoting:
    """Full-text search alone."""
    return Quoting("bm25", open_desk(setup), by_words)


def dense(setup: Setup) -> Quoting:
    """Vector search alone."""
    return Quoting("dense", open_desk(setup), by_meaning)


def top_sentence(setup: Setup) -> Quoting:
    """Both, then the nearest sentence."""
    return QuotingSentence("top-sentence", open_desk(setup), ranking.fuse)
