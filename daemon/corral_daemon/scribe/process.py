"""The scribe's process: hears what the daemon wants to know, and between two words works for a few milliseconds."""

import gc
import logging
import os
import select
import socket
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from corral_daemon import logs
from corral_daemon.processes.post import Outbox, Receiver
from corral_daemon.pty.ring import NotARing, Ring
from corral_daemon.recording.recorders import Recorders
from corral_daemon.recording.words import Closed, Ended, Record, Room, Wanted
from corral_daemon.scribe.messages import (
    TO_SCRIBE,
    Answer,
    Draw,
    Drawn,
    Forget,
    Moved,
    News,
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
    """`_asked`: questions and orders, with the byte up to which the screen must be. `_late`: screens too far behind."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._receiver = Receiver(control)
        self._outbox = Outbox(control)
        self._sent = True
        self._connected = True
        self._sights: dict[str, Sight] = {}
        self._asked: deque[tuple[Asked, int]] = deque()
        self._late: deque[str] = deque()
        self._recorders = Recorders(self._say)

    def run(self) -> None:
        """Until the daemon is gone. Raises ConnectionError."""
        try:
            self._serve()
        finally:
            self._leave()

    def _leave(self) -> None:
        """What has ended is recorded to its end all the same: its ring goes with us."""
        self._asked = deque(one for one in self._asked if isinstance(one[0], Ended | Forget))
        while self._asked:
            self._work()

    def _serve(self) -> None:
        while self._connected:
            patience = 0 if self._asked or self._late else self._recorders.patience()
            ready, _, _ = select.select([self._control], [] if self._sent else [self._control], [], patience)
            if ready:
                self._hear()
            self._work()
            self._recorders.tick(self._sights.get)
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
        if message.record and message.shelves:
            size = (message.cols, message.rows)
            recorder = sight.tap = self._recorders.open(message.session_id, message.shelves, message.record, size)
            if recorder:
                sight.retell(recorder.position)
        sight.shelves = message.shelves
        self._look_after(message.session_id)

    def resize(self, message: Resize) -> None:
        if sight := self._sights.get(message.session_id):
            sight.resize(message.offset, message.cols, message.rows)

    def moved(self, message: Moved) -> None:
        for session_id in message.session_ids:
            self._look_after(session_id)

    def ask(self, message: "Asked") -> None:
        if sight := self._sights.get(message.session_id):
            self._asked.append((message, sight.ring.head))
        elif isinstance(message, Draw | Read):
            self._say(NotOpen(request=message.request))

    def forget(self, message: Forget) -> None:
        """At once; but what is recorded is recorded to its end."""
        if message.session_id in self._recorders:
            self.ask(message)
        else:
            self._close(message.session_id, forget=True)
            self._say(Closed(session_id=message.session_id))

    def make_room(self, message: Room) -> None:
        self._recorders.make_room(message.there)

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
                self._miss(message)
            elif self._step(message.session_id, sight, until):
                self._do(sight, message)
            else:
                self._put_back(message, until)
        elif self._late:
            session_id = self._late.popleft()
            if (sight := self._sights.get(session_id)) and not self._step(session_id, sight, sight.ring.head):
                self._late.append(session_id)

    def _put_back(self, message: "Asked", until: int) -> None:
        """Other sessions are next; what was said of this one later stays later."""
        behind = [one for one in self._asked if one[0].session_id == message.session_id]
        others = [one for one in self._asked if one[0].session_id != message.session_id]
        self._asked = deque([*others, (message, until), *behind])

    def _miss(self, message: "Asked") -> None:
        """The session was closed meanwhile."""
        if isinstance(message, Draw | Read):
            self._say(NotOpen(request=message.request))

    def _do(self, sight: Sight, message: "Asked") -> None:
        """The screen is where it has to be for this."""
        match message:
            case Draw() | Read():
                self._say(_answer(sight, message))
            case Record(session_id=session_id, wanted=wanted):
                self._record(sight, session_id, wanted)
            case Ended(session_id=session_id):
                sight.finish()
                self._recorders.end(session_id)
            case Forget(session_id=session_id):
                sight.finish()
                self._recorders.close(session_id)
                self._close(session_id, forget=True)

    def _record(self, sight: Sight, session_id: str, wanted: Wanted) -> None:
        if sight.tap is None and wanted.on and sight.shelves:
            size = (sight.screen.cols, sight.screen.rows)
            sight.tap = self._recorders.open(session_id, sight.shelves, replace(wanted, on=False, told=False), size)
        self._recorders.switch(session_id, wanted)

    def _step(self, session_id: str, sight: Sight, until: int) -> bool:
        self._recorders.touch(session_id)
        try:
            return sight.step(until)
        except Exception:
            log.exception("event=screen_lost session_id=%s", session_id)
            sight.start_over()
            return False

    def _look_after(self, session_id: str) -> None:
        sight = self._sights.get(session_id)
        allowed = BEHIND if sight and sight.tap is None else 0
        if sight and sight.behind > allowed and session_id not in self._late:
            self._late.append(session_id)

    def _close(self, session_id: str, *, forget: bool = False) -> None:
        self._recorders.drop(session_id)
        if sight := self._sights.pop(session_id, None):
            sight.close(forget=forget)

    def _say(self, answer: Answer | News) -> None:
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


Asked = Draw | Read | Record | Ended | Forget

_HANDLERS: Mapping[type[ToScribe], Callable[[Desk, Any], None]] = {
    Open: Desk.open,
    Resize: Desk.resize,
    Moved: Desk.moved,
    Draw: Desk.ask,
    Read: Desk.ask,
    Forget: Desk.forget,
    Record: Desk.ask,
    Ended: Desk.ask,
    Room: Desk.make_room,
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
