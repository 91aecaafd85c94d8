"""What is said to the hub of a session's life, and of its screen."""

from dataclasses import replace

from corral_daemon.errors import DaemonError, SessionFailed
from corral_daemon.pty.screens import Look
from corral_daemon.pty.session import Session
from corral_protocol.sessions import HeldSession, SessionClosed, SessionError, SessionScreen, SessionStarted


def deaf() -> SessionFailed:
    what = "its program does not read what is typed; the last input was dropped"
    return SessionFailed(what, "wait, or end the session", "input_refused")


def held(session: Session) -> HeldSession:
    so_far = HeldSession(session_id=session.id, pid=session.pid, offset=session.ring.head)
    how = session.ended
    return replace(so_far, ended=True, exit_code=how.code, signal=how.signal) if how else so_far


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


def screen(session: Session, request_id: str, look: Look) -> SessionScreen:
    return SessionScreen(
        session_id=session.id,
        lines=look.lines,
        request_id=request_id,
        offset=look.offset,
        cols=look.cols,
        rows=look.rows,
        cursor=look.cursor,
        title=look.title,
    )


def trouble(session_id: str, error: DaemonError, request_id: str | None) -> SessionError:
    return SessionError(
        session_id=session_id, error=str(error), code=error.code, hint=error.hint, request_id=request_id
    )
