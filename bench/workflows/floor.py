"""The floor as a contender: the prototype's two processes, asked by HTTP."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.processes import free_port, until_listening
from bench.workflows.client import Clients, request
from bench.workflows.contender import IN_FLIGHT
from bench.workflows.definitions import STEPS
from bench.workflows.stamps import Stamps, steady

PAUSE = 0.01


class Floor:
    name = "floor of this shape"
    skills = frozenset({"singles", "starts", "chains", "fan", "wide fan", "hooks"})

    def __init__(self, port: int, clients: Clients, stamps: Stamps) -> None:
        self._port = port
        self._clients = clients
        self._stamps = stamps

    async def singles(self, count: int) -> float:
        before, begin = await self._done(), time.perf_counter()
        await self._clients.each([request(self._port, "/single", b"0")] * count)
        while await self._done() < before + count:  # noqa: ASYNC110 - another process counts
            await asyncio.sleep(0.005)
        return time.perf_counter() - begin

    async def starts(self, count: int) -> list[float]:
        asked, times = request(self._port, "/single", str(self._stamps.port).encode()), list[float]()
        for _ in range(count):
            await asyncio.sleep(PAUSE)
            connection = await self._clients.one()
            since = steady()
            answer = asyncio.ensure_future(connection.ask(asked))
            times.append(await self._stamps.after(answer, since))
        return times

    async def chains(self, at_once: int) -> float:
        return await self._timed(f"/chain/{STEPS}", at_once)

    async def fan(self, width: int) -> float:
        return await self._timed(f"/fan/{width}", 1)

    async def hooks(self, clients: int, seconds: float) -> list[float]:
        asked = request(self._port, "/chain/2", b'{"x":21}')
        return await self._clients.keep_on(asked, clients, seconds)

    async def _timed(self, path: str, at_once: int) -> float:
        begin = time.perf_counter()
        await self._clients.each([request(self._port, path)] * at_once)
        return time.perf_counter() - begin

    async def _done(self) -> int:
        return int(await (await self._clients.one()).ask(request(self._port, "/done")))


def _start(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "bench.workflows.floor_engine", *words])


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Floor]:
    """`url`: of an empty database."""
    port = free_port()
    processes = [_start("hub", str(port), url)]
    try:
        until_listening(port)
        processes.append(_start("daemon", str(port)))
        clients, stamps = Clients(port, IN_FLIGHT), await Stamps.open()
        floor = Floor(port, clients, stamps)
        await asyncio.sleep(1.0)  # the daemon connects
        yield floor
        clients.close()
        stamps.close()
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()
