"""Where a run begins that a person, the API or another workflow starts."""

from dataclasses import dataclass

from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    initialData: str = about("{}", description="JSON object that is its output where the run is given none")


@node("start", title="Start", category="trigger", trigger="manual")
async def start(parameters: Parameters, context: Context) -> Json:
    """Begins a run by hand, and puts out what the run was given."""
    return None
