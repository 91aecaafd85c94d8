"""Workflows by the CLI alone: from a file to a run's end, through a real hub and a real daemon."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.world import World
from tests.cli.desk import sitting

pytestmark = pytest.mark.acceptance
Json = dict[str, Any]

RELEASE = """\
# A release, in three steps.
name: release
nodes:
  - {id: s, type: start}
  - id: build
    type: shell
    label: Build it
    parameters:
      command: |
        echo built {{s.branch}}
        exit 0
  - id: say
    type: console
    parameters: {logMode: expression, expression: "on {{s.branch}}", format: text}
edges:
  - {source: s, target: build}
  - {source: build, target: say}
"""

EXPORT = """
{"name": "From elsewhere",
 "nodes": [{"id": "a", "type": "start", "data": {"label": "Start"}}, {"id": "b", "type": "console", "data": {}}],
 "edges": [{"id": "e", "source": "a", "target": "b"}],
 "nodeParameters": {"b": {"logMode": "all"}}}
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"), module_database_url)
    try:
        world.start_hub()
        world.daemon("one")
        world.eventually(lambda: world.cli("node", "list")["node_types"], "node types are announced")
        yield world
    finally:
        world.close()


@pytest.fixture
def release(world: World, tmp_path: Path) -> Path:
    path = tmp_path / "release.yaml"
    path.write_text(RELEASE)
    world.cli("workflow", "apply", str(path), "--publish")
    return path


def plain(world: World, *words: str, code: int = 0, stdin: str = "") -> str:
    """Run the CLI as a person with a pipe would; return what it printed."""
    environment = {**world.environment, "CORRAL_HUB_URL": world.url, "CORRAL_TOKEN": world.token}
    command = [sys.executable, "-m", "corral_cli", *words]
    done = subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, f"{words} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_from_a_file_to_the_end_of_a_run(world: World, release: Path) -> None:
    done = world.cli("workflow", "run", "release", "--input", "branch=main", "--wait")
    nodes = {node["key"]: node for node in done["nodes"]}
    assert (done["status"], nodes["build"]["output"]["stdout"]) == ("completed", "built main\n")
    assert plain(world, "run", "logs", done["id"][:8], "say") == "on main\n"
    assert "say" in plain(world, "run", "show", done["id"][:8])
    assert "node_completed" in plain(world, "run", "history", done["id"][:8])
    assert done["id"] in plain(world, "run", "list", "--workflow", "release", "-q")


def test_a_draft_is_tried_out_whole_and_one_node_of_it(world: World, release: Path) -> None:
    version = world.cli("workflow", "show", "release")["version"]
    release.write_text(RELEASE.replace("echo built", "echo tried"))
    world.cli("workflow", "apply", str(release))
    done = world.cli("workflow", "run", "release", "--draft", "--input", "branch=main", "--wait")
    assert (done["version"], done["nodes"][1]["output"]["stdout"]) == (None, "tried main\n")
    only = world.cli("workflow", "run", "release", "--draft", "--only", "say", "--wait")
    nodes = {node["key"]: node for node in only["nodes"]}
    assert (nodes["build"]["why"], nodes["say"]["output"]["formatted"]) == ("pinned", "on main")
    assert "test run of the draft" in plain(world, "run", "show", only["id"][:8])
    assert world.cli("workflow", "show", "release")["version"] == version
    release.write_text(RELEASE.replace("type: console", "type: no_such_type"))
    world.cli("workflow", "apply", str(release))
    refused = world.cli("workflow", "run", "release", "--draft", code=1)["error"]
    assert refused["code"] == "invalid_workflow"
    assert [found["path"] for found in refused["details"]["problems"] if not found["warning"]] == ["/nodes/2/type"]


def test_applying_twice_is_the_same_as_once(world: World, release: Path) -> None:
    again = world.cli("workflow", "apply", str(release), "--publish")
    assert again["action"] == "unchanged"
    release.write_text(RELEASE.replace("echo built", "echo made"))
    changed = world.cli("workflow", "apply", str(release))
    assert (changed["action"], changed["version"]) == ("updated", again["version"])
    told = plain(world, "workflow", "diff", "release", "--exit-code", code=1)
    assert "~ node build" in told and "+echo made" in told and "-echo built" in told
    assert world.cli("workflow", "rollback", "release", str(again["version"]))["number"] == again["version"] + 1
    assert plain(world, "workflow", "diff", "release", "--exit-code") == ""


