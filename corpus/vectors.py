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
    return out / norms


class VectorCache:
    """Vectors by key, in memory, for one embedder."""

    def __init__(self, path: Path, embedder: str, dim: int) -> None:
        self._path = path
        self._embedder = embedder
        self._dim = dim
        self._stamp: tuple[int, int, int] | None = None
        self.clear()
        self.reload()

    def clear(self) -> None:
        """Forget all vectors in memory."""
        self._rows: dict[str, int] = {}
        self._matrix: Vectors = np.empty((0, self._dim), np.float32)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def rows(self, keys: Sequence[str]) -> NDArray[np.int64]:
        """Row of each key in :attr:`matrix`, -1 where there is none."""
        get = self._rows.get
        return np.fromiter((get(key, -1) for key in keys), np.int64, len(keys))

    @property
    def matrix(self) -> Vectors:
        """All vectors, shape (rows, dim); rows move when others are dropped."""
        return self._matrix[: len(self._rows)]

    def put(self, keys: Sequence[str], vectors: Vectors) -> None:
        """Keep vectors, as far as there is room."""
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

    def keep(self, keys: Collection[str]) -> None:
        """Drop all others."""
        kept = [key for key in self._rows if key in keys]
        if len(kept) < len(self._rows):
            self._matrix = self._matrix[self.rows(kept)]
            self._rows = {key: row for row, key in enumerate(kept)}

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
        self.put([keys[i] for i in good], vectors[good])
        return True

    def save(self) -> None:
        """Write the file whole, or leave the old one.

        Raises:
            StorageFull: no space left.
        """
        partial = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with translated(self._path):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with partial.open("wb") as file:
                    np.savez(
                        file,
                        embedder=np.array(self._embedder),
                        keys=np.array(list(self._rows), dtype="S24"),
                        vectors=self.matrix,
                    )
                partial.replace(self._path)
            finally:
                partial.unlink(missing_ok=True)
            stat = self._path.stat()
        self._stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
