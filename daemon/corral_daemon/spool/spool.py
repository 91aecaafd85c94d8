"""The spool as the event loop sees it: append, read what is not acknowledged, acknowledge. Never blocks the loop."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from corral_daemon import journal
from corral_daemon.errors import SpoolClosed, SpoolUnusable
from corral_daemon.spool.file import SpoolFile
from corral_daemon.spool.model import Record, Tail, body_of, is_outcome
from corral_daemon.spool.repair import open_or_repair
from corral_daemon.spool.reserve import Reserve
from corral_daemon.spool.writer import Committed, Forget, Write, Writer
from corral_protocol.nodes import NodeLog
from corral_protocol.to_hub import Durable

MIB = 1 << 20
RESERVE = "spool.reserve"
TAIL_LIMIT = 8 * MIB
FORGET_WITHIN = 0.05
"""Seconds in which acknowledged records leave the file: one transaction for all that come in that time."""
T = TypeVar("T")


class Spool:
    """Durable messages of this machine in the order they were appended, until the hub has committed them.

    `room` is set while all records together are shorter than `limit`, in bytes, and the disk is not full; whoever
    appends much looks there first.
    `broken` ends when the file cannot be used any more; its exception says why. Use inside a running event loop.
    """

    def __init__(self, file: SpoolFile, reserve: Reserve, limit: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._limit = limit
        self._size = file.size
        self._last_seq = file.last_seq
        self._acked = 0
        self._tail = Tail(file.last_seq, TAIL_LIMIT)
        self._grown = asyncio.Event()
        self.room = asyncio.Event()
        self._taken = asyncio.Event()
        self._forgetting: asyncio.TimerHandle | None = None
        self._look_for_room(file.size, True)
        self._writer = Writer(file, reserve, self._from_thread, self._failed_in_thread)
        self.spool_id = file.spool_id
        self.broken: asyncio.Future[None] = self._loop.create_future()
        self._writer.start()

    @classmethod
    def open(cls, directory: Path, limit: int = 1024 * MIB) -> "Spool":
        """Open or make the spool in `directory`. Blocks for the time of a look through the file.

        Raises SpoolUnusable.
        """
        reserve = Reserve(directory / RESERVE)
        try:
            file = open_or_repair(directory)
        except sqlite3.OperationalError:
            reserve.give()  # the disk is full
            file = _open(directory)
        return cls(file, reserve, limit)

    @property
    def last_seq(self) -> int:
        """The number of the newest committed record."""
        return self._last_seq

    @property
    def acked(self) -> int:
        """The highest number the hub has acknowledged, as far as this process knows."""
        return self._acked

    @property
    def size(self) -> int:
        return self._size

    async def append(self, message: Durable, *changes: journal.Change) -> int:
        """Make `message` permanent together with `changes`; return its number. The `seq` it carries is ignored.

        Waits as long as the disk refuses.
        """
        done: asyncio.Future[int] = self._loop.create_future()
        self._writer.write(Write(body_of(message), changes, is_outcome(message), done))
        return await done

    def put(self, message: Durable | None, *changes: journal.Change) -> None:
        """Queue a small record or a journal change behind what was asked before, without waiting for the disk."""
        self._writer.write(Write(None if message is None else body_of(message), changes))

    def has_room(self) -> bool:
        return self.room.is_set()

    def keep(self, lines: NodeLog) -> None:
        """Queue what a node said."""
        self.put(lines)

    async def unacked(self, after: int, limit: int) -> tuple[Record, ...]:
        """Return up to `limit` committed records numbered above `after`, in order."""
        found = self._tail.after(after, limit)
        return found if found is not None else await self.ask(lambda file: file.after(after, limit))

    async def grown(self, after: int) -> None:
        """Return once there is a committed record numbered above `after`."""
        while self._last_seq <= after:
            self._grown.clear()
            await self._grown.wait()

    async def taken(self) -> None:
        """Return once the hub has acknowledged every committed record."""
        while self._acked < self._last_seq:
            self._taken.clear()
            await self._taken.wait()

    def ack(self, seq: int) -> None:
        """The hub has committed everything up to and including `seq`."""
        if seq > self._acked:
            self._acked = seq
            self._taken.set()
            self._tail.forget(seq)
            if self._forgetting is None:
                self._forgetting = self._loop.call_later(FORGET_WITHIN, self._forget_acked)

    def _forget_acked(self) -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()
            self._forgetting = None
            self._writer.forget(Forget(upto=self._acked))

    def forget(self, seq: int) -> None:
        """The hub will never want record `seq`."""
        self._tail.remove(seq)
        self._writer.forget(Forget(single=[seq]))

    async def ask(self, question: Callable[[SpoolFile], T]) -> T:
        """Ask the file something in the writer's thread, between two transactions."""
        return await asyncio.wrap_future(self._writer.ask(question))

    async def rename(self) -> None:
        """Give the spool a new name: the hub remembers higher numbers of the old one than we do (a restored disk)."""
        self._forget_acked()
        self.spool_id = await self.ask(SpoolFile.rename)
        self._acked = 0

    async def open_units(self) -> tuple[journal.OpenUnit, ...]:
        return await self.ask(lambda file: journal.open_units(file.connection))

    async def ended_keys(self) -> tuple[tuple[str, int], ...]:
        return await self.ask(lambda file: journal.ended_keys(file.connection))

    async def close(self) -> None:
        """Write what is queued, if the disk takes it, and close the file."""
        self._forget_acked()
        await asyncio.to_thread(self._writer.close)

    def _from_thread(self, committed: Committed) -> None:
        self._call(self._committed, committed)

    def _failed_in_thread(self, writes: list[Write], problem: BaseException) -> None:
        self._call(self._failed, writes, problem)

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)

    def _committed(self, committed: Committed) -> None:
        self._look_for_room(committed.size, committed.roomy)
        for record in committed.records:
            self._tail.add(record)
            self._last_seq = record.seq
        if committed.records:
            self._grown.set()
        _resolve(committed.writes)

    def _look_for_room(self, size: int, roomy: bool) -> None:
        self._size = size
        if size < self._limit and roomy:
            self.room.set()
        else:
            self.room.clear()

    def _failed(self, writes: list[Write], problem: BaseException) -> None:
        self.room.set()  # whoever waits for room learns by its next write that there will be none
        for write in writes:
            if write.done and not write.done.done():
                write.done.set_exception(SpoolClosed(str(problem)))
        if not self.broken.done():
            self.broken.set_result(None) if isinstance(problem, SpoolClosed) else self.broken.set_exception(problem)


def _open(directory: Path) -> SpoolFile:
    try:
        return open_or_repair(directory)
    except (sqlite3.OperationalError, OSError) as error:
        raise SpoolUnusable(f"the spool in {directory} cannot be opened: {error}") from error


def _resolve(writes: Sequence[tuple[Write, int]]) -> None:
    for write, seq in writes:
        if write.done and not write.done.done():
            write.done.set_result(seq)
