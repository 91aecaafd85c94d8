"""What a session_start comes to on this machine: a command, a directory, an environment."""

import asyncio
import os
import pwd
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from corral_daemon.agents.adapter import Adapter, Hooking, Interactive, Invocation, Request
from corral_daemon.errors import SessionFailed
from corral_daemon.ports import RunnerSettings
from corral_daemon.pty.client import Launch
from corral_daemon.units import environment
from corral_daemon.units.outcome import UnitFailed
from corral_daemon.workspace import repository, worktree
from corral_protocol.sessions import SessionStart

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
SAID = "said"
"""The file in a session's folder into which the hooks of its agent write."""
_LARGEST = 1000
"""Columns or rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What every session of this daemon has. `base`: the part of the environment that sessions inherit."""

    settings: RunnerSettings
    adapters: Mapping[str, Adapter]
    base: Mapping[str, str]


async def prepare(message: SessionStart, means: Means) -> Launch:
    """Make what the session needs. Raises SessionFailed, OSError."""
    if not _NAME.fullmatch(message.session_id):
        raise SessionFailed(
            "its id cannot be the name of a folder", "use letters, digits, - and _", "session_id_invalid"
        )
    invocation = await asyncio.to_thread(_invoke, message, means)
    directory, tree = await _place(message, means)
    return Launch(
        argv=invocation.argv,
        directory=str(directory),
        environment={
            **means.base,
            **invocation.environment,
            **message.env,
            **environment.of_session(message, means.settings.hub_url),
        },
        cols=min(max(message.cols, 1), _LARGEST),
        rows=min(max(message.rows, 1), _LARGEST),
        note={
            "directory": str(directory),
            "agent": None if message.argv else message.agent_type,
            "said": str(folder(means.settings.state_dir, message.session_id) / SAID),
            "secrets": [secret for secret in (message.token, *message.secrets) if secret],
            **tree,
        },
    )


def folder(state: Path, session_id: str) -> Path:
    """The session's own folder: its prompt, its worktree."""
    return state / "sessions" / session_id


async def clear(state: Path, session_id: str, note: Mapping[str, str]) -> None:
    """Remove what a session left behind, but never work that is not committed."""
    place = folder(state, session_id)
    for name in ("prompt.md", "pasted", SAID):
        await asyncio.to_thread((place / name).unlink, missing_ok=True)
    if "repository" in note:
        await worktree.remove_if_clean(Path(note["repository"]), place / "tree")
    if await asyncio.to_thread(place.is_dir) and not await asyncio.to_thread((place / "tree").exists):
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)


def _invoke(message: SessionStart, means: Means) -> Invocation:
    if message.argv:
        return Invocation(argv=message.argv)
    if message.agent_type is None:
        return Invocation(argv=(_login_shell(), "-l"))
    adapter = means.adapters.get(message.agent_type)
    if adapter is None:
        known = ", ".join(name for name, found in means.adapters.items() if isinstance(found, Interactive))
        raise SessionFailed(
            f"this daemon knows no agent CLI {message.agent_type!r}", f"choose one of {known}", "agent_unknown"
        )
    if not isinstance(adapter, Interactive):
        raise SessionFailed(
            f"{message.agent_type} has no interface for a terminal",
            "run it as a task, headless",
            "agent_not_interactive",
        )
    invocation = adapter.interactive(_request(message, means.settings.state_dir))
    if isinstance(adapter, Hooking):
        invocation = _hooked(adapter, invocation, folder(means.settings.state_dir, message.session_id))
    if shutil.which(invocation.argv[0], path={**means.base, **message.env}.get("PATH")) is None:
        raise SessionFailed(
            f"{invocation.argv[0]} is not on the PATH of this machine's daemon",
            "install it there, or add its folder to the PATH and restart the daemon",
            "agent_missing",
        )
    return invocation


def _hooked(adapter: Hooking, invocation: Invocation, place: Path) -> Invocation:
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    program, *arguments = invocation.argv
    return replace(invocation, argv=(program, *adapter.hooks(str(place / SAID)), *arguments))


def _request(message: SessionStart, state: Path) -> Request:
    if not message.prompt:
        return Request(prompt="", prompt_file="", files="")
    place = folder(state, message.session_id)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = place / "prompt.md"
    file.write_text(message.prompt, encoding="utf-8", errors="replace")
    file.chmod(0o600)
    return Request(prompt=message.prompt, prompt_file=str(file), files=str(place))


def _login_shell() -> str:
    """The user's shell, as the system has it; a daemon's environment often has none."""
    return os.environ.get("SHELL") or pwd.getpwuid(os.getuid()).pw_shell or "/bin/sh"


async def _place(message: SessionStart, means: Means) -> tuple[Path, Mapping[str, str]]:
    """Return the directory to start in and, of a fresh worktree, where it comes from."""
    tree: Mapping[str, str] = {}
    base = Path.home()
    try:
        if message.repo is not None or message.worktree:
            path = means.settings.repos.get(message.repo) if message.repo else None
            found = await repository.find(message.repo, path)
            base = found.path
            if message.worktree:
                base = folder(means.settings.state_dir, message.session_id) / "tree"
                branch = f"corral/session-{message.session_id[:8]}"
                await worktree.create(found, base, branch, None, reuse=True)
                tree = {"repository": str(found.path)}
    except UnitFailed as failure:
        hint = "`corral server list` names the repositories of every machine"
        raise SessionFailed(str(failure), hint, failure.error.kind.value) from failure
    directory, exists = await asyncio.to_thread(_find, base, message.working_directory or "")
    if not exists:
        raise SessionFailed(
            f"{directory} is no directory that this daemon's user can enter",
            "name an existing one as working_directory; a relative one begins in the repository or the home directory",
            "directory_missing",
        )
    return directory, tree


def _find(base: Path, wanted: str) -> tuple[Path, bool]:
    directory = base / Path(wanted).expanduser()
    return directory, directory.is_dir() and os.access(directory, os.X_OK)
