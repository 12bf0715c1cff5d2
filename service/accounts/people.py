"""People (用户): who may sign in, with which role.

In: names, passwords, roles. Out: people, and a :class:`Caller` for one who is known. Always read from the database:
who is disabled or loses a role loses it at once, in every session and key. There is always one administrator left.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
import unicodedata
from dataclasses import dataclass
from types import MappingProxyType

from corpus.database import Database, now
from corpus.errors import Conflict, InputError, NotFound, SignInNeeded
from service.accounts.caller import Caller, Role
from service.accounts.passwords import Passwords, accept

_NAME = re.compile(r"[\w.\-@·]{1,40}")
ROLE_NAMES = {"读者": Role.READER, "编辑": Role.WRITER, "管理员": Role.ADMINISTRATOR}
ROLE_LABELS = {role: name for name, role in ROLE_NAMES.items()}


@dataclass(frozen=True, slots=True)
class Person:
    """One who may sign in; times are UTC, ISO 8601, "" for never.

    ``everywhere`` is the role in every collection, None for one whose collections are granted one by one.
    """

    id: str
    name: str
    everywhere: Role | None
    grants: tuple[tuple[str, Role], ...]
    created_at: str
    signed_in_at: str
    disabled_at: str


def key_of(name: str) -> str:
    """A name as it is compared: width and case make no difference."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


