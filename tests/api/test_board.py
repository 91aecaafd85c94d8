"""Boards over the API: the same narrowing for lists, cards and numbers, and answers as their types say."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from corral_hub.tasks.cards import CardPage, Counts, Graph
from tests.api.test_bad_input import problem
from tests.hub_process import HubProcess


@pytest.fixture(scope="module")
def project(shared_hub: HubProcess) -> str:
    """A project with four tasks, the last of which needs the first's contract."""
    id = shared_hub.project()
    made = [
        shared_hub.task(project_id=id, title=f"Paint the {what}", priority=priority, run={"kind": "manual"})
        for what, priority in (("door", "low"), ("roof", "critical"), ("wall", "high"))
    ]
    needs = [{"depends_on_task_id": made[0]["id"], "dependency_type": "blocks"}]
    shared_hub.task(project_id=id, title="Move in", dependencies=needs)
    return id


def get(hub: HubProcess, path: str, **params: Any) -> Any:
    return hub._body(hub.ask("GET", path, hub.admin, params=params))


def test_cards(shared_hub: HubProcess, project: str) -> None:
    page = get(shared_hub, "/tasks/cards", project_id=project, sort="priority", status=["pending", "running"])
    TypeAdapter(CardPage).validate_python(page)
    assert [card["title"] for card in page["tasks"]] == [f"Paint the {x}" for x in ("roof", "wall")] + [
        "Move in", "Paint the door"
    ]  # fmt: skip
    last = page["tasks"][2]
    assert last["reason"]["code"] == "upstream_pending" and last["since"] == last["reason"]["since"]
    assert "spec" not in last and "structured_spec" not in last
    assert [t["id"] for t in get(shared_hub, "/tasks", project_id=project, q="paint wal")["tasks"]] == [
        page["tasks"][1]["id"]
    ]


def test_numbers(shared_hub: HubProcess, project: str) -> None:
    told = get(shared_hub, "/tasks/counts", project_id=project, q="paint")
    TypeAdapter(Counts).validate_python(told)
    assert (told["counts"]["pending"], told["total"], told["cut"]) == (3, 3, False)


def test_the_graph(shared_hub: HubProcess, project: str) -> None:
    whole = get(shared_hub, "/tasks/graph", project_id=project)
    TypeAdapter(Graph).validate_python(whole)
    assert (len(whole["nodes"]), len(whole["edges"]), whole["cut"]) == (4, 1, False)
    around = get(shared_hub, "/tasks/graph", around=whole["edges"][0]["task_id"][:13])
    assert {node["title"] for node in around["nodes"]} == {"Move in", "Paint the door"}


def test_what_cannot_be_asked(shared_hub: HubProcess, project: str) -> None:
    def refused(**params: Any) -> None:
        answer = shared_hub.ask("GET", "/tasks/cards", shared_hub.admin, params=params)
        problem(answer, 404 if "server" in params else 422)

    for params in ({"sort": "priority", "status": "done"}, {"status": "lost"}, {"q": "x" * 201}, {"cursor": "x"},
                   {"updated_since": "2030-01-01"}, {"server": "nowhere"}, {"q": "a\x00b"}):  # fmt: skip
        refused(**params)


def test_agents_see_their_own_project(shared_hub: HubProcess, project: str) -> None:
    machine, name = shared_hub.machine(shared_hub.project())
    _, foreign = shared_hub.machine(project)
    assert shared_hub.get("/server/tasks/cards", machine)["tasks"] == []
    assert shared_hub.get("/server/tasks/counts", machine)["total"] == 0
    assert shared_hub.get("/server/tasks/graph", machine)["nodes"] == []
    said = [shared_hub.ask("GET", f"/server/tasks/cards?server={x}", machine) for x in (foreign, "nowhere")]
    told = [str(problem(answer, 404)).replace(x, "…") for answer, x in zip(said, (foreign, "nowhere"), strict=True)]
    assert told[0] == told[1]
    assert shared_hub.ask("GET", f"/server/tasks/cards?server={name}", machine).is_success
