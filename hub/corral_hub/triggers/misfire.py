"""What a clock that was stopped for a while makes up for. Pure."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice, takewhile

from corral_hub.triggers.schedule import Schedule, instants, next_fire


class Misfire(StrEnum):
    """What happens about times that were missed because the hub was down."""

    SKIP = "skip"
    ONCE = "once"
    """The newest of them, for all of them."""
    ALL = "all"
    """Each of them, the newest up to a limit."""


LATE = timedelta(seconds=10)
"""What is not later than this was not missed."""
MOST = 1000


@dataclass(frozen=True, slots=True)
class Due:
    """`fires`: instants to be run now, in order. `missed`: whether others were passed over, or made up for."""

    fires: tuple[datetime, ...]
    missed: bool


def due(schedule: Schedule, after: datetime, now: datetime, policy: Misfire, limit: int) -> Due:
    """Return what is due in (after, now]. `after`: the last instant that was seen to."""
    cut = max(after, now - LATE)
    on_time = tuple(islice(takewhile(lambda at: at <= now, instants(schedule, cut)), MOST))
    first = next_fire(schedule, after)
    if first is None or first > cut:
        return Due(on_time, missed=False)
    wanted = {Misfire.SKIP: 0, Misfire.ONCE: 1, Misfire.ALL: max(1, min(limit, MOST))}[policy]
    return Due((*newest(schedule, after, cut, wanted), *on_time), missed=True)


def newest(schedule: Schedule, after: datetime, until: datetime, count: int) -> tuple[datetime, ...]:
    """Return the last `count` instants in (after, until]: found from the end, whatever lies before them."""
    if count == 0:
        return ()
    window = timedelta(minutes=1)
    while True:
        start = max(after, until - window)
        found = deque(takewhile(lambda at: at <= until, instants(schedule, start)), maxlen=count)
        if len(found) == count or start == after:
            return tuple(found)
        window *= 2
