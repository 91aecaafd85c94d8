"""Tasks whose unit runs in a terminal session, on real PostgreSQL: the session's row comes and goes with the unit."""

from typing import Any
from uuid import UUID

import pytest

from corral_hub.db.database import Database
from corral_hub.errors import Conflict, Unprocessable
from corral_hub.tasks import commands as cmd
from corral_hub.tasks import terminals
from corral_hub.tasks.model import Task
from corral_hub.tasks.moves import LAST_WORDS
from corral_hub.tasks.queries import TaskQueries
from corral_protocol.capabilities import AgentCli
from corral_protocol.to_daemon import TaskCancel
from corral_protocol.to_hub import HeldUnit
from corral_protocol.vocabulary import ErrorClass, TaskStatus
from tests.hub.heart import Heart
from tests.hub.reporting import Spool
from tests.hub.samples import agent, new_task, server

ANVIL = server("anvil", maximum=4, agents=(AgentCli(name="echo", version="1", path="/echo"),))
RUN = {"kind": "session", "agent": "echo", "prompt": "go on"}


async def test_the_session_is_made_with_the_unit_and_named_in_what_is_sent(database: Database) -> None:
    async with Heart(database, ANVIL) as heart:
        task = await heart.create("a", run=RUN)
        (row,) = await sessions(heart, task)
        assert (row["status"], row["server_id"], row["agent_type"]) == ("starting", ANVIL.id, "echo")
        assert row["request"] is None
        assert heart.assigned()[-1].session_id == str(row["id"])
        assert heart.sessions[row["id"]].task_id == task.id
        shown = await TaskQueries(heart.rows).session(task.id)  # type: ignore[arg-type]
        assert shown is not None
        assert (shown["id"], shown["status"]) == (row["id"], "starting")


async def test_a_hand_out_that_was_lost_names_the_same_session_again(database: Database) -> None:
    async with Heart(database, ANVIL) as heart:
        await heart.create("a", run=RUN)
        await heart.ask(cmd.Reconcile(server_id=ANVIL.id, units=()))
        first, again = heart.assigned()
        assert (first.session_id, first.epoch) == (again.session_id, again.epoch)


async def test_a_unit_that_never_started_takes_its_session_along(database: Database) -> None:
    spool = Spool(ANVIL.id)
    async with Heart(database, ANVIL) as heart:
        task = await heart.create("a", run=RUN)
        await heart.ask(spool.finished(task.id, 1, error=ErrorClass.AGENT_MISSING))
        (row,) = await sessions(heart, task)
        assert (row["status"], row["error"]) == ("failed", "it was agent_missing")
        assert row["ended_at"] is not None
        assert heart.sessions == {}
        other = await heart.create("b", run=RUN)
        await heart.ask(spool.declined(other.id, 1))
        (row,) = await sessions(heart, other)
        assert (row["status"], row["error"]) == ("failed", "not here")


async def test_an_agent_that_completes_has_a_moment_for_its_last_words(database: Database) -> None:
    spool = Spool(ANVIL.id)
    async with Heart(database, ANVIL) as heart:
        task = await started(heart, spool)
        await heart.ask(cmd.Complete(task_id=task.id, principal=agent(task), result="done"))
        assert (await heart.task(task.id)).status is TaskStatus.DONE
        (stop,) = cancels(heart)
        assert (stop.epoch, stop.after) == (1, LAST_WORDS)
        assert await heart.units(task.id) == [(1, "execute", "stopping")]
        held = HeldUnit(task_id=str(task.id), attempt=1, epoch=1)
        await heart.ask(cmd.Reconcile(server_id=ANVIL.id, units=(held,)))
        assert cancels(heart)[-1].after == 0.0, "after a lost connection nobody counts the seconds"
        await heart.ask(spool.finished(task.id, 1))
        assert await heart.units(task.id) == [(1, "execute", "ended")]


