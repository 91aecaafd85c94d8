"""What a route answers, for the API's document. Pure. The answer itself is not checked at run time: tests do that."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""RFC 3339, UTC."""
Id = Annotated[str, Field(json_schema_extra={"format": "uuid"})]
AnyJson = Any
"""A JSON value that is somebody else's: an agent's, a node's, or whoever wrote the task."""
AnObject = Annotated[dict[str, Any], Field(json_schema_extra={"additionalProperties": True})]
"""A JSON object that is somebody else's."""


class WordOf:
    """Marks a text as one of an enum's words, which the document shall name.

    The text itself is what is answered: JSON is written of an enum's members ten times as slowly.
    """

    def __init__(self, words: type[StrEnum]) -> None:
        self._words = words

    def __get_pydantic_core_schema__(self, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler.generate_schema(self._words)


def one_of(*words: str) -> Any:
    """Return the mark of a text that is one of a few words, for where the hub keeps it as a text."""
    return Field(json_schema_extra={"enum": [*words]})


def answers(model: Any, status: int = 200, *others: int) -> dict[str, Any]:
    """Return the keywords of a route that answers `status`, or one of the `others`, with `model`.

    Any as the model that FastAPI works with: nothing is checked, and pydantic writes the JSON in one go. Without a
    model FastAPI goes through every value in Python first, which takes twenty times as long.
    """
    return {
        "response_model": Any,
        "status_code": status,
        "responses": {code: {"model": model} for code in (status, *others)},
    }
