"""The brain: what follows from what has happened to a run. Pure, and never raises.

`decide(graph, run, facts, now)` gives the run as it is then, what is to be done, and which nodes that changed. One
function a fact, in a table.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from corral_hub.tasks import retry
from corral_hub.workflows import facts as f
from corral_hub.workflows.advance import complete, end_if_over, execute, fail, queue, settle, stop_all, take_stock
from corral_hub.workflows.commands import Command, Execute, Fulfil, Wake
from corral_hub.workflows.desk import Desk
from corral_hub.workflows.graph import Graph
from corral_hub.workflows.run import NodeRun, Run, Tally, Why
from corral_protocol.outcome import UnitError
from corral_protocol.run import Retry
from corral_protocol.vocabulary import ErrorClass, NodeStatus, RunStatus

MOST_LOSSES = 5
"""Machines that an attempt may lose in a row: what kills five of them will kill the sixth."""
MOST_ASKED = 3600.0
"""Seconds that a node waits because a server told it to (`Retry-After`)."""


class Decision(NamedTuple):
    """`touched`: the nodes that are other than before."""

    run: Run
    commands: tuple[Command, ...]
    touched: Collection[str]


def decide(graph: Graph, run: Run, facts: Iterable[f.Fact], now: datetime) -> Decision:
    """Return the run after the facts, in their order, and the commands that follow."""
    desk = Desk(graph, run, now)
    for fact in facts:
        if not desk.is_over:
            _DECISIONS[type(fact)](desk, fact)
            settle(desk)
            end_if_over(desk)
    return Decision(desk.result(), tuple(desk.commands), desk.touched)


def standing(graph: Graph, run: Run, now: datetime) -> tuple[Execute, ...]:
    """Return what is to be executed, or is being executed, again: for who has forgotten the commands."""
    desk = Desk(graph, run, now)
    for key in sorted(run.active):
        execute(desk, key)
    return tuple(command for command in desk.commands if isinstance(command, Execute))


def _begin(desk: Desk, fact: f.Begun) -> None:
    if desk.status is not RunStatus.PENDING:
        return
    graph = desk.graph
    if graph.cycle:  # nobody publishes such a thing; if it came here all the same, it must not hang
        desk.status = RunStatus.FAILED
        return
    desk.status, desk.trigger, desk.inputs, desk.pinned = RunStatus.RUNNING, fact.trigger, fact.inputs, fact.pinned
    desk.origin = fact.origin or desk.before.id
    waited = dict.fromkeys(graph.steps, 0)
    for followers in graph.waits.values():
        for id in followers:
            waited[id] += 1
    for id in graph.steps:
        incoming = graph.incoming[id]
        gates = sum(edge.is_gate for edge in incoming)
        desk.tallies[id] = Tally(edges=len(incoming), open=len(incoming), waits=waited[id], gates=gates)
        desk.put(id, NodeRun(since=desk.now))
    desk.left = len(graph.steps)
    for id in graph.roots:
        _begin_root(desk, id, fact)


def _begin_root(desk: Desk, id: str, fact: f.Begun) -> None:
    if id == fact.trigger:
        complete(desk, id, fact.payload, None, NodeStatus.COMPLETED)
    elif id in fact.idle:
        take_stock(desk, id, Why.NOT_TRIGGERED)
    else:
        take_stock(desk, id, None)


def _start(desk: Desk, fact: f.Started) -> None:
    run = desk.current(fact.key, fact.attempt)
    if run is not None and run.status is NodeStatus.SCHEDULED:
        desk.set(fact.key, NodeStatus.RUNNING)


def _complete(desk: Desk, fact: f.Completed) -> None:
    if _is_at_work(desk, fact.key, fact.attempt):
        status = NodeStatus.CACHED if fact.cached else NodeStatus.COMPLETED
        complete(desk, fact.key, fact.output, fact.handles, status)


def _fail(desk: Desk, fact: f.Failed) -> None:
    if not _is_at_work(desk, fact.key, fact.attempt):
        return
    policy = desk.node(fact.key).retry or Retry()
    after = retry.decide(policy, fact.attempt, fact.error.kind, desk.now)
    if isinstance(after, retry.GiveUp):
        fail(desk, fact.key, fact.error)
        return
    spread = (after.at - desk.now) * (0.9 + 0.2 * fact.chance)
    at = desk.now + max(spread, timedelta(seconds=_asked_pause(fact)))
    desk.active.discard(fact.key)
    desk.set(fact.key, NodeStatus.SCHEDULED, Why.RETRY_BACKOFF, attempt=fact.attempt + 1, error=fact.error, due=at)
    desk.commands.append(Wake(key=fact.key, attempt=fact.attempt + 1, at=at))


def _asked_pause(fact: f.Failed) -> float:
    """Who was asked to wait does, also longer than its own policy says, but not for as long as anybody pleases."""
    asked = fact.error.retry_after or 0.0
    return min(asked, MOST_ASKED) * (1.0 + 0.1 * fact.chance) if asked > 0 else 0.0


def _suspend(desk: Desk, fact: f.Suspended) -> None:
    if _is_at_work(desk, fact.key, fact.attempt):
        desk.active.discard(fact.key)  # who waits takes no slot
        desk.set(fact.key, NodeStatus.WAITING)
        desk.commands.append(Fulfil(key=fact.key, attempt=fact.attempt, wish=fact.wish))


def _lose(desk: Desk, fact: f.Lost) -> None:
    run = desk.current(fact.key, fact.attempt)
    if run is None or fact.key not in desk.active:
        return
    if run.losses >= MOST_LOSSES:
        what = f"{run.losses + 1} machines were lost while they ran it"
        fail(desk, fact.key, UnitError(kind=ErrorClass.LOST_HOST, message=what))
        return
    desk.active.discard(fact.key)
    desk.set(fact.key, NodeStatus.SCHEDULED, Why.HOST_LOST, attempt=fact.attempt + 1, losses=run.losses + 1)
    queue(desk, fact.key)


def _wake(desk: Desk, fact: f.Due) -> None:
    run = desk.current(fact.key, fact.attempt)
    if run is not None and run.why is Why.RETRY_BACKOFF:
        desk.set(fact.key, NodeStatus.SCHEDULED, None, due=None)
        queue(desk, fact.key)


def _pause(desk: Desk, _: f.Paused) -> None:
    if desk.status is RunStatus.RUNNING:
        desk.status = RunStatus.PAUSED


def _continue(desk: Desk, _: f.Continued) -> None:
    if desk.status is RunStatus.PAUSED:
        desk.status = RunStatus.RUNNING


def _cancel(desk: Desk, _: f.Cancelled) -> None:
    stop_all(desk, Why.RUN_CANCELLED)
    desk.status = RunStatus.CANCELLED


def _is_at_work(desk: Desk, key: str, attempt: int) -> bool:
    """Whether this attempt is on a machine, or waits for its wish."""
    run = desk.current(key, attempt)
    return run is not None and (key in desk.active or run.status is NodeStatus.WAITING)


_DECISIONS: Final[Mapping[type[f.Fact], Callable[[Desk, Any], None]]] = {
    f.Begun: _begin,
    f.Started: _start,
    f.Completed: _complete,
    f.Failed: _fail,
    f.Suspended: _suspend,
    f.Lost: _lose,
    f.Due: _wake,
    f.Paused: _pause,
    f.Continued: _continue,
    f.Cancelled: _cancel,
}
