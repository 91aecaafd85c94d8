"""What the API can do with sessions. One action, one transaction; what leaves the hub leaves after the commit."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from corral_hub import clock, short_ids
from corral_hub.accounts.model import Principal
from corral_hub.errors import Conflict
from corral_hub.servers.actions import Servers
from corral_hub.sessions import access, bodies, drafts, views
from corral_hub.sessions.feeds import Lines
from corral_hub.sessions.looks import Looks
from corral_hub.sessions.model import Draft, Session
from corral_hub.sessions.placing import Places, offline
from corral_hub.sessions.queries import Filter, Found, SessionQueries
from corral_hub.sessions.registry import Registry
from corral_hub.sessions.relay import Relay
from corral_hub.sessions.state import Resized
from corral_hub.sessions.typed import Typed
from corral_hub.text import check_text
from corral_protocol.recordings import SIZE_LIMIT
from corral_protocol.sessions import SessionClose, SessionInput, SessionKill, SessionResize
from corral_protocol.to_daemon import ToDaemon
from corral_protocol.vocabulary import SessionStatus


@dataclass(frozen=True, slots=True)
class Parts:
    """What the actions work with."""

    queries: SessionQueries
    registry: Registry
    relay: Relay
    looks: Looks
    typed: Typed
    lines: Lines
    servers: Servers
    places: Places
    record_limit: int = SIZE_LIMIT


class Sessions:
    """The session API without its transport."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    # -- finding ------------------------------------------------------------------

    async def resolve(self, principal: Principal, text: str) -> UUID:
        """Return the id that `text` (an id, a name, or a prefix of at least 4 characters) means for this principal.

        A task's id means the session that it runs in, or ran in last.
        """
        try:
            check_text(text)
        except ValueError as error:
            raise access.unknown(text) from error
        queries = self.parts.queries
        named = [row for row in await queries.named(text) if access.may_see(principal, row["project_id"])]
        if named:
            living = [(row["id"], row["name"]) for row in named if row["live"]]
            return short_ids.pick(living or [(named[0]["id"], named[0]["name"])], text, "session")
        parsed = short_ids.parse(text, "session")
        if isinstance(parsed, UUID):
            return parsed if await queries.exists(parsed) else await self._of_task(principal, str(parsed), parsed)
        found = await queries.starting_with(parsed.text)
        seen = [(row["id"], row["name"]) for row in found if access.may_see(principal, row["project_id"])]
        return short_ids.pick(seen, text, "session") if seen else await self._of_task(principal, parsed.text, None)

    async def _of_task(self, principal: Principal, prefix: str, otherwise: UUID | None) -> UUID:
        """Return the session of the one task whose id begins so. Raises NotFound, Conflict without an `otherwise`."""
        rows = await self.parts.queries.of_tasks(prefix)
        seen = [row for row in rows if access.may_see(principal, row["project_id"])]
        if otherwise is not None:
            return seen[0]["id"] if seen else otherwise
        first = {row["task_id"]: row for row in reversed(seen)}
        return short_ids.pick([(row["id"], row["name"]) for row in first.values()], prefix, "session")

    async def get(self, principal: Principal, text: str) -> Found:
        """Return the session and its server's name. Raises NotFound also for another project's session."""
        found = await self.parts.queries.get(await self.resolve(principal, text))
        if found is None:
            raise access.unknown(text)
        access.see(principal, found[0])
        return found

    async def show(self, principal: Principal, text: str) -> views.SessionView:
        return self._view(*await self.get(principal, text))

    async def listing(
        self, principal: Principal, project: str | None, server: str | None, status: SessionStatus | None,
        limit: int, cursor: str | None,
    ) -> views.SessionPage:  # fmt: skip
        wanted = Filter(
            project_id=await self.parts.places.scope(principal, project), status=status, limit=limit, cursor=cursor,
            server_id=(await self.parts.servers.get(server)).id if server else None,
        )  # fmt: skip
        page, following = await self.parts.queries.find(wanted)
        return {"sessions": [self._view(*found) for found in page], "next_cursor": following}

    async def screen(self, principal: Principal, text: str, lines: int | None) -> views.ScreenView:
        session, server = await self.get(principal, text)
        self._check_there(session, server)
        return views.screen(session, await self.parts.looks.ask(session, lines))

    # -- asking -------------------------------------------------------------------

    async def start(self, principal: Principal, body: bodies.StartBody) -> views.SessionView:
        """Start a session on the machine named, or on the one that dispatch chooses."""
        draft = Draft(
            name=body.name, working_directory=body.working_directory, cols=body.cols, rows=body.rows,
            agent_type=body.agent_type, role=body.role, argv=body.argv, env=body.env or {}, repo=body.repo,
            worktree=body.worktree, record=body.record, record_limit=self.parts.record_limit,
        )  # fmt: skip
        place = await self.parts.places.find(principal, draft, body.server, body.project_id, body.task_id)
        session = drafts.build(draft, place, clock.new_id(), principal.label, clock.now())
        await self.begin(session)
        return self._view(session, place.server_name)

    async def begin(self, session: Session) -> None:
        """Commit, then say it. A message that gets lost is sent again when the machine says what it holds."""
        try:
            await self.parts.registry.add(session)
        except IntegrityError as error:
            raise Conflict(
                "name_taken", f"a session named {session.name!r} is running already", "choose another name"
            ) from error
        self.parts.lines.send(session.server_id, drafts.start_message(session))

    async def type(self, principal: Principal, text: str, body: bodies.InputBody) -> views.HasTyped:
        session, _ = await self._driven(principal, text)
        keys = body.keys
        message = SessionInput(session_id=str(session.id), data=base64.b64encode(keys).decode())
        self.parts.lines.send(session.server_id, message)
        self.parts.typed.keys(session.id, principal.label, self.parts.relay.head_of(session.id), len(keys))
        return {"session_id": str(session.id), "typed": len(keys)}

    async def resize(self, principal: Principal, text: str, body: bodies.ResizeBody) -> views.SessionView:
        session, server = await self._driven(principal, text)
        after = await self.set_size(session, body.cols, body.rows, principal.label)
        return self._view(after, server)

    async def set_size(self, session: Session, cols: int, rows: int, actor: str) -> Session:
        after = await self.parts.registry.apply(session.id, Resized(cols=cols, rows=rows), actor)
        if after is None:
            raise ended(session)
        message = SessionResize(session_id=str(session.id), cols=cols, rows=rows)
        self.parts.lines.send(session.server_id, message)
        return after

    def now(self, session: Session) -> Session:
        """Return a living session as it is at this moment."""
        return self.parts.registry.live.get(session.id, session)

    async def close(self, principal: Principal, text: str, body: bodies.CloseBody) -> views.SessionView:
        return await self._stop(
            principal, text, lambda id: SessionClose(session_id=id, grace=body.grace), "session_close_requested"
        )

    async def kill(self, principal: Principal, text: str) -> views.SessionView:
        return await self._stop(principal, text, lambda id: SessionKill(session_id=id), "session_kill_requested")

    async def remove(self, principal: Principal, text: str) -> views.SessionView:
        session, server = await self.get(principal, text)
        access.drive(principal, session.server_id)
        if session.live:
            raise Conflict(
                "session_running",
                f"session {session.name} is {session.status.value}",
                "corral session kill ends it",
            )
        await self.parts.registry.remove(session, principal.label)
        return self._view(session, server)

    # -- parts --------------------------------------------------------------------

    async def _stop(
        self, principal: Principal, text: str, message: Callable[[str], ToDaemon], event_type: str
    ) -> views.SessionView:
        session, server = await self._own(principal, text)
        await self.parts.registry.note(session, event_type, principal.label)
        self.parts.lines.send(session.server_id, message(str(session.id)))
        return self._view(session, server)

    async def _own(self, principal: Principal, text: str) -> Found:
        """Return a session that this principal may drive, and that can be driven now."""
        session, server = await self.get(principal, text)
        access.drive(principal, session.server_id)
        self._check_there(session, server)
        return session, server

    async def _driven(self, principal: Principal, text: str) -> Found:
        """The same, while nobody else drives it."""
        session, server = await self._own(principal, text)
        driver = self.parts.relay.driver_of(session.id)
        if driver not in (None, principal.label):
            raise Conflict("not_driving", f"{driver} drives {session.name}", "take control first: corral attach --take")
        return session, server

    def _check_there(self, session: Session, server: str) -> None:
        if not session.live:
            raise ended(session)
        if not self.parts.servers.is_connected(session.server_id):
            raise offline(server)

    def _view(self, session: Session, server_name: str) -> views.SessionView:
        relay = self.parts.relay
        head = relay.head_of(session.id) if session.framed else None
        return views.session(session, server_name, relay.driver_of(session.id), relay.watchers_of(session.id), head)


def ended(session: Session) -> Conflict:
    return Conflict(
        "session_ended", f"session {session.name} is {session.status.value}", "see: corral session list",
        status_now=session.status.value,
    )  # fmt: skip
