"""How a unit of work ended, as the daemon saw it."""

from dataclasses import dataclass

from corral_protocol.codec import Json
from corral_protocol.vocabulary import ErrorClass


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitError:
    """`retry_after`: seconds for which the other side asked not to be tried again."""

    kind: ErrorClass
    message: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`error` is None exactly when the unit succeeded. Times are seconds; `result` is what `$CORRAL_RESULT` held.

    `usage` is what the agent CLI reported it cost ({input_tokens, output_tokens, cost_usd, model}), unchanged.
    """

    error: UnitError | None = None
    exit_code: int | None = None
    signal: int | None = None
    result: Json = None
    duration: float = 0.0
    usage: Json = None
