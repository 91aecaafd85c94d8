"""A real daemon, a real holder and a hub on a WebSocket: killed, restarted, flooded."""

import hashlib
import json
import sys
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from corral_daemon.pty.dismiss import dismiss
from corral_protocol.codec import encode
from corral_protocol.frames import Kind, pack, unpack
from corral_protocol.sessions import (
    SessionForget,
    SessionLook,
    SessionSnapshot,
    SessionStart,
    SessionWatch,
)
from corral_protocol.vocabulary import Feature
from tests.daemon.daemon_world import FakeHub, Frame, until
from tests.daemon.terminal_world import MIB, Viewed, gone, holder_pid

ROOT = Path(__file__).parents[2]
RAW = "stty raw -echo; "


class TerminalHub(FakeHub):
    """Watches every session it is told of, from where it is with it."""

    def __init__(self) -> None:
        super().__init__()
        self.features = (Feature.SESSIONS.value,)
        self.views: dict[str, Viewed] = {}
        self.channels: dict[int, str] = {}
        self.held: dict[str, Frame] = {}
        self.greeted = 0

    async def tell(self, message: Any) -> None:
        await self.say(json.dumps(encode(message)))

    async def start_session(self, session_id: str, script: str) -> Viewed:
        self.views[session_id] = Viewed(keep=False)
        await self.tell(SessionStart(session_id=session_id, argv=("sh", "-c", script)))
        await self.watch(session_id)
        return self.views[session_id]

    async def watch(self, session_id: str) -> None:
        channel = list(self.views).index(session_id) + 1
        self.channels[channel] = session_id
        view = self.views[session_id]
        await self.tell(SessionWatch(session_id=session_id, channel=channel, offset=view.end))

    async def enter(self, session_id: str, data: bytes) -> None:
        channel = next(number for number, name in self.channels.items() if name == session_id)
        await self.connections[-1].send(pack(Kind.INPUT, channel, 0, data))

    async def take_up_again(self, session_id: str) -> None:
        view = self.views[session_id]
        view.acks = True
        channel = next(number for number, name in self.channels.items() if name == session_id)
        await self.connections[-1].send(pack(Kind.ACK, channel, view.end))

    async def _take(self, socket: ServerConnection, frame: Frame) -> None:
        await super()._take(socket, frame)
        if frame["type"] == "sessions_held":
            self.held = {held["session_id"]: held for held in frame["sessions"]}
            for session_id in self.held:
                await self.watch(session_id)
            self.greeted += 1

    async def take_binary(self, socket: ServerConnection, frame: bytes) -> None:
        kind, channel, offset, payload = unpack(frame)
        view = self.views[self.channels[channel]]
        view.take(kind, offset, payload)
        if (upto := view.answer) is not None:
            await socket.send(pack(Kind.ACK, channel, upto))

    def closed(self, session_id: str) -> Frame | None:
        return next((frame for frame in self.of("session_closed") if frame["session_id"] == session_id), None)


class Machine:
    """A state folder with a daemon that can be killed."""

    def __init__(self, state: Path, hub: TerminalHub) -> None:
        self.state = state
        self.hub = hub
        self.daemon: Process | None = None

    async def start(self) -> None:
        greeted = self.hub.greeted
        with (self.state / "daemon.log").open("ab") as log:
            self.daemon = await create_subprocess_exec(
                sys.executable, "-m", "tests.daemon.terminal_daemon", str(self.state), self.hub.url,
                cwd=ROOT, stdin=DEVNULL, stderr=log,
            )  # fmt: skip
        await until(lambda: self.hub.greeted > greeted)

    async def kill(self) -> None:
        assert self.daemon
        self.daemon.kill()
        await self.daemon.wait()


@asynccontextmanager
async def machine(state: Path) -> AsyncIterator[Machine]:
    hub = TerminalHub()
    await hub.start()
    here = Machine(state, hub)
    try:
        await here.start()
        yield here
    finally:
        try:
            await _close(here)
        finally:  # after a failure there may be no daemon to tell, and its terminals print for ever
            if here.daemon and here.daemon.returncode is None:
                await here.kill()
            await hub.stop()
            dismiss(state)


async def _close(here: Machine) -> None:
    for session_id in here.hub.views:
        await here.hub.tell(SessionForget(session_id=session_id))
    await until(lambda: not here.daemon or here.daemon.returncode is not None or bool(here.hub.connections))
    assert here.daemon
    here.daemon.terminate()
    await here.daemon.wait()
    await gone(here.state)


def rss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    return 0


