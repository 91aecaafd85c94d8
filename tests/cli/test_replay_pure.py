"""Reading a recording, and when its events are due; and a hub that sends something else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_cli.terminal.cast import Event, NotACast, lines, read_event, read_header
from corral_cli.terminal.pace import Pace

GAPS = st.lists(st.floats(0, 1000), max_size=20)


@given(st.lists(st.text().map(lambda text: json.dumps(text, ensure_ascii=False).encode())), st.data())
def test_lines_end_at_line_feeds_only_however_they_are_cut(written: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(line + b"\n" for line in written)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert list(lines(pieces)) == written


@given(GAPS, st.floats(0.1, 100), st.none() | st.floats(0, 5))
def test_what_is_shown_late_delays_nothing_after_it(gaps: list[float], speed: float, limit: float | None) -> None:
    pace, at, due = Pace(speed=speed, idle_limit=limit), 0.0, 0.0
    for gap in gaps:
        at += gap
        expected = due + min(gap, limit if limit is not None else gap) / speed
        found = pace.due(at)
        assert found == pytest.approx(expected, abs=1e-6)
        due = found
        pace = pace.shown(at, due + 0.001)


def test_a_pause_takes_no_time_of_the_recording() -> None:
    pace = Pace(speed=2.0).toggle(3.0)
    assert (pace.paused, pace.place(100.0), pace.due(50.0)) == (True, 6.0, None)
    pace = pace.toggle(100.0)
    assert (pace.place(101.0), pace.due(10.0)) == (8.0, 102.0)
    assert pace.jump(-1000.0, 101.0).at == 0.0
    assert pace.times(2.0, 101.0).due(10.0) == 101.5


@pytest.mark.parametrize(
    "line",
    [b"", b"null", b"[]", b"[1]", b'[-1,"o","x"]', b'["1","o","x"]', b'[1,"o",2]', b'{"version":2}', b"[" * 100_000],
)
def test_what_is_no_event_is_refused(line: bytes) -> None:
    with pytest.raises(NotACast):
        read_event(line)


@pytest.mark.parametrize(
    "line", [b"", b"[]", b'{"version":3}', b'{"version":2}', b'{"version":2,"width":0,"height":1}', b"<html>"]
)
def test_what_is_no_recording_is_refused(line: bytes) -> None:
    with pytest.raises(NotACast):
        read_header(line)


def test_events_of_any_kind_are_read() -> None:
    assert read_event(b'[1.5, "m", "here"]') == Event(1.5, "m", "here")
    assert read_event(b'[2, "z", ""]') == Event(2.0, "z", "")
