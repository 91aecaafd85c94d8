"""One command, from the order to its end. Whatever happens to the order, nothing of it is left behind."""

import asyncio
import contextlib
import errno
import logging

from corral_daemon import clock
from corral_daemon.errors import RemoteFailed
from corral_daemon.processes.child import Child, SpawnFailed
from corral_daemon.processes.client import ORPHAN_GRACE, Command, Keeper
from corral_daemon.processes.ending import Exit
from corral_daemon.processes.leftovers import kill_cookie
from corral_daemon.remote.channel import Channel
from corral_daemon.remote.order import Order, prepare
from corral_daemon.remote.outlet import Outlet
from corral_daemon.remote.places import Places
from corral_daemon.remote.stdin import Stdin
from corral_protocol.codec import Malformed
from corral_protocol.frames import Kind
from corral_protocol.remote import ExecEnded, ExecStart, ExecStarted

log = logging.getLogger(__name__)

_ABSENT = {errno.ENOENT: "command_missing", errno.EACCES: "command_unusable", errno.ENOEXEC: "command_unusable"}


class Execution:
    def __init__(self, channel: Channel, message: ExecStart, places: Places, keeper: Keeper) -> None:
        self._channel = channel
        self._message = message
        self._places = places
        self._keeper = keeper
        self._cookie = clock.identity()
        self._stdin = Stdin(channel.acknowledge) if message.stdin else None
        self._child: Child | None = None
        self._stopped: float | None = None
        self._timed_out = False

    async def run(self) -> None:
        """Raises RemoteFailed when it cannot begin. Cancelled, it ends the tree and does not wait for that."""
        try:
            order = await prepare(self._message, self._places)
            child = self._child = await self._spawn(order)
            self._channel.say(ExecStarted(channel=self._channel.number, pid=child.started.result(),
                                          directory=order.directory))  # fmt: skip
            if self._stopped is not None:
                child.kill(self._stopped)
            self._channel.say(self._told(await self._watch(child)))
        finally:
            if self._child is not None:
                self._child.kill(ORPHAN_GRACE)
            if self._stdin is not None:
                self._stdin.close()

    def take(self, offset: int, payload: bytes) -> None:
        """Raises Malformed."""
        if self._stdin is None:
            raise Malformed("", "this command reads no standard input")
        self._stdin.take(offset, payload)

    def stop(self, grace: float) -> None:
        self._stopped = grace if self._stopped is None else min(self._stopped, grace)
        if self._child is not None:
            self._child.kill(grace)

    async def ended(self) -> None:
        """Return once nothing of it is left."""
        if self._child is not None:
            await asyncio.shield(self._child.ended)

    async def _spawn(self, order: Order) -> Child:
        stdin = self._stdin
        source = {} if stdin is None else {"stdin": stdin.theirs}
        command = Command(
            argv=order.argv,
            directory=order.directory,
            environment=order.environment,
            cookie=self._cookie,
            grace=self._message.grace,
            **source,
        )
        try:
            return await self._keeper.spawn(command)
        except SpawnFailed as error:
            code = _ABSENT.get(error.errno or 0, "spawn_failed")
            hint = "name a program that is on the PATH of the daemon there, or its whole path"
            raise RemoteFailed(f"{order.argv[0]} cannot be started: {error}", hint, code) from error
        finally:
            if stdin is not None:
                stdin.close_theirs()

    async def _watch(self, child: Child) -> Exit:
        """Send the output until the whole tree is gone, and then what is left of it."""
        outlet = Outlet(self._channel)
        pumps = [
            asyncio.create_task(outlet.pump(Kind.STDOUT, child.stdout)),
            asyncio.create_task(outlet.pump(Kind.STDERR, child.stderr)),
        ]
        timeout = self._message.timeout
        timer = asyncio.get_running_loop().call_later(timeout, self._late) if timeout else None
        try:
            how = await asyncio.shield(child.ended)
            if how.lost:  # its warden was killed: be sure before we say that it is over
                await kill_cookie(self._cookie, 0.0)
            outlet.finish()
            await asyncio.gather(*pumps)
        finally:
            if timer is not None:
                timer.cancel()
            for pump in pumps:
                pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*pumps, return_exceptions=True)
        return how

    def _late(self) -> None:
        self._timed_out = True
        if self._child is not None:
            self._child.kill(self._message.grace)

    def _told(self, how: Exit) -> ExecEnded:
        return ExecEnded(
            channel=self._channel.number,
            exit_code=how.code,
            signal=how.signal,
            timed_out=self._timed_out and how.ordered,
            stopped=self._stopped is not None and how.ordered,
            lost=how.lost,
            left=how.left,
            output=self._channel.sent,
        )
