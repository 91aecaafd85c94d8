"""What an agent in a terminal is told while it works: the words, how they are typed, and when. Pure.

Whoever wrote them may mean harm: they reach the terminal as text that was pasted, never as keys that were pressed.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from corral_daemon.ports import Readiness
from corral_protocol.to_daemon import (
    Delivery,
    InterventionResponse,
    PlanApproved,
    PlanRevision,
    TaskNote,
    TaskStatusUpdate,
    TaskUpdated,
)

ENTER = b"\r"
_BEGIN, _END = b"\x1b[200~", b"\x1b[201~"
_LONGEST = 16_000
"""Characters of one message; the rest can be read with `corral task check`."""
_BREAKS = ("\r\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c")


class Fate(Enum):
    PASTE = "paste"
    WAIT = "wait"
    """For a moment in which the agent's interface takes text."""
    INBOX = "inbox"
    """It is not pasted, ever: `corral task check` shows it, and the next unit of the task is told."""


def fate(*, there: bool, attentive: bool, tried: bool, readiness: Readiness | None) -> Fate:
    """Return what becomes of a message now.

    `there`: its session lives. `attentive`: somebody can tell when the agent takes text. `tried`: a paste of it was
    begun before, by a daemon that may have died in the middle. `readiness`: as of this moment, if it was asked for.
    """
    if tried or not there or not attentive:
        return Fate.INBOX
    return Fate.PASTE if readiness is not None and readiness.ready and readiness.pastes else Fate.WAIT


def is_own(message: Delivery) -> bool:
    """Whether the agent said it itself."""
    return isinstance(message, TaskNote) and message.author == f"task:{message.task_id}"


def wording(message: Delivery) -> str:
    """Return what the agent reads. It begins with our word, so that no interface takes it for a command of its own."""
    return f"Corral: {_WORDS[type(message)](message)}"


def pasted(text: str) -> bytes:
    """Return the bytes of a bracketed paste of `text`, without what a terminal or a shell would act upon."""
    return _BEGIN + clean(text).encode("utf-8", "replace") + _END


def clean(text: str) -> str:
    """Return `text` without control characters but line feeds and tabs."""
    for odd in _BREAKS:
        text = text.replace(odd, "\n")
    return "".join(char for char in text if char in "\n\t" or not _is_control(ord(char)))


def _is_control(code: int) -> bool:
    """C0, DEL, C1; and halves of characters, which are no text."""
    return code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000


def _quoted(text: str) -> str:
    """Quote what others said, line by line, so that it is told from what Corral says."""
    lines = clean(text[:_LONGEST]).strip().split("\n")
    more = ["… (the rest: corral task check)"] if len(text) > _LONGEST else []
    return "\n".join([*(f"> {line}" for line in lines), *more])


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())[:200]


def _response(message: InterventionResponse) -> str:
    return f"the answer to your question:\n\n{_quoted(message.response)}\n\nGo on with the task."


def _note(message: TaskNote) -> str:
    kind = "an urgent note" if message.urgent else "a note"
    return f"{kind} on your task, from {_one_line(message.author)}:\n\n{_quoted(message.content)}"


def _updated(message: TaskUpdated) -> str:
    return f"your task was edited; `corral task check` shows it. Its title now:\n\n{_quoted(message.title)}"


def _approved(message: PlanApproved) -> str:
    return "your plan is approved. Do the work now, as planned."


def _revision(message: PlanRevision) -> str:
    return (
        f"your plan is not approved yet. What should be different:\n\n{_quoted(message.feedback)}\n\n"
        "Revise it, hand it in again with `corral task plan`, and wait."
    )


def _status(message: TaskStatusUpdate) -> str:
    return f"your task was {_one_line(message.status_label)}:\n\n{_quoted(message.summary)}"


_WORDS: Mapping[type, Callable[[Any], str]] = {
    InterventionResponse: _response,
    TaskNote: _note,
    TaskUpdated: _updated,
    PlanApproved: _approved,
    PlanRevision: _revision,
    TaskStatusUpdate: _status,
}
