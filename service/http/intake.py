"""How much a request may bring, and how slowly (请求大小).

In: the ``receive`` of a request. Out: the same, which ends with an error where the body is too large, whatever its
Content-Length says or leaves out, where the next piece does not come in time, or where pieces come in drops.
"""

from __future__ import annotations

import asyncio
import time

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from corpus.errors import InputError, TooLarge, TooSlow

TEXT_BYTES = 4 << 20
FORM_BYTES = 1 << 30  # files come as forms; each has a limit of its own where it is read
SECONDS = 30.0  # until the next piece
PATIENCE = 60.0  # seconds of a body after which it must have come at ...
LEAST = 1024  # ... this many bytes a second, all in all


class _Ended(HTTPException):
    """Stops whoever reads the body; FastAPI lets it through, and the guard answers instead."""


class Intake:
    """Counts a body as it comes in; ``fault`` is what was wrong with it."""

    def __init__(self, receive: Receive, headers: Headers, seconds: float = SECONDS) -> None:
        self._receive = receive
        self._seconds = seconds
        self._limit = FORM_BYTES if _is_form(headers) else TEXT_BYTES
        self._got = 0
        self._began = 0.0
        self._whole = False
        self.fault: InputError | None = None
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length[:20]) > self._limit:
            self.fault = self._too_large()

    async def __call__(self) -> Message:
        """The next piece."""
        if self._whole:  # waiting for the client to go away takes as long as it takes
            return await self._receive()
        if self.fault:
            raise _Ended(413)
        self._began = self._began or time.monotonic()
        try:
            message = await asyncio.wait_for(self._receive(), self._seconds)
        except TimeoutError:
            self.fault = _too_slow()
            raise _Ended(408) from None
        self._got += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._got > self._limit:
            self.fault = self._too_large()
            raise _Ended(413)
        took = time.monotonic() - self._began
        if not self._whole and took > PATIENCE and self._got < took * LEAST:
            self.fault = _too_slow()
            raise _Ended(408)
        return message

    def _too_large(self) -> TooLarge:
        return TooLarge(f"请求超过{self._limit >> 20}MB", remedy="请分几次上传，每次少几个文件")


def _too_slow() -> TooSlow:
    return TooSlow("请求没有按时发完", remedy="请检查网络后重试")


def _is_form(headers: Headers) -> bool:
    return headers.get("content-type", "").lower().startswith("multipart/form-data")
