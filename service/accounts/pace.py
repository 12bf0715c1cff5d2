"""How often (限流): growing waits after wrong passwords, and a limit on questions.

In: who tries, from where. Out: nothing, or an error that tells how long to wait. Counted by the name and by the address
of the connection, never by a header that the client can write; questions by person, so that more keys give no more.
Kept in memory: a restart forgets it, which costs an attacker more than it gives.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from corpus.errors import TooMany
from service.accounts.caller import LOCAL, Caller
from service.accounts.people import key_of

if TYPE_CHECKING:
    from limits.strategies import RateLimiter

FREE = 3  # wrong passwords without a wait
LONGEST = 300.0  # seconds
_FORGOTTEN = 3600.0  # seconds after which wrong passwords no longer count
_KEPT = 10_000  # names and addresses that are remembered
BY_ADDRESS = "100/15 minutes"  # tries to sign in from one address, whatever the names
BY_NAME = "100/hour"  # tries at one name, from wherever
STRANGERS = "600/minute"  # refused requests from one address


class Pace:
    """The limits of one process.

    Args:
        clock: seconds that never run backwards.

    ``asks`` is how many questions one person has in a minute, 0 for any number.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.asks = 0
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()

    def try_sign_in(self, name: str, address: str) -> None:
        """Count a try before the password is looked at, so that many at once do not slip through.

        Raises:
            TooMany: too early after the wrong ones before.
        """
        key = key_of(name)[:100]
        with self._lock:
            count, last = self._wrong.get((key, address), (0, 0.0))
            at = self._clock()
            if at - last > _FORGOTTEN:
                count = 0
            ready = last + min(2.0 ** (count - FREE), LONGEST) if count >= FREE else 0.0
            if at < ready:
                raise _slower("口令错误的次数太多", ready - at)
            self._wrong[key, address] = (count + 1, at)
            self._wrong.move_to_end((key, address))
            if len(self._wrong) > _KEPT:
                self._wrong.popitem(last=False)
        self._hit(BY_ADDRESS, "从这个地址登录的次数太多", "address", address)
        self._hit(BY_NAME, "这个用户登录的次数太多", "name", key)

    def signed_in(self, name: str, address: str) -> None:
        """The password was right: the wrong ones before are forgotten."""
        with self._lock:
            self._wrong.pop((key_of(name)[:100], address), None)

    def stranger(self, address: str) -> None:
        """A request that was refused for want of a session or key.

        Raises:
            TooMany: there were too many from there.
        """
        self._hit(STRANGERS, "没有登录的请求太多", "stranger", address)

    def ask(self, caller: Caller) -> None:
        """A question, by whatever door.

        Raises:
            TooMany: the person asks too often.
        """
        if self.asks and caller.id != LOCAL.id:
            self._hit(f"{self.asks}/minute", "提问太频繁", "ask", caller.id)

    @cached_property
    def _limiter(self) -> RateLimiter:
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        return MovingWindowRateLimiter(MemoryStorage())

    def _hit(self, limit: str, what: str, *names: str) -> None:
        from limits import parse

        item = parse(limit)
        if not self._limiter.hit(item, *names):
            left = self._limiter.get_window_stats(item, *names).reset_time - time.time()
            raise _slower(what, left)


def _slower(what: str, wait: float) -> TooMany:
    seconds = max(1, int(wait + 0.999))
    return TooMany(what, remedy=f"请在{seconds}秒后重试", wait=seconds)
