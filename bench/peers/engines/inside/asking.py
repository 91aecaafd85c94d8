"""What runs in an engine's own environment: nothing but the standard library. Questions in, answers out, by lines."""

import asyncio
import json
import socket
import sys
import time

SOCKET = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def stamp(port):
    """Say that a node's function begins, if somebody wants to know."""
    if port:
        SOCKET.sendto(repr(time.monotonic()).encode(), ("127.0.0.1", port))


class Stamps:
    """Where stamps arrive."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(30)
        self.port = self._socket.getsockname()[1]

    def next(self):
        return float(self._socket.recv(100))


async def times_of_starts(count, begin, pause):
    """`begin(port)` asks for a run and returns what is to be awaited for its end. Return seconds to each start."""
    stamps, times = Stamps(), []
    for _ in range(count):
        await asyncio.sleep(pause)
        since = time.monotonic()
        ended = await begin(stamps.port)
        times.append(await asyncio.to_thread(stamps.next) - since)
        await ended
    return times


async def in_flight(limit, works):
    """Do all of these, so many at a time; return the seconds that it took."""
    gate, begin = asyncio.Semaphore(limit), time.perf_counter()

    async def one(work):
        async with gate:
            await work()

    await asyncio.gather(*(one(work) for work in works))
    return time.perf_counter() - begin


async def answer(answers):
    """Answer questions by the functions of `answers`, for ever. Each is given the variant, then the arguments."""
    loop = asyncio.get_running_loop()
    out, sys.stdout = sys.stdout, sys.stderr  # what an engine prints is no answer
    _say(out, {"ready": True})
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        question = json.loads(line)
        try:
            found = await answers[question["what"]](question["variant"], *question["arguments"])
            _say(out, {"answer": found})
        except Exception as error:  # noqa: BLE001 - whatever it is, the other side reports it
            _say(out, {"error": f"{type(error).__name__}: {error}"[:500]})


def _say(out, value):
    out.write(json.dumps(value) + "\n")
    out.flush()
