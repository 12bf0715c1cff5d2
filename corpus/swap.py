"""Another content for a data folder, whole or not at all (整体替换).

In: a data folder and, inside it, a folder with what is to take its place. Out: the new content in place and the old one
in ``replaced/TIME``, from where it can be brought back. Many renames are not one step, so what is planned is written
down first: killed in the middle, the next one who opens the folder calls :func:`finish`, which goes on where it stopped.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from corpus.schema import translated

PLAN = "swap.json"
LOCK = "swap.lock"
REPLACED = "replaced"
STAGING = ".staging-"
ENDPOINTS = "endpoints.json"  # addresses and keys that belong to the machine, not to the reports
# What stays where it is: locks, logs, earlier contents, endpoints, and copies from before an upgrade.
STAYING = (
    PLAN, f"{PLAN}.partial", LOCK, REPLACED, "lock", "lock.owner", "service.lock", "logs", "upgrades", ENDPOINTS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Plan:
    """Names relative to the data folder: ``old`` go to ``aside``, then ``new`` come from ``staged``."""

    staged: str
    aside: str
    old: tuple[str, ...]
    new: tuple[str, ...]


def contents(home: Path) -> tuple[str, ...]:
    """What of a data folder is exchanged, by name."""
    with translated(home):
        names = sorted(entry.name for entry in home.iterdir())
    return tuple(name for name in names if name not in STAYING and not name.startswith(STAGING))


def stage(home: Path) -> Path:
    """A new empty folder inside the data folder, on the same file system."""
    with translated(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        staged = home / f"{STAGING}{secrets.token_hex(4)}"
        staged.mkdir(mode=0o700)
    return staged


def replace(home: Path, staged: Path) -> Path:
    """Put the content of ``staged`` in place of the folder's own; where that one lies now.

    The caller holds the writer lock, and no service is running.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    aside = home / REPLACED / f"{stamp}-{secrets.token_hex(2)}"
    with translated(home), _lock(home):
        aside.parent.mkdir(mode=0o700, exist_ok=True)
        aside.mkdir(mode=0o700)
        new = tuple(sorted(entry.name for entry in staged.iterdir()))
        plan = _Plan(
            staged.relative_to(home).as_posix(), aside.relative_to(home).as_posix(), contents(home), new
        )
        _write(home, plan)
        _carry_out(home, plan)
    return aside


def finish(home: Path) -> bool:
    """Go on with an exchange that was cut short; whether there was one."""
    path = home / PLAN
    if not path.exists():
        return False
    with translated(home), _lock(home):
        if path.exists():  # nobody has finished it meanwhile
            row = json.loads(path.read_text("utf-8"))
            _carry_out(home, _Plan(row["staged"], row["aside"], tuple(row["old"]), tuple(row["new"])))
    return True


def _lock(home: Path) -> FileLock:
    """One process at a time carries out a plan; the lock ends with its process."""
    return FileLock(home / LOCK, mode=0o600)


def _write(home: Path, plan: _Plan) -> None:
    partial = home / f"{PLAN}.partial"
    with partial.open("w", encoding="utf-8") as file:
        json.dump(asdict(plan), file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(home / PLAN)
    _sync(home)


def _carry_out(home: Path, plan: _Plan) -> None:
    """All renames that are still to be done; may be called again and again."""
    staged, aside = home / plan.staged, home / plan.aside
    _move(home, aside, plan.old)
    _sync(aside)
    for name in plan.new:
        if (staged / name).exists() and (home / name).exists():
            _remove(home / name)  # made by a program that opened the folder between two of the renames
    _move(staged, home, plan.new)
    _sync(home)
    (home / PLAN).unlink(missing_ok=True)
    shutil.rmtree(staged, ignore_errors=True)


def _move(source: Path, target: Path, names: Iterable[str]) -> None:
    for name in names:
        if (source / name).exists() and not (target / name).exists():
            (source / name).rename(target / name)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _sync(folder: Path) -> None:
    """Have the names of a folder on the disk before the next step relies on them."""
    if not folder.is_dir():
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replaced(home: Path) -> tuple[Path, ...]:
    """The earlier contents, the newest first."""
    folder = home / REPLACED
    if not folder.is_dir():
        return ()
    with translated(folder):
        kept = [entry for entry in folder.iterdir() if entry.is_dir() and any(entry.iterdir())]
    return tuple(sorted(kept, reverse=True))


def leftovers(home: Path) -> tuple[Path, ...]:
    """Staged folders that nothing will take up any more, since the exchange never began."""
    if not home.is_dir() or (home / PLAN).exists():
        return ()
    with translated(home):
        return tuple(entry for entry in home.iterdir() if entry.name.startswith(STAGING))
