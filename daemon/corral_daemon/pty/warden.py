"""The warden of a terminal: as that of a unit (processes/warden.py), with a PTY instead of pipes.

It is a fork of the holder. The PTY is opened here and handed to the holder, so that whoever holds it last decides when
its processes are hung up; the session's whole tree stays below this process whatever it forks.
"""

import os
import shutil
import signal
import socket
import traceback

from ptyprocess.ptyprocess import PtyProcess

from corral_daemon.processes.frames import Frame
from corral_daemon.processes.warden import Warden

_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


class TerminalWarden(Warden):
    asks = (signal.SIGHUP, signal.SIGTERM)  # an interactive shell ignores TERM

    def __init__(self, control: socket.socket, request: Frame) -> None:
        super().__init__(control)
        self._request = request

    def _launch(self) -> tuple[int, list[int]]:
        argv, environment = self._request["argv"], self._request["environment"]
        found = shutil.which(argv[0], path=environment.get("PATH", _DEFAULT_PATH))
        # Not by ptyprocess's `cwd`: where that fails, the fork runs on as a second warden.
        os.chdir(self._request["directory"])
        if found is None:
            raise FileNotFoundError(2, "No such program", argv[0])
        started = PtyProcess.spawn(
            [os.path.abspath(found), *argv[1:]],  # noqa: PTH100 - a Path would be slow to import
            env=environment,
            dimensions=(self._request["rows"], self._request["cols"]),
            preexec_fn=_as_at_login,
        )
        os.chdir("/")
        master = os.dup(started.fd)
        started.fileobj.close()
        started.closed = True  # or its destructor would end the process
        return started.pid, [master]

    def _rehearse(self) -> None:
        """A terminal is not waited for by the millisecond."""


def _as_at_login() -> None:
    """Undo what Python changes for itself: who ignores these signals passes that on."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)


def live_as_warden(control: socket.socket, request: Frame) -> None:
    """The life of the forked process; never returns."""
    status = 1
    try:
        os.closerange(3, control.fileno())
        os.closerange(control.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
        TerminalWarden(control, request).run()
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)
