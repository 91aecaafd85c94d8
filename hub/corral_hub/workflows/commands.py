"""What a run wants done, once the decision is committed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from corral_protocol.codec import Json
from corral_protocol.outcome import UnitError
from corral_protocol.vocabulary import RunStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Execute:
    """Run this attempt of a node somewhere. `inputs`: outputs by source id. `parts`: parameters of its parts.

    `idempotency_key` is the same for all attempts. `cache_key`: an older result may stand in.
    """

    key: str
    node_id: str
    attempt: int
    parameters: Mapping[str, Json]
    inputs: Mapping[str, Json]
    parts: tuple[Json, ...]
    idempotency_key: str
    cache_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Whatever is done about this attempt, on a machine or in the hub, is no longer wanted."""

    key: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """Say `Due` of this attempt at that time."""

    key: str
    attempt: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fulfil:
    """See to the wish; answer with Completed or Failed of this attempt."""

    key: str
    attempt: int
    wish: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Bury:
    """The node has failed for good and nobody catches it: keep it with its input among the dead letters."""

    key: str
    attempt: int
    error: UnitError


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The run is over. `output`: outputs of the nodes that nothing follows, by name."""

    status: RunStatus
    output: Mapping[str, Json]
    failed: str | None = None


Command = Execute | Stop | Wake | Fulfil | Bury | End
