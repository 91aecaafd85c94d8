"""Clocks in five zones across their changes, held against what a reader of every second would say."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.triggers.cron import BadCron, read
from corral_hub.triggers.misfire import LATE, Misfire, due, newest
from corral_hub.triggers.schedule import Cron, Every, Once, instants, next_fire, resolve

# When the clock is put forward and back: an hour at night, half an hour (Lord Howe), at midnight (Havana), never.
ZONES = ("America/New_York", "Europe/Paris", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata")
AROUND = {
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Europe/Paris": ("2026-03-29", "2026-10-25"),
    "Australia/Lord_Howe": ("2026-10-04", "2026-04-05"),
    "America/Havana": ("2026-03-08", "2026-11-01"),
    "Asia/Kolkata": ("2026-03-29", "2026-10-25"),
}
MINUTE = timedelta(minutes=1)
NOW = datetime(2026, 11, 26, 5, 0, 0, tzinfo=UTC)
NIGHT = timedelta(hours=36)


def cron(text: str, zone: str = "UTC") -> Cron:
    return Cron(read(text), ZoneInfo(zone))


def after(text: str, zone: str, start: str, count: int) -> list[str]:
    """Return the next instants as the zone's clock shows them, without the year."""
    since = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return [at.astimezone(ZoneInfo(zone)).isoformat()[5:16] for at in islice(instants(cron(text, zone), since), count)]


# -- what is promised, by example ---------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "start", "text", "found"),
    [
        ("America/New_York", "2026-03-07T12:00", "30 2 * * *", ["03-08T03:00", "03-09T02:30"]),
        ("America/New_York", "2026-10-31T12:00", "30 1 * * *", ["11-01T01:30", "11-02T01:30"]),
        ("Europe/Paris", "2026-03-28T12:00", "30 2 * * *", ["03-29T03:00", "03-30T02:30"]),
        ("Europe/Paris", "2026-10-24T12:00", "30 2 * * *", ["10-25T02:30", "10-26T02:30"]),
        ("Australia/Lord_Howe", "2026-10-03T12:00", "15 2 * * *", ["10-04T02:30", "10-05T02:15"]),
        ("Australia/Lord_Howe", "2026-04-04T12:00", "45 1 * * *", ["04-05T01:45", "04-06T01:45"]),
        ("America/Havana", "2026-03-07T12:00", "30 0 * * *", ["03-08T01:00", "03-09T00:30"]),
        ("America/Havana", "2026-10-31T12:00", "30 0 * * *", ["11-01T00:30", "11-02T00:30"]),
        ("Asia/Kolkata", "2026-03-28T12:00", "30 2 * * *", ["03-29T02:30", "03-30T02:30"]),
    ],
)
def test_a_time_of_the_day_comes_once_a_day(zone: str, start: str, text: str, found: list[str]) -> None:
    assert after(text, zone, start, 2) == found


def test_many_times_in_the_hour_that_is_left_out_are_one() -> None:
    assert after("*/10 2 * * *", "America/New_York", "2026-03-08T00:00", 2) == ["03-08T03:00", "03-09T02:00"]


def test_where_no_hour_is_named_time_just_passes() -> None:
    hours = after("30 * * * *", "America/New_York", "2026-11-01T00:00", 4)
    assert hours == ["11-01T00:30", "11-01T01:30", "11-01T01:30", "11-01T02:30"]
    assert after("30 * * * *", "America/New_York", "2026-03-08T01:00", 2) == ["03-08T01:30", "03-08T03:30"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0 0 L * *", ["01-31T00:00", "02-28T00:00", "03-31T00:00"]),
        ("0 12 * * 7", ["01-04T12:00", "01-11T12:00", "01-18T12:00"]),
        ("0 12 * * mon-wed", ["01-05T12:00", "01-06T12:00", "01-07T12:00"]),
        ("0 0 13 * 5", ["01-02T00:00", "01-09T00:00", "01-13T00:00"]),
        ("0 0 */10 * 5", ["05-01T00:00", "07-31T00:00", "08-21T00:00"]),
        ("@monthly", ["02-01T00:00", "03-01T00:00", "04-01T00:00"]),
        ("5/20 3 * jan,mar *", ["01-01T03:05", "01-01T03:25", "01-01T03:45"]),
        ("0 0 29 2 *", ["02-29T00:00"] * 3),
    ],
)
def test_fields(text: str, found: list[str]) -> None:
    assert after(text, "UTC", "2026-01-01T00:00", 3) == found


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 30 2 *", "*/0 * * * *", "5-1 * * * *", "a * * * *",
     "* * * * 8", "1,,2 * * * *", "- * * * *", "* * * * * * *", "*" * 300, "٣ * * * *", "1/ * * * *"],
)  # fmt: skip
def test_what_is_no_expression_says_why(text: str) -> None:
    with pytest.raises(BadCron):
        read(text)


# -- the same, for whatever comes -----------------------------------------------------------


def field(least: int, most: int) -> st.SearchStrategy[str]:
    number = st.integers(least, most)
    return st.one_of(
        st.just("*"), number.map(str), st.integers(2, 20).map(lambda step: f"*/{step}"),
        st.lists(number, min_size=1, max_size=3).map(lambda found: ",".join(map(str, found))),
    )  # fmt: skip


