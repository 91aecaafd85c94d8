"""Terminal sessions end to end on this machine: a real holder, real programs, and a hub that counts bytes."""

import hashlib
import signal
import sys
from pathlib import Path

import pytest

from corral_daemon.processes import table
from corral_protocol.frames import PAYLOAD_LIMIT
from corral_protocol.sessions import (
    SessionClose,
    SessionClosed,
    SessionError,
    SessionForget,
    SessionInput,
    SessionKill,
    SessionLook,
    SessionResize,
    SessionScreen,
    SessionSnapshot,
    SessionStart,
    SessionStarted,
)
from tests.daemon.daemon_world import until
from tests.daemon.terminal_world import gone, holder_pid, world

RAW = "stty raw -echo; "


def play(content: bytes, folder: Path) -> tuple[str, ...]:
    """A program that writes `content` to its terminal, which passes it on as it is."""
    (folder / "content").write_bytes(content)
    return "sh", "-c", f"{RAW}cat {folder / 'content'}"


HOSTILE = {
    "all 256 values": bytes(range(256)) * 300,
    "split UTF-8": "aé€😀".encode() * 50_000,
    "lines of 4 MB": (b"x" * 4_000_000 + b"\r\n") * 2,
    "bracketed paste": b"\x1b[?2004h\x1b[200~rm -rf /\n\x1b[201~\x1b[?2004l" * 1000,
    "OSC 8 and 52": b"\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\\x1b]52;c;aGVsbG8=\x07" * 1000,
    "sixel": b"\x1bPq#0;2;0;0;0#1;2;100;100;0#1~~@@vv@@~~$-\x1b\\" * 2000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
async def test_every_byte_arrives(tmp_path: Path, content: bytes) -> None:
    async with world(tmp_path) as here:
        view = here.start("s1", *play(content, tmp_path))
        closed = await here.heard(SessionClosed, "s1")
        await until(lambda: view.end == closed.offset)
        assert closed.offset == len(content)
        assert view.digest.digest() == hashlib.sha256(content).digest()


async def test_what_is_typed_arrives_byte_for_byte(tmp_path: Path) -> None:
    typed = bytes(range(256)) * 2000
    async with world(tmp_path) as here:
        view = here.start("s1", "sh", "-c", f"{RAW}printf ready; head -c {len(typed)} > {tmp_path / 'typed'}")
        await until(lambda: bytes(view.data) == b"ready")
        for start in range(0, len(typed), PAYLOAD_LIMIT):
            here.enter(1, typed[start : start + PAYLOAD_LIMIT])
        await here.heard(SessionClosed, "s1")
        assert (tmp_path / "typed").read_bytes() == typed


@pytest.mark.parametrize(
    ("script", "code", "number"), [("exit 0", 0, None), ("exit 5", 5, None), ("kill -9 $$", None, 9)]
)
async def test_the_real_exit_status(tmp_path: Path, script: str, code: int | None, number: int | None) -> None:
    async with world(tmp_path) as here:
        here.start("s1", "sh", "-c", f"echo bye; {script}")
        closed = await here.heard(SessionClosed, "s1")
        assert (closed.exit_code, closed.signal, closed.offset) == (code, number, len(b"bye\r\n"))
        started = await here.heard(SessionStarted, "s1")
        assert started.pid
        assert here.hub.messages.index(started) < here.hub.messages.index(closed)


async def test_a_secret_in_pieces_is_masked(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        view = here.start(
            "s1", "sh", "-c", "printf 'a tops'; printf 'ecret-word b'; printf ' topse'", secrets=("topsecret-word",)
        )
        closed = await here.heard(SessionClosed, "s1")
        await until(lambda: view.end == closed.offset)
        assert bytes(view.data) == b"a ************** b topse"


async def test_sigpipe_is_as_in_any_shell(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        view = here.start("s1", "bash", "-c", "yes | head -1; echo ${PIPESTATUS[0]}")
        await here.heard(SessionClosed, "s1")
        await until(lambda: bytes(view.data) == b"y\r\n141\r\n")


TREE = """
import os, signal, sys, time
def leaf(setsid, ignores):
    if setsid:
        os.setsid()
    if ignores:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
    if setsid and os.fork():
        os._exit(0)
    os.write(mark, b"%d\\n" % os.getpid())
    time.sleep(600)
mark = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for number in range(20):
    if os.fork() == 0:
        leaf(number % 2 == 0, number % 3 == 0)
os.write(mark, b"%d\\n" % os.getpid())
time.sleep(600)
"""


@pytest.mark.parametrize("order", [SessionKill(session_id="s1"), SessionClose(session_id="s1", grace=0.3)])
async def test_the_whole_tree_ends(tmp_path: Path, order: SessionKill | SessionClose) -> None:
    pids = tmp_path / "pids"
    async with world(tmp_path) as here:
        here.start("s1", sys.executable, "-c", TREE, str(pids))
        await until(lambda: pids.exists() and len(pids.read_text().splitlines()) == 21)
        here.sessions.hear(order)
        closed = await here.heard(SessionClosed, "s1")
        assert closed.signal in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)
        snapshot = table.read()
        assert not [pid for pid in map(int, pids.read_text().split()) if pid in snapshot and not snapshot[pid].zombie]


async def test_an_interactive_shell_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        view = here.start("s1", "bash", "--norc", "-i", env={"PS1": "ready> "})
        await until(lambda: b"ready>" in view.data)
        here.sessions.hear(SessionClose(session_id="s1", grace=30.0))
        assert (await here.heard(SessionClosed, "s1")).signal == signal.SIGHUP


async def test_starting_again_changes_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.start("s1", "sh", "-c", "read line; exit 3")
        first = await here.heard(SessionStarted, "s1")
        here.start("s1", "sh", "-c", "exit 4")
        await until(lambda: len(here.hub.of(SessionStarted)) == 2)
        assert here.hub.of(SessionStarted) == [first, first]
        here.enter(2, b"\r")
        assert (await here.heard(SessionClosed, "s1")).exit_code == 3
        here.sessions.hear(SessionStart(session_id="s1", argv=("sh",)))
        await until(lambda: len(here.hub.of(SessionClosed)) == 2)


async def test_the_window_is_resized(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        view = here.start("s1", "bash", "-c", "trap 'stty size; exit' WINCH; echo ready; while :; do read -t 1; done")
        await until(lambda: b"ready" in view.data)
        here.sessions.hear(SessionResize(session_id="s1", cols=77, rows=11))
        await until(lambda: b"11 77" in view.data)
        assert ("resize", "s1", 77, 11) in here.screens.calls


async def test_a_look_and_a_snapshot(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        view = here.start("s1", "sh", "-c", "printf hello; read line")
        await until(lambda: bytes(view.data) == b"hello")
        here.sessions.hear(SessionLook(session_id="s1", request_id="r1"))
        screen = await here.heard(SessionScreen, "s1")
        assert (screen.request_id, screen.lines, screen.offset) == ("r1", ("$ ls",), 5)
        here.sessions.hear(SessionSnapshot(session_id="s1", channel=1))
        await until(lambda: view.snapshots == [(5, b"screen at 5")])
        here.screens.broken = True
        here.sessions.hear(SessionLook(session_id="s1", request_id="r2"))
        assert (await here.heard(SessionError, "s1")).request_id == "r2"


async def test_whoever_watches_without_an_offset_begins_with_a_snapshot(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.start("s1", "sh", "-c", "printf hello; read line; printf world", watch=False)
        await here.heard(SessionStarted, "s1")
        await until(lambda: here.screens.heads.get("s1") == 5)
        view = here.watch("s1")
        await until(lambda: view.snapshots == [(5, b"screen at 5")])
        here.enter(1, b"\n")
        await until(lambda: bytes(view.data) == b"\r\nworld")


async def test_without_a_scribe_there_is_a_cleared_screen_and_the_last_output(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.start("s1", "sh", "-c", "printf hello; read line", watch=False)
        await here.heard(SessionStarted, "s1")
        await until(lambda: here.screens.heads.get("s1") == 5)
        here.screens.broken = True
        view = here.watch("s1")
        await until(lambda: bytes(view.data) == b"hello")
        assert view.snapshots == [(0, b"\x1bc")]


async def test_the_holder_ends_with_its_last_session(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.start("s1", "sh", "-c", "read line")
        await here.heard(SessionStarted, "s1")
        assert holder_pid(tmp_path)
        here.sessions.hear(SessionForget(session_id="s1"))
        assert not here.sessions.attach(here.hub.messages.append).sessions
    await gone(tmp_path)


async def test_fifty_sessions_echo_while_one_floods(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        flood = here.start("flood", "sh", "-c", f"{RAW}exec cat /dev/zero")
        flood.keep = False
        await here.heard(SessionStarted, "flood")
        views = [here.start(f"s{number}", "sh", "-c", f"{RAW}printf ready; exec cat") for number in range(50)]
        await until(lambda: all(bytes(view.data) == b"ready" for view in views))
        for letter in b"hello":
            for channel in range(2, 52):
                here.enter(channel, bytes([letter]))
            await until(lambda letter=letter: all(view.data[-1] == letter for view in views))
        before = flood.end
        await until(lambda: flood.end > before)
        here.sessions.hear(SessionKill(session_id="flood"))
        await here.heard(SessionClosed, "flood")


async def test_somebody_types_who_does_not_watch(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.start("s1", "sh", "-c", "read line; exit $line", watch=False)
        await here.heard(SessionStarted, "s1")
        here.sessions.hear(SessionInput(session_id="s1", data="no base64"))
        assert (await here.heard(SessionError, "s1")).code == "input_invalid"
        here.sessions.hear(SessionInput(session_id="s1", data="Nwo="))
        assert (await here.heard(SessionClosed, "s1")).exit_code == 7


async def test_a_program_that_never_reads_blocks_only_itself(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        deaf = here.start("deaf", "sh", "-c", f"{RAW}printf ready; exec sleep 600")
        other = here.start("other", "sh", "-c", f"{RAW}printf ready; exec cat")
        await until(lambda: bytes(deaf.data) == bytes(other.data) == b"ready")
        for _ in range(40):
            here.enter(1, b"x" * PAYLOAD_LIMIT)
        assert (await here.heard(SessionError, "deaf")).code == "input_refused"
        here.enter(2, b"still here")
        await until(lambda: bytes(other.data) == b"readystill here")
