"""The composition root: the only file that knows every part of the daemon."""

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from corral_daemon import agents, clock, lock, nodes, status, system
from corral_daemon.abilities import make_prober
from corral_daemon.attention.watch import Watch
from corral_daemon.background.background import Background
from corral_daemon.errors import ConfigError
from corral_daemon.link.conversation import House
from corral_daemon.link.inbox import Inbox
from corral_daemon.link.socket import Credentials, Link
from corral_daemon.machine import Machine
from corral_daemon.ports import KillCookie, Mail, Reporter, RunnerSettings, Stages, Work
from corral_daemon.probing import Prober
from corral_daemon.processes.leftovers import kill_cookie
from corral_daemon.pty.launch import Means
from corral_daemon.pty.mail import SessionMail
from corral_daemon.pty.sessions import Sessions
from corral_daemon.pty.stages import SessionStages
from corral_daemon.reach.policy import Policy
from corral_daemon.recording.shipper import Shipper
from corral_daemon.remote.places import Places
from corral_daemon.remote.remote import Remote
from corral_daemon.reporting import SpoolReporter, settle_leftovers
from corral_daemon.repos import Repositories
from corral_daemon.runner import Runner, base_environment
from corral_daemon.scribe.client import Scribe
from corral_daemon.serving import Manner, Parts, Stop, serve
from corral_daemon.settings import Place, Settings
from corral_daemon.spool.spool import MIB, Spool
from corral_daemon.steps.spawning import Spawner
from corral_daemon.steps.steps import Steps
from corral_daemon.terminal_life import keys_left

log = logging.getLogger(__name__)

MakeWork = Callable[[Reporter, RunnerSettings, Stages], Work]


def make_runner(reporter: Reporter, settings: RunnerSettings, stages: Stages) -> Work:
    return Runner(reporter, settings, agents.registry(), stages)


async def run(
    where: Place,
    settings: Settings,
    stop: Stop,
    *,
    once: bool = False,
    make_work: MakeWork = make_runner,
    kill: KillCookie = kill_cookie,
    prober: Prober | None = None,
) -> int:
    """Run the daemon until it is told to stop; return the exit code. Raises DaemonError."""
    if not settings.hub_url or not settings.api_key:
        raise ConfigError(f"{where.config} names no hub or no key", "enrol this machine: `corral join TOKEN`")
    repos = Repositories(where.config, settings.repos)
    own = where.config.parent / "nodes"
    settings = replace(settings, repos=repos, declared=replace(settings.declared, repos=repos, nodes=own))
    with lock.hold(where.state):
        parts = await _assemble(where, settings, repos, make_work, kill, prober or make_prober(settings))
        log.info("event=started server=%s hub=%s state=%s", settings.server_name, settings.hub_url, where.state)
        return await serve(parts, _manner(settings, once), stop)


async def _assemble(
    where: Place, settings: Settings, repos: Repositories, make_work: MakeWork, kill: KillCookie, prober: Prober
) -> Parts:
    spool = Spool.open(where.state, settings.spool_limit_mb * MIB)
    terminals, mail = _make_terminals(where.state, settings)
    steps = _make_steps(where.state, settings, spool)
    await terminals.open()
    stages = SessionStages(terminals)
    reporter = await _settle(spool, stages, kill, settings.kill_grace)
    work = make_work(reporter, _for_runner(where.state, settings), stages)
    await work.take_up()
    remote = _make_remote(where.state, settings, terminals)
    inbox = Inbox()
    house = House(
        spool=spool,
        reporter=reporter,
        work=work,
        terminals=terminals,
        mail=mail,
        remote=remote,
        nodes=steps,
        inbox=inbox,
        abilities=prober,
        measure=system.Meter(where.state).measure,
    )
    link = Link(_credentials(settings), house)
    return Parts(
        spool=spool,
        reporter=reporter,
        work=work,
        terminals=terminals,
        mail=mail,
        remote=remote,
        nodes=steps,
        inbox=inbox,
        prober=prober,
        link=link,
        publish=lambda link: _publish(where.state, link),
        watches=(lambda: repos.watch(lambda: prober.again("repos")),),
    )


def _credentials(settings: Settings) -> Credentials:
    version = f"corral-daemon/{system.daemon_version()}"
    return Credentials(hub_url=settings.hub_url, api_key=settings.api_key, version=version)


async def _settle(spool: Spool, stages: Stages, kill: KillCookie, grace: float) -> SpoolReporter:
    """End what an earlier daemon left open, but for what still runs in terminals."""
    running = keys_left(stages)
    started = [unit.unit for unit in await spool.open_units() if unit.pid is not None]
    await settle_leftovers(spool, kill, grace, clock.unix, running)
    known = [(unit.task_id, unit.epoch) for unit in started]
    return SpoolReporter(spool, clock.unix, await spool.ended_keys(), known)


def _make_terminals(state: Path, settings: Settings) -> tuple[Sessions, Mail]:
    adapters = agents.registry()
    means = Means(settings=_for_runner(state, settings), adapters=adapters, base=base_environment(adapters))
    shelves = state / "recordings"
    shipper = Shipper(shelves, settings.recording_spool_mb * MIB)
    scribe = Scribe(state / "screens", shelves, shipper.hear)
    shipper.make_room = scribe.make_room
    watch = Watch(scribe, adapters)
    terminals = Sessions(means, settings.session_ring_mb * MIB, scribe, shipper, watch)
    return terminals, SessionMail(terminals, watch, adapters, state)


def _make_remote(state: Path, settings: Settings, terminals: Sessions) -> Remote:
    return Remote(
        Places(
            state=state,
            repos=settings.repos,
            base=base_environment(agents.registry()),
            find_session=terminals.directory,
            file_limit=settings.file_limit_mb * MIB,
        )
    )


def _make_steps(state: Path, settings: Settings, spool: Spool) -> Steps:
    catalogue = nodes.Catalogue(settings.declared.nodes)
    everything = os.environ.get("CORRAL_HTTP_ALLOW_PRIVATE") == "1"
    spawner = Spawner()
    machine = Machine(
        reach=Policy.read(settings.http_allow, everything),
        background=Background(spawner.keeper),
        environment=os.environ,
    )
    return Steps(catalogue.read, spool.append, spawner, state / "workspaces", machine, spool)


def _for_runner(state: Path, settings: Settings) -> RunnerSettings:
    return RunnerSettings(
        state_dir=state,
        repos=settings.repos,
        max_concurrent=settings.max_concurrent,
        hub_url=settings.hub_url,
        server_name=settings.server_name,
        grace=settings.kill_grace,
    )


async def _publish(state: Path, link: Link) -> None:
    """The status file is a convenience; a disk that does not take it is no reason to stop."""
    try:
        await asyncio.to_thread(status.publish, state, link)
    except OSError as error:
        log.warning("event=status_not_written reason=%r", str(error))


def _manner(settings: Settings, once: bool) -> Manner:
    return Manner(drain_grace=settings.drain_grace, kill_grace=settings.kill_grace, once=once)
