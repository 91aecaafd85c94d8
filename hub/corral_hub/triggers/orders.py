"""What can be asked of the launcher. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from corral_hub.tasks.commands import ForGuest
from corral_hub.triggers.model import Deployment
from corral_protocol.codec import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm(ForGuest):
    """Deploy, or swap what is deployed: runs in flight keep their version. Raises Conflict for a path in use."""

    deployment: Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Disarm(ForGuest):
    """Nothing begins any more; events that wait are let go. Raises NotFound."""

    workflow_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire(ForGuest):
    """An event: begin the run with this id, whatever else is being run. An id that is known is not begun again.

    Raises NotFound for a trigger that is not armed, TooMany while the workflow is busy.
    """

    workflow_id: int
    node_id: str
    run_id: UUID
    payload: Json


class Launch(StrEnum):
    """What became of an event."""

    BEGUN = "begun"
    QUEUED = "queued"
