"""A real `corral up` in a home of its own: what it printed, what it left."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PATIENCE = 180.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Up:
    """Started by `start`; `command` is `corral up` or `make up`, run in `directory`."""

    command: Sequence[str]
    directory: Path
    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def environment(self) -> Mapping[str, str]:
        """A user of our own: no setting of the machine that runs the tests gets in."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CORRAL_", "ORCHESTRATIA_"))}
        own = {"CORRAL_HOME": self.home, "CORRAL_PORT": self.port, "XDG_CONFIG_HOME": self.folder / "config"}
        return {**kept, **{name: str(value) for name, value in own.items()}, "MAKEFLAGS": "", "ARGS": "", **self.extra}

    @property
    def output(self) -> str:
        path = self.folder / "output"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def start(self, *words: str) -> None:
        with (self.folder / "output").open("wb") as output:
            self.process = subprocess.Popen(
                [*self.command, *words],
                cwd=self.directory,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def until(self, text: str) -> str:
        """Wait until `text` was printed; fail with everything that was, if the process ends first."""
        assert self.process is not None
        limit = time.monotonic() + PATIENCE
        while text not in self.output:
            if self.process.poll() is not None and text not in self.output:
                pytest.fail(f"it ended with {self.process.returncode} before it said {text!r}:\n{self.output}")
            if time.monotonic() > limit:
                pytest.fail(f"it has not said {text!r}:\n{self.output}")
            time.sleep(0.05)
        return self.output

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> int:
        """Press Ctrl-C: the signal goes to the whole foreground group. Return the exit code."""
        assert self.process is not None
        os.killpg(self.process.pid, number)
        return self.process.wait(PATIENCE)

    def run(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run another command as the same user."""
        return subprocess.run(
            list(words),
            input=stdin,
            cwd=self.directory,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def processes(self) -> list[str]:
        """Return the command lines of everything that lives in this home."""
        mark = str(self.home).encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command, environment = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
            except OSError:
                continue
            if (mark in command or b"CORRAL_HOME=" + mark in environment) and int(folder.name) != os.getpid():
                found.append(command.replace(b"\0", b" ").decode(errors="replace"))
        return found

    def cleanup(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)


def urls(text: str) -> set[str]:
    return set(re.findall(r"https?://[^\s]+", text))
