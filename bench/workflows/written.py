"""What a node costs the disk: rows written and bytes of the write-ahead log, by PostgreSQL's own counters."""

import asyncio

from bench.figures import Figure, Round, figure
from bench.lab import Lab
from bench.workflows.corral import Corral
from bench.workflows.definitions import STEPS

MOST_ROWS, MOST_KIB = 6.0, 4.0
ROWS = "select sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint from pg_stat_user_tables"
REPORTED = 1.2
"""Seconds after which a connection that commits again has told what it wrote before."""


async def measure_written(lab: Lab, ours: Corral) -> list[Figure]:
    shapes = {f"10 chains of {STEPS}": (ours.chains, 10, 10 * STEPS), "1 → 100 → 1": (ours.fan, 100, 102)}
    figures: list[Figure] = []
    for name, (run, argument, nodes) in shapes.items():
        rows: list[Round] = []
        size: list[Round] = []
        for _ in range(lab.pick(3, 1)):
            before = await _counters(ours)
            await run(argument)
            after = await _counters(ours)
            rows.append(Round((after[0] - before[0]) / nodes, MOST_ROWS))
            size.append(Round((after[1] - before[1]) / nodes / 1024, MOST_KIB))
        figures += [
            figure("workflows", f"rows written, {name}", "rows/node", rows, "allowed", "≤ 6", _fits),
            figure("workflows", f"log written, {name}", "KiB/node", size, "KiB allowed", "≤ 4 KiB", _fits),
        ]
    return figures


def _fits(ratio: float) -> bool:
    return ratio <= 1


async def _counters(ours: Corral) -> tuple[int, int]:
    """Return rows and bytes so far. A single run lets the hub's connection say what it has written."""
    await asyncio.sleep(REPORTED)
    await ours.singles(1)
    at = await _number(ours, "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
    return await _number(ours, ROWS), at


async def _number(ours: Corral, query: str) -> int:
    found = await ours.database.fetchval(query)
    assert found is not None
    return int(found)
