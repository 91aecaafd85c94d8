"""Attached: the pump between a keyboard, a session and a screen, and the tables of what may come in.

One thread, one select: a key is on its way to the hub, and its echo on the terminal, after one wake-up each.
"""

import json
import select
import signal
from collections.abc import Callable, Mapping
from typing import Any

from corral_cli import clock
from corral_cli.errors import Failed
from corral_cli.terminal.detach_keys import DetachKeys, Key
from corral_cli.terminal.display import FULL, Display
from corral_cli.terminal.endings import ENDINGS, MAY_ONLY_WATCH, Detached, Ended, Ending, Left, refusal
from corral_cli.terminal.face import Face
from corral_cli.terminal.link import Down, Link, Up
from corral_cli.terminal.signals import Signals
from corral_cli.terminal.tty import Raw
from corral_cli.terminal.wish import Wish
from corral_protocol.codec import decode_tagged
from corral_protocol.frames import PAYLOAD_LIMIT, Kind, pack, unpack
from corral_protocol.sessions import SessionResize
from corral_protocol.viewers import (
    TO_VIEWER,
    SessionAttach,
    SessionAttached,
    SessionDetach,
    SessionEvent,
    SessionRefused,
    SessionTake,
)
from corral_protocol.vocabulary import SessionMode

VIEW, DRIVE = SessionMode.VIEW, SessionMode.DRIVE
_TYPED_AHEAD = 1 << 16
"""Bytes that may be typed before the hub has answered, or that the network has not taken; then reading waits."""
_LAST_BYTES = 3.0
"""Seconds in which what a session printed at its end may still arrive."""
_INTERRUPT = (Key(ord("c"), ctrl=True),)


