"""A Chroma server that holds the vectors of several data folders (向量库服务器): its address, and whose is what.

In: an address, and the index folder of a library. Out: the address with a prefix of names that no other data folder has,
and an HTTP session that gives up in time, follows no redirect and no proxy. Vectors and their keys go there, no text.

The prefix belongs to the file that holds it, not to the library: a copy of a data folder (a restore on trial, ``cp -r``)
would else share a collection with its original, and each would delete what the other one needs.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from corpus.schema import translated

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 5.0
SECONDS = 30.0  # a batch of vectors, or the keys of a hundred thousand
REST_SECONDS = 30.0  # a server that does not answer is not asked again so soon
FILE = "chroma-server.json"
_REFUSING = (401, 403)
_ABSENT = (502, 503, 504)  # what a proxy says of a server that is gone


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """``prefix`` begins the names of the collections of one data folder, "" as long as none was named."""

    url: str
    key: str = field(default="", repr=False)
    prefix: str = ""

    @property
    def host(self) -> str:
        """Name and port, for messages."""
        return urlsplit(self.url).netloc

    def of(self, index: Path) -> Self:
        """The same for one index folder; its name is made where it has none, or where it was copied.

        Raises:
            LibraryError: it cannot be written.
        """
        name = self._name(index)
        if not name:
            name = secrets.token_hex(8)
            with translated(index):
                index.mkdir(mode=0o700, parents=True, exist_ok=True)
                partial = index / f".{FILE}.{os.getpid()}"
                handle = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
                with os.fdopen(handle, "w") as file:
                    json.dump({"name": name, "file": os.fstat(handle).st_ino}, file)
                partial.replace(index / FILE)
        return replace(self, prefix=f"wenheng-{name}-")

    def known(self, index: Path) -> Self | None:
        """The same where the folder has a name, None where it never used a server."""
        name = self._name(index)
        return replace(self, prefix=f"wenheng-{name}-") if name else None

    @staticmethod
    def _name(index: Path) -> str:
        """The name in the folder's file; "" where there is none, or where the file is a copy of another one."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            path = index / FILE
            row = json.loads(path.read_text("utf-8"))
            if row["file"] == path.stat().st_ino and str(row["name"]).isalnum():
                return str(row["name"])
        return ""


def session(server: ChromaServer, headers: Mapping[str, str]) -> httpx.Client:
    """What talks to the server: it raises ``httpx.HTTPError`` for whatever is no answer of Chroma's."""
    import httpx

    given = dict(headers) | ({"Authorization": f"Bearer {server.key}"} if server.key else {})
    return httpx.Client(
        headers=given,
        timeout=httpx.Timeout(SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        event_hooks={"response": [_judged]},
    )


def _judged(response: httpx.Response) -> None:
    import httpx

    if response.is_redirect or response.status_code in (*_REFUSING, *_ABSENT):
        raise httpx.HTTPStatusError(
            f"status {response.status_code}", request=response.request, response=response
        )


def reason(error: Exception) -> str:
    """Why it did not answer, in Chinese, without what it said."""
    import httpx

    if isinstance(error, httpx.HTTPStatusError):
        status = error.response.status_code
        return f"拒绝了密钥（{status}）" if status in _REFUSING else f"返回状态 {status}"
    if isinstance(error, httpx.TimeoutException):
        return "没有按时应答"
    return "连不上"
