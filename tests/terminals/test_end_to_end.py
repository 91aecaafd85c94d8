"""A real hub, a real daemon and what it starts: a flood that nobody takes, and fifty terminals at once."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from corral_protocol.vocabulary import SessionMode
from tests.acceptance.world import World
from tests.terminals.viewer import Viewer, a_viewer

MIB = 1 << 20
MB = 1_000_000
SHELL = ["env", "PS1=$ ", "ENV=", "sh", "-i"]
ECHO = ["sh", "-c", "stty raw -echo; printf ready; exec cat"]
CTRL_C = b"\x03"


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """Afterwards nothing runs any more."""
    here = World(tmp_path, database_url)
    try:
        await asyncio.to_thread(here.start_hub)
        await asyncio.to_thread(here.daemon, "only")
        yield here
    finally:
        await asyncio.to_thread(here.close)
        await asyncio.to_thread(_end_terminals, here)


@pytest.mark.parametrize("size", [60 * MB, pytest.param(500 * MB, marks=pytest.mark.slow)], ids=["60 MB", "500 MB"])
async def test_a_flood_that_nobody_takes_costs_no_memory_and_can_be_stopped(world: World, size: int) -> None:
    session = await _start(world, SHELL)
    async with _viewer(world) as viewer:
        viewer.keep = False
        await viewer.attach(session, SessionMode.DRIVE)
        await viewer.type(_line(f"head -c {8 * MIB} /dev/zero | tr '\\0' x; echo"))  # what is needed once is there
        await _says(viewer, "warm")
        before = _memory(world)
        viewer.acking = False
        through = world.folder / "through"
        await viewer.type(_line(f"head -c {size} /dev/zero | tr '\\0' x; touch {through}; cat /dev/zero | tr '\\0' y"))
        await asyncio.to_thread(world.eventually, through.exists, "the flood went by")
        growth = {name: now - before[name] for name, now in _memory(world).items()}
        print("growth in MiB:", {name: round(number / MIB, 1) for name, number in growth.items()})
        assert max(growth.values()) <= 32 * MIB
        assert (viewer.position or 0) < size // 2, "it did not take the flood"
        known = len(viewer.screens)
        await viewer.type(CTRL_C)
        await viewer.catch_up()
        await viewer.until(lambda: len(viewer.screens) > known, "what it missed is stood for by a screen")
        await _says(viewer, "alive")


async def test_fifty_terminals_echo_while_one_floods(world: World) -> None:
    await _start(world, ["sh", "-c", "stty raw -echo; exec cat /dev/zero"])
    sessions = [await _start(world, ECHO) for _ in range(50)]
    async with AsyncExitStack() as stack:
        viewers = [await stack.enter_async_context(_viewer(world)) for _ in sessions]
        for viewer, session in zip(viewers, sessions, strict=True):
            await viewer.attach(session, SessionMode.DRIVE)
        for viewer in viewers:
            await viewer.until(lambda viewer=viewer: viewer.position is not None, "its screen is there")
        for letter in b"hello":
            for viewer in viewers:
                await viewer.type(bytes([letter]))
            for viewer in viewers:
                await viewer.until(lambda viewer=viewer, last=letter: viewer.content[-1:] == bytes([last]), "its echo")
        assert all(viewer.content.endswith(b"hello") for viewer in viewers)


# -- how ----------------------------------------------------------------------------


class _Seen:
    """A hub as viewers see it."""

    def __init__(self, world: World) -> None:
        self.url = world.url
        self.admin = {"Authorization": f"Bearer {world.token}"}


def _end_terminals(world: World) -> None:
    """They outlive the daemon."""
    home = {**world.environment, "CORRAL_HOME": str(world.folder / "only")}
    subprocess.run([sys.executable, "-m", "corral_daemon", "terminals", "--end"], env=home, check=True)


def _viewer(world: World) -> Any:
    return a_viewer(_Seen(world))  # type: ignore[arg-type]


async def _start(world: World, argv: list[str]) -> str:
    body = {"server": "only", "argv": argv, "cols": 80, "rows": 24}
    session = str((await asyncio.to_thread(world.post, "/sessions", body))["id"])

    def running() -> bool:
        return world.get(f"/sessions/{session}")["status"] == "running"

    await asyncio.to_thread(world.eventually, running, "the session runs")
    return session


def _line(command: str) -> bytes:
    return command.encode() + b"\r"


async def _says(viewer: Viewer, word: str) -> None:
    """Its shell is at work: it does what it is told now. What is typed does not look like what it prints."""
    viewer.content.clear()
    viewer.keep = True
    await viewer.type(_line(f"echo {word[:2]}''{word[2:]}"))
    await viewer.until(lambda: word.encode() in viewer.content, f"the shell says {word}")
    viewer.keep = False


def _memory(world: World) -> dict[str, int]:
    assert world.hub is not None
    daemon = world.daemons["only"].process
    assert daemon is not None
    return {"hub": _rss(world.hub.pid), "daemon": _rss(daemon.pid)}


def _rss(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024
