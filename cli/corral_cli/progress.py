"""A sign of life for anything longer than a second: on stderr, only for a person who is looking."""

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from corral_cli.lazy import lazy
from corral_cli.text import clean

if TYPE_CHECKING:
    import rich.console as rich_console
    import rich.status as rich_status
else:
    rich_console = lazy("rich.console")

AFTER = 1.0
"""Seconds of silence before the spinner appears."""


class Spinner:
    """The text can change while it spins; before a second has passed and without a terminal nothing is shown.

    There is one at a time: what happens within a longer wait is part of it.
    """

    turning: "ClassVar[Spinner | None]" = None

    def __init__(self, text: str) -> None:
        self._text = clean(text)
        self._lock = threading.Lock()
        self._shown: rich_status.Status | None = None
        self._ended = False

    def say(self, text: str) -> None:
        with self._lock:
            self._text = clean(text)
            if self._shown is not None:
                self._shown.update(self._text)

    def show(self) -> None:
        with self._lock:
            if not self._ended and self._shown is None:
                console = rich_console.Console(stderr=True, markup=False, highlight=False)
                self._shown = console.status(self._text, spinner="dots")
                self._shown.start()

    def end(self) -> None:
        with self._lock:
            self._ended = True
            if self._shown is not None:
                self._shown.stop()


@contextmanager
def spinning(text: str) -> Generator[Spinner]:
    """Show `text` with a spinner while the block takes longer than a second."""
    spinner = Spinner.turning or Spinner(text)
    if Spinner.turning is not None or not sys.stderr.isatty():
        yield spinner
        return
    Spinner.turning = spinner
    timer = threading.Timer(AFTER, spinner.show)
    timer.daemon = True
    timer.start()
    try:
        yield spinner
    finally:
        Spinner.turning = None
        timer.cancel()
        spinner.end()
