"""Settings of the hub: flags over environment over `$CORRAL_HOME/hub.toml` over defaults."""

import difflib
import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from corral_hub.errors import StartupError

PLACEHOLDERS = frozenset({"", "changeme", "change-me", "secret", "password", "placeholder", "example", "replace-me"})


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
    body_limit: int = Field(default=1_048_576, gt=0)
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
    return values


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
    for name in ("secret", "admin_password"):
        value: SecretStr | None = getattr(settings, name)
        if value is not None and value.get_secret_value().strip().lower() in PLACEHOLDERS:
            raise StartupError(
                f"CORRAL_{name.upper()} is a placeholder. Set a real secret, or leave it out: Corral makes one."
            )
    if settings.secret is not None and len(settings.secret.get_secret_value()) < 32:
        raise StartupError("CORRAL_SECRET is shorter than 32 characters. Use `openssl rand -base64 48`.")
