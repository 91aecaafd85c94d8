"""Who may look at workflows, and who may change and run them. Pure.

People with the admin role do everything. A machine's key reads what its project has; an agent at work reads, too.
Running a workflow runs code on machines: nobody gets that by being a machine.
"""

from datetime import datetime
from uuid import UUID

from corral_hub.accounts.model import Person, Principal, Role
from corral_hub.errors import Conflict, Forbidden, NotFound
from corral_hub.text import stamp


def may_see(principal: Principal, project_id: UUID) -> bool:
    return isinstance(principal, Person) or principal.project_id in (None, project_id)


def change(principal: Principal) -> None:
    """Raise Forbidden unless `principal` may change and run workflows."""
    if not isinstance(principal, Person) or principal.role is not Role.ADMIN:
        raise Forbidden("role_required", "only admins change and run workflows", "ask an admin")


def no_workflow(text: object) -> NotFound:
    return NotFound("workflow_not_found", f"there is no workflow {str(text)[:64]}", "corral workflow list")


def changed_meanwhile(name: str, at: datetime) -> Conflict:
    what = f"somebody else changed {name[:64]} at {stamp(at)}; nothing was saved"
    return Conflict("draft_changed", what, "read it again, or send the change without if_unchanged_since")


def no_run(text: object) -> NotFound:
    return NotFound("run_not_found", f"there is no run {str(text)[:64]}", "corral run list")
