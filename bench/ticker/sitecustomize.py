"""On the path of a measured process: notes whenever its event loop did not get to a timer of 10 ms in time.

One line for each time: when (steady seconds), and for how long the loop was away, in `$BENCH_STALLS/<pid>`.
"""

import asyncio
import os
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

EVERY = 0.01
NOTABLE = 0.001


async def _tick(path: Path) -> None:
    with path.open("a", buffering=1) as notes:
        while True:
            before = time.monotonic()
            await asyncio.sleep(EVERY)
            now = time.monotonic()
            if now - before - EVERY > NOTABLE:
                notes.write(f"{now} {now - before - EVERY}\n")


async def _beside(work: Coroutine[Any, Any, Any]) -> Any:
    ticker = asyncio.create_task(_tick(Path(os.environ["BENCH_STALLS"]) / str(os.getpid())))
    try:
        return await work
    finally:
        ticker.cancel()


if "BENCH_STALLS" in os.environ:
    plain = asyncio.Runner.run

    def run(self: asyncio.Runner, coro: Coroutine[Any, Any, Any], **named: Any) -> Any:
        return plain(self, _beside(coro), **named)

    asyncio.Runner.run = run  # type: ignore[method-assign]
