"""Processes beside this one: until they listen, and what they have used of the processor."""

import os
import socket
import time
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_listening(port: int) -> None:
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nobody listens on port {port}")


def spent(pids: Iterable[int], folder: Path | None = None) -> float:
    """Return CPU seconds so far of these, their scribes, and whoever names the folder in its command line."""
    known = {str(pid) for pid in pids}
    return sum(_seconds(entry, known, folder) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _seconds(entry: Path, known: set[str], folder: Path | None) -> float:
    try:
        command = (entry / "cmdline").read_bytes()
        words = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    ours = entry.name in known or (words[1] in known and b"corral_daemon.scribe" in command)
    named = folder is not None and os.fsencode(folder) in command
    return (int(words[11]) + int(words[12])) / TICKS if ours or named else 0.0
