"""uvicorn's HTTP protocol, but for three things.

It neither reads nor waits for a request without end, and it sends an answer in one piece.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from corral_hub.corked import Corked

HEAD_LIMIT = 65_536
HEAD_PATIENCE = 10.0
BODY_PATIENCE = 60.0
"""Seconds for the line and the headers of a request, and for its body."""


class Doorman(HttpToolsProtocol):
    """Counts the bytes of a request's head, and closes the connection when head or body do not arrive in time."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head: int | None = 0  # bytes so far; None while no head is read
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._corked = Corked(transport, self.loop)
        super().connection_made(self._corked)  # type: ignore[arg-type]
        self._wait(HEAD_PATIENCE)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        before = self._head
        super().data_received(data)
        if before is not None and self._head is not None:
            self._head += len(data)
            if self._head > HEAD_LIMIT:
                self._refuse(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head = 0
        self._wait(HEAD_PATIENCE)

    def on_headers_complete(self) -> None:
        self._head = None
        self._wait(BODY_PATIENCE)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._wait(None)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._wait(None)
        self._corked.let_go()
        self.transport = self._corked.plain
        super().handle_websocket_upgrade()

    def _wait(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._refuse, 408)

    def _refuse(self, status: int) -> None:
        if self.transport.is_closing():
            return
        cycle = getattr(self, "cycle", None)
        if cycle is None or cycle.response_complete:  # else: an answer may be half written
            self.transport.write(STATUS_LINE[status] + b"connection: close\r\ncontent-length: 0\r\n\r\n")
        self.transport.close()
