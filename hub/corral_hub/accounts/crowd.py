"""How many may try a password at once. Checking one is dear: who asks for much of it must not keep others out."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from corral_hub.errors import TooMany

EACH = 8
"""From one address; more than that are turned away at once, and others are served meanwhile."""
ALL = 64


class Crowd:
    """Counts who is inside, by address; those who have left are forgotten."""

    def __init__(self) -> None:
        self._inside: Counter[str] = Counter()

    @contextmanager
    def entered(self, address: str) -> Iterator[None]:
        """Be counted. Raises TooMany."""
        if self._inside[address] >= EACH or self._inside.total() >= ALL:
            raise TooMany("too_many_at_once", "too many logins at this moment", "try again in a second", retry_after=1)
        self._inside[address] += 1
        try:
            yield
        finally:
            self._inside[address] -= 1
            if not self._inside[address]:
                del self._inside[address]
