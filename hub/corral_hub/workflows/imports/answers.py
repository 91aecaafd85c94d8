"""MachinaOs' `webhookResponse` knows two names more than other nodes: `{{input.key}}`, and `{{<node type>.key}}`. Pure.

They mean a node that leads to it. Which one that is stands in the file: so the template is given that node's name.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from corral_hub.workflows.reading import Problem
from corral_hub.workflows.template import normalise
from corral_protocol.codec import Json

TYPE: Final = "webhookResponse"
_BODY: Final = "responseBody"
_INPUT: Final = "input"
_BEGINNING: Final = re.compile(r"\{\{([^{}.\[\]]+)(?=[.\[}])")


def clarify(nodes: Sequence[dict[str, Any]], edges: Sequence[Mapping[str, Json]], notes: list[Problem]) -> None:
    """Let the answers among the nodes name what they mean."""
    known = {node["id"]: node for node in nodes if isinstance(node.get("id"), str)}
    labels = {_name(node) for node in nodes}
    for index, node in enumerate(nodes):
        body = node["parameters"].get(_BODY) if node.get("type") == TYPE else None
        if isinstance(body, str):
            sources = [known[edge["source"]] for edge in edges if _leads(edge, node, known)]
            names = {name: name_of for name, name_of in _names(sources).items() if name not in labels}
            node["parameters"][_BODY] = _BEGINNING.sub(lambda found, names=names: _renamed(found, names), body)
            if len(sources) > 1 and _INPUT in names and _INPUT in map(str.lower, _BEGINNING.findall(body)):
                what = f"{{{{input.…}}}} was read as {names[_INPUT]}, the first of {len(sources)} nodes before it"
                path = f"/nodes/{index}/parameters/{_BODY}"
                notes.append(Problem(path, "ambiguous", what, "name the node that is meant", True))


def _leads(edge: Mapping[str, Json], node: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    source = edge.get("source")
    is_step = edge.get("target") == node.get("id") and not edge.get("part")
    return is_step and isinstance(source, str) and source in known


def _names(sources: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what the templates may say, and what is meant by it; of several the first."""
    found: dict[str, str] = {}
    for source in sources:
        found.setdefault(_INPUT, _name(source))
        found.setdefault(str(source.get("type")).lower(), _name(source))
    return found


def _name(node: Mapping[str, Any]) -> str:
    label = node.get("label")
    return normalise(label) if isinstance(label, str) and label else str(node.get("id")).lower()


def _renamed(found: re.Match[str], names: Mapping[str, str]) -> str:
    return "{{" + names.get(found[1].lower(), found[1])
