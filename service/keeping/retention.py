"""What is not kept for ever goes, once a day (保留期限).

In: a house with its settings ``keep_…`` in days, 0 for ever. Out: chats, finished jobs, removed reports, templates and
collections, log files and rows of the audit log that are older are gone. A clock that jumped ahead would make everything look old: after a gap of more than a week
between two sweeps nothing is deleted, the time is only noted, so that a wrong clock can be put right in time.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import removed
from corpus.errors import WenhengError
from corpus.schema import translated
from corpus.snapshot import UPGRADES
from service.accounts.caller import LOCAL
from service.keeping import logs
from service.papers.template_shelf import Shelf
from service.settings import Settings
from service.work import idempotency

if TYPE_CHECKING:
    from service.house import House

EVERY = timedelta(days=1)
DOUBTFUL = timedelta(days=7)  # between two sweeps
KEYS = timedelta(days=2)  # idempotency keys: who repeats a request does it soon
COPIES = timedelta(days=180)  # from before an upgrade; the newest of each database stays
LOOK_SECONDS = 600.0
CHAT = "chat"  # kind under which the accounts know whose a chat is

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many of each went; ``doubtful`` says that nothing was deleted, since the clock may be wrong."""

    chats: int = 0
    jobs: int = 0
    removed: int = 0
    audit: int = 0
    files: int = 0
    keys: int = 0
    doubtful: bool = False


def sweep(house: House, now: datetime | None = None) -> Swept:
    """Delete what is older than the settings say.

    Raises:
        WenhengError: a database cannot be written just now; the rest goes the next day.
    """
    now = now or datetime.now(UTC)
    settings = house.settings
    if not _plausible(settings, now):
        return Swept(doubtful=True)
    return Swept(
        chats=_chats(house, now) if settings.keep_chats else 0,
        jobs=house.jobs.sweep(_before(now, settings.keep_jobs)) if settings.keep_jobs else 0,
        removed=_removed(house, _before(now, settings.keep_removed)) if settings.keep_removed else 0,
        audit=house.accounts.log.prune(settings.keep_audit) if settings.keep_audit else 0,
        files=_logs(settings, now) + _copies(settings.home, now),
        keys=idempotency.forget(house.database, (now - KEYS).isoformat(timespec="seconds")),
    )


def _before(now: datetime, days: int) -> str:
    return (now - timedelta(days=days)).isoformat(timespec="seconds")


def _plausible(settings: Settings, now: datetime) -> bool:
    """Whether the time since the last sweep looks like time that has passed; notes the time."""
    path = settings.log_dir / "sweep.json"
    try:
        last = datetime.fromisoformat(json.loads(path.read_text("utf-8"))["at"])
        good = timedelta(0) <= now - last <= DOUBTFUL
    except (OSError, ValueError, KeyError, TypeError):
        good = False
    with translated(path):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps({"at": now.isoformat()}), "utf-8")
        partial.replace(path)
    return good


def _chats(house: House, now: datetime) -> int:
    before, gone = _before(now, house.settings.keep_chats), 0
    for collection in house.accounts.collections.list(LOCAL):
        ids = house.desk(LOCAL, collection.id).library.chats.sweep(before)
        for chat_id in ids:
            house.accounts.owned.release(CHAT, chat_id, collection.id)
        gone += len(ids)
    return gone


def _removed(house: House, before: str) -> int:
    """Removed collections, reports and templates for which the time to bring them back is over."""
    gone = 0
    for collection_id in house.accounts.collections.removed_before(before):
        house.let_go(collection_id)
        settings = house.settings
        house.accounts.collections.forget(collection_id, settings.home, settings.chroma)
        gone += 1
    for collection in house.accounts.collections.list(LOCAL):
        library = house.desk(LOCAL, collection.id).library
        gone += removed.forget_before(library, before) + Shelf(library.home).forget_before(before)
    return gone


def _logs(settings: Settings, now: datetime) -> int:
    """Delete the log files that are past their time, and turn over one that spans too long a time."""
    if not settings.keep_logs:
        return 0
    oldest, gone = (now - timedelta(days=settings.keep_logs)).timestamp(), 0
    for path in settings.log_dir.glob("*.*"):
        if path.name != logs.FILE and path.suffix != ".json" and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            gone += 1
    logs.turn_over(now - timedelta(days=max(1, settings.keep_logs // 10)))
    return gone


def _copies(home: Path, now: datetime) -> int:
    oldest, gone = (now - COPIES).timestamp(), 0
    newest: dict[str, Path] = {}
    for path in sorted((home / UPGRADES).glob("*-v*.db"), key=lambda one: one.stat().st_mtime):
        before = newest.get(name := path.name.partition("-v")[0])
        newest[name] = path
        if before is not None and before.stat().st_mtime < oldest:
            before.unlink(missing_ok=True)
            gone += 1
    return gone


class Daily:
    """A thread that sweeps at its start and then once a day, by a clock that nobody sets."""

    def __init__(
        self, house: House, *, clock: Callable[[], float] = time.monotonic, look: float = LOOK_SECONDS
    ) -> None:
        self._house, self._clock, self._look = house, clock, look
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop and wait for a sweep under way."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        last: float | None = None
        while not self._end.is_set():
            if last is None or self._clock() - last >= EVERY.total_seconds():
                last = self._clock()
                self._once()
            self._end.wait(self._look)

    def _once(self) -> None:
        try:
            logs.event("sweep", **asdict(sweep(self._house)))
        except WenhengError as error:
            _log.warning("sweep: %s", type(error).__name__)
