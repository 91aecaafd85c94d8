"""The holder outlives daemons; what they left is there for the next one, and nothing is left when all is over."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from corral_daemon.errors import HolderUnusable
from corral_daemon.pty import client, dismiss, folder
from corral_daemon.pty.folder import SOCKET
from corral_daemon.pty.line import VERSION
from corral_daemon.pty.window import WINDOW
from corral_protocol.frames import Kind, pack
from corral_protocol.sessions import (
    HeldSession,
    SessionClosed,
    SessionError,
    SessionForget,
    SessionKill,
    SessionStart,
    SessionStarted,
    SessionWatch,
)
from tests.daemon.daemon_world import until
from tests.daemon.terminal_world import MIB, Viewed, World, gone, holder_pid, make, world

RAW = "stty raw -echo; "


async def successor(here: World) -> World:
    """Another daemon of the same state folder, after the first has left."""
    await here.disconnect()
    await here.sessions.close()
    after = make(here.state)
    await after.sessions.open()
    after.connect()
    return after


async def finish(here: World) -> None:
    for held in here.sessions.attach(here.hub.messages.append).sessions:
        here.sessions.hear(SessionForget(session_id=held.session_id))
    await here.disconnect()
    await here.sessions.close()
    await gone(here.state)


async def test_the_next_daemon_finds_what_was_held(tmp_path: Path) -> None:
    first = make(tmp_path)
    await first.sessions.open()
    first.connect()
    first.start("stays", "sh", "-c", "printf 'before '; read line; printf 'sec'; printf 'retly'", secrets=("secretly",))
    first.start("ends", "sh", "-c", "printf bye; sleep 0.2; exit 7")
    pid = (await first.heard(SessionStarted, "stays")).pid
    await first.heard(SessionStarted, "ends")
    second = await successor(first)
    assert [held for held in second.held.sessions if held.session_id == "stays"] == [
        HeldSession(session_id="stays", pid=pid, offset=len("before "))
    ]
    assert ("open", "stays", 120, 40, ("secretly",)) in second.screens.calls
    view = second.watch("stays", 3)
    second.enter(1, b"\n")
    await until(lambda: bytes(view.data) == b"ore \r\n********")
    await until(lambda: all(held.ended for held in second.sessions.attach(second.hub.messages.append).sessions))
    third = await successor(second)
    ended = {held.session_id: held for held in third.held.sessions}
    assert (ended["ends"].ended, ended["ends"].exit_code, ended["ends"].offset) == (True, 7, 3)
    assert (ended["stays"].ended, ended["stays"].exit_code) == (True, 0)
    view = third.watch("ends", 0)
    await until(lambda: bytes(view.data) == b"bye")
    await finish(third)


async def test_a_holder_of_another_version_keeps_its_sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make(tmp_path)
    await first.sessions.open()
    first.connect()
    first.start("old", "sh", "-c", f"read line; echo done > {tmp_path / 'done'}")
    pid = (await first.heard(SessionStarted, "old")).pid
    master = os.dup(first.sessions._holder.sessions["old"].keyboard._fd)
    with monkeypatch.context() as other:
        other.setattr(client, "VERSION", client.VERSION + 1)
        second = await successor(first)
        assert not second.held.sessions
        second.sessions.hear(SessionStart(session_id="new", argv=("true",)))
        error = await second.heard(SessionError, "new")
        assert error.code == "holder_other_version"
        assert error.hint and "corral daemon terminals --end" in error.hint
        assert pid and os.getpgid(pid) == pid
        await second.disconnect()
        await second.sessions.close()
    os.write(master, b"\n")
    os.close(master)
    await until(lambda: (tmp_path / "done").exists())
    await gone(tmp_path)
    async with world(tmp_path) as third:
        third.start("new", "true")
        await third.heard(SessionClosed, "new")


async def test_a_consumer_that_stopped_blocks_nobody(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        view = here.watch("s1", 0)
        view = here.start("s1", "sh", "-c", f"{RAW}head -c {20 * MIB} /dev/zero")
        view.acks = False
        closed = await here.heard(SessionClosed, "s1")
        assert closed.offset == 20 * MIB
        assert view.end <= WINDOW
        here.hub.answer(_ack(2, view.end))
        await until(lambda: view.end == closed.offset)
        assert view.snapshots == [(20 * MIB, b"screen at %d" % (20 * MIB))]


async def test_a_consumer_that_goes_on_gets_everything(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        view = here.start("s1", "sh", "-c", f"{RAW}head -c {20 * MIB} /dev/zero")
        here.hub.pause()
        await here.heard(SessionStarted, "s1")
        await asyncio.sleep(0.3)
        here.hub.go_on()
        closed = await here.heard(SessionClosed, "s1")
        await until(lambda: view.end == closed.offset == 20 * MIB)
        assert not view.snapshots


async def test_after_a_reconnect_a_channel_is_whose_the_hub_says(tmp_path: Path) -> None:
    """The hub numbers anew; output of a session that it has not asked for again must not come on another's number."""
    async with world(tmp_path) as here:
        talker = here.start("talker", "sh", "-c", "while :; do echo talks; sleep 0.01; done")
        quiet = here.start("quiet", "sh", "-c", f"{RAW}printf quiet; exec cat")
        await until(lambda: bytes(quiet.data) == b"quiet" and talker.end > 0)
        await here.disconnect()
        here.connect()
        here.hub.views[1] = again = Viewed()
        here.sessions.hear(SessionWatch(session_id="quiet", channel=1, offset=5))
        for number in range(50):
            here.enter(1, b"%d " % number)
            await until(lambda number=number: again.data.endswith(b"%d " % number))
        assert bytes(again.data) == b"".join(b"%d " % number for number in range(50))


