"""Choosing a machine among 10, 100 and 1,000: the decision alone, with its evidence, and through the reactor."""

import random
import time
from uuid import UUID

from bench.figures import Figure, Round, figure
from bench.inprocess import PROJECT, hub, machines
from bench.lab import Lab
from bench.rows import fill
from corral_hub import clock
from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import ServerView, Wanted
from corral_hub.dispatch.queue import ReadyQueue
from corral_protocol.capabilities import Capabilities
from corral_protocol.run import Requirements
from corral_protocol.vocabulary import Priority

SERVERS = (10, 100, 1000)
SLOTS = 4
LANGUAGES = ("python", "rust", "go", "typescript", "java", "c", "ruby", "elixir")


async def measure(lab: Lab) -> list[Figure]:
    rounds: dict[tuple[str, int], list[Round]] = {}
    for _ in range(lab.rounds):
        for count in SERVERS:
            floor = await lab.floor.latencies(300)
            commit = sum(floor) / len(floor) * 1e6
            for name, decide in (("decision", _warm), ("decision, just after a machine changed", _cold)):
                rounds.setdefault((name, count), []).append(Round(decide(count, lab.pick(2000, 500)), commit))
    made = [
        figure("assignment", f"{name}, {count:,} machines", "µs", found, "µs a commit, 1 conn")
        for (name, count), found in sorted(rounds.items())
    ]
    return [*made, *[await _through_reactor(lab, count) for count in SERVERS]]


def _warm(count: int, decisions: int) -> float:
    """Return µs for each pick off the queue, with the loads of the whole fleet as its evidence."""
    fleet, queue, wanted = _fleet(count), ReadyQueue(), _wanted()
    for number in range(decisions):
        queue.put(UUID(int=number), wanted[number % len(wanted)], Priority.NORMAL, clock.now())
    taken: list[UUID] = []
    start = time.perf_counter()
    while (pick := queue.pick(fleet)) is not None:
        fleet.take(pick[1].server.id)
        taken.append(pick[1].server.id)
        if len(taken) >= count:  # keep a quarter of the slots in use
            fleet.release(taken.pop(0))
    return (time.perf_counter() - start) / decisions * 1e6


def _cold(count: int, _: int) -> float:
    """Return µs of a decision when a machine has just announced something new."""
    fleet, wanted = _fleet(count), _wanted()[0]
    changes = [fleet.views()[number % count] for number in range(20)]
    fleet.choose(wanted)
    spent = 0.0
    for version, view in enumerate(changes):
        fleet.put(ServerView(
            id=view.id, name=view.name, version=2 + version, maximum=SLOTS, capabilities=view.capabilities
        ))  # fmt: skip
        start = time.perf_counter()
        fleet.choose(wanted)
        spent += time.perf_counter() - start
    return spent / len(changes) * 1e6


def _fleet(count: int) -> Fleet:
    dice, fleet = random.Random(count), Fleet()
    for number in range(count):
        abilities = Capabilities(
            languages=tuple(dice.sample(LANGUAGES, 4)), max_concurrent=SLOTS,
            tags=tuple(dice.sample(("gpu", "big", "fast", "eu"), 2)),
        )  # fmt: skip
        fleet.put(
            ServerView(id=UUID(int=number + 1), name=f"m{number}", version=1, maximum=SLOTS, capabilities=abilities)
        )
    return fleet


def _wanted() -> list[Wanted]:
    asks = [Requirements(languages=(language,), tags=tags) for language in LANGUAGES for tags in ((), ("gpu",))]
    return [Wanted(requirements=ask, project_id=PROJECT) for ask in asks]


async def _through_reactor(lab: Lab, count: int) -> Figure:
    share = 1000
    async with hub(await lab.databases.fresh()) as running:
        await fill(running, share * lab.rounds)
    rounds: list[Round] = []
    async with hub(running.url) as running:
        running.daemons.working = False
        for number in range(lab.rounds):
            slots = -(-share // count) * (number + 1)

            async def claim(slots: int = slots) -> float:
                running.daemons.reset()
                start = time.perf_counter()
                await running.put(machines(count, slots))
                await running.daemons.until(handed=share)
                return share / (time.perf_counter() - start)

            rounds.append(await lab.beside(64, claim))
            running.leave()
    return figure(
        "assignment", f"hand-outs through the reactor, {count:,} machines", "hand-outs/s", rounds, "commits/s, 64 conn"
    )
