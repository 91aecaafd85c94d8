"""Wait. The hub does it: nothing is held here meanwhile, and a restart forgets no wait."""

from dataclasses import dataclass
from enum import StrEnum

from corral_daemon.nodes.node import Context, node
from corral_protocol.json_schema import about
from corral_protocol.nodes import Sleep


class Unit(StrEnum):
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


_SECONDS = {Unit.SECONDS: 1, Unit.MINUTES: 60, Unit.HOURS: 3600, Unit.DAYS: 86_400}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    duration: float = about(5.0, minimum=0)
    unit: Unit = Unit.SECONDS
    until: str | None = about(None, description="a moment in ISO 8601, instead of a duration")


@node("timer", title="Wait", category="flow", aliases=("wait",))
async def timer(parameters: Parameters, context: Context) -> Sleep:
    """Waits for a while, or until a moment."""
    seconds = parameters.duration * _SECONDS[parameters.unit]
    text = (
        f"waited {(parameters.until and f'until {parameters.until}') or f'{parameters.duration:g} {parameters.unit}'}"
    )
    output = {"duration": parameters.duration, "unit": parameters.unit.value, "message": text}
    if parameters.until:
        return Sleep(until=parameters.until, output={**output, "until": parameters.until})
    return Sleep(seconds=seconds, output={**output, "elapsed_ms": round(seconds * 1000)})
