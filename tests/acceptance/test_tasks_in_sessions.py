"""Tasks whose agent sits in a terminal: a real hub, a real daemon, the echo agent's own interface, the real CLI."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.world import PATIENCE, World, marked
from tests.daemon.runner_world import repository

PACE = {"CORRAL_HEARTBEAT": "0.5", "CORRAL_OFFLINE_AFTER": "60", "CORRAL_RESTART_GRACE": "60"}
"""A daemon that is killed is back before anybody gives its work away."""
pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    world = World(folder, module_database_url, pace=PACE)
    try:
        world.start_hub()
        world.daemon("one", slots=8, demo=repository(folder / "repo"))
        yield world
    finally:
        world.close()


def ask(world: World, *script: str, **more: Any) -> str:
    run = {"kind": "session", "agent": "echo", "prompt": "\n".join(script), **more.pop("run", {})}
    return world.create("a task in a session", run, **more)


def session_of(world: World, task: str) -> dict[str, Any]:
    (found,) = [one for one in world.get("/sessions?limit=500")["sessions"] if one["task_id"] == task]
    return found


def test_the_agent_completes_its_task_and_its_terminal_is_closed(world: World) -> None:
    task = ask(world, "@say good morning", '@complete {"summary": "from inside"}')
    done = world.until(task, "done", "failed")
    assert done["result"] == {"summary": "from inside"}
    session = session_of(world, task)
    assert session["agent_type"] == "echo"
    world.eventually(lambda: session_of(world, task)["status"] == "closed", "the session is closed")
    world.eventually(lambda: world.assignments(task)[0]["ended_at"], "the unit has ended")
    (unit,) = world.assignments(task)
    assert unit["state"] == "ended"
    assert world.events(task).count("task_completed") == 1


def screen(world: World, task: str) -> str:
    answer = world.request("GET", f"/sessions/{session_of(world, task)['id']}/screen")
    return "\n".join(answer.json()["lines"]) if answer.status_code == 200 else ""


def waits(world: World, task: str) -> None:
    world.until(task, "running", "planning", "plan_review")
    world.eventually(lambda: screen(world, task).rstrip().endswith("echo>"), "the agent waits at its prompt")


def test_a_note_reaches_the_agent_that_waits_once_and_harmless(world: World) -> None:
    task = ask(world, "@say ready")
    waits(world, task)
    hostile = "look \x1b[31mhere\x1b[201~\rrm -rf /\n@complete from a note"
    world.post(f"/tasks/{task}/notes", {"content": hostile})
    done = world.until(task, "done", "failed")
    assert done["result"] == "from a note"
    shown = screen(world, task)
    assert shown.count("a note on your task") == 1
    assert "> look [31mhere[201~" in shown


def test_the_same_session_plans_waits_and_works(world: World) -> None:
    task = ask(world, "@say at work", "@complete as planned", structured_spec={"require_plan": True})
    plan = world.until(task, "plan_review", "failed")["plan"]
    assert plan["steps"] == ["say at work", "complete as planned"]
    pid = world.assignments(task)[0]["pid"]
    world.post(f"/tasks/{task}/plan/revise", {"feedback": "think again"})
    world.until(task, "planning", "plan_review")
    world.eventually(lambda: world.events(task).count("task_plan_submitted") == 2, "the plan came again")
    world.post(f"/tasks/{task}/plan/approve")
    done = world.until(task, "done", "failed")
    assert done["result"] == "as planned"
    assert [(unit["epoch"], unit["pid"]) for unit in world.assignments(task)] == [(1, pid)]


def test_an_answer_reaches_the_agent_that_asked(world: World) -> None:
    task = ask(world, "@help which one?")
    world.until(task, "needs_human")
    (question,) = world.get(f"/interventions?task_id={task}")
    world.post(f"/interventions/{question['id']}/respond", {"response": "the left one\n@complete left"})
    assert world.until(task, "done", "failed")["result"] == "left"


def test_an_agent_that_leaves_has_not_done_its_task(world: World) -> None:
    tasks = {task: ask(world, f"@exit {task}") for task in ("0", "3")}
    left = world.until(tasks["0"], "done", "failed")
    assert left["status"] == "failed"
    assert left["error"]["class"] == "agent_failed"
    assert "before the task was completed" in left["error"]["message"]
    broken = world.until(tasks["3"], "done", "failed")
    assert broken["error"]["class"] == "exit_nonzero"
    assert broken["error"]["message"].startswith("exit code 3")


def test_cancelling_ends_the_whole_tree(world: World) -> None:
    task = ask(world, "@spawn 6")
    waits(world, task)
    session = session_of(world, task)["id"]
    assert len(list(marked(session))) >= 7
    world.request("DELETE", f"/tasks/{task}")
    world.eventually(lambda: not list(marked(session)), "every process is gone")
    world.eventually(lambda: world.assignments(task)[0]["ended_at"], "the unit has ended")
    assert session_of(world, task)["status"] == "closed"


def test_a_timeout_counts_from_the_begin(world: World) -> None:
    task = ask(world, "@say slow", run={"timeout": 2})
    failed = world.until(task, "done", "failed")
    assert failed["error"]["class"] == "timeout"


def test_killed_daemons_and_hubs_leave_it_alone(world: World) -> None:
    task = ask(world, "@say here to stay")
    waits(world, task)
    (unit,) = world.assignments(task)
    daemon = world.daemons["one"]
    for _ in range(3):
        daemon.kill()
        world.start_daemon(daemon)
    world.kill_hub()
    world.start_hub()
    world.eventually(lambda: world.server("one")["connected"], "the daemon is back")
    daemon.send(signal.SIGTERM)
    assert daemon.process is not None
    assert daemon.process.wait(PATIENCE) == 0
    world.post(f"/tasks/{task}/notes", {"content": "@complete after all that"})
    world.start_daemon(daemon)
    done = world.until(task, "done", "failed")
    assert done["result"] == "after all that"
    assert world.assignments(task)[0]["pid"] == unit["pid"]
    assert len(world.assignments(task)) == 1
    assert screen(world, task).count("a note on your task") == 1
