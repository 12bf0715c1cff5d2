"""For whom a tool works, and at which desk (席位).

In: the context of a tool call. Out: a desk in the caller's name. Over HTTP it is the caller whom the guard let in with
this very message, whatever session or client it belongs to; over stdio it is whoever started the process, at the desk of
the data folder, as with every other command.
"""

from __future__ import annotations

from typing import Any, Protocol

from corpus.errors import NotFound
from service.accounts.caller import LOCAL, MAIN, Caller, Role
from service.desk import Desk
from service.models.cutting import Stop
from service.work.models import Models
from service.work.turns import OnWait, Turns


class Seat(Protocol):
    """Where a tool sits down to work."""

    def desk(
        self, request: Any, collection: str, needed: Role, stop: Stop, on_wait: OnWait | None = None
    ) -> Desk:
        """The desk of a collection for whoever sent the request."""
        ...

    def asks(self, request: Any) -> None:
        """Count a call of the model against the caller's pace."""
        ...

    def note(self, request: Any, action: str, collection: str, target: str = "", detail: str = "") -> None:
        """A row of the log."""
        ...

    def asked(self, request: Any, action: str, collection: str, question: str) -> None:
        """A question in the log, without its text."""
        ...

    def own(self, request: Any, kind: str, ident: str, collection: str) -> None:
        """What was made belongs to the caller."""
        ...


class HouseSeat:
    """A seat in the house, behind the guard."""

    def __init__(self, house: Any) -> None:
        self._house = house

    def desk(
        self, request: Any, collection: str, needed: Role, stop: Stop, on_wait: OnWait | None = None
    ) -> Desk:
        """See :class:`Seat`."""
        desk: Desk = self._house.desk(_caller(request), collection, needed, stop=stop, on_wait=on_wait)
        return desk

    def asks(self, request: Any) -> None:
        """See :class:`Seat`."""
        self._house.accounts.pace.ask(_caller(request))

    def note(self, request: Any, action: str, collection: str, target: str = "", detail: str = "") -> None:
        """See :class:`Seat`."""
        self._house.accounts.log.write(_caller(request), action, collection, target, detail)

    def asked(self, request: Any, action: str, collection: str, question: str) -> None:
        """See :class:`Seat`."""
        self._house.accounts.log.asked(_caller(request), collection, question, action)

    def own(self, request: Any, kind: str, ident: str, collection: str) -> None:
        """See :class:`Seat`."""
        self._house.accounts.owned.claim(kind, ident, collection, _caller(request))


def _caller(request: Any) -> Caller:
    found = request.scope["state"]["caller"]
    assert isinstance(found, Caller), "the guard lets nobody else in"
    return found


class OwnSeat:
    """The seat of whoever started the process: one data folder, no accounts, nobody else."""

    def __init__(self, desk: Desk, models: Models) -> None:
        self._desk, self._models = desk, models
        self._turns = Turns(models.at_once)

    def desk(
        self, request: Any, collection: str, needed: Role, stop: Stop, on_wait: OnWait | None = None
    ) -> Desk:
        """See :class:`Seat`."""
        if collection != MAIN:
            raise NotFound("没有这个资料库", where=collection[:60], remedy=f"这里只有 {MAIN}")
        return self._desk.seen_by(
            lambda: self._turns.chat(self._models.chat(stop), LOCAL.id, on_wait=on_wait, stop=stop)
        )

    def asks(self, request: Any) -> None:
        """Nobody else waits."""

    def note(self, request: Any, action: str, collection: str, target: str = "", detail: str = "") -> None:
        """There is no log beside the service's."""

    def asked(self, request: Any, action: str, collection: str, question: str) -> None:
        """There is no log beside the service's."""

    def own(self, request: Any, kind: str, ident: str, collection: str) -> None:
        """All belongs to whoever has the folder."""
