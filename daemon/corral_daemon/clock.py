"""The only place that asks for time, chance and identity."""

import random
import time
import uuid


def unix() -> float:
    """Unix time in seconds, for display."""
    return time.time()


def steady() -> float:
    """Seconds that never run backwards and go on while the machine sleeps, where the system can tell."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def chance() -> float:
    """A number in [0, 1)."""
    return random.random()  # noqa: S311 - it spreads load, it guards nothing


def identity() -> str:
    return uuid.uuid4().hex
