"""What nodes wish for, read: a timer is set by the engine itself, the rest is for others to fulfil. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from corral_hub.workflows import facts as f
from corral_hub.workflows.commands import Fulfil
from corral_protocol.codec import Malformed, decode_tagged
from corral_protocol.nodes import WISHES, Approve, Sleep, Wish
from corral_protocol.outcome import UnitError
from corral_protocol.vocabulary import ErrorClass

LONGEST_SLEEP = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Slept:
    at: datetime
    then: f.Fact


def read_wish(command: Fulfil) -> Wish | f.Failed:
    """Return the wish, or how a node fails that wished for what nobody can read."""
    try:
        return decode_tagged(WISHES, command.wish)
    except Malformed as error:
        return _refused(command, f"its wish cannot be read: {error}")


def slept(command: Fulfil, since: datetime) -> Slept | None:
    """Return what time brings: the end of a sleep, the refusal that an approval is without an answer; or None."""
    wish = read_wish(command)
    if isinstance(wish, f.Failed):
        return Slept(since, wish)
    if isinstance(wish, Approve) and wish.expires is not None:
        return Slept(since + min(timedelta(seconds=max(0.0, wish.expires)), LONGEST_SLEEP), _expired(command))
    if not isinstance(wish, Sleep):
        return None
    at = _until(wish, since)
    if at is None:
        return Slept(since, _refused(command, f"{wish.until or wish.seconds!r} is no time to sleep until"))
    return Slept(at, f.Completed(key=command.key, attempt=command.attempt, output=wish.output))


def _until(wish: Sleep, since: datetime) -> datetime | None:
    try:
        if wish.until is not None:
            at = datetime.fromisoformat(wish.until)
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
        else:
            at = since + timedelta(seconds=wish.seconds or 0.0)
    except (ValueError, OverflowError):
        return None
    return min(max(at, since), since + LONGEST_SLEEP)


def _expired(command: Fulfil) -> f.Completed:
    output = {"approved": False, "comment": "nobody answered in time", "by": None, "at": None}
    return f.Completed(key=command.key, attempt=command.attempt, output=output, handles=("main", "refused"))


def _refused(command: Fulfil, message: str) -> f.Failed:
    error = UnitError(kind=ErrorClass.BAD_INPUT, message=message[:1000])
    return f.Failed(key=command.key, attempt=command.attempt, error=error)
