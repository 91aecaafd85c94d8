"""Whether and when a failed attempt is tried again. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from corral_protocol.run import Retry
from corral_protocol.vocabulary import ErrorClass

# Said on purpose by the agent or by a person: trying again unasked would be deaf.
DELIBERATE = frozenset({ErrorClass.REPORTED, ErrorClass.CANCELLED, ErrorClass.UPSTREAM_FAILED})

LONGEST = 7 * 86_400.0
"""Seconds; whoever asks for more waits a week."""


@dataclass(frozen=True, slots=True)
class RetryAt:
    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    why: str


def decide(policy: Retry, attempt: int, error: ErrorClass, now: datetime) -> RetryAt | GiveUp:
    """Return what follows a failure of attempt number `attempt` (1 is the first)."""
    if attempt >= policy.max_attempts:
        return GiveUp(f"attempt {attempt} of {policy.max_attempts}")
    if policy.on is not None and error not in policy.on:
        return GiveUp(f"{error.value} is not among the classes to retry")
    if policy.on is None and error in DELIBERATE:
        return GiveUp(f"{error.value} is not retried unless the policy names it")
    return RetryAt(now + timedelta(seconds=delay(policy, attempt)))


def delay(policy: Retry, attempt: int) -> float:
    """Return the seconds to wait after failed attempt number `attempt`."""
    if policy.backoff <= 0:
        return 0.0
    try:
        grown = policy.backoff * policy.factor ** (attempt - 1)
    except OverflowError:
        return min(policy.max_backoff, LONGEST)
    return max(0.0, min(grown, policy.max_backoff, LONGEST))
