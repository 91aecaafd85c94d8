"""Workflows and runs as the API shows them. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from corral_hub.text import stamp as stamp  # for those who have a view at hand
from corral_hub.workflows import shapes, trail
from corral_hub.workflows.reading import Problem
from corral_hub.workflows.run import NodeRun, Why
from corral_protocol.codec import Json
from corral_protocol.outcome import UnitError
from corral_protocol.vocabulary import ErrorClass, NodeStatus

Row = Mapping[str, Any]


def workflow(row: Row) -> shapes.WorkflowBrief:
    last: shapes.LastRun | None = None
    if row["run_id"] is not None:
        last = {
            "id": str(row["run_id"]),
            "status": row["run_status"],
            "since": stamp(row["run_since"]),
            "version": row["run_version"],
        }
    return {
        "id": row["id"], "name": row["name"], "description": row["description"], "version": row["version"],
        "versions": row["versions"], "project_id": str(row["project_id"]), "created_by": row["created_by"],
        "user_id": row["created_by"], "created_at": stamp(row["created_at"]), "updated_at": stamp(row["updated_at"]),
        "changed": row["changed"], "last_run": last,
    }  # fmt: skip


def whole(row: Row, problems: Iterable[Problem]) -> shapes.WorkflowWhole:
    """Return a workflow with its draft, and what is wrong with that."""
    found = [problem(item) for item in problems]
    return {**workflow(row), "definition": orjson.loads(row["draft"]), "problems": found}


def version(row: Row) -> shapes.VersionView:
    return {
        "workflow_id": row["workflow_id"], "number": row["number"], "note": row["note"],
        "created_by": row["created_by"], "created_at": stamp(row["created_at"]),
    }  # fmt: skip


def version_whole(row: Row) -> shapes.VersionWhole:
    return {**version(row), "definition": orjson.loads(row["definition"])}


def run(row: Row) -> shapes.RunBrief:
    parent = str(row["parent_run_id"]) if row["parent_run_id"] else None
    return {
        "id": str(row["id"]), "workflow_id": row["workflow_id"], "workflow": row["workflow"],
        "version": row["version"], "status": row["status"], "trigger": row["trigger"],
        "number": row["number"],
        "started_by": row["started_by"], "failed": row["failed"], "parent_run_id": parent,
        "output": _load(row["output"]), "project_id": str(row["project_id"]),
        "created_at": stamp(row["created_at"]), "finished_at": stamp(row["ended_at"]),
    }  # fmt: skip


def node(row: Row) -> shapes.NodeView:
    return {
        "key": row["key"], "status": row["status"], "attempt": row["attempt"], "why": row["why"],
        "server": row["server"], "server_id": str(row["server_id"]) if row["server_id"] else None,
        "since": stamp(row["since"]), "begun_at": stamp(row["begun_at"]),
        "parameters": _load(row["parameters"]), "output": _load(row["output"]), "error": _load(row["error"]),
        "logs": _load(row["logs"]),
    }  # fmt: skip


def _load(text: str | None) -> Any:
    return orjson.loads(text) if text else None


def ended(row: Row, given: Mapping[str, Json]) -> NodeRun:
    """Return a node as its edges are judged by. `given`: what some have put out without running."""
    output = orjson.loads(row["output"]) if row["output"] else given.get(row["key"])
    why = Why(row["why"]) if row["why"] in set(Why) else None
    failed = orjson.loads(row["error"]) if row["error"] else None
    error = failed and UnitError(
        kind=ErrorClass(failed["kind"]), message=failed["message"], retry_after=failed.get("retry_after")
    )
    return NodeRun(status=NodeStatus(row["status"]), since=row["since"], why=why, output=output, error=error)


def handles(row: Row) -> tuple[str, ...] | None:
    named = _load(row["handles"])
    return None if named is None else tuple(named)


def step(found: trail.Step) -> shapes.RunStep:
    return {
        "source": found.source, "source_handle": found.source_handle, "target": found.target,
        "target_handle": found.target_handle, "taken": found.taken,
    }  # fmt: skip


def question(row: Row) -> shapes.Question:
    return {
        "run_id": str(row["run_id"]), "workflow_id": row["workflow_id"], "workflow": row["workflow"],
        "project_id": str(row["project_id"]), "key": row["key"], "question": row["question"],
        "since": stamp(row["since"]),
    }  # fmt: skip


def lines(row: Row) -> shapes.LogLines:
    return {
        "id": row["id"], "key": row["key"], "attempt": row["attempt"], "first": row["first"],
        "dropped": row["dropped"], "lines": orjson.loads(row["lines"]), "at": stamp(row["at"]),
    }  # fmt: skip


def entry(row: Row) -> shapes.HistoryEntry:
    fact = orjson.loads(row["fact"])
    fact.pop("type", None)
    return {"number": row["number"], "type": row["type"], "key": row["key"], "at": stamp(row["at"]), "fact": fact}


def problem(found: Problem) -> shapes.WorkflowProblem:
    return {
        "path": found.path, "code": found.code, "problem": found.problem, "hint": found.hint, "warning": found.warning,
    }  # fmt: skip
