"""The way of the bytes: from a machine's frames to everybody who watches, and from the driver's keys to the machine.

The hot path. A frame is looked at, not taken apart: its header says which channel, and the same bytes go out again.
"""

import itertools
from collections.abc import Callable
from typing import Any
from uuid import UUID

from corral_hub import clock
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import SessionEvent
from corral_hub.errors import Conflict
from corral_hub.sessions.backlog import Backlog
from corral_hub.sessions.channel import Channel, Watcher
from corral_hub.sessions.feeds import Feed, Framed, Lines, Wrapped
from corral_hub.sessions.model import Session
from corral_hub.sessions.typed import Typed
from corral_protocol.codec import Malformed
from corral_protocol.frames import HEADER, PAYLOAD_LIMIT, Kind, pack, read_header

OLDER_RING = 256 * 1024
SNAPSHOT_LIMIT = 1 << 20
LAST = 1 << 62
"""Offsets beyond this are nobody's: at a gigabyte a second a session gets there in a hundred years."""


class Relay:
    """Every channel of this hub. All of it happens on one loop, and nothing here waits."""

    def __init__(self, lines: Lines, bus: Bus, typed: Typed) -> None:
        self._lines = lines
        self._bus = bus
        self._typed = typed
        self._born = clock.now()
        self._numbers = itertools.count(1)
        self._channels: dict[int, Channel] = {}
        self._of_session: dict[UUID, Channel] = {}

    # -- from machines ------------------------------------------------------------

    def feed(self, server_id: UUID, frame: bytes) -> None:
        """Pass a machine's frame on. Raises Malformed. What is for a channel that is no more was on its way."""
        kind, number, offset = read_header(frame)
        if kind not in _LIMITS or len(frame) > _LIMITS[kind] + HEADER.size or offset > LAST:
            raise Malformed("", f"a machine sends no {kind.name} frame like this")
        channel = self._channels.get(number)
        if channel is None or channel.session.server_id != server_id:
            return
        if kind is Kind.OUTPUT:
            channel.output(offset, frame)
        else:
            channel.snapshot(offset, frame)

    def feed_older(self, session: Session, payload: bytes) -> None:
        """Number what an older agent sends, whether anybody watches or not: there is no other memory of it."""
        channel = self._of_session.get(session.id) or self._open(session)
        for start in range(0, len(payload), PAYLOAD_LIMIT):
            head = channel.backlog.head or 0
            part = payload[start : start + PAYLOAD_LIMIT]
            channel.output(head, pack(Kind.OUTPUT, channel.number, head, part))

    def resume(self, server_id: UUID) -> None:
        """A machine is back: every channel goes on after the last byte that came."""
        for channel in self._channels.values():
            if channel.session.server_id == server_id:
                channel.resume()

    def finish(self, session_id: UUID, end: int | None, bye: Callable[[], None]) -> None:
        """A session has ended: `bye` is called once its viewers have the last byte, or had the time to get it."""
        channel = self._of_session.get(session_id)
        if channel is None:
            bye()
        else:
            channel.finish(end, lambda: self._finished(channel, bye))

    def is_leaving(self, session_id: str) -> bool:
        """Whether viewers of this session still get its last bytes: until then nobody may forget it."""
        return any(channel.end is not None and str(id) == session_id for id, channel in self._of_session.items())

    def _finished(self, channel: Channel, bye: Callable[[], None]) -> None:
        self._drop(channel)
        bye()

    # -- viewers ------------------------------------------------------------------

    def attach(self, session: Session, offset: int | None, label: str) -> Watcher:
        channel = self._of_session.get(session.id) or self._open(session)
        watcher = Watcher(channel, offset, label)
        channel.join(watcher)
        return watcher

    def detach(self, watcher: Watcher) -> None:
        """The last one out switches the output off."""
        channel, drove = watcher.channel, watcher.drives
        if watcher not in channel.watchers:
            return
        channel.leave(watcher)
        if drove and not channel.closed:
            self._say(channel, "driver", watcher.label, driver=None)
        if not channel.watchers and channel.session.framed:
            self._drop(channel)

    def drive(self, watcher: Watcher, take: bool) -> bool:
        """Make this viewer the driver, if nobody is or if it takes control. Return whether it drives."""
        channel = watcher.channel
        if channel.driver is None or (take and not watcher.drives):
            channel.driver = watcher
            self._typed.line(channel.session, "session_driver", watcher.label, {})
            self._say(channel, "driver", watcher.label, driver=watcher.label)
        return watcher.drives

    def type(self, watcher: Watcher, frame: bytes) -> None:
        """Pass the driver's keys on. Raises Conflict for anybody else's."""
        if not watcher.drives:
            raise not_driving(watcher.channel)
        channel = watcher.channel
        channel.feed.type(frame)
        self._typed.keys(channel.session.id, watcher.label, channel.backlog.head, len(frame) - HEADER.size)

    def driver_of(self, session_id: UUID) -> str | None:
        channel = self._of_session.get(session_id)
        return channel.driver.label if channel is not None and channel.driver is not None else None

    def head_of(self, session_id: UUID) -> int | None:
        channel = self._of_session.get(session_id)
        return channel.backlog.head if channel is not None else None

    def watchers_of(self, session_id: UUID) -> int:
        channel = self._of_session.get(session_id)
        return len(channel.watchers) if channel is not None else 0

    # -- parts --------------------------------------------------------------------

    def _open(self, session: Session) -> Channel:
        number = next(self._numbers)
        feed: Feed = (Framed if session.framed else Wrapped)(self._lines, session.server_id, session.id)
        backlog = Backlog() if session.framed else Backlog(OLDER_RING)
        if not session.framed:
            # What was counted before a restart of the hub is not known: no offset may mean other bytes than it did.
            backlog.restart(0 if session.created_at >= self._born else int(clock.now().timestamp()) << 20)
        channel = Channel(number, session, feed, backlog)
        self._channels[number] = self._of_session[session.id] = channel
        return channel

    def _drop(self, channel: Channel) -> None:
        self._channels.pop(channel.number, None)
        self._of_session.pop(channel.session.id, None)

    def _say(self, channel: Channel, event: str, actor: str, **details: Any) -> None:
        self._publish(channel.session, event, actor, details)

    def _publish(self, session: Session, event: str, actor: str, details: dict[str, Any]) -> None:
        self._bus.publish(
            SessionEvent(
                event=event, project_id=session.project_id, session_id=session.id, server_id=session.server_id,
                task_id=session.task_id, actor=actor, at=clock.now(), details=details,
            )
        )  # fmt: skip


_LIMITS = {Kind.OUTPUT: PAYLOAD_LIMIT, Kind.SNAPSHOT: SNAPSHOT_LIMIT}


def not_driving(channel: Channel) -> Conflict:
    driver = channel.driver.label if channel.driver is not None else "nobody"
    return Conflict("not_driving", f"{driver} drives {channel.session.name}", "take control first: session_take")
