"""Run another workflow, and wait for its end."""

from dataclasses import dataclass

from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about
from corral_protocol.nodes import CallWorkflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    workflow: str = about(description="its number, or its name")
    inputs: Json = about(None, description="what it begins with; left out: this node's input")


@node("workflow", title="Sub-workflow", category="flow", aliases=("subWorkflow", "sub_workflow"))
async def workflow(parameters: Parameters, context: Context) -> CallWorkflow:
    """Runs another workflow as a part of this run; puts out {run_id, status, outputs}."""
    inputs = context.input() if parameters.inputs is None else parameters.inputs
    return CallWorkflow(workflow=parameters.workflow, inputs=inputs)
