"""What a terminal shows: feed it the output of a program, it keeps the screen. Pure.

It does what xterm.js does, in which people see the same output, but keeps no scrollback, does not wrap lines anew when
the width changes, and forgets what is no part of a picture: links, palettes, images, answers to questions. It counts
bells. Whatever comes in, a piece of output takes the time that its length and the size of the screen allow, no more.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from corral_daemon.scribe.controls import CONTROLS, ESCAPES, SEQUENCES
from corral_daemon.scribe.drawing import draw
from corral_daemon.scribe.plain import harmless
from corral_daemon.scribe.reading import (
    CONTROL,
    CSI,
    ESCAPE,
    LONGEST,
    LONGEST_SEQUENCE,
    ODD,
    STRING,
    TEXT,
    TOKEN,
    Reader,
)
from corral_daemon.scribe.style import restyled
from corral_daemon.scribe.terminal import PASTES, SHOWN, Terminal

_TITLE_LENGTH = 256
_NOTIFIES = frozenset({"]9", "]99", "]777"})
_PROGRESS = "4;"
"""What follows OSC 9 where it tells of progress, and notifies nobody."""
_HIGHEST = 9999
_GRAMMAR = re.compile(r"([<=>?]?)([0-9;:]*)([ -/]*[@-~])")
_NOT_IN_CSI = re.compile(r"[\x00-\x1f\x7f]")


class Screen(Terminal):
    def __init__(self, cols: int, rows: int) -> None:
        super().__init__(cols, rows)
        self._reader = Reader()
        self._take: dict[int | None, Callable[[str], None]] = {
            CSI: self._obey,
            CONTROL: self._control,
            ESCAPE: self._escape,
            STRING: self._hear,
            ODD: self._untangle,
            None: lambda _: None,  # broken off
        }

    @property
    def skips(self) -> bool:
        """Whether this is the middle of something too long to be kept."""
        return self._reader.skips

    def demeanour(self) -> dict[str, Any]:
        """What can be told of the program beside what can be read."""
        return {
            "alternate": self.alternate,
            "shown": SHOWN in self.modes,
            "pastes": PASTES in self.modes,
            "bells": self.bells,
            "notice": self.notice,
        }

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and line, from 0."""
        return self.buffer.column, self.buffer.y

    def feed(self, data: bytes) -> None:
        """Take output as it comes, cut anywhere."""
        for match in TOKEN.finditer(self._reader.read(data)):
            kind = match.lastindex
            if kind == TEXT:
                said = match[TEXT]
                (self.print_run if "\x1b" in said else self.print)(said)
            else:
                self._take[kind](match[kind or 0])
                self.printed = ""

    def take_back(self) -> bytes:
        """Return the unfinished end of what was fed, which has had no effect yet: it must be fed again."""
        return self._reader.take_back()

    def draw(self) -> bytes:
        """Return what makes a new terminal of this size look, and behave, like this one, whatever comes next."""
        return draw(self).encode() + self._reader.unfinished

    def lines(self) -> tuple[str, ...]:
        """What can be read on the screen, without blanks at the ends of lines, safe to be printed anywhere."""
        return tuple(harmless("".join(row.texts)).rstrip() for row in self.buffer.rows)

    def _obey(self, body: str) -> None:
        if (does := _understood(body)) is not None:
            does(self)

    def _control(self, control: str) -> None:
        if (does := CONTROLS.get(control)) is not None:
            does(self)

    def _escape(self, body: str) -> None:
        if (does := ESCAPES.get(body)) is not None:
            does(self)

    def _hear(self, body: str) -> None:
        code, _, text = body.rstrip("\x07").partition(";")
        if code in ("]0", "]2") and len(body) < LONGEST:
            self.title = harmless(text[:_TITLE_LENGTH])
        elif code in _NOTIFIES and len(body) < LONGEST and not text.startswith(_PROGRESS):
            self.bells += 1
            self.notice = harmless(text.removeprefix("notify;")[:_TITLE_LENGTH])

    def _untangle(self, body: str) -> None:
        """A sequence with other controls in it."""
        if len(body) > LONGEST_SEQUENCE:
            return
        for control in _NOT_IN_CSI.findall(body):
            self._control(control)
        if body[-1:] not in ("\x18", "\x1a"):
            self._obey(_NOT_IN_CSI.sub("", body))


@lru_cache(1 << 13)
def _understood(body: str) -> Callable[[Terminal], None] | None:
    """Return what a control sequence does; None if it does nothing here."""
    grammar = _GRAMMAR.fullmatch(body)
    if grammar is None or len(body) > LONGEST_SEQUENCE:
        return None
    prefix, said, final = grammar.groups()
    if prefix + final == "m":
        return lambda terminal: setattr(terminal, "style", restyled(terminal.style, said))
    does = SEQUENCES.get(prefix + final)
    numbers = tuple(min(int(number.partition(":")[0] or "0"), _HIGHEST) for number in said.split(";"))
    return None if does is None else lambda terminal: does(terminal, numbers)
