"""The state machine of a task: the seed's table is in it, and nothing happens that it does not list."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.errors import Conflict
from corral_hub.tasks import events as ev
from corral_hub.tasks.model import Task, Why
from corral_hub.tasks.state import LEADS_TO, LEGAL, check, legal_moves, step
from corral_protocol.vocabulary import ENDED, LIVE, ErrorClass, Reason, TaskStatus, UpstreamPolicy
from tests.hub.samples import NOW, new_id, new_task

WHY = Why(code=Reason.HELP_REQUESTED, detail="which colour?", since=NOW)

EVENTS: dict[type, list[ev.TaskEvent]] = {
    ev.Assigned: [ev.Assigned(server_id=None), ev.Assigned(server_id=new_id())],
    ev.PlanRequested: [ev.PlanRequested()],
    ev.Started: [ev.Started()],
    ev.PlanSubmitted: [ev.PlanSubmitted(plan={"summary": "dig"})],
    ev.PlanApproved: [ev.PlanApproved()],
    ev.PlanRevised: [ev.PlanRevised(feedback="smaller")],
    ev.ReviewSubmitted: [ev.ReviewSubmitted(result={"x": 1})],
    ev.ReviewApproved: [ev.ReviewApproved()],
    ev.ReviewRevised: [ev.ReviewRevised(feedback="again")],
    ev.Completed: [ev.Completed(result=None), ev.Completed(result={"x": 1})],
    ev.ContractsRefused: [ev.ContractsRefused(problems=({"key": "k", "pointer": "/result", "problem": "is missing"},))],
    ev.Failed: [ev.Failed(error=ErrorClass.TIMEOUT, message="too slow")],
    ev.HelpRequested: [ev.HelpRequested(why=WHY)],
    ev.Responded: [ev.Responded(feedback={"response": "blue"})],
    ev.Cancelled: [ev.Cancelled(detail="not wanted")],
    ev.Retried: [ev.Retried(), ev.Retried(at=NOW)],
    ev.HostLost: [
        ev.HostLost(detail="gone", started=started, rerun=rerun) for started in (True, False) for rerun in (True, False)
    ],
    ev.Requeued: [ev.Requeued(why=WHY), ev.Requeued(why=WHY, at=NOW)],
    ev.UpstreamEnded: [ev.UpstreamEnded(upstream=new_id(), policy=policy) for policy in UpstreamPolicy],
}
"""Every event, in every variant that may lead elsewhere."""

SEED = [
    ("pending", "assigned", ev.Assigned),
    ("assigned", "running", ev.Started),
    ("assigned", "planning", ev.PlanRequested),
    ("planning", "plan_review", ev.PlanSubmitted),
    ("planning", "failed", ev.Failed),
    ("plan_review", "running", ev.PlanApproved),
    ("plan_review", "planning", ev.PlanRevised),
    ("running", "review", ev.ReviewSubmitted),
    ("running", "done", ev.Completed),
    ("running", "failed", ev.Failed),
    ("running", "needs_human", ev.HelpRequested),
    ("needs_human", "running", ev.Responded),
    ("review", "done", ev.ReviewApproved),
    ("review", "running", ev.ReviewRevised),
]
"""The seed's "Valid Transitions", row by row."""


def at(status: TaskStatus) -> Task:
    return replace(new_task(), status=status)


def outcomes(status: TaskStatus) -> dict[type, set[TaskStatus]]:
    """What really follows from each event in this state."""
    return {
        kind: {step(at(status), event, NOW).status for event in events}
        for kind, events in EVENTS.items()
        if status in LEGAL[kind]
    }


def test_the_tables_cover_every_event() -> None:
    assert set(LEGAL) == set(LEADS_TO) == set(EVENTS) == set(get_args(ev.TaskEvent))


@pytest.mark.parametrize(("source", "target", "kind"), SEED)
def test_the_seeds_transitions(source: str, target: str, kind: type) -> None:
    moved = step(at(TaskStatus(source)), EVENTS[kind][0], NOW)
    assert moved.status.value == target
    assert moved.updated_at == NOW


def test_leads_to_tells_the_truth() -> None:
    for kind, sources in LEGAL.items():
        reached = {target for source in sources for target in outcomes(source)[kind]}
        assert reached == LEADS_TO[kind], kind.__name__


@pytest.mark.parametrize("status", TaskStatus)
def test_legal_moves_are_what_can_be_reached(status: TaskStatus) -> None:
    reached = set().union(*outcomes(status).values()) - {status}
    assert legal_moves(status) == sorted(target.value for target in reached)


@pytest.mark.parametrize("status", [TaskStatus.DONE, TaskStatus.CANCELLED])
def test_terminal_means_terminal(status: TaskStatus) -> None:
    assert outcomes(status) == {}
    assert legal_moves(status) == []


def test_a_failed_task_can_only_be_retried() -> None:
    assert outcomes(TaskStatus.FAILED) == {ev.Retried: {TaskStatus.PENDING}}


@pytest.mark.parametrize("status", sorted(LIVE))
def test_every_live_task_can_be_cancelled(status: TaskStatus) -> None:
    assert outcomes(status)[ev.Cancelled] == {TaskStatus.CANCELLED}


def test_every_state_can_be_reached() -> None:
    found, fresh = {TaskStatus.PENDING}, {TaskStatus.PENDING}
    while fresh:
        fresh = {target for status in fresh for reached in outcomes(status).values() for target in reached} - found
        found |= fresh
    assert found == set(TaskStatus)


@given(st.lists(st.sampled_from([event for events in EVENTS.values() for event in events]), max_size=40))
def test_random_walks(walk: list[ev.TaskEvent]) -> None:
    task = new_task()
    for event in walk:
        if task.status not in LEGAL[type(event)]:
            _refused(task, event)
            continue
        after = step(task, event, NOW)
        assert after.status in LEADS_TO[type(event)]
        assert after.attempt >= task.attempt
        assert after.epoch == task.epoch  # only a hand-out raises it
        assert (after.completed_at is not None) == (after.status in ENDED)
        assert after.status is not TaskStatus.PENDING or after.assigned_server_id is None
        task = after


def _refused(task: Task, event: ev.TaskEvent) -> None:
    with pytest.raises(Conflict) as refusal:
        step(task, event, NOW)
    problem = refusal.value.problem()
    assert (problem["status"], problem["code"]) == (409, "illegal_transition")
    assert problem["legal_moves"] == legal_moves(task.status)
    assert problem["status_now"] == task.status.value
    for move in legal_moves(task.status):
        assert move in str(problem["hint"])
    with pytest.raises(Conflict):
        check(task, type(event))


def test_attempts_count_tries_as_people_do() -> None:
    lost = ev.HostLost(detail="gone", started=True, rerun=True)
    never_started = ev.HostLost(detail="gone", started=False, rerun=True)
    assert step(at(TaskStatus.RUNNING), lost, NOW).attempt == 2
    assert step(at(TaskStatus.ASSIGNED), never_started, NOW).attempt == 1
    assert step(at(TaskStatus.ASSIGNED), ev.Requeued(why=WHY), NOW).attempt == 1
    assert step(at(TaskStatus.FAILED), ev.Retried(), NOW).attempt == 2
