"""Every recorder of the scribe, and when one of them has something to do although nothing happens."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from corral_daemon.recording.recorder import Drawable, Recorder
from corral_daemon.recording.shelf import Shelf
from corral_daemon.recording.words import Closed, Recorded, Wanted

log = logging.getLogger(__name__)

_AGAIN = 0.5
"""Seconds until a recorder is looked at again that could not do what was due."""


class Seen(Protocol):
    """A session whose screen is kept."""

    @property
    def offset(self) -> int: ...

    @property
    def shown(self) -> Drawable | None:
        """The screen, if it shows everything before `offset`."""
        ...


class Recorders:
    """`_busy`: those that have begun something which time will end; an idle session costs nothing."""

    def __init__(self, say: Callable[[Recorded | Closed], None]) -> None:
        self._say = say
        self._all: dict[str, Recorder] = {}
        self._busy: set[str] = set()
        self._room = True

    def __contains__(self, session_id: object) -> bool:
        return session_id in self._all

    def open(self, session_id: str, folder: str, wanted: Wanted, size: tuple[int, int]) -> Recorder | None:
        """Return the recorder of a session; None, with a line in the log, if there can be none."""
        try:
            recorder = Recorder(Shelf(Path(folder), session_id), wanted, size, self._say, room=self._room)
        except (OSError, ValueError) as error:
            log.error("event=not_recorded session_id=%s reason=%r", session_id, str(error))
            return None
        self._all[session_id] = recorder
        self._busy.add(session_id)
        return recorder

    def switch(self, session_id: str, wanted: Wanted) -> None:
        if recorder := self._all.get(session_id):
            recorder.switch(wanted)
            self._busy.add(session_id)

    def end(self, session_id: str) -> None:
        """All output has been heard."""
        if recorder := self._all.get(session_id):
            recorder.end()

    def close(self, session_id: str) -> None:
        """The session is forgotten."""
        self.end(session_id)
        self.drop(session_id)
        self._say(Closed(session_id=session_id))

    def drop(self, session_id: str) -> None:
        self._all.pop(session_id, None)
        self._busy.discard(session_id)

    def make_room(self, there: bool) -> None:
        self._room = there
        for session_id, recorder in self._all.items():
            recorder.make_room(there)
            self._busy.add(session_id)

    def touch(self, session_id: str) -> None:
        """Something has happened in this session."""
        if session_id in self._all:
            self._busy.add(session_id)

    def patience(self) -> float | None:
        """Return how many seconds nothing has to be done; None: until something happens."""
        waits = {session_id: self._all[session_id].patience() for session_id in self._busy}
        self._busy = {session_id for session_id, wait in waits.items() if wait is not None}
        return min((wait or _AGAIN for wait in waits.values() if wait is not None), default=None)

    def tick(self, find: Callable[[str], Seen | None]) -> None:
        """Do what is due."""
        for session_id in tuple(self._busy):
            recorder, seen = self._all[session_id], find(session_id)
            if seen is not None and recorder.patience() == 0:
                recorder.tick(seen.offset, seen.shown)
