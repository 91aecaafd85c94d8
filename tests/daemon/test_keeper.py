"""Keeper and wardens, with real processes."""

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from corral_daemon.processes import table
from corral_daemon.processes.child import Child, SpawnFailed
from corral_daemon.processes.client import Command, Keeper
from corral_daemon.processes.ending import Exit
from corral_daemon.processes.leftovers import kill_cookie
from tests.daemon.runner_world import DEADLINE, carriers, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

FOREST = Path(__file__).with_name("forest.py")
"""A program that becomes a forest of processes of every evil kind."""


@pytest.fixture
async def keeper() -> AsyncIterator[Keeper]:
    keeper = Keeper()
    yield keeper
    await keeper.close()


@pytest.fixture
def mark() -> str:
    return f"mark-{uuid.uuid4().hex}"


def command(*argv: str, mark: str = "none", grace: float = 0.2, linger: float = 0.05) -> Command:
    environment = {"PATH": os.environ["PATH"], "MARK": mark}
    return Command(argv=argv, directory="/", environment=environment, cookie=mark, grace=grace, linger=linger)


async def end(child: Child) -> Exit:
    async with asyncio.timeout(DEADLINE):
        ended = await child.ended
    child.close_pipes()
    return ended


async def run(keeper: Keeper, *argv: str, mark: str = "none") -> Exit:
    return await end(await keeper.spawn(command(*argv, mark=mark)))


async def test_exit_codes_are_true(keeper: Keeper) -> None:
    for code in (0, 1, 2, 77, 126, 255):
        assert await run(keeper, "sh", "-c", f"exit {code}") == Exit(code=code)


async def test_signals_are_true(keeper: Keeper) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGHUP):
        assert await run(keeper, "sh", "-c", f"kill -{int(number)} $$") == Exit(signal=int(number))


async def test_many_at_once_end_each_with_its_own_code(keeper: Keeper) -> None:
    ends = await asyncio.gather(*(run(keeper, "sh", "-c", f"exit {code}") for code in range(40)))
    assert [ended.code for ended in ends] == list(range(40))


async def test_what_cannot_be_started_says_why(keeper: Keeper, tmp_path: Path) -> None:
    with pytest.raises(SpawnFailed, match="No such file"):
        await keeper.spawn(command("/no/such/program"))
    with pytest.raises(SpawnFailed, match="Permission denied"):
        await keeper.spawn(command(str(tmp_path)))
    assert await run(keeper, "true") == Exit(code=0)


async def test_a_forest_of_fifty_is_gone_before_the_end_is_told(keeper: Keeper, mark: str) -> None:
    child = await keeper.spawn(command(sys.executable, str(FOREST), "50", mark=mark))
    await until(lambda: len(carriers(mark)) >= 50)
    child.kill(0.2)
    ended = await end(child)
    assert carriers(mark) == set()
    assert ended.ordered


async def test_who_is_deaf_to_term_is_killed(keeper: Keeper, mark: str) -> None:
    child = await keeper.spawn(command("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done", mark=mark))
    await until(lambda: _holds(child.stdout))
    child.kill(0.1)
    assert await end(child) == Exit(signal=signal.SIGKILL, ordered=True)
    assert carriers(mark) == set()


async def test_who_hears_term_may_clean_up(keeper: Keeper, tmp_path: Path) -> None:
    text = f"trap 'echo clean > {tmp_path}/done; exit 3' TERM; echo ready; while :; do sleep 0.05; done"
    child = await keeper.spawn(command("sh", "-c", text))
    await until(lambda: _holds(child.stdout))
    child.kill(DEADLINE)
    assert await end(child) == Exit(code=3, ordered=True)
    assert (tmp_path / "done").read_text() == "clean\n"


async def test_stopped_processes_do_not_stay(keeper: Keeper, mark: str) -> None:
    child = await keeper.spawn(command("sh", "-c", "kill -STOP $$", mark=mark))
    child.kill(DEADLINE)
    assert (await end(child)).signal == signal.SIGTERM
    assert carriers(mark) == set()


async def test_leftovers_are_stopped_and_the_exit_code_stays(keeper: Keeper, mark: str) -> None:
    ended = await run(keeper, "sh", "-c", f"{sys.executable} {FOREST} 9 & sleep 0.5; exit 5", mark=mark)
    assert ended.code == 5
    assert ended.left > 0
    assert not ended.ordered
    assert carriers(mark) == set()


