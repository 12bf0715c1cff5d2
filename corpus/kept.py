"""What was made from the reports, kept for as long as what it was made from stays the same (缓存).

In: a key that names everything that the making looks at, and how to make it. Out: the thing, made once. The key is compared
and not trusted to be told of changes, so that a report that another process edits, parses again or removes is never shown
as it was; what nobody asks for any more goes when there is too much.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sized
from typing import Generic, TypeVar

MOST_VALUES = 4

T = TypeVar("T", bound=Sized)


class Kept(Generic[T]):
    """A cache; may be shared by threads, which at worst make the same thing twice.

    Args:
        most: how much is kept, counted by the lengths of the things.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._made: OrderedDict[Hashable, T] = OrderedDict()
        self._values: list[tuple[int, object]] = []
        self._number = 0
        self._size = 0

    def known(self, value: object) -> int:
        """A number for a part of keys that is large or cannot be hashed: the same for equal values, never used again."""
        with self._lock:
            number = next((n for n, other in self._values if other == value), 0)
            if not number:
                number = self._number = self._number + 1
                self._values = [*self._values[1 - MOST_VALUES :], (number, value)]
            return number

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The thing of this key."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        made = make()
        with self._lock:
            if key not in self._made:
                self._made[key] = made
                self._size += len(made) + 1
            while self._size > self._most and len(self._made) > 1:
                self._size -= len(self._made.popitem(last=False)[1]) + 1
        return made
