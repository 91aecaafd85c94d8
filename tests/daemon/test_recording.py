"""Recordings as the scribe makes them: real rings, its real process, files on a disk; and it may be killed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from corral_daemon import clock
from corral_daemon.pty.ring import create
from corral_daemon.recording.shelf import Shelf
from corral_daemon.recording.words import Closed, Recorded, Wanted
from corral_daemon.scribe.client import Scribe
from corral_daemon.scribe.messages import News
from corral_protocol import tape
from corral_protocol.recordings import SIZE_LIMIT, Segment, expand, read_label
from corral_protocol.tape import Event, Kind
from corral_protocol.vocabulary import RecordingState
from tests.daemon.daemon_world import until
from tests.daemon.screen_world import screen_of, state
from tests.daemon.test_scribe import SECRET, SIZE, Session

ON = Wanted(began=clock.unix(), on=True, limit=SIZE_LIMIT)
OFF = Wanted(began=clock.unix(), on=False, limit=SIZE_LIMIT)


class Studio:
    """One session, its scribe, and what lies on its shelf."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder / "recordings"
        self.news: list[News] = []
        self.scribe = Scribe(folder / "screens", self.folder, self.news.append)
        self.session = Session(create(size, folder))
        self.shelf = Shelf(self.folder, "s")

    async def open(self, wanted: Wanted = ON, secrets: tuple[str, ...] = (SECRET,)) -> None:
        await self.scribe.open("s", self.session.ring.fd, *SIZE, secrets, wanted)

    def write(self, data: bytes) -> None:
        self.session.write(data)
        self.scribe.moved("s", self.session.ring.head)

    async def read(self) -> None:
        """The scribe has seen everything."""
        await self.scribe.look("s", None)

    async def kill(self) -> None:
        before = self.scribe.pid
        assert before
        os.kill(before, signal.SIGKILL)
        await until(lambda: self.scribe.pid not in (before, None))

    async def forget(self) -> None:
        self.scribe.forget("s")
        await until(lambda: Closed(session_id="s") in self.news)

    def segments(self) -> list[tuple[Segment, bytes]]:
        found = [self.shelf.get(number) for number, _ in self.shelf.kept()]
        return [(label, data[start:]) for data in found for label, start in [read_label(data)]]

    def events(self) -> list[Event]:
        return [event for _, body in self.segments() for event in tape.unpack(expand(body))]

    def output(self) -> bytes:
        return b"".join(event.data for event in self.events() if event.kind is Kind.OUTPUT)

    def replayed(self) -> bytes:
        """What a player would show in the end: from the last drawing on."""
        shown = b""
        for event in self.events():
            if event.kind is Kind.OUTPUT:
                shown += event.data
            elif event.kind is Kind.DRAWING:
                shown = event.data
        return shown

    async def close(self) -> None:
        await self.scribe.close()
        self.session.close()


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    made = Studio(tmp_path, 1 << 20)
    yield made
    await made.close()


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Studio]:
    return Studio(tmp_path, 1 << 18)


async def test_what_was_printed_is_on_the_shelf(studio: Studio) -> None:
    await studio.open()
    printed = bytes(range(256)) + "日本\r\n".encode()
    for at in range(0, len(printed), 7):  # cut anywhere, also within a character
        studio.write(printed[at : at + 7])
        await studio.read()
    studio.scribe.ended("s")
    await until(lambda: bool(studio.segments()) and studio.segments()[-1][0].state is RecordingState.ENDED)
    assert studio.output() == printed
    (label, _) = studio.segments()[-1]
    assert (label.state, label.until_offset, label.gaps) == (RecordingState.ENDED, len(printed), 0)
    await studio.forget()


async def test_a_secret_is_never_stored_however_it_is_cut(studio: Studio) -> None:
    await studio.open()
    half = len(SECRET) // 2
    studio.write(b"one " + SECRET[:half].encode())
    await studio.read()
    await studio.kill()
    studio.write(SECRET[half:].encode() + b" two " + SECRET[:half].encode())
    await studio.read()
    studio.scribe.record("s", on=False, limit=SIZE_LIMIT)
    await until(lambda: any(isinstance(news, Recorded) for news in studio.news))
    await studio.kill()
    studio.write(SECRET[half:].encode() + b" three ")
    studio.scribe.record("s", on=True, limit=SIZE_LIMIT)
    await studio.read()
    studio.write(b"four " + SECRET[:-1].encode())
    await studio.forget()
    kept = b"".join(event.data for event in studio.events())
    assert SECRET[half:].encode() not in kept and SECRET[:half].encode() not in kept
    stars = b"*" * len(SECRET)
    assert studio.output() == b"one " + stars + b" two " + b"four " + stars[1:]


