"""Claude Code: headless by `claude -p`, or in its own interface."""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corral_daemon.agents import interface
from corral_daemon.agents.adapter import (
    Invocation,
    Reading,
    Request,
    Said,
    ScreenText,
    Sign,
    busiest,
    json_lines,
    opening,
    summary,
)
from corral_daemon.agents.probe import installed
from corral_protocol.capabilities import AgentCli
from corral_protocol.codec import Json
from corral_protocol.vocabulary import Attention, Phase

# Not bypassPermissions: the CLI refuses that as root, and a list says what is allowed.
_TOOLS = "Bash,Edit,Write,NotebookEdit,Read,Glob,Grep,WebFetch,WebSearch,Task"
_CONFIG = ".claude.json"
_KEY_SHOWN = 20
"""Characters at the end of a key by which Claude Code remembers that it may use it."""
_MODES: Mapping[Phase, tuple[str, ...]] = {
    Phase.EXECUTE: ("--permission-mode", "acceptEdits", f"--allowedTools={_TOOLS}"),
    Phase.PLAN: ("--permission-mode", "plan"),
}

# Its interface, as of 2.1: the prompt stands between two rules, below it a line of hints, above it a spinner with a
# verb while it works; a dialog stands in its place.
_RULE = re.compile(r"^─{8}")
_PROMPT = re.compile(r"^❯(?:\s|$)")
_PLACEHOLDER = re.compile(r"^❯\s+Try \"")
_SPINNER = re.compile(r"^[·✢✳✶✻✽*∗] \S+?…")
_INTERRUPT = re.compile(r"\besc to interrupt\b", re.IGNORECASE)
_CHOICE = re.compile(r"^\s*❯\s*\d+\.\s")
_TYPES = re.compile(r"^\s*(Paste code here if prompted|Press Enter to (?:continue|retry))", re.IGNORECASE)
_HINTS = re.compile(r"\bEsc to \w+", re.IGNORECASE)
_NEAR = 8
"""Rows above the prompt in which the spinner stands, a tip and a list of what is to be done between them."""

_EVENT = "hook_event_name"
_HOOKED = {"UserPromptSubmit": interface.WORKS, "Stop": Sign(attention=Attention.IDLE, why="has done what it was told")}
_IDLE = ("idle_prompt", "auth_success")
"""Notifications that ask nothing."""


class ClaudeCode:
    name = "claude_code"
    passes = ("ANTHROPIC_", "CLAUDE_", "IS_SANDBOX", "DISABLE_")

    async def probe(self) -> AgentCli | None:
        return await installed(
            self.name,
            "claude",
            variables=("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"),
            home=("CLAUDE_CONFIG_DIR", ".claude"),
            files=(".credentials.json",),
        )

    def command(self, request: Request) -> Invocation:
        model = ("--model", request.model) if request.model else ()
        return Invocation(
            argv=(
                "claude", "-p", "--output-format", "stream-json", "--verbose", f"--add-dir={request.files}",
                *_MODES[request.phase], *model, *request.arguments,
            )
        )  # fmt: skip

    def interactive(self, request: Request) -> Invocation:
        """For a task nobody sits there to answer: what a headless run may do is allowed, and its directory trusted.

        As in a headless run, where Claude Code asks nobody either. A plan is only asked for: the same process does the
        work later, and its mode cannot be changed from outside.
        """
        model = ("--model", request.model) if request.model else ()
        if not request.prompt:
            return Invocation(argv=("claude", *model, *request.arguments))
        return Invocation(
            argv=(
                "claude", f"--add-dir={request.files}", *_MODES[Phase.EXECUTE], *model, *request.arguments,
                opening(request),
            ),
            environment={"CLAUDE_CODE_SANDBOXED": "1"},
        )  # fmt: skip

    def settle(self, environment: Mapping[str, str], files: str) -> Mapping[str, str]:
        """Where it was never used by a person, it has a configuration of its own: its first questions are answered.

        A person's own is left as it is, and used: their login is in there.
        """
        key = environment.get("ANTHROPIC_API_KEY")
        if key is None or _is_settled(environment):
            return {}
        folder = Path(files) / "claude"
        folder.mkdir(mode=0o700, exist_ok=True)
        answers = {
            "hasCompletedOnboarding": True,
            "theme": "dark",
            "customApiKeyResponses": {"approved": [key[-_KEY_SHOWN:]], "rejected": []},
        }
        (folder / _CONFIG).write_text(json.dumps(answers), encoding="utf-8")
        return {"CLAUDE_CONFIG_DIR": str(folder)}

    def sign(self, screen: ScreenText) -> Sign | None:
        lines = screen.lines
        if (prompt := _prompt(lines)) is not None:
            top, bottom = prompt
            if _works(screen, top, bottom):
                return interface.WORKS
            suggests = screen.cursor == (2, top) and _PLACEHOLDER.match(lines[top])
            empty = bottom == top + 1 and (suggests or not lines[top][1:].strip())
            return interface.IDLE if empty else interface.HALF_WRITTEN
        if (choice := interface.last_row(lines, _CHOICE)) is not None:
            return interface.asks(lines, choice)
        if (row := interface.last_row(lines, _TYPES)) is not None:
            return interface.waits(interface.bare(lines[row]))
        if interface.spins(screen):
            return interface.WORKS
        return interface.DIALOG if interface.last_row(lines, _HINTS) is not None else None

    def hooks(self, file: str) -> tuple[str, ...]:
        """Besides the hooks of the user's own settings. What is said to it stays out of the file."""
        place = shlex.quote(file)
        commands = {event: f"echo '{json.dumps({_EVENT: event})}' >> {place}" for event in ("UserPromptSubmit", "Stop")}
        commands["Notification"] = f"{{ tr -d '\\n'; echo; }} >> {place}"
        run = {event: [{"hooks": [{"type": "command", "command": line}]}] for event, line in commands.items()}
        return ("--settings", json.dumps({"hooks": run}))

    def hooked(self, line: str) -> Sign | None:
        for event in json_lines(line.encode()):
            if event.get(_EVENT) == "Notification":
                return interface.notified(str(event.get("message") or ""), idle=event.get("notification_type") in _IDLE)
            return _HOOKED.get(str(event.get(_EVENT)))
        return None

    def read(self, said: Said) -> Reading:
        final: Mapping[str, Any] = {}
        last: Mapping[str, Any] = {}
        plan: str | None = None
        for last in json_lines(said.output):
            if last.get("type") == "result":
                final = last
            plan = _plan(last) or plan
        result = summary(final.get("result"))
        return Reading(
            result={**result, "plan": plan} if plan else result, usage=_usage(final), problem=_problem(final, last)
        )


