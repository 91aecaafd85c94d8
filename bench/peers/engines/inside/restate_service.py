"""Restate's side of the cases: served by hypercorn over HTTP/2 in an environment that has `restate-sdk`."""

import restate
from asking import stamp

service = restate.Service("bench")


async def nothing():
    return {"ok": True}


@service.handler()
async def single(context: restate.Context, port: int) -> dict:
    stamp(port)
    return {"ok": True}


@service.handler()
async def leaf(context: restate.Context, number: int) -> dict:
    return {"ok": True}


@service.handler()
async def chain(context: restate.Context, length: int) -> int:
    """Each step is an invocation of its own."""
    for number in range(length):
        await context.service_call(leaf, arg=number)
    return length


@service.handler()
async def chain_inside(context: restate.Context, length: int) -> int:
    """Each step is journaled in this process."""
    for _ in range(length):
        await context.run_typed("step", nothing)
    return length


@service.handler()
async def fan(context: restate.Context, width: int) -> int:
    await context.service_call(leaf, arg=0)
    await restate.gather(*[context.service_call(leaf, arg=number) for number in range(width)])
    await context.service_call(leaf, arg=0)
    return width


@service.handler()
async def fan_inside(context: restate.Context, width: int) -> int:
    await context.run_typed("first", nothing)
    await restate.gather(*[context.run_typed("leaf", nothing) for _ in range(width)])
    await context.run_typed("last", nothing)
    return width


@service.handler()
async def hook(context: restate.Context, body: dict) -> dict:
    """Three journaled steps."""

    async def trigger():
        return body

    async def change():
        return {"ok": True, "x": body.get("x")}

    given = await context.run_typed("trigger", trigger)
    changed = await context.run_typed("set", change)
    await context.run_typed("answer", nothing)
    return {**changed, "given": given}


app = restate.app([service])
