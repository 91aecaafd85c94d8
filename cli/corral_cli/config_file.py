"""The configuration files on disk: read with errors that name the place, written whole, atomically, mode 0600."""

import json
import os
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corral_cli.errors import BadConfig
from corral_cli.settings import (
    IN_PROJECT_FILE,
    KEYS,
    Credential,
    Layer,
    Origin,
    Setting,
    check_document,
    check_user_document,
    choose_credential,
    document_layer,
    environment_layer,
    flag_layer,
    require_hub_url,
    resolve,
)

PROJECT_FILE = ".corral.toml"
_HEADER = "# Written by `corral`; it may hold a login: keep it private (0600). Comments do not survive a login.\n"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Everything resolved for one invocation. `document` is the user's file as it is on disk."""

    settings: Mapping[str, Setting]
    credential: Credential
    path: Path
    document: Mapping[str, Any]
    project_path: Path | None

    @property
    def hub_url(self) -> str:
        setting = self.settings["hub_url"]
        return require_hub_url(setting.value, setting.where)

    @property
    def profile(self) -> str:
        return str(self.settings["profile"].value)

    def value(self, name: str) -> str | None:
        return self.settings[name].value


def user_path(environment: Mapping[str, str]) -> Path:
    """Return where the user's file is, whether it exists or not."""
    if environment.get("CORRAL_CONFIG"):
        return Path(environment["CORRAL_CONFIG"]).expanduser()
    base = environment.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "corral" / "cli.toml"


def find_project_file(start: Path) -> Path | None:
    """Return the nearest `.corral.toml` in `start` or a folder above it."""
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder / PROJECT_FILE
    return None


def load(flags: Mapping[str, str | None], environment: Mapping[str, str], directory: Path) -> Loaded:
    """Read all sources. Raises BadConfig, NotPermitted (a project file that reaches for a login)."""
    path, project_path = user_path(environment), find_project_file(directory)
    document = read_document(path)
    refuse(check_user_document(document, str(path)))
    project = read_document(project_path) if project_path else {}
    refuse(check_document(project, IN_PROJECT_FILE, str(project_path)))
    layers = [
        flag_layer(flags),
        environment_layer(with_secret_files(environment)),
        document_layer(Origin.PROJECT_FILE, project, str(project_path)),
        document_layer(Origin.USER_FILE, document, str(path)),
    ]
    chosen = resolve(layers)["profile"]
    profile = document.get("profiles", {}).get(chosen.value, {})
    if not profile and chosen.origin in (Origin.FLAG, Origin.ENVIRONMENT) and not _creates(flags):
        raise _unknown_profile(str(chosen.value), document)
    settings = resolve([*layers, _profile_layer(profile, str(chosen.value), path)])
    return Loaded(settings, choose_credential(settings, profile), path, document, project_path)


def with_secret_files(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment with `X_FILE` variants of secrets read in. Raises BadConfig."""
    merged = dict(environment)
    for key in KEYS.values():
        for variable in key.variables if key.secret else ():
            name = environment.get(f"{variable}_FILE")
            if name and not merged.get(variable):
                merged[variable] = _read_text(Path(name), f"{variable}_FILE").strip()
    return merged


def read_document(path: Path) -> Mapping[str, Any]:
    """Return the TOML document, {} if there is no file. Raises BadConfig."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(
            f"{path} is not valid TOML: {error}",
            hint=f"Correct that line, or move the file away: mv {path} {path}.broken",
        ) from error
    except OSError as error:
        raise BadConfig(f"{path} cannot be read: {error.strerror}", hint=f"Check who owns it: ls -l {path}") from error


def refuse(problems: list[str]) -> None:
    """Raise BadConfig naming the first problem; the others are in its details."""
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise BadConfig(problems[0] + more, details={"problems": problems} if len(problems) > 1 else None)


def save_profile(path: Path, name: str, changes: Mapping[str, str | None], *, use: bool = False) -> None:
    """Merge `changes` into a profile (None removes a key) and write the file; with `use` it becomes the current one."""
    document = dict(read_document(path))
    profiles = dict(document.get("profiles", {}))
    merged = {**profiles.get(name, {}), **changes}
    profiles[name] = {key: value for key, value in merged.items() if value is not None}
    document["profiles"] = profiles
    if use:
        document["profile"] = name
    write_document(path, document)


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """Replace the file by `document`: a reader sees the old or the new one, and nobody else can read either."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(_HEADER + to_toml(document))
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BadConfig(
            f"{path} cannot be written: {error.strerror}",
            hint="Check free space and permissions, or name another file: CORRAL_CONFIG=FILE.",
        ) from error


def to_toml(document: Mapping[str, Any]) -> str:
    """Return texts, numbers, booleans and nested tables as TOML."""
    return "\n".join(_table((), document)) + "\n"


def _table(path: tuple[str, ...], table: Mapping[str, Any]) -> list[str]:
    inner = {name: value for name, value in table.items() if isinstance(value, Mapping)}
    lines = [f"{_quote(name)} = {_scalar(value)}" for name, value in table.items() if name not in inner]
    if path and (lines or not inner):
        lines = ["", "[" + ".".join(_quote(part) for part in path) + "]", *lines]
    for name, value in inner.items():
        lines.extend(_table((*path, name), value))
    return lines


def _scalar(value: Any) -> str:
    return _quote_text(value) if isinstance(value, str) else json.dumps(value)


def _quote(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").replace("-", "").isalnum() else _quote_text(name)


def _quote_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _profile_layer(profile: Mapping[str, Any], name: str, path: Path) -> Layer:
    return document_layer(Origin.PROFILE, profile, f"{path} [profiles.{name}]")


def _creates(flags: Mapping[str, str | None]) -> bool:
    return flags.get("hub_url") is not None


def _unknown_profile(name: str, document: Mapping[str, Any]) -> BadConfig:
    known = ", ".join(sorted(document.get("profiles", {}))) or "none yet"
    return BadConfig(
        f"there is no profile {name!r}; known: {known}",
        code="unknown_profile",
        hint=f"Create it by logging in: corral login --profile {name} --hub-url URL",
    )


def _read_text(path: Path, where: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"the file named by {where} cannot be read: {error}", hint=f"Check {path}.") from error
