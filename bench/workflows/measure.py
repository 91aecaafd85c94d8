"""Corral beside the floor of its own shape, then beside each other engine: repetition by repetition, in turn."""

import time
from collections import defaultdict
from contextlib import AsyncExitStack

from bench.figures import Figure, Round, figure
from bench.lab import Lab
from bench.peers.engines import entries
from bench.workflows import corral, floor
from bench.workflows.aims import aim_of
from bench.workflows.cases import Case, all_cases
from bench.workflows.contender import Contender, Entry
from bench.workflows.corral import Corral
from bench.workflows.written import measure_written

PATIENCE, QUICK_PATIENCE = 10, 1
"""Seconds after which a case is not repeated once more."""


async def measure(lab: Lab) -> list[Figure]:
    await lab.floor.close()  # a floor of another shape is asked here, and other engines want the connections
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(corral.opened(lab.folder / "workflows", await lab.databases.fresh()))
        await _warm(ours)
        async with floor.opened(await lab.databases.fresh(migrated=False)) as least:
            figures = await _beside(lab, ours, least, 1_000_000, is_floor=True)
        figures += await measure_written(lab, ours)
        for entry in entries(lab):
            figures += await _beside_peer(lab, ours, entry)
    return figures


async def _warm(ours: Corral) -> None:
    """Whoever runs all day has its statements prepared and its pages in memory."""
    await ours.singles(200)
    await ours.chains(2)
    await ours.fan(100)


async def _beside_peer(lab: Lab, ours: Corral, entry: Entry) -> list[Figure]:
    """An engine that does not install or run here is said to, with the reason; the others are measured."""
    figures: list[Figure] = []
    try:
        async with entry.open() as variants:
            for theirs in variants:
                figures += await _beside(lab, ours, theirs, entry.singles)
    except (OSError, LookupError, RuntimeError, TimeoutError) as error:
        lab.say(f"workflows: {entry.name} is not measured: {error}")
    return figures


async def _beside(lab: Lab, ours: Corral, theirs: Contender, singles: int, is_floor: bool = False) -> list[Figure]:
    figures: list[Figure] = []
    lab.say(f"workflows: beside {theirs.name}")
    for case in all_cases(lab, singles):
        if case.skill in theirs.skills and (is_floor or not case.only_beside_floor):
            figures += await _case(lab, case, ours, theirs)
    return figures


async def _case(lab: Lab, case: Case, ours: Corral, theirs: Contender) -> list[Figure]:
    """As many repetitions as were asked for, or as the slower of the two allows."""
    rounds: defaultdict[str, list[Round]] = defaultdict(list)
    until = time.monotonic() + lab.pick(PATIENCE, QUICK_PATIENCE)
    for number in range(lab.pick(*case.rounds)):
        if number and time.monotonic() > until:
            break
        found, beside = await case.run(ours, lab), await case.run(theirs, lab)
        for name in case.names:
            rounds[name].append(Round(found[name], beside[name]))
    return [
        figure("workflows", name, unit, rounds[name], f"{unit} {theirs.name}", *aim_of(name, theirs.name))
        for name, unit in case.names.items()
    ]
