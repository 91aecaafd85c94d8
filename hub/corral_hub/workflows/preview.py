"""Which machines could run a node, and why the others could not: asked while the workflow is being written. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from corral_hub.dispatch.model import ServerView, Verdict, Wanted
from corral_hub.dispatch.score import judge
from corral_hub.errors import Unprocessable
from corral_hub.workflows.shapes import Candidate
from corral_protocol.codec import Json, Malformed, decode
from corral_protocol.run import Requirements


def read_wanted(type: str, requires: Json, project_id: UUID) -> Wanted:
    """Return what a node asks of a machine, as placing asks it. Raises Unprocessable."""
    try:
        read = decode(Requirements, requires)
    except Malformed as error:
        hint = "as a node's `requires`: corral workflow schema"
        raise Unprocessable("bad_requirements", f"requires{error.pointer}: {error.problem}", hint) from error
    nodes = tuple(sorted({type, *read.nodes}))
    return Wanted(requirements=replace(read, nodes=nodes), project_id=project_id)


def preview(wanted: Wanted, servers: Iterable[ServerView]) -> list[Candidate]:
    """Return every machine with what is against it, those that could run the node now first."""
    shown = [_shown(judge(wanted, server)) for server in servers]
    return sorted(shown, key=lambda item: (not item["fits"], not item["connected"], item["server"]))


def _shown(verdict: Verdict) -> Candidate:
    against = [part.detail for part in verdict.parts if part.hard and not part.passed]
    server = verdict.server
    return {
        "server": server.name, "server_id": str(server.id), "fits": verdict.eligible, "connected": server.connected,
        "against": against,
    }  # fmt: skip
