"""Terminals: keystroke echo and bulk output through hub and daemon, beside the floors and other terminals' servers."""

import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol

from bench import attaching, crowd
from bench.figures import Figure, Round, figure, percentile
from bench.hall import Hall, opened
from bench.lab import Lab
from bench.peers.install import installed
from bench.peers.model import Peer
from bench.processes import free_port, spent, until_listening
from bench.viewer import Plain

ECHO = ["sh", "-c", "stty raw -echo; exec cat"]
PAUSE = 0.003
RELAY, BARE = "a plain relay", "a bare PTY"


class Terminal(Protocol):
    """Something to type into and read from."""

    def type(self, data: bytes) -> None: ...
    def read(self) -> bytes: ...
    def close(self) -> None: ...


class Bare:
    """A PTY in this process."""

    def __init__(self, command: list[str]) -> None:
        self._pid, self._master = pty.fork()
        if not self._pid:
            os.execvp(command[0], command)

    def type(self, data: bytes) -> None:
        os.write(self._master, data)

    def read(self) -> bytes:
        return os.read(self._master, 1 << 16)

    def close(self) -> None:
        os.close(self._master)
        os.waitpid(self._pid, 0)


async def measure(lab: Lab) -> list[Figure]:
    peers = installed(lab.say)
    with opened(lab, await lab.databases.fresh()) as hall:
        return [
            *_echo(lab, hall, peers),
            *_echo_beside_a_flood(lab, hall),
            *_bulk(lab, hall, peers),
            *attaching.measure(lab, hall),
            *crowd.measure(lab, hall),
        ]


# -- a key and its echo -----------------------------------------------------------


def _echo(lab: Lab, hall: Hall, peers: list[Peer]) -> list[Figure]:
    """All of them side by side: a block of each in turn, as often as there are rounds."""
    with ExitStack() as stack:
        ours: Terminal = stack.enter_context(hall.session(ECHO))
        others: dict[str, Terminal] = {RELAY: stack.enter_context(_relay(ECHO))[0], BARE: Bare(ECHO)}
        for peer in peers:
            others[peer.name] = stack.enter_context(peer.running(ECHO))[0]
        time.sleep(1.0)
        blocks = [
            (times(ours, lab.pick(300, 60)), {name: times(one, lab.pick(300, 60)) for name, one in others.items()})
            for _ in range(lab.rounds)
        ]
        others[BARE].close()
    return [
        figure(
            "terminals", f"keystroke echo, {word}", "µs",
            [Round(percentile(mine, share) * 1e6, percentile(theirs[name], share) * 1e6) for mine, theirs in blocks],
            f"µs {name}", _echo_aim(name, share, blocks),
        )
        for name in others
        for word, share in (("p50", 0.5), ("p99", 0.99))
    ]  # fmt: skip


