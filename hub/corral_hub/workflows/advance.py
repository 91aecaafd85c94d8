"""The steps by which a run goes on: a node ends, its edges are told, what follows begins or is skipped. Pure."""

import hashlib
import json
from collections.abc import Iterator

from corral_hub.workflows import commands as c
from corral_hub.workflows import edges, template
from corral_hub.workflows.desk import Desk
from corral_hub.workflows.model import Each, OnError, OnFailure
from corral_hub.workflows.run import NodeRun, Why, item_key, split_key
from corral_protocol.codec import Json, encode
from corral_protocol.outcome import UnitError
from corral_protocol.vocabulary import ErrorClass, NodeStatus, RunStatus

MOST_ITEMS = 10_000


def complete(desk: Desk, key: str, output: Json, handles: tuple[str, ...] | None, status: NodeStatus) -> None:
    _end(desk, key, status, None, output=output, error=None, due=None)
    id, index = split_key(key)
    if index is None:
        desk.spreading.append((id, handles))
    else:
        _item_ended(desk, id)


def fail(desk: Desk, key: str, error: UnitError) -> None:
    """A node has failed for good: its workflow catches that, or the run fails."""
    id, index = split_key(key)
    caught = desk.node(key).on_error
    output = None if caught is OnError.FAIL else {"error": encode(error)}
    _end(desk, key, NodeStatus.FAILED, None, output=output, error=error, due=None)
    if caught is OnError.FAIL:
        desk.commands.append(c.Bury(key=key, attempt=desk.nodes[key].attempt, error=error))
    if index is None:
        _node_failed(desk, id, caught)
    elif caught is OnError.CONTINUE:
        _item_ended(desk, id)
    else:
        _stop(desk, [key for key in _items(desk, id) if not desk.nodes[key].ended], Why.ITEM_FAILED)
        _end(desk, id, NodeStatus.FAILED, None, output=output, error=error)
        _node_failed(desk, id, caught)


def take_stock(desk: Desk, id: str, why_not: Why | None = None) -> None:
    """Begin the node or skip it, if its edges say so by now. `why_not`: skip it, whatever they say."""
    run, node = desk.nodes[id], desk.graph.nodes[id]
    if run.ended or run.attempt:
        return
    verdict = False if why_not else edges.begins(node.join, desk.tallies[id])
    if verdict is False:
        _end(desk, id, NodeStatus.SKIPPED, why_not or _why_skipped(desk, id))
        desk.spreading.append((id, None))
    elif verdict and node.disabled:
        _end(desk, id, NodeStatus.SKIPPED, Why.DISABLED, output=edges.merged(desk.outputs_before(id)))
        desk.spreading.append((id, None))
    elif verdict and id in desk.pinned:
        _end(desk, id, NodeStatus.COMPLETED, Why.PINNED, output=desk.pinned[id])
        desk.spreading.append((id, None))
    elif verdict:
        desk.set(id, NodeStatus.PENDING, None, attempt=1)
        desk.ready.append(id)


def queue(desk: Desk, key: str) -> None:
    desk.ready.append(key)


def settle(desk: Desk) -> None:
    """Tell edges and begin nodes until nothing more follows."""
    while not desk.is_over and (desk.spreading or _can_launch(desk)):
        while desk.spreading:
            _spread(desk, *desk.spreading.popleft())
        while not desk.spreading and _can_launch(desk):
            _launch(desk, desk.ready.popleft())


def stop_all(desk: Desk, why: Why) -> None:
    """End every node that has not ended. What is on a machine is stopped there."""
    _stop(desk, [key for key, run in desk.nodes.items() if not run.ended], why)
    desk.ready.clear()
    desk.spreading.clear()
    desk.left = 0


def end_if_over(desk: Desk) -> None:
    """Say the end of a run once: when nothing is left, or when it was stopped."""
    if not desk.is_over and desk.left == 0 and desk.status is not RunStatus.PENDING:
        desk.status = RunStatus.FAILED if desk.failed else RunStatus.COMPLETED
    if desk.is_over:
        desk.commands.append(c.End(status=desk.status, output=_outcome(desk), failed=desk.failed))


def _end(desk: Desk, key: str, status: NodeStatus, why: Why | None, **changes: Json) -> None:
    desk.active.discard(key)
    desk.set(key, status, why, **changes)
    desk.left -= split_key(key)[1] is None


def _node_failed(desk: Desk, id: str, caught: OnError) -> None:
    if caught is not OnError.FAIL:
        desk.spreading.append((id, None))
        return
    desk.failed = desk.failed or id
    if desk.graph.definition.on_failure is OnFailure.STOP:
        stop_all(desk, Why.RUN_FAILED)
        desk.status = RunStatus.FAILED
    else:
        desk.spreading.append((id, None))


