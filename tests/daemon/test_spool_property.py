"""The spool under random use: appends, acknowledgements, crashes, and files cut off anywhere."""

import asyncio
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corral_daemon.spool.spool import Spool
from corral_protocol.to_hub import TaskOutput
from corral_protocol.vocabulary import Stream

PERCENT = st.integers(0, 100)
APPEND = st.tuples(st.just("append"), st.integers(1, 20))
STEPS = st.lists(
    st.one_of(
        APPEND,
        st.tuples(st.sampled_from(["ack", "close", "crash"]), PERCENT),
        APPEND,
        st.tuples(st.sampled_from(["cut_log", "cut_log", "cut_file"]), PERCENT),
    ),
    max_size=20,
)


class World:
    """A hub that remembers what it was sent, and a state directory that suffers."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lives = 0
        self.directory = root / "0"
        self.count = 0
        self.received: dict[str, dict[int, str]] = {}
        self.acked: dict[str, int] = {}
        self.cut = False
        self.spool: Spool | None = None

    async def open(self) -> Spool:
        if self.spool is None:
            self.spool = Spool.open(self.directory)
            self.spool.ack(self.acked.get(self.spool.spool_id, 0))
        return self.spool

    async def append(self, count: int) -> None:
        spool = await self.open()
        for _ in range(count):
            self.count += 1
            seq = await spool.append(output(self.count))
            assert seq > self.acked.get(spool.spool_id, 0), "a number the hub has acknowledged was given again"
        await self.send()

    async def send(self) -> None:
        """Take everything that is not acknowledged, as a hub does, and check that no number changes its meaning."""
        spool = await self.open()
        acked = self.acked.get(spool.spool_id, 0)
        records = await spool.unacked(acked, 100_000)
        seqs = [record.seq for record in records]
        assert seqs == sorted(set(seqs)) and all(seq > acked for seq in seqs)
        known = self.received.setdefault(spool.spool_id, {})
        for record in records:
            assert known.setdefault(record.seq, record.body) == record.body, "renumbered"

    async def ack(self, percent: int) -> None:
        spool = await self.open()
        known = self.received.get(spool.spool_id, {})
        if known:
            upto = sorted(known)[percent * (len(known) - 1) // 100]
            self.acked[spool.spool_id] = max(self.acked.get(spool.spool_id, 0), upto)
            spool.ack(upto)

    async def close(self, _: int) -> None:
        spool = await self.open()
        await spool.close()
        self.spool = None

    async def crash(self, _: int) -> None:
        """What a killed process leaves: a copy of the directory, taken while the spool is open."""
        await self.open()
        self.lives += 1
        survivor = self.root / str(self.lives)
        shutil.copytree(self.directory, survivor)
        await self.close(0)
        self.directory = survivor

    async def cut_log(self, percent: int) -> None:
        await self.crash(0)
        truncate(self.directory / "spool.sqlite-wal", percent)

    async def cut_file(self, percent: int) -> None:
        await self.crash(0)
        truncate(self.directory / "spool.sqlite", percent)


def truncate(path: Path, percent: int) -> None:
    if path.exists():
        with path.open("r+b") as file:
            file.truncate(percent * path.stat().st_size // 100)


def output(number: int) -> TaskOutput:
    return TaskOutput(
        seq=0, task_id="t", attempt=1, epoch=1, stream=Stream.STDOUT, offset=number, data="x" * (number * 37 % 900)
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_any_history_keeps_order_numbers_and_a_working_daemon(steps: list[tuple[str, int]]) -> None:
    async def story() -> None:
        with TemporaryDirectory() as root:
            world = World(Path(root))
            for name, argument in steps:
                await getattr(world, name)(argument)
            await world.append(3)
            await world.close(0)

    asyncio.run(story())


@settings(max_examples=settings().max_examples * 2 // 3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.integers(1, 30), st.none()), max_size=15))
def test_without_damage_nothing_is_lost(steps: list[int | None]) -> None:
    """None is a crash of the process, a number is so many appends."""

    async def story() -> None:
        with TemporaryDirectory() as root:
            world = World(Path(root))
            for step in steps:
                await (world.crash(0) if step is None else world.append(step))
            spool = await world.open()
            records = await spool.unacked(0, 100_000)
            assert [f'"offset":{number},' in record.body for number, record in enumerate(records, 1)] == [True] * (
                world.count
            )
            await world.close(0)

    asyncio.run(story())
