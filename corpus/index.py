"""Search by meaning and by words over the library (索引).

In: a question and a filter. Out: passages, best first. The filter is resolved in SQLite. Up to
``exact_limit`` passages are compared with the question one by one, from a matrix in memory; more are
asked of Chroma's graph.

What is missing in the index is noticed and made at the next search; see :mod:`corpus.vector_index`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from corpus import fulltext
from corpus.filters import KEPT, of_passages
from corpus.library import Library
from corpus.ranking import Fuse, Ranked, distinct, fuse
from corpus.records import dump, heading_text, passage_of
from corpus.report import Filter, Passage
from corpus.tokens import index_terms, query_terms
from corpus.vector_index import Progress, VectorIndex
from corpus.vector_server import ChromaServer
from corpus.vector_store import StoreBroken
from corpus.vectors import Vectors

if TYPE_CHECKING:
    from corpus.embedding import Embedder

EXACT_LIMIT = 20_000  # passages; scanning these takes 5 ms
_DEPTH = 50  # length of each ranking before fusion
_EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Hit:
    """A found passage.

    ``similarity`` is the cosine with the question, None where no vector was at hand. ``why`` says in
    Chinese what found it. ``also`` names passages elsewhere with the very same text.
    """

    passage: Passage
    score: float
    dense_rank: int | None
    sparse_rank: int | None
    similarity: float | None
    why: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a filter leaves: numbers and vector keys of passages, in step, and their text keys."""

    numbers: tuple[int, ...]
    keys: tuple[str, ...]
    text_keys: dict[int, str]


def _sought(query: str, wanted: Filter) -> tuple[str, ...]:
    """The terms to look for: not the place and year of the filter, which all its passages share."""
    given = {term for name in (*wanted.places, *map(str, wanted.years)) for term in query_terms(name)}
    terms = query_terms(query)
    return tuple(term for term in terms if term not in given) or terms


def _why(ranked: Ranked, passage: Passage, terms: Sequence[str]) -> str:
    """What found the passage, in Chinese."""
    parts = [f"语义第{ranked.dense_rank}"] if ranked.dense_rank else []
    if ranked.sparse_rank:
        held = set(index_terms(heading_text(passage.path, passage.text)))
        words = [term for term in terms if term in held]
        whole = [w for w in words if not any(w != other and w in other for other in words)]
        parts.append(f"关键词第{ranked.sparse_rank}（{'、'.join(whole[:5])}）")
    return "，".join(parts)


