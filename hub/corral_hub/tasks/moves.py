"""The moves that requests, reports and losses are made of. Pure: they read and write the ledger only."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from corral_hub.accounts.model import Principal
from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import Placement, Wanted
from corral_hub.tasks import contracts, retry, terminals
from corral_hub.tasks import events as ev
from corral_hub.tasks.ledger import Handout, Ledger, Push, end_unit
from corral_hub.tasks.model import Edge, Intervention, PlanMode, Task, Unit, UnitState, Why, actor_label
from corral_hub.tasks.state import LEGAL, step
from corral_protocol.codec import encode
from corral_protocol.run import Requirements
from corral_protocol.to_daemon import TaskCancel
from corral_protocol.vocabulary import (
    DependencyType,
    ErrorClass,
    InterventionType,
    LostHostPolicy,
    Phase,
    Reason,
    TaskStatus,
)

BAD_COMPLETIONS = 3
"""After so many completions that break their contracts a person has to look."""

LAST_WORDS = 5.0
"""Seconds between the end of a task and the end of the terminal session in which its agent worked on it."""

LOST_ATTEMPTS = 5
"""A task that took so many hosts down with it is not given another one unasked."""


@dataclass(slots=True)
class Desk:
    """What every decision has at hand: the batch's ledger, the fleet, and a source of ids.

    `reports`: who takes the reports that are not about units.
    """

    ledger: Ledger
    fleet: Fleet
    new_id: Callable[[], UUID]
    reports: Mapping[type[Any], Callable[[Any, datetime], None]] = field(default_factory=dict)


def move(desk: Desk, task: Task, event: ev.TaskEvent, actor: Principal | str | None, **details: Any) -> Task:
    """Let `event` happen: step the state machine, record and log it. Raises Conflict before anything changed."""
    after = desk.ledger.put(step(task, event, desk.ledger.now))
    label = actor if isinstance(actor, str) else actor_label(actor)
    reason = {"code": after.reason.code.value, "detail": after.reason.detail} if after.reason else None
    server_id = after.assigned_server_id or task.assigned_server_id
    desk.ledger.say(
        event_name(type(event)), label, after, server_id, status=after.status.value, was=task.status.value,
        reason=reason, attempt=after.attempt, epoch=after.epoch, **details,
    )  # fmt: skip
    if after.status in (TaskStatus.DONE, TaskStatus.FAILED, TaskStatus.CANCELLED):
        desk.ledger.set(desk.ledger.ended, after.id, None)
        _close_interventions(desk, after)
    return after


def _close_interventions(desk: Desk, task: Task) -> None:
    """Questions about a task that has ended lapse; those that are not loaded are closed by the statement that saves."""
    desk.ledger.set(desk.ledger.closing, task.id, None)
    for item in list(desk.ledger.interventions.values()):
        if item.task_id == task.id and item.status == "pending":
            lapsed = replace(item, status="cancelled")
            desk.ledger.set(desk.ledger.interventions, item.id, lapsed)
            if item.id in desk.ledger.new_interventions:
                desk.ledger.set(desk.ledger.new_interventions, item.id, lapsed)


@cache
def event_name(kind: type[ev.TaskEvent]) -> str:
    """Return the log's name of an event class: PlanSubmitted → task_plan_submitted."""
    return "task" + re.sub(r"[A-Z]", lambda letter: "_" + letter.group().lower(), kind.__name__)


def wanted(task: Task) -> Wanted:
    return Wanted(requirements=task.requirements, project_id=task.project_id, managed=task.auto)


# -- handing work out ---------------------------------------------------------


def hand_out(desk: Desk, task: Task, server_id: UUID | None, decision: Placement | None, actor: Any) -> Task:
    """Give a pending task to a server (None: to whoever asked, by hand), planning first where that is asked."""
    task = move(desk, task, ev.Assigned(server_id=server_id), actor, server=decision.server.name if decision else None)
    if task.plan_mode is PlanMode.REQUIRED:
        task = move(desk, task, ev.PlanRequested(), None)
    return open_unit(desk, task, server_id, decision)


