"""Corral as a contender: a hub process, a daemon process, the API that people use."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from bench.workflows import definitions
from bench.workflows.client import Clients, request
from bench.workflows.contender import IN_FLIGHT
from bench.workflows.ends import Ends
from bench.workflows.stamps import Stamps, steady
from tests.acceptance.world import World

CALM = {"CORRAL_HEARTBEAT": "30", "CORRAL_OFFLINE_AFTER": "90"}
PAUSE = 0.01
WIDTHS = (100, 1000)


class Corral:
    name = "Corral"
    skills = frozenset({"singles", "starts", "chains", "fan", "wide fan", "hooks"})

    def __init__(self, world: World, clients: Clients, stamps: Stamps, connection: asyncpg.Connection) -> None:
        self._world = world
        self._clients = clients
        self._stamps = stamps
        self.database = connection
        self.ends = Ends(connection)
        self._single = self._publish(definitions.single())
        self._stamped = self._publish(definitions.single(stamps.port))
        self._chain = self._publish(definitions.chain())
        self._fans = {width: self._publish(definitions.fan(width)) for width in WIDTHS}
        self._hook()

    async def singles(self, count: int) -> float:
        begin = time.perf_counter()
        await self._clients.each([self._begin(self._single)] * count)
        await self.ends.all()
        return time.perf_counter() - begin

    async def starts(self, count: int) -> list[float]:
        asked, times = self._begin(self._stamped), list[float]()
        for _ in range(count):
            await asyncio.sleep(PAUSE)
            connection = await self._clients.one()
            since = steady()
            answer = asyncio.ensure_future(connection.ask(asked))
            times.append(await self._stamps.after(answer, since))
            await self.ends.all()
        return times

    async def chains(self, at_once: int) -> float:
        return await self._timed(self._chain, at_once)

    async def fan(self, width: int) -> float:
        return await self._timed(self._fans[width], 1)

    async def hooks(self, clients: int, seconds: float) -> list[float]:
        asked = request(self._world.port, "/webhook/bench", b'{"x":21}')
        times = await self._clients.keep_on(asked, clients, seconds)
        await self.ends.all()
        return times

    async def _timed(self, workflow: int, at_once: int) -> float:
        async with self.ends.heard():
            begin = time.perf_counter()
            answers = await self._clients.each([self._begin(workflow)] * at_once)
            await self.ends.of(json.loads(answer)["id"] for answer in answers)
            return time.perf_counter() - begin

    def _begin(self, workflow: int) -> bytes:
        path, token = f"/api/v1/workflows/{workflow}/runs", self._world.token
        return request(self._world.port, path, b"{}", f"Authorization: Bearer {token}")

    def _publish(self, definition: dict[str, Any]) -> int:
        made = self._world.request("POST", "/workflows", {"definition": definition, "publish": True})
        made.raise_for_status()
        return int(made.json()["id"])

    def _hook(self) -> None:
        workflow = self._publish(definitions.hook("bench"))
        self._world.request("POST", f"/workflows/{workflow}/deploy", {}).raise_for_status()


@asynccontextmanager
async def opened(folder: Path, url: str) -> AsyncIterator[Corral]:
    """`url`: of a migrated database."""
    world = World(folder, url, pace=CALM)
    try:
        _start(world)
        clients, stamps = Clients(world.port, IN_FLIGHT), await Stamps.open()
        connection = await asyncpg.connect(url)
        yield Corral(world, clients, stamps, connection)
        clients.close()
        stamps.close()
        await connection.close()
    finally:
        world.close()


def _start(world: World) -> None:
    nodes = world.folder / "only" / "nodes"
    nodes.mkdir(parents=True)
    (nodes / "bench_noop.py").write_text(definitions.NODE)
    world.start_hub()
    world.daemon("only", slots=2)
    world.eventually(lambda: "benchNoop" in _types(world), "the node is announced")


def _types(world: World) -> set[str]:
    return {found["type"] for found in world.get("/node-types")["node_types"]}
