"""What we ourselves say while a session has the screen: the title of the window, a notice on the last line."""

from collections.abc import Callable

from corral_cli import clock
from corral_cli.output import talk
from corral_cli.terminal import words
from corral_cli.terminal.display import Display
from corral_cli.terminal.wish import Wish
from corral_protocol.vocabulary import SessionMode

_QUIETLY = 1.0
"""Seconds for which a lost connection is not worth a word on somebody's screen."""


class Face:
    """Where bytes go into a pipe (`piped`), there is no screen: what there is to say goes to stderr."""

    def __init__(self, wish: Wish, display: Display, size: Callable[[], tuple[int, int]], *, piped: bool) -> None:
        self.size = size
        self._wish = wish
        self._display = display
        self._piped = piped
        self._titled = not piped and not wish.allowed.titles
        self._greeted = self._pushed = False
        self._lost_since: float | None = None
        self.noticed = False

    @property
    def due(self) -> float | None:
        """When a lost connection has to be mentioned."""
        return None if self._lost_since is None or self.noticed else self._lost_since + _QUIETLY

    def attached(self, mode: SessionMode) -> None:
        self._lost_since = None
        if self.noticed:
            self._clear_notice()
        if self._piped:
            return
        if not self._greeted:
            self._greeted = True
            greeting = words.greeting(self._wish.session, mode, self._wish.keys, self.size()) + "\r\n"
            self._display.overlay((words.PUSH_TITLE if self._titled else b"") + greeting.encode())
        self._title("watching" if mode is SessionMode.VIEW else "")

    def lost(self) -> None:
        self._lost_since = clock.monotonic()

    def turn(self) -> None:
        """Mention a lost connection once it has been lost for a while."""
        if self.due is None or clock.monotonic() < self.due:
            return
        if not self._display.modes.at_rest:  # in the middle of a sequence: better silent than garbled
            self._lost_since = None
            return
        self.noticed = True
        if self._piped:
            talk("The connection to the hub is lost; trying again.")
        else:
            self._display.overlay(words.notice(words.lost(self._wish.keys), self.size()))
            self._title("connection lost")

    def mention(self, text: str) -> None:
        """Something was refused that is no reason to leave: say so until the next output paints over it."""
        if self._piped:
            talk(text)
        else:
            self._display.overlay(words.notice(text, self.size()))

    def gap(self, count: int) -> None:
        """Bytes never came. A screen shows a snapshot instead; whoever reads a pipe must know."""
        if self._piped:
            talk(f"{count} bytes of output are missing here: nobody keeps them any more.")

    def lines_to_push(self) -> int:
        """Return how far the user's own lines must scroll, so that the first snapshot does not cover them."""
        pushed, self._pushed = self._pushed, True
        return 0 if pushed else self.size()[1]

    def last_words(self, ended: bool) -> bytes:
        """Return what leaves the user a line of their own, and their title."""
        if self._piped or not self._greeted:
            return b""
        leave = words.farewell(ended, self.size(), self._display.modes.alternate)
        return leave + (words.POP_TITLE if self._titled else b"")

    def _clear_notice(self) -> None:
        self.noticed = False
        if self._piped:
            talk("The connection to the hub is back.")
        else:
            self._display.overlay(words.no_notice(self.size()))

    def _title(self, state: str) -> None:
        if self._titled:
            self._display.overlay(words.title(self._wish.session, state, self._wish.keys))
