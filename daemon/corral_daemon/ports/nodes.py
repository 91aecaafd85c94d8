"""Attempts of workflow nodes, as the link sees them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from corral_protocol.nodes import NodeAssigned, NodeCancel, NodesHeld
from corral_protocol.to_hub import ToHub


class Nodes(Protocol):
    """No call waits or fails."""

    def attach(self, say: Callable[[ToHub], None]) -> None:
        """Say by `say` what happens from now on."""
        ...

    def detach(self) -> None:
        """Nobody hears what is said from now on."""
        ...

    def held(self, *, again: bool = False) -> NodesHeld: ...

    def assign(self, message: NodeAssigned) -> None: ...

    def cancel(self, message: NodeCancel) -> None: ...

    async def close(self) -> None:
        """End all of them; the hub gives them out again."""
        ...


class Spawn(Protocol):
    """Run a process of its own, in its own tree, ended with the node."""

    async def __call__(
        self,
        argv: tuple[str, ...],
        *,
        directory: Path,
        environment: Mapping[str, str],
        stdin: bytes = b"",
        limit: int = 1 << 20,
    ) -> "Ran": ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a process ended. Output beyond the limit was let go, and `truncated` says so."""

    exit_code: int | None
    signal: int | None
    stdout: bytes
    stderr: bytes
    truncated: bool = False
