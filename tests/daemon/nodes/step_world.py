"""One attempt of a node, as the daemon performs it: with real processes, and without a hub."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from corral_daemon.background.background import Background
from corral_daemon.machine import Machine
from corral_daemon.nodes import Catalogue
from corral_daemon.nodes.node import NodeType
from corral_daemon.steps.spawning import Spawner
from corral_daemon.steps.step import perform
from corral_daemon.steps.voice import Voice
from corral_protocol.codec import Json, encode
from corral_protocol.nodes import NodeAssigned, NodeResult, Source


def assigned(node: str, parameters: dict[str, Json], **more: Any) -> NodeAssigned:
    words: dict[str, Any] = {"run_id": "run", "key": node, "attempt": 1, "idempotency_key": "run/key", **more}
    return NodeAssigned(node=node, parameters=parameters, **words)


def given(*outputs: tuple[str, Json]) -> dict[str, Any]:
    """Return inputs from nodes of these types."""
    sources = tuple(Source(id=str(index), type=type) for index, (type, _) in enumerate(outputs))
    return {"inputs": {str(index): output for index, (_, output) in enumerate(outputs)}, "sources": sources}


class Stage:
    """Runs nodes of `types` in one workspace."""

    def __init__(self, folder: Path, spawner: Spawner, machine: Machine) -> None:
        self.workspace = folder / "workspaces" / "7"
        self.spawner = spawner
        self.machine = machine
        self.types: dict[str, NodeType] = dict(Catalogue().read())

    async def run(self, node: str, parameters: dict[str, Json], **more: Any) -> NodeResult:
        message = assigned(node, parameters, **more)
        kind = self.types.get(node)
        return await perform(message, kind, self.workspace, self.spawner, Voice(message), self.machine)

    async def output(self, node: str, parameters: dict[str, Json], **more: Any) -> Any:
        result = await self.run(node, parameters, **more)
        assert result.error is None, result
        return result.output

    async def refused(self, node: str, parameters: dict[str, Json], **more: Any) -> tuple[str, str]:
        """Return the class of its failure, and what it says."""
        result = await self.run(node, parameters, **more)
        assert result.error is not None, result
        return result.error.kind.value, result.error.message


@asynccontextmanager
async def stage(folder: Path, **words: Any) -> AsyncIterator[Stage]:
    spawner = Spawner()
    background = Background(spawner.keeper)
    try:
        yield Stage(folder, spawner, replace(Machine(background=background), **words))
    finally:
        await background.close()
        await spawner.close()


def text(result: NodeResult) -> str:
    """Everything that would leave the machine."""
    return json.dumps(encode(result))
