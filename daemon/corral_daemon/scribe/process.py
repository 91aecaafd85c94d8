"""The scribe's process: hears what the daemon wants to know, and between two words works for a few milliseconds."""

import gc
import logging
import os
import select
import socket
import sys
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from corral_daemon import logs
from corral_daemon.processes.post import Outbox, Receiver
from corral_daemon.pty.ring import NotARing, Ring
from corral_daemon.scribe.messages import (
    TO_SCRIBE,
    Answer,
    Draw,
    Drawn,
    Forget,
    Moved,
    NotOpen,
    Open,
    Read,
    Resize,
    Seen,
    ToScribe,
)
from corral_daemon.scribe.sight import Sight
from corral_protocol.codec import decode_tagged, encode

log = logging.getLogger(__name__)

BEHIND = 1 << 16
"""Bytes of output that a screen may be behind unasked: what it takes a few milliseconds to show."""
_NICE = 10


class Desk:
    """`_asked`: questions, with the byte up to which the screen must be. `_late`: screens too far behind."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._receiver = Receiver(control)
        self._outbox = Outbox(control)
        self._sent = True
        self._connected = True
        self._sights: dict[str, Sight] = {}
        self._asked: deque[tuple[Draw | Read, int]] = deque()
        self._late: deque[str] = deque()

    def run(self) -> None:
        while self._connected:
            patience = 0 if self._asked or self._late else None
            ready, _, _ = select.select([self._control], [] if self._sent else [self._control], [], patience)
            if ready:
                self._hear()
            self._work()
            if self._connected:
                self._sent = self._outbox.flush()

    def open(self, message: Open) -> None:
        ring = self._receiver.descriptors.pop(0)
        self._close(message.session_id)
        try:
            keep = Path(message.keep) if message.keep else None
            sight = Sight(Ring(ring), message.cols, message.rows, message.secrets, keep)
        except NotARing as error:
            log.error("event=ring_unreadable session_id=%s reason=%r", message.session_id, str(error))
            os.close(ring)
            return
        self._sights[message.session_id] = sight
        self._look_after(message.session_id)

    def resize(self, message: Resize) -> None:
        if sight := self._sights.get(message.session_id):
            sight.resize(message.offset, message.cols, message.rows)

    def moved(self, message: Moved) -> None:
        for session_id in message.session_ids:
            self._look_after(session_id)

    def ask(self, message: Draw | Read) -> None:
        if sight := self._sights.get(message.session_id):
            self._asked.append((message, sight.ring.head))
        else:
            self._say(NotOpen(request=message.request))

    def forget(self, message: Forget) -> None:
        self._close(message.session_id, forget=True)

    def _hear(self) -> None:
        frames = self._receiver.receive()
        if frames is None:  # the daemon is gone
            self._connected = False
        for frame in frames or ():
            message = decode_tagged(TO_SCRIBE, frame)
            _HANDLERS[type(message)](self, message)

    def _work(self) -> None:
        """One step for whoever asked, or else for a screen that is too far behind; the next time for the next."""
        if self._asked:
            message, until = self._asked.popleft()
            sight = self._sights.get(message.session_id)
            if sight is None:
                self._say(NotOpen(request=message.request))
            elif self._step(message.session_id, sight, until):
                self._say(_answer(sight, message))
            else:
                self._asked.append((message, until))
        elif self._late:
            session_id = self._late.popleft()
            if (sight := self._sights.get(session_id)) and not self._step(session_id, sight, sight.ring.head):
                self._late.append(session_id)

    def _step(self, session_id: str, sight: Sight, until: int) -> bool:
        try:
            return sight.step(until)
        except Exception:
            log.exception("event=screen_lost session_id=%s", session_id)
            sight.start_over()
            return False

    def _look_after(self, session_id: str) -> None:
        sight = self._sights.get(session_id)
        if sight and sight.behind > BEHIND and session_id not in self._late:
            self._late.append(session_id)

    def _close(self, session_id: str, *, forget: bool = False) -> None:
        if sight := self._sights.pop(session_id, None):
            sight.close(forget=forget)

    def _say(self, answer: Answer) -> None:
        self._outbox.put(encode(answer))


def _answer(sight: Sight, message: Draw | Read) -> Answer:
    screen = sight.screen
    if isinstance(message, Draw):
        data = screen.draw().decode("utf-8", "surrogateescape")
        return Drawn(request=message.request, offset=sight.offset, data=data)
    sight.settle()
    return Seen(
        request=message.request,
        offset=sight.offset,
        lines=screen.lines() if message.lines is None else sight.recent(message.lines),
        cols=screen.cols,
        rows=screen.rows,
        cursor=screen.cursor,
        title=screen.title,
        **screen.demeanour(),
    )


_HANDLERS: Mapping[type[ToScribe], Callable[[Desk, Any], None]] = {
    Open: Desk.open,
    Resize: Desk.resize,
    Moved: Desk.moved,
    Draw: Desk.ask,
    Read: Desk.ask,
    Forget: Desk.forget,
}


def main() -> None:
    """argv: folders to import from, then the number of the control socket."""
    os.nice(_NICE)
    logs.configure("INFO")
    control = socket.socket(fileno=int(sys.argv[-1]))
    control.set_inheritable(False)
    control.setblocking(False)
    gc.freeze()
    try:
        Desk(control).run()
    except ConnectionError:
        return  # the daemon is gone
