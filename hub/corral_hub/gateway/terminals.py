"""What viewers say, of terminals and runs: one line a message in a table, a short function each; and binary frames."""

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, Final

import orjson

from corral_hub.errors import Conflict, Refused, Unprocessable
from corral_hub.gateway.links import LinkRegistry
from corral_hub.gateway.viewer import Place, Viewer
from corral_hub.gateway.watched import Watched
from corral_hub.sessions import access
from corral_hub.sessions.actions import Sessions, ended
from corral_hub.sessions.model import SIDE, Session
from corral_hub.sessions.relay import Relay, not_driving
from corral_hub.text import check_json
from corral_protocol import sessions as wire
from corral_protocol import viewers
from corral_protocol.codec import Malformed, decode_tagged
from corral_protocol.frames import HEADER, PAYLOAD_LIMIT, Kind, read_header
from corral_protocol.viewers import FROM_VIEWER, FromViewer
from corral_protocol.vocabulary import SessionMode

MOST_PLACES = 64


class Desk:
    """One viewer at work: what it asks is done or refused, and the connection goes on."""

    def __init__(self, viewer: Viewer, sessions: Sessions, links: LinkRegistry, watched: Watched) -> None:
        self.viewer = viewer
        self.sessions = sessions
        self._watched = watched
        self._links = links
        self._channels: dict[int, Place] = {}

    def begin(self, run_ids: tuple[str, ...]) -> None:
        """Watch what the first frame named."""
        try:
            if run_ids:
                self.watch(run_ids)
        except Refused as error:
            self._refuse("", error)

    def watch(self, run_ids: tuple[str, ...]) -> None:
        self.viewer.watched = self._watched.watch(run_ids)
        self.viewer.reply(viewers.RunsWatched(run_ids=run_ids))

    async def said(self, text: str) -> None:
        raw: Any = None
        try:
            raw = check_json(orjson.loads(text))
            message = decode_tagged(FROM_VIEWER, raw)
            await HANDLERS[type(message)](self, message)
        except Refused as error:
            self._refuse(_named(raw), error)
        except ValueError as error:
            self._refuse(_named(raw), Refused("malformed", f"not usable: {error}"[:300]))
        await self.viewer.calm()

    def take(self, data: bytes) -> bool:
        """Act on a frame at once, if that needs neither waiting nor an answer; return whether it was done."""
        if len(data) < HEADER.size or len(data) > PAYLOAD_LIMIT + HEADER.size:
            return False
        number, channel, offset = HEADER.unpack_from(data)
        place = self._channels.get(channel)
        if place is None or place.session_id not in self.viewer.places:
            return False
        if number == Kind.ACK:
            place.watcher.acknowledge(offset)
            return True
        link = self._links.get(place.watcher.channel.session.server_id)
        if number != Kind.INPUT or link is None or not link.has_room or not place.watcher.drives:
            return False
        self._relay.type(place.watcher, data)
        return True

    async def framed(self, data: bytes) -> None:
        """INPUT and ACK, for the channels this viewer watches; for one that has ended they were on their way."""
        try:
            kind, number, offset = read_header(data)
            if kind not in _FRAMES or len(data) > PAYLOAD_LIMIT + HEADER.size:
                raise Malformed("", f"a viewer sends no {kind.name} frame like this")
        except Malformed as error:
            self._refuse("", Refused("malformed", str(error)))
            await self.viewer.calm()
            return
        place = self._channels.get(number)
        if place is None or place.session_id not in self.viewer.places:
            self._channels.pop(number, None)
        elif kind is Kind.ACK:
            place.watcher.acknowledge(offset)
        else:
            await self._type(place, data)

    async def _type(self, place: Place, data: bytes) -> None:
        try:
            link = self._links.get(place.watcher.channel.session.server_id)
            if link is None:
                raise Conflict("server_offline", "its machine is not connected: nothing was typed", "type it again")
            self._relay.type(place.watcher, data)
            await link.room()
        except Refused as error:
            self._refuse(str(place.session_id), error)
            await self.viewer.calm()

    # -- places -----------------------------------------------------------------------

    def place(self, text: str) -> Place:
        found = (place for id, place in self.viewer.places.items() if text == str(id))
        place = next(found, None)
        if place is None:
            raise Conflict("not_attached", f"session {text[:64]} is not watched here", "session_attach first")
        return place

    def sit(self, session: Session, offset: int | None) -> Place:
        """Watch a session; whoever watches it here already begins anew."""
        if (before := self.viewer.places.get(session.id)) is not None:
            self.leave(before)
        if len(self.viewer.places) >= MOST_PLACES:
            raise Conflict("too_many_sessions", f"{MOST_PLACES} sessions are watched here", "session_detach from one")
        watcher = self._relay.attach(session, offset, self.viewer.principal.label)
        place = self.viewer.places[session.id] = Place(watcher, session.id)
        self._channels[watcher.channel.number] = place
        return place

    def leave(self, place: Place) -> None:
        self.viewer.places.pop(place.session_id, None)
        self._channels.pop(place.watcher.channel.number, None)
        self._relay.detach(place.watcher)

    def leave_all(self) -> None:
        for place in list(self.viewer.places.values()):
            self.leave(place)

    async def drive(self, place: Place, take: bool, cols: int | None, rows: int | None) -> None:
        """Let this viewer drive, if it may; its window decides the size then."""
        access.drive(self.viewer.principal, place.watcher.channel.session.server_id)
        if self._relay.drive(place.watcher, take) and cols is not None and rows is not None:
            await self.resize(place, cols, rows)

    async def resize(self, place: Place, cols: int, rows: int) -> None:
        if not (1 <= cols <= SIDE and 1 <= rows <= SIDE):
            raise Unprocessable("invalid_size", f"{cols} by {rows} is no window", f"1 to {SIDE} columns and rows")
        if not place.watcher.drives:
            raise not_driving(place.watcher.channel)
        await self.sessions.set_size(place.watcher.channel.session, cols, rows, self.viewer.principal.label)

    def confirm(self, place: Place) -> None:
        """Say on which channel the frames come; they do from now on."""
        session = self.sessions.now(place.watcher.channel.session)
        self.viewer.reply(
            viewers.SessionAttached(
                session_id=str(session.id), channel=place.watcher.channel.number, cols=session.cols, rows=session.rows,
                mode=SessionMode.DRIVE if place.watcher.drives else SessionMode.VIEW,
            )
        )  # fmt: skip
        place.watcher.wake = partial(self.viewer.stir, place)
        self.viewer.stir(place)

    @property
    def _relay(self) -> Relay:
        return self.sessions.parts.relay

    def _refuse(self, session_id: str, error: Refused) -> None:
        refused = viewers.SessionRefused(session_id=session_id, code=error.code, detail=error.detail, hint=error.hint)
        self.viewer.reply(refused)


