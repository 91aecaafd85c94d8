"""Codex CLI: headless by `codex exec`, or in its own interface."""

import re
from collections.abc import Mapping
from typing import Any

from corral_daemon.agents import interface
from corral_daemon.agents.adapter import (
    Invocation,
    Reading,
    Request,
    Said,
    ScreenText,
    Sign,
    json_lines,
    opening,
    summary,
)
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

# Its interface, as of 0.169: the prompt begins with ›, as does the chosen line of a dialog; only in the prompt the
# cursor can be seen. While it works its title spins, also where the line that says so has made room for its answer.
_PROMPT = re.compile(r"^› ?(?!\s*\d+\. )")
_CHOICE = re.compile(r"^\s*[›>]\s*\d+\.\s")
_STATUS = re.compile(r"^\s+\S.* · \S")
"""The model and the folder, below the prompt: there once it has begun. A prompt without it takes no text yet."""
_WORKS = re.compile(r"\b(?:esc|ctrl-c) to interrupt\)", re.IGNORECASE)
_HINTS = re.compile(r"\b(?:esc|enter)\b.{0,12}\b(?:back|cancel|close|confirm|continue|go back|select)\b", re.IGNORECASE)
_PLACEHOLDERS = (
    "Ask Codex to do anything", "Explain this codebase", "Summarize recent commits", "Implement {feature}",
    "Find and fix a bug in @filename", "Write tests for @filename", "Improve documentation in @filename",
    "Run /review on my current changes", "Use /skills to list available skills",
)  # fmt: skip
_AT = 2
"""The column of the cursor in an empty prompt."""


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

    def interactive(self, request: Request) -> Invocation:
        model = ("--model", request.model) if request.model else ()
        begin = ("--add-dir", request.files, opening(request)) if request.prompt else ()
        return Invocation(argv=("codex", *_CONFIG, *model, *request.arguments, *begin))

    def sign(self, screen: ScreenText) -> Sign | None:
        column, row = screen.cursor
        line = screen.lines[row] if row < len(screen.lines) else ""
        if interface.spins(screen) or interface.last_row(screen.lines, _WORKS) is not None:
            return interface.WORKS
        if screen.shown and column >= _AT and _PROMPT.match(line):
            if not any(_STATUS.match(line) for line in screen.lines[row + 1 :]):
                return interface.STARTS
            empty = column == _AT and line[1:].strip() in ("", *_PLACEHOLDERS)
            return interface.IDLE if empty else interface.HALF_WRITTEN
        if (choice := interface.last_row(screen.lines, _CHOICE)) is not None:
            return interface.asks(screen.lines, choice)
        return interface.DIALOG if interface.last_row(screen.lines, _HINTS) is not None else None

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
