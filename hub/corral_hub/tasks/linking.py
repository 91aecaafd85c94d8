"""Dependencies: made, refused, removed. Pure: reads and writes the ledger only."""

from itertools import chain

from corral_hub.accounts.model import Principal
from corral_hub.errors import Conflict, NotFound, Unprocessable
from corral_hub.tasks import access, contracts, graph
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.model import Edge, Task
from corral_hub.tasks.moves import Desk, resolve, unblock, upstream_ended
from corral_protocol.vocabulary import ENDED, DependencyType, TaskStatus


def not_begun(task: Task) -> bool:
    """Whether what the task is may still change: a daemon works by what it was given when the task was assigned."""
    return task.status is TaskStatus.PENDING or (task.status is TaskStatus.ASSIGNED and not task.auto)


def add_dependency(desk: Desk, task: Task, request: cmd.AddDependency) -> Edge:
    draft = request.edge
    if draft.kind is not DependencyType.RELATED and not not_begun(task):
        raise Conflict(
            "too_late_to_block", f"task {str(task.id)[:8]} is {task.status.value} already", "use type related"
        )
    task, edge = link(desk, task, draft, request.principal)
    desk.ledger.say(
        "dependency_added", request.principal.label, task, upstream=str(edge.upstream), kind=edge.kind.value
    )
    return edge


def link(desk: Desk, task: Task, draft: cmd.EdgeDraft, principal: Principal | None) -> tuple[Task, Edge]:
    """Make one task depend on another. Refuses itself, other projects, cycles, repeats and contracts never to come."""
    upstream = desk.ledger.tasks.get(draft.upstream)
    if upstream is None:
        raise NotFound("task_not_found", f"there is no task {draft.upstream} to depend on", "corral task list")
    if principal is not None:
        access.see(principal, upstream)
    if upstream.id == task.id:
        raise Conflict(
            "self_dependency", "a task cannot depend on itself", "name another task", path=[str(task.id)] * 2
        )
    if upstream.project_id != task.project_id:
        raise Conflict(
            "foreign_project",
            f"task {str(upstream.id)[:8]} belongs to another project",
            "dependencies stay inside one project",
            path=[str(task.id), str(upstream.id)],
        )
    _check_repeat(desk, task, draft)
    _check_contract(upstream, draft)
    _check_cycle(desk, task, upstream)
    edge = Edge(id=draft.id, task_id=task.id, upstream=upstream.id, kind=draft.kind, contract_key=draft.contract_key)
    desk.ledger.set(desk.ledger.new_edges, edge.id, edge)
    desk.ledger.add(desk.ledger.downs[upstream.id], edge)
    desk.ledger.add(desk.ledger.ups.setdefault(task.id, {}).setdefault(upstream.id, []), edge)
    if edge.blocking:
        inputs = task.has_inputs or edge.kind is DependencyType.INPUT
        task = desk.ledger.put(task.but(waiting_on=task.waiting_on + 1, has_inputs=inputs), edited=True)
    return _apply_present(desk, task, upstream, edge), desk.ledger.new_edges[edge.id]


def _apply_present(desk: Desk, task: Task, upstream: Task, edge: Edge) -> Task:
    if upstream.status is TaskStatus.DONE:
        resolve(desk, edge, upstream)
    elif upstream.status in ENDED and edge.blocking:
        upstream_ended(desk, edge, upstream)
    return desk.ledger.tasks[task.id]


def _check_repeat(desk: Desk, task: Task, draft: cmd.EdgeDraft) -> None:
    for known in filter(None, map(desk.ledger.edge, desk.ledger.ups.get(task.id, {}).get(draft.upstream, ()))):
        if (known.kind, known.contract_key) == (draft.kind, draft.contract_key):
            raise Conflict(
                "dependency_exists",
                f"task {str(task.id)[:8]} depends on {str(draft.upstream)[:8]} in this way already",
                "nothing needs to be done",
                dependency_id=str(known.id),
            )


def _check_cycle(desk: Desk, task: Task, upstream: Task) -> None:
    path = graph.find_path(desk.ledger.ancestry, upstream.id, task.id)
    if path is not None:
        names = [str(node) for node in (task.id, *path)]
        raise Conflict(
            "dependency_cycle",
            "this would close a circle: " + " → ".join(name[:8] for name in names),
            "remove one of these dependencies first",
            path=names,
        )
    desk.ledger.add(desk.ledger.ancestry.setdefault(task.id, []), upstream.id)


def _check_contract(upstream: Task, draft: cmd.EdgeDraft) -> None:
    if draft.kind is not DependencyType.INPUT:
        return
    declared = {contract.key for contract in upstream.machine.contracts}
    done_without = upstream.status is TaskStatus.DONE and draft.contract_key not in contracts.published(upstream.result)
    if done_without or (declared and draft.contract_key not in declared):
        raise Unprocessable(
            "unknown_contract",
            f"task {str(upstream.id)[:8]} has no contract {draft.contract_key!r}",
            f"it has: {', '.join(sorted(declared)) or 'none'}",
        )


def remove_dependency(desk: Desk, task: Task, request: cmd.RemoveDependency) -> Edge:
    known = filter(None, map(desk.ledger.edge, chain.from_iterable(desk.ledger.ups.get(task.id, {}).values())))
    edge = next((edge for edge in known if request.key in (edge.id, edge.upstream)), None)
    if edge is None:
        raise NotFound(
            "dependency_not_found", f"task {str(task.id)[:8]} has no such dependency", "corral task deps list"
        )
    desk.ledger.remove_edge(edge)
    desk.ledger.say("dependency_removed", request.principal.label, task, upstream=str(edge.upstream))
    if edge.blocking:
        unblock(desk, task)
    return edge
