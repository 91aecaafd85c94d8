"""Aider: headless it takes the prompt from a file, does that one thing and exits; or in its own interface.

Corral commits, not aider.
"""

import re
from collections.abc import Mapping

from corral_daemon.agents import interface
from corral_daemon.agents.adapter import Invocation, Reading, Request, Said, ScreenText, Sign, summary
from corral_daemon.agents.probe import installed
from corral_protocol.capabilities import AgentCli
from corral_protocol.codec import Json
from corral_protocol.vocabulary import Phase

_MODES: Mapping[Phase, tuple[str, ...]] = {Phase.EXECUTE: (), Phase.PLAN: ("--chat-mode", "ask")}
_TOKENS = re.compile(r"Tokens: ([\d.,]+)(k|M)? sent.*?([\d.,]+)(k|M)? received")
_COST = re.compile(r"\$([\d.]+) session")
_MODEL = re.compile(r"^(?:Main model|Model): (\S+)", re.MULTILINE)
_REFUSAL = re.compile(r"^litellm\.\w+: ", re.MULTILINE)
_UNITS = {"": 1, "k": 1_000, "M": 1_000_000}

# Its interface is a line that is edited: `> `, with the chat's mode before it if that is another.
_PROMPT = re.compile(r"^(?P<prompt>(?:[a-z][a-z-]*)?(?: ?multi)?>)(?P<text>.*)$")
_CONFIRMS = re.compile(r"(?P<question>\S.*\(Y\)es/\(N\)o.*?):?\s*$")
_WAITS = re.compile(r"\bWaiting for \S+")


class Aider:
    name = "aider"
    passes = ("AIDER_", "OPENAI_", "ANTHROPIC_", "GEMINI_", "OPENROUTER_", "DEEPSEEK_")

    async def probe(self) -> AgentCli | None:
        keys = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY", "DEEPSEEK_API_KEY")
        # It may need no key, or take one from a file anywhere: without any of these, nobody can tell.
        return await installed(self.name, "aider", variables=keys, files=(".aider/oauth-keys.env",), otherwise=None)

    def command(self, request: Request) -> Invocation:
        model = ("--model", request.model) if request.model else ()
        return Invocation(
            argv=(
                "aider", "--message-file", request.prompt_file, "--yes-always", "--no-auto-commits",
                "--no-dirty-commits", "--no-gitignore", "--no-pretty", "--no-stream", "--no-check-update",
                "--no-show-release-notes", *_MODES[request.phase], *model, *request.arguments,
            ),
            takes_stdin=False,
        )  # fmt: skip

    def interactive(self, request: Request) -> Invocation:
        """Aider takes no first input and stays; it gets to read the prompt instead."""
        model = ("--model", request.model) if request.model else ()
        begin = ("--read", request.prompt_file) if request.prompt else ()
        return Invocation(argv=("aider", "--no-check-update", *model, *request.arguments, *begin))

    def sign(self, screen: ScreenText) -> Sign | None:
        column, row = screen.cursor
        line = screen.lines[row] if row < len(screen.lines) else ""
        if confirms := _CONFIRMS.search(line):
            return interface.waits(confirms["question"])
        if (prompt := _PROMPT.match(line)) and column > len(prompt["prompt"]):
            empty = not prompt["text"].strip() and column == len(prompt["prompt"]) + 1
            return interface.IDLE if empty else interface.HALF_WRITTEN
        return interface.WORKS if _WAITS.search(line) else None

    def read(self, said: Said) -> Reading:
        text = said.output.decode("utf-8", "replace")
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("Tokens: ")]
        return Reading(result=summary(lines[-1] if lines else None), usage=_usage(text), problem=_problem(text))


def _problem(text: str) -> str | None:
    """Aider exits with 0 whatever its provider said; a request that was answered ends with the line of its tokens."""
    unanswered = text[text.rfind("\nTokens: ") + 1 :]
    refusals = list(_REFUSAL.finditer(unanswered))
    if not refusals:
        return None
    lines = unanswered[refusals[-1].start() :].splitlines()
    return " ".join(line.strip() for line in lines if line.strip() and not line.startswith("Retrying in"))


def _usage(text: str) -> Json:
    sums = [0, 0]
    for sent, sent_unit, received, received_unit in _TOKENS.findall(text):
        sums[0] += _number(sent, sent_unit)
        sums[1] += _number(received, received_unit)
    if not any(sums):
        return None
    costs, model = _COST.findall(text), _MODEL.search(text)
    return {
        "input_tokens": sums[0],
        "output_tokens": sums[1],
        "cost_usd": float(costs[-1]) if costs else None,
        "model": model.group(1) if model else None,
    }


def _number(digits: str, unit: str) -> int:
    return round(float(digits.replace(",", "")) * _UNITS[unit])


ADAPTER = Aider()