def _is_settled(environment: Mapping[str, str]) -> bool:
    """Whether a person has been through the questions of the first start."""
    home = environment.get("CLAUDE_CONFIG_DIR") or environment.get("HOME") or "/"
    try:
        config = json.loads((Path(home) / _CONFIG).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError):  # whatever that is, it is not ours to put aside
        return True
    return not isinstance(config, dict) or config.get("hasCompletedOnboarding") is True or "oauthAccount" in config


def _prompt(lines: Sequence[str]) -> tuple[int, int] | None:
    """Return the rows of the prompt and of the rule below it."""
    for row in reversed(range(1, len(lines))):
        if _PROMPT.match(lines[row]) and _RULE.match(lines[row - 1]):
            below = (other for other in range(row + 1, len(lines)) if _RULE.match(lines[other]))
            bottom = next(below, None)
            return None if bottom is None else (row, bottom)
    return None


def _works(screen: ScreenText, top: int, bottom: int) -> bool:
    above = screen.lines[max(0, top - 1 - _NEAR) : top]
    hinted = any(_INTERRUPT.search(line) for line in screen.lines[bottom + 1 :])
    return interface.spins(screen) or hinted or any(_SPINNER.match(line) for line in above)


def _problem(final: Mapping[str, Any], last: Mapping[str, Any]) -> str | None:
    """It asks its provider again for minutes before it gives up; stopped meanwhile, the last try tells why."""
    if final:
        return str(final.get("result") or final.get("subtype")) if final.get("is_error") else None
    if last.get("subtype") != "api_retry":
        return None
    tries = f"try {last.get('attempt')} of {last.get('max_retries')}"
    return f"the provider answers {last.get('error_status')}: {last.get('error')} ({tries})"


def _plan(event: Mapping[str, Any]) -> str | None:
    """In plan mode the plan is the argument of a tool call; the final text only speaks about it."""
    message = event.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict) and block.get("name") == "ExitPlanMode" and isinstance(block.get("input"), dict):
            text = block["input"].get("plan")
            if isinstance(text, str):
                return text
    return None


def _usage(final: Mapping[str, Any]) -> Json:
    usage = final.get("usage")
    if not isinstance(usage, dict):
        return None
    inputs = (usage.get(name) for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"))
    return {
        "input_tokens": sum(count for count in inputs if isinstance(count, int)),
        "output_tokens": usage.get("output_tokens"),
        "cost_usd": final.get("total_cost_usd"),
        "model": busiest(final.get("modelUsage"), "outputTokens"),
    }


ADAPTER = ClaudeCode()
