"""The composition root: the only file that knows everything. Opens, connects and closes the hub's parts."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import asyncpg
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from corral_hub import clock, document, problems
from corral_hub.accounts.actions import Accounts
from corral_hub.accounts.model import Principal, TaskAgent
from corral_hub.accounts.secret import load_secret
from corral_hub.accounts.tokens import issue_task_token
from corral_hub.audit.retention import AuditRetention
from corral_hub.bus.bus import Bus
from corral_hub.db.database import Database
from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import Wanted
from corral_hub.dispatch.roster import Roster
from corral_hub.doorway import Doorway
from corral_hub.gateway.handlers import Hands
from corral_hub.gateway.links import LinkRegistry
from corral_hub.gateway.outbox import Outbox
from corral_hub.gateway.server_socket import ServerGate
from corral_hub.inbox.actions import InboxDesk
from corral_hub.inbox.queries import InboxQueries
from corral_hub.losses import connect_facts
from corral_hub.mounts import mount
from corral_hub.projects.actions import Projects
from corral_hub.recordings.actions import Recordings
from corral_hub.recordings.intake import Intake
from corral_hub.recordings.model import Limits
from corral_hub.recordings.queries import RecordingQueries
from corral_hub.recordings.retention import Retention
from corral_hub.remote.actions import Parts as RemoteParts
from corral_hub.remote.actions import Remote
from corral_hub.remote.exchange import Exchange
from corral_hub.remote.log import Log
from corral_hub.servers.actions import Servers
from corral_hub.servers.guard import identify
from corral_hub.servers.loop import PresenceLoop
from corral_hub.sessions.actions import Parts, Sessions
from corral_hub.sessions.looks import Looks
from corral_hub.sessions.news import News
from corral_hub.sessions.placing import Above, Places
from corral_hub.sessions.queries import SessionQueries
from corral_hub.sessions.registry import Registry
from corral_hub.sessions.relay import Relay
from corral_hub.sessions.typed import Typed
from corral_hub.settings import Settings
from corral_hub.standby import Standby
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.actions import Tasks
from corral_hub.tasks.effects import Effects
from corral_hub.tasks.model import Task, Unit
from corral_hub.tasks.queries import TaskQueries
from corral_hub.tasks.reactor import Reactor
from corral_hub.triggers.desk import TriggerDesk
from corral_hub.triggers.launcher import Launcher
from corral_hub.turn import in_turn, keeper_of
from corral_hub.workflows.actions import Workflows
from corral_hub.workflows.cache import Cache
from corral_hub.workflows.effects import Effects as WorkflowEffects
from corral_hub.workflows.engine import Engine
from corral_hub.workflows.letters import Letters
from corral_hub.workflows.progress import Progress
from corral_hub.workflows.queries import WorkflowQueries
from corral_hub.workflows.retention import Retention as RunRetention
from corral_hub.workflows.runs import Runs
from corral_hub.workflows.vault import Vault
from corral_protocol.run import Requirements

MIB = 1 << 20
DESCRIPTION = """One hub for every machine and every agent you run.

People authenticate with `Authorization: Bearer <JWT>` (from `/api/v1/login`), daemons and agents with `X-API-Key`.
Errors are RFC 9457 problems with a stable `code` and a `hint`."""


UNTRACED: TelemetryConfig | None = (
    None
    if any(name.startswith("OTEL_") for name in os.environ)
    else {"tracing": False, "metrics": False, "logs": False}
)
"""Whoever wants traces sets OTEL_ variables. Others need not have FastAPI ask for a tracer with each request."""
# What is read before anybody has shown a credential is short.
PUBLIC_LIMITS = {"/api/v1/login": 16_384, "/api/v1/register": 16_384, "/api/v1/servers/register": 262_144}


def create_app(settings: Settings, database: Database) -> FastAPI:
    """Return the hub as an ASGI application; its parts live as long as its lifespan."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await database.wait(stopping=lambda: app.state.stopping)
        async with in_turn(app.state, database, keeper, lambda stack: _assemble(app, settings, database, stack)):
            yield

    app = FastAPI(
        title="Corral", version="0.1.0", description=DESCRIPTION, lifespan=lifespan, docs_url=None, redoc_url=None,
        redirect_slashes=False, generate_unique_id_function=document.operation_id, telemetry=UNTRACED,
    )  # fmt: skip
    app.state.ready = app.state.stopping = app.state.lost = False
    keeper = keeper_of(settings, database, app.state)
    app.state.settings = settings
    app.state.database = database
    problems.install(app, settings.body_limit, PUBLIC_LIMITS)
    app.add_middleware(Standby, is_ready=lambda: app.state.ready, keeper=keeper)
    app.add_middleware(Doorway, settings=settings)
    mount(app, settings)
    document.install(app)
    return app


