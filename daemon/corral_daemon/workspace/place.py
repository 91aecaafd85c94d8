"""Find or make the directory in which a unit works, and clear away the old ones."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from corral_daemon.ports import RunnerSettings
from corral_daemon.spool import reserve
from corral_daemon.units.job import Job
from corral_daemon.workspace import repository, worktree
from corral_daemon.workspace.discard import discard
from corral_daemon.workspace.worktree import Checkout

KEPT = 20
"""Scratch directories and worktrees of ended units that stay for people to look at."""


@dataclass(frozen=True, slots=True)
class Place:
    directory: Path
    checkout: Checkout | None = None


async def prepare(job: Job, settings: RunnerSettings) -> Place:
    """Raises UnitFailed, OSError."""
    return await _DIRECTORIES[job.run.directory](job, settings)


async def _scratch(job: Job, settings: RunnerSettings) -> Place:
    path = settings.state_dir / "scratch" / f"{job.name}-{job.message.epoch}"
    path.mkdir(parents=True, exist_ok=True)
    return Place(path)


async def _repo(job: Job, settings: RunnerSettings) -> Place:
    return Place((await _find(job, settings)).path)


async def _worktree(job: Job, settings: RunnerSettings) -> Place:
    """A round with feedback goes on in the worktree of the round before; any other attempt begins afresh."""
    checkout = await worktree.create(
        await _find(job, settings),
        settings.state_dir / "worktrees" / job.name,
        f"corral/{job.short}",
        job.message.target_branch,
        reuse=job.message.feedback is not None,
    )
    return Place(checkout.path, checkout)


async def _find(job: Job, settings: RunnerSettings) -> repository.Repository:
    return await repository.find(job.repo, settings.repos.get(job.repo) if job.repo else None)


_DIRECTORIES: Mapping[str, Callable[[Job, RunnerSettings], Awaitable[Place]]] = {
    "scratch": _scratch,
    "repo": _repo,
    "worktree": _worktree,
}


def is_full(state: Path) -> bool:
    """Tell whether the disk of the state directory has too little room for work to begin."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    return reserve.free(state) < reserve.SIZE


def surplus(ages: Iterable[tuple[str, float]], live: Collection[str], keep: int = KEPT) -> list[str]:
    """Return which of (name, time of last change) to remove: all but the newest `keep`, never a live one. Pure."""
    ended = sorted((item for item in ages if item[0] not in live), key=lambda item: item[1], reverse=True)
    return [name for name, _ in ended[keep:]]


async def clear(state: Path, live: Callable[[], Collection[str]]) -> None:
    """Remove what ended units left behind, but for KEPT. `live` tells the names of directories in use now."""
    trash = state / "trash"
    for folder, keep in (("units", 0), ("scratch", KEPT), ("worktrees", KEPT)):
        ages = await asyncio.to_thread(_ages, state / folder)
        for name in surplus(ages, live(), keep):
            # In one step of the event loop, so that no unit moves in between: it is either in `live` or comes later.
            trash.mkdir(exist_ok=True)
            with suppress(OSError):
                (state / folder / name).rename(trash / f"{folder}-{name}")
    await asyncio.to_thread(discard, trash)


def _ages(folder: Path) -> list[tuple[str, float]]:
    try:
        return [(entry.name, entry.stat().st_mtime) for entry in folder.iterdir()]
    except OSError:
        return []
