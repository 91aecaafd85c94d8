"""Bytes through the hub: every one, once, in order, to everybody, however slow; in no more memory than planned."""

import asyncio
import hashlib
import random
from pathlib import Path

from corral_protocol import sessions as wire
from tests.hub_process import HubProcess
from tests.terminals.daemon import Daemon, start
from tests.terminals.viewer import a_viewer

MIB = 1 << 20


def rss(hub: HubProcess) -> int:
    assert hub.process is not None
    status = Path(f"/proc/{hub.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


async def test_64_mib_arrive_as_they_were_sent(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    content = random.Random(1).randbytes(MIB) * 64
    async with a_viewer(shared_hub) as viewer:
        await viewer.attach(session, offset=0)
        writing = asyncio.create_task(daemon.write(session, content))
        await viewer.at(len(content))
        await writing
        assert viewer.screens == []
        assert hashlib.sha256(viewer.content).digest() == hashlib.sha256(content).digest()


async def test_who_comes_in_gets_a_screen_and_then_the_output(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    await daemon.write(session, b"before")
    async with a_viewer(shared_hub) as first, a_viewer(shared_hub) as second:
        attached = await first.attach(session)
        assert (attached["mode"], attached["cols"], attached["rows"]) == ("view", 120, 40)
        await first.at(6)
        await daemon.write(session, b" after")
        await first.at(12)
        assert (first.screens, bytes(first.content)) == ([6], b" after")
        await second.attach(session)
        await second.at(12)
        assert second.screens == [12]
        assert len(daemon.said(wire.SessionWatch)) == 1, "one stream, however many watch"


async def test_output_flows_only_while_somebody_watches(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    async with a_viewer(shared_hub) as viewer:
        await viewer.attach(session)
        await viewer.at(0)
        await viewer.detach(session)
        await daemon.until(lambda: daemon.said(wire.SessionUnwatch), "the output is switched off")
    async with a_viewer(shared_hub) as viewer:
        await viewer.attach(session, offset=0)
        await daemon.until(lambda: daemon.streams, "it is on again")
    await daemon.until(lambda: not daemon.streams, "a viewer that is gone watches no more")


async def test_a_viewer_that_comes_back_goes_on_at_its_byte(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    content = random.Random(2).randbytes(5 * MIB)
    async with a_viewer(shared_hub) as viewer:
        await viewer.attach(session, offset=0)
        await daemon.write(session, content[:MIB])
        await viewer.at(MIB)
        half = bytes(viewer.content)
    await daemon.write(session, content[MIB:])
    async with a_viewer(shared_hub) as viewer:
        await viewer.attach(session, offset=MIB)
        await viewer.at(len(content))
        assert viewer.screens == []
        assert half + bytes(viewer.content) == content


async def test_beside_others_it_goes_on_in_the_middle_of_a_frame(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    content = random.Random(3).randbytes(200_000)
    async with a_viewer(shared_hub) as first, a_viewer(shared_hub) as second:
        await first.attach(session, offset=0)
        await daemon.write(session, content)
        await first.at(len(content))
        await second.attach(session, offset=100_001)
        await second.at(len(content))
        assert (second.screens, bytes(second.content)) == ([], content[100_001:])


async def test_bytes_that_are_gone_are_stood_for_by_a_screen(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    daemon.terminals[session].ring = 1000
    await daemon.write(session, b"x" * 5000)
    async with a_viewer(shared_hub) as viewer:
        await viewer.attach(session, offset=10)
        await viewer.at(5000)
        assert viewer.screens == [5000]
        await daemon.write(session, b"more")
        await viewer.at(5004)


async def test_an_offset_that_never_was_gets_a_screen(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    await daemon.write(session, b"hello")
    for offset in (10**9, 2**62):
        async with a_viewer(shared_hub) as viewer:
            await viewer.attach(session, offset=offset, lost=True)
            await viewer.at(5)
            assert viewer.screens == [5]
            async with a_viewer(shared_hub) as beside:
                await beside.attach(session, offset=offset, lost=True)
                await beside.at(5)


async def test_one_slow_viewer_among_twenty(shared_hub: HubProcess, daemon: Daemon) -> None:
    """It reads 10 KB/s; the others get everything, and the hub holds one short backlog, not nineteen megabytes more."""
    session = await start(daemon)
    content = random.Random(4).randbytes(MIB) * 16
    async with AsyncStack(shared_hub, 19) as quick, a_viewer(shared_hub) as slow:
        slow.rate, slow.keep = 10_000.0, False
        for viewer in (*quick, slow):
            viewer.keep = False
            await viewer.attach(session, offset=0)
        before = rss(shared_hub)
        writing = asyncio.create_task(daemon.write(session, content))
        grown = 0
        for viewer in quick:
            await viewer.at(len(content))
            grown = max(grown, rss(shared_hub) - before)
        await writing
        assert all(viewer.screens == [] for viewer in quick)
        assert slow.position is not None
        assert slow.position < MIB
        assert grown < 48 * MIB, f"{grown / MIB:.0f} MiB"
        slow.rate = None
        await slow.at(len(content))
        assert slow.screens, "what it missed was said"


async def test_a_viewer_that_stops_costs_nothing_and_catches_up(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    async with a_viewer(shared_hub) as quick, a_viewer(shared_hub) as paused:
        await quick.attach(session, offset=0)
        await paused.attach(session, offset=0)
        paused.acking = False
        await daemon.write(session, b"x" * (4 * MIB))
        await quick.at(4 * MIB)
        assert not daemon.said(wire.SessionSnapshot), "nobody asks for a screen that nobody would read"
        await paused.catch_up()
        await paused.at(4 * MIB)
        assert paused.screens == [4 * MIB]
        assert len(daemon.said(wire.SessionSnapshot)) == 1


async def test_a_screen_that_is_behind_is_followed_by_another(shared_hub: HubProcess, daemon: Daemon) -> None:
    """The machine's screen may be slower than its output: what is no news is asked for again."""
    session = await start(daemon)
    screens = iter([0, 1000, 3 * MIB])
    async with a_viewer(shared_hub) as quick, a_viewer(shared_hub) as paused:
        await quick.attach(session, offset=0)
        await paused.attach(session, offset=0)
        paused.acking = False
        daemon.terminals[session].screen_at = lambda written: next(screens, written)
        await daemon.write(session, b"x" * (4 * MIB))
        await quick.at(4 * MIB)
        await paused.catch_up()
        await paused.at(4 * MIB)
        assert paused.screens[-1] == 4 * MIB
        assert 0 not in paused.screens


async def test_the_fastest_viewer_sets_the_pace(shared_hub: HubProcess, daemon: Daemon) -> None:
    """While nobody takes anything, the machine is not told to go on; the hub does not swallow it instead."""
    session = await start(daemon)
    async with a_viewer(shared_hub) as viewer:
        await viewer.attach(session, offset=0)
        viewer.acking = False
        writing = asyncio.create_task(daemon.write(session, b"x" * (8 * MIB)))
        await viewer.until(lambda: (viewer.position or 0) >= 64 * 1024, "the window is full")
        await writing
        stream = daemon.streams[session]
        assert stream.acked == 0
        assert stream.position < MIB
        await viewer.catch_up()
        await viewer.at(8 * MIB)
        assert viewer.screens == []


async def test_a_daemon_that_comes_back_in_a_flood(shared_hub: HubProcess, daemon: Daemon) -> None:
    """Five times gone without a word, while it sends: the viewers get every byte, and none twice."""
    session = await start(daemon)
    content = random.Random(5).randbytes(MIB) * 12
    async with a_viewer(shared_hub) as one, a_viewer(shared_hub) as other:
        await one.attach(session, offset=0)
        await other.attach(session, offset=0)
        daemon.terminals[session].content += content
        for part in range(1, 6):
            pumping = asyncio.create_task(daemon.pump(session))
            await one.until(lambda at=part: (one.position or 0) > at * MIB, "the flood goes on")
            pumping.cancel()
            await daemon.drop()
            await daemon.connect()
        for viewer in (one, other):
            await viewer.at(len(content))
            assert viewer.screens == []
            assert hashlib.sha256(viewer.content).digest() == hashlib.sha256(content).digest()
        assert sum(m["type"] == "session_event" for m in one.said) == 0, "nothing happened to the session"


async def test_the_last_bytes_come_before_the_end(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    content = b"x" * (2 * MIB)
    async with a_viewer(shared_hub) as viewer:
        await viewer.attach(session, offset=0)
        daemon.terminals[session].content += content
        await daemon.end(session, exit_code=3)
        await asyncio.sleep(0)
        assert session in daemon.terminals, "it is kept until the viewers have it"
        await daemon.pump(session)
        closed = await viewer.event("closed")
        assert viewer.position == len(content)
        assert closed["details"]["exit_code"] == 3
        await daemon.until(lambda: session not in daemon.terminals, "then it is forgotten")


async def test_a_machine_that_is_back_after_an_end_still_has_its_last_bytes(
    shared_hub: HubProcess, daemon: Daemon
) -> None:
    session = await start(daemon)
    content = b"x" * (2 * MIB)
    async with a_viewer(shared_hub) as viewer:
        await viewer.attach(session, offset=0)
        daemon.terminals[session].content += content
        await daemon.end(session, exit_code=0)
        await start(daemon)  # the end has been committed by then
        await daemon.drop()
        await daemon.connect()
        await viewer.event("closed")
        assert (viewer.position, viewer.screens) == (len(content), [])
        await daemon.until(lambda: session not in daemon.terminals, "then it is forgotten")


class AsyncStack:
    """Several viewers at once."""

    def __init__(self, hub: HubProcess, count: int) -> None:
        self._each = [a_viewer(hub) for _ in range(count)]

    async def __aenter__(self) -> list:
        return [await each.__aenter__() for each in self._each]

    async def __aexit__(self, *_: object) -> None:
        for each in self._each:
            await each.__aexit__(None, None, None)
