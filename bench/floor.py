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

    def __init__(self, url: str) -> None:
        self._url = url
        self._connections: list[asyncpg.Connection] = []
        self._steps: list[Any] = []

    @classmethod
    async def open(cls, url: str) -> Self:
        made = cls(url)
        first = await asyncpg.connect(url)
        await first.execute(f"{TABLE}; {ROWS}")
        await first.close()
        await made.rate(MOST, 0.2)  # every plan and page is warm from here on
        return made

    async def close(self) -> None:
        """Let the connections go; they are opened again if they are needed."""
        for connection in self._connections:
            await connection.close()
        self._connections, self._steps = [], []

    async def _ready(self) -> None:
        while len(self._connections) < MOST:
            self._connections.append(await asyncpg.connect(self._url))
            self._steps.append(await self._connections[-1].prepare(STEP))

    async def rate(self, concurrency: int, seconds: float) -> float:
        """Return commits/s of `concurrency` connections that each commit one row after another."""
        await self._ready()
        start = time.perf_counter()
        counts = await asyncio.gather(*(self._go_on(number, start + seconds) for number in range(concurrency)))
        return sum(counts) / (time.perf_counter() - start)

    async def latencies(self, count: int) -> list[float]:
        """Return the seconds that each of `count` commits took, one after another."""
        await self._ready()
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
