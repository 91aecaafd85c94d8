"""A hub and a daemon as processes, whose terminals are watched and whose event loops are timed."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import ticker
from bench.lab import Lab
from bench.processes import spent
from bench.viewer import Viewer
from tests.acceptance.world import World

CALM = {"CORRAL_HEARTBEAT": "30", "CORRAL_OFFLINE_AFTER": "90"}
MACHINE = "only"


class Timed(World):
    @property
    def environment(self) -> dict[str, str]:
        path = str(Path(ticker.__file__).parent)
        return {**super().environment, "PYTHONPATH": path, "BENCH_STALLS": str(self.folder / "stalls")}


@dataclass(frozen=True, slots=True)
class Hall:
    world: World

    def start(self, command: list[str], cols: int = 80, rows: int = 24) -> str:
        body: dict[str, Any] = {"server": MACHINE, "argv": command, "cols": cols, "rows": rows}
        session = str(self.world.post("/sessions", body)["id"])
        self.world.eventually(lambda: self.world.get(f"/sessions/{session}")["status"] == "running", "the session runs")
        return session

    def kill(self, session: str) -> None:
        self.world.post(f"/sessions/{session}/kill")

    def watch(self, session: str) -> Viewer:
        return Viewer(self.world.port, self.world.token, session)

    @contextmanager
    def session(self, command: list[str]) -> Iterator[Viewer]:
        session = self.start(command)
        viewer = self.watch(session)
        try:
            time.sleep(0.5)
            yield viewer
        finally:
            viewer.close()
            self.kill(session)

    @contextmanager
    def drained(self, session: str, rate: int = 0) -> Iterator[None]:
        """Somebody else watches, as fast as it goes, or at so many bytes a second."""
        command = [sys.executable, "-m", "bench.drain", str(self.world.port), self.world.token, session, str(rate)]
        watching = subprocess.Popen(command)
        try:
            time.sleep(1.0)
            yield
        finally:
            watching.terminate()
            watching.wait()

    @property
    def pids(self) -> dict[str, int]:
        hub, daemon = self.world.hub, self.world.daemons[MACHINE].process
        assert hub is not None
        assert daemon is not None
        return {"hub": hub.pid, "daemon": daemon.pid}

    def spent(self) -> float:
        return spent(self.pids.values(), self.world.folder)

    def stall(self, process: str, since: float) -> float:
        """Return for how long at most the loop of hub or daemon was away since then, in seconds."""
        notes = (self.world.folder / "stalls" / str(self.pids[process])).read_text().splitlines()
        times = [line.split() for line in notes]
        return max((float(words[1]) for words in times if len(words) == 2 and float(words[0]) > since), default=0.0)


@contextmanager
def opened(lab: Lab, url: str) -> Iterator[Hall]:
    world = Timed(lab.folder / "terminals", url, pace=CALM)
    world.folder.mkdir()
    (world.folder / "stalls").mkdir()
    try:
        world.start_hub()
        world.daemon(MACHINE, slots=2)
        yield Hall(world)
        home = {**world.environment, "CORRAL_HOME": str(world.folder / MACHINE)}
        subprocess.run([sys.executable, "-m", "corral_daemon", "terminals", "--end"], env=home, capture_output=True)
    finally:
        world.close()
