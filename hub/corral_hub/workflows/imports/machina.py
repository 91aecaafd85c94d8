"""MachinaOs' workflow exports (its `workflow-schema`), as definitions of ours. Pure.

What its files leave to chance is settled here: parameters stand beside the nodes or in `node.data`; an edge's role is
told by its target handle alone; names of types and parameters have changed over time. Unknown types are kept.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from corral_hub.workflows.imports import answers
from corral_hub.workflows.reading import Problem
from corral_protocol.capabilities import NodeManifest
from corral_protocol.codec import Json

TYPES: Final[Mapping[str, str]] = {
    "googleChatModel": "geminiChatModel",
    "webSearchTool": "duckduckgoSearch",
    "whatsappSendMessage": "whatsappSend",
    "whatsappReceiveMessage": "whatsappReceive",
    "googleGmail": "gmail",
    "googleGmailReceive": "gmailReceive",
    "googleCalendar": "calendar",
    "googleDrive": "drive",
    "googleSheets": "sheets",
    "googleTasks": "tasks",
    "googleContacts": "contacts",
}
"""Names of earlier and later versions."""

PARAMETERS: Final[Mapping[str, Mapping[str, str]]] = {
    "gmaps_create": {"lat": "center_lat", "lng": "center_lng", "map_type_id": "map_type"},
    "gmaps_nearby_places": {"lat": "latitude", "lng": "longitude", "type": "place_type"},
    "whatsappReceive": {"contactPhone": "phone_number"},
    "processManager": {"cwd": "working_directory", "input_text": "text"},
    "textChunker": {"overlap": "chunkOverlap"},
    "webhookResponse": {"body": "responseBody"},
    "contacts": {"contact_notes": "notes"},
    "drive": {"file_description": "description"},
    "tasks": {"status": "update_status"},
}
"""Parameters that were renamed beyond their spelling, by type: other versions' name to the one in force."""

PARTS: Final = frozenset(
    {"input-memory", "input-skill", "input-tools", "input-teammates", "input-model", "input-services", "input-context"}
)
"""Target handles whose source is a part of the target, no step before it."""

_OPTIONS: Final = "options"
_AS_THEY_ARE: Final[Mapping[str, str]] = {}
_RESIDUE = frozenset({"label", "displayName", "disabled", "condition"})
_RETRIES: Final[Mapping[str, Mapping[str, float]]] = {
    "httpRequest": {"max_attempts": 3, "backoff": 2.0, "factor": 2.0, "max_backoff": 60.0},
    "aiAgent": {"max_attempts": 2, "backoff": 5.0, "factor": 2.0, "max_backoff": 30.0},
    "openaiChatModel": {"max_attempts": 2, "backoff": 5.0, "factor": 2.0, "max_backoff": 60.0},
    "anthropicChatModel": {"max_attempts": 2, "backoff": 5.0, "factor": 2.0, "max_backoff": 60.0},
    "geminiChatModel": {"max_attempts": 2, "backoff": 5.0, "factor": 2.0, "max_backoff": 60.0},
    "webhookTrigger": {"max_attempts": 1},
    "whatsappReceive": {"max_attempts": 1},
}
_RETRY: Final[Mapping[str, float]] = {"max_attempts": 3, "backoff": 1.0, "factor": 2.0, "max_backoff": 60.0}
_TRANSIENT = ["timeout", "unavailable", "lost_host"]


def recognises(value: Json) -> bool:
    """Return whether this looks like one of its exports."""
    nodes = value.get("nodes") if isinstance(value, Mapping) else None
    if not isinstance(nodes, list) or "edges" not in value:
        return False
    return "nodeParameters" in value or any(isinstance(node, Mapping) and "data" in node for node in nodes)


def translate(value: Mapping[str, Any], catalogue: Mapping[str, NodeManifest]) -> tuple[Json, list[Problem]]:
    """Return the definition's JSON and what was changed or could not be kept. The result is still to be validated."""
    notes: list[Problem] = []
    parameters = value.get("nodeParameters")
    beside = parameters if isinstance(parameters, Mapping) else {}
    nodes = [
        _node(node, beside, catalogue, f"/nodes/{index}", notes)
        for index, node in enumerate(_objects(value.get("nodes"), "/nodes", notes))
    ]
    edges = [_edge(edge) for edge in _objects(value.get("edges"), "/edges", notes)]
    answers.clarify(nodes, edges, notes)
    notes += _idle_starts(nodes, catalogue)
    name = value.get("name")
    description = value.get("description")
    return {
        "name": name if isinstance(name, str) else "imported",
        "description": description if isinstance(description, str) else "",
        "dialect": "machina",
        "nodes": nodes,
        "edges": edges,
    }, notes


