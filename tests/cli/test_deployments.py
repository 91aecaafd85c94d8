"""workflow deploy, undeploy, chat; deployment …: what is asked of the hub, and what is printed."""

from typing import Any

from tests.cli.conftest import Corral
from tests.cli.hub import FakeHub

TRIGGERS = [
    {"node": "tick", "kind": "cron", "schedule": "every 5 minutes", "timezone": "UTC", "fires": 3,
     "next_at": "2026-11-26T06:00:00Z"},
    {"node": "door", "kind": "webhook", "url": "/webhook/a", "methods": ["POST"], "authentication": "hmac", "fires": 0},
    {"node": "s", "kind": "manual"},
]  # fmt: skip
DEPLOYMENT: dict[str, Any] = {
    "workflow_id": 4, "workflow": "release", "deployed": True, "version": 2, "concurrency": 1, "when_busy": "queue",
    "active_runs": 1, "waiting": 0, "deployed_by": "user:ana", "deployed_at": "2026-11-26T05:00:00Z",
    "triggers": TRIGGERS,
}  # fmt: skip


def test_deploying_says_what_is_armed(person: Corral, hub: FakeHub) -> None:
    hub.answers["POST /api/v1/workflows/release/deploy"] = DEPLOYMENT
    told = person("workflow", "deploy", "release", "--concurrency", "1", "--reject")
    assert told.code == 0
    assert told.out == (
        "release: version 2 is deployed. Armed: "
        "tick  cron  every 5 minutes (UTC), next 2026-11-26T06:00:00Z  fired 3 times; "
        "door  webhook  POST /webhook/a, asks for hmac\n"
    )
    assert hub.asked("POST /api/v1/workflows/release/deploy")[0].body == {"concurrency": 1, "when_busy": "reject"}
    assert person("workflow", "deploy", "release", "3", "--json").json["version"] == 2
    assert hub.asked("POST /api/v1/workflows/release/deploy")[1].body["version"] == 3


def test_undeploying_and_talking(person: Corral, hub: FakeHub) -> None:
    hub.answers["POST /api/v1/workflows/release/undeploy"] = {"workflow_id": 4, "deployed": False}
    assert "nothing of it is armed" in person("workflow", "undeploy", "release").out
    hub.answers["POST /api/v1/workflows/release/chat"] = {"runs": [{"id": "r1", "trigger": "c", "state": "begun"}]}
    assert person("workflow", "chat", "release", "hi", "--session", "s").out == "Run r1 (begun)\n"
    assert hub.asked("POST /api/v1/workflows/release/chat")[0].body == {"message": "hi", "session_id": "s"}


def test_looking(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/deployments"] = {"deployments": [DEPLOYMENT], "next_after": None}
    listed = person("deployment", "list")
    assert "cron, webhook, manual" in listed.out and "2026-11-26T06:00:00Z" in listed.out
    hub.answers["GET /api/v1/workflows/release/deployment"] = DEPLOYMENT
    assert "asks for hmac" in person("deployment", "show", "release").out
    clock = {"node": "tick", "schedule": "daily at 09:00", "runs": [{"at": "2026-11-27T08:00:00Z", "local": "09:00"}]}
    hub.answers["GET /api/v1/workflows/release/next-runs"] = {"triggers": [clock]}
    assert "2026-11-27T08:00:00Z" in person("deployment", "next", "release").out


def test_what_a_workflow_is_called_cannot_move_the_cursor(person: Corral, hub: FakeHub) -> None:
    hub.answers["POST /api/v1/workflows/release/deploy"] = {**DEPLOYMENT, "workflow": "a\x1b[2Jb"}
    assert "\x1b" not in person("workflow", "deploy", "release").out
