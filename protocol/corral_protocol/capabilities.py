"""What a machine can do: measured by probes where possible, declared where not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corral_protocol.codec import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCli:
    """An agent CLI found on the machine. `logged_in` is None where it cannot be told without spending money."""

    name: str
    version: str | None = None
    path: str | None = None
    logged_in: bool | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeManifest:
    """A node type the daemon can run, with JSON Schemas of its parameters and result.

    `trigger`: what kind of event begins a run at it (`manual`, `webhook`, `cron`, `chat`, `task`); None: it is a step.
    """

    type: str
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    result: Mapping[str, Any] = field(default_factory=dict[str, Any])
    needs: tuple[str, ...] = ()
    description: str = ""
    title: str = ""
    category: str = "other"
    aliases: tuple[str, ...] = ()
    trigger: str | None = None
    handles: tuple[str, ...] = ("main",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """The live capability vector that dispatch scores (seed: "Scoring Algorithm").

    `repos` maps a repository's name to its path on that machine; the other sets hold lower-case names.
    """

    repos: Mapping[str, str] = field(default_factory=dict[str, str])
    languages: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    agents: tuple[AgentCli, ...] = ()
    nodes: tuple[NodeManifest, ...] = ()
    max_concurrent: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemInfo:
    """Figures of the machine, in the fields of the published Orchestratia agent. `uptime_seconds` is a real uptime."""

    cpu_count: int | None = None
    cpu_percent: float | None = None
    memory_total_gb: float | None = None
    memory_used_gb: float | None = None
    memory_percent: float | None = None
    disk_total_gb: float | None = None
    disk_used_gb: float | None = None
    disk_percent: float | None = None
    platform: str | None = None
    platform_release: str | None = None
    python_version: str | None = None
    uptime_seconds: int | None = None
    os_username: str | None = None
    agent_version: str | None = None
    extra: Json = None
