"""What daemons report, and what the loss of one means: one short function a message, and a table. Pure.

A report counts only while its unit is live; afterwards it frees the slot, at most. What it would have changed is
refused with 409 and logged: a paused daemon that wakes up finds its work given away.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from corral_hub.errors import Conflict, Unprocessable
from corral_hub.tasks import commands as cmd
from corral_hub.tasks import events as ev
from corral_hub.tasks.ledger import Handout, Push, end_unit
from corral_hub.tasks.model import OutputChunk, Task, Unit, UnitState, Why
from corral_hub.tasks.moves import Desk, complete, fail, lose, move, resume
from corral_hub.tasks.state import LEGAL
from corral_protocol import to_hub
from corral_protocol.codec import encode
from corral_protocol.nodes import NodeFinished, NodeLog
from corral_protocol.to_daemon import TaskCancel
from corral_protocol.vocabulary import ErrorClass, Phase, Reason, TaskStatus

LOSSES = frozenset({ErrorClass.DAEMON_RESTARTED, ErrorClass.LEASE_EXPIRED, ErrorClass.LOST_HOST})
"""Failures of the host, not of the work: the lost-host policy decides, not the retry policy."""

LONGEST_CHUNK = 1 << 20
PIDS = range(1, 2**31)
"""What can be a process. It is shown to people; another number is no reason to refuse the start."""

PATIENCE = {"no_slot": 2.0, "draining": 2.0}
"""Seconds before work that a daemon declined is offered again; other reasons wait longer."""


def record(desk: Desk, report: cmd.Report) -> None:
    """Apply a durable message once; a sequence number seen before is passed over. Raises Refused if it is stale."""
    key = (report.server_id, report.spool_id)
    message = report.message
    if message.seq <= desk.ledger.spools.get(key, 0):
        return
    desk.ledger.set(desk.ledger.spools, key, message.seq)
    desk.ledger.set(desk.ledger.acked, key, message.seq)
    mark = desk.ledger.mark()
    try:
        _apply(desk, report)
    except (Conflict, Unprocessable) as refusal:
        desk.ledger.rewind(mark)
        _log_refusal(desk, report, refusal)
        raise


def _apply(desk: Desk, report: cmd.Report) -> None:
    message = report.message
    if (take := desk.reports.get(type(message))) is not None:
        take(report, desk.ledger.now)
        return
    key = unit_key(message)
    unit = desk.ledger.units.get(key) if key else None
    if unit is None or unit.server_id != report.server_id:
        raise Conflict("unknown_unit", "this server was never given that work", "stop it")
    _REPORTS[type(message)](desk, desk.ledger.tasks[unit.task_id], unit, message)


def unit_key(message: to_hub.Durable) -> tuple[UUID, int] | None:
    """Return (task id, epoch), or None where the id is no id or it is not about a unit."""
    if isinstance(message, NodeFinished | NodeLog):
        return None
    try:
        return UUID(message.task_id), message.epoch
    except ValueError:
        return None


def _log_refusal(desk: Desk, report: cmd.Report, refusal: Conflict | Unprocessable) -> None:
    key = unit_key(report.message)
    task = desk.ledger.tasks.get(key[0]) if key else None
    desk.ledger.say(
        "stale_write_refused", f"server:{report.server_id}", task, report.server_id,
        message=report.message.TYPE, attempt=report.message.attempt, code=refusal.code, http_status=refusal.status,
    )  # fmt: skip


def _started(desk: Desk, task: Task, unit: Unit, message: to_hub.TaskStarted) -> None:
    _check_live(task, unit)
    pid = message.pid if message.pid in PIDS else None
    desk.ledger.put_unit(replace(unit, state=UnitState.STARTED, started_at=desk.ledger.now, pid=pid))
    if task.status is TaskStatus.ASSIGNED:
        move(desk, task, ev.Started(), _who(unit), pid=pid)


def _output(desk: Desk, task: Task, unit: Unit, message: to_hub.TaskOutput) -> None:
    if unit.state in (UnitState.LOST, UnitState.DECLINED):
        _check_live(task, unit)
    try:
        content = base64.b64decode(message.data, validate=True)
    except ValueError as error:
        raise Unprocessable("bad_output", f"output is not base64: {error}", "upgrade the daemon") from error
    if len(content) > LONGEST_CHUNK:
        raise Unprocessable("bad_output", f"a chunk is longer than {LONGEST_CHUNK} bytes", "send it in parts")
    chunk = OutputChunk(
        task_id=task.id, epoch=unit.epoch, attempt=unit.attempt, stream=message.stream.value, offset=message.offset,
        content=content, created_at=desk.ledger.now,
    )  # fmt: skip
    desk.ledger.add(desk.ledger.outputs, (chunk, task, unit.server_id))


def _planned(desk: Desk, task: Task, unit: Unit, message: to_hub.TaskPlan) -> None:
    _check_live(task, unit)
    if unit.phase is not Phase.PLAN:
        raise Conflict("not_planning", f"epoch {unit.epoch} is to do the work, not to plan it", "send task_finished")
    desk.ledger.put_unit(end_unit(unit, UnitState.ENDED, desk.ledger.now))
    if task.status is TaskStatus.PLANNING:
        move(desk, task, ev.PlanSubmitted(plan=message.plan), _who(unit))


def _finished(desk: Desk, task: Task, unit: Unit, message: to_hub.TaskFinished) -> None:
    outcome = message.outcome
    was_live = unit.live
    if unit.ended_at is not None:
        _check_live(task, unit)
    ended = end_unit(unit, UnitState.ENDED, desk.ledger.now, encode(outcome))
    desk.ledger.put_unit(ended)
    if not was_live or task.epoch != unit.epoch:
        return  # told to stop, and it has: the slot is free, the task goes its own way
    if outcome.error is not None and outcome.error.kind in LOSSES:
        if task.status in LEGAL[ev.HostLost]:
            _lost(desk, task, unit, outcome.error.message)
        return
    if task.status is TaskStatus.ASSIGNED:
        task = move(desk, task, ev.Started(), _who(unit))
    if task.status not in (TaskStatus.RUNNING, TaskStatus.PLANNING):
        return  # the agent spoke for itself before its process ended
    if outcome.error is not None:
        fail(desk, task, outcome.error.kind, outcome.error.message, _who(unit))
    elif task.status is TaskStatus.PLANNING:
        fail(desk, task, ErrorClass.AGENT_FAILED, "the plan phase ended without a plan", _who(unit))
    else:
        _completed(desk, task, unit, outcome.result)


def _completed(desk: Desk, task: Task, unit: Unit, result: Any) -> None:
    task, problems = complete(desk, task, result, _who(unit))
    if problems and task.status is TaskStatus.RUNNING:
        resume(desk, task)  # once more, with the problems as feedback


def _lost(desk: Desk, task: Task, unit: Unit, detail: str) -> None:
    # The unit has ended in the ledger already; `lose` ends it as lost, which frees no second slot.
    lose(desk, task, unit, detail)


def _declined(desk: Desk, task: Task, unit: Unit, message: to_hub.TaskDeclined) -> None:
    _check_open(task, unit)
    desk.ledger.put_unit(
        end_unit(unit, UnitState.DECLINED, desk.ledger.now, {"code": message.code, "detail": message.detail})
    )
    if not unit.live or task.epoch != unit.epoch or task.status not in LEGAL[ev.Requeued]:
        return
    why = Why(code=Reason.HOST_DECLINED, detail=f"{message.code}: {message.detail}"[:1000], since=desk.ledger.now)
    at = desk.ledger.now + timedelta(seconds=PATIENCE.get(message.code, 30.0))
    move(desk, task, ev.Requeued(why=why, at=at), _who(unit), code=message.code)


def _check_live(task: Task, unit: Unit) -> None:
    if not unit.live or unit.epoch != task.epoch:
        raise Conflict(
            "stale_epoch",
            f"epoch {unit.epoch} of task {str(task.id)[:8]} is {unit.state.value}; the newest is {task.epoch}",
            "stop it: the work was given away",
            epoch=task.epoch,
        )


def _check_open(task: Task, unit: Unit) -> None:
    if unit.ended_at is not None:
        _check_live(task, unit)


def _who(unit: Unit) -> str:
    return f"daemon:{unit.server_id}"


_REPORTS: Final[Mapping[type[to_hub.Durable], Callable[[Desk, Task, Unit, Any], None]]] = {
    to_hub.TaskStarted: _started,
    to_hub.TaskOutput: _output,
    to_hub.TaskPlan: _planned,
    to_hub.TaskFinished: _finished,
    to_hub.TaskDeclined: _declined,
}


# -- reconciling and losing a host --------------------------------------------


def reconcile(desk: Desk, command: cmd.Reconcile) -> None:
    """Compare what a daemon holds with what it should hold, and repair the difference."""
    held = {(unit.task_id, unit.epoch) for unit in command.units}
    ours = [
        unit
        for unit in desk.ledger.units.values()
        if unit.server_id == command.server_id and unit.managed and unit.ended_at is None
    ]
    for unit in ours:
        if (str(unit.task_id), unit.epoch) not in held:
            _missing(desk, desk.ledger.tasks[unit.task_id], unit)
    known = {(str(unit.task_id), unit.epoch): unit for unit in ours}
    for task_id, epoch in sorted(held):
        unit = known.get((task_id, epoch))
        if unit is None or not unit.live:
            stop = TaskCancel(task_id=task_id, epoch=epoch, reason="no longer yours")
            desk.ledger.add(desk.ledger.pushes, Push(command.server_id, stop))


def _missing(desk: Desk, task: Task, unit: Unit) -> None:
    match unit.state:
        case UnitState.OFFERED:
            desk.ledger.add(desk.ledger.handouts, Handout(task, unit))  # never arrived: offered again, same epoch
        case UnitState.STARTED:
            lose(desk, task, unit, "the daemon no longer has this work")
        case _:
            desk.ledger.put_unit(end_unit(unit, UnitState.ENDED, desk.ledger.now))


def lose_server(desk: Desk, command: cmd.LoseServer) -> None:
    """Take every open unit away from a host that is gone."""
    for unit in list(desk.ledger.units.values()):
        if unit.server_id == command.server_id and unit.ended_at is None:
            lose(desk, desk.ledger.tasks[unit.task_id], unit, command.detail)
