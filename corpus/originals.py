"""The bytes that were taken in, by hash (原件).

In: a file and the hash that its reader saw. Out: a copy under ``originals/<2 digits>/<hash>``, whole
or not there at all, readable by its owner only. A report can always be parsed again from it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from pathlib import Path

from corpus.errors import NotFound, UnreadableFile
from corpus.schema import translated

_PIECE = 1 << 20


def file_hash(path: Path) -> str:
    """SHA-256 of a file in hex, without holding it in memory."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


class Originals:
    """Folder of the raw bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Where the bytes of this hash are kept.

        Raises:
            NotFound: they are not kept.
        """
        place = self._place(sha256)
        if not place.is_file():
            raise NotFound("没有保存这份原件", where=sha256[:12], remedy="请重新导入该文件")
        return place

    def keep(self, source: Path, sha256: str) -> None:
        """Copy ``source``, once.

        Raises:
            UnreadableFile: the file vanished, or changed since its hash was taken.
            StorageFull: no space left.
        """
        place = self._place(sha256)
        if place.is_file():
            return
        try:
            stream = source.open("rb")
        except OSError as error:
            raise UnreadableFile(
                f"文件打不开（{error.strerror}）", where=str(source), remedy="请确认文件还在后重新导入"
            ) from error
        with stream, translated(self._folder):
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = place.with_name(f".{sha256}.{os.getpid()}")
            digest = hashlib.sha256()
            try:
                with os.fdopen(
                    os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb"
                ) as target:
                    while piece := stream.read(_PIECE):
                        digest.update(piece)
                        target.write(piece)
                    target.flush()
                    os.fsync(target.fileno())
                if digest.hexdigest() != sha256:
                    raise UnreadableFile(
                        "文件在读取期间被改动", where=str(source), remedy="请等它写完后重新导入"
                    )
                partial.replace(place)
            finally:
                partial.unlink(missing_ok=True)

    def sweep(self, kept: Collection[str]) -> int:
        """Delete what the library no longer names, half-written copies included; count of files."""
        gone = 0
        with translated(self._folder):
            for place in self._folder.glob("*/*"):
                if place.name not in kept:
                    place.unlink(missing_ok=True)
                    gone += 1
        return gone

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256