def _echo_aim(name: str, share: float, blocks: list[tuple[list[float], dict[str, list[float]]]]) -> str:
    if name != RELAY:
        return ""
    aim = 330 if share == 0.5 else 600
    reached = sorted(percentile(mine, share) * 1e6 for mine, _ in blocks)[len(blocks) // 2] <= aim
    return f"≤ {aim} µs: {'met' if reached else 'NOT met'}"


def _echo_beside_a_flood(lab: Lab, hall: Hall) -> list[Figure]:
    rounds: dict[float, list[Round]] = {0.5: [], 0.99: []}
    with hall.session(ECHO) as ours:
        for _ in range(lab.rounds):
            quiet = times(ours, lab.pick(300, 60))
            flood = hall.start(["yes", "a flood of lines in another session"])
            with hall.drained(flood):
                busy = times(ours, lab.pick(300, 60))
            hall.kill(flood)
            for share, found in rounds.items():
                found.append(Round(percentile(busy, share) * 1e6, percentile(quiet, share) * 1e6))
    name = "keystroke echo beside a watched flood"
    return [
        figure("terminals", f"{name}, p50", "µs", rounds[0.5], "µs without the flood"),
        figure("terminals", f"{name}, p99", "µs", rounds[0.99], "µs without the flood"),
    ]


# -- as much as goes through ---------------------------------------------------------


def _bulk(lab: Lab, hall: Hall, peers: list[Peer]) -> list[Figure]:
    size = lab.pick(200_000_000, 40_000_000)
    lines = lab.pick(3_000_000, 600_000)
    cases = {
        f"{size // 1_000_000} MB without line ends": (f"head -c {size} /dev/zero | tr '\\0' x", size, 95.0),
        f"seq 1 {lines:,}": (f"seq 1 {lines}", sum(len(f"{number}\r\n") for number in range(1, lines + 1)), 20.0),
    }
    return [
        each
        for name, (shell, total, aim) in cases.items()
        for each in _bulk_of(name, [_all_of(hall, peers, shell, total) for _ in range(lab.pick(3, 1))], aim)
    ]


Drained = tuple[float, float]
"""MB/s, and CPU seconds a gigabyte."""


def _all_of(hall: Hall, peers: list[Peer], shell: str, total: int) -> dict[str, Drained]:
    command = ["sh", "-c", f"stty -echo; read begin; {shell}; sleep 60"]
    found = {BARE: _drain(Bare(command), total, lambda: 0.0)}
    with _relay(command) as (plain, pids):
        found[RELAY] = _drain(plain, total, lambda: spent(pids))
    with hall.session(command) as session:
        session.open()
        found[""] = _drain(session, total, hall.spent)
    for peer in peers:
        with peer.running(command) as (terminal, pid):
            found[peer.name] = _drain(terminal, total, lambda pid=pid: spent([pid]))
    return found


def _bulk_of(name: str, runs: list[dict[str, Drained]], aim: float) -> list[Figure]:
    def reached(at: int, good: Callable[[float], bool]) -> str:
        return "met" if good(sorted(run[""][at] for run in runs)[len(runs) // 2]) else "NOT met"

    speed = f"≥ {aim:.0f} MB/s: {reached(0, lambda value: value >= aim)}"
    cost = f"≤ 6.5 CPU-s/GB: {reached(1, lambda value: value <= 6.5)}" if aim > 20 else ""
    figures: list[Figure] = []
    for other in [key for key in runs[0] if key]:
        speeds = [Round(run[""][0], run[other][0]) for run in runs]
        figures.append(figure("terminals", f"{name}, to one viewer", "MB/s", speeds, f"MB/s {other}", speed))
        if other != BARE:
            costs = [Round(run[""][1], run[other][1]) for run in runs]
            figures.append(figure("terminals", f"{name}, all processes", "CPU-s/GB", costs, f"CPU-s/GB {other}", cost))
    return figures


# -- how ------------------------------------------------------------------------


def times(terminal: Terminal, count: int) -> list[float]:
    """Return seconds from a key to its echo, one after another."""
    found: list[float] = []
    for _ in range(count):
        begin = time.perf_counter()
        terminal.type(b"x")
        while b"x" not in terminal.read():
            pass
        found.append(time.perf_counter() - begin)
        time.sleep(PAUSE)
    return found


def _drain(terminal: Terminal, total: int, used: Callable[[], float]) -> Drained:
    """Let it begin; measure from the first byte to the last."""
    time.sleep(0.5)
    terminal.type(b"go\n")
    before, got, begin = used(), len(terminal.read()), time.perf_counter()
    while got < total:
        got += len(terminal.read())
    seconds = time.perf_counter() - begin
    cost = (used() - before) / (got / 1e9)
    terminal.close()
    return got / seconds / 1e6, cost


@contextmanager
def _relay(command: list[str]) -> Iterator[tuple[Plain, list[int]]]:
    port = free_port()
    base = [sys.executable, "-m", "bench.floor_relay"]
    processes = [subprocess.Popen([*base, "hub", str(port)])]
    try:
        until_listening(port)
        viewer = Plain(port)
        processes.append(subprocess.Popen([*base, "daemon", str(port), *command]))
        viewer.read()  # "ready"
        time.sleep(0.5)
        yield viewer, [process.pid for process in processes]
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()
