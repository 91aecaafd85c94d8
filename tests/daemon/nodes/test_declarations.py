"""What node files declare: names, parameters, triggers, wishes; and which machine announces which."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from corral_daemon.capabilities import Declared
from corral_daemon.nodes import shipped
from corral_daemon.probes.nodes import nodes as nodes_probe
from corral_daemon.probing import Bench
from corral_daemon.sandbox.walls import mason
from corral_protocol.codec import Json
from tests.daemon.nodes.step_world import Stage, given, stage

MACHINA: dict[str, set[str]] = {
    "start": {"initialData"},
    "chatTrigger": {"sessionId", "placeholder"},
    "webhookTrigger": {"path", "method", "responseMode", "authentication", "headerName", "headerValue"},
    "taskTrigger": {"task_id", "agent_name", "status_filter", "parent_node_id"},
    "cronScheduler": {"frequency", "interval", "interval_minutes", "interval_hours", "daily_time", "weekday",
                      "weekly_time", "month_day", "monthly_time", "timezone"},
    "timer": {"duration", "unit"},
    "pythonExecutor": {"code"},
    "javascriptExecutor": {"code"},
    "typescriptExecutor": {"code"},
    "httpRequest": {"method", "url", "headers", "body", "timeout", "useProxy"},
    "webhookResponse": {"statusCode", "responseBody", "contentType"},
    "console": {"label", "logMode", "fieldPath", "expression", "format"},
    "fileRead": {"file_path", "offset", "limit"},
    "fileModify": {"operation", "file_path", "content", "old_string", "new_string", "replace_all"},
    "shell": {"command", "timeout"},
    "fsSearch": {"mode", "path", "pattern", "file_filter"},
    "processManager": {"toolName", "toolDescription", "operation", "name", "command", "working_directory", "text"},
    "http_request_node": {"url", "method", "headers", "header", "params", "json_body", "timeout"},
    "filter_node": {"condition"},
}  # fmt: skip
"""Parameters as in MachinaOs' editor and AutomateOS' configurations."""


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path) as made:
        yield made


@pytest.mark.parametrize("name", MACHINA)
def test_parameters_have_the_names_that_files_use(name: str) -> None:
    manifests = {kind.manifest.type: kind.manifest for kind in shipped()}
    assert MACHINA[name] <= set(manifests[name].parameters["properties"])


def test_every_type_is_declared_once_and_described() -> None:
    names = [name for kind in shipped() for name in (kind.manifest.type, *kind.manifest.aliases)]
    assert len(names) == len(set(names))
    assert all(kind.manifest.description and kind.manifest.title for kind in shipped())


def test_triggers() -> None:
    kinds = {kind.manifest.type: kind.manifest.trigger for kind in shipped() if kind.manifest.trigger}
    assert kinds == {
        "start": "manual",
        "webhookTrigger": "webhook",
        "cronScheduler": "cron",
        "chatTrigger": "chat",
        "taskTrigger": "task",
    }


async def wish(here: Stage, node: str, parameters: dict[str, Json], **more: Any) -> Any:
    result = await here.run(node, parameters, **more)
    assert result.error is None
    return result.wish


async def test_a_task_is_wished_for_with_a_key_that_makes_it_one(here: Stage) -> None:
    wished = await wish(here, "task", {"title": "Tidy up", "run": {"kind": "manual"}})
    assert wished["type"] == "create_task"
    assert wished["task"] == {
        "title": "Tidy up", "type": "feature", "priority": "normal", "run": {"kind": "manual"}, "client_key": "run/key",
    }  # fmt: skip


async def test_a_workflow_is_wished_for_with_the_input_or_what_is_given(here: Stage) -> None:
    inputs = given(("start", {"n": 1}))
    wished = await wish(here, "workflow", {"workflow": "7"}, **inputs)
    assert wished == {"type": "call_workflow", "workflow": "7", "inputs": {"n": 1}}
    assert (await wish(here, "workflow", {"workflow": "7", "inputs": {"m": 2}}, **inputs))["inputs"] == {"m": 2}
    assert (await wish(here, "subWorkflow", {"workflow": "7"}, **inputs))["inputs"] == {"n": 1}


@pytest.mark.parametrize(
    ("parameters", "body"),
    [
        ({}, {"n": 1}),
        ({"responseBody": '{"a": [1]}'}, {"a": [1]}),
        ({"responseBody": "no json"}, "no json"),
        ({"responseBody": '{"a": 1}', "contentType": "text/plain"}, '{"a": 1}'),
        ({"responseBody": {"b": 2}, "statusCode": 201}, {"b": 2}),
    ],
)
async def test_an_answer_is_wished_for(here: Stage, parameters: dict[str, Json], body: Json) -> None:
    wished = await wish(here, "webhookResponse", parameters, **given(("python", {"n": 1})))
    assert wished["type"] == "respond"
    assert wished["body"] == body
    assert wished.get("status", 200) == parameters.get("statusCode", 200)


async def announced() -> set[str]:
    found = await nodes_probe.ask(Bench(Declared()))
    return {manifest.type for manifest in found.nodes}


async def test_a_machine_without_walls_announces_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    with_walls = (await mason.walls()).bwrap is not None
    assert ("pythonExecutor" in await announced()) is with_walls
    monkeypatch.setenv("PATH", "/nowhere")
    without = await announced()
    assert without.isdisjoint({"pythonExecutor", "javascriptExecutor", "typescriptExecutor"})
    assert {"httpRequest", "fileRead", "filter", "processManager"} <= without