async def _attach(desk: Desk, message: viewers.SessionAttach) -> None:
    session, _ = await desk.sessions.get(desk.viewer.principal, message.session_id)
    if not session.live:
        raise ended(session)
    if message.mode is SessionMode.DRIVE:
        access.drive(desk.viewer.principal, session.server_id)
    offset = message.offset if message.offset is None or message.offset >= 0 else None
    place = desk.sit(session, offset)
    try:
        if message.mode is SessionMode.DRIVE:
            await desk.drive(place, False, message.cols, message.rows)
    finally:
        desk.confirm(place)


async def _take(desk: Desk, message: viewers.SessionTake) -> None:
    place = desk.place(message.session_id)
    await desk.drive(place, True, message.cols, message.rows)
    desk.confirm(place)


async def _detach(desk: Desk, message: viewers.SessionDetach) -> None:
    desk.leave(desk.place(message.session_id))


async def _resize(desk: Desk, message: wire.SessionResize) -> None:
    await desk.resize(desk.place(message.session_id), message.cols, message.rows)


async def _watch_runs(desk: Desk, message: viewers.RunsWatch) -> None:
    desk.watch(message.run_ids)


def _named(raw: Any) -> str:
    named = raw.get("session_id") if isinstance(raw, dict) else None
    return named[:64] if isinstance(named, str) else ""


_FRAMES = frozenset({Kind.INPUT, Kind.ACK})

HANDLERS: Final[Mapping[type[FromViewer], Callable[[Desk, Any], Coroutine[Any, Any, None]]]] = {
    viewers.SessionAttach: _attach,
    viewers.SessionTake: _take,
    viewers.SessionDetach: _detach,
    wire.SessionResize: _resize,
    viewers.RunsWatch: _watch_runs,
}
