"""When to look at a session again. Pure.

Looks become rarer the longer nothing moves, and end where only something that is printed or typed can change what is
believed. Of a program in front that is quiet nobody hears when it goes on: it is looked at now and then.
"""

from typing import Final

from corral_daemon.attention.model import Verdict
from corral_daemon.attention.reduce import QUIET
from corral_protocol.vocabulary import Attention

FIRST: Final = 0.25
"""Seconds from the first movement to a look."""
APART: Final = 1.0
"""Seconds between two looks at something that keeps moving."""
_AFTER: Final = (0.4, 1.0, 2.2, 5.0, QUIET + 0.2)
"""Seconds after the last movement."""
_SPACE: Final = 0.1
_WORKING: Final = 5.0
_RESTING: Final = 30.0


def due_moving(looked: float | None, now: float) -> float:
    """It moves: when to look, if it was looked at last at `looked`."""
    return now + FIRST if looked is None else max(now + FIRST, looked + APART)


def due_still(moved: float, looked: float, verdict: Verdict) -> float | None:
    """It has moved last at `moved`, and was looked at after that: when to look again. None: not before it moves."""
    if verdict.attention in (Attention.FINISHED, Attention.DEAD):
        return None
    step = next((moved + after for after in _AFTER if moved + after > looked + _SPACE), None)
    if step is not None and not (verdict.lasts and step - moved > _AFTER[1]):
        return step
    if verdict.lasts:
        return None
    return looked + (_WORKING if verdict.attention is Attention.WORKING else _RESTING)
