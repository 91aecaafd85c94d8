"""A recording as asciicast: whatever was recorded, and wherever one begins, the player ends with the same screen."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.recording.packer import AGE, KEY_AGE, Packer, Sealed
from corral_daemon.scribe.screen import Screen
from corral_hub.recordings.cast import Cast, Part
from corral_protocol.recordings import read_label
from corral_protocol.vocabulary import RecordingState
from tests.daemon.screen_world import TRAFFIC, state

SIZE = (20, 6)
STEP = st.one_of(
    st.tuples(st.just("output"), TRAFFIC),
    st.tuples(st.just("output"), st.binary(max_size=30)),
    st.tuples(st.just("wait"), st.sampled_from((1, 700, AGE, KEY_AGE))),
    st.tuples(st.just("lose"), st.integers(1, 99)),
    st.tuples(st.just("resize"), st.tuples(st.integers(1, 30), st.integers(1, 9))),
)


def record(steps: list[tuple[str, Any]]) -> tuple[list[Part], Screen, int]:
    """Return what the hub would have, the screen as it was in the end, and the last moment."""
    packer, screen, offset, now = Packer("s", SIZE, on=True, limit=1 << 30), Screen(*SIZE), 0, 0
    made: list[Sealed] = []

    def look() -> None:
        if packer.wants_drawing(now):
            made.extend(packer.draw(screen.draw(), now))

    for what, about in steps:
        if what == "output":
            look()
            screen.feed(about)
            made += packer.output(offset, about, now)
            offset += len(about)
        elif what == "wait":
            now += about
            made += packer.tick(now)
        elif what == "lose":
            offset += about
            packer.lost(offset, now)
        else:
            look()  # a size is no part of a gap
            screen.resize(*about)
            packer.resized(*about, now)
    look()
    return [part(one) for one in made + packer.end(now)], screen, now


def part(sealed: Sealed) -> Part:
    label, start = read_label(sealed.data)
    return Part(
        number=label.number, from_ms=label.from_ms, cols=label.cols, rows=label.rows, entry=label.entry,
        state=label.state, data=sealed.data[start:],
    )  # fmt: skip


def render(parts: list[Part], begin: int = 0) -> list[Any]:
    """As the hub's query does it: from the last entry before `begin` on."""
    entries = [one.number for one in parts if one.entry and one.from_ms <= begin]
    chosen = [one for one in parts if not entries or one.number >= entries[-1]]
    cast = Cast(begin)
    data = cast.header(chosen[0] if chosen else None, "title", 0) + b"".join(map(cast.part, chosen)) + cast.end()
    return [json.loads(line) for line in data.splitlines()]


def play(lines: list[Any]) -> Screen:
    screen = Screen(lines[0]["width"], lines[0]["height"])
    for _, code, text in lines[1:]:
        if code == "o":
            screen.feed(text.encode())
        elif code == "r":
            screen.resize(*map(int, text.split("x")))
    return screen


def readable(steps: list[tuple[str, Any]]) -> bool:
    """Whether the output is UTF-8: asciicast can hold nothing else."""
    try:
        b"".join(about for what, about in steps if what == "output").decode()
    except UnicodeDecodeError:
        return False
    return all(what != "lose" for what, _ in steps)


@given(st.lists(STEP, max_size=12), st.integers(0, 3 * KEY_AGE))
def test_whoever_begins_anywhere_sees_the_same_in_the_end(steps: list[tuple[str, Any]], begin: int) -> None:
    steps = [step for step in steps if readable([step])]
    parts, screen, _ = record(steps)
    seen = play(render(parts, begin))
    assert state(seen) == state(screen)


@given(st.lists(STEP, max_size=12), st.integers(0, 3 * KEY_AGE))
def test_it_is_asciicast_whatever_was_printed(steps: list[tuple[str, Any]], begin: int) -> None:
    parts, _, now = record(steps)
    header, *events = render(parts, begin)
    assert header["version"] == 2
    times = [at for at, _, _ in events]
    assert times == sorted(times)
    assert all(0 <= at <= max(0, now - begin) / 1000 for at in times)
    assert {code for _, code, _ in events} <= {"o", "r", "m"}


@given(st.lists(st.binary(min_size=1, max_size=5), max_size=30))
def test_characters_cut_anywhere_are_whole_again(pieces: list[bytes]) -> None:
    parts, _, _ = record([step for piece in pieces for step in (("output", piece), ("wait", AGE // 3))])
    text = "".join(text for _, code, text in render(parts)[1:] if code == "o")
    assert text == b"".join(pieces).decode("utf-8", "replace")


def test_how_it_ended_is_said() -> None:
    packer = Packer("s", SIZE, on=True, limit=1000)
    made = packer.output(0, b"x" * 100, 0) + packer.switch(False, 5)
    made += packer.switch(True, 10) + packer.draw(b"drawn", 10) + packer.output(100, bytes(range(256)) * 600, 20)
    assert made[-1].label.state is RecordingState.FULL
    marks = [text for _, code, text in render([part(one) for one in made])[1:] if code == "m"]
    assert marks == [
        "The recording was switched off.",
        "0 bytes are not recorded here: the recording was off.",
        "The recording ends here: it has reached its size limit.",
    ]
