"""People and agents at work: plans, reviews, questions, contracts, cancelling."""

import json
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.world import World, marked

pytestmark = pytest.mark.acceptance

API = {
    "key": "api",
    "required": True,
    "schema": {"type": "object", "required": ["paths"], "properties": {"paths": {"type": "array", "minItems": 1}}},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[World]:
    """One hub and two daemons for all of these stories; each has tasks of its own."""
    world = World(tmp_path_factory.mktemp("world"), module_database_url)
    try:
        world.start_hub()
        world.daemon("one", slots=4)
        world.daemon("two", slots=4)
        yield world
    finally:
        world.close()


def test_a_graph_runs_to_done_and_contracts_arrive(world: World) -> None:
    api = world.echo("api", '@contract api {"paths": ["/tasks"]}', structured_spec={"contracts": [API]})
    client = world.create(
        "client",
        {"kind": "command", "shell": 'cat "$CORRAL_INPUTS"'},
        dependencies=[{"depends_on_task_id": api, "dependency_type": "input", "contract_key": "api"}],
    )
    last = world.create("last", {"kind": "command", "argv": ["true"]}, dependency_ids=[client])
    waited = world.cli("task", "wait", last, "--until", "done", "--timeout", "60s")
    assert waited is not None
    assert world.task(client)["resolved_inputs"] == {"api": {"paths": ["/tasks"]}}
    assert json.loads(world.output(client)) == {"api": {"paths": ["/tasks"]}}
    impact = world.cli("task", "impact", api)
    assert {row["id"] for row in impact["tasks"]} == {client, last}


def test_a_plan_is_approved_before_anything_runs(world: World) -> None:
    task = world.echo("planned", "@say the work is done", structured_spec={"require_plan": True})
    planned = world.until(task, "plan_review")
    assert planned["plan"]
    assert [unit["phase"] for unit in world.assignments(task)] == ["plan"]
    world.cli("task", "revise", task, "--feedback", "smaller steps")
    world.eventually(lambda: len(world.assignments(task)) == 2, "it plans again")
    assert world.until(task, "plan_review")["plan_feedback"] == "smaller steps"
    world.cli("task", "approve", task)
    world.until(task, "done")
    assert "the work is done" in world.output(task)
    phases = [unit["phase"] for unit in world.assignments(task)]
    assert phases == ["plan", "plan", "execute"]


def test_a_review_sends_work_back_and_then_accepts_it(world: World) -> None:
    task = world.echo(
        "reviewed",
        "@on-feedback", '@result {"summary": "better"}', "@otherwise", '@result {"summary": "draft"}', "@end",
        structured_spec={"review": True},
    )  # fmt: skip
    assert world.until(task, "review")["result"]["summary"] == "draft"
    world.cli("task", "revise", task, "--feedback", "not good enough")
    world.eventually(
        lambda: world.task(task)["status"] == "review" and len(world.assignments(task)) == 2, "reviewed again"
    )
    assert world.task(task)["result"]["summary"] == "better"
    world.cli("task", "approve", task)
    assert world.until(task, "done")["result"]["summary"] == "better"


def test_an_agent_asks_and_goes_on_with_the_answer(world: World) -> None:
    task = world.echo("asking", "@on-feedback", "@say thank you", "@otherwise", "@help Which colour?", "@end")
    asked = world.until(task, "needs_human")
    [question] = asked["interventions"]
    assert question["question"] == "Which colour?"
    listed = world.cli("intervention", "list")
    assert question["id"] in json.dumps(listed)
    world.cli("intervention", "respond", question["id"], "--response", "blue")
    world.until(task, "done")
    assert "thank you" in world.output(task)


def test_a_broken_contract_is_refused_and_repaired(world: World) -> None:
    task = world.echo(
        "repairing",
        "@on-feedback", '@contract api {"paths": ["/ok"]}', "@otherwise", '@contract api {"paths": []}', "@end",
        structured_spec={"contracts": [API]},
    )  # fmt: skip
    done = world.until(task, "done", "failed", "needs_human")
    assert done["status"] == "done"
    assert done["result"]["contracts"] == {"api": {"paths": ["/ok"]}}
    [refused] = [event for event in world.activity(task) if event["event_type"] == "task_contracts_refused"]
    assert refused["details"]["problems"][0]["pointer"] == "/result/contracts/api/paths"


def test_three_broken_completions_need_a_human(world: World) -> None:
    task = world.echo("stubborn", "@say nothing to show", structured_spec={"contracts": [API]})
    stuck = world.until(task, "needs_human", "failed", "done")
    assert stuck["status"] == "needs_human"
    assert stuck["bad_completions"] == 3
    assert stuck["reason"]["code"] == "contract_unfulfilled"


def test_cancelling_stops_a_tree_of_fifty_processes(world: World) -> None:
    mark = f"corral-test-{secrets.token_hex(8)}"
    script = Path(__file__).parent / "forest.py"
    task = world.create("forest", {"kind": "command", "argv": ["python3", str(script), "50"], "env": {"FOREST": mark}})
    world.eventually(lambda: len(list(marked(mark))) >= 50, "fifty processes run")
    world.cli("task", "cancel", task)
    assert world.task(task)["status"] == "cancelled"
    world.eventually(lambda: not list(marked(mark)), "the whole tree is gone")
    world.eventually(lambda: all(unit["ended_at"] for unit in world.assignments(task)), "the slot is free again")


def test_a_timeout_stops_the_tree_and_says_so(world: World) -> None:
    mark = f"corral-test-{secrets.token_hex(8)}"
    run = {"kind": "command", "shell": "sleep 600 & sleep 600", "timeout": 1, "env": {"FOREST": mark}}
    failed = world.until(world.create("slow", run), "failed")
    assert failed["error"]["class"] == "timeout"
    world.eventually(lambda: not list(marked(mark)), "nothing is left")


def test_explain_names_every_server_and_rule(world: World) -> None:
    run = {"kind": "command", "argv": ["true"]}
    task = world.create("nowhere", run, structured_spec={"requires": {"languages": ["cobol"]}})
    assert [warning["code"] for warning in world.task(task)["warnings"]] == ["no_server_can_run"]
    explained = world.cli("task", "explain", task)
    assert [reason["code"] for reason in explained["waiting"]] == ["no_server_matches"]
    removed = {
        server["name"]: [p["rule"] for p in server["parts"] if not p["passed"]] for server in explained["servers"]
    }
    assert removed == {"one": ["languages"], "two": ["languages"]}
    placed = world.create("somewhere", run)
    world.until(placed, "done")
    explained = world.cli("task", "explain", placed)
    assert explained["recomputed_equal"] is True
    assert explained["decision"]["chosen"] == world.task(placed)["assigned_server_name"]


def test_secrets_stay_out_of_command_lines(world: World) -> None:
    task = world.create("peek", {"kind": "command", "shell": 'printf %s "$CORRAL_API_KEY"; sleep 600'})
    world.until(task, "running")
    world.eventually(lambda: len(world.output(task)) > 20, "the token is printed")
    token = world.output(task)
    seen = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert token not in seen
    keys = [(daemon.home / "daemon.toml").read_text() for daemon in world.daemons.values()]
    assert all(token not in text for text in keys)
    world.cli("task", "cancel", task)
