"""One `corral up` per home: a locked file that says who holds it and which processes belong to it."""

import fcntl
import json
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from corral_cli.errors import Failed


class Claim:
    """The right to run Corral from one home. The kernel gives it back however we end.

    The file's content is {pid, url, children: {name: pid}}; a later `corral up` that gets the lock finds there what a
    killed one could not stop.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / "up.json"
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Return whether the claim is ours now. Raises Failed if the home cannot be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Failed(
                f"{self._path.parent} cannot be used: {error.strerror}",
                code="home_unusable",
                hint="Name a directory you may write to: corral up --home DIR (or CORRAL_HOME).",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def read(self) -> Mapping[str, Any]:
        """Return what the holder wrote, {} if that is nothing readable."""
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def write(self, url: str, children: Mapping[str, int]) -> None:
        assert self._descriptor is not None
        text = json.dumps({"pid": os.getpid(), "url": url, "children": dict(children)}).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text, 0)

    def release(self) -> None:
        """Forget everything: nothing of ours runs any more."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def leftovers(content: Mapping[str, Any]) -> Mapping[str, int]:
    """Return the children of a killed `corral up` that still run, by name; a reused process id is not one of them."""
    children = content.get("children")
    if not isinstance(children, dict):
        return {}
    return {name: pid for name, pid in children.items() if isinstance(pid, int) and runs(pid, f"corral_{name}")}


def send(pid: int, number: signal.Signals) -> None:
    """Signal a process; one that is gone already is as good as stopped."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def runs(pid: int, word: str) -> bool:
    """Tell whether the process lives and its command line holds `word`; one that nobody reaped does not live."""
    command = ["ps", "-ww", "-o", "stat=,command=", "-p", str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return word in done.stdout and not done.stdout.lstrip().startswith("Z")
