"""Pauses between attempts: full jitter, always inside their window."""

from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.link import backoff

CHANCE = st.floats(0, 1, exclude_max=True)
FAILURES = st.integers(0, 10_000)


@given(FAILURES, CHANCE)
def test_a_pause_lies_in_its_window(failures: int, chance: float) -> None:
    assert 0 <= backoff.pause(failures, chance) <= backoff.window(failures) <= backoff.MOST


@given(FAILURES)
def test_windows_grow_to_the_most_and_stay(failures: int) -> None:
    assert backoff.FIRST <= backoff.window(failures) <= backoff.window(failures + 1)
    assert backoff.window(failures + 6) == backoff.MOST


@given(FAILURES, CHANCE, CHANCE)
def test_the_whole_window_is_used(failures: int, one: float, other: float) -> None:
    assert (backoff.pause(failures, one) < backoff.pause(failures, other)) == (
        one * backoff.window(failures) < other * backoff.window(failures)
    )


def test_windows_by_example() -> None:
    assert [backoff.window(failures) for failures in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]


@given(CHANCE)
def test_a_refused_key_waits_long(chance: float) -> None:
    assert 27 <= backoff.refused_pause(chance) <= 33
