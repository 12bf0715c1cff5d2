"""Connections that bring no request, or one without an end to its head, do not stay (慢客户端).

In: bytes of a connection. Out: uvicorn's own protocol, closed where the head of a request did not come in time or grew
too long; uvicorn itself waits for ever and keeps what it got. Bodies are watched by :mod:`service.http.intake`.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 20.0  # from the first byte of a request, or from the connection, to the end of its head
HEAD_BYTES = 64 << 10
_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Wire(HttpToolsProtocol):
    """One connection."""

    _late: asyncio.TimerHandle | None = None
    _head = 0  # bytes of a head that is not whole

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Someone connected and owes us a request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """They left."""
        self._whole()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The next bytes; those after the head are not counted here."""
        super().data_received(data)
        if self._late is not None:
            self._head += len(data)
            if self._head > HEAD_BYTES:
                self._end(_LONG)

    def on_message_begin(self) -> None:
        """A request begins, the first or a later one."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self._whole()
        super().on_headers_complete()

    def _wait(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(HEAD_SECONDS, self._end, _SLOW)

    def _whole(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
        self._head = 0

    def _end(self, answer: bytes) -> None:
        self._whole()
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()
