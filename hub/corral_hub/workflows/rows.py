"""A batch's changes as rows, and rows as live runs again. No decisions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from corral_hub.db.blocks import Block, Row, insert
from corral_hub.workflows import commands as c
from corral_hub.workflows import facts as f
from corral_hub.workflows.graph import Graph
from corral_hub.workflows.live import Batch, Lines, Live, Place
from corral_hub.workflows.model import Cache
from corral_hub.workflows.reading import read_definition
from corral_hub.workflows.run import Run, split_key
from corral_hub.workflows.tables import dead_letters, node_cache, node_logs, node_runs, run_history, workflow_runs
from corral_protocol.codec import Json, decode_tagged, encode
from corral_protocol.vocabulary import NodeStatus, RunStatus

_RUN = (
    "id", "workflow_id", "version", "project_id", "status", "trigger", "started_by", "output", "failed",
    "parent_run_id", "parent_key", "letter", "draft_id", "created_at", "ended_at",
)  # fmt: skip
_NODE = ("run_id", "key", "status", "attempt", "server_id", "why", "parameters", "error", "begun_at", "since")
_LETTER = (
    "run_id", "workflow_id", "project_id", "key", "node_type", "attempt", "error", "parameters", "inputs", "created_at",
    "last_error_at",
)  # fmt: skip


def _on_conflict(keys: Sequence[str], columns: Sequence[str], kept: Sequence[str] = ()) -> str:
    """`kept`: columns that stay as they are where nothing new is given."""
    changes = ", ".join(
        f"{name} = coalesce(excluded.{name}, t.{name})" if name in kept else f"{name} = excluded.{name}"
        for name in columns
        if name not in keys
    )
    return f"on conflict ({', '.join(keys)}) do update set {changes}"


RUNS = insert(
    workflow_runs, _RUN, on_conflict="on conflict (id) do update set status = excluded.status,"
    " output = excluded.output, failed = excluded.failed, ended_at = excluded.ended_at",
)  # fmt: skip
HISTORY = insert(run_history, ("run_id", "number", "at", "type", "key", "fact"))
_KEPT = ("server_id", "parameters", "begun_at")
NODES = insert(node_runs, _NODE, on_conflict=_on_conflict(("run_id", "key"), _NODE, _KEPT).replace("t.", "node_runs."))
LETTERS = insert(dead_letters, _LETTER)
FAILED_AGAIN = Block(
    "failed_again",
    "update dead_letters t set error = x.error::jsonb, last_error_at = x.at, replays = t.replays + 1,"
    " replay_run_id = null from unnest({0}::bigint[], {1}::text[], {2}::timestamptz[]) x(id, error, at)"
    " where t.id = x.id",
    ("id", "error", "last_error_at"),
)
REPLAYED = Block("replayed", "delete from dead_letters where id = any({0}::bigint[])", ("id",))
CACHED = insert(
    node_cache, ("workflow_id", "node_id", "key", "result", "stored_at", "expires_at"),
    on_conflict="on conflict (workflow_id, node_id, key) do update"
    " set result = excluded.result, stored_at = excluded.stored_at, expires_at = excluded.expires_at",
)  # fmt: skip
LINES = insert(node_logs, ("run_id", "key", "attempt", "first", "dropped", "lines", "size", "at"))
MOST_TEXT = 2_000_000
"""Characters of one attempt that are kept: the newest."""
A_LINE = 64
"""What a line weighs besides its characters."""
TRIM_EVERY = 1_000
"""Lines of an attempt after which it is looked at how much there is of it."""
TRIMMED = Block(
    "trimmed",
    """delete from node_logs t using (
        select o.run_id, o.id, x.most,
            sum(o.size) over (partition by o.run_id, o.key, o.attempt order by o.id desc) as newer
        from node_logs o join unnest({0}::uuid[], {1}::text[], {2}::int[], {3}::bigint[]) x(run_id, key, attempt, most)
        on o.run_id = x.run_id and o.key = x.key and o.attempt = x.attempt) old
    where t.run_id = old.run_id and t.id = old.id and old.newer > old.most""",
    ("run_id", "key", "attempt", "most"),
)

LIVE = """
    select r.*, coalesce(v.definition, d.definition) as definition from workflow_runs r
    left join workflow_versions v on v.workflow_id = r.workflow_id and v.number = r.version
    left join tried_drafts d on d.id = r.draft_id
    where r.status in ('pending', 'running', 'paused') order by r.created_at"""
HISTORIES = "select run_id, at, fact from run_history where run_id = any($1::uuid[]) order by run_id, number"
PLACED = """
    select run_id, key, server_id, attempt from node_runs
    where run_id = any($1::uuid[]) and status in ('scheduled', 'running') and server_id is not null"""


class Kept:
    """What a batch's node rows say besides the run itself."""

    def __init__(self) -> None:
        self.parameters: dict[Place, Json] = {}
        self.servers: dict[Place, UUID] = {}
        self.inputs: dict[Place, Json] = {}
        self.cache_keys: dict[Place, str] = {}

    def forget(self, place: Place) -> None:
        for table in (self.parameters, self.servers, self.inputs, self.cache_keys):
            table.pop(place, None)


