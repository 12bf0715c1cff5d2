"""The vectors in one Chroma collection, in a folder or on a server (向量库); the only importer of chromadb.

In: vectors and their keys. Out: the same vectors, their keys, the nearest ones to a question. Local
Chroma keeps no checksums and does not bear two writing processes, so whatever goes wrong in it is one
exception, :class:`StoreBroken`, whose cure is to make the folder again, and vectors that are not of
length 1 count as absent. It also writes memory to its files that it never filled, so that any text of this
process could come to lie in them: what it allocates is filled first. A server that does not answer is
:class:`StoreAway`: nothing is broken, and nothing to be made again.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import StorageFull
from corpus.vector_server import ChromaServer, reason, session
from corpus.vectors import Vectors, sound

_GRAPH = {"hnsw": {"space": "ip", "ef_construction": 128, "ef_search": 64, "max_neighbors": 16}}
_BATCH = 5000  # Chroma takes at most 5,461 at once
_PAGE = 500  # collections named at once


_M_PERTURB = -6  # mallopt(3): fill what is allocated and what is freed with a byte
FILL = 0x55  # glibc writes its complement into what is allocated


class StoreBroken(Exception):
    """Chroma failed; its folder is to be made again."""


class StoreAway(StoreBroken):
    """The Chroma server cannot be asked just now; the message says why, in Chinese."""


@contextmanager
def _guarded() -> Iterator[None]:
    """Any failure inside Chroma, a panic of its Rust half included, as :class:`StoreBroken`."""
    _perturb(FILL)
    try:
        yield
    except BaseException as error:
        if type(error).__module__.startswith("httpx") and isinstance(error, Exception):
            raise StoreAway(reason(error)) from error
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


def _embedded(folder: Path) -> Any:
    """Chroma in this process; one of its client objects."""
    import chromadb  # 1.2 s, and not needed to search a library of ordinary size
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    try:
        return chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
    except BaseException:
        SharedSystemClient.clear_system_cache()  # else the half-made one is handed out again
        raise


class _Server:
    """The same calls at a server.

    ``chromadb.HttpClient`` has no time-outs, takes proxies from the environment, and asks the server things before
    either can be changed. So its protocol half is taken alone and given a session of ours. No collection gets an
    embedding function, so that what a server tells of one is never loaded.
    """

    def __init__(self, server: ChromaServer) -> None:
        from chromadb.api.fastapi import FastAPI
        from chromadb.config import Settings, System

        settings = Settings(
            anonymized_telemetry=False,
            chroma_api_impl="chromadb.api.fastapi.FastAPI",
            chroma_server_host=server.url,
            chroma_server_http_port=0,  # stands in the address
        )
        api: Any = System(settings).instance(FastAPI)
        api._session.close()
        api._session = session(server, api._session.headers)
        self._api, self._prefix = api, server.prefix
        api.heartbeat()

    def close(self) -> None:
        self._api._session.close()

    def get_collection(self, name: str, embedding_function: None) -> Any:
        return self._opened(self._api.get_collection(self._prefix + name))

    def get_or_create_collection(
        self, name: str, embedding_function: None, configuration: dict[str, Any]
    ) -> Any:
        made = self._api.get_or_create_collection(self._prefix + name, configuration=configuration)
        return self._opened(made)

    def _opened(self, model: Any) -> Any:
        from chromadb.api.models.Collection import Collection

        return Collection(client=self._api, model=model, embedding_function=None)

    def list_collections(self) -> list[Any]:
        """Those of this data folder; other folders' are none of its business."""
        found: list[Any] = []
        while page := self._api.list_collections(limit=_PAGE, offset=len(found)):
            found += page
            if len(page) < _PAGE:
                break
        return [one for one in found if self._prefix and one.name.startswith(self._prefix)]

    def delete_collection(self, name: str) -> None:
        self._api.delete_collection(name)


def drop_all(server: ChromaServer) -> None:
    """Delete all that a data folder has on a server.

    Raises:
        StoreBroken: the server did not do so.
    """
    with _guarded():
        client = _Server(server)
        try:
            for one in client.list_collections():
                client.delete_collection(one.name)
        finally:
            client.close()


class VectorStore:
    """One Chroma collection of vectors by key. A folder is open in one writing process at most."""

    def __init__(self, where: Path | ChromaServer, collection: str, *, create: bool) -> None:
        with _guarded():
            self._client = _embedded(where) if isinstance(where, Path) else _Server(where)
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
        """Let go of the folder or the connections."""
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
