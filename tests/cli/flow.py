"""A workflow and a run of it, as a hub tells of them."""

from typing import Any

from tests.cli.hub import FakeHub

Json = dict[str, Any]
RUN_ID = "3f2a1b2c-0000-4000-8000-000000000000"
AT = "2026-01-02T03:04:05Z"
DEFINITION: Json = {
    "nodes": [
        {"id": "s", "type": "start"},
        {"id": "build", "type": "shell", "label": "Build it", "parameters": {"command": "make"}},
        {"id": "say", "type": "console"},
    ],
    "edges": [{"source": "s", "target": "build"}, {"source": "build", "target": "say"}],
}
WORKFLOW: Json = {
    "id": 4, "name": "release", "description": "", "version": 2, "versions": 2, "project_id": "p", "created_by": "ana",
    "created_at": AT, "updated_at": AT, "definition": DEFINITION, "problems": [],
}  # fmt: skip


def node(key: str, status: str = "completed", **fields: Any) -> Json:
    row = {"key": key, "status": status, "attempt": 1, "why": None, "server": "atlas", "since": AT, "begun_at": AT}
    return {**row, "parameters": None, "output": None, "error": None, "logs": None, **fields}


def run(status: str = "running", *nodes: Json, **fields: Any) -> Json:
    over = status in ("completed", "failed", "cancelled")
    row = {"id": RUN_ID, "workflow_id": 4, "workflow": "release", "version": 2, "status": status, "failed": None}
    times = {"created_at": AT, "finished_at": AT if over else None}
    return {**row, **times, "output": None, "started_by": "ana", "trigger": "s", "nodes": list(nodes), **fields}


def problem_of(path: str, code: str = "unknown_type", *, warning: bool = False) -> Json:
    return {"path": path, "code": code, "problem": f"it is {code}", "hint": "do better", "warning": warning}


def judging(hub: FakeHub, *problems: Json, **fields: Any) -> None:
    """Let the hub find these problems in whatever it is sent."""
    hub.answers["POST /api/v1/workflows/validate"] = lambda request: {
        "valid": all(problem["warning"] for problem in problems), "problems": [dict(problem) for problem in problems],
        "definition": request.body["definition"], "format": "corral", **fields,
    }  # fmt: skip


def keeping(hub: FakeHub, **fields: Any) -> None:
    """Let the hub have the workflow, under its name and its id."""
    workflow = {**WORKFLOW, **fields}
    for name in ("release", "4"):
        hub.answers[f"GET /api/v1/workflows/{name}"] = workflow
    hub.answers["GET /api/v1/workflows/4/versions"] = {"versions": [{"number": 2, "created_at": AT, "note": "faster"}]}
    hub.answers["GET /api/v1/workflows/4/versions/2"] = {"number": 2, "definition": DEFINITION}
