"""Completions with cascade: finished → dependents unblocked → next one handed out, as fast as commits allow."""

import asyncio
import time

from bench.figures import Figure, Round, figure
from bench.graphs import Graph, chains, fan
from bench.inprocess import Hub, hub, machines
from bench.lab import Lab

SLOTS = 64
AIM = "≥ 1 commit rate"


async def measure(lab: Lab) -> list[Figure]:
    length = lab.pick(40, 10)
    cases = {
        f"chains, {SLOTS} side by side, {length} long": lambda: chains(SLOTS, length),
        "one chain, 100 long": lambda: chains(1, lab.pick(100, 40)),
        "fan-out 1 → 100 → 1": lambda: fan(100),
        "fan-out 1 → 1,000 → 1": lambda: fan(1000),
    }
    rounds: dict[str, list[Round]] = {name: [] for name in cases}
    async with hub(await lab.databases.fresh()) as running:
        for _ in range(lab.rounds):  # case after case in each round, so that growth and noise meet all of them
            for name, make in cases.items():
                graph = make()
                await prepare(running, graph)
                concurrency = 1 if name.startswith("one") else SLOTS
                rounds[name].append(await lab.beside(concurrency, lambda graph=graph: run(running, len(graph))))
    return [
        figure(
            "completions", name, "tasks/s", found,
            "commits/s, 1 conn" if name.startswith("one") else f"commits/s, {SLOTS} conn",
            "" if name.startswith("one") else AIM, None if name.startswith("one") else lambda ratio: ratio >= 1,
        )
        for name, found in rounds.items()
    ]  # fmt: skip


async def prepare(running: Hub, graph: Graph) -> None:
    """Create the graph while there is no server to run any of it."""
    running.leave()
    await asyncio.gather(*(running.reactor.submit(create) for create in graph))


async def run(running: Hub, tasks: int) -> float:
    """Let eight machines with 64 slots in all come; return completed tasks/s."""
    running.daemons.reset()
    start = time.perf_counter()
    await running.put(machines(8, SLOTS // 8))
    await running.daemons.until(finished=tasks)
    return tasks / (time.perf_counter() - start)
