"""The live connections to daemons: one a server, the newest wins. In memory only."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

import orjson
import structlog
from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect

from corral_hub.accounts.model import Machine
from corral_hub.gateway import older
from corral_hub.gateway.wire import Wire
from corral_protocol.codec import encode
from corral_protocol.nodes import HeldNode, NodeAssigned
from corral_protocol.to_daemon import Ack, ToDaemon
from corral_protocol.vocabulary import Feature

log = structlog.get_logger()
Work = Callable[[], Coroutine[Any, Any, None]]
AUTH_REFUSED = 4401
LOST = 4408
SUPERSEDED = 4409
GOING_AWAY = 1001
TRY_AGAIN = 1013
LANE = 1000
ACK_WITHIN = 0.005
"""Seconds. Nobody waits for an acknowledgement: until it comes the daemon keeps what it has said."""
CROWDED = 1 << 20
"""Bytes of typed input that wait for a daemon; whoever types more waits too."""
BACKLOG = 20_000
"""Messages that wait for a daemon which does not read; one more, and it has to connect again."""


class Link:
    """One daemon's socket. Sending never waits: what the socket has no room for queues up, a task ships it in order.

    `given`: nodes that were sent on it, until the daemon has said what it holds.
    """

    def __init__(
        self, socket: WebSocket, wire: Wire, machine: Machine, features: frozenset[str], spool_id: str | None
    ) -> None:
        self.machine = machine
        self.server_id = machine.server_id
        self.name = machine.name
        self.features = features
        self.spool_id = spool_id
        self.last_seq = 0
        self.given: set[HeldNode] = set()
        self.note_given = Feature.NODES.value in features
        self._socket = socket
        self._wire = wire
        self._shipping = False
        self._waiting: deque[str | bytes] = deque()
        self._bytes_waiting = 0
        self._arrived = asyncio.Event()
        self._roomy = asyncio.Event()
        self._roomy.set()
        self._lane: asyncio.Queue[Work] = asyncio.Queue(LANE)
        self._closing: tuple[int, str] | None = None
        self._ack_due: int | None = None

    def has(self, feature: Feature) -> bool:
        return feature.value in self.features

    def send(self, message: ToDaemon) -> None:
        if self.note_given and isinstance(message, NodeAssigned):
            self.given.add(HeldNode(run_id=message.run_id, key=message.key, attempt=message.attempt))
        frame = encode(message) if self.features else older.frame(message)
        if frame is None:
            return
        if len(self._waiting) >= BACKLOG:
            self.close(TRY_AGAIN, "too much is waiting to be read; connect again")
            return
        self._put(orjson.dumps(frame).decode())

    def send_bytes(self, frame: bytes) -> None:
        if self._put(frame):
            return
        self._bytes_waiting += len(frame)
        if self._bytes_waiting > CROWDED:
            self._roomy.clear()

    def _put(self, frame: str | bytes) -> bool:
        """Send it now, if nothing waits before it; return whether it was sent."""
        if self._wire.has_room and not (self._waiting or self._shipping or self._closing):
            self._wire.post(frame)
            return True
        self._waiting.append(frame)
        self._arrived.set()
        return False

    @property
    def has_room(self) -> bool:
        return self._roomy.is_set()

    async def room(self) -> None:
        """Return once what waits for this daemon is not too much, or nothing is sent any more."""
        await self._roomy.wait()

    def ack(self, seq: int) -> None:
        """Acknowledge up to `seq`, soon; one message for everything that was committed by then."""
        if self._ack_due is None:
            asyncio.get_running_loop().call_later(ACK_WITHIN, self._send_ack)
        self._ack_due = seq

    def _send_ack(self) -> None:
        if self._ack_due is not None:
            self.send(Ack(seq=self._ack_due))
            self._ack_due = None

    @property
    def closing(self) -> bool:
        return self._closing is not None

    def close(self, code: int, reason: str) -> None:
        """Say no more, and close: what still waits is sent again to the next connection, if it is to be sent at all."""
        self._closing = (code, reason)
        self._arrived.set()

    async def write(self) -> None:
        """Ship queued messages until the link is closed."""
        try:
            while self._closing is None:
                await self._arrived.wait()
                self._arrived.clear()
                while self._waiting and self._closing is None:
                    await self._ship(self._waiting.popleft())
            await self._socket.close(*self._closing)
        except (WebSocketDisconnect, RuntimeError):
            return  # the peer has gone; the reader notices and cleans up
        finally:
            self._roomy.set()

    async def _ship(self, frame: str | bytes) -> None:
        self._shipping = True
        if isinstance(frame, str):
            await self._socket.send_text(frame)
        else:
            await self._socket.send_bytes(frame)
            self._shipped(frame)
        self._shipping = False

    def _shipped(self, frame: bytes) -> None:
        self._bytes_waiting -= len(frame)
        if self._bytes_waiting <= CROWDED:
            self._roomy.set()

    async def later(self, work: Work) -> None:
        """Do this after what came before it, and go on reading: what must be committed holds no terminal up."""
        await self._lane.put(work)

    async def work(self) -> None:
        """Do what was put off, in order. What fails ends the connection: the daemon says it all again.

        What has begun is finished, also when the connection ends: it may be committed already.
        """
        while True:
            work = await self._lane.get()
            try:
                await asyncio.shield(asyncio.ensure_future(work()))
            except Exception:
                log.exception("message_not_applied", server=self.name)
                self.close(TRY_AGAIN, "nothing was committed; connect again")


class LinkRegistry:
    """Finds the link of a server. `flush` is set by the composition root: it empties a server's outbox."""

    def __init__(self) -> None:
        self._links: dict[UUID, Link] = {}
        self.on_flush: Callable[[UUID], Any] = lambda _: None

    def open(self, link: Link) -> None:
        """Enter a link; an older one of the same server is closed."""
        older = self._links.get(link.server_id)
        self._links[link.server_id] = link
        if older is not None:
            older.close(SUPERSEDED, "a newer connection of this server took over")

    def close(self, link: Link) -> bool:
        """Take a link out; False if a newer one is there already."""
        if self._links.get(link.server_id) is not link:
            return False
        del self._links[link.server_id]
        return True

    def get(self, server_id: UUID) -> Link | None:
        return self._links.get(server_id)

    def send(self, server_id: UUID, message: ToDaemon) -> None:
        link = self._links.get(server_id)
        if link is not None:
            link.send(message)

    def send_bytes(self, server_id: UUID, frame: bytes) -> None:
        link = self._links.get(server_id)
        if link is not None:
            link.send_bytes(frame)

    def has(self, server_id: UUID, feature: Feature) -> bool:
        """Whether the server is connected and agreed on this."""
        link = self._links.get(server_id)
        return link is not None and link.has(feature)

    def cut(self, server_id: UUID, code: int, reason: str) -> None:
        """Close the server's connection, if it has one; nothing is sent on it any more."""
        link = self._links.pop(server_id, None)
        if link is not None:
            link.close(code, reason)

    def flush(self, server_id: UUID) -> None:
        if server_id in self._links:
            self.on_flush(server_id)

    def close_all(self, code: int = GOING_AWAY, reason: str = "the hub is going down") -> None:
        for link in list(self._links.values()):
            link.close(code, reason)
