"""What goes wrong: hosts and hubs die, stop, come back. Nothing is lost, nothing is done twice."""

import hashlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.world import World

pytestmark = pytest.mark.acceptance

# Runs until the file FLAG is there; says what it is, and leaves a line in a ledger of effects.
SCRIPT = 'echo "$CORRAL_EPOCH" >> "$LEDGER"; echo begun; while [ ! -e "$FLAG" ]; do sleep 0.1; done; echo finished'


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    world = World(tmp_path, database_url)
    try:
        world.start_hub()
        yield world
    finally:
        (tmp_path / "flag").touch()
        world.close()


def held(world: World, title: str, **more: object) -> str:
    """A task that ends when the test says so."""
    env = {"FLAG": str(world.folder / "flag"), "LEDGER": str(world.folder / "ledger")}
    return world.create(title, {"kind": "command", "shell": SCRIPT, "env": env}, **more)


def release(world: World) -> None:
    (world.folder / "flag").touch()


def begun(world: World) -> list[str]:
    path = world.folder / "ledger"
    return path.read_text().split() if path.exists() else []


def completions(world: World, task: str) -> int:
    return world.events(task).count("task_completed")


def test_a_killed_daemon_loses_its_work_to_another(world: World) -> None:
    one, two = world.daemon("one"), world.daemon("two")
    task = held(world, "moving")
    world.until(task, "running")
    world.eventually(lambda: begun(world), "the work has begun")
    first = world.task(task)["assigned_server_name"]
    (one if first == "one" else two).kill()
    world.eventually(lambda: world.task(task)["attempt"] == 2 and world.task(task)["status"] == "running", "moved")
    assert world.task(task)["assigned_server_name"] != first
    release(world)
    world.until(task, "done")
    assert completions(world, task) == 1
    assert [unit["state"] for unit in world.assignments(task)] == ["lost", "ended"]


def test_a_lost_host_asks_a_human_where_the_policy_says_so(world: World) -> None:
    one = world.daemon("one")
    world.daemon("two")
    world.request("PATCH", "/servers/two", {"cordoned": True})
    task = held(world, "careful", structured_spec={"lost_host": "needs_human"})
    world.until(task, "running")
    one.kill()
    lost = world.until(task, "needs_human")
    assert lost["reason"]["code"] == "lost_host"
    world.request("POST", "/servers/two/resume")
    release(world)
    world.cli("intervention", "respond", lost["interventions"][0]["id"], "--response", "yes")
    assert world.until(task, "done")["assigned_server_name"] == "two"


def test_a_killed_hub_loses_nothing_and_nobody(world: World) -> None:
    world.daemon("one", slots=4)
    running = [held(world, f"held {index}") for index in range(3)]
    for task in running:
        world.until(task, "running")
    waiting = world.create("after", {"kind": "command", "argv": ["true"]}, dependency_ids=running)
    world.kill_hub()
    release(world)  # all three end while there is no hub
    world.pace["CORRAL_RESTART_GRACE"] = "60"  # as by default, longer than the daemons wait between two attempts
    world.start_hub()
    world.until(waiting, "done")
    for task in running:
        assert completions(world, task) == 1
        assert "task_host_lost" not in world.events(task)
        assert world.task(task)["attempt"] == 1
        assert world.output(task) == "begun\nfinished\n"


@pytest.mark.slow
def test_a_hub_that_is_down_for_a_minute_misses_nothing(world: World) -> None:
    world.daemon("one")
    text = "for i in $(seq 20000); do echo line $i of what the hub must not miss; done"
    expected = "".join(f"line {i} of what the hub must not miss\n" for i in range(1, 20001))
    env = {"FLAG": str(world.folder / "flag")}
    shell = f'while [ ! -e "$FLAG" ]; do sleep 0.1; done; {text}'
    task = world.create("long output", {"kind": "command", "shell": shell, "env": env})
    world.until(task, "running")
    world.kill_hub()
    release(world)
    world.pace["CORRAL_RESTART_GRACE"] = "60"
    time.sleep(60)  # what is shown is a minute without a hub
    world.start_hub()
    world.until(task, "done")
    assert completions(world, task) == 1
    assert "task_host_lost" not in world.events(task)
    chunks, after = [], 0
    while page := world.get(f"/tasks/{task}/output?after={after}")["chunks"]:
        chunks += page
        after = page[-1]["id"]
    digest = hashlib.sha256("".join(chunk["text"] for chunk in chunks).encode()).hexdigest()
    assert digest == hashlib.sha256(expected.encode()).hexdigest()


def test_a_daemon_stopped_past_its_lease_writes_in_vain(world: World) -> None:
    one, two = world.daemon("one"), world.daemon("two")
    task = held(world, "contested")
    world.until(task, "running")
    first = world.task(task)["assigned_server_name"]
    stopped = one if first == "one" else two
    stopped.send(signal.SIGSTOP)
    world.eventually(lambda: world.task(task)["attempt"] == 2 and world.task(task)["status"] == "running", "given away")
    release(world)
    done = world.until(task, "done")
    stopped.send(signal.SIGCONT)
    world.eventually(lambda: "stale_write_refused" in world.events(task), "the late write is refused")
    refusals = [event for event in world.activity(task) if event["event_type"] == "stale_write_refused"]
    assert {event["details"]["http_status"] for event in refusals} == {409}
    assert completions(world, task) == 1
    after = world.task(task)
    assert (after["result"], after["completed_at"], after["epoch"]) == (
        done["result"],
        done["completed_at"],
        done["epoch"],
    )


def test_a_daemon_that_restarts_says_what_it_lost(world: World) -> None:
    one = world.daemon("one")
    task = held(world, "interrupted")
    world.until(task, "running")
    world.eventually(lambda: begun(world), "the work has begun")
    one.kill()
    world.start_daemon(one)
    world.eventually(lambda: world.task(task)["attempt"] == 2, "a new attempt")
    release(world)
    world.until(task, "done")
    assert completions(world, task) == 1
