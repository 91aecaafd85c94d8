"""A deployment: a version of a workflow whose triggers are armed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from corral_hub.triggers.clocks import Clock
from corral_hub.triggers.hooks import Hook
from corral_protocol.codec import Json


class TriggerKind(StrEnum):
    """What makes a trigger fire."""

    MANUAL = "manual"
    WEBHOOK = "webhook"
    CRON = "cron"
    CHAT = "chat"
    TASK = "task"


class WhenBusy(StrEnum):
    """What happens to an event while the workflow has as many runs as it may."""

    QUEUE = "queue"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """`session_id`: the only session it hears; "default" or nothing: all of them."""

    session_id: str = ""

    def hears(self, session_id: str) -> bool:
        return self.session_id in ("", "default", session_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnd:
    """Which tasks of the workflow's project it minds; an empty text minds all."""

    task_id: str = ""
    agent_name: str = ""
    status: str = "all"
    parent_node_id: str = ""

    def minds(self, ended: "EndedTask") -> bool:
        agent = self.agent_name.lower() in (ended.agent_name or "").lower()
        parent = self.parent_node_id in ("", ended.parent_node_id)
        return self.task_id in ("", ended.task_id) and agent and parent and self.status in ("all", ended.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedTask:
    """`status`: completed or error. `parent_node_id`: the node that wished for the task, if one did."""

    task_id: str
    status: str
    agent_name: str | None = None
    parent_node_id: str | None = None
    workflow_id: int | None = None
    result: Json = None
    error: Json = None

    def payload(self) -> dict[str, Json]:
        told: dict[str, Json] = {"result": self.result} if self.status == "completed" else {"error": self.error}
        return {
            "task_id": self.task_id, "status": self.status, "agent_name": self.agent_name,
            "agent_node_id": self.parent_node_id, "parent_node_id": self.parent_node_id,
            "workflow_id": self.workflow_id, **told,
        }  # fmt: skip


Settings = Hook | Clock | Chat | TaskEnd | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """`settings`: None for one that is fired by hand. `seen`: a clock's last instant that was seen to."""

    node_id: str
    kind: TriggerKind
    settings: Settings = None
    seen: datetime | None = None
    fires: int = 0
    fired_at: datetime | None = None

    @property
    def path(self) -> str | None:
        return self.settings.path if isinstance(self.settings, Hook) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """`definition`: the version's text. `concurrency`: runs at a time that its triggers begin; None: any number."""

    id: UUID
    workflow_id: int
    workflow: str
    version: int
    project_id: UUID
    definition: str
    triggers: Mapping[str, Trigger] = field(default_factory=dict[str, Trigger])
    concurrency: int | None = None
    when_busy: WhenBusy = WhenBusy.QUEUE
    deployed_by: str
    deployed_at: datetime
    changed_at: datetime

    def of(self, kind: TriggerKind) -> tuple[Trigger, ...]:
        return tuple(trigger for trigger in self.triggers.values() if trigger.kind is kind)

    def others(self, node_id: str) -> tuple[str, ...]:
        """Return the triggers that do not fire when this one does."""
        return tuple(id for id in self.triggers if id != node_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An event that waits until its workflow has fewer runs."""

    run_id: UUID
    workflow_id: int
    node_id: str
    payload: Json
    at: datetime
