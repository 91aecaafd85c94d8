"""corral session replay and record against the real hub: the program in a real terminal, segments as machines send."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.hub_process import HubProcess
from tests.terminals.daemon import Daemon, a_daemon, start
from tests.terminals.recorded import Cast
from tests.terminals.test_cli import at_desk, corral, exit_code, prints
from tests.terminals.test_recordings_kept import RECORDS, send, tape_of

HOSTILE = b"\x1b]52;c;cm0gLXJm\x07\x1b]0;rm -rf\x07\x1bkowned\x1b\\\x1b[31mred\x1b[m\x1b[?1049h\x1b[?1000h"


@pytest.fixture
async def daemon(shared_hub: HubProcess) -> AsyncIterator[Daemon]:
    async with a_daemon(shared_hub, features=RECORDS) as made:
        yield made


async def recorded(daemon: Daemon, *pieces: bytes, gap: int = 0) -> str:
    session = await start(daemon)
    await send(daemon, tape_of(session, *pieces, gap=gap))
    return session


async def test_it_plays_and_leaves_the_terminal_as_it_was(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await recorded(daemon, HOSTILE, b"the end", gap=7)
    async with at_desk(shared_hub, "session", "replay", session, "--idle-limit", "20ms") as somebody:
        seen = await somebody.sees(b"<screen at")
        seen += await somebody.sees(b"the end")
        assert await somebody.ends() == 0
        seen += somebody.desk.screen
        assert b"\x1b[31mred" in seen
        assert b"7 bytes are not recorded here" in seen
        for hostile in (b"\x1b]52", b"\x1b]0;", b"\x1bk", b"\x1bc"):
            assert hostile not in seen, hostile
        assert seen.index(b"\x1b[?1049h") < seen.index(b"\x1b[?1049l")
        assert seen.index(b"\x1b[?1000h") < seen.index(b"\x1b[?1000l")
        assert somebody.desk.restored


async def test_keys_hop_pause_and_leave(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await recorded(daemon, b"<one>", b"<two>", b"<three>")
    async with at_desk(shared_hub, "session", "replay", session, "--speed", "0.1") as somebody:
        await somebody.sees(b"<one>")
        somebody.type(b" ")
        await somebody.sees(b"paused")
        somebody.type(b"\x1b[C")
        await somebody.sees(b"<screen at 5><two>")
        somebody.type(b"\x1b[C")
        await somebody.sees(b"<screen at 10><three>")
        somebody.type(b"\x1b[D\x1b[D\x1b[D")
        await somebody.sees(b"<one>")
        somebody.type(b"++")
        await somebody.sees(b"speed 0.4")
        somebody.type(b"q")
        assert await somebody.ends() == 0
        assert somebody.desk.restored


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
async def test_a_signal_ends_it_and_the_terminal_is_put_back(
    shared_hub: HubProcess, daemon: Daemon, number: signal.Signals, code: int
) -> None:
    session = await recorded(daemon, b"<one>", b"<two>")
    async with at_desk(shared_hub, "session", "replay", session, "--speed", "0.1") as somebody:
        await somebody.sees(b"<one>")
        somebody.desk.process.send_signal(number)
        assert await somebody.ends() == code
        assert somebody.desk.restored


async def test_it_begins_where_one_wants(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await recorded(daemon, b"<one>", b"<two>", b"<three>")
    assert await prints(shared_hub, "session", "replay", session, "--from", "12s") == "\x1bc<screen at 5><two><three>"


async def test_a_file_is_asciicast_and_never_overwritten(
    shared_hub: HubProcess, daemon: Daemon, tmp_path: Path
) -> None:
    session = await recorded(daemon, bytes(range(256)), "日本".encode())
    file = tmp_path / "it.cast"
    await prints(shared_hub, "session", "replay", session, "--to-file", str(file))
    cast = Cast.read(await asyncio.to_thread(file.read_bytes))
    assert cast.output == (bytes(range(256)) + "日本".encode()).decode("utf-8", "replace")
    assert await exit_code(shared_hub, "session", "replay", session, "--to-file", str(file)) == 2
    assert await exit_code(shared_hub, "session", "replay", session, "--to-file", str(tmp_path / "no" / "it")) == 1


async def test_it_is_looked_at_switched_and_deleted(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await recorded(daemon, b"one", b"two", gap=5)
    shown = await prints(shared_hub, "session", "record", session)
    assert "5 bytes in 1 gaps" in shown and "ended" in shown
    assert "not recorded any longer" in await prints(shared_hub, "session", "record", session, "--off")
    assert "from now on" in await prints(shared_hub, "session", "record", session, "--on")
    assert await exit_code(shared_hub, "session", "record", session, "--on", "--off") == 2
    assert await exit_code(shared_hub, "session", "record", session, "--delete") == 2
    await prints(shared_hub, "session", "record", session, "--delete", "--yes")
    gone = await corral(shared_hub, "session", "replay", session)
    assert gone.returncode == 3 and b"recording_not_found" in gone.stderr
