"""Commands and files, as the hub asks for them. Implements ports.Remote."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from corral_daemon.errors import RemoteFailed
from corral_daemon.processes.client import ORPHAN_GRACE, Keeper
from corral_daemon.remote.channel import Channel
from corral_daemon.remote.execution import Execution
from corral_daemon.remote.job import Job
from corral_daemon.remote.places import Places
from corral_daemon.remote.transfers import JOBS as TRANSFERS
from corral_daemon.remote.transfers import OfFiles
from corral_protocol.codec import Malformed
from corral_protocol.frames import Kind, unpack
from corral_protocol.remote import ExecStart, RemoteStop
from corral_protocol.to_daemon import OfRemote
from corral_protocol.to_hub import OfRemote as Answer

log = logging.getLogger(__name__)

MOST = 64
"""Commands and transfers at a time."""
_CLOSED_WITHIN = 10.0
_THREADS = 4
"""A disk that hangs holds up other files, and nothing else of the daemon."""


class Remote:
    """What goes on ends with the connection: whoever asked is told so by the hub, which has lost it, too."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._keeper: Keeper | None = None
        self._threads = ThreadPoolExecutor(_THREADS, "files")
        self._outgoing: asyncio.Queue[bytes | Answer] = asyncio.Queue()
        self._channels: dict[int, tuple[Channel, Job]] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._serving = False

    async def serve(self, send: Callable[[bytes], Awaitable[None]], say: Callable[[Answer], Awaitable[None]]) -> None:
        """Send frames and answers, in their order, until cancelled; then everything is ended."""
        self._outgoing = asyncio.Queue()
        self._serving = True
        try:
            while True:
                item = await self._outgoing.get()
                await (send(item) if isinstance(item, bytes) else say(item))
        finally:
            self._serving = False
            self._end_all()

    def hear(self, message: OfRemote) -> None:
        """Act on a message from the hub; never waits."""
        if isinstance(message, RemoteStop):
            self._stop(message)
            return
        channel = Channel(message.channel, self._post)
        if not self._serving or message.channel in self._tasks:
            return  # an order that came with the end of a connection, or twice
        if len(self._tasks) >= MOST:
            hint = "wait until something has ended there"
            channel.refuse(RemoteFailed(f"{MOST} commands and transfers are going on there", hint, "too_many"))
            return
        job = _JOBS[type(message)](self, channel, message)
        log.debug("event=remote_begun channel=%d kind=%s", channel.number, message.TYPE)
        self._channels[channel.number] = channel, job
        task = self._tasks[channel.number] = asyncio.create_task(self._run(channel, job))
        task.add_done_callback(lambda done: self._done(channel, done))

    def take(self, frame: bytes) -> None:
        """Act on a binary frame from the hub; never waits. What is for a channel that has ended was on its way."""
        try:
            kind, number, offset, payload = unpack(frame)
            channel, job = self._channels.get(number, (None, None))
            if channel is None or job is None:
                return
            if kind is Kind.ACK:
                channel.acknowledged(offset)
            elif kind in (Kind.STDIN, Kind.CHUNK):
                job.take(offset, payload)
            else:
                raise Malformed("", f"a hub sends no {kind.name} frame like this")
        except Malformed as error:
            log.warning("event=frame_unusable reason=%r length=%d", str(error), len(frame))

    async def close(self) -> None:
        """End everything, and return when nothing is left of it."""
        executions = [job for _, job in self._channels.values() if isinstance(job, Execution)]
        tasks = list(self._tasks.values())
        self._end_all()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            async with asyncio.timeout(_CLOSED_WITHIN):
                await asyncio.gather(*(execution.ended() for execution in executions))
        except TimeoutError:
            log.error("event=commands_left count=%d hint=%r", len(executions), "their wardens go on ending them")
        if self._keeper is not None:
            await self._keeper.close()
        self._threads.shutdown(wait=False, cancel_futures=False)

    # -- how ------------------------------------------------------------------------

    def on_exec(self, channel: Channel, message: ExecStart) -> Job:
        if self._keeper is None:
            self._keeper = Keeper()
        log.info("event=exec channel=%d program=%r", channel.number, message.argv[:1])
        return Execution(channel, message, self._places, self._keeper)

    def on_file(self, channel: Channel, message: OfFiles) -> Job:
        return TRANSFERS[type(message)](channel, message, self._places, self._threads)

    def _stop(self, message: RemoteStop) -> None:
        found = self._channels.get(message.channel)
        if found is not None:
            found[1].stop(message.grace)

    async def _run(self, channel: Channel, job: Job) -> None:
        try:
            await job.run()
        except RemoteFailed as error:
            channel.refuse(error)
        except OSError as error:
            channel.refuse(RemoteFailed(f"it failed on that machine: {error.strerror or error}", code="io_error"))

    def _done(self, channel: Channel, task: "asyncio.Task[None]") -> None:
        self._tasks.pop(channel.number, None)
        self._channels.pop(channel.number, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("event=remote_broke channel=%d", channel.number, exc_info=error)
            channel.refuse(RemoteFailed("the daemon made a mistake", "its log says more", "internal_error"))

    def _end_all(self) -> None:
        for _, job in self._channels.values():
            job.stop(ORPHAN_GRACE)
        for task in self._tasks.values():
            task.cancel()

    def _post(self, item: bytes | Answer) -> None:
        if self._serving:
            self._outgoing.put_nowait(item)


_JOBS: Mapping[type, Callable[[Remote, Channel, Any], Job]] = {
    ExecStart: Remote.on_exec,
    **dict.fromkeys(TRANSFERS, Remote.on_file),
}