class Index:
    """The index of one library for one embedder. Close it, or use ``with``.

    Args:
        library: where passages come from.
        embedder: makes the vectors; another one than last time makes the index anew.
        exact_limit: up to so many passages are compared one by one.
        server: a Chroma server that holds the vectors; None for a folder beside the library.
    """

    def __init__(
        self,
        library: Library,
        embedder: Embedder,
        *,
        exact_limit: int = EXACT_LIMIT,
        server: ChromaServer | None = None,
    ) -> None:
        self._library = library
        self.embedder = embedder
        self._exact_limit = exact_limit
        self._vectors = VectorIndex(library, embedder, server)
        # State of the library and the scopes of that state: one value, for threads share it.
        self._scopes: tuple[tuple[int, int] | None, dict[Filter, _Scope]] = (None, {})

    def close(self) -> None:
        """Let go of the folder."""
        self._vectors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- search --------------------------------------------------------------------------------

    def search(
        self, query: str, wanted: Filter = _EVERYTHING, k: int = 10, *, fuse: Fuse = fuse
    ) -> tuple[Hit, ...]:
        """The ``k`` best passages of different text inside the filter, the best first.

        ``fuse`` makes one ranking of that by meaning and that by words.
        """
        scope = self._scope(wanted)
        if not scope.numbers or not query.strip():
            return ()
        depth = max(_DEPTH, 4 * k)
        dense = self._dense(self._vectors.query(query), scope, depth)
        terms = _sought(query, wanted)
        sparse = [
            number
            for number in fulltext.ranked(self._library.database, terms, wanted, depth)
            if number in scope.text_keys
        ]
        best = distinct(fuse(list(dense), sparse), scope.text_keys, k)
        return self._hits(best, dense, terms)

    def _hits(
        self, ranked: Sequence[Ranked], cosines: dict[int, float], terms: Sequence[str]
    ) -> tuple[Hit, ...]:
        numbers = [n for r in ranked for n in (r.number, *r.also)]
        rows = self._library.database.rows(
            "SELECT * FROM passages WHERE number IN (SELECT value FROM json_each(?))", (dump(numbers),)
        )
        found = {row["number"]: passage_of(row) for row in rows}
        return tuple(
            Hit(
                passage=found[r.number],
                score=r.score,
                dense_rank=r.dense_rank,
                sparse_rank=r.sparse_rank,
                similarity=cosines.get(r.number),
                why=_why(r, found[r.number], terms),
                also=tuple(found[n].id for n in r.also if n in found),
            )
            for r in ranked
            if r.number in found
        )

    def _scope(self, wanted: Filter) -> _Scope:
        """The passages of a filter, kept until the library changes."""
        state = self._library.database.state()
        known, scopes = self._scopes
        if known != state:
            self._scopes = known, scopes = state, {}
        scope = scopes.get(wanted)
        if scope is None:
            condition, parameters = of_passages(wanted)
            rows = self._library.database.rows(
                "SELECT p.number, p.key, p.text_key FROM passages p JOIN reports r ON r.id = p.report_id"
                f" WHERE {condition} AND {KEPT} ORDER BY p.number",
                parameters,
            )
            if len(scopes) >= 64:
                scopes.clear()
            scope = scopes[wanted] = _Scope(
                tuple(row["number"] for row in rows),
                tuple(row["key"] for row in rows),
                {row["number"]: row["text_key"] for row in rows},
            )
        return scope

    def _dense(self, query: Vectors, scope: _Scope, depth: int) -> dict[int, float]:
        """Cosines of the ``depth`` nearest passages of the scope, the nearest first."""
        if len(scope.numbers) > self._exact_limit:
            found = self._broad(query, scope, depth)
            if found is not None:
                return found
        best: dict[int, float] = {}
        for start in range(0, len(scope.numbers), self._exact_limit):
            block = slice(start, start + self._exact_limit)
            numbers = scope.numbers[block]
            cosines = self._vectors.cosines(query, scope.keys[block])
            order = [int(i) for i in np.argsort(-cosines, kind="stable")[:depth]]  # NaN comes last
            best |= {numbers[i]: float(cosines[i]) for i in order if not np.isnan(cosines[i])}
        return dict(sorted(best.items(), key=lambda item: -item[1])[:depth])

    def _broad(self, query: Vectors, scope: _Scope, depth: int) -> dict[int, float] | None:
        """The same from Chroma's graph, asked for more until the filter leaves enough; None: never."""
        inside: dict[str, list[int]] = {}
        for number, key in zip(scope.numbers, scope.keys, strict=True):
            inside.setdefault(key, []).append(number)
        count = 4 * depth
        while count <= 64 * depth:
            try:
                near = self._vectors.nearest(query, count)
            except StoreBroken:
                return None
            found = {n: cosine for key, cosine in near for n in inside.get(key, ())}
            if len(found) >= depth:
                return dict(list(found.items())[:depth])
            count *= 4
        return None

    # -- keeping in step -----------------------------------------------------------------------

    def pause(self) -> None:
        """Searches no longer make what is missing, but do without it, until somebody calls :meth:`sync`."""
        self._vectors.pause()

    def pending(self) -> int:
        """How many vectors the next :meth:`sync` must make, as far as is known without the engine."""
        return self._vectors.pending()

    def add(self, report_ids: Iterable[str]) -> None:
        """Make the vectors of new reports; the caller holds the writer lock and calls sync() at the end.

        Raises:
            StorageFull: no space left; what was made before stays.
        """
        self._vectors.add(report_ids)

    def sync(self, progress: Progress | None = None) -> int:
        """Make the index agree with the library; the number of vectors that were made or put back.

        Raises:
            LibraryBusy: another process is writing.
            StorageFull: no space left; what was made before stays.
        """
        with self._library.writer():
            if self._library.setting("terms") != fulltext.version():
                self._rewrite_terms()
            return self._vectors.sync(progress)

    def rebuild(self, progress: Progress | None = None) -> int:
        """Make the whole index anew, words and vectors; the old one serves until the new one is whole.

        Raises:
            LibraryBusy: another process is writing.
            StorageFull: no space left; the old index stays.
        """
        with self._library.writer():
            self._rewrite_terms()
            return self._vectors.rebuild(progress)

    def _rewrite_terms(self) -> None:
        fulltext.rewrite(self._library.database)
        self._library.set_setting("terms", fulltext.version())
