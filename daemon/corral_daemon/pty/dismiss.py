"""Talk to a holder without a daemon: who is it, and end it with everything in it."""

import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from corral_daemon.processes.frames import pack
from corral_daemon.processes.post import Receiver
from corral_daemon.pty.folder import SOCKET, check, folder

_WITHIN = 5.0
_NO_DAEMON = 0
"""A version that no holder has, so that it tells who it is and goes on listening to its daemon."""


@dataclass(frozen=True, slots=True)
class Greeting:
    pid: int
    sessions: int
    version: int


def ask(state: Path) -> Greeting | None:
    """Return who holds the terminals of this state folder, if anybody does. Raises HolderUnusable."""
    place = folder(state)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_WITHIN)
        try:
            check(place)
            connection.connect(str(place / SOCKET))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        connection.sendall(pack({"verb": "hello", "version": _NO_DAEMON}))
        receiver = Receiver(connection)
        while (frames := receiver.receive()) is not None:
            for frame in frames:
                return Greeting(frame["pid"], frame["sessions"], frame["version"])
    return None


def dismiss(state: Path) -> Greeting | None:
    """Tell the holder to end every terminal, and itself; return who it was. Raises HolderUnusable."""
    found = ask(state)
    if found is not None:
        os.kill(found.pid, signal.SIGTERM)
    return found
