"""Who may do what: people, keys, sessions, roles in collections, and the log of what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.database import Database
    from service.accounts.collections import Collections
    from service.accounts.keys import Keys
    from service.accounts.log import Log
    from service.accounts.owned import Owned
    from service.accounts.pace import Pace
    from service.accounts.passwords import Passwords
    from service.accounts.people import People
    from service.accounts.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Accounts:
    """All of it on one ``service.db`` (:func:`service.accounts.database.open_database`), which the opener closes."""

    people: People
    keys: Keys
    sessions: Sessions
    collections: Collections
    owned: Owned
    log: Log
    pace: Pace

    @classmethod
    def open(cls, database: Database, passwords: Passwords | None = None) -> Accounts:
        """The accounts in an open database; ``passwords`` at another cost than usual for tests."""
        from service.accounts.collections import Collections
        from service.accounts.keys import Keys
        from service.accounts.log import Log
        from service.accounts.owned import Owned
        from service.accounts.pace import Pace
        from service.accounts.passwords import Passwords
        from service.accounts.people import People
        from service.accounts.sessions import Sessions

        people = People(database, passwords or Passwords())
        return cls(
            people,
            Keys(database, people),
            Sessions(database, people),
            Collections(database),
            Owned(database),
            Log(database),
            Pace(),
        )
