"""Every command of the program, for tests that hold for all of them."""

import importlib.util
from collections.abc import Iterator
from typing import Any

from corral_cli.app import MOUNTS
from corral_cli.mount import load


def implemented() -> list[str]:
    """Return the nouns whose module is there."""
    return [name for name, mount in MOUNTS.items() if _exists(mount.target.partition(":")[0])]


def commands() -> Iterator[tuple[str, Any]]:
    """Yield (words, command) for every command that can be run, groups left out."""
    for name in implemented():
        yield from _below(name, load(name, MOUNTS[name]))


def _below(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, part in inner.items():
        yield from _below(f"{path} {name}", part)


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
