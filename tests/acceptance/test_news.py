"""What a dashboard hears on its socket while a real hub and a real daemon work."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.acceptance.world import PATIENCE, World

pytestmark = pytest.mark.acceptance
Json = dict[str, Any]


class Ear:
    """One connection to `/ws/dashboard`, and everything it was told."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[Json] = []

    def until(self, is_it: Callable[[Json], bool]) -> Json:
        """Return the first message that is it, waiting for one. Raises TimeoutError."""
        found = next(filter(is_it, self.heard), None)
        while found is None:
            message: Json = json.loads(self.socket.recv(timeout=PATIENCE))
            self.heard.append(message)
            found = message if is_it(message) else None
        return found

    def event(self, kind: str, **fields: Any) -> Json:
        return self.until(lambda m: m["type"] == kind and all(m.get(name) == fields[name] for name in fields))

    def say(self, kind: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": kind, **fields}))


@contextmanager
def an_ear(world: World, **asked: Any) -> Iterator[Ear]:
    address = world.url.replace("http", "ws", 1) + "/ws/dashboard"
    with connect(address, proxy=None, max_size=None) as socket:
        socket.send(json.dumps({"type": "auth", "token": world.token, **asked}))
        assert json.loads(socket.recv(timeout=PATIENCE))["type"] == "auth_ok"
        yield Ear(socket)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"), module_database_url)
    try:
        world.start_hub()
        yield world
    finally:
        world.close()


def test_machines_workflows_and_runs_are_news(world: World) -> None:
    with an_ear(world) as ear:
        world.daemon("one")
        token = ear.event("token_event", event="used")
        assert ear.event("server_event", connected=True)["server_id"] == token["server_id"]
        world.eventually(lambda: any(t["type"] == "shell" for t in world.get("/node-types")["node_types"]), "nodes")
        shell = {"id": "a", "type": "shell", "timeout": 0.2, "parameters": {"command": "sleep 30"}}
        ask = {"id": "b", "type": "approval", "parameters": {"question": "go on?"}}
        definition = {"nodes": [ask, shell], "edges": [{"source": "b", "target": "a"}]}
        made = world.post("/workflows", {"definition": definition, "name": "heard"})
        assert ear.event("workflow_event", event="created")["name"] == "heard"
        done(world, f"/workflows/{made['id']}/publish")
        assert ear.event("workflow_event", event="published")["version"] == 1
        run = world.post(f"/workflows/{made['id']}/runs", {})
        begun = ear.event("run_event", run_id=run["id"])
        assert (begun["status"], begun["workflow_id"], begun["failed"]) == ("running", made["id"], None)
        ear.say("runs_watch", run_ids=["no id"])
        assert ear.event("session_refused")["code"] == "invalid_id"
        ear.say("runs_watch", run_ids=[run["id"]])
        ear.event("runs_watched")
        world.eventually(lambda: nodes_of(world, run)["b"]["status"] == "waiting", "it asks")
        before = world.get(f"/runs/{run['id']}")
        (asked,) = world.get("/runs/questions")["questions"]
        assert (asked["run_id"], asked["key"], asked["question"]) == (run["id"], "b", "go on?")
        done(world, f"/runs/{run['id']}/nodes/b/answer", {"approved": True})
        over = ear.event("run_event", run_id=run["id"], status="failed")
        assert world.get("/runs/questions")["questions"] == []
        assert over["failed"] == "a" and over["finished_at"] and over["number"] > before["number"]
        last = ear.until(lambda m: m["type"] == "run_nodes" and m["nodes"][-1]["status"] == "failed")
        after = world.get(f"/runs/{run['id']}")
        assert last["number"] == after["number"] == over["number"]
        state, shown = last["nodes"][-1], nodes_of(world, run)["a"]
        same = ("key", "status", "attempt", "why", "since", "server_id")
        assert [state[name] for name in same] == [shown[name] for name in same]
        assert state["error"]["kind"] == shown["error"]["kind"]
        letter = ear.event("dead_letter_event", event="added")
        assert (letter["run_id"], letter["key"]) == (run["id"], "a")


def test_what_is_deployed_and_taken_away_is_news(world: World) -> None:
    hook = {"id": "hook", "type": "webhookTrigger", "parameters": {"path": "heard"}}
    with an_ear(world) as ear:
        made = world.post("/workflows", {"definition": {"nodes": [hook], "edges": []}, "name": "hooked"})
        done(world, f"/workflows/{made['id']}/deploy")
        assert ear.event("workflow_event", event="deployed")["version"] == 1
        done(world, f"/workflows/{made['id']}/undeploy")
        ear.event("workflow_event", event="undeployed", workflow_id=made["id"])
        assert world.request("DELETE", f"/workflows/{made['id']}").is_success
        ear.event("workflow_event", event="removed", workflow_id=made["id"])


TALKER = '''
import time
from dataclasses import dataclass
from pathlib import Path
from corral_daemon.nodes.node import Context, node

@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    door: str

@node("talker")
def talker(parameters: Parameters, context: Context) -> dict:
    """Talks, and goes on talking once the door is open."""
    context.log("knock knock")
    context.progress(0.25, "waiting")
    while not Path(parameters.door).exists():
        time.sleep(0.05)
    for number in range(20_000):
        context.log(f"line {number}")
    context.progress(1.0, "done")
    return {}
'''


def test_what_a_node_says_is_heard_while_it_runs_and_kept(world: World, tmp_path: Path) -> None:
    folder = world.daemons["one"].home / "nodes"
    folder.mkdir()
    (folder / "talker.py").write_text(TALKER)
    world.eventually(lambda: any(t["type"] == "talker" for t in world.get("/node-types")["node_types"]), "announced")
    door = tmp_path / "door"
    definition = {"nodes": [{"id": "t", "type": "talker", "parameters": {"door": str(door)}}], "edges": []}
    made = world.request("POST", "/workflows", {"definition": definition, "publish": True}).json()
    run = world.post(f"/workflows/{made['id']}/runs", {})
    world.eventually(lambda: world.get(f"/runs/{run['id']}/logs")["logs"], "it is stored while it runs")
    assert nodes_of(world, run)["t"]["status"] == "running"
    world.eventually(lambda: "progress" in nodes_of(world, run)["t"], "its progress is known")
    come = nodes_of(world, run)["t"]["progress"]
    assert (come["done"], come["text"]) == (0.25, "waiting")
    world.kill_hub()
    door.touch()
    world.start_hub()
    world.eventually(lambda: world.get(f"/runs/{run['id']}")["status"] == "completed", "it ends")
    pieces = logged(world, run, "t")
    last = [piece for piece in pieces if piece["attempt"] == pieces[-1]["attempt"]]  # a slow restart costs an attempt
    number = 1
    for piece in last:
        assert piece["first"] == number + piece["dropped"], "each line has its number, and each loss is counted"
        number = piece["first"] + len(piece["lines"])
    assert (pieces[0]["lines"][0], last[0]["lines"][0]) == ("knock knock", "knock knock")
    assert (last[-1]["lines"][-1], number) == ("line 19999", 20_002)


def logged(world: World, run: Json, key: str) -> list[Json]:
    """Read everything that a node has logged, page by page."""
    pieces: list[Json] = []
    while (page := world.get(f"/runs/{run['id']}/nodes/{key}/logs?after={pieces[-1]['id'] if pieces else 0}"))["logs"]:
        pieces += page["logs"]
    return pieces


def test_lines_and_progress_are_told_to_who_watches(world: World, tmp_path: Path) -> None:
    door = tmp_path / "door"
    ask = {"id": "ask", "type": "approval", "parameters": {"question": "now?"}}
    talker = {"id": "t", "type": "talker", "parameters": {"door": str(door)}}
    definition = {"nodes": [ask, talker], "edges": [{"source": "ask", "target": "t"}]}
    made = world.request("POST", "/workflows", {"definition": definition, "publish": True}).json()
    run = world.post(f"/workflows/{made['id']}/runs", {})
    with an_ear(world, run_ids=[run["id"]]) as ear, an_ear(world) as listing:
        world.eventually(lambda: nodes_of(world, run)["ask"]["status"] == "waiting", "it asks")
        done(world, f"/runs/{run['id']}/nodes/ask/answer", {"approved": True})
        assert ear.event("run_progress", key="t")["done"] == 0.25
        assert ear.event("run_lines", key="t", first=1)["lines"] == ["knock knock"]
        door.touch()
        ear.event("run_event", status="completed")
        listing.event("run_event", run_id=run["id"], status="completed")
        assert {message["type"] for message in listing.heard} & {"run_nodes", "run_lines", "run_progress"} == set()


def test_after_a_restart_of_the_hub_a_percent_is_what_the_machine_says_or_none(world: World, tmp_path: Path) -> None:
    """How far a node has come is in the hub's memory: what it does not know, it does not show."""
    door = tmp_path / "door"
    definition = {"nodes": [{"id": "t", "type": "talker", "parameters": {"door": str(door)}}], "edges": []}
    made = world.request("POST", "/workflows", {"definition": definition, "publish": True}).json()
    run = world.post(f"/workflows/{made['id']}/runs", {})
    world.eventually(lambda: "progress" in nodes_of(world, run)["t"], "its progress is known")
    before = nodes_of(world, run)["t"]["progress"]["at"]
    world.kill_hub()
    world.start_hub()
    first = nodes_of(world, run)["t"].get("progress")
    assert first is None or first["at"] > before
    world.eventually(lambda: "progress" in nodes_of(world, run)["t"], "the machine says it once more")
    again = nodes_of(world, run)["t"]["progress"]
    assert again["at"] > before and (again["done"], again["text"]) == (0.25, "waiting")
    door.touch()
    world.eventually(lambda: world.get(f"/runs/{run['id']}")["status"] == "completed", "it ends")
    assert "progress" not in nodes_of(world, run)["t"]


def test_a_machine_that_is_held_back_is_news(world: World) -> None:
    with an_ear(world) as ear:
        done(world, "/servers/one/drain")
        assert ear.event("server_event", name="one", draining=True)["connected"] is True
        done(world, "/servers/one/resume")
        assert ear.event("server_event", name="one", draining=False)["status"] == "online"


def test_after_a_restart_of_the_hub_it_is_heard_again(world: World) -> None:
    world.kill_hub()
    world.start_hub()
    with an_ear(world, run_ids=["00000000-0000-4000-8000-000000000000"]) as ear:
        assert ear.event("runs_watched")["run_ids"] == ["00000000-0000-4000-8000-000000000000"]


def done(world: World, path: str, body: Json | None = None) -> None:
    answer = world.request("POST", path, body or {})
    assert answer.is_success, answer.text


def nodes_of(world: World, run: Json) -> dict[str, Json]:
    return {node["key"]: node for node in world.get(f"/runs/{run['id']}")["nodes"]}
