"""What a service does beside its work (值守): log, traces, numbers of queue and jobs, the daily sweep.

In: an open house. Out: all of it running until :meth:`Keeper.close`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.keeping import logs, metrics, traces
from service.keeping.retention import Daily

if TYPE_CHECKING:
    from service.house import House

NUMBERS = ("wenheng_ready", "wenheng_queue", "wenheng_jobs")


class Keeper:
    """Beside one house.

    Raises:
        InputError: the settings ask for traces that cannot be had.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        traces.configure(house.settings)
        self._log = logs.ServiceLog(house.settings)
        self._daily = Daily(house)

    def start(self) -> None:
        """Begin."""
        house = self._house
        metrics.watch(
            NUMBERS[0], "1 for what is loaded", "part",
            lambda: {part.name: float(part.state == "ready") for part in house.ready().parts},
        )  # fmt: skip
        metrics.watch(
            NUMBERS[1], "Calls of the chat model", "state",
            lambda: {"waiting": house.turns.waiting, "running": house.turns.running},
        )  # fmt: skip
        metrics.watch(NUMBERS[2], "Jobs by state", "state", house.jobs.counts)
        self._daily.start()
        logs.event("start", users=house.users, model=house.settings.chat_name)

    def close(self) -> None:
        """End; the log comes last. A second call does nothing."""
        self._daily.close()
        for name in NUMBERS:
            metrics.unwatch(name)
        traces.use(None)
        logs.event("stop")
        self._log.close()