async def test_a_daemon_without_environment_does_not_get_away(keeper: Keeper, tmp_path: Path) -> None:
    """Neither cookie nor session nor parent tell whose it is; the warden above it does."""
    pid_file = tmp_path / "pid"
    script = f"env -i /usr/bin/setsid /bin/sh -c '(echo $$ > {pid_file}; exec /bin/sleep 1000) &'"
    await run(keeper, "sh", "-c", f"{script}; while ! test -s {pid_file}; do sleep 0.01; done")
    assert _ended(int(pid_file.read_text()))


HOPPER = "import os, time\nwhile True:\n if os.fork(): os._exit(0)\n time.sleep(0.001)\n"
"""Lives on in its child, with another pid every millisecond."""


async def test_a_process_that_flees_from_pid_to_pid_is_caught(keeper: Keeper, mark: str) -> None:
    child = await keeper.spawn(command(sys.executable, "-c", HOPPER, mark=mark, linger=DEADLINE))
    await until(lambda: _ended(child.started.result()))
    child.kill(0.0)
    await end(child)
    assert carriers(mark) == set()


async def test_the_keeper_may_die_and_units_go_on(keeper: Keeper, mark: str) -> None:
    child = await keeper.spawn(command("sleep", "1000", mark=mark))
    os.kill(keeper.pid, signal.SIGKILL)
    assert await run(keeper, "true") == Exit(code=0)
    assert len(carriers(mark)) == 1
    child.kill(0.1)
    assert (await end(child)).signal == signal.SIGTERM


async def test_a_killed_warden_takes_its_tree_along(keeper: Keeper, mark: str) -> None:
    child = await keeper.spawn(command(sys.executable, str(FOREST), "9", mark=mark))
    await until(lambda: len(carriers(mark)) >= 9)
    os.kill(_parent(child.started.result()), signal.SIGKILL)
    assert (await end(child)).lost
    await until(lambda: carriers(mark) == set())


async def test_nothing_of_the_request_stands_in_argv(keeper: Keeper, mark: str) -> None:
    child = await keeper.spawn(command("sleep", "1000", mark=mark))
    assert all(mark.encode() not in _cmdline(pid) for pid in table.read())
    child.kill(0.0)
    await end(child)


DAEMON = """
import asyncio, os, sys
from corral_daemon.processes.client import Command, Keeper

async def main():
    keeper = Keeper()
    environment = {"PATH": os.environ["PATH"], "MARK": sys.argv[2]}
    for number in range(3):
        await keeper.spawn(Command(argv=(sys.executable, sys.argv[1], "10"), directory="/", environment=environment,
                                   cookie=sys.argv[2], orphan_grace=0.2))
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_daemon_killed_with_9_leaves_nothing_running(mark: str) -> None:
    daemon = start(sys.executable, "-c", DAEMON, str(FOREST), mark)
    await until(lambda: len(carriers(mark)) >= 30)
    daemon.kill()
    daemon.wait()
    await until(lambda: carriers(mark) == set())


async def test_leftovers_of_an_earlier_daemon_are_found_by_cookie(mark: str) -> None:
    orphan = start(sys.executable, str(FOREST), "20", CORRAL_UNIT=mark)
    await until(lambda: len(carriers(mark)) >= 20)
    waiting = asyncio.create_task(asyncio.to_thread(orphan.wait))
    async with asyncio.timeout(DEADLINE):
        assert await kill_cookie(mark, 0.2) >= 20
    await waiting
    assert carriers(mark) == set()
    assert await kill_cookie(mark, 0.2) == 0
    assert await kill_cookie("", 0.2) == 0


def _ended(pid: int) -> bool:
    """Whether the process is gone, its parent having noticed or not."""
    process = table.read().get(pid)
    return process is None or process.zombie


def start(*argv: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(argv, env={**os.environ, **environment}, start_new_session=True)


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def _cmdline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _holds(descriptor: int) -> bool:
    """Whether the process has said that it is ready."""
    try:
        return bool(os.read(descriptor, 64))
    except BlockingIOError:
        return False
