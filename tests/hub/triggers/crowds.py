"""Thousands of timers that are due at one instant, written straight into a database: deployed clocks and waiting nodes.

What is written is what the API and the engine write for each of them; a hub that starts on it finds them as its own.
"""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

PROJECT = UUID(int=77)
PUT_PROJECT = """
    insert into projects (id, name, status, settings, created_at) values ($1, 'crowds', 'active', '{}', now())
    on conflict do nothing"""
CLOCKS = """
    with made as (
        insert into workflows (project_id, name, draft, version, created_by, created_at, updated_at)
        select $1, 'clock', $2, 1, 'ada', now(), now() from generate_series(1, $3) returning id
    ), versions as (
        insert into workflow_versions (workflow_id, number, definition, created_by, created_at)
        select id, 1, $2, 'ada', now() from made
    ), deployed as (
        insert into deployments (id, workflow_id, version, when_busy, deployed_by, deployed_at, changed_at)
        select gen_random_uuid(), id, 1, 'queue', 'ada', $4, $4 from made returning id
    )
    insert into deployment_triggers (deployment_id, node_id, kind, seen, fires)
    select id, 'tick', 'cron', $4, 0 from deployed"""
WORKFLOW = """
    with made as (
        insert into workflows (project_id, name, draft, version, created_by, created_at, updated_at)
        values ($1, 'nap', $2, 1, 'ada', now(), now()) returning id
    ), versions as (
        insert into workflow_versions (workflow_id, number, definition, created_by, created_at)
        select id, 1, $2, 'ada', now() from made
    )
    select id from made"""
NAPS = """
    with made as (
        insert into workflow_runs (id, workflow_id, version, project_id, status, started_by, created_at)
        select gen_random_uuid(), $2, 1, $1, 'running', 'ada', $4 from generate_series(1, $3) returning id
    ), history as (
        insert into run_history (run_id, number, at, type, key, fact)
        select id, f.number, $4, f.fact ->> 'type', f.fact ->> 'key', f.fact
        from made, jsonb_array_elements($5::jsonb) with ordinality f(fact, number)
    )
    insert into node_runs (run_id, key, status, attempt, since) select id, 'nap', 'waiting', 1, $4 from made"""
STEP = {"id": "step", "type": "console"}


async def hang_clocks(connection: asyncpg.Connection, count: int, at: datetime, step: bool = False) -> None:
    """Deploy `count` workflows, each with a clock that strikes once, at `at`; with `step` a node follows it."""
    tick = {"id": "tick", "type": "cronScheduler", "parameters": {"frequency": "once", "at": at.isoformat()}}
    edges = [{"source": "tick", "target": "step"}] if step else []
    definition = {"nodes": [tick, STEP] if step else [tick], "edges": edges}
    await connection.execute(PUT_PROJECT, PROJECT)
    await connection.execute(CLOCKS, PROJECT, json.dumps(definition), count, datetime.now(UTC) - timedelta(minutes=1))


async def put_to_sleep(connection: asyncpg.Connection, count: int, until: datetime) -> None:
    """Begin `count` runs of one workflow, whose only node has gone to sleep until `until`."""
    nap = {"id": "nap", "type": "timer", "parameters": {"until": until.isoformat()}}
    await connection.execute(PUT_PROJECT, PROJECT)
    id = await connection.fetchval(WORKFLOW, PROJECT, json.dumps({"nodes": [nap], "edges": []}))
    facts = [
        {"type": "workflow_started"},
        {"type": "node_started", "key": "nap", "attempt": 1},
        {"type": "node_waiting", "key": "nap", "attempt": 1, "wish": {"type": "sleep", "until": until.isoformat()}},
    ]
    began = datetime.now(UTC) - timedelta(minutes=1)
    await connection.execute(NAPS, PROJECT, id, count, began, json.dumps(facts))
