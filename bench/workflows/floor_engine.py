"""The least that this design can be: `python -m bench.workflows.floor_engine hub PORT DATABASE_URL | daemon PORT`.

One hub process with one writer that commits for all who wait, one daemon process on a WebSocket that does nothing for
each step; every start and end of a step is committed before anything follows from it, one commit carries both. No
login, definitions, validation, retries, leases, spool or history API: what Corral does costs what it costs beyond this.
"""

import asyncio
import itertools
import socket
import sys
import time
from typing import Any, NamedTuple

import asyncpg
import orjson
import uvicorn
import uvloop
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from websockets.asyncio.client import connect

TABLES = """
    create table step(id bigint primary key, run bigint, argument jsonb, status text, result jsonb, ended timestamptz);
    create table event(id bigserial primary key, step bigint, kind text, at timestamptz default now())"""
SAVE = """
    with ended as (
        update step t set status = 'done', result = x.result::jsonb, ended = now()
        from unnest($1::bigint[], $2::text[]) x(id, result) where t.id = x.id returning t.id
    ), told as (insert into event(step, kind) select id, 'done' from ended), begun as (
        insert into step(id, run, argument, status)
        select id, run, argument::jsonb, 'dispatched' from unnest($3::bigint[], $4::bigint[], $5::text[])
        x(id, run, argument) returning id
    ) insert into event(step, kind) select id, 'dispatched' from begun"""
MOST = 2000


class Step(NamedTuple):
    """`left`: steps that follow it, one after another; `begun` hears of the commit, `ended` of the last one's end."""

    id: int
    argument: str
    left: int
    begun: "asyncio.Future[None] | None"
    ended: "asyncio.Future[bytes] | None"


class Engine:
    def __init__(self) -> None:
        self.daemon: WebSocket | None = None
        self.done = 0
        self._numbers = itertools.count(1)
        self._open: dict[int, Step] = {}
        self._new: list[Step] = []
        self._ended: list[tuple[int, bytes]] = []
        self._kick = asyncio.Event()

    def begin(self, argument: str, left: int = 0, begun: Any = None, ended: Any = None) -> None:
        self._new.append(Step(next(self._numbers), argument, left, begun, ended))
        self._kick.set()

    def end(self, frame: bytes) -> None:
        self._ended += [(id, orjson.dumps(result)) for id, result in orjson.loads(frame)]
        self._kick.set()

    async def run(self, length: int = 1) -> bytes:
        """Run steps one after another; the end of one and the start of the next share a commit."""
        future = asyncio.get_running_loop().create_future()
        self.begin("0", length - 1, ended=future)
        return await future

    async def write(self, url: str) -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(TABLES)
        save = await connection.prepare(SAVE)
        while True:
            await self._kick.wait()
            self._kick.clear()
            while self._new or self._ended:
                await self._commit(save)

    async def _commit(self, save: Any) -> None:
        new, self._new = self._new[:MOST], self._new[MOST:]
        ended, self._ended = self._ended[:MOST], self._ended[MOST:]
        over = [self._open.pop(id) for id, _ in ended]
        new += [Step(next(self._numbers), "0", step.left - 1, None, step.ended) for step in over if step.left]
        self._open |= {step.id: step for step in new}
        await save.fetch(
            [id for id, _ in ended], [result.decode() for _, result in ended], [step.id for step in new],
            [0] * len(new), [step.argument for step in new],
        )  # fmt: skip
        if new and self.daemon is not None:
            await self.daemon.send_bytes(orjson.dumps([[step.id, orjson.Fragment(step.argument)] for step in new]))
        for step in new:
            if step.begun is not None:
                step.begun.set_result(None)
        self.done += len(ended)
        for step, (_, result) in zip(over, ended, strict=True):
            if step.ended is not None and not step.left:
                step.ended.set_result(result)


def serve(port: int, url: str) -> None:
    uvicorn.run(
        make_app(Engine(), url), port=port, loop="uvloop", http="httptools", ws="websockets-sansio",
        ws_per_message_deflate=False, log_level="error", access_log=False, ws_ping_interval=None,
    )  # fmt: skip


def make_app(engine: Engine, url: str) -> FastAPI:
    app, kept = FastAPI(), set[asyncio.Task[None]]()

    @app.post("/single")
    async def single(request: Request) -> Response:
        """Answered when the start is durable."""
        begun = asyncio.get_running_loop().create_future()
        engine.begin((await request.body()).decode(), begun=begun)
        await begun
        return Response(b"ok")

    @app.post("/chain/{length}")
    async def chain(length: int) -> Response:
        return Response(await engine.run(length))

    @app.post("/fan/{width}")
    async def fan(width: int) -> Response:
        await engine.run()
        await asyncio.gather(*(engine.run() for _ in range(width)))
        return Response(await engine.run())

    @app.post("/done")
    async def done() -> Response:
        return Response(str(engine.done).encode())

    @app.websocket("/daemon")
    async def daemon(socket: WebSocket) -> None:
        await socket.accept()
        engine.daemon = socket
        if not kept:
            kept.add(asyncio.create_task(engine.write(url)))
        try:
            while True:
                engine.end(await socket.receive_bytes())
        except WebSocketDisconnect:
            return

    return app


async def work(port: int) -> None:
    """Do nothing for each step; one that has a port says there that it began."""
    told = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    async with connect(f"ws://127.0.0.1:{port}/daemon", compression=None, ping_interval=None) as link:
        async for frame in link:
            ended: list[tuple[int, Any]] = []
            for id, argument in orjson.loads(frame):
                if argument:
                    told.sendto(repr(time.monotonic()).encode(), ("127.0.0.1", argument))
                ended.append((id, {"ok": True}))
            await link.send(orjson.dumps(ended))


def main() -> None:
    role, port, *rest = sys.argv[1:]
    if role == "hub":
        serve(int(port), rest[0])
    else:
        uvloop.run(work(int(port)))


if __name__ == "__main__":
    main()
