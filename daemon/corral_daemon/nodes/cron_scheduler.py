"""Where a run begins that the clock starts."""

from dataclasses import dataclass
from enum import StrEnum

from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


class Frequency(StrEnum):
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    ONCE = "once"


class Misfire(StrEnum):
    SKIP = "skip"
    ONCE = "once"
    ALL = "all"


class Overlap(StrEnum):
    SKIP = "skip"
    QUEUE = "queue"
    ALLOW = "allow"


def _at(frequency: Frequency) -> dict[str, list[str]]:
    return {"frequency": [frequency.value]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `cronScheduler`; weekdays count from Sunday, which is 0. `cron` is ours."""

    frequency: Frequency = Frequency.MINUTES
    interval: int = about(30, minimum=1, shown_when=_at(Frequency.SECONDS))
    interval_minutes: int = about(5, minimum=1, shown_when=_at(Frequency.MINUTES))
    interval_hours: int = about(1, minimum=1, shown_when=_at(Frequency.HOURS))
    daily_time: str = about("09:00", description="hour and minute", shown_when=_at(Frequency.DAYS))
    weekday: str = about("1", description="0 is Sunday", shown_when=_at(Frequency.WEEKS))
    weekly_time: str = about("09:00", description="hour and minute", shown_when=_at(Frequency.WEEKS))
    month_day: str = about("1", description="1 to 31, or L for the last", shown_when=_at(Frequency.MONTHS))
    monthly_time: str = about("09:00", description="hour and minute", shown_when=_at(Frequency.MONTHS))
    timezone: str = about("UTC", description="a name like Europe/Paris")
    at: str = about("", description="left out: when it is deployed", shown_when=_at(Frequency.ONCE))
    cron: str | None = about(None, description="a cron expression of five fields, or six with seconds, instead")
    misfire: Misfire = about(Misfire.ONCE, description="what happens about times missed while the hub was down")
    misfireLimit: int = about(100, minimum=1, maximum=1000, shown_when={"misfire": ["all"]})
    overlap: Overlap = about(Overlap.ALLOW, description="what happens while the run before goes on")


@node("cronScheduler", title="Schedule", category="trigger", trigger="cron")
async def cron_scheduler(parameters: Parameters, context: Context) -> Json:
    """Begins a run at each due time: puts out timestamp, iteration, schedule and time zone."""
    return None
