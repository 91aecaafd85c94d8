"""Text and JSON that PostgreSQL can store and that no terminal can be hurt by."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator

MAX_DEPTH = 64


def check_text(value: str) -> str:
    """Return `value`. Raises ValueError for what cannot be stored: NUL and lone surrogates."""
    if "\x00" in value:
        raise ValueError("must not contain the NUL character")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError("must be valid Unicode (it has a lone surrogate)") from error
    return value


def check_json(value: Any, depth: int = 0) -> Any:
    """Return `value`, a JSON value whose every string can be stored. Raises ValueError."""
    if depth > MAX_DEPTH:
        raise ValueError(f"is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        return check_text(value)
    if isinstance(value, dict):
        for key, item in value.items():
            check_text(key)
            check_json(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            check_json(item, depth + 1)
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("must be a number of at most 64 bits")
    elif isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        raise ValueError("must be a finite number")
    return value


def printable(value: str) -> str:
    """Return `value` with control characters (but newline and tab) shown as U+FFFD; for older agents' terminals."""
    return "".join(char if char in "\n\t" or char.isprintable() else "\ufffd" for char in value)


def stamp(moment: datetime | None) -> str | None:
    """Return RFC 3339, UTC."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


Text = Annotated[str, AfterValidator(check_text)]
JsonValue = Annotated[Any, AfterValidator(check_json)]
