"""When to try the hub again. Pure."""

FIRST = 1.0
MOST = 30.0
REFUSED = 30.0


def window(failures: int) -> float:
    """Return the longest pause after `failures` attempts in a row that failed (at least 1): 1, 2, 4 … 30 seconds."""
    return min(MOST, FIRST * 2.0 ** min(max(failures, 1) - 1, 16))


def pause(failures: int, chance: float) -> float:
    """Full jitter: anywhere in the window, so that a fleet does not come back in step. `chance` is in [0, 1)."""
    return window(failures) * chance


def refused_pause(chance: float) -> float:
    """Return the pause after the hub refused our key: long, and spread by 10 %; a person has to act first."""
    return REFUSED * (1.0 + 0.1 * (2.0 * chance - 1.0))
