"""See what the processes of terminals do: one look at the process table for any number of them.

Blocking, a few milliseconds; everything about processes comes from /proc. Elsewhere only the terminal itself tells.
"""

import os
import platform
import termios
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from corral_daemon.attention.model import Front
from corral_daemon.processes.table import HAS_PROC
from corral_daemon.scribe.plain import harmless

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_READ: Final = {"x86_64": b"0", "aarch64": b"63", "riscv64": b"63", "loongarch64": b"63"}.get(platform.machine())
"""The number of the system call `read`."""
_MOST_TELLING: Final = "TDRS"
_LOOKED_INTO: Final = 16
"""Processes of one foreground that are asked whether they read."""
_NAME: Final = 32


class Task(NamedTuple):
    """A process; `cpu` in seconds, its reaped children's included. `tty_front`: the group in front of its terminal."""

    ppid: int
    pgid: int
    tty_front: int
    state: str
    name: str
    cpu: float


class Seen(NamedTuple):
    cpu: float
    front: Front | None


def modes(master: int) -> tuple[bool, bool]:
    """Return whether the terminal hands over whole lines, and whether it shows what is typed. Does not block."""
    try:
        flags = termios.tcgetattr(master)[3]
    except termios.error:  # nobody has it open any more
        return True, True
    return bool(flags & termios.ICANON), bool(flags & termios.ECHO)


def front_of(master: int) -> int:
    """Return the process group in front of the terminal, 0 if there is none. Does not block."""
    try:
        return max(0, os.tcgetpgrp(master))
    except OSError:
        return 0


def observe(leaders: Iterable[int]) -> Mapping[int, Seen]:
    """Return what the trees below these processes do, by the process at their root."""
    table = _table() if HAS_PROC else {}
    children: dict[int, list[int]] = {}
    for pid, task in table.items():
        children.setdefault(task.ppid, []).append(pid)
    return {leader: _see(leader, table, children) for leader in leaders}


def _see(leader: int, table: Mapping[int, Task], children: Mapping[int, list[int]]) -> Seen:
    root = table.get(leader)
    if root is None:
        return Seen(0.0, None)
    tree, todo = [leader], [leader]
    while todo:
        below = children.get(todo.pop(), ())
        tree.extend(below)
        todo.extend(below)
    return Seen(sum(table[pid].cpu for pid in tree), _front(root.tty_front, tree, table))


def _front(pgid: int, tree: Iterable[int], table: Mapping[int, Task]) -> Front | None:
    members = [pid for pid in tree if table[pid].pgid == pgid and table[pid].state not in "ZX"]
    if not members:
        return None
    first = pgid if pgid in members else min(members)
    states = {table[pid].state for pid in members}
    return Front(
        pgid=pgid,
        name=table[first].name,
        alone=len(members) == 1,
        state=next((state for state in _MOST_TELLING if state in states), "S"),
        reads=_reads(members),
    )


def _reads(pids: Iterable[int]) -> bool | None:
    """Whether one of them is blocked in reading from its terminal; None if that cannot be seen."""
    told = [_reads_terminal(pid) for pid in list(pids)[:_LOOKED_INTO]]
    return True if True in told else None if None in told else False


def _reads_terminal(pid: int) -> bool | None:
    if _READ is None:
        return None
    try:
        call = _slurp(f"/proc/{pid}/syscall").split()
    except (ProcessLookupError, FileNotFoundError):  # it has ended
        return False
    except OSError:
        return None
    if len(call) < 2 or call[0] != _READ:
        return False
    try:
        target = os.readlink(f"/proc/{pid}/fd/{int(call[1], 16)}")  # noqa: PTH115 - a Path would cost more than the call
    except (OSError, ValueError):
        return False
    return target.startswith(("/dev/pts/", "/dev/tty"))


def _table() -> dict[int, Task]:
    found: dict[int, Task] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - nor would pathlib do any good here
        if name.isdigit():
            try:
                task = parse(_slurp(f"/proc/{name}/stat"))
            except OSError:  # it has ended
                continue
            if task is not None:
                found[int(name)] = task
    return found


def parse(stat: bytes) -> Task | None:
    """Read /proc/PID/stat. A process names itself as it likes, parentheses and control characters included."""
    begin, end = stat.find(b"("), stat.rfind(b")")
    words = stat[end + 1 :].split()
    if begin < 0 or len(words) < 15:
        return None
    name = harmless(stat[begin + 1 : end].decode("utf-8", "replace"))[:_NAME]
    cpu = sum(int(word) for word in words[11:15]) / _TICKS
    return Task(int(words[1]), int(words[2]), int(words[5]), words[0].decode("ascii", "replace"), name, cpu)


def _slurp(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, 4096)
    finally:
        os.close(descriptor)
