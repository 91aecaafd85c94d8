"""Requests without end, in length or in time: the connection is closed, and others are served."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from corral_hub import doorman
from corral_hub.doorman import HEAD_LIMIT, Doorman

PATIENCE = 30.0
ASK = b"GET / HTTP/1.1\r\nHost: hub\r\n"
SHORT = 0.05


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """Read the whole body, then say how long it was; over a WebSocket, say what was said."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        said = await receive()
        await send({"type": "websocket.send", "text": said["text"]})
        return
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    body = str(length).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(answer, port=0, http=Doorman, ws="websockets-sansio", lifespan="off", log_config=None)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1]
    await server.shutdown()


async def ask(port: int, *parts: bytes) -> bytes:
    """Send, and return everything that comes until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        async with asyncio.timeout(PATIENCE):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_ordinary_requests_pass(port: int) -> None:
    close = b"Connection: close\r\n"
    assert (await ask(port, ASK + close + b"\r\n")).startswith(b"HTTP/1.1 200")
    big = b"x" * 500_000
    head = b"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 500000\r\n"
    assert (await ask(port, head + close + b"\r\n", big)).endswith(b"500000")
    twice = await ask(port, ASK + b"\r\n", ASK + b"X: " + b"x" * 60_000 + b"\r\n" + close + b"\r\n")
    assert twice.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize(
    "head",
    [
        ASK + b"X: " + b"x" * (4 * HEAD_LIMIT),
        ASK + b"X: y\r\n" * HEAD_LIMIT,
        b"GET /" + b"x" * (4 * HEAD_LIMIT),
        ASK + b"\r\n" + ASK + b"X: " + b"x" * (16 * HEAD_LIMIT),
    ],
    ids=["a long header", "many headers", "a long line", "the second request"],
)
async def test_heads_have_an_end(port: int, head: bytes) -> None:
    """The answer may be lost: the rest of what was sent meets a closed connection."""
    said = await ask(port, *(head[start : start + 10_000] for start in range(0, len(head), 10_000)))
    assert b"HTTP/1.1 431" in said or said.replace(b"HTTP/1.1 200", b"", 1).count(b"HTTP/1.1") == 0


@pytest.mark.parametrize(
    "sent", [b"", b"GET", ASK, ASK + b"X: "], ids=["nothing", "a word", "a header", "half a header"]
)
async def test_nobody_waits_for_a_head(port: int, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(doorman, "HEAD_PATIENCE", SHORT)
    assert (await ask(port, sent)).startswith(b"HTTP/1.1 408")


async def test_nobody_waits_for_a_body(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorman, "BODY_PATIENCE", SHORT)
    head = b"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n\r\n"
    assert await ask(port, head + b"1234") == b""
    assert (await ask(port, head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + b"12345")).endswith(b"5")


async def test_websockets_are_not_hurried(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The patience for requests ends with the upgrade."""
    monkeypatch.setattr(doorman, "HEAD_PATIENCE", 0.2)
    monkeypatch.setattr(doorman, "BODY_PATIENCE", 0.2)
    upgrade = (b"GET / HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n")  # fmt: skip
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(upgrade)
    async with asyncio.timeout(PATIENCE):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        await asyncio.sleep(0.5)  # longer than anybody's patience with a request
        writer.write(b"\x81\x82\x00\x00\x00\x00hi")
        assert await reader.readexactly(4) == b"\x81\x02hi"
    writer.close()
