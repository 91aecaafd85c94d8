"""Rows into the ledger, locked in id order, each kind in one query. No decisions."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import asyncpg

from corral_hub.tasks.ledger import Ledger
from corral_hub.tasks.model import TASK_COLUMNS
from corral_hub.tasks.needs import Needs
from corral_hub.tasks.rows import read_edge, read_intervention, read_task, read_unit
from corral_protocol.vocabulary import TaskStatus

COLUMNS = ", ".join(TASK_COLUMNS)

# The row is locked until the commit: a second hub deciding about the same task waits, then sees our result.
TASKS = f"select {COLUMNS} from tasks where id = any($1::uuid[]) order by id for update"  # noqa: S608

KEYS = f"""
    select {COLUMNS} from tasks
    where (project_id, client_key) in (select * from unnest($1::uuid[], $2::text[]))
    order by id for update"""  # noqa: S608

UNITS = """
    select a.* from assignments a join unnest($1::uuid[], $2::bigint[]) x(task_id, epoch) using (task_id, epoch)
    union
    select a.* from assignments a where a.task_id = any($3::uuid[]) and a.ended_at is null"""

SERVER_TASKS = "select task_id from assignments where server_id = any($1::uuid[]) and ended_at is null"

DOWNS = "select * from task_dependencies where depends_on_task_id = any($1::uuid[]) and not resolved"

UPS = "select * from task_dependencies where task_id = any($1::uuid[])"

# Everything above the new upstream. `union` (not `union all`) ends the recursion on shared ancestors; `offset 0` keeps
# the planner, which expects far more ancestors than there are, from reading all edges of the database instead.
ANCESTRY = """
    with recursive above(id) as (
        select unnest($1::uuid[])
        union
        select d.depends_on_task_id from above, lateral (
            select depends_on_task_id from task_dependencies where task_id = above.id offset 0) d
    )
    select above.id as task_id, d.depends_on_task_id from above, lateral (
        select depends_on_task_id from task_dependencies where task_id = above.id offset 0) d"""

# One writer of edges at a time in the whole database: two hubs must not close a circle together.
EDGE_LOCK = "select pg_advisory_xact_lock(7236842)"

SPOOLS = """
    select s.server_id, s.spool_id, s.acked_seq
    from spools s join unnest($1::uuid[], $2::text[]) x(server_id, spool_id) using (server_id, spool_id)
    order by 1, 2 for update"""

INTERVENTIONS = "select * from interventions where id = any($1::uuid[]) for update"

READY = f"select {COLUMNS} from tasks where status = 'pending' and waiting_on = 0 and auto"  # noqa: S608

SLOTS = (
    "select server_id, count(*) as used from assignments where ended_at is null and server_id is not null group by 1"
)

INPUTS = """
    select * from task_dependencies
    where task_id = any($1::uuid[]) and dependency_type = 'input' and resolved"""


async def load(connection: asyncpg.Connection, ledger: Ledger, needs: Needs) -> None:
    """Fill the ledger with everything `needs` names and that exists. What leads to more tasks comes before them."""
    for wanted, read in (
        (needs.ancestry, _load_ancestry),
        (needs.spools, _load_spools),
        (needs.servers, _find_server_tasks),
        (needs.downs, _load_dependents),
        (needs.keys, _load_keys),
        (needs.tasks, _load_needed_tasks),
        (needs.units or needs.open_units, _load_units),
        (needs.downs, _load_holders),
        (needs.ups, _load_ups),
        (needs.interventions, _load_interventions),
    ):
        if wanted:
            await read(connection, ledger, needs)


async def _load_ancestry(connection: asyncpg.Connection, ledger: Ledger, needs: Needs) -> None:
    await connection.execute(EDGE_LOCK)
    for row in await connection.fetch(ANCESTRY, list(needs.ancestry)):
        ledger.ancestry.setdefault(row["task_id"], []).append(row["depends_on_task_id"])


async def _find_server_tasks(connection: asyncpg.Connection, ledger: Ledger, needs: Needs) -> None:
    found = {row["task_id"] for row in await connection.fetch(SERVER_TASKS, list(needs.servers))}
    needs.tasks |= found
    needs.open_units |= found  # read once the tasks are locked: another hub may be ending one right now


async def _load_dependents(connection: asyncpg.Connection, ledger: Ledger, needs: Needs) -> None:
    # Locked before its edges are read: one that another hub is adding is either seen here, or will see the end.
    await load_tasks(connection, ledger, needs.downs)
    await load_downs(connection, ledger, needs.downs)
    needs.tasks |= {edge.task_id for id in needs.downs for edge in ledger.downs.get(id, ())}


async def _load_keys(connection: asyncpg.Connection, ledger: Ledger, needs: Needs) -> None:
    projects, keys = zip(*needs.keys, strict=True)
    for row in await connection.fetch(KEYS, projects, keys):
        task = ledger.tasks.setdefault(row["id"], read_task(row))
        ledger.known_keys[task.project_id, str(task.client_key)] = task.id


async def _load_needed_tasks(connection: asyncpg.Connection, ledger: Ledger, needs: Needs) -> None:
    await load_tasks(connection, ledger, needs.tasks)


async def _load_units(connection: asyncpg.Connection, ledger: Ledger, needs: Needs) -> None:
    ids, epochs = zip(*needs.units, strict=True) if needs.units else ((), ())
    _take_units(ledger, await connection.fetch(UNITS, ids, epochs, list(needs.open_units)))


async def _load_holders(connection: asyncpg.Connection, ledger: Ledger, needs: Needs) -> None:
    await load_holders(connection, ledger)


async def _load_ups(connection: asyncpg.Connection, ledger: Ledger, needs: Needs) -> None:
    for row in await connection.fetch(UPS, list(needs.ups)):
        ledger.ups.setdefault(row["task_id"], {}).setdefault(row["depends_on_task_id"], []).append(read_edge(row))


async def _load_interventions(connection: asyncpg.Connection, ledger: Ledger, needs: Needs) -> None:
    for row in await connection.fetch(INTERVENTIONS, list(needs.interventions)):
        ledger.interventions[row["id"]] = read_intervention(row)


async def load_tasks(connection: asyncpg.Connection, ledger: Ledger, ids: Iterable[UUID]) -> None:
    missing = [id for id in ids if id not in ledger.tasks]
    if missing:
        for row in await connection.fetch(TASKS, missing):
            ledger.tasks[row["id"]] = read_task(row)


async def load_downs(connection: asyncpg.Connection, ledger: Ledger, ids: Iterable[UUID]) -> None:
    """Load the unresolved edges below these tasks; the dependents' own rows are the caller's to load."""
    fresh = {edge.id for edges in ledger.downs.values() for edge in edges}
    for row in await connection.fetch(DOWNS, list(ids)):
        if row["id"] not in fresh:
            ledger.downs[row["depends_on_task_id"]].append(read_edge(row))


async def load_holders(connection: asyncpg.Connection, ledger: Ledger) -> None:
    """Load the open units of what was assigned by hand while it waits: the end of an upstream may take them back."""
    held = [task for task in ledger.tasks.values() if task.waiting_on and task.status is TaskStatus.ASSIGNED]
    if missing := [task.id for task in held if (task.id, task.epoch) not in ledger.units]:
        _take_units(ledger, await connection.fetch(UNITS, (), (), missing))


async def load_inputs(connection: asyncpg.Connection, ledger: Ledger) -> None:
    """Gather the resolved inputs of everything handed out; edges that resolved in this batch are not rows yet."""
    ids = [handout.task.id for handout in ledger.handouts if handout.task.has_inputs]
    if not ids:
        return
    ledger.inputs = {id: {} for id in ids}
    edges = [read_edge(row) for row in await connection.fetch(INPUTS, ids)]
    for edge in (*edges, *ledger.new_edges.values(), *ledger.changed_edges.values()):
        if (
            edge.task_id in ledger.inputs
            and edge.id not in ledger.removed_edges
            and edge.resolved
            and edge.contract_key
        ):
            ledger.inputs[edge.task_id][edge.contract_key] = edge.value


def _take_units(ledger: Ledger, rows: Iterable[Any]) -> None:
    for row in rows:
        unit = read_unit(row)
        ledger.units.setdefault((unit.task_id, unit.epoch), unit)


async def _load_spools(connection: asyncpg.Connection, ledger: Ledger, needs: Needs) -> None:
    servers, spools = zip(*needs.spools, strict=True)
    for row in await connection.fetch(SPOOLS, servers, spools):
        ledger.spools[row["server_id"], row["spool_id"]] = row["acked_seq"]
