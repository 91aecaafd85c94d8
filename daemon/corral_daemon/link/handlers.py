"""What each message from the hub means: one line per message in HANDLERS."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from corral_daemon.link.inbox import Inbox
from corral_daemon.ports import Mail, Nodes, Remote, Terminals, Work
from corral_daemon.reporting import SpoolReporter
from corral_daemon.spool.spool import Spool
from corral_protocol.nodes import NodeAssigned, NodeCancel
from corral_protocol.recordings import RecordingTaken, SessionRecord
from corral_protocol.remote import ExecStart, FileList, FileRead, FileRemove, FileStat, FileWrite, RemoteStop
from corral_protocol.sessions import (
    SessionClose,
    SessionForget,
    SessionInput,
    SessionKill,
    SessionLook,
    SessionRecoveredAck,
    SessionResize,
    SessionSnapshot,
    SessionStart,
    SessionUnwatch,
    SessionWatch,
)
from corral_protocol.to_daemon import (
    Ack,
    AuthOk,
    Delivery,
    Error,
    InterventionResponse,
    OfRemote,
    OfSession,
    PlanApproved,
    PlanRevision,
    Pong,
    Reconciled,
    Refused,
    TaskAssigned,
    TaskCancel,
    TaskNote,
    TaskStatusUpdate,
    TaskUpdated,
    ToDaemon,
)
from corral_protocol.to_hub import Received, ToHub

log = logging.getLogger(__name__)

STALE = "stale_epoch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a handler may use. `say` queues an answer to the hub, to be lost with the connection."""

    spool: Spool
    reporter: SpoolReporter
    work: Work
    terminals: Terminals
    mail: Mail
    remote: Remote
    nodes: Nodes
    inbox: Inbox
    say: Callable[[ToHub], None]


def handle(desk: Desk, message: ToDaemon) -> None:
    """Act on one message; never waits."""
    HANDLERS[type(message)](desk, message)


def on_ack(desk: Desk, message: Ack) -> None:
    desk.spool.ack(message.seq)


def on_refused(desk: Desk, message: Refused) -> None:
    """Forget this record alone: what came before it may still be on its way into the hub's database."""
    log.warning(
        "event=record_refused seq=%d code=%s task_id=%s epoch=%s detail=%r",
        message.seq,
        message.code,
        message.task_id,
        message.epoch,
        message.detail,
    )
    desk.spool.forget(message.seq)
    task_id, epoch = message.task_id, message.epoch
    if message.code == STALE and task_id is not None and epoch is not None:
        desk.inbox.put(lambda: desk.work.refuse(task_id, epoch))


def on_task_assigned(desk: Desk, message: TaskAssigned) -> None:
    if desk.reporter.has_ended(message.task_id, message.epoch):
        log.info("event=assigned_again task_id=%s epoch=%d note=%r", message.task_id, message.epoch, "ended; ignored")
        return
    if message.runs_in is not None:  # what follows about its terminal comes before the order is carried out
        desk.terminals.expect(message.runs_in)
    desk.inbox.put(lambda: desk.work.assign(message))


def on_task_cancel(desk: Desk, message: TaskCancel) -> None:
    log.info("event=cancel task_id=%s epoch=%d reason=%r", message.task_id, message.epoch, message.reason)
    desk.inbox.put(
        lambda: desk.work.cancel(message.task_id, message.epoch, message.reason, message.grace, message.after)
    )


def on_delivery(desk: Desk, message: Delivery) -> None:
    """For an agent in a terminal; others hear of answers by the `feedback` of their next unit."""
    log.info("event=delivery type=%s task_id=%s", message.TYPE, message.task_id)
    desk.mail.take(message, lambda delivery: desk.say(Received(deliveries=(delivery,))))


def on_session(desk: Desk, message: OfSession) -> None:
    desk.terminals.hear(message)


def on_remote(desk: Desk, message: OfRemote) -> None:
    desk.remote.hear(message)


def on_node_assigned(desk: Desk, message: NodeAssigned) -> None:
    desk.nodes.assign(message)


def on_node_cancel(desk: Desk, message: NodeCancel) -> None:
    desk.nodes.cancel(message)


def on_reconciled(desk: Desk, message: Reconciled) -> None:
    log.info("event=reconciled held=%d", len(desk.work.held()))


def on_error(desk: Desk, message: Error) -> None:
    log.error("event=hub_error code=%s detail=%r", message.code, message.detail)


def on_nothing(desk: Desk, message: ToDaemon) -> None:
    """Hearing it was the point."""


HANDLERS: Mapping[type, Callable[[Desk, Any], None]] = {
    Ack: on_ack,
    Refused: on_refused,
    TaskAssigned: on_task_assigned,
    TaskCancel: on_task_cancel,
    InterventionResponse: on_delivery,
    TaskNote: on_delivery,
    TaskUpdated: on_delivery,
    PlanApproved: on_delivery,
    PlanRevision: on_delivery,
    TaskStatusUpdate: on_delivery,
    Reconciled: on_reconciled,
    Error: on_error,
    Pong: on_nothing,
    AuthOk: on_nothing,
    SessionStart: on_session,
    SessionResize: on_session,
    SessionClose: on_session,
    SessionKill: on_session,
    SessionForget: on_session,
    SessionWatch: on_session,
    SessionUnwatch: on_session,
    SessionSnapshot: on_session,
    SessionLook: on_session,
    SessionInput: on_session,
    SessionRecoveredAck: on_nothing,
    ExecStart: on_remote,
    RemoteStop: on_remote,
    FileList: on_remote,
    FileStat: on_remote,
    FileRead: on_remote,
    FileWrite: on_remote,
    FileRemove: on_remote,
    SessionRecord: on_session,
    RecordingTaken: on_session,
    NodeAssigned: on_node_assigned,
    NodeCancel: on_node_cancel,
}
