"""Temporal's side of the cases, in an environment that has `temporalio`: `serve` is a worker, `drive` asks."""

import asyncio
import os
import sys
import uuid
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

with workflow.unsafe.imports_passed_through():
    from asking import answer, in_flight, stamp, times_of_starts

QUEUE, WITHIN = "bench", timedelta(seconds=60)


@activity.defn
async def noop(port: int) -> int:
    stamp(port)
    return port


async def _step(inside: bool, port: int = 0) -> int:
    run = workflow.execute_local_activity if inside else workflow.execute_activity
    return await run(noop, port, start_to_close_timeout=WITHIN)


@workflow.defn
class Single:
    @workflow.run
    async def run(self, port: int, inside: bool) -> int:
        return await _step(inside, port)


@workflow.defn
class Chain:
    @workflow.run
    async def run(self, length: int, inside: bool) -> None:
        for _ in range(length):
            await _step(inside)


@workflow.defn
class Fan:
    @workflow.run
    async def run(self, width: int, inside: bool) -> None:
        await _step(inside)
        await asyncio.gather(*(_step(inside) for _ in range(width)))
        await _step(inside)


async def serve(client):
    await Worker(
        client, task_queue=QUEUE, workflows=[Single, Chain, Fan], activities=[noop], max_concurrent_activities=200,
        max_concurrent_workflow_tasks=200, workflow_runner=UnsandboxedWorkflowRunner(),
    ).run()  # fmt: skip


class Driver:
    def __init__(self, client):
        self._client = client

    async def singles(self, variant, count):
        return await self._timed(Single, 0, variant, count)

    async def starts(self, variant, count):
        async def begin(port):
            handle = await self._client.start_workflow(
                Single.run, args=[port, bool(variant)], id=str(uuid.uuid4()), task_queue=QUEUE
            )
            return handle.result()

        return await times_of_starts(count, begin, 0.02)

    async def chains(self, variant, at_once):
        return await self._timed(Chain, 40, variant, at_once)

    async def fan(self, variant, width):
        return await self._timed(Fan, width, variant, 1)

    async def _timed(self, kind, argument, variant, count):
        async def one():
            await self._client.execute_workflow(
                kind.run, args=[argument, bool(variant)], id=str(uuid.uuid4()), task_queue=QUEUE
            )

        return await in_flight(50, [one] * count)


async def main():
    client = await Client.connect(os.environ["BENCH_ADDRESS"])
    if sys.argv[1] == "serve":
        await serve(client)
    driver = Driver(client)
    await answer({name: getattr(driver, name) for name in ("singles", "starts", "chains", "fan")})


if __name__ == "__main__":
    asyncio.run(main())
