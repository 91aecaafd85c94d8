"""The daemon's configuration: a TOML file, some of it overridden by the environment."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from corral_daemon import toml
from corral_daemon.capabilities import Declared
from corral_daemon.errors import ConfigError
from corral_daemon.files import write_atomically
from corral_daemon.reach.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Seconds and MiB where a number has a unit. `drain_grace` is how long SIGTERM waits for running units.

    `session_ring_mb`: how much of a terminal's output is kept for those who come back to it. `http_allow`: networks and
    hosts that workflow nodes may reach though they are not public: `10.0.0.0/8`, `host`, `host:port`.
    """

    hub_url: str = ""
    api_key: str = field(default="", repr=False)
    server_name: str = ""
    max_concurrent: int = 2
    drain_grace: int = 60
    kill_grace: int = 10
    spool_limit_mb: int = 1024
    session_ring_mb: int = 8
    log_level: str = "info"
    http_allow: tuple[str, ...] = ()
    repos: Mapping[str, str] = field(default_factory=dict)
    declared: Declared = field(default_factory=Declared)


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are on this machine. `state` holds the spool, worktrees and scratch directories."""

    config: Path
    state: Path


AT_LEAST = {"max_concurrent": 1, "drain_grace": 0, "kill_grace": 0, "spool_limit_mb": 1, "session_ring_mb": 1}
LOG_LEVELS = ("debug", "info", "warning", "error")
DECLARED_KEYS = ("languages", "environments", "tools", "tags")
SCALARS: Mapping[str, type] = {
    name: type(getattr(Settings(), name)) for name in (item.name for item in fields(Settings)) if name not in
    ("repos", "declared", "http_allow")
}  # fmt: skip
ENVIRONMENT = {f"CORRAL_DAEMON_{name.upper()}": name for name in SCALARS if name not in ("hub_url", "api_key")}
"""No variable for the key or the hub: inside a task CORRAL_HUB_URL and CORRAL_API_KEY are the agent's, not ours."""


def place(environment: Mapping[str, str], config: str | None = None) -> Place:
    """Return the paths: `config` (a flag) before CORRAL_DAEMON_CONFIG before CORRAL_HOME before XDG."""
    data = environment.get("XDG_DATA_HOME") or str(Path(environment.get("HOME") or "~").expanduser() / ".local/share")
    home = Path(environment.get("CORRAL_HOME") or Path(data) / "corral").expanduser()
    chosen = config or environment.get("CORRAL_DAEMON_CONFIG")
    return Place(Path(chosen).expanduser() if chosen else home / "daemon.toml", home / "daemon")


def load(path: Path, environment: Mapping[str, str]) -> Settings:
    """Read `path` and apply the environment. Raises ConfigError; a missing file is one too."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError(
            f"there is no configuration at {path}", "enrol this machine first: `corral join TOKEN`", "not_enrolled"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    return with_environment(parse(text, str(path)), environment)


def parse(text: str, where: str) -> Settings:
    """Return the settings in a TOML text. Raises ConfigError that names the line or the key."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # Python 3.11 does not number the last line.
        said = str(error).replace("at end of document", f"at line {len(text.splitlines())}, the end of the file")
        raise ConfigError(f"{where} is not valid TOML: {said}") from error
    _refuse_unknown(values, [*SCALARS, "repos", "declared", "http_allow"], where, "")
    chosen: dict[str, Any] = {name: _scalar(name, values[name], where) for name in SCALARS if name in values}
    repos = {name: _string(path, f"repos.{name}", where) for name, path in _table(values, "repos", where).items()}
    declared = _table(values, "declared", where)
    _refuse_unknown(declared, list(DECLARED_KEYS), where, "declared.")
    lists: dict[str, Any] = {name: _strings(value, f"declared.{name}", where) for name, value in declared.items()}
    allowed = _allowed(values.get("http_allow", []), where)
    return Settings(**chosen, http_allow=allowed, repos=repos, declared=Declared(repos=repos, **lists))


def with_environment(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """Return the settings with CORRAL_DAEMON_… variables applied. Raises ConfigError."""
    changes: dict[str, Any] = {}
    for variable, name in ENVIRONMENT.items():
        raw = environment.get(variable)
        if raw is not None:
            number = SCALARS[name] is int and raw.strip().lstrip("-").isdigit()
            changes[name] = _scalar(name, int(raw) if number else raw, variable)
    return replace(settings, **changes)


def save(path: Path, settings: Settings) -> None:
    """Write the file whole, readable by its owner only. Raises ConfigError."""
    values: dict[str, Any] = {name: getattr(settings, name) for name in SCALARS}
    values["http_allow"] = list(settings.http_allow)
    values["repos"] = dict(settings.repos)
    values["declared"] = {name: list(getattr(settings.declared, name)) for name in DECLARED_KEYS}
    try:
        write_atomically(path, toml.dump(values), 0o600)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}", "check the directory's owner and free space"
        ) from error


def _refuse_unknown(values: Mapping[str, Any], known: list[str], where: str, prefix: str) -> None:
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean `{prefix}{near[0]}`?" if near else f"known keys: {', '.join(sorted(known))}"
            raise ConfigError(f"{where}: unknown key `{prefix}{key}`", hint)


def _scalar(name: str, value: Any, where: str) -> str | int:
    kind = SCALARS[name]
    if type(value) is not kind:
        raise ConfigError(f"{where}: `{name}` must be {'a number' if kind is int else 'a string'}, not {value!r}")
    if name in AT_LEAST and value < AT_LEAST[name]:
        raise ConfigError(f"{where}: `{name}` must be at least {AT_LEAST[name]}, not {value}")
    if name == "log_level" and value.lower() not in LOG_LEVELS:
        raise ConfigError(f"{where}: `log_level` must be one of {', '.join(LOG_LEVELS)}, not {value!r}")
    if name == "hub_url" and value and not value.startswith(("http://", "https://")):
        raise ConfigError(f"{where}: `hub_url` must begin with http:// or https://, not {value!r}")
    return value


def _allowed(value: Any, where: str) -> tuple[str, ...]:
    entries = _strings(value, "http_allow", where)
    try:
        Policy.read(entries)
    except ValueError as error:
        raise ConfigError(f"{where}: `http_allow`: {error}") from error
    return entries


def _table(values: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    table = values.get(key, {})
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: `{key}` must be a table: [{key}]")
    return table


def _string(value: Any, name: str, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{where}: `{name}` must be a string that is not empty")
    return value


def _strings(value: Any, name: str, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ConfigError(f"{where}: `{name}` must be a list of strings")
    return tuple(_string(item, name, where) for item in value)
