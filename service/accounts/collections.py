"""Collections (资料库): data folders with borders that nobody looks across.

In: a caller. Out: the collections that exist for them. What they may not read is answered as what does not exist. A
removed collection keeps its folder and its grants until it is removed for ever, so that it can be restored.
"""

from __future__ import annotations

import re
import secrets
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from corpus.database import Database, now
from corpus.errors import Conflict, Forbidden, InputError, NotFound
from corpus.vector_place import leave
from corpus.vector_server import ChromaServer
from service.accounts.caller import MAIN, Caller, Role
from service.accounts.database import translated
from service.accounts.people import ROLE_LABELS

FOLDER = "collections"
_ID = re.compile(r"[a-z0-9]{1,32}")
LONGEST = 60  # characters of a name


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection as a caller sees it; ``removed_at`` is "" for one that is there."""

    id: str
    name: str
    role: Role
    removed_at: str = ""


def folder(home: Path, collection: str) -> Path:
    """The data folder of a collection.

    Raises:
        NotFound: this cannot be the id of one.
    """
    if not _ID.fullmatch(collection):
        raise missing(collection)
    return home if collection == MAIN else home / FOLDER / collection


class Collections:
    """The collections of a house."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, caller: Caller, *, removed: bool = False) -> tuple[Collection, ...]:
        """What exists for the caller, the first one first; with ``removed``, what can be restored instead."""
        rows = self._database.rows(
            "SELECT * FROM collections WHERE (removed_at != '') = ? ORDER BY id != 'main', name", (removed,)
        )
        return tuple(
            Collection(row["id"], row["name"], role, row["removed_at"])
            for row in rows
            if (role := caller.role(row["id"])) is not None and (not removed or caller.administers)
        )

    def open(self, caller: Caller, collection: str, needed: Role = Role.READER) -> Collection:
        """One collection, for somebody with a role in it.

        Raises:
            NotFound: it does not exist for the caller.
            Forbidden: it does, but the role is too low.
        """
        found = next((one for one in self.list(caller) if one.id == collection), None)
        if found is None:
            raise missing(collection)
        if found.role < needed:
            raise Forbidden(
                f"这一步要有{ROLE_LABELS[needed]}的权限，您在“{found.name}”是{ROLE_LABELS[found.role]}",
                remedy="请向管理员申请",
            )
        return found

    def create(self, name: str) -> str:
        """A new, empty collection; its id.

        Raises:
            InputError: the name cannot be used.
            Conflict: it is taken.
        """
        fresh = "c" + secrets.token_hex(6)
        with self._database.writing() as connection:
            wanted = self._free(name, "")
            connection.execute("INSERT INTO collections VALUES (?, ?, ?, '')", (fresh, wanted, now()))
        return fresh

    def rename(self, collection: str, name: str) -> None:
        """Another name; the id stays."""
        with self._database.writing() as connection:
            self._row(collection)
            wanted = self._free(name, collection)
            connection.execute("UPDATE collections SET name = ? WHERE id = ?", (wanted, collection))

    def remove(self, collection: str) -> None:
        """It no longer exists for anybody; :meth:`restore` brings it back.

        Raises:
            Conflict: it is the first one.
        """
        if collection == MAIN:
            raise Conflict("主资料库不能移除", remedy="如不再需要，可移除其中的报告，或给它改名")
        with self._database.writing() as connection:
            self._row(collection)
            connection.execute("UPDATE collections SET removed_at = ? WHERE id = ?", (now(), collection))

    def restore(self, collection: str) -> None:
        """Take :meth:`remove` back.

        Raises:
            NotFound: it was not removed.
            Conflict: another one has its name now.
        """
        with self._database.writing() as connection:
            row = self._row(collection, removed=True)
            self._free(row["name"], collection)
            connection.execute("UPDATE collections SET removed_at = '' WHERE id = ?", (collection,))

    def forget(self, collection: str, home: Path, server: ChromaServer | None = None) -> None:
        """Delete a removed collection for ever, with its folder and whose its chats and drafts were.

        Args:
            collection: its id.
            home: the data folder of the house.
            server: the Chroma server that has its vectors, where one has.

        Raises:
            NotFound: it was not removed before.
        """
        self._row(collection, removed=True)
        where = folder(home, collection)
        leave(where, server)
        with translated(where):
            shutil.rmtree(where, ignore_errors=not where.exists())
        with self._database.writing() as connection:
            connection.execute("DELETE FROM owned WHERE collection = ?", (collection,))
            connection.execute("DELETE FROM collections WHERE id = ?", (collection,))

    def removed_before(self, moment: str) -> tuple[str, ...]:
        """Collections that were removed before a time (UTC, ISO 8601)."""
        sql = "SELECT id FROM collections WHERE removed_at != '' AND removed_at < ?"
        return tuple(row["id"] for row in self._database.rows(sql, (moment,)))

    def every(self) -> tuple[str, ...]:
        """Ids of all collections that are there, for work that is nobody's in particular."""
        sql = "SELECT id FROM collections WHERE removed_at = '' ORDER BY id != 'main', id"
        return tuple(row["id"] for row in self._database.rows(sql))

    def members(self, collection: str) -> tuple[tuple[str, str, Role], ...]:
        """Who was granted this one: id, name, role."""
        rows = self._database.rows(
            "SELECT p.id, p.name, g.role FROM grants g JOIN people p ON p.id = g.person_id"
            " WHERE g.collection = ? ORDER BY p.key",
            (collection,),
        )
        return tuple((row["id"], row["name"], Role(row["role"])) for row in rows)

    def _row(self, collection: str, *, removed: bool = False) -> dict[str, str]:
        sql = "SELECT * FROM collections WHERE id = ? AND (removed_at != '') = ?"
        row = self._database.row(sql, (collection, removed))
        if row is None:
            raise missing(collection)
        return dict(row)

    def _free(self, name: str, but: str) -> str:
        """A name as it is kept, when no other collection has it."""
        wanted = " ".join(unicodedata.normalize("NFKC", name).split())
        if not 1 <= len(wanted) <= LONGEST or not wanted.isprintable():
            raise InputError("资料库的名字不能用", where=name[:LONGEST], remedy=f"请用 1 到 {LONGEST} 个字")
        sql = "SELECT 1 FROM collections WHERE name = ? AND id != ? AND removed_at = ''"
        if self._database.row(sql, (wanted, but)):
            raise Conflict(f"已有资料库“{wanted}”", remedy="请换一个名字")
        return wanted


def missing(collection: str) -> NotFound:
    """What is said of a collection that does not exist, or not for this caller."""
    return NotFound("没有这个资料库", where=collection[:60], remedy="请核对资料库的编号")
