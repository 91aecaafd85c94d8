"""Recordings from the PTY to the player: a real machine, a real hub, the real program."""

import asyncio
import os
import signal
from pathlib import Path

from tests.daemon.screen_world import screen_of
from tests.hub_process import HubProcess
from tests.terminals.recorded import RAW, Cast, machine
from tests.terminals.test_cli import at_desk, corral, prints


async def test_what_a_session_prints_is_recorded_and_played(shared_hub: HubProcess, tmp_path: Path) -> None:
    async with machine(shared_hub, tmp_path / "state") as here:
        script = f"{RAW}printf 'hello \\303\\244\\377\\r\\n'; sleep 0.3; printf 'bye\\033]52;c;aGk=\\007'"
        session = await here.start(script, name=f"rec-{here.name}", cols=90, rows=25)
        about = await here.complete(session)
        assert (about["complete"], about["gaps"], about["output_bytes"]) == (True, 0, 26)
        cast = await here.cast(session)
        assert (cast.header["width"], cast.header["height"], cast.header["title"]) == (90, 25, f"rec-{here.name}")
        assert cast.output == "hello ä�\r\nbye\x1b]52;c;aGk=\x07"
        file = tmp_path / "it.cast"
        await prints(shared_hub, "session", "replay", session, "--to-file", str(file))
        assert file.stat().st_mode & 0o777 == 0o600
        assert Cast.read(file.read_bytes()).events == cast.events
        piped = await corral(shared_hub, "session", "replay", session)
        assert piped.stdout.decode() == cast.output
        async with at_desk(shared_hub, "session", "replay", session, "--speed", "2") as somebody:
            seen = await somebody.sees(b"bye")
            assert await somebody.ends() == 0
            assert "hello ä".encode() in seen
            assert b"\x1b]52" not in seen + somebody.desk.screen
            assert somebody.desk.restored
        await here.eventually(lambda: not here.shelves(), "nothing is left on the machine")


LINES = (
    RAW
    + """
pad=$(printf '%0100d' 0); i=0
while [ ! -e STOP ]; do
    i=$((i+5)); printf "%d $pad\r\n" $((i-4)) $((i-3)) $((i-2)) $((i-1)) $i; sleep 0.001
done
printf end"""
)
"""Some 100 KB a second."""


async def test_a_scribe_and_a_daemon_are_killed_in_the_middle_of_output(shared_hub: HubProcess, tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    async with machine(shared_hub, tmp_path / "state") as here:
        session = await here.start(LINES.replace("STOP", str(stop)))
        for number in range(9):
            before = here.recording(session)["output_bytes"]
            await here.until_recorded(session, lambda found, n=before: found["output_bytes"] > n, "it goes on")
            if number % 3 == 2:
                await here.kill()
                await here.up()
            else:
                signal.pidfd_send_signal(os.pidfd_open(here.scribe()), signal.SIGKILL)
        stop.touch()
        about = await here.complete(session)
        assert (about["gaps"], about["skipped_bytes"]) == (0, 0)
        whole = (await here.cast(session)).output
        *lines, last = whole.split("\r\n")
        assert lines == [f"{number} {0:0100}" for number in range(1, len(lines) + 1)]
        assert last == "end"
        assert about["output_bytes"] == len(whole)


async def test_a_flood_is_bounded_and_ends_with_the_right_screen(shared_hub: HubProcess, tmp_path: Path) -> None:
    size = 150 * 1_000_000
    go = tmp_path / "go"
    async with machine(shared_hub, tmp_path / "state") as here:
        script = (
            f"{RAW}yes 'all work and no play' | head -c {size}; printf 'the end'; until [ -e {go} ]; do sleep 0.1; done"
        )
        session = await here.start(script)
        about = await here.until_recorded(
            session, lambda found: found["output_bytes"] == size + 7, "all is accounted for"
        )
        assert about["gaps"] > 0
        assert about["skipped_bytes"] > size // 2
        assert about["output_bytes"] - about["skipped_bytes"] <= (8 + about["duration"] + 1) * (1 << 20)
        assert about["size"] < 8 << 20
        shows = await asyncio.to_thread(shared_hub.get, f"/sessions/{session}/screen", shared_hub.admin)
        go.touch()
        assert (await here.complete(session))["complete"]
        cast = await here.cast(session)
        assert any("bytes are not recorded here" in mark for mark in cast.of("m"))
        last = cast.output.rpartition("\x1bc")[2].encode()
        screen = await asyncio.to_thread(screen_of, last, (120, 40))
        assert screen.lines() == tuple(shows["lines"])
        assert screen.lines()[-1].endswith("the end")
        near = await here.cast(session, about["duration"])
        assert screen_of(near.output.removeprefix("\x1bc").encode(), (120, 40)).lines() == screen.lines()
