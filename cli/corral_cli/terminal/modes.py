"""What a program has switched on in the terminal, so that it can be switched off again; and whether it is in the
middle of saying something. Pure.
"""

import re

_SWITCH = re.compile(rb"\x1b\[([?><=])([\d;]{0,64})([hlum])")
_UNFINISHED = re.compile(
    rb"(?:\x1b(?:\[[0-?]{0,64})?[ -/]{0,8}|[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z"
)
"""The beginning of a control sequence, or of a character in UTF-8."""
_STRINGS = (b"\x1b]", b"\x1bP", b"\x1b_", b"\x1b^", b"\x1bX")
"""What begins a text for the terminal, of any length: commands, pictures."""
_STRING_ENDS = re.compile(rb"[\x07\x18\x1a\x1b]|\xc2\x9c")

_NORMALLY_OFF = frozenset(
    {1, 5, 6, 9, 66, 69, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026, 2031, 2048}
)
"""Cursor keys of applications, mouse, focus, bracketed paste … Others differ between terminals: they are left alone."""
_ALTERNATE = frozenset({47, 1047, 1049})
_AT_REST = b"\x1b[0m\x1b(B\x0f\x1b>\x1b[4l\x1b[?25h\x1b[?7h\x1b[0 q\x1b7\x1b[r\x1b8"
"""Colours, character set, keypad, insert mode, cursor, and the whole screen scrolls; the cursor stays where it is."""


class Modes:
    """Follows one stream of output, however it is cut."""

    def __init__(self) -> None:
        self._states: dict[int, bool] = {}
        self._tail = b""
        self._in_string = False
        self._keyboards = 0
        self._keys_spelled = False

    @property
    def alternate(self) -> bool:
        """Whether the alternate screen is shown: a full-screen program, without lines that scrolled away."""
        return any(self._states.get(mode) for mode in _ALTERNATE)

    @property
    def at_rest(self) -> bool:
        """Whether something else may be said to the terminal here, without cutting a sequence or a character."""
        return not self._tail and not self._in_string

    def watch(self, output: bytes) -> None:
        data = self._tail + output if self._tail else output
        # Only the end matters here, and a search would look at every Escape of a flood.
        unfinished = _UNFINISHED.search(data, max(0, len(data) - 80))
        self._tail = unfinished.group() if unfinished else b""
        begun = max(data.rfind(mark) for mark in _STRINGS)
        if begun >= 0 or self._in_string:
            self._in_string = _STRING_ENDS.search(data, max(0, begun + 2) if begun >= 0 else 0) is None
        if b"\x1b[" in data:
            for found in _SWITCH.finditer(data):
                self._note(found[1], found[2], found[3])

    def put_back(self) -> bytes:
        """Return what brings the terminal to rest; the alternate screen is left only if it is shown."""
        on = sorted(mode for mode, state in self._states.items() if state)
        parts = [b"\x1b\\", *(b"\x1b[?%dl" % mode for mode in on if mode in _NORMALLY_OFF)]
        if self._keyboards:
            parts.append(b"\x1b[<%du\x1b[=0u" % self._keyboards)
        if self._keys_spelled:
            parts.append(b"\x1b[>4m")
        parts.extend(b"\x1b[?%dl" % mode for mode in on if mode in _ALTERNATE)
        return b"".join([*parts, _AT_REST])

    def _note(self, mark: bytes, numbers: bytes, verb: bytes) -> None:
        if mark == b"?" and verb in b"hl":
            self._states.update((int(number), verb == b"h") for number in numbers.split(b";") if number)
        elif mark == b">" and verb == b"u":
            self._keyboards += 1
        elif mark == b"=" and verb == b"u":
            self._keyboards = max(1, self._keyboards)
        elif mark == b">" and verb == b"m":
            self._keys_spelled = True
