"""Who may look at a session, and who may drive it. Pure.

People with the admin role drive everything. A machine drives what runs on it: its key must not open a shell on
another machine. An agent at work on a task reads what its project has.
"""

from uuid import UUID

from corral_hub.accounts.model import Machine, Person, Principal, Role, TaskAgent
from corral_hub.errors import Forbidden, NotFound
from corral_hub.sessions.model import Session


def may_see(principal: Principal, project_id: UUID) -> bool:
    return isinstance(principal, Person) or principal.project_id in (None, project_id)


def see(principal: Principal, session: Session) -> None:
    """Raise NotFound unless the session exists for this principal: another project's ids are not admitted to exist."""
    if not may_see(principal, session.project_id):
        raise unknown(str(session.id))


def unknown(text: str) -> NotFound:
    return NotFound(
        "session_not_found", f"there is no session {text[:64]}", "corral session list shows the sessions you can see"
    )


def drive(principal: Principal, server_id: UUID | None) -> None:
    """Raise Forbidden unless `principal` may start, type into, resize and end sessions on this machine."""
    match principal:
        case Person(role=role):
            if role is not Role.ADMIN:
                raise Forbidden("role_required", "viewers may watch but not drive", "ask an admin")
        case Machine():
            if server_id != principal.server_id:
                raise Forbidden(
                    "not_your_server", f"{principal.name} may drive sessions of its own only", "log in as an admin"
                )
        case TaskAgent():
            raise Forbidden("person_required", "an agent may look at sessions but not drive them", "ask for help")


def may_drive(principal: Principal, session: Session) -> bool:
    try:
        drive(principal, session.server_id)
    except Forbidden:
        return False
    return True
