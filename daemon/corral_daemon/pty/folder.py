"""Where a holder has its lock and its socket. The address of a unix socket has room for about a hundred bytes."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from corral_daemon.errors import HolderUnusable

_ROOM = 100
SOCKET = "socket"
LOG = "log"


def folder(state: Path) -> Path:
    """Return the folder of the holder of this state folder; the same one for everybody who asks."""
    here = state.resolve() / "holder"
    if len(os.fsencode(here / SOCKET)) <= _ROOM:
        return here
    name = hashlib.sha256(os.fsencode(here)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"corral-{os.getuid()}-{name}"


def prepare(path: Path) -> None:
    """Make the folder, for its owner only. Raises HolderUnusable, OSError."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    check(path)
    path.chmod(0o700)


def check(path: Path) -> None:
    """Raises HolderUnusable where somebody else made the folder, who could then listen to us; FileNotFoundError."""
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise HolderUnusable(f"{path} belongs to somebody else", "remove it, or set CORRAL_HOME to a shorter path")
