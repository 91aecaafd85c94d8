"""Tasks whose agent sits in a terminal: a real hub, a real daemon, the echo agent's own interface, the real CLI."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.world import World
from tests.daemon.runner_world import repository

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    world = World(folder, module_database_url)
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