def test_what_is_exported_is_applied_as_it_was(world: World, release: Path) -> None:
    written = plain(world, "workflow", "export", "release")
    assert plain(world, "workflow", "export", "release") == written
    assert world.cli("workflow", "apply", "-", stdin=written)["action"] == "unchanged"
    as_json = plain(world, "workflow", "export", "release", "--format", "json")
    assert world.cli("workflow", "apply", "-", stdin=as_json)["action"] == "unchanged"
    copy = world.cli("workflow", "apply", "-", "--name", "copy", stdin=written)
    assert copy["action"] == "created" and copy["name"] == "copy"
    assert plain(world, "workflow", "export", "copy").replace("name: copy", "name: release") == written


def test_problems_are_named_with_their_lines(world: World, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("nodes:\n  - id: a\n    type: nope\n  - id: b\n    type: shell\n    retry: {max_attempts: 0}\n")
    told = plain(world, "workflow", "validate", str(bad), code=1)
    assert f"{bad}:3: /nodes/0/type" in told and f"{bad}:6: /nodes/1/retry/max_attempts" in told
    assert f"{bad}:4: /nodes/1/parameters/command" in told
    refused = world.cli("workflow", "apply", str(bad), "--publish", code=1)
    assert refused["error"]["code"] == "invalid_workflow"
    assert "bad" not in {entry["name"] for entry in world.cli("workflow", "list")["workflows"]}


def test_a_failed_run_ends_with_1_and_is_taken_up_again(world: World) -> None:
    text = """
        name: flaky
        nodes:
          - {id: a, type: shell, parameters: {command: echo once}}
          - {id: b, type: set, parameters: {fields: "{{a.nothing}}"}}
        edges: [{source: a, target: b}]
    """
    world.cli("workflow", "apply", "-", "--publish", stdin=text)
    failed = world.cli("workflow", "run", "flaky", "--wait", code=1)["error"]
    assert failed["code"] == "run_failed" and failed["details"]["failed"] == "b"
    again = world.cli("run", "retry", failed["details"]["run_id"])
    world.eventually(lambda: world.cli("run", "show", again["id"])["finished_at"], "it has ended again")
    nodes = {node["key"]: node for node in world.cli("run", "show", again["id"])["nodes"]}
    assert (nodes["a"]["why"], nodes["b"]["status"]) == ("pinned", "failed")


def test_dead_letters_are_seen_to(world: World) -> None:
    """One is repaired and replayed, one is taken away, the rest is purged."""
    text = """
        name: frail
        nodes:
          - {id: s, type: start}
          - {id: read, type: fileRead, parameters: {file_path: "{{s.path}}"}}
        edges: [{source: s, target: read}]
    """
    world.cli("workflow", "apply", "-", "--publish", stdin=text)
    for path in ("a.txt", "b.txt", "c.txt"):
        world.cli("workflow", "run", "frail", "--input", f"path={path}", "--wait", code=1)
    first, second, _ = (letter["id"] for letter in world.cli("dlq", "list", "--workflow", "frail")["dead_letters"])
    assert world.cli("dlq", "stats")["by_node_type"]["fileRead"] == 3
    shown = world.cli("dlq", "show", str(first))
    assert (shown["inputs"], shown["parameters"]["file_path"]) == ({"s": {"path": "a.txt"}}, "a.txt")
    assert "a.txt" in plain(world, "dlq", "show", str(first)) and "frail" in plain(world, "dlq", "list")
    again = world.cli("dlq", "replay", str(first), "--watch", code=1)["error"]
    assert again["details"]["failed"] == "read"
    assert world.cli("dlq", "show", str(first))["replays"] == 1
    (world.daemons["one"].home / "daemon" / "workspaces" / str(shown["workflow_id"]) / "a.txt").write_text("found")
    done = world.cli("dlq", "replay", str(first), "--watch")
    assert {node["key"]: node["status"] for node in done["nodes"]} == {"s": "completed", "read": "completed"}
    assert world.cli("dlq", "show", str(first), code=3)["error"]["code"] == "dead_letter_not_found"
    world.cli("dlq", "remove", str(second), "--yes")
    assert world.cli("dlq", "purge", "--workflow", "frail", "--yes")["removed"] == 1
    assert world.cli("dlq", "list", "--workflow", "frail")["dead_letters"] == []


def test_a_person_is_asked_and_answers(world: World) -> None:
    text = "name: ask\nnodes:\n  - {id: q, type: approval, parameters: {question: Ship it?}}\n"
    world.cli("workflow", "apply", "-", "--publish", stdin=text)
    asked = world.cli("workflow", "run", "ask", "--wait", code=6)["error"]
    run = asked["details"]["run_id"]
    assert "Ship it?" in asked["message"]
    assert "Ship it?" in plain(world, "run", "show", run)
    world.cli("run", "answer", run, "--approve", "--comment", "go")
    plain(world, "run", "watch", run)
    assert world.cli("run", "show", run)["nodes"][0]["output"]["comment"] == "go"


def test_pausing_resuming_and_cancelling(world: World) -> None:
    text = "name: long\nnodes:\n  - {id: t, type: timer, parameters: {duration: 600}}\n"
    world.cli("workflow", "apply", "-", "--publish", stdin=text)
    run = world.cli("workflow", "run", "long")["id"]
    assert world.cli("run", "pause", run)["status"] == "paused"
    assert world.cli("run", "resume", run)["status"] == "running"
    assert world.cli("run", "watch", run, "--timeout", "300ms", code=124)["error"]["code"] == "timeout"
    assert world.cli("run", "cancel", run, "--reason", "enough")["status"] == "cancelled"
    assert "run_cancelled" in plain(world, "run", "watch", run, "-o", "ndjson", code=1)


def test_watching_goes_on_after_the_hub_was_killed(world: World) -> None:
    steps = [f"  - {{id: n{i}, type: shell, parameters: {{command: sleep 0.5}}}}" for i in range(6)]
    edges = [f"  - {{source: n{i}, target: n{i + 1}}}" for i in range(5)]
    text = "\n".join(["name: chain", "nodes:", *steps, "edges:", *edges])
    world.cli("workflow", "apply", "-", "--publish", stdin=text)
    run = world.cli("workflow", "run", "chain")["id"]
    login = {"CORRAL_HUB_URL": world.url, "CORRAL_TOKEN": world.token}
    with sitting("run", "watch", run, **login) as desk:
        desk.sees(b"n5")
        world.kill_hub()
        desk.sees(b"cannot be reached")
        world.start_hub()
        desk.sees(b"the hub is back")
        desk.sees(b"6/6 done")
        assert desk.ends() == 0


def test_imported_files_say_what_became_of_them(world: World, tmp_path: Path) -> None:
    steps = tmp_path / "steps.json"
    steps.write_text('{"steps": [{"type": "shell", "config": {"command": "echo hi"}}, {"type": "nope"}]}')
    first, second = (world.cli("workflow", "import", str(steps))["workflows"][0] for _ in range(2))
    assert first["id"] != second["id"]
    assert [problem["code"] for problem in first["problems"]] == ["unknown_type"]
    assert plain(world, "workflow", "validate", str(steps), code=1).startswith(f"{steps}: /nodes/1/type")
    machina = tmp_path / "export.json"
    machina.write_text(EXPORT)
    made = world.cli("workflow", "import", str(machina), "--publish")["workflows"][0]
    assert (made["name"], made["version"]) == ("From elsewhere", 1)
    done = world.cli("workflow", "run", str(made["id"]), "--wait")
    assert {node["key"]: node["status"] for node in done["nodes"]} == {"a": "completed", "b": "completed"}


def test_a_new_node_is_written_offered_and_run(world: World, tmp_path: Path) -> None:
    folder = world.daemons["one"].home / "nodes"
    words = ["node", "new", "shout", "--parameter", "text:str", "--parameter", "times:int=2"]
    assert world.cli(*words, "--directory", str(folder))["path"] == str(folder / "shout.py")
    world.eventually(lambda: "shout" in plain(world, "node", "list"), "the node is announced")
    assert "times  integer, default 2" in plain(world, "node", "show", "shout")
    text = "name: shouting\nnodes: [{id: a, type: shout, parameters: {text: hey}}]\n"
    world.cli("workflow", "apply", "-", "--publish", stdin=text)
    done = world.cli("workflow", "run", "shouting", "--wait")
    assert done["nodes"][0]["output"] == {"result": "hey"}


def test_the_schema_is_printed(world: World) -> None:
    assert "condition" in world.cli("workflow", "schema")["$defs"]["edge"]["properties"]
