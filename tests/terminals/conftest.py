"""Terminals through a real hub process: daemons and viewers are simulated, over real WebSockets."""

from collections.abc import AsyncIterator

import pytest

from tests.hub_process import HubProcess, hub, shared_hub
from tests.terminals.daemon import Daemon, a_daemon

__all__ = ["daemon", "hub", "shared_hub"]


@pytest.fixture
async def daemon(shared_hub: HubProcess) -> AsyncIterator[Daemon]:
    async with a_daemon(shared_hub) as made:
        yield made
