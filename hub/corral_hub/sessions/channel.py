"""One watched session: its backlog, everybody's seats, who drives, and how far the fastest viewer is.

The fastest viewer sets the pace: the machine hears of no offset that nobody has taken. A viewer that the backlog has
left behind waits for a snapshot, one for all who wait. Nothing here waits for anybody.
"""

import asyncio
from collections.abc import Callable

from corral_hub import clock
from corral_hub.sessions.backlog import Backlog
from corral_hub.sessions.feeds import Feed
from corral_hub.sessions.model import Session
from corral_hub.sessions.seat import Seat

ACK_AFTER = 64 * 1024
ACK_LATER = 0.05
SNAPSHOT_PATIENCE = 5.0
STALE_PAUSE = 0.1
"""Seconds until a snapshot that was no news is asked for again: the machine's screen is behind its output."""
FAREWELL = 10.0
"""Seconds in which viewers can get the last bytes of a session that has ended."""


class Watcher:
    """A seat with somebody in it. `wake` is called when there may be something to take."""

    def __init__(self, channel: "Channel", offset: int | None, label: str) -> None:
        self.channel = channel
        self.label = label
        self.seat = Seat(offset)
        self.wake: Callable[[], None] = lambda: None

    @property
    def drives(self) -> bool:
        return self.channel.driver is self

    @property
    def is_over(self) -> bool:
        """Whether nothing more can come: the session has ended, and this viewer was sent all that there is."""
        end, position = self.channel.end, self.seat.position
        return self.channel.closed or (end is not None and position is not None and position >= end)

    def take(self) -> bytes | None:
        """Return the next frame for this viewer."""
        channel = self.channel
        frame = self.seat.take(channel.backlog, clock.monotonic())
        if frame is None and self.needs_snapshot:
            channel.ask()
            frame = self.seat.take(channel.backlog, clock.monotonic())
        if channel.end is not None:
            channel.look_at_the_end()
        return frame

    @property
    def needs_snapshot(self) -> bool:
        return self.seat.is_behind(self.channel.backlog) and self.seat.has_room()

    def acknowledge(self, offset: int) -> None:
        self.seat.acknowledge(offset, clock.monotonic())
        self.channel.reached(self.seat.taken)
        self.wake()


