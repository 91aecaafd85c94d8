"""Secrets of webhooks: where they stand in what somebody sends, and the references that stand there instead. Pure.

A definition is shown to whoever may look, exported, compared and kept for ever; a secret must be none of that. So a
definition holds `secret:<32 hex digits>`, and what that stands for is kept apart (vault.py).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from corral_hub.errors import Unprocessable
from corral_hub.workflows.reading import Problem
from corral_protocol.capabilities import NodeManifest
from corral_protocol.codec import Json

NAMES: Final = ("headerValue", "secret")
"""Parameters of a node that a webhook call begins."""
KIND: Final = "webhook"
TYPE: Final = "webhookTrigger"
"""Taken for such a node as long as no machine says what it is."""
MOST: Final = 2000
_REFERENCE: Final = re.compile(r"secret:([0-9a-f]{32})")

Catalogue = Mapping[str, NodeManifest]


@dataclass(frozen=True, slots=True)
class Place:
    """`index`: of the node in its definition."""

    index: int
    node_id: str
    name: str

    @property
    def pointer(self) -> str:
        return f"/nodes/{self.index}/parameters/{self.name}"


def write_reference(id: UUID) -> str:
    return f"secret:{id.hex}"


def read_reference(text: str) -> UUID | None:
    """Return the id of a kept secret; None for any other text, which is then the secret itself."""
    found = _REFERENCE.fullmatch(text)
    return UUID(found[1]) if found is not None else None


def find(written: Json, catalogue: Catalogue) -> dict[Place, str]:
    """Return what stands where secrets do, references or secrets themselves; also of what cannot be read whole."""
    nodes = written.get("nodes") if isinstance(written, Mapping) else None
    return dict(_found(nodes, catalogue)) if isinstance(nodes, list) else {}


def _found(nodes: list[Json], catalogue: Catalogue) -> Iterator[tuple[Place, str]]:
    for index, node in enumerate(nodes):
        parameters = node.get("parameters") if isinstance(node, Mapping) else None
        if not isinstance(node, Mapping) or not isinstance(parameters, Mapping) or not _is_hook(node, catalogue):
            continue
        for name in NAMES:
            value = parameters.get(name)
            if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
                yield Place(index, str(node.get("id", "")), name), str(value)


def _is_hook(node: Mapping[str, Json], catalogue: Catalogue) -> bool:
    type = node.get("type")
    manifest = catalogue.get(type) if isinstance(type, str) else None
    return type == TYPE if manifest is None else manifest.trigger == KIND


def given(found: Mapping[Place, str]) -> dict[Place, str]:
    """Return the secrets themselves. Raises Unprocessable for one that no caller could send."""
    plain = {place: text for place, text in found.items() if read_reference(text) is None}
    for place, text in plain.items():
        if len(text) > MOST or not text.isprintable():
            what = f"{place.pointer} must be one line of at most {MOST} printable characters"
            raise Unprocessable("bad_secret", what, "openssl rand -hex 32 makes a good one")
    return plain


def named(found: Mapping[Place, str]) -> dict[Place, UUID]:
    """Return the references."""
    return {place: id for place, text in found.items() if (id := read_reference(text)) is not None}


def put(written: Json, references: Mapping[Place, UUID]) -> Json:
    """Return the definition with references instead of what stood there."""
    if not isinstance(written, Mapping) or not references:
        return written
    nodes: Any = written["nodes"]
    changed = list(nodes)
    for place, id in references.items():
        node = changed[place.index]
        parameters = {**node["parameters"], place.name: write_reference(id)}
        changed[place.index] = {**node, "parameters": parameters}
    return {**written, "nodes": changed}


def unknown(references: Mapping[Place, UUID], kept: Collection[UUID]) -> Iterator[Problem]:
    """Name the references that stand for nothing here: they came from another workflow, or from another hub."""
    for place, id in references.items():
        if id not in kept:
            what = f"{write_reference(id)} is no secret of this workflow"
            yield Problem(place.pointer, "unknown_secret", what, "write the secret itself there: it is kept apart")
