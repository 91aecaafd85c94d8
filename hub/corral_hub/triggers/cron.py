"""Cron expressions: five fields, or six with seconds first. Pure.

Sunday is 0 or 7; months and weekdays have names; `L` is the last day of the month. Where both the day of the month and
the weekday are given, either is enough, as everywhere.
"""

import calendar
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

LAST: Final = 32
"""Stands for `L` among the days of a month."""
YEARS: Final = 9
"""29 February comes again within eight years, around 2100 too: what has not matched by then never will."""
LONGEST: Final = 200
SOME_DAY: Final = datetime.combine(date(2000, 1, 1), time())

MONTHS: Final = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
WEEKDAYS: Final = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
ALIASES: Final = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip


class BadCron(ValueError):
    """The text says what is wrong with which field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What each field allows, in order. `any_day`, `any_weekday`: that field begins with a star."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    @property
    def every_hour(self) -> bool:
        return len(self.hours) == 24

    def has_day(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        last = day.day == calendar.monthrange(day.year, day.month)[1]
        by_day = day.day in self.days or (last and LAST in self.days)
        by_weekday = day.isoweekday() % 7 in self.weekdays
        return by_day and by_weekday if self.any_day or self.any_weekday else by_day or by_weekday

    def has(self, wall: datetime) -> bool:
        """Whether a time on the clock, to the second, is one of these."""
        parts = wall.second in self.seconds and wall.minute in self.minutes and wall.hour in self.hours
        return parts and self.has_day(wall.date())

    def walls(self, after: datetime) -> Iterator[datetime]:
        """Return the times on the clock after `after` (naive), in order; it ends if there are none for years."""
        day, floor = after.date(), after.time()
        start: time | None = self._later(floor)
        limit = day.replace(day=1) + timedelta(days=366 * YEARS) if day.year < 9990 else date.max
        while day < limit:
            if self.has_day(day):
                while start is not None:
                    yield datetime.combine(day, start)
                    start = self._later(start)
            day = _next_month(day) if day.month not in self.months else day + timedelta(days=1)
            start = time(self.hours[0], self.minutes[0], self.seconds[0])

    def _later(self, than: time) -> time | None:
        """Return the first time of a day after `than`."""
        hour, minute, second = than.hour, than.minute, bisect_right(self.seconds, than.second)
        at_minute = bisect_left(self.minutes, minute)
        same_hour = hour in self.hours
        if same_hour and minute in self.minutes and second < len(self.seconds):
            return time(hour, minute, self.seconds[second])
        at_minute += at_minute < len(self.minutes) and self.minutes[at_minute] == minute
        if same_hour and at_minute < len(self.minutes):
            return time(hour, self.minutes[at_minute], self.seconds[0])
        at_hour = bisect_right(self.hours, hour)
        return time(self.hours[at_hour], self.minutes[0], self.seconds[0]) if at_hour < len(self.hours) else None


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def read(text: str) -> Fields:
    """Raises BadCron."""
    if len(text) > LONGEST:
        raise BadCron(f"is longer than {LONGEST} characters")
    words = ALIASES.get(text.strip().lower(), text).lower().split()
    if len(words) == 5:
        words = ["0", *words]
    if len(words) != 6:
        raise BadCron(f"has {len(words)} fields; there are five, or six with seconds first")
    second, minute, hour, day, month, weekday = words
    found = Fields(
        seconds=tuple(sorted(_set(second, "second", 0, 59))),
        minutes=tuple(sorted(_set(minute, "minute", 0, 59))),
        hours=tuple(sorted(_set(hour, "hour", 0, 23))),
        days=_set(day.replace("l", str(LAST)), "day", 1, LAST if "l" in day else 31),
        months=_set(month, "month", 1, 12, MONTHS),
        weekdays=frozenset(number % 7 for number in _set(weekday, "weekday", 0, 7, WEEKDAYS)),
        any_day=day[0] in "*?",
        any_weekday=weekday[0] in "*?",
    )
    if next(found.walls(SOME_DAY), None) is None:
        raise BadCron("names a day that no month has")
    return found


def _set(text: str, field: str, least: int, most: int, names: dict[str, int] | None = None) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step_text = part.partition("/")
        step = _number(step_text, field, 1, most + 1, {}) if "/" in part else 1
        if span in ("*", "?"):
            low, high = least, min(most, 6) if field == "weekday" else most
        else:
            first, _, last = span.partition("-")
            low = _number(first, field, least, most, names or {})
            high = _number(last, field, least, most, names or {}) if "-" in span else (most if "/" in part else low)
        if high < low:
            raise BadCron(f"{field}: {part!r} ends before it begins")
        found.update(range(low, high + 1, step))
    return frozenset(found)


def _number(text: str, field: str, least: int, most: int, names: dict[str, int]) -> int:
    if text in names:
        return names[text]
    if not (text.isascii() and text.isdigit() and len(text) < 5 and least <= int(text) <= most):
        raise BadCron(f"{field}: {text[:20]!r} is not from {least} to {most}")
    return int(text)
