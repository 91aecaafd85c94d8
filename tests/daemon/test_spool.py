"""The spool on a full disk, at its limit, after damage; and units of a daemon that died."""

import asyncio
import json
import logging
import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon import journal
from corral_daemon.errors import SpoolClosed
from corral_daemon.ports import Unit
from corral_daemon.reporting import SpoolReporter, finished, settle_leftovers
from corral_daemon.spool import writer
from corral_daemon.spool.file import SpoolFile
from corral_daemon.spool.model import Record, Tail
from corral_daemon.spool.spool import Spool
from corral_protocol.codec import decode_tagged
from corral_protocol.outcome import Outcome
from corral_protocol.to_daemon import TaskAssigned
from corral_protocol.to_hub import TO_HUB, TaskFinished, TaskOutput
from corral_protocol.vocabulary import ErrorClass, Phase, Stream
from tests.daemon.daemon_world import until

UNIT = Unit(task_id="t", attempt=1, epoch=7)
DONE = finished(UNIT, Outcome(result={"text": "ünï\n\x00"}))


def output(number: int, size: int = 1000) -> TaskOutput:
    return TaskOutput(seq=0, task_id="t", attempt=1, epoch=7, stream=Stream.STDOUT, offset=number, data="x" * size)


def names(directory: Path, prefix: str) -> int:
    return sum(path.name.startswith(prefix) for path in directory.iterdir())


async def bodies(spool: Spool) -> list[str]:
    return [record.body for record in await spool.unacked(spool.acked, 100_000)]


async def test_numbers_go_on_after_a_restart_although_nothing_is_left(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path)
    assert [await spool.append(output(1)), await spool.append(output(2))] == [1, 2]
    spool.ack(2)
    await until(lambda: spool.size == 0)
    await spool.close()
    again = Spool.open(tmp_path)
    assert again.spool_id == spool.spool_id
    assert await again.append(output(3)) == 3
    await again.close()


async def test_a_frame_is_the_message_with_its_number(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path)
    await spool.append(output(1))
    seq = await spool.append(DONE)
    (record,) = await spool.unacked(1, 10)
    message = decode_tagged(TO_HUB, json.loads(record.frame))
    assert isinstance(message, TaskFinished)
    assert (message.seq, message.outcome.result) == (seq, {"text": "ünï\n\x00"})
    await spool.close()


async def test_many_writers_share_commits(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path)
    seqs = await asyncio.gather(*(spool.append(output(number)) for number in range(500)))
    assert seqs == list(range(1, 501))
    assert [f'"offset":{number},' in body for number, body in enumerate(await bodies(spool))] == [True] * 500
    await spool.close()


async def test_a_full_disk_loses_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(writer, "LONGEST_PAUSE", 0.02)
    caplog.set_level(logging.WARNING)
    spool = Spool.open(tmp_path)
    await limit_pages(spool, 40)
    waiting = [asyncio.create_task(spool.append(output(number))) for number in range(300)]
    await until(lambda: "spool_not_writable" in caplog.text)
    assert not all(task.done() for task in waiting)
    assert caplog.text.count("spool_not_writable") == 1
    assert "free space" in caplog.text
    done = asyncio.create_task(spool.append(DONE))
    await limit_pages(spool, 1 << 30)
    assert await asyncio.gather(*waiting, done) == list(range(1, 302))
    found = await bodies(spool)
    assert [f'"offset":{number},' in body for number, body in enumerate(found[:-1])] == [True] * 300
    assert "task_finished" in found[-1]
    assert "spool_writable_again" in caplog.text
    await spool.close()


async def test_acknowledgements_make_room_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(writer, "LONGEST_PAUSE", 0.02)
    spool = Spool.open(tmp_path)
    await limit_pages(spool, 60)
    waiting = [asyncio.create_task(spool.append(output(number))) for number in range(400)]
    async with asyncio.timeout(20):
        while not all(task.done() for task in waiting):
            await spool.grown(spool.acked)
            spool.ack(spool.last_seq)
            await asyncio.sleep(0)
    assert [task.result() for task in waiting] == list(range(1, 401))
    await spool.close()


async def limit_pages(spool: Spool, pages: int) -> None:
    await spool.ask(lambda file: file.connection.execute(f"PRAGMA max_page_count = {pages}").fetchone())


async def test_closing_with_a_full_disk_tells_who_waits(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path)
    await limit_pages(spool, 1)
    waiting = [asyncio.create_task(spool.append(output(number, 100_000))) for number in range(3)]
    await asyncio.sleep(0)
    await spool.close()
    assert all(isinstance(said, SpoolClosed) for said in await asyncio.gather(*waiting, return_exceptions=True))
    with pytest.raises(SpoolClosed):
        await spool.append(DONE)


async def test_a_full_spool_has_no_room_for_output_until_the_hub_takes_some(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path, limit=5000)
    for number in range(5):
        assert spool.room.is_set()
        await spool.append(output(number))
    assert not spool.room.is_set()
    assert await spool.append(DONE) == 6
    spool.ack(6)
    async with asyncio.timeout(20):
        await spool.room.wait()
    await spool.close()


