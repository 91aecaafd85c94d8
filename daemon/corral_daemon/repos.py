"""The repositories of this machine: `[repos]` of the configuration, read again whenever the file has changed.

Nobody but the owner of the configuration file can add a path: the hub names repositories, it never says where they are.
"""

import asyncio
import fcntl
import logging
import os
import re
import subprocess
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from corral_daemon import settings
from corral_daemon.errors import ConfigError

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Repositories(Mapping[str, str]):
    """Name → path as the file says now. A file that is broken or gone changes nothing; it is reported once."""

    def __init__(self, config: Path, known: Mapping[str, str]) -> None:
        self._config = config
        self._known = dict(known)
        self._told = self._known
        self._seen = _stamp(config)

    def __getitem__(self, name: str) -> str:
        self.refresh()
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        self.refresh()
        return iter(self._known)

    def __len__(self) -> int:
        self.refresh()
        return len(self._known)

    def refresh(self) -> bool:
        """Read the file if it was changed since the last look. Return whether its repositories are other ones now."""
        stamp = _stamp(self._config)
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            fresh = dict(settings.load(self._config, {}).repos)
        except ConfigError as error:
            log.warning("event=config_not_reread reason=%r", str(error))
            return False
        changed, self._known = fresh != self._known, fresh
        return changed

    async def watch(self, tell: Callable[[], Awaitable[None]]) -> None:
        """Call `tell` whenever the repositories have changed."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if (now := dict(self)) != self._told:
                self._told = now
                log.info("event=repos_changed names=%s", ",".join(sorted(now)))
                await tell()


def add(config: Path, name: str, path: Path) -> Mapping[str, str]:
    """Enter a repository and return all of them; a running daemon notices by itself. Raises ConfigError."""
    if not NAME.fullmatch(name):
        raise ConfigError(
            f"{name!r} is not a name for a repository", "use letters, digits, dots, dashes and underscores"
        )
    full = path.expanduser().resolve()
    if not is_repository(full):
        raise ConfigError(f"{full} is not a git repository", f"make it one: git init {full}", "not_a_repository")
    with _locked(config):
        known = settings.load(config, {})
        repos = {**known.repos, name: str(full)}
        settings.save(config, replace(known, repos=repos))
    return repos


def remove(config: Path, name: str) -> Mapping[str, str]:
    """Forget a repository, not its files, and return the others. Raises ConfigError."""
    with _locked(config):
        known = settings.load(config, {})
        if name not in known.repos:
            raise ConfigError(
                f"there is no repository {name!r} here", f"known: {', '.join(known.repos) or 'none'}", "not_found"
            )
        repos = {other: path for other, path in known.repos.items() if other != name}
        settings.save(config, replace(known, repos=repos))
    return repos


def is_repository(path: Path) -> bool:
    done = subprocess.run(["git", "-C", str(path), "rev-parse", "--git-dir"], capture_output=True, check=False)
    return done.returncode == 0


@contextmanager
def _locked(config: Path) -> Iterator[None]:
    """Two changes at once must not lose one of them; the directory is the lock, as the file itself is replaced."""
    try:
        descriptor = os.open(config.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise ConfigError(
            f"{config.parent}: {error.strerror}", "enrol this machine first: `corral join TOKEN`"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
