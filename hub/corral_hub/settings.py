"""Settings of the hub: flags over environment over `$CORRAL_HOME/hub.toml` over defaults."""

import difflib
import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from corral_hub.errors import StartupError

PLACEHOLDERS = frozenset({"", "secret", "password", "example", "admin", "corral", "test", "todo", "none", "null"})
MARKS = ("changeme", "changethis", "placeholder", "replaceme", "replacethis", "yoursecret", "yourpassword")
"""What the rest of a placeholder is made of, letters and digits only."""
SECRETS = frozenset({"secret", "admin_password", "database_url"})
SHORTEST = {"secret": 32, "admin_password": 12}


class Settings(BaseSettings):
    """Every setting of the hub. Durations are seconds. `*_FILE` variants read a secret from a file."""

    model_config = SettingsConfigDict(env_prefix="CORRAL_", extra="ignore", frozen=True)

    home: Path
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = None
    database_url: SecretStr | None = None
    admin_email: str | None = None
    admin_password: SecretStr | None = None
    secret: SecretStr | None = None
    open_registration: bool = False
    heartbeat: float = Field(default=30.0, gt=0)
    offline_after: float = Field(default=90.0, gt=0)
    restart_grace: float | None = Field(default=None, ge=0)
    token_ttl: float = Field(default=86_400.0, gt=0)
    task_token_ttl: float = Field(default=86_400.0, gt=0)
    lease_ttl: float = Field(default=10.0, ge=1)
    body_limit: int = Field(default=1_048_576, gt=0)
    history_days: float = Field(default=30.0, gt=0, le=36_500)
    recording_days: float = Field(default=30.0, gt=0, le=36_500)
    recording_mb: int = Field(default=64, ge=1, le=65_536)
    recording_total_mb: int = Field(default=10_240, ge=1)
    audit_days: float = Field(default=365.0, gt=0, le=36_500)
    dashboard_dir: Path = Path(__file__).parent / "web" / "static"
    log_level: str = "info"

    @property
    def url(self) -> str:
        """The address people and daemons use."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def grace(self) -> float:
        """Seconds after a start of the hub in which nobody is called lost."""
        return self.restart_grace if self.restart_grace is not None else 2 * self.heartbeat


def default_home() -> Path:
    """Return the data directory by the XDG rules."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "corral"


def load_settings(**flags: Any) -> Settings:
    """Read settings; `flags` that are not None win. Raises StartupError naming the setting and where it came from."""
    given = {name: value for name, value in flags.items() if value is not None}
    home = Path(given.pop("home", None) or os.environ.get("CORRAL_HOME") or default_home()).expanduser()
    values: dict[str, Any] = {**_read_file(home / "hub.toml"), **_read_environment(), **given, "home": home}
    try:
        settings = Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise StartupError(
            f"setting {name!r} is not usable: {first['msg']}. Fix it in the environment or hub.toml."
        ) from error
    _refuse_placeholders(settings)
    return settings


def _read_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        values = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise StartupError(f"{path} cannot be read: {error}. Correct the file or move it aside.") from error
    for name in values:
        if name not in Settings.model_fields:
            near = difflib.get_close_matches(name, Settings.model_fields, n=1)
            raise StartupError(f"{path}: unknown setting {name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
    if SECRETS & values.keys():
        check_private(path)
    return values


def check_private(path: Path) -> None:
    """Raise StartupError if others than the owner may read the file."""
    if path.stat().st_mode & 0o077:
        raise StartupError(f"{path} holds a secret, and others may read it. Say: chmod 600 {path}")


def _read_environment() -> dict[str, str]:
    """Environment values by field name; an empty variable counts as unset, `CORRAL_X_FILE` is read."""
    values: dict[str, str] = {}
    for name in Settings.model_fields:
        variable = f"CORRAL_{name.upper()}"
        if file := os.environ.get(f"{variable}_FILE"):
            try:
                values[name] = Path(file).read_text().strip()
            except OSError as error:
                raise StartupError(f"{variable}_FILE: {error}. Point it at a readable file.") from error
        elif value := os.environ.get(variable):
            values[name] = value
    return values


def _refuse_placeholders(settings: Settings) -> None:
    for name, shortest in SHORTEST.items():
        value: SecretStr | None = getattr(settings, name)
        if value is None:
            continue
        if is_placeholder(value.get_secret_value()):
            raise StartupError(
                f"CORRAL_{name.upper()} is a placeholder. Set a real secret, or leave it out: Corral makes one."
            )
        if len(value.get_secret_value()) < shortest:
            raise StartupError(
                f"CORRAL_{name.upper()} is shorter than {shortest} characters. Use `openssl rand -base64 48`."
            )


def is_placeholder(value: str) -> bool:
    """Return whether nobody can have meant this as a secret: a known word, a request to change it, one letter."""
    plain = "".join(letter for letter in value.lower() if letter.isalnum())
    return plain in PLACEHOLDERS or any(mark in plain for mark in MARKS) or len(set(value)) < 4
