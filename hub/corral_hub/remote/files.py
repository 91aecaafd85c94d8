"""What the API can do with files on the machines. They pass through: nothing of them is kept, or held in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

from corral_hub.accounts.model import Principal
from corral_hub.errors import Conflict, Refused
from corral_hub.remote import views
from corral_hub.remote.call import Call
from corral_hub.remote.exchange import Exchange
from corral_hub.remote.headers import Upload
from corral_hub.remote.log import Log
from corral_hub.remote.model import Place
from corral_protocol.frames import HEADER, PAYLOAD_LIMIT, Kind, read_header
from corral_protocol.remote import (
    FileDone,
    FileList,
    FileListing,
    FileOpened,
    FileRead,
    FileReady,
    FileRemove,
    FileStat,
    FileStatus,
    FileWrite,
    RemoteRefused,
)
from corral_protocol.to_daemon import OfRemote

T = TypeVar("T")
PATIENCE = 30.0
"""Seconds in which a machine has to say something of a file; a digest of a large one takes its time."""
_LOGGED = 1000


class Silent(Refused):
    status = 504


class Download:
    """A file that was opened there. `pieces` gives its bytes; each is acknowledged once it was taken."""

    def __init__(self, call: Call, opened: FileOpened) -> None:
        self.opened = opened
        self._call = call

    async def pieces(self) -> AsyncIterator[bytes]:
        """Raises Refused when it does not come to its end."""
        while not isinstance(item := await _next(self._call, FileDone), FileDone):
            _, _, offset = read_header(item)
            payload = item[HEADER.size :]
            yield payload
            self._call.acknowledge(offset + len(payload))


class Files:
    def __init__(self, exchange: Exchange, log: Log) -> None:
        self._exchange = exchange
        self._log = log

    async def listing(self, place: Place, path: str, after: str | None, limit: int) -> views.Folder:
        answer = await self._ask(
            place,
            lambda channel, session: FileList(channel=channel, session_id=session, path=path, after=after, limit=limit),
            FileListing,
        )
        return {
            "path": path,
            "entries": [views.entry(entry) for entry in answer.entries],
            "next": answer.following,
        }

    async def status(self, place: Place, path: str, digest: bool, partial: str | None) -> FileStatus:
        return await self._ask(
            place,
            lambda channel, session: FileStat(
                channel=channel, session_id=session, path=path, digest=digest, partial=partial
            ),
            FileStatus,
        )

    async def remove(self, principal: Principal, place: Place, path: str, if_version: str | None) -> None:
        await self._ask(
            place,
            lambda channel, session: FileRemove(channel=channel, session_id=session, path=path, if_version=if_version),
            FileDone,
        )
        await self._log.write(place, "file_removed", principal.label, {"path": path[:_LOGGED]})

    @asynccontextmanager
    async def reading(
        self, principal: Principal, place: Place, path: str, offset: int, length: int | None, if_version: str | None
    ) -> AsyncIterator[Download]:
        """Raises Refused."""
        with _open(self._exchange, place) as call:
            call.say(
                FileRead(
                    channel=call.number, session_id=_session(place), path=path, offset=offset, length=length,
                    if_version=if_version,
                )
            )  # fmt: skip
            opened = await _patient(call, FileOpened)
            details = {"path": path[:_LOGGED], "offset": opened.offset, "bytes": opened.length}
            await self._log.write(place, "file_read", principal.label, details)
            yield Download(call, opened)

    async def write(
        self, principal: Principal, place: Place, path: str, wanted: Upload, executable: bool | None,
        body: AsyncIterator[bytes],
    ) -> FileDone:  # fmt: skip
        """Pass a body on as fast as the machine writes it. Raises Refused."""
        with _open(self._exchange, place) as call:
            call.say(
                FileWrite(
                    channel=call.number, session_id=_session(place), path=path, size=wanted.size,
                    sha256=wanted.sha256, offset=wanted.offset, executable=executable, if_version=wanted.if_version,
                    if_absent=wanted.if_absent,
                )
            )  # fmt: skip
            await _patient(call, FileReady)
            await _feed(call, body)
            done = await _patient(call, FileDone)
            details = {"path": path[:_LOGGED], "sha256": done.sha256, "bytes": done.entry.size if done.entry else None}
            await asyncio.shield(self._log.write(place, "file_written", principal.label, details))
            return done

    async def _ask(self, place: Place, make: Callable[[int, str | None], OfRemote], kind: type[T]) -> T:
        with _open(self._exchange, place) as call:
            call.say(make(call.number, _session(place)))
            return await _patient(call, kind)


@contextmanager
def _open(exchange: Exchange, place: Place) -> Iterator[Call]:
    call = exchange.open(place.server_id, place.server_name)
    try:
        yield call
    finally:
        exchange.close(call)


def _session(place: Place) -> str | None:
    return None if place.session_id is None else str(place.session_id)


async def _feed(call: Call, body: AsyncIterator[bytes]) -> None:
    """Send within the window; stop as soon as the machine has said its last word."""
    async for data in body:
        rest = memoryview(data)
        while rest and not call.over:
            size = min(call.credit, PAYLOAD_LIMIT)
            if size:
                call.forward(Kind.CHUNK, call.position, rest[:size])
                rest = rest[size:]
            else:
                await call.room()
        if call.over:
            return
    call.forward(Kind.CHUNK, call.position, b"")


async def _patient(call: Call, kind: type[T]) -> T:
    """Return the machine's answer. Raises Refused."""
    try:
        async with asyncio.timeout(PATIENCE):
            item = await _next(call, kind)
    except TimeoutError as error:
        detail = f"{call.server_name} did not answer within {PATIENCE:g} s"
        raise Silent("server_silent", detail, "is it there? corral server list") from error
    if isinstance(item, bytes):
        raise Conflict("machine_misbehaves", f"{call.server_name} sent bytes where it had to answer", "update it")
    return item


async def _next(call: Call, kind: type[T]) -> T | bytes:
    """Return the next frame, or the message of this kind. Raises Refused for anything else."""
    item = await call.next()
    if isinstance(item, bytes | kind):
        return item
    if isinstance(item, RemoteRefused):
        raise views.refusal(item)
    raise Conflict("machine_misbehaves", f"{call.server_name} gave an answer to another question", "update it")
