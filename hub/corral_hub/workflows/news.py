"""What the world is told of runs: whole values, so that whoever missed one is right again with the next. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from corral_hub.bus.facts import LetterEvent, LinesEvent, NodesEvent, NodeState, RunEvent
from corral_hub.workflows.live import Batch, Lines, Live, Place
from corral_hub.workflows.run import NodeRun
from corral_protocol.codec import Json
from corral_protocol.vocabulary import NodeStatus, RunStatus

MOST_NODES = 500
"""Nodes that one fact tells of: a run of thousands is read again instead."""
LONGEST = 500


def run_event(live: Live, at: datetime) -> RunEvent:
    run = live.run
    return RunEvent(
        project_id=live.project_id,
        workflow_id=live.workflow_id,
        version=live.version,
        run_id=live.id,
        number=live.number,
        status=run.status.value,
        trigger=run.trigger,
        started_by=live.started_by,
        parent_run_id=live.parent[0] if live.parent else None,
        failed=run.failed,
        created_at=live.created_at,
        finished_at=at if run.ended else None,
        at=at,
    )


def nodes_event(live: Live, keys: Iterable[str], servers: Mapping[Place, UUID], at: datetime) -> NodesEvent:
    """Tell how these nodes stand now."""
    changed = list(keys)
    states = tuple(_state(live, key, servers.get((live.id, key))) for key in changed[:MOST_NODES])
    return NodesEvent(
        project_id=live.project_id,
        run_id=live.id,
        number=live.number,
        nodes=states,
        complete=len(changed) <= MOST_NODES,
        at=at,
    )


def changed(batch: Batch, watched: Collection[object]) -> dict[UUID, list[str]]:
    """Return the nodes that a batch changed, by run."""
    found: dict[UUID, list[str]] = {}
    for run_id, key in batch.nodes if watched else ():
        if run_id in watched:
            found.setdefault(run_id, []).append(key)
    return found


def letter_events(batch: Batch, runs: Mapping[UUID, Live], at: datetime) -> Iterator[LetterEvent]:
    for run_id, bury in batch.buried:
        yield _letter(runs[run_id], "added" if runs[run_id].letter is None else "failed_again", bury.key, at)
    for run_id, end in batch.ended.items():
        if runs[run_id].letter is not None and end.status is RunStatus.COMPLETED:
            yield _letter(runs[run_id], "resolved", None, at)


def _letter(live: Live, event: str, key: str | None, at: datetime) -> LetterEvent:
    return LetterEvent(
        event=event,
        project_id=live.project_id,
        workflow_id=live.workflow_id,
        letter=live.letter,
        run_id=live.id,
        key=key,
        at=at,
    )


def lines_event(live: Live, said: Lines, at: datetime) -> LinesEvent:
    return LinesEvent(
        project_id=live.project_id,
        run_id=live.id,
        key=said.place[1],
        attempt=said.attempt,
        first=said.first,
        dropped=said.dropped,
        lines=said.lines,
        at=at,
    )


def _state(live: Live, key: str, server_id: UUID | None) -> NodeState:
    run: NodeRun = live.run.nodes[key]
    return NodeState(
        key=key,
        status=run.status.value,
        attempt=run.attempt,
        why=run.why.value if run.why else None,
        since=run.since,
        server_id=server_id,
        error=(run.error.kind.value, run.error.message[:LONGEST]) if run.error else None,
        waits_for=_kind(live.wishes.get(key)) if run.status is NodeStatus.WAITING else None,
    )


def _kind(wish: Json) -> str | None:
    kind = wish.get("type") if isinstance(wish, dict) else None
    return kind[:64] if isinstance(kind, str) else None
