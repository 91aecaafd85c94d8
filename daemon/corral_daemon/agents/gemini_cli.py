"""Gemini CLI: headless it reads the prompt from stdin, where that is no terminal; or in its own interface."""

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
    busiest,
    json_lines,
    opening,
    summary,
)
from corral_daemon.agents.probe import installed
from corral_protocol.capabilities import AgentCli
from corral_protocol.codec import Json
from corral_protocol.vocabulary import Phase

_APPROVAL: Mapping[Phase, str] = {Phase.EXECUTE: "yolo", Phase.PLAN: "plan"}


_RETRY = re.compile(rb"^Attempt \d+ failed.*", re.MULTILINE)

# Its interface, as of 0.61: the prompt stands in a bar that is drawn with half blocks; its title says what it does.
_PROMPT = re.compile(r"^ > (?P<text>.*)$")
_TOP, _BOTTOM = re.compile(r"^[▄╭]"), re.compile(r"^[▀╰]")
_WORKS = re.compile(r"\(esc to cancel\b", re.IGNORECASE)
_CHOICE = re.compile(r"^[│\s]*●\s*\d+\.\s")
_HINTS = re.compile(r"\b(?:esc to \w+|use enter to \w+|press enter to \w+)", re.IGNORECASE)
_WORKING, _WANTS = "✦", "✋"
_PLACEHOLDER = "Type your message or @path/to/file"
_AT = 3
"""The column of the cursor in an empty prompt."""


class GeminiCli:
    name = "gemini_cli"
    passes = ("GEMINI_", "GOOGLE_")

    async def probe(self) -> AgentCli | None:
        return await installed(
            self.name,
            "gemini",
            variables=("GEMINI_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_GCA"),
            home=("GEMINI_CLI_HOME", ""),
            files=(".gemini/oauth_creds.json", ".gemini/gemini-credentials.json", ".gemini/.env"),
        )

    def command(self, request: Request) -> Invocation:
        model = ("--model", request.model) if request.model else ()
        return Invocation(
            # Without --skip-trust every approval mode falls back to asking, in a folder nobody has marked as trusted.
            argv=(
                "gemini", "--output-format", "stream-json", "--skip-trust", "--approval-mode", _APPROVAL[request.phase],
                "--include-directories", request.files, *model, *request.arguments,
            )
        )  # fmt: skip

    def interactive(self, request: Request) -> Invocation:
        model = ("--model", request.model) if request.model else ()
        begin = ("--include-directories", request.files, "--prompt-interactive", opening(request))
        return Invocation(argv=("gemini", *model, *request.arguments, *(begin if request.prompt else ())))

    def sign(self, screen: ScreenText) -> Sign | None:
        lines, (column, row) = screen.lines, screen.cursor
        if (choice := interface.last_row(lines, _CHOICE)) is not None:
            return interface.asks(lines, choice)
        if screen.title.startswith(_WORKING) or interface.last_row(lines, _WORKS) is not None:
            return interface.WORKS
        if 0 < row < len(lines) - 1 and _TOP.match(lines[row - 1]) and (prompt := _PROMPT.match(lines[row] + " ")):
            empty = column == _AT and prompt["text"].strip() in ("", _PLACEHOLDER)
            whole = _BOTTOM.match(lines[row + 1]) and not screen.title.startswith(_WANTS)
            return interface.IDLE if empty and whole else interface.HALF_WRITTEN
        return interface.DIALOG if interface.last_row(lines, _HINTS) is not None else None

    def read(self, said: Said) -> Reading:
        text, turn_over = "", False
        usage: Json = None
        problem = _last_retry(said.errors)
        for event in json_lines(said.output):
            if event.get("type") == "message" and event.get("role") == "assistant":
                text = str(event.get("content") or "") if turn_over else text + str(event.get("content") or "")
                turn_over = False
            elif event.get("type") == "tool_use":
                turn_over = True  # what follows is a new message; the last one is the answer
            elif event.get("type") == "result":
                usage, problem = _usage(event), _problem(event)
        return Reading(result=summary(text), usage=usage, problem=problem)


def _usage(event: Mapping[str, Any]) -> Json:
    stats = event.get("stats")
    if not isinstance(stats, dict):
        return None
    return {
        "input_tokens": stats.get("input_tokens"),
        "output_tokens": stats.get("output_tokens"),
        "cost_usd": None,
        "model": busiest(stats.get("models"), "output_tokens"),
    }


def _last_retry(errors: bytes) -> str | None:
    """It asks its provider again for minutes before it gives up; stopped meanwhile, the last try tells why."""
    tries = _RETRY.findall(errors)
    return tries[-1].decode("utf-8", "replace") if tries else None


def _problem(event: Mapping[str, Any]) -> str | None:
    if event.get("status") != "error":
        return None
    error = event.get("error")
    return str(error.get("message") if isinstance(error, dict) else error or "the CLI reports an error")


ADAPTER = GeminiCli()
