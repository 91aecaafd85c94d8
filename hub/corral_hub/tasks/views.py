"""Model → the JSON that people and agents read. Pure."""

import base64
from collections.abc import Mapping
from typing import Any

from corral_hub.tasks import shapes
from corral_hub.tasks.model import Edge, Intervention, Note, Task, Why
from corral_hub.text import stamp as stamp  # for those who have a view at hand
from corral_protocol.vocabulary import TaskStatus

Row = Mapping[str, Any]


def why_json(why: Why | None) -> shapes.WhyView | None:
    if why is None:
        return None
    return {"code": why.code.value, "detail": why.detail, "since": why.since.isoformat(), "refs": list(why.refs)}


def brief(task: Task, server_name: str | None = None) -> shapes.TaskBrief:
    """Return a task as listings show it."""
    return {
        "id": str(task.id),
        "short_id": str(task.id)[:8],
        "project_id": str(task.project_id),
        "title": task.title,
        "spec": task.spec,
        "type": task.type,
        "priority": task.priority.value,
        "status": task.status.value,
        "reason": why_json(task.reason),
        "target_repo": task.target_repo,
        "target_branch": task.target_branch,
        "acceptance_criteria": list(task.acceptance_criteria),
        "run_kind": task.machine.run.kind,
        "waiting_on": task.waiting_on,
        "attempt": task.attempt,
        "epoch": task.epoch,
        "bad_completions": task.bad_completions,
        "assigned_server_id": str(task.assigned_server_id) if task.assigned_server_id else None,
        "assigned_server_name": server_name,
        "source_session_name": task.source_session_name,
        "target_session_name": task.target_session_name,
        "error": task.error,
        "created_by": task.created_by,
        "created_at": stamp(task.created_at),
        "updated_at": stamp(task.updated_at),
        "assigned_at": stamp(task.assigned_at),
        "started_at": stamp(task.started_at),
        "completed_at": stamp(task.completed_at),
    }


def verbose(
    task: Task,
    server_name: str | None,
    edges: list[tuple[Edge, Task]],
    notes: list[shapes.NoteView],
    pending: list[Intervention],
    warnings: list[shapes.Warned],
    session: Row | None = None,
) -> shapes.TaskView:
    """Return everything about a task. `edges`: with the upstream task of each. `session`: {id, name, status}."""
    return {
        **brief(task, server_name),
        "structured_spec": dict(task.structured_spec),
        "session": _session(session) if session else None,
        "dependencies": [dependency(edge, upstream) for edge, upstream in edges],
        "resolved_inputs": resolved_inputs([edge for edge, _ in edges]) if task.has_inputs else None,
        "plan": task.plan,
        "plan_feedback": task.plan_feedback,
        "feedback": task.feedback,
        "result": _result(task),
        "git_diff_stats": task.git_diff_stats,
        "recent_notes": notes,
        "interventions": [intervention(item) for item in pending],
        "warnings": warnings,
    }


def _session(row: Row) -> shapes.TaskSession:
    return {"id": str(row["id"]), "name": row["name"], "status": row["status"]}


def _result(task: Task) -> Any:
    """Return the result; of a failed task what went wrong, where the published CLI looks for it."""
    if task.status is TaskStatus.FAILED and task.result is None and task.error is not None:
        return {"error": task.error["message"]}
    return task.result


def resolved_inputs(edges: list[Edge]) -> dict[str, Any]:
    """Return the contracts that have arrived, by key."""
    return {edge.contract_key: edge.value for edge in edges if edge.contract_key and edge.resolved}


def dependency(edge: Edge, upstream: Task | None = None) -> shapes.DependencyView:
    view: shapes.DependencyView = {
        "id": str(edge.id),
        "task_id": str(edge.task_id),
        "depends_on_task_id": str(edge.upstream),
        "dependency_type": edge.kind.value,
        "contract_key": edge.contract_key,
        "resolved": edge.resolved,
    }
    if upstream is not None:
        view["title"], view["status"] = upstream.title, upstream.status.value
    return view


def intervention(item: Intervention) -> shapes.InterventionView:
    return {
        "id": str(item.id),
        "task_id": str(item.task_id),
        "intervention_type": item.kind.value,
        "status": item.status,
        "question": item.question,
        "context": item.context,
        "response": item.response,
        "responded_by": item.responded_by,
        "created_at": stamp(item.created_at),
        "responded_at": stamp(item.responded_at),
    }


def note(item: Note) -> shapes.NoteView:
    return {
        "id": None,
        "task_id": str(item.task_id),
        "author": item.author,
        "content": item.content,
        "urgent": item.urgent,
        "created_at": stamp(item.created_at),
    }


def kept_note(row: Row) -> shapes.NoteView:
    return {
        "id": row["id"],
        "task_id": str(row["task_id"]),
        "author": row["author"],
        "content": row["content"],
        "urgent": row["urgent"],
        "created_at": stamp(row["created_at"]),
    }


def event(row: Row, details: Any) -> shapes.Event:
    """Return a line of the activity log."""
    return {
        "id": row["id"],
        "event_type": row["event_type"],
        "actor": row["actor"],
        "details": details,
        "created_at": stamp(row["created_at"]),
    }


def affected(row: Row) -> shapes.Affected:
    return {
        "id": str(row["id"]),
        "title": row["title"],
        "status": row["status"],
        "depth": row["depth"],
        "via": str(row["via"]),
    }


def chunk(row: Row) -> shapes.Chunk:
    """Return an output row: `data` is exact, `text` is for reading."""
    content: bytes = row["content"]
    return {
        "id": row["id"],
        "attempt": row["attempt"],
        "epoch": row["epoch"],
        "stream": row["stream"],
        "offset": row["stream_offset"],
        "text": content.decode("utf-8", "replace"),
        "data": base64.b64encode(content).decode(),
        "created_at": stamp(row["created_at"]),
    }


def assignment(row: Row, outcome: Any) -> shapes.Assignment:
    return {
        "epoch": row["epoch"],
        "attempt": row["attempt"],
        "phase": row["phase"],
        "server_id": str(row["server_id"]) if row["server_id"] else None,
        "server_name": row["server_name"],
        "state": row["state"],
        "managed": row["managed"],
        "pid": row["pid"],
        "session_id": str(row["session_id"]) if row["session_id"] else None,
        "score": row["score"],
        "offered_at": stamp(row["offered_at"]),
        "started_at": stamp(row["started_at"]),
        "ended_at": stamp(row["ended_at"]),
        "outcome": outcome,
    }