COUNTER = "i=0; while [ ! -e {stop} ]; do i=$((i+1)); echo line $i of {name}; sleep 0.002; done; echo end $i"


@pytest.mark.slow
async def test_no_byte_is_lost_or_doubled_when_the_daemon_is_killed_twenty_times(tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    async with machine(tmp_path) as here:
        hub = here.hub
        names = [f"s{number}" for number in range(10)]
        for name in names:
            view = await hub.start_session(name, COUNTER.format(stop=stop, name=name))
            view.keep = True
        await until(lambda: len(hub.of("session_started")) == 10)
        pids = {frame["session_id"]: frame["pid"] for frame in hub.of("session_started")}
        for _ in range(20):
            before = {name: hub.views[name].end for name in names}
            await until(lambda before=before: all(hub.views[name].end > before[name] for name in names))
            await here.kill()
            await here.start()
            assert {name: held["pid"] for name, held in hub.held.items()} == pids
        stop.touch()
        await until(lambda: all(hub.closed(name) for name in names))
        for name in names:
            view, closed = hub.views[name], hub.closed(name)
            assert closed
            await until(lambda view=view, closed=closed: view.end == closed["offset"])
            lines = view.data.decode().split("\r\n")
            count = len(lines) - 2
            assert lines == [*(f"line {number} of {name}" for number in range(1, count + 1)), f"end {count}", ""]
            assert closed["exit_code"] == 0
            assert not view.snapshots


@pytest.mark.parametrize(
    "size", [60 * MIB, pytest.param(500 * 1_000_000, marks=pytest.mark.slow)], ids=["60 MiB", "500 MB"]
)
async def test_memory_stays_flat_in_a_flood(tmp_path: Path, size: int) -> None:
    async with machine(tmp_path) as here:
        hub = here.hub
        warm = await hub.start_session("warm", f"{RAW}head -c {8 * MIB} /dev/zero")
        await until(lambda: warm.end == 8 * MIB)
        through = tmp_path / "through"  # its program is not held up for ever: it was let go
        paused = await hub.start_session("paused", f"{RAW}head -c {size} /dev/zero; touch {through}; sleep 600")
        taking = await hub.start_session("taking", f"{RAW}head -c {size} /dev/zero | tr '\\0' x")
        paused.acks = False
        holder = holder_pid(tmp_path)
        assert holder and here.daemon
        before = {pid: rss(pid) for pid in (holder, here.daemon.pid)}
        await until(lambda: taking.end >= size, within=120.0)
        growth = {pid: rss(pid) - earlier for pid, earlier in before.items()}
        print("growth in MiB:", [number / MIB for number in growth.values()])
        assert max(growth.values()) <= 32 * MIB
        assert taking.digest.digest() == hashlib.sha256(b"x" * size).digest()
        await until(through.exists, within=120.0)
        assert paused.end <= 2 * MIB
        await hub.take_up_again("paused")
        await until(lambda: bool(paused.snapshots) and paused.end == size)


async def test_somebody_looks_at_the_screen(tmp_path: Path) -> None:
    async with machine(tmp_path) as here:
        hub = here.hub
        view = await hub.start_session("s1", f"{RAW}printf 'hello \\033[1mworld'; exec cat")
        await until(lambda: view.end > 0)
        await hub.tell(SessionLook(session_id="s1", request_id="r1"))
        await until(lambda: bool(hub.of("session_screen")))
        screen = hub.of("session_screen")[0]
        assert (screen["request_id"], screen["lines"][0], screen["offset"]) == ("r1", "hello world", view.end)
        await hub.tell(SessionSnapshot(session_id="s1", channel=1))
        await until(lambda: bool(view.snapshots))
        assert view.snapshots[0][0] == view.end and b"hello" in view.snapshots[0][1]


async def test_frames_in_the_wrong_place_do_no_harm(tmp_path: Path) -> None:
    async with machine(tmp_path) as here:
        hub = here.hub
        view = await hub.start_session("s1", f"{RAW}printf ready; exec cat")
        view.keep = True
        await until(lambda: bytes(view.data) == b"ready")
        for frame in (b"", b"\x09" * 20, pack(Kind.INPUT, 77, 0, b"x"), pack(Kind.ACK, 1, 10**15), b"\x02\0\0\0\1"):
            await hub.connections[-1].send(frame)
        await hub.connections[-1].send(
            json.dumps({"type": "session_resize", "session_id": "s1", "cols": 0, "rows": -1})
        )
        await hub.enter("s1", b"still here")
        await until(lambda: bytes(view.data) == b"readystill here")
