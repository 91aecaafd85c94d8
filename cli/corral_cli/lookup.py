"""Names → ids, and ids for the shell's completion."""

import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from corral_cli.client import Client, segment
from corral_cli.config_file import load
from corral_cli.context import Invocation
from corral_cli.errors import CliError, NotFound
from corral_cli.text import clean, short_id

_PATIENCE = 1.5
"""Seconds a shell waits for completion candidates."""


def project_id(cli: Invocation) -> str | None:
    """Return the id of the project to work in; None leaves it to the hub. Raises NotFound.

    A name is looked up where people may list projects; an agent's key belongs to a project anyway.
    """
    name = cli.project
    if name is None or is_uuid(name) or cli.client.credential.token is None:
        return name
    projects = cli.client.get("/projects", people=True).get("projects", [])
    found = [
        entry["id"] for entry in projects if entry.get("name") == name or str(entry.get("id", "")).startswith(name)
    ]
    if len(found) != 1:
        known = ", ".join(sorted(clean(entry.get("name")) for entry in projects))
        raise NotFound(
            f"there is no project {name!r}", code="unknown_project", hint=f"Projects here: {known or 'none'}."
        )
    return str(found[0])


def is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def task_ids(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Return (short id, title) of the newest tasks that fit."""
    tasks = _ask(ctx, lambda client: client.get("/tasks", limit=100).get("tasks", []))
    named = [(short_id(task.get("id")), f"{clean(task.get('status'))}: {clean(task.get('title'))}") for task in tasks]
    return [(name, title) for name, title in named if name.startswith(incomplete)]


def server_names(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Return (name, status) of the servers that fit."""
    servers = _ask(ctx, lambda client: client.get("/servers").get("servers", []))
    named = [(clean(server.get("name")), clean(server.get("status"))) for server in servers]
    return [(name, status) for name, status in named if name.startswith(incomplete)]


def session_names(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Return (name or short id, status) of the newest sessions that fit."""
    sessions = _ask(ctx, lambda client: client.get("/sessions", limit=100).get("sessions", []))
    return [
        (word, f"{clean(session.get('status'))} on {clean(session.get('server_name'))}")
        for session in sessions
        for word in (clean(session.get("name") or ""), short_id(session.get("id")))
        if word and word.startswith(incomplete)
    ]


def workflow_names(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Return (name or id, what it is) of the workflows that fit."""
    found = _ask(ctx, lambda client: client.get("/workflows", limit=200))
    return [
        (word, f"version {clean(entry.get('version') or '–')}: {clean(entry.get('name'))}")
        for entry in found
        for word in (clean(entry.get("name") or ""), str(entry.get("id", "")))
        if word and word.startswith(incomplete)
    ]


def run_ids(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Return (short id, status and workflow) of the newest runs that fit."""
    runs = _ask(ctx, lambda client: client.get("/runs", limit=100).get("runs", []))
    named = [(short_id(run.get("id")), f"{clean(run.get('status'))}: {clean(run.get('workflow'))}") for run in runs]
    return [(name, about) for name, about in named if name.startswith(incomplete)]


def node_keys(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Return (key, status) of the nodes of the run that stands before on the line."""
    run = str(ctx.params.get("run") or "")
    nodes = _ask(ctx, lambda client: client.get(f"/runs/{segment(run)}").get("nodes", [])) if run else []
    named = [(clean(node.get("key")), clean(node.get("status"))) for node in nodes]
    return [(key, status) for key, status in named if key.startswith(incomplete)]


def letter_ids(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Return (number, what failed) of the oldest dead letters that fit."""
    found = _ask(ctx, lambda client: client.get("/dead-letters", limit=100).get("dead_letters", []))
    named = [
        (str(letter.get("id", "")), f"{clean(letter.get('key'))} of {clean(letter.get('workflow'))}")
        for letter in found
    ]
    return [(name, about) for name, about in named if name.startswith(incomplete)]


def node_types(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Return (type, title) of the node types that fit."""
    found = _ask(ctx, lambda client: client.get("/node-types").get("node_types", []))
    named = [(clean(kind.get("type")), clean(kind.get("title"))) for kind in found]
    return [(name, title) for name, title in named if name.startswith(incomplete)]


def project_names(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    projects = _ask(ctx, lambda client: client.get("/projects", people=True).get("projects", []))
    return [
        (clean(entry.get("name")), "project") for entry in projects if str(entry.get("name")).startswith(incomplete)
    ]


def intervention_ids(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    pending = _ask(ctx, lambda client: client.get("/interventions", status="pending"))
    named = [(str(entry.get("id", "")), clean(entry.get("question"))) for entry in pending]
    return [(name, question) for name, question in named if name.startswith(incomplete)]


def _ask(ctx: typer.Context, question: Callable[[Client], list[Any]]) -> list[Any]:
    """Ask the hub on behalf of a shell: no candidates is better than an error in the middle of a line."""
    chosen = ctx.find_root().params
    flags = {name: chosen.get(name) for name in ("hub_url", "profile", "project")}
    try:
        loaded = load(flags, os.environ, Path.cwd())
        with Client(loaded.hub_url, loaded.credential, read_timeout=_PATIENCE) as client:
            return question(client)
    except CliError:
        return []
