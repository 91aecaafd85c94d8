"""Files on their way, a job each. What touches a disk happens in threads of their own, never in the loop."""

import asyncio
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from corral_daemon import clock
from corral_daemon.errors import RemoteFailed
from corral_daemon.remote import entries
from corral_daemon.remote.channel import Channel
from corral_daemon.remote.incoming import Incoming, partial_name, remove
from corral_daemon.remote.outgoing import Outgoing
from corral_daemon.remote.places import Places
from corral_daemon.remote.walk import failed, folder
from corral_daemon.rooted.paths import PathRefused, split
from corral_daemon.rooted.walk import Spot, look
from corral_protocol.codec import Malformed
from corral_protocol.frames import PAYLOAD_LIMIT, Kind
from corral_protocol.remote import (
    WINDOW,
    FileDone,
    FileList,
    FileListing,
    FileRead,
    FileReady,
    FileRemove,
    FileStat,
    FileStatus,
    FileWrite,
)

T = TypeVar("T")
OfFiles = FileList | FileStat | FileRead | FileWrite | FileRemove


class Transfer:
    """What all of them share: where the file is, and threads."""

    def __init__(self, channel: Channel, message: OfFiles, places: Places, executor: Executor) -> None:
        self._channel = channel
        self._message = message
        self._places = places
        self._executor = executor
        self._task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Raises RemoteFailed."""
        self._task = asyncio.current_task()
        try:
            await self._perform()
        except OSError as error:
            raise failed(error, self._message.path.rpartition("/")[2]) from error

    def take(self, offset: int, payload: bytes) -> None:
        raise Malformed("", "nothing is taken on this channel")

    def stop(self, grace: float) -> None:
        """Nobody wants the rest."""
        if self._task is not None:
            self._task.cancel()

    async def _perform(self) -> None:
        raise NotImplementedError

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def _spot(self) -> Spot:
        """Raises RemoteFailed for a path that is none, or names no file or folder of its own."""
        spot = self._find()
        if isinstance(spot, list) or not spot.names:
            hint = "name something below it: corral file list"
            raise RemoteFailed("that is a root, and no file", hint, "path_invalid")
        return spot

    def _find(self) -> Spot | list[str]:
        """Return where it is, or what stands above the roots there."""
        try:
            names = split(self._message.path)
        except PathRefused as error:
            hint = "name a path below the root, such as files/notes.txt"
            raise RemoteFailed(f"this path cannot be used: {error}", hint, "path_invalid") from error
        if self._message.session_id is not None:
            return Spot(self._places.session(self._message.session_id), names)
        return self._places.root(names)


class Lister(Transfer):
    _message: FileList

    async def _perform(self) -> None:
        found = await self._in_thread(self._find)
        if isinstance(found, list):
            self._channel.say(FileListing(channel=self._channel.number, entries=entries.virtual(found)))
            return
        after, limit = self._message.after, self._message.limit
        page, following = await self._in_thread(lambda: entries.listing(found, after, limit))
        self._channel.say(FileListing(channel=self._channel.number, entries=page, following=following))


class Stater(Transfer):
    _message: FileStat

    async def _perform(self) -> None:
        self._channel.say(await self._in_thread(self._look))

    def _look(self) -> FileStatus:
        spot = self._spot()
        try:
            with folder(spot, parent=True) as current:
                return self._status(spot, current)
        except RemoteFailed as error:
            if self._message.partial is None or error.code != "file_missing":
                raise
            return FileStatus(channel=self._message.channel)

    def _status(self, spot: Spot, current: int) -> FileStatus:
        message, found = self._message, look(spot.name, current)
        if found is None and message.partial is None:
            hint = "corral file list shows what is there"
            raise RemoteFailed(f"there is no {spot.name!r}", hint, "file_missing")
        entry = None if found is None else entries.entry(spot.name, found)
        sha = self._digest(spot.name, current) if message.digest and found is not None else None
        size, begun = 0, None
        if message.partial is not None:
            name = partial_name(spot.name, message.partial)
            if (waiting := look(name, current)) is not None:
                size, begun = waiting.st_size, self._digest(name, current)
        return FileStatus(channel=message.channel, entry=entry, sha256=sha, partial_size=size, partial_sha256=begun)

    def _digest(self, name: str, current: int) -> str:
        descriptor, found = entries.open_regular(name, current)
        try:
            if found.st_size > self._places.file_limit:
                hint = "raise file_limit_mb in the daemon's configuration"
                what = f"files of more than {self._places.file_limit} bytes are not read here"
                raise RemoteFailed(what, hint, "file_too_large")
            return entries.digest(descriptor, found.st_size).hexdigest()
        finally:
            os.close(descriptor)


class Remover(Transfer):
    _message: FileRemove

    async def _perform(self) -> None:
        await self._in_thread(lambda: remove(self._spot(), self._message.if_version))
        self._channel.say(FileDone(channel=self._channel.number))


class Reader(Transfer):
    _message: FileRead

    async def _perform(self) -> None:
        spot = await self._in_thread(self._spot)
        outgoing = Outgoing(spot, self._message, self._places.file_limit)
        try:
            opened = await self._in_thread(outgoing.open)
            self._channel.begin_at(opened.offset)
            self._channel.say(opened)
            end = opened.offset + opened.length
            while (offset := self._channel.sent) < end:
                size = min(await self._channel.room(), PAYLOAD_LIMIT, end - offset)
                piece = await self._in_thread(lambda at=offset, size=size: outgoing.read(at, size))
                self._channel.send(Kind.CHUNK, piece)
            await self._in_thread(outgoing.check)
            self._channel.say(FileDone(channel=self._channel.number))
        finally:
            self._executor.submit(outgoing.close)


class Writer(Transfer):
    _message: FileWrite

    def __init__(self, channel: Channel, message: FileWrite, places: Places, executor: Executor) -> None:
        super().__init__(channel, message, places, executor)
        self._arrived = self._written = message.offset
        self._waiting: deque[bytes] = deque()
        self._news = asyncio.Event()

    def take(self, offset: int, payload: bytes) -> None:
        """Raises Malformed for what does not follow on, or is more than the window."""
        if offset != self._arrived or len(payload) > WINDOW - (self._arrived - self._written):
            raise Malformed("", f"a piece at {offset} does not follow on {self._arrived}")
        self._arrived += len(payload)
        self._waiting.append(payload)
        self._news.set()

    async def _perform(self) -> None:
        spot = await self._in_thread(self._spot)
        incoming = Incoming(spot, self._message, self._places.file_limit, clock.identity)
        try:
            await self._in_thread(incoming.open)
            self._channel.say(FileReady(channel=self._channel.number, offset=self._message.offset))
            while piece := await self._next():
                self._written = await self._in_thread(lambda data=piece: incoming.write(data))
                self._channel.acknowledge(self._written)
            self._channel.say(await self._in_thread(incoming.place))
        finally:
            self._executor.submit(incoming.close)

    async def _next(self) -> bytes:
        while not self._waiting:
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()


JOBS: dict[type, type[Transfer]] = {
    FileList: Lister,
    FileStat: Stater,
    FileRead: Reader,
    FileWrite: Writer,
    FileRemove: Remover,
}
