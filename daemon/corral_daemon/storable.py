"""What the hub can store: JSON whose strings are text, whose numbers are finite, and that is not endless. Pure.

A record the hub cannot read would be sent for ever; so what an agent wrote is looked at before it becomes a record.
"""

import json
import math
from dataclasses import replace

from corral_protocol.codec import Json
from corral_protocol.outcome import Outcome, UnitError
from corral_protocol.vocabulary import ErrorClass

MAX_DEPTH = 60
MAX_LENGTH = 8 << 20
"""Characters of a result or plan as JSON; well below the largest frame."""
MAX_MESSAGE = 64 << 10


def problem_of(value: Json) -> str | None:
    """Return why `value` cannot be stored, with a JSON pointer, or None if it can."""
    problem = _problem(value, "", 0)
    if problem is None and len(json.dumps(value)) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH >> 20} MiB"
    return problem


def readable(text: str) -> str:
    """Return `text` with what cannot be stored replaced, and not longer than MAX_MESSAGE; for messages to people."""
    clean = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    return clean if len(clean) <= MAX_MESSAGE else clean[:MAX_MESSAGE] + " …"


def storable(outcome: Outcome) -> Outcome:
    """Return `outcome` as the hub can store it: an unusable result becomes the error `result_unreadable`."""
    problem = problem_of(outcome.result)
    error = outcome.error and replace(outcome.error, message=readable(outcome.error.message))
    if problem is not None:
        error = error or unreadable("result", problem)
    return replace(
        outcome,
        error=error,
        result=None if problem is not None else outcome.result,
        usage=None if problem_of(outcome.usage) is not None else outcome.usage,
        duration=outcome.duration if math.isfinite(outcome.duration) else 0.0,
    )


def unreadable(what: str, problem: str) -> UnitError:
    return UnitError(kind=ErrorClass.RESULT_UNREADABLE, message=f"the {what} cannot be stored: {problem}")


def _problem(value: Json, pointer: str, depth: int) -> str | None:
    if depth > MAX_DEPTH:
        return f"it is nested deeper than {MAX_DEPTH} levels"
    if isinstance(value, str):
        return _text_problem(value, pointer)
    if isinstance(value, float):
        return None if math.isfinite(value) else f"{pointer or '/'} is not a finite number"
    if isinstance(value, dict):
        parts = [(str(key), item) for key, item in value.items()]
        found = (_text_problem(key, pointer) or _problem(item, f"{pointer}/{key}", depth + 1) for key, item in parts)
        return next((problem for problem in found if problem), None)
    if isinstance(value, (list, tuple)):
        found = (_problem(item, f"{pointer}/{index}", depth + 1) for index, item in enumerate(value))
        return next((problem for problem in found if problem), None)
    return None


def _text_problem(text: str, pointer: str) -> str | None:
    if "\x00" in text:
        return f"{pointer or '/'} holds a NUL character"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return f"{readable(pointer) or '/'} holds half a surrogate pair"
    return None
