"""What the API can do with tasks: resolve ids, build commands, ask the reactor, read back. One action, one command."""

from typing import Any
from uuid import UUID

from corral_hub import clock, short_ids
from corral_hub.accounts.model import Person, Principal, Role, TaskAgent
from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import ServerView
from corral_hub.errors import Forbidden, NotFound, Unprocessable
from corral_hub.projects.actions import Projects
from corral_hub.short_ids import SHORTEST
from corral_hub.tasks import access, bodies, cards, explain, shapes, views
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.board import Filter
from corral_hub.tasks.draft import Draft, build, read_machine
from corral_hub.tasks.explain import Explanation
from corral_hub.tasks.model import Intervention, Policy, Task
from corral_hub.tasks.moves import wanted
from corral_hub.tasks.overview import Overview
from corral_hub.tasks.queries import TaskQueries
from corral_hub.tasks.reactor import Reactor
from corral_protocol.vocabulary import ENDED, DependencyType, TaskStatus


class Tasks:
    """The task API without its transport."""

    def __init__(self, reactor: Reactor, queries: TaskQueries, projects: Projects, fleet: Fleet) -> None:
        self.reactor = reactor
        self.queries = queries
        self.overview = Overview(queries.pool)
        self._projects = projects
        self._fleet = fleet

    async def check_at_work(self, agent: TaskAgent) -> None:
        """Raise Conflict unless the work this credential was given for goes on: it ends with the hand-out."""
        epoch, live = await self.queries.hold(agent.task_id, agent.epoch) or (agent.epoch, False)
        if not live:
            raise access.over(agent, epoch)

    # -- finding ------------------------------------------------------------------

    async def resolve(self, principal: Principal, text: str) -> UUID:
        """Return the id that `text` (an id, or a prefix of at least 4 characters) names for this principal."""
        parsed = short_ids.parse(text, "task")
        if isinstance(parsed, UUID):
            return parsed
        scope = None if isinstance(principal, Person) else principal.project_id
        found = [row for row in await self.queries.starting_with(parsed.text) if scope in (None, row["project_id"])]
        return short_ids.pick([(row["id"], row["title"]) for row in found], text, "task")

    async def get(self, principal: Principal, text: str) -> tuple[Task, str | None]:
        """Return the task and its server's name. Raises NotFound also for another project's task."""
        found = await self.queries.get(await self.resolve(principal, text))
        if found is None:
            raise NotFound("task_not_found", f"there is no task {text}", "corral task list shows the tasks you can see")
        access.see(principal, found[0])
        return found

    async def show(self, principal: Principal, text: str) -> shapes.TaskView:
        task, server = await self.get(principal, text)
        return await self._verbose(task, server)

    async def listing(self, principal: Principal, wanted: Filter) -> shapes.TaskPage:
        page, cursor = await self.overview.find(wanted)
        return {"tasks": [self._brief(task, server) for task, server in page], "next_cursor": cursor}

    async def small(self, wanted: Filter) -> cards.CardPage:
        page, cursor = await self.overview.find(wanted)
        return {"tasks": [self._card(task, server) for task, server in page], "next_cursor": cursor}

    async def graph(self, principal: Principal, project: str | None, around: str | None, depth: int) -> cards.Graph:
        """Return the tasks around one, or all that live in a project and their neighbours, with their edges."""
        scope = await self.scope(principal, project)
        center = (await self.get(principal, around))[0].id if around else None
        found, edges, cut = await self.overview.graph(scope, center, depth)
        return {"nodes": [self._card(task, server) for task, server in found], "edges": edges, "cut": cut}

    async def find_intervention(self, principal: Principal, text: str) -> Intervention:
        """Return the intervention with this id. Raises NotFound also for another project's."""
        parsed = short_ids.parse(text, "intervention")
        scope = None if isinstance(principal, Person) else principal.project_id
        if not isinstance(parsed, UUID):
            recent = await self.queries.interventions(None, None, scope)
            found = [(item.id, item.question[:60]) for item in recent if str(item.id).startswith(parsed.text)]
            parsed = short_ids.pick(found, text, "intervention")
        item = await self.queries.intervention(parsed)
        task = await self.queries.get(item.task_id) if item is not None else None
        if item is None or task is None or scope not in (None, task[0].project_id):
            raise NotFound("intervention_not_found", f"there is no intervention {text}", "corral intervention list")
        return item

    async def mine(self, principal: Principal) -> shapes.TasksAtHand:
        """Return what `task check` shows an agent: its own task, or everything its server has."""
        if isinstance(principal, TaskAgent):
            found = await self.queries.get(principal.task_id)
            rows = [found] if found is not None and found[0].status not in ENDED else []
        elif isinstance(principal, Person):
            rows = []
        else:
            rows = await self.queries.of_server(principal.server_id)
        tasks = [await self._verbose(task, server) for task, server in rows]
        return {"count": len(tasks), "tasks": tasks}

    async def scope(self, principal: Principal, text: str | None) -> UUID | None:
        """Return the project to look in; None looks in all. An agent's own project always wins."""
        own = scope_of(principal)
        if text is None:
            return own
        if own is None:
            return (await self._projects.get(text)).id
        # Others are not even looked for: how an id or a name is refused must not say whether it exists.
        if text != (await self._projects.get(own)).name and (len(text) < SHORTEST or not str(own).startswith(text)):
            raise NotFound("project_not_found", f"there is no project {text}", "leave project_id out to use your own")
        return own

    # -- asking -------------------------------------------------------------------

    async def create(self, principal: Principal, body: bodies.CreateTaskBody) -> tuple[shapes.TaskView, bool]:
        """Return the task and whether it is new (a known client_key returns the task it made)."""
        if isinstance(principal, Person) and principal.role is not Role.ADMIN:
            raise Forbidden("role_required", "viewers may look but not create tasks", "ask an admin")
        own = None if isinstance(principal, Person) else principal.project_id
        project_id = await self.scope(principal, body.project_id) or own or (await self._projects.default()).id
        task = build(
            await self._draft(body, project_id),
            await self._policy(project_id),
            clock.new_id(),
            principal.label,
            clock.now(),
            body.model_dump(mode="json") if body.client_key else None,
        )
        edges = [await self._edge(principal, item) for item in _dependencies(body)]
        task, created = await self.reactor.ask(cmd.Create(task=task, edges=tuple(edges), principal=principal))
        if not edges:  # nothing to read back: the answer is what was committed
            return views.verbose(task, self._server_name(task), [], [], [], self._warnings(task)), created
        return await self._verbose(task, self._server_name(task)), created

    async def ask(self, request: cmd.Request) -> Any:
        return await self.reactor.ask(request)

    async def change(self, request: cmd.Request) -> shapes.TaskView:
        """Ask, and return the task as it is now."""
        await self.reactor.ask(request)
        found = await self.queries.get(request.task_id)
        assert found is not None
        return await self._verbose(*found)

    async def update(self, principal: Principal, task_id: UUID, body: bodies.UpdateTaskBody) -> shapes.TaskView:
        given = body.model_dump(exclude_unset=True)
        changes: dict[str, Any] = {name: value for name, value in given.items() if name != "structured_spec"}
        for name in ("title", "spec", "type", "priority", "acceptance_criteria"):
            if name in changes and changes[name] is None:
                raise Unprocessable("invalid_request", f"{name} cannot be null", "leave it out to keep it")
        if "acceptance_criteria" in changes:
            changes["acceptance_criteria"] = tuple(changes["acceptance_criteria"])
        if "structured_spec" in given:
            raw = _as_object(given["structured_spec"])
            machine = read_machine(raw)
            changes |= {"structured_spec": raw, "machine": machine, "auto": machine.run.kind != "manual"}
        return await self.change(cmd.Update(task_id=task_id, principal=principal, changes=changes))

    async def edge(self, principal: Principal, body: bodies.DependencyBody) -> cmd.EdgeDraft:
        return await self._edge(principal, body)

    # -- explaining ---------------------------------------------------------------

    async def explain(self, principal: Principal, text: str) -> Explanation:
        """Explain the newest placement from what was stored with it, or why the task has none."""
        task, _ = await self.get(principal, text)
        unit = await self.queries.unit(task.id, task.epoch) if task.epoch else None
        if unit is None or unit.fleet_id is None or task.status is TaskStatus.PENDING:
            return await self.explain_now(principal, task)
        members, vectors = await self.queries.fleet(unit.fleet_id)
        then = explain.views_then(members, vectors, unit.loads or b"")
        answer = explain.decision(task, unit, visible(principal, then))
        edges = await self.queries.upstreams(task.id)
        answer["waiting"] = explain.reasons(task, edges, [])
        return answer

    async def explain_now(self, principal: Principal, task: Task) -> Explanation:
        """Judge every server as it is at this moment; also the answer of `assign --dry-run`."""
        servers = visible(principal, self._fleet.views())
        return explain.waiting(task, await self.queries.upstreams(task.id), servers, wanted(task))

    # -- parts --------------------------------------------------------------------

    async def _draft(self, body: bodies.CreateTaskBody, project_id: UUID) -> Draft:
        return Draft(
            title=body.title,
            project_id=project_id,
            spec=body.spec,
            type=body.type,
            priority=body.priority,
            structured_spec=_as_object(body.structured_spec),
            target_repo=body.target_repo,
            target_branch=body.target_branch,
            acceptance_criteria=tuple(body.acceptance_criteria),
            run=body.run,
            client_key=body.client_key,
            source_session_name=body.session_id,
        )

    async def _policy(self, project_id: UUID) -> Policy:
        settings = (await self._projects.get(project_id)).settings
        return Policy(
            require_plan_approval=settings.require_plan_approval, retry=settings.retry, lost_host=settings.lost_host
        )

    async def _edge(self, principal: Principal, body: bodies.DependencyBody) -> cmd.EdgeDraft:
        if (body.dependency_type is DependencyType.INPUT) != (body.contract_key is not None):
            raise Unprocessable(
                "contract_key_required",
                "contract_key goes with dependency_type input, and only with it",
                "add or drop it",
            )
        upstream = await self.resolve(principal, body.depends_on_task_id)
        return cmd.EdgeDraft(
            id=clock.new_id(), upstream=upstream, kind=body.dependency_type, contract_key=body.contract_key
        )

    async def _verbose(self, task: Task, server: str | None) -> shapes.TaskView:
        edges = await self.queries.upstreams(task.id)
        rows = await self.queries.notes(task.id, 20)
        notes = [views.kept_note(row) for row in rows]
        pending = await self.queries.interventions(task.id, "pending")
        session = await self.queries.session(task.id) if task.machine.run.kind == "session" else None
        view = views.verbose(task, server, edges, notes, pending, self._warnings(task), session)
        self._give_reason(task, view)
        return view

    def _card(self, task: Task, server: str | None) -> cards.Card:
        return cards.card(task, self._brief(task, server))

    def _brief(self, task: Task, server: str | None) -> shapes.TaskBrief:
        view = views.brief(task, server)
        self._give_reason(task, view)
        return view

    def _give_reason(self, task: Task, view: shapes.TaskBrief) -> None:
        """Nothing waits without a reason: a stored one stays, otherwise it is read off the fleet as it is now."""
        if view["reason"] is None and (reason := explain.pending(task, self._fleet, wanted(task))) is not None:
            view["reason"] = {**reason, "since": views.stamp(task.updated_at)}

    def _server_name(self, task: Task) -> str | None:
        server = self._fleet.get(task.assigned_server_id) if task.assigned_server_id else None
        return server.name if server else None

    def _warnings(self, task: Task) -> list[shapes.Warned]:
        if not task.auto or task.status is not TaskStatus.PENDING or self._fleet.can_ever(wanted(task)):
            return []
        return [
            {
                "code": "no_server_can_run",
                "detail": "no enrolled server passes every hard rule of this task; it will wait",
                "hint": f"corral task explain {str(task.id)[:8]} shows each server and the rule that removed it",
            }
        ]


def scope_of(principal: Principal) -> UUID | None:
    """Return the one project that exists for this principal; None for all of them."""
    return None if isinstance(principal, Person) else principal.project_id


def visible(principal: Principal, servers: list[ServerView]) -> list[ServerView]:
    """Return the servers that exist for this principal: its project's, and those that serve every project."""
    return [server for server in servers if access.knows(principal, server.project_id)]


def _dependencies(body: bodies.CreateTaskBody) -> list[bodies.DependencyBody]:
    return [*body.dependencies, *(bodies.DependencyBody(depends_on_task_id=id) for id in body.dependency_ids)]


def _as_object(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unprocessable("invalid_spec", "structured_spec must be an object", "see docs/reference/tasks.md")
    return value
