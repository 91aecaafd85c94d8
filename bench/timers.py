"""10,000 timers that are due at one instant: until the last of them has fired, by its commit. A real hub process.

Clocks begin a run each, of a workflow of its own; waiting nodes end a run each. What fired twice ends the bench.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import asyncpg
import httpx

from bench.figures import Figure, spread
from bench.lab import Lab
from tests.acceptance.world import World
from tests.hub.triggers.crowds import hang_clocks, put_to_sleep

CALM = {"CORRAL_HEARTBEAT": "30", "CORRAL_OFFLINE_AFTER": "90"}
FULL, AIM = 10_000, 10
Write = Callable[[asyncpg.Connection, int, datetime], Awaitable[None]]
BEGUN = "select count(*) from workflow_runs"
ENDED = "select count(*) from workflow_runs where status = 'completed'"


async def measure(lab: Lab) -> list[Figure]:
    count = lab.pick(FULL, 2_000)
    cases: dict[str, tuple[Write, str]] = {
        f"{count:,} clocks due at once": (hang_clocks, BEGUN),
        f"{count:,} clocks, a node behind each": (partial(hang_clocks, step=True), BEGUN),
        f"{count:,} waiting nodes due at once": (put_to_sleep, ENDED),
    }
    figures: list[Figure] = []
    for name, (write, counted) in cases.items():
        found = [await _fire(lab, write, counted, count) for _ in range(lab.pick(3, 1))]
        last, slowest = spread(seconds for seconds, _ in found), spread(away * 1e3 for _, away in found)
        met = last.middle <= AIM if count == FULL else None
        figures.append(Figure(case="timers", name=f"{name}: the last", unit="s", value=last, aim=f"≤ {AIM} s", met=met))
        figures.append(Figure(case="timers", name="the slowest GET /healthz meanwhile", unit="ms", value=slowest))
    return figures


async def _fire(lab: Lab, write: Write, counted: str, count: int) -> tuple[float, float]:
    """Return the seconds from the instant until all have fired, and for how long the hub answered nobody meanwhile."""
    url = await lab.databases.fresh()
    world = World(lab.folder / f"timers-{time.monotonic_ns()}", url, pace=CALM)
    world.folder.mkdir()
    connection = await asyncpg.connect(url)
    try:
        world.start_hub()
        world.kill_hub()
        at = datetime.now(UTC) + timedelta(seconds=lab.pick(25, 12))
        await write(connection, count, at)
        world.start_hub()
        async with asyncio.TaskGroup() as group:
            slowest = group.create_task(_ask(world.url, at, done := asyncio.Event()))
            while await connection.fetchval(counted) < count:  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.02)
            seconds = (datetime.now(UTC) - at).total_seconds()
            done.set()
        assert datetime.now(UTC) > at
        assert await connection.fetchval(BEGUN) == count, "each once"
        return seconds, slowest.result()
    finally:
        await connection.close()
        world.close()


async def _ask(url: str, at: datetime, done: asyncio.Event) -> float:
    await asyncio.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
    slowest = 0.0
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        while not done.is_set():
            begin = time.perf_counter()
            await client.get("/healthz")
            slowest = max(slowest, time.perf_counter() - begin)
            await asyncio.sleep(0.01)
    return slowest