async def test_a_short_absence_of_the_hub_costs_no_byte(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        view = here.start("s1", "sh", "-c", f"{RAW}head -c {20 * MIB} /dev/zero")
        await until(lambda: view.end > MIB)
        await here.disconnect()
        here.connect()
        here.sessions.hear(SessionWatch(session_id="s1", channel=1, offset=view.end))
        await until(lambda: view.end == 20 * MIB)
        assert not view.snapshots


async def test_ctrl_c_works_while_nobody_takes_the_flood(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        view = here.start("s1", "bash", "--norc", "-i", env={"PS1": "> "})
        await until(lambda: view.data.endswith(b"> "))
        view.acks = False
        here.enter(1, b"cat /dev/zero\r")
        await until(lambda: view.end - 2 >= WINDOW - 100_000)
        here.enter(1, b"\x03")
        here.enter(1, b"exit 9\r")
        assert (await here.heard(SessionClosed, "s1")).exit_code == 9


async def test_a_killed_holder_takes_its_sessions_along(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.start("s1", "sh", "-c", "trap '' HUP TERM; sleep 600")
        pid = (await here.heard(SessionStarted, "s1")).pid
        holder = holder_pid(tmp_path)
        assert pid and holder
        os.kill(holder, signal.SIGKILL)
        closed = await here.heard(SessionClosed, "s1")
        assert (closed.exit_code, closed.signal) == (None, None)
        await until(lambda: not _runs(pid))
        here.start("s2", "sh", "-c", "exit 3")
        assert (await here.heard(SessionClosed, "s2")).exit_code == 3


async def test_a_killed_warden_takes_its_session_along(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.start("s1", "sh", "-c", f"setsid sleep 600 & echo $! > {tmp_path / 'pid'}; trap '' HUP TERM; sleep 600")
        here.start("s2", "sh", "-c", "read line; exit 3")
        await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
        stray = int((tmp_path / "pid").read_text())
        started = await here.heard(SessionStarted, "s1")
        await here.heard(SessionStarted, "s2")
        assert started.pid
        os.kill(_parent(started.pid), signal.SIGKILL)
        closed = await here.heard(SessionClosed, "s1")
        assert (closed.exit_code, closed.signal) == (None, None)
        await until(lambda: not _runs(stray))
        here.enter(2, b"\n")
        assert (await here.heard(SessionClosed, "s2")).exit_code == 3


async def test_sigterm_ends_the_holder_and_everything_in_it(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.start("s1", "sh", "-c", "read line")
        await here.heard(SessionStarted, "s1")
        holder = holder_pid(tmp_path)
        assert holder
        os.kill(holder, signal.SIGTERM)
        await here.heard(SessionClosed, "s1")
        await gone(tmp_path)


async def test_what_holds_the_terminals_can_be_asked_and_ended_without_a_daemon(tmp_path: Path) -> None:
    assert dismiss.ask(tmp_path) is None
    async with world(tmp_path) as here:
        here.start("s1", "sh", "-c", "read line")
        await here.heard(SessionStarted, "s1")
        found = await asyncio.to_thread(dismiss.ask, tmp_path)
        assert found == dismiss.Greeting(pid=holder_pid(tmp_path) or 0, sessions=1, version=VERSION)
        here.start("s2", "sh", "-c", "exit 3")
        assert (await here.heard(SessionClosed, "s2")).exit_code == 3
        assert await asyncio.to_thread(dismiss.dismiss, tmp_path)
        await here.heard(SessionClosed, "s1")
        await gone(tmp_path)


async def test_a_folder_that_somebody_else_made_is_not_trusted(tmp_path: Path) -> None:
    folder.folder(tmp_path).symlink_to(tmp_path)
    with pytest.raises(HolderUnusable, match="belongs to somebody else"):
        dismiss.ask(tmp_path)
    here = make(tmp_path)
    await here.sessions.open()
    here.connect()
    here.sessions.hear(SessionStart(session_id="s1", argv=("true",)))
    assert (await here.heard(SessionError, "s1")).code == "holder_unusable"
    await here.disconnect()
    await here.sessions.close()


async def test_a_deep_state_folder_has_its_socket_elsewhere(tmp_path: Path) -> None:
    state = tmp_path / ("deep" * 20) / ("deeper" * 10)
    state.mkdir(parents=True)
    place = folder.folder(state)
    assert len(str(place / SOCKET)) < 108
    async with world(state) as here:
        here.start("s1", "sh", "-c", "exit 3")
        assert (await here.heard(SessionClosed, "s1")).exit_code == 3
        assert place.stat().st_mode & 0o777 == 0o700
        assert (place / SOCKET).stat().st_mode & 0o777 == 0o600


async def test_sessions_get_none_of_the_holders_descriptors(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.start("s1", "sh", "-c", "read line")
        view = here.start("s2", "sh", "-c", "ls /proc/self/fd | tr '\\n' ' '; umask")
        await here.heard(SessionClosed, "s2")
        assert bytes(view.data) == b"0 1 2 3 %s\r\n" % _umask()
        here.sessions.hear(SessionKill(session_id="s1"))
        await here.heard(SessionClosed, "s1")


def _umask() -> bytes:
    mask = os.umask(0o022)
    os.umask(mask)
    return b"%04o" % mask


def _ack(channel: int, offset: int) -> bytes:
    return pack(Kind.ACK, channel, offset)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):  # the second: it ended while we read
        return False


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
