"""Sessions (登录会话): kept by the server, revocable, ended by idleness and by age.

In: a person who signed in. Out: a token for the cookie, shown once, and the :class:`Caller` behind a token later. Rights
are read anew each time. A clock that jumps back ends no session early and none late by more than the jump.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from corpus.database import Database
from corpus.errors import NotFound
from service.accounts.caller import Caller
from service.accounts.people import People
from service.accounts.tokens import fresh, hashed

IDLE = 12 * 3600  # seconds; a working day
AGE = 7 * 86400
_NOTED = 60  # seconds between two writes of "seen"
KIND = "whs"


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in; times in seconds since 1970. ``guard`` must come back as X-CSRF-Token with what changes things."""

    id: str
    person_id: str
    guard: str
    device: str
    created: int
    seen: int
    ends: int


class Sessions:
    """The sessions of a house."""

    def __init__(
        self,
        database: Database,
        people: People,
        *,
        idle: int = IDLE,
        age: int = AGE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._people = people
        self._idle, self._age, self._clock = idle, age, clock

    def start(self, person_id: str, device: str = "", replaced: str | None = None) -> tuple[str, Session]:
        """A new session with its token; the one that the browser had before ends (rotation at sign-in)."""
        token, at = fresh(KIND), int(self._clock())
        made = Session(
            secrets.token_hex(6), person_id, secrets.token_urlsafe(32), device[:60], at, at, at + self._age
        )
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM sessions WHERE hash = ? OR ends < ? OR seen < ?",
                (hashed(replaced, KIND), at, at - self._idle),
            )
            connection.execute(
                "INSERT INTO sessions (hash, id, person_id, guard, device, created, seen, ends)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (hashed(token, KIND), made.id, person_id, made.guard, made.device, at, at, made.ends),
            )
        return token, made

    def find(self, token: str | None) -> Session | None:
        """The session of a token while it lasts."""
        key, at = hashed(token, KIND), int(self._clock())
        row = key and self._database.row("SELECT * FROM sessions WHERE hash = ?", (key,))
        if not row:
            return None
        found = Session(**{name: row[name] for name in Session.__slots__})
        if at >= found.ends or at - found.seen >= self._idle:
            self.end(token)
            return None
        if abs(at - found.seen) >= _NOTED:
            with self._database.writing() as connection:
                connection.execute("UPDATE sessions SET seen = ? WHERE hash = ?", (at, key))
        return found

    def caller(self, token: str | None) -> Caller | None:
        """Who holds this token; None for a wrong, empty, expired or revoked one, and for a disabled person."""
        found = self.find(token)
        return self._people.caller(found.person_id, "session") if found else None

    def end(self, token: str | None) -> None:
        """Sign out."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM sessions WHERE hash = ?", (hashed(token, KIND),))

    def list(self, person_id: str) -> tuple[Session, ...]:
        """The sessions of a person, last used first."""
        rows = self._database.rows(
            "SELECT * FROM sessions WHERE person_id = ? AND ends > ? AND seen > ? ORDER BY seen DESC",
            (person_id, (at := int(self._clock())), at - self._idle),
        )
        return tuple(Session(**{name: row[name] for name in Session.__slots__}) for row in rows)

    def revoke(self, person_id: str, session_id: str) -> None:
        """End one session of a person.

        Raises:
            NotFound: they have no such session.
        """
        with self._database.writing() as connection:
            done = connection.execute(
                "DELETE FROM sessions WHERE person_id = ? AND id = ?", (person_id, session_id)
            )
            if not done.rowcount:
                raise NotFound("没有这次登录", where=session_id[:60], remedy="它可能已经结束，请刷新列表")
