"""The packer: whatever happens, in whatever order, what comes out joined is what went in, or says what is missing."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.recording import packer as packing
from corral_daemon.recording.budget import BURST, ENOUGH, RATE, Budget
from corral_daemon.recording.packer import Packer, Sealed
from corral_daemon.scribe.sight import TAKE
from corral_protocol import tape
from corral_protocol.recordings import Segment, expand, read_label
from corral_protocol.tape import Kind
from corral_protocol.vocabulary import RecordingState

SIZE = (80, 24)
LIMIT = 1 << 26


class Scribe:
    """Hands output to a packer as a Sight does, and starts anew after being killed, from what is on the shelf."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.stream = bytearray()
        self.shelf: list[Sealed] = []
        self.now = 0
        self.limit = limit
        self.read = 0
        self.disk = True
        self.packer = Packer("s", SIZE, on=True, limit=limit)

    def keep(self, sealed: list[Sealed]) -> None:
        for one in sealed:
            if self.disk:
                self.shelf.append(one)
            else:
                self.packer.not_kept(one, self.now)

    def look(self) -> None:
        if self.read > self.packer.position:
            self.packer.lost(self.read, self.now)
        if self.packer.position == self.read and self.packer.wants_drawing(self.now):
            self.keep(self.packer.draw(b"%d" % self.read, self.now))

    def output(self, data: bytes | int) -> None:
        self.stream += data if isinstance(data, bytes) else b"0123456789abcdef" * (data // 16)
        self.look()
        while self.read < len(self.stream):
            start, self.read = self.read, min(len(self.stream), self.read + TAKE)
            self.keep(self.packer.output(start, bytes(self.stream[start : self.read]), self.now))
            self.look()

    def wait(self, milliseconds: int) -> None:
        self.now += milliseconds
        if self.packer.must_draw(self.now) and self.packer.position == self.read:
            self.keep(self.packer.draw(b"%d" % self.read, self.now))
        self.keep(self.packer.tick(self.now))

    def lose(self, count: int) -> None:
        self.stream += b"?" * count
        self.read = len(self.stream)

    def resize(self, cols: int) -> None:
        self.packer.resized(cols, 24, self.now)

    def switch(self, on: bool) -> None:
        self.keep(self.packer.switch(on, self.now))

    def room(self, there: bool) -> None:
        self.packer.make_room(there, self.now)

    def break_disk(self, works: bool) -> None:
        self.disk = works

    def die(self, back: int) -> None:
        last = self.shelf[-1].label if self.shelf else None
        self.packer = Packer("s", SIZE, on=True, limit=self.limit, now=self.now if last else 0)
        if last is not None:
            self.keep(self.packer.go_on(last))
        self.read = max(0, self.packer.position - back)

    def end(self) -> None:
        self.disk = True
        self.output(b"")
        self.keep(self.packer.end(self.now))


ACTS: Mapping[str, Callable[[Scribe, Any], None]] = {
    "output": Scribe.output, "wait": Scribe.wait, "lose": Scribe.lose, "resize": Scribe.resize,
    "switch": Scribe.switch, "room": Scribe.room, "disk": Scribe.break_disk, "die": Scribe.die,
}  # fmt: skip
OUTPUT = st.one_of(
    st.binary(min_size=1, max_size=40),
    st.sampled_from((packing.CUT, 3 * packing.CUT, BURST)),
)
"""Bytes, or a number of them: a value this large would be printed if the test failed."""
STEP = st.one_of(
    st.tuples(st.just("output"), OUTPUT),
    st.tuples(st.just("output"), OUTPUT),
    st.tuples(st.just("wait"), st.sampled_from((1, 50, 999, packing.AGE, packing.KEY_AGE))),
    st.tuples(st.just("lose"), st.integers(1, 1000)),
    st.tuples(st.just("resize"), st.integers(1, 200)),
    st.tuples(st.just("switch"), st.booleans()),
    st.tuples(st.just("room"), st.booleans()),
    st.tuples(st.just("disk"), st.booleans()),
    st.tuples(st.just("die"), st.integers(0, 100)),
)
LOSSLESS = st.one_of(
    st.tuples(st.just("output"), st.binary(min_size=1, max_size=300)),
    st.tuples(st.just("wait"), st.sampled_from((1, 50, 999, packing.AGE, packing.KEY_AGE))),
    st.tuples(st.just("die"), st.integers(0, 100)),
)


def play(steps: list[tuple[str, Any]], limit: int = LIMIT) -> Scribe:
    scribe = Scribe(limit)
    for name, argument in steps:
        ACTS[name](scribe, argument)
    scribe.end()
    return scribe


def check(scribe: Scribe) -> int:
    """Read the shelf as somebody else would; return how many bytes of output are in it."""
    offset = at = stored = 0
    recorded = 0
    torn = False
    for number, one in enumerate(scribe.shelf):
        label, start = read_label(one.data)
        assert label == one.label
        assert (label.number, label.from_offset) == (number, offset)
        assert label.from_ms >= at
        assert stored < label.stored <= stored + len(one.data) - start + packing.LABEL
        events = list(tape.unpack(expand(one.data[start:])))
        assert sum(event.length for event in events if event.kind is Kind.GAP) == label.skipped
        if label.entry:
            kinds = [event.kind for event in events[:3]]
            assert Kind.DRAWING in kinds or label.from_offset == 0
        for event in events:
            assert event.at >= at, "times never go backwards"
            at = event.at
            if event.kind is Kind.DRAWING:
                assert event.data == b"%d" % offset, "the screen as of this place"
                torn = False
            if event.kind is Kind.OUTPUT:
                assert not torn, "after a gap comes a drawing"
                assert event.data == scribe.stream[offset : offset + len(event.data)]
                recorded += len(event.data)
            torn = torn or event.kind is Kind.GAP
            offset += event.length
        assert (label.until_offset, label.until_ms >= at) == (offset, True)
        at, stored = label.until_ms, label.stored
    return recorded


@given(st.lists(STEP, max_size=25))
def test_every_byte_is_recorded_or_declared_missing(steps: list[tuple[str, Any]]) -> None:
    scribe = play(steps)
    check(scribe)
    if scribe.shelf:
        last = scribe.shelf[-1].label
        assert last.state is RecordingState.ENDED
        assert last.until_offset == len(scribe.stream)


@given(st.lists(LOSSLESS, max_size=40))
def test_nothing_is_missing_where_nothing_was_lost(steps: list[tuple[str, Any]]) -> None:
    scribe = play(steps)
    assert check(scribe) == len(scribe.stream)
    assert all(not one.label.gaps for one in scribe.shelf)


@given(st.lists(STEP, max_size=25))
def test_its_size_is_limited(steps: list[tuple[str, Any]]) -> None:
    limit = 2000
    scribe = play(steps, limit)
    check(scribe)
    assert sum(one.cost for one in scribe.shelf[:-1]) < limit
    if sum(one.cost for one in scribe.shelf) >= limit:
        assert scribe.shelf[-1].label.state in (RecordingState.FULL, RecordingState.ENDED)


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 1 << 18)), max_size=200))
def test_a_flood_costs_no_more_than_the_budget(pieces: list[tuple[int, int]]) -> None:
    budget, now, spent = Budget(0), 0, 0
    for wait, size in pieces:
        now += wait
        spent += size if budget.spend(size, now) else 0
        assert spent <= BURST + RATE * now // 1000 + 1
    assert budget.spend(ENOUGH, budget.ready_at(now)), "when it says so, there is enough"


