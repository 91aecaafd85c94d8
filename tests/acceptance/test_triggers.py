"""Deployed workflows through a real hub and a real daemon: webhooks, clocks, chat, tasks, and what runs wish for."""

import hashlib
import hmac
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.acceptance.world import World

pytestmark = pytest.mark.acceptance
Json = dict[str, Any]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"), module_database_url)
    try:
        world.start_hub()
        world.daemon("one", slots=4)
        world.eventually(lambda: "webhookTrigger" in kinds(world), "node types are announced")
        yield world
    finally:
        world.close()


def kinds(world: World) -> set[str]:
    return {found["type"] for found in world.get("/node-types")["node_types"]}


def made(world: World, *nodes: Json, edges: list[tuple[str, str]] | None = None) -> int:
    """Write a chain of nodes down; return the workflow's id."""
    links = edges if edges is not None else [(a["id"], b["id"]) for a, b in zip(nodes, nodes[1:], strict=False)]
    definition = {"nodes": list(nodes), "edges": [{"source": a, "target": b} for a, b in links]}
    answer = world.request("POST", "/workflows", {"definition": definition})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["id"])


def deploy(world: World, *nodes: Json, **body: Any) -> int:
    id = made(world, *nodes)
    answer = world.request("POST", f"/workflows/{id}/deploy", body)
    assert answer.status_code == 200, answer.text
    return id


def hook(path: str, **parameters: Any) -> Json:
    return {"id": "hook", "type": "webhookTrigger", "label": "hook", "parameters": {"path": path, **parameters}}


def answer_node(**parameters: Any) -> Json:
    return {"id": "answer", "type": "webhookResponse", "parameters": parameters}


def call(world: World, path: str, method: str = "POST", **arguments: Any) -> httpx.Response:
    return httpx.request(method, f"{world.url}/webhook/{path}", timeout=60, **arguments)


def runs_of(world: World, id: int) -> list[Json]:
    return list(world.get(f"/workflows/{id}/runs?limit=200")["runs"])


def output_of(world: World, run_id: str, key: str) -> Any:
    return {node["key"]: node for node in world.get(f"/runs/{run_id}")["nodes"]}[key]["output"]


def test_a_caller_gets_what_a_node_answers(world: World) -> None:
    """S5."""
    trigger = hook("t1", authentication="header", headerValue="s3cret", responseMode="responseNode")
    shell = {"id": "sh", "type": "shell", "label": "sh", "parameters": {"command": "printf {{hook.json.name}} | wc -c"}}
    body = '{"length": {{sh.stdout}}, "name": "{{hook.json.name}}"}'
    id = deploy(world, trigger, shell, answer_node(statusCode=201, responseBody=body))
    good = call(world, "t1", json={"name": "Ada"}, headers={"X-API-Key": "s3cret"})
    assert (good.status_code, good.json()) == (201, {"length": 3, "name": "Ada"})
    wrong = call(world, "t1", json={}, headers={"X-API-Key": "other"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "bad_credentials")
    assert call(world, "t1", json={}).status_code == 401
    method = call(world, "t1", "PUT", json={}, headers={"X-API-Key": "s3cret"})
    assert (method.status_code, method.headers["allow"]) == (405, "POST")
    assert call(world, "nothing-here", json={}).status_code == 404
    (run,) = runs_of(world, id)
    assert "s3cret" not in world.request("GET", f"/runs/{run['id']}/history").text
