"""Plain text out of a terminal's output, safe to be printed anywhere: in logs, listings, notifications. Pure."""

import re

_HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""Controls, and what reorders or hides the text around it."""
_SEQUENCES = re.compile(
    rb"\x1b\[[\x00-\x1a\x1c-\x3f\x7f]*[@-~]?"
    rb"|\x1b\][^\x07\x18\x1a\x1b]*(?:\x07|\x1b\\)?"
    rb"|\x1b[PX^_][^\x18\x1a\x1b]*(?:\x1b\\)?"
    rb"|\x1b[ -/]*[0-~]?"
    rb"|[\x00-\x07\x0e-\x1f\x7f]"
)
_LINE_ENDS = re.compile("[\n\v\f]")
_TAB = 8
_LINE_LENGTH = 4096


def harmless(text: str) -> str:
    """Return the text with a replacement character for each that could do more than be read."""
    return _HARMFUL.sub("\ufffd", text)


def recent(output: bytes, count: int) -> tuple[str, ...]:
    """Return the last lines of some output as a pipe would have got them: without sequences, and of lines that were
    written over, as progress bars are, only what was written last."""
    text = _SEQUENCES.sub(b"", output).decode("utf-8", "replace")
    lines = _LINE_ENDS.split(text)
    if not lines[-1].strip():
        lines.pop()
    return tuple(map(_read, lines[-count:])) if count > 0 else ()


def _read(line: str) -> str:
    last = next((part for part in reversed(line.split("\r")) if part), "")
    return harmless(_struck(last).expandtabs(_TAB)[:_LINE_LENGTH]).rstrip()


def _struck(line: str) -> str:
    """Without what was taken back with backspaces."""
    first, *more = line.split("\b")
    kept = list(first)
    for part in more:
        del kept[-1:]
        kept += part
    return "".join(kept)
