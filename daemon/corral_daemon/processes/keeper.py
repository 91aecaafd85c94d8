"""The keeper: one small process per daemon that forks wardens.

It starts once, imports little and holds nothing, so that a warden is a fork of a few megabytes and not a fork of the
daemon. For every byte the daemon sends, it forks one and sends back its socket. The keeper ends when its own socket
does, that is, with the daemon, after the last warden has cleared its tree.
"""

import gc
import os
import select
import signal
import socket
import sys
import traceback

from corral_daemon.processes import table
from corral_daemon.processes.post import rights
from corral_daemon.processes.tree import alive, remember, strays
from corral_daemon.processes.warden import FOREVER, Warden, become_subreaper, drain, wakeup

WARDEN = b"w"
NO_ROOM = b"x"
_SWEEP_EVERY = 0.05


class Keeper:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._wardens: set[int] = set()
        self._wake = wakeup()
        self._reaper = become_subreaper()
        self._connected = True
        self._sweeping = False

    def run(self) -> None:
        while self._connected or self._wardens or self._sweeping:
            sources = [self._wake, self._control] if self._connected else [self._wake]
            ready, _, _ = select.select(sources, [], [], _SWEEP_EVERY if self._sweeping else FOREVER)
            drain(self._wake)
            self._reap()
            if self._sweeping:
                self._sweep()
            if self._control in ready:
                self._hear()

    def _hear(self) -> None:
        try:
            wanted = self._control.recv(64)
            for _ in wanted:
                self._fork()
        except OSError:  # the daemon is gone
            wanted = b""
        if not wanted:
            self._connected = False
            self._control.close()

    def _fork(self) -> None:
        """Fork a warden and send its socket to the daemon. Raises OSError if the daemon is gone."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            try:
                pid = os.fork()
            except OSError:
                self._control.sendall(NO_ROOM)
                return
            if pid == 0:
                self._control.close()
                ours.close()
                live_as_warden(theirs)
            self._wardens.add(pid)
            self._control.sendmsg([WARDEN], rights([ours.fileno()]))

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self._sweeping = False
                return
            if pid == 0:
                return
            if pid in self._wardens:
                self._wardens.discard(pid)
                self._sweeping |= status != 0 and self._reaper

    def _sweep(self) -> None:
        """A warden was killed; what it watched over became ours and goes the same way."""
        snapshot = table.read()
        left = strays(snapshot, os.getpid(), self._wardens)
        for pid, started in remember(snapshot, alive(snapshot, left)):
            table.send(pid, started, signal.SIGKILL)
        self._sweeping = bool(left)


def live_as_warden(control: socket.socket) -> None:
    """The life of the forked process; never returns."""
    status = 1
    try:
        Warden(control).run()
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)


def main() -> None:
    """argv: the folder to import from, the number of the control socket."""
    control = socket.socket(fileno=int(sys.argv[2]))
    control.set_inheritable(False)
    gc.collect()
    gc.freeze()  # forked wardens then share these pages for good
    Keeper(control).run()
