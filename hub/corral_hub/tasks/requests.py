"""What people and agents may ask: one short function a request, and a table. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from corral_hub.dispatch.score import judge
from corral_hub.errors import Conflict, NotFound, Unprocessable
from corral_hub.tasks import access, contracts
from corral_hub.tasks import commands as cmd
from corral_hub.tasks import events as ev
from corral_hub.tasks.ledger import Push
from corral_hub.tasks.linking import add_dependency, not_begun, remove_dependency
from corral_hub.tasks.model import Note, PlanMode, Task, UnitState, Why
from corral_hub.tasks.moves import (
    Desk,
    complete,
    demanded,
    fail,
    hand_out,
    move,
    open_intervention,
    release,
    resume,
    retire,
    wanted,
)
from corral_hub.tasks.state import check as check_state
from corral_protocol import to_daemon
from corral_protocol.vocabulary import ENDED, ErrorClass, Reason


def answer(desk: Desk, request: cmd.Request) -> Any:
    """Do what was asked and return the answer. Raises Refused (nothing changed) or returns a Rejected answer."""
    task = desk.ledger.tasks.get(request.task_id)
    if task is None:
        raise NotFound("task_not_found", f"there is no task {request.task_id}", "corral task list shows what there is")
    access.check(request.principal, type(request), task)
    return _ANSWERS[type(request)](desk, task, request)


class Rejected:
    """An answer that says no, although something was recorded (a broken contract counts)."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def _start(desk: Desk, task: Task, request: cmd.Start) -> Task:
    check_state(task, ev.Started)
    _check_unblocked(desk, task)
    unit = desk.ledger.live_unit(task)
    if unit is not None:
        desk.ledger.put_unit(replace(unit, state=UnitState.STARTED, started_at=desk.ledger.now))
    return move(desk, task, ev.Started(), request.principal)


def _check_unblocked(desk: Desk, task: Task) -> None:
    if task.waiting_on:
        raise Conflict(
            "unresolved_dependencies",
            f"task {str(task.id)[:8]} waits for {task.waiting_on} unresolved dependencies",
            f"corral task explain {str(task.id)[:8]} names them",
            waiting_on=task.waiting_on,
        )


def _submit_plan(desk: Desk, task: Task, request: cmd.SubmitPlan) -> Task:
    return move(desk, task, ev.PlanSubmitted(plan=request.plan), request.principal)


def _approve_plan(desk: Desk, task: Task, request: cmd.ApprovePlan) -> Task:
    task = move(desk, task, ev.PlanApproved(), request.principal)
    retire_finished_plan(desk, task)
    _push(desk, task, to_daemon.PlanApproved(task_id=str(task.id)))
    return resume(desk, task)


def _revise_plan(desk: Desk, task: Task, request: cmd.RevisePlan) -> Task:
    task = move(desk, task, ev.PlanRevised(feedback=request.feedback), request.principal, feedback=request.feedback)
    retire_finished_plan(desk, task)
    _push(desk, task, to_daemon.PlanRevision(task_id=str(task.id), feedback=request.feedback))
    return resume(desk, task)


def retire_finished_plan(desk: Desk, task: Task) -> None:
    """A daemon's plan unit is over once its plan is in; the next phase is a unit of its own.

    An agent in a terminal waits there, and goes on in the same unit.
    """
    unit = desk.ledger.live_unit(task)
    if unit is not None and unit.managed and unit.session_id is None:
        retire(desk, task, "the plan was submitted")


def _submit_review(desk: Desk, task: Task, request: cmd.SubmitReview) -> Task:
    return move(desk, task, ev.ReviewSubmitted(result=request.result), request.principal)


def _approve_review(desk: Desk, task: Task, request: cmd.ApproveReview) -> Task | Rejected:
    check_state(task, ev.ReviewApproved)
    problems = contracts.check(task.machine.contracts, demanded(desk.ledger, task), task.result)
    if problems:
        raise _unfulfilled(task, problems)
    return release(desk, move(desk, task, ev.ReviewApproved(), request.principal))