def _spread(desk: Desk, id: str, handles: tuple[str, ...] | None) -> None:
    """Tell everybody who waits for this node how it ended."""
    run = desk.nodes[id]
    failed = run.status is NodeStatus.FAILED or (run.why is Why.UPSTREAM_FAILED)
    for edge, live in edges.judge(desk.graph.nodes[id], run, desk.graph.outgoing[id], handles):
        desk.tallies[edge.target] = edges.count(desk.tallies[edge.target], edge, live, failed)
    for waiting in desk.graph.waits[id]:
        desk.tallies[waiting] = edges.heard(desk.tallies[waiting])
    for target in dict.fromkeys([*(edge.target for edge in desk.graph.outgoing[id]), *desk.graph.waits[id]]):
        take_stock(desk, target)


def _can_launch(desk: Desk) -> bool:
    limit = desk.graph.definition.concurrency
    return bool(desk.ready) and desk.status is RunStatus.RUNNING and (limit is None or len(desk.active) < limit)


def _launch(desk: Desk, key: str) -> None:
    each = desk.node(key).each
    try:
        if each is not None and split_key(key)[1] is None:
            _expand(desk, key, each)
        else:
            execute(desk, key)
    except template.TooDeep:
        fail(desk, key, UnitError(kind=ErrorClass.BAD_INPUT, message="its parameters are nested too deeply"))


def execute(desk: Desk, key: str) -> None:
    """Ask for the node's present attempt. Raises TooDeep."""
    id, _ = split_key(key)
    node, attempt = desk.graph.nodes[id], desk.nodes[key].attempt
    parameters, inputs = desk.parameters(key), desk.outputs_before(id)
    desk.set(key, NodeStatus.SCHEDULED)
    desk.active.add(key)
    desk.commands.append(
        c.Execute(
            key=key,
            node_id=id,
            attempt=attempt,
            parameters=parameters,
            inputs=inputs,
            parts=desk.parts(id),
            idempotency_key=f"{desk.origin}/{key}",
            cache_key=_digest([node.type, parameters, inputs]) if node.cache else None,
        )
    )


def _expand(desk: Desk, id: str, each: Each) -> None:
    """Raises TooDeep."""
    items = template.fill(each.items, desk.scope(id), desk.graph.definition.dialect)
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        found = f"{len(items)} items" if isinstance(items, list) else f"{type(items).__name__}, no list"
        problem = f"each.items must give a list of at most {MOST_ITEMS}; it gave {found}"
        fail(desk, id, UnitError(kind=ErrorClass.BAD_INPUT, message=problem))
        return
    desk.set(id, NodeStatus.RUNNING, None, items=tuple(items))
    _go_on(desk, id, each)


def _go_on(desk: Desk, id: str, each: Each) -> None:
    """Begin as many more items as may run at a time; after the last one the node is complete."""
    run = desk.nodes[id]
    items = run.items or ()
    if run.ended_items == len(items):
        outputs = [desk.nodes[key].output for key in _items(desk, id)]
        complete(desk, id, {"items": outputs, "count": len(outputs)}, None, NodeStatus.COMPLETED)
        return
    until = min(len(items), run.ended_items + max(1, each.concurrency))
    for index in range(run.launched, until):
        key = item_key(id, index)
        desk.put(key, NodeRun(since=desk.now, attempt=1))
        desk.ready.append(key)
    desk.set(id, NodeStatus.RUNNING, None, launched=max(run.launched, until))


def _item_ended(desk: Desk, id: str) -> None:
    desk.set(id, NodeStatus.RUNNING, None, ended_items=desk.nodes[id].ended_items + 1)
    each = desk.graph.nodes[id].each
    if each is not None:
        _go_on(desk, id, each)


def _items(desk: Desk, id: str) -> Iterator[str]:
    """The keys of all items that were begun, in order."""
    return (item_key(id, index) for index in range(desk.nodes[id].launched))


def _stop(desk: Desk, keys: list[str], why: Why) -> None:
    for key in keys:
        run = desk.nodes[key]
        if key in desk.active or run.status is NodeStatus.WAITING or run.due is not None:
            desk.commands.append(c.Stop(key=key, attempt=run.attempt))
        desk.active.discard(key)
        desk.set(key, NodeStatus.CANCELLED, why, due=None)
    stopped = set(keys)
    desk.ready = type(desk.ready)(key for key in desk.ready if key not in stopped)


def _why_skipped(desk: Desk, id: str) -> Why:
    if desk.tallies[id].by_failure:
        return Why.UPSTREAM_FAILED
    sources = [desk.nodes[edge.source] for edge in desk.graph.incoming[id]]
    skipped = all(run.status is NodeStatus.SKIPPED and run.why is not Why.DISABLED for run in sources)
    return Why.UPSTREAM_SKIPPED if skipped else Why.BRANCH_NOT_TAKEN


def _outcome(desk: Desk) -> dict[str, Json]:
    """The outputs of the nodes that nothing follows, by label or id."""
    ends = [id for id in desk.graph.steps if not desk.graph.outgoing[id] and id in desk.nodes]
    done = (NodeStatus.COMPLETED, NodeStatus.CACHED)
    return {desk.graph.nodes[id].label or id: desk.nodes[id].output for id in ends if desk.nodes[id].status in done}


def _digest(value: Json) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
