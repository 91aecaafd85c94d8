"""A run that has just begun, as the API shows it: from memory, as its rows will say it when they are read. Pure."""

from collections.abc import Callable
from uuid import UUID

from corral_hub.workflows import shapes, views
from corral_hub.workflows.live import Live
from corral_hub.workflows.run import NodeRun
from corral_protocol.codec import Json
from corral_protocol.vocabulary import NodeStatus

BEGUN = (NodeStatus.SCHEDULED, NodeStatus.RUNNING)


def view(
    live: Live,
    workflow: str,
    parameters: Callable[[str], Json],
    server: Callable[[str], tuple[UUID, str | None] | None],
) -> shapes.RunWhole:
    """Return the run with its nodes. `parameters` and `server` say, by a node's key, what and where it runs."""
    rows = [_node(live, key, run, parameters(key), server(key)) for key, run in live.run.nodes.items()]
    rows.sort(key=lambda row: (row["begun_at"] is None, row["begun_at"], row["key"]))
    return {**_run(live, workflow), "nodes": rows}


def _run(live: Live, workflow: str) -> shapes.RunBrief:
    return {
        "id": str(live.id), "workflow_id": live.workflow_id, "workflow": workflow, "version": live.version,
        "number": live.number,
        "status": live.run.status.value, "trigger": live.run.trigger, "started_by": live.started_by, "failed": None,
        "parent_run_id": str(live.parent[0]) if live.parent else None, "output": None,
        "project_id": str(live.project_id), "created_at": views.stamp(live.created_at), "finished_at": None,
    }  # fmt: skip


def _node(
    live: Live, key: str, run: NodeRun, parameters: Json, server: tuple[UUID, str | None] | None
) -> shapes.NodeView:
    """What a node put out stands in the history: of those that ended at once, a trigger or what was pinned has that."""
    told = key == live.run.trigger or key in live.run.pinned
    return {
        "key": key, "status": run.status.value, "attempt": run.attempt, "why": run.why.value if run.why else None,
        "server": server[1] if server else None, "server_id": str(server[0]) if server else None,
        "parameters": parameters,
        "since": views.stamp(run.since), "begun_at": views.stamp(run.since) if run.status in BEGUN else None,
        "output": run.output if told and run.ended else None, "error": None, "logs": None,
    }  # fmt: skip
