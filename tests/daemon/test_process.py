"""The daemon as a process, against a hub on loopback: it runs, stops, dies and comes back."""

import asyncio
import base64
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from corral_daemon import settings
from corral_daemon.settings import Settings
from tests.daemon.daemon_world import DEADLINE, FakeHub, assigned, until


class Machine:
    """One CORRAL_HOME and the daemons started in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.hub = FakeHub()
        self.processes: list[asyncio.subprocess.Process] = []

    async def start(self, *words: str, **variables: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "corral_daemon",
            *words,
            env={**os.environ, "CORRAL_HOME": str(self.home), **variables},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self.processes.append(process)
        return process

    async def run(self, *words: str) -> tuple[int | None, Any, str]:
        process = await self.start(*words)
        async with asyncio.timeout(DEADLINE):
            said, told = await process.communicate()
        return process.returncode, json.loads(said) if said else None, told.decode()

    async def serve(self) -> asyncio.subprocess.Process:
        daemon = await self.start("run")
        seen = len(self.hub.of("reconcile"))
        await until(lambda: len(self.hub.of("reconcile")) > seen or daemon.returncode is not None)
        return daemon

    async def close(self) -> None:
        for process in self.processes:
            if process.returncode is None:
                process.kill()
            await process.communicate()
        await self.hub.stop()


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    here = Machine(tmp_path / "home")
    await here.hub.start()
    chosen = Settings(hub_url=here.hub.url, api_key="orc_k", server_name="box", drain_grace=5, kill_grace=2)
    settings.save(here.home / "daemon.toml", chosen)
    yield here
    await here.close()


def shell(task_id: str, command: str, **more: Any) -> Mapping[str, Any]:
    return assigned(task_id, structured_spec={"run": {"kind": "command", "shell": command}}, **more)


def printed(hub: FakeHub, task_id: str) -> bytes:
    chunks = [frame for frame in hub.of("task_output") if frame["task_id"] == task_id]
    return b"".join(base64.b64decode(frame["data"]) for frame in chunks)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_command_runs_and_its_result_arrives(machine: Machine) -> None:
    daemon = await machine.serve()
    await machine.hub.say(dict(shell("t1", 'echo hello; printf \'{"answer": 42}\' > "$CORRAL_RESULT"')))
    await until(lambda: bool(machine.hub.of("task_finished")))
    (finished,) = machine.hub.of("task_finished")
    assert finished["outcome"].get("error") is None
    assert finished["outcome"]["result"]["answer"] == 42
    assert printed(machine.hub, "t1") == b"hello\n"
    code, said, _ = await machine.run("status", "--json")
    assert (code, said["running"], said["connected"], said["units"]) == (0, True, True, [])
    daemon.send_signal(signal.SIGTERM)
    async with asyncio.timeout(DEADLINE):
        _, log = await daemon.communicate()
    assert daemon.returncode == 0
    assert b"orc_k" not in log
    assert (await machine.run("status", "--json"))[0] == 1


async def test_a_second_daemon_is_refused(machine: Machine) -> None:
    await machine.serve()
    code, said, _ = await machine.run("run", "--json")
    assert code == 1
    assert said["error"]["code"] == "already_running"


async def test_a_killed_daemon_leaves_nothing_behind_and_says_so(machine: Machine, tmp_path: Path) -> None:
    daemon = await machine.serve()
    pids = tmp_path / "pids"
    await machine.hub.say(dict(shell("t1", f"(trap '' TERM; sleep 600) & echo $! > {pids}; echo on; sleep 600")))
    await until(lambda: printed(machine.hub, "t1") == b"on\n")
    pid = int(pids.read_text())
    daemon.kill()
    await daemon.wait()
    await machine.serve()
    await until(lambda: bool(machine.hub.of("task_finished")))
    (finished,) = machine.hub.of("task_finished")
    assert finished["outcome"]["error"]["kind"] == "daemon_restarted"
    await until(lambda: not is_alive(pid))
    assert machine.hub.of("reconcile")[-1].get("units", []) == []
    seqs = [frame["seq"] for frame in machine.hub.frames if "seq" in frame]
    assert seqs == sorted(set(seqs))


async def test_a_daemon_stopped_past_its_lease_reports_late_and_is_refused(machine: Machine) -> None:
    daemon = await machine.serve()
    await machine.hub.say(dict(shell("t1", "echo on; sleep 600")))
    await until(lambda: printed(machine.hub, "t1") == b"on\n")
    daemon.send_signal(signal.SIGSTOP)
    machine.hub.connections[-1].transport.abort()
    daemon.send_signal(signal.SIGCONT)
    await until(lambda: len(machine.hub.of("reconcile")) == 2)
    assert [unit["task_id"] for unit in machine.hub.of("reconcile")[1]["units"]] == ["t1"]
    await machine.hub.say({"type": "refused", "seq": 1, "status": 409, "code": "stale_epoch", "detail": ""} | {
        "task_id": "t1", "epoch": 1
    })  # fmt: skip
    await until(lambda: not daemon_holds(machine))


def daemon_holds(machine: Machine) -> bool:
    return not machine.hub.of("task_finished")


async def test_stopping_now_ends_the_tree(machine: Machine) -> None:
    daemon = await machine.serve()
    await machine.hub.say(dict(shell("t1", "trap '' TERM; echo $$; while :; do sleep 1; done")))
    await until(lambda: printed(machine.hub, "t1").endswith(b"\n"))
    daemon.send_signal(signal.SIGINT)
    async with asyncio.timeout(DEADLINE):
        await daemon.communicate()
    assert daemon.returncode == 0
    assert not is_alive(int(printed(machine.hub, "t1")))
    assert machine.hub.of("task_finished")[0]["outcome"]["error"]["kind"] == "daemon_restarted"


async def test_once_runs_one_unit_and_ends(machine: Machine) -> None:
    daemon = await machine.start("run", "--once")
    await until(lambda: bool(machine.hub.of("reconcile")))
    await machine.hub.say(dict(shell("t1", "true")))
    async with asyncio.timeout(DEADLINE):
        await daemon.communicate()
    assert daemon.returncode == 0
    assert len(machine.hub.of("task_finished")) == 1


async def test_a_broken_configuration_is_named(machine: Machine) -> None:
    (machine.home / "daemon.toml").write_text("hub_url = 3\n")
    code, said, _ = await machine.run("run", "--json")
    assert code == 1
    assert "hub_url" in said["error"]["message"]
