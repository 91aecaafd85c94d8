"""A command's output on its way out, in the order in which it was printed, and how far it has got."""

from collections import deque

from corral_cli.terminal.guard import Allowed, Guard
from corral_cli.terminal.tty import Outlet
from corral_protocol.frames import Kind


class OutletGone(Exception):
    """Nobody reads there any more."""


class Outlets:
    """Bytes pass as they are; on a terminal they can neither write the clipboard nor change titles."""

    def __init__(self, stdout: Outlet, stderr: Outlet) -> None:
        self.written = 0
        """Everything before this byte of both streams is out."""
        self._ways = {Kind.STDOUT: (stdout, _guard(stdout)), Kind.STDERR: (stderr, _guard(stderr))}
        self._waiting: deque[tuple[Outlet, memoryview, int]] = deque()

    @property
    def empty(self) -> bool:
        return not self._waiting

    def writes(self) -> list[Outlet]:
        return [self._waiting[0][0]] if self._waiting else []

    def add(self, kind: Kind, data: bytes, end: int) -> None:
        outlet, guard = self._ways[kind]
        self._waiting.append((outlet, memoryview(data if guard is None else guard.pass_on(data)), end))

    def flush(self, writable: list[Outlet]) -> None:
        """Write what can be written now. Raises OutletGone."""
        ready = set(map(id, writable))
        while self._waiting:
            outlet, data, end = self._waiting[0]
            if not outlet.never_waits and id(outlet) not in ready:
                return
            ready.discard(id(outlet))  # one write each time that select says so
            taken = _write(outlet, data) if data else 0
            if taken < len(data):
                self._waiting[0] = outlet, data[taken:], end
                if not taken:
                    return
            else:
                self._waiting.popleft()
                self.written = end


def _guard(outlet: Outlet) -> Guard | None:
    return Guard(Allowed()) if outlet.is_terminal else None


def _write(outlet: Outlet, data: memoryview) -> int:
    try:
        return outlet.write(data)
    except OSError as error:
        raise OutletGone from error
