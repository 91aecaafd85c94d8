"""One authenticated connection, from the greeting to its end: a receiver, a sender, a clock, an announcer."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from corral_daemon import clock
from corral_daemon.link import liveness
from corral_daemon.link.handlers import Desk, handle
from corral_daemon.link.inbox import Inbox
from corral_daemon.link.liveness import Due
from corral_daemon.link.wire import Wire
from corral_daemon.ports import Mail, Nodes, Remote, Terminals, Work
from corral_daemon.reporting import SpoolReporter
from corral_daemon.spool.spool import Spool
from corral_protocol.capabilities import Capabilities, SystemInfo
from corral_protocol.codec import Malformed, decode_tagged, encode
from corral_protocol.nodes import HeldNode
from corral_protocol.remote import is_remote
from corral_protocol.to_daemon import TO_DAEMON, AuthOk, Error, ToDaemon
from corral_protocol.to_hub import Announce, Auth, Heartbeat, Ping, Reconcile, ToHub
from corral_protocol.vocabulary import Feature

log = logging.getLogger(__name__)

FEATURES = (
    Feature.UNITS, Feature.ACKS, Feature.RECONCILE, Feature.SESSIONS, Feature.REMOTE, Feature.RECORDINGS, Feature.NODES,
)  # fmt: skip
GREETING_WITHIN = 10.0
CLOSE_CODE_WITHIN = 2.0
BATCH = 256
INBOX_PATIENCE = 1.0


class HubSilent(Exception):
    """Nothing answered a ping: the socket is half open."""


class GreetingFailed(Exception):
    """The hub's first answer was not `auth_ok`."""


