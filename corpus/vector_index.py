"""The vectors of a library, kept in step with it (向量索引).

In: a library and an embedder. Out: vectors by key, and the nearest ones to a question. The library is
the truth and all this a cache. A vector's key is a hash of headings and text, so "which vectors are
missing" is a difference of two sets: a kill between the library's transaction and Chroma's, a deleted
folder, a damaged one or another embedder all end in :meth:`VectorIndex.sync`, which makes what is
missing. Only the holder of the writer lock writes to Chroma; a process that searches meanwhile does
without the vectors that are not there yet.

With a Chroma server the vectors lie there instead of in a folder. While it is away, those in memory serve, new ones are
made into them, and the server gets them when it is back.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import RLock
from typing import TYPE_CHECKING

import numpy as np

from corpus.errors import LibraryError
from corpus.filters import KEPT
from corpus.library import Library
from corpus.records import dump, heading_text
from corpus.vector_place import Folder, Server, VectorPlace
from corpus.vector_server import ChromaServer
from corpus.vector_store import StoreAway, StoreBroken, VectorStore
from corpus.vectors import LIMIT, VectorCache, Vectors, unit

if TYPE_CHECKING:
    from corpus.embedding import Embedder

Progress = Callable[[int, int], None]  # done, total

_BATCH = 256  # passages embedded at once; also what a kill can cost


class VectorIndex:
    """Chroma and the matrix in memory, for one library and one embedder.

    Args:
        library: where passages come from.
        embedder: makes the vectors.
        server: where the vectors lie; None for a folder beside the library.
    """

    def __init__(self, library: Library, embedder: Embedder, server: ChromaServer | None = None) -> None:
        self._library = library
        self._embedder = embedder
        self._folder = library.home / "index"
        self._place: VectorPlace = Server(self._folder, server) if server else Folder(self._folder)
        self._store: VectorStore | None = None
        self._cached: VectorCache | None = None
        self._checked: tuple[int, int] | None = None  # state of the library at the last sync
        self._mutex = RLock()  # one thread writes
        self._paused = False

    def close(self) -> None:
        """Let go of Chroma's folder, or of the server."""
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
        except StoreAway:
            self.close()  # so that the next one asks whether it is back
            raise
        except StoreBroken:
            self.close()  # what another process wrote is seen only by opening the folder again
            self._checked = None  # and what is gone is made again at the next search
            return self._readable().nearest(query, count)

    def _readable(self) -> VectorStore:
        if self._store is None:
            self._store = self._place.readable(self._collection())
        return self._store

    def _heal(self) -> bool:
        """Make what is missing; False when it is not to be, another process is writing just now, or the disk is full."""
        if self._paused or not self._mutex.acquire(blocking=False):
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

    def pause(self) -> None:
        """Searches no longer make what is missing, but do without it, until somebody calls :meth:`sync`."""
        self._paused = True

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
            except StoreAway as error:
                self._fill_memory(keys, None, error)
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
        with self._mutex, self._library.writer(), self._resumed():
            state: tuple[int, int] | None = self._library.database.state()
            self.close()
            self._cache.reload()
            needed = self._needed()
            try:
                made = self._filled(needed, progress)
            except StoreAway as error:
                made, state = self._fill_memory(needed, progress, error), None
                self._cache.keep(needed)
            self._cache.save()
            self._checked = state
        return made

    @contextlib.contextmanager
    def _resumed(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._paused = False

    def _filled(self, needed: set[str], progress: Progress | None) -> int:
        try:
            return self._fill(self._writable(), self._cache, needed, progress)
        except StoreAway:
            raise
        except StoreBroken:
            self._discard()
        try:
            return self._fill(self._writable(), self._cache, needed, progress)
        except StoreAway:
            raise
        except StoreBroken as error:
            raise self._place.unusable(error) from error

    def _fill_memory(self, needed: set[str], progress: Progress | None, error: StoreAway) -> int:
        """Make what is missing without the server, which is away.

        Raises:
            IndexAway: there are more than memory takes.
        """
        self.close()
        missing = sorted(key for key in needed if key not in self._cache)
        if len(missing) > LIMIT - len(self._cache):
            raise self._place.unusable(error) from error
        done = 0
        for batch in _batches(missing):
            self._make(None, self._cache, batch)
            done += len(batch)
            if progress:
                progress(done, len(missing))
        return done

    def rebuild(self, progress: Progress | None = None) -> int:
        """Make all vectors anew; the old ones serve until the new ones are whole.

        Raises:
            LibraryBusy: another process is writing.
            StorageFull: no space left; the old ones stay.
            IndexAway: the server does not answer; the old ones stay.
        """
        with self._mutex, self._library.writer(), self._resumed():
            self.close()
            self._place.asked()
            generation, cache = secrets.token_hex(4), self._new_cache()
            try:
                made = self._fill(self._writable(generation), cache, self._needed(), progress, generation)
            except StoreAway as error:
                self.close()
                raise self._place.unusable(error) from error
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

    def _make(self, store: VectorStore | None, cache: VectorCache, keys: Sequence[str]) -> None:
        """Put vectors into the store, from the cache or freshly made; without a store, into the cache only."""
        fresh = [key for key in keys if key not in cache]
        made: Vectors | None = None
        if fresh:
            texts = self._texts(fresh)
            fresh = [key for key in fresh if key in texts]
            made = unit(self._embedder.embed_passages([texts[key] for key in fresh]))
            cache.put(fresh, made)  # first: with a full disk the search still has them
            if store is not None:
                store.put(fresh, made)
        held = [key for key in keys if key in cache and key not in set(fresh)]
        if held and store is not None:
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
        self._store = self._place.writable(self._collection(generation))
        return self._store

    def _discard(self) -> None:
        """Delete what Chroma has, after which it is made from the cache and the library."""
        with contextlib.suppress(StoreBroken):
            self.close()
        self._place.discard()


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
