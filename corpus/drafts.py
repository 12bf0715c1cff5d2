"""Drafts under way and their versions (稿子): nothing that was written once is lost.

In: the state of a draft as text, whatever it means to the caller. Out: the same text later, and the versions that were
made of it. Every call is one transaction. A draft is saved after each step; a version is what it was when it was done.
``subject`` is what a draft is about (kind, place, year, office), so that the same command finds it again.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from corpus.database import Database, now
from corpus.errors import InputError, LibraryBusy, NotFound

_SELECT = (
    "SELECT d.*, (SELECT count(*) FROM draft_versions v WHERE v.draft_id = d.id) AS versions FROM drafts d"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A draft as it was last saved.

    ``open`` says that the state is no version yet; ``note`` is what the next version will be called. ``input`` is the
    hash of the input that it was made from. ``revision`` counts what was saved. Times are UTC, ISO 8601; ``removed_at``
    is "" for a draft that is there.
    """

    id: str
    subject: str
    kind: str
    title: str
    input: str
    state: str
    note: str
    open: bool
    revision: int
    versions: int
    created_at: str
    updated_at: str
    removed_at: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a draft; the first is 1."""

    draft_id: str
    number: int
    state: str
    note: str
    created_at: str


class Drafts:
    """The drafts of a library."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- writing -------------------------------------------------------------------------------

    def start(self, *, subject: str, kind: str, title: str, input: str, state: str, note: str = "") -> Stored:
        """A new draft under way."""
        draft_id = secrets.token_hex(6)
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO drafts (id, subject, kind, title, input, state, note, open, revision, created_at,"
                " updated_at, removed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, 1, ?8, ?8, '')",
                (draft_id, subject, kind, title, input, state, note, now()),
            )
        return self.load(draft_id)

    def save(
        self,
        stored: Stored,
        state: str,
        *,
        title: str | None = None,
        input: str | None = None,
        note: str | None = None,
    ) -> Stored:
        """Keep the state of a draft under way; what is not given stays.

        Raises:
            LibraryBusy: someone else has saved this draft since ``stored`` was read.
            NotFound: it was deleted meanwhile.
        """
        with self._database.writing() as connection:
            self._unchanged(connection, stored)
            connection.execute(
                "UPDATE drafts SET state = ?, title = coalesce(?, title), input = coalesce(?, input),"
                " note = coalesce(?, note), open = 1, revision = revision + 1, updated_at = ? WHERE id = ?",
                (state, title, input, note, now(), stored.id),
            )
        return self.load(stored.id)

    def commit(self, stored: Stored) -> Stored:
        """Make the saved state the next version, unless it is the same as the last one.

        Raises:
            LibraryBusy, NotFound: as for :meth:`save`.
        """
        with self._database.writing() as connection:
            self._unchanged(connection, stored)
            last = connection.execute(
                "SELECT version, state FROM draft_versions WHERE draft_id = ? ORDER BY version DESC LIMIT 1",
                (stored.id,),
            ).fetchone()
            if last is None or last["state"] != stored.state:
                number = last["version"] + 1 if last else 1
                connection.execute(
                    "INSERT INTO draft_versions VALUES (?, ?, ?, ?, ?)",
                    (stored.id, number, stored.state, stored.note, now()),
                )
            connection.execute(
                "UPDATE drafts SET open = 0, note = '', revision = revision + 1 WHERE id = ?", (stored.id,)
            )
        return self.load(stored.id)

    def remove(self, draft_ids: Iterable[str]) -> tuple[str, ...]:
        """Take drafts out of the list; :meth:`restore` brings them back. Their ids.

        Raises:
            NotFound, InputError: an id fits none or several; nothing is removed then.
        """
        ids = tuple(dict.fromkeys(self.full_id(one) for one in draft_ids))
        self._mark(ids, now())
        return ids

    def restore(self, draft_ids: Iterable[str]) -> tuple[str, ...]:
        """Bring removed drafts back. Their ids.

        Raises:
            NotFound, InputError: an id fits none or several removed ones; nothing is restored then.
        """
        ids = tuple(dict.fromkeys(self.full_id(one, removed=True) for one in draft_ids))
        self._mark(ids, "")
        return ids

    def delete(self, draft_ids: Iterable[str]) -> tuple[str, ...]:
        """Delete removed drafts with their versions for good. Their ids.

        Raises:
            NotFound, InputError: an id fits none or several removed ones; nothing is deleted then.
        """
        ids = tuple(dict.fromkeys(self.full_id(one, removed=True) for one in draft_ids))
        with self._database.writing() as connection:
            connection.executemany("DELETE FROM drafts WHERE id = ?", [(one,) for one in ids])
        self._database.compact()
        return ids

    def _mark(self, ids: tuple[str, ...], removed_at: str) -> None:
        with self._database.writing() as connection:
            connection.executemany(
                "UPDATE drafts SET removed_at = ?, revision = revision + 1 WHERE id = ?",
                [(removed_at, one) for one in ids],
            )

    def _unchanged(self, connection: sqlite3.Connection, stored: Stored) -> None:
        row = connection.execute("SELECT revision FROM drafts WHERE id = ?", (stored.id,)).fetchone()
        if row is None:
            raise _missing(stored.id)
        if row["revision"] != stored.revision:
            raise LibraryBusy(
                "另一个程序也在写这份稿子，这一步没有保存", where=stored.id, remedy="请等它结束后重新运行"
            )

    # -- reading -------------------------------------------------------------------------------

    def full_id(self, draft_id: str, *, removed: bool = False) -> str:
        """The id that begins so, among the drafts that are there or among the removed ones.

        Raises:
            NotFound: none does.
            InputError: several do.
        """
        wanted = draft_id.strip().lower()
        found = self._database.rows(
            "SELECT id FROM drafts WHERE substr(id, 1, length(?1)) = ?1 AND (removed_at != '') = ?2"
            " ORDER BY id LIMIT 4",
            (wanted, removed),
        )
        if not found or not wanted:
            raise _missing(draft_id, removed=removed)
        if len(found) > 1:
            some = "、".join(row["id"] for row in found[:3])
            raise InputError(f"有几份稿子的编号以它开头：{some}", where=draft_id, remedy="请多写几位")
        return str(found[0]["id"])

    def load(self, draft_id: str) -> Stored:
        """One draft, by its id or the unique beginning of it.

        Raises:
            NotFound, InputError: as for :meth:`full_id`.
        """
        full = self.full_id(draft_id)
        row = self._database.row(f"{_SELECT} WHERE id = ?", (full,))
        if row is None:
            raise _missing(full)
        return _stored(row)

    def find(self, subject: str) -> Stored | None:
        """The draft about this, the last used one where there are several; None where there is none."""
        row = self._database.row(
            f"{_SELECT} WHERE subject = ? AND removed_at = '' ORDER BY updated_at DESC, number DESC",
            (subject,),
        )
        return None if row is None else _stored(row)

    def list(self, *, removed: bool = False) -> tuple[Stored, ...]:
        """All drafts that are there, or all removed ones, the last used first."""
        rows = self._database.rows(
            f"{_SELECT} WHERE (removed_at != '') = ? ORDER BY updated_at DESC, number DESC", (removed,)
        )
        return tuple(map(_stored, rows))

    def versions(self, draft_id: str) -> tuple[Version, ...]:
        """The versions of a draft, the first one first.

        Raises:
            NotFound, InputError: as for :meth:`full_id`.
        """
        rows = self._database.rows(
            "SELECT * FROM draft_versions WHERE draft_id = ? ORDER BY version", (self.full_id(draft_id),)
        )
        return tuple(
            Version(r["draft_id"], r["version"], r["state"], r["note"], r["created_at"]) for r in rows
        )


def _stored(row: sqlite3.Row) -> Stored:
    return Stored(
        row["id"], row["subject"], row["kind"], row["title"], row["input"], row["state"], row["note"],
        bool(row["open"]), row["revision"], row["versions"], row["created_at"], row["updated_at"],
        row["removed_at"],
    )  # fmt: skip


def _missing(draft_id: str, *, removed: bool = False) -> NotFound:
    remedy = "用 wenheng draft list --removed 查看移除的稿子" if removed else "用 wenheng draft list 查看稿子"
    return NotFound("没有这份移除的稿子" if removed else "没有这份稿子", where=draft_id, remedy=remedy)
