"""The ledger's changes into rows: one statement, whatever the batch holds. No decisions."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import asyncpg

from corral_hub.bus.tables import activity_log
from corral_hub.db.blocks import Block, Row, combine, insert, update
from corral_hub.dispatch.tables import fleets
from corral_hub.servers.tables import outbox, spools
from corral_hub.sessions.tables import sessions
from corral_hub.tasks.ledger import Ledger, Logged
from corral_hub.tasks.model import TASK_COLUMNS
from corral_hub.tasks.rows import TASK_WRITERS, UNIT_WRITERS, dump, writer
from corral_hub.tasks.tables import (
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
NOBODY = UUID(int=0)
NEW_SESSIONS = insert(sessions, tuple(column.name for column in sessions.columns))
# Only what was never started: one that runs ends when its machine says so.
ORPHANS = Block(
    "orphaned_sessions",
    "update sessions t set status = 'failed', error = x.error, ended_at = x.at, updated_at = x.at"
    " from unnest({0}::uuid[], {1}::text[], {2}::timestamptz[]) x(id, error, at)"
    " where t.id = x.id and t.status = 'starting'",
    ("id", "error", "at"),
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
# One statement changes a row once: what is answered in the same batch must not be closed by another of its parts.
CLOSED_INTERVENTIONS = Block(
    "closed_interventions",
    "update interventions set status = 'cancelled'"
    " where task_id = any({0}::uuid[]) and status = 'pending' and id <> all({1}::uuid[])",
    ("task_id", "answered"),
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

WRITE_NEW_TASK = writer(NEW_TASKS.columns, TASK_WRITERS)
WRITE_MOVED_TASK = writer(MOVED_TASKS.columns, TASK_WRITERS)
WRITE_EDITED_TASK = writer(EDITED_TASKS.columns, TASK_WRITERS)
EDGE_NAMES = {"depends_on_task_id": "upstream", "dependency_type": "kind"}
WRITE_NEW_EDGE = writer(NEW_EDGES.columns, {"value": dump}, **EDGE_NAMES)
WRITE_CHANGED_EDGE = writer(CHANGED_EDGES.columns, {"value": dump})
WRITE_NEW_UNIT = writer(NEW_UNITS.columns, UNIT_WRITERS)
WRITE_CHANGED_UNIT = writer(CHANGED_UNITS.columns, UNIT_WRITERS)
WRITE_NEW_INTERVENTION = writer(NEW_INTERVENTIONS.columns, {}, intervention_type="kind")
WRITE_CHANGED_INTERVENTION = writer(CHANGED_INTERVENTIONS.columns, {})
WRITE_NOTE = writer(NOTES.columns, {})
WRITE_NEW_SESSION = writer(NEW_SESSIONS.columns, {"argv": lambda words: dump(list(words))})
WRITE_CHUNK = writer(OUTPUT.columns, {}, stream_offset="offset")


async def save(
    connection: asyncpg.Connection,
    ledger: Ledger,
    fleet_rows: Mapping[int, str],
    more: Iterable[tuple[Block, list[Row]]] = (),
) -> None:
    """Write everything that changed, and what guests changed. Raises UniqueViolationError when a hub was first."""
    filled = [(block, rows) for block, rows in (*_changes(ledger, fleet_rows), *more) if rows]
    if not filled:
        return
    arguments = [column for block, rows in filled for column in block.arguments(rows)]
    await connection.execute(combine([block for block, _ in filled]), *arguments)


def _changes(ledger: Ledger, fleet_rows: Mapping[int, str]) -> Iterable[tuple[Block, list[Row]]]:
    tasks, now = ledger.tasks, ledger.now
    moved = [tasks[id] for id in ledger.moved if id not in ledger.edited]
    durable = [push for push in ledger.pushes if push.durable]
    return (
        (FLEETS, [(id, text, now) for id, text in fleet_rows.items()]),
        (NEW_TASKS, [WRITE_NEW_TASK(tasks[id]) for id in ledger.created]),
        (MOVED_TASKS, [WRITE_MOVED_TASK(task) for task in moved]),
        (EDITED_TASKS, [WRITE_EDITED_TASK(tasks[id]) for id in ledger.edited]),
        (NEW_EDGES, [WRITE_NEW_EDGE(edge) for edge in ledger.new_edges.values()]),
        (CHANGED_EDGES, [WRITE_CHANGED_EDGE(edge) for edge in ledger.changed_edges.values()]),
        (GONE_EDGES, [(id,) for id in ledger.removed_edges]),
        (NEW_UNITS, [WRITE_NEW_UNIT(unit) for unit in ledger.new_units.values()]),
        (CHANGED_UNITS, [WRITE_CHANGED_UNIT(unit) for unit in ledger.changed_units.values()]),
        (NEW_INTERVENTIONS, [WRITE_NEW_INTERVENTION(item) for item in ledger.new_interventions.values()]),
        (CHANGED_INTERVENTIONS, [WRITE_CHANGED_INTERVENTION(item) for item in ledger.changed_interventions.values()]),
        (CLOSED_INTERVENTIONS, _closing(ledger)),
        (NEW_SESSIONS, [WRITE_NEW_SESSION(session) for session in ledger.new_sessions.values()]),
        (ORPHANS, [(id, why, now) for id, why in ledger.orphans.items()]),
        (NOTES, [WRITE_NOTE(note) for note in ledger.notes]),
        (OUTPUT, [WRITE_CHUNK(chunk) for chunk, _, _ in ledger.outputs]),
        (LOG, [_log_row(line, now) for line in ledger.log]),
        (SPOOLS, [(server_id, spool_id, seq) for (server_id, spool_id), seq in ledger.acked.items()]),
        (OUTBOX, [(push.server_id, dump(encode(push.message)), now) for push in durable]),
    )


def _closing(ledger: Ledger) -> list[Row]:
    """Return (task, NOBODY) for every task whose questions lapse, and (task, question) for those just answered."""
    answered = [item for item in ledger.changed_interventions.values() if item.task_id in ledger.closing]
    return [*((id, NOBODY) for id in ledger.closing), *((item.task_id, item.id) for item in answered)]


def _log_row(line: Logged, now: datetime) -> Row:
    project_id, task_id = (line.task.project_id, line.task.id) if line.task else (None, None)
    return line.event_type, project_id, task_id, line.server_id, line.actor, dump(line.details), now
