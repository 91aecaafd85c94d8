"""What an exec_start comes to on this machine: a command, a directory, an environment."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corral_daemon.errors import RemoteFailed
from corral_daemon.remote.places import Places
from corral_protocol.remote import ExecStart


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    argv: tuple[str, ...]
    directory: str
    environment: Mapping[str, str]


async def prepare(message: ExecStart, places: Places) -> Order:
    """Raises RemoteFailed."""
    _check(message)
    directory, usable = await asyncio.to_thread(_find, _base(message, places), message.directory or "")
    if not usable:
        raise RemoteFailed(
            f"{str(directory)!r} is no directory that this daemon's user can enter",
            "name an existing one; a relative one begins in the repository, or in the home directory",
            "directory_missing",
        )
    return Order(argv=message.argv, directory=str(directory), environment={**places.base, **message.env})


def _base(message: ExecStart, places: Places) -> Path:
    if message.session_id is not None:
        return places.session(message.session_id)
    return Path.home() if message.repo is None else places.repo(message.repo)


def _check(message: ExecStart) -> None:
    if not message.argv or not message.argv[0]:
        raise RemoteFailed("there is no command", "name a program", "command_invalid")
    if any("\0" in text for text in (*message.argv, message.directory or "")):
        raise RemoteFailed("a word of the command holds a NUL character", "leave it out", "command_invalid")
    for name, value in message.env.items():
        if not name or "=" in name or "\0" in name + value:
            raise RemoteFailed(f"{name!r} is no variable", "write NAME=VALUE", "command_invalid")
    if message.timeout is not None and not 0 < message.timeout < float("inf"):
        raise RemoteFailed("the timeout is no number of seconds above 0", "leave it out for none", "command_invalid")


def _find(base: Path, wanted: str) -> tuple[Path, bool]:
    directory = base / Path(wanted).expanduser()
    return directory, directory.is_dir() and os.access(directory, os.X_OK)