def _idle_starts(nodes: list[dict[str, Any]], catalogue: Mapping[str, NodeManifest]) -> Iterator[Problem]:
    """There, deploying begins a run at each start node; here it only arms what waits for something."""
    triggers = [manifest.trigger if (manifest := catalogue.get(str(node["type"]))) else None for node in nodes]
    if not any(trigger not in (None, "manual") for trigger in triggers):
        return
    for index, trigger in enumerate(triggers):
        if trigger == "manual":
            what = "deploying begins no run here; it arms the other triggers"
            yield Problem(f"/nodes/{index}", "not_begun_by_deploying", what, "corral workflow run begins one", True)


def _node(
    node: Mapping[str, Any],
    beside: Mapping[str, Any],
    catalogue: Mapping[str, NodeManifest],
    path: str,
    notes: list[Problem],
) -> dict[str, Json]:
    data = node.get("data") if isinstance(node.get("data"), Mapping) else {}
    assert isinstance(data, Mapping)
    id, written = node.get("id"), node.get("type")
    type = TYPES.get(written, written) if isinstance(written, str) else written
    if type != written:
        notes.append(Problem(f"{path}/type", "renamed", f"{written} is called {type} now", "", True))
    given = beside.get(id) if isinstance(id, str) else None
    raw = given if isinstance(given, Mapping) else {k: v for k, v in data.items() if k not in _RESIDUE}
    label = data.get("label") or data.get("displayName")
    position = node.get("position")
    placed = isinstance(position, Mapping) and all(isinstance(position.get(axis), (int, float)) for axis in "xy")
    return {
        "id": id,
        "type": type,
        **({"label": label} if isinstance(label, str) else {}),
        "parameters": _parameters(raw, str(type), catalogue.get(str(type))),
        "retry": {**_RETRIES.get(str(type), _RETRY), "on": _TRANSIENT},
        **({"disabled": True} if data.get("disabled") is True else {}),
        **({"position": {axis: position[axis] for axis in "xy"}} if placed and position else {}),
    }


def _parameters(raw: Mapping[str, Json], type: str, manifest: NodeManifest | None) -> dict[str, Json]:
    """What earlier files keep in `options`, later ones have beside it: it is put where the node reads it."""
    known: Any = manifest.parameters.get("properties", {}) if manifest is not None else {}
    found = _spelled(raw, known, PARAMETERS.get(type, {}))
    optional: Any = known.get(_OPTIONS, {}).get("properties", {})
    given = found.get(_OPTIONS, {})
    if not optional or not isinstance(given, Mapping):
        return found
    beside = {
        name: value for name, value in found.items() if name not in known and _spelling(name, optional) in optional
    }
    options = _spelled({**beside, **given}, optional)
    return {
        **{name: value for name, value in found.items() if name not in beside},
        **({_OPTIONS: options} if options else {}),
    }


def _spelled(raw: Mapping[str, Json], known: Any, renamed: Mapping[str, str] = _AS_THEY_ARE) -> dict[str, Json]:
    """Both spellings occur, in one file even; the one that the node's manifest has wins. Null means: the default."""
    found: dict[str, Json] = {}
    for name, value in raw.items():
        if value is None:
            continue
        name = renamed.get(name, name)
        spelled = _spelling(name, known)
        if spelled == name or spelled not in raw:
            found[spelled] = value
    return found


def _spelling(name: str, known: Any) -> str:
    return next((way for way in (name, _snake(name), _camel(name)) if way in known), name)


def _edge(edge: Mapping[str, Any]) -> dict[str, Json]:
    data = edge.get("data")
    condition = _condition(data) if isinstance(data, Mapping) else None
    handle = edge.get("targetHandle")
    target_handle = handle if isinstance(handle, str) and handle != "input-main" else "main"
    return {
        "source": edge.get("source"),
        "target": edge.get("target"),
        **({"target_handle": target_handle} if target_handle != "main" else {}),
        **({"part": True} if target_handle in PARTS else {}),
        **({"condition": condition} if condition is not None else {}),
    }


def _condition(data: Mapping[str, Any]) -> Json:
    """The editor's and/or groups are honoured, though its server never asked them."""
    first, more = data.get("condition"), data.get("additionalConditions")
    if not isinstance(first, Mapping):
        return None
    if not isinstance(more, list) or not more:
        return dict(first)
    return {"any" if data.get("conditionLogic") == "or" else "all": [dict(first), *more]}


def _objects(value: Json, path: str, notes: list[Problem]) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        notes.append(Problem(path, "malformed", "must be an array"))
        return []
    for index, item in enumerate(value):
        if not isinstance(item, Mapping):
            notes.append(Problem(f"{path}/{index}", "malformed", "is no object and was left out"))
    return [item for item in value if isinstance(item, Mapping)]


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
