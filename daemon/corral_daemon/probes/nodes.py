"""Workflow nodes this daemon can run: files shipped, installed, and the owner's own."""

from corral_daemon.capabilities import Found
from corral_daemon.nodes import Catalogue
from corral_daemon.probing import Bench, probe


@probe("nodes", ttl=10)
async def nodes(bench: Bench) -> Found:
    kinds = Catalogue(bench.declared.nodes).read()
    manifests = {kind.manifest.type: kind.manifest for kind in kinds.values()}
    missing = {need for manifest in manifests.values() for need in manifest.needs if bench.which(need) is None}
    return Found(nodes=tuple(m for m in manifests.values() if not missing.intersection(m.needs)))
