"""Strangers' code is contained: escapes, bombs, and what it may do all the same. Real processes, real walls."""

import asyncio
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from corral_daemon.sandbox.walls import mason
from tests.daemon.nodes.step_world import Stage, given, stage, text
from tests.daemon.runner_world import carriers, until

HERE = Path(__file__).parent
ESCAPES: dict[str, dict[str, str]] = tomllib.loads((HERE / "escapes.toml").read_text())
BOMBS: dict[str, dict[str, Any]] = tomllib.loads((HERE / "bombs.toml").read_text())
NODES = {"python": "pythonExecutor", "javascript": "javascriptExecutor"}
SECRET = f"sesame-{secrets.token_hex(16)}"


@pytest.fixture(autouse=True, scope="module")
def walls() -> None:
    found = asyncio.run(mason.walls())
    if found.bwrap is None:
        pytest.skip(found.problem)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path) as made:
        yield made


@dataclass
class Target:
    """What somebody would be after, or would change."""

    folder: Path
    victim: "subprocess.Popen[bytes]"
    listeners: list[socket.socket]
    datagrams: socket.socket
    abstract: str

    def fill(self, code: str) -> str:
        words = {
            "FILE": str(self.folder / "state" / "spool"),
            "OUTSIDE": str(self.folder / "state"),
            "SOCKET": str(self.folder / "socket"),
            "ABSTRACT": self.abstract,
            "PORT": str(self.listeners[0].getsockname()[1]),
            "PID": str(self.victim.pid),
        }
        for name, value in words.items():
            code = code.replace(f"@{name}@", value)
        return code

    def assert_untouched(self) -> None:
        assert self.victim.poll() is None
        assert [path.name for path in (self.folder / "state").iterdir()] == ["spool"]
        assert (self.folder / "state" / "spool").read_text() == SECRET
        for listener in self.listeners:
            with pytest.raises(BlockingIOError):
                listener.accept()
        with pytest.raises(BlockingIOError):
            self.datagrams.recv(100)


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """A daemon's state, open to everybody: file modes are not what keeps the code out."""
    folder = Path(tempfile.mkdtemp(prefix="corral-target-"))
    folder.chmod(0o755)
    (folder / "state").mkdir(mode=0o777)
    (folder / "state").chmod(0o777)
    (folder / "state" / "spool").write_text(SECRET)
    victim = subprocess.Popen(["sleep", "600"], env={"CORRAL_API_KEY": SECRET, "PATH": os.defpath})
    abstract = f"corral-{secrets.token_hex(8)}"
    listeners = [_listen(socket.AF_INET6, ("::", 0)), _listen(socket.AF_UNIX, str(folder / "socket"))]
    listeners.append(_listen(socket.AF_UNIX, f"\0{abstract}"))
    (folder / "socket").chmod(0o777)
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("", listeners[0].getsockname()[1]))
    datagrams.setblocking(False)
    yield Target(folder, victim, listeners, datagrams, abstract)
    victim.kill()
    victim.wait()
    for listener in (*listeners, datagrams):
        listener.close()
    shutil.rmtree(folder)


def _listen(family: int, address: Any) -> socket.socket:
    """On every address, of both versions where it is one of the internet."""
    made = socket.socket(family)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    made.bind(address)
    made.listen()
    made.setblocking(False)
    return made


ALL = [(language, name) for language, pieces in ESCAPES.items() for name in pieces]
GOT = ("sent", "attached", "readable", "their descriptor", "a namespace of its own", "mounted", "unmounted", "changed",
       "opened", "a keyring", "bpf", "a ring", "a nameless file", "typed", "raised", "a packet socket")  # fmt: skip


@pytest.mark.parametrize(("language", "name"), ALL)
async def test_no_escape(here: Stage, target: Target, language: str, name: str) -> None:
    code = target.fill(ESCAPES[language][name])
    result = await here.run(NODES[language], {"code": code, "timeout": 20}, secrets=())
    assert SECRET not in text(result)
    assert result.error is None or result.error.kind.value in ("exit_nonzero", "killed"), result
    output = result.output.get("output") if isinstance(result.output, dict) else None
    assert output not in GOT, result
    target.assert_untouched()


