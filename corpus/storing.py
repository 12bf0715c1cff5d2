"""The rows of one file, written inside the caller's transaction (入库).

In: a document and its reports. Out: rows in ``files``, ``paths``, ``reports``, ``passages``,
``figures`` and the full-text table, in place of what the same path or the same bytes gave before.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from corpus import edits, merging
from corpus.database import now
from corpus.files import shown
from corpus.records import dump, figure_row, metadata_of, passage_row, report_row, term_row
from corpus.report import Metadata, RawDocument, Report


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file takes the place of."""

    old: dict[int, str]  # number in the file → id, of the reports that the path gave before
    dropped: frozenset[str]  # reports that were deleted, some of which come back under the same id
    touched: frozenset[str]  # reports whose copies must be looked for again


def store_file(
    connection: sqlite3.Connection, document: RawDocument, *, path: Path, modified: float, pipeline: str
) -> Stored:
    """Write the file's own rows and delete the reports that it replaces."""
    row = connection.execute("SELECT sha256 FROM paths WHERE path = ?", (shown(path),)).fetchone()
    old_hash = row["sha256"] if row else None
    old = _reports_of(connection, old_hash)
    dropped = set(_reports_of(connection, document.sha256).values())
    touched = merging.related(connection, {*old.values(), *dropped})
    connection.execute("DELETE FROM reports WHERE sha256 = ?", (document.sha256,))
    connection.execute(
        "INSERT INTO files VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (sha256) DO UPDATE SET"
        " name = ?2, size = ?3, format = ?4, encoding = ?5, warnings = ?6, pipeline = ?7, ingested_at = ?8",
        (
            document.sha256,
            shown(document.name),
            document.size,
            document.format,
            document.encoding,
            dump(list(document.warnings)),
            pipeline,
            now(),
        ),
    )
    point_path(connection, path, document.sha256, modified)
    if old_hash != document.sha256 and drop_file(connection, old_hash):
        dropped |= set(old.values())
    return Stored(old, frozenset(dropped), frozenset(touched))


def _reports_of(connection: sqlite3.Connection, sha256: str | None) -> dict[int, str]:
    rows = connection.execute("SELECT ordinal, id FROM reports WHERE sha256 = ?", (sha256,))
    return {row["ordinal"]: row["id"] for row in rows}


def point_path(connection: sqlite3.Connection, path: Path, sha256: str, modified: float) -> None:
    """Note that these bytes are found at ``path``."""
    connection.execute(
        "INSERT INTO paths VALUES (?1, ?2, ?3, ?4) ON CONFLICT (path) DO UPDATE"
        " SET sha256 = ?2, modified = ?3, seen_at = ?4",
        (shown(path), sha256, modified, now()),
    )


def drop_file(connection: sqlite3.Connection, sha256: str | None) -> bool:
    """Delete a file and its reports unless some path still has it; whether it was deleted."""
    gone = connection.execute(
        "DELETE FROM files WHERE sha256 = ?1 AND NOT EXISTS (SELECT 1 FROM paths WHERE sha256 = ?1)",
        (sha256,),
    )
    return gone.rowcount > 0


def insert_report(connection: sqlite3.Connection, report: Report) -> None:
    """Write a report with its passages, terms and figures."""
    metadata = report.metadata
    row = report_row(report) | {
        "title": metadata.title,
        "place": metadata.place.value if metadata.place else None,
        "year": metadata.year_number,
        "period": metadata.period.value if metadata.period else None,
        "genre": metadata.genre.value,
    }
    _insert(connection, "reports", row)
    for ordinal, passage in enumerate(report.passages):
        number = _insert(connection, "passages", passage_row(passage, ordinal))
        connection.execute(
            "INSERT INTO terms (rowid, path, body) VALUES (?, ?, ?)", (number, *term_row(passage))
        )
    for ordinal, figure in enumerate(report.figures):
        _insert(connection, "figures", figure_row(figure, report.id, ordinal))


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, object]) -> int:
    names = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    return connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", row).lastrowid or 0


def read_metadata(connection: sqlite3.Connection, report_id: str) -> Metadata:
    """Metadata as the page tells it, with the user's edits over it."""
    row = connection.execute("SELECT metadata FROM reports WHERE id = ?", (report_id,)).fetchone()
    changes = connection.execute("SELECT field, value FROM edits WHERE report_id = ?", (report_id,))
    return edits.apply(metadata_of(json.loads(row["metadata"])), {e["field"]: e["value"] for e in changes})


def set_metadata(connection: sqlite3.Connection, report_id: str) -> Metadata:
    """Bring the columns that filters see in step with the edits."""
    metadata = read_metadata(connection, report_id)
    connection.execute(
        "UPDATE reports SET title = ?, place = ?, year = ?, period = ?, genre = ? WHERE id = ?",
        (
            metadata.title,
            metadata.place.value if metadata.place else None,
            metadata.year_number,
            metadata.period.value if metadata.period else None,
            metadata.genre.value,
            report_id,
        ),
    )
    return metadata