async def test_a_scribe_that_is_killed_loses_nothing_and_repeats_nothing(studio: Studio) -> None:
    await studio.open()
    printed = b""
    for number in range(12):
        more = b"%d line\r\n" % number * 3000
        studio.write(more)
        printed += more
        if number % 2:
            await studio.kill()
        else:
            await studio.read()
    await studio.kill()
    await studio.forget()
    assert studio.output() == printed
    assert all(not label.gaps for label, _ in studio.segments())
    numbers = [label.number for label, _ in studio.segments()]
    assert numbers == list(range(len(numbers)))


async def test_it_is_killed_when_the_session_is_forgotten(studio: Studio) -> None:
    await studio.open()
    studio.write(b"last words")
    studio.scribe.forget("s")
    await studio.kill()
    await until(lambda: Closed(session_id="s") in studio.news)
    assert studio.output() == b"last words"


async def test_the_daemon_is_gone_when_the_session_is_forgotten(studio: Studio) -> None:
    await studio.open()
    studio.write(b"last words")
    await studio.read()
    studio.scribe.forget("s")
    await studio.scribe.close()
    assert studio.output() == b"last words"
    assert studio.segments()[-1][0].state is RecordingState.ENDED


async def test_a_flood_is_bounded_and_its_last_screen_is_right(narrow: Studio) -> None:
    await narrow.open()
    printed, total = b"", 0
    for number in range(600):
        more = b"\x1b[%dm%d\x1b[m flood\r\n" % (30 + number % 8, number) * 14_000
        narrow.write(more)
        printed, total = more, total + len(more)
        await asyncio.sleep(0)
    assert total > 100 << 20
    narrow.write(b"$ ")
    await narrow.read()
    last = printed[-100_000:]
    await until(lambda: bool(narrow.segments()) and narrow.segments()[-1][0].until_offset == total + 2, within=60)
    assert state(screen_of(narrow.replayed(), SIZE)) == state(screen_of(last[last.index(b"\n") + 1 :] + b"$ ", SIZE))
    await narrow.forget()
    labels = [label for label, _ in narrow.segments()]
    assert sum(label.gaps for label in labels) > 0
    assert sum(label.until_offset - label.from_offset - label.skipped for label in labels) == len(narrow.output())
    seconds = labels[-1].until_ms / 1000 - labels[0].from_ms / 1000
    assert len(narrow.output()) <= (8 + seconds + 1) * (1 << 20)
    assert labels[-1].until_offset == total + 2
    await narrow.close()


async def test_it_is_switched_off_and_on(studio: Studio) -> None:
    await studio.open(OFF)
    studio.write(b"before ")
    studio.scribe.record("s", on=True, limit=SIZE_LIMIT)
    await studio.read()
    studio.write(b"within ")
    studio.scribe.record("s", on=False, limit=SIZE_LIMIT)
    await studio.read()
    studio.write(b"between ")
    await studio.kill()
    studio.scribe.record("s", on=True, limit=SIZE_LIMIT)
    await studio.read()
    studio.write(b"after")
    await studio.forget()
    assert studio.output() == b"within after"
    drawings = [event.data for event in studio.events() if event.kind is Kind.DRAWING]
    assert [screen_of(data, SIZE).lines()[0] for data in drawings] == ["before", "before within between"]
    gaps = [tape.read_gap(event.data) for event in studio.events() if event.kind is Kind.GAP]
    assert gaps == [(7, "off"), (8, "off")]


async def test_what_is_not_to_be_recorded_leaves_nothing(studio: Studio) -> None:
    await studio.open(OFF)
    studio.write(b"secretive")
    await studio.read()
    await studio.forget()
    assert not studio.folder.exists()


async def test_its_window_changes_size(studio: Studio) -> None:
    await studio.open()
    studio.write(b"narrow ")
    await studio.read()
    studio.scribe.resize("s", studio.session.ring.head, 132, 43)
    studio.write(b"wide")
    await studio.forget()
    told = [(event.kind, event.data) for event in studio.events() if event.kind is not Kind.DRAWING]  # by the clock
    assert told == [
        (Kind.OUTPUT, b"narrow "), (Kind.RESIZE, tape.resize(0, 132, 43).data), (Kind.OUTPUT, b"wide"),
    ]  # fmt: skip


async def test_a_disk_that_takes_nothing_costs_a_gap_and_no_more(studio: Studio) -> None:
    await studio.open()
    await studio.read()
    studio.folder.mkdir()
    (studio.folder / "s").write_bytes(b"no folder can be here")
    studio.write(b"lost\r\n" * 30_000)
    await studio.read()
    (studio.folder / "s").unlink()
    studio.write(b"kept")
    await studio.forget()
    (label, _) = studio.segments()[-1]
    assert (label.until_offset, label.skipped) == (180_004, 180_004)
    assert [tape.read_gap(event.data)[1] for event in studio.events()] == ["disk"]
