"""What a cronScheduler node says, as a schedule: MachinaOs' fields as its forms mean them, or an expression. Pure.

Weekday 0 is Sunday, `L` the last day of the month. Intervals that divide the minute, the hour or the day begin with it;
others are counted from 1970, so that they keep their distance.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from corral_hub.triggers import cron
from corral_hub.triggers.misfire import MOST, Misfire
from corral_hub.triggers.reading import BadTrigger, choice, text, whole
from corral_hub.triggers.schedule import Cron, Every, Once, Schedule
from corral_protocol.codec import Json


class Overlap(StrEnum):
    """What happens when it is due while a run that it began goes on."""

    SKIP = "skip"
    QUEUE = "queue"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`words`: the schedule as a person reads it. `expression`: as cron, where there is one."""

    schedule: Schedule
    frequency: str
    timezone: str
    words: str
    expression: str | None = None
    misfire: Misfire = Misfire.ONCE
    misfire_limit: int = 100
    overlap: Overlap = Overlap.ALLOW

    def payload(self, at: datetime, iteration: int, now: datetime) -> dict[str, Json]:
        """Return what the trigger puts out for the instant `at`."""
        return {
            "timestamp": _stamp(now), "scheduled_time": _stamp(at), "iteration": iteration,
            "frequency": self.frequency, "timezone": self.timezone, "schedule": self.words,
            "cron_expression": self.expression,
        }  # fmt: skip


Parameters = Mapping[str, Json]


def read_clock(parameters: Parameters, now: datetime) -> Clock:
    """`now`: when it is armed; `once` without a time is then. Raises BadTrigger."""
    expression = text(parameters, "cron", most=cron.LONGEST)
    frequency = "cron" if expression else text(parameters, "frequency", "minutes")
    timezone = text(parameters, "timezone", "UTC", most=64)
    if frequency not in _SCHEDULES:
        raise BadTrigger("frequency", f"must be one of {', '.join(_SCHEDULES)}")
    zone = _zone(timezone)
    schedule, words, written = _SCHEDULES[frequency](parameters, zone, now)
    return Clock(
        schedule=schedule,
        frequency=frequency,
        timezone=timezone,
        words=words,
        expression=written,
        misfire=Misfire(choice(parameters, "misfire", "once", tuple(Misfire))),
        misfire_limit=whole(parameters, "misfireLimit", 100, 1, MOST),
        overlap=Overlap(choice(parameters, "overlap", "allow", tuple(Overlap))),
    )


Made = tuple[Schedule, str, str | None]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError) as error:  # OSError: a name that is a folder; ZoneInfoNotFoundError is a KeyError
        raise BadTrigger("timezone", f"{name!r} is no IANA time zone") from error
    except KeyError as error:
        raise BadTrigger("timezone", f"{name!r} is no IANA time zone, such as Europe/Berlin") from error


def _cron(zone: ZoneInfo, written: str, words: str, name: str = "frequency") -> Made:
    try:
        return Cron(cron.read(written), zone), words, written
    except cron.BadCron as error:
        raise BadTrigger(name, str(error)) from error


def _interval(parameters: Parameters, zone: ZoneInfo, name: str, default: int, unit: str) -> Made:
    seconds, whole_of, written = _UNITS[unit]
    count = whole(parameters, name, default, 1, 366 * 86_400 // seconds)
    words = f"every {unit}" if count == 1 else f"every {count} {unit}s"
    if whole_of % count == 0:
        return _cron(zone, written.format(f"*/{count}" if count < whole_of else "0"), words)
    return Every(count * seconds), words, None


_UNITS: Final = {
    "second": (1, 60, "{} * * * * *"),
    "minute": (60, 60, "{} * * * *"),
    "hour": (3600, 24, "0 {} * * *"),
}
"""Unit: seconds, how many make the next one, and where it stands in an expression."""


def _time(parameters: Parameters, name: str) -> tuple[int, int]:
    value = text(parameters, name, "09:00")
    hour, _, minute = value.partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and len(value) <= 5 and int(hour) < 24 and int(minute) < 60):
        raise BadTrigger(name, "must be a time of the day, such as 09:00")
    return int(hour), int(minute)


def _daily(parameters: Parameters, zone: ZoneInfo, _: datetime) -> Made:
    hour, minute = _time(parameters, "daily_time")
    return _cron(zone, f"{minute} {hour} * * *", f"daily at {hour:02}:{minute:02}")


def _weekly(parameters: Parameters, zone: ZoneInfo, _: datetime) -> Made:
    hour, minute = _time(parameters, "weekly_time")
    weekday = whole(parameters, "weekday", 1, 0, 6)
    name = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")[weekday]
    return _cron(zone, f"{minute} {hour} * * {weekday}", f"every {name} at {hour:02}:{minute:02}")


def _monthly(parameters: Parameters, zone: ZoneInfo, _: datetime) -> Made:
    hour, minute = _time(parameters, "monthly_time")
    day = text(parameters, "month_day", "1")
    named = "the last day" if day == "L" else f"day {day}"
    return _cron(zone, f"{minute} {hour} {day} * *", f"monthly on {named} at {hour:02}:{minute:02}", "month_day")


def _once(parameters: Parameters, zone: ZoneInfo, now: datetime) -> Made:
    written = text(parameters, "at", most=64)
    if not written:
        return Once(now + timedelta(microseconds=1)), "once, when it is deployed", None
    try:
        at = datetime.fromisoformat(written)
        at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadTrigger("at", "must be a time such as 2027-01-31T09:00") from error
    return Once(at), f"once at {_stamp(at)}", None


_SCHEDULES: Final[Mapping[str, Callable[[Any, ZoneInfo, datetime], Made]]] = {
    "seconds": lambda p, zone, _: _interval(p, zone, "interval", 30, "second"),
    "minutes": lambda p, zone, _: _interval(p, zone, "interval_minutes", 5, "minute"),
    "hours": lambda p, zone, _: _interval(p, zone, "interval_hours", 1, "hour"),
    "days": _daily,
    "weeks": _weekly,
    "months": _monthly,
    "once": _once,
    "cron": lambda p, zone, _: _cron(zone, text(p, "cron"), text(p, "cron"), "cron"),
}


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
