"""What a line on a screen looks like: a question, a shell's prompt, nothing of the kind. Pure."""

import re

from corral_daemon.agents.adapter import ScreenText

_LONGEST = 160
_ABOVE = 2
"""Rows above the cursor in which a question may stand, if the cursor's own says nothing."""
_MENU_ROWS = 12
_QUESTION = re.compile(
    r"[\[(](?:y|yes|j)(?:es)?/(?:n|no)[^\])]{0,12}[\])]|\b(?:yes|y)/(?:no|n)\b"
    r"|\bpress (?:any key|enter|return|space)\b|\bhit (?:enter|return)\b"
    r"|\b(?:password|passphrase|passcode|pin)\b[^:]{0,80}:\s*$"
    r"|--more--|\(end\)$|\?\s*$",
    re.IGNORECASE,
)
_ASKING = re.compile(r"[?:>\])]\s*$")
_MENU = re.compile(r"^\s*(?:\?|◆|◇|\[\?\])\s+\S.*")
"""How the usual libraries of questions (inquirer, prompts, clack …) begin one."""
_PROMPT = re.compile(r"(?:^|[^?:)\]])[$#%>❯➜»λ]\s*$|^\((?:gdb|lldb|i?pdb)\)\s*$|^In \[\d+\]:\s*$", re.IGNORECASE)
_WANTS = re.compile(r"\w[^\w\s]*[:?]\s*$")


def question(screen: ScreenText) -> str:
    """Return the line at which the cursor waits, or what stands above it; nothing if neither says anything."""
    column, row = screen.cursor
    line = screen.lines[row] if row < len(screen.lines) else ""
    if column > 0 and line[:column].strip():
        return _short(line[:column])
    if line.strip():
        return _short(line)
    above = next((text for text in reversed(screen.lines[max(0, row - _ABOVE) : row]) if text.strip()), "")
    return _short(above) if _ASKING.search(above) else ""


def asks(line: str) -> bool:
    """Whether anybody would take this for a question."""
    return bool(_QUESTION.search(line))


def menu(screen: ScreenText) -> str | None:
    """Return the question of a menu that is drawn, with the cursor in or below it."""
    end = screen.cursor[1] + 1
    for line in reversed(screen.lines[max(0, end - _MENU_ROWS) : end]):
        if _MENU.fullmatch(line):
            return _short(line)
    return None


def wants(line: str) -> bool:
    """Whether something may be meant to be typed behind it."""
    return bool(_WANTS.search(line)) and not is_prompt(line)


def is_prompt(line: str) -> bool:
    """Whether the prompt of a shell or of any other interpreter may look like this."""
    return bool(_PROMPT.search(line))


def _short(line: str) -> str:
    """Return the line without what makes it long; nothing if it says nothing, as a pager's colon."""
    text = " ".join(line.split())
    if not any(character.isalnum() for character in text) and not is_prompt(text):
        return ""
    return text if len(text) <= _LONGEST else "…" + text[1 - _LONGEST :]
