"""How long an e-mail address is blocked after failed logins. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FREE = 4
"""Failures without consequence; the fifth blocks for FIRST seconds, and each further one twice as long."""
FIRST = 1.0
LONGEST = 900.0
FORGOTTEN = timedelta(hours=1)
DOUBLINGS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """`blocked_until` is the time of the last failure where that did not block."""

    count: int
    blocked_until: datetime


def block(count: int) -> float:
    """Return the seconds of silence after failure number `count`."""
    if count <= FREE:
        return 0.0
    return min(FIRST * 2.0 ** min(count - FREE - 1, DOUBLINGS), LONGEST)


def wait(failures: Failures | None, now: datetime) -> float:
    """Return the seconds until the next attempt is looked at; 0 means now."""
    if failures is None:
        return 0.0
    left = (failures.blocked_until - now).total_seconds()
    # A clock that was set back must not block for longer than the rule says.
    return min(max(0.0, left), block(failures.count))


def after_failure(failures: Failures | None, now: datetime) -> Failures:
    """Return what is remembered after one more failure."""
    known = 0 if failures is None or forgotten(failures, now) else failures.count
    count = known + 1
    return Failures(count=count, blocked_until=now + timedelta(seconds=block(count)))


def forgotten(failures: Failures, now: datetime) -> bool:
    return now - failures.blocked_until > FORGOTTEN
