"""Time, identity and chance: the only file of the CLI that asks the system for them."""

import random
import time
import uuid
from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def new_key() -> str:
    return str(uuid.uuid4())


def jitter() -> float:
    """Return a number from [0, 1)."""
    return random.random()  # noqa: S311 - spreads reconnects, guards nothing


def monotonic() -> float:
    return time.monotonic()


def sleep(seconds: float) -> None:
    time.sleep(seconds)
