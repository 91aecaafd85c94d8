"""What the terminal interfaces of agent CLIs have in common. Pure."""

import re
from collections.abc import Sequence

from corral_daemon.agents.adapter import ScreenText, Sign
from corral_protocol.vocabulary import Attention

_ABOVE = 14
"""Rows above the first choice of a dialog in which its question stands."""
_LONGEST = 160
_SPINNER = re.compile("[\u2801-\u28ff]")
_FRAME = re.compile(r"^[\s│┃|]+|[\s│┃|]+$")
_OPENING = re.compile(r"^(?:Allow|Apply|Are|Do|Enable|How|Is|Trust|What|Which|Would)\b")
"""How the interfaces themselves begin a question; in other lines of a dialog an agent may say what it likes."""
_SIGNS = "☐☑✔?◇◆●•* "

STARTS = Sign(attention=Attention.WORKING, why="is starting")
WORKS = Sign(attention=Attention.WORKING, why="is at work")
IDLE = Sign(attention=Attention.IDLE, why="is at its prompt", ready_for_text=True)
HALF_WRITTEN = Sign(attention=Attention.IDLE, why="has text in its prompt that nobody has sent")
DIALOG = Sign(attention=Attention.IDLE, why="has a dialog open")


def spins(screen: ScreenText) -> bool:
    """Whether the title begins with a spinner out of braille dots."""
    return bool(_SPINNER.match(screen.title))


def last_row(lines: Sequence[str], pattern: re.Pattern[str]) -> int | None:
    """Return the lowest row in which `pattern` is found."""
    return next((row for row in reversed(range(len(lines))) if pattern.search(lines[row])), None)


def asks(lines: Sequence[str], choice: int) -> Sign:
    """Return the sign of a dialog whose choices begin in or above row `choice`."""
    above = [bare(line) for line in lines[max(0, choice - _ABOVE) : choice]]
    questions = [line for line in reversed(above) if "?" in line]
    other = next(iter(questions), next((line for line in reversed(above) if line.endswith(":")), ""))
    question = next((line for line in questions if _OPENING.match(line)), other)
    text = question[: question.rfind("?") + 1] or question
    return waits(text) if text else Sign(attention=Attention.WAITS_FOR_INPUT, why="asks to choose")


def waits(text: str) -> Sign:
    return Sign(attention=Attention.WAITS_FOR_INPUT, why=f"asks: {text[:_LONGEST]}")


def notified(text: str, *, idle: bool) -> Sign:
    """Return the sign of a notification. `idle`: it is only that nothing goes on."""
    if idle or "waiting for your input" in text:
        return Sign(attention=Attention.IDLE, why="waits for its next instruction")
    return Sign(attention=Attention.WAITS_FOR_INPUT, why=f"says: {text[:_LONGEST]}" if text else "notifies")


def bare(line: str) -> str:
    """Return the text of a line, without frame and bullet."""
    return _FRAME.sub("", line).lstrip(_SIGNS)