def _revise_review(desk: Desk, task: Task, request: cmd.ReviseReview) -> Task:
    task = move(desk, task, ev.ReviewRevised(feedback=request.feedback), request.principal, feedback=request.feedback)
    unit = desk.ledger.live_unit(task)
    if unit is not None and unit.session_id is not None:  # others hear of it with their next unit
        back = to_daemon.TaskStatusUpdate(
            task_id=str(task.id), title=task.title, status=task.status.value,
            status_label="sent back by review", summary=request.feedback,
        )  # fmt: skip
        _push(desk, task, back)
    return resume(desk, task)


def _complete(desk: Desk, task: Task, request: cmd.Complete) -> Task | Rejected:
    check_state(task, ev.Completed)
    _check_merged(desk, task)
    if request.git_diff_stats is not None:
        task = desk.ledger.put(task.but(git_diff_stats=request.git_diff_stats))
    task, problems = complete(desk, task, request.result, request.principal)
    return Rejected(_unfulfilled(task, problems)) if problems else task


def _check_merged(desk: Desk, task: Task) -> None:
    """What depends on the task begins the moment it is done, and must find the work merged: only a daemon does that."""
    unit = desk.ledger.live_unit(task)
    if task.machine.run.merge and unit is not None and unit.managed:
        raise Conflict(
            "merge_pending",
            f"task {str(task.id)[:8]} is done once its daemon has merged its worktree, after the process ends",
            "write the result, with its contracts, to the file $CORRAL_RESULT and exit with 0",
        )


def _unfulfilled(task: Task, problems: list[contracts.Problem]) -> Unprocessable:
    """Name every problem in the detail too: it is all that the published CLI shows of an answer."""
    named = "; ".join(f"{problem['pointer']} {problem['problem']}" for problem in problems)
    return Unprocessable(
        "contract_unfulfilled",
        f"the result does not keep what the task promised: {named}",
        "correct result.contracts as `problems` says and complete again",
        problems=[dict(problem) for problem in problems],
        status_now=task.status.value,
        bad_completions=task.bad_completions,
    )


def _fail(desk: Desk, task: Task, request: cmd.Fail) -> Task:
    check_state(task, ev.Failed)
    return release(desk, fail(desk, task, ErrorClass.REPORTED, request.error, request.principal))


def _help(desk: Desk, task: Task, request: cmd.Help) -> Any:
    why = Why(code=Reason.HELP_REQUESTED, detail=request.question[:1000], since=desk.ledger.now)
    task = move(desk, task, ev.HelpRequested(why=why), request.principal)
    return open_intervention(desk, task, request.kind, request.question, request.context, request.intervention_id), task


def _respond(desk: Desk, task: Task, request: cmd.Respond) -> Any:
    intervention = desk.ledger.interventions.get(request.intervention_id)
    if intervention is None or intervention.task_id != task.id:
        raise NotFound(
            "intervention_not_found", f"task {str(task.id)[:8]} has no such intervention", "corral intervention list"
        )
    access.check_answer(request.principal, intervention.kind)
    if intervention.status == "cancelled":
        raise Conflict("question_lapsed", "the task ended before this was answered", "corral intervention list")
    if intervention.status != "pending":
        raise Conflict(
            "already_answered", f"this was answered by {intervention.responded_by}", "corral intervention list"
        )
    answered = replace(
        intervention, status="responded", response=request.response, responded_by=request.principal.label,
        responded_at=desk.ledger.now,
    )  # fmt: skip
    feedback = {"question": intervention.question, "response": request.response}
    task = move(desk, task, ev.Responded(feedback=feedback), request.principal, response=request.response)
    desk.ledger.put_intervention(answered)
    message = to_daemon.InterventionResponse(
        intervention_id=str(answered.id), task_id=str(task.id), response=request.response
    )
    _push(desk, task, message)
    return answered, resume(desk, task)


def _cancel(desk: Desk, task: Task, request: cmd.Cancel) -> Task:
    check_state(task, ev.Cancelled)
    retire(desk, task, "cancelled")
    return move(desk, task, ev.Cancelled(detail=request.reason), request.principal)


def _retry(desk: Desk, task: Task, request: cmd.Retry) -> Task:
    retire(desk, task, "retried")
    return move(desk, task, ev.Retried(at=None), request.principal)