def open_unit(desk: Desk, task: Task, server_id: UUID | None, decision: Placement | None = None) -> Task:
    """Open the task's next unit on `server_id` under a new epoch, and have it sent after the commit."""
    retire(desk, task, "superseded")
    task = desk.ledger.put(task.but(epoch=task.epoch + 1))
    session = terminals.build(task, server_id, desk.new_id(), desk.ledger.now)
    if session is not None:
        desk.ledger.set(desk.ledger.new_sessions, session.id, session)
    unit = Unit(
        task_id=task.id,
        epoch=task.epoch,
        attempt=task.attempt,
        phase=Phase.PLAN if task.status is TaskStatus.PLANNING else Phase.EXECUTE,
        state=UnitState.OFFERED,
        managed=task.auto,
        offered_at=desk.ledger.now,
        server_id=server_id,
        requirements=_as_json(decision.wanted.requirements) if decision else None,
        fleet_id=decision.fleet_id if decision else None,
        loads=decision.loads if decision else None,
        score=decision.score if decision else None,
        session_id=session.id if session else None,
    )
    desk.ledger.open_unit(unit)
    if server_id is not None:
        desk.ledger.add(desk.ledger.handouts, Handout(task, unit))
    return task


@lru_cache(maxsize=1024)
def _as_json(requirements: Requirements) -> Any:
    return encode(requirements)


def resume(desk: Desk, task: Task) -> Task:
    """Have the next phase done: by the process that still lives, else by a new unit, here if there is a slot."""
    if not task.auto or desk.ledger.live_unit(task) is not None:
        return task
    server = desk.fleet.get(task.assigned_server_id) if task.assigned_server_id else None
    if server is not None and server.connected and server.free and not (server.cordoned or server.draining):
        return open_unit(desk, task, server.id)
    why = Why(code=Reason.NO_CAPACITY, detail="its host has no free slot; placed again", since=desk.ledger.now)
    return move(desk, task, ev.Requeued(why=why), None)


def retire(desk: Desk, task: Task, reason: str, state: UnitState | None = None, after: float = 0.0) -> None:
    """Take the task's live unit away from its holder; a daemon is told to stop it and keeps its slot until it has.

    `after`: seconds that an agent in a terminal has left for its last words.
    """
    unit = desk.ledger.live_unit(task)
    if unit is None:
        return
    if state is None and unit.managed and unit.server_id is not None:
        desk.ledger.put_unit(replace(unit, state=UnitState.STOPPING))
        left = after if unit.session_id is not None else 0.0
        stop = TaskCancel(task_id=str(task.id), epoch=unit.epoch, reason=reason, after=left)
        desk.ledger.add(desk.ledger.pushes, Push(unit.server_id, stop))
    else:
        desk.ledger.put_unit(end_unit(unit, state or UnitState.ENDED, desk.ledger.now))


# -- ends ---------------------------------------------------------------------


def complete(desk: Desk, task: Task, result: Any, actor: Any) -> tuple[Task, list[contracts.Problem]]:
    """Check contracts, then end the task as done (or hand it to review); the problems if it may not end."""
    problems = contracts.check(task.machine.contracts, demanded(desk.ledger, task), result)
    if problems:
        return refuse_completion(desk, task, problems, actor), problems
    if task.machine.review:
        return move(desk, task, ev.ReviewSubmitted(result=result), actor), []
    return release(desk, move(desk, task, ev.Completed(result=result), actor)), []


def demanded(ledger: Ledger, task: Task) -> set[str]:
    """Return the contract keys that waiting tasks take from this one as input."""
    return {
        edge.contract_key
        for edge in ledger.downs.get(task.id, ())
        if edge.kind is DependencyType.INPUT and edge.contract_key is not None
    }


def refuse_completion(desk: Desk, task: Task, problems: list[contracts.Problem], actor: Any) -> Task:
    """Count a completion that breaks its contracts; the third one needs a human."""
    task = move(desk, task, ev.ContractsRefused(problems=tuple(problems)), actor, problems=problems)
    if task.bad_completions < BAD_COMPLETIONS:
        return task
    listed = "\n".join(f"{problem['pointer']}: {problem['problem']}" for problem in problems)
    why = Why(
        code=Reason.CONTRACT_UNFULFILLED, detail=f"{BAD_COMPLETIONS} completions broke contracts", since=desk.ledger.now
    )
    return ask_human(desk, task, why, f"Contracts are not fulfilled after {BAD_COMPLETIONS} tries:\n{listed}", actor)


def fail(desk: Desk, task: Task, error: ErrorClass, message: str, actor: Any) -> Task:
    """Fail the attempt; retried by itself if the policy says so."""
    retire(desk, task, "the attempt failed", after=LAST_WORDS)
    task = move(desk, task, ev.Failed(error=error, message=message), actor)
    policy = task.machine.retry or task.policy.retry
    match retry.decide(policy, task.attempt, error, desk.ledger.now):
        case retry.RetryAt(at=at):
            desk.ledger.drop(desk.ledger.ended, task.id)
            return move(desk, task, ev.Retried(at=at), None)
        case retry.GiveUp():
            return task


