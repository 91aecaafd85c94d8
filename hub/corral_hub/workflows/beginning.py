"""How a run begins that somebody starts by hand: the whole of it, or one node alone. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from corral_hub.errors import Unprocessable
from corral_hub.workflows import facts as f
from corral_hub.workflows.graph import Graph
from corral_protocol.capabilities import NodeManifest
from corral_protocol.codec import Json

Catalogue = Mapping[str, NodeManifest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is said of a run. `trigger`: None for the only manual one. `pinned`: outputs by node."""

    trigger: str | None = None
    inputs: Json = None
    pinned: Mapping[str, Json] = field(default_factory=dict[str, Json])


def begin(graph: Graph, catalogue: Catalogue, asked: Asked) -> f.Begun:
    """Return how a run begins that somebody starts by hand. Raises Unprocessable."""
    triggers = _triggers(graph, catalogue)
    chosen = asked.trigger
    if chosen is None:
        manual = [id for id, kind in triggers.items() if kind == "manual"] or list(triggers)
        chosen = manual[0] if manual else None
    elif chosen not in triggers:
        raise Unprocessable("no_trigger", f"{chosen[:64]} is no trigger", f"there are: {', '.join(triggers) or 'none'}")
    unknown = sorted(set(asked.pinned) - set(graph.steps))
    if unknown:
        raise Unprocessable("node_not_found", f"pinned: there is no node {unknown[0][:64]}", "corral workflow show")
    idle = tuple(id for id in triggers if id != chosen)
    payload = _payload(graph, chosen, asked.inputs)
    return f.Begun(trigger=chosen, payload=payload, inputs=asked.inputs, idle=idle, pinned=asked.pinned)


def alone(graph: Graph, catalogue: Catalogue, asked: Asked, only: str, last: Mapping[str, Json]) -> f.Begun:
    """Return how a run begins in which one node alone is run: something stands in for every other step.

    That is what is pinned in the request, else in the definition, else what the node has put out in the `last` run, by
    ids, else null. Raises Unprocessable for a node that is no step, too.
    """
    triggers = _triggers(graph, catalogue)
    steps = [id for id in graph.steps if id not in triggers]
    if only not in steps:
        raise _no_step(graph, only, steps)
    written = {node.id: node.pinned for node in graph.definition.nodes if node.pinned is not None}
    given: Mapping[str, Json] = {**last, **written, **asked.pinned}
    trigger = asked.trigger or next(iter(triggers), None)
    inputs = given.get(trigger) if asked.inputs is None and trigger is not None else asked.inputs
    pinned = {id: given.get(id) for id in steps if id != only}
    return begin(graph, catalogue, replace(asked, trigger=trigger, inputs=inputs, pinned=pinned))


def _no_step(graph: Graph, only: str, steps: Sequence[str]) -> Unprocessable:
    known = only in graph.nodes
    what = "is a trigger, or a part of another node: it does not run" if known else "is no node of this workflow"
    return Unprocessable(
        "node_not_found", f"only: {only[:64]} {what}", f"there are: {', '.join(steps)[:500] or 'none'}"
    )


def _triggers(graph: Graph, catalogue: Catalogue) -> dict[str, str]:
    """Return the kinds of the nodes that runs begin at, by id."""
    found = {id: catalogue.get(graph.nodes[id].type) for id in graph.roots}
    return {id: manifest.trigger for id, manifest in found.items() if manifest is not None and manifest.trigger}


def _payload(graph: Graph, trigger: str | None, inputs: Json) -> Json:
    """What a start node puts out: what the run was given, or else its own `initialData`."""
    if trigger is None or inputs is not None:
        return inputs
    text = graph.nodes[trigger].parameters.get("initialData")
    if not isinstance(text, str):
        return text if text is not None else {}
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
