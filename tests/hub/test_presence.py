"""Who counts as there: judged by the hub's own monotonic clock, and never too early."""

from hypothesis import given
from hypothesis import strategies as st

from corral_hub.servers.presence import Presence, judge

SECONDS = st.floats(0, 10**6, allow_nan=False)
PATIENCE = st.floats(0.001, 10**4)


@given(now=SECONDS, seen=SECONDS, started=SECONDS, patience=PATIENCE, grace=PATIENCE)
def test_lost_means_silent_for_long_and_the_hub_up_for_long(
    now: float, seen: float, started: float, patience: float, grace: float
) -> None:
    """In any order of the three moments, so also where a clock stepped."""
    if judge(now, seen, patience, started, grace) is Presence.LOST:
        assert now - seen >= patience
        assert now - started >= max(grace, patience)


@given(seen=SECONDS, started=SECONDS, patience=PATIENCE, grace=PATIENCE, later=SECONDS)
def test_once_lost_only_a_sign_of_life_helps(
    seen: float, started: float, patience: float, grace: float, later: float
) -> None:
    now = max(seen, started) + patience + grace
    if judge(now, seen, patience, started, grace) is Presence.LOST:
        assert judge(now + later, seen, patience, started, grace) is Presence.LOST
        assert judge(now + later, now + later, patience, started, grace) is Presence.ONLINE


@given(seen=SECONDS, started=SECONDS, patience=PATIENCE, grace=PATIENCE)
def test_everybody_silent_is_lost_in_the_end(seen: float, started: float, patience: float, grace: float) -> None:
    assert judge(max(seen, started) + patience + grace + 1, seen, patience, started, grace) is Presence.LOST
