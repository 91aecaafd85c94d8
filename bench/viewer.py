"""A viewer as thin as it gets: a blocking socket around the sans-I/O half of `websockets`."""

import json
import socket
from collections import deque
from typing import Any

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from corral_protocol import frames
from corral_protocol.frames import HEADER, Kind

PIECE = 1 << 20
DATA = (Opcode.TEXT, Opcode.BINARY)


class Socket:
    """One WebSocket to a hub on this machine."""

    def __init__(self, port: int, path: str, subprotocol: str | None = None) -> None:
        self.received = 0
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(60.0)
        offered = None if subprotocol is None else [Subprotocol(subprotocol)]
        uri = parse_uri(f"ws://127.0.0.1:{port}{path}")
        self._protocol = ClientProtocol(uri, max_size=None, subprotocols=offered)
        self._arrived: deque[Frame] = deque()
        self._protocol.send_request(self._protocol.connect())
        self._flush()
        while self._protocol.state.name == "CONNECTING":
            self._more()

    def send(self, data: bytes | str) -> None:
        if isinstance(data, str):
            self._protocol.send_text(data.encode())
        else:
            self._protocol.send_binary(data)
        self._flush()

    def receive(self) -> bytes:
        """Return the next message, text as bytes too."""
        while not self._arrived:
            self._more()
        return bytes(self._arrived.popleft().data)

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def _more(self) -> None:
        data = self._socket.recv(PIECE)
        if not data:
            raise ConnectionError("the hub closed the socket")
        self.received += len(data)
        self._protocol.receive_data(data)
        events = [event for event in self._protocol.events_received() if isinstance(event, Frame)]
        self._arrived.extend(event for event in events if event.opcode in DATA)
        self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._socket.sendall(data)


class Viewer:
    """Attached to one session of the real hub. `screens`: snapshots so far, the first of which opens the view."""

    def __init__(self, port: int, token: str, session: str, mode: str = "drive") -> None:
        self._socket = Socket(port, "/ws/dashboard")
        self._typed = 0
        self.channel = 0
        self.offset = 0
        self.screens: list[bytes] = []
        self._say({"type": "auth", "token": token, "binary": True})
        self._until("auth_ok")
        self._say({"type": "session_attach", "session_id": session, "mode": mode, "cols": 80, "rows": 24})
        self.channel = int(self._until("session_attached")["channel"])

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def received(self) -> int:
        """Bytes on the socket so far."""
        return self._socket.received

    def open(self) -> bytes:
        """Return the screen that the view begins with."""
        while not self.screens:
            self._take(self._socket.receive())
        return self.screens[0]

    def type(self, data: bytes) -> None:
        self._socket.send(frames.pack(Kind.INPUT, self.channel, self._typed, data))
        self._typed += len(data)

    def read(self) -> bytes:
        """Return the next output, acknowledged; news and snapshots are passed over."""
        while True:
            if (output := self._take(self._socket.receive())) is not None:
                return output

    def shown(self) -> bytes:
        """Return the next output, or the screen that stands for what was missed."""
        known = len(self.screens)
        while (output := self._take(self._socket.receive())) is None:
            if len(self.screens) > known:
                return self.screens[-1]
        return output

    def _take(self, data: bytes) -> bytes | None:
        """Act on a message; return what is output of it."""
        if data[:1] == b"{":
            return None
        kind, channel, offset = frames.read_header(data)
        output = data[HEADER.size :]
        if kind is Kind.SNAPSHOT:
            self.screens.append(output)
        self.offset = offset if kind is Kind.SNAPSHOT else offset + len(output)
        self._socket.send(frames.pack(Kind.ACK, channel, self.offset))
        return output if kind is Kind.OUTPUT else None

    def close(self) -> None:
        self._socket.close()

    def _say(self, message: dict[str, Any]) -> None:
        self._socket.send(json.dumps(message))

    def _until(self, kind: str) -> dict[str, Any]:
        while True:
            data = self._socket.receive()
            if data[:1] == b"{" and (message := json.loads(data))["type"] == kind:
                return message


class Plain:
    """Attached to the floor: bytes in, bytes out."""

    def __init__(self, port: int) -> None:
        self._socket = Socket(port, "/viewer")

    def type(self, data: bytes) -> None:
        self._socket.send(data)

    def read(self) -> bytes:
        return self._socket.receive()

    def close(self) -> None:
        self._socket.close()
