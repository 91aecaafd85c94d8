"""Where commands run and files lie on this machine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from corral_daemon.errors import RemoteFailed
from corral_daemon.rooted.walk import Spot

MIB = 1 << 20
FindSession = Callable[[str], str | None]
"""The directory in which a session began, None if this machine has no such session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """`base`: the part of the daemon's environment that commands inherit. `file_limit`: bytes of the largest file."""

    state: Path
    repos: Mapping[str, str]
    base: Mapping[str, str]
    find_session: FindSession
    file_limit: int = 1024 * MIB

    def root(self, names: tuple[str, ...]) -> Spot | list[str]:
        """Return what these names mean on this machine, or what stands above its roots. Raises RemoteFailed, OSError.

        The folder `files` is for what belongs to no repository.
        """
        match names:
            case ():
                return ["files", "repos", "worktrees"]
            case ("repos",):
                return list(self.repos)
            case ("repos", name, *rest):
                return Spot(self.repo(name), tuple(rest))
            case ("files" | "worktrees" as folder, *rest):
                (self.state / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
                return Spot(self.state / folder, tuple(rest))
            case _:
                hint = "begin with files/, repos/NAME/ or worktrees/, or name a session"
                raise RemoteFailed(f"there is no root {names[0]!r}", hint, "root_missing")

    def session(self, session_id: str) -> Path:
        """Raises RemoteFailed."""
        found = self.find_session(session_id)
        if found is None:
            hint = "`corral session list` shows which sessions run, and where"
            raise RemoteFailed("this machine has no such session, or no longer", hint, "session_unknown")
        return Path(found)

    def repo(self, name: str) -> Path:
        """Raises RemoteFailed."""
        path = self.repos.get(name)
        if path is None:
            hint = "`corral server list` names the repositories of every machine"
            raise RemoteFailed(f"this machine has no repository {name!r}", hint, "repo_missing")
        return Path(path)
