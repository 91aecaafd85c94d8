"""Who asks to be tried again later, and how much later. Pure."""

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

BUSY: Final = frozenset({408, 425, 429})
"""Statuses below 500 with which a server asks to be tried again later."""
LONGEST: Final = 86_400.0


def is_busy(status: int) -> bool:
    return status >= 500 or status in BUSY


def wanted_pause(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that `Retry-After` asks for, as a number or as a date; None where it says nothing sensible.

    `headers` by lower-case names; `now` in Unix time.
    """
    said = headers.get("retry-after", "").strip()
    if not said:
        return None
    try:
        seconds = float(said)
    except ValueError:
        seconds = _until(said, now)
    return min(max(seconds, 0.0), LONGEST) if math.isfinite(seconds) else None


def _until(said: str, now: float) -> float:
    try:
        return parsedate_to_datetime(said).timestamp() - now
    except (ValueError, OverflowError, IndexError, TypeError):
        return math.nan
