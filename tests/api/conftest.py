"""The API as it is on the wire: a hub process shared by the tests of this folder."""

from tests.hub_process import shared_hub

__all__ = ["shared_hub"]
