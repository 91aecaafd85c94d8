"""Codex CLI, headless: `codex exec`."""

from collections.abc import Mapping
from typing import Any

from corral_daemon.agents.adapter import Invocation, Reading, Request, Said, json_lines, summary
from corral_daemon.agents.probe import installed
from corral_protocol.capabilities import AgentCli
from corral_protocol.codec import Json
from corral_protocol.vocabulary import Phase

_SANDBOX: Mapping[Phase, str] = {Phase.EXECUTE: "workspace-write", Phase.PLAN: "read-only"}
_CONFIG = (
    # `corral task …` talks to the hub, with the task's token: codex would filter names that hold KEY or TOKEN.
    "-c", "sandbox_workspace_write.network_access=true",
    "-c", "shell_environment_policy.inherit=all",
    "-c", "shell_environment_policy.ignore_default_excludes=true",
    # A login shell reads the machine's profile, which commonly sets PATH anew: `corral` would not be found.
    "-c", "allow_login_shell=false",
)  # fmt: skip


class CodexCli:
    name = "codex_cli"
    passes = ("OPENAI_", "CODEX_")

    async def probe(self) -> AgentCli | None:
        return await installed(
            self.name,
            "codex",
            variables=("CODEX_API_KEY",),  # not OPENAI_API_KEY: `codex exec` does not look at that
            home=("CODEX_HOME", ".codex"),
            files=("auth.json",),
        )

    def command(self, request: Request) -> Invocation:
        model = ("--model", request.model) if request.model else ()
        return Invocation(
            argv=(
                "codex", "exec", "--json", "--color", "never", "--skip-git-repo-check",
                "--sandbox", _SANDBOX[request.phase], "--add-dir", request.files, *_CONFIG, *model,
                *request.arguments, "-",
            )
        )  # fmt: skip

    def read(self, said: Said) -> Reading:
        text: str | None = None
        usage: Json = None
        problem: str | None = None
        for event in json_lines(said.output):
            text = _message(event) or text
            usage = _usage(event) or usage
            problem = _problem(event, problem)
        return Reading(result=summary(text), usage=usage, problem=problem)


def _message(event: Mapping[str, Any]) -> str | None:
    item = event.get("item")
    if event.get("type") != "item.completed" or not isinstance(item, dict) or item.get("type") != "agent_message":
        return None
    return item.get("text")


def _usage(event: Mapping[str, Any]) -> Json:
    usage = event.get("usage")
    if event.get("type") != "turn.completed" or not isinstance(usage, dict):
        return None
    return {
        "input_tokens": usage.get("input_tokens"),
        "output_tokens": usage.get("output_tokens"),
        "cost_usd": None,
        "model": None,
    }


def _problem(event: Mapping[str, Any], before: str | None) -> str | None:
    """`error` events are also sent for what codex then overcomes: whatever it does next says that it has."""
    match event.get("type"):
        case "error":
            return str(event.get("message"))
        case "turn.failed":
            error = event.get("error")
            return str(error.get("message") if isinstance(error, dict) else error or "the turn failed")
        case "turn.completed" | "item.started":
            return None
        case _:
            return before


ADAPTER = CodexCli()
