"""uvicorn's WebSocket, with a short way for terminals: frames in and out with no queue and no task between.

Nothing but whole binary messages takes it, and only while whoever reads this socket waits for its next message: then
none is overtaken. Everything else, the handshake to the end, is uvicorn's own.
"""

import socket
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State

STATE = "wire"
"""The name under which an application finds it: `socket.state.wire`."""
UNSENT = 1 << 17
"""Bytes that may wait, here and in the kernel: an echo stands behind no more than this and what is in flight."""
Hear = Callable[[bytes], bool]


class Wire(WebSocketsSansIOProtocol):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._hear: Hear | None = None
        self._reads = False  # the application waits for a message
        self._roomy: Callable[[], None] = lambda: None
        self._held: list[bytes] = []  # text of this turn of the loop
        self._held_size = 0

    def listen(self, hear: Hear) -> None:
        """Call `hear` with each binary message as it comes. If that returns False, it is read like any other."""
        self._hear = hear

    def on_room(self, roomy: Callable[[], None]) -> None:
        """Call `roomy` whenever there is room again."""
        self._roomy = roomy

    @property
    def has_room(self) -> bool:
        """Whether what is posted will not pile up."""
        return self.writable.is_set() and self._held_size < UNSENT

    def post(self, message: str | bytes) -> None:
        """Send without waiting; on a connection that is closing this does nothing, which its reader hears of.

        Text goes out at the end of this turn of the loop, by one write for all that one commit brings about.
        """
        opcode, data = (Opcode.BINARY, message) if isinstance(message, bytes) else (Opcode.TEXT, message.encode())
        if not self._held and opcode is Opcode.TEXT:
            self.loop.call_soon(self._let_go)
        self._held += (_head(opcode, len(data)), data)
        self._held_size += len(data)
        if opcode is Opcode.BINARY:
            self._let_go()

    def _let_go(self) -> None:
        held, self._held, self._held_size = self._held, [], 0
        if held and not (self.close_sent or self.disconnected or self.conn.state is not State.OPEN):
            self.transport.writelines(held)

    # -- what uvicorn calls -----------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=UNSENT)
        plain = transport.get_extra_info("socket")
        if plain is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        scope: Any = getattr(self, "scope", None)  # there is none if the handshake was refused
        if scope is not None:
            scope["state"][STATE] = self

    def handle_bytes(self, event: Frame) -> None:
        direct = self._hear is not None and self._reads and event.fin and not self.close_sent and self.queue.empty()
        if not (direct and self._hear is not None and self._hear(bytes(event.data))):
            super().handle_bytes(event)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._roomy()

    async def send(self, message: Any) -> None:
        self._let_go()  # nothing overtakes what was posted
        await super().send(message)

    async def receive(self) -> Any:
        self._reads = True
        try:
            return await super().receive()
        finally:
            self._reads = False


def _head(opcode: Opcode, size: int) -> bytes:
    """The beginning of an unmasked frame in one piece."""
    first = 0x80 | opcode
    if size < 126:
        return bytes((first, size))
    return bytes((first, 126)) + size.to_bytes(2) if size < 1 << 16 else bytes((first, 127)) + size.to_bytes(8)
