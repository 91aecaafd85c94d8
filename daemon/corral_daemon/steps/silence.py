"""An attempt that promised signs of life, and gives none, is ended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from corral_daemon.failure import NodeFailed
from corral_daemon.steps.voice import Voice
from corral_protocol.vocabulary import ErrorClass


@asynccontextmanager
async def not_silent(voice: Voice, seconds: float | None) -> AsyncIterator[None]:
    """Let the block run while `voice` is heard at least every so many seconds. Raises NodeFailed.

    It costs one timer for as long as it is given: a voice that is heard only notes when.
    """
    loop, dog, patience = asyncio.get_running_loop(), None, asyncio.timeout(None)
    try:
        async with patience:

            def look() -> None:
                nonlocal dog
                left = voice.heard + (seconds or 0.0) - loop.time()
                if left <= 0:
                    patience.reschedule(loop.time())
                else:
                    dog = loop.call_later(left, look)

            if seconds is not None:
                look()
            yield
    except TimeoutError as error:
        if not patience.expired():
            raise
        problem = f"it gave no sign of life for {seconds or 0:g} s"
        raise NodeFailed(ErrorClass.HEARTBEAT_TIMEOUT, problem) from error
    finally:
        if dog is not None:
            dog.cancel()
