"""One command, decided: a table from command to decision. Pure; the reactor loads before and saves after."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from corral_hub.dispatch.queue import ReadyQueue
from corral_hub.errors import Conflict
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.linking import link
from corral_hub.tasks.model import Task
from corral_hub.tasks.moves import Desk, hand_out, settle, wanted
from corral_hub.tasks.reports import lose_server, reconcile, record
from corral_hub.tasks.requests import answer

MAX_PLACEMENTS = 500
"""Hand-outs in one commit: beyond it the batch's latency grows faster than its throughput."""


def decide(desk: Desk, command: cmd.Command) -> Any:
    """Return the answer to one command. Raises Refused; the caller rewinds the ledger then."""
    for kind in type(command).__mro__:
        if kind in _DECISIONS:
            return _DECISIONS[kind](desk, command)
    raise TypeError(f"no decision for {type(command).__name__}")


def _create(desk: Desk, command: cmd.Create) -> tuple[Task, bool]:
    task = command.task
    known = desk.ledger.known_keys.get((task.project_id, task.client_key)) if task.client_key else None
    if known is not None:
        return _known(desk.ledger.tasks[known], task), False
    desk.ledger.create(task)
    for draft in command.edges:
        task, _ = link(desk, task, draft, command.principal)
    desk.ledger.say("task_created", task.created_by, task, status=task.status.value, title=task.title[:200])
    return desk.ledger.tasks[task.id], True


def _known(known: Task, task: Task) -> Task:
    if known.request_hash != task.request_hash:
        raise Conflict(
            "client_key_reused",
            f"client_key {task.client_key!r} made task {str(known.id)[:8]} from another request",
            "use a new client_key, or send the same request",
            task_id=str(known.id),
        )
    return known


def _open_spool(desk: Desk, command: cmd.OpenSpool) -> int:
    return desk.ledger.spools.get((command.server_id, command.spool_id), 0)


def _look(desk: Desk, command: cmd.Look) -> None:
    """Dispatch runs at the end of every batch; asking for it is all this does."""


_DECISIONS: Final[Mapping[type, Callable[[Desk, Any], Any]]] = {
    cmd.Create: _create,
    cmd.Request: answer,
    cmd.Report: record,
    cmd.OpenSpool: _open_spool,
    cmd.Reconcile: reconcile,
    cmd.LoseServer: lose_server,
    cmd.Look: _look,
}


def settle_all(desk: Desk, loaded: set[Any]) -> set[Any]:
    """Settle every ended task whose dependents are loaded; return the ids whose dependents must be loaded first."""
    while ready := [id for id in desk.ledger.ended if id in loaded or id in desk.ledger.created]:
        for id in ready:
            settle(desk, desk.ledger.tasks[id])
    return set(desk.ledger.ended)


def enqueue(queue: ReadyQueue, task: Task, now: datetime) -> None:
    """Put the task on the ready queue, keep it back until its time, or take it off."""
    if not task.is_ready():
        queue.discard(task.id)
    elif task.not_before is not None and task.not_before > now:
        queue.put_later(task.not_before, task.id, wanted(task), task.priority, task.created_at)
    else:
        queue.put(task.id, wanted(task), task.priority, task.created_at)


def place(desk: Desk, picks: list[tuple[Any, Any]]) -> None:
    """Hand out what was picked, unless the row says that it is no longer ready."""
    for id, placement in picks:
        task = desk.ledger.tasks.get(id)
        if task is not None and task.is_ready():
            hand_out(desk, task, placement.server.id, placement, None)
