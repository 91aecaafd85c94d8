"""The database goes away and comes back; two hubs share one: nothing is lost, doubled or overtaken."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from corral_hub import clock
from corral_hub.db.database import Database
from corral_hub.errors import Conflict, Unavailable
from corral_hub.tasks import commands as cmd
from corral_hub.tasks import reactor
from corral_protocol.vocabulary import TaskStatus
from tests.hub.heart import Heart, blocks, run
from tests.hub.reporting import Spool
from tests.hub.samples import ADMIN, new_task, server

ANVIL = server("anvil", maximum=1000)
PATIENCE = 60.0


@pytest.fixture
async def heart(database: Database) -> AsyncIterator[Heart]:
    async with Heart(database, ANVIL) as opened:
        yield opened


async def cut(heart: Heart) -> None:
    """Kill every connection to this database but our own."""
    await heart.rows.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )


async def persist(ask: Callable[[], Awaitable[Any]]) -> Any:
    """Ask until the hub is available, as a client does."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await ask()
            except Unavailable as refusal:
                assert refusal.status == 503


def creating(title: str, **arguments: Any) -> cmd.Create:
    return cmd.Create(task=new_task(title, id=clock.new_id(), now=clock.now(), **arguments), principal=ADMIN)


async def test_a_connection_killed_while_idle(heart: Heart) -> None:
    await heart.create("before")
    await cut(heart)
    await persist(lambda: heart.ask(creating("after")))
    assert await heart.statuses() == {"before": "assigned", "after": "assigned"}
    assert heart.fleet.slots(ANVIL.id) == (2, 1000)


class Panic(BaseException):
    """As libraries written in Rust raise them."""


