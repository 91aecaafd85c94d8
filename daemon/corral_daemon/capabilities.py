"""What a machine can do, put together from what probes found and what its owner declared. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from corral_protocol.capabilities import AgentCli, Capabilities, NodeManifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One probe's part of the capabilities."""

    repos: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    agents: tuple[AgentCli, ...] = ()
    nodes: tuple[NodeManifest, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the owner of the machine says it has; hints that no probe can measure. `repos` are for probes to verify.

    `nodes`: the folder with node types of their own.
    """

    repos: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    nodes: Path | None = None


def merge(found: Iterable[Found], declared: Declared, max_concurrent: int) -> Capabilities:
    """Return the union in a stable order, so that equal findings announce nothing new.

    A declared repository counts only where a probe found it: work sent to a path that is not there would fail.
    """
    parts = tuple(found)
    repos = {name: path for part in parts for name, path in part.repos.items()}
    agents = {agent.name: agent for part in parts for agent in part.agents}
    nodes = {node.type: node for part in parts for node in part.nodes}
    return Capabilities(
        repos=dict(sorted(repos.items())),
        languages=_names(declared.languages, *(part.languages for part in parts)),
        environments=_names(declared.environments, *(part.environments for part in parts)),
        tools=_names(declared.tools, *(part.tools for part in parts)),
        tags=_names(declared.tags, *(part.tags for part in parts)),
        agents=tuple(agents[name] for name in sorted(agents)),
        nodes=tuple(nodes[name] for name in sorted(nodes)),
        max_concurrent=max_concurrent,
    )


def _names(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name.strip().lower() for group in groups for name in group if name.strip()}))
