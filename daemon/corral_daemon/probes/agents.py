"""Agent CLIs on this machine: every adapter is asked."""

import asyncio

from corral_daemon.agents import registry
from corral_daemon.capabilities import Found
from corral_daemon.probing import Bench, probe


@probe("agents", ttl=300)
async def agents(bench: Bench) -> Found:
    answers = await asyncio.gather(*(adapter.probe() for adapter in registry().values()))
    return Found(agents=tuple(answer for answer in answers if answer is not None))
