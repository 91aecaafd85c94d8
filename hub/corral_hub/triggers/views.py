"""Deployments as the API shows them. Pure."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Annotated, Literal, NotRequired

from typing_extensions import TypedDict

from corral_hub.answers import Id, Moment, WordOf
from corral_hub.text import stamp
from corral_hub.triggers.clocks import Clock, Overlap
from corral_hub.triggers.hooks import Asks, Hook
from corral_hub.triggers.misfire import Misfire
from corral_hub.triggers.model import Chat, Deployment, TaskEnd, Trigger, TriggerKind, WhenBusy
from corral_hub.triggers.orders import Launch
from corral_hub.triggers.schedule import Cron, instants, next_fire


class TriggerView(TypedDict):
    """What begins runs, and whatever is to be said of its kind: secrets of webhooks are not among it.

    Webhooks have a path, clocks a schedule, chats a session, those that mind tasks a filter.
    """

    node: str
    kind: Annotated[str, WordOf(TriggerKind)]
    fires: int
    fired_at: Moment | None
    path: NotRequired[str]
    url: NotRequired[str]
    methods: NotRequired[list[str]]
    authentication: NotRequired[Annotated[str, WordOf(Asks)]]
    response_mode: NotRequired[Literal["responseNode", "immediate"]]
    schedule: NotRequired[str]
    cron_expression: NotRequired[str | None]
    timezone: NotRequired[str]
    next_at: NotRequired[Moment | None]
    misfire: NotRequired[Annotated[str, WordOf(Misfire)]]
    overlap: NotRequired[Annotated[str, WordOf(Overlap)]]
    session_id: NotRequired[str]
    task_id: NotRequired[str]
    agent_name: NotRequired[str]
    status_filter: NotRequired[str]


class Deployed(TypedDict):
    """What is armed. `concurrency`: runs at a time that its triggers begin, null: any number; `waiting`: events."""

    workflow_id: int
    workflow: str
    deployed: Literal[True]
    version: int
    project_id: Id
    deployed_by: str
    deployed_at: Moment
    changed_at: Moment
    concurrency: int | None
    when_busy: Annotated[str, WordOf(WhenBusy)]
    active_runs: int
    waiting: int
    triggers: list[TriggerView]


class Undeployed(TypedDict):
    workflow_id: int
    workflow: str
    deployed: Literal[False]
    triggers: NotRequired[list[TriggerView]]


class DeploymentPage(TypedDict):
    """`next_after` is what to give as `after` for the next page; null: this is the last one."""

    deployments: list[Deployed]
    next_after: int | None


class Instant(TypedDict):
    """`local`: as the trigger's own clock shows it."""

    at: Moment
    local: Moment


class ClockView(TypedDict):
    node: str
    schedule: str
    cron_expression: str | None
    timezone: str
    runs: list[Instant]


class NextRuns(TypedDict):
    """Of what is deployed, or else of the draft."""

    workflow_id: int
    deployed: bool
    triggers: list[ClockView]


class Fired(TypedDict):
    id: Id
    trigger: str
    state: Annotated[str, WordOf(Launch)]


class FiredRuns(TypedDict):
    runs: list[Fired]


def deployment(found: Deployment, running: int, waiting: int, now: datetime) -> Deployed:
    return {
        "workflow_id": found.workflow_id, "workflow": found.workflow, "deployed": True, "version": found.version,
        "project_id": str(found.project_id), "deployed_by": found.deployed_by,
        "deployed_at": stamp(found.deployed_at), "changed_at": stamp(found.changed_at),
        "concurrency": found.concurrency, "when_busy": found.when_busy.value, "active_runs": running,
        "waiting": waiting, "triggers": [trigger(item, now) for item in found.triggers.values()],
    }  # fmt: skip


def trigger(found: Trigger, now: datetime) -> TriggerView:
    shown: TriggerView = {
        "node": found.node_id, "kind": found.kind.value, "fires": found.fires, "fired_at": stamp(found.fired_at),
    }  # fmt: skip
    match found.settings:
        case Hook() as hook:
            return {
                **shown, "path": hook.path, "url": f"/webhook/{hook.path}", "methods": list(hook.methods),
                "authentication": hook.asks.value, "response_mode": "responseNode" if hook.answered else "immediate",
            }  # fmt: skip
        case Clock() as clock:
            return {
                **shown, "schedule": clock.words, "cron_expression": clock.expression, "timezone": clock.timezone,
                "next_at": stamp(next_fire(clock.schedule, max(found.seen or now, now))),
                "misfire": clock.misfire.value, "overlap": clock.overlap.value,
            }  # fmt: skip
        case Chat() as chat:
            return {**shown, "session_id": chat.session_id or "default"}
        case TaskEnd() as task:
            return {
                **shown, "task_id": task.task_id, "agent_name": task.agent_name, "status_filter": task.status,
            }  # fmt: skip
        case None:
            return shown


def next_runs(triggers: Iterable[Trigger], now: datetime, count: int) -> list[ClockView]:
    """Return the next instants of each clock, also as its own clock shows them."""
    return [
        _next_runs(item.node_id, item.settings, now, count) for item in triggers if isinstance(item.settings, Clock)
    ]


def _next_runs(node_id: str, clock: Clock, now: datetime, count: int) -> ClockView:
    zone = clock.schedule.zone if isinstance(clock.schedule, Cron) else None
    runs: list[Instant] = [
        {"at": stamp(at), "local": at.astimezone(zone).isoformat() if zone is not None else stamp(at)}
        for at in islice(instants(clock.schedule, now), count)
    ]
    return {
        "node": node_id, "schedule": clock.words, "cron_expression": clock.expression, "timezone": clock.timezone,
        "runs": runs,
    }  # fmt: skip
