"""A machine as the hub knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from corral_protocol.capabilities import Capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`effective` is what dispatch scores: what the machine announced, with an admin's overrides on top."""

    id: UUID
    name: str
    hostname: str
    os: str
    machine_id: str
    status: str
    created_at: datetime
    enrolled_as: str = ""
    project_id: UUID | None = None
    key_hash: bytes | None = None
    cordoned: bool = False
    draining: bool = False
    max_concurrent: int | None = None
    announced: Capabilities = field(default_factory=Capabilities)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    effective: Capabilities = field(default_factory=Capabilities)
    version: int = 1
    system_info: Mapping[str, Any] = field(default_factory=dict)
    agent_version: str | None = None
    features: tuple[str, ...] = ()
    last_heartbeat: datetime | None = None
    removed_at: datetime | None = None
