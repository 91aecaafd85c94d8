"""Recordings on their way to the hub: sent until acknowledged, in order, a few at a time; then gone from the disk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from corral_daemon.recording.packer import Packer
from corral_daemon.recording.shelf import Shelf
from corral_daemon.recording.shipper import Shipper
from corral_daemon.recording.words import Closed, Recorded
from corral_protocol.frames import HEADER, Kind, unpack
from corral_protocol.recordings import IN_FLIGHT, RecordingTaken, read_label
from tests.daemon.daemon_world import until


class Hub:
    def __init__(self, shipper: Shipper) -> None:
        self.shipper = shipper
        self.frames: list[tuple[str, int]] = []
        self.answers = True

    async def send(self, data: bytes) -> None:
        frame = unpack(data)
        assert (frame.kind, frame.channel) == (Kind.RECORDING, 0)
        label, _ = read_label(data[HEADER.size :])
        assert label.number == frame.offset
        self.frames.append((label.session_id, label.number))
        if self.answers:
            answer = RecordingTaken(session_id=label.session_id, number=label.number)
            asyncio.get_running_loop().call_soon(self.shipper.taken, answer)


@asynccontextmanager
async def connected(shipper: Shipper) -> AsyncIterator[Hub]:
    hub = Hub(shipper)
    task = asyncio.create_task(shipper.ship(hub.send))
    try:
        yield hub
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def scribe(folder: Path, session_id: str) -> Callable[[], Recorded]:
    """Return what puts one segment after the other on a shelf."""
    shelf, packer = Shelf(folder, session_id), Packer(session_id, (80, 24), on=True, limit=1 << 30)

    def record() -> Recorded:
        packer.output(packer.position, b"some output", 0)
        (sealed,) = packer.draw(b"", 0) if packer.position > 11 else packer.tick(1 << 20)
        shelf.put(sealed.label.number, sealed.data)
        return Recorded(session_id=session_id, number=sealed.label.number, size=len(sealed.data))

    return record


def kept(folder: Path, session_id: str) -> list[int]:
    return [number for number, _ in Shelf(folder, session_id).kept()]


async def test_what_is_acknowledged_goes_but_the_last_stays(tmp_path: Path) -> None:
    shipper, record = Shipper(tmp_path, 1 << 20), scribe(tmp_path, "s")
    for _ in range(10):
        shipper.hear(record())
    async with connected(shipper) as hub:
        await until(lambda: kept(tmp_path, "s") == [9])
        assert hub.frames == [("s", number) for number in range(10)]
        shipper.hear(record())
        await until(lambda: kept(tmp_path, "s") == [10])
        shipper.hear(Closed(session_id="s"))
        await until(lambda: not (tmp_path / "s").exists())
    assert shipper.waiting == 0


async def test_only_a_few_are_on_their_way_and_all_are_sent_again(tmp_path: Path) -> None:
    shipper, record = Shipper(tmp_path, 1 << 20), scribe(tmp_path, "s")
    for _ in range(10):
        shipper.hear(record())
    async with connected(shipper) as hub:
        hub.answers = False
        await until(lambda: len(hub.frames) == IN_FLIGHT)
        shipper.taken(RecordingTaken(session_id="s", number=0))
        await until(lambda: len(hub.frames) == IN_FLIGHT + 1)
    async with connected(shipper) as hub:
        await until(lambda: kept(tmp_path, "s") == [9])
        assert hub.frames == [("s", number) for number in range(1, 10)]


async def test_the_next_daemon_sends_what_this_one_could_not(tmp_path: Path) -> None:
    lives, gone = scribe(tmp_path, "lives"), scribe(tmp_path, "gone")
    for _ in range(3):
        lives()
        gone()
    shipper = Shipper(tmp_path, 1 << 20)
    await shipper.open(["lives"])
    async with connected(shipper) as hub:
        await until(lambda: kept(tmp_path, "lives") == [2] and not (tmp_path / "gone").exists())
        assert sorted(hub.frames) == [(name, number) for name in ("gone", "lives") for number in range(3)]


async def test_what_a_killed_scribe_could_not_tell_of_is_found(tmp_path: Path) -> None:
    shipper, record = Shipper(tmp_path, 1 << 20), scribe(tmp_path, "s")
    shipper.hear(record())
    record()
    shipper.hear(record())
    record()
    shipper.hear(Closed(session_id="s"))
    async with connected(shipper) as hub:
        await until(lambda: not (tmp_path / "s").exists())
        assert hub.frames == [("s", number) for number in range(4)]


async def test_nothing_more_is_recorded_when_there_is_too_much(tmp_path: Path) -> None:
    record = scribe(tmp_path, "s")
    first = record()
    shipper = Shipper(tmp_path, 5 * first.size)
    said: list[bool] = []
    shipper.make_room = said.append
    shipper.hear(first)
    for _ in range(6):
        shipper.hear(record())
    assert said == [False]
    async with connected(shipper):
        await until(lambda: said == [False, True])


async def test_what_the_hub_refuses_or_the_disk_has_lost_holds_nobody_up(tmp_path: Path) -> None:
    shipper, record = Shipper(tmp_path, 1 << 20), scribe(tmp_path, "s")
    for _ in range(3):
        shipper.hear(record())
    Shelf(tmp_path, "s").drop(0)
    shipper.taken(RecordingTaken(session_id="s", number=1, refused="no_session"))
    shipper.taken(RecordingTaken(session_id="other", number=1))
    async with connected(shipper) as hub:
        await until(lambda: kept(tmp_path, "s") == [2] and shipper.waiting == 0)
        assert hub.frames == [("s", 2)]
