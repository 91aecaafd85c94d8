"""The keeper: one small process per daemon that gives every unit a warden.

It starts once, imports little and holds nothing, so that a warden is a fork of a few megabytes and not a fork of the
daemon. One warden is always forked ahead, for the fork is the slow part of starting a unit. The keeper ends when its
socket does, that is, with the daemon, after the last warden has cleared its tree.
"""

import gc
import os
import select
import signal
import socket
import sys
import traceback

from corral_daemon.processes import table
from corral_daemon.processes.frames import pack
from corral_daemon.processes.post import Parcel, Receiver, send
from corral_daemon.processes.tree import alive, remember, strays
from corral_daemon.processes.warden import FOREVER, Warden, become_subreaper, drain, wakeup

_SWEEP_EVERY = 0.05


class Keeper:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._receiver = Receiver(control)
        self._wardens: set[int] = set()
        self._spare: socket.socket | None = None
        self._wake = wakeup()
        self._reaper = become_subreaper()
        self._connected = True
        self._sweeping = False

    def run(self) -> None:
        while self._connected or self._wardens or self._sweeping:
            if self._connected and self._spare is None:
                self._fork_ahead()
            sources = [self._wake, self._control] if self._connected else [self._wake]
            ready, _, _ = select.select(sources, [], [], _SWEEP_EVERY if self._sweeping else FOREVER)
            drain(self._wake)
            self._reap()
            if self._sweeping:
                self._sweep()
            if self._control in ready:
                self._hear()

    def _hear(self) -> None:
        parcels = self._receiver.receive()
        if parcels is None:
            self._connected = False
            self._control.close()
            self._dismiss()
            return
        for parcel in parcels:
            self._start(parcel)

    def _start(self, parcel: Parcel) -> None:
        try:
            if not self._hand_over(parcel):
                self._fork()
                self._hand_over(parcel)
        except OSError as error:
            with socket.socket(fileno=os.dup(parcel.descriptors[0])) as control:
                control.sendall(pack({"error": f"fork: {error.strerror}", "errno": error.errno}))
        finally:
            for descriptor in parcel.descriptors:
                os.close(descriptor)

    def _hand_over(self, parcel: Parcel) -> bool:
        """Give the unit to the warden that waits; return False if there is none, or none any more."""
        if self._spare is None:
            return False
        try:
            send(self._spare, parcel)
        except (BrokenPipeError, ConnectionResetError):
            return False
        finally:
            self._dismiss()
        return True

    def _dismiss(self) -> None:
        if self._spare is not None:
            self._spare.close()
            self._spare = None

    def _fork_ahead(self) -> None:
        try:
            self._fork()
        except OSError:  # no room for a process now; a unit that comes will say so, or find room
            traceback.print_exc()

    def _fork(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            pid = os.fork()
            if pid == 0:
                self._control.close()
                ours.close()
                live_as_warden(theirs)
        self._wardens.add(pid)
        self._spare = ours

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


def live_as_warden(source: socket.socket) -> None:
    """The life of the forked process: wait for a unit, watch over it; never returns."""
    status = 1
    try:
        warden = Warden()
        parcel = _wait_for_unit(source)
        if parcel is not None:
            control, *stdio = parcel.descriptors
            warden.run(socket.socket(fileno=control), parcel.request, stdio)
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)


def _wait_for_unit(source: socket.socket) -> Parcel | None:
    receiver = Receiver(source)
    while (parcels := receiver.receive()) is not None:
        if parcels:
            source.close()
            return parcels[0]
    return None


def main() -> None:
    """argv: the folder to import from, the number of the control socket."""
    control = socket.socket(fileno=int(sys.argv[2]))
    control.set_inheritable(False)
    gc.collect()
    gc.freeze()  # forked wardens then share these pages for good
    Keeper(control).run()