def changes(batch: Batch, runs: Mapping[UUID, Live], kept: Kept, now: datetime) -> list[tuple[Block, list[Row]]]:
    moved = [runs[id] for id in {**batch.begun, **batch.moved, **batch.ended}]
    return [
        (RUNS, [_run_row(live, batch, now) for live in moved]),
        (HISTORY, [_entry_row(entry.run_id, entry.number, entry.at, entry.fact) for entry in batch.history]),
        (NODES, [_node_row(place, runs[place[0]], kept, now) for place in batch.nodes]),
        (LETTERS, [_letter_row(runs[id], bury, kept, now) for id, bury in batch.buried if runs[id].letter is None]),
        (FAILED_AGAIN, [_again_row(runs[id], bury, now) for id, bury in batch.buried if runs[id].letter is not None]),
        (REPLAYED, [(runs[id].letter,) for id, end in batch.ended.items() if runs[id].letter and _well(end)]),
        (CACHED, list(_cached(batch, runs, kept, now))),
        (LINES, [_lines_row(said, now) for said in batch.lines]),
        (TRIMMED, list({(*said.place, said.attempt, MOST_TEXT): None for said in batch.lines if _is_much(said)})),
    ]


def _run_row(live: Live, batch: Batch, now: datetime) -> Row:
    end = batch.ended.get(live.id)
    parent_run, parent_key = live.parent or (None, None)
    return (
        live.id, live.workflow_id, live.version, live.project_id, live.run.status.value, live.run.trigger,
        live.started_by, _dump(end.output) if end else None, end.failed if end else None, parent_run, parent_key,
        live.letter, live.draft, live.created_at, now if end else None,
    )  # fmt: skip


def _entry_row(run_id: UUID, number: int, at: datetime, fact: f.Fact) -> Row:
    kind = "node_cached" if isinstance(fact, f.Completed) and fact.cached else fact.TYPE
    return run_id, number, at, kind, getattr(fact, "key", None), _dump(encode(fact))


_BEGINS = (NodeStatus.SCHEDULED, NodeStatus.RUNNING)
"""Since when it is in these is when its attempt began; in others that is kept."""


def _node_row(place: Place, live: Live, kept: Kept, now: datetime) -> Row:
    run = live.run.nodes[place[1]]
    server = kept.servers.get(place)
    return (
        live.id, place[1], run.status.value, run.attempt, server, run.why.value if run.why else None,
        _dump(kept.parameters[place]) if place in kept.parameters else None,
        _dump(encode(run.error)) if run.error else None, run.since if run.status in _BEGINS else None,
        run.since,
    )  # fmt: skip


