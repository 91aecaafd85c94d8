"""Deployments as rows, and rows as deployments again. No decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import structlog

from corral_hub.bus.tables import activity_log
from corral_hub.db.blocks import Block, Row, insert, update
from corral_hub.triggers.arming import Unarmed, read_settings
from corral_hub.triggers.model import Deployment, Trigger, TriggerKind, Waiting, WhenBusy
from corral_hub.triggers.tables import deployment_triggers, deployments, waiting_runs
from corral_hub.workflows.runs import graph_of
from corral_protocol.codec import Json

log = structlog.get_logger()

_DEPLOYMENT = (
    "id", "workflow_id", "version", "concurrency", "when_busy", "deployed_by", "deployed_at", "changed_at",
)  # fmt: skip
_TRIGGER = ("deployment_id", "node_id", "kind", "path", "seen", "fires", "fired_at")

PUT = insert(
    deployments, _DEPLOYMENT, on_conflict="on conflict (id) do update set version = excluded.version,"
    " concurrency = excluded.concurrency, when_busy = excluded.when_busy, deployed_by = excluded.deployed_by,"
    " changed_at = excluded.changed_at",
)  # fmt: skip
GONE = Block("gone_deployments", "delete from deployments where id = any({0}::uuid[])", ("id",))
PUT_TRIGGERS = insert(
    deployment_triggers, _TRIGGER, on_conflict="on conflict (deployment_id, node_id) do update set"
    " kind = excluded.kind, path = excluded.path, seen = excluded.seen, fires = excluded.fires,"
    " fired_at = excluded.fired_at",
)  # fmt: skip
GONE_TRIGGERS = Block(
    "gone_triggers",
    "delete from deployment_triggers t using unnest({0}::uuid[], {1}::text[]) x(deployment_id, node_id)"
    " where t.deployment_id = x.deployment_id and t.node_id = x.node_id",
    ("deployment_id", "node_id"),
)
FIRED = update(deployment_triggers, ("deployment_id", "node_id"), ("seen", "fires", "fired_at"), "fired_triggers")
WAIT = insert(waiting_runs, ("run_id", "deployment_id", "node_id", "payload", "at"))
WAITED = Block("waited", "delete from waiting_runs where run_id = any({0}::uuid[])", ("run_id",))
LOG = insert(activity_log, ("event_type", "project_id", "actor", "details", "created_at"), name="trigger_log")

ALL = """
    select d.*, w.name as workflow, w.project_id, v.definition from deployments d
    join workflows w on w.id = d.workflow_id and w.removed_at is null
    join workflow_versions v on v.workflow_id = d.workflow_id and v.number = d.version"""
TRIGGERS = "select * from deployment_triggers order by node_id"
WAITING = """
    select q.*, d.workflow_id from waiting_runs q join deployments d on d.id = q.deployment_id order by q.number"""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the activity log."""

    event_type: str
    project_id: UUID
    actor: str
    details: Mapping[str, Json]


@dataclass(slots=True)
class Changes:
    """What was changed since the last commit. `fired`: (workflow, node) whose clock or counter moved."""

    put: dict[int, tuple[Deployment, tuple[str, ...]]] = field(
        default_factory=dict[int, tuple[Deployment, tuple[str, ...]]]
    )
    gone: list[UUID] = field(default_factory=list[UUID])
    fired: dict[tuple[int, str], None] = field(default_factory=dict[tuple[int, str], None])
    waiting: dict[UUID, tuple[UUID, Waiting]] = field(default_factory=dict[UUID, tuple[UUID, Waiting]])
    waited: list[UUID] = field(default_factory=list[UUID])
    lines: list[Line] = field(default_factory=list[Line])


def blocks(changes: Changes, armed: Mapping[int, Deployment], now: datetime) -> list[tuple[Block, list[Row]]]:
    put = [found for found, _ in changes.put.values()]
    removed = [(found.id, node_id) for found, gone in changes.put.values() for node_id in gone]
    swapped = [_trigger(found.id, trigger) for found in put for trigger in found.triggers.values()]
    moved = [
        (armed[id], armed[id].triggers[node_id])
        for id, node_id in changes.fired
        if id in armed and id not in changes.put and node_id in armed[id].triggers
    ]
    fired: list[Row] = [(found.id, t.node_id, t.seen, t.fires, t.fired_at) for found, t in moved]
    lines: list[Row] = [
        (line.event_type, line.project_id, line.actor, orjson.dumps(line.details).decode(), now)
        for line in changes.lines
    ]
    waiting: list[Row] = [
        (w.run_id, id, w.node_id, orjson.dumps(w.payload).decode(), w.at) for id, w in changes.waiting.values()
    ]
    every: list[tuple[Block, list[Row]]] = [
        (PUT, [_deployment(found) for found in put]),
        (GONE, [(id,) for id in changes.gone]),
        (PUT_TRIGGERS, swapped),
        (GONE_TRIGGERS, list(removed)),
        (FIRED, fired),
        (WAIT, waiting),
        (WAITED, [(id,) for id in changes.waited]),
        (LOG, lines),
    ]
    return [(block, rows) for block, rows in every if rows]


def _deployment(found: Deployment) -> Row:
    return (
        found.id, found.workflow_id, found.version, found.concurrency, found.when_busy.value, found.deployed_by,
        found.deployed_at, found.changed_at,
    )  # fmt: skip


def _trigger(id: UUID, trigger: Trigger) -> Row:
    return id, trigger.node_id, trigger.kind.value, trigger.path, trigger.seen, trigger.fires, trigger.fired_at


async def read_all(connection: asyncpg.Connection) -> tuple[list[Deployment], list[Waiting]]:
    """Return everything that is deployed, and what waits, in order."""
    triggers: dict[UUID, list[Any]] = {}
    for row in await connection.fetch(TRIGGERS):
        triggers.setdefault(row["deployment_id"], []).append(row)
    found = [_read(row, triggers.get(row["id"], ())) for row in await connection.fetch(ALL)]
    waiting = [
        Waiting(
            run_id=row["run_id"], workflow_id=row["workflow_id"], node_id=row["node_id"],
            payload=orjson.loads(row["payload"]), at=row["at"],
        )
        for row in await connection.fetch(WAITING)
    ]  # fmt: skip
    return found, waiting


def _read(row: Any, triggers: Iterable[Any]) -> Deployment:
    nodes = graph_of(row["definition"]).nodes
    read = (_read_trigger(found, nodes[found["node_id"]].parameters, row["changed_at"]) for found in triggers)
    return Deployment(
        id=row["id"],
        workflow_id=row["workflow_id"],
        workflow=row["workflow"],
        version=row["version"],
        project_id=row["project_id"],
        definition=row["definition"],
        triggers={trigger.node_id: trigger for trigger in read if trigger is not None},
        concurrency=row["concurrency"],
        when_busy=WhenBusy(row["when_busy"]),
        deployed_by=row["deployed_by"],
        deployed_at=row["deployed_at"],
        changed_at=row["changed_at"],
    )


def _read_trigger(row: Any, parameters: Mapping[str, Json], armed_at: datetime) -> Trigger | None:
    """A time zone may be gone since it was armed: the others must not go with it."""
    kind = TriggerKind(row["kind"])
    try:
        settings = read_settings(kind, parameters, armed_at)
    except Unarmed as error:
        log.error("trigger_not_armed", node=row["node_id"], problem=str(error))
        return None
    return Trigger(
        node_id=row["node_id"],
        kind=kind,
        settings=settings,
        seen=row["seen"],
        fires=row["fires"],
        fired_at=row["fired_at"],
    )
