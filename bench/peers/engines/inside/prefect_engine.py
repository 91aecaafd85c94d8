"""Prefect's side of the cases, in an environment that has it: `serve` runs background tasks, `drive` asks for them.

The tasks of a flow run in the process that runs the flow.
"""

import asyncio
import sys
import time

from asking import Stamps, answer, in_flight, stamp
from prefect import flow, task
from prefect.task_worker import serve


@task(persist_result=False)
async def noop(port: int) -> int:
    stamp(port)
    return port


@flow
async def chain(length: int) -> None:
    for _ in range(length):
        await noop(0)


@flow
async def fan(width: int) -> None:
    await noop(0)
    await asyncio.gather(*(noop(0) for _ in range(width)))
    await noop(0)


async def singles(_variant, count):
    """Until the last of them has begun: it says nothing of ends."""
    stamps, begin = Stamps(), time.perf_counter()
    await in_flight(8, [lambda: asyncio.to_thread(noop.delay, stamps.port)] * count)
    for _ in range(count):
        await asyncio.to_thread(stamps.next)
    return time.perf_counter() - begin


async def starts(_variant, count):
    stamps, times = Stamps(), []
    for _ in range(min(count, 30)):
        await asyncio.sleep(0.02)
        since = time.monotonic()
        await asyncio.to_thread(noop.delay, stamps.port)
        times.append(await asyncio.to_thread(stamps.next) - since)
    return times


async def chains(_variant, at_once):
    return await in_flight(at_once, [lambda: chain(40)] * at_once)


async def fans(_variant, width):
    return await in_flight(1, [lambda: fan(width)])


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(noop, limit=50)
    else:
        asyncio.run(answer({"singles": singles, "starts": starts, "chains": chains, "fan": fans}))
