"""A daemon of ours, as the hub sees it: it holds sessions, streams them within a window, and says how they ended."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from corral_protocol import sessions as wire
from corral_protocol.codec import decode_tagged, encode
from corral_protocol.frames import PAYLOAD_LIMIT, Kind, pack, unpack
from corral_protocol.to_daemon import TO_DAEMON
from tests.hub_process import PATIENCE, HubProcess, eventually

FEATURES = ("units", "acks", "reconcile", "sessions")
WINDOW = 512 * 1024


@dataclass(eq=False)
class Terminal:
    """What a holder keeps of a session. `ring`: so many of the last bytes can be sent again."""

    content: bytearray = field(default_factory=bytearray)
    typed: bytearray = field(default_factory=bytearray)
    ended: bool = False
    exit_code: int | None = None
    ring: int = 1 << 40
    screen_at: Callable[[int], int] = lambda written: written
    size: tuple[int, int] = (0, 0)


@dataclass(eq=False)
class Stream:
    channel: int
    position: int
    acked: int


class Daemon:
    """`async with a_daemon(hub) as daemon`. Sessions outlive its connections, as the holder's do."""

    def __init__(self, hub: HubProcess, key: Mapping[str, str], name: str, server_id: str) -> None:
        self.hub, self.key, self.name, self.server_id = hub, key, name, server_id
        self.features: tuple[str, ...] = FEATURES
        self.terminals: dict[str, Terminal] = {}
        self.streams: dict[str, Stream] = {}
        self.heard: list[Any] = []
        self.starts = True  # answers session_start
        self.looks = True
        self._news = asyncio.Condition()
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None

    # -- its connection ---------------------------------------------------------------

    async def connect(self) -> None:
        self._socket = await connect(self.hub.url.replace("http", "ws", 1) + "/ws/server", proxy=None, max_size=None)
        await self._send({"type": "auth", "api_key": self.key["X-API-Key"], "features": list(self.features)})
        assert json.loads(await self._socket.recv())["type"] == "auth_ok"
        self.streams.clear()
        if "sessions" in self.features:
            await self.say(wire.SessionsHeld(sessions=tuple(self._held())))
        self._reader = asyncio.create_task(self._read())

    async def drop(self) -> None:
        """Be gone without a word, as a killed daemon is."""
        assert self._socket is not None
        assert self._reader is not None
        self._reader.cancel()
        self._socket.transport.abort()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def say(self, message: Any) -> None:
        await self._send(encode(message))

    async def send_bytes(self, frame: bytes) -> None:
        assert self._socket is not None
        await self._socket.send(frame)

    async def _send(self, frame: Any) -> None:
        assert self._socket is not None
        await self._socket.send(json.dumps(frame))

    def _held(self) -> list[wire.HeldSession]:
        return [
            wire.HeldSession(session_id=id, offset=len(one.content), ended=one.ended, exit_code=one.exit_code, pid=42)
            for id, one in self.terminals.items()
        ]

    async def _read(self) -> None:
        assert self._socket is not None
        try:
            async for data in self._socket:
                if isinstance(data, bytes):
                    await self._framed(data)
                else:
                    await self._said(decode_tagged(TO_DAEMON, json.loads(data)))
                async with self._news:
                    self._news.notify_all()
        except ConnectionClosed:
            return

    async def until(self, holds: Callable[[], Any], what: str) -> Any:
        async def wait() -> Any:
            async with self._news:
                await self._news.wait_for(holds)
                return holds()

        try:
            return await asyncio.wait_for(wait(), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"it never happened that {what}; heard {self.heard[-10:]}") from None

    def said(self, kind: type[Any]) -> list[Any]:
        return [message for message in self.heard if isinstance(message, kind)]

    # -- what it is told ----------------------------------------------------------------

    async def _said(self, message: Any) -> None:
        self.heard.append(message)
        act = _ACTS.get(type(message))
        if act is not None:
            await act(self, message)

    async def start(self, message: wire.SessionStart) -> None:
        if not self.starts:
            return
        terminal = self.terminals.setdefault(message.session_id, Terminal())
        terminal.size = (message.cols, message.rows)
        await self.say(wire.SessionStarted(session_id=message.session_id, pid=42, working_directory="/home"))

    async def watch(self, message: wire.SessionWatch) -> None:
        terminal = self.terminals[message.session_id]
        written, offset = len(terminal.content), message.offset
        stream = Stream(message.channel, written, written)
        if offset is not None and written - terminal.ring <= offset <= written:
            stream.position = stream.acked = offset
        else:
            await self._snapshot(terminal, message.channel, written)
        self.streams[message.session_id] = stream
        await self.pump(message.session_id)

    async def snapshot(self, message: wire.SessionSnapshot) -> None:
        terminal = self.terminals[message.session_id]
        await self._snapshot(terminal, message.channel, terminal.screen_at(len(terminal.content)))

    async def _snapshot(self, terminal: Terminal, channel: int, offset: int) -> None:
        await self.send_bytes(pack(Kind.SNAPSHOT, channel, offset, f"<screen at {offset}>".encode()))

    async def unwatch(self, message: wire.SessionUnwatch) -> None:
        self.streams.pop(message.session_id, None)

    async def type(self, message: wire.SessionInput) -> None:
        import base64

        self.terminals[message.session_id].typed += base64.b64decode(message.data)

    async def resize(self, message: wire.SessionResize) -> None:
        self.terminals[message.session_id].size = (message.cols, message.rows)

    async def forget(self, message: wire.SessionForget) -> None:
        self.terminals.pop(message.session_id, None)
        self.streams.pop(message.session_id, None)

    async def look(self, message: wire.SessionLook) -> None:
        if self.looks:
            lines = ("$ make", "ok") if message.lines is None else ("ok",)
            await self.say(
                wire.SessionScreen(session_id=message.session_id, request_id=message.request_id, lines=lines, cols=80)
            )

    async def close(self, message: wire.SessionClose | wire.SessionKill) -> None:
        await self.end(message.session_id, exit_code=0)

    # -- what happens there ---------------------------------------------------------------

    async def end(self, session_id: str, exit_code: int) -> None:
        terminal = self.terminals[session_id]
        terminal.ended, terminal.exit_code = True, exit_code
        await self.say(wire.SessionClosed(session_id=session_id, exit_code=exit_code, offset=len(terminal.content)))

    async def write(self, session_id: str, data: bytes) -> None:
        self.terminals[session_id].content += data
        await self.pump(session_id)

    async def pump(self, session_id: str) -> None:
        """Send what is written, as long as the window allows."""
        stream, terminal = self.streams.get(session_id), self.terminals.get(session_id)
        while stream is not None and terminal is not None and stream.position - stream.acked < WINDOW:
            part = bytes(memoryview(terminal.content)[stream.position : stream.position + PAYLOAD_LIMIT])
            if not part:
                return
            offset, stream.position = stream.position, stream.position + len(part)
            await self.send_bytes(pack(Kind.OUTPUT, stream.channel, offset, part))

    async def _framed(self, data: bytes) -> None:
        frame = unpack(data)
        for session_id, stream in list(self.streams.items()):
            if stream.channel == frame.channel and frame.kind is Kind.ACK:
                assert frame.offset <= stream.position, "nobody can have taken what was not sent"
                stream.acked = max(stream.acked, frame.offset)
                await self.pump(session_id)
            elif stream.channel == frame.channel and frame.kind is Kind.INPUT:
                self.terminals[session_id].typed += frame.payload


