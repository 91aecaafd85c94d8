"""The warden: watches over the tree of one unit, from its first process to its last.

It is a fork of the keeper, a subreaper and the parent of the unit's main process. It hears {"argv", …} with stdin,
stdout and stderr, later {"kill": grace}. It says {"pid"} or {"error", "errno"} at the start, and {"status", "ordered",
"left"} once the whole tree is gone. When the daemon is gone the socket ends and the tree is stopped as well.
"""

import contextlib
import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import time

from corral_daemon.processes import table
from corral_daemon.processes.frames import Frame, pack
from corral_daemon.processes.post import Receiver, rights
from corral_daemon.processes.stopping import Course, Stage, on_exit, on_order, on_time
from corral_daemon.processes.tree import Known, Snapshot, alive, below, family, remember

_PR_SET_CHILD_SUBREAPER = 36
_SWEEP_EVERY = 0.05
_LOOK_EVERY = 1.0
_FREEZE_ROUNDS = 20
FOREVER = 3600.0
_NOWHERE = "/nonexistent/corral"


def become_subreaper() -> bool:
    """Let orphans below us become our children; return whether this system can do that."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        return ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    except (OSError, AttributeError):
        return False


def wakeup() -> int:
    """Return a descriptor that becomes readable with every signal. A handler, not SIG_IGN: exec would inherit that."""
    reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else _pipe()
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, _noted)
    return reading


def _noted(_number: int, _frame: object) -> None:
    return None


def _pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    return reading, writing


def drain(descriptor: int) -> None:
    try:
        while os.read(descriptor, 512):
            pass
    except BlockingIOError:
        return


class Warden:
    """Made ahead of need: all of this is slow just after a fork, so that starting a unit later is quick."""

    asks: tuple[int, ...] = (signal.SIGTERM,)
    """The signals that ask a process to end."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._receiver = Receiver(control)
        self._connected = True
        self._wake = wakeup()
        self._reaper = become_subreaper()
        self._request: Frame = {}
        self._course = Course()
        self._main = 0
        self._status = 0
        self._known: Known = frozenset()
        self._told: set[tuple[int, str]] = set()
        self._left = 0
        self._sweep_at = 0.0
        self._rehearse()

    def run(self) -> None:
        """Wait for a unit, start it, stay until its whole tree is gone."""
        while self._connected and not self._request:
            self._listen()
        if self._request and self._start():
            self._watch()
            self._say({"status": self._status, "ordered": self._course.ordered, "left": self._left})

    def _start(self) -> bool:
        try:
            self._main, descriptors = self._launch()
        except (OSError, ValueError) as error:
            self._say({"error": _explain(error), "errno": getattr(error, "errno", None)})
            return False
        self._say({"pid": self._main}, descriptors)
        for descriptor in (*descriptors, *self._receiver.descriptors):
            os.close(descriptor)
        return True

    def _launch(self) -> tuple[int, list[int]]:
        """Start the main process; return its pid and the descriptors to pass on. Raises OSError, ValueError."""
        stdin, stdout, stderr = self._receiver.descriptors
        process = subprocess.Popen(
            self._request["argv"],
            cwd=self._request["directory"],
            env=self._request["environment"],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        process.returncode = 0  # reaped below with everybody else; Popen must not wait for it
        return process.pid, []

    def _watch(self) -> None:
        while not self._is_over():
            now = time.monotonic()
            self._course = on_time(self._course, now, self._request["grace"])
            if self._course.stage >= Stage.TERMINATING and now >= self._sweep_at:
                self._sweep()
                self._sweep_at = time.monotonic() + _SWEEP_EVERY
            self._wait(now)

    def _wait(self, now: float) -> None:
        sources = [self._wake, self._control] if self._connected else [self._wake]
        ready, _, _ = select.select(sources, [], [], self._patience(now))
        if self._control in ready:
            self._listen()
        drain(self._wake)

    def _patience(self, now: float) -> float:
        """Seconds until something is to be done, whether or not something happens."""
        due = now + FOREVER if self._course.until is None else self._course.until
        if self._course.stage >= Stage.TERMINATING:
            due = min(due, self._sweep_at)
        elif not self._reaper:
            due = min(due, now + _LOOK_EVERY)
        return max(0.0, due - now)

    def _listen(self) -> None:
        frames = self._receiver.receive()
        if frames is None:  # the daemon is gone
            self._connected = False
            if self._request:
                self._order(self._request["orphan_grace"])
            return
        for frame in frames:
            if "argv" in frame:
                self._request = frame
            else:
                self._order(frame["kill"])

    def _order(self, grace: float) -> None:
        self._course = on_order(self._course, time.monotonic(), grace)
        self._sweep_at = 0.0

    def _is_over(self) -> bool:
        """Reap what has ended. As every orphan below us becomes our child, no child means no tree."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return self._reaper or not self._members(table.read())
            if pid == 0:
                self._look()
                return False
            if pid == self._main:
                self._status = status
                self._course = on_exit(self._course, time.monotonic(), self._request["linger"])

    def _look(self) -> None:
        if not self._reaper:
            self._members(table.read(cookies=True))

    def _members(self, snapshot: Snapshot) -> frozenset[int]:
        if self._reaper:
            return alive(snapshot, below(snapshot, [os.getpid()]))
        found = family(snapshot, root=os.getpid(), cookie=self._request["cookie"], known=self._known)
        self._known |= remember(snapshot, found)
        return alive(snapshot, found)

    def _sweep(self) -> None:
        snapshot = table.read(cookies=not self._reaper)
        members = self._members(snapshot)
        if not self._course.ordered and not self._told:
            self._left = len(members)
        fresh = remember(snapshot, members) - self._told
        for pid, started in fresh:
            for number in (*self.asks, signal.SIGCONT):  # a stopped process would not hear them
                table.send(pid, started, number)
        self._told |= fresh
        if self._course.stage is Stage.KILLING:
            self._kill()

    def _kill(self) -> None:
        """Freeze everybody first: who forks faster than we look would never be gone otherwise.

        Whole groups are killed as well. The system does that in one step, so that it also hits a process that lives on
        in its children and has another pid at every look. A group of the tree is never anybody else's, for the main
        process leads a session of its own.
        """
        frozen: Known = frozenset()
        groups: set[int] = set()
        for _ in range(_FREEZE_ROUNDS):
            snapshot = table.read(cookies=not self._reaper)
            members = self._members(snapshot)
            groups.update(snapshot[pid].pgid for pid in members)
            fresh = remember(snapshot, members) - frozen
            if not fresh:
                break
            for pid, started in fresh:
                table.send(pid, started, signal.SIGSTOP)
            frozen |= fresh
        for pid, started in frozen:
            table.send(pid, started, signal.SIGKILL)
        for group in groups - {os.getpgrp()}:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)

    def _say(self, frame: Frame, descriptors: list[int] | None = None) -> None:
        try:
            self._control.sendmsg([pack(frame)], rights(descriptors) if descriptors else [])
        except OSError:
            self._connected = False

    def _rehearse(self) -> None:
        """Try to start what is not there: it makes this fork's own copies of the memory that the real start needs."""
        with contextlib.suppress(OSError):
            subprocess.Popen([_NOWHERE], cwd="/", env={}, stdin=0, stdout=1, stderr=2, start_new_session=True)


def _explain(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error)
