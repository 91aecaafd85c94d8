"""A viewer as thin as it gets: a blocking socket around the sans-I/O half of `websockets`."""

import json
import socket
from collections import deque
from typing import Any

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from corral_protocol import frames
from corral_protocol.frames import HEADER, Kind

PIECE = 1 << 20
DATA = (Opcode.TEXT, Opcode.BINARY)


class Socket:
    """One WebSocket to a hub on this machine."""

    def __init__(self, port: int, path: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(60.0)
        self._protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}{path}"), max_size=None)
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

    def close(self) -> None:
        self._socket.close()

    def _more(self) -> None:
        data = self._socket.recv(PIECE)
        if not data:
            raise ConnectionError("the hub closed the socket")
        self._protocol.receive_data(data)
        events = [event for event in self._protocol.events_received() if isinstance(event, Frame)]
        self._arrived.extend(event for event in events if event.opcode in DATA)
        self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._socket.sendall(data)


class Viewer:
    """Attached to one session of the real hub."""

    def __init__(self, port: int, token: str, session: str) -> None:
        self._socket = Socket(port, "/ws/dashboard")
        self._typed = 0
        self.channel = 0
        self.offset = 0
        self._say({"type": "auth", "token": token, "binary": True})
        self._until("auth_ok")
        self._say({"type": "session_attach", "session_id": session, "mode": "drive", "cols": 80, "rows": 24})
        self.channel = int(self._until("session_attached")["channel"])

    def type(self, data: bytes) -> None:
        self._socket.send(frames.pack(Kind.INPUT, self.channel, self._typed, data))
        self._typed += len(data)

    def read(self) -> bytes:
        """Return the next output, acknowledged; news and snapshots are passed over."""
        while True:
            data = self._socket.receive()
            if data[:1] != b"{":
                kind, channel, offset = frames.read_header(data)
                if kind is Kind.SNAPSHOT:
                    self.offset = offset
                    self._socket.send(frames.pack(Kind.ACK, channel, offset))
                if kind is Kind.OUTPUT:
                    self.offset = offset + len(data) - HEADER.size
                    self._socket.send(frames.pack(Kind.ACK, channel, self.offset))
                    return data[HEADER.size :]

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
