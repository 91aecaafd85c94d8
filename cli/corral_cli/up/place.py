"""Where this Corral lives and listens: flags over environment over `$CORRAL_HOME/hub.toml` over defaults."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corral_cli.errors import BadConfig

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - read, not bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One installation. The hub binds `host` and `port`; `public_url` is what it calls itself, if that differs.

    `usual_home`: a command finds it without being told.
    """

    home: Path
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    public_url: str | None = None
    usual_home: bool = True

    @property
    def local_url(self) -> str:
        """The address under which this machine reaches the hub."""
        host = _EVERYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def everywhere(self) -> bool:
        """Whether the hub listens on every address of this machine."""
        return self.host in _EVERYWHERE

    @property
    def url(self) -> str:
        return (self.public_url or self.local_url).rstrip("/")

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def daemon_config(self) -> Path:
        return self.home / "daemon.toml"


def home_of(environment: Mapping[str, str], flag: str | None = None) -> Path:
    """Return the data directory by flag, `CORRAL_HOME` or the XDG rules, made absolute."""
    base = environment.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(flag or environment.get("CORRAL_HOME") or Path(base) / "corral").expanduser().absolute()


def find_place(
    environment: Mapping[str, str], *, home: str | None = None, host: str | None = None, port: int | None = None
) -> Place:
    """Resolve the place. Raises BadConfig for a file or a port that cannot be used."""
    directory = home_of(environment, home)
    path = directory / "hub.toml"
    file = read_hub_file(path)
    for name in ("host", "public_url"):
        if not isinstance(file.get(name, ""), str):
            raise BadConfig(f"{path}: {name} must be text, not {file[name]!r}", hint='Put it in quotes: name = "text".')
    chosen = port if port is not None else environment.get("CORRAL_PORT") or file.get("port", DEFAULT_PORT)
    return Place(
        home=directory,
        usual_home=directory == home_of({**environment, "CORRAL_HOME": ""}),
        host=str(host or environment.get("CORRAL_HOST") or file.get("host", DEFAULT_HOST)),
        port=read_port(chosen, "CORRAL_PORT" if environment.get("CORRAL_PORT") else str(path)),
        public_url=environment.get("CORRAL_PUBLIC_URL") or file.get("public_url"),
    )


def read_hub_file(path: Path) -> Mapping[str, Any]:
    """Return the hub's settings file, {} if there is none. The hub itself checks it key by key."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except NotADirectoryError as error:
        raise BadConfig(
            f"{path.parent} is not a directory",
            code="home_unusable",
            hint="Name a directory, also one that does not exist yet: corral up --home DIR (or CORRAL_HOME).",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        hint = f"Correct that line, or move the file away: mv {path} {path}.broken"
        raise BadConfig(f"{path} is not valid TOML: {error}", hint=hint) from error
    except OSError as error:
        raise BadConfig(f"{path} cannot be read: {error.strerror}", hint=f"Who owns it? ls -ld {path}") from error


def read_port(value: object, where: str = "the command line") -> int:
    """Return a port number; 0 means any free one. `where` names its source. Raises BadConfig."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise BadConfig(f"{text!r} (from {where}) is not a port", hint="Give a number from 1 to 65535, such as 8001.")
    return int(text)
