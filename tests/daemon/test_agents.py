"""Agent adapters: what is started, what is read from what they print, and the echo agent as a real process."""

import asyncio
import json
import os
import stat
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from corral_daemon.agents import registry
from corral_daemon.agents.adapter import Request, Said
from corral_daemon.agents.echo_script import Step, parse
from corral_daemon.agents.prompt import Briefing, compose
from corral_protocol.run import Contract
from corral_protocol.vocabulary import ErrorClass, Phase
from tests.daemon.runner_world import echo, runner_world, task


def lines(*events: Any) -> bytes:
    return b"warning: not json\n" + b"".join(json.dumps(event).encode() + b"\n" for event in events)


def request(**more: Any) -> Request:
    return Request(prompt="do it", prompt_file="/files/prompt.md", files="/files", **more)


def test_the_registry_finds_every_adapter() -> None:
    assert set(registry()) == {"aider", "claude_code", "codex_cli", "echo", "gemini_cli"}


@pytest.mark.parametrize("name", ["aider", "claude_code", "codex_cli", "echo", "gemini_cli"])
def test_invocations_name_no_prompt_and_differ_by_phase(name: str) -> None:
    adapter = registry()[name]
    execute = adapter.command(request(model="m-1", arguments=("--extra",)))
    plan = adapter.command(request(model="m-1", phase=Phase.PLAN))
    assert "do it" not in " ".join(execute.argv)
    assert "--extra" in execute.argv
    assert execute.takes_stdin is (name != "aider")
    assert plan.argv != execute.argv
    if name != "echo":
        assert "m-1" in execute.argv


def test_claude_code_is_read() -> None:
    usage = {"input_tokens": 10, "output_tokens": 5}
    output = lines(
        {"type": "system", "subtype": "init"},
        {"type": "assistant", "message": {"content": [{"type": "tool_use", "name": "ExitPlanMode",
                                                       "input": {"plan": "1. look"}}]}},
        {"type": "result", "subtype": "success", "is_error": False, "result": "All done.", "usage": usage,
         "total_cost_usd": 0.25, "modelUsage": {"claude-x": {}}},
    )  # fmt: skip
    reading = registry()["claude_code"].read(Said(output=output))
    assert reading.result == {"summary": "All done.", "plan": "1. look"}
    assert reading.usage == {**usage, "cost_usd": 0.25, "model": "claude-x"}
    assert reading.problem is None
    failed = registry()["claude_code"].read(
        Said(output=lines({"type": "result", "is_error": True, "result": "API Error: 401"}))
    )
    assert failed.problem == "API Error: 401"


def test_codex_is_read() -> None:
    output = lines(
        {"type": "thread.started", "thread_id": "x"},
        {"type": "error", "message": "Reconnecting..."},
        {"type": "item.completed", "item": {"type": "agent_message", "text": "first"}},
        {"type": "item.completed", "item": {"type": "command_execution", "command": "ls"}},
        {"type": "item.completed", "item": {"type": "agent_message", "text": "last"}},
        {"type": "turn.completed", "usage": {"input_tokens": 7, "cached_input_tokens": 1, "output_tokens": 3}},
    )
    reading = registry()["codex_cli"].read(Said(output=output))
    assert reading.result == {"summary": "last"}
    assert reading.usage == {"input_tokens": 7, "output_tokens": 3, "cost_usd": None, "model": None}
    assert reading.problem is None
    failed = registry()["codex_cli"].read(Said(output=lines({"type": "turn.failed", "error": {"message": "no"}})))
    assert failed.problem == "no"


def test_gemini_is_read() -> None:
    stats = {"input_tokens": 4, "output_tokens": 2, "models": {"gemini-x": {}}}
    output = lines(
        {"type": "init", "model": "auto"},
        {"type": "message", "role": "user", "content": "do it"},
        {"type": "message", "role": "assistant", "content": "let me look", "delta": True},
        {"type": "tool_use", "tool_name": "read"},
        {"type": "message", "role": "assistant", "content": "all ", "delta": True},
        {"type": "message", "role": "assistant", "content": "done", "delta": True},
        {"type": "result", "status": "success", "stats": stats},
    )
    reading = registry()["gemini_cli"].read(Said(output=output))
    assert reading.result == {"summary": "all done"}
    assert reading.usage == {"input_tokens": 4, "output_tokens": 2, "cost_usd": None, "model": "gemini-x"}
    failed = registry()["gemini_cli"].read(
        Said(output=lines({"type": "result", "status": "error", "error": {"type": "Error", "message": "no key"}}))
    )
    assert failed.problem == "no key"


def test_aider_is_read() -> None:
    cost = b"Tokens: 2.1k sent, 300 received. Cost: $0.01 message, $0.03 session.\n"
    text = b"Model: gpt-x with diff edit format\n\nI changed it.\n" + cost
    reading = registry()["aider"].read(Said(output=text))
    assert reading.result == {"summary": "I changed it."}
    assert reading.usage == {"input_tokens": 2100, "output_tokens": 300, "cost_usd": 0.03, "model": "gpt-x"}


@pytest.mark.parametrize("name", ["aider", "claude_code", "codex_cli", "echo", "gemini_cli"])
@pytest.mark.parametrize("output", [b"", b"\xff\xfe{", b'{"type": "result"', b'{"type":"result","usage":[1]}\n[1]\n'])
def test_nonsense_is_read_without_an_error(name: str, output: bytes) -> None:
    assert registry()[name].read(Said(output=output)).problem is None


async def test_probes_find_what_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, printed in {"claude": "2.1.197 (Claude Code)", "codex": "codex-cli 0.169.0", "gemini": "oops"}.items():
        script = tmp_path / name
        script.write_text(f"#!/bin/sh\necho '{printed}'\n")
        script.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    found = {name: await adapter.probe() for name, adapter in registry().items()}
    assert found["claude_code"] and found["claude_code"].version == "2.1.197"
    assert found["codex_cli"] and found["codex_cli"].version == "0.169.0" and found["codex_cli"].logged_in
    assert found["gemini_cli"] and found["gemini_cli"].version is None
    assert found["echo"] and found["echo"].logged_in


async def test_an_agent_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    async with runner_world(tmp_path) as world:
        for name in ("claude_code", "nobody"):
            outcome = await world.done(task(run={"kind": "agent", "agent": name}))
            assert outcome.error and outcome.error.kind is ErrorClass.AGENT_MISSING


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
