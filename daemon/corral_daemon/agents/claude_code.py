"""Claude Code, headless: `claude -p`."""

from collections.abc import Mapping
from typing import Any

from corral_daemon.agents.adapter import Invocation, Reading, Request, Said, busiest, json_lines, summary
from corral_daemon.agents.probe import installed
from corral_protocol.capabilities import AgentCli
from corral_protocol.codec import Json
from corral_protocol.vocabulary import Phase

# Not bypassPermissions: the CLI refuses that as root, and a list says what is allowed.
_TOOLS = "Bash,Edit,Write,NotebookEdit,Read,Glob,Grep,WebFetch,WebSearch,Task"
_MODES: Mapping[Phase, tuple[str, ...]] = {
    Phase.EXECUTE: ("--permission-mode", "acceptEdits", f"--allowedTools={_TOOLS}"),
    Phase.PLAN: ("--permission-mode", "plan"),
}


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
