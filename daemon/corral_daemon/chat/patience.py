"""How long to wait before asking a busy provider once more within one attempt. Pure."""

from typing import Final

from corral_protocol.vocabulary import ErrorClass

LONGEST: Final = 20.0
"""Seconds. Who asks for more is left to the workflow's own retries: these wait without holding a machine's place."""
_FIRST: Final = 0.5


def pause(kind: ErrorClass, asked: float | None, tried: int, chance: float) -> float | None:
    """Return the seconds to wait after request number `tried` (0 is the first), or None: do not wait here at all.

    A time-out is not tried again: it may have cost as much as a reply.
    """
    if kind is not ErrorClass.UNAVAILABLE or (asked is not None and asked > LONGEST):
        return None
    grown = min(LONGEST, _FIRST * 2.0 ** min(tried, 10)) * (0.5 + chance / 2)
    return max(grown, asked or 0.0)
