"""What the API can do with workflows: write them down, publish them, take them back."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from corral_hub import clock
from corral_hub.accounts.model import Person, Principal
from corral_hub.audit.log import note
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import WorkflowEvent
from corral_hub.db.database import Database
from corral_hub.dispatch.fleet import Fleet
from corral_hub.errors import Conflict, NotFound
from corral_hub.projects.actions import Projects
from corral_hub.workflows import access, bodies, secrets, shapes, store, views
from corral_hub.workflows.drafts import Draft, digest, read_draft
from corral_hub.workflows.editing import Editing
from corral_hub.workflows.preview import preview, read_wanted
from corral_hub.workflows.queries import WorkflowQueries
from corral_hub.workflows.runnable import Runnable, Runnables, runnable
from corral_hub.workflows.vault import Vault
from corral_protocol.capabilities import NodeManifest
from corral_protocol.codec import Json

EMPTY: dict[str, Any] = {"nodes": [], "edges": []}


class Workflows:
    """The workflow API without its transport. The catalogue is the union of what machines announce.

    `removed` is called with the id of a workflow that was taken away, and with who did it.
    """

    def __init__(
        self,
        database: Database,
        queries: WorkflowQueries,
        projects: Projects,
        fleet: Fleet,
        bus: Bus,
        vault: Vault,
    ) -> None:
        self.queries = queries
        self._runnables = Runnables(queries)
        self.vault = vault
        self.removed: Callable[[int, str], None] = lambda workflow_id, actor: None
        self._database = database
        self._projects = projects
        self._fleet = fleet
        self._bus = bus
        self._editing = Editing()

    def catalogue(self) -> Mapping[str, NodeManifest]:
        """Return every node type that some machine has, by its name and its aliases."""
        return self._fleet.node_types()

    def server_name(self, id: UUID) -> str | None:
        found = self._fleet.get(id)
        return None if found is None else found.name

    async def placement(self, body: bodies.PlacementBody) -> list[shapes.Candidate]:
        """Return which machines could run a node now."""
        project = await (self._projects.get(body.project_id) if body.project_id else self._projects.default())
        return preview(read_wanted(body.type, body.requires, project.id), self._fleet.views())

    # -- finding ----------------------------------------------------------------------

    async def get(self, principal: Principal, text: str | int) -> Any:
        """Return the row of a workflow by id or name. Raises NotFound, Conflict for a name that several have."""
        if _is_id(str(text)):
            row = await self.queries.workflow(int(text))
            if row is not None and access.may_see(principal, row["project_id"]):
                return row
        rows = await self.queries.named(str(text), None if isinstance(principal, Person) else principal.project_id)
        if len(rows) > 1:
            ids = ", ".join(str(row["id"]) for row in rows[:10])
            raise Conflict("ambiguous_name", f"{len(rows)} workflows are called {text}: {ids}", "use the id")
        if not rows:
            raise access.no_workflow(text)
        return rows[0]

    async def runnable(self, principal: Principal, text: str) -> Runnable:
        """Return what a run needs of a workflow, from memory if it can. Raises NotFound, Conflict."""
        found = await self._runnables.find(int(text)) if _is_id(text) else None
        if found is None or not access.may_see(principal, found.project_id):
            found = runnable(await self.get(principal, text))
        return found

    async def version(self, workflow_id: int, number: int | None) -> Any:
        """Return the row of a version. Raises NotFound."""
        row = await self.queries.version(workflow_id, number) if number is not None else None
        if row is None:
            what = "nothing is published" if number is None else f"there is no version {number}"
            raise NotFound("version_not_found", f"workflow {workflow_id}: {what}", "corral workflow publish")
        return row

    async def keep_draft(self, principal: Principal, row: Any, since: datetime | None) -> tuple[int, str]:
        """Keep the draft as it is for a run that tries it out; return the id of that, and the definition's text.

        Raises Unprocessable with every problem, Conflict for a draft that was changed after `since`.
        """
        if since not in (None, row["updated_at"]):
            raise access.changed_meanwhile(row["name"], row["updated_at"])
        draft = read_draft(orjson.loads(row["draft"]), self.catalogue())
        draft.check()
        async with self._database.begin() as tx:
            hash = digest(draft.written)
            id = await store.keep_draft(tx, row["id"], hash, draft.written, principal.label, clock.now())
        return id, orjson.dumps(draft.written).decode()

    async def use_draft(self, id: int) -> None:
        """Have a kept draft stay for a run that is about to begin."""
        async with self._database.begin() as tx:
            await store.use_draft(tx, id, clock.now())

    async def note(self, action: str, row: Any, **details: Any) -> None:
        """Write into the audit log what the reactor has done in a transaction of its own."""
        async with self._database.begin() as tx:
            await note(tx, action, row["id"], row["name"], **details)

    # -- changing -----------------------------------------------------------------------

    async def create(self, principal: Principal, body: bodies.CreateWorkflowBody) -> shapes.WorkflowWhole:
        """What the other systems wrote is whole: it is published at once, if it is sound."""
        access.change(principal)
        project = await (self._projects.get(body.project_id) if body.project_id else self._projects.default())
        draft = self._with_known(read_draft(body.definition or EMPTY, self.catalogue()), frozenset())
        if body.publish:
            draft.check()
        name = body.name or draft.definition.name or "untitled"
        at, who = clock.now(), principal.label
        async with self._database.begin() as tx:
            id = await store.add(tx, project.id, name, draft.definition.description, EMPTY, who, at)
            written = await self.vault.keep(tx, id, draft.written, self.catalogue(), at)
            number = await self._add_version(tx, id, written, "", who, at) if body.publish else None
            await store.change(tx, id, draft=written, version=number)
            await store.log(tx, project.id, "workflow_created", who, {"workflow_id": id, "name": name}, at)
        self.tell("created", principal, id, project.id, name, 1 if body.publish else None)
        return await self.show(principal, id, draft)

    async def show(self, principal: Principal, text: str | int, draft: Draft | None = None) -> shapes.WorkflowWhole:
        """Return the workflow with its draft and what is wrong with that."""
        row = await self.get(principal, text)
        found = await self.judged(row["id"], draft or read_draft(orjson.loads(row["draft"]), self.catalogue()))
        return views.whole(row, found.problems)

    async def judged(self, id: int, draft: Draft) -> Draft:
        """Return the draft with what is wrong with the secrets that it names."""
        named = secrets.named(secrets.find(draft.written, self.catalogue()))
        return self._with_known(draft, await self.vault.ids(id)) if named else draft

    def _with_known(self, draft: Draft, kept: frozenset[UUID]) -> Draft:
        named = secrets.named(secrets.find(draft.written, self.catalogue()))
        return replace(draft, problems=tuple(dict.fromkeys((*draft.problems, *secrets.unknown(named, kept)))))

    async def update(self, principal: Principal, text: str, body: bodies.UpdateWorkflowBody) -> shapes.WorkflowWhole:
        access.change(principal)
        row = await self.get(principal, text)
        values: dict[str, Any] = {"updated_at": clock.now()}
        draft = None
        if body.name is not None:
            values["name"] = body.name
        if body.definition is not None:
            draft = read_draft(body.definition, self.catalogue())
        async with self._database.begin() as tx:
            locked = await store.lock(tx, row["id"])
            if locked is None:
                raise access.no_workflow(text)
            if body.if_unchanged_since not in (None, locked.updated_at):
                raise access.changed_meanwhile(row["name"], locked.updated_at)
            if draft is not None:
                written = await self.vault.keep(tx, row["id"], draft.written, self.catalogue(), values["updated_at"])
                named = secrets.named(secrets.find(written, self.catalogue()))
                await self.vault.sweep(tx, row["id"], set(named.values()))
                values |= {"draft": written, "description": draft.definition.description}
            await store.change(tx, row["id"], **values)
            await self._note_edit(tx, principal, row, body.name, values["updated_at"])
        self._editing.saved(principal.label, row["id"], values["updated_at"])
        name = values.get("name", row["name"])
        self.tell("changed", principal, row["id"], row["project_id"], name, row["version"])
        return await self.show(principal, row["id"], draft)

    async def _note_edit(
        self, tx: AsyncConnection, principal: Principal, row: Any, name: str | None, now: datetime
    ) -> None:
        """An entry for each session of somebody's editing, not for each time that an editor saves."""
        renamed = name not in (None, row["name"])
        if renamed or self._editing.begins(principal.label, row["id"], now):
            await note(tx, "workflow.change", row["id"], row["name"], **({"name": name} if renamed else {}))

    async def remove(self, principal: Principal, text: str) -> None:
        """Its runs and versions stay readable in the history; nothing new begins."""
        access.change(principal)
        row = await self.get(principal, text)
        at = clock.now()
        async with self._database.begin() as tx:
            await store.change(tx, row["id"], removed_at=at)
            await self.vault.forget(tx, row["id"])
            details = {"workflow_id": row["id"], "name": row["name"]}
            await store.log(tx, row["project_id"], "workflow_removed", principal.label, details, at)
        self.removed(row["id"], principal.label)
        self.tell("removed", principal, row["id"], row["project_id"], row["name"], row["version"])

    async def publish(self, principal: Principal, text: str, note: str) -> shapes.VersionWhole:
        """Make the draft the next version. Raises Unprocessable with every problem."""
        access.change(principal)
        row = await self.get(principal, text)
        draft = await self.judged(row["id"], read_draft(orjson.loads(row["draft"]), self.catalogue()))
        draft.check()
        return await self._put_version(principal, row["id"], row["project_id"], draft.written, note)

    async def rollback(self, principal: Principal, text: str, number: int) -> shapes.VersionWhole:
        """Publish an old version once more, as a new one: history only grows."""
        access.change(principal)
        row = await self.get(principal, text)
        old = await self.version(row["id"], number)
        definition = orjson.loads(old["definition"])
        return await self._put_version(principal, row["id"], row["project_id"], definition, f"as version {number}")

    async def _put_version(
        self, principal: Principal, id: int, project_id: UUID, definition: Any, note: str
    ) -> shapes.VersionWhole:
        at, who = clock.now(), principal.label
        async with self._database.begin() as tx:
            row = await store.lock(tx, id)
            if row is None:
                raise access.no_workflow(id)
            written = await self.vault.keep(tx, id, definition, self.catalogue(), at)
            number = await self._add_version(tx, id, written, note, who, at)
            await store.change(tx, id, version=number, draft=written, updated_at=at)
            details = {"workflow_id": id, "version": number, "note": note[:200]}
            await store.log(tx, project_id, "workflow_published", who, details, at)
        self.tell("published", principal, id, project_id, row.name, number)
        return views.version_whole(await self.version(id, number))

    async def _add_version(self, tx: AsyncConnection, id: int, written: Json, note: str, who: str, at: datetime) -> int:
        """Raises Conflict where a newer draft has swept away what this one names."""
        named = secrets.named(secrets.find(written, self.catalogue()))
        if not await self.vault.publish(tx, id, set(named.values())):
            what = "somebody else changed a secret of this draft; nothing was published"
            raise Conflict("draft_changed", what, "publish once more")
        return await store.add_version(tx, id, written, note, who, at)

    def tell(self, event: str, principal: Principal, id: int, project_id: UUID, name: str, version: int | None) -> None:
        """Let it be known what happened to a workflow."""
        self._runnables.forget(id)
        self._bus.publish(
            WorkflowEvent(
                event=event, workflow_id=id, project_id=project_id, name=name, version=version, actor=principal.label,
                at=clock.now(),
            )
        )  # fmt: skip


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) < 10
