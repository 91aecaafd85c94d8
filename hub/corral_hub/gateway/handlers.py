"""What each message of a daemon means: one line a message in a table, one short function each."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import structlog

from corral_hub.accounts.model import Machine
from corral_hub.db.database import is_away
from corral_hub.errors import Refused, Unavailable
from corral_hub.gateway.links import TRY_AGAIN, Link
from corral_hub.gateway.outbox import Outbox
from corral_hub.remote.exchange import Exchange
from corral_hub.servers.actions import Servers
from corral_hub.sessions.news import News
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.reactor import Reactor
from corral_hub.workflows.orders import HoldNodes, NodeBegan
from corral_hub.workflows.progress import Progress
from corral_protocol import nodes, remote, sessions, to_daemon, to_hub

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Hands:
    """What the handlers work with."""

    reactor: Reactor
    servers: Servers
    outbox: Outbox
    news: News
    exchange: Exchange
    progress: Progress


Handler = Callable[[Hands, Link, Any], Coroutine[Any, Any, None]]


async def _announce(hands: Hands, link: Link, message: to_hub.Announce) -> None:
    await hands.servers.announce(link.server_id, message.capabilities)


async def _heartbeat(hands: Hands, link: Link, message: to_hub.Heartbeat) -> None:
    await link.later(partial(_note_figures, hands, link, message))


async def _note_figures(hands: Hands, link: Link, message: to_hub.Heartbeat) -> None:
    """Without a database, the next heartbeat has newer ones: no reason to hang up."""
    try:
        await hands.servers.heartbeat(link.server_id, message.system_info)
    except Exception as error:
        if not is_away(error):
            raise
        log.warning("figures_not_written", server=link.name, error=str(error)[:200])


async def _reconcile(hands: Hands, link: Link, message: to_hub.Reconcile) -> None:
    await hands.reactor.ask(cmd.Reconcile(server_id=link.server_id, units=message.units))
    link.send(to_daemon.Reconciled())


async def _report(hands: Hands, link: Link, message: to_hub.Durable) -> None:
    """Hand the message to the reactor and go on reading; it is acknowledged when its commit has returned."""
    if link.spool_id is None:
        detail = "auth named no spool_id, so nothing can be acknowledged"
        link.send(to_daemon.Refused(seq=message.seq, status=400, code="no_spool", detail=detail))
        return
    if message.seq <= link.last_seq:
        return
    link.last_seq = message.seq
    report = cmd.Report(server_id=link.server_id, spool_id=link.spool_id, message=message)
    hands.reactor.submit(report).add_done_callback(lambda done: _committed(link, message, done))


def _committed(link: Link, message: to_hub.Durable, done: asyncio.Future[Any]) -> None:
    error = None if done.cancelled() else done.exception()
    if done.cancelled() or isinstance(error, Unavailable):
        link.close(TRY_AGAIN, "nothing was committed; connect again and resend")
        return
    if error is not None:
        known = error if isinstance(error, Refused) else Refused("internal_error", "the hub could not apply this")
        of_node = isinstance(message, nodes.NodeFinished | nodes.NodeLog)
        task, epoch = (None, None) if of_node else (message.task_id, message.epoch)
        refused = to_daemon.Refused(
            seq=message.seq, status=known.status, code=known.code, detail=known.detail, task_id=task, epoch=epoch
        )
        log.warning("report_refused", server=link.name, message=message.TYPE, code=known.code, task=task)
        link.send(refused)
    link.ack(message.seq)


async def _received(hands: Hands, link: Link, message: to_hub.Received) -> None:
    await hands.outbox.forget(link.server_id, message.deliveries)


async def _ping(hands: Hands, link: Link, message: to_hub.Ping) -> None:
    link.send(to_daemon.Pong())


async def _auth_again(hands: Hands, link: Link, message: to_hub.Auth) -> None:
    link.send(to_daemon.Error(code="already_authenticated", detail="auth is the first frame only"))


async def _nodes_held(hands: Hands, link: Link, message: nodes.NodesHeld) -> None:
    held = HoldNodes(server_id=link.server_id, nodes=message.nodes, again=message.again, given=link.given)
    await hands.reactor.ask(held)
    link.note_given = False
    link.given.clear()


async def _node_started(hands: Hands, link: Link, message: nodes.NodeStarted) -> None:
    hands.reactor.tell(NodeBegan(server_id=link.server_id, message=message))


async def _node_progress(hands: Hands, link: Link, message: nodes.NodeProgress) -> None:
    hands.progress.hear(link.server_id, message)


async def _session_screen(hands: Hands, link: Link, message: sessions.SessionScreen) -> None:
    hands.news.screen(link.server_id, message)


async def _session_output(hands: Hands, link: Link, message: sessions.SessionOutput) -> None:
    hands.news.output(link.server_id, message)


async def _remote(hands: Hands, link: Link, message: to_hub.OfRemote) -> None:
    hands.exchange.hear(link.server_id, message)


def _news(tell: Callable[[News, Machine, Any], Coroutine[Any, Any, None]]) -> Handler:
    """What is committed is put off, in its order: other terminals on this connection do not wait for it."""

    async def handle(hands: Hands, link: Link, message: Any) -> None:
        await link.later(partial(tell, hands.news, link.machine, message))

    return handle


HANDLERS: Final[Mapping[type[to_hub.ToHub], Handler]] = {
    to_hub.Auth: _auth_again,
    to_hub.Announce: _announce,
    to_hub.Heartbeat: _heartbeat,
    to_hub.Reconcile: _reconcile,
    to_hub.TaskStarted: _report,
    to_hub.TaskOutput: _report,
    to_hub.TaskPlan: _report,
    to_hub.TaskFinished: _report,
    to_hub.TaskDeclined: _report,
    to_hub.Received: _received,
    to_hub.Ping: _ping,
    nodes.NodeFinished: _report,
    nodes.NodeLog: _report,
    nodes.NodesHeld: _nodes_held,
    nodes.NodeStarted: _node_started,
    nodes.NodeProgress: _node_progress,
    sessions.SessionStarted: _news(News.started),
    sessions.SessionOutput: _session_output,
    sessions.SessionScreen: _session_screen,
    sessions.SessionClosed: _news(News.closed),
    sessions.SessionError: _news(News.failed),
    sessions.SessionRecovered: _news(News.recovered),
    sessions.SessionsHeld: _news(News.held),
    sessions.SessionAttention: _news(News.attention),
    remote.ExecStarted: _remote,
    remote.ExecEnded: _remote,
    remote.RemoteRefused: _remote,
    remote.FileListing: _remote,
    remote.FileStatus: _remote,
    remote.FileOpened: _remote,
    remote.FileReady: _remote,
    remote.FileDone: _remote,
}
