"""Declared repositories that are really there."""

from pathlib import Path

from corral_daemon.capabilities import Found
from corral_daemon.probing import Bench, probe


@probe("repos", ttl=60)
async def repos(bench: Bench) -> Found:
    there: dict[str, str] = {}
    for name, path in bench.declared.repos.items():
        directory = Path(path).expanduser()
        if directory.is_dir() and await bench.run("git", "-C", str(directory), "rev-parse", "--git-dir") is not None:
            there[name] = str(directory.resolve())
    return Found(repos=there)
