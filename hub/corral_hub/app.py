"""The composition root: the only file that knows everything. Opens, connects and closes the hub's parts."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import asyncpg
from fastapi import Depends, FastAPI

from corral_hub import clock, problems
from corral_hub.accounts import routes as account_routes
from corral_hub.accounts.actions import Accounts
from corral_hub.accounts.model import Principal
from corral_hub.accounts.secret import load_secret
from corral_hub.accounts.tokens import issue_task_token
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import ServerLost
from corral_hub.db.database import Database
from corral_hub.db.migrate import migrate
from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.roster import Roster
from corral_hub.gateway import dashboard_socket, server_socket, status
from corral_hub.gateway.handlers import Hands
from corral_hub.gateway.health import router as health_router
from corral_hub.gateway.links import LinkRegistry
from corral_hub.gateway.outbox import Outbox
from corral_hub.gateway.server_socket import ServerGate
from corral_hub.projects import routes as project_routes
from corral_hub.projects.actions import Projects
from corral_hub.servers import compat
from corral_hub.servers import routes as server_routes
from corral_hub.servers.actions import Servers
from corral_hub.servers.guard import as_agent, as_person, identify
from corral_hub.servers.loop import PresenceLoop
from corral_hub.settings import Settings
from corral_hub.tasks import commands as cmd
from corral_hub.tasks import routes as task_routes
from corral_hub.tasks.actions import Tasks
from corral_hub.tasks.bodies import pass_over_unknown
from corral_hub.tasks.effects import Effects
from corral_hub.tasks.model import Task, Unit
from corral_hub.tasks.queries import TaskQueries
from corral_hub.tasks.reactor import Reactor

DESCRIPTION = """One hub for every machine and every agent you run.

People authenticate with `Authorization: Bearer <JWT>` (from `/api/v1/login`), daemons and agents with `X-API-Key`.
Errors are RFC 9457 problems with a stable `code` and a `hint`."""


def create_app(settings: Settings, database: Database) -> FastAPI:
    """Return the hub as an ASGI application; its parts live as long as its lifespan."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await database.wait()
            await migrate(database.engine)
            await _assemble(app, settings, database, stack)
            app.state.ready = True
            yield
            app.state.ready = False

    app = FastAPI(
        title="Corral", version="0.1.0", description=DESCRIPTION, lifespan=lifespan, docs_url=None, redoc_url=None
    )
    app.state.ready = False
    app.state.settings = settings
    app.state.database = database
    problems.install(app, settings.body_limit)
    _mount(app)
    return app


def _mount(app: FastAPI) -> None:
    app.include_router(health_router)
    app.include_router(server_socket.router)
    app.include_router(dashboard_socket.router)
    api = "/api/v1"
    for router in (account_routes.router, project_routes.router, server_routes.router, compat.router):
        app.include_router(router, prefix=api)
    # The same routes twice: for people with a JWT, for agents with an API key.
    for prefix, mount in (("", (as_person,)), ("/server", (as_agent, pass_over_unknown))):
        for router in (task_routes.tasks, task_routes.interventions, status.router):
            app.include_router(router, prefix=f"{api}{prefix}", dependencies=[Depends(each) for each in mount])


async def _assemble(app: FastAPI, settings: Settings, database: Database, stack: AsyncExitStack) -> None:
    secret = load_secret(settings)
    bus, fleet, links = Bus(), Fleet(), LinkRegistry()
    accounts = Accounts(database, settings, secret)
    await accounts.load()
    if settings.admin_email and settings.admin_password:
        await accounts.bootstrap()
    projects = Projects(database)
    await projects.default()
    servers = Servers(database, settings, bus)
    await servers.start()

    def token(task: Task, unit: Unit) -> str:
        return issue_task_token(secret, task.id, task.project_id, unit.epoch, clock.now(), settings.task_token_ttl)

    reactor = Reactor(database, fleet, Effects(bus, links, token))
    roster = Roster(servers, fleet, bus)
    roster.look = lambda: reactor.tell(cmd.Look())
    outbox = Outbox(database, links)
    links.on_flush = outbox.flush_soon
    bus.subscribe(ServerLost, lambda fact: _lose(reactor, fact))
    presence = PresenceLoop(servers, settings, bus)

    app.state.bus = bus
    app.state.accounts = accounts
    app.state.secret = secret
    app.state.projects = projects
    app.state.servers = servers
    app.state.slots = fleet.slots
    app.state.fleet = fleet
    app.state.identify = lambda text: _identify(app, text)
    app.state.tasks = Tasks(reactor, TaskQueries(await _pool(database, stack)), projects, fleet)
    app.state.server_gate = ServerGate(settings, Hands(reactor, servers, outbox), links)

    await roster.start()
    await reactor.start()
    presence.start()
    stack.push_async_callback(servers.stop)
    stack.push_async_callback(roster.stop)
    stack.push_async_callback(reactor.stop)
    stack.push_async_callback(presence.stop)
    stack.callback(links.close_all)


def _lose(reactor: Reactor, fact: ServerLost) -> None:
    reactor.tell(cmd.LoseServer(server_id=fact.server_id, detail=f"host {_short(fact.server_id)} was lost"))


def _short(id: UUID) -> str:
    return str(id)[:8]


async def _pool(database: Database, stack: AsyncExitStack) -> asyncpg.Pool:
    pool = await database.pool()
    stack.push_async_callback(pool.close)
    return pool


async def _identify(app: FastAPI, text: str) -> Principal:
    """Return who holds a credential of any kind: a machine's key, a task token, or a person's JWT."""
    return await identify(app.state.servers, app.state.accounts, app.state.secret, text)
