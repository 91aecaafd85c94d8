"""What the hub is told of a session."""

from dataclasses import replace

from corral_daemon.errors import SessionFailed
from corral_daemon.pty.session import Session
from corral_protocol.sessions import HeldSession, SessionClosed, SessionStarted


def deaf() -> SessionFailed:
    what = "its program does not read what is typed; the last input was dropped"
    return SessionFailed(what, "wait, or end the session", "input_refused")


def held(session: Session) -> HeldSession:
    held = HeldSession(session_id=session.id, pid=session.pid, offset=session.ring.head)
    how = session.ended
    return replace(held, ended=True, exit_code=how.code, signal=how.signal) if how else held


def started(session: Session) -> SessionStarted:
    return SessionStarted(session_id=session.id, pid=session.pid, working_directory=session.note.get("directory"))


def closed(session: Session) -> SessionClosed:
    how = session.ended
    return SessionClosed(
        session_id=session.id,
        exit_code=how.code if how else None,
        signal=how.signal if how else None,
        offset=session.ring.head,
    )