_ACTS: Mapping[type[Any], Callable[[Daemon, Any], Any]] = {
    wire.SessionStart: Daemon.start,
    wire.SessionWatch: Daemon.watch,
    wire.SessionUnwatch: Daemon.unwatch,
    wire.SessionSnapshot: Daemon.snapshot,
    wire.SessionInput: Daemon.type,
    wire.SessionResize: Daemon.resize,
    wire.SessionForget: Daemon.forget,
    wire.SessionLook: Daemon.look,
    wire.SessionClose: Daemon.close,
    wire.SessionKill: Daemon.close,
}


@asynccontextmanager
async def a_daemon(
    hub: HubProcess, project_id: str | None = None, features: tuple[str, ...] = FEATURES
) -> AsyncIterator[Daemon]:
    """A machine that is enrolled and connected, and that dispatch knows."""
    key, name = await asyncio.to_thread(hub.machine, project_id, f"box-{secrets.token_hex(4)}")
    server = await asyncio.to_thread(hub.get, f"/servers/{name}", hub.admin)
    daemon = Daemon(hub, key, name, server["id"])
    daemon.features = features
    await daemon.connect()

    def known() -> bool:
        now = hub.get(f"/servers/{name}", hub.admin)
        return now["connected"] and sorted(now["features"]) == sorted(features)

    await asyncio.to_thread(eventually, known, "the daemon is connected")
    try:
        yield daemon
    finally:
        await daemon.drop()


async def start(daemon: Daemon, **fields: object) -> str:
    """Start a session on this machine and return its id once it runs."""
    hub = daemon.hub
    made = await asyncio.to_thread(hub.post, "/sessions", hub.admin, {"server": daemon.name, **fields})
    path = f"/sessions/{made['id']}"
    await asyncio.to_thread(eventually, lambda: hub.get(path, hub.admin)["status"] == "running", "the session runs")
    return str(made["id"])
