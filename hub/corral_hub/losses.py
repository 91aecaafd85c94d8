"""What follows when a machine is lost, or its key taken: its connection ends, and its work is given to others."""

from uuid import UUID

from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import KeyRevoked, ServerLost
from corral_hub.gateway.links import AUTH_REFUSED, LOST, LinkRegistry
from corral_hub.servers.actions import Servers
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.asked import insist
from corral_hub.tasks.reactor import Reactor
from corral_hub.workflows.orders import LoseNodes


def connect_facts(bus: Bus, servers: Servers, reactor: Reactor, links: LinkRegistry) -> None:
    def cut(server_id: UUID, code: int, reason: str) -> None:
        links.cut(server_id, code, reason)
        servers.disconnected(server_id)

    def lose(fact: ServerLost) -> None:
        cut(fact.server_id, LOST, "nothing was heard for too long; connect again")
        detail = f"host {str(fact.server_id)[:8]} was lost"
        insist(reactor.submit, cmd.LoseServer(server_id=fact.server_id, detail=detail))
        insist(reactor.submit, LoseNodes(server_id=fact.server_id))

    bus.subscribe(ServerLost, lose)
    bus.subscribe(KeyRevoked, lambda fact: cut(fact.server_id, AUTH_REFUSED, "the key was revoked"))
