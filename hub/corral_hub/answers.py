"""What a route answers, for the API's document. Pure. The answer itself is not checked at run time: tests do that."""

from typing import Any


def answers(model: Any, status: int = 200) -> dict[str, Any]:
    """Return the keywords of a route that answers `status` with `model`, a TypedDict or a list of one."""
    return {"response_model": None, "status_code": status, "responses": {status: {"model": model}}}
