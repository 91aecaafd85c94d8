"""What leaves the hub once a batch of runs is committed. It decides nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from corral_hub import clock
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import LetterEvent, LinesEvent, NodesEvent, RunEvent
from corral_hub.workflows import commands as c
from corral_hub.workflows import news
from corral_hub.workflows.live import Batch, Live, Place
from corral_protocol.nodes import NodeAssigned, NodeCancel, Source
from corral_protocol.to_daemon import ToDaemon


class Links(Protocol):
    """The way to the daemons; what cannot be sent is repaired when the daemon returns."""

    def send(self, server_id: UUID, message: ToDaemon) -> None: ...


class Effects:
    """`fulfil` is called with each wish that the engine does not see to itself, `withdraw` with what is in vain."""

    def __init__(self, bus: Bus, links: Links) -> None:
        self._bus = bus
        self._links = links
        self.fulfil: Callable[[Live, c.Fulfil], None] = lambda live, wish: None
        self.withdraw: Callable[[Place], None] = lambda place: None
        self.look_up: Callable[[Live, c.Execute], None] = lambda live, execute: None
        self.ended: Callable[[Live, c.End], None] = lambda live, end: None

    def committed(
        self,
        batch: Batch,
        runs: Mapping[UUID, Live],
        outgoing: Sequence[tuple[UUID, Live, c.Execute]],
        stops: Sequence[tuple[UUID, Place, int]],
        servers: Mapping[Place, UUID],
    ) -> None:
        for server_id, (run_id, key), attempt in stops:
            self._links.send(server_id, NodeCancel(run_id=str(run_id), key=key, attempt=attempt))
        for server_id, live, execute in outgoing:
            self._links.send(server_id, assigned(live, execute))
        for place in batch.withdrawn:
            self.withdraw(place)
        for run_id, wish in batch.wishes:
            self.fulfil(runs[run_id], wish)
        if batch.history or batch.nodes or batch.lines:
            self._publish(batch, runs, servers)
        for run_id, end in batch.ended.items():
            self.ended(runs[run_id], end)

    def _publish(self, batch: Batch, runs: Mapping[UUID, Live], servers: Mapping[Place, UUID]) -> None:
        """What nobody listens for is not made: of nodes, only those of the runs that somebody watches."""
        at = clock.now()
        if self._bus.hears(RunEvent):
            for run_id in {**batch.begun, **batch.moved, **batch.ended}:
                self._bus.publish(news.run_event(runs[run_id], at))
        if (batch.buried or batch.ended) and self._bus.hears(LetterEvent):
            self._bus.publish(*news.letter_events(batch, runs, at))
        if self._bus.hears(NodesEvent):
            watched = runs.keys() & self._bus.about(NodesEvent)
            for run_id, keys in news.changed(batch, watched).items():
                self._bus.publish(news.nodes_event(runs[run_id], keys, servers, at), about=run_id)
        for said in batch.lines if self._bus.hears(LinesEvent) else ():
            self._bus.publish(news.lines_event(runs[said.place[0]], said, at), about=said.place[0])


def assigned(live: Live, execute: c.Execute) -> NodeAssigned:
    """Return what a machine is told. Pure."""
    node = live.graph.nodes[execute.node_id]
    sources = [live.graph.nodes[edge.source] for edge in live.graph.incoming[execute.node_id]]
    return NodeAssigned(
        run_id=str(live.id),
        key=execute.key,
        attempt=execute.attempt,
        node=node.type,
        label=node.label,
        idempotency_key=execute.idempotency_key,
        workflow_id=live.workflow_id,
        project_id=str(live.project_id),
        parameters=execute.parameters,
        inputs=execute.inputs,
        sources=tuple(Source(id=source.id, type=source.type, label=source.label) for source in sources),
        parts=execute.parts,
        timeout=node.timeout,
        heartbeat_timeout=node.heartbeat_timeout,
    )
