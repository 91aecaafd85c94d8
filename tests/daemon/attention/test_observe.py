"""Seeing what processes do: of hostile names, and of real ones."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.attention.observe import Seen, front_of, modes, observe, parse
from corral_daemon.processes.table import HAS_PROC
from tests.daemon.daemon_world import until

needs_proc = pytest.mark.skipif(not HAS_PROC, reason="no /proc here")
STAT = b"%s S 7 42 42 34818 43 4194304 465 0 0 0 150 50 25 25 20 0 1 0 1159148 4464640 761"


@given(st.binary(max_size=40).filter(lambda name: b"\0" not in name))
def test_a_process_may_call_itself_what_it_likes(name: bytes) -> None:
    task = parse(b"12 (" + name + b")" + STAT[2:])
    assert task is not None
    assert (task.ppid, task.pgid, task.tty_front, task.state) == (7, 42, 43, "S")
    assert task.cpu == 250 / os.sysconf("SC_CLK_TCK")
    assert all(character.isprintable() or character == "\ufffd" for character in task.name if ord(character) < 160)
    assert len(task.name) <= 32


@given(st.binary(max_size=80))
def test_nonsense_is_nobody(text: bytes) -> None:
    parse(text)


LEADER = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"


@contextmanager
def program(code: str) -> Iterator[tuple[int, int]]:
    """A Python program in a terminal of its own: its pid, and the terminal's other end."""
    master, terminal = os.openpty()
    command = [sys.executable, "-S", "-c", LEADER + code]
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True) as process:
        os.close(terminal)
        try:
            yield process.pid, master
        finally:
            process.kill()
            os.close(master)


async def sees(pid: int, name: str, value: object) -> Seen:
    await until(lambda: (front := observe([pid])[pid].front) is not None and getattr(front, name) == value)
    return observe([pid])[pid]


@needs_proc
async def test_who_reads_the_terminal_and_who_does_not() -> None:
    with program("input('? ')") as (pid, master):
        front = (await sees(pid, "reads", True)).front
        assert front is not None
        assert front.alone
        assert front_of(master) == front.pgid == pid
        assert modes(master) == (True, True)
    with program("import time; time.sleep(1000)") as (pid, _):
        await sees(pid, "reads", False)
    with program("import os; r, w = os.pipe(); os.read(r, 1)") as (pid, _):
        await sees(pid, "reads", False)


@needs_proc
async def test_what_it_does_not_show_of_what_is_typed() -> None:
    with program("import getpass; getpass.getpass()") as (_, master):
        await until(lambda: modes(master) == (True, False))
    with program("import tty, time; tty.setraw(0); time.sleep(1000)") as (_, master):
        await until(lambda: modes(master) == (False, False))


@needs_proc
async def test_the_time_of_children_that_have_ended_is_not_lost() -> None:
    burn = "import subprocess, sys, time; subprocess.run([sys.executable, '-c', 'for i in range(10**7): pass'])"
    with program(burn + "; time.sleep(1000)") as (pid, _):
        await until(lambda: (seen := observe([pid])[pid]).cpu > 0.1 and seen.front is not None and seen.front.alone)


def test_who_is_not_there_does_nothing() -> None:
    done = subprocess.Popen(["true"])
    done.wait()
    assert observe([done.pid]) == {done.pid: Seen(0.0, None)}
