"""Deployed workflows through a real hub and a real daemon: webhooks, clocks, chat, tasks, and what runs wish for."""

import hashlib
import hmac
import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest

from tests.acceptance.world import World
from tests.tls import TLS

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
    links = edges if edges is not None else [(a["id"], b["id"]) for a, b in pairwise(nodes)]
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
    return httpx.request(method, f"{world.url}/webhook/{path}", timeout=60, verify=TLS, **arguments)


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


def test_a_signed_call(world: World) -> None:
    deploy(world, hook("signed", authentication="hmac", secret="k3y"), {"id": "c", "type": "console"})
    body = b'{"a": 1}'
    digest = hmac.new(b"k3y", body, hashlib.sha256).hexdigest()
    assert call(world, "signed", content=body, headers={"X-Signature-256": f"sha256={digest}"}).status_code == 202
    assert call(world, "signed", content=body + b" ", headers={"X-Signature-256": digest}).status_code == 401
    assert call(world, "signed", content=body).status_code == 401


def test_a_body_that_a_webhook_does_not_take(world: World) -> None:
    """Also where its length is not told; and nobody who may not call learns how much it would be."""
    signed = {"authentication": "bearer", "secret": "k3y", "bodyLimit": 1000}
    id = deploy(world, hook("small", **signed), {"id": "c", "type": "console"})
    sent = {"Authorization": "Bearer k3y"}
    for body in (b"x" * 1001, iter([b"x" * 600] * 2)):
        refused = call(world, "small", content=body, headers=sent)
        assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
        assert "1000 bytes" in refused.json()["detail"]
    assert call(world, "small", content=b"x" * 1001).status_code == 401
    assert call(world, "small", content=b"x" * 1000, headers=sent).status_code == 202
    assert len(runs_of(world, id)) == 1


def test_the_same_key_is_the_same_run_and_the_same_answer(world: World) -> None:
    id = deploy(
        world, hook("once", responseMode="responseNode"), answer_node(responseBody='{"for": "{{hook.json.n}}"}')
    )
    told = [call(world, "once", json={"n": n}, headers={"Idempotency-Key": "k"}).json() for n in (1, 2)]
    assert told == [{"for": "1"}] * 2
    assert call(world, "once", json={"n": 3}, headers={"Idempotency-Key": "other"}).json() == {"for": "3"}
    assert len(runs_of(world, id)) == 2


def test_who_waits_too_long_is_told_where_to_look(world: World) -> None:
    nap = {"id": "nap", "type": "timer", "parameters": {"duration": 5}}
    deploy(world, hook("slow", responseMode="responseNode", responseTimeout=1), nap, answer_node())
    late = call(world, "slow", json={})
    assert (late.status_code, late.json()["code"]) == (504, "no_answer_yet")
    run = late.json()["run_id"]
    world.eventually(lambda: world.get(f"/runs/{run}")["status"] == "completed", "the run goes on")
    assert output_of(world, run, "answer")["sent"] is False


def test_a_run_that_answers_nothing_or_fails(world: World) -> None:
    deploy(world, hook("silent", responseMode="responseNode"), {"id": "c", "type": "console"})
    silent = call(world, "silent", json={})
    assert (silent.status_code, silent.json()["status"]) == (200, "completed")
    deploy(world, hook("bad", responseMode="responseNode"), answer_node(statusCode=200, contentType="text/plain"),
           {"id": "x", "type": "shell", "parameters": {"command": "true"}})  # fmt: skip
    assert call(world, "bad", json={}).headers["content-type"].startswith("text/plain")
    deploy(world, hook("fails", responseMode="responseNode"),
           {"id": "x", "type": "fileRead", "retry": {"max_attempts": 1}, "parameters": {"file_path": "none"}},
           answer_node())  # fmt: skip
    failed = call(world, "fails", json={})
    assert (failed.status_code, failed.json()["code"]) == (502, "run_failed")


def test_automateos_clients_are_answered_at_once(world: World) -> None:
    id = deploy(world, hook("older"), {"id": "c", "type": "console"})
    told = httpx.post(f"{world.url}/api/v1/webhooks/{id}", json={"a": 1})
    assert told.status_code == 202 and "message" in told.json()
    assert httpx.post(f"{world.url}/api/v1/webhooks/999999").status_code == 404
    world.eventually(lambda: [run["status"] for run in runs_of(world, id)] == ["completed"], "it runs")


