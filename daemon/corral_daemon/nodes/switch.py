"""Go on at one of several handles, by a value."""

from collections.abc import Mapping
from dataclasses import dataclass

from corral_daemon.nodes.node import Chosen, Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    value: Json = about(description="a template, usually")
    cases: Mapping[str, Json] = about(dict, description="handle by handle, the value that it is for", handles=True)


@node("switch", title="Switch", category="flow", handles=("main", "default"))
async def switch(parameters: Parameters, context: Context) -> Chosen:
    """Goes on at the handles whose case is the value, or else at `default`; at `main` in any case."""
    taken = tuple(handle for handle, value in parameters.cases.items() if value == parameters.value)
    output = {"value": parameters.value, "taken": list(taken) or ["default"]}
    return Chosen(output, ("main", *(taken or ("default",))))
