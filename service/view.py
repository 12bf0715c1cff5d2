"""The library and its index as evidence needs them, with small caches (视图).

In: an open desk. Out: cards, passages, figures and likenesses of one state of the library; a change makes a new view.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.cards import Card
from corpus.embedding import Embedder
from corpus.index import Index
from corpus.library import Library
from corpus.report import Figure, Filter, Passage
from service.stages import Stages
from service.terms import Weights

ANY = Filter()
LEARNED = 4000  # passages from which the rarity of words is learned
MOST_KNOWN = 40_000  # vectors of sentences kept; 60 MB at 384 dimensions
AT_ONCE = 64  # texts made into vectors between two looks whether they are still wanted: half a second


class Opened(Protocol):
    """What a view needs of a desk."""

    library: Library
    stages: Stages

    @property
    def embedder(self) -> Embedder:
        """The embedding model."""
        ...

    @property
    def index(self) -> Index:
        """The index, in step with the library."""
        ...

    def cards(self) -> tuple[Card, ...]:
        """Cards of all reports that are not merged away."""
        ...


class LibraryView:
    """What :class:`service.evidence.View` asks for, with small caches for one state of the library.

    May be shared by threads: at worst they make the same thing twice.
    """

    def __init__(self, desk: Opened) -> None:
        self._desk = desk
        self.stages: Stages = desk.stages
        self._cards = desk.cards()
        self._weights: Weights | None = None
        self._mentions: dict[str, tuple[str, ...]] = {}
        self._figures: dict[str, list[Figure]] = {}
        self._known: dict[str, NDArray[np.float32]] = {}

    def cards(self) -> tuple[Card, ...]:
        """Cards of all reports that are not merged away."""
        return self._cards

    def mentions(self, word: str) -> tuple[str, ...]:
        """Ids of the reports that hold a word."""
        if word not in self._mentions:
            self._mentions[word] = self._desk.library.mentions(word)
        return self._mentions[word]

    def passages(self, scope: Filter) -> tuple[Passage, ...]:
        """All passages of a filter."""
        return self._desk.library.passages(scope)

    def search(self, query: str, scope: Filter, k: int) -> tuple[Passage, ...]:
        """The best passages of a filter."""
        hits = self._desk.index.search(query, scope, k, fuse=self.stages.fuse)
        return tuple(hit.passage for hit in hits)

    def figures(self, report_ids: Sequence[str]) -> Mapping[str, Sequence[Figure]]:
        """Figures of these reports, in reading order."""
        fresh = tuple(name for name in report_ids if name not in self._figures)
        if fresh:
            found: dict[str, list[Figure]] = {name: [] for name in fresh}
            for told in self._desk.library.figures(Filter(report_ids=fresh)):
                found[told.report_id].append(told.figure)
            self._figures.update(found)  # whole, for other threads look here too
        return {name: self._figures[name] for name in report_ids}

    def similarities(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Cosine of the query with each text."""
        result: NDArray[np.float32] = self._vectors(texts) @ self._embedder.embed_query(query)
        return result

    def likeness(
        self, texts: Sequence[str], others: Sequence[str], check: Callable[[], None] | None = None
    ) -> NDArray[np.float32]:
        """Cosines of every text with every other one; ``check`` raises where they are not wanted any more."""
        if not texts or not others:
            return np.zeros((len(texts), len(others)), np.float32)
        if check is not None:
            self._prepare((*texts, *others), check)
        result: NDArray[np.float32] = self._vectors(texts) @ self._vectors(others).T
        return result

    def _prepare(self, texts: Sequence[str], check: Callable[[], None]) -> None:
        """Make the vectors of ``texts``, some at a time."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
        check()
        for start in range(0, len(fresh), AT_ONCE):
            self._vectors(fresh[start : start + AT_ONCE])
            check()

    @cached_property
    def _embedder(self) -> Embedder:
        """That of the first vectors: what one embedder made is not compared with what another one makes."""
        return self._desk.embedder

    def _vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of ``texts`` as passages, kept for as long as the library stays as it is."""
        known = self._known
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        if fresh:
            if len(known) + len(fresh) > MOST_KNOWN:
                known = self._known = {text: known[text] for text in texts if text in known}
            for text, vector in zip(fresh, self._embedder.embed_passages(fresh), strict=True):
                known[text] = vector
        return np.stack([known[text] for text in texts])

    def weights(self) -> Weights:
        """Rarity of words in the library."""
        if self._weights is None:
            passages = self._desk.library.passages(ANY)[:LEARNED]
            self._weights = Weights.learn(sentence for p in passages for sentence in p.text.split("。"))
        return self._weights
