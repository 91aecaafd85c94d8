"""The API as it is on the wire: a hub process shared by the tests of this folder."""

from tests.hub_process import hub, shared_hub

__all__ = ["hub", "shared_hub"]
