"""FastAPI dependencies: which machine, or which agent at work, is asking."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from corral_hub import clock
from corral_hub.accounts.actions import Accounts
from corral_hub.accounts.guard import current_person, scheme
from corral_hub.accounts.model import Machine, Person, Principal, TaskAgent
from corral_hub.accounts.tokens import read_task_token
from corral_hub.audit.log import act_as
from corral_hub.audit.model import Actor
from corral_hub.errors import Forbidden, Unauthenticated
from corral_hub.servers.actions import Servers

api_key = APIKeyHeader(name="X-API-Key", auto_error=False)
Key = Annotated[str | None, Security(api_key)]
Bearer = Annotated[str | None, Security(scheme)]


async def servers_of(request: Request) -> Servers:
    return request.app.state.servers


TheServers = Annotated[Servers, Depends(servers_of)]


async def current_agent(request: Request, servers: TheServers, key: Key, token: Bearer) -> Machine | TaskAgent:
    """Return the machine or the task's agent. Raises Unauthenticated."""
    credential = key or token
    if not credential:
        raise Unauthenticated("credentials_required", "this needs an API key", "send X-API-Key")
    agent = await _agent(request, servers, credential)
    act_as(Actor(who=agent.label, address=request.client.host[:64] if request.client else None))
    return agent


async def _agent(request: Request, servers: Servers, credential: str) -> Machine | TaskAgent:
    if credential.startswith("orc_"):
        return await servers.authenticate_key(credential)
    agent = read_task_token(request.app.state.secret, credential, clock.now())
    await request.app.state.still_at_work(agent)
    return agent


async def current_machine(agent: Annotated[Machine | TaskAgent, Depends(current_agent)]) -> Machine:
    """Return the machine; a task's token is not enough. Raises Forbidden."""
    if not isinstance(agent, Machine):
        raise Forbidden("machine_required", "this needs the server's own key", "it is the daemon's business")
    return agent


AnAgent = Annotated[Machine | TaskAgent, Depends(current_agent)]
AMachine = Annotated[Machine, Depends(current_machine)]


async def identify(servers: Servers, accounts: Accounts, secret: str, credential: str) -> Principal:
    """Return who holds a credential of any kind. Raises Unauthenticated."""
    if credential.startswith("orc_"):
        return await servers.authenticate_key(credential)
    try:
        return await accounts.authenticate(credential)
    except Unauthenticated:
        return read_task_token(secret, credential, clock.now())


async def as_person(request: Request, person: Annotated[Person, Depends(current_person)]) -> None:
    """Mount a router for people: leave who is asking where its routes look."""
    request.state.principal = person


async def as_agent(request: Request, agent: AnAgent) -> None:
    """Mount a router for agents."""
    request.state.principal = agent


async def principal_of(request: Request) -> Principal:
    """Return who is asking, as the dependency under which the router was mounted found out."""
    return request.state.principal


Who = Annotated[Principal, Depends(principal_of)]
