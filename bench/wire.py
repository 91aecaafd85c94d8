"""HTTP/1.1 on one kept-alive connection, as thin as it gets: what is measured is the hub, not a client library."""

import json
import socket
import time
from typing import Any

Json = dict[str, Any]


IDLE = 2.0
"""Seconds after which a connection is not trusted any more: servers close those that nobody uses."""


class Wire:
    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token
        self._open()

    def close(self) -> None:
        self.socket.close()

    def request(self, method: str, path: str, body: Any = None) -> bytes:
        """Return the bytes of a request, to be sent at once."""
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            f"Authorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content

    def _open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self._port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        self._used = time.monotonic()

    def ask(self, method: str, path: str, body: Any = None) -> Json:
        if time.monotonic() - self._used > IDLE:
            self.close()
            self._open()
        self.socket.sendall(self.request(method, path, body))
        return self.answer()

    def answer(self) -> Json:
        """Return the body of the next response. Raises RuntimeError for anything but 2xx."""
        head, _, rest = self._until(b"\r\n\r\n").partition(b"\r\n\r\n")
        lines = head.decode().lower().split("\r\n")
        length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length:"))
        while len(rest) < length:
            rest += self._more()
        content, self._rest, self._used = rest[:length], rest[length:], time.monotonic()
        if not lines[0].split()[1].startswith("2"):
            raise RuntimeError(f"{lines[0]}: {content.decode()[:500]}")
        return json.loads(content)

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._rest += self._more()
        return self._rest

    def _more(self) -> bytes:
        got = self.socket.recv(262_144)
        if not got:
            raise ConnectionError("the hub closed the connection")
        return got
