"""Where a new session goes: the machine, the project and the task, each found or refused by name."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from corral_hub.accounts.model import Machine, Person, Principal
from corral_hub.errors import Conflict, NotFound
from corral_hub.projects.actions import Projects
from corral_hub.servers.actions import Servers
from corral_hub.servers.model import Server
from corral_hub.sessions import access
from corral_hub.sessions.drafts import needs_framed
from corral_hub.sessions.model import Draft, Place
from corral_protocol.run import Requirements
from corral_protocol.vocabulary import Feature


@dataclass(frozen=True, slots=True)
class Above:
    """What nouns above this one know; given by the composition root."""

    place: Callable[[Requirements, UUID], UUID | None]
    """The machine that dispatch chooses, or None."""
    find_task: Callable[[Principal, str], Awaitable[tuple[UUID, UUID]]]
    """The task's id and its project's. Raises NotFound."""


class Places:
    def __init__(self, servers: Servers, projects: Projects, above: Above) -> None:
        self._servers = servers
        self._projects = projects
        self._above = above

    async def find(
        self, principal: Principal, draft: Draft, server: str | None, project: str | None, task: str | None
    ) -> Place:
        """Return where this draft goes. A machine starts sessions on itself."""
        own = principal.server_id if isinstance(principal, Machine) else None
        access.drive(principal, own)
        named = await self._named(principal, server or (str(own) if own else None))
        project_id = await self._project(principal, project, named)
        task_id = await self._task(principal, task, project_id)
        chosen = self._fit(named, project_id) if named else await self._choose(draft, project_id)
        framed = _check_features(chosen, draft)
        return Place(
            server_id=chosen.id, server_name=chosen.name, project_id=project_id, task_id=task_id, framed=framed,
            records=Feature.RECORDINGS.value in chosen.features,
        )  # fmt: skip

    async def scope(self, principal: Principal, text: str | None) -> UUID | None:
        """Return the project to look in; None looks in all. An agent's own project always wins."""
        own = None if isinstance(principal, Person) else principal.project_id
        if text is None:
            return own
        project = await self._projects.get(text)
        if own is not None and project.id != own:
            raise NotFound("project_not_found", f"there is no project {text}", "leave project_id out to use your own")
        return project.id

    async def _project(self, principal: Principal, text: str | None, server: Server | None) -> UUID:
        if (scope := await self.scope(principal, text)) is not None:
            return scope
        if server is not None and server.project_id is not None:
            return server.project_id
        return (await self._projects.default()).id

    async def _task(self, principal: Principal, text: str | None, project_id: UUID) -> UUID | None:
        if text is None:
            return None
        task_id, its_project = await self._above.find_task(principal, text)
        if its_project != project_id:
            raise Conflict("foreign_project", "the task belongs to another project", "name its project: project_id")
        return task_id

    async def _named(self, principal: Principal, text: str | None) -> Server | None:
        if text is None:
            return None
        server = await self._servers.get(text)
        access.drive(principal, server.id)
        return server

    def _fit(self, server: Server, project_id: UUID) -> Server:
        if server.project_id not in (None, project_id):
            raise Conflict(
                "foreign_project", f"server {server.name} serves another project", "leave project_id out, or the server"
            )
        if not self._servers.is_connected(server.id):
            raise offline(server.name)
        return server

    async def _choose(self, draft: Draft, project_id: UUID) -> Server:
        wanted = Requirements(repo=draft.repo, agent=draft.agent_type)
        chosen = self._above.place(wanted, project_id)
        server = await self._servers.find(chosen) if chosen is not None else None
        if server is not None:
            return server
        online = [one for one in await self._servers.all() if self._servers.is_connected(one.id)]
        if not online:
            raise Conflict("server_offline", "no machine is connected", "start a daemon: corral up, or corral join")
        if not any(Feature.SESSIONS.value in one.features for one in online):
            raise Conflict(
                "no_sessions_feature", "no connected machine has terminals of this kind", "update a daemon, or name one"
            )
        raise Conflict(
            "no_server_matches", "no connected machine has what this session asks for", "corral server list shows what"
        )


def _check_features(server: Server, draft: Draft) -> bool:
    """Return whether the machine sends frames. Raises Conflict for what it would not understand."""
    if Feature.SESSIONS.value in server.features:
        return True
    missing = needs_framed(draft)
    if server.features or missing:  # one that agreed on other features is ours, of a time before terminals
        what = f"start a session with {', '.join(missing)}" if missing else "have terminals"
        raise Conflict(
            "no_sessions_feature", f"the daemon of {server.name} cannot {what}", "update it: corral daemon install"
        )
    return False


def offline(server_name: str) -> Conflict:
    return Conflict(
        "server_offline", f"{server_name} is not connected", "the session goes on there; try again when it is back"
    )
