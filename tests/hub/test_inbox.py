"""What needs a person, beyond tasks: dead letters, lost hosts, nodes that wait for a word; and how all is paged."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.accounts.model import Person, Role
from corral_hub.bus.bus import Bus
from corral_hub.db.database import Database
from corral_hub.inbox import items
from corral_hub.inbox.actions import InboxDesk
from corral_hub.inbox.items import ACTIONS, Kind
from corral_hub.inbox.queries import InboxQueries

NOW = datetime(2030, 1, 1, tzinfo=UTC)
PROJECT, RUN, HOST = (UUID(int=number) for number in (1, 2, 3))
FILL = f"""
insert into projects (id, name, status, settings, created_at) values ('{PROJECT}', 'p', 'active', '{{}}', now());
insert into servers (id, name, status, last_heartbeat, cordoned, created_at) values
    ('{HOST}', 'box', 'offline', '2030-01-01T00:00:02Z', false, now()),
    (gen_random_uuid(), 'never seen', 'offline', null, false, now()),
    (gen_random_uuid(), 'put aside', 'offline', now(), true, now()),
    (gen_random_uuid(), 'fine', 'online', now(), false, now());
insert into workflows (project_id, name, draft, created_by, created_at, updated_at)
    values ('{PROJECT}', 'nightly', '{{}}', 'user:x', now(), now());
insert into workflow_runs (id, workflow_id, version, project_id, status, started_by, created_at)
    values ('{RUN}', 1, 1, '{PROJECT}', 'running', 'user:x', now());
insert into dead_letters (run_id, workflow_id, project_id, key, node_type, attempt, error, parameters, inputs,
                          created_at, last_error_at)
    values ('{RUN}', 1, '{PROJECT}', 'fetch', 'http', 3, '{{"kind": "timeout", "message": "too slow"}}', '{{}}', '{{}}',
            '2030-01-01T00:00:01Z', now());
"""


@dataclass
class Waits:
    """As much of a live run as is looked at."""

    wishes: dict[str, Any]
    id: UUID = RUN
    project_id: UUID = PROJECT
    workflow_id: int = 1
    run: Any = field(default_factory=lambda: SimpleNamespace(nodes={"ask": SimpleNamespace(since=NOW)}))

    def waiting(self) -> dict[str, Any]:
        return self.wishes


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[InboxDesk]:
    connection = await database.connect_raw()
    await connection.execute(FILL)
    await connection.close()
    pool = await database.pool()
    asks = {"ask": {"type": "approve", "question": "Ship it?"}, "nap": {"type": "sleep"}, "odd": 5}
    yield InboxDesk(database, InboxQueries(pool), Bus(), {RUN: Waits(asks)})  # type: ignore[dict-item]
    await pool.close()


async def test_letters_hosts_and_approvals(desk: InboxDesk) -> None:
    admin = Person(id=UUID(int=9), email="a@example.org", role=Role.ADMIN)
    found = await desk.look(admin, None, None, 50)
    told = [(item["kind"], item["title"], item["why"]["code"], item["why"]["detail"]) for item in found["items"]]
    assert told == [
        (Kind.HOST_LOST, "box", "host_lost", "nothing was heard of it since"),
        (Kind.DEAD_LETTER, "nightly: fetch", "timeout", "too slow"),
        (Kind.APPROVAL, "nightly: ask", "approve", "Ship it?"),
    ]
    paths = [action["path"] for item in found["items"] for action in item["actions"]]
    assert f"/api/v1/servers/{HOST}" in paths and "/api/v1/dead-letters/1/replay" in paths
    assert f"/api/v1/runs/{RUN}/nodes/ask/answer" in paths
    assert {kind: n for kind, n in found["counts"].items() if n} == {
        Kind.HOST_LOST: 1, Kind.DEAD_LETTER: 1, Kind.APPROVAL: 1
    }  # fmt: skip
    elsewhere = await desk.look(admin, UUID(int=77), None, 50)
    assert [item["kind"] for item in elsewhere["items"]] == [Kind.HOST_LOST], "it served every project"


def test_every_kind_can_be_dealt_with() -> None:
    assert ACTIONS.keys() == set(Kind)


def row(kind: Kind, number: int, second: int) -> dict[str, Any]:
    nothing = dict.fromkeys(("project_id", "task_id", "run_id", "workflow_id", "node", "server_id", "detail", "code"))
    return {**nothing, "kind": kind.value, "id": str(number), "title": "x", "since": NOW + timedelta(seconds=second)}


ROWS = st.lists(
    st.builds(row, st.sampled_from(Kind), st.integers(0, 9), st.integers(0, 3)), max_size=30, unique_by=items.key_of
)


@given(ROWS, st.integers(1, 7))
def test_pages_show_everything_once_newest_first(rows: list[dict[str, Any]], limit: int) -> None:
    shown: list[Any] = []
    cursor: str | None = None
    while True:
        page, cursor = items.page(rows, items.read_cursor(cursor), limit)
        shown += page
        if cursor is None:
            break
    assert len(shown) == len(rows) and {items.key_of(row) for row in shown} == {items.key_of(row) for row in rows}
    assert [row["since"] for row in shown] == sorted((row["since"] for row in rows), reverse=True)
