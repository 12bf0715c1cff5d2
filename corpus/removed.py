"""Reports that were removed but can still be brought back (回收站).

In: reports that are about to go. Out: their bytes and what users had decided about them, kept beside the library in
``removed/`` until they are restored, or deleted for ever. Nothing here is searched, cited or counted.

    removed/ID.json       one report: name of its file, number in it, edits
    removed/<hash>.docx   the bytes that it was made from, once for all reports of a file
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus.database import now
from corpus.errors import NotFound
from corpus.library import Library
from corpus.readers.guard import SUFFIXES
from corpus.records import dump
from corpus.schema import translated

FOLDER = "removed"
_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Removed:
    """One report that can be brought back; times are UTC, ISO 8601."""

    id: str
    title: str
    source_name: str
    source_sha256: str
    edits: Mapping[str, str]
    removed_at: str


def keep(library: Library, report_ids: Sequence[str]) -> tuple[Removed, ...]:
    """Keep reports aside before they are removed from the library.

    Raises:
        NotFound: one does not exist; nothing is kept then.
        StorageFull: no space left.
    """
    wanted = {library.full_id(report_id) for report_id in report_ids}
    cards = [card for card in library.cards(merged=True) if card.id in wanted]
    folder = library.home / FOLDER
    kept = []
    with translated(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        for card in cards:
            place = _bytes(folder, card.source_sha256, card.source_name)
            if not place.exists():
                partial = place.with_name(f"{place.name}.part")
                shutil.copyfile(library.originals.path(card.source_sha256), partial)
                partial.chmod(0o600)
                partial.replace(place)
            one = Removed(
                card.id, card.title, card.source_name, card.source_sha256, library.edits(card.id), now()
            )
            note = folder / f"{card.id}.json"
            note.with_suffix(".part").write_text(dump(asdict(one)), encoding="utf-8")
            note.with_suffix(".part").replace(note)
            kept.append(one)
    return tuple(kept)


def listed(library: Library) -> tuple[Removed, ...]:
    """What can be brought back, the last removed first."""
    folder = library.home / FOLDER
    found = [one for path in folder.glob("*.json") if (one := _read(path)) is not None]
    return tuple(sorted(found, key=lambda one: (one.removed_at, one.id), reverse=True))


def find(library: Library, report_id: str) -> tuple[Removed, Path]:
    """One of them, and where its bytes lie.

    Raises:
        NotFound: it was not removed, or has been deleted for ever.
    """
    folder = library.home / FOLDER
    one = _read(folder / f"{report_id}.json") if _ID.fullmatch(report_id) else None
    place = _bytes(folder, one.source_sha256, one.source_name) if one else folder
    if one is None or not place.is_file():
        raise NotFound(
            "没有可恢复的这份报告", where=report_id[:60], remedy="超过保留期的已彻底删除，请重新上传原文件"
        )
    return one, place


def forget(library: Library, report_ids: Sequence[str]) -> None:
    """Delete them for ever, and the bytes that no other removed report needs."""
    folder = library.home / FOLDER
    with translated(folder):
        for report_id in report_ids:
            if _ID.fullmatch(report_id):
                (folder / f"{report_id}.json").unlink(missing_ok=True)
        needed = {_bytes(folder, one.source_sha256, one.source_name).name for one in listed(library)}
        for path in folder.glob("*"):
            if path.suffix != ".json" and path.name not in needed:
                path.unlink(missing_ok=True)


def forget_before(library: Library, moment: str) -> int:
    """Delete for ever what was removed before a time (UTC, ISO 8601); how many reports."""
    old = [one.id for one in listed(library) if one.removed_at < moment]
    forget(library, old)
    return len(old)


def _bytes(folder: Path, sha256: str, name: str) -> Path:
    """Where the bytes of a file lie; kinds of plain text are told by the suffix."""
    suffix = Path(name).suffix.lower()
    return folder / (sha256 + (suffix if suffix in SUFFIXES else ""))


def _read(path: Path) -> Removed | None:
    try:
        return Removed(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
