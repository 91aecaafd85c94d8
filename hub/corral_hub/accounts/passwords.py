"""Passwords as Argon2id hashes. Hashing takes tens of milliseconds and of megabytes, so it runs in few threads."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

THREADS = 2
NOBODY = "nobody has this password"


class Passwords:
    """Hash and verify, off the event loop, at most `THREADS` at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._places = asyncio.Semaphore(THREADS)
        self._dummy: str | None = None

    async def hash(self, password: str) -> str:
        async with self._places:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Whether `password` made `hashed`. None (nobody there) costs the same time and is False."""
        self._dummy = self._dummy or await self.hash(NOBODY)
        async with self._places:
            matches = await asyncio.to_thread(self._matches, hashed or self._dummy, password)
        return matches and hashed is not None

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
