"""The servers API: for people, and the few routes machines use themselves."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import AfterValidator, BaseModel, Field

from corral_hub import clock
from corral_hub.accounts.guard import current_admin, current_person
from corral_hub.accounts.model import Person
from corral_hub.bodies import Body
from corral_hub.errors import NotFound
from corral_hub.projects.actions import Projects
from corral_hub.servers import capabilities, figures
from corral_hub.servers.guard import AMachine, AnAgent, TheServers
from corral_hub.servers.model import Server
from corral_hub.short_ids import parse
from corral_hub.text import JsonValue, Line, Text, check_json
from corral_protocol.capabilities import Capabilities
from corral_protocol.codec import encode

APerson = Annotated[Person, Depends(current_person)]
AnAdmin = Annotated[Person, Depends(current_admin)]
router = APIRouter(tags=["servers"])
Short = Annotated[Text, Field(max_length=300)]
Name = Annotated[Line, Field(min_length=1, max_length=100)]
Object = Annotated[dict[str, Any], AfterValidator(check_json)]


class NewToken(Body):
    project_id: Short | None = None
    expires_in: Annotated[float, Field(gt=0, le=7 * 86_400)] | None = None


class ServerChange(Body):
    name: Name | None = None
    max_concurrent: Annotated[int, Field(ge=1, le=1024)] | None = None
    overrides: Object | None = None
    cordoned: bool | None = None


class Registration(BaseModel):
    """As the published agent sends it; unknown fields are passed over."""

    registration_token: Short
    name: Name
    hostname: Short = ""
    ip: Short = ""
    os: Short = ""
    repos: JsonValue = None
    system_info: JsonValue = None
    machine_id: Short = ""
    mac_address: Short = ""
    capabilities: JsonValue = None


class Beat(BaseModel):
    system_info: JsonValue = None
    capabilities: JsonValue = None


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def _view(request: Request, server: Server) -> dict[str, Any]:
    used, maximum = request.app.state.slots(server.id)
    connected: bool = request.app.state.servers.is_connected(server.id)
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
        "last_heartbeat": _stamp(server.last_heartbeat),
        "repos": dict(server.effective.repos),
        "capabilities": encode(server.effective),
        "announced": encode(server.announced),
        "overrides": dict(server.overrides),
        "system_info": dict(server.system_info),
        "agent_version": server.agent_version or server.system_info.get("agent_version"),
        "features": list(server.features),
        "slots": {"used": used, "max": maximum},
        "created_at": _stamp(server.created_at),
    }


@router.post("/servers/tokens", status_code=201, summary="Make a one-time registration token")
async def create_token(request: Request, servers: TheServers, person: AnAdmin, body: NewToken) -> dict[str, Any]:
    projects: Projects = request.app.state.projects
    project_id = (await projects.get(body.project_id)).id if body.project_id else None
    made = await servers.create_token(person.label, project_id, body.expires_in)
    return {
        "id": str(made["id"]),
        "token": made["token"],
        "expires_at": _stamp(made["expires_at"]),
        "command": f"corral join {made['token']}",
    }


@router.get("/servers/tokens", summary="Registration tokens, newest first")
async def list_tokens(servers: TheServers, _: AnAdmin) -> dict[str, Any]:
    names = ("expires_at", "used_at", "revoked_at", "created_at")
    return {
        "tokens": [
            {
                "id": str(row.id),
                "project_id": str(row.project_id) if row.project_id else None,
                "used_by": str(row.used_by) if row.used_by else None,
                "created_by": row.created_by,
                **{name: _stamp(getattr(row, name)) for name in names},
            }
            for row in await servers.tokens()
        ]
    }


@router.delete("/servers/tokens/{token}", summary="Revoke an unused token")
async def revoke_token(servers: TheServers, _: AnAdmin, token: str) -> dict[str, Any]:
    id = parse(token, "token")
    if not isinstance(id, UUID):
        id = next((row.id for row in await servers.tokens() if str(row.id).startswith(id.text)), None)
    if id is None:
        raise NotFound("token_not_found", f"there is no token {token}", "corral token list")
    await servers.revoke_token(id)
    return {"revoked": True}


@router.get("/servers", summary="All servers")
async def list_servers(request: Request, servers: TheServers, _: APerson) -> dict[str, Any]:
    return {"servers": [_view(request, server) for server in await servers.all()]}


@router.get("/servers/{server}", summary="One server, by id, prefix or name")
async def show_server(request: Request, servers: TheServers, _: APerson, server: str) -> dict[str, Any]:
    return _view(request, await servers.get(server))


@router.patch("/servers/{server}", summary="Rename, resize, override capabilities, cordon")
async def change_server(
    request: Request, servers: TheServers, _: AnAdmin, server: str, body: ServerChange
) -> dict[str, Any]:
    changes = body.model_dump(exclude_unset=True)
    for name in ("name", "overrides", "cordoned"):
        if changes.get(name, ...) is None:
            del changes[name]
    return _view(request, await servers.change(await servers.get(server), changes))


@router.post("/servers/{server}/drain", summary="Finish what runs, take nothing new")
async def drain_server(request: Request, servers: TheServers, _: AnAdmin, server: str) -> dict[str, Any]:
    return _view(request, await servers.change(await servers.get(server), {"draining": True}))


@router.post("/servers/{server}/resume", summary="Take work again")
async def resume_server(request: Request, servers: TheServers, _: AnAdmin, server: str) -> dict[str, Any]:
    return _view(request, await servers.change(await servers.get(server), {"draining": False, "cordoned": False}))


@router.delete("/servers/{server}", summary="Remove: the key is revoked, the work given away")
async def remove_server(servers: TheServers, _: AnAdmin, server: str) -> dict[str, Any]:
    found = await servers.get(server)
    await servers.remove(found)
    return {"removed": str(found.id)}


@router.post("/servers/register", status_code=201, summary="A machine enrols with a one-time token")
async def enrol_server(servers: TheServers, body: Registration) -> dict[str, Any]:
    announced = _announced(body.capabilities, body.repos)
    info = figures.read(body.system_info, clock.now())
    facts = {name: getattr(body, name) for name in ("name", "hostname", "os", "machine_id")}
    facts["system_info"] = encode(info) if info is not None else {}
    server, key = await servers.register(body.registration_token, facts, announced)
    return {"api_key": key, "id": str(server.id), "name": server.name}


def _announced(raw: Any, repos: Any) -> Capabilities:
    """Return what a registration announces; older agents send repositories only, as text or {path}."""
    found = repos if isinstance(repos, dict) else {}
    paths = {name: value.get("path") if isinstance(value, dict) else value for name, value in found.items()}
    usable = {name: path for name, path in paths.items() if isinstance(path, str)}
    return capabilities.read({"repos": usable, **(raw if isinstance(raw, dict) else {})})


@router.post("/servers/heartbeat", summary="A machine is alive")
async def heartbeat(servers: TheServers, machine: AMachine, body: Beat) -> dict[str, bool]:
    changes = body.capabilities if isinstance(body.capabilities, dict) else None
    await servers.heartbeat(machine.server_id, figures.read(body.system_info, clock.now()), changes)
    return {"ok": True}


@router.get("/server/servers", summary="All servers this agent may know", name="list_servers")
async def list_servers_for_agents(request: Request, servers: TheServers, agent: AnAgent) -> dict[str, Any]:
    visible = [s for s in await servers.all() if agent.project_id is None or s.project_id in (None, agent.project_id)]
    return {"servers": [_view(request, server) for server in visible]}
