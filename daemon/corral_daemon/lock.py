"""One daemon per state directory."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corral_daemon.errors import AlreadyRunning

NAME = "daemon.pid"


@contextmanager
def hold(state: Path) -> Iterator[None]:
    """Hold the directory's lock; the kernel lets go of it however we die. Raises AlreadyRunning."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(state / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            raise AlreadyRunning(f"a daemon (pid {owner or 'unknown'}) already works in {state}") from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def owner(state: Path) -> int | None:
    """Return the pid of the running daemon of this directory, or None; what a dead one left behind counts as none."""
    try:
        descriptor = os.open(state / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
        return int(text) if text.isdigit() else None
    finally:
        os.close(descriptor)
    return None
