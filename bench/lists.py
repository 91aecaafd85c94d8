"""A page of 50 out of 20,000 tasks, and the ready query, with 0, 10,000 and 100,000 finished tasks beside them."""

import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

import asyncpg

from bench.figures import Figure, Round, figure, percentile
from bench.inprocess import hub
from bench.lab import Lab
from bench.rows import fill, settle
from bench.wire import Wire
from corral_hub.db.database import Database
from corral_hub.tasks.board import Filter
from corral_hub.tasks.overview import Overview
from corral_hub.tasks.queries import READY
from tests.acceptance.world import World

LIVE = 20_000
FINISHED = (0, 10_000, 100_000)
Query = Callable[[], Awaitable[object]]


async def measure(lab: Lab) -> list[Figure]:
    sizes = FINISHED if not lab.quick else (0, 10_000)
    async with AsyncExitStack() as stack:
        queries: dict[tuple[str, int], Query] = {}
        for finished in sizes:
            url = await _filled(lab, finished)
            for name, query in {**await _direct(url, stack), **_http(lab, url, finished, stack)}.items():
                queries[name, finished] = query
        return await _measured(lab, queries)


async def _filled(lab: Lab, finished: int) -> str:
    """A tenth of the pending tasks is ready; there is no machine to take them."""
    async with hub(await lab.databases.fresh()) as running:
        await fill(running, LIVE, ready_of_ten=1)
        if finished:
            await fill(running, finished, status="done")
        await settle(running)
        return running.url


async def _direct(url: str, stack: AsyncExitStack) -> Mapping[str, Query]:
    database = Database(url)
    pool: asyncpg.Pool = await database.pool()
    stack.push_async_callback(database.close)
    stack.push_async_callback(pool.close)
    reading = Overview(pool)
    return {
        "50 newest": lambda: reading.find(Filter(limit=50)),
        "50 newest pending": lambda: reading.find(Filter(limit=50, statuses=("pending",))),
        "50 ready": lambda: pool.fetch(READY, 50),
    }


def _http(lab: Lab, url: str, finished: int, stack: AsyncExitStack) -> Mapping[str, Query]:
    world = World(lab.folder / f"lists-{finished}", url)
    world.folder.mkdir()
    stack.callback(world.close)
    world.start_hub()
    wire = Wire(world.port, world.token)
    stack.callback(wire.close)

    def get(path: str) -> Query:
        async def once() -> object:
            return wire.ask("GET", path)

        return once

    return {"50 newest by HTTP": get("/tasks?limit=50"), "50 pending by HTTP": get("/tasks?limit=50&status=pending")}


async def _measured(lab: Lab, queries: Mapping[tuple[str, int], Query]) -> list[Figure]:
    """Query after query in turn, so that a slow moment of the machine meets all of them."""
    rounds: dict[tuple[str, int], list[Round]] = {key: [] for key in queries}
    for _ in range(lab.rounds):
        times: dict[tuple[str, int], list[float]] = {key: [] for key in queries}
        commits: list[float] = []
        for _ in range(lab.pick(100, 30)):
            commits += await lab.floor.latencies(3)
            for key, query in queries.items():
                start = time.perf_counter()
                await query()
                times[key].append(time.perf_counter() - start)
        for key, taken in times.items():
            rounds[key].append(Round(percentile(taken, 0.95) * 1e3, percentile(commits, 0.95) * 1e3))
    plain = [
        figure("lists", f"{name}, {finished:,} finished beside, p95", "ms", found, "ms a commit, p95")
        for (name, finished), found in sorted(rounds.items())
    ]
    return [*plain, *_growth(rounds)]


def _growth(rounds: Mapping[tuple[str, int], list[Round]]) -> list[Figure]:
    """The same query with the most finished tasks beside it, to the one with none."""
    most = max(finished for _, finished in rounds)
    return [
        figure("lists", f"{name}: {most:,} finished to none", "ms", [
            Round(many.value, none.value) for many, none in zip(rounds[name, most], rounds[name, 0], strict=True)
        ], "ms with none", "does not grow", lambda ratio: ratio < 1.25)
        for name in sorted({name for name, _ in rounds})
    ]  # fmt: skip
