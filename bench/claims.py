"""Hand-outs: 20,000 ready tasks for 64 machines; and one task that 64 claim at the same time."""

import asyncio
import time

from bench.figures import Figure, Round, figure
from bench.inprocess import ADMIN, Hub, hub, machines, new_task
from bench.lab import Lab
from bench.rows import fill, settle
from corral_hub.accounts.model import Machine
from corral_hub.errors import Refused
from corral_hub.tasks import commands as cmd

SERVERS = 64
READY = 20_000


async def measure(lab: Lab) -> list[Figure]:
    return [await _hand_outs(lab), await _race(lab)]


async def _hand_outs(lab: Lab) -> Figure:
    """A share of the ready tasks a round: the slots of a round are used up by it."""
    share = READY // lab.rounds // SERVERS * SERVERS
    async with hub(await lab.databases.fresh()) as running:
        await fill(running, READY)
        await settle(running)
    rounds: list[Round] = []
    async with hub(running.url) as running:  # starts with 20,000 ready tasks to read
        running.daemons.working = False
        for number in range(lab.rounds):
            slots = (number + 1) * share // SERVERS
            rounds.append(await lab.beside(SERVERS, lambda slots=slots: _claim_all(running, slots, share)))
            running.leave()
    name = f"hand-outs to {SERVERS} machines, {READY:,} tasks ready"
    aim = "≥ 1 commit rate"
    return figure("claims", name, "hand-outs/s", rounds, f"commits/s, {SERVERS} conn", aim, lambda ratio: ratio >= 1)


async def _claim_all(running: Hub, slots: int, share: int) -> float:
    running.daemons.reset()
    start = time.perf_counter()
    await running.put(machines(SERVERS, slots))
    await running.daemons.until(handed=share)
    return share / (time.perf_counter() - start)


async def _race(lab: Lab) -> Figure:
    """64 agents claim the same task; the round is over when each has its answer, a win or a 409."""
    count = lab.pick(200, 50)
    rounds: list[Round] = []
    async with hub(await lab.databases.fresh()) as running:
        claimers = machines(SERVERS, 1)
        await running.put(claimers)
        callers = [Machine(server_id=view.id, name=view.name, project_id=None) for view in claimers]
        for _ in range(lab.rounds):
            floor = await lab.floor.latencies(count)
            times = [await _one_race(running, callers) for _ in range(count)]
            rounds.append(Round(sum(times) / count * 1e3, sum(floor) / count * 1e3))
    return figure("claims", f"race of {SERVERS} for one task, all answered", "ms", rounds, "ms a commit, 1 conn")


async def _one_race(running: Hub, callers: list[Machine]) -> float:
    task, _ = await running.reactor.ask(cmd.Create(task=new_task("a prize", by_hand=True), principal=ADMIN))
    start = time.perf_counter()
    claims = [running.reactor.submit(cmd.Assign(task_id=task.id, principal=caller)) for caller in callers]
    answers = await asyncio.gather(*claims, return_exceptions=True)
    taken = time.perf_counter() - start
    winners = [answer for answer in answers if not isinstance(answer, Refused)]
    if len(winners) != 1:
        raise RuntimeError(f"{len(winners)} of {SERVERS} claimers won: {winners[:2]!r}")
    return taken
