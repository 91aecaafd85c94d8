"""What an agent of another make may be sent. It types what it gets into a terminal, followed by Enter. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from corral_protocol import sessions, to_daemon
from corral_protocol.codec import encode

LONGEST = 2000
QUOTES: Final = {ord("'"): "’", ord('"'): "”", ord("`"): "’"}
HARMLESS: Final = frozenset(" .,:?/@%+_-=’”…–—")
"""Beside letters and digits. No shell reads anything into these, in the middle of a line."""

Frame = Mapping[str, Any]


def plain(text: str) -> str:
    """Return `text` on one line without what a terminal obeys or a shell acts upon."""
    kept = (char if char.isalnum() or char in HARMLESS else " " for char in text[:LONGEST].translate(QUOTES))
    return " ".join("".join(kept).split())


def frame(message: to_daemon.ToDaemon) -> Frame | None:
    """Return the frame for an agent that takes no units; None if it has no use for the message."""
    translate = _FRAMES.get(type(message))
    if translate is not None:
        return translate(message)
    return encode(message) if isinstance(message, _CONNECTION) else None


def _task(message: to_daemon.TaskAssigned) -> dict[str, Any]:
    """Name the task, no more: the details and the authority to change them come with `orchestratia task check`."""
    return {"title": plain(message.title), "require_plan": message.require_plan, "priority": message.priority}


def _tagged(fields: Callable[[Any], Mapping[str, Any]]) -> Callable[[Any], Frame | None]:
    """Return a translator; what is for no session is for nobody."""

    def translate(message: Any) -> Frame | None:
        if not message.session_id:
            return None
        named = {"type": message.TYPE, "session_id": message.session_id, "task_id": message.task_id, **fields(message)}
        return {name: value for name, value in named.items() if value is not None}

    return translate


def _session(message: Any) -> Frame:
    """Return a message about a terminal as these agents know it; they bear no null."""
    fields = {name: getattr(message, name) for name in _SESSION_FIELDS[type(message)]}
    return {"type": message.TYPE, **{name: value for name, value in fields.items() if value is not None}}


def _kill(message: sessions.SessionKill) -> Frame:
    """Close it: a kill of theirs leaves the tmux session running, which then comes back."""
    return _session(sessions.SessionClose(session_id=message.session_id))


_SESSION_FIELDS: Final[Mapping[type[to_daemon.ToDaemon], tuple[str, ...]]] = {
    sessions.SessionStart: (
        "session_id", "working_directory", "cols", "rows", "project_id", "agent_type", "role",
    ),
    sessions.SessionInput: ("session_id", "data"),
    sessions.SessionResize: ("session_id", "cols", "rows"),
    sessions.SessionClose: ("session_id",),
    sessions.SessionRecoveredAck: ("tmux_name", "session_id"),
}  # fmt: skip

_CONNECTION = (to_daemon.AuthOk, to_daemon.Error, to_daemon.Pong)

_FRAMES: Final[Mapping[type[to_daemon.ToDaemon], Callable[[Any], Frame | None]]] = {
    **dict.fromkeys(_SESSION_FIELDS, _session),
    sessions.SessionKill: _kill,
    to_daemon.TaskAssigned: _tagged(_task),
    # A word that is no command goes first: a response is typed as it is, and `reboot` has no special character.
    to_daemon.InterventionResponse: _tagged(
        lambda m: {"intervention_id": m.intervention_id, "response": f"Answer: {plain(m.response)}"}
    ),
    to_daemon.TaskNote: _tagged(lambda m: {"content": plain(m.content), "urgent": m.urgent, "author": plain(m.author)}),
    to_daemon.TaskUpdated: _tagged(lambda m: {"title": plain(m.title)}),
    to_daemon.PlanApproved: _tagged(lambda _: {}),
    to_daemon.PlanRevision: _tagged(lambda m: {"feedback": plain(m.feedback)}),
    to_daemon.TaskStatusUpdate: _tagged(
        lambda m: {
            "title": plain(m.title),
            "status": m.status,
            "status_label": plain(m.status_label),
            "summary": plain(m.summary),
        }
    ),
}
