"""The ledger's changes into rows: one statement, whatever the batch holds. No decisions."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import asyncpg

from corral_hub.db.blocks import Block, Row, combine, insert, update
from corral_hub.dispatch.tables import fleets
from corral_hub.servers.tables import outbox, spools
from corral_hub.tasks.ledger import Ledger, Logged
from corral_hub.tasks.model import Task
from corral_hub.tasks.rows import (
    TASK_COLUMNS,
    TASK_WRITERS,
    dump,
    write_chunk,
    write_edge,
    write_intervention,
    write_note,
    write_spool,
    write_unit,
)
from corral_hub.tasks.tables import (
    activity_log,
    assignments,
    interventions,
    task_dependencies,
    task_notes,
    task_output,
    tasks,
)
from corral_protocol.codec import encode

# What changes as a task moves; the rest is words, written only when somebody edits them.
MOVING = (
    "status", "reason", "waiting_on", "not_before", "attempt", "epoch", "bad_completions", "assigned_server_id", "plan",
    "plan_mode", "plan_feedback", "feedback", "result", "error", "git_diff_stats", "updated_at", "assigned_at",
    "started_at", "completed_at",
)  # fmt: skip
WORDS = tuple(
    name for name in TASK_COLUMNS if name not in ("id", "project_id", "created_at", "created_by", "client_key")
)
UNIT_CHANGES = ("state", "pid", "started_at", "ended_at", "outcome")

FLEETS = insert(fleets, ("id", "members", "created_at"), on_conflict="on conflict (id) do nothing")
NEW_TASKS = insert(tasks, TASK_COLUMNS)
MOVED_TASKS = update(tasks, ("id",), MOVING, "moved_tasks")
EDITED_TASKS = update(tasks, ("id",), WORDS, "edited_tasks")
NEW_EDGES = insert(
    task_dependencies,
    ("id", "task_id", "depends_on_task_id", "dependency_type", "contract_key", "resolved", "value"),
)
CHANGED_EDGES = update(task_dependencies, ("id",), ("resolved", "value"), "changed_edges")
GONE_EDGES = Block("gone_edges", "delete from task_dependencies where id = any({0}::uuid[])", ("id",))
NEW_UNITS = insert(assignments, tuple(column.name for column in assignments.columns))
CHANGED_UNITS = update(assignments, ("task_id", "epoch"), UNIT_CHANGES, "changed_units")
NEW_INTERVENTIONS = insert(interventions, tuple(column.name for column in interventions.columns))
CHANGED_INTERVENTIONS = update(
    interventions, ("id",), ("status", "response", "responded_by", "responded_at"), "changed_interventions"
)
CLOSED_INTERVENTIONS = Block(
    "closed_interventions",
    "update interventions set status = 'cancelled' where task_id = any({0}::uuid[]) and status = 'pending'",
    ("task_id",),
)
NOTES = insert(task_notes, ("task_id", "author", "content", "urgent", "created_at"))
OUTPUT = insert(task_output, ("task_id", "epoch", "attempt", "stream", "stream_offset", "content", "created_at"))
LOG = insert(activity_log, ("event_type", "project_id", "task_id", "server_id", "actor", "details", "created_at"))
SPOOLS = insert(
    spools,
    ("server_id", "spool_id", "acked_seq"),
    on_conflict="""on conflict (server_id, spool_id)
        do update set acked_seq = greatest(spools.acked_seq, excluded.acked_seq)""",
)
OUTBOX = insert(outbox, ("server_id", "message", "created_at"))


async def save(connection: asyncpg.Connection, ledger: Ledger, fleet_rows: Mapping[int, str]) -> None:
    """Write everything that changed. Raises asyncpg.UniqueViolationError when another hub was first."""
    filled = [(block, rows) for block, rows in _changes(ledger, fleet_rows) if rows]
    if not filled:
        return
    arguments = [column for block, rows in filled for column in block.arguments(rows)]
    await connection.execute(combine([block for block, _ in filled]), *arguments)


def _changes(ledger: Ledger, fleet_rows: Mapping[int, str]) -> Iterable[tuple[Block, list[Row]]]:
    moved = [ledger.tasks[id] for id in ledger.moved if id not in ledger.edited]
    return (
        (FLEETS, [{"id": id, "members": text, "created_at": ledger.now} for id, text in fleet_rows.items()]),
        (NEW_TASKS, [write_task(ledger.tasks[id], TASK_COLUMNS) for id in ledger.created]),
        (MOVED_TASKS, [write_task(task, ("id", *MOVING)) for task in moved]),
        (EDITED_TASKS, [write_task(ledger.tasks[id], ("id", *WORDS)) for id in ledger.edited]),
        (NEW_EDGES, [write_edge(edge) for edge in ledger.new_edges.values()]),
        (CHANGED_EDGES, [write_edge(edge) for edge in ledger.changed_edges.values()]),
        (GONE_EDGES, [{"id": id} for id in ledger.removed_edges]),
        (NEW_UNITS, [write_unit(unit) for unit in ledger.new_units.values()]),
        (CHANGED_UNITS, [write_unit(unit) for unit in ledger.changed_units.values()]),
        (NEW_INTERVENTIONS, [write_intervention(item) for item in ledger.new_interventions.values()]),
        (CHANGED_INTERVENTIONS, [write_intervention(item) for item in ledger.changed_interventions.values()]),
        (CLOSED_INTERVENTIONS, [{"task_id": id} for id in ledger.closing]),
        (NOTES, [write_note(note) for note in ledger.notes]),
        (OUTPUT, [write_chunk(chunk) for chunk, _, _ in ledger.outputs]),
        (LOG, [_log_row(line, ledger.now) for line in ledger.log]),
        (SPOOLS, [write_spool(key, seq) for key, seq in ledger.acked.items()]),
        (OUTBOX, [
            {"server_id": push.server_id, "message": dump(encode(push.message)), "created_at": ledger.now}
            for push in ledger.pushes if push.durable
        ]),
    )  # fmt: skip


def write_task(task: Task, columns: Iterable[str]) -> Row:
    """Return the row of a task; jsonb columns as JSON text."""
    return {
        name: TASK_WRITERS[name](getattr(task, name)) if name in TASK_WRITERS else getattr(task, name)
        for name in columns
    }


def _log_row(line: Logged, now: datetime) -> dict[str, Any]:
    return {
        "event_type": line.event_type,
        "project_id": line.task.project_id if line.task else None,
        "task_id": line.task.id if line.task else None,
        "server_id": line.server_id,
        "actor": line.actor,
        "details": dump(line.details),
        "created_at": now,
    }
