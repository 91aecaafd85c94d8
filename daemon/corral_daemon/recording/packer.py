"""Masked output, sizes and drawings → the segments of a recording. Pure.

Every byte of output is either in an event or counted in a gap: the offsets of the segments join without a hole. After
a gap there is always a drawing of the screen, so that what follows it looks right.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from corral_daemon.recording.budget import Budget
from corral_protocol import tape
from corral_protocol.recordings import Segment, compress, seal
from corral_protocol.tape import Event
from corral_protocol.vocabulary import RecordingState

CUT = 1 << 17
"""Bytes of output after which a segment is over."""
AGE = 10_000
"""Milliseconds after which it is, however little is in it."""
KEY_BYTES = 1 << 19
KEY_AGE = 60_000
"""Where a replay can begin: as often as this, so that seeking need not show much to get somewhere."""
LARGEST_DRAWING = 1 << 20
LABEL = 300
"""Bytes that a segment weighs beside its events."""
RETRY = 5_000
"""Milliseconds after which a disk is tried again that did not take a segment."""
FLOOD, OVERWRITTEN, OFF, NO_ROOM, DISK = "flood", "overwritten", "off", "no_room", "disk"
S = RecordingState
FINAL = frozenset({S.FULL, S.ENDED})


class Sealed(NamedTuple):
    """`cost`: what it adds to the size of the recording."""

    label: Segment
    data: bytes
    cost: int


@dataclass(frozen=True, slots=True)
class _Gap:
    """Output that is not recorded. `until`: when to look again; None: not before somebody says so."""

    why: str
    length: int
    until: int | None


class Packer:
    """Hand it what happens, in order; it hands back the segments that are complete. Times are milliseconds.

    `position`: all output before it is recorded, or known to be lost. `limit`: bytes of all segments at most, give or
    take one.
    """

    def __init__(self, session_id: str, size: tuple[int, int], *, on: bool, limit: int, now: int = 0) -> None:
        self.state = S.ON if on else S.OFF
        self.position = 0
        self._id = session_id
        self._size = self._size_before = size
        self.limit = limit
        self._number = self._stored = 0
        self._clock = now
        self._budget = Budget(now)
        self._gap = None if on else _Gap(OFF, 0, None)
        self._events: list[Event] = []
        self._since: int | None = None
        self._from = 0
        self._bytes = 0
        self._key_due, self._key_at = KEY_BYTES, now + KEY_AGE
        self._entry = True
        self._room = True

    def go_on(self, last: Segment, *, on: bool | None = None) -> list[Sealed]:
        """Continue after the last segment that is kept. `on`: whether to record; None: as it was."""
        self.position = self._from = last.until_offset
        self._number, self._stored, self.state = last.number + 1, last.stored, last.state
        self._clock = max(self._clock, last.until_ms)
        self._entry = False
        self._gap = _Gap(OFF, 0, None) if last.state is S.OFF else None
        return [] if on is None else self.switch(on, self._clock)

    # -- what happens -----------------------------------------------------------------

    def output(self, offset: int, data: bytes, now: int) -> list[Sealed]:
        """Output that begins at `offset`; of what was there before, nothing is recorded twice."""
        end = offset + len(data)
        if end <= self.position or self.state in FINAL:
            return []
        self.lost(offset, now)
        data = data[self.position - offset :]
        self.position = end
        if self._gap is None and not self._budget.spend(len(data), self._time(now)):
            self._skip(FLOOD, self._budget.ready_at(self._clock))
        if self._gap is not None:
            self._gap = replace(self._gap, length=self._gap.length + len(data))
            return []
        self._add(tape.output(self._time(now), data))
        self._bytes += len(data)
        self._key_due -= len(data)
        return self._seal() if self._bytes >= CUT else []

    def lost(self, until: int, now: int) -> None:
        """Nobody has the output before `until` any more."""
        if until > self.position and self.state not in FINAL:
            self._skip(OVERWRITTEN, self._time(now), until - self.position)
            self.position = until

    def resized(self, cols: int, rows: int, now: int) -> None:
        self._size = (cols, rows)
        if self.state is S.ON and self._gap is None:
            self._add(tape.resize(self._time(now), cols, rows))

    def wants_drawing(self, now: int) -> bool:
        """Whether the screen as of `position` should be drawn before more output comes."""
        if self.must_draw(now):
            return True
        records = self._gap is None and self.state is S.ON and self.position > 0
        return records and (self._key_due <= 0 or self._time(now) >= self._key_at)

    def must_draw(self, now: int) -> bool:
        """Whether it should be drawn even if nothing more comes: output was left out."""
        return self.state is S.ON and self._gap is not None and self._is_over(self._gap, now)

    def draw(self, drawing: bytes, now: int) -> list[Sealed]:
        """The screen as of `position`."""
        sealed = self._seal()
        if self.state is not S.ON:
            return sealed
        if self._gap is not None:
            self._add(tape.gap(self._time(now), self._gap.length, self._gap.why))
            self._gap = None
        self._size_before = self._size
        if len(drawing) <= LARGEST_DRAWING:
            self._add(tape.drawing(self._time(now), drawing))
            self._budget.charge(len(drawing), self._clock)
            self._entry = True
        self._key_due, self._key_at = KEY_BYTES, self._clock + KEY_AGE
        return sealed

    def tick(self, now: int) -> list[Sealed]:
        """Time has passed."""
        return self._seal() if self._since is not None and self._time(now) - self._since >= AGE else []

    def due(self, now: int) -> int | None:
        """Return when there is something to do, though nothing happens."""
        ages = [] if self._since is None else [self._since + AGE]
        if self.state is S.ON and self._room and self._gap is not None and self._gap.until is not None:
            ages.append(self._gap.until)
        return min(ages, default=None)

    def switch(self, on: bool, now: int) -> list[Sealed]:
        """Somebody wants it recorded, or not."""
        if self.state in FINAL or on is (self.state is S.ON):
            return []
        if on:
            self.state = S.ON
            self._gap = _Gap(OFF, self._gap.length if self._gap else 0, self._time(now))
            return []
        self._close_gap(now)
        self.state = S.OFF
        sealed = self._seal(self._time(now))
        self._skip(OFF, None)
        return sealed

    def make_room(self, room: bool, now: int) -> None:
        """Whether what is recorded can be kept: the hub is away, and there is too much already."""
        self._room = room
        if self.state is S.ON and not room:
            self._skip(NO_ROOM, self._time(now))

    def end(self, now: int) -> list[Sealed]:
        """There is no more output."""
        if self.state in FINAL or (self.state is S.OFF and self._number == 0):
            return []
        self._close_gap(now)
        self.state = S.ENDED
        return self._seal(self._time(now))

    def not_kept(self, lost: Sealed, now: int) -> None:
        """The disk did not take the segment that was handed out last."""
        label = lost.label
        length = label.until_offset - label.from_offset
        self._number, self._stored, self._from = label.number, label.stored - lost.cost, label.from_offset
        if self.state is S.FULL:
            self.state = S.ON
        if self._events:  # they begin with a drawing
            self._events.insert(0, tape.gap(self._events[0].at, length, DISK))
        else:
            self._skip(DISK, self._time(now) + RETRY, length)

    # -- how --------------------------------------------------------------------------

    def _time(self, now: int) -> int:
        self._clock = max(self._clock, now)
        return self._clock

    def _skip(self, why: str, until: int | None, length: int = 0) -> None:
        known = self._gap
        self._gap = _Gap(why, length, until) if known is None else replace(known, length=known.length + length)

    def _is_over(self, gap: _Gap, now: int) -> bool:
        return self._room and gap.until is not None and self._time(now) >= gap.until

    def _close_gap(self, now: int) -> None:
        """Declare what is left out so far, without a drawing: nothing follows it."""
        if self._gap is not None and self._gap.length:
            self._add(tape.gap(self._time(now), self._gap.length, self._gap.why))
        self._gap = None

    def _add(self, event: Event) -> None:
        if self._since is None:
            self._since = event.at
        self._events.append(event)

    def _seal(self, at: int | None = None) -> list[Sealed]:
        """Close the segment that is open, if there is anything in it, or anything to say: at `at`."""
        if not self._events and at is None:
            return []
        begin = self._events[0].at if self._events else self._clock
        gaps = [event.length for event in self._events if event.kind is tape.Kind.GAP]
        until = self._from + sum(event.length for event in self._events)
        label = Segment(
            session_id=self._id, number=self._number, from_ms=begin, until_ms=max(begin, self._clock),
            from_offset=self._from, until_offset=until, cols=self._size_before[0], rows=self._size_before[1],
            skipped=sum(gaps), gaps=len(gaps), entry=self._entry and bool(self._events), state=self.state,
        )  # fmt: skip
        sealed = self._weigh(label, compress(tape.pack(self._events)))
        self._from, self._number, self._stored = until, self._number + 1, sealed.label.stored
        self._events, self._since, self._bytes, self._entry = [], None, 0, False
        self._size_before = self._size
        return [sealed]

    def _weigh(self, label: Segment, body: bytes) -> Sealed:
        """Seal it with what all of them weigh; the one that reaches the limit is the last."""
        cost = len(body) + LABEL
        if self._stored + cost >= self.limit and self.state is not S.ENDED:
            self.state = S.FULL
            self._gap = None
        label = replace(label, stored=self._stored + cost, state=self.state)
        return Sealed(label, seal(label, body), cost)
