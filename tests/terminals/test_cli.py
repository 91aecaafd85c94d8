"""corral attach and corral session against the real hub: the program in a real terminal, a simulated machine."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from corral_protocol import sessions as wire
from corral_protocol.vocabulary import Attention
from tests.cli.desk import Desk, sitting
from tests.hub_process import HubProcess
from tests.terminals.daemon import Daemon, a_daemon, start


def login(hub: HubProcess, who: Mapping[str, str] | None = None) -> dict[str, str]:
    token = (who or hub.admin)["Authorization"].removeprefix("Bearer ")
    return {**hub.environment, "CORRAL_HUB_URL": hub.url, "CORRAL_TOKEN": token}


@asynccontextmanager
async def at_desk(hub: HubProcess, *words: str, who: Mapping[str, str] | None = None) -> AsyncIterator["Patient"]:
    with sitting(*words, **login(hub, who)) as desk:
        yield Patient(desk)


class Patient:
    """A desk whose waiting leaves the loop to others."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.type = desk.type

    async def sees(self, text: bytes) -> bytes:
        return await asyncio.to_thread(self.desk.sees, text)

    async def ends(self) -> int:
        return await asyncio.to_thread(self.desk.ends)

    async def leaves(self) -> None:
        await asyncio.to_thread(self.desk.leave)


async def corral(hub: HubProcess, *words: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "corral_cli", *words]
    nothing = subprocess.DEVNULL
    run = partial(subprocess.run, command, env=login(hub), stdin=nothing, capture_output=True, timeout=60)
    return await asyncio.to_thread(run)


async def prints(hub: HubProcess, *words: str) -> str:
    """Return what a command that succeeds prints."""
    done = await corral(hub, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


async def exit_code(hub: HubProcess, *words: str) -> int:
    return (await corral(hub, *words)).returncode


def numbers(start: int, end: int) -> bytes:
    return b"".join(b"%d\r\n" % number for number in range(start, end))


async def typed(daemon: Daemon, session: str, keys: bytes) -> None:
    terminal = daemon.terminals[session]
    await daemon.until(lambda: bytes(terminal.typed) == keys, f"{keys!r} is typed, not {bytes(terminal.typed)!r}")


async def test_keys_output_size_and_exit_code(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon, name=f"build-{daemon.name}")
    terminal = daemon.terminals[session]
    async with at_desk(shared_hub, "attach", f"build-{daemon.name}") as somebody:
        await somebody.sees(b"<screen at 0>")
        await daemon.until(lambda: terminal.size == (100, 30), "the window decides the size")
        every = bytes(range(128, 256)) + b"\r\x03\x1c\x1b[A"
        somebody.type(every)
        await typed(daemon, session, every)
        await daemon.write(session, b"x" * 300_000 + b"<end>")
        assert (await somebody.sees(b"<end>")).endswith(b"x" * 300_000 + b"<end>")
        somebody.desk.resize(70, 20)
        await daemon.until(lambda: terminal.size == (70, 20), "the window's new size arrives")
        await daemon.write(session, b"last words")
        await daemon.end(session, exit_code=3)
        assert await somebody.ends() == 3
        assert b"last words" in somebody.desk.screen
        assert somebody.desk.restored


async def test_started_and_attached_in_one_go(shared_hub: HubProcess, daemon: Daemon) -> None:
    words = ("session", "start", "--server", daemon.name, "--attach", "--", "sh")
    async with at_desk(shared_hub, *words) as somebody:
        await somebody.sees(b"<screen at 0>")
        (request,) = daemon.said(wire.SessionStart)
        assert (request.argv, request.cols, request.rows) == (("sh",), 100, 30)
        await daemon.end(request.session_id, exit_code=9)
        assert await somebody.ends() == 9


async def test_two_people_one_session(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    async with at_desk(shared_hub, "attach", session) as ana:
        await ana.sees(b"<screen at 0>")
        async with at_desk(shared_hub, "attach", session) as ben:
            await ben.sees(b"You are watching")
            ben.type(b"no")
            ana.type(b"yes")
            await typed(daemon, session, b"yes")
            await ben.leaves()
        async with at_desk(shared_hub, "attach", session, "--take") as ben:
            await ben.sees(b"Attached to")
            await ana.sees(b"\xc2\xb7 watching")
            ana.type(b"no")
            ben.type(b"!")
            await typed(daemon, session, b"yes!")
            await daemon.write(session, b"both see it")
            await ana.sees(b"both see it")
            await ben.sees(b"both see it")
            await ben.leaves()
        await ana.leaves()


async def test_who_may_only_watch_watches(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    viewer = await asyncio.to_thread(shared_hub.viewer)
    async with at_desk(shared_hub, "attach", session, who=viewer) as somebody:
        await somebody.sees(b"You are watching")
        await somebody.leaves()


async def test_the_hub_restarts_and_no_byte_is_lost_or_doubled(database_url: str, tmp_path: Path) -> None:
    with HubProcess(tmp_path, database_url) as hub:
        async with a_daemon(hub) as daemon:
            session = await start(daemon)
            async with at_desk(hub, "attach", session) as somebody:
                await somebody.sees(b"<screen at 0>")
                await daemon.write(session, numbers(0, 2000))
                await somebody.sees(b"\n1999\r\n")
                await asyncio.to_thread(hub.stop)
                daemon.terminals[session].content += numbers(2000, 4000)
                await daemon.drop()
                await asyncio.to_thread(hub.start)
                await daemon.connect()
                assert (await somebody.sees(b"\n3999\r\n")).endswith(numbers(2000, 4000))
                somebody.type(b"back")
                await typed(daemon, session, b"back")
                await somebody.leaves()


async def test_what_scripts_do(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = partial(prints, shared_hub, "session")
    name = f"job-{daemon.name}"
    where = ("--server", daemon.name, "--name", name)
    id = (await session("start", *where, "-q", "--", "make", "-j8")).strip()
    (request,) = daemon.said(wire.SessionStart)
    assert request.argv == ("make", "-j8")
    assert name in await session("list", "--server", daemon.name)
    assert await session("read", name) == "$ make\nok\n"
    assert await session("read", name, "--lines", "1") == "ok\n"
    await session("send", name, "make test", "--key", "Enter")
    await session("send", name, "q")
    await typed(daemon, id, b"make test\rq\r")
    await session("resize", name, "90x20")
    await daemon.until(lambda: daemon.terminals[id].size == (90, 20), "the size arrives")


async def test_waiting_and_ending(shared_hub: HubProcess, daemon: Daemon) -> None:
    session, fails = partial(prints, shared_hub, "session"), partial(exit_code, shared_hub, "session")
    id = await start(daemon)
    doing = Attention.WAITS_FOR_INPUT
    await daemon.say(wire.SessionAttention(session_id=id, attention=doing, why="asks: Proceed?", since=1.0))
    assert "asks: Proceed?" in await session("wait", id, "--until", doing, "--timeout", "30s")
    assert await fails("remove", id, "--yes") == 5
    await session("close", id)
    await session("wait", id, "--timeout", "30s")
    assert "exit code 0" in await session("show", id)
    await session("remove", id, "--yes")
    assert await fails("show", id) == 3


async def test_following_into_a_pipe(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    every = bytes(range(256)) * 1000
    await daemon.write(session, every)
    following = asyncio.create_task(corral(shared_hub, "attach", session, "--view", "--offset", "0"))
    await daemon.until(lambda: session in daemon.streams, "somebody watches")
    await daemon.write(session, b"the end")
    await daemon.end(session, exit_code=0)
    done = await following
    assert (done.returncode, done.stdout) == (0, every + b"the end"), done.stderr
