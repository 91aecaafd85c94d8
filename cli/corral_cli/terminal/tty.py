"""The terminal of this process: raw while a session is in it, and put back on every way out."""

import contextlib
import os
import select
import signal
import stat
import termios
import tty
from types import TracebackType
from typing import Any, Self

_FALLBACK = (80, 24)
_READ = 1 << 16
_CAREFUL = 512
"""Bytes that a terminal takes without waiting once it takes any."""


class Raw:
    """What is typed comes as bytes, at once; nothing is interpreted. Use it in a `with`."""

    def __init__(self, keyboard: int) -> None:
        self.keyboard = keyboard
        self._before: list[Any] | None = None

    def __enter__(self) -> Self:
        self._before = termios.tcgetattr(self.keyboard)
        try:
            tty.setraw(self.keyboard, termios.TCSADRAIN)
        except BaseException:
            self._put_back()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._put_back()

    def again(self) -> bool:
        """Make it raw after somebody else has had it. Return whether it is still there."""
        try:
            tty.setraw(self.keyboard, termios.TCSADRAIN)
        except termios.error:
            return False
        return True

    def read(self) -> bytes:
        """Return what was typed; nothing when the terminal has gone."""
        try:
            return os.read(self.keyboard, _READ)
        except OSError:  # EIO: the terminal has gone, which is the end of what is typed
            return b""

    def suspend(self) -> None:
        """Stop this process as its shell expects it. Once it is continued it has to be made raw `again`."""
        self._put_back()
        os.kill(os.getpid(), signal.SIGSTOP)

    def _put_back(self) -> None:
        """What was typed and not read was meant for the session: it must not run in the shell that comes back."""
        if self._before is not None:
            with contextlib.suppress(termios.error):  # a terminal that has gone needs no settings
                termios.tcsetattr(self.keyboard, termios.TCSAFLUSH, self._before)


def window_size(screen: int) -> tuple[int, int]:
    """Return (columns, rows) of a terminal; 80 × 24 where there is none or it does not say."""
    try:
        columns, rows = os.get_terminal_size(screen)
    except OSError:
        return _FALLBACK
    return (columns, rows) if columns and rows else _FALLBACK


class Outlet:
    """Where output goes. Writing takes what fits and never waits, if it is done when select says so.

    A terminal is opened a second time: whether writing waits belongs to an open file, and the one we were given is
    shared with the shell and whoever else writes to this terminal.
    """

    def __init__(self, descriptor: int) -> None:
        kind = os.fstat(descriptor).st_mode
        self.is_terminal = os.isatty(descriptor)
        self._own = _open_again(descriptor) if self.is_terminal else None
        self.never_waits = self._own is not None or stat.S_ISREG(kind)
        """Whether writing is safe at any time, not only when select says so."""
        self._descriptor = descriptor if self._own is None else self._own
        self._at_once = _READ if self.never_waits else select.PIPE_BUF if not self.is_terminal else _CAREFUL

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: memoryview) -> int:
        """Return how many bytes were taken. Raises OSError when nobody reads there any more."""
        try:
            return os.write(self._descriptor, data[: self._at_once])
        except BlockingIOError:
            return 0

    def close(self) -> None:
        if self._own is not None:
            os.close(self._own)
            self._own = None


def _open_again(descriptor: int) -> int | None:
    try:
        return os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:  # not ours to open: after `su`, or in a container
        return None
