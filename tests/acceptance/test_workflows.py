"""Workflows through a real hub and real daemons."""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.world import World

pytestmark = pytest.mark.acceptance
Json = dict[str, Any]

OWN_NODE = '''
from dataclasses import dataclass
from corral_daemon.nodes.node import Context, node

@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    text: str
    times: int = 2

@node("repeat", title="Repeat")
def repeat(parameters: Parameters, context: Context) -> dict:
    """Says it again."""
    context.log(f"repeating {parameters.times} times")
    return {"text": parameters.text * parameters.times}
'''


KNOCK = '''
from dataclasses import dataclass
from pathlib import Path
from corral_daemon.nodes.node import Context, NodeFailed, node
from corral_protocol.vocabulary import ErrorClass

@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    door: str
    keys: str

@node("knock")
def knock(parameters: Parameters, context: Context) -> dict:
    """Fails as long as the door is shut."""
    with Path(parameters.keys).open("a") as keys:
        keys.write(context.idempotency_key + "\\n")
    if not Path(parameters.door).exists():
        raise NodeFailed(ErrorClass.UNAVAILABLE, "nobody opens")
    return {"said": "open"}
'''


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"), module_database_url)
    try:
        world.start_hub()
        world.daemon("one")
        world.daemon("two")
        folder = world.daemons["two"].home / "nodes"
        folder.mkdir()
        (folder / "knock.py").write_text(KNOCK)
        world.eventually(lambda: {"console", "knock"} <= types(world).keys(), "node types are announced")
        yield world
    finally:
        world.close()


def types(world: World) -> dict[str, Json]:
    return {found["type"]: found for found in world.get("/node-types")["node_types"]}


def begin(world: World, definition: Json, **body: Any) -> Json:
    made = world.request("POST", "/workflows", {"definition": definition, "publish": True})
    assert made.status_code == 200, made.text
    return world.post(f"/workflows/{made.json()['id']}/runs", body)


def ended(world: World, run: Json, status: str = "completed") -> Json:
    """Wait for the end; return the nodes by key."""
    world.eventually(lambda: world.get(f"/runs/{run['id']}")["finished_at"] is not None, "the run is over")
    shown = world.get(f"/runs/{run['id']}")
    assert shown["status"] == status, shown
    return {node["key"]: node for node in shown["nodes"]}


def chain(*nodes: Json) -> Json:
    edges = [{"source": a["id"], "target": b["id"]} for a, b in pairwise(nodes)]
    return {"nodes": list(nodes), "edges": edges}


def test_nodes_run_in_order_and_templates_reach_back(world: World) -> None:
    definition = chain(
        {"id": "1", "type": "start", "label": "Start"},
        {"id": "2", "type": "shell", "label": "Count", "parameters": {"command": "printf {{start.name}} | wc -c"}},
        {"id": "3", "type": "console", "parameters": {
            "logMode": "expression", "expression": "Hi {{start.name}}: {{count.exit_code}}", "format": "text"}},
    )  # fmt: skip
    nodes = ended(world, begin(world, definition, inputs={"name": "Ada"}))
    assert nodes["2"]["output"]["stdout"].strip() == "3"
    assert nodes["3"]["output"]["formatted"] == "Hi Ada: 0"
    assert nodes["3"]["logs"] == ["Hi Ada: 0"]
    assert nodes["2"]["server"] in ("one", "two")


