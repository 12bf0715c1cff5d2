"""Whose a chat, a draft or a job is (归属).

In: the id of a thing and a caller. Out: whether it is theirs. Role does not matter here: an administrator does not read
other people's chats. Where no sign-in is needed, all things belong to whoever sits at the machine.
"""

from __future__ import annotations

from collections.abc import Iterable

from corpus.database import Database, now
from corpus.errors import NotFound
from service.accounts.caller import LOCAL, Caller


class Ids:
    """A set of ids to filter by: ``[chat for chat in chats if chat.id in ids]``."""

    def __init__(self, ids: Iterable[str], *, everything: bool = False) -> None:
        self._ids = frozenset(ids)
        self._everything = everything

    def __contains__(self, one: object) -> bool:
        return self._everything or one in self._ids


class Owned:
    """What belongs to whom, by kind: ``chat``, ``draft``, ``job`` …"""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, kind: str, one: str, collection: str, caller: Caller) -> None:
        """The thing belongs to the caller from now on.

        Raises:
            NotFound: it belongs to somebody else.
        """
        with self._database.writing() as connection:
            row = connection.execute(
                "SELECT person_id FROM owned WHERE kind = ? AND collection = ? AND id = ?",
                (kind, collection, one),
            ).fetchone()
            if row is None:
                connection.execute(
                    "INSERT INTO owned VALUES (?, ?, ?, ?, ?)", (kind, collection, one, caller.id, now())
                )
            elif caller.id not in (row["person_id"], LOCAL.id):
                raise _missing(one)

    def may_open(self, kind: str, one: str, collection: str, caller: Caller) -> bool:
        """Whether the caller may open it, change it, delete it."""
        if caller.id == LOCAL.id:
            return True
        sql = "SELECT 1 FROM owned WHERE kind = ? AND collection = ? AND id = ? AND person_id = ?"
        return caller.role(collection) is not None and bool(
            self._database.row(sql, (kind, collection, one, caller.id))
        )

    def check(self, kind: str, one: str, collection: str, caller: Caller) -> None:
        """Refuse what is not theirs, in the words for what does not exist.

        Raises:
            NotFound: it does not exist for this caller.
        """
        if not self.may_open(kind, one, collection, caller):
            raise _missing(one)

    def ids(self, kind: str, collection: str, caller: Caller) -> Ids:
        """What of a kind is theirs in a collection."""
        if caller.id == LOCAL.id:
            return Ids((), everything=True)
        sql = "SELECT id FROM owned WHERE kind = ? AND collection = ? AND person_id = ?"
        found = (row["id"] for row in self._database.rows(sql, (kind, collection, caller.id)))
        return Ids(found if caller.role(collection) is not None else ())

    def release(self, kind: str, one: str, collection: str) -> None:
        """Forget whose it was, after it was deleted."""
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM owned WHERE kind = ? AND collection = ? AND id = ?", (kind, collection, one)
            )

    def hand_over(self, person_id: str, heir_id: str) -> int:
        """All that belongs to one person belongs to another; how many things."""
        with self._database.writing() as connection:
            sql = "UPDATE owned SET person_id = ? WHERE person_id = ?"
            return connection.execute(sql, (heir_id, person_id)).rowcount

    def adopt(self, kind: str, ids: Iterable[str], collection: str, person_id: str) -> int:
        """What nobody owns any more, or was made without sign-in, goes to a person; how many things."""
        done = 0
        with self._database.writing() as connection:
            for one in ids:
                done += connection.execute(
                    "INSERT INTO owned VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
                    " SET person_id = excluded.person_id WHERE person_id = ?"
                    " OR NOT EXISTS (SELECT 1 FROM people p WHERE p.id = owned.person_id)",
                    (kind, collection, one, person_id, now(), LOCAL.id),
                ).rowcount
        return done


def _missing(one: str) -> NotFound:
    return NotFound("没有这个编号", where=one[:60], remedy="请刷新列表后核对")
