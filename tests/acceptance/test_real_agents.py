"""The real Claude Code CLI, headless, run by a real daemon; its provider is a mock on loopback: it costs nothing.

What it is asked to run is what the mock answers: a phrase in the task's prompt picks the answer.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.real_claude import a_provider, real_programs, runs, set_up
from tests.acceptance.world import PATIENCE, World
from tests.daemon.runner_world import repository

pytestmark = pytest.mark.acceptance

WORK = """\
printf %s "$CORRAL_API_KEY" > token
for file in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < "$file"; echo; done > cmdlines 2> /dev/null
corral task note "$CORRAL_TASK_ID" --content 'from inside'
printf '{"summary": "written by the agent"}' > "$CORRAL_RESULT"
"""
COMPLETE = "corral task complete \"$CORRAL_TASK_ID\" --result 'completed from inside'"


ANSWERS = [
    runs("please do the work", WORK),
    runs("please complete", COMPLETE),
    {
        "match": {"userMessage": "please be refused"},
        "response": {"error": {"message": "invalid x-api-key", "type": "authentication_error"}, "status": 401},
    },
    {"match": {}, "response": {"content": "All done.", "usage": {"input_tokens": 1234, "output_tokens": 56}}},
]


@pytest.fixture(scope="module")
def programs() -> Path:
    return real_programs()


@pytest.fixture(scope="module")
def provider(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with a_provider(programs, tmp_path_factory.mktemp("provider"), ANSWERS) as url:
        yield url


@pytest.fixture(scope="module")
def world(
    programs: Path, provider: str, tmp_path_factory: pytest.TempPathFactory, module_database_url: str
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    (folder / "person").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        set_up(patch, programs, provider, folder / "person")
        world = World(folder, module_database_url)
        try:
            world.start_hub()
            world.daemon("one", demo=repository(folder / "repo"))
            yield world
        finally:
            world.close()


def ask(world: World, prompt: str) -> str:
    run = {"kind": "agent", "agent": "claude_code", "prompt": prompt, "directory": "worktree", "timeout": PATIENCE}
    return world.create(prompt, run, target_repo="demo")


def test_the_probe_says_what_is_true(world: World) -> None:
    def found() -> list[dict[str, Any]]:
        agents = world.server("one")["capabilities"]["agents"]
        return [agent for agent in agents if agent["name"] == "claude_code"]

    world.eventually(found, "the daemon has found claude")
    printed = subprocess.run(["claude", "--version"], capture_output=True, text=True, check=True).stdout
    (claude,) = found()
    assert claude["version"] == printed.split()[0]
    assert claude["logged_in"] is True
    assert "ANTHROPIC_API_KEY" in claude["detail"]


def test_it_works_in_its_worktree_with_the_tasks_own_token(world: World) -> None:
    task = ask(world, "please do the work")
    done = world.until(task, "done", "failed")
    assert done["result"] == {"summary": "written by the agent"}, world.output(task)
    assert [note["author"] for note in done["recent_notes"]] == [f"task:{task}"]
    (unit,) = world.assignments(task)
    usage = unit["outcome"]["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == (1234, 56)
    assert usage["cost_usd"] > 0
    assert usage["model"].startswith("claude")
    place = world.folder / "one" / "daemon" / "worktrees" / task
    token = (place / "token").read_text()
    assert token.count(".") == 2
    assert token not in (place / "cmdlines").read_text()
    assert "please do the work" not in (place / "cmdlines").read_text()


def test_it_completes_its_task_from_inside(world: World) -> None:
    task = ask(world, "please complete")
    done = world.until(task, "done", "failed")
    assert done["result"] == "completed from inside", world.output(task)
    world.eventually(lambda: world.assignments(task)[0]["ended_at"], "its process has ended")
    assert world.events(task).count("task_completed") == 1


def test_a_refusal_of_its_provider_is_a_failure_that_says_so(world: World) -> None:
    failed = world.until(ask(world, "please be refused"), "done", "failed")
    assert failed["status"] == "failed"
    assert failed["error"]["class"] == "agent_failed"
    assert "API key" in failed["error"]["message"]