class People:
    """The people of a house."""

    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords

    def add(self, name: str, password: str, everywhere: Role | None = None) -> Person:
        """A new person.

        Raises:
            InputError: the name or the password cannot be used.
            Conflict: the name is taken.
        """
        shown = unicodedata.normalize("NFKC", name).strip()
        if not _NAME.fullmatch(shown):
            raise InputError(
                f"用户名 {name[:60]!r} 不能用", remedy="请用 1 到 40 个汉字、字母、数字或 . - _ @，不含空格"
            )
        accept(password, shown)
        row = (
            secrets.token_hex(8),
            shown,
            key_of(shown),
            self._passwords.hash(password),
            everywhere or 0,
            now(),
        )
        with self._database.writing() as connection:
            if connection.execute("SELECT 1 FROM people WHERE key = ?", (row[2],)).fetchone():
                raise Conflict(f"已有用户 {shown}", remedy="请换一个名字，或用已有的用户")
            connection.execute("INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, '', '')", row)
        return self.get(row[0])

    def list(self) -> tuple[Person, ...]:
        """Everybody, by name."""
        return tuple(map(self._person, self._database.rows("SELECT * FROM people ORDER BY key")))

    def get(self, person_id: str) -> Person:
        """One person.

        Raises:
            NotFound: nobody has this id.
        """
        row = self._database.row("SELECT * FROM people WHERE id = ?", (person_id,))
        if row is None:
            raise _nobody(person_id)
        return self._person(row)

    def named(self, name: str) -> Person:
        """The person with a name.

        Raises:
            NotFound: nobody has it.
        """
        row = self._database.row("SELECT * FROM people WHERE key = ?", (key_of(name),))
        if row is None:
            raise _nobody(name)
        return self._person(row)

    def known(self, name: str, password: str) -> Person:
        """Who signs in; the same error whatever was wrong, after the same time.

        Raises:
            SignInNeeded: name and password do not belong together, or the person is disabled.
        """
        row = self._database.row("SELECT * FROM people WHERE key = ?", (key_of(name),))
        fits = self._passwords.fits(row["password"] if row else None, password)
        if row is None or not fits or row["disabled_at"]:
            raise SignInNeeded("用户名或口令不对，或用户已停用", remedy="请核对后重试，或请管理员重设口令")
        kept = row["password"]
        if self._passwords.outdated(kept):
            kept = self._passwords.hash(password)
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE people SET signed_in_at = ?, password = ? WHERE id = ? AND password = ?",
                (now(), kept, row["id"], row["password"]),
            )
        return self.get(row["id"])

    def caller(self, person_id: str, via: str) -> Caller | None:
        """A person as one who asks; None for nobody and for one who is disabled."""
        row = self._database.row("SELECT * FROM people WHERE id = ? AND disabled_at = ''", (person_id,))
        if row is None:
            return None
        grants = MappingProxyType(dict(self._grants(person_id)))
        return Caller(
            row["id"], row["name"], grants, via, Role(row["everywhere"]) if row["everywhere"] else None
        )

    def set_password(self, person_id: str, password: str) -> None:
        """A new password; all sessions of the person end."""
        accept(password, self.get(person_id).name)
        kept = self._passwords.hash(password)
        with self._database.writing() as connection:
            connection.execute("UPDATE people SET password = ? WHERE id = ?", (kept, person_id))
            connection.execute("DELETE FROM sessions WHERE person_id = ?", (person_id,))

    def check_password(self, person_id: str, password: str) -> bool:
        """Whether it is the person's password."""
        row = self._database.row("SELECT password FROM people WHERE id = ?", (person_id,))
        return self._passwords.fits(row["password"] if row else None, password)

    def set_role(self, person_id: str, everywhere: Role | None) -> None:
        """The role in every collection, None to leave only what is granted.

        Raises:
            Conflict: it would leave no administrator.
        """
        self._change(person_id, "UPDATE people SET everywhere = ? WHERE id = ?", (everywhere or 0, person_id))

    def disable(self, person_id: str) -> None:
        """Ends all sessions; keys no longer open anything.

        Raises:
            Conflict: it would leave no administrator.
        """
        self._change(person_id, "UPDATE people SET disabled_at = ? WHERE id = ?", (now(), person_id))
        with self._database.writing() as connection:
            connection.execute("DELETE FROM sessions WHERE person_id = ?", (person_id,))

    def enable(self, person_id: str) -> None:
        """Take :meth:`disable` back."""
        self._change(person_id, "UPDATE people SET disabled_at = '' WHERE id = ?", (person_id,))

    def remove(self, person_id: str) -> None:
        """Remove a person with sessions, keys and grants; what they own stays, and nobody may open it.

        Raises:
            Conflict: it would leave no administrator.
        """
        self._change(person_id, "DELETE FROM people WHERE id = ?", (person_id,))

    def grant(self, person_id: str, collection: str, role: Role | None) -> None:
        """The role in one collection, None for none."""
        self.get(person_id)
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM grants WHERE person_id = ? AND collection = ?", (person_id, collection)
            )
            if role is not None:
                connection.execute("INSERT INTO grants VALUES (?, ?, ?)", (person_id, collection, role))

    def _change(self, person_id: str, sql: str, parameters: tuple[object, ...]) -> None:
        self.get(person_id)
        with self._database.writing() as connection:
            before = _administrators(connection)
            connection.execute(sql, parameters)
            if before and not _administrators(connection):
                raise Conflict("这是最后一个管理员", remedy="请先让另一个用户成为管理员")

    def _grants(self, person_id: str) -> tuple[tuple[str, Role], ...]:
        rows = self._database.rows(
            "SELECT g.collection, g.role FROM grants g JOIN collections c ON c.id = g.collection"
            " WHERE g.person_id = ? AND c.removed_at = '' ORDER BY c.name",
            (person_id,),
        )
        return tuple((row["collection"], Role(row["role"])) for row in rows)

    def _person(self, row: sqlite3.Row) -> Person:
        return Person(
            row["id"],
            row["name"],
            Role(row["everywhere"]) if row["everywhere"] else None,
            self._grants(row["id"]),
            row["created_at"],
            row["signed_in_at"],
            row["disabled_at"],
        )


def _administrators(connection: sqlite3.Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM people WHERE everywhere = ? AND disabled_at = ''", (Role.ADMINISTRATOR,)
    ).fetchone()
    return int(row[0])


def _nobody(name: str) -> NotFound:
    return NotFound("没有这个用户", where=name[:60], remedy="用 wenheng users list 查看用户")
