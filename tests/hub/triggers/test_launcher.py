"""Events become runs: each once, in the commit that records it, as many at a time as there may be."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import orjson
import pytest

from corral_hub.db.database import Database
from corral_hub.errors import Conflict, NotFound, TooMany, Unprocessable
from corral_hub.tasks import commands as cmd
from corral_hub.triggers.model import WhenBusy
from corral_hub.triggers.orders import Launch
from tests.hub.triggers.house import WORK, House, hook, tick

HOUR = timedelta(hours=1)
LOOK = cmd.Look()
MANY = """
    with made as (
        insert into workflows (project_id, name, draft, version, created_by, created_at, updated_at)
        select w.project_id, 'many', w.draft, 1, 'ada', now(), now() from workflows w, generate_series(1, 10000)
        where w.id = $1 returning id
    ), versions as (
        insert into workflow_versions (workflow_id, number, definition, created_by, created_at)
        select made.id, 1, w.draft, 'ada', now() from made, workflows w where w.id = $1
    ), deployed as (
        insert into deployments (id, workflow_id, version, when_busy, deployed_by, deployed_at, changed_at)
        select gen_random_uuid(), id, 1, 'queue', 'ada', $2, $2 from made returning id
    )
    insert into deployment_triggers (deployment_id, node_id, kind, seen, fires)
    select id, 't', 'cron', $2, 0 from deployed
    """


async def test_an_event_begins_a_run_of_the_deployed_version(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with House(database, monkeypatch) as house:
        id = await house.deploy(hook("a"), {"id": "s", "type": "start"}, WORK, edges=("tw", "sw"))
        assert await house.fire(id, payload={"x": 1}) is Launch.BEGUN
        (run,) = await house.runs(id)
        begun = orjson.loads(run["fact"])
        assert (begun["trigger"], begun["payload"], begun["idle"]) == ("t", {"x": 1}, ["s"])
        assert run["started_by"] == "webhook:t"
        with pytest.raises(NotFound):
            await house.fire(id, "w")
        await house.disarm(id)
        with pytest.raises(NotFound):
            await house.fire(id)
        assert len(await house.live(id)) == 1, "runs in flight go on"


async def test_the_same_event_twice_is_one_run(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with House(database, monkeypatch) as house:
        id = await house.deploy(hook("a"), WORK, edges=("tw",))
        same = UUID(int=7)
        assert set(await asyncio.gather(*(house.fire(id, run_id=same) for _ in range(5)))) == {Launch.BEGUN}
        assert len(await house.runs(id)) == 1
        await house.end(same)
        with pytest.raises(asyncpg.UniqueViolationError):
            await house.fire(id, run_id=same)
        assert await house.fire(id) is Launch.BEGUN, "memory is right after it"
        assert len(await house.runs(id)) == 2


async def test_a_second_version_takes_over_and_runs_in_flight_keep_theirs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with House(database, monkeypatch) as house:
        id, text = await house.workflow(hook("a"), WORK, edges=("tw",))
        await house.arm(id, text)
        for _ in range(20):
            await house.fire(id)
        await house.version(id, 2, text.replace('"a"', '"b"').replace('"t"', '"u"'))
        await house.arm(id, text.replace('"a"', '"b"').replace('"t"', '"u"'), version=2)
        with pytest.raises(NotFound):
            await house.fire(id)
        await house.fire(id, "u")
        assert Counter(row["version"] for row in await house.runs(id)) == {1: 20, 2: 1}
        assert house.launcher.paths == {"b": (id, "u")}


async def test_a_path_is_one_workflows(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with House(database, monkeypatch) as house:
        first = await house.deploy(hook("a/b"))
        with pytest.raises(Conflict) as refused:
            await house.deploy(hook("/a/b/"))
        assert refused.value.extras["workflow_id"] == first
        await house.disarm(first)
        assert await house.deploy(hook("a/b"))


async def test_a_path_moves_to_another_node_of_the_workflow(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with House(database, monkeypatch) as house:
        id, text = await house.workflow(hook("a"))
        await house.arm(id, text)
        await house.version(id, 2, text.replace('"t"', '"u"'))
        await house.arm(id, text.replace('"t"', '"u"'), version=2)
        rows = await house.rows.fetch("select node_id, path from deployment_triggers")
        assert [tuple(row) for row in rows] == [("u", "a")]


@pytest.mark.parametrize("nodes", [[], [WORK], [hook("")], [hook("a"), hook("a", "u")], [tick(cron="* *")],
                                   [hook("a", authentication="hmac")], [tick(timezone="Mars/Base")],
                                   [{"id": "s", "type": "start"}]])  # fmt: skip
async def test_what_cannot_be_armed(database: Database, monkeypatch: pytest.MonkeyPatch, nodes: list[object]) -> None:
    async with House(database, monkeypatch) as house:
        with pytest.raises(Unprocessable):
            await house.deploy(*nodes)  # type: ignore[arg-type]


# -- as many as there may be ------------------------------------------------------------------


async def test_events_wait_in_order_also_across_a_restart(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with House(database, monkeypatch) as house:
        id = await house.deploy(hook("a"), WORK, edges=("tw",), concurrency=2)
        told = [await house.fire(id, payload=number) for number in range(5)]
        assert told == [Launch.BEGUN] * 2 + [Launch.QUEUED] * 3
        assert (house.launcher.running(id), house.launcher.waiting(id)) == (2, 3)
        await house.end((await house.live(id))[0])
        assert (house.launcher.running(id), house.launcher.waiting(id)) == (2, 2)
    async with House(database, monkeypatch) as house:
        assert (house.launcher.running(id), house.launcher.waiting(id)) == (2, 2)
        for _ in range(2):
            await house.end((await house.live(id))[0])
        assert house.launcher.waiting(id) == 0
        payloads = [orjson.loads(row["fact"])["payload"] for row in await house.runs(id)]
        assert sorted(payloads) == list(range(5))
        assert await house.rows.fetchval("select count(*) from waiting_runs") == 0


async def test_who_does_not_wait_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with House(database, monkeypatch) as house:
        id = await house.deploy(hook("a"), WORK, edges=("tw",), concurrency=1, when_busy=WhenBusy.REJECT)
        await house.fire(id)
        with pytest.raises(TooMany):
            await house.fire(id)
        await house.end((await house.live(id))[0])
        assert await house.fire(id) is Launch.BEGUN


async def test_undeploying_lets_go_of_what_waits(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with House(database, monkeypatch) as house:
        id = await house.deploy(hook("a"), WORK, edges=("tw",), concurrency=1)
        await house.fire(id)
        await house.fire(id)
        await house.disarm(id)
        await house.end((await house.live(id))[0])
        assert len(await house.runs(id)) == 1


# -- clocks --------------------------------------------------------------------------------------


async def test_a_clock_begins_runs_with_what_they_are_for(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with House(database, monkeypatch) as house:
        id = await house.deploy(tick(frequency="minutes", interval_minutes=5, timezone="Europe/Paris"))
        for minutes in (5, 10, 15):
            await house.at(datetime(2026, 11, 26, 5, minutes, tzinfo=UTC))
        told = [orjson.loads(run["fact"])["payload"] for run in await house.runs(id)]
        assert [(item["iteration"], item["scheduled_time"]) for item in told] == [
            (n, f"2026-11-26T05:{5 * n:02}:00Z") for n in (1, 2, 3)
        ]
        assert told[0]["cron_expression"] == "*/5 * * * *"


@pytest.mark.parametrize(("policy", "count"), [("skip", 0), ("once", 1), ("all", 36)])
async def test_a_hub_that_slept_for_36_hours(
    database: Database, monkeypatch: pytest.MonkeyPatch, policy: str, count: int
) -> None:
    async with House(database, monkeypatch) as house:
        id = await house.deploy(tick(frequency="hours", misfire=policy))
        start = house.now
    async with House(database, monkeypatch) as house:
        await house.at(start + 36 * HOUR + timedelta(minutes=30))
        assert len(await house.runs(id)) == count
        log = await house.rows.fetchval("select details from activity_log where event_type = 'cron_misfired'")
        assert orjson.loads(log)["fires"] == count
        await house.at(start + 37 * HOUR)
        assert len(await house.runs(id)) == count + 1, "and it goes on"


@pytest.mark.parametrize(("policy", "live", "after"), [("allow", 3, 3), ("skip", 1, 1), ("queue", 1, 3)])
async def test_a_run_that_is_not_over_when_the_next_is_due(
    database: Database, monkeypatch: pytest.MonkeyPatch, policy: str, live: int, after: int
) -> None:
    async with House(database, monkeypatch) as house:
        id = await house.deploy(tick(frequency="minutes", interval_minutes=1, overlap=policy), WORK, edges=("tw",))
        for minute in (1, 2, 3):
            await house.at(datetime(2026, 11, 26, 5, minute, tzinfo=UTC))
        assert len(await house.live(id)) == live
        for _ in range(3):
            for run_id in await house.live(id):
                await house.end(run_id)
        assert len(await house.runs(id)) == after


async def test_once_is_when_it_is_deployed_and_not_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with House(database, monkeypatch) as house:
        id = await house.deploy(tick(frequency="once"))
        await house.at(house.now + timedelta(seconds=1))
        assert len(await house.runs(id)) == 1
        later = house.now + 48 * HOUR
    async with House(database, monkeypatch) as house:
        await house.at(later)
        assert len(await house.runs(id)) == 1


@pytest.mark.slow
async def test_ten_thousand_clocks_due_at_one_instant_also_across_a_restart(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each strikes once, although the hub goes down in the middle: a run and its clock are one commit."""
    due = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
    async with House(database, monkeypatch) as house:
        one, _ = await house.workflow(tick(frequency="hours"))
        await house.rows.execute(MANY, one, house.now)
    async with House(database, monkeypatch) as house:
        house.now = due
        for _ in range(12):  # some of them
            await house.reactor.ask(LOOK)
        begun = await house.rows.fetchval("select count(*) from workflow_runs")
        assert 0 < begun < 10_000
    async with House(database, monkeypatch) as house:
        await house.at(due + timedelta(seconds=1))
        await house.at(due + timedelta(seconds=2))
        counts = await house.rows.fetch("select workflow_id, count(*) from workflow_runs group by workflow_id")
        assert len(counts) == 10_000 and {row["count"] for row in counts} == {1}
