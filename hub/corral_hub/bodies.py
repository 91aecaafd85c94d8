"""What every request body has in common: unknown fields are refused by name, from agents passed over."""

from contextvars import ContextVar
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

SPARE = 8
"""So many unknown fields are named one by one; a hundred thousand would take a second to list."""

_lenient: ContextVar[bool] = ContextVar("lenient", default=False)


async def pass_over_unknown() -> None:
    """Mount a router for agents: theirs are of any version and make, and send fields that mean nothing here."""
    _lenient.set(True)


class Body(BaseModel):
    """A JSON object of known fields."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if _lenient.get():
            return {name: item for name, item in value.items() if name in cls.model_fields}
        if len(value) > len(cls.model_fields) + SPARE:
            raise ValueError(f"has {len(value)} fields; there are {', '.join(cls.model_fields)}")
        return value
