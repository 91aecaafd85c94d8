"""The floor: durable single-row commits of the same PostgreSQL, by prepared statements on bare connections."""

import asyncio
import time
from typing import Any, Self

import asyncpg

TABLE = "create table floor (id int primary key, state text not null, n int not null, at timestamptz not null)"
ROWS = "insert into floor select i, 'pending', 0, now() from generate_series(1, 64) i"
# One transition of one row, as small as a task's can be; without an open transaction it commits by itself.
STEP = "update floor set state = $2, n = n + 1, at = now() where id = $1"
MOST = 64


class Floor:
    """Holds 64 connections, each with a row of its own, so that nothing but the log is shared."""

    def __init__(self, connections: list[asyncpg.Connection], steps: list[Any]) -> None:
        self._connections = connections
        self._steps = steps

    @classmethod
    async def open(cls, url: str) -> Self:
        connections = [await asyncpg.connect(url) for _ in range(MOST)]
        await connections[0].execute(f"{TABLE}; {ROWS}")
        made = cls(connections, [await connection.prepare(STEP) for connection in connections])
        await made.rate(MOST, 0.2)  # every plan and page is warm from here on
        return made

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()

    async def rate(self, concurrency: int, seconds: float) -> float:
        """Return commits/s of `concurrency` connections that each commit one row after another."""
        start = time.perf_counter()
        counts = await asyncio.gather(*(self._go_on(number, start + seconds) for number in range(concurrency)))
        return sum(counts) / (time.perf_counter() - start)

    async def latencies(self, count: int) -> list[float]:
        """Return the seconds that each of `count` commits took, one after another."""
        times: list[float] = []
        for number in range(count):
            start = time.perf_counter()
            await self._steps[0].fetch(1, "running" if number % 2 else "pending")
            times.append(time.perf_counter() - start)
        return times

    async def _go_on(self, number: int, until: float) -> int:
        commits = 0
        while time.perf_counter() < until:
            await self._steps[number].fetch(number + 1, "running" if commits % 2 else "pending")
            commits += 1
        return commits