async def test_one_session_plans_and_works(database: Database) -> None:
    spool = Spool(ANVIL.id)
    async with Heart(database, ANVIL) as heart:
        task = await started(heart, spool, require_plan=True)
        assert task.status is TaskStatus.PLANNING
        for turn in ("revise", "approve"):
            await heart.ask(cmd.SubmitPlan(task_id=task.id, principal=agent(task), plan={"summary": turn}))
            if turn == "revise":
                await heart.do(cmd.RevisePlan, task.id, feedback="smaller")
        await heart.do(cmd.ApprovePlan, task.id)
        now = await heart.task(task.id)
        assert (now.status, now.epoch) == (TaskStatus.RUNNING, 1)
        assert await heart.units(task.id) == [(1, "plan", "started")]
        (row,) = await sessions(heart, task)
        told = await heart.rows.fetch("select message->>'type' as type, message->>'session_id' as id from outbox")
        assert [(one["type"], one["id"]) for one in told] == [
            ("plan_revision", str(row["id"])),
            ("plan_approved", str(row["id"])),
        ]
        assert cancels(heart) == []
        await heart.ask(spool.finished(task.id, 1, {"summary": "worked"}))
        assert (await heart.task(task.id)).result == {"summary": "worked"}


async def test_a_terminal_closed_while_its_plan_waits_is_no_failure(database: Database) -> None:
    spool = Spool(ANVIL.id)
    async with Heart(database, ANVIL) as heart:
        task = await started(heart, spool, require_plan=True)
        await heart.ask(cmd.SubmitPlan(task_id=task.id, principal=agent(task), plan={"summary": "dig"}))
        await heart.ask(spool.finished(task.id, 1, error=ErrorClass.AGENT_FAILED))
        assert (await heart.task(task.id)).status is TaskStatus.PLAN_REVIEW
        await heart.do(cmd.ApprovePlan, task.id)
        assert await heart.units(task.id) == [(1, "plan", "ended"), (2, "execute", "offered")]
        assert heart.assigned()[-1].plan == {"summary": "dig"}
        assert len(await sessions(heart, task)) == 2


async def test_what_a_reviewer_says_goes_to_the_session(database: Database) -> None:
    spool = Spool(ANVIL.id)
    async with Heart(database, ANVIL) as heart:
        task = await started(heart, spool, review=True)
        await heart.ask(cmd.Complete(task_id=task.id, principal=agent(task), result="look"))
        assert (await heart.task(task.id)).status is TaskStatus.REVIEW
        await heart.do(cmd.ReviseReview, task.id, feedback="not yet")
        told = await heart.rows.fetchval("select message->>'summary' from outbox")
        assert told == "not yet"
        assert await heart.units(task.id) == [(1, "execute", "started")]
        await heart.ask(cmd.Complete(task_id=task.id, principal=agent(task), result="again"))
        await heart.do(cmd.ApproveReview, task.id)
        assert len(cancels(heart)) == 1


async def test_an_agent_whose_task_is_over_may_say_nothing_more(database: Database) -> None:
    spool = Spool(ANVIL.id)
    async with Heart(database, ANVIL) as heart:
        task = await started(heart, spool)
        await heart.do(cmd.Cancel, task.id, reason="enough")
        assert cancels(heart)[-1].after == 0.0
        with pytest.raises(Conflict):
            await heart.ask(cmd.Complete(task_id=task.id, principal=agent(task), result="late"))


@pytest.mark.parametrize(
    ("run", "pointer"),
    [
        ({"kind": "session"}, "/structured_spec/run/agent"),
        ({**RUN, "directory": "worktree", "merge": True}, "/structured_spec/run/merge"),
        ({**RUN, "directory": "elsewhere"}, "/structured_spec/run/directory"),
    ],
)
def test_what_cannot_run_in_a_session_is_refused_by_name(run: Any, pointer: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        new_task("a", run=run)
    assert [problem["pointer"] for problem in refused.value.extras["problems"]] == [pointer]


async def test_only_a_machine_with_the_agent_gets_it(database: Database) -> None:
    async with Heart(database, server("bare", maximum=4)) as heart:
        assert (await heart.create("a", run=RUN)).status is TaskStatus.PENDING
        assert heart.sessions == {}


async def started(heart: Heart, spool: Spool, **spec: Any) -> Task:
    task = await heart.create("a", run=RUN, **spec)
    await heart.ask(spool.started(task.id, 1))
    return await heart.task(task.id)


async def sessions(heart: Heart, task: Task) -> list[Any]:
    return list(await heart.rows.fetch("select * from sessions where task_id = $1 order by created_at", task.id))


def cancels(heart: Heart) -> list[TaskCancel]:
    return [message for _, message in heart.sent if isinstance(message, TaskCancel)]


def test_the_name_is_new_each_time() -> None:
    task = new_task("a", run=RUN)
    made = [terminals.build(task, ANVIL.id, UUID(int=number), task.created_at) for number in (1, 2)]
    assert len({session.name for session in made if session is not None}) == 2
