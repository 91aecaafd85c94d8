"""A project and its settings."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from corral_protocol.run import Retry
from corral_protocol.vocabulary import LostHostPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSettings:
    """Defaults for the project's tasks; a task's own structured_spec wins."""

    require_plan_approval: bool = False
    retry: Retry = field(default_factory=Retry)
    lost_host: LostHostPolicy = LostHostPolicy.RETRY


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    id: UUID
    name: str
    status: str
    settings: ProjectSettings
    created_at: datetime
