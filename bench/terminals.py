"""Terminals: keystroke echo and bulk output through hub and daemon, beside a bare PTY and a plain two-hop relay."""

import os
import pty
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from bench.figures import Figure, Round, figure, percentile
from bench.lab import Lab
from bench.viewer import Plain, Viewer
from tests.acceptance.world import World, free_port

CALM = {"CORRAL_HEARTBEAT": "30", "CORRAL_OFFLINE_AFTER": "90"}
ECHO = ["sh", "-c", "stty raw -echo; exec cat"]
PAUSE = 0.003
TICKS = os.sysconf("SC_CLK_TCK")


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
    world = World(lab.folder / "terminals", await lab.databases.fresh(), pace=CALM)
    world.folder.mkdir()
    try:
        world.start_hub()
        world.daemon("only", slots=2)
        return [*_echo(lab, world), *_echo_beside_a_flood(lab, world), *_bulk(lab, world)]
    finally:
        world.close()


# -- what is measured -----------------------------------------------------------


def _echo(lab: Lab, world: World) -> list[Figure]:
    with _relay(ECHO) as plain, _session(world, ECHO) as ours:
        bare = Bare(ECHO)
        blocks = [[_times(one, lab.pick(300, 60)) for one in (ours, plain, bare)] for _ in range(lab.rounds)]
        bare.close()

    def rounds(share: float, beside: int) -> list[Round]:
        return [Round(percentile(block[0], share) * 1e6, percentile(block[beside], share) * 1e6) for block in blocks]

    return [
        figure("terminals", "keystroke echo, p50", "µs", rounds(0.5, 1), "µs a plain relay of two hops"),
        figure("terminals", "keystroke echo, p99", "µs", rounds(0.99, 1), "µs a plain relay of two hops"),
        figure("terminals", "keystroke echo, p50", "µs", rounds(0.5, 2), "µs a bare PTY"),
    ]


def _echo_beside_a_flood(lab: Lab, world: World) -> list[Figure]:
    rounds: dict[float, list[Round]] = {0.5: [], 0.99: []}
    with _session(world, ECHO) as ours:
        for _ in range(lab.rounds):
            quiet = _times(ours, lab.pick(300, 60))
            flood = _start(world, ["yes", "a flood of lines in another session"])
            watching = subprocess.Popen([sys.executable, "-m", "bench.drain", str(world.port), world.token, flood])
            time.sleep(1.0)
            busy = _times(ours, lab.pick(300, 60))
            watching.terminate()
            watching.wait()
            world.post(f"/sessions/{flood}/kill")
            for share, found in rounds.items():
                found.append(Round(percentile(busy, share) * 1e6, percentile(quiet, share) * 1e6))
    return [
        figure("terminals", "keystroke echo beside a watched flood, p50", "µs", rounds[0.5], "µs without the flood"),
        figure("terminals", "keystroke echo beside a watched flood, p99", "µs", rounds[0.99], "µs without the flood"),
    ]


def _bulk(lab: Lab, world: World) -> list[Figure]:
    size = lab.pick(200_000_000, 40_000_000)
    lines = lab.pick(3_000_000, 600_000)
    cases = {
        f"{size // 1_000_000} MB without line ends": (f"head -c {size} /dev/zero | tr '\\0' x", size),
        f"seq 1 {lines:,}": (f"seq 1 {lines}", sum(len(f"{number}\r\n") for number in range(1, lines + 1))),
    }
    return [each for name, (shell, total) in cases.items() for each in _bulk_of(lab, world, name, shell, total)]


def _bulk_of(lab: Lab, world: World, name: str, shell: str, total: int) -> list[Figure]:
    command = ["sh", "-c", f"stty -echo; read begin; {shell}; sleep 60"]
    speeds: list[Round] = []
    relayed: list[Round] = []
    costs: list[Round] = []
    for _ in range(lab.pick(3, 1)):
        bare = _drain(Bare(command), total, lambda: 0.0)
        with _relay(command) as plain:
            floor = _drain(plain, total, lambda: _spent("bench.floor_relay"))
        with _session(world, command) as session:
            ours = _drain(session, total, lambda: _spent("corral_hub", "corral_daemon"))
        speeds.append(Round(ours[0] / 1e6, bare[0] / 1e6))
        relayed.append(Round(ours[0] / 1e6, floor[0] / 1e6))
        costs.append(Round(ours[1], floor[1]))
    return [
        figure("terminals", f"{name}, to one viewer", "MB/s", speeds, "MB/s a bare PTY"),
        figure("terminals", f"{name}, to one viewer", "MB/s", relayed, "MB/s a plain relay"),
        figure("terminals", f"{name}, hub and daemon", "CPU-s/GB", costs, "CPU-s/GB a plain relay"),
    ]


# -- how ------------------------------------------------------------------------


def _times(terminal: Terminal, count: int) -> list[float]:
    """Return seconds from a key to its echo, one after another."""
    times: list[float] = []
    for _ in range(count):
        begin = time.perf_counter()
        terminal.type(b"x")
        while b"x" not in terminal.read():
            pass
        times.append(time.perf_counter() - begin)
        time.sleep(PAUSE)
    return times


def _drain(terminal: Terminal, total: int, spent: Callable[[], float]) -> tuple[float, float]:
    """Let it begin; return bytes/s from the first byte to the last, and CPU seconds a gigabyte."""
    time.sleep(0.5)
    terminal.type(b"go\n")
    before, got, begin = spent(), len(terminal.read()), time.perf_counter()
    while got < total:
        got += len(terminal.read())
    seconds = time.perf_counter() - begin
    cost = (spent() - before) / (got / 1e9)
    terminal.close()
    return got / seconds, cost


@contextmanager
def _session(world: World, command: list[str]) -> Iterator[Viewer]:
    session = _start(world, command)
    viewer = Viewer(world.port, world.token, session)
    try:
        time.sleep(0.5)
        yield viewer
    finally:
        viewer.close()
        world.post(f"/sessions/{session}/kill")


def _start(world: World, command: list[str]) -> str:
    body: dict[str, Any] = {"server": "only", "argv": command, "cols": 80, "rows": 24}
    session = str(world.post("/sessions", body)["id"])
    world.eventually(lambda: world.get(f"/sessions/{session}")["status"] == "running", "the session runs")
    return session


@contextmanager
def _relay(command: list[str]) -> Iterator[Plain]:
    port = free_port()
    base = [sys.executable, "-m", "bench.floor_relay"]
    hub = subprocess.Popen([*base, "hub", str(port)])
    daemon = None
    try:
        _until_listening(port)
        viewer = Plain(port)
        daemon = subprocess.Popen([*base, "daemon", str(port), *command])
        viewer.read()  # "ready"
        time.sleep(0.5)
        yield viewer
    finally:
        for process in (daemon, hub):
            if process is not None:
                process.kill()
                process.wait()


def _until_listening(port: int) -> None:
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the plain relay does not listen")


def _spent(*marks: str) -> float:
    """Return CPU seconds so far of the processes whose command line names one of the modules."""
    total = 0.0
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and any(mark.encode() in (entry / "cmdline").read_bytes() for mark in marks):
                words = (entry / "stat").read_text().rpartition(")")[2].split()
                total += (int(words[11]) + int(words[12])) / TICKS
        except OSError:
            continue
    return total
