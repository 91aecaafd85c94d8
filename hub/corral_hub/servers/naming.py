"""Which machine this is again, and what a new one is called. Pure."""

from typing import Any
from uuid import UUID

from corral_hub.servers.model import Server


def returning(known: list[Server], facts: dict[str, Any], project_id: UUID | None) -> Server | None:
    """Return the machine this is again: same machine id, same name asked for, same project."""
    asked = (facts["machine_id"], facts["name"], project_id)
    return next(
        (
            server
            for server in known
            if facts["machine_id"] and (server.machine_id, server.enrolled_as, server.project_id) == asked
        ),
        None,
    )


def free_name(name: str, taken: set[str]) -> str:
    """Return the name, with a number behind it if another has it."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free
