"""Where a run begins that the end of a task starts."""

from dataclasses import dataclass
from enum import StrEnum

from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


class StatusFilter(StrEnum):
    ALL = "all"
    COMPLETED = "completed"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `taskTrigger`."""

    task_id: str = about("", description="only this task")
    agent_name: str = about("", description="only agents with this in their name")
    status_filter: StatusFilter = StatusFilter.ALL
    parent_node_id: str = about("", description="only tasks that this node created")


@node("taskTrigger", title="Task completed", category="trigger", trigger="task")
async def task_trigger(parameters: Parameters, context: Context) -> Json:
    """Begins a run when a task ends: puts out task_id, status, agent_name, and result or error."""
    return None
