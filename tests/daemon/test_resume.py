"""What follows from the hub's answers, and when a socket counts as dead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.link import liveness
from corral_daemon.link.liveness import Due
from corral_daemon.link.resume import (
    AUTH_REFUSED,
    SUPERSEDED,
    SUSPECT_FOR,
    Again,
    Rename,
    SendFrom,
    Stop,
    after_close,
    is_loopback,
    resume,
    socket_url,
)

SEQ = st.integers(0, 2**40)
CHANCE = st.floats(0, 1, exclude_max=True)
SECONDS = st.floats(0, 1e6)


@given(SEQ, SEQ)
def test_sending_goes_on_behind_what_the_hub_has(hub: int, own: int) -> None:
    assert resume(hub, own) == (SendFrom(hub) if hub <= own else Rename(hub))


@given(st.none() | st.integers(1000, 4999), st.integers(1, 50), st.none() | SECONDS, CHANCE)
def test_only_a_stranger_stops_us(code: int | None, failures: int, abandoned: float | None, chance: float) -> None:
    move = after_close(code, failures, abandoned, chance)
    stranger = code == SUPERSEDED and (abandoned is None or abandoned > SUSPECT_FOR)
    assert isinstance(move, Stop) == stranger
    if isinstance(move, Again):
        assert 0 <= move.pause <= 33
        assert code != AUTH_REFUSED or move.pause >= 27


@pytest.mark.parametrize(
    ("hub", "socket"),
    [
        ("http://127.0.0.1:8000", "ws://127.0.0.1:8000/ws/server"),
        ("https://hub.example/", "wss://hub.example/ws/server"),
        ("https://example.org/corral", "wss://example.org/corral/ws/server"),
        ("http://[::1]:1", "ws://[::1]:1/ws/server"),
    ],
)
def test_socket_url(hub: str, socket: str) -> None:
    assert socket_url(hub) == socket


def test_loopback() -> None:
    assert is_loopback("ws://127.0.0.1:1/") and is_loopback("http://localhost") and is_loopback("http://[::1]:1")
    assert not is_loopback("https://hub.example")


@given(st.lists(st.tuples(st.floats(0.01, 30), st.booleans(), CHANCE), max_size=60), st.floats(1, 120))
def test_a_silent_hub_is_found_dead_and_a_talking_one_is_not(
    steps: list[tuple[float, bool, float]], heartbeat: float
) -> None:
    now = 0.0
    state = liveness.begin(now, heartbeat)
    last_beat = -1e9
    for wait, talks, chance in steps:
        now = max(now, min(now + wait, liveness.wake_at(state)))
        if talks:
            state = liveness.hear(state, now)
        state, todo = liveness.due(state, now, chance)
        assert Due.DEAD not in todo or (not talks and now - state.heard >= liveness.PING_EVERY + liveness.PONG_WITHIN)
        if Due.DEAD in todo:
            return
        if Due.HEARTBEAT in todo:
            assert now - last_beat >= heartbeat * (1 - liveness.JITTER) - 1e-9
            last_beat = now
        assert liveness.wake_at(state) >= now
        assert now - state.heard <= liveness.PING_EVERY + liveness.PONG_WITHIN + 1e-9


def test_being_away_is_noticed_after_the_lease_only() -> None:
    assert liveness.was_away(None, 1e9, 90) is None
    assert liveness.was_away(10, 100, 90) is None
    assert liveness.was_away(10, 101, 90) == 91


@pytest.mark.parametrize("heartbeat", [0.0, -1.0, float("nan")])
def test_no_hub_can_ask_for_heartbeats_without_end(heartbeat: float) -> None:
    state, todo = liveness.due(liveness.begin(0.0, heartbeat), 0.0, 0.5)
    assert todo == (liveness.Due.HEARTBEAT,)
    assert liveness.wake_at(state) >= liveness.LEAST_HEARTBEAT