def _lines_row(said: Lines, now: datetime) -> Row:
    size = sum(len(line) + A_LINE for line in said.lines)
    return *said.place, said.attempt, said.first, said.dropped, _dump(list(said.lines)), size, now


def _is_much(said: Lines) -> bool:
    return said.first // TRIM_EVERY < (said.first + len(said.lines)) // TRIM_EVERY


def _again_row(live: Live, bury: c.Bury, now: datetime) -> Row:
    return live.letter, _dump(encode(bury.error)), now


def _well(end: c.End) -> bool:
    return end.status is RunStatus.COMPLETED


def _cached(batch: Batch, runs: Mapping[UUID, Live], kept: Kept, now: datetime) -> Iterator[Row]:
    """The results of this batch that may stand in for others, one a key."""
    found: dict[tuple[int, str, str], Row] = {}
    for entry in batch.history:
        fact, live = entry.fact, runs[entry.run_id]
        if isinstance(fact, f.Completed) and not fact.cached and (entry.run_id, fact.key) in kept.cache_keys:
            node_id, key = split_key(fact.key)[0], kept.cache_keys[entry.run_id, fact.key]
            result = _dump({"output": fact.output, "handles": fact.handles})
            cache = live.graph.nodes[node_id].cache or Cache()
            found[live.workflow_id, node_id, key] = (live.workflow_id, node_id, key, result, now, now + cache.kept)
    yield from found.values()


def _letter_row(live: Live, bury: c.Bury, kept: Kept, now: datetime) -> Row:
    node = live.graph.nodes[split_key(bury.key)[0]]
    place = (live.id, bury.key)
    return (
        live.id, live.workflow_id, live.project_id, bury.key, node.type, bury.attempt, _dump(encode(bury.error)),
        _dump(kept.parameters.get(place, {})), _dump(kept.inputs.get(place, {})), now, now,
    )  # fmt: skip


async def read_live(connection: asyncpg.Connection) -> tuple[list[Live], list[tuple[Place, UUID, int]]]:
    """Return every run that has not ended, replayed from its history, and where its nodes are."""
    rows = await connection.fetch(LIVE)
    ids = [row["id"] for row in rows]
    graphs: dict[tuple[int, int | None, int | None], Graph] = {}
    runs: dict[UUID, Live] = {}
    for row in rows:
        bound = (row["workflow_id"], row["version"], row["draft_id"])
        if bound not in graphs:
            graphs[bound] = Graph(read_definition(orjson.loads(row["definition"]))[0])
        runs[row["id"]] = _read_run(row, graphs[bound])
    for entry in await connection.fetch(HISTORIES, ids) if ids else ():
        fact = decode_tagged(f.FACTS, orjson.loads(entry["fact"]))
        runs[entry["run_id"]] = runs[entry["run_id"]].after(fact, entry["at"]).live
    placed = await connection.fetch(PLACED, ids) if ids else ()
    return list(runs.values()), [((r["run_id"], r["key"]), r["server_id"], r["attempt"]) for r in placed]


def _read_run(row: Any, graph: Graph) -> Live:
    parent = (row["parent_run_id"], row["parent_key"]) if row["parent_run_id"] else None
    return Live(
        id=row["id"],
        workflow_id=row["workflow_id"],
        version=row["version"],
        project_id=row["project_id"],
        graph=graph,
        run=Run(id=str(row["id"]), status=RunStatus.PENDING),
        started_by=row["started_by"],
        created_at=row["created_at"],
        parent=parent,
        letter=row["letter"],
        draft=row["draft_id"],
    )


def _dump(value: Json) -> str:
    return orjson.dumps(value).decode()


def filled(blocks: Iterable[tuple[Block, list[Row]]]) -> list[tuple[Block, list[Row]]]:
    return [(block, rows) for block, rows in blocks if rows]
