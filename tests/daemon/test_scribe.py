"""The scribe with real rings and its real process: what it tells is what a terminal would show, and it may die."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from corral_daemon.errors import ScribeFailed
from corral_daemon.processes.post import Outbox, Receiver
from corral_daemon.pty.ring import WritableRing, create
from corral_daemon.scribe import connection
from corral_daemon.scribe.client import Scribe
from corral_daemon.scribe.messages import Draw, Open, Read
from corral_daemon.scribe.process import Desk
from corral_daemon.scribe.screen import Screen
from corral_protocol.codec import encode
from tests.daemon.screen_world import screen_of, state

SIZE = (80, 24)
SECRET = "corral_s3cr3t_t0ken"


class Session:
    """A ring that the test writes to, as the holder would."""

    def __init__(self, ring: WritableRing) -> None:
        self.ring = ring
        self._source, self._sink = os.pipe()
        os.set_blocking(self._source, False)

    def write(self, data: bytes) -> None:
        for at in range(0, len(data), 1 << 16):
            os.write(self._sink, data[at : at + (1 << 16)])
            self.ring.fill(self._source)

    def close(self) -> None:
        os.close(self._source)
        os.close(self._sink)
        self.ring.close()


Make = Callable[[int], Session]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Session] = []

    def new(size: int) -> Session:
        made.append(Session(create(size, tmp_path)))
        return made[-1]

    yield new
    for session in made:
        session.close()


@pytest.fixture
async def scribe(tmp_path: Path) -> AsyncIterator[Scribe]:
    scribe = Scribe(tmp_path / "screens")
    yield scribe
    await scribe.close()


@pytest.fixture
async def session(scribe: Scribe, make: Make) -> Session:
    session = make(1 << 20)
    await scribe.open("s", session.ring.fd, *SIZE, secrets=(SECRET,))
    return session


async def shows(scribe: Scribe, output: bytes) -> None:
    """Its snapshot is that of all the output."""
    snapshot = await scribe.snapshot("s")
    assert snapshot.offset == len(output)
    assert state(screen_of(snapshot.data, SIZE)) == state(screen_of(output, SIZE))


async def test_it_draws_what_was_written(scribe: Scribe, session: Session) -> None:
    output = b"\x1b[1mhello\x1b[m \xe6\x97\xa5\r\n$ "
    session.write(output)
    await shows(scribe, output)
    session.write(b"\x1b[?1049h\x1b[2;3Heditor")
    await shows(scribe, output + b"\x1b[?1049h\x1b[2;3Heditor")


async def test_a_drawing_may_end_in_the_middle_of_a_sequence(scribe: Scribe, session: Session) -> None:
    session.write(b"one\x1b[3")
    snapshot = await scribe.snapshot("s")
    assert screen_of(snapshot.data + b"1mtwo", SIZE).lines()[0] == "onetwo"


async def test_it_tells_what_can_be_read(scribe: Scribe, session: Session) -> None:
    session.write(b"\x1b]0;title\x07one\r\n\x1b[31mtwo\x1b[m\r\n10 %\r90 %\x1b[K")
    look = await scribe.look("s", None)
    assert (look.lines[:4], look.cursor, look.title) == (("one", "two", "90 %", ""), (4, 2), "title")
    assert (look.cols, look.rows, len(look.lines)) == (80, 24, 24)
    assert (await scribe.look("s", 2)).lines == ("two", "90 %")


async def test_secrets_are_neither_drawn_nor_told(scribe: Scribe, session: Session) -> None:
    session.write(b"token: " + SECRET[:9].encode())
    first = await scribe.snapshot("s")
    assert (first.offset, screen_of(first.data, SIZE).lines()[0]) == (7, "token:")
    session.write(SECRET[9:].encode() + b"\r\n")
    for told in (await scribe.look("s", None), await scribe.look("s", 5)):
        assert told.lines[0] == "token: " + "*" * len(SECRET)
    assert SECRET.encode() not in (await scribe.snapshot("s")).data


async def test_it_may_be_killed_at_any_time(scribe: Scribe, session: Session) -> None:
    output = b"\x1b[?2004h" + b"line\r\n" * 1000
    session.write(output)
    for _ in range(3):
        before = scribe.pid
        assert before is not None
        asked = asyncio.create_task(shows(scribe, output))
        await asyncio.sleep(0)
        os.kill(before, signal.SIGKILL)
        await asked
        await shows(scribe, output)
        assert scribe.pid != before


async def test_what_the_ring_no_longer_holds_is_not_forgotten(scribe: Scribe, make: Make, tmp_path: Path) -> None:
    session, output = make(1 << 18), b"shell\x1b[?2004h\x1b[?1049h\x1b[31mheader\x1b[m"
    await scribe.open("s", session.ring.fd, *SIZE, secrets=())
    session.write(output)
    for count in range(40):
        more = b"\x1b[5;1Hthis is line %d\x1b[K" % count * 1000
        session.write(more)
        output += more
        await scribe.look("s", None)
    assert scribe.pid is not None
    os.kill(scribe.pid, signal.SIGKILL)
    await shows(scribe, output)
    await scribe.close()
    after = Scribe(tmp_path / "screens")
    await after.open("s", session.ring.fd, *SIZE, secrets=())
    await shows(after, output)
    after.forget("s")
    await after.close()
    assert list((tmp_path / "screens").iterdir()) == []


async def test_a_scribe_that_never_works_is_not_started_for_ever(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_START", "raise SystemExit")
    scribe = Scribe()
    await scribe.open("s", make(1 << 18).ring.fd, *SIZE, secrets=())
    with pytest.raises(ScribeFailed):
        await scribe.snapshot("s")
    monkeypatch.undo()
    assert (await scribe.snapshot("s")).offset == 0
    await scribe.close()


async def test_the_window_changes_at_its_place(scribe: Scribe, session: Session) -> None:
    before, after = b"x" * 100, b"y" * 100
    session.write(before)
    scribe.resize("s", len(before), 120, 30)
    session.write(after)
    look = await scribe.look("s", None)
    assert (look.cols, look.rows) == (120, 30)
    assert look.lines[:3] == ("x" * 80, "x" * 20 + "y" * 100, "")


async def test_a_ring_that_went_round_shows_its_end(scribe: Scribe, make: Make) -> None:
    session = make(1 << 18)
    await scribe.open("s", session.ring.fd, *SIZE, secrets=())
    output = b"\x1b[1mline %d\x1b[m\r\n" * 50_000 % tuple(range(50_000))
    session.write(output)
    await shows(scribe, output)


async def test_what_goes_round_without_an_end_of_line_is_shown(scribe: Scribe, make: Make) -> None:
    session = make(1 << 18)
    await scribe.open("s", session.ring.fd, *SIZE, secrets=())
    session.write(b"x" * (1 << 20))
    assert set((await scribe.look("s", None)).lines) == {"x" * SIZE[0], *(await scribe.look("s", None)).lines[-1:]}


async def test_a_session_that_is_not_open_has_no_screen(scribe: Scribe, session: Session) -> None:
    with pytest.raises(ScribeFailed):
        await scribe.look("other", None)
    scribe.forget("s")
    with pytest.raises(ScribeFailed):
        await scribe.snapshot("s")


async def test_what_is_no_ring_harms_nobody(scribe: Scribe, session: Session, tmp_path: Path) -> None:
    (tmp_path / "no-ring").write_bytes(b"no" * 10_000)
    with (tmp_path / "no-ring").open("rb") as file:
        await scribe.open("other", file.fileno(), *SIZE, secrets=())
    with pytest.raises(ScribeFailed):
        await scribe.snapshot("other")
    session.write(b"fine")
    await shows(scribe, b"fine")


async def test_a_screen_that_breaks_is_begun_anew(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    session = make(1 << 18)
    ours, theirs = socket.socketpair()
    outbox, receiver = Outbox(ours), Receiver(ours)

    async def ask(question: Draw | Read) -> dict[str, Any]:
        outbox.put(encode(question))
        outbox.flush()
        (answer,) = await asyncio.to_thread(receiver.receive) or ()
        return answer

    desk = threading.Thread(target=Desk(theirs).run)
    desk.start()
    with ours, theirs:
        outbox.put(encode(Open(session_id="s", cols=80, rows=24)), [session.ring.fd])
        session.write(b"lost\r\n")
        with monkeypatch.context() as patch:
            patch.setattr(Screen, "print", lambda *_: 1 / 0)
            assert (await ask(Draw(session_id="s", request=1)))["offset"] == 6
        session.write(b"\nnew")
        assert (await ask(Read(session_id="s", request=2)))["lines"][:2] == ["", "new"]
        ours.shutdown(socket.SHUT_RDWR)
        desk.join()


def redraw(frame: int) -> bytes:
    """As an agent's TUI does it: everything cleared and drawn again."""
    lines = "".join(
        f"\x1b[38;5;{frame % 256}m│\x1b[39m \x1b[1mEdit\x1b[22m(file_{n}.py) changed\r\n" for n in range(200)
    )
    return f"\x1b[?2026h\x1b[2J\x1b[3J\x1b[H{lines}frame {frame}\x1b[?2026l".encode()


async def test_one_flood_does_not_keep_others_waiting(scribe: Scribe, make: Make) -> None:
    flood, quiet = make(8 << 20), make(1 << 18)
    await scribe.open("flood", flood.ring.fd, *SIZE, secrets=(SECRET,))
    await scribe.open("quiet", quiet.ring.fd, *SIZE, secrets=())
    quiet.write(b"$ ")
    await scribe.look("quiet", None)
    for frame in range(900):
        flood.write(redraw(frame))
    scribe.moved("flood", flood.ring.head)
    drawing = asyncio.create_task(scribe.snapshot("flood"))
    begun = time.perf_counter()
    assert (await scribe.look("quiet", None)).lines[0] == "$"
    beside = time.perf_counter() - begun
    snapshot = await drawing
    after = time.perf_counter() - begun
    print(f"8 MiB: {after * 1e3:.0f} ms, {len(snapshot.data)} bytes; another session meanwhile: {beside * 1e3:.0f} ms")
    assert snapshot.offset == flood.ring.head
    assert "frame 899" in "".join(screen_of(snapshot.data, SIZE).lines())
