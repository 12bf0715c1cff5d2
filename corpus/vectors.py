"""Vectors at hand: a matrix in memory, kept in one file beside the index (向量缓存).

In: keys and vectors. Out: rows of a float32 matrix. A key names headings and text, so its vector
never changes for one embedder, and an old file can be incomplete but not wrong. With it, searching
a library of ordinary size needs no vector engine at all.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path
from threading import RLock

import numpy as np
from numpy.typing import NDArray

from corpus.schema import translated

Vectors = NDArray[np.float32]

LIMIT = 100_000  # rows; 150 MB at 384 dimensions


def sound(vectors: Vectors) -> NDArray[np.bool_]:
    """Which rows are unit vectors; a damaged file gives others."""
    with np.errstate(all="ignore"):
        norms = np.linalg.norm(vectors.astype(np.float64), axis=1)
    return np.asarray(np.abs(norms - 1) < 1e-3)


def unit(vectors: Vectors) -> Vectors:
    """The rows at length 1 (a row of zeros becomes the first axis, so that it stays a direction)."""
    out = np.array(vectors, dtype=np.float32, ndmin=2)
    norms = np.linalg.norm(out, axis=1, keepdims=True)
    out[norms[:, 0] == 0, 0] = 1
    norms[norms == 0] = 1
    out /= norms
    return out


class VectorCache:
    """Vectors by key, in memory, for one embedder."""

    def __init__(self, path: Path, embedder: str, dim: int) -> None:
        self._path = path
        self._embedder = embedder
        self._dim = dim
        self._stamp: tuple[int, int, int] | None = None
        self._lock = RLock()
        self._saved = 0
        self._dirty = False
        self.clear()

    def clear(self) -> None:
        """Forget all vectors in memory."""
        with self._lock:
            self._last: tuple[tuple[str, ...] | None, NDArray[np.int64]] = (None, np.empty(0, np.int64))
            self._rows: dict[str, int] = {}
            self._matrix: Vectors = np.empty((0, self._dim), np.float32)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def lookup(self, keys: tuple[str, ...]) -> tuple[NDArray[np.int64], Vectors]:
        """Row of each key, -1 where there is none, and the matrix that these rows count in.

        Asked for the same tuple again and again, as by the questions about one filter, it remembers.
        """
        with self._lock:
            last_keys, last_rows = self._last
            if last_keys is not keys:
                get = self._rows.get
                last_rows = np.fromiter((get(key, -1) for key in keys), np.int64, len(keys))
                self._last = (keys, last_rows)
            return last_rows, self._matrix[: len(self._rows)]

    @property
    def unsaved(self) -> int:
        """Vectors in memory beyond those in the file."""
        return len(self._rows) - self._saved

    def put(self, keys: Sequence[str], vectors: Vectors) -> None:
        """Keep vectors, as far as there is room."""
        with self._lock:
            fresh = [i for i, key in enumerate(keys) if key not in self._rows][: LIMIT - len(self._rows)]
            if not fresh:
                return
            count = len(self._rows)
            if count + len(fresh) > len(self._matrix):
                grown = np.empty((max(256, count + len(fresh), 2 * count), self._dim), np.float32)
                grown[:count] = self._matrix[:count]
                self._matrix = grown
            self._matrix[count : count + len(fresh)] = vectors[fresh]
            for row, i in enumerate(fresh, count):
                self._rows[keys[i]] = row
            self._last = (None, np.empty(0, np.int64))
            self._dirty = True

    def keep(self, keys: Collection[str]) -> None:
        """Drop all others."""
        with self._lock:
            kept = [key for key in self._rows if key in keys]
            if len(kept) < len(self._rows):
                self._matrix = self._matrix[[self._rows[key] for key in kept]]
                self._rows = {key: row for row, key in enumerate(kept)}
                self._last = (None, np.empty(0, np.int64))
                self._dirty = True

    def reload(self) -> bool:
        """Take in what another process has written; whether there was anything."""
        try:
            stat = self._path.stat()
        except OSError:
            return False
        stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            with np.load(self._path, allow_pickle=False) as file:
                if str(file["embedder"]) != self._embedder or file["vectors"].shape[1] != self._dim:
                    return False
                keys, vectors = file["keys"].astype(str).tolist(), file["vectors"]
        except (OSError, ValueError, KeyError, EOFError, IndexError, zipfile.BadZipFile):
            return False  # a damaged cache is no cache
        good = np.flatnonzero(sound(vectors))
        with self._lock:
            dirty = self._dirty or bool(self._rows)
            self.put([keys[i] for i in good], vectors[good])
            self._saved, self._dirty = len(good), dirty or len(good) < len(keys)
        return True

    def save(self) -> None:
        """Write the file whole, or leave the old one; nothing to do when nothing changed.

        Raises:
            StorageFull: no space left.
        """
        with self._lock:
            if not self._dirty and self._path.exists():
                return
            keys, vectors = list(self._rows), self._matrix[: len(self._rows)]
            self._saved, self._dirty = len(keys), False
        partial = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with translated(self._path):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with partial.open("wb") as file:
                    np.savez(
                        file,
                        embedder=np.array(self._embedder),
                        keys=np.array(keys, dtype="S24"),
                        vectors=vectors,
                    )
                partial.replace(self._path)
            finally:
                partial.unlink(missing_ok=True)
            stat = self._path.stat()
        self._stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
