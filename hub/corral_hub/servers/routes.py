"""The servers API: for people, and the few routes machines use themselves."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import AfterValidator, BaseModel, Field

from corral_hub import clock
from corral_hub.accounts.guard import current_admin, current_person
from corral_hub.accounts.model import Person
from corral_hub.answers import answers
from corral_hub.audit.log import act_as
from corral_hub.audit.model import Actor
from corral_hub.bodies import Body
from corral_hub.errors import NotFound
from corral_hub.projects.actions import Projects
from corral_hub.servers import capabilities, figures
from corral_hub.servers import views as v
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


def _view(request: Request, server: Server) -> v.ServerView:
    state = request.app.state
    return v.server(server, state.servers.is_connected(server.id), *state.slots(server.id))


@router.post("/servers/tokens", summary="Make a one-time registration token", **answers(v.NewTokenView, 201))
async def create_token(request: Request, servers: TheServers, person: AnAdmin, body: NewToken) -> v.NewTokenView:
    projects: Projects = request.app.state.projects
    project_id = (await projects.get(body.project_id)).id if body.project_id else None
    made = await servers.create_token(person.label, project_id, body.expires_in)
    return v.new_token(made)


@router.get("/servers/tokens", summary="Registration tokens, newest first", **answers(v.TokenList))
async def list_tokens(servers: TheServers, _: AnAdmin) -> v.TokenList:
    return {"tokens": [v.token(row) for row in await servers.tokens()]}


@router.delete("/servers/tokens/{token}", summary="Revoke an unused token", **answers(v.Revoked))
async def revoke_token(servers: TheServers, _: AnAdmin, token: str) -> v.Revoked:
    id = parse(token, "token")
    if not isinstance(id, UUID):
        id = next((row.id for row in await servers.tokens() if str(row.id).startswith(id.text)), None)
    if id is None:
        raise NotFound("token_not_found", f"there is no token {token}", "corral token list")
    await servers.revoke_token(id)
    return {"revoked": True}


@router.get("/servers", summary="All servers", **answers(v.ServerList))
async def list_servers(request: Request, servers: TheServers, _: APerson) -> v.ServerList:
    return {"servers": [_view(request, server) for server in await servers.all()]}


@router.get("/servers/{server}", summary="One server, by id, prefix or name", **answers(v.ServerView))
async def show_server(request: Request, servers: TheServers, _: APerson, server: str) -> v.ServerView:
    return _view(request, await servers.get(server))


@router.patch("/servers/{server}", summary="Rename, resize, override capabilities, cordon", **answers(v.ServerView))
async def change_server(
    request: Request, servers: TheServers, _: AnAdmin, server: str, body: ServerChange
) -> v.ServerView:
    changes = body.model_dump(exclude_unset=True)
    for name in ("name", "overrides", "cordoned"):
        if changes.get(name, ...) is None:
            del changes[name]
    return _view(request, await servers.change(await servers.get(server), changes))


@router.post("/servers/{server}/drain", summary="Finish what runs, take nothing new", **answers(v.ServerView))
async def drain_server(request: Request, servers: TheServers, _: AnAdmin, server: str) -> v.ServerView:
    return _view(request, await servers.change(await servers.get(server), {"draining": True}))


@router.post("/servers/{server}/resume", summary="Take work again", **answers(v.ServerView))
async def resume_server(request: Request, servers: TheServers, _: AnAdmin, server: str) -> v.ServerView:
    return _view(request, await servers.change(await servers.get(server), {"draining": False, "cordoned": False}))


@router.delete(
    "/servers/{server}", summary="Remove: the key is revoked, the work given away", **answers(v.RemovedServer)
)
async def remove_server(servers: TheServers, _: AnAdmin, server: str) -> v.RemovedServer:
    found = await servers.get(server)
    await servers.remove(found)
    return {"removed": str(found.id)}


@router.post("/servers/register", summary="A machine enrols with a one-time token", **answers(v.Enrolled, 201))
async def enrol_server(request: Request, servers: TheServers, body: Registration) -> v.Enrolled:
    act_as(Actor(who="machine", address=request.client.host[:64] if request.client else None))
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


@router.post("/servers/heartbeat", summary="A machine is alive", **answers(v.Heard))
async def heartbeat(servers: TheServers, machine: AMachine, body: Beat) -> v.Heard:
    changes = body.capabilities if isinstance(body.capabilities, dict) else None
    await servers.heartbeat(machine.server_id, figures.read(body.system_info, clock.now()), changes)
    return {"ok": True}


@router.get("/server/servers", summary="All servers this agent may know", name="list_servers", **answers(v.ServerList))
async def list_servers_for_agents(request: Request, servers: TheServers, agent: AnAgent) -> v.ServerList:
    visible = [s for s in await servers.all() if agent.project_id is None or s.project_id in (None, agent.project_id)]
    return {"servers": [_view(request, server) for server in visible]}
