"""Deployments as the API shows them. Pure."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

from corral_hub.text import stamp
from corral_hub.triggers.clocks import Clock
from corral_hub.triggers.hooks import Hook
from corral_hub.triggers.model import Chat, Deployment, TaskEnd, Trigger
from corral_hub.triggers.schedule import Cron, instants, next_fire

View = dict[str, Any]


def deployment(found: Deployment, running: int, waiting: int, now: datetime) -> View:
    return {
        "workflow_id": found.workflow_id, "workflow": found.workflow, "deployed": True, "version": found.version,
        "project_id": str(found.project_id), "deployed_by": found.deployed_by,
        "deployed_at": stamp(found.deployed_at), "changed_at": stamp(found.changed_at),
        "concurrency": found.concurrency, "when_busy": found.when_busy.value, "active_runs": running,
        "waiting": waiting, "triggers": [trigger(item, now) for item in found.triggers.values()],
    }  # fmt: skip


def trigger(found: Trigger, now: datetime) -> View:
    """Secrets of webhooks are not among it."""
    shown: View = {
        "node": found.node_id, "kind": found.kind.value, "fires": found.fires, "fired_at": stamp(found.fired_at),
    }  # fmt: skip
    match found.settings:
        case Hook() as hook:
            more: View = {
                "path": hook.path, "url": f"/webhook/{hook.path}", "methods": list(hook.methods),
                "authentication": hook.asks.value, "response_mode": "responseNode" if hook.answered else "immediate",
            }  # fmt: skip
        case Clock() as clock:
            more = {
                **schedule(clock), "next_at": stamp(next_fire(clock.schedule, max(found.seen or now, now))),
                "misfire": clock.misfire.value, "overlap": clock.overlap.value,
            }  # fmt: skip
        case Chat() as chat:
            more = {"session_id": chat.session_id or "default"}
        case TaskEnd() as task:
            more = {"task_id": task.task_id, "agent_name": task.agent_name, "status_filter": task.status}
        case None:
            more = {}
    return {**shown, **more}


def schedule(clock: Clock) -> View:
    return {"schedule": clock.words, "cron_expression": clock.expression, "timezone": clock.timezone}


def next_runs(triggers: Iterable[Trigger], now: datetime, count: int) -> list[View]:
    """Return the next instants of each clock, also as its own clock shows them."""
    found: list[View] = []
    for item in triggers:
        clock = item.settings
        if isinstance(clock, Clock):
            runs = [
                {"at": stamp(at), "local": at.astimezone(clock.schedule.zone).isoformat()}
                if isinstance(clock.schedule, Cron)
                else {"at": stamp(at), "local": stamp(at)}
                for at in islice(instants(clock.schedule, now), count)
            ]
            found.append({"node": item.node_id, **schedule(clock), "runs": runs})
    return found
