"""Keys by name, as tmux and docker write them, and the bytes that a terminal sends for them. Pure."""

from collections.abc import Mapping

EXAMPLES = "Write C-c, M-x, Enter, Escape, Tab, Up, F5, PageDown … or a single character."

_NAMED: Mapping[str, bytes] = {
    "enter": b"\r", "return": b"\r", "escape": b"\x1b", "esc": b"\x1b", "tab": b"\t", "space": b" ",
    "backspace": b"\x7f", "bspace": b"\x7f", "backtab": b"\x1b[Z", "btab": b"\x1b[Z", "s-tab": b"\x1b[Z",
    "up": b"\x1b[A", "down": b"\x1b[B", "right": b"\x1b[C", "left": b"\x1b[D",
    "home": b"\x1b[H", "end": b"\x1b[F", "insert": b"\x1b[2~", "delete": b"\x1b[3~",
    "pageup": b"\x1b[5~", "pgup": b"\x1b[5~", "pagedown": b"\x1b[6~", "pgdn": b"\x1b[6~",
    "f1": b"\x1bOP", "f2": b"\x1bOQ", "f3": b"\x1bOR", "f4": b"\x1bOS", "f5": b"\x1b[15~", "f6": b"\x1b[17~",
    "f7": b"\x1b[18~", "f8": b"\x1b[19~", "f9": b"\x1b[20~", "f10": b"\x1b[21~", "f11": b"\x1b[23~", "f12": b"\x1b[24~",
}  # fmt: skip
_CTRL, _ALT = ("c-", "ctrl-", "^"), ("m-", "alt-", "meta-")


def bytes_of(name: str) -> bytes:
    """Return what the key types. Raises ValueError."""
    lower = name.lower()
    if lower in _NAMED:
        return _NAMED[lower]
    for prefix in _ALT:
        if lower.startswith(prefix) and len(name) > len(prefix):
            return b"\x1b" + bytes_of(name[len(prefix) :])
    for prefix in _CTRL:
        if lower.startswith(prefix) and len(name) > len(prefix):
            return _with_ctrl(lower[len(prefix) :], name)
    if len(name) == 1 and name.isprintable():
        return name.encode()
    raise ValueError(f"{name!r} is no key")


def _with_ctrl(key: str, name: str) -> bytes:
    if key in ("space", "@"):
        return b"\x00"
    if key == "?":
        return b"\x7f"
    if len(key) == 1 and key in "abcdefghijklmnopqrstuvwxyz[\\]^_":
        return bytes([ord(key) & 0x1F])
    raise ValueError(f"{name!r} is no key: Ctrl goes with letters and @ [ \\ ] ^ _ ?")