class Attachment:
    """`terminal` is None where nobody types: output goes into a pipe, or the keyboard is none."""

    def __init__(
        self, wish: Wish, link: Link, display: Display, face: Face, terminal: Raw | None, signals: Signals
    ) -> None:
        self._wish = wish
        self._link = link
        self._display = display
        self._face = face
        self._terminal = terminal
        self._signals = signals
        self._mode = wish.mode
        self._channel: int | None = None
        self._take = wish.take
        self._detach = DetachKeys(wish.keys)
        self._interrupt = DetachKeys(_INTERRUPT)
        self._typed_ahead = b""
        self._typed = 0
        self._ended: Ended | None = None
        self._give_up: float | None = None
        self._ending: Ending | None = None

    def run(self) -> Ending:
        """Return how it ended. Raises CliError when the hub refuses, OSError when the screen has gone."""
        self._ask(self._display.position.received)
        while (ending := self._ending_now()) is None:
            self._turn()
        return ending

    def _turn(self) -> None:
        """Wait until something can be done, and do it: keys first, then what came, then what could not be written."""
        keyboard = self._terminal.keyboard if self._terminal and self._may_type() else None
        hear = self._link.reads() if self._display.pending < FULL else []
        reads = [self._signals, *hear, *([] if keyboard is None else [keyboard])]
        writes = [*self._link.writes(), *self._display.writes()]
        readable, _, _ = select.select(reads, writes, [], self._patience())
        if keyboard in readable:
            self._type()
        for news in self._link.news(readable):
            self._heard(news)
        if self._signals in readable:
            for number in self._signals.take():
                _ON_SIGNAL.get(number, Attachment.leave)(self, number)
        self._display.flush()
        self._acknowledge()
        self._face.turn()

    def _patience(self) -> float | None:
        now = clock.monotonic()
        due = [moment for moment in (self._link.deadline(), self._face.due, self._give_up) if moment is not None]
        return max(0.0, min(due) - now) if due else None

    def _ending_now(self) -> Ending | None:
        if self._ending is not None or self._ended is None:
            return self._ending
        missing = (self._ended.output_bytes or 0) > (self._display.position.received or 0)
        late = self._give_up is not None and clock.monotonic() >= self._give_up
        return None if self._display.pending or (missing and not late) else self._ended

    # -- what is typed ------------------------------------------------------------------

    def _may_type(self) -> bool:
        return len(self._typed_ahead) < _TYPED_AHEAD and self._link.unsent < _TYPED_AHEAD

    def _type(self) -> None:
        assert self._terminal is not None
        typed = self._terminal.read()
        if not typed:
            self.leave(signal.SIGHUP)
            return
        passed, detach = self._detach.feed(typed)
        if self._mode is VIEW and not detach:
            _, detach = self._interrupt.feed(passed)
        self._send_keys(passed)
        if detach:
            self._link.say(SessionDetach(session_id=self._wish.session_id))
            self._ending = Detached()

    def _send_keys(self, keys: bytes) -> None:
        """Send to the session. What is typed while the connection is lost goes nowhere: nobody types blind."""
        if self._mode is VIEW or not self._link.up:
            return
        if self._channel is None:
            self._typed_ahead += keys
            return
        for at in range(0, len(keys), PAYLOAD_LIMIT):
            part = keys[at : at + PAYLOAD_LIMIT]
            self._link.send(pack(Kind.INPUT, self._channel, self._typed, part))
            self._typed += len(part)

    # -- what comes from the hub ----------------------------------------------------------

    def _ask(self, offset: int | None) -> None:
        cols, rows = self._face.size() if self._mode is DRIVE else (None, None)
        wish = SessionAttach(session_id=self._wish.session_id, mode=self._mode, offset=offset, cols=cols, rows=rows)
        self._link.say(wish)

    def _heard(self, news: object) -> None:
        try:
            _ON_NEWS[type(news)](self, news)
        except ValueError as error:  # Malformed is one, and so is what is no JSON
            raise Failed(
                f"the hub said something that makes no sense here: {error}",
                code="malformed",
                hint="Are hub and corral of the same version? `corral version` and `corral status` tell.",
            ) from error

    def up(self, _: Up) -> None:
        self._display.position.start_over()
        # A full-screen program has no lines that scrolled away, and our notice has painted over one of its own.
        redraw = self._face.noticed and self._display.modes.alternate
        self._ask(None if redraw else self._display.position.received)

    def down(self, _: Down) -> None:
        self._take = self._mode is DRIVE
        self._channel = None
        self._face.lost()

    def text(self, text: str) -> None:
        body = json.loads(text)
        if body.get("type") in TO_VIEWER and body.get("session_id") == self._wish.session_id:
            message = decode_tagged(TO_VIEWER, body)
            _ON_MESSAGE[type(message)](self, message)

    def attached(self, message: SessionAttached) -> None:
        if self._channel != message.channel:
            self._channel, self._typed = message.channel, 0
        self._link.settle()
        self._mode = message.mode
        if self._take and self._mode is VIEW:
            cols, rows = self._face.size()
            self._link.say(SessionTake(session_id=self._wish.session_id, cols=cols, rows=rows))
        else:
            self._face.attached(self._mode)
        self._take = False
        ahead, self._typed_ahead = self._typed_ahead, b""
        self._send_keys(ahead)

    def frame(self, data: bytes) -> None:
        frame = unpack(data)
        if frame.channel != self._channel or frame.kind not in (Kind.OUTPUT, Kind.SNAPSHOT):
            return
        payload, lost = self._display.position.take(frame.kind, frame.offset, frame.payload)
        if lost:
            self._face.gap(lost)
        if frame.kind is Kind.SNAPSHOT:
            self._display.snapshot(payload, frame.offset, self._face.lines_to_push())
        elif payload:
            self._display.output(payload, frame.end)

    def event(self, message: SessionEvent) -> None:
        details = message.details if isinstance(message.details, dict) else {}
        if message.event in ENDINGS:
            self._ended = Ended(message.event, details)
            self._give_up = clock.monotonic() + _LAST_BYTES
        elif message.event == "driver" and details.get("driver"):
            self.resize()  # is it still us? The hub refuses the size of anybody else's window

    def refused(self, message: SessionRefused) -> None:
        """What concerns this attempt to attach ends it; anything else is said, and the session goes on."""
        if message.code == "session_ended":
            self._ended = Ended("closed")
        elif message.code == "not_driving":
            self._watch()
        elif self._channel is not None:
            self._face.attached(self._mode)
            self._face.mention(message.detail)
        elif message.code in MAY_ONLY_WATCH and self._mode is DRIVE and not self._take:
            self._watch()
            self._ask(self._display.position.received)
        else:
            raise refusal(message)

    def _watch(self) -> None:
        self._mode = VIEW
        if self._channel is not None:
            self._face.attached(VIEW)

    def _acknowledge(self) -> None:
        if self._channel is not None and (offset := self._display.position.acknowledge()) is not None:
            self._link.send(pack(Kind.ACK, self._channel, offset))

    # -- signals ----------------------------------------------------------------------

    def resize(self, _: int = signal.SIGWINCH) -> None:
        if self._mode is DRIVE:
            cols, rows = self._face.size()
            self._link.say(SessionResize(session_id=self._wish.session_id, cols=cols, rows=rows))

    def suspend(self, _: int) -> None:
        if self._terminal is not None:
            self._terminal.suspend()

    def continued(self, _: int) -> None:
        """Somebody else had the terminal meanwhile: make it raw and draw the screen anew."""
        if self._terminal is not None and self._terminal.again():
            self._ask(None)

    def leave(self, number: int) -> None:
        self._ending = Left(number)


_ON_NEWS: Mapping[type, Callable[[Attachment, Any], None]] = {
    bytes: Attachment.frame,
    str: Attachment.text,
    Up: Attachment.up,
    Down: Attachment.down,
}
_ON_MESSAGE: Mapping[type, Callable[[Attachment, Any], None]] = {
    SessionAttached: Attachment.attached,
    SessionEvent: Attachment.event,
    SessionRefused: Attachment.refused,
}
_ON_SIGNAL: Mapping[int, Callable[[Attachment, int], None]] = {
    signal.SIGWINCH: Attachment.resize,
    signal.SIGTSTP: Attachment.suspend,
    signal.SIGCONT: Attachment.continued,
}
"""Every other signal that we listen to ends the visit."""
