"""Secrets on a real database: kept for a place, swept with the draft that named them, and opened for their workflow."""

from typing import Any

from corral_hub import clock
from corral_hub.db.database import Database
from corral_hub.workflows import secrets
from corral_hub.workflows.vault import Vault
from tests.hub.workflows.mill import Mill
from tests.hub.workflows.playing import graph_of


def graph(**given: str) -> dict[str, Any]:
    nodes = [{"id": id, "type": "webhookTrigger", "parameters": {"secret": text}} for id, text in given.items()]
    return {"nodes": nodes, "edges": []}


async def kept(database: Database, vault: Vault, workflow: int, written: Any) -> dict[str, str]:
    """Keep a draft's secrets, as a change of it does; return the references by node."""
    async with database.begin() as tx:
        found = await vault.keep(tx, workflow, written, {}, clock.now())
        named = secrets.named(secrets.find(found, {}))
        await vault.sweep(tx, workflow, set(named.values()))
    return {place.node_id: secrets.write_reference(id) for place, id in named.items()}


async def test_secrets_live_as_long_as_something_names_them(database: Database) -> None:
    vault = Vault(database, "x" * 32)
    async with Mill(database) as mill:
        one, other = await mill.publish(graph_of("a")), await mill.publish(graph_of("a"))
    first = await kept(database, vault, one, graph(a="same", b="same"))
    assert first["a"] != first["b"], "that two places have one secret is nobody's business"
    assert await kept(database, vault, one, graph(**first)) == first
    assert await kept(database, vault, one, graph(a="same", b=first["b"])) == first
    assert [await vault.open(one, text) for text in first.values()] == ["same", "same"]
    assert await Vault(database, "x" * 32).open(other, first["a"]) is None
    assert await Vault(database, "y" * 32).open(one, first["a"]) is None
    a, b = (secrets.read_reference(text) for text in first.values())
    assert a is not None and b is not None
    async with database.begin() as tx:
        assert await vault.publish(tx, one, {a})
        assert not await vault.publish(tx, other, {a}), "it belongs to one workflow"
    await kept(database, vault, one, graph())
    assert await vault.ids(one) == {a}, "a version names it"
    async with database.begin() as tx:
        assert not await vault.publish(tx, one, {a, b}), "a newer draft has swept it away"
        await vault.forget(tx, one)
    assert await vault.ids(one) == frozenset()
