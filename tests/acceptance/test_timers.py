"""10,000 timers that are due at one instant, through a real hub process: each fires, and each once.

How long it takes is printed by `python -m bench --only timers`.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.conftest import apart
from tests.hub.triggers.crowds import hang_clocks, put_to_sleep
from tests.hub_process import HubProcess, eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]
COUNT = 10_000


def rows(url: str, statement: str) -> Any:
    async def fetch() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return apart(fetch)


def write(url: str, at: datetime) -> None:
    async def both() -> None:
        connection = await asyncpg.connect(url)
        try:
            await hang_clocks(connection, COUNT, at)
            await put_to_sleep(connection, COUNT, at)
        finally:
            await connection.close()

    apart(both)


def test_each_of_ten_thousand_clocks_and_waiting_nodes_fires_once(database_url: str, tmp_path: Path) -> None:
    """The hub is killed while they fire; those that had fired do not fire again."""
    at = datetime.now(UTC) + timedelta(seconds=15)
    write(database_url, at)
    hub = HubProcess(tmp_path, database_url)
    hub.start()
    left = "select count(*) from workflow_runs where status = 'completed'"
    eventually(lambda: rows(database_url, left)[0][0] > 0, "some have fired")
    assert hub.process is not None
    hub.process.kill()
    hub.process.wait()
    hub.client.close()
    with hub:
        eventually(lambda: rows(database_url, left)[0][0] >= 2 * COUNT, "all have fired")
    began = "select workflow_id, count(*) from workflow_runs where started_by = 'cron:tick' group by workflow_id"
    assert sorted(count for _, count in rows(database_url, began)) == [1] * COUNT
    ends = "select count(*) from run_history where type = 'node_completed' group by run_id"
    assert sorted(count for (count,) in rows(database_url, ends)) == [1] * COUNT
    assert rows(database_url, "select count(*), min(fires), max(fires) from deployment_triggers") == [(COUNT, 1, 1)]
    early = f"select count(*) from run_history where at < '{at.isoformat()}' and type = 'node_completed'"
    assert rows(database_url, early) == [(0,)], "none before it was due"
