"""The reactor at work, on real PostgreSQL: from creation to the end, through plan, review, contract and question."""

import json
from typing import Any

import pytest

from corral_hub import clock
from corral_hub.db.database import Database
from corral_hub.errors import Conflict, Unprocessable
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.explain import decision, views_then
from corral_hub.tasks.queries import TaskQueries
from corral_protocol.to_daemon import TaskAssigned
from corral_protocol.vocabulary import ErrorClass, InterventionType, Phase, Reason, TaskStatus
from tests.hub.heart import Heart, blocks, run, takes
from tests.hub.reporting import Spool
from tests.hub.samples import server

ANVIL = server("anvil", maximum=2, languages=("python",), tags=("gpu",))
BELLOWS = server("bellows", maximum=2, languages=("python",))
PROMISE = {"contracts": [{"key": "api", "schema": {"type": "object", "required": ["url"]}}]}


async def test_from_creation_to_the_cascade(database: Database) -> None:
    spool = Spool(ANVIL.id)
    async with Heart(database, ANVIL) as heart:
        first = await heart.create("first")
        assert first.status is TaskStatus.ASSIGNED, "the answer tells what dispatch did in the same commit"
        second = await heart.create("second", blocks(first), takes(first, "api"))
        assert (second.status, second.waiting_on) == (TaskStatus.PENDING, 2)
        await heart.ask(spool.started(first.id, 1))
        assert (await heart.task(first.id)).status is TaskStatus.RUNNING
        await heart.ask(spool.finished(first.id, 1, {"contracts": {"api": {"url": "http://x"}}}))
        assert await heart.statuses() == {"first": "done", "second": "assigned"}
        handed = heart.assigned()[-1]
        assert (handed.title, handed.epoch, handed.token) == ("second", 1, "token-1")
        assert handed.resolved_inputs == {"api": {"url": "http://x"}}
        assert await heart.log(first.id) == ["task_created", "task_assigned", "task_started", "task_completed"]
        assert await heart.log(second.id) == ["task_created", "task_unblocked", "task_assigned"]
        assert [event.event_type for event in heart.events] == [
            row["event_type"] for row in await heart.rows.fetch("select event_type from activity_log order by id")
        ]
        assert await heart.units(first.id) == [(1, "execute", "ended")]


async def test_inputs_that_arrived_earlier_and_now_come_together(database: Database) -> None:
    spool = Spool(ANVIL.id)
    async with Heart(database, ANVIL) as heart:
        one, two = await heart.create("one"), await heart.create("two")
        await heart.create("both", takes(one, "a"), takes(two, "b"))
        await run(heart, spool, one, {"contracts": {"a": 1}})
        await run(heart, spool, two, {"contracts": {"b": None}})
        assert heart.assigned()[-1].resolved_inputs == {"a": 1, "b": None}


async def test_what_is_stored_explains_the_decision(database: Database) -> None:
    async with Heart(database, ANVIL, BELLOWS) as heart:
        task = await heart.create("a", requires={"languages": ["python"], "tags": ["gpu"], "prefer_server": "bellows"})
        queries = TaskQueries(heart.rows)  # type: ignore[arg-type]
        unit = await queries.unit(task.id, task.epoch)
        assert unit is not None and unit.fleet_id is not None and unit.loads is not None
        members, vectors = await queries.fleet(unit.fleet_id)
        heart.fleet.clear()  # only what is stored counts
        told = decision(task, unit, views_then(members, vectors, unit.loads))
        assert told["recomputed_equal"] is True
        assert [(view["name"], view["score"]) for view in told["servers"]] == [("bellows", 325), ("anvil", 130)]
        assert told["decision"]["chosen"] == "bellows" and told["decision"]["score"] == 325


async def test_plan_mode(database: Database) -> None:
    spool = Spool(ANVIL.id)
    async with Heart(database, ANVIL) as heart:
        task = await heart.create("a", require_plan=True)
        assert task.status is TaskStatus.PLANNING
        assert _last(heart).phase is Phase.PLAN and _last(heart).require_plan
        await heart.ask(spool.started(task.id, 1))
        await heart.ask(spool.planned(task.id, 1, {"summary": "dig"}))
        assert (await heart.task(task.id)).status is TaskStatus.PLAN_REVIEW
        await heart.do(cmd.RevisePlan, task.id, feedback="smaller")
        assert (_last(heart).epoch, _last(heart).phase) == (2, Phase.PLAN)
        assert _last(heart).feedback == {"plan_feedback": "smaller"}
        await heart.ask(spool.started(task.id, 2))
        await heart.ask(spool.planned(task.id, 2, {"summary": "dig less"}))
        await heart.do(cmd.ApprovePlan, task.id)
        assert (_last(heart).epoch, _last(heart).phase, _last(heart).plan) == (
            3,
            Phase.EXECUTE,
            {"summary": "dig less"},
        )
        await run(heart, spool, task)
        stored = await heart.task(task.id)
        assert (stored.status, stored.attempt) == (TaskStatus.DONE, 1)
        assert await heart.units(task.id) == [(1, "plan", "ended"), (2, "plan", "ended"), (3, "execute", "ended")]