class Channel:
    """`number` names it in every frame, for the daemon, the hub and all viewers."""

    def __init__(self, number: int, session: Session, feed: Feed, backlog: Backlog) -> None:
        self.number = number
        self.session = session
        self.feed = feed
        self.backlog = backlog
        self.watchers: list[Watcher] = []
        self.driver: Watcher | None = None
        self.end: int | None = None
        self.closed = False
        self._fresh = True  # nothing has come yet: whatever comes first says where the stream begins
        self._taken = 0  # by the fastest viewer
        self._told = 0  # the machine knows that everything before this was taken
        self._telling: asyncio.TimerHandle | None = None
        self._asked: asyncio.TimerHandle | None = None  # a snapshot is on its way
        self._ending: asyncio.TimerHandle | None = None
        self._bye: Callable[[], None] = lambda: None

    # -- from the machine -------------------------------------------------------------

    def output(self, offset: int, frame: bytes) -> None:
        self._fresh = False
        if self.backlog.add(offset, frame):
            self._tell()
            self._stir()

    def snapshot(self, offset: int, frame: bytes) -> None:
        """Hand it to all who wait. One that nobody asked for says that the output goes on from there."""
        head, asked = self.backlog.head, self._answered()
        if self._fresh or head is None or (not asked and offset > head):
            self.backlog.restart(offset)
            if self._fresh:
                for watcher in self.watchers:
                    watcher.seat.forget()
        self._fresh = False
        self._serve(offset, frame)
        self._stir()

    def resume(self) -> None:
        """The machine is there, perhaps again: let it go on after the last byte that came."""
        self._answered()
        if self.watchers:
            self.feed.watch(self.number, self.backlog.head)
            self._stir()

    def _serve(self, offset: int, frame: bytes) -> None:
        waiting = [watcher for watcher in self.watchers if watcher.seat.is_behind(self.backlog)]
        served = [watcher.seat.offer(offset, frame) for watcher in waiting]
        if waiting and not any(served):
            self._asked = asyncio.get_running_loop().call_later(STALE_PAUSE, self._ask_again)

    def _stir(self) -> None:
        for watcher in self.watchers:
            if watcher.seat.has_room():
                watcher.wake()

    # -- snapshots --------------------------------------------------------------------

    def ask(self) -> None:
        """One snapshot for all who wait, however many do."""
        if self._asked is not None or (self._fresh and self.backlog.head is None):
            return  # asked for, or the stream begins with one
        base = self.backlog.base or 0
        drawn = self.feed.snapshot(self.number, base)
        if drawn is not None:
            self._serve(base, drawn)
        else:
            self._asked = asyncio.get_running_loop().call_later(SNAPSHOT_PATIENCE, self._do_without)

    def _ask_again(self) -> None:
        self._asked = None
        if any(watcher.needs_snapshot for watcher in self.watchers):
            self.ask()

    def _answered(self) -> bool:
        """Return whether a snapshot was awaited; none is any more."""
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.cancel()
        return asked is not None

    def _do_without(self) -> None:
        """The machine draws none: better a screen with holes than none."""
        self._asked = None
        if self.backlog.base is not None:
            for watcher in self.watchers:
                if watcher.seat.is_behind(self.backlog):
                    watcher.seat.skip(self.backlog.base)
        self._stir()

    # -- viewers ----------------------------------------------------------------------

    def join(self, watcher: Watcher) -> None:
        position, head = watcher.seat.position, self.backlog.head
        if head is not None and position is not None and position > head:
            watcher.seat.forget()  # of a stream that never was
        self.watchers.append(watcher)
        self.reached(watcher.seat.taken)
        if len(self.watchers) == 1 and self._fresh:
            if position is not None and head is None:
                self.backlog.restart(position)
            self.feed.watch(self.number, position)
        watcher.wake()

    def leave(self, watcher: Watcher) -> None:
        self.watchers.remove(watcher)
        if self.driver is watcher:
            self.driver = None
        if not self.watchers:
            self.feed.unwatch(self.number)
            self._hush()
        self.look_at_the_end()

    def reached(self, offset: int) -> None:
        """A viewer has taken everything before `offset`."""
        if offset > self._taken:
            self._taken = offset
            self._tell()

    def _tell(self) -> None:
        """Tell the machine how far the fastest viewer is: at once if that is much, soon if it is little."""
        news = min(self._taken, self.backlog.head or 0) - self._told
        if news >= ACK_AFTER:
            self._acknowledge()
        elif news > 0 and self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(ACK_LATER, self._acknowledge)

    def _acknowledge(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        self._told = min(self._taken, self.backlog.head or 0)
        self.feed.acknowledge(self.number, self._told)

    # -- the end ----------------------------------------------------------------------

    def finish(self, end: int | None, bye: Callable[[], None]) -> None:
        """The session has ended after `end` bytes: call `bye` once every viewer was sent them, or time is up."""
        self.end = max(end or 0, self.backlog.head or 0)
        self._bye = bye
        self._ending = asyncio.get_running_loop().call_later(FAREWELL, self._close)
        self._stir()
        self.look_at_the_end()

    def look_at_the_end(self) -> None:
        if self.end is not None and not self.closed and all(watcher.is_over for watcher in self.watchers):
            self._close()

    def _close(self) -> None:
        self.closed = True
        self._hush()
        for watcher in self.watchers:
            watcher.wake()
        self._bye()

    def _hush(self) -> None:
        for timer in (self._telling, self._asked, self._ending):
            if timer is not None:
                timer.cancel()
        self._telling = self._asked = None