async def test_a_file_that_is_no_database_is_moved_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "spool.sqlite").write_bytes(os.urandom(5000))
    spool = Spool.open(tmp_path)
    assert await spool.append(DONE) == 1
    assert names(tmp_path, "spool.corrupt-") == 1
    assert "spool_corrupt" in caplog.text
    await spool.close()


async def test_damage_while_running_ends_the_spool_and_tells_everybody(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path)
    await spool.append(output(1))
    await spool.ask(ruin)
    said = await asyncio.gather(spool.append(output(2)), spool.append(DONE), return_exceptions=True)
    assert all(isinstance(error, SpoolClosed) for error in said)
    with pytest.raises(sqlite3.DatabaseError):
        await spool.broken
    await spool.close()


def ruin(file: SpoolFile) -> None:
    def insert(body: str) -> Record:
        raise sqlite3.DatabaseError("database disk image is malformed")

    file.insert = insert  # type: ignore[method-assign]


async def test_a_missing_reservation_renames_the_spool(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path)
    await spool.append(DONE)
    await spool.close()
    (tmp_path / "spool.numbers").unlink()
    again = Spool.open(tmp_path)
    assert again.spool_id != spool.spool_id
    assert len(await bodies(again)) == 1
    assert await again.append(DONE) == 2
    await again.close()


async def test_units_of_a_dead_daemon_are_killed_and_reported_once(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path)
    reporter = SpoolReporter(spool, lambda: 100.0)
    await reporter.accepted(TaskAssigned(task_id="t", title="", attempt=1, epoch=7, phase=Phase.PLAN), "cookie-1")
    await reporter.accepted(TaskAssigned(task_id="u", title="", attempt=1, epoch=8), "cookie-2")
    await reporter.started(UNIT, 4711, 1.0)
    await reporter.finished(Unit(task_id="u", attempt=1, epoch=8), Outcome())
    await spool.close()
    killed: list[str] = []

    async def kill(cookie: str, grace: float) -> int:
        killed.append(cookie)
        return 1

    again = Spool.open(tmp_path)
    assert await settle_leftovers(again, kill, 1.0, lambda: 130.0) == 1
    assert killed == ["cookie-1"]
    message = decode_tagged(TO_HUB, json.loads((await again.unacked(0, 100))[-1].frame))
    assert isinstance(message, TaskFinished)
    assert message.outcome.error and message.outcome.error.kind is ErrorClass.DAEMON_RESTARTED
    assert (message.task_id, message.epoch, message.phase, message.outcome.duration) == ("t", 7, Phase.PLAN, 30.0)
    assert await settle_leftovers(again, kill, 1.0, lambda: 130.0) == 0
    assert set(await again.ended_keys()) == {("t", 7), ("u", 8)}
    await again.close()


async def test_a_reporter_remembers_as_many_ended_units_as_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "ENDED_KEPT", 3)
    spool = Spool.open(tmp_path)
    reporter = SpoolReporter(spool, lambda: 1.0, [("old", 1), ("older", 2)])
    for epoch in (1, 2, 3):
        await reporter.finished(Unit(task_id="t", attempt=1, epoch=epoch), Outcome())
    known = [("old", 1), ("older", 2), ("t", 1), ("t", 2), ("t", 3)]
    assert [key for key in known if reporter.has_ended(*key)] == known[2:]
    await spool.close()


async def test_the_end_of_a_unit_and_its_record_are_one_transaction(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path)
    reporter = SpoolReporter(spool, lambda: 1.0)
    await reporter.accepted(TaskAssigned(task_id="t", title="", epoch=7), "cookie")
    assert [unit.cookie for unit in await spool.open_units()] == ["cookie"]

    def both_or_none(file: SpoolFile) -> bool:
        records = file.connection.execute("SELECT count(*) FROM record").fetchone()[0]
        return (records == 1) == (not journal.open_units(file.connection))

    ending = asyncio.create_task(reporter.finished(UNIT, Outcome()))
    while not ending.done():
        assert await spool.ask(both_or_none)
    assert await spool.ask(both_or_none)
    await spool.close()


@given(st.lists(st.one_of(st.integers(1, 9), st.tuples(st.sampled_from(["ack", "remove"]), st.floats(0, 1)))))
def test_the_tail_answers_like_the_whole_or_not_at_all(steps: list[int | tuple[str, float]]) -> None:
    tail, whole, last = Tail(10, limit=40), list[Record](), 10
    for step in steps:
        if isinstance(step, int):
            last += step
            record = Record(last, "x" * step)
            tail.add(record)
            whole.append(record)
        elif whole:
            record = whole[int(step[1] * (len(whole) - 1))]
            if step[0] == "ack":
                tail.forget(record.seq)
                whole = [other for other in whole if other.seq > record.seq]
            else:
                tail.remove(record.seq)
                whole.remove(record)
        for after in range(9, last + 2):
            found = tail.after(after, 3)
            assert found is None or found == tuple(other for other in whole if other.seq > after)[:3]
        assert tail.after(last, 1) == ()
