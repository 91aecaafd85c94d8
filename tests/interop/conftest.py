"""Clients that are not ours, against a real hub process."""

from tests.hub_process import hub, shared_hub

__all__ = ["hub", "shared_hub"]
