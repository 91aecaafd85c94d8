"""The life of a daemon: start its parts, wait for a reason to stop, drain, stop."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from corral_daemon.errors import SpoolClosed
from corral_daemon.link.inbox import Inbox
from corral_daemon.link.socket import Link
from corral_daemon.ports import Mail, Nodes, Remote, Terminals, Work
from corral_daemon.probing import Prober
from corral_daemon.reporting import SpoolReporter
from corral_daemon.spool.spool import Spool

log = logging.getLogger(__name__)

FIRST_PROBES_WITHIN = 3.0
FLUSH_WITHIN = 3.0
FORCED_GRACE = 2.0
REPORTED_WITHIN = 10.0
"""Seconds for the last reports after the last kill. A disk that does not take them must not keep us running: the next
start finds these units open in the journal."""
ACQUIRE_WITHIN = 30.0
NOTHING_ACQUIRED = 94


class Stop:
    """SIGTERM asks to drain; a second one, SIGINT or SIGQUIT, asks to stop now."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.now = asyncio.Event()

    def listen(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.drain)
        for number in (signal.SIGINT, signal.SIGQUIT):
            loop.add_signal_handler(number, self.force)

    def drain(self) -> None:
        if self.asked.is_set():
            self.now.set()
        self.asked.set()

    def force(self) -> None:
        self.asked.set()
        self.now.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    spool: Spool
    reporter: SpoolReporter
    work: Work
    terminals: Terminals
    mail: Mail
    remote: Remote
    nodes: Nodes
    inbox: Inbox
    prober: Prober
    link: Link
    publish: Callable[[Link], Awaitable[None]]
    watches: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = ()
    """What else goes on for as long as the daemon serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to serve: seconds to drain, seconds from TERM to KILL, and whether one unit is enough."""

    drain_grace: float
    kill_grace: float
    once: bool = False


async def serve(parts: Parts, manner: Manner, stop: Stop) -> int:
    """Serve until told to stop; return the exit code. Raises what broke a part, after stopping the others."""
    background = [
        asyncio.create_task(parts.inbox.run()),
        asyncio.create_task(parts.prober.run()),
        asyncio.create_task(_connect(parts)),
        asyncio.create_task(_publish(parts)),
        asyncio.create_task(_watch(parts.spool)),
        *(asyncio.create_task(watch()) for watch in parts.watches),
    ]
    reason = asyncio.create_task(_one_unit(parts, stop) if manner.once else _told(stop))
    try:
        await asyncio.wait([reason, *background], return_when=asyncio.FIRST_COMPLETED)
        await _wind_down(parts, manner, stop, healthy=not any(task.done() for task in background))
    finally:
        broken = [task for task in background if task.done() and not task.cancelled() and task.exception()]
        await _cancel([reason, *background])
        await parts.mail.close()
        await parts.remote.close()
        await parts.nodes.close()
        await parts.terminals.close()
        await parts.spool.close()
    for task in broken:
        task.result()
    return reason.result() if reason.done() and not reason.cancelled() else 0


async def _told(stop: Stop) -> int:
    await stop.asked.wait()
    return 0


async def _one_unit(parts: Parts, stop: Stop) -> int:
    """Wait until one unit was taken and everything taken has ended; return NOTHING_ACQUIRED if none came."""
    await _first_of(parts.reporter.first_accepted.wait(), stop.asked.wait(), within=ACQUIRE_WITHIN)
    if not parts.reporter.first_accepted.is_set():
        return 0 if stop.asked.is_set() else NOTHING_ACQUIRED
    parts.work.drain()
    await _first_of(parts.work.idle.wait(), stop.asked.wait(), within=None)
    return 0


async def _connect(parts: Parts) -> None:
    # A first announcement without the agent CLIs would make the hub say "no server can run this" for a moment.
    try:
        await asyncio.wait_for(parts.prober.complete.wait(), FIRST_PROBES_WITHIN)
    except TimeoutError:
        log.info("event=probes_slow note=%r", "connecting with what is known; the rest is announced when it is known")
    await parts.link.run()


async def _publish(parts: Parts) -> None:
    while True:
        parts.link.changed.clear()
        await parts.publish(parts.link)
        await parts.link.changed.wait()


async def _watch(spool: Spool) -> None:
    """Raise what made the spool unusable."""
    await asyncio.shield(spool.broken)
    raise SpoolClosed("the spool was closed")


async def _wind_down(parts: Parts, manner: Manner, stop: Stop, healthy: bool) -> None:
    parts.work.drain()
    if healthy:
        log.info("event=draining held=%d grace=%.0fs", len(parts.work.held()), manner.drain_grace)
        await parts.prober.offer(0)
        await _first_of(parts.work.free.wait(), stop.now.wait(), within=manner.drain_grace)
    forced = stop.now.is_set() or not healthy
    grace = min(manner.kill_grace, FORCED_GRACE) if forced else manner.kill_grace
    try:
        async with asyncio.timeout(grace + REPORTED_WITHIN):
            await parts.work.close(grace)
    except TimeoutError:
        log.error("event=units_not_reported held=%d hint=%r", len(parts.work.held()), "the next start reports them")
    if healthy and parts.link.connected.is_set():
        await _first_of(parts.spool.taken(), within=FLUSH_WITHIN)
    log.info("event=stopped left_in_spool=%d", parts.spool.last_seq - parts.spool.acked)


async def _first_of(*waits: Coroutine[Any, Any, object], within: float | None) -> None:
    tasks = [asyncio.create_task(wait) for wait in waits]
    await asyncio.wait(tasks, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    await _cancel(tasks)


async def _cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    ended = list(tasks)
    for task in ended:
        task.cancel()
    await asyncio.gather(*ended, return_exceptions=True)
