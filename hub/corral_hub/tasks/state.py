"""The state machine of a task (seed: "Task State Machine"), as a table and one pure function.

What the seed leaves open: `cancelled` from every live state; back to `pending` when the host is lost or declines;
a failed task can be retried; `done` and `cancelled` have no way out.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from corral_hub.errors import Conflict
from corral_hub.tasks import events as ev
from corral_hub.tasks.model import PlanMode, Task, Why
from corral_protocol.vocabulary import LIVE, Reason, TaskStatus, UpstreamPolicy

S = TaskStatus

LEGAL: Final[Mapping[type[ev.TaskEvent], frozenset[TaskStatus]]] = {
    ev.Assigned: frozenset({S.PENDING}),
    ev.PlanRequested: frozenset({S.ASSIGNED}),
    ev.Started: frozenset({S.ASSIGNED}),
    ev.PlanSubmitted: frozenset({S.PLANNING}),
    ev.PlanApproved: frozenset({S.PLAN_REVIEW}),
    ev.PlanRevised: frozenset({S.PLAN_REVIEW}),
    ev.ReviewSubmitted: frozenset({S.RUNNING}),
    ev.ReviewApproved: frozenset({S.REVIEW}),
    ev.ReviewRevised: frozenset({S.REVIEW}),
    ev.Completed: frozenset({S.RUNNING}),
    ev.ContractsRefused: frozenset({S.RUNNING}),
    ev.Failed: frozenset({S.PLANNING, S.RUNNING}),
    ev.HelpRequested: frozenset({S.RUNNING}),
    ev.Responded: frozenset({S.NEEDS_HUMAN}),
    ev.Cancelled: LIVE,
    ev.Retried: frozenset({S.FAILED}),
    ev.HostLost: frozenset({S.ASSIGNED, S.PLANNING, S.RUNNING}),
    ev.Requeued: frozenset({S.ASSIGNED, S.PLANNING, S.RUNNING}),
    ev.UpstreamEnded: frozenset({S.PENDING, S.ASSIGNED}),
}

LEADS_TO: Final[Mapping[type[ev.TaskEvent], frozenset[TaskStatus]]] = {
    ev.Assigned: frozenset({S.ASSIGNED}),
    ev.PlanRequested: frozenset({S.PLANNING}),
    ev.Started: frozenset({S.RUNNING}),
    ev.PlanSubmitted: frozenset({S.PLAN_REVIEW}),
    ev.PlanApproved: frozenset({S.RUNNING}),
    ev.PlanRevised: frozenset({S.PLANNING}),
    ev.ReviewSubmitted: frozenset({S.REVIEW}),
    ev.ReviewApproved: frozenset({S.DONE}),
    ev.ReviewRevised: frozenset({S.RUNNING}),
    ev.Completed: frozenset({S.DONE}),
    ev.ContractsRefused: frozenset({S.RUNNING}),
    ev.Failed: frozenset({S.FAILED}),
    ev.HelpRequested: frozenset({S.NEEDS_HUMAN}),
    ev.Responded: frozenset({S.RUNNING}),
    ev.Cancelled: frozenset({S.CANCELLED}),
    ev.Retried: frozenset({S.PENDING}),
    ev.HostLost: frozenset({S.PENDING, S.NEEDS_HUMAN}),
    ev.Requeued: frozenset({S.PENDING}),
    ev.UpstreamEnded: frozenset({S.PENDING, S.ASSIGNED, S.FAILED, S.CANCELLED}),
}


def legal_moves(status: TaskStatus) -> list[str]:
    """Return the states reachable in one step, for the answer to an illegal one."""
    targets = {target for event, sources in LEGAL.items() if status in sources for target in LEADS_TO[event]}
    return sorted(target.value for target in targets - {status})


def check(task: Task, kind: type[ev.TaskEvent]) -> None:
    """Raise Conflict(illegal_transition) unless an event of this kind can happen to the task now."""
    if task.status not in LEGAL[kind]:
        moves = legal_moves(task.status)
        target = "/".join(sorted(LEADS_TO[kind]))
        now = f"task {str(task.id)[:8]} is {task.status.value}"
        raise Conflict(
            "illegal_transition",  # older CLIs show the detail only
            f"{now}; it cannot become {target}, only {', '.join(moves)}" if moves else f"{now}, and that is final",
            f"legal next states: {', '.join(moves)}" if moves else f"{task.status.value} is final; create a new task",
            status_now=task.status.value,
            legal_moves=moves,
        )


def step(task: Task, event: ev.TaskEvent, now: datetime) -> Task:
    """Return the task after `event`. Raises Conflict(illegal_transition)."""
    check(task, type(event))
    changes = _STEPS[type(event)](task, event, now)
    return task.but(updated_at=now, **changes)


Changes = Mapping[str, Any]


def _assigned(task: Task, event: ev.Assigned, now: datetime) -> Changes:
    return {
        "status": S.ASSIGNED, "assigned_server_id": event.server_id, "assigned_at": now, "reason": None,
        "not_before": None,
    }  # fmt: skip


def _plan_requested(task: Task, event: ev.PlanRequested, now: datetime) -> Changes:
    return {"status": S.PLANNING, "started_at": task.started_at or now}


def _started(task: Task, event: ev.Started, now: datetime) -> Changes:
    return {"status": S.RUNNING, "started_at": now, "reason": None}


def _plan_submitted(task: Task, event: ev.PlanSubmitted, now: datetime) -> Changes:
    why = Why(code=Reason.AWAITING_PLAN_APPROVAL, detail="a plan waits for approval", since=now)
    return {"status": S.PLAN_REVIEW, "plan": event.plan, "reason": why}


def _plan_approved(task: Task, event: ev.PlanApproved, now: datetime) -> Changes:
    return {
        "status": S.RUNNING,
        "plan_mode": PlanMode.APPROVED,
        "plan_feedback": None,
        "feedback": None,
        "reason": None,
    }


def _plan_revised(task: Task, event: ev.PlanRevised, now: datetime) -> Changes:
    feedback = {"plan_feedback": event.feedback}
    return {"status": S.PLANNING, "plan_feedback": event.feedback, "feedback": feedback, "reason": None}


def _review_submitted(task: Task, event: ev.ReviewSubmitted, now: datetime) -> Changes:
    why = Why(code=Reason.AWAITING_REVIEW, detail="the result waits for review", since=now)
    return {"status": S.REVIEW, "result": event.result, "bad_completions": 0, "reason": why}


def _done(task: Task, event: ev.ReviewApproved | ev.Completed, now: datetime) -> Changes:
    result = event.result if isinstance(event, ev.Completed) else task.result
    return {
        "status": S.DONE, "result": result, "completed_at": now, "reason": None, "error": None, "feedback": None,
        "bad_completions": 0,
    }  # fmt: skip


def _review_revised(task: Task, event: ev.ReviewRevised, now: datetime) -> Changes:
    return {"status": S.RUNNING, "feedback": {"review_feedback": event.feedback}, "reason": None}


def _contracts_refused(task: Task, event: ev.ContractsRefused, now: datetime) -> Changes:
    why = Why(
        code=Reason.CONTRACT_UNFULFILLED,
        detail="; ".join(f"{problem['pointer']}: {problem['problem']}" for problem in event.problems)[:1000],
        since=now,
    )
    feedback = {"contract_problems": [dict(problem) for problem in event.problems]}
    return {"bad_completions": task.bad_completions + 1, "reason": why, "feedback": feedback}


def _failed(task: Task, event: ev.Failed, now: datetime) -> Changes:
    return {
        "status": S.FAILED,
        "error": {"class": event.error.value, "message": event.message},
        "completed_at": now,
        "reason": Why(code=Reason.FAILED, detail=event.message[:1000], since=now),
    }


def _help_requested(task: Task, event: ev.HelpRequested, now: datetime) -> Changes:
    return {"status": S.NEEDS_HUMAN, "reason": event.why}


def _responded(task: Task, event: ev.Responded, now: datetime) -> Changes:
    return {"status": S.RUNNING, "reason": None, "feedback": event.feedback, "bad_completions": 0}


def _cancelled(task: Task, event: ev.Cancelled, now: datetime) -> Changes:
    why = Why(code=Reason.CANCELLED_BY_REQUEST, detail=event.detail, since=now)
    return {"status": S.CANCELLED, "completed_at": now, "reason": why}


def _again(task: Task, why: Why, at: datetime | None) -> dict[str, Any]:
    return {
        "status": S.PENDING, "assigned_server_id": None, "assigned_at": None, "started_at": None, "completed_at": None,
        "reason": why, "not_before": at,
    }  # fmt: skip


def _retried(task: Task, event: ev.Retried, now: datetime) -> Changes:
    code = Reason.RETRY_BACKOFF if event.at and event.at > now else Reason.RETRYING
    why = Why(code=code, detail=f"attempt {task.attempt + 1} after a failure", since=now)
    return {**_again(task, why, event.at), "attempt": task.attempt + 1, "result": None, "bad_completions": 0}


def _host_lost(task: Task, event: ev.HostLost, now: datetime) -> Changes:
    why = Why(code=Reason.LOST_HOST, detail=event.detail, since=now)
    if not event.started:
        return _again(task, why, None)
    if event.rerun:
        return {**_again(task, why, None), "attempt": task.attempt + 1}
    return {"status": S.NEEDS_HUMAN, "reason": why, "assigned_server_id": None}


def _requeued(task: Task, event: ev.Requeued, now: datetime) -> Changes:
    return _again(task, event.why, event.at)


def _upstream_ended(task: Task, event: ev.UpstreamEnded, now: datetime) -> Changes:
    refs, short = (str(event.upstream),), str(event.upstream)[:8]
    if event.policy is UpstreamPolicy.WAIT:
        why = Why(
            code=Reason.UPSTREAM_FAILED, detail=f"upstream {short} ended without being done", since=now, refs=refs
        )
        return {"reason": why}
    if event.policy is UpstreamPolicy.SKIP:
        why = Why(code=Reason.UPSTREAM_SKIPPED, detail=f"skipped: upstream {short} was not done", since=now, refs=refs)
        return {"status": S.CANCELLED, "completed_at": now, "reason": why}
    why = Why(code=Reason.UPSTREAM_FAILED, detail=f"failed: upstream {short} was not done", since=now, refs=refs)
    error = {"class": "upstream_failed", "message": why.detail}
    return {"status": S.FAILED, "completed_at": now, "reason": why, "error": error}


_STEPS: Final[Mapping[type[ev.TaskEvent], Callable[[Task, Any, datetime], Changes]]] = {
    ev.Assigned: _assigned,
    ev.PlanRequested: _plan_requested,
    ev.Started: _started,
    ev.PlanSubmitted: _plan_submitted,
    ev.PlanApproved: _plan_approved,
    ev.PlanRevised: _plan_revised,
    ev.ReviewSubmitted: _review_submitted,
    ev.ReviewApproved: _done,
    ev.ReviewRevised: _review_revised,
    ev.Completed: _done,
    ev.ContractsRefused: _contracts_refused,
    ev.Failed: _failed,
    ev.HelpRequested: _help_requested,
    ev.Responded: _responded,
    ev.Cancelled: _cancelled,
    ev.Retried: _retried,
    ev.HostLost: _host_lost,
    ev.Requeued: _requeued,
    ev.UpstreamEnded: _upstream_ended,
}