class Abilities(Protocol):
    """What this machine can do, now and whenever it changes."""

    def current(self) -> Capabilities: ...

    async def changed(self, known: Capabilities) -> Capabilities: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every connection of this daemon shares."""

    spool: Spool
    reporter: SpoolReporter
    work: Work
    terminals: Terminals
    mail: Mail
    remote: Remote
    nodes: Nodes
    inbox: Inbox
    abilities: Abilities
    measure: Callable[[], Awaitable[SystemInfo]]


async def greet(socket: Wire, api_key: str, version: str, spool_id: str) -> AuthOk:
    """Say who we are. Raises GreetingFailed, TimeoutError, ConnectionClosed (4401: the key was refused)."""
    features = tuple(feature.value for feature in FEATURES)
    await socket.send(_text(Auth(api_key=api_key, features=features, agent_version=version, spool_id=spool_id)))
    async with asyncio.timeout(GREETING_WITHIN):
        frame = await socket.recv()
    answer = read(frame)
    if isinstance(answer, AuthOk):
        return answer
    with suppress(TimeoutError):  # the close code says more than the message before it
        await asyncio.wait_for(socket.wait_closed(), CLOSE_CODE_WITHIN)
    detail = f"{answer.code}: {answer.detail}" if isinstance(answer, Error) else "it is not a Corral hub, or too old"
    raise GreetingFailed(f"the hub did not accept the greeting ({detail})")


def read(frame: str | bytes) -> ToDaemon | None:
    """Return the message in `frame`, or None for one that cannot be used, after saying so in the log."""
    try:
        return decode_tagged(TO_DAEMON, json.loads(frame))
    except (Malformed, ValueError, RecursionError) as error:
        log.warning("event=frame_unusable reason=%r length=%d", str(error)[:200], len(frame))
        return None


class Conversation:
    """`heard` is called with the steady time of every frame that arrives."""

    def __init__(self, house: House, socket: Wire, hello: AuthOk, after: int, heard: Callable[[float], None]) -> None:
        self._house = house
        self._socket = socket
        self._after = after
        self._heard = heard
        self._has_recordings = Feature.RECORDINGS.value in hello.features
        self._has_sessions = Feature.SESSIONS.value in hello.features
        self._has_remote = Feature.REMOTE.value in hello.features
        self._has_nodes = Feature.NODES.value in hello.features
        self._life = liveness.begin(clock.steady(), hello.heartbeat)
        self._held: tuple[HeldNode, ...] = ()
        self._answers: asyncio.Queue[ToHub] = asyncio.Queue()
        self._desk = Desk(
            spool=house.spool,
            reporter=house.reporter,
            work=house.work,
            terminals=house.terminals,
            mail=house.mail,
            remote=house.remote,
            nodes=house.nodes,
            inbox=house.inbox,
            say=self._answers.put_nowait,
        )

    async def run(self) -> None:
        """Talk until the connection ends; raises ExceptionGroup of ConnectionClosed, HubSilent."""
        try:
            await self._talk()
        finally:
            self._house.nodes.detach()

    async def _talk(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            if self._has_sessions:
                self._answers.put_nowait(self._house.terminals.attach(self._answers.put_nowait))
                tasks.create_task(self._house.terminals.serve(self._socket))
            if self._has_remote:
                tasks.create_task(self._house.remote.serve(self._socket.send, self._send))
            if self._has_recordings:
                tasks.create_task(self._house.terminals.ship(self._socket.send))
            tasks.create_task(self._answer())
            tasks.create_task(self._receive())
            tasks.create_task(self._tick())
            tasks.create_task(self._speak())

    async def _speak(self) -> None:
        known = self._house.abilities.current()
        await self._send(Announce(capabilities=known))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._announce(known))
            tasks.create_task(self._ship())

    async def _receive(self) -> None:
        self._socket.listen(self._take)
        while True:
            self._take(await self._socket.recv())

    def _take(self, frame: str | bytes) -> None:
        now = clock.steady()
        self._life = liveness.hear(self._life, now)
        self._heard(now)
        if isinstance(frame, bytes):
            (self._house.remote if is_remote(frame) else self._house.terminals).take(frame)
        elif (message := read(frame)) is not None:
            handle(self._desk, message)

    async def _ship(self) -> None:
        """Replay what is not acknowledged, say what we hold, then send each record as soon as it is committed."""
        await self._house.inbox.settled(INBOX_PATIENCE)
        while await self._ship_batch():
            pass
        # No await between the end of the replay and this list: a unit is in one of the two.
        await self._send(Reconcile(units=self._house.work.held()))
        if self._has_nodes:
            self._house.nodes.attach(self._answers.put_nowait)
            await self._send(self._house.nodes.held())
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._life.heartbeat):
                    await self._house.spool.grown(self._after)
            if not await self._ship_batch() and self._has_nodes:
                await self._hold_again()

    async def _hold_again(self) -> None:
        """For a heartbeat nothing has ended: say what is held, unless it is nothing as before."""
        held = self._house.nodes.held(again=True)
        if held.nodes or self._held:
            self._held = held.nodes
            await self._send(held)

    async def _ship_batch(self) -> bool:
        """Send the next records; return whether there were any."""
        committed = self._house.spool.last_seq
        if committed <= self._after:
            return False
        records = await self._house.spool.unacked(self._after, BATCH)
        if records and self._socket.post_texts([record.frame for record in records]):
            self._after = records[-1].seq
            return True
        for record in records:
            await self._socket.send(record.frame)
            self._after = record.seq
        if not records:  # acknowledged meanwhile, or forgotten one by one
            self._after = committed
        return True

    async def _announce(self, known: Capabilities) -> None:
        while True:
            known = await self._house.abilities.changed(known)
            await self._send(Announce(capabilities=known))

    async def _answer(self) -> None:
        while True:
            await self._send(await self._answers.get())

    async def _tick(self) -> None:
        while True:
            self._life, todo = liveness.due(self._life, clock.steady(), clock.chance())
            for what in todo:
                await self._do(what)
            await asyncio.sleep(max(0.0, liveness.wake_at(self._life) - clock.steady()))

    async def _do(self, what: Due) -> None:
        if what is Due.DEAD:
            raise HubSilent(f"no answer to a ping within {liveness.PONG_WITHIN:.0f} s")
        if what is Due.PING:
            await self._send(Ping())
        else:
            await self._send(Heartbeat(system_info=await self._house.measure()))

    async def _send(self, message: ToHub) -> None:
        await self._socket.send(_text(message))


def _text(message: ToHub) -> str:
    return json.dumps(encode(message), separators=(",", ":"))
