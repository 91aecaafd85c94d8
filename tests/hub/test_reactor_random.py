"""The reactor on PostgreSQL does what its pure heart does in memory: the same batches, the same end, row for row.

What the rows say is compared after every batch, with the slots that the fleet believes in.
"""

import asyncio
from random import Random
from typing import Any

import pytest

from corral_hub import clock
from corral_hub.db.database import Database
from corral_hub.tasks import commands as cmd
from corral_protocol.to_hub import TaskDeclined
from tests.hub.body import Body
from tests.hub.heart import Heart
from tests.hub.life import HOSTS, Life
from tests.hub.samples import ids

NAMES = ["create"] * 3 + ["report"] * 6 + ["request"] * 2 + ["agents", "host"]
LIVES = 8
STEPS = 60


def lived(seed: int) -> list[list[cmd.Command]]:
    """Return the batches of a random life. Nobody declines: how long an offer rests then is a matter of the clock."""
    dice, life = Random(seed), Life()
    for _ in range(STEPS):
        life.act(dice.choice(NAMES), dice.randrange(41), dice.randrange(41), flush=False)
        life.batch = [command for command in life.batch if not _declines(command)]
        if dice.random() < 0.6:
            life.flush()
    life.flush()
    return life.past


def _declines(command: cmd.Command) -> bool:
    return isinstance(command, cmd.Report) and isinstance(command.message, TaskDeclined)


@pytest.mark.parametrize("seed", range(LIVES))
async def test_the_reactor_does_what_the_heart_does(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    batches = lived(seed)
    body, numbers = Body(*HOSTS), ids()
    async with Heart(database, *HOSTS) as heart:
        monkeypatch.setattr(clock, "new_id", lambda: next(numbers))
        for batch in batches:
            expected = body.run(batch)
            answers = await asyncio.gather(*map(heart.reactor.submit, batch), return_exceptions=True)
            assert [said(answer) for answer in answers] == [said(answer) for answer in expected]
            assert await stored(heart) == kept(body)
            assert {view.id: view.used for view in heart.fleet.views()} == await slots(heart)


def said(answer: Any) -> Any:
    return getattr(answer, "code", type(answer))


COLUMNS = (
    "title",
    "status",
    "attempt",
    "epoch",
    "waiting_on",
    "has_inputs",
    "bad_completions",
    "plan_mode",
    "plan_feedback",
    "assigned_server_id",
)


def kept(body: Body) -> dict[str, list[tuple[Any, ...]]]:
    return {
        "tasks": sorted(
            (*(getattr(task, name) for name in COLUMNS), task.reason and task.reason.code)
            for task in body.tasks.values()
        ),
        "units": sorted((unit.task_id, unit.epoch, unit.phase, unit.state) for unit in body.units.values()),
        "edges": sorted((edge.task_id, edge.id, edge.resolved) for edge in body.edges.values()),
        "questions": sorted((item.id, item.status) for item in body.interventions.values()),
        "log": sorted((line.event_type, line.task.id) for line in body.log if line.task),
        "spools": sorted((key[0], seq) for key, seq in body.spools.items()),
    }


QUERIES = {
    "tasks": f"select {', '.join(COLUMNS)}, reason ->> 'code' from tasks",
    "units": "select task_id, epoch, phase, state from assignments",
    "edges": "select task_id, id, resolved from task_dependencies",
    "questions": "select id, status from interventions",
    "log": "select event_type, task_id from activity_log where task_id is not null",
    "spools": "select server_id, acked_seq from spools",
}


async def stored(heart: Heart) -> dict[str, list[tuple[Any, ...]]]:
    return {name: sorted(tuple(row) for row in await heart.rows.fetch(query)) for name, query in QUERIES.items()}


async def slots(heart: Heart) -> dict[Any, int]:
    rows = await heart.rows.fetch("select server_id, count(*) as n from assignments where ended_at is null group by 1")
    used = {row["server_id"]: row["n"] for row in rows}
    return {host.id: used.get(host.id, 0) for host in HOSTS}
