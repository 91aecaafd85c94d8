"""Agent adapters: what is started, what is read from what they print, what their probes find."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from corral_daemon.agents import registry
from corral_daemon.agents.adapter import Request, Said
from corral_protocol.vocabulary import Phase


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


def test_codex_starts_no_login_shells() -> None:
    """They read the machine's profile, which sets PATH anew on Debian for one: `corral` would not be found."""
    assert "allow_login_shell=false" in registry()["codex_cli"].command(request()).argv


def test_claude_code_is_read() -> None:
    usage = {
        "input_tokens": 10,
        "cache_creation_input_tokens": 200,
        "cache_read_input_tokens": 3000,
        "output_tokens": 5,
    }
    output = lines(
        {"type": "system", "subtype": "init"},
        {"type": "assistant", "message": {"content": [{"type": "tool_use", "name": "ExitPlanMode",
                                                       "input": {"plan": "1. look"}}]}},
        {"type": "result", "subtype": "success", "is_error": False, "result": "All done.", "usage": usage,
         "total_cost_usd": 0.25, "modelUsage": {"claude-small": {"outputTokens": 1}, "claude-x": {"outputTokens": 4}}},
    )  # fmt: skip
    reading = registry()["claude_code"].read(Said(output=output))
    assert reading.result == {"summary": "All done.", "plan": "1. look"}
    assert reading.usage == {"input_tokens": 3210, "output_tokens": 5, "cost_usd": 0.25, "model": "claude-x"}
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
    models = {"gemini-small": {"output_tokens": 0}, "gemini-x": {"output_tokens": 2}}
    stats = {"input_tokens": 4, "output_tokens": 2, "models": models}
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


def test_aider_exits_with_0_whatever_its_provider_says() -> None:
    refusal = b"litellm.RateLimitError: OpenAIException - Rate limited, slow \ndown\nTry again later.\n"
    retried = refusal + b"Retrying in 0.2 seconds...\n"
    answered = b"Fine.\n\nTokens: 1k sent, 5 received.\n"
    read = registry()["aider"].read
    wanted = "litellm.RateLimitError: OpenAIException - Rate limited, slow down Try again later."
    assert read(Said(output=b"Aider v0\n" + retried + refusal)).problem == wanted
    assert read(Said(output=answered + refusal)).problem == wanted
    assert read(Said(output=retried + answered)).problem is None


def test_what_an_agent_could_not_overcome_is_kept_for_when_it_is_stopped() -> None:
    retry = {"type": "system", "subtype": "api_retry", "attempt": 7, "max_retries": 10, "error_status": 401,
             "error": "authentication_failed"}  # fmt: skip
    read = registry()["claude_code"].read
    assert read(Said(output=lines(retry))).problem == "the provider answers 401: authentication_failed (try 7 of 10)"
    assert read(Said(output=lines(retry, {"type": "assistant"}))).problem is None
    read = registry()["codex_cli"].read
    error = {"type": "error", "message": "Reconnecting... 2/5 (no network)"}
    assert read(Said(output=lines({"type": "turn.started"}, error))).problem == "Reconnecting... 2/5 (no network)"
    assert read(Said(output=lines(error, {"type": "item.started"}))).problem is None
    read = registry()["gemini_cli"].read
    errors = b"Attempt 1 failed with status 500. x\n    at y\nAttempt 2 failed with status 429. Retrying\n    at z\n"
    assert read(Said(output=b"", errors=errors)).problem == "Attempt 2 failed with status 429. Retrying"
    answered = lines({"type": "result", "status": "success"})
    assert read(Said(output=answered, errors=errors)).problem is None


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
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "CLAUDE_CONFIG_DIR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("CODEX_HOME", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "auth.json").write_text('{"tokens": {}}')
    found = {name: await adapter.probe() for name, adapter in registry().items()}
    assert found["claude_code"] and found["claude_code"].version == "2.1.197"
    assert found["codex_cli"] and found["codex_cli"].version == "0.169.0" and found["codex_cli"].logged_in
    assert found["gemini_cli"] and found["gemini_cli"].version is None
    assert found["echo"] and found["echo"].logged_in


async def test_a_key_that_a_cli_does_not_look_at_is_no_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "codex"
    script.write_text("#!/bin/sh\necho 'codex-cli 0.169.0'\n")
    script.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    for variable in ("CODEX_API_KEY", "CODEX_HOME"):
        monkeypatch.delenv(variable, raising=False)
    found = await registry()["codex_cli"].probe()
    assert found and not found.logged_in
    monkeypatch.setenv("CODEX_API_KEY", "x")
    found = await registry()["codex_cli"].probe()
    assert found and found.logged_in
