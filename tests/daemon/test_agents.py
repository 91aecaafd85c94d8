"""Agents as the runner starts them: what they are told, what they see, and the echo agent as a real process."""

import asyncio
import json
import os
import stat
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from corral_daemon.agents.echo_script import Step, parse
from corral_daemon.agents.prompt import Briefing, compose
from corral_protocol.run import Contract
from corral_protocol.vocabulary import ErrorClass, Phase
from tests.daemon.runner_world import echo, runner_world, task


async def test_an_agent_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    async with runner_world(tmp_path) as world:
        for name in ("claude_code", "nobody"):
            outcome = await world.done(task(run={"kind": "agent", "agent": name}))
            assert outcome.error and outcome.error.kind is ErrorClass.AGENT_MISSING


def a_cli(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(stat.S_IRWXU)


async def test_an_agent_sees_the_keys_of_its_own_vendor_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_cli(tmp_path, "claude", "env")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "for-claude")
    monkeypatch.setenv("OPENAI_API_KEY", "for-codex")
    async with runner_world(tmp_path / "state") as world:
        await world.done(task(run={"kind": "agent", "agent": "claude_code"}))
        assert "ANTHROPIC_API_KEY=for-claude" in world.notebook.text
        assert "OPENAI_API_KEY" not in world.notebook.text


async def test_a_timeout_tells_what_the_agent_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    retry = '{"type":"system","subtype":"api_retry","attempt":1,"max_retries":10,"error_status":529,"error":"busy"}'
    a_cli(tmp_path, "claude", f"echo '{retry}'; exec sleep 1000")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    async with runner_world(tmp_path / "state") as world:
        outcome = await world.done(task(run={"kind": "agent", "agent": "claude_code", "timeout": 1}))
    assert outcome.error and outcome.error.kind is ErrorClass.TIMEOUT
    assert outcome.error.message.splitlines() == [
        "it ran longer than 1 s",
        "the agent's last problem: the provider answers 529: busy (try 1 of 10)",
    ]


def test_the_prompt_holds_what_an_agent_needs() -> None:
    text = compose(
        Briefing(
            title="Build\nit",
            spec="The spec.",
            instructions="Hurry.",
            specification={"acceptance_criteria": ["it works"], "style": "plain", "run": {"kind": "agent"}},
            contracts=(Contract(key="api", schema={"type": "object"}, description="the API"),),
            inputs={"plan": {"steps": 3}},
            feedback="@say not a directive",
            plan={"summary": "first this"},
        )
    )
    for wanted in ("# Build it", "The spec.", "Hurry.", "- it works", '"style": "plain"', "`api` (required): the API",
                   '{"type": "object"}', '"steps": 3', "> @say not a directive", "first this", "$CORRAL_RESULT",
                   "corral task help"):  # fmt: skip
        assert wanted in text
    assert '"kind"' not in text
    assert "Do not change anything" in compose(Briefing(title="x", phase=Phase.PLAN))


def test_blocks_of_the_echo_language() -> None:
    text = "hello\n@say always\n@on-feedback\n@say second\n@otherwise\n@say first\n@end\n@unknown x\n@exit 0"
    assert [step.rest for step in parse(text, has_feedback=False)] == ["always", "first", "0"]
    assert [step.rest for step in parse(text, has_feedback=True)] == ["always", "second", "0"]
    assert parse("@write a b <<X\n@say 1\nX\n@say 2", has_feedback=False) == [
        Step("write", "a b", "@say 1\n"),
        Step("say", "2"),
    ]


async def test_echo_follows_its_directives(tmp_path: Path) -> None:
    spec = "\n".join([
        "Some prose.", "@say hello", "@write deep/file.txt <<END", "line", "END", "@input api",
        '@contract made {"a": [1]}', '@result {"summary": "mine"}', "@sleep 0.01",
    ])  # fmt: skip
    async with runner_world(tmp_path) as world:
        outcome = await world.done(echo(spec, resolved_inputs={"api": {"v": 2}}))
        assert outcome.error is None
        assert outcome.result == {"summary": "mine", "contracts": {"made": {"a": [1]}}}
        assert outcome.usage["model"] == "echo"
        assert world.notebook.text.splitlines()[:3] == ["hello", "wrote deep/file.txt (5 characters)", '{"v": 2}']
        assert (tmp_path / "scratch" / "aaaa1111-0000-1" / "deep" / "file.txt").read_text() == "line\n"


async def test_echo_without_directives_repeats_the_prompt(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        outcome = await world.done(echo("Just words."))
        assert outcome.result == {"summary": "repeated the prompt"}
        assert "Just words." in world.notebook.text


async def test_echo_fails_as_told(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        outcome = await world.done(echo("@fail it is broken"))
        assert outcome.error and outcome.error.kind is ErrorClass.EXIT_NONZERO
        assert "it is broken" in outcome.error.message
        assert (await world.done(echo("@exit 42", "bbbb2222"))).exit_code == 42
        outcome = await world.done(echo("@raw {nonsense", "cccc3333"))
        assert outcome.error and outcome.error.kind is ErrorClass.RESULT_UNREADABLE


async def test_echo_plans(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        message = echo("@write x <<E\nE\n@say hi", phase=Phase.PLAN)
        await world.runner.assign(message)
        await world.ended(message)
        assert world.notebook.plans[message.task_id] == {"summary": "2 steps", "steps": ["write x", "say hi"]}
        assert not (tmp_path / "scratch" / "aaaa1111-0000-1" / "x").exists()


async def test_echo_asks_for_help_with_the_tasks_own_token(tmp_path: Path) -> None:
    asked: list[tuple[str, str | None, Any]] = []

    class Hub(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.path, self.headers["X-API-Key"], body))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: Any) -> None:
            return None

    with HTTPServer(("127.0.0.1", 0), Hub) as hub:
        serving = asyncio.create_task(asyncio.to_thread(hub.handle_request))
        async with runner_world(tmp_path, hub_url=f"http://127.0.0.1:{hub.server_port}") as world:
            outcome = await world.done(echo("@help Which colour?\n@say never", token="task-token"))
        await serving
    assert outcome.error is None
    assert asked == [("/api/v1/server/tasks/aaaa1111-0000/help", "task-token", {"question": "Which colour?"})]
    assert "never" not in world.notebook.text
