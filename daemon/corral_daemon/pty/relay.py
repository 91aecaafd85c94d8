"""From the rings to the hub and back: output in frames as far as the windows allow, input straight to the PTY.

A bell says that a ring has more; the pump takes a frame of each session in turn, those with little to say first, so
that a flood in one does not keep a keystroke in another waiting. Nothing here waits for a consumer, for a program or
for the scribe; while the line has no room, nothing is taken from the rings.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from corral_daemon import clock
from corral_daemon.errors import DaemonError
from corral_daemon.ports import Line
from corral_daemon.pty import window
from corral_daemon.pty.ring import Overwritten
from corral_daemon.pty.screens import Screens
from corral_daemon.pty.session import Session
from corral_daemon.pty.stream import Lost, Stream
from corral_protocol.frames import HEADER, Kind, read_header

log = logging.getLogger(__name__)

Hold = Callable[[Session, int | None], None]
REST = 0.1
"""Seconds between two looks at a session whose output nobody takes: the scribe is content with that."""
_LITTLE = 4096
"""Bytes with which a session goes before those that have more."""
_SNAPSHOT_WITHIN = 5.0
_BEHIND = 1 << 16
"""Bytes that a viewer gets to see of a screen that nobody could draw."""
_RESET = b"\x1bc"


class Relay:
    def __init__(self, hold: Hold, screens: Screens) -> None:
        self._hold = hold
        self._screens = screens
        self._streams: dict[str, Stream] = {}
        self._channels: dict[int, Stream] = {}
        self._ready: dict[Stream, None] = {}
        self._line: Line | None = None
        self._turning: asyncio.Handle | None = None
        self._drawing: set[asyncio.Task[None]] = set()

    async def serve(self, line: Line) -> None:
        """Send what there is, for ever. When this is cancelled, everybody is given a moment to come back."""
        self._line = line
        line.on_room(self._go)
        self._go()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._line = None
            self._channels.clear()
            self._ready.clear()

    def watch(self, session: Session, channel: int, offset: int | None) -> None:
        """Begin to send from `offset` on, or from a snapshot. An earlier stream of the session ends."""
        self._drop(session.id)
        stream = Stream(session, channel, clock.steady())
        self._streams[session.id] = self._channels[channel] = stream
        if offset is None or not session.ring.tail <= offset <= session.ring.head:
            self._resync(stream)
            return
        try:
            stream.restart(offset, clock.steady())
        except Overwritten:
            self._resync(stream)
            return
        self._began(stream)

    def unwatch(self, session_id: str, channel: int) -> None:
        stream = self._streams.get(session_id)
        if stream is not None and stream.channel == channel:
            self._release(stream)

    def forget(self, session_id: str) -> None:
        if stream := self._streams.get(session_id):
            self._release(stream)

    def draw(self, session: Session, channel: int) -> None:
        """Send a snapshot besides the stream."""
        stream = self._channels.get(channel)
        if stream is not None and stream.session is session and not stream.asked:
            stream.asked = True
            self._spawn(self._draw(stream))

    def moved(self, session: Session) -> None:
        """There may be more in its ring."""
        ring = session.ring
        stream = self._streams.get(session.id)
        self._screens.moved(session.id, ring.head)
        if stream is None:
            session.rest(REST)
            return
        now = clock.steady()
        if (seconds := stream.gathers(now)) > 0:
            session.gather(seconds)
            return
        if stream.state.since is None and ring.head > stream.state.offset:
            stream.state = window.moved(stream.state, now)
            self._watch_over(stream)
        self._rouse(stream)

    def take(self, data: bytes) -> Session | None:
        """Act on a frame from the hub; return the session that could not take what was typed. Raises Malformed."""
        kind, channel, offset = read_header(data)
        stream = self._channels.get(channel)
        if stream is None:
            return None
        if kind is Kind.INPUT and not stream.session.keyboard.type(memoryview(data)[HEADER.size :]):
            return stream.session
        if kind is Kind.ACK:
            self._acknowledge(stream, offset)
        return None

    def close(self) -> None:
        for task in self._drawing:
            task.cancel()

    # -- the pump -------------------------------------------------------------------

    def _go(self) -> None:
        """Send now, unless a turn is due anyhow."""
        if self._turning is None:
            self._turn()

    def _turn(self) -> None:
        """One frame of each session that has any; the others of the loop have their turn before the next."""
        self._turning = None
        line = self._line
        for stream in sorted(self._ready, key=_is_bulk):
            if line is None or not line.has_room:
                return
            if (frame := self._next(stream)) is not None:
                self._ready[stream] = self._ready.pop(stream)  # to the end of the queue
                line.post(frame)
        if self._ready:
            self._turning = asyncio.get_running_loop().call_soon(self._turn)

    # -- one stream -----------------------------------------------------------------

    def _next(self, stream: Stream) -> bytes | None:
        before = stream.state
        try:
            frame = stream.next(clock.steady())
        except Lost:
            self._resync(stream)
            return None
        if stream.state.since != before.since or stream.state.patient is not before.patient:
            self._keep(stream)
            self._watch_over(stream)
        if frame is None:
            self._ready.pop(stream, None)
            self._suspect(stream)
            if stream.is_stuck:  # until the consumer says something, its bell has no news
                stream.session.rest(REST)
        return frame

    def _rouse(self, stream: Stream) -> None:
        if self._is_live(stream):
            self._ready[stream] = None
            self._go()

    def _is_live(self, stream: Stream) -> bool:
        """Whether the hub of this connection watches by it; after a reconnect its channel may be another's."""
        return self._channels.get(stream.channel) is stream

    def _acknowledge(self, stream: Stream, offset: int) -> None:
        before = stream.state
        ring = stream.session.ring
        stream.state = window.acknowledged(before, min(offset, stream.sent), ring.head, clock.steady())
        if stream.state is not before:
            self._keep(stream)
            self._watch_over(stream)
            if before.is_held_up:
                stream.session.listen()
                self._rouse(stream)

    def _keep(self, stream: Stream) -> None:
        """Tell the holder what the ring must keep, but not at every step: it is a message."""
        floor = stream.state.floor
        known = stream.held_from
        near = floor is not None and known is not None and 0 <= floor - known < stream.session.ring.capacity // 8
        if floor != known and not near:
            self._hold(stream.session, floor)
            stream.held_from = floor

    def _began(self, stream: Stream) -> None:
        self._keep(stream)
        self._watch_over(stream)
        stream.session.listen()
        self._rouse(stream)

    def _watch_over(self, stream: Stream) -> None:
        """Look again when patience with its consumer may be over."""
        due = window.due(stream.state)
        if due is not None and stream.timer is None:
            after = max(0.0, due - clock.steady())
            stream.timer = asyncio.get_running_loop().call_later(after, self._tick, stream)

    def _tick(self, stream: Stream) -> None:
        stream.timer = None
        if self._streams.get(stream.session.id) is not stream:
            return
        stream.state = window.tick(stream.state, clock.steady())
        self._keep(stream)
        if stream.state.patient:
            self._watch_over(stream)
        elif not self._is_live(stream):  # the hub has not come back for it
            self._release(stream)

    def _suspect(self, stream: Stream) -> None:
        """Do not hold a possible beginning of a secret back for ever."""
        after = stream.suspicion()
        if after is not None:
            asyncio.get_running_loop().call_later(after, self._trust, stream, stream.state.offset)

    def _trust(self, stream: Stream, offset: int) -> None:
        if stream.state.offset == offset and self._is_live(stream) and (frame := stream.flush()):
            stream.pending.append(frame)
            self._rouse(stream)

    def _release(self, stream: Stream) -> None:
        self._drop(stream.session.id)
        if stream.held_from is not None:
            self._hold(stream.session, None)

    def _drop(self, session_id: str) -> None:
        stream = self._streams.pop(session_id, None)
        if stream is not None:
            self._channels.pop(stream.channel, None)
            self._ready.pop(stream, None)

    # -- snapshots ------------------------------------------------------------------

    def _resync(self, stream: Stream) -> None:
        if not stream.drawing:
            stream.drawing = True
            self._ready.pop(stream, None)
            self._spawn(self._begin_again(stream))

    async def _begin_again(self, stream: Stream) -> None:
        """Draw the screen, go on where the drawing stands. What it stands for is kept as long as patience allows."""
        while True:
            stream.restart(stream.session.ring.head, clock.steady())
            stream.state = window.moved(stream.state, clock.steady())
            self._keep(stream)
            self._watch_over(stream)
            drawn = await self._snapshot(stream.session.id)
            if self._streams.get(stream.session.id) is not stream:
                return
            offset, data = drawn or _poor_drawing(stream.session)
            try:
                stream.restart(offset, clock.steady())
            except Overwritten:
                continue
            stream.draw(offset, data)
            stream.drawing = False
            self._began(stream)
            return

    async def _draw(self, stream: Stream) -> None:
        drawn = await self._snapshot(stream.session.id)
        stream.asked = False
        if drawn and self._streams.get(stream.session.id) is stream:
            stream.draw(*drawn)
            self._rouse(stream)

    async def _snapshot(self, session_id: str) -> tuple[int, bytes] | None:
        try:
            async with asyncio.timeout(_SNAPSHOT_WITHIN):
                drawn = await self._screens.snapshot(session_id)
        except (OSError, DaemonError, TimeoutError) as error:
            log.warning("event=no_snapshot session_id=%s reason=%r", session_id, str(error))
            return None
        return drawn.offset, drawn.data

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._drawing.add(task)
        task.add_done_callback(self._drawn)

    def _drawn(self, task: asyncio.Task[None]) -> None:
        self._drawing.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("event=drawing_broke", exc_info=error)


def _is_bulk(stream: Stream) -> bool:
    return stream.session.ring.head - stream.state.offset > _LITTLE


def _poor_drawing(session: Session) -> tuple[int, bytes]:
    """Without the scribe: a cleared screen, then the last of what there was."""
    return max(session.ring.tail, session.ring.head - _BEHIND), _RESET
