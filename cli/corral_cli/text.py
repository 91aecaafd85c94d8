"""Text for a terminal: hostile characters made visible, times made readable, durations read and written. Pure."""

import json
import re
from datetime import datetime
from typing import Any

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSAFE = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff{_BIDI}]")
_UNSAFE_IN_BLOCK = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff{_BIDI}]")
_UNSAFE_IN_JSON = re.compile(rf"[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff{_BIDI}]")
_COLOUR = re.compile(r"\x1b\[[0-9;:]{0,64}m")
_NEWLINES = re.compile(r"\r\n?")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_SECONDS = {"ms": 0.001, "s": 1.0, None: 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}
_STEPS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def clean(value: object) -> str:
    """Return `value` as one line that cannot move the cursor, recolour or reorder what surrounds it."""
    return _UNSAFE.sub(_visible, str(value))


def clean_block(value: object) -> str:
    """Like clean, but tabs and line breaks stay; a carriage return becomes a line break, so nothing is overwritten."""
    return _UNSAFE_IN_BLOCK.sub(_visible, _NEWLINES.sub("\n", str(value)))


def clean_output(value: str, colour: bool) -> str:
    """Clean what a task printed. Colour sequences pass if `colour`, everything else that steers a terminal does not."""
    parts: list[str] = []
    at = 0
    for found in _COLOUR.finditer(value):
        parts.append(clean_block(value[at : found.start()]))
        parts.append(found.group() if colour else "")
        at = found.end()
    parts.append(clean_block(value[at:]))
    text = "".join(parts)
    return f"{text}\x1b[0m" if colour and "\x1b" in text else text


def painted(text: str, style: str) -> str:
    """Return the text with the codes of a style such as `bold red`; it must be clean already."""
    codes = ";".join(_CODES[word] for word in style.split())
    return f"\x1b[{codes}m{text}\x1b[0m" if codes and text else text


def unpainted(text: str) -> str:
    return _COLOUR.sub("", text)


def to_json(value: Any, indent: int | None = 2) -> str:
    """Return JSON in which characters that steer a terminal are escaped; it reads back to the same value."""
    return escaped(json.dumps(value, ensure_ascii=False, indent=indent))


def escaped(text: str) -> str:
    """Return the text with characters that steer a terminal as `\\uXXXX`, except line breaks and tabs."""
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def parse_duration(text: str) -> float:
    """Return seconds for `90s`, `10m`, `1h30m`, `2d`, `250ms` or a bare number. Raises ValueError."""
    squeezed = text.strip().lower()
    parts = list(_DURATION.finditer(squeezed))
    if not parts or "".join(part.group() for part in parts) != squeezed:
        raise ValueError(f"{text!r} is not a duration; write 90s, 10m, 1h30m or 2d")
    return sum(float(part.group(1)) * _SECONDS[part.group(2)] for part in parts)


def format_duration(seconds: float) -> str:
    """Return the two largest units: `0.4s`, `42s`, `3m07s`, `2h05m`, `4d06h`."""
    if seconds < 0:
        seconds = 0.0
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    for index, (size, unit) in enumerate(_STEPS[:-1]):
        if whole >= size:
            smaller, name = _STEPS[index + 1]
            return f"{whole // size}{unit}{whole % size // smaller:02d}{name}"
    return f"{whole}s"


def parse_time(text: object) -> datetime | None:
    """Return the moment an RFC 3339 text names, or None if it names none."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def relative(text: object, now: datetime) -> str:
    """Return `12s ago` or `in 3m00s` for an RFC 3339 text, and a dash where there is none."""
    moment = parse_time(text) if text else None
    if moment is None:
        return clean(text) if text else "–"
    seconds = (now - moment).total_seconds()
    return f"{format_duration(seconds)} ago" if seconds >= 0 else f"in {format_duration(-seconds)}"


def short_id(value: object) -> str:
    """Return the first eight characters of an id, enough for people and accepted everywhere."""
    return clean(value)[:8]


def _visible(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
