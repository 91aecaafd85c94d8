"""A repository of this machine: worktrees come from it, and go back into it under its lock."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from corral_daemon import clock
from corral_daemon.units.outcome import UnitFailed
from corral_daemon.workspace import git
from corral_protocol.vocabulary import ErrorClass

_LOCK = "corral.lock"
_LOCKED_WITHIN = 300.0
_LOOK_EVERY = 0.05
_NOBODY = ("user.name=Corral", "user.email=corral@localhost")


@dataclass(frozen=True, slots=True)
class Repository:
    """`common`: the folder that all worktrees of the repository share."""

    path: Path
    common: Path

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Be the only one, of this daemon and of others, that changes branches or worktrees. Raises UnitFailed."""
        descriptor = os.open(self.common / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            await _lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    async def branch(self, wanted: str | None) -> str:
        """Return the branch to start from and to merge into: `wanted`, or the one checked out. Raises UnitFailed."""
        if wanted is None:
            answer = await git.ask(self.path, "symbolic-ref", "--quiet", "--short", "HEAD")
            if answer.code != 0:
                raise _failed("HEAD is on no branch; name one as target_branch")
            wanted = answer.output.strip()
        if wanted.startswith(("-", "@")) or (await git.ask(self.path, "check-ref-format", "--branch", wanted)).code:
            raise _failed(f"{wanted!r} is not the name of a branch")
        return wanted

    async def commit_of(self, branch: str) -> str:
        """Return the commit to start from, of the local branch, or of origin's. Raises UnitFailed."""
        for ref in (f"refs/heads/{branch}", f"refs/remotes/origin/{branch}"):
            answer = await git.ask(self.path, "rev-parse", "--quiet", "--verify", f"{ref}^{{commit}}")
            if answer.code == 0:
                return answer.output.strip()
        raise _failed(f"{self.path} has no commit on branch {branch!r}")

    async def identity(self, at: Path) -> tuple[str, ...]:
        """Return the options that let git commit here: none where somebody is configured. Signing needs a person."""
        named = (await git.ask(at, "config", "user.email")).output.strip()
        options = ("commit.gpgsign=false", *(() if named else _NOBODY))
        return tuple(word for option in options for word in ("-c", option))


async def find(name: str | None, path: str | None) -> Repository:
    """Return the repository. Raises UnitFailed(REPO_MISSING)."""
    if name is None:
        raise UnitFailed(ErrorClass.REPO_MISSING, "the task names no repository (target_repo)")
    if path is None:
        raise UnitFailed(ErrorClass.REPO_MISSING, f"this machine has no repository {name!r}")
    place = Path(path)
    if not await asyncio.to_thread(place.is_dir):
        raise UnitFailed(ErrorClass.REPO_MISSING, f"the repository {name!r} is gone: {path} is no directory")
    answer = await git.ask(place, "rev-parse", "--path-format=absolute", "--git-common-dir")
    if answer.code != 0:
        raise UnitFailed(ErrorClass.REPO_MISSING, f"{path} is no git repository: {answer.complaint}")
    return Repository(place, Path(answer.output.strip()))


async def _lock(descriptor: int) -> None:
    deadline = clock.steady() + _LOCKED_WITHIN
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if clock.steady() > deadline:
                raise _failed(f"the repository was locked for more than {_LOCKED_WITHIN:.0f} s") from None
            await asyncio.sleep(_LOOK_EVERY)
        else:
            return


def _failed(message: str) -> UnitFailed:
    return UnitFailed(ErrorClass.WORKTREE_FAILED, message)
