"""Processes in the background: they go on after the node, and no further than the daemon."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.background.lines import LONGEST, MOST, Lines
from corral_daemon.background.record import MOST_BYTES, Record, open_logs
from corral_daemon.nodes.node import NodeFailed
from corral_daemon.rooted.walk import Spot
from tests.daemon.nodes.step_world import Stage, stage
from tests.daemon.runner_world import DEADLINE, carriers, until

NODE = "processManager"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path) as made:
        yield made


async def ask(here: Stage, operation: str, name: str = "it", **more: Any) -> Any:
    return await here.output(NODE, {"operation": operation, "name": name, **more})


async def eventually(here: Stage, name: str, **wanted: Any) -> Any:
    """Return what is told of it, once it is as wanted."""
    async with asyncio.timeout(DEADLINE):
        while True:
            told = await ask(here, "get_output", name)
            if all(told[key] == value for key, value in wanted.items()):
                return told
            await asyncio.sleep(0.01)


async def test_it_goes_on_and_is_fed_and_read(here: Stage) -> None:
    begun = await ask(here, "start", command="while read line; do echo got $line; echo oops >&2; done")
    assert (begun["status"], begun["exit_code"], begun["log_dir"]) == ("running", None, ".processes/it")
    assert os.getsid(begun["pid"]) == begun["pid"]
    await ask(here, "send_input", text="one")
    await ask(here, "send_input", text="two")
    told = await eventually(here, "it", total=2)
    assert told["lines"] == ["got one", "got two"]
    assert (await ask(here, "get_output", offset=1))["lines"] == ["got two"]
    assert (await ask(here, "get_output", tail=1))["lines"] == ["got two"]
    assert (await ask(here, "get_output", stream="stderr"))["lines"] == ["oops", "oops"]
    assert (here.workspace / ".processes/it/stdout.log").read_text() == "got one\ngot two\n"


async def test_stopping_ends_the_whole_tree(here: Stage) -> None:
    mark = "corral-background-stopped"
    await ask(here, "start", command=f"M={mark} sleep 600 & (trap '' TERM; M={mark} sleep 600) & M={mark} sleep 600")
    await until(lambda: len(carriers(mark)) >= 3)
    told = await ask(here, "stop")
    assert told["status"] == "stopped"
    assert not carriers(mark)
    assert (await ask(here, "stop"))["status"] == "stopped", "stopping again is no mistake"


async def test_it_ends_by_itself(here: Stage) -> None:
    await ask(here, "start", command="echo bye; exit 3")
    told = await eventually(here, "it", status="exited")
    assert (told["exit_code"], told["lines"]) == (3, ["bye"])
    assert "does not run any more" in (await here.refused(NODE, {"operation": "send_input", "name": "it"}))[1]


async def test_starting_again(here: Stage) -> None:
    first = await ask(here, "start", command="echo $$; sleep 600")
    assert "runs already" in (await here.refused(NODE, {"name": "it", "command": "true"}))[1]
    second = await ask(here, "restart")
    assert second["pid"] != first["pid"]
    with pytest.raises(ProcessLookupError):
        os.kill(first["pid"], 0)
    assert (await eventually(here, "it", total=1))["lines"] == [str(second["pid"])]


async def test_there_is_an_end_to_how_many(here: Stage) -> None:
    for number in range(10):
        await ask(here, "start", f"n{number}", command="sleep 600")
    assert "10 processes" in (await here.refused(NODE, {"name": "more", "command": "true"}))[1]
    await ask(here, "stop", "n3")
    await ask(here, "start", "more", command="true")
    assert len((await ask(here, "list"))["processes"]) == 11


async def test_who_starts_at_once_gets_one(here: Stage) -> None:
    words = {"name": "it", "command": "sleep 600"}
    results = await asyncio.gather(*(here.run(NODE, words) for _ in range(5)))
    assert [result.error is None for result in results].count(True) == 1


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a" * 65, "a\nb", "-x"])
async def test_names(here: Stage, name: str) -> None:
    assert (await here.refused(NODE, {"name": name, "command": "true"}))[0] == "bad_input"


@pytest.mark.parametrize("directory", ["..", "/etc", "way", "nowhere"])
async def test_it_runs_in_the_folder_of_the_workflow(here: Stage, directory: str) -> None:
    await ask(here, "start", "first", command="pwd")
    assert (await eventually(here, "first", status="exited"))["lines"] == [str(here.workspace)]
    (here.workspace / "way").symlink_to("/etc")
    words = {"name": "it", "command": "true", "working_directory": directory}
    assert (await here.refused(NODE, words))[0] == "bad_input"


async def test_a_link_in_the_place_of_a_log_is_not_written_through(here: Stage, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    here.workspace.joinpath(".processes/it").mkdir(parents=True)
    (here.workspace / ".processes/it/stdout.log").symlink_to(precious)
    await here.run(NODE, {"name": "it", "command": "echo gone"})
    (here.workspace / ".processes/it/stdout.log").unlink()
    os.link(precious, here.workspace / ".processes/it/stdout.log")
    await here.run(NODE, {"name": "it", "command": "echo gone"})
    assert precious.read_text() == "precious"


async def test_a_daemon_that_ends_takes_them_along(tmp_path: Path) -> None:
    mark = "corral-background-closed"
    async with stage(tmp_path) as here:
        await ask(here, "start", command=f"M={mark} sleep 600")
        await until(lambda: bool(carriers(mark)))
    assert not carriers(mark)


async def test_one_that_does_not_read_does_not_hold_us_up(here: Stage) -> None:
    await ask(here, "start", command="sleep 600")
    kind, message = await here.refused(NODE, {"operation": "send_input", "name": "it", "text": "x" * (1 << 20)})
    assert kind == "unavailable"
    assert "does not read its input" in message


async def test_a_log_is_begun_anew_when_it_is_full(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    out, err = open_logs(Spot(tmp_path, ("logs",)))
    os.close(err)
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    record = Record(out)
    pumping = asyncio.create_task(record.pump(reading))
    for _ in range(MOST_BYTES // (1 << 20) + 1):
        await asyncio.to_thread(os.write, writing, b"x" * ((1 << 20) - 1) + b"\n")
    os.close(writing)
    await pumping
    log = tmp_path / "logs" / "stdout.log"
    assert log.stat().st_size <= MOST_BYTES
    assert log.read_bytes().startswith(b"... the log was full")


def test_a_log_must_be_a_log(tmp_path: Path) -> None:
    (tmp_path / "stdout.log").mkdir()
    with pytest.raises((NodeFailed, OSError)):
        open_logs(Spot(tmp_path, ()))


@given(st.lists(st.binary(max_size=30), max_size=30))
def test_lines_are_the_same_however_they_come(pieces: list[bytes]) -> None:
    whole, cut = Lines(), Lines()
    whole.take(b"".join(pieces))
    for piece in pieces:
        cut.take(piece)
    whole.finish()
    cut.finish()
    assert (whole.total, whole.newest(MOST)) == (cut.total, cut.newest(MOST))
    assert whole.from_line(0) == whole.newest(MOST)


def test_lines_do_not_grow_without_end() -> None:
    lines = Lines()
    for number in range(3 * MOST):
        lines.take(b"%d\n" % number)
    lines.take(b"x" * 10 * LONGEST)
    assert lines.total == 3 * MOST + 1
    assert len(lines.newest(10 * MOST)) == MOST
    assert all(len(line) <= LONGEST for line in lines.newest(MOST))
    assert lines.from_line(lines.total - 2)[0] == str(3 * MOST - 1)
    assert lines.newest(0) == []
