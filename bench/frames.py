"""Completions end to end: a hub process on one side, daemons that speak real WebSocket frames on the other."""

import asyncio
import json
import time
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from bench.figures import Figure, Round, figure
from bench.lab import Lab
from bench.wire import Wire
from tests.acceptance.world import World

DAEMONS = 8
SLOTS = 8
CALM = {"CORRAL_HEARTBEAT": "30", "CORRAL_OFFLINE_AFTER": "90"}
Json = dict[str, Any]


class FrameDaemon:
    """A daemon without processes: it says started and finished as soon as it is told to work."""

    def __init__(self, name: str, key: str) -> None:
        self._name = name
        self._key = key
        self._spool = f"{name}-spool"
        self._seq = 0
        self._acked = 0

    async def work(self, url: str, counter: "Counter") -> None:
        """Serve until cancelled."""
        async with connect(url, compression=None, max_size=2**25, ping_interval=None) as socket:
            await self._greet(socket)
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "task_assigned":
                    counter.began()
                    await socket.send(self._say("task_started", message, pid=4))
                    outcome = {"exit_code": 0, "result": {"ok": True}, "duration": 0.01}
                    await socket.send(self._say("task_finished", message, outcome=outcome))
                elif message["type"] == "ack":
                    counter.done((message["seq"] - self._acked) / 2)  # two messages a task
                    self._acked = message["seq"]

    async def _greet(self, socket: ClientConnection) -> None:
        features = ["units", "acks", "reconcile"]
        await socket.send(
            json.dumps({"type": "auth", "api_key": self._key, "features": features, "spool_id": self._spool})
        )
        hello = json.loads(await socket.recv())
        if hello["type"] != "auth_ok":
            raise RuntimeError(f"{self._name} was not let in: {hello}")
        self._seq = self._acked = hello["acked_seq"]
        await socket.send(json.dumps({"type": "capabilities", "capabilities": {"max_concurrent": SLOTS}}))
        await socket.send(json.dumps({"type": "reconcile", "units": []}))

    def _say(self, kind: str, order: Json, **more: Any) -> str:
        self._seq += 1
        unit = {key: order[key] for key in ("task_id", "attempt", "epoch")}
        return json.dumps({"type": kind, "seq": self._seq, **unit, **more})


class Counter:
    """Times from the first hand-out to the last acknowledgement."""

    def __init__(self, tasks: int) -> None:
        self._left = float(tasks)
        self._start = 0.0
        self.finished: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def began(self) -> None:
        self._start = self._start or time.perf_counter()

    def done(self, tasks: float) -> None:
        self._left -= tasks
        if self._left <= 0 and not self.finished.done():
            self.finished.set_result(time.perf_counter() - self._start)


async def measure(lab: Lab) -> list[Figure]:
    length = lab.pick(20, 5)
    world = World(lab.folder / "frames", await lab.databases.fresh(), pace=CALM)
    world.folder.mkdir()
    try:
        world.start_hub()
        daemons = [FrameDaemon(f"frames-{number}", _enrol(world, number)) for number in range(DAEMONS)]
        wire = Wire(world.port, world.token)
        created: list[Round] = []
        rounds: list[Round] = []
        for _ in range(lab.pick(3, 2)):
            created.append(await lab.beside(1, lambda: _create(wire, DAEMONS * SLOTS, length)))
            tasks = DAEMONS * SLOTS * length
            rounds.append(await lab.beside(DAEMONS * SLOTS, lambda tasks=tasks: _drain(world, daemons, tasks)))
        wire.close()
    finally:
        world.close()
    chains, most = f"{DAEMONS * SLOTS} chains of {length}", f"commits/s, {DAEMONS * SLOTS} conn"
    return [
        figure("frames", f"POST of tasks one after another, {chains}", "tasks/s", created, "commits/s, 1 conn"),
        figure("frames", f"{chains}, hub process and WebSockets", "tasks/s", rounds, most),
    ]


def _enrol(world: World, number: int) -> str:
    token = world.post("/servers/tokens", {})["token"]
    body = {"registration_token": token, "name": f"frames-{number}", "hostname": "bench", "os": "linux"}
    return str(world.post("/servers/register", body)["api_key"])


async def _create(wire: Wire, count: int, length: int) -> float:
    """Create the chains while no daemon is connected; return tasks/s."""
    start = time.perf_counter()
    for _ in range(count):
        before: str | None = None
        for step in range(length):
            body: Json = {"title": f"step {step}", "run": {"kind": "command", "argv": ["true"]}}
            if before is not None:
                body["dependencies"] = [{"depends_on_task_id": before}]
            before = wire.ask("POST", "/tasks", body)["id"]
    return count * length / (time.perf_counter() - start)


async def _drain(world: World, daemons: list[FrameDaemon], tasks: int) -> float:
    """Let the daemons connect and do it all; return completed tasks/s."""
    counter = Counter(tasks)
    url = f"ws://127.0.0.1:{world.port}/ws/server"
    jobs = [asyncio.create_task(daemon.work(url, counter)) for daemon in daemons]
    ended = asyncio.ensure_future(asyncio.wait(jobs, return_when=asyncio.FIRST_EXCEPTION))
    await asyncio.wait((counter.finished, ended), return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    for job in jobs:
        job.cancel()
    failures = [
        answer for answer in await asyncio.gather(*jobs, return_exceptions=True) if isinstance(answer, Exception)
    ]
    if failures:
        raise failures[0]
    return tasks / await counter.finished
