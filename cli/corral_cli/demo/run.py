"""The course of one demo: a repository, a machine that offers it, a graph of tasks, followed to its end."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corral_cli import clock
from corral_cli.client import Client, segment
from corral_cli.demo.board import Board
from corral_cli.demo.graph import STEPS, task_body
from corral_cli.demo.repository import create, offer
from corral_cli.errors import CliError, Failed, NeedsHuman, NotFound
from corral_cli.follow import read_tasks, until
from corral_cli.progress import spinning
from corral_cli.tree import reason_text
from corral_cli.up.machine import read_daemon_config
from corral_cli.up.place import Place
from corral_cli.waiting import Verdict, judge_all

_OFFERED_WITHIN = 60.0
_LOOK = 0.2
_TAIL = 2000
"""Characters of a failed task's output that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    path: Path
    repo: str
    tasks: Sequence[Mapping[str, Any]]


def find_server(client: Client, place: Place) -> Mapping[str, Any]:
    """Return this machine's entry at the hub. Raises Failed if it is no worker, or not online."""
    name = str(read_daemon_config(place).get("server_name") or "")
    if not name:
        raise Failed(
            f"this machine is no worker of {client.hub_url} ({place.daemon_config} names no server)",
            code="no_local_daemon",
            hint="Start everything with `corral up`; if its home is elsewhere, set CORRAL_HOME or give --home.",
        )
    try:
        server = client.get(f"/servers/{segment(name)}", people=True)
    except NotFound as error:
        raise Failed(
            f"{client.hub_url} does not know the server {name!r}", code="no_local_daemon",
            hint="Log in to the hub this machine serves: `corral up` says which one.",
        ) from error  # fmt: skip
    if not server.get("connected"):
        raise Failed(
            f"the daemon of {name!r} is not connected",
            code="daemon_offline",
            hint="Start it: corral up, or corral daemon run",
        )
    return server


def offer_repository(client: Client, server: Mapping[str, Any], place: Place, environment: Mapping[str, str]) -> Built:
    """Create the repository and return once the hub knows that this machine has it. Raises Failed."""
    path = create(place.home)
    repo = f"demo-{path.name}"
    with spinning("waiting for the daemon to announce the repository"):
        offer(repo, path, environment)
        limit = clock.monotonic() + _OFFERED_WITHIN
        while repo not in client.get(f"/servers/{segment(str(server['id']))}", people=True).get("repos", {}):
            if clock.monotonic() > limit:
                raise Failed(
                    f"the daemon did not announce {repo}",
                    code="repo_not_announced",
                    hint="Look at its log; `corral doctor` names it.",
                )
            clock.sleep(_LOOK)
    return Built(path=path, repo=repo, tasks=())


def create_tasks(client: Client, built: Built) -> dict[str, str]:
    """Create the whole graph and return the ids by step."""
    ids: dict[str, str] = {}
    key = f"{built.repo}-{clock.new_key()}"
    for step in STEPS:
        body = task_body(step, ids, repo=built.repo, python=sys.executable, key=key)
        ids[step.name] = str(client.post("/tasks", body, people=True)["id"])
    return ids


def follow(client: Client, ids: Mapping[str, str], board: Board, timeout: float) -> Sequence[Mapping[str, Any]]:
    """Show the tasks until all have ended, one failed or one asks a person. Raises TimedOut."""
    paths = [f"/tasks/{segment(task)}" for task in ids.values()]

    def look() -> Sequence[Mapping[str, Any]] | None:
        tasks = read_tasks(client, paths)
        board.update(tasks)
        return None if judge_all(tasks, {"done"}) is Verdict.WAITING else tasks

    with board.shown():
        return until(client, list(ids.values()), look, timeout=timeout, missing="the demo has not ended")


def check(client: Client, tasks: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the verification the last task promised. Raises NeedsHuman, Failed with the output of what failed."""
    verdict = judge_all(tasks, {"done"})
    if verdict is Verdict.ASKS:
        raise NeedsHuman("a task of the demo asks for a person")
    if verdict is not Verdict.REACHED:
        raise _failure(client, tasks)
    promised = (tasks[-1].get("result") or {}).get("contracts", {}).get("verification", {})
    if promised.get("passed") is not True:
        raise Failed(
            "every task is done, but the verification did not pass",
            code="not_verified",
            details={"verification": promised},
        )
    return promised


def _failure(client: Client, tasks: Sequence[Mapping[str, Any]]) -> CliError:
    broken = next((task for task in tasks if task.get("status") in ("failed", "cancelled")), tasks[-1])
    chunks = client.get(f"/tasks/{segment(str(broken['id']))}/output", limit=500).get("chunks", [])
    output = "".join(str(chunk.get("text") or "") for chunk in chunks)[-_TAIL:]
    why = (broken.get("error") or {}).get("message") or reason_text(broken)
    return Failed(
        f"{broken['title']!r} is {broken['status']}: {why}",
        code="demo_failed",
        hint=f"corral task explain {str(broken['id'])[:8]} · corral task logs {str(broken['id'])[:8]}",
        details={"output": output.splitlines()[-20:]} if output else None,
    )
