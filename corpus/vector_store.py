"""The vectors on disk, in one Chroma collection (向量库); the only importer of chromadb.

In: vectors and their keys. Out: the same vectors, their keys, the nearest ones to a question. Local
Chroma keeps no checksums and does not bear two writing processes, so whatever goes wrong in it is one
exception, :class:`StoreBroken`, whose cure is to make the folder again, and vectors that are not of
length 1 count as absent. It also writes memory to its files that it never filled, so that any text of this
process could come to lie in them: what it allocates is filled first.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import StorageFull
from corpus.vectors import Vectors, sound

_GRAPH = {"hnsw": {"space": "ip", "ef_construction": 128, "ef_search": 64, "max_neighbors": 16}}
_BATCH = 5000  # Chroma takes at most 5,461 at once


_M_PERTURB = -6  # mallopt(3): fill what is allocated and what is freed with a byte
FILL = 0x55  # glibc writes its complement into what is allocated


class StoreBroken(Exception):
    """Chroma failed; its folder is to be made again."""


@contextmanager
def _guarded() -> Iterator[None]:
    """Any failure inside Chroma, a panic of its Rust half included, as :class:`StoreBroken`."""
    _perturb(FILL)
    try:
        yield
    except BaseException as error:
        panic = type(error).__module__ == "pyo3_runtime"  # derives from BaseException
        if not isinstance(error, Exception) and not panic:
            raise
        if "disk is full" in str(error) or "No space left" in str(error):
            raise StorageFull(
                "磁盘空间不足，索引没有写完", remedy="资料库没有受损；请腾出空间后重新运行"
            ) from error
        raise StoreBroken(str(error)) from error
    finally:
        _perturb(0)


def _perturb(byte: int) -> None:
    """Have malloc fill memory with a byte, 0 for not; where the C library cannot, nothing happens."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_PERTURB, byte)


class VectorStore:
    """One Chroma collection of vectors by key. Its folder is open in one writing process at most."""

    def __init__(self, folder: Path, collection: str, *, create: bool) -> None:
        import chromadb  # 1.2 s, and not needed to search a library of ordinary size
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings

        with _guarded():
            try:
                client: Any = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
            except BaseException:
                SharedSystemClient.clear_system_cache()  # else the half-made one is handed out again
                raise
            self._client = client  # its declared type lacks close()
        try:
            with _guarded():
                opened = self._client.get_or_create_collection if create else self._client.get_collection
                extra: dict[str, Any] = {"configuration": _GRAPH} if create else {}
                self._collection = opened(collection, embedding_function=None, **extra)
                self._probe()
        except BaseException:
            self._client.close()
            raise

    def _probe(self) -> None:
        """Read a little of everything, so that damage shows now."""
        first = self._collection.get(limit=1, include=["embeddings"])
        if len(first["ids"]):
            self._collection.query(query_embeddings=first["embeddings"], n_results=1, include=["distances"])

    def close(self) -> None:
        """Let go of the folder."""
        with _guarded():
            self._client.close()

    def keys(self) -> set[str]:
        """Keys of all vectors."""
        with _guarded():
            return set(self._collection.get(include=[])["ids"])

    def get(self, keys: Sequence[str]) -> tuple[list[str], Vectors]:
        """The sound vectors among ``keys`` (a few thousand at most), with their keys."""
        with _guarded():
            found = self._collection.get(ids=list(keys), include=["embeddings"])
            ids = list(found["ids"])
            vectors = np.asarray(found["embeddings"], np.float32).reshape(len(ids), -1)
        good = np.flatnonzero(sound(vectors))
        return [ids[i] for i in good], vectors[good]

    def put(self, keys: Sequence[str], vectors: Vectors) -> None:
        """Add or replace vectors."""
        with _guarded():
            self._collection.upsert(ids=list(keys), embeddings=vectors)

    def drop(self, keys: Iterable[str]) -> None:
        """Delete vectors."""
        gone = sorted(keys)
        with _guarded():
            for start in range(0, len(gone), _BATCH):
                self._collection.delete(ids=gone[start : start + _BATCH])

    def drop_others(self) -> None:
        """Delete all collections but this one: leftovers of a rebuild that was cut short."""
        with _guarded():
            for other in self._client.list_collections():
                if other.name != self._collection.name:
                    self._client.delete_collection(other.name)

    def nearest(self, query: Vectors, count: int) -> list[tuple[str, float]]:
        """Keys and cosines of about the ``count`` nearest vectors, the nearest first."""
        with _guarded():
            size = self._collection.count()
            if not size:
                return []
            found = self._collection.query(
                query_embeddings=query[None, :], n_results=min(count, size), include=["distances"]
            )
            near = zip(found["ids"][0], found["distances"][0], strict=True)
            return [(str(key), 1 - float(far)) for key, far in near]
