"""A WebSocket to the hub, without a thread and without a loop of its own: whoever selects reads and writes.

The protocol comes from the websockets library; only the socket is ours. One wake-up lies between a frame and whoever
wants it.
"""

import select
import socket
import ssl

from websockets.client import ClientProtocol
from websockets.frames import DATA_OPCODES, CloseCode, Frame, Opcode
from websockets.protocol import OPEN

from corral_cli import clock

Message = bytes | str

_CHUNK = 1 << 18
_FAREWELL = 1.0
_TURNS = 16
"""Reads before whoever else waits gets a turn."""


class Gone(Exception):
    """The connection is over. `code` is what the hub closed it with, `last` what had come before that."""

    def __init__(self, why: str, code: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.code = code
        self.last: list[Message] = []


class Wire:
    """An open connection. It waits for the network until `unblock` is called, and never afterwards."""

    def __init__(self, sock: socket.socket, protocol: ClientProtocol) -> None:
        self._sock = sock
        self._protocol = protocol
        self._unsent = bytearray()
        self._parts: list[bytes] = []
        self._text = False

    def fileno(self) -> int:
        return self._sock.fileno()

    def unblock(self) -> None:
        self._sock.setblocking(False)

    @property
    def unsent(self) -> int:
        return len(self._unsent)

    def receive(self) -> list[Message]:
        """Return the messages that have arrived. Raises Gone when there will be no more."""
        messages: list[Message] = []
        try:
            for _ in range(_TURNS):
                if not self._receive_some(messages):
                    break
        except Gone as gone:
            gone.last = messages
            raise
        return messages

    def send(self, message: Message) -> None:
        """Hand a message over; what the network does not take at once waits for `flush`. Raises Gone."""
        if self._protocol.state is not OPEN:
            raise self._gone()
        if isinstance(message, str):
            self._protocol.send_text(message.encode())
        else:
            self._protocol.send_binary(message)
        self._push()

    def ping(self) -> None:
        if self._protocol.state is OPEN:
            self._protocol.send_ping(b"")
            self._push()

    def flush(self) -> None:
        """Send what the network takes now. Raises Gone."""
        try:
            while self._unsent:
                sent = self._sock.send(self._unsent)
                del self._unsent[:sent]
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            return
        except OSError as error:
            raise Gone(error.strerror or str(error)) from error

    def close(self) -> None:
        """Say good-bye and wait a moment until the hub has heard it.

        A socket that is closed with something unread in it throws away what it had still to send: the last keys.
        """
        until = clock.monotonic() + _FAREWELL
        try:
            if self._protocol.state is OPEN:
                self._protocol.send_close(CloseCode.NORMAL_CLOSURE)
            while (left := until - clock.monotonic()) > 0:
                self._push()
                readable, _, _ = select.select([self._sock], [self._sock] if self._unsent else [], [], left)
                if readable:
                    self.receive()
        except Gone:
            pass  # heard, or lost: over either way
        finally:
            self._sock.close()

    def hang_up(self) -> None:
        """Close what is lost already."""
        self._sock.close()

    def _receive_some(self, messages: list[Message]) -> bool:
        """Add what one read brings. Return whether to read again: TLS keeps what select cannot see."""
        try:
            data = self._sock.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        except OSError as error:
            raise Gone(error.strerror or str(error)) from error
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        frames = [event for event in self._protocol.events_received() if isinstance(event, Frame)]
        messages.extend(message for message in map(self._assemble, frames) if message is not None)
        self._push()
        if not data or self._protocol.close_rcvd is not None or self._protocol.parser_exc is not None:
            raise self._gone()
        return len(data) == _CHUNK or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0)

    def _push(self) -> None:
        for part in self._protocol.data_to_send():
            self._unsent += part
        self.flush()

    def _assemble(self, frame: Frame) -> Message | None:
        """Return the message that a frame completes."""
        if frame.opcode not in DATA_OPCODES:
            return None
        if frame.opcode is not Opcode.CONT:
            self._parts, self._text = [], frame.opcode is Opcode.TEXT
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return None
        data = b"".join(self._parts)
        self._parts = []
        return data.decode("utf-8", "replace") if self._text else data

    def _gone(self) -> Gone:
        closed = self._protocol.close_rcvd
        if closed is not None:
            return Gone(closed.reason or f"the hub closed the connection ({closed.code})", closed.code)
        problem = self._protocol.parser_exc
        return Gone(f"the connection broke: {problem}" if problem and str(problem) else "the connection was cut")
