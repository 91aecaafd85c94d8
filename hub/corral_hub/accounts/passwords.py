"""Passwords as Argon2id hashes. Hashing takes tens of milliseconds and of megabytes, so it runs in few threads."""

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

THREADS = 2
NOBODY = "nobody has this password"


class Passwords:
    """Hash and verify, off the event loop, at most `THREADS` at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._limiter: CapacityLimiter | None = None
        self._dummy: str | None = None

    async def hash(self, password: str) -> str:
        return await to_thread.run_sync(self._hasher.hash, password, limiter=self._limit())

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Whether `password` made `hashed`. None (nobody there) costs the same time and is False."""
        if hashed is None:
            self._dummy = self._dummy or await self.hash(NOBODY)
            await to_thread.run_sync(self._matches, self._dummy, password, limiter=self._limit())
            return False
        return await to_thread.run_sync(self._matches, hashed, password, limiter=self._limit())

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _limit(self) -> CapacityLimiter:
        if self._limiter is None:  # it belongs to the running loop
            self._limiter = CapacityLimiter(THREADS)
        return self._limiter
