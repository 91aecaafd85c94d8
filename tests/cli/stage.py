"""A session on the fake hub: the real wire on a real socket, and a test that plays hub and machine."""

import json
import queue
import socket
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any, TypeVar

from websockets.frames import Frame as WsFrame
from websockets.frames import Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from corral_protocol.codec import decode_tagged, encode
from corral_protocol.frames import Frame, Kind, pack, unpack
from corral_protocol.viewers import (
    FROM_VIEWER,
    FromViewer,
    SessionAttach,
    SessionAttached,
    SessionEvent,
    ToViewer,
)
from corral_protocol.vocabulary import SessionMode
from tests.cli.hub import FakeHub, problem

T = TypeVar("T")
PATIENCE = 20.0
SESSION_ID = "5e550000-0000-4000-8000-000000000000"
SESSION: dict[str, Any] = {
    "id": SESSION_ID, "name": "build", "status": "running", "server_name": "atlas", "cols": 120, "rows": 40,
    "argv": ["make"], "attention": None, "driver": None,
}  # fmt: skip


class Viewer:
    """One connection of the CLI, seen from the hub."""

    def __init__(self, connection: socket.socket, protocol: ServerProtocol) -> None:
        self.greeting: dict[str, Any] = {}
        self._connection = connection
        self._protocol = protocol
        self._lock = threading.Lock()
        self.heard: queue.Queue[FromViewer | Frame | None] = queue.Queue()
        self.channel = 7

    def say(self, message: ToViewer) -> None:
        self.send_text(json.dumps(encode(message)))

    def send_text(self, text: str) -> None:
        with self._lock:
            self._protocol.send_text(text.encode())
            self._push()

    def send(self, kind: Kind, offset: int, payload: bytes = b"") -> None:
        with self._lock:
            self._protocol.send_binary(pack(kind, self.channel, offset, payload))
            self._push()

    def admit(self, mode: SessionMode = SessionMode.DRIVE, cols: int = 120, rows: int = 40) -> SessionAttach:
        """Expect session_attach and answer it; return what was asked."""
        asked = self.expect(SessionAttach)
        self.say(SessionAttached(session_id=SESSION_ID, channel=self.channel, mode=mode, cols=cols, rows=rows))
        return asked

    def event(self, event: str, **details: Any) -> None:
        self.say(SessionEvent(event=event, session_id=SESSION_ID, details=details))

    def expect(self, kind: type[T]) -> T:
        """Return the next message of this class; acknowledgements are passed over."""
        while True:
            found = self.heard.get(timeout=PATIENCE)
            if isinstance(found, kind):
                return found
            assert isinstance(found, Frame) and found.kind is Kind.ACK, f"{found} came instead of {kind.__name__}"

    def typed(self, count: int) -> bytes:
        """Return the next `count` typed bytes; their offsets must be contiguous."""
        data = b""
        while len(data) < count:
            frame = self.expect_frame(Kind.INPUT)
            data += frame.payload
        return data

    def expect_frame(self, kind: Kind) -> Frame:
        while True:
            found = self.heard.get(timeout=PATIENCE)
            assert isinstance(found, Frame), f"{found} came instead of {kind.name}"
            if found.kind is kind:
                return found
            assert found.kind is Kind.ACK, found

    def acknowledged(self, offset: int) -> None:
        """Wait until everything before `offset` is said to be shown."""
        while self.expect_frame(Kind.ACK).offset < offset:
            pass

    def gone(self) -> None:
        """Wait until the CLI has hung up."""
        while self.heard.get(timeout=PATIENCE) is not None:
            pass

    def cut(self) -> None:
        """Lose the connection, without a word."""
        self._connection.shutdown(socket.SHUT_RDWR)

    def run(self, viewers: "queue.Queue[Viewer]", admits: bool) -> None:
        try:
            while data := self._connection.recv(1 << 16):
                with self._lock:
                    self._protocol.receive_data(data)
                    self._push()
                for event in self._protocol.events_received():
                    self._take(event, viewers, admits)
        except OSError:
            pass  # the connection was cut
        self.heard.put(None)

    def _take(self, event: Any, viewers: "queue.Queue[Viewer]", admits: bool) -> None:
        assert isinstance(event, WsFrame)
        if event.opcode is Opcode.BINARY:
            self.heard.put(unpack(bytes(event.data)))
        elif event.opcode is Opcode.TEXT and not self.greeting:
            self.greeting = json.loads(event.data)
            self.send_text(json.dumps({"type": "auth_ok"} if admits else {"type": "error", "code": "auth_refused"}))
            viewers.put(self)
        elif event.opcode is Opcode.TEXT:
            self.heard.put(decode_tagged(FROM_VIEWER, json.loads(event.data)))

    def _push(self) -> None:
        data = b"".join(self._protocol.data_to_send())
        if data:
            self._connection.sendall(data)


class Stage:
    """`viewers` are the connections that have logged in, in order. `away`: the hub answers nobody."""

    def __init__(self, hub: FakeHub) -> None:
        self.hub = hub
        self.viewers: queue.Queue[Viewer] = queue.Queue()
        self.away = False
        self.admits = True
        self.refused = 0
        hub.dashboard = self._serve
        for name in ("build", SESSION_ID):
            hub.answers[f"GET /api/v1/sessions/{name}"] = lambda _: problem(503, "away", "no") if self.away else SESSION

    @property
    def login(self) -> dict[str, str]:
        """The variables of somebody who is logged in."""
        return {"CORRAL_HUB_URL": self.hub.url, "CORRAL_TOKEN": "jwt"}

    def viewer(self) -> Viewer:
        return self.viewers.get(timeout=PATIENCE)

    def _serve(self, connection: socket.socket, handler: BaseHTTPRequestHandler) -> None:
        if self.away:
            self.refused += 1
            return
        protocol = ServerProtocol()
        lines = [f"GET {handler.path} HTTP/1.1", *(f"{name}: {value}" for name, value in handler.headers.items())]
        protocol.receive_data("\r\n".join([*lines, "", ""]).encode())
        (request,) = protocol.events_received()
        assert isinstance(request, Request)
        protocol.send_response(protocol.accept(request))
        connection.sendall(b"".join(protocol.data_to_send()))
        Viewer(connection, protocol).run(self.viewers, self.admits)