async def test_a_plan_phase_that_ends_without_a_plan_fails(database: Database) -> None:
    async with Heart(database, ANVIL) as heart:
        task = await heart.create("a", require_plan=True)
        await heart.ask(Spool(ANVIL.id).finished(task.id, 1))
        assert (await heart.task(task.id)).error == {
            "class": "agent_failed",
            "message": "the plan phase ended without a plan",
        }


async def test_review_and_revision(database: Database) -> None:
    spool = Spool(ANVIL.id)
    async with Heart(database, ANVIL) as heart:
        task = await heart.create("a", review=True)
        after = await heart.create("after", blocks(task))
        await run(heart, spool, task, {"x": 1})
        assert (await heart.task(task.id)).status is TaskStatus.REVIEW
        assert (await heart.task(after.id)).waiting_on == 1
        await heart.do(cmd.ReviseReview, task.id, feedback="tests, please")
        assert (_last(heart).epoch, _last(heart).feedback) == (2, {"review_feedback": "tests, please"})
        await run(heart, spool, task, {"x": 2})
        done = await heart.do(cmd.ApproveReview, task.id)
        assert (done.status, done.result) == (TaskStatus.DONE, {"x": 2})
        assert (await heart.task(after.id)).status is TaskStatus.ASSIGNED


async def test_three_broken_completions_need_a_human(database: Database) -> None:
    spool = Spool(ANVIL.id)
    async with Heart(database, ANVIL) as heart:
        task = await heart.create("a", **PROMISE)
        for epoch in (1, 2, 3):
            assert (await heart.task(task.id)).epoch == epoch
            await run(heart, spool, task, {"contracts": {"api": {}}})
        stored = await heart.task(task.id)
        assert (stored.status, stored.bad_completions, stored.attempt) == (TaskStatus.NEEDS_HUMAN, 3, 1)
        assert stored.reason is not None and stored.reason.code is Reason.CONTRACT_UNFULFILLED
        question = await heart.rows.fetchrow("select * from interventions where task_id = $1", task.id)
        assert "/result/contracts/api" in question["question"]
        await heart.do(cmd.Respond, task.id, intervention_id=question["id"], response="url is the address")
        assert _last(heart).feedback["response"] == "url is the address"
        await run(heart, spool, task, {"contracts": {"api": {"url": "x"}}})
        assert (await heart.task(task.id)).status is TaskStatus.DONE


async def test_a_broken_completion_by_request_is_422_and_counts(database: Database) -> None:
    async with Heart(database) as heart:
        task = await heart.create("a", run=None, **PROMISE)
        await heart.create("taker", takes(task, "api"))
        await heart.do(cmd.Assign, task.id)
        await heart.do(cmd.Start, task.id)
        with pytest.raises(Unprocessable) as refusal:
            await heart.do(cmd.Complete, task.id, result={"contracts": {"api": 7}})
        assert refusal.value.code == "contract_unfulfilled"
        assert [problem["pointer"] for problem in refusal.value.extras["problems"]] == ["/result/contracts/api"]
        stored = await heart.task(task.id)
        assert (stored.status, stored.bad_completions) == (TaskStatus.RUNNING, 1)
        done = await heart.do(cmd.Complete, task.id, result={"contracts": {"api": {"url": "x"}}})
        assert done.status is TaskStatus.DONE and done.bad_completions == 0


async def test_work_that_is_to_be_merged_is_not_done_before_its_daemon_says_so(database: Database) -> None:
    host = server("anvil", maximum=2, repos={"demo": "/demo"})
    spool = Spool(host.id)
    merging = {"kind": "command", "argv": ["true"], "directory": "worktree", "merge": True}
    async with Heart(database, host) as heart:
        task = await heart.create("merging", run=merging, target_repo="demo")
        await heart.create("after", blocks(task))
        await heart.ask(spool.started(task.id, 1))
        with pytest.raises(Conflict) as refusal:
            await heart.do(cmd.Complete, task.id, result="said from inside")
        assert refusal.value.code == "merge_pending"
        assert await heart.statuses() == {"merging": "running", "after": "pending"}
        await heart.ask(spool.finished(task.id, 1, {"summary": "merged"}))
        assert await heart.statuses() == {"merging": "done", "after": "assigned"}


async def test_an_approval_cannot_wave_through_what_a_dependent_takes(database: Database) -> None:
    async with Heart(database) as heart:
        task = await heart.create("a", run=None)
        taker = await heart.create("taker", takes(task, "api"), run=None)
        await heart.do(cmd.Assign, task.id)
        await heart.do(cmd.Start, task.id)
        await heart.do(cmd.SubmitReview, task.id, result={"contracts": {}})
        with pytest.raises(Unprocessable):
            await heart.do(cmd.ApproveReview, task.id)
        assert (await heart.task(task.id)).status is TaskStatus.REVIEW
        await heart.do(cmd.ReviseReview, task.id, feedback="the api is missing")
        await heart.do(cmd.SubmitReview, task.id, result={"contracts": {"api": 1}})
        await heart.do(cmd.ApproveReview, task.id)
        assert (await heart.task(taker.id)).waiting_on == 0


