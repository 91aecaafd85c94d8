"""Which columns and fields people see of the hub's objects."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from corral_cli import clock
from corral_cli.outline import is_empty, outline
from corral_cli.output import field
from corral_cli.table import Column, Row
from corral_cli.text import format_duration, parse_time, relative, short_id
from corral_cli.tree import MARKS, describe, duration, reason_text


def status_style(row: Row) -> str:
    return MARKS.get(str(row.get("status")), ("", ""))[1]


def identity(key: str = "id", name: str = "") -> Column:
    return Column(name or key, lambda row: short_id(row.get(key) or ""))


def when(name: str, key: str = "", *, spare: int = 0) -> Column:
    return Column(
        name, lambda row: relative(row[key or name], clock.now()) if row.get(key or name) else "", spare=spare
    )


def listed(name: str, key: str = "") -> Column:
    """Return a column that joins a list of texts (or the keys of an object) with commas."""
    return Column(name, lambda row: ", ".join(str(entry) for entry in row.get(key or name) or ()), cut=True)


def block(name: str, key: str) -> Column:
    """Return a longer text: as it is, a summary if it has one, otherwise an outline."""

    def read(row: Row) -> str:
        value = row.get(key)
        if is_empty(value):
            return ""
        if isinstance(value, dict) and set(value) == {"summary"}:
            return str(value["summary"])
        return outline(value)

    return Column(name, read)


def _took(row: Row) -> str:
    seconds = duration(row, clock.now())
    return "" if seconds is None else format_duration(seconds)


def _error(row: Row) -> str:
    error = row.get("error")
    if not isinstance(error, dict):
        return str(error or "")
    return f"{error.get('class', 'error')}: {error.get('message', '')}"


def dependency_line(edge: Row) -> str:
    mark = "✓" if edge.get("resolved") else "○"
    key = f" {edge['contract_key']}" if edge.get("contract_key") else ""
    title = edge.get("title") or ""
    state = f" ({edge['status']})" if edge.get("status") else ""
    upstream = short_id(edge.get("depends_on_task_id"))
    return f"{mark} {edge.get('dependency_type', 'blocks')}{key}  {upstream}  {title}{state}"


def _dependencies(row: Row) -> str:
    return "\n".join(dependency_line(edge) for edge in row.get("dependencies") or ())


def note_line(note: Row) -> str:
    urgent = "! " if note.get("urgent") else ""
    age = relative(note.get("created_at"), clock.now())
    return f"{age}  {note.get('author') or '?'}: {urgent}{note.get('content', '')}"


def _notes(row: Row) -> str:
    return "\n".join(note_line(note) for note in row.get("recent_notes") or ())


def _questions(row: Row) -> str:
    pending = row.get("interventions") or ()
    return "\n".join(f"{short_id(entry.get('id'))}  {entry.get('question', '')}" for entry in pending)


def warning_lines(task: Row) -> list[str]:
    lines: list[str] = []
    for entry in task.get("warnings") or ():
        if isinstance(entry, dict):
            lines.append(f"warning: {entry.get('detail', entry.get('code'))}")
            lines += [f"  next: {entry['hint']}"] if entry.get("hint") else []
    return lines


TASKS: Sequence[Column] = (
    identity(),
    field("status", style=status_style),
    field("priority", style=lambda row: "dim" if row.get("priority") == "normal" else "", spare=4),
    field("title", cut=True),
    field("server", "assigned_server_name", spare=1),
    when("created", "created_at", spare=2),
    Column("took", _took, spare=3),
    Column("reason", reason_text, cut=True),
)


def _session(row: Row) -> str:
    """The terminal that the task runs in, and how that is."""
    found = row.get("session")
    return f"{found.get('name')} ({found.get('status')})" if isinstance(found, dict) else ""


TASK_FIELDS: Sequence[Column] = (
    field("id"),
    field("title"),
    field("status", style=status_style),
    Column("details", lambda row: describe(row, clock.now())),
    field("type"),
    field("priority"),
    field("server", "assigned_server_name"),
    Column("session", _session),
    field("repo", "target_repo"),
    field("branch", "target_branch"),
    field("attempt"),
    field("created by", "created_by"),
    when("created", "created_at"),
    when("started", "started_at"),
    when("completed", "completed_at"),
    Column("error", _error, lambda _: "red"),
)

TASK_BLOCKS: Sequence[Column] = (
    block("Specification", "spec"),
    Column("Acceptance criteria", lambda row: "\n".join(f"- {line}" for line in row.get("acceptance_criteria") or ())),
    Column("Depends on", _dependencies),
    block("Inputs", "resolved_inputs"),
    block("Structured specification", "structured_spec"),
    block("Plan", "plan"),
    block("Feedback", "plan_feedback"),
    block("Result", "result"),
    Column("Waiting for an answer", _questions),
    Column("Recent notes", _notes),
)


def _state(row: Row) -> str:
    extra = [word for word in ("cordoned", "draining") if row.get(word)]
    return " ".join([str(row.get("status", "")), *extra])


def _slots(row: Row) -> str:
    slots = row.get("slots") or {}
    return f"{slots.get('used', 0)}/{slots.get('max', '?')}" if slots else ""


def _agents(row: Row) -> str:
    found: Any = (row.get("capabilities") or {}).get("agents") or ()
    return ", ".join(str(agent.get("name")) for agent in found if isinstance(agent, dict))


def _capabilities(row: Row) -> str:
    found = row.get("capabilities") or {}
    return outline({name: value for name, value in found.items() if name != "repos"})  # they stand above


def server_style(row: Row) -> str:
    return "green" if row.get("status") == "online" else "dim"


SERVERS: Sequence[Column] = (
    identity(),
    field("name"),
    Column("status", _state, server_style),
    Column("slots", _slots),
    field("hostname", spare=3),
    field("os", spare=2),
    when("heartbeat", "last_heartbeat", spare=1),
    listed("repos"),
    Column("agents", _agents, cut=True),
)

SERVER_FIELDS: Sequence[Column] = (
    field("id"),
    field("name"),
    Column("status", _state, server_style),
    Column("slots", _slots),
    field("connected"),
    field("hostname"),
    field("os"),
    field("version", "agent_version"),
    field("project", "project_id"),
    when("heartbeat", "last_heartbeat"),
    when("enrolled", "created_at"),
)

SERVER_BLOCKS: Sequence[Column] = (
    block("Repositories", "repos"),
    Column("Capabilities", _capabilities),
    block("Overrides", "overrides"),
    block("System", "system_info"),
)

INTERVENTIONS: Sequence[Column] = (
    identity(),
    field("status"),
    field("type", "intervention_type"),
    identity("task_id", "task"),
    when("asked", "created_at"),
    field("question", wide=True),
    field("response", wide=True),
)


def _settings(row: Row) -> Mapping[str, Any]:
    return row.get("settings") or {}


PROJECTS: Sequence[Column] = (
    identity(),
    field("name"),
    field("status"),
    when("created", "created_at"),
    Column("attempts", lambda row: str((_settings(row).get("retry") or {}).get("max_attempts", ""))),
    Column("lost host", lambda row: str(_settings(row).get("lost_host", ""))),
    Column("plans", lambda row: "to be approved" if _settings(row).get("require_plan_approval") else "free"),
)


USERS: Sequence[Column] = (identity(), field("email"), field("role"), when("created", "created_at"))


def token_state(row: Row, now: datetime) -> str:
    """Tell whether a registration token can still be used."""
    for word in ("revoked", "used"):
        if row.get(f"{word}_at"):
            return word
    expires = parse_time(row.get("expires_at"))
    return "expired" if expires and expires <= now else "open"


TOKENS: Sequence[Column] = (
    identity(),
    Column("status", lambda row: token_state(row, clock.now())),
    when("expires", "expires_at"),
    when("created", "created_at"),
    when("used", "used_at"),
)
