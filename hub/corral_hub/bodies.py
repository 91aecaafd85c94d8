"""Request bodies from people and from agents: unknown fields are refused by name, from agents passed over."""

from contextvars import ContextVar
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

_lenient: ContextVar[bool] = ContextVar("lenient", default=False)


async def pass_over_unknown() -> None:
    """Mount a router for agents: theirs are of any version and make, and send fields that mean nothing here."""
    _lenient.set(True)


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, value: Any) -> Any:
        if _lenient.get() and isinstance(value, dict):
            return {name: item for name, item in value.items() if name in cls.model_fields}
        return value
