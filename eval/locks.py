"""Locked cases (锁定的评测题): whoever changes a test split changes its hash, and every run says so.

In: ``eval/lock.json`` (path below ``eval/`` → sha256). Out: an error where a locked file differs, or a new lock.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from corpus.errors import InputError

ROOT = Path(__file__).parent
LOCK = ROOT / "lock.json"
LOCKED = ("cases/ask-test.jsonl", "labels/figures-held.jsonl", "labels/cover-held.jsonl")


def lock(path: Path = LOCK, root: Path = ROOT) -> dict[str, str]:
    """Write the hashes of the files that are there."""
    hashes = {name: digest(root / name) for name in LOCKED if (root / name).is_file()}
    path.write_text(json.dumps(hashes, indent=1) + "\n", encoding="utf-8")
    return hashes


def changed(path: Path = LOCK, root: Path = ROOT) -> tuple[str, ...]:
    """Locked files that differ from their hash or are gone; everything where there is no lock.

    Raises:
        InputError: the lock cannot be read.
    """
    if not path.is_file():
        return LOCKED
    try:
        hashes = dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise InputError("锁定文件读不出", where=str(path), remedy="请从版本库恢复它") from error
    return tuple(
        name for name, was in hashes.items() if not (root / name).is_file() or digest(root / name) != was
    )


def held(cases: Path, path: Path = LOCK, root: Path = ROOT) -> None:
    """Check the locked files among ``cases`` (a file, or a folder).

    Raises:
        InputError: one of them has changed.
    """
    for name in changed(path, root):
        file = (root / name).resolve()
        if cases.resolve() in (file, file.parent):
            raise InputError(
                "锁定的评测题已改动，分数不能与以前的相比",
                where=str(file),
                remedy="请恢复原文件；确要改动时用 wenheng eval cases lock 重新锁定，并另起一组结果",
            )


def digest(path: Path) -> str:
    """sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
