"""A session's output on its way to where it is shown, in order, and how far it has got there."""

import select
from collections import deque

from corral_cli import clock
from corral_cli.terminal.guard import Guard
from corral_cli.terminal.modes import Modes
from corral_cli.terminal.resume import Position
from corral_cli.terminal.tty import Outlet
from corral_cli.terminal.words import CLEAR

FULL = 4 << 20
"""Bytes waiting to be shown at which nothing more is read; the hub's window is smaller."""
_LAST_WORDS = 1.0
"""Seconds for which a terminal that takes nothing may delay our leaving."""
_FULL_RESET = b"\x1bc"


class ScreenGone(Exception):
    """Nobody reads there any more: the terminal was closed, or the other end of the pipe."""


class Display:
    """`guard` is None where bytes go into a pipe, untouched."""

    def __init__(self, outlet: Outlet, position: Position, guard: Guard | None) -> None:
        self.modes = Modes()
        self.position = position
        self._outlet = outlet
        self._guard = guard
        self._waiting: deque[tuple[memoryview, int | None]] = deque()
        self._overlays: list[bytes] = []
        self.pending = 0

    def writes(self) -> list[Outlet]:
        return [self._outlet] if self._waiting else []

    def output(self, data: bytes, end: int) -> None:
        """Show a piece of the stream that ends at `end`."""
        if self._guard is not None:
            data = self._guard.pass_on(data)
            self.modes.watch(data)
        self._add(data, end)
        if self._overlays:
            self._overlay_now()

    def snapshot(self, data: bytes, offset: int, push: int) -> None:
        """Replace what is on the screen. `push`: lines that scroll away before, because they are the user's."""
        if self._guard is None:
            self._add(data, offset)
            return
        self._guard.reset()
        before = self.modes.put_back() + b"\r\n" * push + CLEAR
        self.modes = Modes()
        # A full reset would take the user's scrolled-away lines along; the screen is clear already.
        drawing = self._guard.pass_on(data.removeprefix(_FULL_RESET))
        self.modes.watch(drawing)
        self._add(before + drawing, offset)
        if self._overlays:
            self._overlay_now()

    def overlay(self, data: bytes) -> None:
        """Show something of ours, which is no part of the stream: as soon as it does not cut a sequence in two."""
        self._overlays.append(data)
        self._overlay_now()

    def _overlay_now(self) -> None:
        if self.modes.at_rest:
            self._add(b"".join(self._overlays), None)
            self._overlays.clear()

    def flush(self) -> None:
        """Write what can be written now. Raises ScreenGone."""
        while self._waiting:
            data, end = self._waiting[0]
            taken = self._write(data) if data else 0
            self.pending -= taken
            if taken < len(data):
                self._waiting[0] = (data[taken:], end)
                if not taken:
                    return
            else:
                self._waiting.popleft()
                if end is not None:
                    self.position.show(end)
            if not self._outlet.never_waits:
                return

    def leave(self, last: bytes) -> None:
        """Drop what is waiting and bring the terminal to rest, if it still takes anything. Raises ScreenGone."""
        self._waiting.clear()
        self._overlays.clear()
        self.pending = 0
        if self._guard is not None:
            self._add(self.modes.put_back() + last, None)
        until = clock.monotonic() + _LAST_WORDS
        while self._waiting and clock.monotonic() < until:
            select.select([], [self._outlet], [], _LAST_WORDS)
            self.flush()

    def _add(self, data: bytes, end: int | None) -> None:
        self._waiting.append((memoryview(data), end))
        self.pending += len(data)
        if self._outlet.never_waits:
            self.flush()

    def _write(self, data: memoryview) -> int:
        try:
            return self._outlet.write(data)
        except OSError as error:
            raise ScreenGone from error
