"""A model that others may still have when another one takes its place (借用).

In: a chat model. Out: the same for each who asks. What has begun with it ends with it: it is closed when the last one
who has it lets go, and until then serves beside its successor.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from service.phrase import Chat


class Borrowed:
    """The model as one caller has it, for as long as they keep this."""

    def __init__(self, chat: Chat, back: Callable[[], None]) -> None:
        self._chat = chat
        weakref.finalize(self, back).atexit = False

    def stream(
        self,
        messages: list[tuple[str, str]],
        *,
        max_tokens: int,
        grammar: str | None = None,
        **options: Sequence[str],
    ) -> Iterator[str]:
        """As the model's."""
        yield from self._chat.stream(messages, max_tokens=max_tokens, grammar=grammar, **options)

    @property
    def last_usage(self) -> Any:
        """As the model's."""
        return getattr(self._chat, "last_usage", None)


class Lending:
    """One model and how many have it."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self._out, self._retired = 0, False
        self._lock = threading.RLock()  # a garbage collection may give back while it is held

    def lend(self) -> Borrowed:
        """The model for one more."""
        with self._lock:
            self._out += 1
        return Borrowed(self.chat, self._back)

    def retire(self) -> None:
        """Close it as soon as nobody has it."""
        with self._lock:
            self._retired = True
            self._close_unused()

    def _back(self) -> None:
        with self._lock:
            self._out -= 1
            self._close_unused()

    def _close_unused(self) -> None:
        close = getattr(self.chat, "close", None)
        if self._retired and not self._out and close is not None:
            # Ending a server takes a while, and who let go last may be the garbage collector.
            threading.Thread(target=close, name="closing-model", daemon=True).start()