def _update(desk: Desk, task: Task, request: cmd.Update) -> Task:
    if task.status in ENDED or ("machine" in request.changes and not not_begun(task)):
        raise Conflict(
            "too_late_to_edit",
            f"task {str(task.id)[:8]} is {task.status.value}; that can no longer be changed",
            "create a new task, or leave a note",
        )
    task = desk.ledger.put(task.but(**request.changes, updated_at=desk.ledger.now), edited=True)
    desk.ledger.say(
        "task_updated", request.principal.label, task, fields=sorted(request.changes), status=task.status.value
    )
    _push(desk, task, to_daemon.TaskUpdated(task_id=str(task.id), title=task.title, spec=task.spec))
    return task


def _assign(desk: Desk, task: Task, request: cmd.Assign) -> Task:
    check_state(task, ev.Assigned)
    if task.auto:
        _check_unblocked(desk, task)
    if request.require_plan and task.plan_mode is PlanMode.OFF:
        task = desk.ledger.put(task.but(plan_mode=PlanMode.REQUIRED), edited=True)
    if request.session_name != task.target_session_name:
        task = desk.ledger.put(task.but(target_session_name=request.session_name), edited=True)
    name = request.server or request.session_name
    if name is None:
        return _claim(desk, task, request)
    server = desk.fleet.find(name)
    if server is None or not access.knows(request.principal, server.project_id):
        raise NotFound("server_not_found", f"there is no server or session named {name!r}", "corral server list")
    verdict = judge(wanted(task), server)
    if not verdict.eligible:
        removed = "; ".join(part.detail for part in verdict.parts if not part.passed)
        raise Conflict(
            "server_not_eligible", f"{server.name} cannot take it: {removed}", "corral task explain shows every server"
        )
    if task.auto and not verdict.placeable:
        state = "has no free slot" if server.connected else "is not connected"
        raise Conflict("server_not_available", f"{server.name} {state}", "leave it pending, or name another server")
    return hand_out(desk, task, server.id, desk.fleet.place(wanted(task), server.id, verdict.score), request.principal)


def _claim(desk: Desk, task: Task, request: cmd.Assign) -> Task:
    if task.auto:
        raise Unprocessable("server_required", "this task is run by a daemon: name a server", "or leave it to dispatch")
    return hand_out(desk, task, None, None, request.principal)


def _add_note(desk: Desk, task: Task, request: cmd.AddNote) -> Note:
    note = Note(
        task_id=task.id, author=request.principal.label, content=request.content, urgent=request.urgent,
        created_at=desk.ledger.now,
    )  # fmt: skip
    desk.ledger.add(desk.ledger.notes, note)
    desk.ledger.say("task_note", request.principal.label, task, urgent=request.urgent, status=task.status.value)
    message = to_daemon.TaskNote(task_id=str(task.id), content=note.content, urgent=note.urgent, author=note.author)
    _push(desk, task, message)
    return note


def _push(desk: Desk, task: Task, message: to_daemon.Delivery) -> None:
    """Tell the server that hosts the task, if any, for the session it was given to; kept until the server has it."""
    if task.assigned_server_id is not None:
        unit = desk.ledger.live_unit(task)
        own = str(unit.session_id) if unit is not None and unit.session_id else task.target_session_name
        addressed = replace(message, session_id=own)
        desk.ledger.add(desk.ledger.pushes, Push(task.assigned_server_id, addressed, durable=True))


_ANSWERS: Final[Mapping[type[cmd.Request], Callable[[Desk, Task, Any], Any]]] = {
    cmd.Start: _start,
    cmd.SubmitPlan: _submit_plan,
    cmd.ApprovePlan: _approve_plan,
    cmd.RevisePlan: _revise_plan,
    cmd.SubmitReview: _submit_review,
    cmd.ApproveReview: _approve_review,
    cmd.ReviseReview: _revise_review,
    cmd.Complete: _complete,
    cmd.Fail: _fail,
    cmd.Help: _help,
    cmd.Respond: _respond,
    cmd.Cancel: _cancel,
    cmd.Retry: _retry,
    cmd.Update: _update,
    cmd.Assign: _assign,
    cmd.AddDependency: add_dependency,
    cmd.RemoveDependency: remove_dependency,
    cmd.AddNote: _add_note,
}
