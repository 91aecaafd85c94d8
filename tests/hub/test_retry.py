"""Retry: as often as the policy says, never for what was said on purpose, with a bounded wait that never shrinks."""

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corral_hub.tasks.retry import DELIBERATE, GiveUp, RetryAt, decide, delay
from corral_protocol.run import Retry
from corral_protocol.vocabulary import ErrorClass
from tests.hub.samples import NOW

policies = st.builds(
    Retry,
    max_attempts=st.integers(1, 10),
    backoff=st.floats(0, 1e308),
    factor=st.floats(1, 1e308),
    max_backoff=st.floats(0, 1e308),
    on=st.none() | st.lists(st.sampled_from(ErrorClass), max_size=3).map(tuple),
)
YEAR = 366 * 86_400


@given(policies, st.integers(1, 12), st.sampled_from(ErrorClass))
def test_the_decision_follows_the_policy(policy: Retry, attempt: int, error: ErrorClass) -> None:
    wanted = error in policy.on if policy.on is not None else error not in DELIBERATE
    decision = decide(policy, attempt, error, NOW)
    assert isinstance(decision, RetryAt) == (wanted and attempt < policy.max_attempts)
    match decision:
        case RetryAt(at=at):
            assert NOW <= at <= NOW + timedelta(seconds=YEAR)
        case GiveUp(why=why):
            assert why


@given(policies, st.integers(1, 5000))
def test_waits_are_bounded_and_never_shrink(policy: Retry, attempt: int) -> None:
    assert 0 <= delay(policy, attempt) <= delay(policy, attempt + 1) <= policy.max_backoff


@given(policies, st.sampled_from(ErrorClass))
def test_attempts_end(policy: Retry, error: ErrorClass) -> None:
    assume(policy.on is None or error in policy.on)
    attempt = 1
    while isinstance(decide(policy, attempt, error, NOW), RetryAt):
        attempt += 1
    assert attempt <= policy.max_attempts


def test_the_default_tries_once() -> None:
    assert isinstance(decide(Retry(), 1, ErrorClass.TIMEOUT, NOW), GiveUp)


def test_the_wait_grows_by_the_factor() -> None:
    policy = Retry(max_attempts=9, backoff=2, factor=3, max_backoff=60)
    assert [delay(policy, attempt) for attempt in range(1, 6)] == [2, 6, 18, 54, 60]


@pytest.mark.parametrize("error", sorted(DELIBERATE))
def test_what_was_said_on_purpose_is_retried_only_by_name(error: ErrorClass) -> None:
    assert isinstance(decide(Retry(max_attempts=3), 1, error, NOW), GiveUp)
    assert isinstance(decide(Retry(max_attempts=3, on=(error,)), 1, error, NOW), RetryAt)
