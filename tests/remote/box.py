"""A machine to run commands on, and the CLI that asks for them."""

import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.acceptance.world import Daemon, World, marked

PATIENCE = 120.0


@dataclass
class Box:
    world: World
    daemon: Daemon
    name: str = "box"
    marks: list[str] = field(default_factory=list)

    @classmethod
    def start(cls, world: World) -> "Box":
        world.start_hub()
        repo = world.folder / "shop"
        subprocess.run(["git", "init", "--quiet", str(repo)], check=True)
        return cls(world, world.daemon("box", shop=repo))

    @property
    def environment(self) -> Mapping[str, str]:
        return {**self.world.environment, "CORRAL_HUB_URL": self.world.url, "CORRAL_TOKEN": self.world.token}

    def corral(self, *words: str, stdin: bytes | None = None) -> "subprocess.CompletedProcess[bytes]":
        """Run the CLI to its end."""
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        return subprocess.run(
            [sys.executable, "-m", "corral_cli", *words], env=self.environment, capture_output=True, timeout=PATIENCE,
            **given,
        )  # fmt: skip

    def exec(self, *words: str, stdin: bytes | None = None) -> "subprocess.CompletedProcess[bytes]":
        """`corral exec box …`."""
        return self.corral("exec", self.name, *words, stdin=stdin)

    def begin(self, *words: str, **streams: Any) -> "subprocess.Popen[bytes]":
        """Begin `corral exec box …`; the caller sees to its end."""
        command = [sys.executable, "-m", "corral_cli", "exec", self.name, *words]
        return subprocess.Popen(command, env=self.environment, **streams)

    def mark(self) -> str:
        """A word by which the processes of a command are found on this machine."""
        return f"mark-{secrets.token_hex(8)}"

    def is_gone(self, mark: str) -> bool:
        return not self.pids(mark)

    def pids(self, mark: str) -> list[int]:
        """What was started there; the CLI that asked for it has the mark on its command line, too."""
        return [pid for pid in marked(mark) if "corral_cli" not in _command(pid)]

    def until(self, holds: Any, what: str) -> None:
        self.world.eventually(holds, what)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
