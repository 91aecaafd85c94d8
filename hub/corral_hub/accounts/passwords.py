"""Passwords as Argon2id hashes. Hashing takes tens of milliseconds and of megabytes, so it runs in few threads."""

import asyncio
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

THREADS = 2
NOBODY = "nobody has this password"


class Passwords:
    """Hash and verify, off the event loop, at most `THREADS` at a time, and after everything else that wants to run."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        # OWASP's figures. More lanes would take more processors from everybody else, not from who guesses.
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._threads = ThreadPoolExecutor(THREADS, "passwords", initializer=_step_back)
        self._dummy: str | None = None

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Whether `password` made `hashed`. None (nobody there) costs the same time and is False."""
        self._dummy = self._dummy or await self.hash(NOBODY)
        loop = asyncio.get_running_loop()
        matches = await loop.run_in_executor(self._threads, self._matches, hashed or self._dummy, password)
        return matches and hashed is not None

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


def _step_back() -> None:
    """Let other threads go first: on Linux each has a priority of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
