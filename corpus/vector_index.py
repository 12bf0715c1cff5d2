"""The vectors of a library, kept in step with it (向量索引).

In: a library and an embedder. Out: vectors by key, and the nearest ones to a question. The library is
the truth and all this a cache. A vector's key is a hash of headings and text, so "which vectors are
missing" is a difference of two sets: a kill between the library's transaction and Chroma's, a deleted
folder, a damaged one or another embedder all end in :meth:`VectorIndex.sync`, which makes what is
missing. Only the holder of the writer lock writes to Chroma; a process that searches meanwhile does
without the vectors that are not there yet.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import RLock
from typing import TYPE_CHECKING

import numpy as np

from corpus.errors import LibraryError
from corpus.filters import KEPT
from corpus.library import Library
from corpus.records import dump, heading_text
from corpus.schema import translated
from corpus.vector_store import StoreBroken, VectorStore
from corpus.vectors import LIMIT, VectorCache, Vectors, unit

if TYPE_CHECKING:
    from corpus.embedding import Embedder

Progress = Callable[[int, int], None]  # done, total

_BATCH = 256  # passages embedded at once; also what a kill can cost


class VectorIndex:
    """Chroma and the matrix in memory, for one library and one embedder."""

    def __init__(self, library: Library, embedder: Embedder) -> None:
        self._library = library
        self._embedder = embedder
        self._folder = library.home / "index"
        self._store: VectorStore | None = None
        self._cached: VectorCache | None = None
        self._checked: tuple[int, int] | None = None  # state of the library at the last sync
        self._mutex = RLock()  # one thread writes

    def close(self) -> None:
        """Let go of Chroma's folder."""
        store, self._store = self._store, None
        if store:
            store.close()

    def query(self, text: str) -> Vectors:
        """The vector of a question, shape (dim,)."""
        return np.asarray(unit(self._embedder.embed_query(text))[0])

    def cosines(self, query: Vectors, keys: tuple[str, ...]) -> Vectors:
        """Cosine of the question with each key, shape (n,); NaN where no vector can be had now."""
        rows, matrix = self._cache.lookup(keys)
        for another_way in (self._cache.reload, self._heal):
            if (rows < 0).any() and another_way():
                rows, matrix = self._cache.lookup(keys)
        if 2 * len(keys) > len(matrix):  # picking rows copies them: not for most of the matrix
            out = (matrix @ query)[rows] if len(matrix) else np.zeros(len(keys), np.float32)
        else:
            out = matrix[rows] @ query
        out[rows < 0] = np.nan
        missing = [keys[int(i)] for i in np.flatnonzero(rows < 0)]
        if missing and len(self._cache) >= LIMIT:  # a library larger than the cache
            with contextlib.suppress(StoreBroken):
                found, vectors = self._readable().get(missing)
                near = dict(zip(found, vectors @ query, strict=True))
                out[rows < 0] = [near.get(key, np.nan) for key in missing]
        return out

    def nearest(self, query: Vectors, count: int) -> list[tuple[str, float]]:
        """Keys and cosines of about the ``count`` nearest vectors of all, the nearest first.

        Raises:
            StoreBroken: the graph cannot be used just now.
        """
        if self._checked != self._library.database.state():
            self._heal()
        try:
            return self._readable().nearest(query, count)
        except StoreBroken:
            self.close()  # what another process wrote is seen only by opening the folder again
            return self._readable().nearest(query, count)

    def _readable(self) -> VectorStore:
        if self._store is None:
            self._store = VectorStore(self._folder / "chroma", self._collection(), create=False)
        return self._store

    def _heal(self) -> bool:
        """Make what is missing; False when another process is writing just now, or the disk is full."""
        if not self._mutex.acquire(blocking=False):
            return False
        try:
            self.sync()
        except LibraryError:
            return False
        finally:
            self._mutex.release()
        return True

    # -- keeping in step -----------------------------------------------------------------------

    @property
    def _cache(self) -> VectorCache:
        if self._cached is None:
            self._cached = self._new_cache()
            self._cached.reload()
        return self._cached

    def _new_cache(self) -> VectorCache:
        return VectorCache(self._folder / "vectors.npz", self._embedder.name, self._embedder.dim)

    def pending(self) -> int:
        """How many vectors the next :meth:`sync` must make, as far as the cache tells."""
        self._cache.reload()
        if len(self._cache) >= LIMIT:
            return 0
        return sum(key not in self._cache for key in self._needed())

    def add(self, report_ids: Iterable[str]) -> None:
        """Make the vectors of new reports; the caller holds the writer lock and calls sync() at the end.

        Raises:
            StorageFull: no space left; what was made before stays.
        """
        with self._mutex:
            keys = self._needed("AND r.id IN (SELECT value FROM json_each(?))", (dump(sorted(report_ids)),))
            try:
                store = self._store or self._writable()
                for batch in _batches(sorted(key for key in keys if key not in self._cache)):
                    self._make(store, self._cache, batch)
            except StoreBroken:
                self._discard()  # sync() makes it again
            if self._cache.unsaved >= max(_BATCH, len(self._cache) // 8):
                self._cache.save()

    def sync(self, progress: Progress | None = None) -> int:
        """Make the vectors agree with the library; how many were made or put back.

        Raises:
            LibraryBusy: another process is writing.
            StorageFull: no space left; what was made before stays.
        """
        with self._mutex, self._library.writer():
            state = self._library.database.state()
            self.close()
            self._cache.reload()
            try:
                made = self._fill(self._writable(), self._cache, self._needed(), progress)
            except StoreBroken:
                self._discard()
                try:
                    made = self._fill(self._writable(), self._cache, self._needed(), progress)
                except StoreBroken as error:
                    raise self._unusable(error) from error
            self._cache.save()
            self._checked = state
        return made

    def rebuild(self, progress: Progress | None = None) -> int:
        """Make all vectors anew; the old ones serve until the new ones are whole.

        Raises:
            LibraryBusy: another process is writing.
            StorageFull: no space left; the old ones stay.
        """
        with self._mutex, self._library.writer():
            self.close()
            generation, cache = secrets.token_hex(4), self._new_cache()
            made = self._fill(self._writable(generation), cache, self._needed(), progress, generation)
            self._cached = cache
            cache.save()
        return made

    def _fill(
        self,
        store: VectorStore,
        cache: VectorCache,
        needed: set[str],
        progress: Progress | None,
        generation: str = "",
    ) -> int:
        """Bring store and cache to hold the needed vectors and no others, then make it the one in use."""
        present = store.keys()
        missing, done = sorted(needed - present), 0
        for batch in _batches(missing):
            self._make(store, cache, batch)
            done += len(batch)
            if progress:
                progress(done, len(missing))
        absent = sorted(key for key in needed & present if key not in cache)[: LIMIT - len(cache)]
        for batch in _batches(absent):
            found, vectors = store.get(batch)
            cache.put(found, vectors)
            damaged = sorted(set(batch) - set(found))
            if damaged:
                self._make(store, cache, damaged)
        store.drop(present - needed)
        cache.keep(needed)
        if generation:
            self._library.set_setting(self._generation_name(), generation)
        store.drop_others()
        return done

    def _make(self, store: VectorStore, cache: VectorCache, keys: Sequence[str]) -> None:
        """Put vectors into the store, from the cache or freshly made."""
        fresh = [key for key in keys if key not in cache]
        made: Vectors | None = None
        if fresh:
            texts = self._texts(fresh)
            fresh = [key for key in fresh if key in texts]
            made = unit(self._embedder.embed_passages([texts[key] for key in fresh]))
            cache.put(fresh, made)  # first: with a full disk the search still has them
            store.put(fresh, made)
        held = [key for key in keys if key in cache and key not in set(fresh)]
        if held:
            rows, matrix = cache.lookup(tuple(held))
            store.put(held, matrix[rows])

    def _texts(self, keys: Sequence[str]) -> dict[str, str]:
        """What is embedded for each key."""
        rows = self._library.database.rows(
            "SELECT key, path, text FROM passages WHERE key IN (SELECT value FROM json_each(?)) GROUP BY key",
            (dump(keys),),
        )
        return {row["key"]: heading_text(json.loads(row["path"]), row["text"]) for row in rows}

    def _needed(self, condition: str = "", parameters: tuple[object, ...] = ()) -> set[str]:
        """Keys of the vectors that searches may ask for."""
        rows = self._library.database.rows(
            "SELECT DISTINCT p.key FROM passages p JOIN reports r ON r.id = p.report_id"
            f" WHERE {KEPT} {condition}",
            parameters,
        )
        return {row["key"] for row in rows}

    def _generation_name(self) -> str:
        return generation_of(self._embedder.name)

    def _collection(self, generation: str = "") -> str:
        return collection_of(
            self._embedder.name, generation or self._library.setting(self._generation_name())
        )

    def _writable(self, generation: str = "") -> VectorStore:
        """Chroma's folder, opened for writing; made anew when it is damaged.

        A damaged folder can end the whole process, so a mark stands beside it while it is opened: who
        finds the mark makes the folder anew, which the cache makes cheap.
        """
        folder, mark = self._folder / "chroma", self._folder / "opening"
        with translated(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if mark.exists():
                self._discard()
            mark.touch()
        name = self._collection(generation)
        try:
            self._store = VectorStore(folder, name, create=True)
        except StoreBroken:
            self._discard()
            try:
                self._store = VectorStore(folder, name, create=True)
            except StoreBroken as error:
                raise self._unusable(error) from error
        with translated(self._folder):
            mark.unlink(missing_ok=True)
        return self._store

    def _unusable(self, error: StoreBroken) -> LibraryError:
        return LibraryError(
            f"索引不能使用（{error}）",
            where=str(self._folder),
            remedy="请检查磁盘空间和目录权限；删除该目录后重试，资料不会丢失",
        )

    def _discard(self) -> None:
        """Delete Chroma's folder, after which it is made from the cache and the library."""
        with contextlib.suppress(StoreBroken):
            self.close()
        with translated(self._folder):
            if (self._folder / "chroma").exists():
                shutil.rmtree(self._folder / "chroma")


def _identity(embedder: str) -> str:
    return hashlib.sha256(embedder.encode()).hexdigest()[:12]


def generation_of(embedder: str) -> str:
    """Name of the setting that says which collection of this embedder is in use."""
    return f"index {_identity(embedder)}"


def collection_of(embedder: str, generation: str) -> str:
    """Name of a collection: another embedder has another one, and so has every rebuild."""
    return f"passages-{_identity(embedder)}-{generation or 0}"


def _batches(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]
