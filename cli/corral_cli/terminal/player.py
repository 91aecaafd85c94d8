"""Play a recording in this terminal: what it shows is guarded as in `attach`, and the terminal is put back after it."""

import contextlib
import os
import re
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace

from corral_cli import clock
from corral_cli.terminal.cast import Event, Header, lines, read_event, read_header
from corral_cli.terminal.display import Display, ScreenGone
from corral_cli.terminal.guard import Allowed, Guard
from corral_cli.terminal.pace import HOP, Pace
from corral_cli.terminal.resume import Position
from corral_cli.terminal.signals import Signals, listening
from corral_cli.terminal.tty import Outlet, Raw, window_size
from corral_cli.terminal.words import farewell, notice

Source = Callable[[float], AbstractContextManager[Iterator[bytes]]]
"""Opens the recording at a second of it."""
KEYBOARD, SCREEN = 0, 1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGWINCH)
_RESET = b"\x1bc"
_QUIT, _PAUSE, _FASTER, _SLOWER, _ON, _BACK = "quit", "pause", "faster", "slower", "on", "back"
_KEYS = {
    b"q": _QUIT, b"Q": _QUIT, b"\x03": _QUIT, b"\x04": _QUIT, b" ": _PAUSE, b"+": _FASTER, b"-": _SLOWER,
    b"\x1b[C": _ON, b"\x1bOC": _ON, b"\x1b[D": _BACK, b"\x1bOD": _BACK,
}  # fmt: skip
_KEY = re.compile(rb"\x1b[\[O][A-Z]|.", re.DOTALL)
HELP = "space: pause · arrows: 10 s back or on · + -: speed · q: quit"
_MUCH = 1 << 20


class Left(Exception):
    """The person, or a signal, ended it. `code`: what to exit with."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


class _Jump(Exception):
    """Go on elsewhere in the recording."""


def play(source: Source, pace: Pace) -> int:
    """Show the recording from `pace.at` on until it ends or the person leaves; return the exit code.

    Raises CliError, NotACast.
    """
    sys.stdout.flush()
    outlet = Outlet(SCREEN)
    try:
        if not outlet.is_terminal:
            return _pour(source, pace.at, outlet)
        with listening(_SIGNALS) as signals, ExitStack() as stack:
            raw = stack.enter_context(Raw(KEYBOARD)) if os.isatty(KEYBOARD) else None
            return _Player(source, pace, outlet, raw, signals).run()
    finally:
        outlet.close()


def _pour(source: Source, begin: float, outlet: Outlet) -> int:
    """Write what was printed into a pipe or a file, untouched and at once."""
    display = Display(outlet, Position(None), None)
    try:
        with source(begin) as pieces:
            whole = lines(pieces)
            read_header(next(whole, b""))
            for event in map(read_event, whole):
                if event.code == "o":
                    display.output(event.text.encode("utf-8", "replace"), 0)
                _drain(display, _MUCH)
        _drain(display, 0)
    except ScreenGone:
        return 128 + signal.SIGPIPE
    return 0


def _drain(display: Display, enough: int) -> None:
    while display.pending > enough:
        select.select([], display.writes(), [])
        display.flush()


class _Player:
    def __init__(self, source: Source, pace: Pace, outlet: Outlet, raw: Raw | None, signals: Signals) -> None:
        self._source = source
        self._pace = replace(pace, since=clock.monotonic())
        self._display = Display(outlet, Position(None), Guard(Allowed()))
        self._raw = raw
        self._signals = signals
        self._pushed = False

    def run(self) -> int:
        try:
            code = self._play()
            self._display.leave(self._last_words())
        except ScreenGone:
            return 128 + signal.SIGHUP
        except BaseException:
            with contextlib.suppress(ScreenGone):  # what went wrong is worse than a screen we cannot tidy up
                self._display.leave(self._last_words())
            raise
        return code

    def _play(self) -> int:
        while True:
            try:
                with self._source(self._pace.at) as pieces:
                    self._show_all(lines(pieces))
                return 0
            except _Jump:
                continue
            except Left as left:
                return left.code

    def _show_all(self, whole: Iterator[bytes]) -> None:
        begin = self._pace.at
        self._clear(read_header(next(whole, b"")))
        for event in map(read_event, whole):
            at = begin + event.at
            self._wait(at)
            self._show(event)
            self._pace = self._pace.shown(at, clock.monotonic())
            while self._display.pending > _MUCH:
                self._look(None)
        while self._display.pending or self._pace.paused:
            self._look(None)

    def _clear(self, header: Header) -> None:
        """Begin on an empty screen; the first time, the user's own lines are scrolled away, not painted over."""
        size = window_size(SCREEN)
        self._display.snapshot(b"", 0, 0 if self._pushed else size[1])
        if not self._pushed:
            small = header.cols > size[0] or header.rows > size[1]
            note = f"It was recorded at {header.cols}×{header.rows}: it will not look right here. " if small else ""
            self._say(note + (HELP if self._raw else ""))
        self._pushed = True

    def _show(self, event: Event) -> None:
        data = event.text.encode("utf-8", "replace")
        if event.code == "m":
            self._say(event.text)
        elif event.code == "o" and data.startswith(_RESET):
            self._display.snapshot(data, 0, 0)
        elif event.code == "o":
            self._display.output(data, 0)
        self._display.flush()

    def _wait(self, at: float) -> None:
        while (due := self._pace.due(at)) is None or due > clock.monotonic():
            self._look(None if due is None else due - clock.monotonic())
        if self._has_news():
            self._look(0.0)

    def _has_news(self) -> bool:
        """Whether a key or a signal waits: a flood is not deaf."""
        return bool(select.select(self._ears(), [], [], 0)[0])

    def _ears(self) -> list[Signals | int]:
        return [self._signals, *([self._raw.keyboard] if self._raw else [])]

    def _look(self, seconds: float | None) -> None:
        """Wait for a key, a signal, or room on the screen, and see to it. Raises Left, _Jump."""
        patience = None if seconds is None else max(0.0, seconds)
        ready, writable, _ = select.select(self._ears(), self._display.writes(), [], patience)
        if writable:
            self._display.flush()
        for number in self._signals.take() if self._signals in ready else ():
            if number != signal.SIGWINCH:
                raise Left(128 + number)
        if self._raw and self._raw.keyboard in ready:
            typed = self._raw.read()
            if not typed:
                raise Left(128 + signal.SIGHUP)
            before = self._pace
            for key in _KEY.findall(typed):
                self._obey(key)
            if self._pace.hops != before.hops:
                raise _Jump

    def _obey(self, key: bytes) -> None:
        now = clock.monotonic()
        match _KEYS.get(key):
            case "quit":
                raise Left(0)
            case "pause":
                self._pace = self._pace.toggle(now)
                self._say("paused" if self._pace.paused else HELP)
            case "faster" | "slower" as how:
                self._pace = self._pace.times(2.0 if how == _FASTER else 0.5, now)
                self._say(f"speed {self._pace.speed:g}")
            case "on" | "back" as way:
                self._pace = self._pace.jump(HOP if way == _ON else -HOP, now)
            case _:
                return

    def _say(self, text: str) -> None:
        if text:
            self._display.overlay(notice(text, window_size(SCREEN)))

    def _last_words(self) -> bytes:
        return farewell(ended=False, size=window_size(SCREEN), was_alternate=self._display.modes.alternate)
