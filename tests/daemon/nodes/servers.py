"""Small HTTP servers on this machine, and a name service that says what a test wants."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """Answers with what `answer` returns: the bytes of a response, or None to say nothing at all."""

    answer: Callable[[Asked], bytes | None]
    port: int = 0
    asked: list[Asked] = field(default_factory=list[Asked])

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.asked.append(Asked(method, path, headers, body))
        said = self.answer(self.asked[-1])
        if said is None:
            await reader.read()  # until they give up
        else:
            writer.write(said)
            await writer.drain()


@asynccontextmanager
async def serving(answer: Callable[[Asked], bytes | None], host: str = "127.0.0.1") -> AsyncIterator[Server]:
    made = Server(answer)
    async with listening(made.serve, host) as made.port:
        yield made


@asynccontextmanager
async def listening(serve: Serve, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """Give the port; nothing of what was being served is left at the end."""
    serving: set[asyncio.Task[None]] = set()

    async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.create_task(_whole(serve, reader, writer)))

    server = await asyncio.start_server(begin, host, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def _whole(serve: Serve, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await serve(reader, writer)
    except (ConnectionError, asyncio.IncompleteReadError):
        pass  # they went away
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def response(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Names:
    """A resolver: each name has a list of answers, of which the last one stays."""

    def __init__(self, **answers: list[Sequence[str]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        known = self.answers.get(host.partition(".")[0])
        if known is None:
            raise OSError("no such name")
        return known.pop(0) if len(known) > 1 else known[0]
