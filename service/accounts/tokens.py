"""Tokens (令牌): random strings that open a door, kept as hashes only.

In: nothing, or a token as it was handed in. Out: a fresh one of 256 bits, or the hash by which it is found. What is
random over 256 bits needs no slow hash and no salt; that a lookup by hash leaks no time is why it is one.
"""

from __future__ import annotations

import hashlib
import secrets

_LONGEST = 200  # characters of a token that is looked at at all


def fresh(kind: str) -> str:
    """A new token; ``kind`` stands before it, so that a leaked one is recognised by scanners."""
    return f"{kind}_{secrets.token_urlsafe(32)}"


def hashed(token: str | None, kind: str) -> str:
    """The hash by which a token is found, "" for one that cannot be any (empty, over-long, of another kind)."""
    if not token or len(token) > _LONGEST or not token.startswith(f"{kind}_") or not token.isascii():
        return ""
    return hashlib.sha256(token.encode("ascii")).hexdigest()
