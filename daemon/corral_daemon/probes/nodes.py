"""Workflow nodes this daemon can run: files shipped, installed, and the owner's own."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping

from corral_daemon.capabilities import Found
from corral_daemon.nodes import Catalogue
from corral_daemon.probing import Bench, probe
from corral_daemon.sandbox.walls import mason


@probe("nodes", ttl=10)
async def nodes(bench: Bench) -> Found:
    kinds = Catalogue(bench.declared.nodes).read()
    manifests = {kind.manifest.type: kind.manifest for kind in kinds.values()}
    needs = sorted({need for manifest in manifests.values() for need in manifest.needs})
    missing = {need for need in needs if not await _has(bench, need)}
    return Found(nodes=tuple(m for m in manifests.values() if not missing.intersection(m.needs)))


async def _has(bench: Bench, need: str) -> bool:
    if need.startswith("$"):
        return any(os.environ.get(name, "").strip() for name in need[1:].split("|"))
    ask = NOT_PROGRAMS.get(need)
    return bench.which(need) is not None if ask is None else await ask(bench)


async def _sandbox(bench: Bench) -> bool:
    return (await mason.walls()).bwrap is not None


async def _typescript(bench: Bench) -> bool:
    found = bench.which("node")
    if found is None:
        return False
    key = (found, await asyncio.to_thread(os.path.getmtime, found))
    if key not in _typed:
        _typed[key] = await bench.run(found, "--eval", _STRIP) is not None
    return _typed[key]


_STRIP = "require('node:module').stripTypeScriptTypes('let a: number = 1')"
_typed: dict[tuple[str, float], bool] = {}
"""By what `node` was found: it is asked again only when another one is there."""

NOT_PROGRAMS: Mapping[str, Callable[[Bench], Awaitable[bool]]] = {
    "sandbox": _sandbox,
    "node-typescript": _typescript,
}
"""What a node may need besides programs: walls around code, and a Node.js that takes types away."""
