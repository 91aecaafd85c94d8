"""Single winner: 64 claimers race for one task, 1,000 times, through two hubs on one database.

The hubs know nothing of each other: two reactors, two connections, and only the locks on rows between them. Claimers of
one hub meet in the same batch or in different ones, and many races are on at once.
"""

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from corral_hub.accounts.model import Machine
from corral_hub.db.database import Database
from corral_hub.errors import Conflict
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.model import Task
from tests.hub.heart import Heart
from tests.hub.samples import by_hand, new_id, server

CLAIMERS = 64
ROUNDS = 1000
AT_ONCE = 50
"""Races that are on at the same time."""

SERVERS = [server(f"claimer{number:02}", maximum=ROUNDS) for number in range(CLAIMERS)]
MACHINES = [Machine(server_id=view.id, name=view.name, project_id=None) for view in SERVERS]


async def claim(heart: Heart, task: Task, machine: Machine) -> UUID | str:
    """Return the claimer's id if it won, else the code of the refusal."""
    try:
        won = await heart.ask(cmd.Assign(task_id=task.id, principal=machine, server=machine.name))
    except Conflict as refusal:
        assert refusal.status == 409
        return refusal.code
    assert won.assigned_server_id == machine.server_id and won.epoch == 1
    return machine.server_id


async def race(hubs: tuple[Heart, Heart], task: Task, number: int) -> UUID:
    """Let all claim at once, beginning with claimer `number`: even ones ask the first hub, odd ones the second."""
    order = [(number + step) % CLAIMERS for step in range(CLAIMERS)]
    outcomes = Counter(await asyncio.gather(*(claim(hubs[place % 2], task, MACHINES[place]) for place in order)))
    refused = outcomes.pop("illegal_transition")
    assert refused == CLAIMERS - 1
    ((winner, times),) = outcomes.items()
    assert times == 1 and isinstance(winner, UUID)
    return winner


@pytest.mark.slow
async def test_one_winner_each_time(database: Database) -> None:
    async with Heart(database, *SERVERS) as one, Heart(database, *SERVERS) as two:
        tasks = [by_hand(str(number), id=new_id()) for number in range(ROUNDS)]
        await asyncio.gather(*(one.add(task) for task in tasks))
        winners: dict[UUID, UUID] = {}
        for field in range(ROUNDS // AT_ONCE):
            racing = tasks[field * AT_ONCE : (field + 1) * AT_ONCE]
            won = await asyncio.gather(*(race((one, two), task, field + 2 * n) for n, task in enumerate(racing)))
            winners |= {task.id: winner for task, winner in zip(racing, won, strict=True)}
        assert {MACHINES.index(machine) % 2 for machine in MACHINES if machine.server_id in winners.values()} == {0, 1}
        rows = await one.rows.fetch("select task_id, server_id, epoch, state from assignments")
        assert {row["task_id"]: row["server_id"] for row in rows} == winners
        assert len(rows) == ROUNDS and {(row["epoch"], row["state"]) for row in rows} == {(1, "offered")}
        assert await one.rows.fetchval("select count(*) from tasks where status = 'assigned' and epoch = 1") == ROUNDS
        assert await one.rows.fetchval("select count(*) from activity_log where event_type = 'task_assigned'") == ROUNDS
