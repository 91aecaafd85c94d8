"""Many HTTP/1.1 connections in one event loop, as thin as it gets: what is measured is a server, not a client."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

IDLE = 2.0
"""Seconds after which connections are not trusted any more: servers close those that nobody uses."""


class Connection(asyncio.Protocol):
    """One kept-alive connection: a request at a time."""

    def __init__(self) -> None:
        self._rest = b""
        self._answer: asyncio.Future[bytes] | None = None
        self.used = time.perf_counter()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    async def ask(self, request: bytes) -> bytes:
        """Return the body of the answer. Raises RuntimeError for anything but 2xx."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        self.used = time.perf_counter()
        return await self._answer

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._rest += data
        head, found, body = self._rest.partition(b"\r\n\r\n")
        if not found or self._answer is None:
            return
        length = _length(head)
        if len(body) < length:
            return
        self._rest = body[length:]
        if head[9:10] == b"2":
            self._answer.set_result(body[:length])
        else:
            self._answer.set_exception(RuntimeError(f"{head[:80]!r}: {body[:500]!r}"))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError(f"closed while it was asked: {exc}"))


class Clients:
    """So many connections to one server."""

    def __init__(self, port: int, most: int) -> None:
        self._port = port
        self._most = most
        self._connections: list[Connection] = []

    async def one(self) -> Connection:
        return (await self._open(1))[0]

    async def each(self, requests: Iterable[bytes]) -> list[bytes]:
        """Ask all of these, each connection one after another; return the answers in no order."""
        waiting, answers = iter(requests), list[bytes]()

        async def work(connection: Connection) -> None:
            for request in waiting:
                answers.append(await connection.ask(request))

        await asyncio.gather(*(work(connection) for connection in await self._open(self._most)))
        return answers

    async def keep_on(self, request: bytes, count: int, seconds: float) -> list[float]:
        """Ask the same again and again on so many connections; return the seconds that each answer took."""
        connections, times = await self._open(count), list[float]()
        until = time.perf_counter() + seconds

        async def work(connection: Connection) -> None:
            while (begin := time.perf_counter()) < until:
                await connection.ask(request)
                times.append(time.perf_counter() - begin)

        await asyncio.gather(*(work(connection) for connection in connections))
        return times

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    async def _open(self, count: int) -> list[Connection]:
        """Return so many that are fresh, or were used just now."""
        stale = time.perf_counter() - IDLE
        for connection in self._connections:
            if connection.used < stale:
                connection.close()
        self._connections = [connection for connection in self._connections if connection.used >= stale]
        loop = asyncio.get_running_loop()
        while len(self._connections) < count:
            _, made = await loop.create_connection(Connection, "127.0.0.1", self._port)
            self._connections.append(made)
        return self._connections[:count]


def request(port: int, path: str, body: bytes = b"", *headers: str) -> bytes:
    """Return the bytes of a POST."""
    lines = [
        f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: application/json",
        f"Content-Length: {len(body)}", *headers,
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode() + body


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    return 0
