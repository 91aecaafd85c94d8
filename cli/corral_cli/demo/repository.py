"""The demo's repository: made by git from the files that ship here, offered to the daemon, read at the end."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corral_cli.demo.graph import BRANCH
from corral_cli.errors import Failed

PROJECT = Path(__file__).parent / "project"
_IDENTITY = ("-c", "user.name=corral demo", "-c", "user.email=demo@corral.invalid", "-c", "commit.gpgsign=false")


def create(home: Path) -> Path:
    """Make `home/demo/<n>` with the next free number a git repository with one commit. Raises Failed."""
    if shutil.which("git") is None:
        raise Failed("git is not installed", code="no_git", hint="Install it: apt install git, brew install git …")
    path = _next_free(home / "demo")
    shutil.copytree(PROJECT, path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    (path / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
    git(path, "init", "--quiet")
    git(path, "symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
    git(path, "add", "--all")
    git(path, *_IDENTITY, "commit", "--quiet", "--message", "A specification and generators")
    return path


def offer(name: str, path: Path, environment: Mapping[str, str]) -> None:
    """Enter the repository into the daemon's configuration: only this machine's owner can. Raises Failed."""
    command = [sys.executable, "-P", "-m", "corral_daemon", "repo", "add", name, str(path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(environment))
    if done.returncode == 0:
        return
    error = _error(done.stdout)
    raise Failed(
        f"the daemon does not take the repository: {error.get('message') or done.stderr.strip() or 'no reason given'}",
        code="repo_refused",
        hint=str(error.get("hint") or "`corral doctor` looks for the cause."),
    )


def git(path: Path, *words: str) -> str:
    """Run git in `path` and return what it printed. Raises Failed with its complaint."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-C", str(path), *words], capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode != 0:
        raise Failed(
            f"git {words[0]} failed in {path}: {done.stderr.strip()}", code="git_failed", hint="Is the disk full?"
        )
    return done.stdout


def _next_free(folder: Path) -> Path:
    number = 1
    while True:
        path = folder / str(number)
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            number += 1
        except OSError as error:
            raise Failed(
                f"{path} cannot be made: {error.strerror}", code="home_unusable", hint="Check CORRAL_HOME."
            ) from error
        else:
            return path


def _error(text: str) -> Mapping[str, Any]:
    try:
        return json.loads(text).get("error", {})
    except (ValueError, AttributeError):
        return {}
