"""One session's output on its way to the hub: what of it was taken from the ring, masked, sent, acknowledged."""

import asyncio
from collections import deque

from corral_daemon.masking import Masker
from corral_daemon.pty import window
from corral_daemon.pty.ring import Overwritten
from corral_daemon.pty.session import Session
from corral_daemon.pty.window import FRAME, Resync, Send
from corral_protocol.frames import Kind, pack

_LONGEST_SECRET = 1 << 12
_SUSPICIOUS = 4
_BRIEFLY = 0.01
_MUCH = 2048
_GATHER = 0.001
"""Seconds that output gathers after a frame of so much: a flood of short lines would be thousands of small frames."""
_LONGER = 0.5


class Lost(Exception):
    """The next bytes are gone: the consumer needs a snapshot."""


class Stream:
    """`channel` is what the hub calls it. `drawing`: it waits for a snapshot to go on from; `asked`: for one besides.

    Bytes are counted when they are taken from the ring (`state.offset`), when
    they have passed the masker (`sent`), and when the hub has them (`state.acked`)."""

    def __init__(self, session: Session, channel: int, now: float) -> None:
        self.session = session
        self.channel = channel
        self.pending: deque[bytes] = deque()
        self.drawing = False
        self.asked = False
        self.held_from: int | None = None
        self.secrets = tuple(session.note.get("secrets", ()))
        self.timer: asyncio.TimerHandle | None = None
        self._rests_until = 0.0
        self.restart(session.ring.head, now)

    def restart(self, offset: int, now: float) -> None:
        """Go on at `offset`, knowing what the secret could have begun with before it. Raises Overwritten."""
        ring = self.session.ring
        self.masker = Masker(self.secrets)
        begin = max(offset - _LONGEST_SECRET, ring.tail, 0) if self.secrets else offset
        before = ring.read(begin, offset - begin) if begin < offset else b""
        self.masker.mask(before)
        self.masker.flush()
        self.sent = offset
        self.state = window.begin(offset, ring.head, now)

    @property
    def is_stuck(self) -> bool:
        """Whether there is output for which the window has no room."""
        return not self.drawing and self.state.is_held_up and self.session.ring.head > self.state.offset

    def next(self, now: float) -> bytes | None:
        """Return the next frame, or None if there is nothing to send now. Raises Lost."""
        if self.pending:
            return self.pending.popleft()
        if self.drawing:
            return None
        ring = self.session.ring
        while isinstance(move := window.step(self.state, ring.head, ring.tail), Send):
            try:
                data = ring.read(move.start, move.end - move.start)
            except Overwritten as error:
                raise Lost from error
            self.state = window.sent(self.state, move.end, ring.head, now)
            if len(data) >= _MUCH:
                self._rests_until = now + _GATHER
            if clear := self.masker.mask(data):
                return self._frame(clear)
        if isinstance(move, Resync):
            raise Lost
        return None

    def gathers(self, now: float) -> float:
        """Return for how long output should gather before the next frame: not after little, nor for a full one."""
        full = self.session.ended or self.session.ring.head - self.state.offset >= FRAME
        return 0.0 if full else max(0.0, self._rests_until - now)

    def flush(self) -> bytes | None:
        """Return a frame with what was held back as the possible beginning of a secret."""
        held = self.masker.flush()
        return self._frame(held) if held else None

    def suspicion(self) -> float | None:
        """Return how long to hold back what is held back; None: nothing is. A typed letter must not wait long."""
        if not self.masker.held or self.drawing:
            return None
        return _BRIEFLY if self.masker.held < _SUSPICIOUS else _LONGER

    def draw(self, offset: int, data: bytes) -> None:
        self.pending.append(pack(Kind.SNAPSHOT, self.channel, offset, data))

    def _frame(self, clear: bytes) -> bytes:
        frame = pack(Kind.OUTPUT, self.channel, self.sent, clear)
        self.sent += len(clear)
        return frame
