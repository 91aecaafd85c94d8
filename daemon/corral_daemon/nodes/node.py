"""What a file in this folder declares: one node type, as a function from typed parameters to a typed result.

    @node("wordCount", title="Count words", category="text")
    async def word_count(parameters: Parameters, context: Context) -> Result: ...

The manifest that the hub, the dashboard and the CLI know is made from that; nothing else has to name the node.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from corral_daemon.failure import NodeFailed
from corral_daemon.machine import Machine
from corral_daemon.ports import Ran, Spawn
from corral_protocol.capabilities import NodeManifest
from corral_protocol.codec import Json
from corral_protocol.json_schema import schema_of
from corral_protocol.nodes import Source, Wish

__all__ = ["Chosen", "Context", "NodeFailed", "NodeType", "Ran", "Spawn", "node"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A result of which only the edges from these handles go on."""

    output: Any
    handles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a node gets besides its parameters. `workspace`: a folder that all runs of the workflow share here.

    `inputs`: outputs of the nodes before it, by their ids; `sources` tells these apart by type and label.
    """

    run_id: str
    key: str
    attempt: int
    idempotency_key: str
    workspace: Path
    inputs: Mapping[str, Json] = field(default_factory=dict[str, Json])
    sources: tuple[Source, ...] = ()
    parts: tuple[Json, ...] = ()
    log: Callable[[str], None] = lambda _: None
    progress: Callable[[float | None, str], None] = lambda _done, _text: None
    spawn: Spawn
    machine: Machine = field(default_factory=Machine)

    def input(self) -> Json:
        """Return the one input, or all of them in an object merged in the order of the edges."""
        given = [self.inputs[source.id] for source in self.sources if source.id in self.inputs]
        if len(given) < 2:
            return given[0] if given else None
        merged: dict[str, Json] = {}
        for value in given:
            if isinstance(value, dict):
                merged |= value
        return merged

    def inputs_by_type(self) -> dict[str, Json]:
        """Return the inputs as code nodes name them: by type; of several equal types also by label, and numbered.

        The first of a type has its plain name, the next `type_2`, and so on.
        """
        named: dict[str, Json] = {}
        for source in self.sources:
            if source.id not in self.inputs:
                continue
            name, number = source.type, 1
            while name in named:
                number += 1
                name = f"{source.type}_{number}"
            named[name] = self.inputs[source.id]
            if source.label:
                named.setdefault(source.label, self.inputs[source.id])
        return named


Run = Callable[[Any, Context], Any]
"""Async, or plain: then it may block, and runs in a thread of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeType:
    """A node type of this machine. `run` takes its parameters as an instance of `parameters`."""

    manifest: NodeManifest
    parameters: type
    run: Run


def node(
    name: str,
    *,
    title: str = "",
    category: str = "other",
    aliases: tuple[str, ...] = (),
    trigger: str | None = None,
    handles: tuple[str, ...] = ("main",),
    needs: tuple[str, ...] = (),
) -> Callable[[Run], NodeType]:
    """Declare a function, async or not, from (parameters, context) as a node type.

    `trigger`: it begins runs (`manual`, `webhook`, `cron`, `chat`, `task`) and is not run itself. `needs`: programs,
    words of probes/nodes.py, or one of several variables in the daemon's environment: `$ONE|OTHER`.
    """

    def declare(run: Run) -> NodeType:
        hints = get_type_hints(run)
        takes, gives = next(iter(hints.values())), hints.get("return")
        manifest = NodeManifest(
            type=name,
            title=title or name,
            category=category,
            description=(run.__doc__ or "").strip(),
            aliases=aliases,
            trigger=trigger,
            handles=handles,
            needs=needs,
            parameters=schema_of(takes),
            result=schema_of(gives) if dataclasses.is_dataclass(gives) and isinstance(gives, type) else {},
        )
        return NodeType(manifest=manifest, parameters=takes, run=run)

    return declare


Gives = Wish | Chosen | Json
"""What a node's function may return: its output (a dataclass or JSON), that with open handles, or a wish."""