def test_a_clock_ticks_while_it_is_deployed(world: World) -> None:
    """S6."""
    tick = {
        "id": "tick",
        "type": "cronScheduler",
        "label": "tick",
        "parameters": {"frequency": "seconds", "interval": 1},
    }
    console = {"id": "c", "type": "console", "parameters": {
        "logMode": "expression", "expression": "{{tick.iteration}}", "format": "text"}}  # fmt: skip
    id = deploy(world, tick, console)
    shown = world.get(f"/workflows/{id}/deployment")
    assert shown["triggers"][0]["next_at"] and shown["version"] == 1
    world.eventually(lambda: len(runs_of(world, id)) >= 3, "three runs")
    assert world.request("POST", f"/workflows/{id}/undeploy").json()["deployed"] is False
    world.eventually(lambda: all(run["finished_at"] for run in runs_of(world, id)), "they end")
    runs = runs_of(world, id)[::-1]
    assert [output_of(world, run["id"], "c")["formatted"] for run in runs] == [str(n + 1) for n in range(len(runs))]
    preview = world.get(f"/workflows/{id}/next-runs?count=3")
    assert len(preview["triggers"][0]["runs"]) == 3 and preview["deployed"] is False


def test_a_chat_message_begins_a_run_of_each_trigger_that_hears_it(world: World) -> None:
    chats = [{"id": id, "type": "chatTrigger", "parameters": {"sessionId": session}}
             for id, session in (("any", "default"), ("one", "s1"))]  # fmt: skip
    id = made(world, *chats, {"id": "c", "type": "console"}, edges=[("any", "c"), ("one", "c")])
    world.post(f"/workflows/{id}/deploy", {})
    told = world.request("POST", f"/workflows/{id}/chat", {"message": "hi", "session_id": "s2"})
    assert [run["trigger"] for run in told.json()["runs"]] == ["any"]
    (run,) = told.json()["runs"]
    world.eventually(lambda: world.get(f"/runs/{run['id']}")["status"] == "completed", "it runs")
    assert output_of(world, run["id"], "any")["message"] == "hi"
    nodes = {node["key"]: node for node in world.get(f"/runs/{run['id']}")["nodes"]}
    assert nodes["one"]["why"] == "not_triggered"
    assert len(world.request("POST", f"/workflows/{id}/chat", {"message": "a", "session_id": "s1"}).json()["runs"]) == 2


def test_tasks_are_wished_for_and_their_ends_begin_runs(world: World) -> None:
    watch = {"id": "t", "type": "taskTrigger", "parameters": {"parent_node_id": "job"}}
    watcher = deploy(world, watch, {"id": "c", "type": "console"})
    job = {"id": "job", "type": "task", "parameters": {
        "title": "a job", "run": {"kind": "command", "shell": "echo '{\"n\": 5}' > $CORRAL_RESULT"}}}  # fmt: skip
    id = made(world, {"id": "s", "type": "start"}, job, {"id": "c", "type": "console"})
    world.post(f"/workflows/{id}/publish", {})
    run = world.post(f"/workflows/{id}/runs", {})
    world.eventually(lambda: world.get(f"/runs/{run['id']}")["finished_at"], "it ends")
    output = output_of(world, run["id"], "job")
    assert (output["status"], output["result"]) == ("done", {"n": 5})
    world.eventually(
        lambda: [found["status"] for found in runs_of(world, watcher)] == ["completed"], "the end is heard"
    )
    told = output_of(world, runs_of(world, watcher)[0]["id"], "t")
    assert (told["task_id"], told["status"], told["workflow_id"]) == (output["task_id"], "completed", id)


def test_a_failed_task_fails_its_node_and_a_cancelled_run_cancels_its_task(world: World) -> None:
    def job(command: str) -> Json:
        return {"id": "job", "type": "task", "retry": {"max_attempts": 1},
                "parameters": {"title": "j", "run": {"kind": "command", "shell": command}}}  # fmt: skip

    id = made(world, job("exit 4"))
    world.post(f"/workflows/{id}/publish", {})
    run = world.post(f"/workflows/{id}/runs", {})
    world.eventually(lambda: world.get(f"/runs/{run['id']}")["status"] == "failed", "it fails")
    assert world.get(f"/runs/{run['id']}")["nodes"][0]["error"]["kind"] == "exit_nonzero"
    id = made(world, job("sleep 300"))
    world.post(f"/workflows/{id}/publish", {})
    run = world.post(f"/workflows/{id}/runs", {})
    key = f"run:{run['id']}/job"
    world.eventually(lambda: task_of(world, key) is not None, "the task is there")
    world.post(f"/runs/{run['id']}/cancel", {})
    world.eventually(lambda: (task_of(world, key) or {}).get("status") == "cancelled", "its task is cancelled")


