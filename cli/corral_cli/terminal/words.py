"""What attaching says to a person, and how it is put on a screen that belongs to somebody else. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from corral_cli.terminal.detach_keys import Key, spell_keys
from corral_cli.text import clean, short_id
from corral_protocol.vocabulary import SessionMode

PUSH_TITLE, POP_TITLE = b"\x1b[22;2t", b"\x1b[23;2t"
CLEAR = b"\x1b[H\x1b[2J"


def name_of(session: Mapping[str, Any]) -> str:
    """Return what a session is called: its name, or the beginning of its id."""
    return clean(session.get("name") or short_id(session.get("id")))


def greeting(session: Mapping[str, Any], mode: SessionMode, keys: Sequence[Key], size: tuple[int, int]) -> str:
    """Return the line that is printed once: what this is, who drives, how to leave."""
    name, server = name_of(session), clean(session.get("server_name") or "")
    place = f"{name} on {server}" if server else name
    cols, rows = int(session.get("cols") or 0), int(session.get("rows") or 0)
    lines = [f"Attached to {place}."]
    if keys:
        lines.append(f"{spell_keys(keys)} detaches.")
    if mode is SessionMode.VIEW:
        lines.append(f"You are watching; `corral attach {name} --take` takes control.")
        if cols > size[0] or rows > size[1]:
            lines.append(f"The session is {cols}×{rows} and your window {size[0]}×{size[1]}: it will not look right.")
    return " ".join(lines)


def lost(keys: Sequence[Key]) -> str:
    leave = f"; {spell_keys(keys)} detaches" if keys else ""
    return f"Connection lost, trying again. What you type goes nowhere{leave}."


def title(session: Mapping[str, Any], state: str, keys: Sequence[Key]) -> bytes:
    """Return the sequence that puts this into the title of the window."""
    parts = (name_of(session), state, f"{spell_keys(keys)} detaches" if keys else "")
    return b"\x1b]2;" + " · ".join(part for part in parts if part).encode() + b"\x1b\\"


def notice(text: str, size: tuple[int, int]) -> bytes:
    """Return what shows a text on the last line and leaves the cursor where it is."""
    columns, rows = size
    shown = clean(text)[: max(1, columns - 1)]
    return b"\x1b7\x1b[%d;1H\x1b[0;7m\x1b[2K" % rows + shown.encode() + b"\x1b[0m\x1b8"


def no_notice(size: tuple[int, int]) -> bytes:
    return b"\x1b7\x1b[%d;1H\x1b[0m\x1b[2K\x1b8" % size[1]


def farewell(ended: bool, size: tuple[int, int], was_alternate: bool) -> bytes:
    """Return what moves the cursor to a line of its own, below what the session has left on the screen."""
    if was_alternate:
        return b""
    return b"\r\n" if ended else b"\x1b[%d;1H\r\n" % size[1]
