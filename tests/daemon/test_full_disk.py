"""A disk that is really full: a small file system of the test's own, for those who may mount one."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from corral_daemon.spool import reserve
from corral_daemon.spool.spool import Spool
from corral_protocol.outcome import Outcome
from corral_protocol.to_hub import TaskFinished, TaskOutput
from corral_protocol.vocabulary import Stream
from tests.daemon.runner_world import runner_world, shell

SIZE = 80 << 20
CHUNK = TaskOutput(seq=0, task_id="t1", attempt=1, epoch=1, stream=Stream.STDOUT, offset=0, data="x" * 350_000)
DONE = TaskFinished(seq=0, task_id="t1", attempt=1, epoch=1, outcome=Outcome())
PATIENCE = 60


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "corral-test", str(place)]
    try:
        mounted = subprocess.run(words, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if mounted.returncode != 0:
        pytest.skip(f"this account may not mount a file system: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(descriptor, b"x" * (1 << 16)):
            pass
    except OSError:
        return
    finally:
        os.close(descriptor)


async def test_a_disk_that_others_filled_takes_outcomes_and_no_output(disk: Path) -> None:
    spool = Spool.open(disk)
    await spool.append(CHUNK)
    assert (disk / "spool.reserve").stat().st_size == reserve.SIZE
    await asyncio.to_thread(fill, disk / "junk")
    async with asyncio.timeout(PATIENCE):
        for _ in range(100):
            await spool.append(DONE)
    assert not spool.room.is_set()
    (disk / "junk").unlink()
    async with asyncio.timeout(PATIENCE):
        await spool.room.wait()
    assert (disk / "spool.reserve").stat().st_size == reserve.SIZE
    assert len(await spool.unacked(0, 1000)) == 101
    await spool.close()


async def test_a_spool_that_fills_its_disk_gives_it_back_when_the_hub_takes_the_records(disk: Path) -> None:
    spool = Spool.open(disk)
    async with asyncio.timeout(PATIENCE):
        for _ in range(3):
            while spool.room.is_set():
                await spool.append(CHUNK)
            spool.ack(spool.last_seq)
            await spool.room.wait()
    assert spool.last_seq * len(CHUNK.data) > SIZE
    await spool.close()


async def test_a_spool_on_a_full_disk_opens_with_what_it_kept_aside(disk: Path) -> None:
    spool = Spool.open(disk)
    await spool.append(DONE)
    await spool.close()
    await asyncio.to_thread(fill, disk / "junk")
    spool = Spool.open(disk)
    assert len(await spool.unacked(0, 10)) == 1
    assert await spool.append(DONE) > 1
    await spool.close()


async def test_no_work_begins_on_a_full_disk(disk: Path) -> None:
    async with runner_world(disk / "state") as world:
        await asyncio.to_thread(fill, disk / "junk")
        await world.runner.assign(shell("true"))
        ((code, _),) = world.notebook.declines
        assert code == "disk_full"
        (disk / "junk").unlink()
        assert (await world.done(shell("true", epoch=2))).error is None
