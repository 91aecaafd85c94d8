"""Put what several nodes put out together."""

from dataclasses import dataclass
from enum import StrEnum

from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


class Way(StrEnum):
    OBJECT = "object"
    LIST = "list"
    NAMED = "named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    way: Way = about(Way.OBJECT, description="one object of all fields, a list of all items, or each under its label")


@node("merge", title="Merge", category="data")
async def merge(parameters: Parameters, context: Context) -> Json:
    """Puts its inputs together, in the order of their edges."""
    sources = [source for source in context.sources if source.id in context.inputs]
    given = [context.inputs[source.id] for source in sources]
    if parameters.way is Way.NAMED:
        return {source.label or source.id: value for source, value in zip(sources, given, strict=True)}
    if parameters.way is Way.LIST:
        return {"items": [item for value in given for item in (value if isinstance(value, list) else [value])]}
    merged: dict[str, Json] = {}
    for value in given:
        merged |= value if isinstance(value, dict) else {}
    return merged
