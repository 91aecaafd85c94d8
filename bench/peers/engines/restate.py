"""Restate: its single-node server (RocksDB, its log forced to disk, as it comes), and a service by its Python SDK."""

import asyncio
import json
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from bench.lab import Lab
from bench.peers.engines.running import HERE, server, until_answers
from bench.peers.install import environment, packages
from bench.processes import free_port, until_listening
from bench.workflows.client import Clients, request
from bench.workflows.contender import IN_FLIGHT, Contender
from bench.workflows.definitions import STEPS
from bench.workflows.stamps import Stamps, steady

PAUSE = 0.01
HANDLERS = {"chain": "chain_inside", "fan": "fan_inside"}


class Restate:
    """`inside`: steps are journaled in the service's process, and not dispatched."""

    def __init__(self, inside: bool, port: int, clients: Clients, stamps: Stamps) -> None:
        self.name = "Restate, in process" if inside else "Restate, dispatched"
        some = frozenset({"chains", "fan", "wide fan"})
        self.skills = some | {"hooks"} if inside else some | {"singles", "starts"}
        self._names = HANDLERS if inside else {}
        self._port = port
        self._clients = clients
        self._stamps = stamps

    async def singles(self, count: int) -> float:
        """Each is asked for and its end awaited, so many at a time."""
        return await self._timed("single", 0, count)

    async def starts(self, count: int) -> list[float]:
        asked, times = self._request("single", self._stamps.port), list[float]()
        for _ in range(count):
            await asyncio.sleep(PAUSE)
            connection = await self._clients.one()
            since = steady()
            times.append(await self._stamps.after(asyncio.ensure_future(connection.ask(asked)), since))
        return times

    async def chains(self, at_once: int) -> float:
        return await self._timed("chain", STEPS, at_once)

    async def fan(self, width: int) -> float:
        return await self._timed("fan", width, 1)

    async def hooks(self, clients: int, seconds: float) -> list[float]:
        return await self._clients.keep_on(self._request("hook", {"x": 21}), clients, seconds)

    async def _timed(self, handler: str, argument: int, count: int) -> float:
        begin = time.perf_counter()
        await self._clients.each([self._request(handler, argument)] * count)
        return time.perf_counter() - begin

    def _request(self, handler: str, argument: object) -> bytes:
        return request(self._port, f"/bench/{self._names.get(handler, handler)}", json.dumps(argument).encode())


@asynccontextmanager
async def opened(lab: Lab) -> AsyncIterator[list[Contender]]:
    python, folder = environment("restate", HERE / "restate.txt"), lab.folder / "restate"
    found = sorted(
        packages("restate-server", HERE / "restate.json").glob("node_modules/@restatedev/*/bin/restate-server")
    )
    if not found:
        raise LookupError("the package of its server has no program for this machine")
    folder.mkdir()
    with ExitStack() as stack:
        ingress = await _start(stack, folder, found[0], python)
        clients, stamps = Clients(ingress, IN_FLIGHT), await Stamps.open()
        stack.callback(stamps.close)
        stack.callback(clients.close)
        yield [Restate(inside, ingress, clients, stamps) for inside in (False, True)]


async def _start(stack: ExitStack, folder: Path, program: Path, python: Path) -> int:
    """Return the port at which it takes requests, once it knows the service."""
    ingress, admin, fabric, own = (free_port() for _ in range(4))
    settings = {
        "RESTATE_INGRESS__BIND_ADDRESS": f"127.0.0.1:{ingress}", "RESTATE_ADMIN__BIND_ADDRESS": f"127.0.0.1:{admin}",
        "RESTATE_BIND_ADDRESS": f"127.0.0.1:{fabric}", "RESTATE_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1",
        "RESTATE_LISTEN_MODE": "tcp",
    }  # fmt: skip
    command = [str(program), "--base-dir", str(folder / "data"), "--node-name", "bench", "--log-filter", "warn"]
    process = stack.enter_context(server(folder, "server", command, settings))
    serving = [
        str(python),
        "-m",
        "hypercorn",
        "--worker-class",
        "uvloop",
        "-b",
        f"127.0.0.1:{own}",
        "restate_service:app",
    ]
    stack.enter_context(server(folder, "service", serving, {}))
    await asyncio.to_thread(until_listening, own)
    await until_answers(f"http://127.0.0.1:{admin}/health", process)
    await asyncio.to_thread(_register, admin, own)
    await asyncio.to_thread(until_listening, ingress)
    await asyncio.sleep(2.0)
    return ingress


def _register(admin: int, own: int) -> None:
    body = json.dumps({"uri": f"http://127.0.0.1:{own}", "force": True}).encode()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{admin}/deployments", body, {"content-type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        answer.read()
