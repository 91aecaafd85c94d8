"""What a commit carries and what it must not: repeated keys, refused neighbours, poison, replays, late writers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from corral_hub import clock
from corral_hub.db.database import Database
from corral_hub.errors import Conflict, NotFound, Refused, Unprocessable
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.draft import fingerprint
from corral_hub.tasks.model import Task
from corral_protocol import to_hub
from corral_protocol.vocabulary import DependencyType, ErrorClass, TaskStatus
from tests.hub.heart import Heart, blocks, run, takes
from tests.hub.reporting import Spool
from tests.hub.samples import ADMIN, ELSEWHERE, machine, new_id, new_task, server

ANVIL = server("anvil", maximum=4)


@pytest.fixture
async def heart(database: Database) -> AsyncIterator[Heart]:
    async with Heart(database, ANVIL) as opened:
        yield opened


def keyed(title: str, key: str) -> Task:
    """Return a fresh task for a request with a client key: same title, same request."""
    task = new_task(title, client_key=key, id=clock.new_id(), now=clock.now())
    return replace(task, request_hash=fingerprint({"title": title, "client_key": key}))


def creating(task: Task, *edges: cmd.EdgeDraft) -> cmd.Create:
    return cmd.Create(task=task, edges=edges, principal=ADMIN)


async def test_a_client_key_makes_one_task(heart: Heart) -> None:
    first, created = await heart.ask(creating(keyed("a", "k")))
    again, created_again = await heart.ask(creating(keyed("a", "k")))
    assert (created, created_again, again.id) == (True, False, first.id)
    with pytest.raises(Conflict) as refusal:
        await heart.ask(creating(keyed("b", "k")))
    assert refusal.value.code == "client_key_reused"
    assert refusal.value.extras["task_id"] == str(first.id)


async def test_concurrent_duplicates_on_two_hubs_make_one_task_for_each_key(database: Database) -> None:
    keys = [f"k{number}" for number in range(20)]
    async with Heart(database, ANVIL) as one, Heart(database, ANVIL) as two:
        answers = await asyncio.gather(
            *(hub.reactor.submit(creating(keyed(key, key))) for key in keys for hub in (one, two, one, two))
        )
        for number in range(len(keys)):
            mine = answers[4 * number : 4 * number + 4]
            assert len({task.id for task, _ in mine}) == 1
            assert sum(created for _, created in mine) == 1
        assert await one.rows.fetchval("select count(*) from tasks") == len(keys)


async def test_a_refused_command_leaves_its_neighbours_alone(heart: Heart) -> None:
    done = await heart.create("done", run=None)
    await heart.do(cmd.Cancel, done.id, reason="x")
    batch = [
        heart.reactor.submit(creating(new_task("before", now=clock.now()))),
        heart.reactor.submit(cmd.Start(task_id=done.id, principal=ADMIN)),
        heart.reactor.submit(creating(new_task("bad"), blocks(new_task("nobody made this")))),
        heart.reactor.submit(creating(new_task("after", now=clock.now()))),
    ]
    answers = await asyncio.gather(*batch, return_exceptions=True)
    assert [type(answer) for answer in answers] == [tuple, Conflict, NotFound, tuple]
    assert await heart.statuses() == {"done": "cancelled", "before": "assigned", "after": "assigned"}


async def test_poison_fails_alone(heart: Heart) -> None:
    """Something no column can hold: the commands it shares a commit with are committed all the same."""
    spool = Spool(ANVIL.id)
    task = await heart.create("a")
    batch = [
        heart.reactor.submit(creating(new_task("before", now=clock.now()))),
        heart.reactor.submit(Spool(ANVIL.id, "nul \x00 in it").started(task.id, 1)),
        heart.reactor.submit(creating(new_task("nul \x00 in it", now=clock.now()))),
        heart.reactor.submit(creating(new_task("after", now=clock.now()))),
    ]
    answers = await asyncio.gather(*batch, return_exceptions=True)
    assert isinstance(answers[0], tuple) and isinstance(answers[3], tuple)
    for failed in answers[1:3]:
        assert isinstance(failed, Exception) and not isinstance(failed, Refused)
    assert await heart.statuses() == {"a": "assigned", "before": "assigned", "after": "assigned"}
    await run(heart, spool, task)
    assert (await heart.task(task.id)).status is TaskStatus.DONE


async def test_replaying_a_spool_changes_nothing(heart: Heart) -> None:
    spool = Spool(ANVIL.id)
    task = await heart.create("a")
    messages = [
        spool.started(task.id, 1),
        spool.output(task.id, 1, b"hello"),
        spool.finished(task.id, 1, {"x": 1}),
    ]
    for message in messages:
        await heart.ask(message)
    before = await _everything(heart)
    await asyncio.gather(*(heart.reactor.submit(message) for message in messages * 3))
    assert await _everything(heart) == before
    assert await heart.ask(cmd.OpenSpool(server_id=ANVIL.id, spool_id="spool")) == 3
    assert await heart.ask(cmd.OpenSpool(server_id=ANVIL.id, spool_id="a new one")) == 0


async def test_a_late_write_is_refused_logged_and_acknowledged(heart: Heart) -> None:
    spool = Spool(ANVIL.id)
    task = await heart.create("a")
    await heart.ask(spool.started(task.id, 1))
    await heart.ask(cmd.LoseServer(server_id=ANVIL.id, detail="silent"))
    assert (await heart.task(task.id)).epoch == 2
    for late in (spool.started(task.id, 1), spool.output(task.id, 1, b"x"), spool.finished(task.id, 1, {"x": 1})):
        with pytest.raises(Conflict) as refusal:
            await heart.ask(late)
        assert (refusal.value.code, refusal.value.extras["epoch"]) == ("stale_epoch", 2)
    stored = await heart.task(task.id)
    assert (stored.status, stored.attempt, stored.result) == (TaskStatus.ASSIGNED, 2, None)
    assert (await heart.log(task.id)).count("stale_write_refused") == 3
    assert await heart.rows.fetchval("select acked_seq from spools") == spool.seq
    assert await heart.rows.fetchval("select count(*) from task_output") == 0
    await run(heart, spool, task)
    assert (await heart.task(task.id)).status is TaskStatus.DONE


@pytest.mark.parametrize("task_id", ["not an id", str(new_id())])
async def test_reports_about_nothing_we_know_are_refused(heart: Heart, task_id: str) -> None:
    message = to_hub.TaskStarted(seq=1, task_id=task_id, attempt=1, epoch=1)
    with pytest.raises(Conflict) as refusal:
        await heart.ask(cmd.Report(server_id=ANVIL.id, spool_id="spool", message=message))
    assert refusal.value.code == "unknown_unit"


async def test_another_servers_work_cannot_be_reported(heart: Heart) -> None:
    other = server("other")
    await heart.join(other)
    task = await heart.create("a", requires={"server": "anvil"})
    with pytest.raises(Conflict) as refusal:
        await heart.ask(Spool(other.id).finished(task.id, 1))
    assert refusal.value.code == "unknown_unit"
    assert (await heart.task(task.id)).status is TaskStatus.ASSIGNED


async def test_output_is_stored_byte_for_byte(heart: Heart) -> None:
    spool = Spool(ANVIL.id)
    task = await heart.create("a")
    chunks = [bytes(range(256)), b"\x00\x00", "ü\n".encode(), b"\xff\xfe", b""]
    await heart.ask(spool.started(task.id, 1))
    offset = 0
    for chunk in chunks:
        await heart.ask(spool.output(task.id, 1, chunk, offset))
        offset += len(chunk)
    rows = await heart.rows.fetch("select content, stream_offset from task_output order by id")
    assert [row["content"] for row in rows] == chunks
    assert rows[-1]["stream_offset"] == offset
    assert b"".join(fact.content for fact in heart.outputs) == b"".join(chunks)


async def test_output_that_is_not_base64_is_refused(heart: Heart) -> None:
    task = await heart.create("a")
    good = Spool(ANVIL.id).output(task.id, 1, b"x")
    bad = replace(good, message=replace(good.message, data="%%%"))  # type: ignore[call-arg]
    with pytest.raises(Unprocessable):
        await heart.ask(bad)


async def test_cycles_are_refused_with_the_path(heart: Heart) -> None:
    one = await heart.create("one", run=None)
    two = await heart.create("two", blocks(one), run=None)
    three = await heart.create("three", blocks(two), run=None)
    for kind in (DependencyType.BLOCKS, DependencyType.RELATED):
        with pytest.raises(Conflict) as refusal:
            edge = cmd.EdgeDraft(id=clock.new_id(), upstream=three.id, kind=kind)
            await heart.do(cmd.AddDependency, one.id, edge=edge)
        assert refusal.value.code == "dependency_cycle"
        assert refusal.value.extras["path"] == [str(task.id) for task in (one, three, two, one)]
    with pytest.raises(Conflict) as refusal:
        await heart.do(cmd.AddDependency, one.id, edge=blocks(one))
    assert refusal.value.extras["path"] == [str(one.id)] * 2


async def test_two_hubs_cannot_close_a_circle_together(database: Database) -> None:
    async with Heart(database) as one, Heart(database) as two:
        tasks = [await one.create(str(number), run=None) for number in range(12)]
        circle = [(tasks[number].id, blocks(tasks[(number + 1) % len(tasks)])) for number in range(len(tasks))]
        answers = await asyncio.gather(
            *((one, two)[number % 2].do(cmd.AddDependency, id, edge=edge) for number, (id, edge) in enumerate(circle)),
            return_exceptions=True,
        )
        refused = [answer for answer in answers if isinstance(answer, Exception)]
        assert [getattr(error, "code", error) for error in refused] == ["dependency_cycle"]


async def test_other_projects_are_refused_to_people_and_hidden_from_machines(heart: Heart) -> None:
    foreign = await heart.create("theirs", project_id=ELSEWHERE)
    ours = await heart.create("ours", run=None)
    for command in (
        creating(new_task("x"), blocks(foreign)),
        cmd.AddDependency(task_id=ours.id, principal=ADMIN, edge=blocks(foreign)),
    ):
        with pytest.raises(Conflict) as refusal:
            await heart.ask(command)
        assert refusal.value.code == "foreign_project"
        with pytest.raises(NotFound):
            await heart.ask(replace(command, principal=machine(replace(ANVIL, project_id=ours.project_id))))


async def test_the_same_dependency_twice_is_a_conflict(heart: Heart) -> None:
    one, two = await heart.create("one", run=None), await heart.create("two", run=None)
    await heart.do(cmd.AddDependency, two.id, edge=takes(one, "a"))
    await heart.do(cmd.AddDependency, two.id, edge=takes(one, "b"))
    with pytest.raises(Conflict) as refusal:
        await heart.do(cmd.AddDependency, two.id, edge=takes(one, "b"))
    assert refusal.value.code == "dependency_exists"
    with pytest.raises(Conflict):
        await heart.create("three", blocks(one), blocks(one))
    assert (await heart.task(two.id)).waiting_on == 2


async def test_work_a_daemon_has_cannot_be_blocked_any_more(heart: Heart) -> None:
    one, two = await heart.create("one", run=None), await heart.create("two")
    with pytest.raises(Conflict) as refusal:
        await heart.do(cmd.AddDependency, two.id, edge=blocks(one))
    assert refusal.value.code == "too_late_to_block"


async def test_an_upstream_that_fails_takes_the_hand_out_back(heart: Heart) -> None:
    """By hand a task may be assigned while it waits; it must not keep its holder when its policy ends it."""
    one = await heart.create("one", run=None)
    two = await heart.create("two", run=None, on_upstream_failure="fail")
    await heart.do(cmd.Assign, two.id, server="anvil")
    await heart.do(cmd.AddDependency, two.id, edge=blocks(one))
    await heart.do(cmd.Cancel, one.id, reason="x")
    stored = await heart.task(two.id)
    assert (stored.status, stored.error and stored.error["class"]) == (TaskStatus.FAILED, ErrorClass.UPSTREAM_FAILED)
    assert await heart.units(two.id) == [(1, "execute", "ended")]
    assert heart.fleet.slots(ANVIL.id) == (0, 4)


async def _everything(heart: Heart) -> list[str]:
    tables = ("tasks", "assignments", "task_output", "activity_log", "spools", "task_dependencies", "outbox")
    return [str([tuple(row) for row in await heart.rows.fetch(f"select * from {table}")]) for table in tables]
