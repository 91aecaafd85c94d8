"""Make an object of values, templates in them replaced."""

from collections.abc import Mapping
from dataclasses import dataclass

from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    fields: Mapping[str, Json] = about(dict, description="what to put out, by name")
    keep: bool = about(True, description="keep the other fields of the input")


@node("set", title="Set fields", category="data", aliases=("transform",))
async def set_fields(parameters: Parameters, context: Context) -> Json:
    """Puts out the input with these fields set, or only these fields."""
    given = context.input()
    return {**(given if parameters.keep and isinstance(given, dict) else {}), **parameters.fields}
