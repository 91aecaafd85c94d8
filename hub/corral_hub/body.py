"""What every request body has in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

SPARE = 8
"""So many unknown fields are named one by one; a hundred thousand would take a second to list."""


class Body(BaseModel):
    """A JSON object whose unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _few_fields(cls, value: Any) -> Any:
        if isinstance(value, dict) and len(value) > len(cls.model_fields) + SPARE:
            raise ValueError(f"has {len(value)} fields; there are {', '.join(cls.model_fields)}")
        return value
