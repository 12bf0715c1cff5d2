"""The catalogue: every report, passage and figure, and what users decided about them (资料库).

In: parsed reports. Out: reports, cards, passages and figures by filter. SQLite is the one source of
truth; the index beside it can always be made again. Each file is one transaction: killed at any
moment, the next start shows the old state or the new one. Layout of the data folder::

    library.db          this catalogue and the full-text index
    originals/ab/ab…    raw bytes by hash
    index/              vectors, a cache
    lock, lock.owner    one writer at a time
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from corpus import cards, corrections, edits, merging, swap
from corpus.cards import Card, Covered, StatedFigure
from corpus.chats import Chats
from corpus.database import Database, now
from corpus.drafts import Drafts
from corpus.duplicates import Duplicate
from corpus.errors import InputError, NotFound
from corpus.files import shown
from corpus.filters import KEPT, of_passages
from corpus.kept import Kept
from corpus.lock import WriterLock
from corpus.originals import Originals
from corpus.records import dump, metadata_of, passage_of, report_of
from corpus.report import Filter, Metadata, Passage, RawDocument, Report
from corpus.schema import translated
from corpus.storing import drop_file, insert_report, point_path, set_metadata, store_file

MOST_ROWS = 40_000  # of the ledger, kept in memory: some 40 MB
_ANY = Filter()


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was taken in."""

    path: str
    sha256: str
    name: str
    size: int
    modified: float
    pipeline: str
    ingested_at: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """What one file brought: its reports, the ones that they replace, the copies that were merged."""

    report_ids: tuple[str, ...]
    replaced: tuple[str, ...]
    duplicates: tuple[Duplicate, ...]


