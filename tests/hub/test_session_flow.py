"""Backlog, window and seat: nobody gets a byte twice or misses one unsaid, and nothing grows without bound."""

from hypothesis import given, settings
from hypothesis import strategies as st

from corral_hub.sessions.backlog import OVERHEAD, Backlog
from corral_hub.sessions.seat import Seat
from corral_hub.sessions.window import LARGEST, SMALLEST, Window
from corral_protocol.frames import HEADER, Kind, pack, unpack

FRAME = 64 * 1024


def output(offset: int, payload: bytes) -> bytes:
    return pack(Kind.OUTPUT, 1, offset, payload)


def stream(start: int, sizes: list[int]) -> list[tuple[int, bytes]]:
    """Frames whose every byte tells its offset."""
    frames = []
    for size in sizes:
        frames.append((start, output(start, text(start, size))))
        start += size
    return frames


def text(start: int, size: int) -> bytes:
    return bytes((start + index) % 251 for index in range(size))


def test_frames_go_out_as_they_came() -> None:
    backlog, frame = Backlog(), output(0, b"hello")
    assert backlog.add(0, frame)
    assert backlog.at(0) is frame
    assert backlog.at(5) is None


@given(st.integers(0, 2**60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40)), max_size=20))
def test_what_is_sent_again_is_not_doubled(start: int, pieces: list[tuple[int, int]]) -> None:
    """A daemon that comes back may begin a little earlier than it should."""
    backlog, head = Backlog(), start
    for back, size in pieces:
        offset = max(start, head - back)
        backlog.add(offset, output(offset, text(offset, size)))
        head = max(head, offset + size)
        assert backlog.head in (None, head)
    position, seen = start, b""
    while backlog.head is not None and (frame := backlog.at(position)) is not None:
        assert unpack(frame).offset == position
        seen += unpack(frame).payload
        position = unpack(frame).end
    assert seen == text(start, head - start)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=60), st.integers(200, 3000))
def test_a_backlog_is_bounded(sizes: list[int], limit: int) -> None:
    backlog = Backlog(limit)
    for offset, frame in stream(0, sizes):
        backlog.add(offset, frame)
        assert backlog.size <= max(limit, len(frame) + OVERHEAD)
        assert backlog.base is not None
        assert backlog.holds(backlog.base)
        assert backlog.head == offset + len(frame) - HEADER.size


def test_a_gap_is_a_new_beginning() -> None:
    backlog = Backlog()
    backlog.add(0, output(0, b"abc"))
    backlog.add(10, output(10, b"xyz"))
    assert (backlog.base, backlog.head) == (10, 13)
    assert not backlog.holds(3)


def test_somebody_may_come_in_in_the_middle_of_a_frame() -> None:
    backlog = Backlog()
    backlog.add(0, output(0, b"abc"))
    backlog.add(3, output(3, b"defgh"))
    middle = backlog.at(5)
    assert middle is not None
    assert unpack(middle) == (Kind.OUTPUT, 1, 5, b"fgh")


@given(st.lists(st.tuples(st.integers(1, FRAME), st.floats(0, 3)), max_size=80))
def test_a_window_has_its_bounds(steps: list[tuple[int, float]]) -> None:
    """Whatever the viewer does, the window stays between its bounds, and one that has taken all has room."""
    window, sent, taken, now = Window(), 0, 0, 0.0
    for size, later in steps:
        if window.has_room(sent - taken):
            sent += size
            window.sent(sent, now)
        else:
            now += later
            taken = sent
            window.taken(taken, now)
        assert SMALLEST <= window.size <= LARGEST
        assert sent - taken <= LARGEST + FRAME
        assert window.has_room(0)


def fill(window: Window, start: int, now: float, wait: float) -> tuple[int, float]:
    """Send until it is full, then have all of it taken `wait` seconds later."""
    sent = start
    while window.has_room(sent - start):
        sent += FRAME
        window.sent(sent, now)
    window.taken(sent, now + wait)
    return sent, now + wait


def test_a_quick_viewer_gets_a_large_window_and_loses_it_when_it_slows_down() -> None:
    window, sent, now = Window(), 0, 0.0
    for _ in range(6):
        sent, now = fill(window, sent, now, 0.01)
    assert window.size == LARGEST
    for _ in range(6):
        sent, now = fill(window, sent, now, 5.0)
    assert window.size == SMALLEST


class Reader:
    """A viewer: what it was sent, checked against what was written."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.position: int | None = seat.position
        self.unread: list[bytes] = []

    def pull(self, backlog: Backlog, now: float) -> None:
        while (frame := self.seat.take(backlog, now)) is not None:
            self.unread.append(frame)

    def read(self, now: float) -> None:
        if not self.unread:
            return
        kind, _, offset, payload = unpack(self.unread.pop(0))
        if kind is Kind.SNAPSHOT:
            assert self.position is None or offset > self.position, "a snapshot goes forward"
            self.position = offset
        else:
            assert offset == self.position, "the output goes on where it was"
            assert payload == text(offset, len(payload))
            self.position = offset + len(payload)
        self.seat.acknowledge(self.position, now)


write = st.tuples(st.just("write"), st.integers(1, 40_000))
read = st.tuples(st.just("read"), st.integers(0, 2))
draw = st.tuples(st.just("snapshot"), st.integers(0, 50_000))
reconnect = st.tuples(st.just("resend"), st.integers(0, 50_000))


@settings(deadline=None)
@given(st.lists(st.one_of(write, write, read, read, draw, reconnect), max_size=120), st.sampled_from([None, 0]))
def test_every_byte_or_a_snapshot(steps: list[tuple[str, int]], start: int | None) -> None:
    """Whoever is slow, whatever is sent again, wherever a snapshot stands: each reader's stream is whole."""
    backlog, head, now = Backlog(150_000), 0, 0.0
    backlog.restart(0)
    readers = [Reader(Seat(start)) for _ in range(3)]
    for kind, number in steps:
        now += 0.1
        if kind == "write":
            backlog.add(head, output(head, text(head, number)))
            head += number
        elif kind == "resend":
            offset = max(0, head - number)
            backlog.add(offset, output(offset, text(offset, head - offset)))
        elif kind == "snapshot":
            at = max(0, head - number)
            for reader in readers:
                if reader.seat.is_behind(backlog) and reader.seat.has_room():
                    reader.seat.offer(at, pack(Kind.SNAPSHOT, 1, at, b"screen"))
        else:
            readers[number].read(now)
        for reader in readers:
            reader.pull(backlog, now)
            assert reader.seat.in_flight <= LARGEST + 40_000
    settle(backlog, head, readers, now)


def settle(backlog: Backlog, head: int, readers: list[Reader], now: float) -> None:
    """Once everybody reads and the screens keep up, everybody has everything."""
    for reader in readers:
        for _ in range(1000):
            if reader.seat.is_behind(backlog) and reader.seat.has_room():
                reader.seat.offer(head, pack(Kind.SNAPSHOT, 1, head, b"screen"))
            reader.pull(backlog, now)
            if not reader.unread:
                break
            reader.read(now)
        assert reader.position == head or (head == 0 and reader.position is None)
        assert reader.seat.in_flight == 0


def test_an_acknowledgement_of_what_was_never_sent_counts_as_of_what_was() -> None:
    backlog, seat = Backlog(), Seat(0)
    backlog.add(0, output(0, b"abc"))
    seat.take(backlog, 0.0)
    seat.acknowledge(2**64 - 1, 0.0)
    assert (seat.taken, seat.in_flight) == (3, 0)
