"""A hub on loopback that says what a test wants, and a runner that holds what it is given."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as listen
from websockets.exceptions import ConnectionClosed

from corral_daemon.capabilities import Declared, Found
from corral_daemon.link.conversation import House
from corral_daemon.link.inbox import Inbox
from corral_daemon.link.socket import Credentials, Link
from corral_daemon.ports import Unit
from corral_daemon.probing import Bench, Probe, Prober
from corral_daemon.reporting import SpoolReporter
from corral_daemon.serving import Manner, Parts, Stop, serve
from corral_daemon.spool.spool import Spool
from corral_daemon.steps.spawning import Spawner
from corral_daemon.steps.steps import Steps
from corral_protocol.capabilities import SystemInfo
from corral_protocol.outcome import Outcome
from corral_protocol.sessions import SessionsHeld
from corral_protocol.to_daemon import OfSession, TaskAssigned
from corral_protocol.to_hub import HeldUnit, ToHub
from tests.daemon.nobody import FakeMail, FakeRemote

DEADLINE = 20.0
Frame = dict[str, Any]


async def until(condition: Callable[[], bool], within: float = DEADLINE) -> None:
    """Wait for a condition, with a deadline."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - conditions of any kind, on either side of a socket
            await asyncio.sleep(0.005)


class FakeHub:
    """Accepts one key, remembers every frame, acknowledges as told."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.connections: list[ServerConnection] = []
        self.acked = 0
        self.acknowledges = True
        self.answers_pings = True
        self.heartbeat = 30.0
        self.features: tuple[str, ...] = ()
        self.refuse_with: int | None = None
        self.mute = False
        self._server: Server | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await listen(self._serve, "127.0.0.1", self.port, compression=None, max_size=32 << 20)
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        assert self._server
        self._server.close()
        await self._server.wait_closed()

    def of(self, kind: str) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == kind]

    async def say(self, frame: Frame | str) -> None:
        await self.connections[-1].send(frame if isinstance(frame, str) else json.dumps(frame))

    async def _serve(self, socket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            await self._talk(socket)

    async def _talk(self, socket: ServerConnection) -> None:
        self.frames.append(json.loads(await socket.recv()))
        if self.refuse_with:
            await socket.send('{"type":"error","code":"auth_refused","detail":"unknown key"}')
            await socket.close(self.refuse_with, "no")
            return
        if self.mute:
            await socket.wait_closed()
        await socket.send(
            json.dumps(
                {
                    "type": "auth_ok",
                    "acked_seq": self.acked,
                    "heartbeat": self.heartbeat,
                    "server_name": "s",
                    "features": self.features,
                }
            )
        )
        self.connections.append(socket)
        async for frame in socket:
            if isinstance(frame, bytes):
                await self.take_binary(socket, frame)
            else:
                await self._take(socket, json.loads(frame))

    async def take_binary(self, socket: ServerConnection, frame: bytes) -> None:
        """Terminals: see terminal_world.py."""

    async def _take(self, socket: ServerConnection, frame: Frame) -> None:
        self.frames.append(frame)
        if frame["type"] == "ping" and self.answers_pings:
            await socket.send('{"type":"pong"}')
        if "seq" in frame and self.acknowledges:
            self.acked = max(self.acked, frame["seq"])
            await socket.send(json.dumps({"type": "ack", "seq": self.acked}))


class FakeWork:
    """Implements ports.Work: holds units until a test ends them."""

    def __init__(self) -> None:
        self.units: dict[tuple[str, int], TaskAssigned] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.idle = asyncio.Event()
        self.idle.set()
        self.free = self.idle
        self.reporter: SpoolReporter | None = None
        self.hold = asyncio.Event()
        self.hold.set()

    async def assign(self, message: TaskAssigned) -> None:
        await self.hold.wait()
        self.calls.append(("assign", message.task_id, message.epoch))
        self.units[message.task_id, message.epoch] = message
        self.idle.clear()
        assert self.reporter
        await self.reporter.accepted(message, f"cookie-{message.task_id}")
        await self.reporter.started(unit_of(message), 4711, 1.0)

    async def end(self, task_id: str, epoch: int, outcome: Outcome | None = None) -> None:
        assert self.reporter
        await self.reporter.finished(unit_of(self.units[task_id, epoch]), outcome or Outcome(result={"ok": True}))
        del self.units[task_id, epoch]
        if not self.units:
            self.idle.set()

    async def cancel(self, task_id: str, epoch: int, reason: str, grace: float, after: float = 0.0) -> None:
        self.calls.append(("cancel", task_id, epoch, reason))

    async def refuse(self, task_id: str, epoch: int) -> None:
        self.calls.append(("refuse", task_id, epoch))

    def held(self) -> tuple[HeldUnit, ...]:
        return tuple(
            HeldUnit(task_id=unit.task_id, attempt=unit.attempt, epoch=unit.epoch) for unit in self.units.values()
        )

    def capacity(self) -> tuple[int, int]:
        return len(self.units), 2

    def drain(self) -> None:
        self.calls.append(("drain",))

    async def close(self, grace: float) -> None:
        self.calls.append(("close", grace))
        for task_id, epoch in list(self.units):
            await self.end(task_id, epoch)


class FakeTerminals:
    """Implements ports.Terminals: there are none."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.taken: list[bytes] = []

    def attach(self, say: Callable[[ToHub], None]) -> SessionsHeld:
        return SessionsHeld()

    async def serve(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        await asyncio.Event().wait()

    async def ship(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        await asyncio.Event().wait()

    def hear(self, message: OfSession) -> None:
        self.heard.append(message)

    def expect(self, session_id: str) -> None:
        self.heard.append(session_id)

    def take(self, frame: bytes) -> None:
        self.taken.append(frame)

    async def open(self) -> None:
        return None

    async def close(self) -> None:
        return None


def unit_of(message: TaskAssigned) -> Unit:
    return Unit(task_id=message.task_id, attempt=message.attempt, epoch=message.epoch, phase=message.phase)


class World:
    """One daemon in this process, its parts within reach."""

    def __init__(self, hub: FakeHub, state: Path) -> None:
        self.hub = hub
        self.work = FakeWork()
        self.terminals = FakeTerminals()
        self.mail = FakeMail()
        self.remote = FakeRemote()
        self.stop = Stop()
        self.spool = Spool.open(state)
        self.reporter = SpoolReporter(self.spool, lambda: 0.0)
        self.work.reporter = self.reporter
        self.nodes = Steps(dict, self.spool.append, Spawner(), state / "workspaces")
        self.tools: list[str] = ["git"]
        self.prober = Prober([Probe("tools", 0.05, self._probe)], Bench(Declared()), 2)
        inbox = Inbox()
        house = House(
            spool=self.spool,
            reporter=self.reporter,
            work=self.work,
            terminals=self.terminals,
            mail=self.mail,
            remote=self.remote,
            nodes=self.nodes,
            inbox=inbox,
            abilities=self.prober,
            measure=self._measure,
        )
        self.link = Link(Credentials(hub_url=hub.url, api_key="orc_secret", version="test"), house)
        self.parts = Parts(
            spool=self.spool,
            reporter=self.reporter,
            work=self.work,
            terminals=self.terminals,
            mail=self.mail,
            remote=self.remote,
            nodes=self.nodes,
            inbox=inbox,
            prober=self.prober,
            link=self.link,
            publish=self._publish,
        )

    async def run(self, once: bool = False) -> int:
        return await serve(self.parts, Manner(drain_grace=DEADLINE, kill_grace=1, once=once), self.stop)

    async def _probe(self, bench: Bench) -> Found:
        return Found(tools=tuple(self.tools))

    async def _measure(self) -> SystemInfo:
        return SystemInfo(cpu_count=2)

    async def _publish(self, link: Link) -> None:
        return None


@asynccontextmanager
async def world(state: Path, hub: FakeHub | None = None) -> AsyncIterator[World]:
    """A hub and a serving daemon; both are gone afterwards."""
    hub = hub or FakeHub()
    if not hub.port:
        await hub.start()
    here = World(hub, state)
    daemon = asyncio.create_task(here.run())
    try:
        yield here
    finally:
        here.stop.force()
        async with asyncio.timeout(DEADLINE):
            await asyncio.gather(daemon, return_exceptions=True)
        await hub.stop()


def assigned(task_id: str = "t1", epoch: int = 1, **more: Any) -> Frame:
    return {"type": "task_assigned", "task_id": task_id, "title": "work", "epoch": epoch, **more}
