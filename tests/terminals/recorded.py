"""A machine for real (daemon, holder, scribe) on a real hub, and an independent reader of asciicast v2."""

import asyncio
import json
import os
import secrets
import sys
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corral_daemon.processes import table
from tests.daemon.terminal_world import gone
from tests.hub_process import HubProcess, eventually

ROOT = Path(__file__).parents[2]
RAW = "stty raw -echo; "


@dataclass
class Cast:
    """What the specification of asciicast v2 says a file is: https://docs.asciinema.org/manual/asciicast/v2/."""

    header: dict[str, Any]
    events: list[tuple[float, str, str]] = field(default_factory=list)

    @classmethod
    def read(cls, data: bytes) -> "Cast":
        text = data.decode("utf-8")  # the whole file is UTF-8
        assert text.endswith("\n")
        first, *others = text[:-1].split("\n")
        header = json.loads(first)
        assert header["version"] == 2
        assert all(type(header[name]) is int and header[name] > 0 for name in ("width", "height"))
        assert type(header.get("timestamp", 0)) is int and type(header.get("title", "")) is str
        assert all(type(value) is str for value in header.get("env", {}).values())
        cast = cls(header)
        for line in others:
            at, code, said = json.loads(line)
            assert type(at) in (int, float) and type(code) is str and type(said) is str
            assert code in ("o", "i", "m", "r")
            assert not any("\ud800" <= letter <= "\udfff" for letter in said)
            if code == "r":
                cols, _, rows = said.partition("x")
                assert int(cols) > 0 and int(rows) > 0
            assert not cast.events or cast.events[-1][0] <= at, "times never go backwards"
            cast.events.append((at, code, said))
        return cast

    def of(self, code: str) -> list[str]:
        return [said for _, kind, said in self.events if kind == code]

    @property
    def output(self) -> str:
        return "".join(self.of("o"))


class Machine:
    def __init__(self, hub: HubProcess, state: Path, key: str, name: str) -> None:
        self.hub, self.state, self.name = hub, state, name
        self._key = key
        self.daemon: Process | None = None

    async def up(self) -> None:
        with (self.state / "daemon.log").open("ab") as log:
            self.daemon = await create_subprocess_exec(
                sys.executable, "-m", "tests.daemon.terminal_daemon", str(self.state), self.hub.url, self._key,
                cwd=ROOT, stdin=DEVNULL, stderr=log,
            )  # fmt: skip
        await self.eventually(lambda: self.about()["connected"] and self.about()["features"], "it is connected")

    async def kill(self) -> None:
        assert self.daemon
        self.daemon.kill()
        await self.daemon.wait()

    def about(self) -> dict[str, Any]:
        return self.hub.get(f"/servers/{self.name}", self.hub.admin)

    async def eventually(self, holds: Callable[[], Any], what: str) -> Any:
        return await asyncio.to_thread(eventually, holds, what)

    async def start(self, script: str, **more: Any) -> str:
        body = {"server": self.name, "argv": ["sh", "-c", script], **more}
        made = await asyncio.to_thread(self.hub.post, "/sessions", self.hub.admin, body)
        return str(made["id"])

    def recording(self, session: str) -> dict[str, Any]:
        return self.hub.get(f"/sessions/{session}/recording", self.hub.admin)

    async def until_recorded(self, session: str, holds: Callable[[dict[str, Any]], Any], what: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found = self.recording(session)
            return found if holds(found) else None

        return await self.eventually(look, what)

    async def complete(self, session: str) -> dict[str, Any]:
        return await self.until_recorded(session, lambda found: found["state"] == "ended", "its recording is complete")

    async def cast(self, session: str, begin: float | None = None) -> Cast:
        query = {} if begin is None else {"params": {"from": begin}}
        path = f"/sessions/{session}/recording.cast"
        answer = await asyncio.to_thread(self.hub.ask, "GET", path, self.hub.admin, **query)
        assert answer.status_code == 200, answer.text
        return Cast.read(answer.content)

    def scribe(self) -> int:
        assert self.daemon
        return next(
            pid for pid, process in table.read().items()
            if process.ppid == self.daemon.pid and b"scribe.process" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )  # fmt: skip

    def shelves(self) -> list[Path]:
        return sorted((self.state / "recordings").glob("*/*"))


@asynccontextmanager
async def machine(hub: HubProcess, state: Path) -> AsyncIterator[Machine]:
    """A machine that is enrolled and runs. Afterwards nothing of it does."""
    await asyncio.to_thread(state.mkdir, exist_ok=True)
    key, name = await asyncio.to_thread(hub.machine, None, f"box-{secrets.token_hex(4)}")
    here = Machine(hub, state, key["X-API-Key"], name)
    try:
        await here.up()
        yield here
    finally:
        await _clear(here)


async def _clear(here: Machine) -> None:
    hub = here.hub
    assert here.daemon
    if here.daemon.returncode is not None:
        await here.up()

    def living() -> list[str]:
        listed = hub.get("/sessions?limit=500", hub.admin)["sessions"]
        mine = (one for one in listed if one["server_name"] == here.name)
        return [one["id"] for one in mine if one["status"] in ("starting", "running")]

    try:
        for session in living():
            await asyncio.to_thread(hub.post, f"/sessions/{session}/kill", hub.admin)
        await here.eventually(lambda: not living(), "its sessions have ended")
    finally:
        here.daemon.terminate()
        await here.daemon.wait()
    await gone(here.state)


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and os.access(path, os.R_OK))
