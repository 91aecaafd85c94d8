"""The daemon's side of recordings: what lies on the shelves goes to the hub, and stays until the hub has committed it.

A segment is sent again after every connect until it is acknowledged; its number makes that harmless. The last one of
a session that goes on stays on its shelf for the next scribe, acknowledged or not.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from corral_daemon.recording.shelf import Shelf, find
from corral_daemon.recording.words import Closed, Recorded
from corral_protocol.frames import Kind, pack
from corral_protocol.recordings import IN_FLIGHT, RecordingTaken

log = logging.getLogger(__name__)

_ROOM_AGAIN = 0.8
Send = Callable[[bytes], Awaitable[None]]
Place = tuple[str, int]


@dataclass(slots=True)
class _Recording:
    """`waiting`: sizes of the segments that the hub does not have, by number. `last`: the newest on the shelf."""

    shelf: Shelf
    waiting: dict[int, int] = field(default_factory=dict[int, int])
    last: int = -1
    closed: bool = False


class Shipper:
    """`make_room` is called when there is too much here to record more, and when there is no longer."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self.make_room: Callable[[bool], None] = lambda there: None
        self._recordings: dict[str, _Recording] = {}
        self._queue: deque[Place] = deque()
        self._flying: set[Place] = set()
        self._litter: list[tuple[Shelf, int | None]] = []
        self._bytes = 0
        self._has_room = True
        self._wake = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Bytes that the hub does not have yet."""
        return self._bytes

    async def open(self, living: Iterable[str]) -> None:
        """Find what an earlier daemon left. `living`: the sessions that go on."""
        there = set(living)
        found = await asyncio.to_thread(lambda: [(shelf, shelf.kept()) for shelf in find(self._folder)])
        for shelf, kept in found:
            recording = self._recordings[shelf.session_id] = _Recording(shelf)
            for number, size in kept:
                self._add(recording, number, size)
            if shelf.session_id not in there:
                self._close(recording)

    def hear(self, news: Recorded | Closed) -> None:
        """The scribe has put something on a shelf, or is done with it."""
        recording = self._recordings.get(news.session_id)
        if recording is None:
            if isinstance(news, Closed):
                return
            recording = self._recordings[news.session_id] = _Recording(Shelf(self._folder, news.session_id))
        if isinstance(news, Closed) or news.number > recording.last + 1:  # a scribe was killed before it could say so
            for number, size in recording.shelf.kept():
                self._add(recording, number, size)
        else:
            self._add(recording, news.number, news.size)
        if isinstance(news, Closed):
            self._close(recording)

    def taken(self, message: RecordingTaken) -> None:
        """The hub has it, or does not want it."""
        place = (message.session_id, message.number)
        self._flying.discard(place)
        self._wake.set()
        recording = self._recordings.get(message.session_id)
        size = recording.waiting.pop(message.number, None) if recording else None
        if recording is None or size is None:
            return
        if message.refused:
            log.warning("event=recording_refused session_id=%s number=%d reason=%r", *place, message.refused)
        self._bytes -= size
        if message.number != recording.last:
            self._litter.append((recording.shelf, message.number))
        self._clear_if_done(recording)
        self._judge_room()

    async def ship(self, send: Send) -> None:
        """Send until cancelled what the hub does not have; a few segments at a time."""
        self._flying.clear()
        self._queue = deque(
            (session_id, number)
            for session_id, recording in self._recordings.items()
            for number in sorted(recording.waiting)
        )
        while True:
            await self._tidy()
            while self._queue and len(self._flying) < IN_FLIGHT:
                await self._send(self._queue.popleft(), send)
            self._wake.clear()
            if not self._litter and not (self._queue and len(self._flying) < IN_FLIGHT):
                await self._wake.wait()

    # -- parts ------------------------------------------------------------------------

    async def _send(self, place: Place, send: Send) -> None:
        session_id, number = place
        recording = self._recordings.get(session_id)
        if recording is None or number not in recording.waiting:
            return
        try:
            data = await asyncio.to_thread(recording.shelf.get, number)
        except OSError as error:
            log.error("event=segment_lost session_id=%s number=%d reason=%r", session_id, number, str(error))
            self.taken(RecordingTaken(session_id=session_id, number=number))
            return
        self._flying.add(place)
        await send(pack(Kind.RECORDING, 0, number, data))

    async def _tidy(self) -> None:
        litter, self._litter = self._litter, []
        if litter:
            await asyncio.to_thread(_throw_away, litter)

    def _add(self, recording: _Recording, number: int, size: int) -> None:
        if number <= recording.last:
            return
        before = recording.last
        if before >= 0 and before not in recording.waiting:
            self._litter.append((recording.shelf, before))
        recording.last = number
        recording.waiting[number] = size
        self._bytes += size
        self._queue.append((recording.shelf.session_id, number))
        self._wake.set()
        self._judge_room()

    def _close(self, recording: _Recording) -> None:
        recording.closed = True
        self._clear_if_done(recording)

    def _clear_if_done(self, recording: _Recording) -> None:
        if recording.closed and not recording.waiting:
            self._recordings.pop(recording.shelf.session_id, None)
            self._litter.append((recording.shelf, None))
            self._wake.set()

    def _judge_room(self) -> None:
        limit = self._limit if self._has_room else self._limit * _ROOM_AGAIN
        if self._has_room is not (self._bytes <= limit):
            self._has_room = not self._has_room
            log.warning("event=recordings_waiting bytes=%d room=%s", self._bytes, self._has_room)
            self.make_room(self._has_room)


def _throw_away(litter: list[tuple[Shelf, int | None]]) -> None:
    for shelf, number in litter:
        if number is None:
            shelf.clear()
        else:
            shelf.drop(number)
