"""However it ends, nothing is left behind, and whoever asked is told the truth."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.remote.box import Box

TREE = "trap '' TERM; setsid sh -c 'sleep 1000 & sleep 1000' & sleep 1000 & echo ready; wait; sleep 1000"
"""Deaf to TERM, in more than one session, and on in the background."""


def tree(box: Box, mark: str) -> tuple[str, ...]:
    return ("--env", f"MARK={mark}", "--", "sh", "-c", TREE)


def ready(running: "subprocess.Popen[bytes]") -> None:
    assert running.stdout is not None
    assert running.stdout.readline() == b"ready\n"


def test_a_timeout_ends_the_whole_tree(shared_box: Box) -> None:
    mark = shared_box.mark()
    done = shared_box.exec("--timeout", "1s", *tree(shared_box, mark))
    assert (done.returncode, done.stdout) == (124, b"ready\n")
    assert b"timed out after 1s" in done.stderr
    assert shared_box.is_gone(mark)


def test_who_ends_in_time_has_not_timed_out(shared_box: Box) -> None:
    assert shared_box.exec("--timeout", "60s", "--", "sh", "-c", "exit 5").returncode == 5


def test_ctrl_c_ends_the_tree(shared_box: Box) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        mark = shared_box.mark()
        with shared_box.begin(*tree(shared_box, mark), stdout=subprocess.PIPE) as running:
            ready(running)
            running.send_signal(number)
        assert running.returncode == 128 + number
        assert shared_box.is_gone(mark)


def test_a_command_that_hears_the_signal_may_have_its_say(shared_box: Box) -> None:
    script = "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.1; done"
    with shared_box.begin("--", "bash", "-c", script, stdout=subprocess.PIPE) as running:
        ready(running)
        running.send_signal(signal.SIGINT)
        assert running.stdout is not None
        assert running.stdout.read() == b"bye\n"
    assert running.returncode == 130


def test_a_killed_cli_takes_its_command_along(shared_box: Box) -> None:
    mark = shared_box.mark()
    with shared_box.begin(*tree(shared_box, mark), stdout=subprocess.PIPE) as running:
        ready(running)
        running.kill()
    shared_box.until(lambda: shared_box.is_gone(mark), "the command is gone")


def test_a_reader_that_leaves_ends_it_as_a_pipe_would(shared_box: Box) -> None:
    mark = shared_box.mark()
    with shared_box.begin("--env", f"MARK={mark}", "--", "yes", stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.read(100_000)
        running.stdout.close()
    assert running.returncode == 141
    shared_box.until(lambda: shared_box.is_gone(mark), "the command is gone")


def test_what_is_left_in_the_background_does_not_hold_it_up(shared_box: Box) -> None:
    mark = shared_box.mark()
    done = shared_box.exec("--env", f"MARK={mark}", "--", "sh", "-c", "sleep 1000 & exit 4")
    assert done.returncode == 4
    assert shared_box.is_gone(mark)


def test_a_daemon_that_dies_takes_it_along_and_that_is_said(box: Box) -> None:
    mark = box.mark()
    with box.begin(*tree(box, mark), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        ready(running)
        box.daemon.kill()
        assert running.stderr is not None
        said = running.stderr.read()
    assert running.returncode == 255
    assert b"the connection to box was lost; what ran there is ended" in said
    box.until(lambda: box.is_gone(mark), "the command is gone")
    assert box.exec("--", "true").returncode == 125
    box.world.start_daemon(box.daemon)
    assert box.exec("--", "true").returncode == 0


def test_a_hub_that_dies_takes_it_along_and_that_is_said(box: Box) -> None:
    mark = box.mark()
    with box.begin(*tree(box, mark), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        ready(running)
        box.world.kill_hub()
        assert running.stderr is not None
        said = running.stderr.read()
    assert running.returncode == 255
    assert b"the connection to the hub was lost" in said
    box.until(lambda: box.is_gone(mark), "the command is gone")
    assert box.exec("--", "true").returncode == 125


def test_a_daemon_that_is_stopped_ends_it_first(box: Box) -> None:
    mark = box.mark()
    with box.begin(*tree(box, mark), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        ready(running)
        box.daemon.send(signal.SIGTERM)
        assert running.stderr is not None
        said = running.stderr.read()
    assert running.returncode == 255, said
    assert box.daemon.process is not None
    box.daemon.process.wait(60)
    assert box.is_gone(mark)


def test_a_paused_reader_stops_the_command_and_nobody_hoards(box: Box) -> None:
    """200 MB wait behind a reader who does not read: hub, daemon and CLI hold a window, and the command waits."""
    assert box.exec("--", "true").returncode == 0  # the keeper is there, what is imported late is imported
    assert box.world.hub is not None
    assert box.daemon.process is not None
    counter = box.world.folder / "written"
    script = (
        "import os, sys\nfor number in range(3200):\n"
        f"    os.write(1, b'x' * 65536); open({str(counter)!r}, 'w').write(str(number))"
    )
    with box.begin("--", sys.executable, "-c", script, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.read(1) == b"x"
        processes = {"hub": box.world.hub.pid, "daemon": box.daemon.process.pid, "cli": running.pid}
        before = {name: memory(pid) for name, pid in processes.items()}
        stalled(counter)
        grown = {name: memory(pid) - before[name] for name, pid in processes.items()}
        assert max(grown.values()) < 32 << 20, grown
        assert int(counter.read_text()) < 100, "the command has to wait"
        rest = 1
        while data := running.stdout.read(1 << 20):
            rest += len(data)
        after = {name: memory(pid) - before[name] for name, pid in processes.items()}
    assert (running.returncode, rest) == (0, 3200 * 65536)
    assert max(after.values()) < 32 << 20, after


def stalled(counter: Path) -> None:
    """Wait until the command gets no further: it has not moved for as long as it took to look ten times."""
    limit, same, last = time.monotonic() + 60, 0, ""
    while same < 10:
        assert time.monotonic() < limit, "it never waits"
        now = counter.read_text() if counter.exists() else ""
        same = same + 1 if now == last and now else 0
        last = now
        time.sleep(0.1)


def memory(pid: int) -> int:
    """Bytes that a process has in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_many_at_once(shared_box: Box) -> None:
    async def all_of_them() -> list[int]:
        jobs = [asyncio.to_thread(shared_box.exec, "--", "sh", "-c", f"sleep 0.2; exit {code}") for code in range(8)]
        return [done.returncode for done in await asyncio.gather(*jobs)]

    assert asyncio.run(all_of_them()) == list(range(8))


def test_a_paused_reader_of_crumbs_is_no_burden_either(shared_box: Box) -> None:
    """Half a million writes of one byte each would be half a million frames, each larger than what it carries."""
    assert shared_box.exec("--", "true").returncode == 0
    assert shared_box.world.hub is not None
    counter = shared_box.world.folder / "crumbs"
    script = (
        "import os\nfor number in range(300_000):\n    os.write(1, b'x')\n"
        f"    number % 100 or open({str(counter)!r}, 'w').write(str(number))"
    )
    with shared_box.begin("--", sys.executable, "-c", script, stdout=subprocess.PIPE) as running:
        before = memory(shared_box.world.hub.pid)
        stalled(counter)
        assert memory(shared_box.world.hub.pid) - before < 16 << 20
        assert running.stdout is not None
        assert len(running.stdout.read()) == 300_000
    assert running.returncode == 0
