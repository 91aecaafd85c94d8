"""AutomateOS' `{"steps": [{type, config}]}`, as definitions of ours. Pure.

Its steps run one after the other, and each sees what all before it put out: so each has an edge from every earlier one.
"""

from collections.abc import Mapping
from typing import Any

from corral_hub.workflows.reading import Problem
from corral_protocol.codec import Json

MOST_STEPS = 100


def recognises(value: Json) -> bool:
    """Return whether this looks like one of its definitions."""
    return isinstance(value, Mapping) and isinstance(value.get("steps"), list)


def translate(value: Mapping[str, Any]) -> tuple[Json, list[Problem]]:
    """Return the definition's JSON and what could not be kept. The result is still to be validated."""
    steps: list[Json] = value["steps"]
    if len(steps) > MOST_STEPS:
        return {}, [Problem("/steps", "too_many", f"{len(steps)} are more than {MOST_STEPS}", "split it")]
    nodes: list[Json] = []
    notes: list[Problem] = []
    for index, step in enumerate(steps):
        if not isinstance(step, Mapping) or not isinstance(step.get("type"), str):
            notes.append(Problem(f"/steps/{index}", "malformed", "a step is {type, config}"))
            continue
        config = step.get("config")
        parameters = dict(config) if isinstance(config, Mapping) else {}
        label = f"Step {index + 1}"
        nodes.append({"id": f"step-{index + 1}", "type": step["type"], "label": label, "parameters": parameters})
    edges = [{"source": a["id"], "target": b["id"]} for j, b in enumerate(nodes) for a in nodes[:j]]
    name = value.get("name")
    return {"name": name if isinstance(name, str) else "imported", "nodes": nodes, "edges": edges}, notes
