"""DBOS' side of the cases, in an environment that has it: `serve` runs workflows, `drive` asks for them.

Its queue and its results are polled every 10 ms; both are 1 s as it comes, and then a step would take that long.
"""

import asyncio
import os
import sys
import time
import uuid

import psycopg
from asking import answer, in_flight, stamp, times_of_starts
from dbos import DBOS, DBOSClient, DBOSConfig

POLL = 0.01
URL = os.environ["BENCH_DATABASE"]
DONE = "select count(*) from dbos.workflow_status where status = 'SUCCESS' and name = 'single'"


@DBOS.step()
async def step(number):
    return number


@DBOS.workflow()
async def single(port):
    stamp(port)
    return port


@DBOS.workflow()
async def leaf(number):
    return number


async def _leaf(number):
    return await DBOS.enqueue_workflow_async("bench", leaf, number)


async def _result(handle):
    return await handle.get_result(polling_interval_sec=POLL)


@DBOS.workflow()
async def chain(length):
    """Each step goes through the queue."""
    for number in range(length):
        await _result(await _leaf(number))


@DBOS.workflow()
async def chain_inside(length):
    for number in range(length):
        await step(number)


@DBOS.workflow()
async def fan(width):
    await _result(await _leaf(0))
    handles = [await _leaf(number) for number in range(width)]
    for handle in handles:
        await _result(handle)
    await _result(await _leaf(0))


@DBOS.workflow()
async def fan_inside(width):
    await step(0)
    await asyncio.gather(*(step(number) for number in range(width)))
    await step(0)


def serve():
    DBOS(config=DBOSConfig(
        name="bench", system_database_url=URL, sys_db_pool_size=10, application_version="1", executor_id="bench",
        log_level="WARNING", notification_listener_polling_interval_sec=POLL,
    ))  # fmt: skip
    DBOS.launch()
    DBOS.register_queue("bench", polling_interval_sec=POLL, on_conflict="always_update")
    while True:
        time.sleep(60)


class Driver:
    def __init__(self):
        self._client = DBOSClient(system_database_url=URL)

    def _begin(self, name, argument):
        options = {"workflow_name": name, "queue_name": "bench", "app_version": "1", "workflow_id": str(uuid.uuid4())}
        return self._client.enqueue(options, argument)

    async def singles(self, _variant, count):
        before, begin = self._done(), time.perf_counter()
        await in_flight(16, [lambda: asyncio.to_thread(self._begin, "single", 0)] * count)
        while self._done() < before + count:  # noqa: ASYNC110 - the database tells
            await asyncio.sleep(0.02)
        return time.perf_counter() - begin

    async def starts(self, _variant, count):
        async def begin(port):
            handle = await asyncio.to_thread(self._begin, "single", port)
            return asyncio.to_thread(handle.get_result, polling_interval_sec=0.005)

        return await times_of_starts(count, begin, 0.02)

    async def chains(self, variant, at_once):
        return await self._timed("chain_inside" if variant else "chain", 40, at_once)

    async def fan(self, variant, width):
        return await self._timed("fan_inside" if variant else "fan", width, 1)

    async def _timed(self, name, argument, at_once):
        return await in_flight(at_once, [lambda: asyncio.to_thread(self._run, name, argument)] * at_once)

    def _run(self, name, argument):
        return self._begin(name, argument).get_result(polling_interval_sec=0.005)

    def _done(self):
        with psycopg.connect(URL.replace("+psycopg", "")) as connection:
            return connection.execute(DONE).fetchone()[0]


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    driver = Driver()
    asyncio.run(answer({name: getattr(driver, name) for name in ("singles", "starts", "chains", "fan")}))
