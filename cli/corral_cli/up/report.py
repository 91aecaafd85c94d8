"""What a person needs to read once Corral is up. Facts in, lines out."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from corral_cli.text import clean
from corral_cli.up.hub import Bootstrap
from corral_cli.up.place import Place

AGENTS: Mapping[str, tuple[str, str, str]] = {
    "claude_code": ("Claude Code", "claude, then /login", "npm install -g @anthropic-ai/claude-code"),
    "codex_cli": ("Codex", "codex login", "npm install -g @openai/codex"),
    "gemini_cli": ("Gemini CLI", "gemini  (it asks at its first start)", "npm install -g @google/gemini-cli"),
    "aider": ("aider", "set the API key of your model provider", "pip install aider-chat"),
}
"""Agent → its name, how to log in, how to get it."""

_FAKES = frozenset({"echo"})


def facts(
    place: Place, hub: Bootstrap, server: Mapping[str, Any] | None, agents: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return for machines what is said to people; the password is there once, as for them."""
    return {
        "url": hub.url,
        "admin_email": hub.admin_email,
        "admin_password": hub.admin_password,
        "login_url": hub.login_url,
        "server": server.get("name") if server else None,
        "agents": list(agents),
        "home": str(place.home),
        "logs": str(place.logs),
    }


def login_lines(hub: Bootstrap) -> list[str]:
    lines = [f"  Dashboard {clean(hub.login_url or hub.url)}"]
    if hub.login_url:
        lines.append("            (logs you in, once, within 15 minutes; corral dashboard makes another)")
    lines.append(f"  Admin     {clean(hub.admin_email)}")
    if hub.admin_password:
        return [*lines, f"  Password  {hub.admin_password}", "            (shown this once; write it down)"]
    return [*lines, f"            (forgot the password? corral user set {clean(hub.admin_email)} --password)"]


def machine_lines(server: Mapping[str, Any] | None) -> list[str]:
    if server is None:
        return ["  Machine   none: started with --no-daemon"]
    slots = server.get("slots") or {}
    room = f", runs {slots['max']} tasks at a time" if slots.get("max") else ""
    return [f"  Machine   {clean(server.get('name', ''))} is enrolled and online{room}"]


def agent_lines(agents: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say for each agent CLI whether it is here, its version, its login and what to do next."""
    real = [agent for agent in agents if agent.get("name") not in _FAKES]
    if not real:
        width = max(len(name) for name, _, _ in AGENTS.values())
        ways = [f"{'':<12}{name:<{width}}  {get}" for name, _, get in AGENTS.values()]
        return ["  Agents    no agent CLI found here; the demo needs none. To get one:", *ways]
    lines = [_agent_line(agent) for agent in real]
    missing = [AGENTS[name][0] for name in AGENTS if name not in {agent.get("name") for agent in real}]
    lines += [f"not found: {', '.join(missing)}"] if missing else []
    return [f"  {'Agents' if at == 0 else '':<10}{line}" for at, line in enumerate(lines)]


def next_lines(place: Place, corral: str) -> list[str]:
    home = "" if place.usual_home else f"CORRAL_HOME={shlex.quote(str(place.home))} "
    return [
        f"  Next      {home}{corral} demo   (in another terminal; needs no API key)",
        f"            {corral} status · {corral} task list · {corral} --help",
        f"  Logs      {place.logs}",
        "  Ctrl-C stops everything; what is stored stays.",
    ]


def _agent_line(agent: Mapping[str, Any]) -> str:
    key = str(agent.get("name", ""))
    name, login, _ = AGENTS.get(key, (key, "", ""))
    version = f" {clean(agent['version'])}" if agent.get("version") else ""
    return f"{clean(name)}{version}: {_login_state(agent, login)}"


def _login_state(agent: Mapping[str, Any], login: str) -> str:
    detail = f" ({clean(agent['detail'])})" if agent.get("detail") else ""
    if agent.get("logged_in") is True:
        return f"logged in{detail}"
    if agent.get("logged_in") is False:
        return f"not logged in{detail}" + (f"; run: {login}" if login else "")
    return f"login unknown{detail}" + (f"; if it asks: {login}" if login else "")
