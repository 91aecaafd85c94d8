"""Every route of the OpenAPI document, with a body it accepts and ids that exist."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from websockets.sync.client import connect

from tests.hub_document import document
from tests.hub_process import HubProcess, eventually

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

# By the end of the path; longer ends come first. A route without a line here is sent {}.
BODIES: Mapping[str, Mapping[str, Any]] = {
    "/plan/revise": {"feedback": "x"},
    "/review/revise": {"feedback": "x"},
    "/dependencies": {"depends_on_task_id": "00000000-0000-4000-8000-000000000000"},
    "/complete": {"result": "x"},
    "/respond": {"response": "x"},
    "/assign": {"server": "nowhere"},
    "/notes": {"content": "x"},
    "/fail": {"error": "x"},
    "/help": {"question": "x"},
    "/plan": {"plan": "x"},
    "/tasks/{task}": {"title": "x"},
    "/tasks": {"title": "x"},
    "/projects": {"name": "never"},
    "/exec": {"argv": ["true"]},
    "/remote/exec": {"session_name": "nowhere", "command": "true"},
    "/file-transfer": {"target_session": "nowhere"},
    "/users": {"email": "never@example.org", "password": "a password of theirs"},
    "/users/{user}": {"role": "admin"},
    "/keys": {"name": "never"},
    "/inbox/acknowledge": {"task_ids": ["00000000-0000-4000-8000-000000000000"]},
    "/servers/{server}": {"cordoned": True},
    "/input": {"text": "x"},
    "/answer": {"approved": True},
    "/placement": {"type": "start"},
    "/rollback": {"number": 1},
    "/validate": {"definition": {}},
    "/chat": {"message": "x"},
    "/purge": {"all": True},
    "/resize": {"cols": 80, "rows": 24},
    "/recording": {"on": False},
}


class Route(NamedTuple):
    method: str
    path: str

    @property
    def body(self) -> Mapping[str, Any]:
        ends = (end for end in BODIES if self.path.endswith(end))
        return BODIES[max(ends, key=len)] if any(self.path.endswith(end) for end in BODIES) else {}


def routes() -> Iterator[Route]:
    for path, operations in document()["paths"].items():
        yield from (Route(method.upper(), path) for method in operations)


@dataclass(frozen=True)
class Scene:
    """Things that exist in one project, by the names of path parameters."""

    project_id: str
    machine: Mapping[str, str]
    agent: Mapping[str, str]
    names: Mapping[str, str]

    def fill(self, path: str) -> str:
        return path.format_map(self.names)


def terminal(hub: HubProcess, machine: Mapping[str, str], name: str, project_id: str) -> str:
    """Start a session on a machine that is gone again by then; return its id."""
    with connect(f"{hub.url.replace('http', 'ws', 1)}/ws/server", proxy=None) as socket:
        socket.send(json.dumps({"type": "auth", "api_key": machine["X-API-Key"], "features": ["sessions"]}))
        eventually(lambda: hub.get(f"/servers/{name}", hub.admin)["features"], "the machine's features are known")
        session = hub.post("/sessions", hub.admin, {"server": name, "project_id": project_id})
        socket.send(json.dumps({"type": "session_started", "session_id": session["id"], "pid": 1}))
        path = f"/sessions/{session['id']}"
        eventually(lambda: hub.get(path, hub.admin)["status"] == "running", "the session runs")
    eventually(lambda: not hub.get(f"/servers/{name}", hub.admin)["connected"], "the machine is gone")
    return str(session["id"])


def workflow(hub: HubProcess, project_id: str) -> Mapping[str, str]:
    """Write a workflow down; return the path parameters that name it. Nothing of it can run: no machine has nodes."""
    made = hub.post("/workflows", hub.admin, {"project_id": project_id, "definition": {"nodes": [], "edges": []}})
    run = "00000000-0000-4000-8000-000000000000"
    return {"workflow": str(made["id"]), "run": run, "number": "1", "letter": "1", "path": "nowhere"}


def scene(hub: HubProcess) -> Scene:
    """Make a project with a machine, a terminal, two tasks, one upstream of the other, and an open question."""
    project_id = hub.project()
    machine, name = hub.machine(project_id)
    upstream = hub.task(project_id=project_id, title="Upstream")
    task = hub.task(project_id=project_id, dependencies=[
        {"depends_on_task_id": upstream["id"], "dependency_type": "related"}
    ])  # fmt: skip
    hub.post(f"/server/tasks/{task['id']}/assign", machine, {"server": name})
    hub.post(f"/server/tasks/{task['id']}/start", machine)
    asked = hub.post(f"/server/tasks/{task['id']}/help", machine, {"question": "Which?"})
    hub.token(project_id)
    names = {
        "task": task["id"],
        "key": upstream["id"],
        "intervention": asked["intervention_id"],
        "project": project_id,
        "server": name,
        "transfer": "t-1",
        "session": terminal(hub, machine, name, project_id),
        "user": hub.get("/me", hub.viewer())["id"],
        "token": hub.get("/servers/tokens", hub.admin)["tokens"][0]["id"],
        **workflow(hub, project_id),
    }
    return Scene(project_id, machine, hub.task_token(hub.get(f"/tasks/{task['id']}", hub.admin)), names)
