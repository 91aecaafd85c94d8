"""Nodes of live runs that wait for a person's word. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from corral_hub.inbox.items import Kind, Row
from corral_hub.workflows.live import Live
from corral_protocol.nodes import Approve


def waiting(runs: Iterable[Live], project_id: UUID | None) -> Iterator[Row]:
    """Yield a row for each node that asked and was not answered yet."""
    for live in runs:
        if project_id in (None, live.project_id):
            for key, wish in live.waiting().items():
                if isinstance(wish, Mapping) and wish.get("type") == Approve.TYPE:
                    yield {
                        "kind": Kind.APPROVAL.value, "id": live.id, "title": key, "code": Approve.TYPE,
                        "detail": str(wish.get("question") or ""), "since": live.run.nodes[key].since,
                        "project_id": live.project_id, "task_id": None, "run_id": live.id,
                        "workflow_id": live.workflow_id, "node": key, "server_id": None,
                    }  # fmt: skip