expressions = st.tuples(field(0, 59), field(0, 4)).map(lambda parts: f"{parts[0]} {parts[1]} * * *")
zones = st.sampled_from(ZONES)
walls = st.integers(0, 30 * 366 * 86_400).map(lambda ago: NOW.replace(tzinfo=None) - timedelta(seconds=ago))


@st.composite
def nights(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone, and a moment shortly before or in the night in which its clock is changed."""
    zone = draw(zones)
    day = draw(st.sampled_from(AROUND[zone]))
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return zone, midnight + timedelta(minutes=draw(st.integers(-120, 300)), seconds=draw(st.integers(0, 59)))


def slowly(schedule: Cron, since: datetime, until: datetime) -> list[datetime]:
    """Return what is due in (since, until], minute by minute."""
    found: list[datetime] = []
    before = None
    here = since.replace(second=0, microsecond=0)
    seen: set[datetime] = set()
    for wall, at in minutes(schedule.zone, here - timedelta(hours=26), until):
        skipped = [] if before is None else between(before, wall)
        hit = schedule.fields.has(wall) and (schedule.fields.every_hour or wall not in seen)
        caught = not schedule.fields.every_hour and any(schedule.fields.has(gone) for gone in skipped)
        if (hit or caught) and since < at <= until:
            found.append(at)
        seen.add(wall)
        before = wall
    return found


def minutes(zone: ZoneInfo, start: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    at = start
    while at <= until:
        yield at.astimezone(zone).replace(tzinfo=None, fold=0), at
        at += MINUTE


def between(before: datetime, now: datetime) -> list[datetime]:
    """Return the times on the clock that it left out."""
    return [before + MINUTE * step for step in range(1, max(0, int((now - before) / MINUTE)))]


@given(expressions, nights())
def test_nothing_is_left_out_and_nothing_comes_twice(text: str, night: tuple[str, datetime]) -> None:
    zone, since = night
    schedule, until = cron(text, zone), since + timedelta(hours=7)
    quickly: list[datetime] = []
    for at in instants(schedule, since):
        if at > until:
            break
        quickly.append(at)
    assert quickly == slowly(schedule, since, until)


@given(expressions, nights())
def test_it_always_goes_on(text: str, night: tuple[str, datetime]) -> None:
    zone, since = night
    found = list(islice(instants(cron(text, zone), since), 5))
    assert found == sorted(set(found)) and found[0] > since
    assert all(at.microsecond == 0 and at.tzinfo is UTC for at in found)


@given(zones, walls, st.integers(0, 10_000))
def test_a_later_time_on_the_clock_is_no_earlier_instant(zone: str, wall: datetime, more: int) -> None:
    here = ZoneInfo(zone)
    assert resolve(wall, here) <= resolve(wall + timedelta(seconds=more), here)


# -- what a hub that slept makes up for ---------------------------------------------------------


@pytest.mark.parametrize(("policy", "count"), [(Misfire.SKIP, 0), (Misfire.ONCE, 1), (Misfire.ALL, 36)])
def test_a_hub_that_slept_for_36_hours(policy: Misfire, count: int) -> None:
    hourly = cron("30 * * * *")
    found = due(hourly, NOW - NIGHT, NOW, policy, 100)
    assert len(found.fires) == count and found.missed
    if count:
        assert found.fires[-1] == NOW - timedelta(minutes=30)


def test_it_makes_up_for_the_newest_within_the_limit() -> None:
    found = due(cron("0 * * * *"), NOW - NIGHT, NOW + timedelta(minutes=1), Misfire.ALL, 3)
    assert [at.hour for at in found.fires] == [3, 4, 5]


def test_what_is_hardly_late_was_not_missed() -> None:
    found = due(Every(1), NOW - timedelta(seconds=3), NOW, Misfire.SKIP, 1)
    assert found.fires == tuple(NOW - timedelta(seconds=ago) for ago in (2, 1, 0)) and not found.missed


def test_a_second_clock_that_slept_is_not_counted_through() -> None:
    """129,600 instants lie in between; none of them but the newest is looked at."""
    found = due(Every(1), NOW - NIGHT, NOW, Misfire.ONCE, 1)
    assert len(found.fires) == 1 + LATE.seconds and found.fires[0] == NOW - LATE


@given(st.integers(1, 5000), st.integers(0, 200_000), st.integers(1, 50))
def test_the_newest_are_found_from_the_end(period: int, ago: int, count: int) -> None:
    since = NOW - timedelta(seconds=ago)
    first = next_fire(Every(period), since)
    found = newest(Every(period), since, NOW, count)
    inside = 0 if first is None or first > NOW else int((NOW - first).total_seconds()) // period + 1
    assert len(found) == min(count, inside)
    assert list(found) == sorted(found) and all(since < at <= NOW for at in found)
    following = next_fire(Every(period), found[-1]) if found else None
    assert following is None or following > NOW


def test_once_is_once() -> None:
    assert list(instants(Once(NOW), NOW - NIGHT)) == [NOW]
    assert next_fire(Once(NOW), NOW) is None
