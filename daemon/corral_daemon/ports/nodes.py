"""Attempts of workflow nodes, as the link sees them."""

from collections.abc import Callable
from typing import Protocol

from corral_protocol.nodes import NodeAssigned, NodeCancel, NodesHeld
from corral_protocol.to_hub import ToHub


class Nodes(Protocol):
    """No call waits or fails."""

    def attach(self, say: Callable[[ToHub], None]) -> None:
        """Say by `say` what happens from now on."""
        ...

    def held(self) -> NodesHeld: ...

    def assign(self, message: NodeAssigned) -> None: ...

    def cancel(self, message: NodeCancel) -> None: ...

    async def close(self) -> None:
        """End all of them; the hub gives them out again."""
        ...
