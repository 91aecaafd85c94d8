"""A wish that waits to be fulfilled, and what fulfilling it may come to. Pure."""

from dataclasses import dataclass
from uuid import UUID

from corral_hub.workflows import facts as f
from corral_hub.workflows.fulfil.names import write_name
from corral_hub.workflows.live import Place
from corral_protocol.codec import Json
from corral_protocol.outcome import UnitError
from corral_protocol.vocabulary import ErrorClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One attempt's wish. `depth`: runs above its own."""

    run_id: UUID
    key: str
    attempt: int
    workflow_id: int
    project_id: UUID
    depth: int = 0

    @property
    def place(self) -> Place:
        return self.run_id, self.key

    @property
    def name(self) -> str:
        """The same for whoever sees to this attempt's wish, however often: what it makes is found by it."""
        return write_name(self.run_id, self.key, self.attempt)

    def done(self, output: Json) -> f.Completed:
        return f.Completed(key=self.key, attempt=self.attempt, output=output)

    def failed(self, kind: ErrorClass, message: str, chance: float = 0.5) -> f.Failed:
        error = UnitError(kind=kind, message=message[:2000])
        return f.Failed(key=self.key, attempt=self.attempt, error=error, chance=chance)