class Library:
    """The library of one data folder. May be shared by threads; close it, or use ``with``."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with translated(home):
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
        swap.finish(home)  # a restore that was killed between two of its renames
        self.originals = Originals(home / "originals")
        self._database = Database(home / "library.db")
        self._writer = WriterLock(home)
        self.chats = Chats(self._database)
        self.drafts = Drafts(self._database)
        self.ledger_rows: Kept[tuple[Any, ...]] = Kept(MOST_ROWS)  # of corpus.ledger

    @classmethod
    def open(cls, home: Path | str) -> Library:
        """Open the library of a data folder, making it when there is none.

        Raises:
            LibraryError: the folder cannot be used, or its library is damaged or of a newer version.
        """
        return cls(Path(home))

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def writer(self, wait: float = 0.0, threads: float = 0.0) -> AbstractContextManager[None]:
        """The lock for long work: ingest and changes of the index. Short changes need none."""
        return self._writer.hold(wait, threads)

    @property
    def database(self) -> Database:
        """The connection, for the index, whose full-text half lives in the same file."""
        return self._database

    # -- taking in and out ---------------------------------------------------------------------

    def source(self, path: Path | str) -> Source | None:
        """What was last taken in from this path."""
        row = self._database.row(
            "SELECT * FROM paths JOIN files USING (sha256) WHERE path = ?", (shown(path),)
        )
        if row is None:
            return None
        return Source(
            row["path"],
            row["sha256"],
            row["name"],
            row["size"],
            row["modified"],
            row["pipeline"],
            row["ingested_at"],
            tuple(json.loads(row["warnings"])),
        )

    def parsed(self) -> dict[str, tuple[str, str]]:
        """By hash of each file: the version of the pipeline that parsed it, and when."""
        rows = self._database.rows("SELECT sha256, pipeline, ingested_at FROM files")
        return {row["sha256"]: (row["pipeline"], row["ingested_at"]) for row in rows}

    def pipeline_of(self, sha256: str) -> str | None:
        """Version of the pipeline that parsed these bytes; None when they are not in the library."""
        row = self._database.row("SELECT pipeline FROM files WHERE sha256 = ?", (sha256,))
        return None if row is None else str(row["pipeline"])

    def add_source(
        self,
        document: RawDocument,
        reports: Sequence[Report],
        *,
        path: Path,
        modified: float = 0.0,
        pipeline: str = "",
    ) -> Added:
        """Take in the reports of a file, in place of those that its path gave before.

        The user's edits and decisions pass to the report with the same number in the file.

        Raises:
            StorageFull: nothing of this file was kept.
            UnreadableFile: the file vanished or changed meanwhile.
        """
        self.originals.keep(path, document.sha256)
        with self._database.writing() as connection:
            before = connection.execute("SELECT sha256 FROM paths WHERE path = ?", (shown(path),)).fetchone()
            stored = store_file(connection, document, path=path, modified=modified, pipeline=pipeline)
            for report in reports:
                insert_report(connection, report)
            new = {report.ordinal: report.id for report in reports}
            for ordinal, old_id in stored.old.items():
                if ordinal in new:
                    merging.carry(connection, old_id, new[ordinal])
            for old_id in stored.dropped - set(new.values()):
                merging.forget(connection, old_id)
            for sha256 in {document.sha256, before["sha256"] if before else document.sha256}:
                corrections.carry(connection, sha256, reports)
            for report_id in new.values():
                set_metadata(connection, report_id)
            merging.refresh(connection, {*new.values(), *stored.touched})
        added = set(new.values())
        merged = tuple(d for d in self.duplicates() if d.report_id in added)
        return Added(tuple(new.values()), tuple(stored.old.values()), merged)

    def parse_again(self, sha256: str) -> None:
        """The next ingest reads these bytes anew, though they are in the library."""
        with self._database.writing() as connection:
            connection.execute("UPDATE files SET pipeline = '' WHERE sha256 = ?", (sha256,))

    def note_path(self, path: Path, sha256: str, modified: float = 0.0) -> tuple[str, ...]:
        """Note that bytes already in the library are also found at ``path``.

        Returns:
            ids of the reports that this path gave before and that nothing else gives.
        """
        with self._database.writing() as connection:
            old = connection.execute(
                "SELECT r.id, r.sha256 FROM paths JOIN reports r USING (sha256)"
                " WHERE path = ? AND sha256 != ?",
                (shown(path), sha256),
            ).fetchall()
            touched = merging.related(connection, [row["id"] for row in old])
            point_path(connection, path, sha256, modified)
            if not old or not drop_file(connection, old[0]["sha256"]):
                return ()
            for row in old:
                merging.forget(connection, row["id"])
            merging.refresh(connection, touched)
        return tuple(row["id"] for row in old)

    def remove(self, report_ids: Iterable[str]) -> tuple[str, ...]:
        """Remove reports with all that was stored of them; copies of them take their place.

        A file whose last report goes is forgotten, its original bytes included.

        Raises:
            NotFound: an id that does not exist; nothing is removed then.
        """
        with self.writer():
            ids = tuple(dict.fromkeys(self.full_id(report_id) for report_id in report_ids))
            with self._database.writing() as connection:
                touched = merging.related(connection, ids)
                files = connection.execute(
                    "SELECT DISTINCT sha256 FROM reports WHERE id IN (SELECT value FROM json_each(?))",
                    (dump(ids),),
                ).fetchall()
                for report_id in ids:
                    connection.execute("DELETE FROM reports WHERE id = ?", (report_id,))
                    merging.forget(connection, report_id)
                for row in files:
                    gone = connection.execute(
                        "DELETE FROM files WHERE sha256 = ?1"
                        " AND NOT EXISTS (SELECT 1 FROM reports WHERE sha256 = ?1)",
                        (row["sha256"],),
                    )
                    if gone.rowcount:
                        corrections.forget(connection, row["sha256"])
                merging.refresh(connection, touched)
            self._database.compact()
            self.sweep()
        return ids

    def sweep(self) -> None:
        """Delete original bytes that no file of the library names; the caller holds the writer lock."""
        self.originals.sweep({row["sha256"] for row in self._database.rows("SELECT sha256 FROM files")})

    # -- reading -------------------------------------------------------------------------------

    def full_id(self, report_id: str) -> str:
        """The id that begins so.

        Raises:
            NotFound: no report's id begins so.
            InputError: the ids of several do.
        """
        found = self._database.rows(
            "SELECT id FROM reports WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id LIMIT 4",
            (report_id.strip().lower(),),
        )
        if not found or not report_id.strip():
            raise NotFound("没有这份报告", where=report_id, remedy="用 wenheng reports 查看全部报告的编号")
        if len(found) > 1:
            some = "、".join(row["id"] for row in found[:3])
            raise InputError(f"有几份报告的编号以它开头：{some}", where=report_id, remedy="请多写几位")
        return str(found[0]["id"])

    def report(self, report_id: str) -> Report:
        """A report, by its id or the unique beginning of it, with the user's edits.

        Raises:
            NotFound: no report's id begins so.
            InputError: the ids of several do.
        """
        full = self.full_id(report_id)
        row = self._database.row(
            "SELECT r.*, f.name AS source_name FROM reports r JOIN files f USING (sha256) WHERE r.id = ?",
            (full,),
        )
        if row is None:
            raise NotFound("这份报告刚刚被删除", where=full, remedy="用 wenheng reports 查看全部报告的编号")
        return report_of(
            row,
            edits.apply(metadata_of(json.loads(row["metadata"])), self.edits(full)),
            self._database.rows("SELECT * FROM passages WHERE report_id = ? ORDER BY ordinal", (full,)),
            self._database.rows("SELECT * FROM figures WHERE report_id = ? ORDER BY ordinal", (full,)),
        )

    def cards(self, wanted: Filter = _ANY, *, merged: bool = False) -> tuple[Card, ...]:
        """Cards of the matching reports; ``merged`` includes copies that were merged away."""
        return cards.cards(self._database, wanted, merged=merged)

    def passages(self, wanted: Filter = _ANY) -> tuple[Passage, ...]:
        """The matching passages, report by report."""
        return cards.passages(self._database, wanted)

    def passages_by_id(self, passage_ids: Sequence[str]) -> tuple[Passage, ...]:
        """These passages in the order asked for; ids that do not exist are left out."""
        rows = self._database.rows(
            "SELECT * FROM passages WHERE id IN (SELECT value FROM json_each(?))", (dump(passage_ids),)
        )
        found = {row["id"]: passage_of(row) for row in rows}
        return tuple(found[passage_id] for passage_id in passage_ids if passage_id in found)

    def figures(self, wanted: Filter = _ANY, *, indicator: str = "") -> tuple[StatedFigure, ...]:
        """Figures of the matching reports, those whose indicator holds ``indicator``."""
        return cards.figures(self._database, wanted, indicator)

    def coverage(self) -> tuple[Covered, ...]:
        """Which places, years and genres there are, for an answer that says what there is instead."""
        return cards.coverage(self._database)

    def mentions(self, word: str) -> tuple[str, ...]:
        """Ids of the reports that hold ``word`` literally; copies that were merged away are left out."""
        rows = self._database.rows(
            f"SELECT r.id FROM reports r WHERE instr(r.text, ?) AND {KEPT} ORDER BY r.id", (word,)
        )
        return tuple(row["id"] for row in rows)

    def resolve(self, wanted: Filter = _ANY) -> tuple[str, ...]:
        """Ids of all matching passages; copies that were merged away have none."""
        condition, parameters = of_passages(wanted)
        rows = self._database.rows(
            "SELECT p.id FROM passages p JOIN reports r ON r.id = p.report_id"
            f" WHERE {condition} AND {KEPT} ORDER BY p.id",
            parameters,
        )
        return tuple(row["id"] for row in rows)

    def setting(self, name: str) -> str:
        """A note of the index to itself, "" when there is none."""
        row = self._database.row("SELECT value FROM settings WHERE name = ?", (name,))
        return "" if row is None else str(row["value"])

    def set_setting(self, name: str, value: str) -> None:
        """Keep such a note."""
        with self._database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    # -- what users decide ---------------------------------------------------------------------

    def edits(self, report_id: str) -> Mapping[str, str]:
        """The user's edits of a report (full id), field → value."""
        rows = self._database.rows("SELECT field, value FROM edits WHERE report_id = ?", (report_id,))
        return {row["field"]: row["value"] for row in rows}

    def edit(self, report_id: str, field: str, value: str | None) -> Metadata:
        """Change a piece of metadata; it then has ``how="user"`` and outlives a new ingest.

        Args:
            report_id: id or the unique beginning of it.
            field: title, place, issuer, year, period, genre, number or date.
            value: "" says that it is unknown; None takes the edit back.

        Raises:
            InputError: no such field, or a value that it cannot take.
        """
        full = self.full_id(report_id)
        clean = None if value is None else edits.checked(field, value)
        with self._database.writing() as connection:
            before = merging.related(connection, [full])
            connection.execute("DELETE FROM edits WHERE report_id = ? AND field = ?", (full, field))
            if clean is not None:
                connection.execute("INSERT INTO edits VALUES (?, ?, ?, ?)", (full, field, clean, now()))
            metadata = set_metadata(connection, full)
            merging.refresh(connection, {full, *before})
        return metadata

    def duplicates(self) -> tuple[Duplicate, ...]:
        """All copies with the report that is kept instead."""
        return cards.duplicates(self._database)

    def merge(self, report_id: str, kept_id: str) -> None:
        """Merge a report into another one of the same place and year.

        Raises:
            InputError: the same report, or another place or year.
        """
        copy, kept = self.full_id(report_id), self.full_id(kept_id)
        with self._database.writing() as connection:
            merging.merge(connection, copy, kept)

    def unmerge(self, report_id: str) -> str:
        """Make a merged copy a report of its own again; id of the report it was merged into.

        Raises:
            NotFound: it is not merged into any.
        """
        full = self.full_id(report_id)
        with self._database.writing() as connection:
            return merging.unmerge(connection, full)
