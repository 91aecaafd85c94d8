"""Secrets of webhooks through a real hub and a real daemon: they outlive everything, and nobody is shown them."""

import json

import pytest

from tests.acceptance.test_triggers import call, deploy, hook, kinds, runs_of, world
from tests.acceptance.world import World

__all__ = ["world"]
pytestmark = pytest.mark.acceptance


def test_the_secret_of_a_webhook_outlives_everything_and_is_shown_to_nobody(world: World) -> None:
    """Exported and applied again, rolled back to, and across a restart of the hub."""
    id = deploy(world, hook("kept", authentication="bearer", secret="first-s3cret"), {"id": "c", "type": "console"})
    first, second = ({"Authorization": f"Bearer {word}-s3cret"} for word in ("first", "second"))
    world.request("PATCH", f"/workflows/{id}", {"name": "kept"})
    file = world.cli("workflow", "export", "kept")
    told = world.cli("workflow", "apply", "-", "--publish", stdin=json.dumps(file))
    assert told["action"] == "unchanged" and told["version"] == 1
    file["nodes"][0]["parameters"]["secret"] = "second-s3cret"
    for number in (2, 2):  # twice is the same as once
        told = world.cli("workflow", "apply", "-", "--publish", stdin=json.dumps(file))
        assert (told["version"], told["versions"]) == (number, number)
    world.post(f"/workflows/{id}/deploy", {})
    assert [call(world, "kept", headers=who).status_code for who in (first, second)] == [401, 202]
    world.kill_hub()
    world.start_hub()
    assert [call(world, "kept", headers=who).status_code for who in (first, second)] == [401, 202]
    world.eventually(lambda: "webhookTrigger" in kinds(world), "node types are announced")
    world.post(f"/workflows/{id}/rollback", {"number": 1})
    world.post(f"/workflows/{id}/deploy", {})
    assert [call(world, "kept", headers=who).status_code for who in (first, second)] == [202, 401]
    runs = [world.request("GET", f"/runs/{run['id']}{part}").text
            for run in runs_of(world, id) for part in ("", "/history")]  # fmt: skip
    versions = [world.request("GET", f"/workflows/{id}/versions/{n}").text for n in (1, 2, 3)]
    shown = [*runs, *versions, world.request("GET", f"/workflows/{id}").text, world.hub_log]
    assert not any("s3cret" in text for text in shown)


def test_a_hub_with_another_key_lets_nobody_in_and_says_why(world: World) -> None:
    sent = {"Authorization": "Bearer s3cret"}
    id = deploy(world, hook("locked", authentication="bearer", secret="s3cret"), {"id": "c", "type": "console"})
    key = world.folder / "hub" / "secret.key"
    mine = key.read_text()
    world.kill_hub()
    key.write_text("z" * 3 + mine)
    world.start_hub()
    shut = call(world, "locked", headers=sent)
    key.write_text(mine)
    assert (shut.status_code, shut.json()["code"]) == (503, "secret_unreadable")
    assert call(world, "locked").status_code == 503
    world.kill_hub()
    world.start_hub()
    assert call(world, "locked", headers=sent).status_code == 202
    world.eventually(lambda: "webhookTrigger" in kinds(world), "node types are announced")
    world.post(f"/workflows/{id}/undeploy", {})
