"""Machines as the API shows them. Pure."""

from collections.abc import Mapping
from typing import Annotated, Any, NotRequired

from typing_extensions import TypedDict

from corral_hub.answers import AnObject, AnyJson, Id, Moment, one_of
from corral_hub.servers.model import Server
from corral_hub.text import stamp
from corral_protocol.codec import encode


class AgentView(TypedDict):
    """An agent CLI on a machine. `logged_in` is left out where it cannot be told without spending money."""

    name: str
    version: NotRequired[str]
    path: NotRequired[str]
    logged_in: NotRequired[bool]
    detail: NotRequired[str]


class NodeType(TypedDict):
    """A node type that a machine has. `trigger`: what kind of event begins a run at it; without one it is a step.

    `parameters` and `result` are JSON Schemas.
    """

    type: str
    parameters: AnObject
    result: AnObject
    needs: list[str]
    description: str
    title: str
    category: str
    aliases: list[str]
    trigger: NotRequired[str]
    handles: list[str]


class CapabilitiesView(TypedDict):
    """`repos`: a repository's name to its path there."""

    repos: dict[str, str]
    languages: list[str]
    environments: list[str]
    tools: list[str]
    tags: list[str]
    agents: list[AgentView]
    nodes: list[NodeType]
    max_concurrent: int


class SystemFigures(TypedDict, total=False):
    """What a machine last said of itself; nothing, if it never did."""

    cpu_count: int
    cpu_percent: float
    memory_total_gb: float
    memory_used_gb: float
    memory_percent: float
    disk_total_gb: float
    disk_used_gb: float
    disk_percent: float
    platform: str
    platform_release: str
    python_version: str
    uptime_seconds: int
    os_username: str
    agent_version: str
    extra: AnyJson


class Slots(TypedDict):
    used: int
    max: int


class ServerView(TypedDict):
    """`capabilities`: what dispatch scores: what the machine `announced`, with an admin's `overrides` on top."""

    id: Id
    name: str
    hostname: str
    os: str
    status: Annotated[str, one_of("online", "offline")]
    connected: bool
    cordoned: bool
    draining: bool
    project_id: Id | None
    last_heartbeat: Moment | None
    repos: dict[str, str]
    capabilities: CapabilitiesView
    announced: CapabilitiesView
    overrides: AnObject
    system_info: SystemFigures
    agent_version: str | None
    features: list[str]
    slots: Slots
    created_at: Moment


class ServerList(TypedDict):
    servers: list[ServerView]


class RemovedServer(TypedDict):
    removed: Id


class Enrolled(TypedDict):
    """The key is shown this once."""

    api_key: str
    id: Id
    name: str


class Heard(TypedDict):
    ok: bool


class NewTokenView(TypedDict):
    """The token is shown this once; `command` is what to run on the machine that is to join."""

    id: Id
    token: str
    expires_at: Moment
    command: str


class TokenView(TypedDict):
    """A registration token, without what is secret of it. `used_by`: the server that it enrolled."""

    id: Id
    project_id: Id | None
    used_by: Id | None
    created_by: str
    expires_at: Moment
    used_at: Moment | None
    revoked_at: Moment | None
    created_at: Moment


class TokenList(TypedDict):
    tokens: list[TokenView]


class Revoked(TypedDict):
    revoked: bool


def server(server: Server, connected: bool, used: int, maximum: int) -> ServerView:
    return {
        "id": str(server.id),
        "name": server.name,
        "hostname": server.hostname,
        "os": server.os,
        "status": "online" if connected else server.status,  # the row follows within a second or two
        "connected": connected,
        "cordoned": server.cordoned,
        "draining": server.draining,
        "project_id": str(server.project_id) if server.project_id else None,
        "last_heartbeat": stamp(server.last_heartbeat),
        "repos": dict(server.effective.repos),
        "capabilities": encode(server.effective),
        "announced": encode(server.announced),
        "overrides": dict(server.overrides),
        "system_info": _figures(server.system_info),
        "agent_version": server.agent_version or server.system_info.get("agent_version"),
        "features": list(server.features),
        "slots": {"used": used, "max": maximum},
        "created_at": stamp(server.created_at),
    }


def _figures(stored: Mapping[str, Any]) -> SystemFigures:
    return SystemFigures(**stored)


def new_token(made: Mapping[str, Any]) -> NewTokenView:
    return {
        "id": str(made["id"]),
        "token": made["token"],
        "expires_at": stamp(made["expires_at"]),
        "command": f"corral join {made['token']}",
    }


def token(row: Any) -> TokenView:
    return {
        "id": str(row.id),
        "project_id": str(row.project_id) if row.project_id else None,
        "used_by": str(row.used_by) if row.used_by else None,
        "created_by": row.created_by,
        "expires_at": stamp(row.expires_at),
        "used_at": stamp(row.used_at),
        "revoked_at": stamp(row.revoked_at),
        "created_at": stamp(row.created_at),
    }