async def test_what_was_skipped_stays_skipped_when_its_upstream_is_done_after_all(database: Database) -> None:
    async with Heart(database) as heart:
        task = await heart.create("a", run=None)
        after = await heart.create("after", blocks(task), run=None, on_upstream_failure="skip")
        await heart.do(cmd.Assign, task.id)
        await heart.do(cmd.Start, task.id)
        await heart.do(cmd.Fail, task.id, error="no")
        await heart.do(cmd.Retry, task.id)
        await heart.do(cmd.Assign, task.id)
        await heart.do(cmd.Start, task.id)
        await heart.do(cmd.Complete, task.id, result=None)
        skipped = await heart.task(after.id)
        assert (skipped.status, skipped.waiting_on) == (TaskStatus.CANCELLED, 0)
        assert skipped.reason is not None and skipped.reason.code is Reason.UPSTREAM_SKIPPED


async def test_help_and_answer(database: Database) -> None:
    spool = Spool(ANVIL.id)
    async with Heart(database, ANVIL) as heart:
        task = await heart.create("a")
        await heart.ask(spool.started(task.id, 1))
        item, asked = await heart.do(
            cmd.Help, task.id, intervention_id=clock.new_id(), question="which?", kind=InterventionType.QUESTION
        )
        assert asked.status is TaskStatus.NEEDS_HUMAN
        answered, going_on = await heart.do(cmd.Respond, task.id, intervention_id=item.id, response="that one")
        assert (answered.status, going_on.status, going_on.epoch) == ("responded", TaskStatus.RUNNING, 1)
        assert heart.flushed == [ANVIL.id], "the process that asked still lives and is told"
        outbox = await heart.rows.fetchval("select message from outbox")
        assert json.loads(outbox)["response"] == "that one"
        with pytest.raises(Conflict, match="answered"):
            await heart.do(cmd.Respond, task.id, intervention_id=item.id, response="no, this")
        await heart.ask(spool.finished(task.id, 1))
        assert (await heart.task(task.id)).status is TaskStatus.DONE


async def test_questions_about_an_ended_task_lapse(database: Database) -> None:
    async with Heart(database, ANVIL) as heart:
        task = await heart.create("a")
        await heart.ask(Spool(ANVIL.id).started(task.id, 1))
        await heart.do(cmd.Help, task.id, intervention_id=clock.new_id(), question="which?")
        await heart.do(cmd.Cancel, task.id, reason="never mind")
        assert await heart.rows.fetchval("select status from interventions") == "cancelled"
        assert heart.cancelled() == [(str(task.id), 1)]
        assert await heart.units(task.id) == [(1, "execute", "stopping")]
        assert heart.fleet.slots(ANVIL.id) == (1, 2), "the slot is free when the process tree is gone"


async def test_a_failure_is_retried_after_its_backoff(database: Database) -> None:
    spool = Spool(ANVIL.id)
    async with Heart(database, ANVIL) as heart:
        task = await heart.create("a", retry={"max_attempts": 2, "backoff": 3600})
        await heart.ask(spool.started(task.id, 1))
        await heart.ask(spool.finished(task.id, 1, error=ErrorClass.EXIT_NONZERO))
        stored = await heart.task(task.id)
        assert (stored.status, stored.attempt) == (TaskStatus.PENDING, 2)
        assert stored.reason is not None and stored.reason.code is Reason.RETRY_BACKOFF
        assert len(heart.assigned()) == 1


async def test_a_failure_without_backoff_is_retried_at_once_until_attempts_end(database: Database) -> None:
    spool = Spool(ANVIL.id)
    async with Heart(database, ANVIL) as heart:
        task = await heart.create("a", retry={"max_attempts": 3, "backoff": 0})
        for epoch in (1, 2, 3):
            await heart.ask(spool.finished(task.id, epoch, error=ErrorClass.TIMEOUT))
        stored = await heart.task(task.id)
        assert (stored.status, stored.attempt, stored.epoch) == (TaskStatus.FAILED, 3, 3)


async def test_the_hub_wakes_by_itself_when_a_backoff_has_passed(database: Database) -> None:
    async with Heart(database, ANVIL) as heart:
        task = await heart.create("a", retry={"max_attempts": 2, "backoff": 0.05})
        await heart.ask(Spool(ANVIL.id).finished(task.id, 1, error=ErrorClass.TIMEOUT))
        await heart.handed_out(2)
        stored = await heart.task(task.id)
        assert (stored.status, stored.attempt, stored.epoch) == (TaskStatus.ASSIGNED, 2, 2)
        assert stored.not_before is None


def _last(heart: Heart) -> TaskAssigned | Any:
    return heart.assigned()[-1]
