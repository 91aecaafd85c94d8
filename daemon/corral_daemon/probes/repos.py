"""Declared repositories that are really there."""

from pathlib import Path

from corral_daemon.capabilities import Found
from corral_daemon.probing import Bench, probe


@probe("repos", ttl=60)
async def repos(bench: Bench) -> Found:
    wanted = {name: resolve(path) for name, path in bench.declared.repos.items()}
    return Found(repos={name: path for name, path in wanted.items() if await _is_repository(bench, path)})


def resolve(path: str) -> str:
    return str(Path(path).expanduser().resolve())


async def _is_repository(bench: Bench, path: str) -> bool:
    return await bench.run("git", "-C", path, "rev-parse", "--git-dir") is not None
