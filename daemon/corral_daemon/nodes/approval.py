"""Ask a person, and wait for the word."""

from dataclasses import dataclass

from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about
from corral_protocol.nodes import Approve


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    question: str = about(description="what to ask")
    details: Json = about(None, description="what the person should see beside the question")
    expires: float | None = about(None, description="seconds after which it counts as refused", minimum=1)


@node("approval", title="Approval", category="flow", handles=("main", "approved", "refused"))
async def approval(parameters: Parameters, context: Context) -> Approve:
    """Waits until a person has approved or refused; its output says which, who and why."""
    return Approve(question=parameters.question, details=parameters.details, expires=parameters.expires)
