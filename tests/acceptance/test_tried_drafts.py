"""Drafts that are tried out, through a real hub and a real daemon."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

from corral_hub.workflows.shapes import RunDefinition, RunWhole, WorkflowBrief
from tests.acceptance.test_workflows import chain, ended, types
from tests.acceptance.world import World

pytestmark = pytest.mark.acceptance
Json = dict[str, Any]
START: Json = {"id": "s", "type": "start"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"), module_database_url)
    try:
        world.start_hub()
        world.daemon("one")
        world.eventually(lambda: {"shell", "start"} <= types(world).keys(), "node types are announced")
        yield world
    finally:
        world.close()


def says(word: str, id: str = "say", **more: Any) -> Json:
    return {"id": id, "type": "shell", "parameters": {"command": f"echo {word}"}, **more}


def made(world: World, *nodes: Json, publish: bool = False) -> Json:
    return world.post("/workflows", {"definition": chain(START, *nodes), "publish": publish})


def change(world: World, workflow: Json, *nodes: Json) -> Json:
    definition = chain(START, *nodes)
    return world.request("PATCH", f"/workflows/{workflow['id']}", {"definition": definition}).json()


def begin(world: World, workflow: Json, **body: Any) -> Json:
    return world.post(f"/workflows/{workflow['id']}/runs", body)


def said(nodes: dict[str, Json], key: str = "say") -> str:
    return nodes[key]["output"]["stdout"].strip()


def test_the_draft_is_run_as_it_is_now_and_stays_as_it_was(world: World) -> None:
    workflow = made(world, says("published"), publish=True)
    change(world, workflow, says("draft"))
    first = begin(world, workflow, draft=True)
    TypeAdapter(RunWhole).validate_python(first)
    assert (first["version"], said(ended(world, first))) == (None, "draft")
    assert said(ended(world, begin(world, workflow))) == "published"
    change(world, workflow, says("changed"))
    assert said(ended(world, world.post(f"/runs/{first['id']}/retry", {"from_node": "say"}))) == "draft"
    kept = world.get(f"/runs/{first['id']}/definition")
    TypeAdapter(RunDefinition).validate_python(kept)
    assert kept == {"version": None, "definition": chain(START, says("draft"))}
    edges = world.get(f"/runs/{first['id']}/edges")["edges"]
    assert [(edge["target"], edge["taken"]) for edge in edges] == [("say", True)]


def test_trying_out_publishes_nothing_and_can_be_told_apart(world: World) -> None:
    workflow = made(world, says("draft"))
    refused = world.request("POST", f"/workflows/{workflow['id']}/runs", {})
    assert (refused.status_code, refused.json()["code"]) == (404, "version_not_found")
    for _ in range(3):
        ended(world, begin(world, workflow, draft=True))
    assert world.get(f"/workflows/{workflow['id']}/versions") == {"versions": []}
    shown = world.get(f"/workflows/{workflow['id']}")
    assert (shown["version"], shown["versions"], shown["last_run"]["version"]) == (None, 0, None)
    TypeAdapter(list[WorkflowBrief]).validate_python(world.get("/workflows"))
    listed = world.get(f"/workflows/{workflow['id']}/runs")["runs"]
    assert [run["version"] for run in listed] == [None, None, None]
    published = world.post(f"/workflows/{workflow['id']}/publish", {})
    assert published["number"] == 1
    assert world.get(f"/runs/{begin(world, workflow)['id']}/definition")["version"] == 1


def test_what_is_wrong_with_the_draft_is_named_by_its_path(world: World) -> None:
    workflow = made(world, says("well"), {"id": "bad", "type": "shell"}, {"id": "odd", "type": "nobody_has_this"})
    refused = world.request("POST", f"/workflows/{workflow['id']}/runs", {"draft": True})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_workflow")
    paths = {problem["path"] for problem in refused.json()["problems"] if not problem["warning"]}
    assert paths == {"/nodes/2/parameters/command", "/nodes/3/type"}
    assert world.get(f"/workflows/{workflow['id']}/runs")["runs"] == []


def test_a_draft_that_somebody_else_has_changed_is_not_run_unseen(world: World) -> None:
    workflow = made(world, says("mine"))
    change(world, workflow, says("theirs"))
    body = {"draft": True, "if_unchanged_since": workflow["updated_at"]}
    refused = world.request("POST", f"/workflows/{workflow['id']}/runs", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "draft_changed")
    now = world.get(f"/workflows/{workflow['id']}")["updated_at"]
    assert said(ended(world, begin(world, workflow, draft=True, if_unchanged_since=now))) == "theirs"


@pytest.mark.parametrize("body", [{"draft": True, "version": 1}, {"if_unchanged_since": "2026-01-01T00:00:00Z"}])
def test_what_contradicts_itself_is_refused(world: World, body: Json) -> None:
    workflow = made(world, says("well"), publish=True)
    assert world.request("POST", f"/workflows/{workflow['id']}/runs", body).status_code == 422


def test_one_node_alone_takes_what_the_others_have_put_out(world: World) -> None:
    workflow = made(world, says("first", "one"), says("got {{one.stdout}}"), says("never", "after", pinned={"x": 1}))
    ended(world, begin(world, workflow, draft=True))
    change(world, workflow, {"id": "one", "type": "shell", "parameters": {"command": "exit 9"}},
           says("again {{one.stdout}}"), says("never", "after", pinned={"x": 1}))  # fmt: skip
    nodes = ended(world, begin(world, workflow, draft=True, only="say"))
    assert said(nodes) == "again first"
    assert {key: nodes[key]["why"] for key in ("one", "say", "after")} == {
        "one": "pinned", "say": None, "after": "pinned",
    }  # fmt: skip
    assert nodes["after"]["output"] == {"x": 1}
    refused = world.request("POST", f"/workflows/{workflow['id']}/runs", {"draft": True, "only": "s"})
    assert (refused.status_code, refused.json()["code"]) == (422, "node_not_found")
