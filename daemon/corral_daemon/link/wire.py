"""The WebSocket to the hub as `websockets` makes it, with no queue and no task between the socket and who listens.

A keystroke is one turn of the loop: bytes come, a frame is whole, it is acted on; and output is written where it is
found. The handshake, proxies, TLS, control frames and the end of a connection are all `websockets`' own.
"""

import socket
from collections.abc import Callable, Sequence
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State

UNSENT = 1 << 17
"""Bytes that may wait in the kernel: what is typed, or its echo, stands behind no more than this and what is in flight.
"""
Hear = Callable[[str | bytes], None]


class Wire(ClientConnection):
    """`has_room`: whether what is posted will not pile up."""

    def __init__(self, protocol: ClientProtocol, **options: Any) -> None:
        super().__init__(protocol, **options)
        self.has_room = True
        self._hear: Hear | None = None
        self._roomy: Callable[[], None] = lambda: None

    def listen(self, hear: Hear) -> None:
        """Call `hear` with each message as soon as it is there. What came before this is read with `recv`."""
        self._hear = hear

    def on_room(self, roomy: Callable[[], None]) -> None:
        """Call `roomy` whenever there is room again."""
        self._roomy = roomy

    def post(self, frame: bytes) -> None:
        """Send without waiting; on a connection that is closing this does nothing, which `recv` tells of."""
        if self.protocol.state is State.OPEN:
            self.protocol.send_binary(frame)
            self.send_data()

    def post_texts(self, messages: Sequence[str]) -> bool:
        """Send these by one write, without waiting, and return True; or nothing, if there is no room for all of them.

        On a connection that is closing it is nothing, too: `send` says why.
        """
        if self.protocol.state is not State.OPEN or not self.has_room or sum(map(len, messages)) > UNSENT:
            return False
        for message in messages:
            self.protocol.send_text(message.encode())
        self.transport.write(b"".join(self.protocol.data_to_send()))
        return True

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        plain = transport.get_extra_info("socket")
        if plain is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.has_room = False

    def resume_writing(self) -> None:
        super().resume_writing()
        self.has_room = True
        self._roomy()

    def process_event(self, event: Frame | Any) -> None:
        """What is in one piece is handed over, unless something before it still waits to be read."""
        message = None if self._hear is None or isinstance(event, Response) else _whole(event)
        if message is None or self._hear is None or len(self.recv_messages.frames):
            super().process_event(event)
        else:
            self._hear(message)


def _whole(frame: Frame) -> str | bytes | None:
    """Return the message, unless it comes in pieces or is none; what is no text is for `websockets` to refuse."""
    if frame.fin and frame.opcode is Opcode.BINARY:
        return bytes(frame.data)
    try:
        return bytes(frame.data).decode() if frame.fin and frame.opcode is Opcode.TEXT else None
    except UnicodeDecodeError:
        return None
