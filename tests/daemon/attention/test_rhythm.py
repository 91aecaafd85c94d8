"""When a session is looked at again: soon, then rarely, then not at all."""

from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.attention.model import Verdict
from corral_daemon.attention.rhythm import APART, FIRST, due_moving, due_still
from corral_protocol.vocabulary import Attention

TIMES = st.floats(0, 1e6)


def believed(attention: Attention, *, lasts: bool = False) -> Verdict:
    return Verdict(attention=attention, why="", since=0.0, lasts=lasts)


def looks(verdict: Verdict, until: float = 1000.0) -> list[float]:
    """The times of all looks after something has moved at 0."""
    times = [FIRST]
    while (due := due_still(0.0, times[-1], verdict)) is not None and due < until:
        times.append(due)
    return times


@given(TIMES, st.one_of(st.none(), TIMES))
def test_what_moves_is_looked_at_at_once_but_not_all_the_time(now: float, looked: float | None) -> None:
    due = due_moving(looked, now)
    assert due >= now + FIRST
    assert looked is None or due >= looked + APART


@given(TIMES, TIMES, st.sampled_from(Attention), st.booleans())
def test_a_look_is_always_ahead(moved: float, after: float, attention: Attention, lasts: bool) -> None:
    looked = moved + after
    due = due_still(moved, looked, believed(attention, lasts=lasts))
    assert due is None or due > looked


def test_at_a_prompt_looking_ends_after_a_second() -> None:
    for attention in (Attention.IDLE, Attention.WAITS_FOR_INPUT):
        assert len(looks(believed(attention, lasts=True))) <= 3


def test_what_has_ended_is_never_looked_at() -> None:
    assert due_still(0.0, 0.0, believed(Attention.DEAD, lasts=True)) is None


def test_what_may_go_on_in_silence_is_looked_at_now_and_then() -> None:
    assert 190 < len(looks(believed(Attention.WORKING))) < 210
    assert 30 < len(looks(believed(Attention.IDLE))) < 45
