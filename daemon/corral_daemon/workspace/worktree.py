"""A git worktree for one task, on a branch of its own."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corral_daemon.units.outcome import UnitFailed
from corral_daemon.workspace import git, worktrees
from corral_daemon.workspace.discard import discard
from corral_daemon.workspace.repository import Repository
from corral_protocol.vocabulary import ErrorClass


@dataclass(frozen=True, slots=True)
class Checkout:
    """`branch` is the task's own, `target` the one it came from."""

    repository: Repository
    path: Path
    branch: str
    target: str


async def create(repository: Repository, path: Path, branch: str, target: str | None, *, reuse: bool) -> Checkout:
    """Check the target branch out at `path`, afresh, or, with `reuse`, go on where the round before left off.

    Raises UnitFailed.
    """
    async with repository.locked():
        chosen = await repository.branch(target)
        checkout = Checkout(repository, path, branch, chosen)
        if reuse and await asyncio.to_thread((path / ".git").exists):
            return checkout
        commit = await repository.commit_of(chosen)
        await remove(checkout)
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        # --no-track: a branch that follows another would be pushed to it by an agent that just says `git push`.
        await git.run(repository.path, "worktree", "add", "--no-track", "-B", branch, "--", str(path), commit)
        return checkout


async def remove(checkout: Checkout) -> None:
    """Take the worktree away, whatever is in it; its branch stays."""
    await git.ask(checkout.repository.path, "worktree", "remove", "--force", "--force", "--", str(checkout.path))
    await asyncio.to_thread(discard, checkout.path)
    await git.ask(checkout.repository.path, "worktree", "prune")


async def remove_if_clean(repository: Path, path: Path) -> bool:
    """Take a worktree away unless it has changes that are not committed; return whether. Its branch stays."""
    return (await git.ask(repository, "worktree", "remove", "--", str(path))).code == 0


async def merge(checkout: Checkout, title: str) -> None:
    """Commit everything in the worktree and merge it into the target branch, or raise UnitFailed."""
    repository = checkout.repository
    identity = await repository.identity(checkout.path)
    async with repository.locked():
        await _commit(checkout, identity, title)
        ahead = await git.run(
            repository.path, "rev-list", "--count", f"refs/heads/{checkout.target}..refs/heads/{checkout.branch}", "--"
        )
        if ahead.strip() != "0":
            await _merge_where_it_is(checkout, identity, title)
        await remove(checkout)
        await git.ask(repository.path, "branch", "-D", "--", checkout.branch)


async def _commit(checkout: Checkout, identity: Sequence[str], title: str) -> None:
    at = checkout.path
    head = (await git.ask(at, "symbolic-ref", "--quiet", "HEAD")).output.strip()
    if head != f"refs/heads/{checkout.branch}":
        raise UnitFailed(
            ErrorClass.WORKTREE_FAILED, f"the worktree is no longer on branch {checkout.branch}; nothing was merged"
        )
    await git.run(at, "add", "--all")
    if (await git.ask(at, "diff", "--cached", "--quiet")).code != 0:
        await git.run(at, *identity, "commit", "--quiet", f"--message={title}")


async def _merge_where_it_is(checkout: Checkout, identity: Sequence[str], title: str) -> None:
    """A branch that is checked out must be merged there, or its files and its commit would not agree."""
    repository = checkout.repository
    listed = worktrees.parse(await git.run(repository.path, "worktree", "list", "--porcelain", "-z"))
    place = worktrees.holder(listed, f"refs/heads/{checkout.target}")
    if place is not None:
        at = Path(place.path)
        if (await git.run(at, "status", "--porcelain", "--untracked-files=no")).strip():
            raise UnitFailed(
                ErrorClass.WORKTREE_FAILED,
                f"{checkout.target} is checked out in {at} with uncommitted changes; the work is on {checkout.branch}",
            )
        await _merge(at, checkout, identity, title)
        return
    at = checkout.path.with_name(f"{checkout.path.name}.merge")
    temporary = Checkout(repository, at, checkout.target, checkout.target)
    await remove(temporary)
    await git.run(repository.path, "worktree", "add", "--", str(at), checkout.target)
    try:
        await _merge(at, checkout, identity, title)
    finally:
        await remove(temporary)


async def _merge(at: Path, checkout: Checkout, identity: Sequence[str], title: str) -> None:
    words = ("merge", "--no-ff", "--no-edit", f"--message=Merge {checkout.branch}: {title}", "--", checkout.branch)
    answer = await git.ask(at, *identity, *words)
    if answer.code == 0:
        return
    conflicts = (await git.ask(at, "diff", "--name-only", "--diff-filter=U", "-z")).output.split("\0")
    named = ", ".join(name for name in conflicts if name)
    await git.ask(at, "merge", "--abort")
    why = f"conflicts in {named}" if named else answer.complaint
    raise UnitFailed(
        ErrorClass.WORKTREE_FAILED,
        f"{checkout.branch} could not be merged into {checkout.target}: {why}; the work is kept on {checkout.branch}",
    )
