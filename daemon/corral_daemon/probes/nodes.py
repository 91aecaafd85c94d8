"""Workflow nodes this daemon can run: files shipped, installed, and the owner's own."""

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
    ask = NOT_PROGRAMS.get(need)
    return bench.which(need) is not None if ask is None else await ask(bench)


async def _sandbox(bench: Bench) -> bool:
    return (await mason.walls()).bwrap is not None


async def _typescript(bench: Bench) -> bool:
    return await bench.run("node", "--experimental-strip-types", "--eval", "0") is not None


NOT_PROGRAMS: Mapping[str, Callable[[Bench], Awaitable[bool]]] = {
    "sandbox": _sandbox,
    "node-typescript": _typescript,
}
"""What a node may need besides programs: walls around code, and a Node.js that takes types away."""
