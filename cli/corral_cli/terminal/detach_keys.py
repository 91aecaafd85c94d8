"""Detach keys: found among what is typed, however reads cut it and however the terminal spells a key. Pure.

A program may switch the terminal to a keyboard protocol in which Ctrl-\\ is no longer the byte 0x1c but an escape
sequence that names the key; agent CLIs do. Both spellings count. What is no detach sequence arrives as it was typed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

NONE = "none"
"""In place of keys: nothing detaches."""
EXAMPLES = "Write keys as ctrl-p,ctrl-q or ctrl-],d: ctrl-LETTER, ctrl- with one of @ \\ ] ^ _, or a character."

_CTRL = 4
_LOCKS = 64 | 128
"""Caps lock and num lock: on or off, the key is the same."""
_MODIFIER_KEYS = range(57441, 57455)
_PRESS = 1
_TOKEN = re.compile(rb"\x1b\[[\d;:]{0,40}[u~]|.", re.DOTALL)
_UNFINISHED = re.compile(rb"\x1b\[\d[\d;:]{0,39}\Z")
"""The beginning of a spelled-out key. A lone Escape is no beginning: it must not wait for what comes next."""
_KITTY = re.compile(rb"\x1b\[(\d+)[\d:]*(?:;(\d*)(?::(\d+))?[\d;:]*)?u")
_XTERM = re.compile(rb"\x1b\[27;(\d+);(\d+)~")


@dataclass(frozen=True, slots=True)
class Key:
    """One key: a character's code, with or without Ctrl."""

    code: int
    ctrl: bool = False

    @property
    def byte(self) -> int:
        return self.code & 0x1F if self.ctrl else self.code


def parse_keys(text: str) -> tuple[Key, ...]:
    """Read `ctrl-p,ctrl-q`; `none` gives no keys. Raises ValueError."""
    if text.strip().lower() == NONE:
        return ()
    return tuple(_parse_key(word.strip()) for word in text.split(","))


def _parse_key(word: str) -> Key:
    prefix, name = word[:5].lower(), word[5:].lower()
    if prefix == "ctrl-" and name == "[":
        raise ValueError("ctrl-[ is Escape, with which everything begins that a terminal says by itself")
    if prefix == "ctrl-" and len(name) == 1 and name in "abcdefghijklmnopqrstuvwxyz@\\]^_":
        return Key(ord(name), ctrl=True)
    if len(word) == 1 and " " < word <= "~":
        return Key(ord(word))
    raise ValueError(f"{word!r} is no key")


def spell_keys(keys: Sequence[Key]) -> str:
    """Return the keys as people write them: `Ctrl-\\ d`."""
    return " ".join(f"Ctrl-{chr(key.code).upper()}" if key.ctrl else chr(key.code) for key in keys)


class DetachKeys:
    """Reads what is typed, piece by piece, and holds back what may be the beginning of the detach sequence."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = tuple(keys)
        self._held: list[bytes] = []
        self._unfinished = b""
        self._begins = re.compile(rb"[%b]|\x1b\[\d" % re.escape(bytes([keys[0].byte]))) if keys else None

    def feed(self, typed: bytes) -> tuple[bytes, bool]:
        """Return (what goes to the session, whether to detach). What was typed behind the sequence goes nowhere."""
        idle = not self._held and not self._unfinished
        if self._begins is None or (idle and not self._begins.search(typed)):
            return typed, False
        passed: list[bytes] = []
        for token in self._tokens(typed):
            self._held.append(token)
            if self._matched() == len(self._keys):
                self._held.clear()
                return b"".join(passed), True
            while self._held and self._matched() is None:
                passed.append(self._held.pop(0))
        return b"".join(passed), False

    def _tokens(self, typed: bytes) -> list[bytes]:
        typed = self._unfinished + typed
        found = _UNFINISHED.search(typed)
        whole = typed[: found.start()] if found else typed
        self._unfinished = typed[len(whole) :]
        return _TOKEN.findall(whole)

    def _matched(self) -> int | None:
        """Return how many keys of the sequence are held; None if what is held is not its beginning."""
        count = 0
        for token in self._held:
            key, pressed = read_key(token)
            if key == self._keys[count] and pressed:
                count += 1
            elif count == 0 or pressed:
                return None
        return count


def read_key(token: bytes) -> tuple[Key | None, bool]:
    """Return (the key, whether it went down) for one byte or one spelled-out key; None for what is neither."""
    if len(token) == 1:
        return _key_of_byte(token[0]), True
    code, modifiers, event = _read_spelled(token)
    if code is None:
        return None, True
    pressed = event == _PRESS and code not in _MODIFIER_KEYS
    held = (max(modifiers, 1) - 1) & ~_LOCKS
    return (Key(code, held == _CTRL) if held in (0, _CTRL) else None), pressed


def _key_of_byte(byte: int) -> Key:
    if byte >= 0x20:
        return Key(byte)
    letter = byte + 0x60
    return Key(letter if 1 <= byte <= 26 else byte + 0x40, ctrl=True)


def _read_spelled(token: bytes) -> tuple[int | None, int, int]:
    """Return (code, modifiers, kind of event) of a key in the spelling of kitty or of xterm."""
    if found := _KITTY.fullmatch(token):
        return int(found[1]), int(found[2] or 1), int(found[3] or _PRESS)
    if found := _XTERM.fullmatch(token):
        return int(found[2]), int(found[1]), _PRESS
    return None, 1, _PRESS