def lose(desk: Desk, task: Task, unit: Unit, detail: str) -> Task:
    """The holder is gone and with it whatever it did not report."""
    desk.ledger.put_unit(end_unit(unit, UnitState.LOST, desk.ledger.now))
    if task.status not in LEGAL[ev.HostLost] or unit.epoch != task.epoch:
        return task
    policy = task.machine.lost_host or task.policy.lost_host
    started = unit.state is not UnitState.OFFERED
    rerun = policy is LostHostPolicy.RETRY and task.attempt < LOST_ATTEMPTS
    task = move(desk, task, ev.HostLost(detail=detail, started=started, rerun=rerun), None)
    if task.status is TaskStatus.NEEDS_HUMAN:
        open_intervention(
            desk, task, InterventionType.APPROVAL, f"{detail}. Run the task again? Answer to do so, or cancel it."
        )
    return task


def release(desk: Desk, task: Task) -> Task:
    """End the unit of work nobody's daemon holds; a daemon's unit ends when its process tree has.

    An agent in a terminal does not leave by itself: it is closed.
    """
    unit = desk.ledger.live_unit(task)
    if unit is not None and not unit.managed:
        desk.ledger.put_unit(end_unit(unit, UnitState.ENDED, desk.ledger.now))
    elif unit is not None and unit.session_id is not None:
        retire(desk, task, f"the task is {task.status.value}", after=LAST_WORDS)
    return task


def ask_human(desk: Desk, task: Task, why: Why, question: str, actor: Any) -> Task:
    task = move(desk, task, ev.HelpRequested(why=why), actor)
    open_intervention(desk, task, InterventionType.HELP, question)
    return task


def open_intervention(
    desk: Desk, task: Task, kind: InterventionType, question: str, context: str | None = None, id: UUID | None = None
) -> Intervention:
    intervention = Intervention(
        id=id or desk.new_id(), task_id=task.id, kind=kind, question=question, context=context,
        created_at=desk.ledger.now,
    )  # fmt: skip
    desk.ledger.set(desk.ledger.interventions, intervention.id, intervention)
    desk.ledger.set(desk.ledger.new_interventions, intervention.id, intervention)
    return intervention


# -- cascade (seed: "Cascade Flow") -------------------------------------------


def settle(desk: Desk, task: Task) -> None:
    """Tell the dependents of an ended task: resolve, unblock, or apply their policy. Their rows must be loaded."""
    desk.ledger.drop(desk.ledger.ended, task.id)
    for loaded in desk.ledger.downs.get(task.id, ()):
        edge = desk.ledger.edge(loaded)
        if edge is None or edge.resolved:
            continue
        if task.status is TaskStatus.DONE:
            resolve(desk, edge, task)
        elif edge.blocking:
            upstream_ended(desk, edge, task)


def resolve(desk: Desk, edge: Edge, upstream: Task) -> None:
    """Mark the edge resolved with the contract it carries; the last one unblocks the dependent."""
    value = contracts.published(upstream.result).get(edge.contract_key) if edge.contract_key else None
    desk.ledger.put_edge(replace(edge, resolved=True, value=value))
    if edge.blocking:
        unblock(desk, desk.ledger.tasks[edge.task_id])


def unblock(desk: Desk, dependent: Task) -> None:
    """One blocking edge less; the last one takes the reason to wait with it."""
    left = dependent.waiting_on - 1
    freed = left == 0 and dependent.status in LEGAL[ev.UpstreamEnded]
    dependent = desk.ledger.put(
        dependent.but(waiting_on=left, reason=None if freed else dependent.reason, updated_at=desk.ledger.now)
    )
    if freed:
        desk.ledger.say("task_unblocked", "hub", dependent, status=dependent.status.value)


def upstream_ended(desk: Desk, edge: Edge, upstream: Task) -> None:
    """Apply the dependent's own policy to an upstream task that ended without being done."""
    dependent = desk.ledger.tasks[edge.task_id]
    if dependent.status in LEGAL[ev.UpstreamEnded]:
        policy = dependent.machine.on_upstream_failure
        after = move(desk, dependent, ev.UpstreamEnded(upstream=upstream.id, policy=policy), None)
        if after.id in desk.ledger.ended:
            retire(desk, after, "an upstream task was not done")
