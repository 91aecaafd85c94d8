"""Workflow nodes this daemon can run: none yet."""

from corral_daemon.capabilities import Found
from corral_daemon.probing import Bench, probe


@probe("nodes", ttl=3600)
async def nodes(bench: Bench) -> Found:
    return Found()
