"""The whole schema: importing this module registers every noun's tables with the metadata."""

from corral_hub.accounts import tables as accounts
from corral_hub.audit import tables as audit
from corral_hub.bus import tables as bus
from corral_hub.db.metadata import metadata
from corral_hub.dispatch import tables as dispatch
from corral_hub.lease import tables as lease
from corral_hub.projects import tables as projects
from corral_hub.recordings import tables as recordings
from corral_hub.servers import tables as servers
from corral_hub.sessions import tables as sessions
from corral_hub.tasks import tables as tasks
from corral_hub.triggers import tables as triggers
from corral_hub.workflows import tables as workflows

__all__ = [
    "accounts", "audit", "bus", "dispatch", "lease", "metadata", "projects", "recordings", "servers", "sessions",
    "tasks",
    "triggers", "workflows",
]  # fmt: skip
