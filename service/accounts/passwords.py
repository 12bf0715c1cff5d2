"""Passwords (口令): argon2id, rules of length, a constant amount of work.

In: a password. Out: a hash to keep, or yes and no. One hash is computed at a time, because each takes 64 MiB; a name
that does not exist costs as much as one that does, so that names cannot be found by the clock.
"""

from __future__ import annotations

import threading
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.errors import InputError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 128
_FEWEST = 5  # different characters
_REMEDY = f"请用{SHORTEST}到{LONGEST}个字符，例如几个不相干的词连在一起"


def _form(password: str) -> str:
    """The same password however an input method composed it."""
    return unicodedata.normalize("NFKC", password)


def accept(password: str, name: str = "") -> None:
    """Refuse a password that is easily guessed.

    Raises:
        InputError: too short, too long, monotonous, or made of the name.
    """
    text = _form(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise InputError(
            f"口令有{len(text)}个字符，太{'短' if len(text) < SHORTEST else '长'}", remedy=_REMEDY
        )
    if len(set(text)) < _FEWEST or _in_a_row(text):
        raise InputError("口令太有规律", remedy=_REMEDY)
    if name and _form(name).casefold() in text.casefold() and len(text) < len(name) + SHORTEST // 2:
        raise InputError("口令几乎就是用户名", remedy=_REMEDY)


def _in_a_row(text: str) -> bool:
    """Whether every character follows on the one before it, like 1234567890."""
    return all(ord(b) - ord(a) in (1, -1, 0, 9, -9) for a, b in pairwise(text))


class Passwords:
    """Hashes and compares.

    Args:
        hasher: its cost; None takes argon2's second recommended choice (RFC 9106: 64 MiB, three rounds).
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or _usual()
        self._lock = threading.Lock()
        self._nobody = ""

    def hash(self, password: str) -> str:
        """What is kept of a password."""
        with self._lock:
            return self._hasher.hash(_form(password))

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one; None (nobody of that name) takes as long and is never right."""
        from argon2.exceptions import InvalidHashError, VerificationError

        if len(password) > LONGEST:
            return False
        if not self._nobody:
            self._nobody = self.hash("nobody has this one")
        with self._lock:
            try:
                return self._hasher.verify(kept or self._nobody, _form(password)) and kept is not None
            except (VerificationError, InvalidHashError):
                return False

    def outdated(self, kept: str) -> bool:
        """Whether a hash was made at another cost than now."""
        return self._hasher.check_needs_rehash(kept)


def _usual() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()