async def test_a_panic_is_one_commands_own(heart: Heart, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the pump to end with it, nothing would ever be written again."""
    real = reactor.decide

    def decide(desk: Any, command: cmd.Command) -> Any:
        if isinstance(command, cmd.Create) and command.task.title == "poison":
            raise Panic
        return real(desk, command)

    monkeypatch.setattr(reactor, "decide", decide)
    asked = [heart.reactor.submit(creating(title)) for title in ("first", "poison", "last")]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(answer, Panic) for answer in answers] == [False, True, False]
    assert await heart.statuses() == {"first": "assigned", "last": "assigned"}


async def test_connections_killed_under_load(heart: Heart) -> None:
    """Whoever got an answer has what it says; whoever got 503 may ask again with the same key and has it once."""
    names = [f"t{number}" for number in range(300)]
    asked = [
        asyncio.create_task(persist(lambda name=name: heart.ask(creating(name, client_key=name)))) for name in names
    ]
    for _ in range(5):
        await cut(heart)
        await _something_answered(asked)
    await asyncio.gather(*asked)
    assert await heart.statuses() == dict.fromkeys(names, "assigned")
    handed = Counter(message.task_id for message in heart.assigned())
    assert len(handed) == len(names)
    assert heart.fleet.slots(ANVIL.id) == (len(names), 1000)


async def test_killed_in_the_middle_of_a_transaction(heart: Heart) -> None:
    """The commit waits for a row that somebody else holds; then its connection dies."""
    task = await heart.create("a", run=None)
    async with heart.rows.transaction():
        await heart.rows.execute("select 1 from tasks where id = $1 for update", task.id)
        held = heart.reactor.submit(cmd.Assign(task_id=task.id, principal=ADMIN))
        behind = heart.reactor.submit(creating("behind"))
        await _until(lambda: _waiting(heart))
        await cut(heart)
        with pytest.raises(Unavailable):
            await asyncio.wait_for(held, PATIENCE)
    await persist(lambda: heart.do(cmd.Assign, task.id))
    assert (await heart.task(task.id)).epoch == 1
    await asyncio.gather(behind, return_exceptions=True)
    await persist(lambda: heart.ask(creating("works again")))
    assert (await heart.statuses())["works again"] == "assigned"


async def test_no_report_overtakes_one_that_was_lost(heart: Heart) -> None:
    """What follows a lost message is refused until the daemon has connected again and resends from where we are."""
    spool = Spool(ANVIL.id)
    task = await heart.create("a")
    started, output = spool.started(task.id, 1), spool.output(task.id, 1, b"all of it")
    finished = spool.finished(task.id, 1)
    async with heart.rows.transaction():
        await heart.rows.execute("select 1 from tasks where id = $1 for update", task.id)
        answers = [heart.reactor.submit(started)]
        await _until(lambda: _waiting(heart))
        answers += [heart.reactor.submit(output), heart.reactor.submit(finished)]
        await cut(heart)
        refused = await asyncio.wait_for(asyncio.gather(*answers, return_exceptions=True), PATIENCE)
    assert [type(answer) for answer in refused] == [Unavailable] * 3
    with pytest.raises(Unavailable):
        await heart.ask(finished)
    opened = cmd.OpenSpool(server_id=ANVIL.id, spool_id=spool.id)
    assert await persist(lambda: heart.ask(opened)) == 0
    for report in (started, output, finished):
        await heart.ask(report)
    assert (await heart.task(task.id)).status is TaskStatus.DONE
    assert await heart.rows.fetchval("select content from task_output") == b"all of it"


async def test_an_effect_that_breaks_does_not_undo_the_commit(heart: Heart, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no way to the daemons")

    monkeypatch.setattr(heart, "send", broken)
    task = await heart.create("a")
    monkeypatch.undo()
    assert task.status is TaskStatus.ASSIGNED
    assert await heart.units(task.id) == [(1, "execute", "offered")]
    await run(heart, Spool(ANVIL.id), task)
    assert (await heart.task(task.id)).status is TaskStatus.DONE


async def test_stopping_refuses_what_has_not_been_decided(database: Database) -> None:
    async with Heart(database, ANVIL) as heart:
        asked = [heart.reactor.submit(creating(str(number))) for number in range(1000)]
        await _something_answered(asked)
    answers = await asyncio.gather(*asked, return_exceptions=True)
    made = [answer for answer in answers if isinstance(answer, tuple)]
    assert all(isinstance(answer, tuple | Unavailable) for answer in answers)
    connection = await database.connect_raw()
    try:
        assert await connection.fetchval("select count(*) from tasks") >= len(made)
    finally:
        await connection.close()


async def test_an_edge_and_the_end_of_its_upstream_on_two_hubs(database: Database) -> None:
    """Whichever comes first: the dependent is never left waiting for something that is done."""
    async with Heart(database) as one, Heart(database) as two:
        ups = [await one.create(f"up {number}", run=None) for number in range(100)]
        for up in ups:
            await one.do(cmd.Assign, up.id)
            await one.do(cmd.Start, up.id)
        ending = [one.do(cmd.Complete, up.id, result=None) for up in ups]
        adding = [two.create(f"down {number}", blocks(up), run=None) for number, up in enumerate(ups)]
        await asyncio.gather(*(step for pair in zip(ending, adding, strict=True) for step in pair))
        left = await one.rows.fetch("""
            select d.title from tasks d join task_dependencies e on e.task_id = d.id
            join tasks u on u.id = e.depends_on_task_id where u.status = 'done' and not e.resolved""")
        assert left == []
        assert await one.rows.fetchval("select count(*) from tasks where waiting_on > 0") == 0


async def test_a_report_and_the_loss_of_its_host_on_two_hubs(database: Database) -> None:
    """One of them wins, whole: done and ended, or lost and handed out again."""
    async with Heart(database, ANVIL) as one, Heart(database, ANVIL) as two:
        spool = Spool(ANVIL.id)
        tasks = [await one.create(str(number)) for number in range(40)]
        for task in tasks:
            await one.ask(spool.started(task.id, 1))
        reports = [one.ask(spool.finished(task.id, 1)) for task in tasks]
        loss = two.ask(cmd.LoseServer(server_id=ANVIL.id, detail="silent"))
        answers = await asyncio.gather(*reports, loss, return_exceptions=True)
        assert all(answer is None or isinstance(answer, Conflict) for answer in answers)
        for task in tasks:
            stored, units = await one.task(task.id), await one.units(task.id)
            if stored.status is TaskStatus.DONE:
                assert units == [(1, "execute", "ended")]
            else:
                assert units == [(1, "execute", "lost"), (2, "execute", "offered")]


async def _something_answered(asked: list[Any]) -> None:
    await asyncio.wait(asked, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)


async def _waiting(heart: Heart) -> bool:
    return await heart.rows.fetchval(
        "select count(*) > 0 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():
            pass