async def _assemble(app: FastAPI, settings: Settings, database: Database, stack: AsyncExitStack) -> None:
    """Make every part and let it know those it needs; what is started here is stopped in the reverse order."""
    state = app.state
    state.secret = secret = load_secret(settings)
    state.bus, state.fleet = Bus(), Fleet()
    state.links = links = LinkRegistry()
    state.slots = state.fleet.slots
    state.identify = lambda text: _identify(app, text)
    await _open_accounts(app, settings, database, secret, stack)
    state.projects = Projects(database)
    await state.projects.default()
    state.servers = Servers(database, settings, state.bus)
    await state.servers.start()
    stack.push_async_callback(state.servers.stop)
    pool = await stack.enter_async_context(await database.pool())
    news = await _open_sessions(app, database, pool, settings, stack)
    stages = state.sessions.parts.registry
    engine = Engine(state.fleet, WorkflowEffects(state.bus, links), clock.chance)
    launcher = Launcher(engine)
    tokens = _tokens(secret, settings)
    reactor = Reactor(database, state.fleet, Effects(state.bus, links, tokens, stages), launcher, engine)
    await _open_workflows(app, database, pool, reactor, engine, stack)
    state.tasks = Tasks(reactor, TaskQueries(pool), state.projects, state.fleet)
    state.still_at_work = state.tasks.check_at_work
    intake = _open_recordings(app, database, pool, settings, stack)
    desk = TriggerDesk(state, reactor, engine, launcher, pool)
    outbox = Outbox(database, links)
    links.on_flush = outbox.flush_soon
    exchange = Exchange(links)
    state.remote = Remote(RemoteParts(exchange, state.servers, state.sessions, links, Log(database)))
    hands = Hands(reactor, state.servers, outbox, news, exchange, state.runs.progress)
    state.server_gate = ServerGate(settings, hands, links, state.sessions.parts.relay, intake)
    connect_facts(state.bus, state.servers, reactor, links)
    await _start_loops(app, settings, reactor, stack)
    desk.start()
    stack.push_async_callback(desk.stop)
    stack.callback(links.close_all)


async def _open_accounts(
    app: FastAPI, settings: Settings, database: Database, secret: str, stack: AsyncExitStack
) -> None:
    app.state.accounts = Accounts(database, settings, secret)
    await app.state.accounts.load()
    retention = AuditRetention(database, settings.audit_days)
    retention.start()
    stack.push_async_callback(retention.stop)
    if settings.admin_email and settings.admin_password:
        await app.state.accounts.bootstrap()


async def _open_sessions(
    app: FastAPI, database: Database, pool: asyncpg.Pool, settings: Settings, stack: AsyncExitStack
) -> News:
    state = app.state
    registry, typed = Registry(database, state.bus), Typed(database)
    await registry.start()
    relay, looks = Relay(state.links, state.bus, typed), Looks(state.links)
    places = Places(state.servers, state.projects, _above(app))
    parts = Parts(
        SessionQueries(pool), registry, relay, looks, typed, state.links, state.servers, places,
        record_limit=settings.recording_mb * MIB,
    )  # fmt: skip
    state.sessions = Sessions(parts)
    typed.start()
    stack.push_async_callback(typed.stop)
    news = News(parts, state.bus, settings.grace)
    stack.push_async_callback(news.stop)
    return news


async def _open_workflows(
    app: FastAPI, database: Database, pool: asyncpg.Pool, reactor: Reactor, engine: Engine, stack: AsyncExitStack
) -> None:
    state = app.state
    vault = Vault(database, state.secret)
    await vault.seal_bare()
    state.workflows = Workflows(database, WorkflowQueries(pool), state.projects, state.fleet, state.bus, vault)
    state.runs = Runs(state.workflows, reactor, engine, Progress(engine, state.bus))
    state.letters = Letters(database, state.runs, state.bus)
    state.inbox = InboxDesk(database, InboxQueries(pool), state.bus, engine.runs)
    cache = Cache(pool, reactor.tell)
    engine.effects.look_up = cache.look_up
    retention = RunRetention(pool, state.settings.history_days)
    retention.start()
    stack.push_async_callback(retention.stop)
    stack.push_async_callback(cache.close)


def _open_recordings(
    app: FastAPI, database: Database, pool: asyncpg.Pool, settings: Settings, stack: AsyncExitStack
) -> Intake:
    limits = Limits(
        days=settings.recording_days, each=settings.recording_mb * MIB, total=settings.recording_total_mb * MIB
    )
    app.state.recordings = Recordings(database, RecordingQueries(pool), app.state.sessions, limits.each)
    intake, retention = Intake(database, limits.each), Retention(database, limits)
    intake.start()
    retention.start()
    stack.push_async_callback(intake.stop)
    stack.push_async_callback(retention.stop)
    return intake


def _above(app: FastAPI) -> Above:
    """Let sessions ask the nouns above them."""

    def place(requirements: Requirements, project_id: UUID) -> UUID | None:
        wanted = Wanted(requirements=requirements, project_id=project_id, managed=False)
        found = app.state.fleet.host(wanted)
        return None if found is None else found.id

    async def find_task(principal: Principal, text: str) -> tuple[UUID, UUID]:
        task, _ = await app.state.tasks.get(principal, text)
        return task.id, task.project_id

    return Above(place, find_task)


def _tokens(secret: str, settings: Settings) -> Callable[[Task, Unit], str]:
    def issue(task: Task, unit: Unit) -> str:
        return issue_task_token(secret, task.id, task.project_id, unit.epoch, clock.now(), settings.task_token_ttl)

    return issue


async def _start_loops(app: FastAPI, settings: Settings, reactor: Reactor, stack: AsyncExitStack) -> None:
    roster = Roster(app.state.servers, app.state.fleet, app.state.bus)
    roster.look = lambda: reactor.tell(cmd.Look())
    presence = PresenceLoop(app.state.servers, settings, app.state.bus)
    await roster.start()
    await reactor.start()
    app.state.servers.watch(app.state.fleet.holders())
    presence.start()
    stack.push_async_callback(roster.stop)
    stack.push_async_callback(reactor.stop)
    stack.push_async_callback(presence.stop)


async def _identify(app: FastAPI, text: str) -> Principal:
    """Return who holds a credential of any kind: a machine's key, a task token, or a person's JWT."""
    principal = await identify(app.state.servers, app.state.accounts, app.state.secret, text)
    if isinstance(principal, TaskAgent):
        await app.state.still_at_work(principal)
    return principal
