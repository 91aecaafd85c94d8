"""Somebody who watches: a client of /ws/dashboard that checks every frame it is sent against the ones before."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from corral_protocol.codec import encode
from corral_protocol.frames import Kind, pack, unpack
from corral_protocol.sessions import SessionResize
from corral_protocol.viewers import SessionAttach, SessionDetach, SessionTake
from corral_protocol.vocabulary import SessionMode
from tests.hub_process import PATIENCE, HubProcess

ACK_EVERY = 32 * 1024


class Viewer:
    """Watches one session at a time. `position` is None until the first frame; `screens` are the snapshots' offsets."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.said: list[dict[str, Any]] = []
        self.content = bytearray()
        self.keep = True
        self.position: int | None = None
        self.screens: list[int] = []
        self.acking = True
        self.rate: float | None = None  # bytes a second
        self.channel = 0
        self._acked = 0
        self._news = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    async def send(self, message: Any) -> None:
        await self.socket.send(json.dumps(encode(message)))

    async def attach(self, session_id: str, mode: SessionMode = SessionMode.VIEW, **more: Any) -> dict[str, Any]:
        """Return the hub's answer. `lost`: the offset is none that exists, the stream may begin anywhere."""
        self.position = None if more.pop("lost", False) else more.get("offset")
        count = len(self.said)
        await self.send(SessionAttach(session_id=session_id, mode=mode, **more))
        return await self.answer(count)

    async def take(self, session_id: str, **more: Any) -> dict[str, Any]:
        count = len(self.said)
        await self.send(SessionTake(session_id=session_id, **more))
        return await self.answer(count)

    async def detach(self, session_id: str) -> None:
        await self.send(SessionDetach(session_id=session_id))

    async def resize(self, session_id: str, cols: int, rows: int) -> None:
        await self.send(SessionResize(session_id=session_id, cols=cols, rows=rows))

    async def answer(self, after: int) -> dict[str, Any]:
        """Return the first attached or refused that came after so many messages."""
        answers = ("session_attached", "session_refused")
        return await self.until(lambda: next((m for m in self.said[after:] if m["type"] in answers), None), "answered")

    async def type(self, keys: bytes, offset: int = 0) -> None:
        await self.socket.send(pack(Kind.INPUT, self.channel, offset, keys))

    async def until(self, holds: Callable[[], Any], what: str) -> Any:
        """Wait for it; what the reader found wrong is raised here."""
        waiting = asyncio.create_task(self._wait(holds))
        await asyncio.wait({waiting, self._reader}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if self._reader.done():
            self._reader.result()
        if not waiting.done() and not holds():
            waiting.cancel()
            raise AssertionError(f"it never happened that {what}; at {self.position}, {self.said[-5:]}")
        return holds()

    async def _wait(self, holds: Callable[[], Any]) -> None:
        async with self._news:
            await self._news.wait_for(holds)

    async def at(self, position: int) -> None:
        await self.until(lambda: self.position == position, f"the viewer has everything before {position}")

    async def event(self, name: str) -> dict[str, Any]:
        def found() -> Any:
            events = (m for m in self.said if m["type"] == "session_event" and m["event"] == name)
            return next(events, None)

        return await self.until(found, f"{name} happened")

    # -- what comes ---------------------------------------------------------------------

    async def _read(self) -> None:
        try:
            async for data in self.socket:
                if isinstance(data, bytes):
                    await self._framed(data)
                else:
                    self._heard(json.loads(data))
                async with self._news:
                    self._news.notify_all()
        except ConnectionClosed:
            return

    def _heard(self, message: dict[str, Any]) -> None:
        self.said.append(message)
        if message["type"] == "session_attached":
            self.channel, self._acked = message["channel"], 0
        elif message["type"] == "session_output":
            self.content += base64.b64decode(message["data"])

    async def _framed(self, data: bytes) -> None:
        frame = unpack(data)
        assert frame.channel == self.channel
        if frame.kind is Kind.SNAPSHOT:
            assert self.position is None or frame.offset > self.position, "a snapshot goes forward"
            self.screens.append(frame.offset)
            self.position = frame.offset
        else:
            assert frame.kind is Kind.OUTPUT
            assert frame.offset == self.position, f"at {self.position} came {frame.offset}"
            self.position = frame.end
            if self.keep:
                self.content += frame.payload
        if self.rate is not None:
            await asyncio.sleep(len(data) / self.rate)
        if self.acking and (self.position - self._acked >= ACK_EVERY or len(data) < ACK_EVERY):
            self._acked = self.position
            await self.socket.send(pack(Kind.ACK, self.channel, self.position))

    async def catch_up(self) -> None:
        """Acknowledge what came while it did not."""
        self.acking = True
        if self.position is not None:
            await self.socket.send(pack(Kind.ACK, self.channel, self.position))


@asynccontextmanager
async def a_viewer(
    hub: HubProcess, who: Mapping[str, str] | None = None, binary: bool = True, **narrowed: Any
) -> AsyncIterator[Viewer]:
    headers = hub.admin if who is None else who
    token = headers["X-API-Key"] if "X-API-Key" in headers else headers["Authorization"].removeprefix("Bearer ")
    address = hub.url.replace("http", "ws", 1) + "/ws/dashboard"
    async with connect(address, proxy=None, max_size=None) as socket:
        await socket.send(json.dumps({"type": "auth", "token": token, "binary": binary, **narrowed}))
        assert json.loads(await socket.recv())["type"] == "auth_ok"
        viewer = Viewer(socket)
        try:
            yield viewer
        finally:
            viewer._reader.cancel()
            await asyncio.gather(viewer._reader, return_exceptions=True)
