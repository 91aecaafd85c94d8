"""From POST /api/v1/tasks to the first sign of the task's process, on an idle system: real hub, real daemon.

The sign is the opening of the program file by execve, seen by inotify: neither the program's own start-up nor a
message about it is in the figure. One task after another; the next is asked for when all is quiet again.
"""

import select
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.figures import Figure, Round, figure, percentile
from bench.lab import Lab
from bench.opened import Opened
from bench.wire import Wire
from tests.acceptance.world import World

COMMITS_A_SAMPLE = 5
QUIET = 0.01
CALM = {"CORRAL_HEARTBEAT": "30", "CORRAL_OFFLINE_AFTER": "90"}


@dataclass(slots=True)
class Samples:
    """Seconds."""

    started: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    commits: list[float] = field(default_factory=list)


async def measure(lab: Lab) -> list[Figure]:
    world = World(lab.folder / "start", await lab.databases.fresh(), pace=CALM)
    world.folder.mkdir()
    try:
        world.start_hub()
        world.daemon("only", slots=2)
        program = _program(world.folder)
        wire, opened = Wire(world.port, world.token), Opened(program)
        await _sample(lab, wire, opened, program, 10)  # the first ones pay for caches
        blocks = [await _sample(lab, wire, opened, program, lab.pick(60, 20)) for _ in range(lab.rounds)]
        opened.close()
        wire.close()
    finally:
        world.close()
    return _figures(blocks)


def _program(folder: Path) -> Path:
    """Return a copy of `true` that nobody else runs."""
    found = shutil.which("true")
    assert found is not None
    (folder / "bin").mkdir()
    return Path(shutil.copy(Path(found).resolve(), folder / "bin" / "true"))


async def _sample(lab: Lab, wire: Wire, opened: Opened, program: Path, count: int) -> Samples:
    samples = Samples()
    for number in range(count):
        samples.commits += await lab.floor.latencies(COMMITS_A_SAMPLE)
        time.sleep(QUIET)  # noqa: ASYNC251 - nothing else runs here, and nothing else should
        body = {"title": f"start {number}", "run": {"kind": "command", "argv": [str(program)]}}
        request = wire.request("POST", "/tasks", body)
        answered, started, id = _once(wire, opened, request)
        samples.answered.append(answered)
        samples.started.append(started)
        while wire.ask("GET", f"/tasks/{id}")["status"] != "done":
            time.sleep(0.002)  # noqa: ASYNC251
    return samples


def _once(wire: Wire, opened: Opened, request: bytes) -> tuple[float, float, str]:
    """Send the request; return the seconds until it was answered and until the process started, and the task's id."""
    answered = started = 0.0
    id = ""
    begin = time.perf_counter()
    wire.socket.sendall(request)
    while not answered or not started:
        ready, _, _ = select.select([wire.socket, opened], [], [], 30.0)
        now = time.perf_counter() - begin
        if not ready:
            raise TimeoutError("the task's process did not start within 30 s")
        if opened in ready:
            opened.drain()
            started = started or now
        if wire.socket in ready:
            answered = now
            id = wire.answer()["id"]
    return answered, started, id


def _figures(blocks: list[Samples]) -> list[Figure]:
    count = sum(len(block.started) for block in blocks)

    def rounds(pick: str, share: float) -> list[Round]:
        return [
            Round(percentile(getattr(block, pick), share) * 1e3, percentile(block.commits, 0.5) * 1e3)
            for block in blocks
        ]

    floor = "ms a commit, 1 conn"
    return [
        figure("start", f"POST → process started, p50 of {count}", "ms", rounds("started", 0.5), floor,
               "≤ 5 commits", lambda ratio: ratio <= 5),
        figure("start", f"POST → process started, p99 of {count}", "ms", rounds("started", 0.99), floor),
        figure("start", "POST → answered (committed), p50", "ms", rounds("answered", 0.5), floor),
    ]  # fmt: skip
