"""A hub that watches terminals: it keeps what it gets, and insists that no byte is missing and none comes twice."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from corral_daemon.agents.adapter import Adapter
from corral_daemon.ports import RunnerSettings
from corral_daemon.processes import table
from corral_daemon.pty import folder
from corral_daemon.pty.launch import Means
from corral_daemon.pty.ring import Ring
from corral_daemon.pty.sessions import Sessions
from corral_daemon.recording.shipper import Shipper
from corral_protocol.frames import PAYLOAD_LIMIT, Kind, pack, unpack
from corral_protocol.sessions import SessionForget, SessionsHeld, SessionStart, SessionWatch
from corral_protocol.to_hub import ToHub
from tests.daemon.daemon_world import until

MIB = 1 << 20
T = TypeVar("T", bound=ToHub)


@dataclass(frozen=True)
class Drawn:
    offset: int
    data: bytes


@dataclass(frozen=True)
class Seen:
    offset: int
    lines: tuple[str, ...]
    cols: int
    rows: int
    cursor: tuple[int, ...] = (0, 0)
    title: str | None = None
    alternate: bool = False
    shown: bool = True
    pastes: bool = False
    bells: int = 0
    notice: str = ""


class FakeScreens:
    """Draws a screen as the words `screen at OFFSET`; implements pty.screens.Screens."""

    def __init__(self) -> None:
        self.rings: dict[str, Ring] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.heads: dict[str, int] = {}
        self.broken = False

    async def open(
        self, session_id: str, ring_fd: int, cols: int, rows: int, secrets: tuple[str, ...], record: Any = None
    ) -> None:
        self.rings[session_id] = Ring(os.dup(ring_fd))
        self.calls.append(("open", session_id, cols, rows, secrets))

    def resize(self, session_id: str, offset: int, cols: int, rows: int) -> None:
        self.calls.append(("resize", session_id, cols, rows))

    def moved(self, session_id: str, head: int) -> None:
        self.heads[session_id] = head

    async def snapshot(self, session_id: str) -> Drawn:
        if self.broken:
            raise OSError("the scribe is away")
        head = self.rings[session_id].head
        return Drawn(head, b"screen at %d" % head)

    async def look(self, session_id: str, lines: int | None) -> Seen:
        if self.broken:
            raise OSError("the scribe is away")
        return Seen(self.rings[session_id].head, ("$ ls",), 80, 24)

    def record(self, session_id: str, *, on: bool, limit: int) -> None:
        self.calls.append(("record", session_id, on, limit))

    def ended(self, session_id: str) -> None:
        self.calls.append(("ended", session_id))

    def forget(self, session_id: str) -> None:
        self.rings.pop(session_id).close()

    async def close(self) -> None:
        for ring in self.rings.values():
            ring.close()
        self.rings.clear()


@dataclass
class Viewed:
    """What the hub has of one channel. `begin` and `end` are offsets; `keep` off: only count and hash."""

    begin: int | None = None
    end: int = 0
    keep: bool = True
    data: bytearray = field(default_factory=bytearray)
    digest: Any = field(default_factory=sha256)
    snapshots: list[tuple[int, bytes]] = field(default_factory=list)
    acks: bool = True
    acked: int = 0

    @property
    def answer(self) -> int | None:
        """What to acknowledge now, if anything: no sooner than has to be."""
        if not self.acks or self.end - self.acked < PAYLOAD_LIMIT:
            return None
        self.acked = self.end
        return self.end

    def take(self, kind: Kind, offset: int, payload: bytes) -> None:
        if kind is Kind.SNAPSHOT:
            self.snapshots.append((offset, payload))
            self.begin, self.end, self.acked = offset, offset, offset
            return
        assert kind is Kind.OUTPUT
        if self.begin is None:
            self.begin = self.end = self.acked = offset
        assert offset == self.end, f"{offset - self.end} bytes between {self.end} and {offset}"
        self.end += len(payload)
        self.digest.update(payload)
        if self.keep:
            self.data += payload


class Hub:
    """The other end of the sessions, without a socket between."""

    def __init__(self) -> None:
        self.messages: list[ToHub] = []
        self.views: dict[int, Viewed] = {}
        self.has_room = True
        self.wrong: list[BaseException] = []
        self.answer: Callable[[bytes], None] = lambda frame: None
        self._roomy: Callable[[], None] = lambda: None

    def of(self, kind: type[T]) -> list[T]:
        return [message for message in self.messages if isinstance(message, kind)]

    def view(self, channel: int) -> Viewed:
        return self.views.setdefault(channel, Viewed())

    def post(self, frame: bytes) -> None:
        assert self.has_room, "whoever posts looks before whether there is room"
        asyncio.get_running_loop().call_soon(self._take, frame)

    def on_room(self, roomy: Callable[[], None]) -> None:
        self._roomy = roomy

    def pause(self) -> None:
        self.has_room = False

    def go_on(self) -> None:
        self.has_room = True
        self._roomy()

    def _take(self, data: bytes) -> None:
        frame = unpack(data)
        view = self.view(frame.channel)
        try:
            view.take(frame.kind, frame.offset, frame.payload)
        except AssertionError as error:  # raised again where the test ends
            self.wrong.append(error)
        if (upto := view.answer) is not None:
            self.answer(pack(Kind.ACK, frame.channel, upto))


class World:
    """The sessions of one state folder, in this process, and a hub."""

    def __init__(self, state: Path, sessions: Sessions, screens: FakeScreens) -> None:
        self.state = state
        self.adapters: Mapping[str, Adapter] = {}
        self.hub = Hub()
        self.sessions = sessions
        self.screens = screens
        self.held = SessionsHeld()
        self._serving: asyncio.Task[None] | None = None
        self._channel = 0

    def connect(self) -> None:
        self.held = self.sessions.attach(self.hub.messages.append)
        self.hub.answer = self.sessions.take
        self._serving = asyncio.create_task(self.sessions.serve(self.hub))

    async def disconnect(self) -> None:
        assert self._serving
        self._serving.cancel()
        with suppress(asyncio.CancelledError):
            await self._serving

    def start(self, session_id: str, *argv: str, watch: bool = True, **more: Any) -> Viewed:
        self.sessions.hear(SessionStart(session_id=session_id, argv=argv, **more))
        return self.watch(session_id, 0) if watch else Viewed()

    def watch(self, session_id: str, offset: int | None = None) -> Viewed:
        self._channel += 1
        self.sessions.hear(SessionWatch(session_id=session_id, channel=self._channel, offset=offset))
        return self.hub.view(self._channel)

    def enter(self, channel: int, data: bytes) -> None:
        self.sessions.take(pack(Kind.INPUT, channel, 0, data))

    async def heard(self, kind: type[T], session_id: str) -> T:
        """Wait for a message about a session; return the last one of this kind."""
        await until(lambda: any(message.session_id == session_id for message in self.hub.of(kind)))
        return [message for message in self.hub.of(kind) if message.session_id == session_id][-1]


def make(state: Path, *, adapters: Mapping[str, Adapter] | None = None, ring: int = MIB, **more: Any) -> World:
    settings = RunnerSettings(state_dir=state, hub_url="http://hub", grace=2.0, **more)
    screens = FakeScreens()
    means = Means(settings=settings, adapters=adapters or {}, base={"PATH": os.environ["PATH"], "HOME": str(state)})
    made = World(state, Sessions(means, ring, screens, Shipper(state / "recordings", MIB)), screens)
    made.adapters = means.adapters
    return made


@asynccontextmanager
async def world(state: Path, **more: Any) -> AsyncIterator[World]:
    """Sessions with a hub that watches. Afterwards nothing runs any more."""
    here = make(state, **more)
    try:
        await here.sessions.open()
        here.connect()
        yield here
    finally:
        await here.disconnect()
        await end_all(here)
        await here.sessions.close()
        await gone(state)
    for wrong in here.hub.wrong:
        raise wrong


async def end_all(here: World) -> None:
    for held in here.sessions.attach(here.hub.messages.append).sessions:
        here.sessions.hear(SessionForget(session_id=held.session_id))


def holder_pid(state: Path) -> int | None:
    """The pid of the holder; its wardens are forks of it and look the same, but for their parents."""
    place = os.fsencode(folder.folder(state))
    alike = {pid: process for pid, process in table.read().items() if place in _command(pid) and not process.zombie}
    return next((pid for pid, process in alike.items() if process.ppid not in alike), None)


def _command(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


async def gone(state: Path) -> None:
    """The holder ends by itself with its last session."""
    await until(lambda: holder_pid(state) is None)
