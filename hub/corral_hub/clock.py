"""The only caller of the clock and of chance. Everything else takes time, chance and identity as arguments."""

import random
import secrets
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds on a clock that never steps. Leases and presence are judged on it."""
    return time.monotonic()


def new_id() -> UUID:
    return uuid4()


def new_secret(size: int = 32) -> str:
    """Return `size` random bytes as URL-safe text."""
    return secrets.token_urlsafe(size)


def random_bytes(size: int) -> bytes:
    return secrets.token_bytes(size)


def chance() -> float:
    """Return a number from [0, 1)."""
    return random.random()  # noqa: S311 - it spreads retries, it hides nothing
