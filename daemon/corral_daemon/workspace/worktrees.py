"""What `git worktree list` says. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Worktree:
    """`branch` is the full name of the ref, None where HEAD is detached."""

    path: str
    branch: str | None


def parse(porcelain: str) -> list[Worktree]:
    """Read the output of `git worktree list --porcelain -z`."""
    found: list[Worktree] = []
    for block in porcelain.split("\0\0"):
        lines = (line.partition(" ") for line in block.split("\0") if line)
        fields = {name: value for name, _, value in lines}
        if "worktree" in fields and "bare" not in fields:
            found.append(Worktree(fields["worktree"], fields.get("branch")))
    return found


def holder(worktrees: list[Worktree], ref: str) -> Worktree | None:
    """Return the worktree in which the branch is checked out."""
    return next((worktree for worktree in worktrees if worktree.branch == ref), None)
