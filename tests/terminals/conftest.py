"""Terminals through a real hub process: daemons and viewers are simulated, over real WebSockets."""

from tests.hub_process import hub, shared_hub

__all__ = ["hub", "shared_hub"]