def test_a_run_is_shown_when_it_begins_as_it_is_shown_when_it_is_read(world: World) -> None:
    nowhere = {"server": "a machine that nobody has"}
    definition = {
        "nodes": [
            {"id": "1", "type": "start", "label": "Start"},
            {"id": "2", "type": "console", "requires": nowhere, "parameters": {"text": "{{start.name}}"}},
            {"id": "3", "type": "console", "requires": nowhere, "parameters": {"text": "after"}},
            {"id": "4", "type": "console", "parameters": {"text": "given"}},
        ],
        "edges": [{"source": a, "target": b} for a, b in (("1", "2"), ("2", "3"), ("4", "3"))],
    }
    begun = begin(world, definition, inputs={"name": "Ada"}, pinned={"4": {"said": "before"}})
    assert begun == world.get(f"/runs/{begun['id']}")
    assert {node["key"]: (node["status"], node["why"]) for node in begun["nodes"]} == {
        "1": ("completed", None), "2": ("scheduled", "no_server"), "3": ("pending", None), "4": ("completed", "pinned"),
    }  # fmt: skip
    world.post(f"/runs/{begun['id']}/cancel", {})


def test_two_waits_run_side_by_side(world: World) -> None:
    """S2: the wait is the hub's; both inputs come together."""
    nodes: list[Json] = [
        {"id": "s", "type": "start"},
        {"id": "a", "type": "timer", "parameters": {"duration": 0.3}},
        {"id": "b", "type": "timer", "parameters": {"duration": 0.3}},
        {"id": "m", "type": "merge", "parameters": {"way": "list"}},
    ]
    edges = [{"source": x, "target": y} for x, y in ("sa", "sb", "am", "bm")]
    run = begin(world, {"nodes": nodes, "edges": edges})
    assert len(ended(world, run)["m"]["output"]["items"]) == 2
    history = [entry["type"] for entry in world.get(f"/runs/{run['id']}/history")["events"]]
    assert history.count("node_waiting") == 2


def test_a_person_is_asked_and_the_run_goes_where_the_answer_says(world: World) -> None:
    nodes: list[Json] = [
        {"id": "ask", "type": "approval", "parameters": {"question": "ship it?"}},
        {"id": "yes", "type": "console"},
        {"id": "no", "type": "console"},
    ]
    edges = [
        {"source": "ask", "target": "yes", "source_handle": "approved"},
        {"source": "ask", "target": "no", "source_handle": "refused"},
    ]
    run = begin(world, {"nodes": nodes, "edges": edges})
    world.eventually(lambda: status(world, run, "ask") == "waiting", "it asks")
    answer = world.request("POST", f"/runs/{run['id']}/nodes/ask/answer", {"approved": True, "comment": "go"})
    assert answer.status_code == 200, answer.text
    done = ended(world, run)
    assert done["ask"]["output"]["comment"] == "go"
    assert (done["yes"]["status"], done["no"]["status"]) == ("completed", "skipped")


def status(world: World, run: Json, key: str) -> str:
    nodes = {node["key"]: node for node in world.get(f"/runs/{run['id']}")["nodes"]}
    return str(nodes[key]["status"])


def test_cancelling_a_run_ends_the_process_tree(world: World, tmp_path: Path) -> None:
    """S22."""
    mark = tmp_path / "alive"
    command = f"(while :; do touch {mark}; sleep 0.1; done) & wait"
    run = begin(world, chain({"id": "a", "type": "shell", "parameters": {"command": command, "timeout": 60}}))
    world.eventually(mark.exists, "it runs")
    assert world.request("POST", f"/runs/{run['id']}/cancel", {"reason": "enough"}).json()["status"] == "cancelled"

    def quiet() -> bool:
        mark.unlink(missing_ok=True)
        time.sleep(0.5)
        return not mark.exists()

    world.eventually(quiet, "its processes are gone")


def test_a_node_is_one_new_file(world: World) -> None:
    folder = world.daemons["two"].home / "nodes"
    (folder / "repeat.py").write_text(OWN_NODE)
    world.eventually(lambda: "repeat" in types(world), "the node is announced")
    assert types(world)["repeat"]["parameters"]["required"] == ["text"]
    nodes = ended(world, begin(world, chain({"id": "r", "type": "repeat", "parameters": {"text": "ab", "times": 3}})))
    assert nodes["r"]["output"] == {"text": "ababab"}
    assert nodes["r"]["server"] == "two"
    assert nodes["r"]["logs"] == ["repeating 3 times"]


