"""When something is due: the next instant after another, in a time zone whose clock is put forward and back. Pure.

A time of the day comes once a day: in an hour that the clock repeats it is the first of the two, and one that the clock
leaves out comes when the clock goes on. Where the hours are not named (`*/5 * * * *`), time just passes: nothing is
left out or put off, and the repeated hour has its runs, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from corral_hub.triggers.cron import Fields

SECOND = timedelta(seconds=1)
FAR = timedelta(hours=6)
NEAR = timedelta(hours=5)


@dataclass(frozen=True, slots=True)
class Cron:
    fields: Fields
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Every:
    """Each `period` seconds, counted from 1970: everywhere at the same instants, whenever it was begun."""

    period: int


@dataclass(frozen=True, slots=True)
class Once:
    at: datetime


Schedule = Cron | Every | Once


def next_fire(schedule: Schedule, after: datetime) -> datetime | None:
    """Return the first instant after `after`, in UTC; None if none is to come."""
    try:
        match schedule:
            case Once(at=at):
                return at if at > after else None
            case Every(period=period):
                return datetime.fromtimestamp((int(after.timestamp()) // period + 1) * period, UTC)
            case Cron(fields=fields) if fields.every_hour:
                return _passing(schedule, after)
            case Cron():
                return _on_the_clock(schedule, after)
    except OverflowError:
        return None


def instants(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """Return all that come after `after`, in order."""
    at = next_fire(schedule, after)
    while at is not None:
        yield at
        at = next_fire(schedule, at)


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _on_the_clock(schedule: Cron, after: datetime) -> datetime | None:
    # What the clock shows never resolves to an earlier instant than what it showed before: no need to look back.
    walls = schedule.fields.walls(_wall(after, schedule.zone))
    resolved = (resolve(wall, schedule.zone) for wall in walls)
    return next((instant for instant in resolved if instant > after), None)


def resolve(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant of a time on the clock: the first of two, or the end of the gap that it falls into."""
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early <= late:
        return early
    return _change(late - SECOND, early, zone)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the second at which the offset of `before` ends, not later than `after`."""
    offset = _offset(before, zone)
    while after - before > SECOND:
        middle = before + timedelta(seconds=(after - before) // SECOND // 2)
        before, after = (middle, after) if _offset(middle, zone) == offset else (before, middle)
    return after


def _passing(schedule: Cron, after: datetime) -> datetime | None:
    fields, zone, here = schedule.fields, schedule.zone, after.replace(microsecond=0)
    while True:
        offset = _offset(here, zone)
        wall = next(fields.walls(_wall(here, zone)), None)
        if wall is None:
            return None
        found = (wall - offset).replace(tzinfo=UTC)
        if found - here > FAR:  # days that do not match lie between: go near, the clock may be changed on the way
            here = found - NEAR
            continue
        if _offset(found, zone) == offset:
            return found
        here = _change(here, found, zone)
        if fields.has(_wall(here, zone)):
            return here
