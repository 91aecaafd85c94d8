"""Where the holder begins: the daemon starts it, and it leaves the daemon behind."""

import fcntl
import gc
import os
import socket
import sys
from pathlib import Path

from corral_daemon.pty.folder import SOCKET
from corral_daemon.pty.holder import Holder


def _listen() -> socket.socket:
    """Return the socket, which only we may use from its first moment on; sessions keep the umask as it was."""
    Path(SOCKET).unlink(missing_ok=True)
    umask = os.umask(0o177)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(SOCKET)
    os.umask(umask)
    listener.listen(8)
    listener.setblocking(False)
    return listener


def main() -> None:
    """argv: folders to import from …, then the folder of the socket. Another holder there: leave it to that."""
    folder = Path(sys.argv[-1])
    os.chdir(folder)
    lock = os.open(".", os.O_RDONLY | os.O_CLOEXEC)  # a locked folder is also what cleaners of /tmp leave alone
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    listener = _listen()
    if os.fork():  # whoever started us need wait no longer: it can connect
        return
    gc.collect()
    gc.freeze()  # forked wardens then share these pages for good
    Holder(listener, folder).run()
