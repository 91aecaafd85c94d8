"""Hosts that come back, go away, decline or are full: what the hub believes is repaired by what they hold."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from corral_hub.db.database import Database
from corral_hub.errors import Conflict
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.model import Task
from corral_protocol.to_hub import HeldUnit
from corral_protocol.vocabulary import ErrorClass, Reason, TaskStatus
from tests.hub.heart import Heart, run
from tests.hub.reporting import Spool
from tests.hub.samples import ADMIN, new_id, server

ANVIL, BELLOWS = server("anvil", maximum=2), server("bellows", maximum=2)


@pytest.fixture
async def heart(database: Database) -> AsyncIterator[Heart]:
    async with Heart(database, ANVIL) as opened:
        yield opened


def holding(*units: tuple[UUID | str, int], server_id: UUID = ANVIL.id) -> cmd.Reconcile:
    held = tuple(HeldUnit(task_id=str(task_id), attempt=1, epoch=epoch) for task_id, epoch in units)
    return cmd.Reconcile(server_id=server_id, units=held)


def lost(server_id: UUID = ANVIL.id) -> cmd.LoseServer:
    return cmd.LoseServer(server_id=server_id, detail="silent for 90 s")


async def begun(heart: Heart, **spec: object) -> tuple[Task, Spool]:
    """A task whose process is running on anvil."""
    spool = Spool(ANVIL.id)
    task = await heart.create("a", **spec)
    await heart.ask(spool.started(task.id, 1))
    return task, spool


# -- reconciling ------------------------------------------------------------------


async def test_what_is_held_as_it_should_be_is_left_alone(heart: Heart) -> None:
    task, _ = await begun(heart)
    sent, log = len(heart.sent), await heart.log(task.id)
    await heart.ask(holding((task.id, 1)))
    assert (len(heart.sent), await heart.log(task.id)) == (sent, log)


async def test_an_offer_that_never_arrived_is_made_again(heart: Heart) -> None:
    task = await heart.create("a")
    await heart.ask(holding())
    assert [(message.task_id, message.epoch) for message in heart.assigned()] == [(str(task.id), 1)] * 2
    assert await heart.units(task.id) == [(1, "execute", "offered")]


async def test_work_the_daemon_no_longer_has_is_lost_and_done_again(heart: Heart) -> None:
    task, spool = await begun(heart)
    await heart.ask(holding())
    stored = await heart.task(task.id)
    assert (stored.status, stored.attempt, stored.epoch) == (TaskStatus.ASSIGNED, 2, 2)
    assert await heart.units(task.id) == [(1, "execute", "lost"), (2, "execute", "offered")]
    await run(heart, spool, task)
    assert (await heart.task(task.id)).status is TaskStatus.DONE


@pytest.mark.parametrize("held", [(str(new_id()), 1), ("no id at all", 7)])
async def test_units_nobody_knows_are_stopped(heart: Heart, held: tuple[str, int]) -> None:
    await heart.ask(holding(held))
    assert heart.cancelled() == [held]


async def test_older_epochs_and_retired_units_are_stopped(heart: Heart) -> None:
    task, _ = await begun(heart)
    await heart.ask(lost())
    await heart.ask(holding((task.id, 1), (task.id, 2)))
    assert heart.cancelled() == [(str(task.id), 1)]
    await heart.do(cmd.Cancel, task.id, reason="x")
    await heart.ask(holding((task.id, 2)))
    assert heart.cancelled() == [(str(task.id), 1), (str(task.id), 2), (str(task.id), 2)]


async def test_a_stopped_unit_that_is_gone_frees_its_slot(heart: Heart) -> None:
    task, _ = await begun(heart)
    await heart.do(cmd.Cancel, task.id, reason="x")
    assert heart.fleet.slots(ANVIL.id) == (1, 2)
    await heart.ask(holding())
    assert heart.fleet.slots(ANVIL.id) == (0, 2)
    assert await heart.units(task.id) == [(1, "execute", "ended")]


async def test_what_is_done_by_hand_is_not_missing(heart: Heart) -> None:
    task = await heart.create("a", run=None)
    await heart.do(cmd.Assign, task.id, server="anvil")
    await heart.do(cmd.Start, task.id)
    await heart.ask(holding())
    assert (await heart.task(task.id)).status is TaskStatus.RUNNING


# -- losing -----------------------------------------------------------------------


async def test_a_lost_host_costs_an_attempt_only_if_the_work_had_begun(heart: Heart) -> None:
    begun_one, _ = await begun(heart)
    offered = await heart.create("offered")
    await heart.ask(lost())
    assert [(await heart.task(task.id)).attempt for task in (begun_one, offered)] == [2, 1]
    assert [(await heart.task(task.id)).epoch for task in (begun_one, offered)] == [2, 2]


async def test_work_goes_to_another_host(heart: Heart) -> None:
    await heart.join(BELLOWS)
    task, _ = await begun(heart, requires={"prefer_server": "anvil"})
    heart.fleet.remove(ANVIL.id)
    await heart.ask(lost())
    assert heart.sent[-1][0] == BELLOWS.id
    await run(heart, Spool(BELLOWS.id), task)
    assert (await heart.task(task.id)).status is TaskStatus.DONE


async def test_the_policy_may_ask_a_human(heart: Heart) -> None:
    task, spool = await begun(heart, lost_host="needs_human")
    await heart.ask(lost())
    stored = await heart.task(task.id)
    assert (stored.status, stored.attempt) == (TaskStatus.NEEDS_HUMAN, 1)
    assert stored.reason is not None and stored.reason.code is Reason.LOST_HOST
    question = await heart.rows.fetchval("select id from interventions where status = 'pending'")
    await heart.do(cmd.Respond, task.id, intervention_id=question, response="again, please")
    assert (await heart.task(task.id)).status is TaskStatus.ASSIGNED
    await run(heart, spool, task)
    assert (await heart.task(task.id)).status is TaskStatus.DONE


async def test_a_task_that_takes_its_hosts_along_is_not_given_another_unasked(heart: Heart) -> None:
    spool = Spool(ANVIL.id)
    task = await heart.create("killer")
    for attempt in range(1, 6):
        stored = await heart.task(task.id)
        assert (stored.status, stored.attempt) == (TaskStatus.ASSIGNED, attempt)
        await heart.ask(spool.started(task.id, stored.epoch))
        await heart.ask(lost())
    assert (await heart.task(task.id)).status is TaskStatus.NEEDS_HUMAN


@pytest.mark.parametrize("error", [ErrorClass.DAEMON_RESTARTED, ErrorClass.LEASE_EXPIRED, ErrorClass.LOST_HOST])
async def test_failures_of_the_host_are_not_failures_of_the_work(heart: Heart, error: ErrorClass) -> None:
    task, spool = await begun(heart)
    await heart.ask(spool.finished(task.id, 1, error=error))
    stored = await heart.task(task.id)
    assert (stored.status, stored.attempt, stored.error) == (TaskStatus.ASSIGNED, 2, None)
    assert heart.fleet.slots(ANVIL.id) == (1, 2)


async def test_losing_a_host_twice_is_losing_it_once(heart: Heart) -> None:
    task, _ = await begun(heart)
    heart.fleet.remove(ANVIL.id)
    await heart.ask(lost())
    log = await heart.log(task.id)
    await heart.ask(lost())
    assert await heart.log(task.id) == log
    assert (await heart.task(task.id)).status is TaskStatus.PENDING


# -- declining, capacity, admission -------------------------------------------------


async def test_a_declined_offer_waits_a_little_and_costs_nothing(heart: Heart) -> None:
    task = await heart.create("a")
    await heart.ask(Spool(ANVIL.id).declined(task.id, 1))
    stored = await heart.task(task.id)
    assert (stored.status, stored.attempt) == (TaskStatus.PENDING, 1)
    assert stored.reason is not None and stored.reason.code is Reason.HOST_DECLINED
    assert stored.not_before is not None
    assert heart.fleet.slots(ANVIL.id) == (0, 2)


async def test_slots_are_never_given_out_twice(heart: Heart) -> None:
    spool = Spool(ANVIL.id)
    tasks = [await heart.create(str(number)) for number in range(5)]
    assert [task.status.value for task in tasks] == ["assigned"] * 2 + ["pending"] * 3
    await run(heart, spool, tasks[0])
    assert [message.title for message in heart.assigned()] == ["0", "1", "2"]
    assert heart.fleet.slots(ANVIL.id) == (2, 2)


async def test_the_last_slot_is_assigned_once_even_in_one_batch(heart: Heart) -> None:
    await heart.join(server("chisel", maximum=1, cordoned=True))
    tasks = [await heart.create(str(number), requires={"server": "chisel"}) for number in range(3)]
    chisel = heart.fleet.find("chisel")
    assert chisel is not None
    heart.fleet.put(server("chisel", id=chisel.id))
    answers = [heart.reactor.submit(cmd.Assign(task_id=task.id, principal=ADMIN, server="chisel")) for task in tasks]
    outcomes = [await _outcome(answer) for answer in answers]
    assert sorted(outcomes) == ["assigned", "server_not_available", "server_not_available"]
    assert heart.fleet.slots(chisel.id) == (1, 1)


async def test_a_server_that_comes_is_given_what_waits(heart: Heart) -> None:
    await heart.create("waits", requires={"languages": ["go"]})
    assert heart.assigned() == []
    await heart.join(server("gopher", languages=("go",)))
    await heart.ask(cmd.Look())
    assert [message.title for message in heart.assigned()] == ["waits"]


async def test_memory_is_a_cache(database: Database) -> None:
    """A hub that starts finds the queue and the slots in the database."""
    async with Heart(database, ANVIL) as before:
        for number in range(4):
            await before.create(str(number))
    async with Heart(database, ANVIL) as after:
        assert after.fleet.slots(ANVIL.id) == (2, 2)
        handed_out = await after.rows.fetch("select task_id from assignments order by offered_at, task_id")
        await run(after, Spool(ANVIL.id), await after.task(handed_out[0]["task_id"]))
        assert [message.title for message in after.assigned()] == ["2"]


async def _outcome(answer: asyncio.Future[Task]) -> str:
    try:
        task = await answer
    except Conflict as refusal:
        return refusal.code
    return task.status.value