def task_of(world: World, created_by: str) -> Json | None:
    found = world.get("/tasks?limit=200")["tasks"]
    return next((task for task in found if world.task(task["id"])["created_by"] == created_by), None)


def test_a_workflow_calls_another(world: World) -> None:
    child = made(world, {"id": "s", "type": "start", "label": "s"}, {"id": "c", "type": "console", "parameters": {
        "logMode": "expression", "expression": "got {{s.n}}", "format": "text"}})  # fmt: skip
    world.post(f"/workflows/{child}/publish", {})
    parent = made(world, {"id": "call", "type": "workflow", "parameters": {"workflow": str(child), "inputs": {"n": 7}}})
    world.post(f"/workflows/{parent}/publish", {})
    run = world.post(f"/workflows/{parent}/runs", {})
    world.eventually(lambda: world.get(f"/runs/{run['id']}")["finished_at"], "it ends")
    output = output_of(world, run["id"], "call")
    assert output["status"] == "completed" and "got 7" in str(output["outputs"])
    assert world.get(f"/runs/{output['run_id']}")["parent_run_id"] == run["id"]


def test_a_workflow_that_calls_itself_finds_an_end(world: World) -> None:
    id = made(world, {"id": "call", "type": "workflow", "retry": {"max_attempts": 1}, "parameters": {"workflow": "me"}})
    world.request("PATCH", f"/workflows/{id}", {"name": "me"})
    world.post(f"/workflows/{id}/publish", {})
    run = world.post(f"/workflows/{id}/runs", {})
    world.eventually(lambda: world.get(f"/runs/{run['id']}")["status"] == "failed", "it ends")
    assert "deep" in world.get(f"/runs/{run['id']}")["nodes"][0]["error"]["message"]


def test_what_is_deployed_and_what_is_wished_for_outlive_the_hub(world: World) -> None:
    """Killed while a clock ticks, a task runs, a child runs, and callers keep calling."""
    tick = {"id": "tick", "type": "cronScheduler", "parameters": {"frequency": "seconds", "interval": 2}}
    clock = deploy(world, tick)
    child = made(world, {"id": "nap", "type": "timer", "parameters": {"duration": 6}})
    world.post(f"/workflows/{child}/publish", {})
    slow = {"title": "slow", "run": {"kind": "command", "shell": "sleep 6"}}
    wishing = made(
        world, {"id": "s", "type": "start"}, {"id": "task", "type": "task", "parameters": slow},
        {"id": "call", "type": "workflow", "parameters": {"workflow": str(child)}},
        edges=[("s", "task"), ("s", "call")],
    )  # fmt: skip
    world.post(f"/workflows/{wishing}/publish", {})
    calls = deploy(world, hook("calls"))
    run = world.post(f"/workflows/{wishing}/runs", {})
    world.eventually(lambda: task_of(world, f"run:{run['id']}/task") is not None, "the task is there")
    keys = [f"key-{number}" for number in range(30)]
    thread = threading.Thread(target=lambda: [insist(world, "calls", key) for key in keys])
    thread.start()
    world.eventually(lambda: len(runs_of(world, calls)) > 3, "callers call")
    world.kill_hub()
    world.start_hub()
    thread.join()
    assert len(runs_of(world, calls)) == len(keys), "each call is one run, however often it was sent"
    world.eventually(lambda: world.get(f"/runs/{run['id']}")["finished_at"], "the run ends")
    assert world.get(f"/runs/{run['id']}")["status"] == "completed"
    made_tasks = [t for t in world.get("/tasks?limit=200")["tasks"] if t["title"] == "slow"]
    assert len(made_tasks) == 1 and len(runs_of(world, child)) == 1
    before = len(runs_of(world, clock))
    world.eventually(lambda: len(runs_of(world, clock)) > before, "the clock ticks on")
    world.post(f"/workflows/{clock}/undeploy")


def insist(world: World, path: str, key: str) -> None:
    """Send until it is taken: some send twice, as callers do that never heard the answer."""
    while True:
        try:
            if call(world, path, json={}, headers={"Idempotency-Key": key}).status_code == 202:
                call(world, path, json={}, headers={"Idempotency-Key": key})
                return
        except httpx.TransportError:
            continue
