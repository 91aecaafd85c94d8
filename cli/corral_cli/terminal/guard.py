"""What a session's output may not do to the terminal it is shown on: write the clipboard, change titles. Pure.

Everything else passes as it is: colours, links, pictures, questions to the terminal. A dropped sequence leaves a string
terminator behind; otherwise what stands around it could join to the very sequence that was dropped.
"""

import re
from dataclasses import dataclass

# Control characters between Escape and what follows are obeyed at once and do not end the sequence.
_ESCAPE = rb"\x1b[\x00-\x17\x19\x1c-\x1f\x7f]*"
_BEGINS = re.compile(_ESCAPE + rb"[\]k]|\xc2\x9d")
"""Escape ] or its C1 form begins an operating system command, Escape k a title in screen and tmux."""
_UNFINISHED = re.compile(_ESCAPE + rb"\Z|\xc2\Z")
_ENDS = re.compile(rb"[\x07\x18\x1a]|\xc2\x9c|\x1b\\|\x1b(?=[^\\])")
"""Bell, cancel, or a string terminator; any other Escape begins something new, and is not part of it."""
_TERMINATOR = b"\x1b\\"
_HEAD = 64
"""Bytes of a command that are enough to judge it."""
_COMMAND = re.compile(rb"0*(\d{0,6})(?:;|\Z)(.*)", re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")

_TITLES = frozenset({b"", b"1", b"2"})
_CLIPBOARD, _KITTY_CLIPBOARD, _ITERM = b"52", b"5522", b"1337"
_ITERM_CLIPBOARD = (b"Copy", b"EndCopy", b"SetClipboard")
_PALETTE = (b"P", b"R")
"""The Linux console's palette commands; they have no end, so there is nothing to wait for."""


@dataclass(frozen=True, slots=True)
class Allowed:
    clipboard: bool = False
    titles: bool = False


class Guard:
    """Filters one stream of output, however it is cut. Holds back at most the beginning of one command."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        self._held = b""
        self._dropping = False

    def pass_on(self, output: bytes) -> bytes:
        """Return what the terminal may see of this piece, and of what was held back before."""
        data = self._held + output if self._held else output
        self._held = b""
        if not self._dropping and b"\x1b" not in data and b"\xc2" not in data:
            return data
        passed: list[bytes] = []
        at: int | None = 0
        while at is not None:
            at = self._drop_on(data, at) if self._dropping else self._step(data, at, passed)
        return b"".join(passed)

    def reset(self) -> None:
        """Forget a sequence that has begun: the stream goes on elsewhere."""
        self._held, self._dropping = b"", False

    def _step(self, data: bytes, at: int, passed: list[bytes]) -> int | None:
        """Pass what stands before the next command and judge that. Return where to go on, None at the end."""
        found = _BEGINS.search(data, at)
        if found is None:
            self._hold_end(data, at, passed)
            return None
        passed.append(data[at : found.start()])
        head, whole = _head(data, found.end())
        if found.group().endswith(b"k"):
            welcome = self._allowed.titles
        elif not whole and not head.startswith(_PALETTE):
            self._held = data[found.start() :]
            return None
        else:
            welcome = _may_pass(head, self._allowed)
        passed.append(found.group() if welcome else _TERMINATOR)
        self._dropping = not welcome
        return found.end()

    def _hold_end(self, data: bytes, at: int, passed: list[bytes]) -> None:
        """Pass all but an Escape whose meaning the next piece tells; control characters behind it go first."""
        unfinished = _UNFINISHED.search(data, at)
        stop = unfinished.start() if unfinished else len(data)
        self._held = data[stop : stop + 1]
        passed += (data[at:stop], data[stop + 1 :])

    def _drop_on(self, data: bytes, at: int) -> int | None:
        found = _ENDS.search(data, at)
        if found is not None:
            self._dropping = False
            return found.end() if found.group() != b"\x1b" else found.start()
        if data.endswith((b"\x1b", b"\xc2")):
            self._held = data[-1:]
        return None


def _head(data: bytes, at: int) -> tuple[bytes, bool]:
    """Return the beginning of the command's text at `at`, and whether there is enough of it to judge."""
    end = _ENDS.search(data, at, at + _HEAD + 1)
    text = data[at : end.start() if end else at + _HEAD]
    return text, end is not None or len(text) == _HEAD


def _may_pass(head: bytes, allowed: Allowed) -> bool:
    """Judge a command by its first bytes. What hides its number behind control characters has a reason to."""
    if head.startswith(_PALETTE):
        return True
    found = _COMMAND.match(head)
    if found is None or _CONTROL.search(head) or found[1] == _KITTY_CLIPBOARD:
        return False
    number, text = found[1], found[2]
    if number == _CLIPBOARD:
        _, separator, content = text.partition(b";")
        # A question would have the terminal type its clipboard into the session: never.
        return allowed.clipboard and bool(separator) and not content.startswith(b"?")
    if number == _ITERM and text.startswith(_ITERM_CLIPBOARD):
        return allowed.clipboard
    return allowed.titles or number not in _TITLES