def test_a_flood_is_cut_and_its_last_screen_is_drawn() -> None:
    scribe = Scribe()
    for _ in range(100):
        scribe.output(b"x" * (1 << 20))
        scribe.wait(10)
    assert scribe.packer.due(scribe.now) is not None
    while (due := scribe.packer.due(scribe.now)) is not None:
        scribe.wait(max(1, due - scribe.now))
    last = list(tape.unpack(expand(scribe.shelf[-1].data[read_label(scribe.shelf[-1].data)[1] :])))
    assert last[-1] == (Kind.DRAWING, last[-1].at, b"%d" % (100 << 20))
    recorded = check(scribe)
    assert BURST - (1 << 20) <= recorded <= BURST + (3 << 20)
    scribe.end()
    assert scribe.shelf[-1].label.until_offset == 100 << 20


def test_a_label_that_contradicts_itself_is_refused() -> None:
    good = Segment(session_id="s", number=0, from_ms=0, until_ms=1, from_offset=0, until_offset=5, cols=1, rows=1)
    good.check()
    for wrong in (
        {"until_ms": -1}, {"from_offset": 6}, {"skipped": 6}, {"cols": 0}, {"rows": 1001}, {"number": -1}, {"gaps": -1},
    ):  # fmt: skip
        bad = dataclasses.replace(good, **wrong)
        try:
            bad.check()
        except ValueError:
            continue
        raise AssertionError(f"{wrong} was not refused")