def test_there_are_enough_of_them() -> None:
    assert len(ALL) >= 40
    assert all(len(ESCAPES[language]) >= 20 for language in NODES)


async def test_nobody_outlives_the_node(here: Stage) -> None:
    """A daemon in a session of its own; the code ends once that has become another program."""
    mark = f"corral-mark-{secrets.token_hex(8)}"
    code = f"""
import os
reading, writing = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: os.execve('/bin/sleep', ['sleep', '600'], {{'M': '{mark}'}})
    os._exit(0)
os.close(writing)
assert os.read(reading, 1) == b''
pids = [pid for pid in os.listdir('/proc') if pid.isdigit()]
output = any('sleep' in open(f'/proc/{{pid}}/comm').read() for pid in pids)"""
    assert (await here.output("pythonExecutor", {"code": code}))["output"] is True
    assert not carriers(mark)


def test_without_walls_the_same_code_finds_it(target: Target) -> None:
    """Or else the tests above would prove nothing."""
    for name in ("secret_file", "environ_of_the_daemon"):
        code = f"{target.fill(ESCAPES['python'][name])}\nprint(output)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert SECRET in done.stdout, name


@pytest.mark.parametrize("name", BOMBS)
async def test_no_bomb(here: Stage, name: str) -> None:
    bomb = BOMBS[name]
    node = NODES[bomb.get("language", "python")]
    patience = 2 if "timeout" in bomb["ends"] else 120  # what ends by itself may take as long as this machine does
    kind, message = await here.refused(node, {"code": bomb["code"], "timeout": patience})
    assert kind in bomb["ends"], message
    assert await here.output("pythonExecutor", {"code": "output = 1", "timeout": 60})


async def test_cancelled_code_is_gone(here: Stage) -> None:
    mark = f"corral-mark-{secrets.token_hex(8)}"
    code = f"import os\nos.fork()\nos.execve('/bin/sleep', ['sleep', '600'], {{'M': '{mark}'}})"
    running = asyncio.create_task(here.run("pythonExecutor", {"code": code, "timeout": 600}))
    await until(lambda: bool(carriers(mark)))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await until(lambda: not carriers(mark))


async def test_what_it_is_for(here: Stage) -> None:
    """Inputs by type, files of the workflow that stay, what was printed, the standard library."""
    inputs = given(("start", {"n": 2}), ("timer", 1), ("timer", 2))
    code = "import re, sqlite3\nprint('hello')\nopen('note', 'w').write('hi')\noutput = [input_data, workspace_dir]"
    made = await here.output("pythonExecutor", {"code": code}, **inputs)
    assert made["output"] == [{"start": {"n": 2}, "timer": 1, "timer_2": 2}, "/workspace"]
    assert made["console_output"] == "hello\n"
    assert (here.workspace / "note").read_text() == "hi"
    code = (
        "console.log(require('fs').readFileSync('note', 'utf8'))\nsetTimeout(() => { output = input_data.start.n + 1 })"
    )
    made = await here.output("javascriptExecutor", {"code": code}, **inputs)
    assert (made["output"], made["console_output"]) == (3, "hi\n")


async def test_a_mistake_says_where(here: Stage) -> None:
    result = await here.run("pythonExecutor", {"code": "print('so far')\nx = 1\nx.nope()"})
    assert result.error is not None
    assert result.error.message == "AttributeError: 'int' object has no attribute 'nope'"
    assert "line 3" in text(result)
    assert result.logs[0] == "so far"
    kind, message = await here.refused("pythonExecutor", {"code": "def"})
    assert (kind, message.split(":")[0]) == ("exit_nonzero", "SyntaxError")
    kind, message = await here.refused("javascriptExecutor", {"code": "const x = 1;\nx.nope()"})
    assert (kind, message) == ("exit_nonzero", "TypeError: x.nope is not a function")


async def test_where_no_walls_can_be_built_no_code_runs(here: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    kind, message = await here.refused("pythonExecutor", {"code": "output = 1"})
    assert kind == "spawn_failed"
    assert "install bubblewrap" in message
