"""Drafts of workflows: two editors at once, and what lists say of them."""

from typing import Any

from pydantic import TypeAdapter

from corral_hub.workflows.shapes import Candidates, WorkflowBrief, WorkflowWhole
from tests.api.test_bad_input import problem
from tests.hub_process import HubProcess

Json = dict[str, Any]
GRAPH: Json = {"nodes": [{"id": "begin", "type": "start", "pinned": {"branch": "main"}}], "edges": []}


def made(hub: HubProcess, name: str) -> Json:
    return hub.post("/workflows", hub.admin, {"name": name, "definition": GRAPH})


def test_a_draft_is_not_saved_over_what_somebody_else_saved(shared_hub: HubProcess) -> None:
    read = made(shared_hub, "two editors")
    TypeAdapter(WorkflowWhole).validate_python(read)
    path, since = f"/workflows/{read['id']}", {"if_unchanged_since": read["updated_at"]}
    mine = {"definition": {**GRAPH, "description": "mine"}, **since}
    saved = shared_hub.ask("PATCH", path, shared_hub.admin, json=mine).json()
    assert saved["updated_at"] > read["updated_at"]
    theirs = {"definition": {**GRAPH, "description": "theirs"}, **since}
    problem(shared_hub.ask("PATCH", path, shared_hub.admin, json=theirs), 409, "draft_changed")
    kept = shared_hub.ask("GET", path, shared_hub.admin).json()
    assert kept["definition"] == {**GRAPH, "description": "mine"} and kept["updated_at"] == saved["updated_at"]
    unguarded = {"definition": {**GRAPH, "description": "theirs"}}
    assert shared_hub.ask("PATCH", path, shared_hub.admin, json=unguarded).status_code == 200


def test_what_a_list_says(shared_hub: HubProcess) -> None:
    id = made(shared_hub, "listed")["id"]
    listed = shared_hub.ask("GET", "/workflows", shared_hub.admin, params={"limit": 500}).json()
    TypeAdapter(list[WorkflowBrief]).validate_python(listed)
    mine = next(row for row in listed if row["id"] == id)
    assert (mine["version"], mine["changed"], mine["last_run"]) == (None, True, None)


def test_without_machines_nothing_could_run_a_node(shared_hub: HubProcess) -> None:
    body = {"type": "shell", "requires": {"tags": ["linux"]}}
    told = shared_hub.ask("POST", "/node-types/placement", shared_hub.viewer(), json=body).json()
    TypeAdapter(Candidates).validate_python(told)
    assert not any(server["fits"] for server in told["servers"])
    bad = {"type": "shell", "requires": {"tags": 5}}
    problem(shared_hub.ask("POST", "/node-types/placement", shared_hub.admin, json=bad), 422, "bad_requirements")