def test_every_problem_is_named_before_anything_is_published(world: World) -> None:
    definition = {"nodes": [{"id": "a", "type": "nope"}, {"id": "b", "type": "shell"}], "edges": []}
    refused = world.request("POST", "/workflows", {"definition": definition, "publish": True})
    assert refused.status_code == 422
    paths = {problem["path"] for problem in refused.json()["problems"]}
    assert paths == {"/nodes/0/type", "/nodes/1/parameters/command"}
    kept = world.request("POST", "/workflows", {"definition": definition})
    assert kept.status_code == 200
    assert len(kept.json()["problems"]) == 2


def test_a_killed_daemon_and_a_killed_hub_lose_no_run(world: World) -> None:
    steps = [{"id": f"n{i}", "type": "shell", "parameters": {"command": f"sleep 0.3; echo {i}"}} for i in range(6)]
    run = begin(world, chain(*steps))
    world.eventually(lambda: status(world, run, "n1") in ("running", "completed"), "it is under way")
    world.daemons["one"].kill()
    world.kill_hub()
    world.start_hub()
    world.start_daemon(world.daemons["one"])
    nodes = ended(world, run)
    assert [nodes[f"n{i}"]["output"]["stdout"].strip() for i in range(6)] == [str(i) for i in range(6)]


def test_a_dead_letter_is_replayed_once_and_is_gone_when_it_succeeds(world: World, tmp_path: Path) -> None:
    """S7, the second half."""
    door, keys = tmp_path / "door", tmp_path / "keys"
    knock: Json = {"id": "b", "type": "knock", "label": "Knock", "parameters": {"door": str(door), "keys": str(keys)}}
    first: Json = {"id": "a", "type": "shell", "label": "First", "parameters": {"command": "echo ready"}}
    last: Json = {"id": "c", "type": "set", "parameters": {"fields": {"said": "{{first.stdout}}{{knock.said}}"}}}
    run = begin(world, chain(first, knock, last))
    nodes = ended(world, run, "failed")
    assert (nodes["b"]["status"], nodes["c"]["status"]) == ("failed", "cancelled")
    (letter,) = world.get("/dead-letters")["dead_letters"]
    assert (letter["key"], letter["error"]["kind"], letter["replays"]) == ("b", "unavailable", 0)
    assert world.get(f"/dead-letters/{letter['id']}")["parameters"]["door"] == str(door)
    assert world.get("/dead-letters/stats")["by_error"] == {"unavailable": 1}
    ended(world, world.post(f"/dead-letters/{letter['id']}/replay", {}), "failed")
    assert world.get(f"/dead-letters/{letter['id']}")["replays"] == 1
    door.touch()
    again = ended(world, world.post(f"/dead-letters/{letter['id']}/replay", {}))
    assert again["c"]["output"]["said"] == "ready\nopen"
    assert again["a"]["why"] == "pinned"
    assert world.get("/dead-letters")["dead_letters"] == []
    assert len(set(keys.read_text().split())) == 1, "one effect has one idempotency key, however often it is tried"


def test_a_result_is_taken_from_the_cache_across_runs(world: World, tmp_path: Path) -> None:
    count = tmp_path / "count"
    node = {
        "id": "a", "type": "shell", "cache": {"seconds": 60},
        "parameters": {"command": f"echo x >> {count}; wc -l < {count}", "timeout": "{{inputs.t}}"},
    }  # fmt: skip
    made = world.request("POST", "/workflows", {"definition": {"nodes": [node], "edges": []}, "publish": True}).json()
    outputs = []
    for timeout in (20, 20, 30):
        run = world.post(f"/workflows/{made['id']}/runs", {"inputs": {"t": timeout}})
        found = ended(world, run)["a"]
        outputs.append((found["status"], found["output"]["stdout"].strip()))
    assert outputs == [("completed", "1"), ("cached", "1"), ("completed", "2")]
